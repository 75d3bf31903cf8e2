//===- ModelInterface.cpp - What a program takes and gives ----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The interface outlives the types that it is made from: formats end before
// buffers, and shapes end with the LLVM dialect. So it is written down as an
// attribute while the tensors are there, and read wherever it is needed.

#include "lowbit/Analysis/ModelInterface.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/Builders.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::lowbit;

int64_t TensorDescription::getNumElements() const {
  int64_t product = 1;
  for (int64_t dim : dims)
    product *= dim;
  return product;
}

int64_t TensorDescription::getNumBytes() const {
  switch (elementType) {
  case LOWBIT_I64:
    return 8 * getNumElements();
  case LOWBIT_F32:
  case LOWBIT_I32:
    return 4 * getNumElements();
  case LOWBIT_I16:
  case LOWBIT_U16:
    return 2 * getNumElements();
  default:
    return getNumElements();
  }
}

StringRef lowbit::stringifyElementType(uint32_t elementType) {
  switch (elementType) {
  case LOWBIT_F32:
    return "f32";
  case LOWBIT_I8:
    return "i8";
  case LOWBIT_U8:
    return "u8";
  case LOWBIT_I16:
    return "i16";
  case LOWBIT_U16:
    return "u16";
  case LOWBIT_I32:
    return "i32";
  case LOWBIT_I64:
    return "i64";
  case LOWBIT_BOOL:
    return "bool";
  default:
    return "unknown";
  }
}

/// 0 where the C interface has no such element.
static uint32_t elementTypeOf(Type type, bool isUnsigned) {
  if (type.isF32())
    return LOWBIT_F32;
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return 0;
  isUnsigned |= integer.isUnsigned();
  switch (integer.getWidth()) {
  case 1:
    return integer.isSignless() ? LOWBIT_BOOL : 0;
  case 8:
    return isUnsigned ? LOWBIT_U8 : LOWBIT_I8;
  case 16:
    return isUnsigned ? LOWBIT_U16 : LOWBIT_I16;
  case 32:
    return isUnsigned ? 0 : LOWBIT_I32;
  case 64:
    return isUnsigned ? 0 : LOWBIT_I64;
  default:
    return 0;
  }
}

FailureOr<TensorDescription> lowbit::describeTensor(Location loc,
                                                    StringRef name, Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || !tensor.hasStaticShape())
    return emitError(loc) << "expects '" << name
                          << "' to be a tensor of static shape, but got "
                          << type;
  if (name.empty() || name.contains('\0'))
    return emitError(loc) << "expects a name for each input and output";

  TensorDescription result;
  result.name = name.str();
  result.dims.assign(tensor.getShape().begin(), tensor.getShape().end());
  Type element = tensor.getElementType();
  if (auto format = dyn_cast<quant::UniformQuantizedType>(element)) {
    result.isQuantized = true;
    result.scale = format.getScale();
    if (!llvm::isInt<32>(format.getZeroPoint()))
      return emitError(loc) << "expects the zero point of '" << name
                            << "' to fit 32 bits, but got " << element;
    result.zeroPoint = format.getZeroPoint();
    result.elementType =
        elementTypeOf(format.getStorageType(), !format.isSigned());
  } else if (isa<quant::QuantizedType>(element)) {
    return emitError(loc) << "expects '" << name
                          << "' to have one scale and zero point, but got "
                          << element;
  } else {
    result.elementType = elementTypeOf(element, /*isUnsigned=*/false);
  }
  if (!result.elementType)
    return emitError(loc) << "expects '" << name
                          << "' to hold f32, i8, u8, i16, u16, i32, i64 or "
                             "bool, but got "
                          << element;
  return result;
}

static LogicalResult readTensors(ModuleOp module, DictionaryAttr interface,
                                 StringRef key,
                                 SmallVectorImpl<TensorDescription> &tensors) {
  auto list = interface.getAs<ArrayAttr>(key);
  if (!list)
    return module.emitError()
           << "expects an array '" << key << "' in '" << kInterfaceAttr << "'";
  llvm::StringSet<> names;
  for (Attribute entry : list) {
    auto tensor = dyn_cast<DictionaryAttr>(entry);
    auto name = tensor ? tensor.getAs<StringAttr>("name") : StringAttr();
    auto type = tensor ? tensor.getAs<TypeAttr>("type") : TypeAttr();
    if (!name || !type)
      return module.emitError() << "expects a name and a type in each of '"
                                << key << "', but got " << entry;
    FailureOr<TensorDescription> description =
        describeTensor(module.getLoc(), name, type.getValue());
    if (failed(description))
      return failure();
    if (!names.insert(name.getValue()).second)
      return module.emitError()
             << "expects the names of " << key << " to differ, but got '"
             << name.getValue() << "' twice";
    tensors.push_back(std::move(*description));
  }
  return success();
}

