/* Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The best time of a function over some seconds.
 */

#define _POSIX_C_SOURCE 199309L
#include <time.h>

typedef void *(*Function)(void *, void *, void *, void *);

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + 1e-9 * time.tv_nsec;
}

double best_us(Function call, void *a, void *b, void *c, void *d,
               double seconds) {
  double best = 1e30, end = now() + seconds, start, stop;
  do {
    start = now();
    call(a, b, c, d);
    stop = now();
    best = stop - start < best ? stop - start : best;
  } while (stop < end);
  return 1e6 * best;
}
