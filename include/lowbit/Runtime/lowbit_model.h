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
   * workspace that is not aligned. */
  int (*run)(const void *const *inputs, void *const *outputs, void *workspace);
  /* Only programs made for debugging have ports. */
  uint64_t port_count;
  const lowbit_port *ports;
} lowbit_model;

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* LOWBIT_MODEL_H */
