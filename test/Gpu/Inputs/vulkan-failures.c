/* The host library for Vulkan on a driver that fails at one call after another. */
#include "fake-vulkan.h"

#include "lowbit/Runtime/lowbit_plan.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int lowbit_vulkan_create_workspace(const lowbit_plan *, int32_t, void **);
int lowbit_vulkan_run(const lowbit_plan *, const void *const *, void *const *,
                      void *);
int lowbit_vulkan_enqueue(const void *const *, void *const *, void *, void *);
void lowbit_vulkan_destroy_workspace(void *);
const char *lowbit_vulkan_describe_workspace(const void *);
const char *lowbit_vulkan_describe_status(int);

/* The library is compiled to allocate with these. */
static int no_memory, blocks;
void *test_calloc(size_t n, size_t size) {
  if (no_memory)
    return NULL;
  ++blocks;
  return calloc(n, size);
}
void *test_malloc(size_t size) {
  if (no_memory)
    return NULL;
  ++blocks;
  return malloc(size);
}
void test_free(void *block) {
  blocks -= block != NULL;
  free(block);
}

static int run_on_processor(const void *const *inputs, void *const *outputs,
                            void *workspace) {
  *(float *)outputs[0] = *(const float *)inputs[0] + 1;
  return 0;
}

/* The header of a module that needs 64-bit integers. */
static const uint32_t code[] = {0x07230203, 0x00010600,   0, 1, 0, 2 << 16 | 17,
                                1,          2 << 16 | 17, 11};
static const int64_t dims[] = {1};
static const lowbit_tensor tensor = {"x", LOWBIT_F32, 1, dims, 1, 0, 0};
static const lowbit_model model = {
    .input_count = 1, .output_count = 1, .inputs = &tensor, .outputs = &tensor};
static const lowbit_model processor = {
    .workspace_size = 64, .workspace_alignment = 64, .run = run_on_processor};
static const lowbit_plan_image image = {code, sizeof code};
static const char *const names[] = {"kernel0", "kernel1"};
static lowbit_plan_argument arguments[] = {
    {LOWBIT_ARGUMENT_INPUT, 0, 0, 4},     {LOWBIT_ARGUMENT_ARENA, 0, 256, 4},
    {LOWBIT_ARGUMENT_CONSTANTS, 0, 0, 8}, {LOWBIT_ARGUMENT_OUTPUT, 0, 0, 4},
    {LOWBIT_ARGUMENT_SCALAR, 0, 7, 4},    {LOWBIT_ARGUMENT_ARENA, 0, 256, 4}};
static lowbit_plan_launch launches[] = {{0, {1, 1, 1}, {32, 1, 1}, 0, 0, 2},
                                        {1, {1, 1, 1}, {32, 1, 1}, 0, 2, 2},
                                        {0, {1, 1, 1}, {32, 1, 1}, 0, 4, 2}};
static lowbit_plan plan = {.model = &model,
                           .images = &image,
                           .kernel_names = names,
                           .launches = launches,
                           .arguments = arguments,
                           .constants = "seven  ",
                           .constants_size = 8,
                           .arena_size = 512,
                           .image_count = 1,
                           .kernel_count = 2,
                           .launch_count = 3,
                           .argument_count = 6};

static struct fake_vulkan *fake;
static float x = 1, y;
static const void *const inputs[] = {&x};
static void *const outputs[] = {&y};

/* Fails at each call in turn; every failure is reported, nothing stays. */
static void fail_everywhere(int error, int status) {
  int good = 0, bad = 0;
  for (int n = 1;; ++n) {
    memset(fake, 0, sizeof *fake);
    fake->version = 3;
    fake->fail_at = n;
    fake->error = error;
    void *workspace;
    int created = lowbit_vulkan_create_workspace(&plan, 0, &workspace);
    int ran =
        created ? 0 : lowbit_vulkan_run(&plan, inputs, outputs, workspace);
    int failed = fake->calls >= n;
    if (failed)
      good += created == status || ran == status;
    bad += failed && !created && !ran;
    /* A workspace whose device was lost says so again. */
    if (ran == LOWBIT_DEVICE_LOST)
      bad += lowbit_vulkan_run(&plan, inputs, outputs, workspace) != ran;
    if ((created != 0) != (workspace == NULL))
      ++bad;
    lowbit_vulkan_destroy_workspace(workspace);
    bad += fake->live != 0 || blocks != 0;
    if (!failed)
      break;
  }
  printf("%s: %d calls, %d wrong\n", lowbit_vulkan_describe_status(status),
         good, bad);
}

/* What a workspace says after a change of the plan or the device. */
static void try_plan(const char *what) {
  void *workspace;
  fake->fail_at = 0;
  int status = lowbit_vulkan_create_workspace(&plan, 0, &workspace);
  printf("%s: %s; ", what, lowbit_vulkan_describe_status(status));
  plan.fallback = &processor;
  status = lowbit_vulkan_create_workspace(&plan, 0, &workspace);
  y = 0;
  if (status == 0)
    lowbit_vulkan_enqueue(inputs, outputs, workspace, NULL);
  printf("with fallback: %s, %g\n", lowbit_vulkan_describe_workspace(workspace),
         y);
  lowbit_vulkan_destroy_workspace(workspace);
  plan.fallback = NULL;
  if (fake->live != 0 || blocks != 0)
    printf("leaks %d objects, %d blocks\n", fake->live, blocks);
}

int main(void) {
  void *library = dlopen("libvulkan.so.1", RTLD_NOW);
  fake = dlsym(library, "fake");
  fail_everywhere(-1, LOWBIT_NO_MEMORY);
  fail_everywhere(-2, LOWBIT_NO_DEVICE_MEMORY);
  fail_everywhere(-4, LOWBIT_DEVICE_LOST);
  fail_everywhere(-3, LOWBIT_DEVICE_ERROR);

  memset(fake, 0, sizeof *fake);
  fake->version = 3;
  void *workspace;
  lowbit_vulkan_create_workspace(&plan, 0, &workspace);
  printf("%s: %d launches, %d bytes of constants\n",
         lowbit_vulkan_describe_workspace(workspace), fake->dispatches,
         fake->copied);
  lowbit_vulkan_destroy_workspace(workspace);
  printf("%d %d %d %d\n", lowbit_vulkan_run(&plan, NULL, outputs, NULL),
         lowbit_vulkan_create_workspace(&plan, 0, NULL),
         lowbit_vulkan_enqueue(inputs, outputs, NULL, NULL),
         lowbit_vulkan_run(&plan, inputs, outputs, NULL));
  no_memory = 1;
  printf("%d\n", lowbit_vulkan_create_workspace(&plan, 0, &workspace));
  no_memory = 0;
  printf("%d\n", lowbit_vulkan_create_workspace(&plan, 1, &workspace));

  fake->without_int64 = 1;
  try_plan("no int64");
  fake->without_int64 = 0;
  fake->version = 2;
  try_plan("old");
  fake->version = 3;
  launches[1].grid[2] = 257;
  try_plan("grid");
  launches[1].grid[2] = 1;
  launches[1].block[1] = 16;
  try_plan("block");
  launches[1].block[1] = 1;
  arguments[1].size = 4097;
  try_plan("size");
  arguments[1].size = 4;
  arguments[1].offset = 128;
  try_plan("offset");
  arguments[1].offset = 256;
  launches[0].argument_count = 5;
  try_plan("arguments");
  return 0;
}
