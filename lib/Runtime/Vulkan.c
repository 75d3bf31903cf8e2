/* Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Runs launch plans on a device of Vulkan: all launches are recorded once, in
 * one command buffer, each waiting for the one before, and submitted for each
 * run.
 */
#include "VulkanMemory.h"

#define API(name) lowbit_vulkan_##name

enum { MAX_ARGUMENTS = 64 };

static int check_limits(workspace *w) {
  const VkPhysicalDeviceLimits *limits = &w->properties.limits;
  const lowbit_plan *plan = w->plan;
  for (uint32_t i = 0; i < plan->launch_count; ++i) {
    const lowbit_plan_launch *launch = &plan->launches[i];
    uint64_t threads = 1;
    for (int d = 0; d < 3; ++d) {
      threads *= launch->block[d];
      if (launch->block[d] > limits->maxComputeWorkGroupSize[d])
        return refuse_device(w, "work groups of that size");
      if (launch->grid[d] > limits->maxComputeWorkGroupCount[d])
        return refuse_device(w, "that many work groups");
    }
    if (threads > limits->maxComputeWorkGroupInvocations)
      return refuse_device(w, "work groups of that size");
    if (launch->argument_count > limits->maxPerStageDescriptorStorageBuffers ||
        launch->argument_count > MAX_ARGUMENTS)
      return refuse_device(w, "that many buffers for one kernel");
  }
  for (uint32_t i = 0; i < plan->argument_count; ++i) {
    const lowbit_plan_argument *argument = &plan->arguments[i];
    if (argument->kind == LOWBIT_ARGUMENT_SCALAR)
      continue;
    if (argument->size > limits->maxStorageBufferRange)
      return refuse_device(w, "buffers of that size");
    if (argument->offset % limits->minStorageBufferOffsetAlignment)
      return refuse_device(w, "buffers that start where the program's do");
  }
  return LOWBIT_OK;
}

/* Makes the kernel of a launch, unless it is there. */
static int open_kernel(workspace *w, const lowbit_plan_launch *launch) {
  kernel_state *state = &w->kernels[launch->kernel];
  if (state->pipeline)
    return LOWBIT_OK;
  VkDescriptorSetLayoutBinding bindings[MAX_ARGUMENTS];
  for (uint32_t i = 0; i < launch->argument_count; ++i)
    bindings[i] = (VkDescriptorSetLayoutBinding){
        .binding = i,
        .descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
        .descriptorCount = 1,
        .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT};
  VkDescriptorSetLayoutCreateInfo arguments = {
      .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
      .bindingCount = launch->argument_count,
      .pBindings = bindings};
  TRY_VULKAN(CreateDescriptorSetLayout(w->device, &arguments, NULL,
                                       &state->arguments));
  VkPipelineLayoutCreateInfo layout = {
      .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
      .setLayoutCount = 1,
      .pSetLayouts = &state->arguments};
  TRY_VULKAN(CreatePipelineLayout(w->device, &layout, NULL, &state->layout));
  VkComputePipelineCreateInfo pipeline = {
      .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
      .stage = {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                .module = w->code,
                .pName = w->plan->kernel_names[launch->kernel]},
      .layout = state->layout};
  TRY_VULKAN(CreateComputePipelines(w->device, 0, 1, &pipeline, NULL,
                                    &state->pipeline));
  return LOWBIT_OK;
}

/* Makes all kernels from the one module of code that there is. */
static int open_kernels(workspace *w) {
  VkShaderModuleCreateInfo info = {
      .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
      .codeSize = w->plan->images[0].size,
      .pCode = w->plan->images[0].bytes};
  TRY_VULKAN(CreateShaderModule(w->device, &info, NULL, &w->code));
  for (uint32_t i = 0; i < w->plan->launch_count; ++i)
    TRY(open_kernel(w, &w->plan->launches[i]));
  return LOWBIT_OK;
}

static int open_sets(workspace *w) {
  const lowbit_plan *plan = w->plan;
  VkDescriptorPoolSize size = {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
                               plan->argument_count ? plan->argument_count : 1};
  VkDescriptorPoolCreateInfo info = {
      .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
      .maxSets = plan->launch_count ? plan->launch_count : 1,
      .poolSizeCount = 1,
      .pPoolSizes = &size};
  TRY_VULKAN(CreateDescriptorPool(w->device, &info, NULL, &w->sets));
  return LOWBIT_OK;
}

/* The memory of argument `index` of all launches. */
static VkDescriptorBufferInfo describe(workspace *w, uint32_t index) {
  const lowbit_plan_argument *argument = &w->plan->arguments[index];
  VkDescriptorBufferInfo info = {w->ports.buffer, argument->offset,
                                 argument->size};
  switch (argument->kind) {
  case LOWBIT_ARGUMENT_ARENA:
    info.buffer = w->arena.buffer;
    break;
  case LOWBIT_ARGUMENT_CONSTANTS:
    info.buffer = w->constants.buffer;
    break;
  case LOWBIT_ARGUMENT_SCALAR:
    info.offset = get_port_offset(w, LOWBIT_ARGUMENT_SCALAR, index);
    break;
  default:
    info.offset += get_port_offset(w, argument->kind, argument->index);
  }
  return info;
}

