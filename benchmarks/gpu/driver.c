//===- driver.c - MLIR's GPU runtime on the CUDA driver -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// For benchmarks: bench.py says where the host's arrays are; a launch copies them to
// the device, runs the kernel once, and then times a graph of many launches. These go
// round copies of all arrays, so that caches hold none of them.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef unsigned long long device_pointer;

enum { most_arguments = 16, most_copies = 64, max_dynamic_shared = 8 };

/// The driver's functions that are used: result, name, name in the library,
/// parameters.
#define DRIVER(F)                                                              \
  F(init, "cuInit", (unsigned))                                                \
  F(get_device, "cuDeviceGet", (int *, int))                                   \
  F(retain, "cuDevicePrimaryCtxRetain", (void **, int))                        \
  F(set_current, "cuCtxSetCurrent", (void *))                                  \
  F(load, "cuModuleLoadData", (void **, const void *))                         \
  F(get_function, "cuModuleGetFunction", (void **, void *, const char *))      \
  F(set_attribute, "cuFuncSetAttribute", (void *, int, int))                   \
  F(launch, "cuLaunchKernel",                                                  \
    (void *, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,       \
     unsigned, void *, void **, void **))                                      \
  F(allocate, "cuMemAlloc_v2", (device_pointer *, size_t))                     \
  F(release, "cuMemFree_v2", (device_pointer))                                 \
  F(to_device, "cuMemcpyHtoD_v2", (device_pointer, const void *, size_t))      \
  F(to_host, "cuMemcpyDtoH_v2", (void *, device_pointer, size_t))              \
  F(synchronize, "cuCtxSynchronize", (void))                                   \
  F(create_stream, "cuStreamCreate", (void **, unsigned))                      \
  F(begin_capture, "cuStreamBeginCapture_v2", (void *, int))                   \
  F(end_capture, "cuStreamEndCapture", (void *, void **))                      \
  F(instantiate, "cuGraphInstantiateWithFlags",                                \
    (void **, void *, unsigned long long))                                     \
  F(launch_graph, "cuGraphLaunch", (void *, void *))                           \
  F(destroy_graph, "cuGraphDestroy", (void *))                                 \
  F(destroy_instance, "cuGraphExecDestroy", (void *))                          \
  F(create_event, "cuEventCreate", (void **, unsigned))                        \
  F(record, "cuEventRecord", (void *, void *))                                 \
  F(wait_event, "cuEventSynchronize", (void *))                                \
  F(elapsed, "cuEventElapsedTime", (float *, void *, void *))

#define DECLARE(field, name, parameters) int(*field) parameters;
static struct {
  DRIVER(DECLARE)
} driver;

static struct {
  char *host;
  size_t size;
} arrays[most_arguments];
static int num_arrays, failed, launches, rounds;
static size_t round_bytes;
static double best;

static void check(int code, const char *what) {
  if (code && !failed)
    fprintf(stderr, "error %d of the driver: %s\n", code, what);
  failed |= code != 0;
}

static void start(void) {
  static int started;
  if (started++)
    return;
  void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_GLOBAL);
  if (!library)
    return check(1, dlerror());
#define RESOLVE(field, name, parameters)                                       \
  *(void **)&driver.field = dlsym(library, name);                              \
  check(!driver.field, "no " name);
  DRIVER(RESOLVE)
  int device;
  void *context;
  if (failed)
    return;
  check(driver.init(0), "no device");
  if (failed)
    return;
  check(driver.get_device(&device, 0), "no device");
  check(driver.retain(&context, device), "no context");
  check(driver.set_current(context), "no context");
}

//===----------------------------------------------------------------------===//
// For bench.py
//===----------------------------------------------------------------------===//

void bench_begin(int number, int times, size_t bytes) {
  num_arrays = failed = 0;
  launches = number, rounds = times, round_bytes = bytes;
}
void bench_array(void *host, size_t size) {
  arrays[num_arrays].host = host;
  arrays[num_arrays++].size = size;
}
int bench_failed(void) { return failed; }
/// Microseconds of a launch, the least of all rounds.
double bench_time(void) { return best; }

//===----------------------------------------------------------------------===//
// MLIR's GPU runtime
//===----------------------------------------------------------------------===//

struct module {
  void *ptx, *handle;
};

