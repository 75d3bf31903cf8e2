//===- ElementType.h - ONNX's element types in the IR -*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX numbers its element types (TensorProto::DataType), and those numbers are
// what the importer passes around. Tensors that are computed when the model
// runs are float32 in most models, and bool, int32 or int64 where positions,
// masks and tokens are computed; the IR knows these as f32, i1, i32 and i64.
// Integers of 2 to 16 bits are codes; see CodeType.h.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_ELEMENTTYPE_H
#define LOWBIT_LIB_TARGET_ONNX_ELEMENTTYPE_H

#include "mlir/IR/Types.h"

#include <string>

namespace mlir::lowbit::onnximport {

/// The name of ONNX's element type number `elementType`, as in "float16".
std::string describeElementType(int32_t elementType);

/// What a tensor of ONNX's `elementType` holds in the IR; null if no tensor of
/// the type can be computed when the model runs.
Type getIRElementType(MLIRContext *context, int32_t elementType);

/// The inverse: ONNX's element type of what the IR holds as `type`.
int32_t getOnnxElementType(Type type);

/// True for what the IR computes with as floats: float and, of constants,
/// float16, bfloat16 and double.
bool isFloatType(int32_t elementType);

/// True for int32 and int64, which alone can be positions.
bool isIndexType(int32_t elementType);

/// The types that getIRElementType knows, for messages.
constexpr llvm::StringLiteral runTimeElementTypes =
    "float, bool, int32, int64 and integers of 2 to 16 bits";

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_ELEMENTTYPE_H
