/* Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The host library of amdgpu.
 */
#include "HipDriver.h"

#define API(name) lowbit_amdgpu_##name

#include "StreamDevice.h"
