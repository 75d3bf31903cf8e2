/* Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Runs launch plans through drivers with streams: CUDA's and HIP's, which is made
 * after it.  Everything on the device lies in one piece of memory: constants,
 * arena, inputs, outputs.  So every argument of every kernel is known when the
 * workspace is made, and the launches become one graph; a run copies the inputs
 * in, launches it, and copies the outputs out.
 *
 * Before it a file defines API(name), lowbit_<api>_<name>, and includes what
 * names the driver's functions:
 *
 *   driver, open_driver, close_driver
 *   device_handle, retain_device, release_device
 *   device_state, enter_device, leave_device: what a thread computes on
 *   allow_shared_memory, copy_on_stream
 *
 * A device is used as the vendor's runtime uses it, so that streams and device
 * arrays of the runtime can be given to `enqueue`.
 */
#ifndef LOWBIT_LIB_RUNTIME_STREAMDEVICE_H
#define LOWBIT_LIB_RUNTIME_STREAMDEVICE_H

enum { ALIGNMENT = 256, DESCRIPTION_SIZE = 160 };

typedef struct workspace {
  const lowbit_plan *plan;
  fallback fallback;
  driver driver;
  device_handle device;
  int is_retained;
  module_handle module;
  stream_handle stream;
  device_address memory;
  /* Null where the driver makes no graph: then each run launches kernels. */
  executable_handle graph;
  /* Places in `memory`. */
  device_address constants, arena, *inputs, *outputs;
  function_handle *kernels;
  /* The value of each argument of the plan, and its address. */
  uint64_t *values;
  void **parameters;
  char description[DESCRIPTION_SIZE];
} workspace;

/* Goes on behind only if `call` succeeds. */
#define TRY(call)                                                              \
  do {                                                                         \
    int try_status = (call);                                                   \
    if (try_status)                                                            \
      return try_status;                                                       \
  } while (0)
#define TRY_DRIVER(call) TRY(to_status(w->driver.call))

/* Assigns places from `memory` on; gives the size of all of them. */
static uint64_t place_buffers(workspace *w) {
  const lowbit_model *model = w->plan->model;
  uint64_t size = 0;
  w->constants = w->memory;
  size += align_up(w->plan->constants_size, ALIGNMENT);
  w->arena = w->memory + size;
  size += align_up(w->plan->arena_size, ALIGNMENT);
  for (uint32_t i = 0; i < model->input_count; ++i) {
    w->inputs[i] = w->memory + size;
    size += align_up(count_bytes(&model->inputs[i]), ALIGNMENT);
  }
  for (uint32_t i = 0; i < model->output_count; ++i) {
    w->outputs[i] = w->memory + size;
    size += align_up(count_bytes(&model->outputs[i]), ALIGNMENT);
  }
  return size;
}

static int allocate_memory(workspace *w) {
  uint64_t size = place_buffers(w);
  if (size == 0)
    return LOWBIT_OK;
  TRY_DRIVER(allocate(&w->memory, size));
  place_buffers(w);
  if (w->plan->constants_size == 0)
    return LOWBIT_OK;
  return to_status(w->driver.upload(w->constants, w->plan->constants,
                                    w->plan->constants_size));
}

static void compute_arguments(workspace *w) {
  for (uint32_t i = 0; i < w->plan->argument_count; ++i) {
    const lowbit_plan_argument *argument = &w->plan->arguments[i];
    device_address base = 0; /* of a scalar: its bits are the offset */
    if (argument->kind == LOWBIT_ARGUMENT_ARENA)
      base = w->arena;
    else if (argument->kind == LOWBIT_ARGUMENT_CONSTANTS)
      base = w->constants;
    else if (argument->kind == LOWBIT_ARGUMENT_INPUT)
      base = w->inputs[argument->index];
    else if (argument->kind == LOWBIT_ARGUMENT_OUTPUT)
      base = w->outputs[argument->index];
    w->values[i] = base + argument->offset;
    w->parameters[i] = &w->values[i];
  }
}

static int load_kernels(workspace *w) {
  const lowbit_plan *plan = w->plan;
  int status = LOWBIT_NO_CODE;
  for (uint32_t i = 0; i < plan->image_count && status == LOWBIT_NO_CODE; ++i)
    status =
        to_status(w->driver.load_module(&w->module, plan->images[i].bytes));
  if (status) {
    w->module = NULL;
    return status;
  }
  for (uint32_t i = 0; i < plan->kernel_count; ++i)
    TRY_DRIVER(get_function(&w->kernels[i], w->module, plan->kernel_names[i]));
  for (uint32_t i = 0; i < plan->launch_count; ++i)
    TRY(allow_shared_memory(&w->driver, w->kernels[plan->launches[i].kernel],
                            plan->launches[i].shared_bytes));
  return LOWBIT_OK;
}

