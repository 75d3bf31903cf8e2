/* What modules of check_*.py call to print results, for machines that
 * mlir_runner_utils is not built for: the same text, as far as it is read. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

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

typedef struct {
  int64_t rank;
  int64_t *descriptor; /* two pointers, the offset, sizes, strides */
} unranked;

static void copy(int64_t bytes, int64_t rank, const int64_t *sizes,
                 const char *from, const int64_t *steps, char *to,
                 const int64_t *to_steps) {
  if (rank == 0) {
    memcpy(to, from, (size_t)bytes);
    return;
  }
  for (int64_t i = 0; i < sizes[0]; ++i)
    copy(bytes, rank - 1, sizes + 1, from + i * steps[0] * bytes, steps + 1,
         to + i * to_steps[0] * bytes, to_steps + 1);
}

/* What memref.copy of strided buffers becomes. */
void memrefCopy(int64_t bytes, const unranked *from, const unranked *to) {
  const int64_t *a = from->descriptor, *b = to->descriptor;
  const int64_t rank = from->rank;
  copy(bytes, rank, a + 3, (const char *)a[1] + a[2] * bytes, a + 3 + rank,
       (char *)b[1] + b[2] * bytes, b + 3 + rank);
}

/* @main of the module. */
extern void module_main(void);

int main(void) {
  module_main();
  return 0;
}
