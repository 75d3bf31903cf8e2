//===- Description.cpp - A model's description of itself ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Description.h"

#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace mlir::lowbit;

/// Older models say nothing of threads, and have none.
static StringRef getThreads(const lowbit_model &model) {
  bool isOlder = model.struct_size <= offsetof(lowbit_model, threads);
  return isOlder || !model.threads ? "none" : model.threads;
}

static void printTensors(StringRef kind, ArrayRef<lowbit_tensor> tensors,
                         raw_ostream &os) {
  for (const lowbit_tensor &tensor : tensors) {
    os << formatv("{0} '{1}': {2} {3}", kind, tensor.name,
                  stringifyNpyType(getNpyType(tensor)),
                  formatShape(getDims(tensor)));
    // The shortest digits that give the scale back.
    if (tensor.is_quantized)
      os << ", scale " << json::Value(tensor.scale) << ", zero point "
         << tensor.zero_point;
    os << "\n";
  }
}

void mlir::lowbit::printDescription(const lowbit_model &model,
                                    raw_ostream &os) {
  os << "model: " << model.name << "\n";
  printTensors("input", getInputs(model), os);
  printTensors("output", getOutputs(model), os);
  for (const lowbit_port &port : getPorts(model)) {
    os << "at byte " << port.offset << " ";
    printTensors("port", port.tensor, os);
  }
  os << "workspace: " << model.workspace_size << " bytes, aligned to "
     << model.workspace_alignment << "\n";
  if (const lowbit_device *device = getDevice(model))
    os << "device: " << device->api << (*device->chip ? ":" : "")
       << device->chip << ", " << device->memory_size << " bytes"
       << (device->has_fallback ? ", or the processor" : "") << "\n";
  os << "profile: " << model.profile << "\n";
  os << "recipe: " << model.recipe << "\n";
  os << "target: " << model.target << "\n";
  if (const lowbit_variants *variants = getVariants(model)) {
    int32_t number = variants->selected();
    os << "variants: " << listVariants(*variants) << "; here "
       << (number < 0 ? "none" : variants->names[number]) << " runs\n";
  }
  os << "threads: " << getThreads(model) << "\n";
  os << "compiler: " << model.compiler << "\n";
  os << "interface version: " << model.abi_version << "\n";
}

static json::Array describeTensors(ArrayRef<lowbit_tensor> tensors) {
  json::Array result;
  for (const lowbit_tensor &tensor : tensors) {
    json::Object object{{"name", json::fixUTF8(tensor.name)},
                        {"type", stringifyNpyType(getNpyType(tensor))},
                        {"shape", json::Array(getDims(tensor))}};
    if (tensor.is_quantized) {
      object["scale"] = tensor.scale;
      object["zero_point"] = tensor.zero_point;
    }
    result.push_back(std::move(object));
  }
  return result;
}

static json::Array describePorts(ArrayRef<lowbit_port> ports) {
  json::Array result;
  for (const lowbit_port &port : ports) {
    json::Array tensor = describeTensors(port.tensor);
    json::Object &object = *tensor.front().getAsObject();
    object["offset"] = static_cast<int64_t>(port.offset);
    object["strides"] =
        json::Array(ArrayRef<int64_t>(port.strides, port.tensor.rank));
    result.push_back(std::move(object));
  }
  return result;
}

json::Object mlir::lowbit::describeAsJson(const lowbit_model &model) {
  json::Object description{
      {"name", json::fixUTF8(model.name)},
      {"inputs", describeTensors(getInputs(model))},
      {"outputs", describeTensors(getOutputs(model))},
      {"workspace_size", static_cast<int64_t>(model.workspace_size)},
      {"workspace_alignment", static_cast<int64_t>(model.workspace_alignment)},
      {"profile", json::fixUTF8(model.profile)},
      {"recipe", json::fixUTF8(model.recipe)},
      {"target", json::fixUTF8(model.target)},
      {"threads", json::fixUTF8(getThreads(model))},
      {"compiler", json::fixUTF8(model.compiler)},
      {"abi_version", static_cast<int64_t>(model.abi_version)}};
  if (const lowbit_device *device = getDevice(model))
    description["device"] =
        json::Object{{"api", device->api},
                     {"chip", device->chip},
                     {"memory_size", static_cast<int64_t>(device->memory_size)},
                     {"has_fallback", device->has_fallback != 0}};
  if (const lowbit_variants *variants = getVariants(model)) {
    json::Array names;
    for (uint32_t i = 0; i < variants->count; ++i)
      names.push_back(variants->names[i]);
    description["variants"] = std::move(names);
    description["selected_variant"] = variants->selected();
  }
  if (!getPorts(model).empty())
    description["ports"] = describePorts(getPorts(model));
  return description;
}
