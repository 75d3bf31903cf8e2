/* A libcuda.so.1 without a device, for tests: prints each call to standard
 * error, and keeps device memory on the host.  FAKE_CUDA_FAIL="cuMemAlloc_v2=2"
 * makes a function return an error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What fake-hip.c says otherwise. */
#ifndef FAKE_FAIL
#define FAKE_FAIL "FAKE_CUDA_FAIL"
#define COPY_KIND
#define COMPUTE(...) (void)0
#endif

typedef unsigned long long address;

static int live; /* what was made and not yet given back */

static int enter(const char *name) {
  const char *fail = getenv(FAKE_FAIL);
  size_t length = strlen(name);
  fprintf(stderr, "%s\n", name);
  if (fail && strncmp(fail, name, length) == 0 && fail[length] == '=')
    return atoi(fail + length + 1);
  return 0;
}

#define ENTER()                                                                \
  do {                                                                         \
    int result = enter(__func__);                                              \
    if (result)                                                                \
      return result;                                                           \
  } while (0)

static int make(void **object) {
  *object = malloc(1);
  ++live;
  return 0;
}
static int unmake(void *object) {
  free(object);
  --live;
  return 0;
}

/* What a test asks when everything should be gone. */
int fake_cuda_live(void) { return live; }

int cuInit(unsigned flags) {
  ENTER();
  return flags ? 1 : 0;
}
int cuDeviceGet(int *device, int ordinal) {
  ENTER();
  *device = ordinal;
  return ordinal == 0 ? 0 : 101;
}
int cuDeviceGetName(char *name, int length, int device) {
  ENTER();
  snprintf(name, length, "Fake Device %d", device);
  return 0;
}
int cuDevicePrimaryCtxRetain(void **context, int device) {
  ENTER();
  (void)device;
  return make(context);
}
static void *primary;
int cuDevicePrimaryCtxRelease_v2(int device) {
  ENTER();
  (void)device;
  return unmake(primary);
}
static int depth; /* contexts that are pushed */
int cuCtxPushCurrent_v2(void *context) {
  ENTER();
  primary = context;
  ++depth;
  return 0;
}
int cuCtxPopCurrent_v2(void **context) {
  ENTER();
  *context = primary;
  --depth;
  return 0;
}
int fake_cuda_depth(void) { return depth; }
int cuCtxSynchronize(void) {
  ENTER();
  return 0;
}
int cuModuleLoadData(void **module, const void *image) {
  ENTER();
  fprintf(stderr, "  %s\n",
          memcmp(image, "\177ELF", 4) == 0 ? "an ELF file" : "text");
  return make(module);
}
int cuModuleUnload(void *module) {
  ENTER();
  return unmake(module);
}
int cuModuleGetFunction(void **function, void *module, const char *name) {
  ENTER();
  (void)module;
  fprintf(stderr, "  %s\n", name);
  *function = (void *)name;
  return 0;
}
int cuFuncSetAttribute(void *function, int attribute, int value) {
  ENTER();
  fprintf(stderr, "  %s %d = %d\n", (const char *)function, attribute, value);
  return 0;
}
static char *memory;
int cuMemAlloc_v2(address *result, size_t bytes) {
  ENTER();
  fprintf(stderr, "  %zu bytes\n", bytes);
  memory = calloc(1, bytes);
  *result = (address)(size_t)memory;
  ++live;
  return 0;
}
int cuMemFree_v2(address pointer) {
  ENTER();
  return unmake((void *)(size_t)pointer);
}
int cuMemcpyHtoD_v2(address target, const void *source, size_t bytes) {
  ENTER();
  fprintf(stderr, "  %zu bytes\n", bytes);
  memcpy((void *)(size_t)target, source, bytes);
  return 0;
}
int cuMemcpyAsync(address target, address source, size_t bytes,
                  COPY_KIND void *stream) {
  ENTER();
  fprintf(stderr, "  %zu bytes on %s\n", bytes, stream ? "a stream" : "null");
  memcpy((void *)(size_t)target, (void *)(size_t)source, bytes);
  return 0;
}
int cuStreamCreate(void **stream, unsigned flags) {
  ENTER();
  (void)flags;
  return make(stream);
}
int cuStreamDestroy_v2(void *stream) {
  ENTER();
  return unmake(stream);
}
int cuStreamSynchronize(void *stream) {
  ENTER();
  (void)stream;
  return 0;
}
int cuLaunchKernel(void *function, unsigned gx, unsigned gy, unsigned gz,
                   unsigned bx, unsigned by, unsigned bz, unsigned shared,
                   void *stream, void **parameters, void **extra) {
  ENTER();
  (void)stream, (void)extra;
  fprintf(stderr, "  %s <<<%u %u %u, %u %u %u, %u>>>, first at %lld\n",
          (const char *)function, gx, gy, gz, bx, by, bz, shared,
          (long long)(*(address *)parameters[0] - (address)(size_t)memory));
  COMPUTE((const char *)function, gx, gy, gz, bx, by, bz, parameters);
  return 0;
}
int cuStreamBeginCapture_v2(void *stream, int mode) {
  ENTER();
  (void)stream, (void)mode;
  return 0;
}
int cuStreamEndCapture(void *stream, void **graph) {
  ENTER();
  (void)stream;
  return make(graph);
}
int cuGraphInstantiateWithFlags(void **executable, void *graph,
                                unsigned long long flags) {
  ENTER();
  (void)graph, (void)flags;
  return make(executable);
}
int cuGraphLaunch(void *executable, void *stream) {
  ENTER();
  (void)executable;
  fprintf(stderr, "  on %s\n", stream ? "a stream" : "null");
  return 0;
}
int cuGraphDestroy(void *graph) {
  ENTER();
  return unmake(graph);
}
int cuGraphExecDestroy(void *executable) {
  ENTER();
  return unmake(executable);
}
