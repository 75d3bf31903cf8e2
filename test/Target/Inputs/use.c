/* Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Calls two models, alone and from two threads at a time. */
#include "one.h"
#include "two.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  unsigned char bytes[2][ONE_WORKSPACE_SIZE + 2 * ONE_WORKSPACE_ALIGN];
} storage;

static void *align(unsigned char *bytes) {
  return bytes + (ONE_WORKSPACE_ALIGN - (uintptr_t)bytes % ONE_WORKSPACE_ALIGN);
}

static const float x[ONE_INPUT0_ELEMENTS] = {0, 1, 2, 3, 4, 5};
static float y[ONE_OUTPUT0_ELEMENTS];
static unsigned char z[ONE_OUTPUT1_ELEMENTS];

static void *repeat(void *failed) {
  storage space;
  float mine[ONE_OUTPUT0_ELEMENTS];
  unsigned char codes[ONE_OUTPUT1_ELEMENTS];
  const void *inputs[ONE_INPUT_COUNT] = {x};
  void *outputs[ONE_OUTPUT_COUNT];
  int i;
  outputs[0] = mine;
  outputs[1] = codes;
  for (i = 0; i < 10000; ++i) {
    memset(mine, 0, sizeof mine);
    if (one_run(inputs, outputs, align(space.bytes[0])) != 0 ||
        memcmp(mine, y, sizeof y) != 0)
      *(int *)failed = 1;
  }
  return 0;
}

int main(void) {
  storage space;
  void *workspace = align(space.bytes[0]);
  const void *inputs[ONE_INPUT_COUNT] = {x};
  const void *no_input[ONE_INPUT_COUNT] = {0};
  void *outputs[ONE_OUTPUT_COUNT] = {y, z};
  void *no_output[ONE_OUTPUT_COUNT] = {y, 0};
  float y2[TWO_OUTPUT0_ELEMENTS];
  unsigned char z2[TWO_OUTPUT1_ELEMENTS];
  void *outputs2[TWO_OUTPUT_COUNT];
  const lowbit_tensor *tensor = &one_lowbit_model.outputs[0];
  pthread_t threads[2];
  int i, failed[2] = {0, 0};

  printf("%s: %d bytes, %d input, %d outputs, %s %dx%d\n",
         one_lowbit_model.name, (int)one_lowbit_model.workspace_size,
         (int)one_lowbit_model.input_count, (int)one_lowbit_model.output_count,
         tensor->name, (int)tensor->dims[0], (int)tensor->dims[1]);
  printf("result %d:", one_run(inputs, outputs, workspace));
  for (i = 0; i < ONE_OUTPUT0_ELEMENTS; ++i)
    printf(" %g", y[i]);
  printf("\ncodes");
  for (i = 0; i < ONE_OUTPUT1_ELEMENTS; ++i)
    printf(" %d", z[i]);
  printf("\nnull inputs: %d\n", one_run(0, outputs, workspace));
  printf("null input: %d\n", one_run(no_input, outputs, workspace));
  printf("null outputs: %d\n", one_run(inputs, 0, workspace));
  printf("null output: %d\n", one_run(inputs, no_output, workspace));
  printf("null workspace: %d\n", one_run(inputs, outputs, 0));
  printf("misaligned workspace: %d\n",
         one_run(inputs, outputs, (char *)workspace + 8));

  outputs2[0] = y2;
  outputs2[1] = z2;
  if (two_lowbit_model.run(inputs, outputs2, workspace) == 0 &&
      memcmp(y, y2, sizeof y) == 0 && memcmp(z, z2, sizeof z) == 0)
    printf("%s: the same\n", two_lowbit_model.name);

  for (i = 0; i < 2; ++i)
    pthread_create(&threads[i], 0, repeat, &failed[i]);
  for (i = 0; i < 2; ++i)
    pthread_join(threads[i], 0);
  printf("threads: %s\n", failed[0] || failed[1] ? "different" : "the same");
  return 0;
}
