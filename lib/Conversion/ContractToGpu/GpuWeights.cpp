//===- GpuWeights.cpp - Weights in the order of GPU kernels -------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GpuKernelBuilder.h"

#include "lowbit/Support/ConstantData.h"

using namespace mlir;
using namespace mlir::lowbit;

/// The elements of a constant as they lie in memory.
static std::optional<SmallVector<char>> readBytes(memref::GlobalOp global,
                                                  int64_t elementBytes) {
  auto elements =
      dyn_cast_if_present<ElementsAttr>(global.getInitialValueAttr());
  if (!elements)
    return std::nullopt;
  SmallVector<char> bytes;
  auto copy = [&](auto values) {
    if (!values)
      return false;
    auto *data = reinterpret_cast<const char *>(values->data());
    bytes.assign(data, data + values->size() * elementBytes);
    return true;
  };
  if (elementBytes == 1
          ? copy(readElements<int8_t>(elements))
          : elementBytes == 8 && copy(readElements<int64_t>(elements)))
    return bytes;
  return std::nullopt;
}

static GpuWeights createWeights(GpuBuilder &build, memref::GlobalOp global,
                                ArrayRef<char> packed, int64_t pitch,
                                int64_t lanes) {
  memref::GlobalOp copy = createPackedGlobal(
      build, global, "_packed", packed, build.getI8Type(), /*alignment=*/128);
  Value memref =
      memref::GetGlobalOp::create(build, copy.getType(), copy.getSymName());
  return {memref, pitch, lanes};
}

/// How many runs a sum consists of.
static int64_t countRuns(const ContractionLoops &loops,
                         const ReductionRun &run) {
  int64_t runs = 1;
  for (unsigned loop : run.outer)
    runs *= loops.sizes[loop];
  return runs;
}

std::optional<GpuWeights>
lowbit::packTiles(GpuBuilder &build, ContractOp op,
                  const ContractionLoops &loops, const LinearOperand &rhs,
                  const ReductionRun &run, int64_t runPitch,
                  const TileShape &tile, bool isNarrow) {
  memref::GlobalOp global = getConstantGlobal(op, rhs);
  int64_t size = rhs.elementType.getIntOrFloatBitWidth() / 8;
  auto source = global ? readBytes(global, size) : std::nullopt;
  if (!source)
    return std::nullopt;
  int64_t pitch = llvm::alignTo(countRuns(loops, run) * runPitch, tile.depth);
  int64_t numLanes = loops.sizes[loops.lane];
  int64_t lanes = llvm::alignTo(numLanes, tile.columns);
  SmallVector<int64_t> offsets = getRunOffsets(loops, run, rhs.strides);
  SmallVector<char> packed;
  walkLoops(loops, loops.batch, rhs.strides, 0, [&](int64_t batch) {
    size_t start = packed.size();
    packed.resize(start + lanes * pitch, 0);
    for (int64_t lane = 0; lane < numLanes; ++lane) {
      char *to = packed.data() + start + lane * pitch;
      int64_t first = batch + lane * rhs.strides[loops.lane];
      walkLoops(loops, run.outer, rhs.strides, first, [&](int64_t base) {
        for (auto [i, offset] : llvm::enumerate(offsets))
          std::copy_n(source->begin() + (base + offset) * size, size,
                      to + i * size);
        to += runPitch;
      });
    }
  });
  if (isNarrow) {
    for (size_t i = 0, e = packed.size() / 2; i < e; ++i) {
      size_t low = i / 32 * 64 + i % 32;
      packed[i] = (packed[low] & 15) | (packed[low + 32] & 15) << 4;
    }
    pitch /= 2;
    packed.resize(packed.size() / 2);
  }
  return createWeights(build, global, packed, pitch, lanes);
}

/// The least and the greatest of `weights` and 0, which fills gaps.
static std::pair<int64_t, int64_t> findExtremes(ArrayRef<char> weights,
                                                bool isSigned) {
  int64_t least = 0, greatest = 0;
  for (char weight : weights) {
    int64_t value = isSigned ? int64_t(int8_t(weight)) : uint8_t(weight);
    least = std::min(least, value);
    greatest = std::max(greatest, value);
  }
  return {least, greatest};
}

