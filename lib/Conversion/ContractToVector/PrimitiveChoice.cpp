//===- PrimitiveChoice.cpp - Which primitive computes a contraction -------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Conversion/Primitive.h"

#include "lowbit/Analysis/AccumulatorRange.h"
#include "lowbit/Analysis/ExcessWeights.h"
#include "lowbit/Conversion/KernelLayout.h"
#include "lowbit/Conversion/PackedTable.h"
#include "lowbit/Conversion/WeightVectors.h"
#include "lowbit/IR/WeightTables.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::lowbit;

/// Why `primitive`, which counts bits as `op` does, does not count those of a sum of
/// `words` exactly; empty if it does.
static StringRef refuseCount(const Primitive &primitive, ContractOp op,
                             int64_t words) {
  auto width = [](Value operand) {
    return cast<ShapedType>(operand.getType()).getElementTypeBitWidth();
  };
  if (width(op.getLhs()) != primitive.lhsWidth ||
      width(op.getRhs()) != primitive.rhsWidth)
    return primitive.lhsWidth == 8 ? "its bits are not in bytes"
                                   : "its lhs has not twice the bits of rhs";
  if (primitive.looksUp &&
      !PackedTable::build(op.getProduct(), op.getLhsValues(), op.getRhsValues())
           .fits(words))
    return "its sums may exceed 16 bits";
  return "";
}

/// False if no weight of `op` is the least byte.
static bool mayBeLeast(ContractOp op, const ContractionLoops &loops) {
  std::optional<ContractionWeights> weights =
      ContractionWeights::read(op, loops);
  return !weights || weights->getLeast() == std::numeric_limits<int8_t>::min();
}

/// True if `primitive` computes `op`, a sum of `terms`, exactly; else `reason` is
/// set.
static bool computes(const Primitive &primitive, ContractOp op,
                     const ContractionLoops &loops, int64_t terms,
                     std::string &reason) {
  auto refuse = [&](const llvm::Twine &text) {
    reason = text.str();
    return false;
  };
  if (primitive.isFloat)
    return true;
  if (primitive.product != Product::Multiply) {
    reason = refuseCount(primitive, op, terms);
    return reason.empty();
  }
  // Integer rows take codes of up to 8 bits on the left, and on the right such
  // as fill the words that they read.
  auto width = [&](unsigned operand) {
    return getWordType(op.getFormat(operand)).getIntOrFloatBitWidth();
  };
  if (width(0) > 8)
    return refuse("its lhs has codes of " + llvm::Twine(width(0)) + " bits");
  if (width(1) != primitive.rhsWidth)
    return refuse("its rhs has words of " + llvm::Twine(width(1)) +
                  " bits, not " + llvm::Twine(primitive.rhsWidth));
  if (width(1) > 8 && !isSignedStorage(op.getFormat(1)))
    return refuse("its rhs has unsigned codes of more than 8 bits");
  // Channels are read as words of any width, their weights where they lie or, by
  // twos, packed.
  bool isConstant = op.getRhs().getDefiningOp<arith::ConstantOp>();
  if (primitive.kind == LaneKind::Channels)
    return primitive.products == 1 || isConstant ||
           refuse("its weights are not constant");
  // Words that are wider already stay so.
  unsigned wordWidth =
      getElementTypeOrSelf(op.getLhs().getType()).getIntOrFloatBitWidth();
  if (wordWidth > primitive.lhsWidth)
    return refuse("its lhs has words of " + llvm::Twine(wordWidth) + " bits");
  if (!primitive.readsBytes())
    return true;
  // Bytes of weights are signed. Codes of the kind that is not read can be
  // shifted, but not where sums of 16 bits fit by their range.
  if (!isSignedStorage(op.getFormat(1)))
    return refuse("it multiplies by signed bytes only");
  if (primitive.negatesWeights && mayBeLeast(op, loops))
    return refuse("its weights may be -128, which has no negative");
  if (primitive.looksUpVectors)
    return true; // see measureProducts
  if (primitive.looksUpSums) {
    reason = refuseSumTable(op, loops);
    return reason.empty();
  }
  if (!primitive.emitPartial)
    return true;
  if (isSignedStorage(op.getFormat(0)) &&
      !(primitive.mayExchange() && multipliesNumbers(op)))
    return refuse("it multiplies unsigned bytes by signed ones only, and its "
                  "weights are no small numbers");
  return true; // see addExcess
}

