/* Part of the Lowbit project, under the Apache License v2.0 with LLVM
 * Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Calls the compiled digits network from C and measures its accuracy:
 *
 *   cc -std=c99 -I DIR use_from_c.c DIR/digits.so -o use_from_c
 *   ./use_from_c test_x.npy test_y.npy
 *
 * where DIR holds what the compiler wrote, digits.h among it.  The two files
 * are read as NumPy writes them on a little-endian machine: format version
 * 1.0, C order, float32 images and int32 labels.
 */
#define _ISOC11_SOURCE 1 /* aligned_alloc, also where the language is C99 */

#include "digits.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIXELS = 1 * 8 * 8, CLASSES = 10 };

static void fail(const char *what, const char *path) {
  fprintf(stderr, "use_from_c: %s%s%s\n", path ? path : "", path ? ": " : "",
          what);
  exit(1);
}

/* Reads a .npy file whose elements have the type `descr` (four bytes each) and
 * whose rows have the shape `row`, written as in the header: "" for a vector,
 * " 1, 8, 8" for images of one channel.  Returns the elements, to be freed by
 * the caller, and their number of rows in *rows. */
static void *read_npy(const char *path, const char *descr, const char *row,
                      size_t row_elements, size_t *rows) {
  unsigned char start[10];
  char header[1024], rest[64];
  char *shape, *end;
  unsigned long count;
  size_t header_size;
  void *data;
  FILE *file = fopen(path, "rb");

  if (!file)
    fail("cannot be opened", path);
  if (fread(start, 1, sizeof start, file) != sizeof start ||
      memcmp(start, "\x93NUMPY", 6) != 0)
    fail("is not a .npy file", path);
  if (start[6] != 1 || start[7] != 0)
    fail("is not in version 1.0 of the .npy format", path);
  header_size = start[8] | (size_t)start[9] << 8;
  if (header_size >= sizeof header ||
      fread(header, 1, header_size, file) != header_size)
    fail("has a header that is cut short or too long", path);
  header[header_size] = '\0';

  if (!strstr(header, descr))
    fail("does not hold elements of the expected type", path);
  if (!strstr(header, "'fortran_order': False"))
    fail("is not in C order", path);
  shape = strstr(header, "'shape': (");
  if (!shape)
    fail("has no shape in its header", path);
  count = strtoul(shape + strlen("'shape': ("), &end, 10);
  snprintf(rest, sizeof rest, ",%s)", row);
  if (strncmp(end, rest, strlen(rest)) != 0)
    fail("does not have the expected shape", path);
  if (count == 0 || count > 1000000)
    fail("has no rows, or too many", path);

  data = malloc(count * row_elements * 4);
  if (!data)
    fail("out of memory", NULL);
  if (fread(data, row_elements * 4, count, file) != count || fgetc(file) != EOF)
    fail("has fewer or more elements than its header says", path);
  fclose(file);
  *rows = count;
  return data;
}

int main(int argc, char **argv) {
  /* aligned_alloc wants a size that is a multiple of the alignment. */
  const size_t align = DIGITS_WORKSPACE_ALIGN < sizeof(void *)
                           ? sizeof(void *)
                           : DIGITS_WORKSPACE_ALIGN;
  const size_t size = ((size_t)DIGITS_WORKSPACE_SIZE / align + 1) * align;
  size_t images, labels, right = 0;

  if (argc != 3)
    fail("usage: use_from_c test_x.npy test_y.npy", NULL);
  float *x = read_npy(argv[1], "'descr': '<f4'", " 1, 8, 8", PIXELS, &images);
  int32_t *y = read_npy(argv[2], "'descr': '<i4'", "", 1, &labels);
  if (images != labels)
    fail("there are not as many labels as images", NULL);
  void *workspace = aligned_alloc(align, size);
  if (!workspace)
    fail("out of memory", NULL);

  /* From here on nothing is allocated. */
  for (size_t i = 0; i < images; ++i) {
    float probability[CLASSES];
    const void *inputs[] = {x + i * PIXELS};
    void *outputs[] = {probability};
    int best = 0;

    if (digits_run(inputs, outputs, workspace) != 0)
      fail("digits_run reports an error", NULL);
    for (int c = 1; c < CLASSES; ++c)
      if (probability[c] > probability[best])
        best = c;
    right += best == y[i];
  }
  printf("accuracy: %.1f %% (%lu of %lu)\n",
         100.0 * (double)right / (double)images, (unsigned long)right,
         (unsigned long)images);

  free(workspace);
  free(y);
  free(x);
  return 0;
}
