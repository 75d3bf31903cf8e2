/* Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Layers by XNNPACK: s8 times s8 with a scale of each output, or f32 with ReLU. Our u8
 * codes less 128, with the zero point -128, are the same values. A product is a
 * convolution of 1 by 1.
 */

#include "layer.h"

#include <math.h>
#include <stdlib.h>
#include <xnnpack.h>

/* It may read some bytes beyond a tensor. */
enum { margin = 64 };

typedef struct {
  xnn_operator_t operators[copies];
  void *input, *output[copies];
  size_t count;
  int isInt8;
} Handle;

static int8_t *shift(const uint8_t *from, size_t count) {
  int8_t *result = malloc(count + margin);
  for (size_t i = 0; i < count; ++i)
    result[i] = (int8_t)(from[i] - 128);
  return result;
}

void *open_layer(const Layer *layer) {
  const uint32_t pad = layer->pad, kernel = layer->kernel,
                 stride = layer->stride;
  const size_t in = layer->channels / layer->groups,
               out = layer->outputs / layer->groups,
               size = layer->height * layer->width * layer->channels;
  Handle *h = calloc(1, sizeof(Handle));
  if (xnn_initialize(NULL) != xnn_status_success)
    return NULL;
  h->isInt8 = layer->is_int8;
  h->count = output_size(layer->height, layer) * layer->outputs *
             (layer->is_product ? 1 : output_size(layer->width, layer));
  if (layer->is_int8) {
    h->input = shift(layer->input, size);
  } else {
    float *values = malloc((size + margin) * sizeof(float));
    for (size_t i = 0; i < size; ++i)
      values[i] = ((const float *)layer->input)[i];
    h->input = values;
  }
  for (int i = 0; i < copies; ++i) {
    enum xnn_status status;
    h->output[i] = malloc((h->count + margin) * (h->isInt8 ? 1 : 4));
    /* The input's and the output's scale are the same here. */
    if (h->isInt8)
      status = xnn_create_convolution2d_nhwc_qc8(
          pad, pad, pad, pad, kernel, kernel, stride, stride, 1, 1,
          layer->groups, in, out, layer->channels, layer->outputs, -128, 1.0f,
          layer->scales, layer->weights, layer->bias, -128, 1.0f, -128, 127, 0,
          &h->operators[i]);
    else
      status = xnn_create_convolution2d_nhwc_f32(
          pad, pad, pad, pad, kernel, kernel, stride, stride, 1, 1,
          layer->groups, in, out, layer->channels, layer->outputs,
          layer->weights, layer->bias, 0, INFINITY, 0, &h->operators[i]);
    if (status != xnn_status_success)
      return NULL;
    if (h->isInt8)
      status = xnn_setup_convolution2d_nhwc_qc8(h->operators[i], 1,
                                                layer->height, layer->width,
                                                h->input, h->output[i], NULL);
    else
      status = xnn_setup_convolution2d_nhwc_f32(h->operators[i], 1,
                                                layer->height, layer->width,
                                                h->input, h->output[i], NULL);
    if (status != xnn_status_success)
      return NULL;
  }
  return h;
}

void run_layer(void *handle) {
  Handle *h = handle;
  for (int i = 0; i < copies; ++i)
    xnn_run_operator(h->operators[i], NULL);
}

void fetch(void *handle, void *result) {
  Handle *h = handle;
  run_layer(handle);
  for (size_t i = 0; i < h->count; ++i)
    if (h->isInt8)
      ((uint8_t *)result)[i] = (uint8_t)(((int8_t *)h->output[0])[i] + 128);
    else
      ((float *)result)[i] = ((float *)h->output[0])[i];
}
