/* Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What a workspace for Vulkan holds, and how it opens its device.  The loader is
 * opened at run time.
 */
#ifndef LOWBIT_LIB_RUNTIME_VULKANDEVICE_H
#define LOWBIT_LIB_RUNTIME_VULKANDEVICE_H

#include "Device.h"

#define VK_NO_PROTOTYPES
#include <vulkan/vulkan_core.h>

#include <dlfcn.h>

enum { MAX_DEVICES = 16, MAX_FAMILIES = 16, DESCRIPTION_SIZE = 320 };

/* The functions of Vulkan, by how they are found. */
#define INSTANCE_FUNCTIONS(F)                                                  \
  F(DestroyInstance)                                                           \
  F(EnumeratePhysicalDevices)                                                  \
  F(GetPhysicalDeviceProperties)                                               \
  F(GetPhysicalDeviceFeatures2)                                                \
  F(GetPhysicalDeviceMemoryProperties)                                         \
  F(GetPhysicalDeviceQueueFamilyProperties)                                    \
  F(CreateDevice)                                                              \
  F(GetDeviceProcAddr)
#define DEVICE_FUNCTIONS(F)                                                    \
  F(DestroyDevice)                                                             \
  F(GetDeviceQueue)                                                            \
  F(CreateBuffer)                                                              \
  F(DestroyBuffer)                                                             \
  F(GetBufferMemoryRequirements)                                               \
  F(AllocateMemory)                                                            \
  F(FreeMemory)                                                                \
  F(BindBufferMemory)                                                          \
  F(MapMemory)                                                                 \
  F(CreateDescriptorSetLayout)                                                 \
  F(DestroyDescriptorSetLayout)                                                \
  F(CreatePipelineLayout)                                                      \
  F(DestroyPipelineLayout)                                                     \
  F(CreateShaderModule)                                                        \
  F(DestroyShaderModule)                                                       \
  F(CreateComputePipelines)                                                    \
  F(DestroyPipeline)                                                           \
  F(CreateDescriptorPool)                                                      \
  F(DestroyDescriptorPool)                                                     \
  F(AllocateDescriptorSets)                                                    \
  F(UpdateDescriptorSets)                                                      \
  F(CreateCommandPool)                                                         \
  F(DestroyCommandPool)                                                        \
  F(AllocateCommandBuffers)                                                    \
  F(BeginCommandBuffer)                                                        \
  F(EndCommandBuffer)                                                          \
  F(CmdBindPipeline)                                                           \
  F(CmdBindDescriptorSets)                                                     \
  F(CmdDispatch)                                                               \
  F(CmdPipelineBarrier)                                                        \
  F(CmdCopyBuffer)                                                             \
  F(CreateFence)                                                               \
  F(DestroyFence)                                                              \
  F(ResetFences)                                                               \
  F(WaitForFences)                                                             \
  F(QueueSubmit)

typedef struct memory_block {
  VkBuffer buffer;
  VkDeviceMemory memory;
  uint8_t *mapped; /* null where the host does not see it */
} memory_block;

typedef struct kernel_state {
  VkDescriptorSetLayout arguments;
  VkPipelineLayout layout;
  VkPipeline pipeline;
} kernel_state;

typedef struct workspace {
  const lowbit_plan *plan;
  fallback fallback;
  void *library;
  PFN_vkGetInstanceProcAddr GetInstanceProcAddr;
#define DECLARE(name) PFN_vk##name name;
  INSTANCE_FUNCTIONS(DECLARE)
  DEVICE_FUNCTIONS(DECLARE)
#undef DECLARE
  VkInstance instance;
  VkPhysicalDevice physical;
  VkPhysicalDeviceProperties properties;
  VkPhysicalDeviceMemoryProperties memories;
  uint32_t family;
  VkDevice device;
  VkQueue queue;
  memory_block arena, constants, ports, staging;
  VkShaderModule code;
  VkDescriptorPool sets;
  VkCommandPool commands;
  VkCommandBuffer upload, program;
  VkFence fence;
  int is_lost;
  char description[DESCRIPTION_SIZE];
  size_t description_length;
  kernel_state kernels[];
} workspace;

/* Goes on behind only if `call` succeeds. */
#define TRY(call)                                                              \
  do {                                                                         \
    int try_status = (call);                                                   \
    if (try_status)                                                            \
      return try_status;                                                       \
  } while (0)
