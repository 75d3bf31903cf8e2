/* Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * How a compiled model describes itself.  Plain C99; every generated header
 * holds a copy of this text, so that it needs no other file.
 */
#ifndef LOWBIT_MODEL_H
#define LOWBIT_MODEL_H

#include <stdint.h>

/* Raised whenever a field below changes its place or its meaning. */
#define LOWBIT_ABI_VERSION 1

#ifdef __cplusplus
extern "C" {
#endif

/* Values of lowbit_tensor.element_type. */
enum {
  LOWBIT_F32 = 1,
  LOWBIT_I8 = 2,
  LOWBIT_U8 = 3,
  LOWBIT_I16 = 4,
  LOWBIT_U16 = 5,
  LOWBIT_I32 = 6,
  LOWBIT_I64 = 7,
  LOWBIT_BOOL = 8 /* a byte, which must be 0 or 1 */
};

/* What functions of a model return. */
enum {
  LOWBIT_OK = 0,
  LOWBIT_NULL_POINTER = 1,
  LOWBIT_UNALIGNED = 2, /* the workspace is */
  LOWBIT_NO_VARIANT =
      10, /* the processor is none that the model has code for */
  /* Only models for a device return these. */
  LOWBIT_NO_DRIVER = 3,        /* its library is not there, or too old */
  LOWBIT_NO_DEVICE = 4,        /* none of this number */
  LOWBIT_NO_CODE = 5,          /* the model holds no code for this device */
  LOWBIT_NO_MEMORY = 6,        /* on the host */
  LOWBIT_NO_DEVICE_MEMORY = 7, /* on the device */
  LOWBIT_DEVICE_LOST = 8,      /* destroy the workspace and make another */
  LOWBIT_DEVICE_ERROR = 9      /* any other error that the driver reports */
};

/* A dense array, its last dimension contiguous. */
typedef struct lowbit_tensor {
  const char *name;
  uint32_t element_type;
  uint32_t rank;
  const int64_t *dims;
  /* An element q stands for scale * (q - zero_point) where is_quantized is 1;
   * where it is 0, scale is 1 and zero_point is 0. */
  double scale;
  int32_t zero_point;
  uint32_t is_quantized;
} lowbit_tensor;

/* Words of the workspace that a program made for debugging leaves there when
 * it has run: the word at index i, j, ... is sum(index * stride) words behind
 * offset. */
typedef struct lowbit_port {
  lowbit_tensor tensor;
  uint64_t offset;        /* in bytes from the start of the workspace */
  const int64_t *strides; /* in words, one for each dimension */
} lowbit_port;

/* How a model that computes on a device, such as a GPU, is used.  Its
 * workspace is no memory of the caller's, but what create_workspace makes: the
 * model's constants and buffers on the device.  One workspace is used by one
 * thread at a time.  No function prints, and none keeps state elsewhere. */
typedef struct lowbit_device {
  uint32_t struct_size;  /* sizeof(lowbit_device) */
  uint32_t has_fallback; /* 1 if it runs on the processor where no device is */
  const char *api;       /* "cuda", "amdgpu", "vulkan" */
  const char *chip;      /* what the code is for, such as "sm_90" */
  uint64_t memory_size;  /* bytes that a workspace takes on the device */
  /* Opens the driver and the device of this number, from 0, and uploads the
   * constants.  On error *workspace is null and nothing is left behind. */
  int (*create_workspace)(int32_t device, void **workspace);
  /* Starts a run on the caller's stream, and may return before it ends: arrays
   * stay as they are until the stream has been waited for.  They may be on the
   * host or on the device.  stream is a CUstream (cuda) or a hipStream_t
   * (amdgpu); null is the default stream, except in models for vulkan, whose
   * runs have ended on return. */
  int (*enqueue)(const void *const *inputs, void *const *outputs,
                 void *workspace, void *stream);
  /* Waits for the workspace's runs, and frees it; null is allowed. */
  void (*destroy_workspace)(void *workspace);
  /* Where a workspace runs: the device's name, or "processor: " and why. */
  const char *(*describe_workspace)(const void *workspace);
  /* One line of English for any status. */
  const char *(*describe_status)(int status);
} lowbit_device;

/* How a model with code for several processors of one architecture is used.
 * Which code runs is decided once, when the program is loaded or, where no one
 * runs its constructors, in the first call: the last variant whose instructions
 * the processor has. */
typedef struct lowbit_variants {
  uint32_t struct_size; /* sizeof(lowbit_variants) */
  uint32_t count;
  const char *const *names; /* from the plainest to the one preferred most */
  /* The number of the variant that runs, or -1 for none: then run returns
   * LOWBIT_NO_VARIANT. */
  int32_t (*selected)(void);
  /* Makes later calls run the variant of this number, from 0, or what is decided
   * by itself for -1.  Returns LOWBIT_NO_VARIANT, and changes nothing, where
   * there is no such variant or the processor has not its instructions. */
  int (*select)(int32_t number);
} lowbit_variants;

typedef struct lowbit_model {
  uint32_t abi_version; /* LOWBIT_ABI_VERSION */
  uint32_t struct_size; /* sizeof(lowbit_model) */
  const char *name;
  uint32_t input_count;
  uint32_t output_count;
  const lowbit_tensor *inputs;
  const lowbit_tensor *outputs;
  uint64_t workspace_size;      /* in bytes; may be 0 */
  uint64_t workspace_alignment; /* a power of two */
  const char *profile;          /* whose arithmetic it reproduces */
  const char *recipe;           /* how it was quantized */
  const char *compiler;         /* name and version */
  const char *target;           /* triple and processor */
  /* Runs the model once.  inputs and outputs hold one pointer for each tensor,
   * aligned as its elements are; workspace may be null where workspace_size is
   * 0.  Outputs and workspace overlap nothing.  Everything that the call needs
   * to remember lies in workspace, so calls with different workspaces may run
   * at the same time.  Returns 0, or 1 for a null pointer, or 2 for a
   * workspace that is not aligned, or LOWBIT_NO_VARIANT. */
  int (*run)(const void *const *inputs, void *const *outputs, void *workspace);
  /* Only programs made for debugging have ports. */
  uint64_t port_count;
  const lowbit_port *ports;
  /* Null for models that compute on the processor.  In others, workspace_size
   * is 0, and `run` takes a workspace of the device's or null: then it makes
   * one and destroys it again.  It takes arrays on the host or the device and
   * returns when outputs are there. */
  const lowbit_device *device;
  /* "none", or who computes: "openmp" for as many threads as OpenMP's runtime
   * has, or how many it is asked for. */
  const char *threads;
  /* Null for models with code for one processor. */
  const lowbit_variants *variants;
} lowbit_model;

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* LOWBIT_MODEL_H */
