/* Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What an artefact for a device holds, and its host library reads: the tables
 * of a launch plan (lowbit/Analysis/LaunchPlan.h) and the kernels' code.  No
 * user of an artefact sees this; compiler and host library agree on it within
 * one artefact, so that it may change at any time.
 */
#ifndef LOWBIT_PLAN_H
#define LOWBIT_PLAN_H

#include "lowbit_model.h"

/* Values of lowbit_plan_argument.kind. */
enum {
  LOWBIT_ARGUMENT_ARENA = 0,
  LOWBIT_ARGUMENT_INPUT = 1,
  LOWBIT_ARGUMENT_OUTPUT = 2,
  LOWBIT_ARGUMENT_CONSTANTS = 3,
  LOWBIT_ARGUMENT_SCALAR = 4
};

typedef struct lowbit_plan_argument {
  uint32_t kind;
  uint32_t index; /* which input or output */
  uint64_t
      offset;    /* bytes from the start of the buffer; or the scalar's bits */
  uint64_t size; /* bytes from there that the kernel may touch; of a scalar,
                    * its own */
} lowbit_plan_argument;

typedef struct lowbit_plan_launch {
  uint32_t kernel; /* index into the kernels' names */
  uint32_t grid[3];
  uint32_t block[3];
  uint32_t shared_bytes; /* dynamic shared memory */
  uint32_t first_argument;
  uint32_t argument_count;
} lowbit_plan_launch;

/* Code for a device: all kernels in one form that its driver may take. */
typedef struct lowbit_plan_image {
  const void *bytes;
  uint64_t size;
} lowbit_plan_image;

typedef struct lowbit_plan {
  /* The description of the program. */
  const lowbit_model *model;
  /* The same program for the processor; null without --fallback=cpu. */
  const lowbit_model *fallback;
  /* Tried in order, until the driver takes one. */
  const lowbit_plan_image *images;
  const char *const *kernel_names;
  const lowbit_plan_launch *launches;
  const lowbit_plan_argument *arguments;
  const void *constants;
  uint64_t constants_size;
  uint64_t arena_size;
  uint32_t image_count;
  uint32_t kernel_count;
  uint32_t launch_count;
  uint32_t argument_count;
} lowbit_plan;

#endif /* LOWBIT_PLAN_H */