/// Weighs what 16 bits hold of the sums of `candidate`, and refuses it where they do
/// not and nothing can be moved.
static void addExcess(PrimitiveCandidate &candidate, ContractOp op,
                      const ContractionLoops &loops) {
  const Primitive &primitive = *candidate.primitive;
  if (isSignedStorage(op.getFormat(0))) {
    candidate.isExactAlone = false; // others may not read numbers
    if (candidate.takesVectors)
      candidate.refusal = "it multiplies unsigned bytes by signed ones only";
    return;
  }
  candidate.isExactAlone = fitsPairs(op, loops);
  std::optional<ContractionWeights> weights =
      ContractionWeights::read(op, loops);
  Operation *constant = op.getRhs().getDefiningOp();
  bool isStored = constant && getStorage(constant);
  // Weights of few values are packed, so that their sums are other ones; what a file
  // keeps in few bits would need more with other values.
  if (!weights || !loops.groups.empty() || isStored || candidate.takesVectors ||
      weights->hasFewValues()) {
    if (!candidate.isExactAlone)
      candidate.refusal = "two of its products may exceed 16 bits";
    return;
  }
  constexpr int64_t mostSteps = 8;
  StepShape shape{primitive.lanes, primitive.products};
  PartialSums sums = choosePartialSums(
      [&](auto use) { sampleSteps(*weights, shape, use); }, shape,
      getWeightLimit(getStorageRange(op.getFormat(0)).second),
      primitive.widening, mostSteps);
  candidate.excess = double(sums.excess) / sums.steps;
  candidate.cycles *= sums.getCost(primitive.widening) / sums.steps;
}

namespace {
/// Weights that may be vectors from tables.
struct TableWeights {
  bool hasTables = false;
  WeightVectors vectors;
  /// Why they are none.
  std::string refusal;

  TableWeights(ContractOp op, const ContractionLoops &loops) {
    auto constant = op.getRhs().getDefiningOp<arith::ConstantOp>();
    hasTables = constant && constant->hasAttr(kTablesAttr);
    refusal = findVectors(op, loops, vectors);
  }

  /// Why a table of inner products does not stay in the first cache.
  std::string refuseWords() const {
    constexpr int64_t most = 1024;
    return vectors.entries <= most ? ""
                                   : "its tables have more than " +
                                         std::to_string(most) + " vectors";
  }

  /// Lets `candidate` read them, by looking up their products or as it is.
  void offer(PrimitiveCandidate &candidate, ContractOp op,
             const ContractionLoops &loops) {
    const Primitive &primitive = *candidate.primitive;
    if (!candidate.refusal.empty())
      return;
    if (primitive.looksUpVectors) {
      candidate.refusal = isSignedStorage(op.getFormat(1))
                              ? refuseTable(op, loops)
                              : "it multiplies by signed words only";
      if (candidate.refusal.empty())
        candidate.refusal = refusal;
      if (candidate.refusal.empty())
        candidate.refusal = looksUpWords(primitive)
                                ? refuseWords()
                                : measureProducts(op, vectors);
      candidate.takesVectors = candidate.refusal.empty();
      if (candidate.takesVectors)
        candidate.cycles = countTableCycles(primitive, loops, vectors);
      return;
    }
    if (!hasTables)
      return;
    candidate.keepsWords = refusal;
    auto constant = op.getRhs().getDefiningOp<arith::ConstantOp>();
    if (refusal.empty())
      candidate.keepsWords =
          refuseExpansion(op, loops, primitive, constant.getValue(), vectors);
    candidate.takesVectors = candidate.keepsWords.empty();
    if (candidate.takesVectors)
      candidate.cycles += countExpansionCycles(primitive, vectors);
  }
};
} // namespace

SmallVector<PrimitiveCandidate>
lowbit::listCandidates(ContractOp op, const ContractionLoops &loops,
                       ArrayRef<StringRef> features) {
  int64_t terms = 1, rows = 1, batch = 1;
  for (unsigned loop : loops.reduction)
    terms *= loops.sizes[loop];
  for (unsigned loop : loops.rows)
    rows *= loops.sizes[loop];
  for (unsigned loop : loops.batch)
    batch *= loops.sizes[loop];
  SmallVector<PrimitiveCandidate> candidates;
  constexpr StringRef architectures[] = {"x86", "aarch64", "riscv"};
  auto architecture = llvm::find_if(features, [&](StringRef feature) {
    return llvm::is_contained(architectures, feature);
  });
  TableWeights weights(op, loops);
  for (const Primitive *primitive : getPrimitives(op.getContext())) {
    if (primitive->kind != loops.kind ||
        primitive->product != op.getProduct() ||
        primitive->isFloat != op.getAccumulatorType().isF32())
      continue;
    PrimitiveCandidate candidate{primitive, 0, ""};
    if (!primitive->feature.empty() &&
        !llvm::is_contained(features, primitive->feature))
      candidate.refusal = ("it needs " + primitive->feature).str();
    else if (rows < primitive->rows)
      candidate.refusal =
          "it takes at least " + std::to_string(primitive->rows) + " rows";
    else
      computes(*primitive, op, loops, terms, candidate.refusal);
    // Lanes and terms are filled up.
    candidate.cycles =
        double(batch * rows) *
        llvm::alignTo(loops.sizes[loops.lane], primitive->lanes) *
        llvm::alignTo(terms, primitive->products) / primitive->rate;
    weights.offer(candidate, op, loops);
    // A table of sums is made of each row, in so many cycles for a term.
    if (primitive->looksUpSums && !primitive->looksUpVectors)
      candidate.cycles += double(batch * rows) * terms * 1.5;
    // In one row each vector of looked-up weights serves one product: where it need not
    // be widened, and bytes need not be split, they are as fast as unpacking is.
    if (rows == 1 && primitive->negatesWeights && candidate.refusal.empty() &&
        looksUpWeights(op))
      candidate.cycles *= 0.65;
    // Shifting codes takes little, but of two rows the one that need not is faster.
    if (primitive->readsBytes() &&
        isSignedStorage(op.getFormat(0)) != primitive->isLhsSigned)
      candidate.cycles *= 1.02;
    if (primitive->asksWeights() && candidate.refusal.empty())
      addExcess(candidate, op, loops);
    candidate.isForeign = architecture != features.end() &&
                          !suitsArchitecture(*primitive, *architecture);
    candidates.push_back(candidate);
  }
  return candidates;
}

