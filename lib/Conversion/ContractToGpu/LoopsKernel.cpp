//===- LoopsKernel.cpp - A thread for each element ----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What the description of lowbit.contract says, one thread for each element of the
// result: for all that no other kernel computes, on any device. Sums go through the
// reduction loops in lexicographic order, as sums of f32 must.

#include "GpuKernelBuilder.h"

#include "lowbit/Formats/Words.h"

#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

class LoopsKernel {
public:
  LoopsKernel(OpBuilder &builder, ContractOp op)
      : build(op.getLoc(), builder), op(op), sizes(op.getStaticLoopSizes()) {}

  LogicalResult run(std::string &reason) {
    int64_t elements = 1;
    for (auto [loop, size] : llvm::enumerate(sizes)) {
      if (ShapedType::isDynamic(size)) {
        reason = "a loop's size is not static";
        return failure();
      }
      if (op.isReduction(loop))
        reduction.push_back(loop);
      else
        elements *= size;
    }
    if (elements > std::numeric_limits<int32_t>::max()) {
      reason = "its result has more than 2^31 elements";
      return failure();
    }
    if (elements != 0)
      buildLaunch(elements);
    return success();
  }

private:
  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(build, value);
  }

  void buildLaunch(int64_t elements) {
    int64_t threads = std::min<int64_t>(
        256, llvm::alignTo(std::max<int64_t>(elements, 1), warpSize));
    Value one = constant(1);
    auto launch = gpu::LaunchOp::create(
        build, constant(llvm::divideCeil(elements, threads)), one, one,
        constant(threads), one, one);
    build.setInsertionPointToStart(&launch.getBody().front());
    auto terminator = gpu::TerminatorOp::create(build);
    build.setInsertionPoint(terminator);
    Value first =
        arith::MulIOp::create(build, launch.getBlockIds().x, constant(threads));
    Value element =
        arith::AddIOp::create(build, first, launch.getThreadIds().x);
    Value inside;
    if (elements % threads != 0)
      inside = arith::CmpIOp::create(build, arith::CmpIPredicate::ult, element,
                                     constant(elements));
    build.when(inside, [&] { computeElement(element); });
  }

  void computeElement(Value element) {
    indices.assign(sizes.size(), Value());
    ArrayRef<AffineExpr> results = op.getResultMap().getResults();
    for (size_t i = results.size(); i-- > 0;) {
      unsigned loop = cast<AffineDimExpr>(results[i]).getPosition();
      Value size = constant(sizes[loop]);
      indices[loop] =
          i == 0 ? element : arith::RemUIOp::create(build, element, size);
      if (i != 0)
        element = arith::DivUIOp::create(build, element, size);
    }
    Value zero = arith::ConstantOp::create(
        build, build.getZeroAttr(op.getAccumulatorType()));
    Value sum = reduce(reduction, zero);
    IRMapping mapping;
    Block &body = op.getEpilogue().front();
    mapping.map(body.getArgument(0), sum);
    for (unsigned i = 0; i < op.getEpilogueOperands().size(); ++i)
      mapping.map(body.getArgument(i + 1), readOperand(i + 2));
    for (Operation &inner : body.without_terminator())
      build.clone(inner, mapping);
    Value value =
        mapping.lookupOrDefault(cast<YieldOp>(body.getTerminator()).getValue());
    Value init = op.getInit();
    if (value.getType().isInteger())
      value = writeCode(build, value,
                        cast<MemRefType>(init.getType()).getElementType());
    memref::StoreOp::create(build, value, init, subscripts(op.getResultMap()));
  }

  Value reduce(ArrayRef<unsigned> list, Value sum) {
    if (list.empty())
      return multiplyAdd(sum);
    auto loop =
        scf::ForOp::create(build, constant(0), constant(sizes[list.front()]),
                           constant(1), ValueRange(sum));
    OpBuilder::InsertionGuard guard(build);
    build.setInsertionPointToStart(loop.getBody());
    indices[list.front()] = loop.getInductionVar();
    Value next = reduce(list.drop_front(), loop.getRegionIterArg(0));
    scf::YieldOp::create(build, next);
    return loop.getResult(0);
  }

  Value multiplyAdd(Value sum) {
    if (sum.getType().isF32())
      return math::FmaOp::create(build, loadWord(0), loadWord(1), sum);
    Value product;
    if (op.getProduct() == Product::Multiply) {
      product = arith::MulIOp::create(build, readOperand(0), readOperand(1));
    } else {
      Value bits;
      if (op.getProduct() == Product::XorPopcount)
        bits = arith::XOrIOp::create(build, loadWord(0), loadWord(1));
      else
        bits = arith::AndIOp::create(build, loadWord(0), loadWord(1));
      product = arith::TruncIOp::create(build, build.getI32Type(),
                                        math::CtPopOp::create(build, bits));
    }
    return arith::AddIOp::create(build, sum, product);
  }

  SmallVector<Value> subscripts(AffineMap map) {
    SmallVector<Value> dims(indices);
    for (Value &dim : dims)
      if (!dim)
        dim = constant(0); // of a loop that this operand does not have
    SmallVector<Value> result;
    for (AffineExpr expr : map.getResults())
      result.push_back(
          affine::expandAffineExpr(build, build.getLoc(), expr, dims, {}));
    return result;
  }

  Value loadWord(unsigned i) {
    return memref::LoadOp::create(build, op.getMappedOperands()[i],
                                  subscripts(op.getMap(i)));
  }

  /// The element of mapped operand `i` as i32 or f32.
  Value readOperand(unsigned i) {
    Value word = loadWord(i);
    return word.getType().isInteger() ? readCode(build, word, op.getFormat(i))
                                      : word;
  }

  GpuBuilder build;
  ContractOp op;
  SmallVector<int64_t> sizes;
  SmallVector<unsigned> reduction;
  SmallVector<Value> indices;
};

} // namespace

LogicalResult lowbit::buildLoopsKernel(OpBuilder &builder, ContractOp op,
                                       std::string &reason) {
  return LoopsKernel(builder, op).run(reason);
}
