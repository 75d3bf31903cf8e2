//===- Device.h - Which devices there are -----------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_CONVERSION_DEVICE_H
#define LOWBIT_CONVERSION_DEVICE_H

#include "mlir/Support/LLVM.h"

#include "llvm/Support/Error.h"

#include <string>

namespace mlir::lowbit {

/// What the kernels of a program are for; no api means none.
struct DeviceTarget {
  /// "cuda", "amdgpu" or "vulkan".
  std::string api;
  /// Such as "sm_90" or "gfx90a"; empty for vulkan, whose kernels run on all chips.
  std::string chip;

  explicit operator bool() const { return !api.empty(); }
  /// "cuda:sm_90", "vulkan"
  std::string describe() const { return chip.empty() ? api : api + ":" + chip; }
};

/// The chips of `api` that are known; empty for an unknown api.
ArrayRef<StringRef> getDeviceChips(StringRef api);

/// True if `target` names an api: it is no triple of LLVM's then.
bool isDeviceTarget(StringRef target);

/// Reads "<api>:<chip>", or "<api>" where it has no chips. The error lists what is known.
llvm::Expected<DeviceTarget> parseDeviceTarget(StringRef target);

} // namespace mlir::lowbit

#endif // LOWBIT_CONVERSION_DEVICE_H