/// The candidate with the fewest cycles, or null; with `row`, of those that share
/// its packed weights, from which nothing is taken.
static const PrimitiveCandidate *
findBest(ArrayRef<PrimitiveCandidate> candidates, const Primitive *row) {
  const PrimitiveCandidate *best = nullptr;
  for (const PrimitiveCandidate &candidate : candidates)
    if (candidate.refusal.empty() &&
        (!row || (candidate.isExactAlone &&
                  sharesPacking(*candidate.primitive, *row))) &&
        (!best || candidate.cycles < best->cycles))
      best = &candidate;
  return best;
}

const Primitive *
lowbit::selectPrimitive(ArrayRef<PrimitiveCandidate> candidates) {
  const PrimitiveCandidate *best = findBest(candidates, nullptr);
  return best ? best->primitive : nullptr;
}

bool lowbit::sharesPacking(const Primitive &a, const Primitive &b) {
  // Lanes may differ: panels are made to suit all. Halves of looked-up vectors
  // alternate, though.
  return a.kind == b.kind && a.products == b.products &&
         a.rhsWidth == b.rhsWidth && a.looksUp == b.looksUp &&
         a.looksUpVectors == b.looksUpVectors &&
         looksUpWords(a) == looksUpWords(b) && a.looksUpSums == b.looksUpSums &&
         (!a.looksUp || a.lanes == b.lanes);
}

SmallVector<const Primitive *>
lowbit::selectSharing(ArrayRef<SmallVector<PrimitiveCandidate>> programs) {
  SmallVector<const Primitive *> best;
  double fewest = std::numeric_limits<double>::max();
  for (const PrimitiveCandidate &start : programs.front()) {
    SmallVector<const Primitive *> rows;
    double cycles = 0;
    for (ArrayRef<PrimitiveCandidate> program : programs)
      if (const auto *found = findBest(program, start.primitive)) {
        rows.push_back(found->primitive);
        cycles += found->cycles / findBest(program, nullptr)->cycles;
      }
    if (rows.size() < programs.size() || cycles >= fewest)
      continue;
    fewest = cycles;
    best = rows;
  }
  return best;
}

void lowbit::keepSharing(MutableArrayRef<PrimitiveCandidate> candidates,
                         const Primitive &row) {
  for (PrimitiveCandidate &candidate : candidates)
    if (candidate.refusal.empty() &&
        !(candidate.isExactAlone && sharesPacking(*candidate.primitive, row)))
      candidate.refusal = "other variants share no weights with it";
}

std::string lowbit::describeChoice(const Primitive *chosen, bool isForced,
                                   ArrayRef<PrimitiveCandidate> candidates) {
  std::string text;
  llvm::raw_string_ostream os(text);
  auto print = [&](const PrimitiveCandidate &candidate, StringRef unit = "") {
    os << candidate.primitive->name << " "
       << static_cast<int64_t>(candidate.cycles) << unit;
    if (candidate.excess != 0)
      os << llvm::formatv(" (with {0:f1} % more steps for large weights)",
                          100 * candidate.excess);
  };
  os << kPrimitiveChoice << " ";
  for (const PrimitiveCandidate &candidate : candidates)
    if (candidate.primitive == chosen)
      print(candidate, " cycles");
  os << ", " << (isForced ? "as it is forced to" : "the fewest");
  for (const PrimitiveCandidate &candidate : candidates)
    if (candidate.primitive == chosen && !candidate.keepsWords.empty())
      os << "; its weights are no numbers of vectors, as "
         << candidate.keepsWords;
  StringRef start = "; others: ";
  for (const PrimitiveCandidate &candidate : candidates)
    if (candidate.primitive != chosen && candidate.refusal.empty()) {
      os << start;
      print(candidate);
      start = ", ";
    }
  start = "; cannot: ";
  for (const PrimitiveCandidate &candidate : candidates)
    if (!candidate.refusal.empty() && !candidate.isForeign) {
      os << start << candidate.primitive->name << " (" << candidate.refusal
         << ")";
      start = ", ";
    }
  return text;
}
