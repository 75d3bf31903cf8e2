//===- PlanLaunches.cpp - The host's side of a program as data ------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Analysis/LaunchPlan.h"
#include "lowbit/Analysis/ModelInterface.h"
#include "lowbit/Conversion/Passes.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_PLANLAUNCHESPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// The bytes of the elements of `type`, as they lie in memory.
static int64_t getNumBytes(MemRefType type) {
  return type.getNumElements() *
         llvm::divideCeil(type.getElementTypeBitWidth(), 8);
}

namespace {

/// Gathers constants in one array of bytes.
class ConstantPool {
public:
  /// The place of `global`, which is appended when it is first asked for.
  FailureOr<int64_t> place(memref::GlobalOp global) {
    auto [found, isNew] = places.try_emplace(global, bytes.size());
    if (!isNew)
      return found->second;
    auto elements =
        dyn_cast_if_present<ElementsAttr>(global.getInitialValueAttr());
    if (!elements || !global.getConstant() || !append(elements))
      return global.emitError()
             << "expects a constant of f32, or of integers of "
                "1, 8, 16, 32 or 64 bits, whose data is there";
    bytes.resize(llvm::alignTo(bytes.size(), kDeviceAlignment));
    return found->second;
  }

  ArrayRef<int8_t> getBytes() const { return bytes; }

private:
  bool append(ElementsAttr elements) {
    return appendAs<int8_t>(elements) || appendAs<int16_t>(elements) ||
           appendAs<int32_t>(elements) || appendAs<int64_t>(elements) ||
           appendAs<float>(elements) || appendBits(elements);
  }
  template <typename T> bool appendAs(ElementsAttr elements) {
    std::optional<SmallVector<T>> values = readElements<T>(elements);
    if (!values)
      return false;
    const auto *begin = reinterpret_cast<const int8_t *>(values->data());
    bytes.append(begin, begin + values->size() * sizeof(T));
    return true;
  }
  /// A truth value takes a byte.
  bool appendBits(ElementsAttr elements) {
    if (!elements.getElementType().isInteger(1))
      return false;
    for (bool value : elements.getValues<bool>())
      bytes.push_back(value);
    return true;
  }

  llvm::DenseMap<Operation *, int64_t> places;
  SmallVector<int8_t, 0> bytes;
};

struct PlanLaunchesPass : lowbit::impl::PlanLaunchesPassBase<PlanLaunchesPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    main = module.lookupSymbol<func::FuncOp>("main");
    FailureOr<ModelInterface> found = readModelInterface(module);
    if (failed(found))
      return signalPassFailure();
    interface = *found;
    if (!main || main.isExternal() || !main.getBody().hasOneBlock() ||
        main.getNumResults() != 0 ||
        main.getNumArguments() !=
            interface.inputs.size() + interface.outputs.size() + 1) {
      module.emitError(
          "expects a function @main of one block that takes inputs, "
          "outputs and the arena, and returns nothing; use "
          "-lowbit-plan-arena first");
      return signalPassFailure();
    }
    if (Operation *taken = module.lookupSymbol(kConstantsSymbol)) {
      taken->emitError() << "the name '" << kConstantsSymbol
                         << "' is taken; it is that of a device's constants";
      return signalPassFailure();
    }
    BlobScope blobs(module);
    pool = {};
    SmallVector<Launch> launches;
    for (Operation &op : main.front().without_terminator()) {
      if (auto launch = dyn_cast<gpu::LaunchFuncOp>(op)) {
        launches.emplace_back();
        if (failed(planLaunch(launch, launches.back())))
          return signalPassFailure();
      } else if (!op.hasTrait<OpTrait::ConstantLike>() &&
                 !isa<ViewLikeOpInterface, memref::GetGlobalOp>(op)) {
        op.emitError() << "expects launches, constants and views in @main, but "
                          "got '"
                       << op.getName() << "'";
        return signalPassFailure();
      }
    }
    main.erase();
    replaceConstants();
    setLaunchPlan(module, launches);
  }

