//===- TileBuilder.h - Tiles of sums in registers ---------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_CONTRACTTOTILES_TILEBUILDER_H
#define LOWBIT_LIB_CONVERSION_CONTRACTTOTILES_TILEBUILDER_H

#include "lowbit/Analysis/ContractionLoops.h"
#include "lowbit/Conversion/KernelLayout.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::lowbit {

/// How large tiles may be.
struct TileOptions {
  /// Of a block.
  int64_t threads;
  int64_t mostRows, mostColumns;
  /// Tiles are smaller where there would be fewer threads.
  int64_t minThreads;
};

/// Builds the launch of one contraction.
class TileBuilder {
public:
  TileBuilder(ContractOp op, ContractionLoops loops, const TileOptions &options)
      : builder(op.getLoc(), op), op(op), loops(std::move(loops)),
        options(options) {}

  /// Fails, with the reason, where the contraction does not fit.
  LogicalResult prepare(std::string &reason);
  void build();
  bool usesDots() const { return dots; }

private:
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(builder, value);
  }
  Value add(Value lhs, Value rhs) {
    return builder.createOrFold<arith::AddIOp>(lhs, rhs);
  }
  Value scale(Value value, int64_t factor) {
    return builder.createOrFold<arith::MulIOp>(value, index(factor));
  }

  bool fitsDots();
  Value flatten(Value operand);
  void chooseTile();
  void buildThread(Value tile);
  Value place(Value first, int64_t i, int64_t count, bool mayExceed,
              Value &isInside);
  SmallVector<Value> findLoops(Value row, Value column);
  Value findStart(const LinearOperand &operand, ValueRange indices);
  SmallVector<Value> sumUp(ArrayRef<unsigned> outer, Value lhsShift,
                           Value rhsShift, ValueRange sums);
  SmallVector<Value> addTerms(Value lhsShift, Value rhsShift, ValueRange sums);
  Value addTerm(Value lhs, Value rhs, Value sum);
  SmallVector<Value> zeros();
  SmallVector<Value> addGroups(ArrayRef<unsigned> groups, Value lhsShift,
                               Value rhsShift,
                               MutableArrayRef<SmallVector<Value>> indices,
                               ValueRange totals);
  SmallVector<Value>
  loopOver(int64_t size, ValueRange values,
           llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body);
  Value runEpilogue(ValueRange indices, Value sum);
  SmallVector<Value> applyMap(AffineMap map, ValueRange indices);

  ImplicitLocOpBuilder builder;
  ContractOp op;
  ContractionLoops loops;
  TileOptions options;
  LinearOperand lhs, rhs;
  ReductionRun run;
  /// Words of four bytes, or elements.
  bool dots = false;
  Value lhsWords, rhsWords;
  /// The loops of rows, batch loops first, and their number in a tile.
  SmallVector<unsigned> rowLoops;
  int64_t numRows = 1, numColumns = 1, rows = 1, columns = 1;
  /// Of the whole contraction.
  int64_t numTiles = 0;
  /// Where the thread's rows of lhs and columns of rhs start.
  SmallVector<Value> lhsStarts, rhsStarts;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_CONTRACTTOTILES_TILEBUILDER_H
