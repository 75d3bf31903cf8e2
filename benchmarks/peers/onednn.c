/* Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Layers by oneDNN: u8 times s8 to u8, or f32 with ReLU, in the layouts that it likes,
 * which are not part of the time.
 */

#include "layer.h"

#include <dnnl.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  dnnl_primitive_t primitive;
  dnnl_memory_t input, weights[copies], bias, output[copies];
  dnnl_memory_desc_t plain;
} Handle;

#define TRY(call)                                                              \
  if ((call) != dnnl_success)                                                  \
    return NULL;

static void execute(Handle *h, dnnl_primitive_t primitive, dnnl_memory_t from,
                    dnnl_memory_t to) {
  dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
  dnnl_primitive_execute(primitive, h->stream, 2, arguments);
  dnnl_stream_wait(h->stream);
}

static int reorder(Handle *h, const dnnl_memory_desc_t *from,
                   const dnnl_memory_desc_t *to, dnnl_memory_t source,
                   dnnl_memory_t target) {
  dnnl_primitive_desc_t description;
  dnnl_primitive_t primitive;
  if (dnnl_reorder_primitive_desc_create(&description, from, h->engine, to,
                                         h->engine, NULL) != dnnl_success ||
      dnnl_primitive_create(&primitive, description) != dnnl_success)
    return 0;
  execute(h, primitive, source, target);
  dnnl_primitive_destroy(primitive);
  dnnl_primitive_desc_destroy(description);
  return 1;
}

/* Memory in the layout that a primitive wants, filled from a plain one. */
static dnnl_memory_t place(Handle *h, const dnnl_memory_desc_t *plain,
                           const dnnl_memory_desc_t *wanted, const void *data) {
  dnnl_memory_t source, target;
  if (dnnl_memory_create(&target, wanted, h->engine, DNNL_MEMORY_ALLOCATE) !=
      dnnl_success)
    return NULL;
  if (!data)
    return target;
  if (dnnl_memory_create(&source, plain, h->engine, (void *)data) !=
          dnnl_success ||
      !reorder(h, plain, wanted, source, target))
    return NULL;
  dnnl_memory_destroy(source);
  return target;
}

static dnnl_memory_desc_t any(const dnnl_memory_desc_t *plain) {
  dnnl_memory_desc_t result;
  dnnl_memory_desc_init_by_tag(&result, plain->ndims, plain->dims,
                               plain->data_type, dnnl_format_tag_any);
  return result;
}