#define TRY_VULKAN(call) TRY(to_status(w, w->call))

/* Appends to the description. */
static inline void say(workspace *w, const char *text) {
  w->description_length = append_text(w->description, DESCRIPTION_SIZE,
                                      w->description_length, text);
}

/* The reason why a device cannot be used, where the processor may stand in. */
static inline int refuse(workspace *w, int status, const char *reason) {
  w->description_length = 0;
  say(w, "processor: ");
  say(w, reason);
  return status;
}

static inline int refuse_device(workspace *w, const char *what) {
  refuse(w, LOWBIT_NO_CODE, "");
  say(w, w->properties.deviceName);
  say(w, " lacks ");
  say(w, what);
  return LOWBIT_NO_CODE;
}

static inline int to_status(workspace *w, VkResult result) {
  switch (result) {
  case VK_SUCCESS:
    return LOWBIT_OK;
  case VK_ERROR_OUT_OF_HOST_MEMORY:
    return LOWBIT_NO_MEMORY;
  case VK_ERROR_OUT_OF_DEVICE_MEMORY:
  case VK_ERROR_OUT_OF_POOL_MEMORY:
    return LOWBIT_NO_DEVICE_MEMORY;
  case VK_ERROR_DEVICE_LOST:
    w->is_lost = 1;
    return LOWBIT_DEVICE_LOST;
  case VK_ERROR_INCOMPATIBLE_DRIVER:
    return refuse(w, LOWBIT_NO_DRIVER, "there is no driver of Vulkan");
  default:
    return LOWBIT_DEVICE_ERROR;
  }
}

static inline int open_instance(workspace *w) {
  w->library = dlopen("libvulkan.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!w->library)
    return refuse(w, LOWBIT_NO_DRIVER, "there is no libvulkan.so.1");
  *(void **)&w->GetInstanceProcAddr =
      dlsym(w->library, "vkGetInstanceProcAddr");
  PFN_vkCreateInstance create = NULL;
  if (w->GetInstanceProcAddr)
    create =
        (PFN_vkCreateInstance)w->GetInstanceProcAddr(NULL, "vkCreateInstance");
  if (!create)
    return refuse(w, LOWBIT_NO_DRIVER, "libvulkan.so.1 lacks functions");
  VkApplicationInfo application = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
                                   .pEngineName = "lowbit",
                                   .apiVersion = VK_API_VERSION_1_3};
  VkInstanceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
                               .pApplicationInfo = &application};
  TRY(to_status(w, create(&info, NULL, &w->instance)));
