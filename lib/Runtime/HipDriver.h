/* Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The part of HIP's runtime that the host library uses.  Names and numbers are
 * those of AMD's documentation.  HIP has no contexts that one would switch: each
 * thread has a current device.
 */
#ifndef LOWBIT_LIB_RUNTIME_HIPDRIVER_H
#define LOWBIT_LIB_RUNTIME_HIPDRIVER_H

#include "StreamDriver.h"

enum { HIP_MEMCPY_DEFAULT = 4 };

#define HIP_FUNCTIONS(X)                                                       \
  X(init, "hipInit", (unsigned flags))                                         \
  X(get_device, "hipDeviceGet", (int *device, int ordinal))                    \
  X(get_device_name, "hipDeviceGetName", (char *, int length, int device))     \
  X(get_current, "hipGetDevice", (int *device))                                \
  X(set_current, "hipSetDevice", (int device))                                 \
  X(synchronize_context, "hipDeviceSynchronize", (void))                       \
  X(load_module, "hipModuleLoadData", (module_handle *, const void *image))    \
  X(unload_module, "hipModuleUnload", (module_handle))                         \
  X(get_function, "hipModuleGetFunction",                                      \
    (function_handle *, module_handle, const char *name))                      \
  X(allocate, "hipMalloc", (device_address *, size_t bytes))                   \
  X(deallocate, "hipFree", (device_address))                                   \
  X(upload, "hipMemcpyHtoD",                                                   \
    (device_address target, const void *source, size_t bytes))                 \
  X(copy, "hipMemcpyAsync",                                                    \
    (device_address target, device_address source, size_t bytes, int kind,     \
     stream_handle))                                                           \
  X(create_stream, "hipStreamCreateWithFlags",                                 \
    (stream_handle *, unsigned flags))                                         \
  X(destroy_stream, "hipStreamDestroy", (stream_handle))                       \
  X(synchronize_stream, "hipStreamSynchronize", (stream_handle))               \
  X(launch, "hipModuleLaunchKernel",                                           \
    (function_handle, unsigned gx, unsigned gy, unsigned gz, unsigned bx,      \
     unsigned by, unsigned bz, unsigned shared, stream_handle,                 \
     void **parameters, void **extra))                                         \
  X(begin_capture, "hipStreamBeginCapture", (stream_handle, int mode))         \
  X(end_capture, "hipStreamEndCapture", (stream_handle, graph_handle *))       \
  X(instantiate_graph, "hipGraphInstantiateWithFlags",                         \
    (executable_handle *, graph_handle, unsigned long long flags))             \
  X(launch_graph, "hipGraphLaunch", (executable_handle, stream_handle))        \
  X(destroy_graph, "hipGraphDestroy", (graph_handle))                          \
  X(destroy_executable, "hipGraphExecDestroy", (executable_handle))
#define HIP_LIBRARIES                                                          \
  {"libamdhip64.so.7", "libamdhip64.so.6", "libamdhip64.so.5", "libamdhip64.so"}

DEFINE_DRIVER(HIP_FUNCTIONS, HIP_LIBRARIES)

typedef struct device_handle {
  int device;
} device_handle;

/* The device that was current before. */
typedef int device_state;

static inline int retain_device(driver *driver, device_handle *handle,
                                int ordinal, char *name, int size) {
  int status = to_status(driver->get_device(&handle->device, ordinal));
  if (status == LOWBIT_OK)
    status = to_status(driver->get_device_name(name, size, handle->device));
  return status;
}

static inline void release_device(driver *driver, device_handle *handle) {
  (void)driver, (void)handle;
}

static inline int enter_device(driver *driver, device_handle *handle,
                               device_state *previous) {
  int status = to_status(driver->get_current(previous));
  if (status == LOWBIT_OK)
    status = to_status(driver->set_current(handle->device));
  return status;
}

static inline void leave_device(driver *driver, device_state *previous) {
  driver->set_current(*previous);
}

static inline int allow_shared_memory(driver *driver, function_handle function,
                                      uint32_t bytes) {
  (void)driver, (void)function, (void)bytes;
  return LOWBIT_OK;
}

static inline int copy_on_stream(driver *driver, device_address target,
                                 device_address source, size_t bytes,
                                 stream_handle stream) {
  return to_status(
      driver->copy(target, source, bytes, HIP_MEMCPY_DEFAULT, stream));
}

#endif /* LOWBIT_LIB_RUNTIME_HIPDRIVER_H */
