//===- emulator.c - Runs GPU kernels on the CPU -------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// For tests: emulate.py translates kernels to machine code of the host, with the
// instructions of the GPU as calls of these functions. Each thread of a block is a
// context of its own; a barrier, and an instruction that a warp executes together,
// waits for the others. Blocks run one after another.
//
// Copies that go on in the background are made as late as wait_group allows, or at
// once with LOWBIT_EMULATE_EARLY=1: a kernel must be right with both. Shared memory
// holds garbage at first.
//
// The host's side is the interface of MLIR's GPU runtime (mgpu...).

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

enum { warp_size = 32, stack_bytes = 64 * 1024, most_copies = 1024 };

struct copy {
  char *to;
  const char *from;
  int size, valid;
};

struct thread {
  ucontext_t context;
  char *stack;
  int id, done;
  struct copy copies[most_copies];
  int num_copies, first_of_group[64], num_groups;
};

struct warp {
  int arrived;
  unsigned generation;
  uint32_t in[warp_size][16], out[warp_size][4];
};

static struct {
  ucontext_t scheduler;
  struct thread *threads;
  struct warp *warps;
  int num_threads, x, y, arrived, early;
  unsigned generation;
  void (*kernel)(void *, void *, void *, void *, void *, void *, void *, void *,
                 void *, void *, void *, void *);
  void *arguments[12];
} block;

static struct thread *self;

char __dynamic_shmem__0[256 * 1024] __attribute__((aligned(1024)));

static void fail(const char *message) {
  fprintf(stderr, "emulator: %s\n", message);
  abort();
}

static void yield(void) { swapcontext(&self->context, &block.scheduler); }

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

static void run_thread(void) {
  void **a = block.arguments;
  block.kernel(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9],
               a[10], a[11]);
  self->done = 1;
  for (;;)
    yield();
}

static void run_block(void) {
  memset(__dynamic_shmem__0, 0xA5, sizeof(__dynamic_shmem__0));
  memset(block.warps, 0, block.num_threads / warp_size * sizeof(struct warp));
  block.arrived = 0;
  for (int i = 0; i < block.num_threads; ++i) {
    struct thread *t = &block.threads[i];
    t->id = i;
    t->done = t->num_copies = t->num_groups = 0;
    getcontext(&t->context);
    t->context.uc_stack.ss_sp = t->stack;
    t->context.uc_stack.ss_size = stack_bytes;
    makecontext(&t->context, run_thread, 0);
  }
  for (int left = 1; left;) {
    left = 0;
    for (int i = 0; i < block.num_threads; ++i) {
      self = &block.threads[i];
      if (self->done)
        continue;
      left = 1;
      swapcontext(&block.scheduler, &self->context);
    }
  }
}

uint32_t emu_read_ptx_sreg_tid_x(void) { return self->id; }
uint32_t emu_read_ptx_sreg_ctaid_x(void) { return block.x; }
uint32_t emu_read_ptx_sreg_ctaid_y(void) { return block.y; }

void emu_barrier_cta_sync_aligned_all(int id) {
  (void)id;
  unsigned generation = block.generation;
  if (++block.arrived == block.num_threads) {
    block.arrived = 0;
    ++block.generation;
    return;
  }
  while (block.generation == generation)
    yield();
}

//===----------------------------------------------------------------------===//
// What warps do together
//===----------------------------------------------------------------------===//

/// Hands over `count` words; `compute` runs once those of all lanes are there.
static uint32_t *together(const uint32_t *words, int count,
                          void (*compute)(struct warp *, int), int what) {
  struct warp *w = &block.warps[self->id / warp_size];
  int lane = self->id % warp_size;
  memcpy(w->in[lane], words, count * sizeof(uint32_t));
  unsigned generation = w->generation;
  if (++w->arrived == warp_size) {
    if (compute)
      compute(w, what);
    w->arrived = 0;
    ++w->generation;
  } else {
    while (w->generation == generation)
      yield();
  }
  return w->out[lane];
}

void emu_bar_warp_sync(uint32_t mask) {
  (void)mask;
  together(0, 0, 0, 0);
}

static void add_lanes(struct warp *w, int what) {
  (void)what;
  uint32_t sum = 0;
  for (int lane = 0; lane < warp_size; ++lane)
    sum += w->in[lane][0];
  for (int lane = 0; lane < warp_size; ++lane)
    w->out[lane][0] = sum;
}

