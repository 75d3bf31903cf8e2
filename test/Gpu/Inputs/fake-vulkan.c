/* A driver of Vulkan that computes nothing: every function succeeds, or fails as
 * `fake` says, and objects are counted. */
#include "fake-vulkan.h"

#define VK_NO_PROTOTYPES
#include <vulkan/vulkan_core.h>

#include <stdlib.h>
#include <string.h>

struct fake_vulkan fake = {.version = 3};

static VkResult call(void) {
  return ++fake.calls == fake.fail_at ? (VkResult)fake.error : VK_SUCCESS;
}

/* Objects are memory, so that nothing is given back twice unnoticed. */
static void *make(size_t size) {
  ++fake.live;
  return malloc(size);
}
static void drop(void *object) {
  fake.live -= object != NULL;
  free(object);
}

#define CREATE(name, info, type)                                               \
  static VkResult Create##name(VkDevice d, const info *i,                      \
                               const VkAllocationCallbacks *a, type *result) { \
    VkResult r = call();                                                       \
    if (r == VK_SUCCESS)                                                       \
      *result = (type)make(1);                                                 \
    return r;                                                                  \
  }                                                                            \
  static void Destroy##name(VkDevice d, type object,                           \
                            const VkAllocationCallbacks *a) {                  \
    drop((void *)object);                                                      \
  }
CREATE(Buffer, VkBufferCreateInfo, VkBuffer)
CREATE(DescriptorSetLayout, VkDescriptorSetLayoutCreateInfo,
       VkDescriptorSetLayout)
CREATE(PipelineLayout, VkPipelineLayoutCreateInfo, VkPipelineLayout)
CREATE(ShaderModule, VkShaderModuleCreateInfo, VkShaderModule)
CREATE(DescriptorPool, VkDescriptorPoolCreateInfo, VkDescriptorPool)
CREATE(CommandPool, VkCommandPoolCreateInfo, VkCommandPool)
CREATE(Fence, VkFenceCreateInfo, VkFence)

static VkResult CreateInstance(const VkInstanceCreateInfo *i,
                               const VkAllocationCallbacks *a, VkInstance *s) {
  VkResult r = call();
  if (r == VK_SUCCESS)
    *s = make(1);
  return r;
}
static void DestroyInstance(VkInstance s, const VkAllocationCallbacks *a) {
  drop(s);
}
static VkResult CreateDevice(VkPhysicalDevice p, const VkDeviceCreateInfo *i,
                             const VkAllocationCallbacks *a, VkDevice *d) {
  VkResult r = call();
  if (r == VK_SUCCESS)
    *d = make(1);
  return r;
}
static void DestroyDevice(VkDevice d, const VkAllocationCallbacks *a) {
  drop(d);
}
static VkResult CreateComputePipelines(VkDevice d, VkPipelineCache c,
                                       uint32_t n,
                                       const VkComputePipelineCreateInfo *i,
                                       const VkAllocationCallbacks *a,
                                       VkPipeline *p) {
  VkResult r = call();
  if (r == VK_SUCCESS)
    *p = (VkPipeline)make(1);
  return r;
}
static void DestroyPipeline(VkDevice d, VkPipeline p,
                            const VkAllocationCallbacks *a) {
  drop((void *)p);
}
static VkResult AllocateMemory(VkDevice d, const VkMemoryAllocateInfo *i,
                               const VkAllocationCallbacks *a,
                               VkDeviceMemory *m) {
  VkResult r = call();
  if (r == VK_SUCCESS)
    *m = (VkDeviceMemory)make(i->allocationSize);
  return r;
}
static void FreeMemory(VkDevice d, VkDeviceMemory m,
                       const VkAllocationCallbacks *a) {
  drop((void *)m);
}
static VkResult MapMemory(VkDevice d, VkDeviceMemory m, VkDeviceSize o,
                          VkDeviceSize n, VkMemoryMapFlags f, void **p) {
  *p = (void *)m;
  return call();
}
static VkResult BindBufferMemory(VkDevice d, VkBuffer b, VkDeviceMemory m,
                                 VkDeviceSize o) {
  return call();
}
static void GetBufferMemoryRequirements(VkDevice d, VkBuffer b,
                                        VkMemoryRequirements *n) {
  *n = (VkMemoryRequirements){4096, 256, 1};
}
static VkResult AllocateDescriptorSets(VkDevice d,
                                       const VkDescriptorSetAllocateInfo *i,
                                       VkDescriptorSet *s) {
  return call();
}
static void UpdateDescriptorSets(VkDevice d, uint32_t n,
                                 const VkWriteDescriptorSet *w, uint32_t m,
                                 const VkCopyDescriptorSet *c) {}
static VkResult AllocateCommandBuffers(VkDevice d,
                                       const VkCommandBufferAllocateInfo *i,
                                       VkCommandBuffer *b) {
  return call();
}
static VkResult BeginCommandBuffer(VkCommandBuffer b,
                                   const VkCommandBufferBeginInfo *i) {
  return call();
}
static VkResult EndCommandBuffer(VkCommandBuffer b) { return call(); }
static VkResult ResetFences(VkDevice d, uint32_t n, const VkFence *f) {
  return call();
}
static VkResult WaitForFences(VkDevice d, uint32_t n, const VkFence *f,
                              VkBool32 all, uint64_t t) {
  return call();
}
static VkResult QueueSubmit(VkQueue q, uint32_t n, const VkSubmitInfo *i,
                            VkFence f) {
  return call();
}
static void CmdBindPipeline(VkCommandBuffer b, VkPipelineBindPoint k,
                            VkPipeline p) {}