static int launch_kernels(workspace *w, stream_handle stream) {
  for (uint32_t i = 0; i < w->plan->launch_count; ++i) {
    const lowbit_plan_launch *launch = &w->plan->launches[i];
    TRY_DRIVER(launch(w->kernels[launch->kernel], launch->grid[0],
                      launch->grid[1], launch->grid[2], launch->block[0],
                      launch->block[1], launch->block[2], launch->shared_bytes,
                      stream, w->parameters + launch->first_argument, NULL));
  }
  return LOWBIT_OK;
}

/* Records the launches. Without a graph the workspace works as well, so that
 * the only error is that of a launch itself. */
static int record_graph(workspace *w) {
  graph_handle graph = NULL;
  if (w->driver.begin_capture(w->stream, CAPTURE_THREAD_LOCAL))
    return LOWBIT_OK;
  int status = launch_kernels(w, w->stream);
  driver_result ended = w->driver.end_capture(w->stream, &graph);
  if (status == LOWBIT_OK && !ended &&
      w->driver.instantiate_graph(&w->graph, graph, 0))
    w->graph = NULL;
  if (graph)
    w->driver.destroy_graph(graph);
  return status;
}

/* On the device. */
static int fill_workspace(workspace *w) {
  TRY_DRIVER(create_stream(&w->stream, STREAM_NON_BLOCKING));
  TRY(load_kernels(w));
  TRY(allocate_memory(w));
  compute_arguments(w);
  return record_graph(w);
}

static int open_workspace(workspace *w, int32_t ordinal) {
  device_state previous;
  TRY(open_driver(&w->driver));
  TRY(retain_device(&w->driver, &w->device, ordinal, w->description,
                    DESCRIPTION_SIZE));
  w->is_retained = 1;
  TRY(enter_device(&w->driver, &w->device, &previous));
  int status = fill_workspace(w);
  leave_device(&w->driver, &previous);
  return status;
}

/* Gives back all that open_workspace has made so far. */
static void close_workspace(workspace *w) {
  if (w->is_retained) {
    device_state previous;
    if (enter_device(&w->driver, &w->device, &previous) == LOWBIT_OK) {
      w->driver.synchronize_context();
      if (w->graph)
        w->driver.destroy_executable(w->graph);
      if (w->memory)
        w->driver.deallocate(w->memory);
      if (w->module)
        w->driver.unload_module(w->module);
      if (w->stream)
        w->driver.destroy_stream(w->stream);
      leave_device(&w->driver, &previous);
    }
    release_device(&w->driver, &w->device);
    w->is_retained = 0;
  }
  close_driver(&w->driver);
}

/* The workspace and its tables in one piece of memory. */
static workspace *allocate_workspace(const lowbit_plan *plan) {
  const lowbit_model *model = plan->model;
  size_t words = (size_t)model->input_count + model->output_count +
                 plan->kernel_count + 2 * (size_t)plan->argument_count;
  workspace *w = calloc(1, sizeof *w + words * sizeof(uint64_t));
  if (!w)
    return NULL;
  w->plan = plan;
  w->inputs = (device_address *)(w + 1);
  w->outputs = w->inputs + model->input_count;
  w->values = (uint64_t *)(w->outputs + model->output_count);
  w->parameters = (void **)(w->values + plan->argument_count);
  w->kernels = (function_handle *)(w->parameters + plan->argument_count);
  return w;
}

static void describe_fallback(workspace *w, int status) {
  size_t length =
      append_text(w->description, DESCRIPTION_SIZE, 0, "processor: ");
  append_text(w->description, DESCRIPTION_SIZE, length,
              describe_status(status));
}

static int run_on_stream(workspace *w, const void *const *inputs,
                         void *const *outputs, stream_handle stream) {
  const lowbit_model *model = w->plan->model;
  for (uint32_t i = 0; i < model->input_count; ++i)
    TRY(copy_on_stream(&w->driver, w->inputs[i],
                       (device_address)(uintptr_t)inputs[i],
                       count_bytes(&model->inputs[i]), stream));
  if (w->graph)
    TRY_DRIVER(launch_graph(w->graph, stream));
  else
    TRY(launch_kernels(w, stream));
  for (uint32_t i = 0; i < model->output_count; ++i)
    TRY(copy_on_stream(&w->driver, (device_address)(uintptr_t)outputs[i],
                       w->outputs[i], count_bytes(&model->outputs[i]), stream));
  return LOWBIT_OK;
}

/* Runs on `stream`, or on the workspace's own and waits for it. */
static int run_on_device(workspace *w, const void *const *inputs,
                         void *const *outputs, stream_handle stream,
                         int waits) {
  device_state previous;
  TRY(enter_device(&w->driver, &w->device, &previous));
  int status = run_on_stream(w, inputs, outputs, waits ? w->stream : stream);
  if (waits) {
    int ended = to_status(w->driver.synchronize_stream(w->stream));
    status = status ? status : ended;
  }
  leave_device(&w->driver, &previous);
  return status;
}

#include "Interface.h"

#endif /* LOWBIT_LIB_RUNTIME_STREAMDEVICE_H */
