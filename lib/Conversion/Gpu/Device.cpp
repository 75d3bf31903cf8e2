//===- Device.cpp - Which devices there are -------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Conversion/Device.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {
struct Api {
  StringRef name;
  SmallVector<StringRef> chips;
};
} // namespace

static ArrayRef<Api> getApis() {
  static const Api apis[] = {
      {"cuda", {"sm_80", "sm_86", "sm_87", "sm_89", "sm_90", "sm_90a"}},
      {"amdgpu",
       {"gfx906", "gfx908", "gfx90a", "gfx942", "gfx1030", "gfx1100",
        "gfx1201"}},
      {"vulkan", {}}};
  return apis;
}

static const Api *lookupApi(StringRef name) {
  const Api *found = llvm::find_if(
      getApis(), [&](const Api &api) { return api.name == name; });
  return found == getApis().end() ? nullptr : found;
}

ArrayRef<StringRef> lowbit::getDeviceChips(StringRef api) {
  const Api *known = lookupApi(api);
  return known ? ArrayRef<StringRef>(known->chips) : ArrayRef<StringRef>();
}

bool lowbit::isDeviceTarget(StringRef target) {
  return target.contains(':') || lookupApi(target);
}

llvm::Expected<DeviceTarget> lowbit::parseDeviceTarget(StringRef target) {
  auto [name, chip] = target.split(':');
  const Api *api = lookupApi(name);
  if (!api)
    return llvm::createStringError(
        "'" + target + "' is no device: expects " +
        llvm::join(llvm::map_range(getApis(),
                                   [](const Api &known) {
                                     return (known.name + (known.chips.empty()
                                                               ? ""
                                                               : ":<chip>"))
                                         .str();
                                   }),
                   " or "));
  if (api->chips.empty() && target != name)
    return llvm::createStringError("'" + name + "' has no chips, but got '" +
                                   chip + "'");
  if (!api->chips.empty() && !llvm::is_contained(api->chips, chip))
    return llvm::createStringError("'" + chip + "' is not a chip of " + name +
                                   ", which are " +
                                   llvm::join(api->chips, ", "));
  return DeviceTarget{name.str(), chip.str()};
}