void *mgpuModuleLoadJIT(void *ptx, int level) {
  (void)level;
  struct module *module = calloc(1, sizeof(struct module));
  module->ptx = ptx;
  return module;
}
void mgpuModuleUnload(void *module) { free(module); }
void *mgpuStreamCreate(void) { return 0; }
void mgpuStreamDestroy(void *stream) { (void)stream; }
void mgpuStreamSynchronize(void *stream) { (void)stream; }

void *mgpuModuleGetFunction(struct module *module, const char *name) {
  void *function = 0;
  start();
  if (!failed && !module->handle)
    check(driver.load(&module->handle, module->ptx), "cannot load kernels");
  if (!failed)
    check(driver.get_function(&function, module->handle, name), name);
  return function;
}

static int find_array(void *pointer) {
  for (int i = 0; i < num_arrays; ++i)
    if (arrays[i].host == pointer)
      return i;
  return -1;
}

/// Bytes behind a pointer to an array, or to a constant of this library.
static size_t find_size(void *pointer) {
  int array = find_array(pointer);
  if (array >= 0)
    return arrays[array].size;
  Dl_info info;
  const ElfW(Sym) *symbol = 0;
  if (dladdr1(pointer, &info, (void **)&symbol, RTLD_DL_SYMENT) && symbol)
    return symbol->st_size;
  check(1, "an argument is no array");
  return 0;
}

void mgpuLaunchKernel(void *function, intptr_t grid_x, intptr_t grid_y,
                      intptr_t grid_z, intptr_t block_x, intptr_t block_y,
                      intptr_t block_z, int32_t shared, void *stream,
                      void **parameters, void **extra, size_t count) {
  (void)stream, (void)extra;
  static device_pointer device[most_copies][most_arguments];
  size_t sizes[most_arguments], total = 0;
  void *arguments[most_arguments];
  if (failed || count > most_arguments)
    return;
  for (size_t i = 0; i < count; ++i)
    total += sizes[i] = find_size(*(void **)parameters[i]);
  size_t copies = 1 + round_bytes / (total ? total : 1);
  copies = copies > most_copies ? most_copies : copies;
  for (size_t c = 0; c < copies; ++c)
    for (size_t i = 0; i < count; ++i) {
      check(driver.allocate(&device[c][i], sizes[i]), "out of memory");
      if (!failed)
        check(driver.to_device(device[c][i], *(void **)parameters[i], sizes[i]),
              "cannot copy to the device");
    }
  check(driver.synchronize(), "cannot copy to the device");
  if (failed)
    return;
  check(driver.set_attribute(function, max_dynamic_shared, shared),
        "too much shared memory");
  static void *queue, *from, *to;
  if (!queue) {
    check(driver.create_stream(&queue, 1), "no stream");
    check(driver.create_event(&from, 0), "no event");
    check(driver.create_event(&to, 0), "no event");
  }
  // Once alone: then errors are those of the kernel.
  void *graph = 0, *instance = 0;
  for (int n = -1; n < launches && !failed; ++n) {
    if (n == 0)
      check(driver.begin_capture(queue, 1), "cannot capture");
    for (size_t i = 0; i < count; ++i)
      arguments[i] = &device[(n + copies) % copies][i];
    check(driver.launch(function, grid_x, grid_y, grid_z, block_x, block_y,
                        block_z, shared, queue, arguments, 0),
          "cannot launch");
    if (n < 0)
      check(driver.synchronize(), "the kernel failed");
  }
  if (!failed)
    check(driver.end_capture(queue, &graph), "cannot capture");
  if (!failed)
    check(driver.instantiate(&instance, graph, 0), "cannot make a graph");
  best = 1e30;
  for (int round = 0; round <= rounds && !failed; ++round) {
    driver.record(from, queue);
    check(driver.launch_graph(instance, queue), "cannot launch");
    driver.record(to, queue);
    check(driver.wait_event(to), "the kernel failed");
    float milliseconds = 0;
    driver.elapsed(&milliseconds, from, to);
    double time = milliseconds * 1000.0 / launches;
    if (round != 0 && time < best) // the first one warms up
      best = time;
  }
  if (instance)
    driver.destroy_instance(instance);
  if (graph)
    driver.destroy_graph(graph);
  for (size_t i = 0; i < count && !failed; ++i)
    if (find_array(*(void **)parameters[i]) >= 0)
      check(driver.to_host(*(void **)parameters[i], device[0][i], sizes[i]),
            "cannot copy from the device");
  for (size_t c = 0; c < copies; ++c)
    for (size_t i = 0; i < count; ++i)
      driver.release(device[c][i]);
}