static int record_launch(workspace *w, const lowbit_plan_launch *launch) {
  const kernel_state *kernel = &w->kernels[launch->kernel];
  VkDescriptorSetAllocateInfo info = {
      .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
      .descriptorPool = w->sets,
      .descriptorSetCount = 1,
      .pSetLayouts = &kernel->arguments};
  VkDescriptorSet set;
  TRY_VULKAN(AllocateDescriptorSets(w->device, &info, &set));
  for (uint32_t i = 0; i < launch->argument_count; ++i) {
    VkDescriptorBufferInfo buffer = describe(w, launch->first_argument + i);
    VkWriteDescriptorSet write = {
        .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
        .dstSet = set,
        .dstBinding = i,
        .descriptorCount = 1,
        .descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
        .pBufferInfo = &buffer};
    w->UpdateDescriptorSets(w->device, 1, &write, 0, NULL);
  }
  w->CmdBindPipeline(w->program, VK_PIPELINE_BIND_POINT_COMPUTE,
                     kernel->pipeline);
  w->CmdBindDescriptorSets(w->program, VK_PIPELINE_BIND_POINT_COMPUTE,
                           kernel->layout, 0, 1, &set, 0, NULL);
  w->CmdDispatch(w->program, launch->grid[0], launch->grid[1], launch->grid[2]);
  return LOWBIT_OK;
}

static int record(workspace *w) {
  VkMemoryBarrier barrier = {.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
                             .srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT,
                             .dstAccessMask = VK_ACCESS_SHADER_READ_BIT |
                                              VK_ACCESS_SHADER_WRITE_BIT |
                                              VK_ACCESS_HOST_READ_BIT};
  TRY(begin(w, w->program));
  for (uint32_t i = 0; i < w->plan->launch_count; ++i) {
    TRY(record_launch(w, &w->plan->launches[i]));
    w->CmdPipelineBarrier(w->program, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
                          VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT |
                              VK_PIPELINE_STAGE_HOST_BIT,
                          0, 1, &barrier, 0, NULL, 0, NULL);
  }
  TRY_VULKAN(EndCommandBuffer(w->program));
  return LOWBIT_OK;
}

static int open_workspace(workspace *w, int32_t device) {
  TRY(open_device(w, device));
  TRY(check_limits(w));
  TRY(open_memory(w));
  TRY(open_kernels(w));
  TRY(open_sets(w));
  return record(w);
}

static void close_workspace(workspace *w) {
  if (w->device && w->QueueSubmit) { /* the last function that is looked up */
    for (uint32_t i = 0; i < w->plan->kernel_count; ++i) {
      kernel_state *kernel = &w->kernels[i];
      w->DestroyPipeline(w->device, kernel->pipeline, NULL);
      w->DestroyPipelineLayout(w->device, kernel->layout, NULL);
      w->DestroyDescriptorSetLayout(w->device, kernel->arguments, NULL);
    }
    w->DestroyShaderModule(w->device, w->code, NULL);
    w->DestroyDescriptorPool(w->device, w->sets, NULL);
    w->DestroyFence(w->device, w->fence, NULL);
    w->DestroyCommandPool(w->device, w->commands, NULL);
    release(w, &w->staging);
    release(w, &w->ports);
    release(w, &w->constants);
    release(w, &w->arena);
  }
  if (w->device && w->DestroyDevice)
    w->DestroyDevice(w->device, NULL);
  if (w->instance && w->DestroyInstance)
    w->DestroyInstance(w->instance, NULL);
  if (w->library)
    dlclose(w->library);
  w->device = NULL;
  w->instance = NULL;
  w->library = NULL;
}

static workspace *allocate_workspace(const lowbit_plan *plan) {
  workspace *w =
      calloc(1, sizeof *w + plan->kernel_count * sizeof(kernel_state));
  if (w)
    w->plan = plan;
  return w;
}

/* `refuse` has said it. */
static void describe_fallback(workspace *w, int status) {
  (void)w, (void)status;
}

/* Vulkan has no streams that a caller could give: a run has ended on return. */
static int run_on_device(workspace *w, const void *const *inputs,
                         void *const *outputs, void *stream, int waits) {
  (void)stream, (void)waits;
  const lowbit_model *model = w->plan->model;
  if (w->is_lost)
    return LOWBIT_DEVICE_LOST;
  for (uint32_t i = 0; i < model->input_count; ++i)
    memcpy(w->ports.mapped + get_port_offset(w, LOWBIT_ARGUMENT_INPUT, i),
           inputs[i], count_bytes(&model->inputs[i]));
  TRY(submit_and_wait(w, w->program));
  for (uint32_t i = 0; i < model->output_count; ++i)
    memcpy(outputs[i],
           w->ports.mapped + get_port_offset(w, LOWBIT_ARGUMENT_OUTPUT, i),
           count_bytes(&model->outputs[i]));
  return LOWBIT_OK;
}

#include "Interface.h"