#define LOAD(name)                                                             \
  w->name = (PFN_vk##name)w->GetInstanceProcAddr(w->instance, "vk" #name);     \
  if (!w->name)                                                                \
    return refuse(w, LOWBIT_NO_DRIVER, "the driver lacks vk" #name);
  INSTANCE_FUNCTIONS(LOAD)
#undef LOAD
  return LOWBIT_OK;
}

/* A family of queues that computes; -1 if the device has none. */
static inline int find_family(workspace *w) {
  VkQueueFamilyProperties families[MAX_FAMILIES];
  uint32_t count = MAX_FAMILIES;
  w->GetPhysicalDeviceQueueFamilyProperties(w->physical, &count, families);
  for (uint32_t i = 0; i < count; ++i)
    if (families[i].queueFlags & VK_QUEUE_COMPUTE_BIT)
      return (int)i;
  return -1;
}

/* Real GPUs first, then what emulates one. */
static inline int get_rank(VkPhysicalDeviceType type) {
  switch (type) {
  case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
    return 4;
  case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
    return 3;
  case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
    return 2;
  default:
    return 1;
  }
}

/* Device `number` of those that compute, GPUs before what emulates one. */
static inline int choose_device(workspace *w, int32_t number) {
  VkPhysicalDevice devices[MAX_DEVICES];
  uint32_t count = MAX_DEVICES;
  VkResult result = w->EnumeratePhysicalDevices(w->instance, &count, devices);
  if (result != VK_INCOMPLETE)
    TRY(to_status(w, result));
  int32_t seen = 0;
  for (int rank = 4; rank > 0; --rank)
    for (uint32_t i = 0; i < count; ++i) {
      w->physical = devices[i];
      w->GetPhysicalDeviceProperties(w->physical, &w->properties);
      int family = find_family(w);
      if (get_rank(w->properties.deviceType) != rank || family < 0)
        continue;
      w->family = (uint32_t)family;
      if (seen++ == number)
        return LOWBIT_OK;
    }
  return refuse(w, LOWBIT_NO_DEVICE, "Vulkan has no device of this number");
}

/* Numbers of SPIR-V. */
enum {
  SpvOpCapability = 17,
  SpvCapabilityFloat64 = 10,
  SpvCapabilityInt64 = 11,
  SpvCapabilityInt16 = 22,
  SpvCapabilityInt8 = 39,
  SpvCapabilityStorageBuffer16BitAccess = 4433,
  SpvCapabilityStorageBuffer8BitAccess = 4448,
  SpvCapabilityDotProduct = 6019
};

/* Capabilities stand first in a module, behind five words. */
static inline int uses(const lowbit_plan *plan, uint32_t capability) {
  const uint32_t *words = plan->images[0].bytes;
  uint64_t count = plan->images[0].size / sizeof *words;
  for (uint64_t i = 5; i + 1 < count; i += 2) {
    if (words[i] != (2u << 16 | SpvOpCapability))
      return 0;
    if (words[i + 1] == capability)
      return 1;
  }
  return 0;
}

/* Features that kernels may need, where Vulkan reports and enables them. */
typedef struct feature_set {
  VkPhysicalDeviceVulkan13Features v13;
  VkPhysicalDeviceVulkan12Features v12;
  VkPhysicalDeviceVulkan11Features v11;
  VkPhysicalDeviceFeatures2 v10;
} feature_set;

static inline void link_features(feature_set *f) {
  f->v13.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES;
  f->v12.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES;
  f->v12.pNext = &f->v13;
  f->v11.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES;
  f->v11.pNext = &f->v12;
  f->v10.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2;
  f->v10.pNext = &f->v11;
}

static inline int make_device(workspace *w) {
  if (w->properties.apiVersion < VK_API_VERSION_1_3)
    return refuse_device(w, "Vulkan 1.3");
  feature_set has = {0}, use = {0};
  link_features(&has);
  link_features(&use);
  w->GetPhysicalDeviceFeatures2(w->physical, &has.v10);
#define REQUIRE(capability, features, field)                                   \
  if (uses(w->plan, SpvCapability##capability)) {                              \
    if (!has.features.field)                                                   \
      return refuse_device(w, #field);                                         \
    use.features.field = 1;                                                    \
  }
  REQUIRE(Int8, v12, shaderInt8)
  REQUIRE(Int16, v10.features, shaderInt16)
  REQUIRE(Int64, v10.features, shaderInt64)
  REQUIRE(Float64, v10.features, shaderFloat64)
  REQUIRE(StorageBuffer8BitAccess, v12, storageBuffer8BitAccess)
  REQUIRE(StorageBuffer16BitAccess, v11, storageBuffer16BitAccess)
  REQUIRE(DotProduct, v13, shaderIntegerDotProduct)
#undef REQUIRE
  float priority = 1;
  VkDeviceQueueCreateInfo queue = {
      .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
      .queueFamilyIndex = w->family,
      .queueCount = 1,
      .pQueuePriorities = &priority};
  VkDeviceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
                             .pNext = &use.v10,
                             .queueCreateInfoCount = 1,
                             .pQueueCreateInfos = &queue};
  TRY_VULKAN(CreateDevice(w->physical, &info, NULL, &w->device));
#define LOAD(name)                                                             \
  w->name = (PFN_vk##name)w->GetDeviceProcAddr(w->device, "vk" #name);         \
  if (!w->name)                                                                \
    return refuse(w, LOWBIT_NO_DRIVER, "the driver lacks vk" #name);
  DEVICE_FUNCTIONS(LOAD)
#undef LOAD
  w->GetDeviceQueue(w->device, w->family, 0, &w->queue);
  w->GetPhysicalDeviceMemoryProperties(w->physical, &w->memories);
  return LOWBIT_OK;
}

static inline int open_device(workspace *w, int32_t number) {
  TRY(open_instance(w));
  TRY(choose_device(w, number));
  TRY(make_device(w));
  say(w, w->properties.deviceName);
  return LOWBIT_OK;
}

#endif /* LOWBIT_LIB_RUNTIME_VULKANDEVICE_H */
