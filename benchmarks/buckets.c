/* Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Bucket sums of a scalar codebook, sum x[i] c[index[i]] = sum c[k] (sum of the x[i] whose
 * index is k), in three loops that were measured against what the compiler makes of such
 * layers: docs/Rationale/Bitwise.md.
 *
 *     clang -O3 -march=x86-64-v3 benchmarks/buckets.c -o buckets && ./buckets
 */

#include <immintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { N = 1024, K = 1024, M = 64 };

static uint8_t indices[N][K], codes[M][K];
static int16_t transposed[K][16] __attribute__((aligned(32)));
static double book[256];
static int32_t digits[3][256];
static volatile double results[N];
static volatile int32_t sums[3][M][N];

/* One row: four sets of buckets, so that an addition need not wait for the last one. */
static void addToBuckets(int entries) {
  for (int n = 0; n < N; ++n) {
    int32_t buckets[4][256];
    for (int set = 0; set < 4; ++set)
      memset(buckets[set], 0, entries * sizeof(int32_t));
    for (int i = 0; i < K; i += 4)
      for (int set = 0; set < 4; ++set)
        buckets[set][indices[n][i + set]] += codes[0][i + set];
    double sum = 0;
    for (int k = 0; k < entries; ++k)
      sum += book[k] *
             (buckets[0][k] + buckets[1][k] + buckets[2][k] + buckets[3][k]);
    results[n] = sum;
  }
}

/* One row: 32 indices are compared with each entry's, eight entries at a time. */
static void compare(int entries) {
  __m256i zero = _mm256_setzero_si256();
  for (int n = 0; n < N; ++n) {
    double sum = 0;
    for (int first = 0; first < entries; first += 8) {
      __m256i buckets[8];
      for (int k = 0; k < 8; ++k)
        buckets[k] = zero;
      for (int i = 0; i < K; i += 32) {
        __m256i index = _mm256_loadu_si256((const __m256i *)&indices[n][i]);
        __m256i code = _mm256_loadu_si256((const __m256i *)&codes[0][i]);
        for (int k = 0; k < 8; ++k) {
          __m256i mask =
              _mm256_cmpeq_epi8(index, _mm256_set1_epi8((char)(first + k)));
          buckets[k] = _mm256_add_epi64(
              buckets[k], _mm256_sad_epu8(_mm256_and_si256(mask, code), zero));
        }
      }
      for (int k = 0; k < 8; ++k) {
        int64_t parts[4];
        _mm256_storeu_si256((__m256i *)parts, buckets[k]);
        sum += book[first + k] * (parts[0] + parts[1] + parts[2] + parts[3]);
      }
    }
    results[n] = sum;
  }
}

/* 64 rows, 16 at a time: buckets of 16 bits hold 256 codes. They are multiplied as signed
   words; what sums above 2^15 would take besides is left out, in favour of buckets. */
static void addRows(int entries) {
  for (int row = 0; row < M; row += 16) {
    for (int i = 0; i < K; ++i)
      for (int r = 0; r < 16; ++r)
        transposed[i][r] = codes[row + r][i];
    for (int n = 0; n < N; ++n) {
      __m256i total[3][2] = {{{0}}};
      for (int first = 0; first < K; first += 256) {
        __m256i buckets[256];
        for (int k = 0; k < entries; ++k)
          buckets[k] = _mm256_setzero_si256();
        for (int i = first; i < first + 256; ++i) {
          __m256i *bucket = &buckets[indices[n][i]];
          *bucket = _mm256_add_epi16(
              *bucket, _mm256_load_si256((const __m256i *)transposed[i]));
        }
        for (int k = 0; k < entries; k += 2) {
          __m256i low = _mm256_unpacklo_epi16(buckets[k], buckets[k + 1]);
          __m256i high = _mm256_unpackhi_epi16(buckets[k], buckets[k + 1]);
          for (int d = 0; d < 3; ++d) {
            __m256i digit = _mm256_set1_epi32((digits[d][k] & 0xffff) |
                                              digits[d][k + 1] * 65536);
            total[d][0] =
                _mm256_add_epi32(total[d][0], _mm256_madd_epi16(low, digit));
            total[d][1] =
                _mm256_add_epi32(total[d][1], _mm256_madd_epi16(high, digit));
          }
        }
      }
      for (int d = 0; d < 3; ++d) {
        int32_t lanes[16];
        _mm256_storeu_si256((__m256i *)lanes, total[d][0]);
        _mm256_storeu_si256((__m256i *)(lanes + 8), total[d][1]);
        for (int r = 0; r < 16; ++r)
          sums[d][row + r][n] = lanes[r];
      }
    }
  }
}

static double measure(void (*run)(int), int entries) {
  double best = 1e30;
  for (int i = 0; i < 100; ++i) {
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    run(entries);
    clock_gettime(CLOCK_MONOTONIC, &end);
    double us = (end.tv_sec - start.tv_sec) * 1e6 +
                (end.tv_nsec - start.tv_nsec) * 1e-3;
    best = us < best ? us : best;
  }
  return best;
}

int main(void) {
  for (int k = 0; k < 256; ++k) {
    book[k] = rand() * 1e-9;
    for (int d = 0; d < 3; ++d)
      digits[d][k] = rand() % 255 - 127;
  }
  for (int row = 0; row < M; ++row)
    for (int i = 0; i < K; ++i)
      codes[row][i] = rand();
  for (int entries = 16; entries <= 256; entries *= 4) {
    for (int n = 0; n < N; ++n)
      for (int i = 0; i < K; ++i)
        indices[n][i] = rand() % entries;
    printf("%d entries, us: one row %.0f, compared %.0f; 64 rows %.0f\n",
           entries, measure(addToBuckets, entries), measure(compare, entries),
           measure(addRows, entries));
  }
  return 0;
}
