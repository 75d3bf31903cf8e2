//===- TosaBuilding.cpp - the TOSA that importers make ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TosaBuilding.h"

#include "CodeBuilding.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

/// Constants of this size and more are resources, which are neither hashed nor
/// uniqued.
static constexpr uint64_t resourceBytes = 4096;

/// The name of a resource: that of the tensor, without what would have to be
/// escaped.
static std::string getResourceName(StringRef name) {
  std::string text = name.empty() ? "constant" : name.str();
  for (char &c : text)
    if (!llvm::isPrint(c) || c == '"' || c == '\\')
      c = '_';
  return text;
}

/// A constant of `elements` at the name of `constant`.
static Value createConstant(NodeContext &node, const ConstantTensor &constant,
                            RankedTensorType type, ElementsAttr elements) {
  Location loc = node.builder.getLoc();
  if (!constant.getName().empty())
    loc = NameLoc::get(node.builder.getStringAttr(constant.getName()));
  return tosa::ConstOp::create(node.builder, loc, type, elements);
}

/// The same for elements of a type whose range the reader has checked.
static Value buildIntegerConstant(NodeContext &node,
                                  const ConstantTensor &constant) {
  Type element =
      getIRElementType(node.builder.getContext(), constant.getElementType());
  if (!element) {
    (void)node.refuse(
        "computes with " + quote(constant.getName()) + ", which is " +
        describeElementType(constant.getElementType()) +
        "; lowbit imports computations in " + runTimeElementTypes);
    return nullptr;
  }
  if (auto format = dyn_cast<quant::QuantizedType>(element))
    return buildCodes(node, constant, format);
  RankedTensorType type = node.getType(constant.getShape(), element);
  if (!type)
    return nullptr;
  unsigned width = element.getIntOrFloatBitWidth();
  SmallVector<APInt> elements =
      llvm::map_to_vector(constant.getIntegers(), [&](int64_t value) {
        return APInt(width, value, /*isSigned=*/width > 1,
                     /*implicitTrunc=*/true);
      });
  return createConstant(node, constant, type,
                        DenseElementsAttr::get(type, elements));
}

Value onnximport::buildConstant(NodeContext &node,
                                const ConstantTensor &constant) {
  if (!constant.isFloat())
    return buildIntegerConstant(node, constant);
  return buildTransposedConstant(node, constant,
                                 llvm::to_vector(llvm::seq(constant.getRank())),
                                 constant.getShape());
}

Value onnximport::buildTransposedConstant(NodeContext &node,
                                          const ConstantTensor &constant,
                                          ArrayRef<int64_t> permutation,
                                          ArrayRef<int64_t> shape,
                                          float factor) {
  if (!constant.isFloat()) {
    (void)node.refuse("computes with the integer tensor " +
                      quote(constant.getName()) +
                      "; lowbit imports only float tensors");
    return nullptr;
  }
  RankedTensorType type = node.getType(shape);
  if (!type)
    return nullptr;
  if (constant.getSource() && factor == 1.0f)
    if (Value decoded =
            buildDecodedConstant(node, constant.transposed(permutation), shape))
      return decoded;

  ArrayRef<float> source = constant.getFloats();
  uint64_t bytes = source.size() * sizeof(float);
  AsmResourceBlob blob = HeapAsmResourceBlob::allocate(bytes, alignof(float));
  MutableArrayRef<float> target(
      reinterpret_cast<float *>(blob.getMutableData().data()), source.size());
  float *next = target.data();
  forEachTransposed(constant.getShape(), permutation, [&](int64_t index) {
    *next++ = factor == 1.0f ? source[index] : source[index] * factor;
  });
  if (!llvm::all_of(target, [](float value) { return std::isfinite(value); })) {
    (void)node.refuse("tensor " + quote(constant.getName()) +
                      " holds a value that is not finite; check the training "
                      "or the conversion of the model");
    return nullptr;
  }

  ElementsAttr elements;
  if (bytes >= resourceBytes)
    elements = DenseResourceElementsAttr::get(
        type, getResourceName(constant.getName()), std::move(blob));
  else
    elements = DenseElementsAttr::get(type, ArrayRef<float>(target));
  return createConstant(node, constant, type, elements);
}

Value onnximport::buildSplat(NodeContext &node, ArrayRef<int64_t> shape,
                             TypedAttr value) {
  RankedTensorType type = node.getType(shape, value.getType());
  if (!type)
    return nullptr;
  return tosa::ConstOp::create(node.builder, type,
                               DenseElementsAttr::get(type, Attribute(value)));
}

Value onnximport::buildSplat(NodeContext &node, ArrayRef<int64_t> shape,
                             float value) {
  return buildSplat(node, shape, node.builder.getF32FloatAttr(value));
}