uint32_t emu_redux_sync_add(uint32_t value, uint32_t mask) {
  (void)mask;
  return together(&value, 1, add_lanes, 0)[0];
}

static void load_matrices(struct warp *w, int what) {
  (void)what;
  for (int lane = 0; lane < warp_size; ++lane)
    for (int m = 0; m < 4; ++m) {
      const uint32_t *from = w->in[m * 8 + lane / 4];
      uint64_t address = from[0] | (uint64_t)from[1] << 32;
      memcpy(&w->out[lane][m], (char *)address + lane % 4 * 4, 4);
    }
}

void emu_ldmatrix_sync_aligned_m8n8_x4_b16_p3(uint32_t *out, void *row) {
  uint64_t address = (uint64_t)row;
  if (address % 16)
    fail("ldmatrix at an address that is no multiple of 16");
  uint32_t words[2] = {(uint32_t)address, (uint32_t)(address >> 32)};
  memcpy(out, together(words, 2, load_matrices, 0), 16);
}

enum {
  lhs_signed = 1,
  rhs_signed = 2,
  xor_bits = 4,
  and_bits = 8,
  nibbles = 16
};

/// Products of the 32 bytes of a row of lhs and a column of rhs. Word `part` of
/// lane `4 g + t` has bytes 4 t of row g, or of row g + 8, or 16 further along.
/// The number in `size` bits of `word` from `bit` on.
static int extract(uint32_t word, int bit, int size, int is_signed) {
  int32_t top = (int32_t)(word << (32 - size - bit));
  return is_signed ? top >> (32 - size) : (int)((uint32_t)top >> (32 - size));
}

static uint32_t dot_rows(struct warp *w, int row, int column, int what) {
  uint32_t sum = 0;
  for (int word = 0; word < 8; ++word) {
    int t = word % 4, half = word / 4;
    uint32_t a = w->in[row % 8 * 4 + t][half * 2 + row / 8];
    uint32_t b = w->in[column * 4 + t][4 + half];
    if (what & xor_bits) {
      sum += __builtin_popcount(a ^ b);
      continue;
    }
    if (what & and_bits) {
      sum += __builtin_popcount(a & b);
      continue;
    }
    for (int bit = 0, size = what & nibbles ? 4 : 8; bit < 32; bit += size) {
      int x = extract(a, bit, size, what & lhs_signed);
      sum += x * extract(b, bit, size, what & rhs_signed);
    }
  }
  return sum;
}

static void multiply_matrices(struct warp *w, int what) {
  for (int lane = 0; lane < warp_size; ++lane)
    for (int part = 0; part < 4; ++part)
      w->out[lane][part] =
          w->in[lane][6 + part] +
          dot_rows(w, lane / 4 + part / 2 * 8, lane % 4 * 2 + part % 2, what);
}

#define MMA(name, what)                                                        \
  void emu_mma_##name(uint32_t *out, uint32_t a0, uint32_t a1, uint32_t a2,    \
                      uint32_t a3, uint32_t b0, uint32_t b1, uint32_t c0,      \
                      uint32_t c1, uint32_t c2, uint32_t c3) {                 \
    uint32_t words[] = {a0, a1, a2, a3, b0, b1, c0, c1, c2, c3};               \
    memcpy(out, together(words, 10, multiply_matrices, what), 16);             \
  }
MMA(m16n8k32_row_col_s8, lhs_signed | rhs_signed)
MMA(m16n8k32_row_col_u8, 0)
MMA(m16n8k32_row_col_u8_s8, rhs_signed)
MMA(m16n8k32_row_col_s8_u8, lhs_signed)
MMA(m16n8k64_row_col_s4, nibbles | lhs_signed | rhs_signed)
MMA(m16n8k64_row_col_u4, nibbles)
MMA(m16n8k64_row_col_u4_s4, nibbles | rhs_signed)
MMA(m16n8k64_row_col_s4_u4, nibbles | lhs_signed)
MMA(xor_popc_m16n8k256_row_col_b1, xor_bits)
MMA(and_popc_m16n8k256_row_col_b1, and_bits)

//===----------------------------------------------------------------------===//
// What a thread does alone
//===----------------------------------------------------------------------===//

