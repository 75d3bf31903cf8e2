/* Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What CUDA's driver and HIP's runtime have in common: types, numbers of errors,
 * and that they are opened at run time.
 */
#ifndef LOWBIT_LIB_RUNTIME_STREAMDRIVER_H
#define LOWBIT_LIB_RUNTIME_STREAMDRIVER_H

#include "Device.h"

#include <dlfcn.h>

typedef int driver_result;
typedef unsigned long long device_address;
typedef struct module_object *module_handle;
typedef struct function_object *function_handle;
typedef struct stream_object *stream_handle;
typedef struct graph_object *graph_handle;
typedef struct executable_object *executable_handle;

enum {
  DRIVER_OUT_OF_MEMORY = 2,
  DRIVER_NO_DEVICE = 100,
  DRIVER_INVALID_DEVICE = 101,
  DRIVER_INVALID_IMAGE = 200,
  DRIVER_NO_BINARY_FOR_GPU = 209,
  DRIVER_INVALID_TEXT = 218,
  DRIVER_UNSUPPORTED_TEXT_VERSION = 222,
  DRIVER_JIT_COMPILATION_DISABLED = 223,
  STREAM_NON_BLOCKING = 1,
  CAPTURE_THREAD_LOCAL = 1
};

static inline int to_status(driver_result result) {
  switch (result) {
  case 0:
    return LOWBIT_OK;
  case DRIVER_OUT_OF_MEMORY:
    return LOWBIT_NO_DEVICE_MEMORY;
  case DRIVER_NO_DEVICE:
  case DRIVER_INVALID_DEVICE:
    return LOWBIT_NO_DEVICE;
  case DRIVER_INVALID_IMAGE:
  case DRIVER_NO_BINARY_FOR_GPU:
  case DRIVER_INVALID_TEXT:
  case DRIVER_UNSUPPORTED_TEXT_VERSION:
  case DRIVER_JIT_COMPILATION_DISABLED:
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

/* `driver` with the functions that FUNCTIONS(X) lists as
 * X(name here, name in the library, parameters), `open_driver` and
 * `close_driver`.  The library stays mapped: its threads may outlive every use
 * of ours. */
#define DECLARE_FUNCTION(name, symbol, parameters)                             \
  driver_result(*name) parameters;
#define LOOK_UP_FUNCTION(name, symbol, parameters)                             \
  *(void **)&driver->name = dlsym(driver->library, symbol);                    \
  if (!driver->name)                                                           \
    return LOWBIT_NO_DRIVER;
#define DEFINE_DRIVER(FUNCTIONS, LIBRARIES)                                    \
  typedef struct driver {                                                      \
    void *library;                                                             \
    FUNCTIONS(DECLARE_FUNCTION)                                                \
  } driver;                                                                    \
  static inline void close_driver(driver *driver) {                            \
    if (driver->library)                                                       \
      dlclose(driver->library);                                                \
    driver->library = NULL;                                                    \
  }                                                                            \
  static inline int open_driver(driver *driver) {                              \
    static const char *const names[] = LIBRARIES;                              \
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i)                  \
      if (!driver->library)                                                    \
        driver->library =                                                      \
            dlopen(names[i], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);           \
    if (!driver->library)                                                      \
      return LOWBIT_NO_DRIVER;                                                 \
    FUNCTIONS(LOOK_UP_FUNCTION)                                                \
    driver_result result = driver->init(0);                                    \
    if (result == 0)                                                           \
      return LOWBIT_OK;                                                        \
    return result == DRIVER_NO_DEVICE ? LOWBIT_NO_DEVICE : LOWBIT_NO_DRIVER;   \
  }

#endif /* LOWBIT_LIB_RUNTIME_STREAMDRIVER_H */
