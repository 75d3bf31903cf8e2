/* Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What a driver of a library is told of a layer, as layer.py does. A layer exists some
 * times, with weights of its own each time, so that a run of all finds in its caches no
 * more than a network's would.
 */

#ifndef LOWBIT_BENCHMARKS_PEERS_LAYER_H
#define LOWBIT_BENCHMARKS_PEERS_LAYER_H

#include <stdint.h>

enum { copies = 4 };

typedef struct {
  int64_t is_int8, is_product; /* a product has rows for height, width 1 */
  int64_t height, width, channels, outputs, kernel, stride, pad, groups;
  const void *input; /* u8 or f32, rows of channels */
  const void
      *weights; /* s8 or f32, [outputs][kernel][kernel][channels / groups] */
  const void *bias;    /* s32 or f32; or null */
  const float *scales; /* of each output; null for f32 */
} Layer;

static inline int64_t output_size(int64_t size, const Layer *layer) {
  return (size + 2 * layer->pad - layer->kernel) / layer->stride + 1;
}

/* Each driver has:
 *   void *open_layer(const Layer *);   null where it cannot
 *   void run_layer(void *);            all copies
 *   void fetch(void *, void *result);  of the first, rows of channels, u8 or f32
 */

#endif