#define DOT(name, x_type, y_type)                                              \
  uint32_t emu_idp4a_##name(uint32_t a, uint32_t b, uint32_t sum) {            \
    for (int byte = 0; byte < 4; ++byte)                                       \
      sum += (int)(x_type)(a >> 8 * byte) * (int)(y_type)(b >> 8 * byte);      \
    return sum;                                                                \
  }
DOT(s_s, int8_t, int8_t)
DOT(s_u, int8_t, uint8_t)
DOT(u_s, uint8_t, int8_t)
DOT(u_u, uint8_t, uint8_t)

static void make_copy(struct copy c) {
  memset(c.to, 0, c.size);
  memcpy(c.to, c.from, c.valid);
}

static void start_copy(void *to, const void *from, int size, int valid) {
  if ((uint64_t)to % size || (uint64_t)from % size)
    fail("cp.async at an address that is no multiple of its size");
  if (self->num_copies == most_copies)
    fail("too many copies under way");
  struct copy c = {to, from, size, valid};
  if (block.early)
    make_copy(c);
  else
    self->copies[self->num_copies++] = c;
}

#define COPY(name, size)                                                       \
  void emu_cp_async_##name(void *to, const void *from) {                       \
    start_copy(to, from, size, size);                                          \
  }                                                                            \
  void emu_cp_async_##name##_s(void *to, const void *from, int valid) {        \
    start_copy(to, from, size, valid);                                         \
  }
COPY(cg_shared_global_16, 16)
COPY(ca_shared_global_16, 16)
COPY(ca_shared_global_8, 8)
COPY(ca_shared_global_4, 4)

void emu_cp_async_commit_group(void) {
  if (self->num_groups == 64)
    fail("too many groups under way");
  self->first_of_group[self->num_groups++] = self->num_copies;
}

void emu_cp_async_wait_group(int pending) {
  while (self->num_groups > pending) {
    int count = self->first_of_group[0];
    for (int i = 0; i < count; ++i)
      make_copy(self->copies[i]);
    self->num_copies -= count;
    memmove(self->copies, self->copies + count,
            self->num_copies * sizeof(struct copy));
    --self->num_groups;
    for (int i = 0; i < self->num_groups; ++i)
      self->first_of_group[i] = self->first_of_group[i + 1] - count;
  }
}

//===----------------------------------------------------------------------===//
// The host's side
//===----------------------------------------------------------------------===//

void *mgpuModuleLoadJIT(void *data, int level) {
  (void)level;
  return data;
}
void mgpuModuleUnload(void *module) { (void)module; }
void *mgpuModuleGetFunction(void *module, const char *name) {
  (void)module;
  // In this library, of which several may be loaded.
  Dl_info info;
  dladdr((void *)mgpuModuleLoadJIT, &info);
  void *kernel = dlsym(dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD), name);
  if (!kernel)
    fail(name);
  return kernel;
}
void *mgpuStreamCreate(void) { return 0; }
void mgpuStreamDestroy(void *stream) { (void)stream; }
void mgpuStreamSynchronize(void *stream) { (void)stream; }

void mgpuLaunchKernel(void *kernel, intptr_t grid_x, intptr_t grid_y,
                      intptr_t grid_z, intptr_t block_x, intptr_t block_y,
                      intptr_t block_z, int32_t shared, void *stream,
                      void **parameters, void **extra, size_t count) {
  (void)stream, (void)extra;
  if (grid_z != 1 || block_y != 1 || block_z != 1 || count > 12 ||
      shared > (int)sizeof(__dynamic_shmem__0))
    fail("a launch that is not supported");
  block.num_threads = (block_x + warp_size - 1) / warp_size * warp_size;
  block.threads = calloc(block.num_threads, sizeof(struct thread));
  block.warps = calloc(block.num_threads / warp_size, sizeof(struct warp));
  block.early = getenv("LOWBIT_EMULATE_EARLY") != 0;
  *(void **)&block.kernel = kernel;
  for (size_t i = 0; i < count; ++i)
    block.arguments[i] = *(void **)parameters[i];
  for (int i = 0; i < block.num_threads; ++i)
    block.threads[i].stack = malloc(stack_bytes);
  for (block.y = 0; block.y < grid_y; ++block.y)
    for (block.x = 0; block.x < grid_x; ++block.x)
      run_block();
  for (int i = 0; i < block.num_threads; ++i)
    free(block.threads[i].stack);
  free(block.threads);
  free(block.warps);
}
