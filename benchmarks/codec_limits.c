/* Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What bounds a gradient codec: reading memory, and Philox4x32-10 in registers. Both
 * on vectors of 256 bits, as far as the processor has them.
 */

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

/* The sum of `count` words, a multiple of 64: only so that all are read. */
__attribute__((target("avx2"))) uint32_t read_memory(const uint32_t *words,
                                                     size_t count) {
  __m256i sum[8];
  for (int i = 0; i < 8; ++i)
    sum[i] = _mm256_setzero_si256();
  for (size_t at = 0; at < count; at += 64)
    for (int i = 0; i < 8; ++i)
      sum[i] = _mm256_add_epi32(
          sum[i], _mm256_loadu_si256((const __m256i *)(words + at + 8 * i)));
  for (int i = 1; i < 8; ++i)
    sum[0] = _mm256_add_epi32(sum[0], sum[i]);
  return (uint32_t)_mm256_extract_epi32(sum[0], 0) +
         (uint32_t)_mm256_extract_epi32(sum[0], 5);
}

/* The bitwise sum of `count` random words, a multiple of 32: two chains of four
 * blocks side by side, so that no product waits for the one before. */
__attribute__((target("avx2"))) uint32_t philox_words(uint32_t seed,
                                                      size_t count) {
  const __m256i m0 = _mm256_set1_epi64x(0xD2511F53);
  const __m256i m1 = _mm256_set1_epi64x(0xCD9E8D57);
  __m256i all = _mm256_setzero_si256();
  __m256i block = _mm256_setr_epi64x(0, 1, 2, 3);
  for (size_t at = 0; at < count; at += 32) {
    __m256i c[2][4];
    uint32_t k0 = seed, k1 = 0;
    for (int i = 0; i < 2; ++i) {
      c[i][0] = block;
      c[i][1] = c[i][2] = c[i][3] = _mm256_setzero_si256();
      block = _mm256_add_epi64(block, _mm256_set1_epi64x(4));
    }
    for (int round = 0; round < 10; ++round) {
      __m256i key0 = _mm256_set1_epi64x(k0), key1 = _mm256_set1_epi64x(k1);
      for (int i = 0; i < 2; ++i) {
        __m256i p0 = _mm256_mul_epu32(c[i][0], m0);
        __m256i p1 = _mm256_mul_epu32(c[i][2], m1);
        c[i][0] = _mm256_xor_si256(
            _mm256_xor_si256(_mm256_srli_epi64(p1, 32), c[i][1]), key0);
        c[i][1] = p1;
        c[i][2] = _mm256_xor_si256(
            _mm256_xor_si256(_mm256_srli_epi64(p0, 32), c[i][3]), key1);
        c[i][3] = p0;
      }
      k0 += 0x9E3779B9;
      k1 += 0xBB67AE85;
    }
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < 4; ++j)
        all = _mm256_xor_si256(all, c[i][j]);
  }
  return (uint32_t)_mm256_extract_epi32(all, 0) ^
         (uint32_t)_mm256_extract_epi32(all, 2);
}
