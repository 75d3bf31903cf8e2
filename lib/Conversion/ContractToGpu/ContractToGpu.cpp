//===- ContractToGpu.cpp - lowbit.contract on buffers to GPU kernels ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GpuKernelBuilder.h"

#include "lowbit/Conversion/Passes.h"
#include "lowbit/Conversion/Primitive.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_CONVERTCONTRACTTOGPUPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

struct ConvertContractToGpuPass
    : lowbit::impl::ConvertContractToGpuPassBase<ConvertContractToGpuPass> {
  using ConvertContractToGpuPassBase::ConvertContractToGpuPassBase;

  void runOnOperation() override {
    if (failed(readOptions()))
      return signalPassFailure();
    SmallVector<ContractOp> contracts;
    getOperation()->walk([&](ContractOp op) { contracts.push_back(op); });
    for (ContractOp op : contracts)
      if (failed(convert(op)))
        return signalPassFailure();
    eraseUnusedConstants(getOperation());
  }

private:
  LogicalResult readOptions() {
    Location loc = getOperation().getLoc();
    target = lookupCudaChip(chip);
    if (!target && !chip.empty()) {
      SmallVector<StringRef> names;
      for (const CudaChip &known : getCudaChips())
        names.push_back(known.name);
      return emitError(loc) << "unknown chip '" << chip << "'; known are "
                            << llvm::join(names, ", ");
    }
    if (!primitive.empty() && !lookupGpuPrimitive(primitive)) {
      SmallVector<StringRef> names;
      for (const GpuPrimitive &row : getGpuPrimitives())
        names.push_back(row.name);
      return emitError(loc) << "unknown GPU primitive '" << primitive
                            << "'; known are " << llvm::join(names, ", ");
    }
    shape.clear();
    SmallVector<StringRef> numbers;
    if (!tile.empty())
      StringRef(tile).split(numbers, 'x');
    for (StringRef text : numbers) {
      int64_t value;
      if (text.getAsInteger(10, value) || value <= 0 || value > 4096)
        return emitError(loc) << "tile '" << tile
                              << "' is no list of numbers with x between them";
      shape.push_back(value);
    }
    return success();
  }

  /// Why `row` does not compute `op` on the chip; empty if it does.
  std::string findObstacle(const GpuPrimitive &row, ContractOp op,
                           const ContractionLoops &loops) const {
    if (row.chip != 0 && !target)
      return "no chip is given";
    if (target && target->number < row.chip)
      return "the chip does not have it";
    if (row.emulatedFrom && target->number >= row.emulatedFrom)
      return "the chip only emulates it";
    bool wantsChannels = row.kernel == GpuKernel::Channels;
    if ((loops.kind == LaneKind::Channels) != wantsChannels)
      return wantsChannels ? "its lanes are no channels"
                           : "its lanes are channels";
    bool takesGroups = row.kernel == GpuKernel::Groups ||
                       (row.kernel == GpuKernel::Tiles && !row.codeBits);
    if (!loops.groups.empty() && !takesGroups)
      return "its weights have groups";
    if (loops.groups.empty() && row.kernel == GpuKernel::Groups)
      return "its weights have no groups";
    if (op.getPacks() && row.kernel != GpuKernel::Tiles)
      return "its result is packed";
    if (row.product != op.getProduct())
      return op.getProduct() == Product::Multiply ? "it multiplies"
                                                  : "it counts bits";
    auto width = [&](Value operand) {
      return cast<ShapedType>(operand.getType()).getElementTypeBitWidth();
    };
    if (op.getAccumulatorType().isF32())
      return "it multiplies real numbers";
    if ((row.lhsWidth && width(op.getLhs()) != row.lhsWidth) ||
        (row.rhsWidth && width(op.getRhs()) != row.rhsWidth))
      return "its words have other widths";
    return "";
  }

  LogicalResult build(const GpuPrimitive &row, ContractOp op,
                      const ContractionLoops *loops, std::string &reason) {
    OpBuilder builder(op);
    if (op.getProduct() == Product::MultiplyPacked || op.getPackedBits() != 1) {
      reason = "codes of several bits share its words";
      return failure();
    }
    if (row.kernel == GpuKernel::Loops)
      return buildLoopsKernel(builder, op, reason);
    reason = findObstacle(row, op, *loops);
    if (!reason.empty())
      return failure();
    switch (row.kernel) {
    case GpuKernel::Tiles:
      return buildTilesKernel(builder, op, *loops, row, *target, shape, reason);
    case GpuKernel::Streams:
    case GpuKernel::Columns:
      return buildStreamsKernel(builder, op, *loops, row, shape, reason);
    case GpuKernel::Groups:
      return buildGroupsKernel(builder, op, *loops, row, shape, reason);
    default:
      return buildChannelsKernel(builder, op, *loops, row, shape, reason);
    }
  }

  LogicalResult convert(ContractOp op) {
    if (!op.hasPureBufferSemantics())
      return op.emitOpError()
             << "is on tensors; bufferize it before making a kernel of it";
    std::string reasons;
    std::string loopsReason;
    std::optional<ContractionLoops> loops =
        analyzeLoops(op, loopsReason, /*takesGroups=*/true);
    for (const GpuPrimitive &row : getGpuPrimitives()) {
      if (!primitive.empty() && row.name != primitive)
        continue;
      std::string reason = loopsReason;
      if ((loops || row.kernel == GpuKernel::Loops) &&
          succeeded(build(row, op, loops ? &*loops : nullptr, reason))) {
        if (report)
          op.emitRemark() << kPrimitiveChoice << " '" << row.name << "'"
                          << reasons;
        op.erase();
        return success();
      }
      if (!primitive.empty() || row.kernel == GpuKernel::Loops)
        return op.emitOpError() << "cannot be built around GPU primitive '"
                                << row.name << "': " << reason;
      reasons += (reasons.empty() ? "; not on '" : ", '") + row.name.str() +
                 "': " + reason;
    }
    llvm_unreachable("the last row computes everything or fails");
  }

  /// Null for any device.
  const CudaChip *target = nullptr;
  SmallVector<int64_t> shape;
};

} // namespace
