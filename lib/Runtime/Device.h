/* Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What host libraries for all devices share.  Each is one file of C99 that the
 * compiler holds as LLVM bitcode and links into artefacts: everything becomes
 * internal there, and may call only malloc, calloc, free, memcpy and memset,
 * dlopen, dlsym and dlclose.  For the device `api` it defines
 *
 *   int lowbit_<api>_create_workspace(const lowbit_plan *, int32_t, void **);
 *   int lowbit_<api>_run(const lowbit_plan *, inputs, outputs, workspace);
 *   int lowbit_<api>_enqueue(inputs, outputs, workspace, stream);
 *   void lowbit_<api>_destroy_workspace(void *);
 *   const char *lowbit_<api>_describe_workspace(const void *);
 *   const char *lowbit_<api>_describe_status(int);
 *
 * which do what lowbit_model.h says of lowbit_device.
 */
#ifndef LOWBIT_LIB_RUNTIME_DEVICE_H
#define LOWBIT_LIB_RUNTIME_DEVICE_H

#include "lowbit/Runtime/lowbit_plan.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static inline const char *describe_status(int status) {
  switch (status) {
  case LOWBIT_OK:
    return "success";
  case LOWBIT_NULL_POINTER:
    return "a pointer is null";
  case LOWBIT_UNALIGNED:
    return "the workspace is not aligned";
  case LOWBIT_NO_DRIVER:
    return "the device's driver cannot be opened, or is too old";
  case LOWBIT_NO_DEVICE:
    return "there is no device of this number";
  case LOWBIT_NO_CODE:
    return "the model holds no code for this device";
  case LOWBIT_NO_MEMORY:
    return "out of memory";
  case LOWBIT_NO_DEVICE_MEMORY:
    return "out of device memory";
  case LOWBIT_DEVICE_LOST:
    return "the device was lost; make another workspace";
  case LOWBIT_DEVICE_ERROR:
    return "the device's driver reports an error";
  default:
    return "unknown status";
  }
}

/* A status for which the processor may stand in. */
static inline int is_absent(int status) {
  return status == LOWBIT_NO_DRIVER || status == LOWBIT_NO_DEVICE ||
         status == LOWBIT_NO_CODE;
}

static inline uint64_t align_up(uint64_t size, uint64_t alignment) {
  return (size + alignment - 1) / alignment * alignment;
}

/* Copies `text` behind the `length` characters of `buffer`, as far as `size`
 * allows; gives the new length. */
static inline size_t append_text(char *buffer, size_t size, size_t length,
                                 const char *text) {
  while (*text && length + 1 < size)
    buffer[length++] = *text++;
  buffer[length] = '\0';
  return length;
}

static inline uint64_t count_bytes(const lowbit_tensor *tensor) {
  uint64_t bytes;
  switch (tensor->element_type) {
  case LOWBIT_I64:
    bytes = 8;
    break;
  case LOWBIT_F32:
  case LOWBIT_I32:
    bytes = 4;
    break;
  case LOWBIT_I16:
  case LOWBIT_U16:
    bytes = 2;
    break;
  default:
    bytes = 1;
  }
  for (uint32_t d = 0; d < tensor->rank; ++d)
    bytes *= (uint64_t)tensor->dims[d];
  return bytes;
}

static inline int check_arrays(const lowbit_model *model,
                               const void *const *inputs,
                               void *const *outputs) {
  if ((model->input_count && !inputs) || (model->output_count && !outputs))
    return LOWBIT_NULL_POINTER;
  for (uint32_t i = 0; i < model->input_count; ++i)
    if (!inputs[i])
      return LOWBIT_NULL_POINTER;
  for (uint32_t i = 0; i < model->output_count; ++i)
    if (!outputs[i])
      return LOWBIT_NULL_POINTER;
  return LOWBIT_OK;
}

/* The program for the processor, with its arena. */
typedef struct fallback {
  const lowbit_model *model; /* null where the device computes */
  void *memory, *arena;
} fallback;

static inline int open_fallback(const lowbit_plan *plan, fallback *fallback) {
  const lowbit_model *model = plan->fallback;
  uint64_t alignment = model->workspace_alignment;
  fallback->memory = malloc(model->workspace_size + alignment);
  if (!fallback->memory)
    return LOWBIT_NO_MEMORY;
  fallback->arena =
      (void *)(uintptr_t)align_up((uintptr_t)fallback->memory, alignment);
  fallback->model = model;
  return LOWBIT_OK;
}

#endif /* LOWBIT_LIB_RUNTIME_DEVICE_H */
