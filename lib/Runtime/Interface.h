/* Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The functions of host libraries that artefacts call (Device.h).  Before it a file
 * defines API(name), lowbit_<api>_<name>, and
 *
 *   workspace, with the members `fallback` and `description`
 *   allocate_workspace   null where there is no memory
 *   open_workspace       makes all that a run needs
 *   close_workspace      gives back what open_workspace has made so far
 *   run_on_device        runs on a stream, or on none and waits
 */
#ifndef LOWBIT_LIB_RUNTIME_INTERFACE_H
#define LOWBIT_LIB_RUNTIME_INTERFACE_H

void API(destroy_workspace)(void *handle) {
  workspace *w = handle;
  if (!w)
    return;
  close_workspace(w);
  free(w->fallback.memory);
  free(w);
}

int API(create_workspace)(const lowbit_plan *plan, int32_t device,
                          void **handle) {
  if (!handle)
    return LOWBIT_NULL_POINTER;
  *handle = NULL;
  workspace *w = allocate_workspace(plan);
  if (!w)
    return LOWBIT_NO_MEMORY;
  int status = open_workspace(w, device);
  if (is_absent(status) && plan->fallback) {
    close_workspace(w);
    describe_fallback(w, status);
    status = open_fallback(plan, &w->fallback);
  }
  if (status) {
    API(destroy_workspace)(w);
    return status;
  }
  *handle = w;
  return LOWBIT_OK;
}

static int run_workspace(workspace *w, const void *const *inputs,
                         void *const *outputs, void *stream, int waits) {
  int status = check_arrays(w->plan->model, inputs, outputs);
  if (status)
    return status;
  if (w->fallback.model)
    return w->fallback.model->run(inputs, outputs, w->fallback.arena);
  return run_on_device(w, inputs, outputs, stream, waits);
}

int API(enqueue)(const void *const *inputs, void *const *outputs, void *handle,
                 void *stream) {
  if (!handle)
    return LOWBIT_NULL_POINTER;
  return run_workspace(handle, inputs, outputs, stream, 0);
}

int API(run)(const lowbit_plan *plan, const void *const *inputs,
             void *const *outputs, void *handle) {
  if (handle)
    return run_workspace(handle, inputs, outputs, NULL, 1);
  int status = check_arrays(plan->model, inputs, outputs);
  void *own;
  if (status == LOWBIT_OK)
    status = API(create_workspace)(plan, 0, &own);
  if (status)
    return status;
  status = run_workspace(own, inputs, outputs, NULL, 1);
  API(destroy_workspace)(own);
  return status;
}

const char *API(describe_workspace)(const void *handle) {
  return handle ? ((const workspace *)handle)->description : "";
}

const char *API(describe_status)(int status) { return describe_status(status); }

#endif /* LOWBIT_LIB_RUNTIME_INTERFACE_H */
