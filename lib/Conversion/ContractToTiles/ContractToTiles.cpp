//===- ContractToTiles.cpp - Launches of tiles ---------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"

#include "../ContractScalars.h"

#include "lowbit/Conversion/Passes.h"
#include "lowbit/Conversion/Primitive.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_CONVERTCONTRACTTOTILESPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

struct ConvertContractToTilesPass
    : lowbit::impl::ConvertContractToTilesPassBase<ConvertContractToTilesPass> {
  using Base::Base;

  void runOnOperation() override {
    if (threads < 1 || threads > 1024 || rows < 1 || rows > 16 || columns < 1 ||
        columns > 16) {
      getOperation()->emitError()
          << "expects from 1 to 1024 threads, and from 1 to 16 rows and "
             "columns, "
             "but got threads="
          << threads.getValue() << " rows=" << rows.getValue()
          << " columns=" << columns.getValue();
      return signalPassFailure();
    }
    SmallVector<ContractOp> contracts;
    getOperation()->walk([&](ContractOp op) { contracts.push_back(op); });
    for (ContractOp op : contracts)
      convert(op);
  }

private:
  void convert(ContractOp op) {
    std::string reason;
    if (!op.hasPureBufferSemantics())
      reason = "it is on tensors";
    else if (op.getPacks())
      reason = "its result is packed";
    std::optional<ContractionLoops> loops;
    if (reason.empty())
      loops = analyzeLoops(op, reason, /*takesGroups=*/true);
    if (loops && loops->kind != LaneKind::Columns)
      reason = "each channel has weights of its own";
    if (loops && reason.empty()) {
      TileBuilder tiles(op, *loops, {threads, rows, columns, minThreads});
      if (succeeded(tiles.prepare(reason))) {
        tiles.build();
        if (report)
          op.emitRemark() << kPrimitiveChoice << " "
                          << (tiles.usesDots() ? "'dot4'" : "'multiply'")
                          << ", in tiles of sums";
        op.erase();
        return;
      }
    }
    if (report)
      op.emitRemark() << kPrimitiveChoice
                      << " 'loops'; not in tiles of sums: " << reason;
  }
};

} // namespace
