/* Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The part of CUDA's driver interface that the host library uses, opened at run
 * time.  Names and numbers are those of NVIDIA's documentation.
 */
#ifndef LOWBIT_LIB_RUNTIME_CUDADRIVER_H
#define LOWBIT_LIB_RUNTIME_CUDADRIVER_H

#include "Device.h"

#include <dlfcn.h>

typedef int CUresult;
typedef int CUdevice;
typedef unsigned long long CUdeviceptr;
typedef struct CUctx_st *CUcontext;
typedef struct CUmod_st *CUmodule;
typedef struct CUfunc_st *CUfunction;
typedef struct CUstream_st *CUstream;
typedef struct CUgraph_st *CUgraph;
typedef struct CUgraphExec_st *CUgraphExec;

enum {
  CUDA_OUT_OF_MEMORY = 2,
  CUDA_NO_DEVICE = 100,
  CUDA_INVALID_DEVICE = 101,
  CUDA_INVALID_IMAGE = 200,
  CUDA_NO_BINARY_FOR_GPU = 209,
  CUDA_INVALID_PTX = 218,
  CUDA_UNSUPPORTED_PTX_VERSION = 222,
  CUDA_JIT_COMPILATION_DISABLED = 223,
  CUDA_STREAM_NON_BLOCKING = 1,
  CUDA_CAPTURE_THREAD_LOCAL = 1,
  CUDA_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8
};

/* X(name here, name in the library, parameters) */
#define CUDA_FUNCTIONS(X)                                                      \
  X(init, "cuInit", (unsigned flags))                                          \
  X(get_device, "cuDeviceGet", (CUdevice *, int ordinal))                      \
  X(get_device_name, "cuDeviceGetName", (char *, int length, CUdevice))        \
  X(retain_context, "cuDevicePrimaryCtxRetain", (CUcontext *, CUdevice))       \
  X(release_context, "cuDevicePrimaryCtxRelease_v2", (CUdevice))               \
  X(push_context, "cuCtxPushCurrent_v2", (CUcontext))                          \
  X(pop_context, "cuCtxPopCurrent_v2", (CUcontext *))                          \
  X(synchronize_context, "cuCtxSynchronize", (void))                           \
  X(load_module, "cuModuleLoadData", (CUmodule *, const void *image))          \
  X(unload_module, "cuModuleUnload", (CUmodule))                               \
  X(get_function, "cuModuleGetFunction",                                       \
    (CUfunction *, CUmodule, const char *name))                                \
  X(set_function_attribute, "cuFuncSetAttribute",                              \
    (CUfunction, int attribute, int value))                                    \
  X(allocate, "cuMemAlloc_v2", (CUdeviceptr *, size_t bytes))                  \
  X(deallocate, "cuMemFree_v2", (CUdeviceptr))                                 \
  X(upload, "cuMemcpyHtoD_v2",                                                 \
    (CUdeviceptr target, const void *source, size_t bytes))                    \
  X(copy, "cuMemcpyAsync",                                                     \
    (CUdeviceptr target, CUdeviceptr source, size_t bytes, CUstream))          \
  X(create_stream, "cuStreamCreate", (CUstream *, unsigned flags))             \
  X(destroy_stream, "cuStreamDestroy_v2", (CUstream))                          \
  X(synchronize_stream, "cuStreamSynchronize", (CUstream))                     \
  X(launch, "cuLaunchKernel",                                                  \
    (CUfunction, unsigned gx, unsigned gy, unsigned gz, unsigned bx,           \
     unsigned by, unsigned bz, unsigned shared, CUstream, void **parameters,   \
     void **extra))                                                            \
  X(begin_capture, "cuStreamBeginCapture_v2", (CUstream, int mode))            \
  X(end_capture, "cuStreamEndCapture", (CUstream, CUgraph *))                  \
  X(instantiate_graph, "cuGraphInstantiateWithFlags",                          \
    (CUgraphExec *, CUgraph, unsigned long long flags))                        \
  X(launch_graph, "cuGraphLaunch", (CUgraphExec, CUstream))                    \
  X(destroy_graph, "cuGraphDestroy", (CUgraph))                                \
  X(destroy_executable, "cuGraphExecDestroy", (CUgraphExec))

typedef struct cuda_driver {
  void *library;
#define DECLARE(name, symbol, parameters) CUresult(*name) parameters;
  CUDA_FUNCTIONS(DECLARE)
#undef DECLARE
} cuda_driver;

static inline int to_status(CUresult result) {
  switch (result) {
  case 0:
    return LOWBIT_OK;
  case CUDA_OUT_OF_MEMORY:
    return LOWBIT_NO_DEVICE_MEMORY;
  case CUDA_NO_DEVICE:
  case CUDA_INVALID_DEVICE:
    return LOWBIT_NO_DEVICE;
  case CUDA_INVALID_IMAGE:
  case CUDA_NO_BINARY_FOR_GPU:
  case CUDA_INVALID_PTX:
  case CUDA_UNSUPPORTED_PTX_VERSION:
  case CUDA_JIT_COMPILATION_DISABLED:
    return LOWBIT_NO_CODE;
  case 46:  /* device unavailable */
  case 214: /* uncorrectable memory error */
  case 220: /* link error */
  case 700: /* illegal address */
  case 702: /* launch timed out */
  case 709: /* context is destroyed */
  case 714: /* hardware stack error */
  case 715: /* illegal instruction */
  case 716: /* misaligned address */
  case 717: /* invalid address space */
  case 718: /* invalid program counter */
  case 719: /* launch failed */
  case 999: /* unknown */
    return LOWBIT_DEVICE_LOST;
  default:
    return LOWBIT_DEVICE_ERROR;
  }
}

static inline void close_driver(cuda_driver *driver) {
  if (driver->library)
    dlclose(driver->library);
  driver->library = NULL;
}

/* The library stays mapped: its threads may outlive every use of ours. */
static inline int open_driver(cuda_driver *driver) {
  driver->library =
      dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!driver->library)
    return LOWBIT_NO_DRIVER;
#define LOOK_UP(name, symbol, parameters)                                      \
  *(void **)&driver->name = dlsym(driver->library, symbol);                    \
  if (!driver->name)                                                           \
    return LOWBIT_NO_DRIVER;
  CUDA_FUNCTIONS(LOOK_UP)
#undef LOOK_UP
  CUresult result = driver->init(0);
  if (result == 0)
    return LOWBIT_OK;
  return result == CUDA_NO_DEVICE ? LOWBIT_NO_DEVICE : LOWBIT_NO_DRIVER;
}

#endif /* LOWBIT_LIB_RUNTIME_CUDADRIVER_H */
