//===- ElementType.cpp - ONNX's element types in the IR ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ElementType.h"

#include "CodeType.h"

#include "onnx.pb.h"

#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using namespace mlir::lowbit;
using ::onnx::TensorProto;

std::string onnximport::describeElementType(int32_t elementType) {
  // The installed schema may be older than the model.
  static constexpr llvm::StringLiteral newNames[] = {
      "float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "uint4",
      "int4",         "float4e2m1",     "float8e8m0", "uint2",          "int2"};
  int64_t newIndex = int64_t(elementType) - element::Float8E4M3FN;
  if (newIndex >= 0 && newIndex < int64_t(std::size(newNames)))
    return newNames[newIndex].str();
  if (!TensorProto::DataType_IsValid(elementType))
    return "number " + std::to_string(elementType);
  return StringRef(
             TensorProto::DataType_Name(TensorProto::DataType(elementType)))
      .lower();
}

Type onnximport::getIRElementType(MLIRContext *context, int32_t elementType) {
  switch (elementType) {
  case TensorProto::FLOAT:
    return Float32Type::get(context);
  case TensorProto::BOOL:
    return IntegerType::get(context, 1);
  case TensorProto::INT32:
    return IntegerType::get(context, 32);
  case TensorProto::INT64:
    return IntegerType::get(context, 64);
  default:
    if (std::optional<CodeType> type = getCodeType(elementType))
      return Quantization::identity().getFormat(context, *type);
    return nullptr;
  }
}

bool onnximport::isFloatType(int32_t elementType) {
  return elementType == TensorProto::FLOAT ||
         elementType == TensorProto::FLOAT16 ||
         elementType == TensorProto::BFLOAT16 ||
         elementType == TensorProto::DOUBLE;
}

bool onnximport::isIndexType(int32_t elementType) {
  return elementType == TensorProto::INT32 || elementType == TensorProto::INT64;
}

int32_t onnximport::getOnnxElementType(Type type) {
  if (type.isF32())
    return TensorProto::FLOAT;
  if (type.isSignlessInteger(1))
    return TensorProto::BOOL;
  if (type.isSignlessInteger(32))
    return TensorProto::INT32;
  if (type.isSignlessInteger(64))
    return TensorProto::INT64;
  if (auto format = dyn_cast<quant::QuantizedType>(type))
    return getElementType(getCodeType(format));
  return TensorProto::UNDEFINED;
}
