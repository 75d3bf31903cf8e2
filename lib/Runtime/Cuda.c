/* Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The host library of cuda.
 */
#include "CudaDriver.h"

#define API(name) lowbit_cuda_##name

#include "StreamDevice.h"