FailureOr<ModelInterface> lowbit::readModelInterface(ModuleOp module) {
  auto attr = module->getAttrOfType<DictionaryAttr>(kInterfaceAttr);
  if (!attr)
    return module.emitError() << "expects the attribute '" << kInterfaceAttr
                              << "'; use -lowbit-describe-interface first";
  ModelInterface result;
  if (failed(readTensors(module, attr, "inputs", result.inputs)) ||
      failed(readTensors(module, attr, "outputs", result.outputs)))
    return failure();
  if (Attribute size = module->getAttr(kWorkspaceSizeAttr)) {
    auto integer = dyn_cast<IntegerAttr>(size);
    if (!integer || !integer.getType().isSignlessInteger(64) ||
        integer.getInt() < 0)
      return module.emitError()
             << "expects '" << kWorkspaceSizeAttr
             << "' to be an i64 of at least 0, but got " << size;
    result.workspaceSize = integer.getInt();
  }
  return result;
}

FailureOr<ModelIdentity> lowbit::readModelIdentity(ModuleOp module) {
  auto attr = module->getAttrOfType<DictionaryAttr>(kIdentityAttr);
  if (!attr)
    return module.emitError() << "expects the attribute '" << kIdentityAttr
                              << "'; use -lowbit-emit-interface first";
  ModelIdentity identity;
  std::pair<StringRef, std::string *> fields[] = {
      {"prefix", &identity.prefix},
      {"name", &identity.name},
      {"profile", &identity.profile},
      {"recipe", &identity.recipe},
      {"target", &identity.target}};
  for (auto [key, field] : fields) {
    auto value = attr.getAs<StringAttr>(key);
    if (!value)
      return module.emitError()
             << "expects a string '" << key << "' in '" << kIdentityAttr << "'";
    *field = value.str();
  }
  if (auto threads = attr.getAs<StringAttr>("threads"))
    identity.threads = threads.str();
  return identity;
}

void lowbit::setModelIdentity(ModuleOp module, const ModelIdentity &identity) {
  Builder builder(module.getContext());
  auto entry = [&](StringRef key, StringRef value) {
    return builder.getNamedAttr(key, builder.getStringAttr(value));
  };
  SmallVector<NamedAttribute> entries = {
      entry("prefix", identity.prefix), entry("name", identity.name),
      entry("profile", identity.profile), entry("recipe", identity.recipe),
      entry("target", identity.target)};
  if (identity.threads != "none")
    entries.push_back(entry("threads", identity.threads));
  module->setAttr(kIdentityAttr, builder.getDictionaryAttr(entries));
}

int64_t ModelVariants::getNumBytes() const {
  int64_t bytes = sharedBytes;
  for (int64_t own : ownBytes)
    bytes += own;
  return bytes;
}

std::optional<ModelVariants> lowbit::readModelVariants(ModuleOp module) {
  auto attr = module->getAttrOfType<DictionaryAttr>(kVariantsAttr);
  if (!attr)
    return std::nullopt;
  auto names = attr.getAs<ArrayAttr>("names");
  auto ownBytes = attr.getAs<DenseI64ArrayAttr>("own_bytes");
  auto sharedBytes = attr.getAs<IntegerAttr>("shared_bytes");
  if (!names || !ownBytes || !sharedBytes ||
      !llvm::all_of(names, llvm::IsaPred<StringAttr>))
    return std::nullopt;
  ModelVariants variants;
  for (auto name : names.getAsRange<StringAttr>())
    variants.names.push_back(name.str());
  llvm::append_range(variants.ownBytes, ownBytes.asArrayRef());
  variants.sharedBytes = sharedBytes.getInt();
  return variants;
}

void lowbit::setModelVariants(ModuleOp module, const ModelVariants &variants) {
  Builder builder(module.getContext());
  SmallVector<StringRef> names(variants.names.begin(), variants.names.end());
  module->setAttr(
      kVariantsAttr,
      builder.getDictionaryAttr(
          {builder.getNamedAttr("names", builder.getStrArrayAttr(names)),
           builder.getNamedAttr(
               "own_bytes", builder.getDenseI64ArrayAttr(variants.ownBytes)),
           builder.getNamedAttr("shared_bytes", builder.getI64IntegerAttr(
                                                    variants.sharedBytes))}));
}

LogicalResult lowbit::verifySymbolPrefix(ModuleOp module, StringRef prefix) {
  if (isCIdentifier(prefix))
    return success();
  return module.emitError()
         << "expects a symbol prefix of letters, digits and underscores that "
            "starts with no digit, but got '"
         << prefix << "'";
}

bool lowbit::isCIdentifier(StringRef name) {
  return !name.empty() && !llvm::isDigit(name.front()) &&
         llvm::all_of(name,
                      [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

std::string lowbit::sanitizeToCIdentifier(StringRef name) {
  std::string result;
  for (char c : name)
    result += llvm::isAlnum(c) ? c : '_';
  if (!isCIdentifier(result))
    result.insert(0, "model_");
  return result;
}
