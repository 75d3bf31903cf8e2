/* Runs a compiled model of one input and one result on the samples in a file and
 * writes what it computes: run_model INPUT OUTPUT, with bytes one behind another. */
#include MODEL_HEADER
#include <stdio.h>
#include <stdlib.h>

static size_t count_bytes(const lowbit_tensor *tensor) {
  static const size_t width[] = {0, 4, 1, 1, 2, 2, 4, 8, 1};
  size_t bytes = width[tensor->element_type];
  for (uint32_t i = 0; i < tensor->rank; ++i)
    bytes *= (size_t)tensor->dims[i];
  return bytes;
}

static void *allocate(uint64_t bytes) {
  return aligned_alloc(64, (size_t)(bytes + 64) / 64 * 64);
}

int main(int argc, char **argv) {
  const lowbit_model *model = &MODEL;
  size_t in = count_bytes(model->inputs), out = count_bytes(model->outputs);
  void *sample = allocate(in), *result = allocate(out);
  void *workspace = allocate(model->workspace_size);
  const void *inputs[] = {sample};
  void *outputs[] = {result};
  FILE *from = argc == 3 ? fopen(argv[1], "rb") : NULL;
  FILE *to = from ? fopen(argv[2], "wb") : NULL;
  if (!to || model->workspace_alignment > 64)
    return 1;
  while (fread(sample, 1, in, from) == in) {
    if (model->run(inputs, outputs, workspace) != 0 ||
        fwrite(result, 1, out, to) != out)
      return 1;
  }
  return fclose(to);
}