static void CmdBindDescriptorSets(VkCommandBuffer b, VkPipelineBindPoint k,
                                  VkPipelineLayout l, uint32_t f, uint32_t n,
                                  const VkDescriptorSet *s, uint32_t m,
                                  const uint32_t *o) {}
static void CmdDispatch(VkCommandBuffer b, uint32_t x, uint32_t y, uint32_t z) {
  ++fake.dispatches;
}
static void CmdPipelineBarrier(VkCommandBuffer b, VkPipelineStageFlags s,
                               VkPipelineStageFlags t, VkDependencyFlags f,
                               uint32_t n, const VkMemoryBarrier *m, uint32_t o,
                               const VkBufferMemoryBarrier *c, uint32_t q,
                               const VkImageMemoryBarrier *i) {}
static void CmdCopyBuffer(VkCommandBuffer b, VkBuffer from, VkBuffer to,
                          uint32_t n, const VkBufferCopy *c) {
  fake.copied += (int)c->size;
}
static void GetDeviceQueue(VkDevice d, uint32_t f, uint32_t i, VkQueue *q) {}
static VkResult EnumeratePhysicalDevices(VkInstance i, uint32_t *n,
                                         VkPhysicalDevice *d) {
  *n = 1;
  d[0] = (VkPhysicalDevice)&fake;
  return call();
}
static void GetPhysicalDeviceProperties(VkPhysicalDevice d,
                                        VkPhysicalDeviceProperties *p) {
  memset(p, 0, sizeof *p);
  strcpy(p->deviceName, "Fake");
  p->apiVersion = VK_MAKE_API_VERSION(0, 1, (uint32_t)fake.version, 0);
  for (int i = 0; i < 3; ++i)
    p->limits.maxComputeWorkGroupSize[i] =
        p->limits.maxComputeWorkGroupCount[i] = 256;
  p->limits.maxComputeWorkGroupInvocations = 256;
  p->limits.maxPerStageDescriptorStorageBuffers = 4;
  p->limits.maxStorageBufferRange = 4096;
  p->limits.minStorageBufferOffsetAlignment = 256;
}
static void GetPhysicalDeviceFeatures2(VkPhysicalDevice d,
                                       VkPhysicalDeviceFeatures2 *f) {
  f->features.shaderInt64 = !fake.without_int64;
}
static void
GetPhysicalDeviceMemoryProperties(VkPhysicalDevice d,
                                  VkPhysicalDeviceMemoryProperties *m) {
  m->memoryTypeCount = 1;
  m->memoryTypes[0].propertyFlags = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT |
                                    VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
                                    VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
}
static void GetPhysicalDeviceQueueFamilyProperties(VkPhysicalDevice d,
                                                   uint32_t *n,
                                                   VkQueueFamilyProperties *f) {
  *n = 1;
  f[0].queueFlags = VK_QUEUE_COMPUTE_BIT;
}

static PFN_vkVoidFunction look_up(void *owner, const char *name);
static PFN_vkVoidFunction GetDeviceProcAddr(VkDevice d, const char *name) {
  return look_up(d, name);
}

#define FUNCTIONS(F)                                                           \
  F(CreateInstance)                                                            \
  F(DestroyInstance)                                                           \
  F(EnumeratePhysicalDevices) F(GetPhysicalDeviceProperties) F(                \
      GetPhysicalDeviceFeatures2) F(GetPhysicalDeviceMemoryProperties)         \
      F(GetPhysicalDeviceQueueFamilyProperties) F(CreateDevice) F(             \
          GetDeviceProcAddr) F(DestroyDevice) F(GetDeviceQueue)                \
          F(CreateBuffer) F(DestroyBuffer) F(GetBufferMemoryRequirements) F(   \
              AllocateMemory) F(FreeMemory) F(BindBufferMemory) F(MapMemory)   \
              F(CreateDescriptorSetLayout) F(DestroyDescriptorSetLayout)       \
                  F(CreatePipelineLayout) F(DestroyPipelineLayout) F(          \
                      CreateShaderModule) F(DestroyShaderModule)               \
                      F(CreateComputePipelines) F(DestroyPipeline) F(          \
                          CreateDescriptorPool) F(DestroyDescriptorPool)       \
                          F(AllocateDescriptorSets) F(UpdateDescriptorSets) F( \
                              CreateCommandPool) F(DestroyCommandPool)         \
                              F(AllocateCommandBuffers) F(BeginCommandBuffer)  \
                                  F(EndCommandBuffer) F(CmdBindPipeline)       \
                                      F(CmdBindDescriptorSets) F(CmdDispatch)  \
                                          F(CmdPipelineBarrier)                \
                                              F(CmdCopyBuffer) F(CreateFence)  \
                                                  F(DestroyFence)              \
                                                      F(ResetFences)           \
                                                          F(WaitForFences)     \
                                                              F(QueueSubmit)

static PFN_vkVoidFunction look_up(void *owner, const char *name) {
#define IF(function)                                                           \
  if (strcmp(name, "vk" #function) == 0)                                       \
    return (PFN_vkVoidFunction)function;
  FUNCTIONS(IF)
  return NULL;
}

PFN_vkVoidFunction vkGetInstanceProcAddr(VkInstance instance,
                                         const char *name) {
  return look_up(instance, name);
}