void *open_layer(const Layer *layer) {
  Handle *h = calloc(1, sizeof(Handle));
  const int product = layer->is_product, grouped = layer->groups > 1;
  const dnnl_data_type_t bytes = layer->is_int8 ? dnnl_u8 : dnnl_f32;
  const int64_t height = output_size(layer->height, layer);
  const int64_t width = product ? 1 : output_size(layer->width, layer);
  dnnl_memory_desc_t input, weights, bias, output;
  dnnl_primitive_attr_t attributes;
  dnnl_post_ops_t after;
  dnnl_primitive_desc_t description;

  TRY(dnnl_engine_create(&h->engine, dnnl_cpu, 0));
  TRY(dnnl_stream_create(&h->stream, h->engine, dnnl_stream_default_flags));
  if (product) {
    dnnl_dims_t in = {layer->height, layer->channels},
                w = {layer->channels, layer->outputs},
                out = {layer->height, layer->outputs}, b = {1, layer->outputs};
    TRY(dnnl_memory_desc_init_by_tag(&input, 2, in, bytes, dnnl_ab));
    TRY(dnnl_memory_desc_init_by_tag(
        &weights, 2, w, layer->is_int8 ? dnnl_s8 : dnnl_f32, dnnl_ba));
    TRY(dnnl_memory_desc_init_by_tag(&output, 2, out, bytes, dnnl_ab));
    TRY(dnnl_memory_desc_init_by_tag(
        &bias, 2, b, layer->is_int8 ? dnnl_s32 : dnnl_f32, dnnl_ab));
  } else {
    dnnl_dims_t in = {1, layer->channels, layer->height, layer->width},
                out = {1, layer->outputs, height, width},
                w = {layer->outputs, layer->channels, layer->kernel,
                     layer->kernel},
                wg = {layer->groups, layer->outputs / layer->groups,
                      layer->channels / layer->groups, layer->kernel,
                      layer->kernel},
                b = {layer->outputs};
    TRY(dnnl_memory_desc_init_by_tag(&input, 4, in, bytes, dnnl_nhwc));
    TRY(dnnl_memory_desc_init_by_tag(
        &weights, grouped ? 5 : 4, grouped ? wg : w,
        layer->is_int8 ? dnnl_s8 : dnnl_f32, grouped ? dnnl_abdec : dnnl_acdb));
    TRY(dnnl_memory_desc_init_by_tag(&output, 4, out, bytes, dnnl_nhwc));
    TRY(dnnl_memory_desc_init_by_tag(
        &bias, 1, b, layer->is_int8 ? dnnl_s32 : dnnl_f32, dnnl_a));
  }
  h->plain = output;

  TRY(dnnl_primitive_attr_create(&attributes));
  if (layer->is_int8)
    TRY(dnnl_primitive_attr_set_output_scales(attributes, layer->outputs, 2,
                                              layer->scales));
  TRY(dnnl_post_ops_create(&after));
  if (!layer->is_int8)
    TRY(dnnl_post_ops_append_eltwise(after, 1, dnnl_eltwise_relu, 0, 0));
  TRY(dnnl_primitive_attr_set_post_ops(attributes, after));

  dnnl_memory_desc_t anyInput = any(&input), anyWeights = any(&weights),
                     anyOutput = any(&output);
  if (product) {
    dnnl_matmul_desc_t operation;
    TRY(dnnl_matmul_desc_init(&operation, &anyInput, &anyWeights,
                              layer->bias ? &bias : NULL, &anyOutput));
    TRY(dnnl_primitive_desc_create(&description, &operation, attributes,
                                   h->engine, NULL));
  } else {
    dnnl_convolution_desc_t operation;
    dnnl_dims_t strides = {layer->stride, layer->stride},
                pads = {layer->pad, layer->pad};
    TRY(dnnl_convolution_forward_desc_init(
        &operation, dnnl_forward_inference, dnnl_convolution_auto, &anyInput,
        &anyWeights, layer->bias ? &bias : NULL, &anyOutput, strides, pads,
        pads));
    TRY(dnnl_primitive_desc_create(&description, &operation, attributes,
                                   h->engine, NULL));
  }
  TRY(dnnl_primitive_create(&h->primitive, description));

#define WANTED(what)                                                           \
  dnnl_primitive_desc_query_md(description, dnnl_query_##what##_md, 0)
  h->input = place(h, &input, WANTED(src), layer->input);
  if (layer->bias)
    h->bias = place(h, &bias, &bias, layer->bias);
  for (int i = 0; i < copies; ++i) {
    h->weights[i] = place(h, &weights, WANTED(weights), layer->weights);
    h->output[i] = place(h, NULL, WANTED(dst), NULL);
    if (!h->weights[i] || !h->output[i])
      return NULL;
  }
  return h->input ? h : NULL;
}

void run_layer(void *handle) {
  Handle *h = handle;
  for (int i = 0; i < copies; ++i) {
    dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, h->input},
                                   {DNNL_ARG_WEIGHTS, h->weights[i]},
                                   {DNNL_ARG_DST, h->output[i]},
                                   {DNNL_ARG_BIAS, h->bias}};
    dnnl_primitive_execute(h->primitive, h->stream, h->bias ? 4 : 3, arguments);
  }
  dnnl_stream_wait(h->stream);
}

void fetch(void *handle, void *result) {
  Handle *h = handle;
  const dnnl_memory_desc_t *from;
  dnnl_memory_t target;
  run_layer(handle);
  dnnl_memory_get_memory_desc(h->output[0], &from);
  dnnl_memory_create(&target, &h->plain, h->engine, result);
  reorder(h, from, &h->plain, h->output[0], target);
  dnnl_memory_destroy(target);
}
