/* Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The part of CUDA's driver interface that the host library uses.  Names and
 * numbers are those of NVIDIA's documentation.  The context is the device's
 * primary one, which CUDA's runtime uses too.
 */
#ifndef LOWBIT_LIB_RUNTIME_CUDADRIVER_H
#define LOWBIT_LIB_RUNTIME_CUDADRIVER_H

#include "StreamDriver.h"

typedef int CUdevice;
typedef struct CUctx_st *CUcontext;

enum { CUDA_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8 };

#define CUDA_FUNCTIONS(X)                                                      \
  X(init, "cuInit", (unsigned flags))                                          \
  X(get_device, "cuDeviceGet", (CUdevice *, int ordinal))                      \
  X(get_device_name, "cuDeviceGetName", (char *, int length, CUdevice))        \
  X(retain_context, "cuDevicePrimaryCtxRetain", (CUcontext *, CUdevice))       \
  X(release_context, "cuDevicePrimaryCtxRelease_v2", (CUdevice))               \
  X(push_context, "cuCtxPushCurrent_v2", (CUcontext))                          \
  X(pop_context, "cuCtxPopCurrent_v2", (CUcontext *))                          \
  X(synchronize_context, "cuCtxSynchronize", (void))                           \
  X(load_module, "cuModuleLoadData", (module_handle *, const void *image))     \
  X(unload_module, "cuModuleUnload", (module_handle))                          \
  X(get_function, "cuModuleGetFunction",                                       \
    (function_handle *, module_handle, const char *name))                      \
  X(set_function_attribute, "cuFuncSetAttribute",                              \
    (function_handle, int attribute, int value))                               \
  X(allocate, "cuMemAlloc_v2", (device_address *, size_t bytes))               \
  X(deallocate, "cuMemFree_v2", (device_address))                              \
  X(upload, "cuMemcpyHtoD_v2",                                                 \
    (device_address target, const void *source, size_t bytes))                 \
  X(copy, "cuMemcpyAsync",                                                     \
    (device_address target, device_address source, size_t bytes,               \
     stream_handle))                                                           \
  X(create_stream, "cuStreamCreate", (stream_handle *, unsigned flags))        \
  X(destroy_stream, "cuStreamDestroy_v2", (stream_handle))                     \
  X(synchronize_stream, "cuStreamSynchronize", (stream_handle))                \
  X(launch, "cuLaunchKernel",                                                  \
    (function_handle, unsigned gx, unsigned gy, unsigned gz, unsigned bx,      \
     unsigned by, unsigned bz, unsigned shared, stream_handle,                 \
     void **parameters, void **extra))                                         \
  X(begin_capture, "cuStreamBeginCapture_v2", (stream_handle, int mode))       \
  X(end_capture, "cuStreamEndCapture", (stream_handle, graph_handle *))        \
  X(instantiate_graph, "cuGraphInstantiateWithFlags",                          \
    (executable_handle *, graph_handle, unsigned long long flags))             \
  X(launch_graph, "cuGraphLaunch", (executable_handle, stream_handle))         \
  X(destroy_graph, "cuGraphDestroy", (graph_handle))                           \
  X(destroy_executable, "cuGraphExecDestroy", (executable_handle))
#define CUDA_LIBRARIES {"libcuda.so.1"}

DEFINE_DRIVER(CUDA_FUNCTIONS, CUDA_LIBRARIES)

typedef struct device_handle {
  CUdevice device;
  CUcontext context;
} device_handle;

/* The context that was current before. */
typedef CUcontext device_state;

static inline int retain_device(driver *driver, device_handle *handle,
                                int ordinal, char *name, int size) {
  int status = to_status(driver->get_device(&handle->device, ordinal));
  if (status == LOWBIT_OK)
    status = to_status(driver->get_device_name(name, size, handle->device));
  if (status == LOWBIT_OK)
    status =
        to_status(driver->retain_context(&handle->context, handle->device));
  return status;
}

static inline void release_device(driver *driver, device_handle *handle) {
  driver->release_context(handle->device);
}

static inline int enter_device(driver *driver, device_handle *handle,
                               device_state *previous) {
  *previous = NULL;
  return to_status(driver->push_context(handle->context));
}

static inline void leave_device(driver *driver, device_state *previous) {
  driver->pop_context(previous);
}

/* Above 48 KiB CUDA wants to be told. */
static inline int allow_shared_memory(driver *driver, function_handle function,
                                      uint32_t bytes) {
  if (bytes <= 48 * 1024)
    return LOWBIT_OK;
  return to_status(driver->set_function_attribute(
      function, CUDA_MAX_DYNAMIC_SHARED_SIZE_BYTES, (int)bytes));
}

static inline int copy_on_stream(driver *driver, device_address target,
                                 device_address source, size_t bytes,
                                 stream_handle stream) {
  return to_status(driver->copy(target, source, bytes, stream));
}

#endif /* LOWBIT_LIB_RUNTIME_CUDADRIVER_H */
