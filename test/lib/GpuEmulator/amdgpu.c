//===- amdgpu.c - Kernels for AMD's GPUs on the processor -----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// For tests: amdgpu.py translates kernels to machine code of the host, with the
// instructions of the GPU as calls of these functions. Threads run one after another:
// these kernels share no memory within a block.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned thread[3], block[3];

int emu_workitem_id_x(void) { return thread[0]; }
int emu_workitem_id_y(void) { return thread[1]; }
int emu_workitem_id_z(void) { return thread[2]; }
int emu_workgroup_id_x(void) { return block[0]; }
int emu_workgroup_id_y(void) { return block[1]; }
int emu_workgroup_id_z(void) { return block[2]; }

static uint32_t dot(int lhs_signed, uint32_t lhs, int rhs_signed, uint32_t rhs,
                    uint32_t sum, int clamp) {
  if (clamp)
    abort();
  for (int i = 0; i < 32; i += 8) {
    int32_t x = lhs >> i & 255, y = rhs >> i & 255;
    x -= lhs_signed && x > 127 ? 256 : 0;
    y -= rhs_signed && y > 127 ? 256 : 0;
    sum += (uint32_t)(x * y);
  }
  return sum;
}

uint32_t emu_sdot4(uint32_t lhs, uint32_t rhs, uint32_t sum, _Bool clamp) {
  return dot(1, lhs, 1, rhs, sum, clamp);
}
uint32_t emu_udot4(uint32_t lhs, uint32_t rhs, uint32_t sum, _Bool clamp) {
  return dot(0, lhs, 0, rhs, sum, clamp);
}
uint32_t emu_sudot4(_Bool lhs_signed, uint32_t lhs, _Bool rhs_signed,
                    uint32_t rhs, uint32_t sum, _Bool clamp) {
  return dot(lhs_signed, lhs, rhs_signed, rhs, sum, clamp);
}

/// Calls the kernel for each thread of each block; `parameters` are addresses of its
/// arguments, as hipModuleLaunchKernel has them.
void emulate(const char *kernel, const unsigned *grid, const unsigned *size,
             void **parameters) {
  char name[256];
  snprintf(name, sizeof name, "call_%s", kernel);
  void (*call)(void **);
  *(void **)&call = dlsym(RTLD_DEFAULT, name);
  Dl_info self;
  if (!call && dladdr((void *)emulate, &self)) {
    void *library = dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD);
    *(void **)&call = dlsym(library, name);
  }
  if (!call)
    abort();
  for (block[2] = 0; block[2] < grid[2]; ++block[2])
    for (block[1] = 0; block[1] < grid[1]; ++block[1])
      for (block[0] = 0; block[0] < grid[0]; ++block[0])
        for (thread[2] = 0; thread[2] < size[2]; ++thread[2])
          for (thread[1] = 0; thread[1] < size[1]; ++thread[1])
            for (thread[0] = 0; thread[0] < size[0]; ++thread[0])
              call(parameters);
}
