//===- Primitive.h - The table of multiply-accumulate primitives --===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// A primitive says what one instruction, or one short sequence, adds up: how
// many products per lane, of which operands, into which accumulator. The kernel
// generator tiles and packs around any of them; a new instruction is a new row, here
// or in a plugin (docs/Tutorials/NewPrimitive.md).
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_CONVERSION_PRIMITIVE_H
#define LOWBIT_CONVERSION_PRIMITIVE_H

#include "lowbit/Analysis/ContractionLoops.h"

#include "mlir/IR/DialectInterface.h"

namespace mlir::lowbit {

/// One row of the table.
struct Primitive {
  StringRef name;
  LaneKind kind;
  /// Consecutive terms of the sum that one lane adds up.
  int64_t products;
  /// Accumulator lanes of one vector.
  int64_t lanes;
  /// Widths of the words it reads, in memory. The kernel widens rhs on load.
  unsigned lhsWidth, rhsWidth;
  bool isFloat;
  /// The CPU feature it needs; empty for none.
  StringRef feature;
  /// Vector registers of a CPU that has it.
  int64_t registers;
  /// Instructions for one step of one accumulator.
  int64_t instructions;
  /// Products in a cycle, in registers: what rows are compared by.
  double rate;
  /// acc + sum of products: `lhs` and `rhs` are vectors of lanes * products
  /// operands, `acc` one of lanes, i32 or f32.
  Value (*emit)(OpBuilder &builder, Location loc, Value acc, Value lhs,
                Value rhs);
  /// What `emit` expects of an operand's element: i8, i16, i32 or f32.
  unsigned operandWidth;
  /// Rows that first add up in 16 bits have these two in place of `emit`: one
  /// adds products to `partial`, null at first, the other adds that to `acc`.
  /// They are exact for as many steps as the weights allow.
  Value (*emitPartial)(OpBuilder &builder, Location loc, Value partial,
                       Value lhs, Value rhs) = nullptr;
  Value (*widen)(OpBuilder &builder, Location loc, Value acc,
                 Value partial) = nullptr;
  /// What it makes of two words. Rows that count bits read words of 8 bits, of
  /// which `products`, `rate` and `partialSteps` count.
  Product product = Product::Multiply;
  /// Steps that partial sums hold whatever the weights are; 0 to ask them.
  int64_t partialSteps = 0;
  /// True for counts that the kernel looks up, with bytes of lhs as rows of a
  /// table and weights as columns; such a row has no `emit`.
  bool looksUp = false;
  /// Rows that read bytes: whether `emit` takes those of lhs as signed. Codes of
  /// the other kind are read 128 lower or higher, and the sums corrected.
  bool isLhsSigned = false;
  /// Rows of the result that one step takes. For 2, `lhs` holds `products`
  /// operands of each of both, not repeated, and `acc` 2 * lanes sums: of two
  /// columns in the first row, in the second, then of the next two columns.
  int64_t rows = 1;
  /// Rows whose `emit` negates weights are exact for all but the least one, which
  /// has no negative.
  bool negatesWeights = false;
  /// True for products with weights of two values that the kernel looks up in a table
  /// of sums of activations, which it makes of each row; such a row has no `emit`.
  bool looksUpSums = false;
  /// True for such rows whose tables hold inner products with vectors, from which the
  /// weights of product and residual codebooks come.
  bool looksUpVectors = false;
  /// Rows that add up in 16 bits: the share of the cycles of a step that is widened by
  /// itself which widening takes.
  double widening = 0;

