/* Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Memory of a workspace for Vulkan.  The arena and the constants lie on the
 * device, inputs and outputs where the host sees them; so does a copy of the
 * constants, for as long as they are uploaded.
 */
#ifndef LOWBIT_LIB_RUNTIME_VULKANMEMORY_H
#define LOWBIT_LIB_RUNTIME_VULKANMEMORY_H

#include "VulkanDevice.h"

enum { ALIGNMENT = 256 };

static inline int find_memory(workspace *w, uint32_t allowed,
                              VkMemoryPropertyFlags wanted) {
  for (uint32_t i = 0; i < w->memories.memoryTypeCount; ++i)
    if ((allowed >> i & 1) &&
        (w->memories.memoryTypes[i].propertyFlags & wanted) == wanted)
      return (int)i;
  return -1;
}

static inline int allocate(workspace *w, memory_block *block, uint64_t size,
                           VkBufferUsageFlags usage, int for_host) {
  VkBufferCreateInfo info = {.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
                             .size = size ? size : 1,
                             .usage = usage};
  TRY_VULKAN(CreateBuffer(w->device, &info, NULL, &block->buffer));
  VkMemoryRequirements needs;
  w->GetBufferMemoryRequirements(w->device, block->buffer, &needs);
  int type = find_memory(w, needs.memoryTypeBits,
                         for_host ? VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
                                        VK_MEMORY_PROPERTY_HOST_COHERENT_BIT
                                  : VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT);
  if (type < 0)
    return refuse_device(w, for_host ? "memory that the host sees"
                                     : "memory of its own");
  VkMemoryAllocateInfo memory = {.sType =
                                     VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                                 .allocationSize = needs.size,
                                 .memoryTypeIndex = (uint32_t)type};
  TRY_VULKAN(AllocateMemory(w->device, &memory, NULL, &block->memory));
  TRY_VULKAN(BindBufferMemory(w->device, block->buffer, block->memory, 0));
  if (for_host) {
    void *mapped;
    TRY_VULKAN(
        MapMemory(w->device, block->memory, 0, VK_WHOLE_SIZE, 0, &mapped));
    block->mapped = mapped;
  }
  return LOWBIT_OK;
}

static inline void release(workspace *w, memory_block *block) {
  w->DestroyBuffer(w->device, block->buffer, NULL);
  w->FreeMemory(w->device, block->memory, NULL); /* unmaps */
  block->buffer = 0;
  block->memory = 0;
  block->mapped = NULL;
}

/* Inputs lie before outputs, and those before scalars. */
static inline uint64_t get_port_offset(const workspace *w, uint32_t kind,
                                       uint32_t index) {
  const lowbit_model *model = w->plan->model;
  uint64_t offset = 0;
  uint32_t inputs = kind == LOWBIT_ARGUMENT_INPUT ? index : model->input_count;
  for (uint32_t i = 0; i < inputs; ++i)
    offset += align_up(count_bytes(&model->inputs[i]), ALIGNMENT);
  if (kind == LOWBIT_ARGUMENT_INPUT)
    return offset;
  uint32_t outputs =
      kind == LOWBIT_ARGUMENT_OUTPUT ? index : model->output_count;
  for (uint32_t i = 0; i < outputs; ++i)
    offset += align_up(count_bytes(&model->outputs[i]), ALIGNMENT);
  if (kind == LOWBIT_ARGUMENT_OUTPUT)
    return offset;
  for (uint32_t i = 0; i < index; ++i)
    if (w->plan->arguments[i].kind == LOWBIT_ARGUMENT_SCALAR)
      offset += ALIGNMENT;
  return offset;
}

static inline int begin(workspace *w, VkCommandBuffer commands) {
  VkCommandBufferBeginInfo info = {
      .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
  TRY_VULKAN(BeginCommandBuffer(commands, &info));
  return LOWBIT_OK;
}

static inline int submit_and_wait(workspace *w, VkCommandBuffer commands) {
  TRY_VULKAN(ResetFences(w->device, 1, &w->fence));
  VkSubmitInfo info = {.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
                       .commandBufferCount = 1,
                       .pCommandBuffers = &commands};
  TRY_VULKAN(QueueSubmit(w->queue, 1, &info, w->fence));
  TRY_VULKAN(WaitForFences(w->device, 1, &w->fence, VK_TRUE, UINT64_MAX));
  return LOWBIT_OK;
}

static inline int open_commands(workspace *w) {
  VkCommandPoolCreateInfo pool = {
      .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
      .queueFamilyIndex = w->family};
  TRY_VULKAN(CreateCommandPool(w->device, &pool, NULL, &w->commands));
  VkCommandBuffer buffers[2];
  VkCommandBufferAllocateInfo info = {
      .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
      .commandPool = w->commands,
      .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
      .commandBufferCount = 2};
  TRY_VULKAN(AllocateCommandBuffers(w->device, &info, buffers));
  w->upload = buffers[0];
  w->program = buffers[1];
  VkFenceCreateInfo fence = {.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO};
  TRY_VULKAN(CreateFence(w->device, &fence, NULL, &w->fence));
  return LOWBIT_OK;
}

static inline int open_memory(workspace *w) {
  TRY(open_commands(w));
  const lowbit_plan *plan = w->plan;
  VkBufferUsageFlags storage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  TRY(allocate(w, &w->arena, plan->arena_size, storage, 0));
  uint64_t ports =
      get_port_offset(w, LOWBIT_ARGUMENT_SCALAR, plan->argument_count);
  TRY(allocate(w, &w->ports, ports, storage, 1));
  for (uint32_t i = 0; i < plan->argument_count; ++i) {
    const lowbit_plan_argument *argument = &plan->arguments[i];
    if (argument->kind == LOWBIT_ARGUMENT_SCALAR)
      memcpy(w->ports.mapped + get_port_offset(w, LOWBIT_ARGUMENT_SCALAR, i),
             &argument->offset, argument->size);
  }
  TRY(allocate(w, &w->constants, plan->constants_size,
               storage | VK_BUFFER_USAGE_TRANSFER_DST_BIT, 0));
  if (!plan->constants_size)
    return LOWBIT_OK;
  TRY(allocate(w, &w->staging, plan->constants_size,
               VK_BUFFER_USAGE_TRANSFER_SRC_BIT, 1));
  memcpy(w->staging.mapped, plan->constants, plan->constants_size);
  TRY(begin(w, w->upload));
  VkBufferCopy all = {.size = plan->constants_size};
  w->CmdCopyBuffer(w->upload, w->staging.buffer, w->constants.buffer, 1, &all);
  TRY_VULKAN(EndCommandBuffer(w->upload));
  TRY(submit_and_wait(w, w->upload));
  release(w, &w->staging);
  return LOWBIT_OK;
}

#endif /* LOWBIT_LIB_RUNTIME_VULKANMEMORY_H */