bool lowbit::fitsRange(ContractOp op, const LinearOperand &rhs, int64_t least,
                       int64_t greatest) {
  memref::GlobalOp global = getConstantGlobal(op, rhs);
  auto source = global ? readBytes(global, 1) : std::nullopt;
  if (!source)
    return false;
  auto [low, high] = findExtremes(*source, isSignedStorage(op.getFormat(1)));
  return low >= least && high <= greatest;
}

/// The bits that all of `weights` fit in as differences from `least`, 2, 4 or
/// 8: of few levels, and 0 among them. Bytes are stored as they are.
static std::pair<int64_t, int64_t> findLevels(ArrayRef<char> weights,
                                              bool isSigned) {
  auto [least, greatest] = findExtremes(weights, isSigned);
  if (greatest - least < 4)
    return {2, least};
  if (greatest - least < 16)
    return {4, least};
  return {8, 0};
}

std::optional<StreamedWeights>
lowbit::packStream(GpuBuilder &build, ContractOp op,
                   const ContractionLoops &loops, const LinearOperand &rhs,
                   const ReductionRun &run, int64_t lanesOfBlock,
                   bool acrossLanes) {
  memref::GlobalOp global = getConstantGlobal(op, rhs);
  auto source = global ? readBytes(global, 1) : std::nullopt;
  if (!source)
    return std::nullopt;
  int64_t bits, least;
  std::tie(bits, least) = findLevels(*source, isSignedStorage(op.getFormat(1)));
  // Steps that are mostly empty get smaller where lanes have sums of their own; else
  // they are worth no bits.
  int64_t loadBytes = 16;
  auto terms = [&] {
    return (acrossLanes ? warpSize : 1) * loadBytes * 8 / bits;
  };
  while (!acrossLanes && loadBytes > 4 && terms() >= 2 * run.length)
    loadBytes /= 2;
  while (bits < 8 && terms() >= 2 * run.length) {
    bits *= 2;
    if (bits == 8)
      least = 0;
  }
  // A step's terms are 8 / bits parts, one above the other in its bytes: a shift and a
  // mask make operands of dp4a, and a part of lhs lies in memory as in the lanes.
  int64_t stepBytes = terms() * bits / 8;
  int64_t runPitch = llvm::alignTo(run.length, terms()) * bits / 8;
  int64_t pitch = countRuns(loops, run) * runPitch;
  int64_t numLanes = loops.sizes[loops.lane];
  int64_t lanes = llvm::alignTo(numLanes, lanesOfBlock);
  // Where sums do not go across lanes, those of a warp lie side by side: a load of
  // each, then the next one.
  auto place = [&](int64_t lane, int64_t byte) {
    if (acrossLanes)
      return lane * pitch + byte;
    int64_t first = lane / warpSize * warpSize;
    return first * pitch +
           (byte / loadBytes * warpSize + lane % warpSize) * loadBytes +
           byte % loadBytes;
  };
  SmallVector<int64_t> offsets = getRunOffsets(loops, run, rhs.strides);
  SmallVector<char> packed;
  uint8_t mask = (1 << bits) - 1;
  auto packRun = [&](size_t start, int64_t lane, int64_t run, int64_t base) {
    for (int64_t term = 0; term < runPitch * 8 / bits; ++term) {
      int64_t weight = lane < numLanes && term < int64_t(offsets.size())
                           ? (*source)[base + offsets[term]]
                           : 0;
      int64_t inStep = term % terms(), part = inStep / stepBytes;
      int64_t byte = run + term / terms() * stepBytes + inStep % stepBytes;
      packed[start + place(lane, byte)] |= ((weight - least) & mask)
                                           << (part * bits);
    }
  };
  walkLoops(loops, loops.batch, rhs.strides, 0, [&](int64_t batch) {
    size_t start = packed.size();
    packed.resize(start + lanes * pitch, 0);
    for (int64_t lane = 0; lane < lanes; ++lane) {
      int64_t first = batch + lane * rhs.strides[loops.lane];
      int64_t begin = 0;
      walkLoops(loops, run.outer, rhs.strides, first, [&](int64_t base) {
        packRun(start, lane, begin, base);
        begin += runPitch;
      });
    }
  });
  GpuWeights words = createWeights(build, global, packed, pitch, lanes);
  return StreamedWeights{words, bits, least, loadBytes, runPitch};
}
