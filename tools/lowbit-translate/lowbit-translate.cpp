//===- lowbit-translate.cpp - reads and writes foreign formats ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/InitAll.h"

#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"

int main(int argc, char **argv) {
  mlir::lowbit::registerAllTranslations();
  return mlir::failed(mlir::mlirTranslateMain(
      argc, argv, "Lowbit: reads and writes foreign formats\n"));
}