private:
  LogicalResult planLaunch(gpu::LaunchFuncOp op, Launch &launch) {
    if (op.getKernelModuleName() != kKernelsSymbol)
      return op.emitError()
             << "expects kernels of the module '" << kKernelsSymbol
             << "', but got " << op.getKernelAttr();
    if (!op.getAsyncDependencies().empty() || op.getAsyncToken() ||
        op.hasClusterSize())
      return op.emitError(
          "expects a launch that is neither asynchronous nor in "
          "clusters");
    launch.kernel = op.getKernelName().str();
    gpu::KernelDim3 grid = op.getGridSizeOperandValues();
    gpu::KernelDim3 block = op.getBlockSizeOperandValues();
    Value shared = op.getDynamicSharedMemorySize();
    bool isConstant = readSizes(grid, launch.grid) &&
                      readSizes(block, launch.block) &&
                      (!shared || readSize(shared, 0, launch.sharedBytes));
    if (!isConstant)
      return op.emitError("expects constant sizes of grid, block and shared "
                          "memory, from 1 to 2^31 - 1");
    for (Value operand : op.getKernelOperands())
      if (failed(planArgument(op, operand, launch.arguments.emplace_back())))
        return failure();
    return success();
  }

  static bool readSize(Value value, int64_t smallest, int32_t &size) {
    APInt constant;
    if (!matchPattern(value, m_ConstantInt(&constant)) ||
        constant.getSExtValue() < smallest ||
        constant.getSExtValue() > std::numeric_limits<int32_t>::max())
      return false;
    size = constant.getSExtValue();
    return true;
  }
  static bool readSizes(gpu::KernelDim3 values, std::array<int32_t, 3> &sizes) {
    return readSize(values.x, 1, sizes[0]) && readSize(values.y, 1, sizes[1]) &&
           readSize(values.z, 1, sizes[2]);
  }

  LogicalResult planArgument(gpu::LaunchFuncOp op, Value operand,
                             LaunchArgument &argument) {
    TypedAttr constant;
    if (matchPattern(operand, m_Constant(&constant))) {
      argument.kind = LaunchArgument::Scalar;
      argument.value = constant;
      return success();
    }
    auto type = dyn_cast<MemRefType>(operand.getType());
    if (!type || !type.hasStaticShape() || !type.getLayout().isIdentity())
      return op.emitError()
             << "expects buffers of static shape and identity layout, or "
                "constants, but got "
             << operand.getType();
    argument.size = getNumBytes(type);
    return findPlace(op, operand, argument);
  }

  /// Follows views to the buffer that `value` lies in.
  LogicalResult findPlace(gpu::LaunchFuncOp op, Value value,
                          LaunchArgument &argument) {
    while (Operation *producer = value.getDefiningOp()) {
      if (auto get = dyn_cast<memref::GetGlobalOp>(producer)) {
        FailureOr<int64_t> place = pool.place(
            getOperation().lookupSymbol<memref::GlobalOp>(get.getName()));
        if (failed(place))
          return failure();
        argument.kind = LaunchArgument::Constants;
        argument.offset += *place;
        return success();
      }
      auto view = dyn_cast<ViewLikeOpInterface>(producer);
      std::optional<int64_t> shift = getShift(producer);
      if (!view || !shift)
        return op.emitError()
               << "expects a buffer at a place that is known, but "
                  "got one that '"
               << producer->getName() << "' makes";
      argument.offset += *shift;
      value = view.getViewSource();
    }
    unsigned index = cast<BlockArgument>(value).getArgNumber();
    unsigned inputs = interface.inputs.size();
    if (index + 1 == main.getNumArguments()) {
      argument.kind = LaunchArgument::Arena;
    } else {
      argument.kind =
          index < inputs ? LaunchArgument::Input : LaunchArgument::Output;
      argument.index = index < inputs ? index : index - inputs;
    }
    return success();
  }

  /// How many bytes behind the start of its source a view of identity layout
  /// starts; nothing if that is not known.
  static std::optional<int64_t> getShift(Operation *view) {
    if (auto op = dyn_cast<memref::ViewOp>(view)) {
      APInt shift;
      if (!matchPattern(op.getByteShift(), m_ConstantInt(&shift)))
        return std::nullopt;
      return shift.getSExtValue();
    }
    Value buffers[] = {view->getOperand(0), view->getResult(0)};
    for (Value buffer : buffers) {
      auto type = dyn_cast<MemRefType>(buffer.getType());
      if (!type || !type.getLayout().isIdentity())
        return std::nullopt;
    }
    return 0; // the offset is part of the layout
  }

  /// One global in place of those that were gathered.
  void replaceConstants() {
    ModuleOp module = getOperation();
    for (auto global :
         llvm::make_early_inc_range(module.getOps<memref::GlobalOp>()))
      global.erase();
    ArrayRef<int8_t> bytes = pool.getBytes();
    if (bytes.empty())
      return;
    ImplicitLocOpBuilder builder(module.getLoc(), module.getBody(),
                                 module.getBody()->begin());
    auto size = static_cast<int64_t>(bytes.size());
    Type byte = builder.getI8Type();
    memref::GlobalOp::create(
        builder, kConstantsSymbol, builder.getStringAttr("private"),
        MemRefType::get({size}, byte),
        makeElements<int8_t>(RankedTensorType::get({size}, byte), bytes,
                             kConstantsSymbol),
        /*constant=*/true, builder.getI64IntegerAttr(kDeviceAlignment));
  }

  func::FuncOp main;
  ModelInterface interface;
  ConstantPool pool;
};

} // namespace
