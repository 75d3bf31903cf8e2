/* Tries every variant of the model m and prints what happens. */
#include "m.h"
#include <stdio.h>
#include <stdlib.h>

static const unsigned char input[M_INPUT0_ELEMENTS * 4] = {3, 1, 4, 1,
                                                           5, 9, 2, 6};
static unsigned char output[M_OUTPUT0_ELEMENTS * 8];
static void *workspace;

static int run(void) {
  const void *inputs[] = {input};
  void *outputs[] = {output};
  return m_run(inputs, outputs, workspace);
}

int main(void) {
  const lowbit_variants *variants = m_lowbit_model.variants;
  workspace = aligned_alloc(64, (M_WORKSPACE_SIZE + 64) / 64 * 64);
  printf("selected %d\n", m_selected_variant());
  printf("run: %d\n", run());
  for (uint32_t i = 0; i <= variants->count; ++i) {
    int status = variants->select((int32_t)i);
    if (i == variants->count)
      printf("number %u: %d\n", i, status);
    else if (status != LOWBIT_OK)
      printf("%s: %d\n", variants->names[i], status);
    else {
      unsigned sum = 0;
      status = run();
      for (size_t k = 0; k < sizeof output; ++k)
        sum = sum * 31 + output[k];
      printf("%s: %d, sum %u\n", variants->names[i], status, sum);
    }
  }
  printf("by itself: %d", m_select_variant(-1));
  printf(", runs %d\n", variants->selected());
  return 0;
}
