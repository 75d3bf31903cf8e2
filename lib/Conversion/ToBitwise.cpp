//===- ToBitwise.cpp - products of bits as counts -------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// With a and w as sums of bits, a = a0 + sum_i c_i A_i and w = sum_j d_j W_j, and
// pc the number of set bits,
//
//   sum a w  =  sum_ij c_i d_j pc(A_i & W_j)  +  a0 sum w
//
// where the last term is known for each output channel. Signs w = 2 W - 1 need one
// count only for each A_i: of the +1 among them, those are missing that differ from it.
//
//   sum a w  =  sum_i c_i (pc(W) - pc(A_i ^ W))  +  a0 sum w
//
// which for two signs, a = c (2 A - 1), is c (n - 2 pc(A ^ W)).
//
// Two planes of a are multiplied at once where w has few values: codes side by side are looked
// up, with t = sum_i c_i A_i
//
//   sum a w  =  sum t w  +  a0 sum w
//
// Words beyond the last code hold zeros on both sides, which neither counts. Padding is
// zeros, too: bits that are read as a0, which is no 0 for signs, and no zero point. What they
// add too much or too little for each position is known, and made good.

#include "PackedPair.h"
#include "PaddingSums.h"
#include "WeightPlanes.h"

#include "lowbit/Analysis/CodeData.h"
#include "lowbit/Conversion/Passes.h"
#include "lowbit/Formats/Words.h"
#include "lowbit/IR/Lowbit.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_TOBITWISEPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// A count of bits, and what it is worth.
struct Count {
  Value lhs, rhs;
  int64_t factor;
  Product product;
  /// What packed codes stand for.
  SmallVector<int64_t> lhsValues = {}, rhsValues = {};
};

/// Rewrites one contraction.
class BitContraction {
public:
  BitContraction(ContractOp op, unsigned maxCounts, int64_t leastTerms,
                 unsigned word, bool packs)
      : op(op), maxCounts(maxCounts), word(word), leastTerms(leastTerms),
        packs(packs && word == 8), builder(op.getLoc(), op) {}

  /// The reason why it cannot be counted; empty if `op` has been replaced.
  std::string rewrite() {
    if (op.getProduct() != Product::Multiply || !op.hasPureTensorSemantics() ||
        !op.getAccumulatorType().isInteger())
      return "it multiplies no codes";
    if (!findWordLoop())
      return "it does not sum along the last dimension of both operands";
    Value read = op.getLhs();
    if (auto padding = read.getDefiningOp<PadOp>()) {
      if (word != 8)
        return "it is padded, and its words have more than 8 bits";
      if (padding.getLow().back() != 0 || padding.getHigh().back() != 0)
        return "it is padded along the dimension that it sums over";
      pad = padding;
      read = pad.getInput();
    }
    std::optional<BitSum> bits = BitSum::describe(read);
    auto constant = op.getRhs().getDefiningOp<ConstantOp>();
    if (!bits || !constant)
      return "its operands are no bits and constant weights";
    std::optional<SmallVector<int64_t>> codes = readCodes(constant);
    if (!codes)
      return "the data of its weights is missing";
    lhs = std::move(*bits);
    shape = cast<RankedTensorType>(constant.getType()).getShape();
    values = std::move(*codes);
    blob = getBlobName(constant.getValue(), "weights");
    if (std::string reason = describeCounts(); !reason.empty())
      return reason;
    build();
    return "";
  }

private:
  /// The loop along the last dimension of lhs and rhs, which becomes one over
  /// words.
  bool findWordLoop() {
    AffineMap maps[] = {op.getLhsMap(), op.getRhsMap()};
    std::optional<unsigned> loop;
    for (AffineMap map : maps) {
      if (map.getNumResults() == 0)
        return false;
      auto last = dyn_cast<AffineDimExpr>(map.getResults().back());
      if (!last || (loop && *loop != last.getPosition()))
        return false;
      loop = last.getPosition();
      for (AffineExpr index : map.getResults().drop_back())
        if (index.isFunctionOfDim(*loop))
          return false;
    }
    return op.isReduction(*loop);
  }

