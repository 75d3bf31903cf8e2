/* A libamdhip64.so.6 without a device, for tests: fake-cuda.c under HIP's names.
 * With FAKE_HIP_KERNELS, a library that emulate_amdgpu.py made, launches compute. */
#include <dlfcn.h>

#define FAKE_FAIL "FAKE_HIP_FAIL"
#define COPY_KIND int kind,
#define cuInit hipInit
#define cuDeviceGet hipDeviceGet
#define cuDeviceGetName hipDeviceGetName
#define cuCtxSynchronize hipDeviceSynchronize
#define cuModuleLoadData hipModuleLoadData
#define cuModuleUnload hipModuleUnload
#define cuModuleGetFunction hipModuleGetFunction
#define cuMemAlloc_v2 hipMalloc
#define cuMemFree_v2 hipFree
#define cuMemcpyHtoD_v2 hipMemcpyHtoD
#define cuMemcpyAsync hipMemcpyAsync
#define cuStreamCreate hipStreamCreateWithFlags
#define cuStreamDestroy_v2 hipStreamDestroy
#define cuStreamSynchronize hipStreamSynchronize
#define cuLaunchKernel hipModuleLaunchKernel
#define cuStreamBeginCapture_v2 hipStreamBeginCapture
#define cuStreamEndCapture hipStreamEndCapture
#define cuGraphInstantiateWithFlags hipGraphInstantiateWithFlags
#define cuGraphLaunch hipGraphLaunch
#define cuGraphDestroy hipGraphDestroy
#define cuGraphExecDestroy hipGraphExecDestroy

static void compute(const char *name, unsigned gx, unsigned gy, unsigned gz,
                    unsigned bx, unsigned by, unsigned bz, void **parameters);
#define COMPUTE compute

#include "fake-cuda.c"

/* The device that is current, and how often it was set. */
static int current = 7;
int hipGetDevice(int *device) {
  ENTER();
  *device = current;
  return 0;
}
int hipSetDevice(int device) {
  ENTER();
  fprintf(stderr, "  %d\n", device);
  current = device;
  return 0;
}

static void compute(const char *name, unsigned gx, unsigned gy, unsigned gz,
                    unsigned bx, unsigned by, unsigned bz, void **parameters) {
  const char *path = getenv("FAKE_HIP_KERNELS");
  void *library = path ? dlopen(path, RTLD_NOW) : NULL;
  void (*run)(const char *, const unsigned *, const unsigned *, void **);
  if (!library)
    return;
  *(void **)&run = dlsym(library, "emulate");
  run(name, (unsigned[]){gx, gy, gz}, (unsigned[]){bx, by, bz}, parameters);
  dlclose(library);
}
