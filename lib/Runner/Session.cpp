//===- Session.cpp - One model with its buffers ---------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Session.h"

#include "llvm/ADT/STLExtras.h"

#include <chrono>
#include <cstring>
#include <sched.h>

using namespace llvm;
using namespace mlir::lowbit;

Session::Session(const lowbit_model &model)
    : model(model), batchSize(std::max<int64_t>(getBatchSize(model), 1)) {}

Error Session::allocate() {
  if (workspace.data())
    return Error::success();
  uint64_t total = model.workspace_size;
  bool isComplete = true;
  auto allocateAll = [&](auto &buffers, auto &pointers, auto tensors) {
    for (const lowbit_tensor &tensor : tensors) {
      buffers.emplace_back(getNumBytes(tensor), model.workspace_alignment);
      pointers.push_back(buffers.back().data());
      total += buffers.back().size();
      isComplete &= buffers.back().data() != nullptr;
    }
  };
  allocateAll(inputs, inputPointers, getInputs(model));
  allocateAll(outputs, outputPointers, getOutputs(model));
  workspace = AlignedBuffer(model.workspace_size, model.workspace_alignment);
  if (isComplete && workspace.data())
    return Error::success();
  return makeRunError("the model '" + Twine(model.name) + "' takes " +
                      Twine(total) +
                      " bytes of memory, which are not there; compile it with "
                      "a smaller --batch, or for smaller inputs");
}

Session::~Session() {
  if (deviceWorkspace)
    getDevice(model)->destroy_workspace(deviceWorkspace);
}

Error Session::check(int status) const {
  if (status == LOWBIT_OK)
    return Error::success();
  if (const lowbit_device *device = getDevice(model))
    return makeRunError("the model '" + Twine(model.name) + "' reports error " +
                        Twine(status) + ": " + device->describe_status(status));
  if (const lowbit_variants *variants = getVariants(model);
      variants && status == LOWBIT_NO_VARIANT)
    return makeRunError("the model '" + Twine(model.name) + "' has code for " +
                        listVariants(*variants) +
                        ", and this processor lacks instructions of each");
  return makeRunError("the model '" + Twine(model.name) + "' reports error " +
                      Twine(status));
}

Error Session::call() {
  const lowbit_device *device = getDevice(model);
  if (device && !deviceWorkspace)
    if (Error error =
            check(device->create_workspace(/*device=*/0, &deviceWorkspace)))
      return error;
  return check(model.run(inputPointers.data(), outputPointers.data(),
                         device ? deviceWorkspace : workspace.data()));
}

/// Copies or converts `count` samples from `first` on; zeros behind them.
void Session::fillInput(unsigned index, const NpyArray &array, int64_t first,
                        int64_t count, const RunOptions &options) {
  const lowbit_tensor &tensor = getInputs(model)[index];
  const AlignedBuffer &buffer = inputs[index];
  int64_t elements = getNumElements(tensor) / batchSize;
  size_t end = buffer.size() / batchSize * count;
  if (options.scale || options.offset) {
    if (getNpyType(tensor) == NpyType::F32) {
      MutableArrayRef<float> values(reinterpret_cast<float *>(buffer.data()),
                                    elements * count);
      convertToF32(array, first * elements, values, options.scale.value_or(1.0),
                   options.offset.value_or(0.0));
      std::memset(buffer.data() + end, 0, buffer.size() - end);
      return;
    }
  }
  std::memcpy(buffer.data(),
              array.bytes().data() + buffer.size() / batchSize * first, end);
  std::memset(buffer.data() + end, 0, buffer.size() - end);
}

Error Session::runBatch(ArrayRef<NpyArray> arrays, int64_t first, int64_t count,
                        const RunOptions &options) {
  if (Error error = allocate())
    return error;
  for (auto [i, array] : enumerate(arrays))
    fillInput(i, array, first, count, options);
  return call();
}

Expected<std::vector<NpyArray>> Session::run(ArrayRef<NpyArray> arrays,
                                             int64_t samples,
                                             const RunOptions &options) {
  if (Error error = allocate())
    return std::move(error);
  std::vector<NpyArray> results;
  bool hasBatches = getBatchSize(model) > 0;
  for (const lowbit_tensor &tensor : getOutputs(model)) {
    SmallVector<int64_t> shape(getDims(tensor));
    if (hasBatches)
      shape[0] = samples;
    results.push_back(NpyArray::create(getNpyType(tensor), shape));
  }
  for (int64_t first = 0; first < samples; first += batchSize) {
    int64_t count = std::min(batchSize, samples - first);
    if (Error error = runBatch(arrays, first, count, options))
      return std::move(error);
    for (auto [result, buffer] : zip(results, outputs)) {
      size_t sample = buffer.size() / batchSize;
      std::memcpy(result.mutableBytes().data() + sample * first, buffer.data(),
                  sample * count);
    }
  }
  return results;
}

Expected<Latency> Session::measure(double seconds) {
  cpu_set_t before, one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  bool isPinned = sched_getaffinity(0, sizeof before, &before) == 0 &&
                  sched_setaffinity(0, sizeof one, &one) == 0;

  using Clock = std::chrono::steady_clock;
  std::vector<double> times;
  Error error = allocate();
  if (!error)
    error = call(); // touches every page once
  Clock::time_point start = Clock::now();
  while (!error) {
    Clock::time_point begin = Clock::now();
    error = call();
    Clock::time_point end = Clock::now();
    times.push_back(
        std::chrono::duration<double, std::micro>(end - begin).count());
    if (std::chrono::duration<double>(end - start).count() >= seconds)
      break;
  }
  if (isPinned)
    sched_setaffinity(0, sizeof before, &before);
  if (error)
    return std::move(error);
  auto middle = times.begin() + times.size() / 2;
  std::nth_element(times.begin(), middle, times.end());
  return Latency{*llvm::min_element(times), *middle, times.size()};
}