  std::string describeCounts();
  bool findPairs(int64_t terms);
  Value packWeights(unsigned bits,
                    llvm::function_ref<int64_t(int64_t)> getCode);
  Value createConstants(AffineMap &map);
  Value padWords(Value words);
  Value packLhs(unsigned plane, unsigned width, unsigned word);
  void listCounts();
  /// The planes of lhs that are counted one by one.
  ArrayRef<std::pair<unsigned, int64_t>> getSingles() const {
    return ArrayRef(lhs.bits).drop_front(2 * pairs.size());
  }
  void build();
  Value buildCount(const Count &count, Value sum, bool isLast);

  ContractOp op;
  unsigned maxCounts, word;
  int64_t leastTerms;
  bool packs;
  ImplicitLocOpBuilder builder;
  BitSum lhs;
  SmallVector<int64_t> values;
  ArrayRef<int64_t> shape;
  StringRef blob;
  PadOp pad; ///< of lhs; null if there is none
  WeightPlanes weights;
  SmallVector<PackedPair> pairs; ///< in place of the first planes of lhs
  SmallVector<Count> counts;
};

/// True if pairs of planes are to be multiplied at once.
bool BitContraction::findPairs(int64_t terms) {
  // For fewer of the 32, unsigned bytes are as fast.
  int64_t fewestColumns = lhs.isSigned() ? 9 : 17;
  AffineMap result = op.getResultMap();
  unsigned rank = result.getNumResults();
  if (packs && terms != 0 && rank != 0 &&
      op.getStaticLoopSizes()[result.getDimPosition(rank - 1)] >= fewestColumns)
    pairs = listPackedPairs(lhs, values, terms, shape.back(),
                            weights.isSigns && terms >= leastTerms);
  return !pairs.empty();
}

std::string BitContraction::describeCounts() {
  weights = WeightPlanes::describe(values);
  int64_t largest = 0;
  for (int64_t value : values)
    largest = std::max(largest, std::abs(value * lhs.getPadding()));
  if (pad && shape.back() * largest > std::numeric_limits<int16_t>::max())
    return "its padding would add more than 16 bits hold";
  size_t needed = weights.planes.size() * lhs.bits.size();
  int64_t terms = 1;
  for (auto [loop, size] : llvm::enumerate(op.getStaticLoopSizes()))
    if (op.isReduction(loop))
      terms *= size;
  if (findPairs(terms))
    return "";
  if (needed > maxCounts)
    return "it takes " + std::to_string(needed) + " counts, and at most " +
           std::to_string(maxCounts) + " are worth it";
  if (needed > 1 && terms < leastTerms)
    return "it takes " + std::to_string(needed) + " counts of only " +
           std::to_string(terms) + " terms";
  return "";
}

/// The codes of the weights, of `bits` bits, side by side in words, as a constant.
Value BitContraction::packWeights(
    unsigned bits, llvm::function_ref<int64_t(int64_t)> getCode) {
  auto constant =
      packWeightCodes(builder, values, shape, blob, word, bits, getCode);
  copyStorage(op.getRhs().getDefiningOp(), constant);
  return constant;
}

