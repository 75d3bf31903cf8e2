//===- sse.cpp - A multiply-accumulate primitive in one file --------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// sse.pmaddwd: pairs of 16-bit products on the four lanes of SSE2, for processors
// without AVX2.
//
//===----------------------------------------------------------------------===//

#include "lowbit/Conversion/Primitive.h"
#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Dialect.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "llvm/Support/Compiler.h"

using namespace mlir;

namespace sse {

/// acc + lhs[2 i] * rhs[2 i] + lhs[2 i + 1] * rhs[2 i + 1] in lane i.
static Value emitPmaddwd(OpBuilder &builder, Location loc, Value acc, Value lhs,
                         Value rhs) {
  auto sums = LLVM::CallIntrinsicOp::create(
      builder, loc, acc.getType(),
      builder.getStringAttr("llvm.x86.sse2.pmadd.wd"), ValueRange{lhs, rhs});
  return arith::AddIOp::create(builder, loc, acc, sums.getResult(0));
}

/// The row.
static lowbit::Primitive getPmaddwd() {
  lowbit::Primitive row = {};
  row.name = "sse.pmaddwd";
  row.kind = lowbit::LaneKind::Columns;
  row.products = 2; // a lane adds up two terms of the sum
  row.lanes = 4;
  row.lhsWidth = 16;     // activations lie in memory as words,
  row.rhsWidth = 8;      // weights as bytes that are widened on load,
  row.operandWidth = 16; // and both are words in registers
  row.feature = "sse2";
  row.registers = 16;
  row.instructions = 2; // multiply, add
  row.rate = 12;        // products in a cycle: half of AVX2's
  row.emit = emitPmaddwd;
  return row;
}

struct SsePrimitives : lowbit::PrimitiveDialectInterface {
  using PrimitiveDialectInterface::PrimitiveDialectInterface;
  ArrayRef<lowbit::Primitive> getPrimitives() const override { return row; }
  lowbit::Primitive row = getPmaddwd();
};

/// Nothing but a name for the rows.
class SseDialect : public Dialect {
public:
  explicit SseDialect(MLIRContext *context)
      : Dialect(getDialectNamespace(), context, TypeID::get<SseDialect>()) {
    addInterfaces<SsePrimitives>();
  }
  static constexpr StringLiteral getDialectNamespace() { return "sse"; }
};

} // namespace sse

extern "C" LLVM_ATTRIBUTE_VISIBILITY_DEFAULT DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "sse", "1.0", [](DialectRegistry *registry) {
            registry->insert<sse::SseDialect>();
            // No operation names the dialect: it is loaded along with Lowbit's.
            registry->addExtension(
                +[](MLIRContext *context, lowbit::LowbitDialect *) {
                  context->getOrLoadDialect<sse::SseDialect>();
                });
          }};
}
