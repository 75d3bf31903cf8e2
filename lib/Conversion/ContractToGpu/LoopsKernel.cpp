//===- LoopsKernel.cpp - A thread for each element ----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What the description of lowbit.contract says, one thread for each word of the
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
    int64_t words = 1;
    for (auto [loop, size] : llvm::enumerate(sizes)) {
      if (ShapedType::isDynamic(size)) {
        reason = "a loop's size is not static";
        return failure();
      }
    }
    if (!findSums(reason))
      return failure();
    for (int64_t size : cast<MemRefType>(op.getInit().getType()).getShape())
      words *= size;
    if (words > std::numeric_limits<int32_t>::max()) {
      reason = "its result has more than 2^31 elements";
      return failure();
    }
    if (words != 0)
      buildLaunch(words);
    return success();
  }

private:
  /// Which loops are summed over, and which are groups; false, with a reason, where
  /// an operand of the epilogue makes no groups.
  bool findSums(std::string &reason) {
    auto parts = analyzeLoops(op, reason, /*takesGroups=*/true);
    if (parts)
      groups = parts->groups;
    for (unsigned loop = 0; loop < sizes.size(); ++loop)
      if (op.isReduction(loop) && !llvm::is_contained(groups, loop))
        reduction.push_back(loop);
    bool isSummed = llvm::any_of(reduction, [&](unsigned loop) {
      for (unsigned i = 0; i < op.getEpilogueOperands().size(); ++i)
        if (op.getEpilogueMap(i).isFunctionOfDim(loop))
          return true;
      return false;
    });
    if (!isSummed)
      reason.clear();
    return !isSummed;
  }

  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(build, value);
  }

  void buildLaunch(int64_t words) {
    int64_t threads = std::min<int64_t>(256, llvm::alignTo(words, warpSize));
    Value one = constant(1);
    auto launch =
        gpu::LaunchOp::create(build, constant(llvm::divideCeil(words, threads)),
                              one, one, constant(threads), one, one);
    build.setInsertionPointToStart(&launch.getBody().front());
    auto terminator = gpu::TerminatorOp::create(build);
    build.setInsertionPoint(terminator);
    Value first =
        arith::MulIOp::create(build, launch.getBlockIds().x, constant(threads));
    Value element =
        arith::AddIOp::create(build, first, launch.getThreadIds().x);
    Value inside;
    if (words % threads != 0)
      inside = arith::CmpIOp::create(build, arith::CmpIPredicate::ult, element,
                                     constant(words));
    build.when(inside, [&] { computeWord(element); });
  }

  /// The word number `word` of the result: an element, or eight packed bits.
  void computeWord(Value word) {
    Value init = op.getInit();
    auto type = cast<MemRefType>(init.getType());
    SmallVector<Value> position(type.getRank());
    for (size_t i = position.size(); i-- > 0;) {
      Value size = constant(type.getDimSize(i));
      position[i] = i == 0 ? word : arith::RemUIOp::create(build, word, size);
      if (i != 0)
        word = arith::DivUIOp::create(build, word, size);
    }
    indices.assign(sizes.size(), Value());
    for (auto [expr, index] :
         llvm::zip(op.getResultMap().getResults(), position))
      indices[cast<AffineDimExpr>(expr).getPosition()] = index;
    Value value =
        op.getPacks() ? packElements(position.back()) : computeElement();
    memref::StoreOp::create(build, value, init, position);
  }

  /// The bits that word `word` of the result's last dimension holds.
  Value packElements(Value word) {
    unsigned loop = cast<AffineDimExpr>(op.getResultMap().getResults().back())
                        .getPosition();
    Value first = arith::MulIOp::create(build, word, constant(8));
    Value last = constant(sizes[loop] - 1);
    SmallVector<Value> bits;
    for (int64_t bit = 0; bit < 8; ++bit) {
      Value index = arith::AddIOp::create(build, first, constant(bit));
      indices[loop] = arith::MinUIOp::create(build, index, last);
      Value inside =
          arith::CmpIOp::create(build, arith::CmpIPredicate::ule, index, last);
      bits.push_back(build.packBit(computeElement(), inside, bit));
    }
    return build.joinBits(bits);
  }

  /// The element of the result at `indices`, but for loops that are summed over.
  Value computeElement() {
    if (groups.empty())
      return computeSum();
    Value zero = arith::ConstantOp::create(build, build.getF32FloatAttr(0));
    return reduce(groups, zero, [&](Value total) -> Value {
      return arith::AddFOp::create(build, total, computeSum());
    });
  }

  /// What the epilogue makes of the sum at `indices`.
  Value computeSum() {
    Value zero = arith::ConstantOp::create(
        build, build.getZeroAttr(op.getAccumulatorType()));
    Value sum =
        reduce(reduction, zero, [&](Value sum) { return multiplyAdd(sum); });
    IRMapping mapping;
    Block &body = op.getEpilogue().front();
    mapping.map(body.getArgument(0), sum);
    for (unsigned i = 0; i < op.getEpilogueOperands().size(); ++i)
      mapping.map(body.getArgument(i + 1), readOperand(i + 2));
    for (Operation &inner : body.without_terminator())
      build.clone(inner, mapping);
    Value value =
        mapping.lookupOrDefault(cast<YieldOp>(body.getTerminator()).getValue());
    if (!value.getType().isInteger())
      return value;
    Type word = cast<MemRefType>(op.getInit().getType()).getElementType();
    return writeCode(build, value, word);
  }

  Value reduce(ArrayRef<unsigned> list, Value sum,
               function_ref<Value(Value)> step) {
    if (list.empty())
      return step(sum);
    auto loop =
        scf::ForOp::create(build, constant(0), constant(sizes[list.front()]),
                           constant(1), ValueRange(sum));
    OpBuilder::InsertionGuard guard(build);
    build.setInsertionPointToStart(loop.getBody());
    indices[list.front()] = loop.getInductionVar();
    Value next = reduce(list.drop_front(), loop.getRegionIterArg(0), step);
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
      product = build.toNumber(math::CtPopOp::create(build, bits));
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
  SmallVector<unsigned> groups, reduction;
  SmallVector<Value> indices;
};

} // namespace

LogicalResult lowbit::buildLoopsKernel(OpBuilder &builder, ContractOp op,
                                       std::string &reason) {
  return LoopsKernel(builder, op).run(reason);
}