TypedAttr onnximport::getNumber(Type element, int64_t value) {
  if (isa<FloatType>(element))
    return FloatAttr::get(element, static_cast<double>(value));
  return IntegerAttr::get(element, value);
}

Value onnximport::buildShape(NodeContext &node, ArrayRef<int64_t> shape) {
  return tosa::getTosaConstShape(node.builder, shape);
}

/// The same elements in another shape; a resource is shared.
static ElementsAttr reshapeElements(ElementsAttr elements,
                                    RankedTensorType type) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements))
    return DenseResourceElementsAttr::get(type, resource.getRawHandle());
  return cast<DenseElementsAttr>(elements).reshape(type);
}

Value onnximport::buildReshape(NodeContext &node, Value input,
                               ArrayRef<int64_t> shape) {
  if (!input || shapeOf(input) == shape)
    return input;
  RankedTensorType type = node.getType(shape, elementOf(input));
  if (!type)
    return nullptr;
  if (type.getNumElements() !=
      cast<RankedTensorType>(input.getType()).getNumElements()) {
    (void)node.refuse("cannot reshape " + describeShape(shapeOf(input)) +
                      " to " + describeShape(shape) +
                      ", which has another number of elements");
    return nullptr;
  }
  if (auto constant = input.getDefiningOp<tosa::ConstOp>())
    return tosa::ConstOp::create(node.builder, constant.getLoc(), type,
                                 reshapeElements(constant.getValues(), type));
  return tosa::ReshapeOp::create(node.builder, type, input,
                                 buildShape(node, shape));
}

Value onnximport::buildTranspose(NodeContext &node, Value input,
                                 ArrayRef<int64_t> permutation) {
  if (!input || llvm::equal(permutation, llvm::seq<int64_t>(rankOf(input))))
    return input;
  SmallVector<int64_t> shape;
  for (int64_t dim : permutation)
    shape.push_back(shapeOf(input)[dim]);
  RankedTensorType type = node.getType(shape, elementOf(input));
  if (!type)
    return nullptr;
  SmallVector<int32_t> narrow(permutation.begin(), permutation.end());
  return tosa::TransposeOp::create(node.builder, type, input, narrow);
}

Value onnximport::buildChannelsLast(NodeContext &node, Value input) {
  if (!input)
    return nullptr;
  SmallVector<int64_t> permutation = {0};
  llvm::append_range(permutation, llvm::seq<int64_t>(2, rankOf(input)));
  permutation.push_back(1);
  return buildTranspose(node, input, permutation);
}

Value onnximport::buildChannelsFirst(NodeContext &node, Value input) {
  if (!input)
    return nullptr;
  int64_t rank = rankOf(input);
  SmallVector<int64_t> permutation = {0, rank - 1};
  llvm::append_range(permutation, llvm::seq<int64_t>(1, rank - 1));
  return buildTranspose(node, input, permutation);
}

Value onnximport::buildLeadingSlice(NodeContext &node, Value input,
                                    ArrayRef<int64_t> sizes) {
  if (!input || shapeOf(input) == sizes)
    return input;
  RankedTensorType type = node.getType(sizes, elementOf(input));
  if (!type)
    return nullptr;
  SmallVector<int64_t> starts(sizes.size(), 0);
  return tosa::SliceOp::create(node.builder, type, input,
                               buildShape(node, starts),
                               buildShape(node, sizes));
}

Value onnximport::buildSlice(NodeContext &node, Value input, int64_t dim,
                             int64_t start, int64_t count) {
  if (!input || shapeOf(input)[dim] == count)
    return input;
  SmallVector<int64_t> starts(rankOf(input), 0), sizes(shapeOf(input));
  starts[dim] = start;
  sizes[dim] = count;
  RankedTensorType type = node.getType(sizes, elementOf(input));
  if (!type)
    return nullptr;
  return tosa::SliceOp::create(node.builder, type, input,
                               buildShape(node, starts),
                               buildShape(node, sizes));
}

Value onnximport::buildPad(NodeContext &node, Value input,
                           ArrayRef<int64_t> before, ArrayRef<int64_t> after,
                           TypedAttr value) {
  auto isZero = [](int64_t amount) { return amount == 0; };
  if (!input || (llvm::all_of(before, isZero) && llvm::all_of(after, isZero)))
    return input;
  SmallVector<int64_t> shape(shapeOf(input)), amounts;
  for (auto [dim, first, last] : llvm::zip_equal(shape, before, after)) {
    amounts.append({first, last});
    if (first < 0 || first > maxElements || last < 0 || last > maxElements) {
      (void)node.refuse("pads a dimension by " + Twine(first) + " and " +
                        Twine(last) + "; expected at least 0 and at most 2^40");
      return nullptr;
    }
    dim += first + last;
  }
  RankedTensorType type = node.getType(shape, elementOf(input));
  Value filling = buildSplat(node, {1}, value);
  if (!type || !filling)
    return nullptr;
  return tosa::PadOp::create(node.builder, type, input,
                             buildShape(node, amounts), filling);
}

