/* What modules of check_*.py call to print results, for machines that
 * mlir_runner_utils is not built for: the same text, as far as it is read. */
#include <stdint.h>
#include <stdio.h>

typedef struct {
  int32_t *allocated, *aligned;
  int64_t offset, size, stride;
} row;

void printMemrefI32(int64_t rank, void *descriptor) {
  const row *values = descriptor;
  if (rank != 1)
    return;
  printf("data = \n[");
  for (int64_t i = 0; i < values->size; ++i)
    printf("%s%d", i ? ", " : "",
           (int)values->aligned[values->offset + i * values->stride]);
  printf("]\n");
}

/* @main of the module. */
extern void module_main(void);

int main(void) {
  module_main();
  return 0;
}
