//===- LaunchPlan.h - What a host does to run a program on a device -*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program for a device is a list of launches, one after the other: there is no
// control flow and no size that is not known, so what the host does is data.
// -lowbit-plan-launches makes it, every backend and its host library read it.
//
//   lowbit.launches = [
//     {arguments = [{buffer = "input", index = 0 : i64, offset = 0 : i64, size = 256 : i64},
//                   {buffer = "constants", offset = 512 : i64, size = 64 : i64},
//                   {buffer = "arena", offset = 0 : i64, size = 1024 : i64},
//                   {scalar = 7 : i32}],
//      block = array<i32: 256, 1, 1>, grid = array<i32: 4, 1, 1>,
//      kernel = @kernels::@kernel0, shared = 0 : i32}]
//
// A buffer's argument is the address of the first byte that the kernel may touch:
// a multiple of kDeviceAlignment in the arena and in the constants. `size` counts
// the bytes from there on that the kernel may touch. `shared` is dynamic shared
// memory, beside what the kernel declares itself.
//
// The constants lie one after the other in the global @lowbit_constants of bytes.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_ANALYSIS_LAUNCHPLAN_H
#define LOWBIT_ANALYSIS_LAUNCHPLAN_H

#include "mlir/IR/BuiltinOps.h"

#include <array>

namespace mlir::lowbit {

/// Module attribute: the launches in order.
constexpr llvm::StringLiteral kLaunchesAttr = "lowbit.launches";
/// The module of kernels that the launches name.
constexpr llvm::StringLiteral kKernelsSymbol = "kernels";
/// The global that holds all constants of the program; absent if it has none.
constexpr llvm::StringLiteral kConstantsSymbol = "lowbit_constants";
/// Module attribute: `{api, chip}`, strings: what a finished program is for.
constexpr llvm::StringLiteral kDeviceAttr = "lowbit.device";
/// Alignment of every buffer in a device's arena and constants: what storage
/// buffers of Vulkan may ask for.
constexpr int64_t kDeviceAlignment = 256;

/// One argument of a kernel.
struct LaunchArgument {
  /// The values are those of lowbit_plan.h.
  enum Kind : uint32_t { Arena, Input, Output, Constants, Scalar };
  Kind kind = Arena;
  /// Which input or output.
  uint32_t index = 0;
  /// In bytes from the start of the buffer.
  int64_t offset = 0;
  /// Bytes that the kernel may touch.
  int64_t size = 0;
  /// The value of a scalar, an integer of 32 or 64 bits or an f32.
  TypedAttr value;

  bool operator==(const LaunchArgument &other) const {
    return kind == other.kind && index == other.index &&
           offset == other.offset && size == other.size && value == other.value;
  }
};

/// One launch of a kernel.
struct Launch {
  /// A symbol in the module of kernels.
  std::string kernel;
  std::array<int32_t, 3> grid = {1, 1, 1}, block = {1, 1, 1};
  /// Bytes of dynamic shared memory.
  int32_t sharedBytes = 0;
  SmallVector<LaunchArgument> arguments;
};

/// Records `launches` in kLaunchesAttr.
void setLaunchPlan(ModuleOp module, ArrayRef<Launch> launches);

/// Reads kLaunchesAttr. Emits an error and fails where the attribute is missing
/// or malformed, or where an argument lies outside of the buffers that
/// the module's interface, arena and constants say there are.
FailureOr<SmallVector<Launch>> readLaunchPlan(ModuleOp module);

/// The kernels that `launches` name, each once, in the order of first use. A
/// kernel's number in lowbit_plan.h is its place here.
SmallVector<StringRef> listKernels(ArrayRef<Launch> launches);

} // namespace mlir::lowbit

#endif // LOWBIT_ANALYSIS_LAUNCHPLAN_H
