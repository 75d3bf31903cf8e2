/* Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What one core can multiply and add in registers: each primitive on twelve sums,
 * nothing loaded. Prints one JSON object, primitive to GMAC/s, best of many,
 * and the clock. Besides, `read` is how many GB of memory it reads in a second, and
 * `plain.conv` the GMAC/s of a convolution as plain loops on floats.
 */

#include <immintrin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { steps = 50000, sums = 12, trials = 160 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + 1e-9 * time.tv_nsec;
}

/* The operand changes with every product as far as the compiler knows, so that none
 * can be moved out of the loop or used twice. */
#define LIMIT(name, features, vector, zero, operand, product, unknown)         \
  __attribute__((target(features), noinline)) static void name(void) {         \
    vector sum[sums], a = operand, b = operand;                                \
    for (int i = 0; i < sums; ++i)                                             \
      sum[i] = zero;                                                           \
    for (int step = 0; step < steps; ++step)                                   \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < sums; ++i) {      \
        __asm__ volatile("" : "+" unknown(a), "+" unknown(b));                 \
        sum[i] = product;                                                      \
      }                                                                        \
    for (int i = 0; i < sums; ++i)                                             \
      __asm__ volatile("" : : unknown(sum[i]));                                \
  }

LIMIT(pmaddwd, "avx2", __m256i, _mm256_setzero_si256(), _mm256_set1_epi16(3),
      _mm256_add_epi32(sum[i], _mm256_madd_epi16(a, b)), "x")
LIMIT(pmaddubsw, "avx2", __m256i, _mm256_setzero_si256(), _mm256_set1_epi8(3),
      _mm256_add_epi32(sum[i], _mm256_madd_epi16(_mm256_maddubs_epi16(a, b),
                                                 _mm256_set1_epi16(1))),
      "x")
LIMIT(fma, "avx2,fma", __m256, _mm256_setzero_ps(), _mm256_set1_ps(3),
      _mm256_fmadd_ps(a, b, sum[i]), "x")
LIMIT(pmaddwd512, "avx512bw", __m512i, _mm512_setzero_si512(),
      _mm512_set1_epi16(3), _mm512_add_epi32(sum[i], _mm512_madd_epi16(a, b)),
      "v")
LIMIT(fma512, "avx512f", __m512, _mm512_setzero_ps(), _mm512_set1_ps(3),
      _mm512_fmadd_ps(a, b, sum[i]), "v")
LIMIT(vpdpbusd512, "avx512f,avx512vnni", __m512i, _mm512_setzero_si512(),
      _mm512_set1_epi8(3), _mm512_dpbusd_epi32(sum[i], a, b), "v")

/* 32 columns and four bits each. */
LIMIT(xor_table, "avx2", __m256i, _mm256_setzero_si256(), _mm256_set1_epi8(3),
      _mm256_add_epi8(sum[i], _mm256_shuffle_epi8(a, b)), "x")
LIMIT(xor_popcnt, "avx512f,avx512vpopcntdq", __m512i, _mm512_setzero_si512(),
      _mm512_set1_epi8(3),
      _mm512_add_epi32(sum[i], _mm512_popcnt_epi32(_mm512_xor_si512(a, b))),
      "v")
/* Weights of 4 and 2 bits, unpacked, without their least value; 16-bit sums. */
#define UNPACKED(bits, step)                                                   \
  _mm256_maddubs_epi16(a,                                                      \
                       _mm256_and_si256(_mm256_srli_epi16(b, (step) * (bits)), \
                                        _mm256_set1_epi8((1 << (bits)) - 1)))
#define PAIR(bits, step)                                                       \
  _mm256_add_epi16(UNPACKED(bits, step), UNPACKED(bits, (step) + 1))
LIMIT(unpack4, "avx2", __m256i, _mm256_setzero_si256(), _mm256_set1_epi8(3),
      _mm256_add_epi16(sum[i], PAIR(4, 0)), "x")
LIMIT(unpack2, "avx2", __m256i, _mm256_setzero_si256(), _mm256_set1_epi8(3),
      _mm256_add_epi16(sum[i], _mm256_add_epi16(PAIR(2, 0), PAIR(2, 2))), "x")
/* Five ternary weights in a byte, ceil(256 / 243 * their number in base 3): the
 * first is what carries out of three times it, and what stays holds the others. */
#define TRIPLE(x) _mm256_add_epi8(x, _mm256_add_epi8(x, x))
#define FIRST(x)                                                               \
  _mm256_maddubs_epi16(                                                        \
      a,                                                                       \
      _mm256_and_si256(                                                        \
          _mm256_srli_epi16(                                                   \
              _mm256_avg_epu8(x, _mm256_avg_epu8(x, _mm256_setzero_si256())),  \
              6),                                                              \
          _mm256_set1_epi8(3)))
