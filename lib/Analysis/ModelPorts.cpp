//===- ModelPorts.cpp - Where a debugger finds values ---------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Analysis/ModelPorts.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"

using namespace mlir;
using namespace mlir::lowbit;

/// Bytes from the start of the workspace to the end of the last word; nothing
/// where a number is negative or absurdly large.
static std::optional<int64_t> getEnd(const PortDescription &port,
                                     int64_t bytesPerWord) {
  constexpr int64_t limit = int64_t(1) << 40;
  int64_t last = 0;
  for (auto [dim, stride] : llvm::zip_equal(port.tensor.dims, port.strides)) {
    if (dim < 1 || dim > limit || stride < 0 || stride > limit / dim)
      return std::nullopt;
    last += (dim - 1) * stride;
  }
  if (port.offset < 0 || port.offset > limit || last > limit)
    return std::nullopt;
  return port.offset + (last + 1) * bytesPerWord;
}

FailureOr<SmallVector<PortDescription>>
lowbit::readModelPorts(ModuleOp module, int64_t workspaceSize) {
  SmallVector<PortDescription> ports;
  Attribute attr = module->getAttr(kPortsAttr);
  if (!attr)
    return ports;
  auto list = dyn_cast<ArrayAttr>(attr);
  if (!list)
    return module.emitError()
           << "expects '" << kPortsAttr << "' to be an array, but got " << attr;
  for (Attribute entry : list) {
    auto fields = dyn_cast<DictionaryAttr>(entry);
    auto name = fields ? fields.getAs<StringAttr>("name") : StringAttr();
    auto type = fields ? fields.getAs<TypeAttr>("type") : TypeAttr();
    auto offset = fields ? fields.getAs<IntegerAttr>("offset") : IntegerAttr();
    auto strides = fields ? fields.getAs<DenseI64ArrayAttr>("strides")
                          : DenseI64ArrayAttr();
    if (!name || !type || !offset || !offset.getType().isSignlessInteger(64) ||
        !strides)
      return module.emitError()
             << "expects a name, a type, an offset and strides in each of '"
             << kPortsAttr << "', but got " << entry;
    FailureOr<TensorDescription> tensor =
        describeTensor(module.getLoc(), name, type.getValue());
    if (failed(tensor))
      return failure();
    PortDescription port{*tensor, offset.getInt(),
                         SmallVector<int64_t>(strides.asArrayRef())};
    auto format = dyn_cast<quant::UniformQuantizedType>(
        cast<RankedTensorType>(type.getValue()).getElementType());
    if (!format || port.strides.size() != port.tensor.dims.size())
      return module.emitError()
             << "expects words of a format and one stride for each dimension "
                "of '"
             << name.getValue() << "', but got " << entry;
    std::optional<int64_t> end =
        getEnd(port, format.getStorageTypeIntegralWidth() / 8);
    if (!end || *end > workspaceSize)
      return module.emitError()
             << "expects '" << name.getValue() << "' within a workspace of "
             << workspaceSize << " bytes, but got " << entry;
    ports.push_back(std::move(port));
  }
  return ports;
}