/// What each output channel adds whatever is read, with the map of its index;
/// null if nothing.
Value BitContraction::createConstants(AffineMap &map) {
  // The channel of a weight is its index along the dimensions that are not
  // summed over.
  SmallVector<unsigned> kept;
  SmallVector<int64_t> sizes;
  for (auto [dim, index] : llvm::enumerate(op.getRhsMap().getResults()))
    if (!op.isReduction(cast<AffineDimExpr>(index).getPosition())) {
      kept.push_back(dim);
      sizes.push_back(shape[dim]);
    }
  int64_t channels = ShapedType::getNumElements(sizes);
  int64_t plus = 0; // of each +1, where bits that differ are taken from them
  if (weights.isSigns)
    for (auto [plane, factor] : getSingles())
      plus += factor;
  SmallVector<int32_t> constants(channels, 0);
  SmallVector<int64_t> index(shape.size(), 0);
  for (int64_t value : values) {
    int64_t channel = 0;
    for (unsigned dim : kept)
      channel = channel * shape[dim] + index[dim];
    // a0 w, and of signs what is taken from.
    constants[channel] += lhs.offset * value + (value == 1 ? plus : 0);
    for (int64_t dim = index.size() - 1; dim >= 0; --dim) {
      if (++index[dim] < shape[dim])
        break;
      index[dim] = 0;
    }
  }
  if (llvm::all_of(constants, [](int32_t constant) { return constant == 0; }))
    return Value();
  map = op.getRhsMap().getSubMap(kept);
  return arith::ConstantOp::create(
      builder, cast<TypedAttr>(makeElements<int32_t>(
                   RankedTensorType::get(sizes, builder.getI32Type()),
                   constants, "constants")));
}

/// `words` with the padding of lhs.
Value BitContraction::padWords(Value words) {
  if (!pad)
    return words;
  auto type = cast<RankedTensorType>(words.getType());
  SmallVector<int64_t> shape(
      cast<RankedTensorType>(pad.getResult().getType()).getShape());
  shape.back() = type.getShape().back();
  unsigned width = type.getElementTypeBitWidth();
  auto format = quant::UniformQuantizedType::get(
      quant::QuantizationFlags::Signed, type.getElementType(),
      builder.getF32Type(), 1.0, 0, llvm::minIntN(width), llvm::maxIntN(width));
  words = ReinterpretOp::create(builder, type.clone(format), words);
  words = PadOp::create(builder, RankedTensorType::get(shape, format), words,
                        pad.getLow(), pad.getHigh());
  return ReinterpretOp::create(
      builder, RankedTensorType::get(shape, type.getElementType()), words);
}

/// Words of `width` bits from `plane` on of each code of lhs, with its padding.
Value BitContraction::packLhs(unsigned plane, unsigned width, unsigned word) {
  SmallVector<int64_t> packed(
      cast<RankedTensorType>(lhs.codes.getType()).getShape());
  packed.back() = llvm::divideCeil(packed.back(), word / width);
  return padWords(PackBitsOp::create(
      builder, RankedTensorType::get(packed, builder.getIntegerType(word)),
      lhs.codes, plane, width));
}

void BitContraction::listCounts() {
  Value shared; // what several planes meet is stored once
  if (!pairs.empty())
    shared = packWeights(pairs[0].getRhsBits(), [&](int64_t value) {
      return pairs[0].getCode(value);
    });
  for (const PackedPair &pair : pairs)
    counts.push_back({packLhs(pair.plane, 2, pair.getLhsWord()), shared,
                      pair.factor, Product::MultiplyPacked, pair.lhsValues,
                      pair.rhsValues});
  Product product =
      weights.isSigns ? Product::XorPopcount : Product::AndPopcount;
  SmallVector<Value> words;
  for (auto [plane, factor] : getSingles())
    words.push_back(packLhs(plane, 1, word));
  for (auto &[weightFactor, isSet] : weights.planes) {
    Value rhs = shared ? shared : packWeights(1, isSet);
    for (auto [i, bit] : llvm::enumerate(getSingles())) {
      int64_t factor = bit.second * (weights.isSigns ? -1 : weightFactor);
      counts.push_back({words[i], rhs, factor, product});
    }
  }
}

void BitContraction::build() {
  listCounts();
  Value sum;
  for (auto [i, count] : llvm::enumerate(counts))
    sum = buildCount(count, sum, i + 1 == counts.size());
  op.getResult().replaceAllUsesWith(sum);
  op.erase();
}