static inline __attribute__((always_inline, target("avx2")))
__m256i add_base3(__m256i sum, __m256i a, __m256i x) {
  for (int k = 0; k < 5; ++k) {
    sum = _mm256_add_epi16(sum, FIRST(x));
    x = TRIPLE(x);
  }
  return sum;
}
LIMIT(base3, "avx2", __m256i, _mm256_setzero_si256(), _mm256_set1_epi8(3),
      add_base3(sum[i], a, b), "x")

/* In GHz: additions that wait for each other take a cycle each. */
static double clock_rate(void) {
  double best = 1e9;
  for (int i = 0; i < trials; ++i) {
    double start = now();
    unsigned long sum = 0;
    for (int step = 0; step < steps; ++step)
      __asm__ volatile(
          "add $1, %0\n\tadd $1, %0\n\tadd $1, %0\n\tadd $1, %0\n\t"
          "add $1, %0\n\tadd $1, %0\n\tadd $1, %0\n\tadd $1, %0"
          : "+r"(sum));
    double time = now() - start;
    best = time < best ? time : best;
  }
  return 1e-9 * 8 * steps / best;
}

enum { memory = 1 << 28 };
static char *bytes;

/* Four streams, as four rows of weights. */
__attribute__((target("avx2"))) static void read_memory(void) {
  const __m256i *vectors = (const __m256i *)bytes;
  long quarter = memory / 4 / sizeof(*vectors);
  __m256i sum[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(),
                    _mm256_setzero_si256(), _mm256_setzero_si256()};
  for (long i = 0; i < quarter; ++i)
    for (int j = 0; j < 4; ++j)
      sum[j] = _mm256_xor_si256(sum[j], vectors[j * quarter + i]);
  for (int j = 0; j < 4; ++j)
    __asm__ volatile("" : : "x"(sum[j]));
}

/* 3x3, 256 channels, 14 by 14 positions: the layer that XNOR-Net reports. */
enum { channels = 256, side = 14 };
static float image[side + 2][side + 2][channels],
    weights[channels][3][3][channels], sums_of_image[side][side][channels];

__attribute__((noinline)) static void plain_conv(void) {
  __asm__ volatile("" : : "r"(image), "r"(weights) : "memory");
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      for (int o = 0; o < channels; ++o) {
        float sum = 0;
        for (int v = 0; v < 3; ++v)
          for (int u = 0; u < 3; ++u)
            for (int c = 0; c < channels; ++c)
              sum += image[y + v][x + u][c] * weights[o][v][u][c];
        sums_of_image[y][x][o] = sum;
      }
  __asm__ volatile("" : : "r"(sums_of_image) : "memory");
}

static int first = 1;

static void report(const char *name, void (*body)(void), double operations,
                   int rounds) {
  double best = 1e9;
  for (int i = 0; i < rounds; ++i) {
    double start = now();
    body();
    double time = now() - start;
    best = time < best ? time : best;
  }
  printf("%s\"%s\": %.2f", first ? "{" : ", ", name, 1e-9 * operations / best);
  first = 0;
}

static void measure(const char *name, void (*body)(void), int products,
                    int supported) {
  if (supported)
    report(name, body, 1.0 * products * steps * sums, trials);
}

static void measure_reading(int supported) {
  bytes = aligned_alloc(64, memory);
  if (!supported || !bytes)
    return;
  memset(bytes, 1, memory);
  report("read", read_memory, memory, 20);
}

/* With an argument, reads memory only. */
int main(int count, char **arguments) {
  int avx2 = __builtin_cpu_supports("avx2"),
      fma3 = avx2 && __builtin_cpu_supports("fma");
  (void)arguments;
  if (count > 1) {
    measure_reading(avx2);
    printf("}\n");
    return 0;
  }
  measure("avx2.pmaddwd", pmaddwd, 16, avx2);
  measure("avx2.pmaddubsw", pmaddubsw, 32, avx2);
  measure("generic.fma", fma, 8, fma3);
  measure("avx2.xor_table", xor_table, 128, avx2);
  measure("avx512.xor_popcnt", xor_popcnt, 512,
          __builtin_cpu_supports("avx512vpopcntdq"));
  measure("avx2.pmaddubsw.4", unpack4, 64, avx2);
  measure("avx2.pmaddubsw.2", unpack2, 128, avx2);
  measure("avx2.pmaddubsw.base3", base3, 160, avx2);
  measure("avx512.pmaddwd", pmaddwd512, 32, __builtin_cpu_supports("avx512bw"));
  measure("avx512.fma", fma512, 16, __builtin_cpu_supports("avx512f"));
  measure("avx512.vpdpbusd", vpdpbusd512, 64,
          __builtin_cpu_supports("avx512vnni"));
  measure_reading(avx2);
  report("plain.conv", plain_conv, 9.0 * side * side * channels * channels, 3);
  printf("%s\"clock\": %.3f}\n", first ? "{" : ", ", clock_rate());
  return 0;
}
