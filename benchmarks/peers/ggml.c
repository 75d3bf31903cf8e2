/* Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Products of floats with weights in one of ggml's formats, by the kernels of llama.cpp:
 * rows of activations are quantized by ggml itself, as in a network. One after the other
 * multiplies what the last one gave, each with weights of its own in memory.
 */

#include <ggml-backend.h>
#include <ggml-cpu.h>
#include <ggml.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  ggml_backend_t backend;
  struct ggml_cgraph *graph;
  struct ggml_tensor *result;
} Handle;

static enum ggml_type find_type(const char *name) {
  for (int type = 0; type < GGML_TYPE_COUNT; ++type) {
    const char *known = ggml_type_name(type);
    if (known && strcmp(known, name) == 0 &&
        ggml_get_type_traits(type)->blck_size)
      return type;
  }
  return GGML_TYPE_COUNT;
}

/* Memory in which weights are laid out for this processor, if there is one that has
 * kernels for `product`. */
static ggml_backend_buffer_type_t find_layout(ggml_backend_dev_t device,
                                              struct ggml_tensor *product) {
  ggml_backend_reg_t registry = ggml_backend_dev_backend_reg(device);
  ggml_backend_dev_get_extra_bufts_t list =
      (ggml_backend_dev_get_extra_bufts_t)ggml_backend_reg_get_proc_address(
          registry, "ggml_backend_dev_get_extra_bufts");
  for (ggml_backend_buffer_type_t *it = list ? list(device) : NULL; it && *it;
       ++it) {
    ggml_backend_buffer_t none = ggml_backend_buft_alloc_buffer(*it, 0);
    product->src[0]->buffer = none;
    int fits = ggml_backend_dev_supports_op(device, product);
    product->src[0]->buffer = NULL;
    ggml_backend_buffer_free(none);
    if (fits)
      return *it;
  }
  return NULL;
}

static void be_quiet(enum ggml_log_level level, const char *text, void *data) {
  (void)level, (void)text, (void)data;
}

/* `units` products of `rows` rows by `weights`, of [size][size], outputs first, which
 * are overwritten with what the format holds of them. Null where there is no such format,
 * or no layout of its own for it. */
void *open_products(const char *format, int64_t rows, int64_t size,
                    int64_t units, int64_t is_laid_out, const float *input,
                    float *weights) {
  Handle *h = calloc(1, sizeof(Handle));
  enum ggml_type type = find_type(format);
  if (type == GGML_TYPE_COUNT)
    return NULL;
  ggml_log_set(be_quiet, NULL);
  h->backend = ggml_backend_cpu_init();
  struct ggml_threadpool_params pool = ggml_threadpool_params_default(1);
  ggml_backend_cpu_set_n_threads(h->backend, 1);
  ggml_backend_cpu_set_threadpool(h->backend, ggml_threadpool_new(&pool));

  struct ggml_init_params room = {ggml_tensor_overhead() * (2 * units + 8) +
                                      ggml_graph_overhead(),
                                  NULL, true};
  struct ggml_context *constants = ggml_init(room), *values = ggml_init(room);
  struct ggml_tensor *from =
      ggml_new_tensor_2d(values, GGML_TYPE_F32, size, rows);
  struct ggml_tensor *value = from;
  h->graph = ggml_new_graph(values);
  for (int64_t unit = 0; unit < units; ++unit)
    value = ggml_mul_mat(
        values, ggml_new_tensor_2d(constants, type, size, size), value);
  h->result = value;
  ggml_build_forward_expand(h->graph, value);

  ggml_backend_buffer_type_t layout = ggml_backend_cpu_buffer_type();
  if (is_laid_out)
    layout = find_layout(ggml_backend_get_device(h->backend), value);
  if (!layout || !ggml_backend_alloc_ctx_tensors_from_buft(constants, layout) ||
      !ggml_backend_alloc_ctx_tensors(values, h->backend))
    return NULL;
  ggml_backend_tensor_set(from, input, 0, ggml_nbytes(from));
  size_t bytes = ggml_row_size(type, size) * size;
  void *packed = malloc(bytes);
  ggml_quantize_chunk(type, weights, packed, 0, size, size, NULL);
  for (struct ggml_tensor *t = ggml_get_first_tensor(constants); t;
       t = ggml_get_next_tensor(constants, t))
    ggml_backend_tensor_set(t, packed, 0, bytes);
  ggml_get_type_traits(type)->to_float(packed, weights, size * size);
  free(packed);
  return h;
}

void run_products(void *handle) {
  Handle *h = handle;
  ggml_backend_graph_compute(h->backend, h->graph);
}

void fetch(void *handle, void *result) {
  Handle *h = handle;
  run_products(handle);
  ggml_backend_tensor_get(h->result, result, 0, ggml_nbytes(h->result));
}
