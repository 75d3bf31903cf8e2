/* What a test tells the fake driver, and what it learns from it. */
#ifndef LOWBIT_TEST_FAKE_VULKAN_H
#define LOWBIT_TEST_FAKE_VULKAN_H

struct fake_vulkan {
  int calls;         /* so far, of functions that can fail */
  int fail_at;       /* the number of the call that fails, from 1; 0 for none */
  int error;         /* the VkResult that it returns */
  int live;          /* objects that were made and not given back */
  int without_int64; /* the device has no such numbers */
  int version;       /* minor, of the device */
  int dispatches, copied;
};

#endif
