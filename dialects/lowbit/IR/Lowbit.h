//===- Lowbit.h - The lowbit dialect ----------------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one public header of the dialect: attributes, types and operations.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_IR_LOWBIT_H
#define LOWBIT_IR_LOWBIT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/TilingInterface.h"

#include "lowbit/IR/LowbitDialect.h.inc"

#include "lowbit/IR/LowbitEnums.h.inc"

#include "lowbit/Formats/Format.h"

#define GET_ATTRDEF_CLASSES
#include "lowbit/IR/LowbitAttrs.h.inc"

#define GET_OP_CLASSES
#include "lowbit/IR/Lowbit.h.inc"

namespace mlir::lowbit {

/// True if `type` is the element type of a tensor of codes.
bool isCodeFormat(Type type);

/// The storage range [first, second] of `format`, which is a number format or a
/// signless integer (then: its signed range).
std::pair<int64_t, int64_t> getStorageRange(Type format);

/// True if codes of `format` are extended with their sign.
bool isSignedStorage(Type format);

/// Bits of a code of `format`; of the type itself if it is no format.
unsigned getStorageWidth(Type format);

/// The signless integer type of one code of `format`, in memory: its storage
/// type rounded up to 8, 16 or 32 bits; `format` itself if it is no format.
Type getWordType(Type format);

/// The zero point of a per-tensor affine `format`, the code for 0 of formats
/// that are not affine; 0 where there is none.
int64_t getZeroPoint(Type format);

/// The largest |code - zero point| of `format`: a double, which no zero point
/// makes overflow.
double getLargestCode(Type format);

/// Holds the StorageAttr of a constant: codes, words or a global.
constexpr llvm::StringLiteral kStorageAttr = "lowbit.storage";

/// How `constant` is said to lie on disk if that is not as in memory, or null.
StorageAttr getStorage(Operation *constant);

/// The most bits for the zeros between two stored words.
constexpr unsigned mostGapBits = 8;

/// Says of the constant `to`, which replaces `from`, what is said of that.
void copyStorage(Operation *from, Operation *to);

/// Marks the `lowbit.encode` of an operator that ONNX Runtime defines, as a unit
/// attribute.
constexpr llvm::StringLiteral kOnnxRuntimeAttr = "lowbit.onnxruntime";

/// True if `encode`, of the decode of a code of its own format, is that code
/// again: it rounds to nearest, and its parameters leave no range.
bool recoversCodes(EncodeOp encode);

} // namespace mlir::lowbit

#endif // LOWBIT_IR_LOWBIT_H
