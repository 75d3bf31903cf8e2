//===- AmdDots.cpp - Dot products of bytes on AMD's GPUs ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AmdDots.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Four bytes that are extended to 32 bits.
struct DotFactor {
  Value bytes;
  bool isSigned;
};

/// Builds dot products of one chip.
class DotBuilder : ImplicitLocOpBuilder {
public:
  DotBuilder(vector::ReductionOp op, bool hasMixedSigns)
      : ImplicitLocOpBuilder(op.getLoc(), op), hasMixedSigns(hasMixedSigns) {}

  Value build(DotFactor x, DotFactor y, Value sum) {
    Value lhs = toWord(x.bytes), rhs = toWord(y.bytes);
    if (hasMixedSigns)
      return call("llvm.amdgcn.sudot4",
                  {flag(x.isSigned), lhs, flag(y.isSigned), rhs, sum});
    if (x.isSigned == y.isSigned)
      return call(x.isSigned ? "llvm.amdgcn.sdot4" : "llvm.amdgcn.udot4",
                  {lhs, rhs, sum});
    return x.isSigned ? buildMixed(rhs, lhs, sum) : buildMixed(lhs, rhs, sum);
  }

private:
  /// sum x w = sum (x - 128) w + 128 sum w
  Value buildMixed(Value x, Value w, Value sum) {
    StringRef name = "llvm.amdgcn.sdot4";
    Value less = arith::XOrIOp::create(*this, x, word(0x80808080));
    Value weights = call(name, {w, word(0x01010101), word(0)});
    Value scaled = arith::ShLIOp::create(*this, weights, word(7));
    return call(name, {less, w, arith::AddIOp::create(*this, sum, scaled)});
  }

  Value toWord(Value bytes) {
    auto one = VectorType::get({1}, getI32Type());
    Value vector = vector::BitCastOp::create(*this, one, bytes);
    return vector::ExtractOp::create(*this, vector, 0);
  }

  Value word(uint32_t value) {
    return arith::ConstantIntOp::create(*this, getI32Type(),
                                        static_cast<int32_t>(value));
  }
  Value flag(bool value) {
    return arith::ConstantIntOp::create(*this, getI1Type(), value);
  }

  /// The last operand of all of these is whether to clamp.
  Value call(StringRef intrinsic, ArrayRef<Value> operands) {
    SmallVector<Value> all(operands);
    all.push_back(flag(false));
    return LLVM::CallIntrinsicOp::create(*this, getI32Type(),
                                         getStringAttr(intrinsic), all)
        .getResult(0);
  }

  bool hasMixedSigns;
};

} // namespace

static std::optional<DotFactor> matchFactor(Value value) {
  Operation *op = value.getDefiningOp();
  if (!isa_and_nonnull<arith::ExtSIOp, arith::ExtUIOp>(op))
    return std::nullopt;
  Value bytes = op->getOperand(0);
  auto type = dyn_cast<VectorType>(bytes.getType());
  if (!type || type.getShape() != ArrayRef<int64_t>{4} ||
      !type.getElementType().isInteger(8))
    return std::nullopt;
  return DotFactor{bytes, isa<arith::ExtSIOp>(op)};
}

void lowbit::useAmdDots(gpu::GPUModuleOp kernels, StringRef chip) {
  bool hasMixedSigns = chip.starts_with("gfx11") || chip.starts_with("gfx12");
  SmallVector<vector::ReductionOp> reductions;
  kernels.walk([&](vector::ReductionOp op) { reductions.push_back(op); });
  for (vector::ReductionOp op : reductions) {
    auto products = op.getVector().getDefiningOp<arith::MulIOp>();
    if (op.getKind() != vector::CombiningKind::ADD || !products ||
        !op.getDest().getType().isInteger(32))
      continue;
    std::optional<DotFactor> lhs = matchFactor(products.getLhs());
    std::optional<DotFactor> rhs = matchFactor(products.getRhs());
    if (!lhs || !rhs)
      continue;
    Value sum = op.getAcc();
    if (!sum) {
      OpBuilder builder(op);
      sum = arith::ConstantIntOp::create(builder, op.getLoc(),
                                         builder.getI32Type(), 0);
    }
    op.replaceAllUsesWith(DotBuilder(op, hasMixedSigns).build(*lhs, *rhs, sum));
    op.erase();
  }
}