/// A contraction that counts, and adds `sum`; the last one goes on with the
/// epilogue of the one that is replaced.
Value BitContraction::buildCount(const Count &count, Value sum, bool isLast) {
  SmallVector<Value> operands;
  SmallVector<AffineMap> maps = {op.getLhsMap(), op.getRhsMap()};
  SmallVector<Attribute> formats;
  if (isLast)
    for (auto [i, operand] : llvm::enumerate(op.getEpilogueOperands())) {
      operands.push_back(operand);
      maps.push_back(op.getEpilogueMap(i));
    }
  auto add = [&](Value value, AffineMap map) {
    operands.push_back(value);
    maps.push_back(map);
  };
  AffineMap channelMap;
  Value constants = isLast ? createConstants(channelMap) : Value();
  if (sum)
    add(sum, op.getResultMap());
  if (constants)
    add(constants, channelMap);
  if (isLast && pad && lhs.getPadding() != 0) {
    MappedValue sums =
        buildPaddingSums(builder, op, pad, values, shape, lhs.getPadding());
    add(sums.value, sums.map);
  }
  maps.push_back(op.getResultMap());
  Type i32 = builder.getI32Type();
  Value init = isLast ? op.getInit() : emptyLike(builder, op.getInit(), i32);
  auto contract = ContractOp::create(
      builder, init.getType(), count.lhs, count.rhs, operands, init,
      builder.getAffineMapArrayAttr(maps), /*formats=*/ArrayAttr(),
      /*primitive=*/StringAttr(), count.product, /*packs=*/false,
      /*packed_bits=*/1, count.lhsValues, count.rhsValues);
  contract->setDiscardableAttrs(op->getDiscardableAttrDictionary());

  OpBuilder::InsertionGuard guard(builder);
  Block &before = op.getEpilogue().front();
  SmallVector<Type> types(1, i32);
  if (isLast)
    for (BlockArgument argument : before.getArguments().drop_front())
      types.push_back(argument.getType());
  types.append(operands.size() + 1 - types.size(), i32);
  Block *body =
      builder.createBlock(&contract.getEpilogue(), {}, types,
                          SmallVector<Location>(types.size(), op.getLoc()));
  Value acc = body->getArgument(0);
  if (count.factor != 1)
    acc = arith::MulIOp::create(builder, acc,
                                constantInt(builder, count.factor, 32));
  unsigned extra = isLast ? before.getNumArguments() : 1;
  for (unsigned i = extra; i < types.size(); ++i)
    acc = arith::AddIOp::create(builder, acc, body->getArgument(i));
  if (!isLast) {
    YieldOp::create(builder, acc);
    return contract.getResult();
  }
  IRMapping mapping;
  mapping.map(before.getArgument(0), acc);
  for (unsigned i = 1; i < before.getNumArguments(); ++i)
    mapping.map(before.getArgument(i), body->getArgument(i));
  for (Operation &inner : before)
    builder.clone(inner, mapping);
  return contract.getResult();
}

struct ToBitwisePass : lowbit::impl::ToBitwisePassBase<ToBitwisePass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    if (word == 8 || word == 64)
      return success();
    return emitError(UnknownLoc::get(context))
           << "expects words of 8 or 64 bits, but got 'word=" << word << "'";
  }

  void runOnOperation() override {
    SmallVector<ContractOp> contracts;
    getOperation()->walk([&](ContractOp op) { contracts.push_back(op); });
    BlobScope blobs(getOperation());
    for (ContractOp op : contracts) {
      Operation *weights = op.getRhs().getDefiningOp();
      Operation *steps = op.getLhs().getDefiningOp(), *pad = nullptr;
      if (isa_and_nonnull<PadOp>(steps)) {
        pad = steps;
        steps = pad->getOperand(0).getDefiningOp();
      }
      BitContraction contraction(op, maxCounts, leastTerms, word, pack);
      if (!contraction.rewrite().empty())
        continue;
      for (Operation *read : {weights, pad, steps})
        if (isa_and_nonnull<ConstantOp, PadOp, StepsOp>(read) &&
            read->use_empty())
          read->erase();
    }
  }
};

} // namespace
