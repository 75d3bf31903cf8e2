//===- RangesTest.cpp - Ranges that the caller knows ----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/IR/Lowbit.h"
#include "lowbit/Transforms/Calibration.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"

#include "gtest/gtest.h"

#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

class RangesTest : public testing::Test {
protected:
  RangesTest() {
    context.loadDialect<func::FuncDialect, LowbitDialect>();
    module = parseSourceString<ModuleOp>(R"(
      func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
        %y = lowbit.observe %x {name = "x", role = #lowbit.role<activation>}
          : tensor<4xf32>
        return %y : tensor<4xf32>
      })",
                                         &context);
  }

  /// What setRange says about the range; empty if it takes it.
  std::string errorOf(StringRef name, double least, double most) {
    std::string message;
    ScopedDiagnosticHandler handler(
        &context, [&](Diagnostic &diagnostic) { message = diagnostic.str(); });
    LogicalResult result = setRange(*module, name, least, most);
    EXPECT_EQ(failed(result), !message.empty());
    return message;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};

TEST_F(RangesTest, SetsStatistics) {
  EXPECT_EQ(errorOf("x", -1, 2.5), "");
  ObserveOp observation;
  module->walk([&](ObserveOp op) { observation = op; });
  StatsAttr stats = observation.getStatsAttr();
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats.getMin().getValueAsDouble(), -1);
  EXPECT_EQ(stats.getMax().getValueAsDouble(), 2.5);
  EXPECT_EQ(stats.getAverageMin().getValueAsDouble(), -1);
  EXPECT_EQ(stats.getAverageMax().getValueAsDouble(), 2.5);
  EXPECT_TRUE(stats.getHistogram().empty());
}

TEST_F(RangesTest, RefusesNamesAndRanges) {
  EXPECT_EQ(errorOf("z", 0, 1),
            "no value is observed as 'z'; use -lowbit-observe");
  EXPECT_EQ(errorOf("x", 2, 1), "expects the range of 'x' to be finite numbers "
                                "in order, but got 2.000000e+00 to "
                                "1.000000e+00");
  double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NE(errorOf("x", nan, 1), "");
  EXPECT_NE(errorOf("x", 0, std::numeric_limits<double>::infinity()), "");
}

} // namespace