  /// True if weights decide how often it can add up in 16 bits.
  bool asksWeights() const { return emitPartial && partialSteps == 0; }
  /// True if it multiplies bytes of which only those of rhs are signed. Codes that are
  /// signed change places with numbers of weights, which are not negative.
  bool mayExchange() const {
    return kind == LaneKind::Columns && asksWeights() && readsBytes() &&
           !isLhsSigned;
  }
  bool readsBytes() const {
    return operandWidth == 8 && product == Product::Multiply;
  }
};

/// What a dialect adds to itself to bring further rows.
class PrimitiveDialectInterface
    : public DialectInterface::Base<PrimitiveDialectInterface> {
public:
  PrimitiveDialectInterface(Dialect *dialect) : Base(dialect) {}

  /// Their names, which no other row has, begin with the dialect's and a dot.
  virtual ArrayRef<Primitive> getPrimitives() const = 0;
};

/// All rows: of equally fast ones the first is preferred. First those that are
/// built in, then those of the dialects that `context` has loaded.
SmallVector<const Primitive *> getPrimitives(MLIRContext *context);

/// The CPU features that rows ask for, each once.
SmallVector<StringRef> getPrimitiveFeatures(MLIRContext *context);

/// False if `primitive` is for other processors than those of `architecture`, which is
/// x86, aarch64 or riscv.
bool suitsArchitecture(const Primitive &primitive, StringRef architecture);

/// The row called `name`, or null.
const Primitive *lookupPrimitive(StringRef name, MLIRContext *context);

/// A row for a contraction with lanes and numbers of its kind.
struct PrimitiveCandidate {
  const Primitive *primitive;
  /// Predicted for the whole contraction, in registers.
  double cycles;
  /// Why it does not compute it exactly; empty if it does.
  std::string refusal;
  /// True if it is for another architecture, and not worth a word.
  bool isForeign = false;
  /// What part of its steps it takes besides for what 16 bits do not hold.
  double excess = 0;
  /// False if it is exact only by such steps.
  bool isExactAlone = true;
  /// True if its weights are vectors from tables, which its kernel reads by their numbers.
  bool takesVectors = false;
  /// Why they are not, where there are tables.
  std::string keepsWords = {};
};

/// All rows for `op`, given its loops, with the CPU features `features` at hand; the
/// name of the architecture may be among them.
SmallVector<PrimitiveCandidate> listCandidates(ContractOp op,
                                               const ContractionLoops &loops,
                                               ArrayRef<StringRef> features);

/// The row that computes its contraction exactly in the fewest cycles; null if
/// none does.
const Primitive *selectPrimitive(ArrayRef<PrimitiveCandidate> candidates);

/// Attribute of contractions for a processor that rounds a product and a sum at once:
/// their kernels may change scales so where it makes the same codes.
inline constexpr llvm::StringLiteral kFmaAttr = "lowbit.fma";

/// Attribute of contractions whose epilogue takes zero points that are codes of lhs.
inline constexpr llvm::StringLiteral kZeroCodesAttr = "lowbit.zero_codes";

/// Attribute of contractions whose packed weights several programs share: the names
/// of the rows that these have, each once.
inline constexpr llvm::StringLiteral kSharingAttr = "lowbit.sharing";

/// True if rows for the same contraction can read the same packed weights.
bool sharesPacking(const Primitive &a, const Primitive &b);

/// Of the candidates of several programs for one contraction, a row for each that
/// computes it exactly, all of which share packed weights: so that the cycles,
/// relative to the fewest of the program, add up to least. Empty if there are none.
SmallVector<const Primitive *>
selectSharing(ArrayRef<SmallVector<PrimitiveCandidate>> programs);

/// Refuses the candidates that do not share packed weights with `row`.
void keepSharing(MutableArrayRef<PrimitiveCandidate> candidates,
                 const Primitive &row);

/// How the text of describeChoice starts.
inline constexpr llvm::StringLiteral kPrimitiveChoice =
    "is computed by primitive";

/// On a contraction of whose weights -convert-lowbit-contract-to-vector says how they
/// lie in memory, in a text that starts so.
inline constexpr llvm::StringLiteral kExplainAttr = "lowbit.explain";
inline constexpr llvm::StringLiteral kWeightPacking = "has weights in memory";

/// Says which row was chosen, and what is the case with the others.
std::string describeChoice(const Primitive *chosen, bool isForced,
                           ArrayRef<PrimitiveCandidate> candidates);

} // namespace mlir::lowbit

#endif // LOWBIT_CONVERSION_PRIMITIVE_H
