/* Encodes and decodes some gradients with a codec whose prefix is `c`, and prints a hash
 * of all that it writes. */
#include CODEC_HEADER
#include <stdio.h>
#include <stdlib.h>

static uint64_t hash = 0xCBF29CE484222325;

static void take(const void *bytes, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    hash = (hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001B3;
}

int main(void) {
  static float gradient[C_SIZE], numbers[C_DECODED_SIZE];
  static uint32_t wire[C_WIRE_SIZE / 4], workspace[C_WORKSPACE_SIZE / 4 + 1];
  uint32_t state = 1;
  for (uint32_t step = 0; step < 4; ++step) {
    for (int i = 0; i < C_SIZE; ++i) {
      state = state * 1664525 + 1013904223;
      gradient[i] = (float)((int32_t)state >> 8) * 0x1p-23f;
      if (step == 1)
        gradient[i] *= 0x1p-140f; /* denormal */
      else if (step == 2)
        gradient[i] *= 0x1p127f;
    }
    if (c_encode(gradient, wire, workspace, 7, 3, step) != 0 ||
        c_decode(wire, numbers) != 0 || c_accumulate(wire, numbers) != 0)
      return 1;
    take(wire, c_wire_bytes(wire));
    take(workspace, C_STATE_SIZE);
    take(numbers, sizeof numbers);
  }
  printf("%016llx\n", (unsigned long long)hash);
  return 0;
}