Value onnximport::buildPad(NodeContext &node, Value input,
                           ArrayRef<int64_t> before, ArrayRef<int64_t> after,
                           float value) {
  return buildPad(node, input, before, after,
                  node.builder.getF32FloatAttr(value));
}

Value onnximport::buildTile(NodeContext &node, Value input,
                            ArrayRef<int64_t> multiples) {
  auto isOne = [](int64_t multiple) { return multiple == 1; };
  if (!input || llvm::all_of(multiples, isOne))
    return input;
  SmallVector<int64_t> shape(shapeOf(input));
  for (auto [dim, multiple] : llvm::zip_equal(shape, multiples))
    dim *= multiple;
  RankedTensorType type = node.getType(shape, elementOf(input));
  if (!type)
    return nullptr;
  return tosa::TileOp::create(node.builder, type, input,
                              buildShape(node, multiples));
}

Value onnximport::buildBroadcast(NodeContext &node, Value input,
                                 ArrayRef<int64_t> shape) {
  if (!input)
    return nullptr;
  SmallVector<int64_t> multiples;
  for (auto [from, to] : llvm::zip_equal(shapeOf(input), shape))
    multiples.push_back(to / from);
  return buildTile(node, input, multiples);
}

SmallVector<int64_t> onnximport::padRank(ArrayRef<int64_t> shape,
                                         int64_t rank) {
  SmallVector<int64_t> padded(std::max<int64_t>(rank - shape.size(), 0), 1);
  llvm::append_range(padded, shape);
  return padded;
}

std::optional<SmallVector<int64_t>>
onnximport::broadcastShapes(NodeContext &node, ArrayRef<int64_t> lhs,
                            ArrayRef<int64_t> rhs) {
  int64_t rank = std::max(lhs.size(), rhs.size());
  SmallVector<int64_t> shape;
  for (auto [left, right] :
       llvm::zip_equal(padRank(lhs, rank), padRank(rhs, rank))) {
    if (left != right && left != 1 && right != 1) {
      (void)node.refuse("cannot broadcast " + describeShape(lhs) + " and " +
                        describeShape(rhs) + " to one shape");
      return std::nullopt;
    }
    shape.push_back(left == 1 ? right : left);
  }
  return shape;
}

Value onnximport::getNumbers(NodeContext &node, unsigned index) {
  Value input = node.getTypedTensor(index);
  if (!input || !elementOf(input).isInteger(1))
    return input;
  (void)node.refuse("computes with bools; expected float, int32 or int64");
  return nullptr;
}

RankedTensorType onnximport::broadcastOperands(NodeContext &node, Value &lhs,
                                               Value &rhs) {
  if (!lhs || !rhs)
    return nullptr;
  if (elementOf(lhs) != elementOf(rhs)) {
    (void)node.refuse("mixes operands of " +
                      describeElementType(getOnnxElementType(elementOf(lhs))) +
                      " and " +
                      describeElementType(getOnnxElementType(elementOf(rhs))));
    return nullptr;
  }
  auto shape = broadcastShapes(node, shapeOf(lhs), shapeOf(rhs));
  RankedTensorType type =
      shape ? node.getType(*shape, elementOf(lhs)) : nullptr;
  if (!type)
    return nullptr;
  int64_t rank = type.getRank();
  lhs = buildReshape(node, lhs, padRank(shapeOf(lhs), rank));
  rhs = buildReshape(node, rhs, padRank(shapeOf(rhs), rank));
  return type;
}

Value onnximport::buildAdd(NodeContext &node, Value lhs, Value rhs) {
  return buildBinary<tosa::AddOp>(node, lhs, rhs);
}

Value onnximport::buildSub(NodeContext &node, Value lhs, Value rhs) {
  return buildBinary<tosa::SubOp>(node, lhs, rhs);
}

Value onnximport::buildMul(NodeContext &node, Value lhs, Value rhs) {
  RankedTensorType type = broadcastOperands(node, lhs, rhs);
  if (!type)
    return nullptr;
  auto shiftType = RankedTensorType::get({1}, node.builder.getI8Type());
  Value shift = tosa::ConstOp::create(
      node.builder, shiftType,
      DenseElementsAttr::get(shiftType, node.builder.getI8IntegerAttr(0)));
  return tosa::MulOp::create(node.builder, type, lhs, rhs, shift);
}
