//===- KernelLayout.cpp - Operands of a kernel in linear memory ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Conversion/KernelLayout.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace mlir::lowbit;

/// Adds the coefficients of `expr`, a sum of loops times constants, to
/// `strides`.
static void addCoefficients(AffineExpr expr, int64_t factor,
                            MutableArrayRef<int64_t> strides) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    strides[dim.getPosition()] += factor;
    return;
  }
  auto binary = cast<AffineBinaryOpExpr>(expr);
  if (binary.getKind() == AffineExprKind::Add) {
    addCoefficients(binary.getLHS(), factor, strides);
    addCoefficients(binary.getRHS(), factor, strides);
    return;
  }
  int64_t constant = cast<AffineConstantExpr>(binary.getRHS()).getValue();
  addCoefficients(binary.getLHS(), factor * constant, strides);
}

std::optional<LinearOperand> lowbit::measureOperand(ContractOp op, unsigned i,
                                                    int64_t &extent) {
  Value operand = op.getMappedOperands()[i];
  auto type = dyn_cast<MemRefType>(operand.getType());
  SmallVector<int64_t> strides;
  LinearOperand linear;
  if (!type || !type.hasStaticShape() ||
      failed(type.getStridesAndOffset(strides, linear.offset)) ||
      ShapedType::isDynamic(linear.offset) ||
      llvm::any_of(strides, [](int64_t stride) {
        return ShapedType::isDynamic(stride) || stride < 0;
      }))
    return std::nullopt;
  linear.flat = operand;
  linear.elementType = type.getElementType();
  linear.format = op.getFormat(i);
  linear.strides.assign(op.getNumLoops(), 0);
  extent = linear.offset + 1;
  for (auto [expr, stride, size] :
       llvm::zip(op.getMap(i).getResults(), strides, type.getShape())) {
    addCoefficients(expr, stride, linear.strides);
    extent += stride * (size - 1);
  }
  return linear;
}

std::optional<LinearOperand> lowbit::linearize(OpBuilder &builder,
                                               ContractOp op, unsigned i) {
  int64_t extent = 0;
  std::optional<LinearOperand> linear = measureOperand(op, i, extent);
  if (!linear)
    return std::nullopt;
  auto type = cast<MemRefType>(linear->flat.getType());
  auto flat =
      MemRefType::get({extent}, type.getElementType(),
                      MemRefLayoutAttrInterface(), type.getMemorySpace());
  linear->flat = memref::ReinterpretCastOp::create(
      builder, op.getLoc(), flat, linear->flat, /*offset=*/0,
      ArrayRef<int64_t>{extent}, ArrayRef<int64_t>{1});
  return linear;
}

/// The loops of `outer` that have more than one trip.
static void keepLoops(const ContractionLoops &loops, ArrayRef<unsigned> outer,
                      ReductionRun &run) {
  llvm::copy_if(outer, std::back_inserter(run.outer),
                [&](unsigned loop) { return loops.sizes[loop] != 1; });
}

ReductionRun lowbit::findRun(const ContractionLoops &loops,
                             const LinearOperand &lhs) {
  ReductionRun run;
  keepLoops(loops, loops.groups, run);
  run.numGroups = run.outer.size();
  SmallVector<unsigned> outer = loops.reduction;
  while (!outer.empty()) {
    unsigned loop = outer.back();
    // Loops of one trip do not matter wherever they lie.
    if (loops.sizes[loop] != 1 && lhs.strides[loop] != run.length)
      break;
    run.length *= loops.sizes[loop];
    outer.pop_back();
  }
  keepLoops(loops, outer, run);
  return run;
}

ReductionRun lowbit::findTaps(const ContractionLoops &loops,
                              const LinearOperand &lhs, int64_t products) {
  constexpr int64_t mostTaps = 32;
  ReductionRun run;
  SmallVector<unsigned> outer = loops.reduction;
  llvm::erase_if(outer, [&](unsigned loop) { return loops.sizes[loop] == 1; });
  int64_t taps = 1;
  for (unsigned loop : outer)
    taps *= loops.sizes[loop];
  if (products > 1 && outer.size() > 1 && taps <= mostTaps) {
    // Along a row of the image a step is shortest.
    run.outer = {*llvm::min_element(outer, [&](unsigned a, unsigned b) {
      return lhs.strides[a] < lhs.strides[b];
    })};
    run.length = taps / loops.sizes[run.outer[0]];
    run.writesOutLast = true;
    return run;
  }
  while (!outer.empty() && run.length * loops.sizes[outer.back()] <= mostTaps)
    run.length *= loops.sizes[outer.pop_back_val()];
  keepLoops(loops, outer, run);
  return run;
}

void lowbit::walkLoops(const ContractionLoops &loops, ArrayRef<unsigned> walked,
                       ArrayRef<int64_t> strides, int64_t offset,
                       function_ref<void(int64_t)> body) {
  if (walked.empty())
    return body(offset);
  for (int64_t i = 0; i < loops.sizes[walked[0]]; ++i)
    walkLoops(loops, walked.drop_front(), strides,
              offset + i * strides[walked[0]], body);
}

SmallVector<int64_t> lowbit::getRunOffsets(const ContractionLoops &loops,
                                           const ReductionRun &run,
                                           ArrayRef<int64_t> strides) {
  SmallVector<unsigned> inner;
  llvm::copy_if(loops.reduction, std::back_inserter(inner), [&](unsigned loop) {
    return !llvm::is_contained(run.outer, loop);
  });
  SmallVector<int64_t> offsets;
  walkLoops(loops, inner, strides, 0,
            [&](int64_t offset) { offsets.push_back(offset); });
  return offsets;
}

ArrayRef<char> lowbit::getGlobalBytes(memref::GlobalOp global, bool &splat) {
  splat = false;
  auto value = dyn_cast_if_present<ElementsAttr>(global.getInitialValueAttr());
  if (auto dense = dyn_cast_if_present<DenseElementsAttr>(value)) {
    splat = dense.isSplat();
    return dense.getRawData();
  }
  if (auto resource = dyn_cast_if_present<DenseResourceElementsAttr>(value))
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      return blob->getData();
  return {};
}

namespace {

/// Copies the elements of a constant into packed order.
struct WeightPacker {
  const ContractionLoops &loops;
  const LinearOperand &rhs;
  const ReductionRun &run;
  int64_t products, bytesPerElement;
  ArrayRef<char> source;
  bool splat;
  SmallVector<char> packed;
  /// Lanes of a vector whose two halves alternate; 0 where lanes lie in order.
  int64_t alternating = 0;
  WeightNumbers codes = {};
  /// The last group of a run holds its last terms, behind zeros.
  bool endsEarly = false;

  void append(std::optional<int64_t> index) {
    size_t start = packed.size();
    packed.resize(start + bytesPerElement, 0);
    if (!index)
      return;
    int64_t from = splat ? 0 : *index;
    std::copy_n(source.begin() + from * bytesPerElement, bytesPerElement,
                packed.begin() + start);
  }

  void walk(ArrayRef<unsigned> walked, int64_t offset,
            function_ref<void(int64_t)> body) {
    walkLoops(loops, walked, rhs.strides, offset, body);
  }

  void packPanel(int64_t offset, int64_t firstLane, int64_t width,
                 ArrayRef<int64_t> runOffsets) {
    int64_t lanes = loops.sizes[loops.lane];
    walk(run.outer, offset, [&](int64_t base) {
      size_t start = packed.size();
      for (int64_t k = 0; k < run.length; k += products)
        for (int64_t i = 0; i < width; ++i) {
          int64_t lane = firstLane + getLane(i);
          int64_t first = endsEarly ? std::min(k, run.length - products) : k;
          for (int64_t term = first; term < first + products; ++term) {
            std::optional<int64_t> index;
            if (lane < lanes && term >= k && term < run.length)
              index = base + lane * rhs.strides[loops.lane] + runOffsets[term];
            append(index);
          }
        }
      if (codes.isPacked())
        fold(start, width * products);
    });
  }

  /// Makes blocks of the steps from `start` on, each of `bytes` bytes.
  void fold(size_t start, int64_t bytes) {
    SmallVector<char> steps(ArrayRef(packed).drop_front(start));
    int64_t count = codes.countSteps();
    packed.truncate(start);
    packed.resize(start + llvm::divideCeil(steps.size() / bytes, count) * bytes,
                  0);
    for (auto [i, value] : llvm::enumerate(steps)) {
      int64_t step = i / bytes;
      packed[start + step / count * bytes + i % bytes] |=
          codes.find(value) << (step % count * codes.bits);
    }
  }

  /// The lane at place `i` of a panel.
  int64_t getLane(int64_t i) const {
    if (alternating == 0)
      return i;
    int64_t within = i % alternating;
    return i - within + within % 2 * (alternating / 2) + within / 2;
  }
};

} // namespace

int64_t lowbit::findPartialSteps(ContractOp op, const ContractionLoops &loops,
                                 const LinearOperand &rhs,
                                 const ReductionRun &run,
                                 const Primitive &primitive,
                                 int64_t mostSteps) {
  memref::GlobalOp global = getConstantGlobal(op, rhs);
  if (!global)
    return 1;
  WeightPacker packer{loops, rhs, run, primitive.products, 1, {}, false, {}};
  packer.source = getGlobalBytes(global, packer.splat);
  if (packer.source.empty())
    return 1;
  int64_t highest = getStorageRange(op.getFormat(0)).second;
  int64_t limit = std::numeric_limits<int16_t>::max();
  SmallVector<int64_t> runOffsets = getRunOffsets(loops, run, rhs.strides);
  int64_t steps = mostSteps;
  // Every sum of 16 bits takes two neighbours of each step. With codes from 0 to
  // the highest, it lies between the sums of negative and of positive weights.
  auto check = [&](int64_t base) {
    for (int64_t half = 0; half < primitive.products; half += 2)
      for (int64_t first = 0; first < run.length && steps > 1;) {
        int64_t positive = 0, negative = 0;
        int64_t end = first + steps * primitive.products;
        for (int64_t step = first; step < end; step += primitive.products)
          for (int64_t term = step + half; term < step + half + 2; ++term) {
            if (term >= run.length)
              continue;
            int64_t index = packer.splat ? 0 : base + runOffsets[term];
            int64_t weight = static_cast<int8_t>(packer.source[index]);
            (weight < 0 ? negative : positive) += std::abs(weight);
          }
        if (std::max(positive, negative) * highest > limit) {
          steps /= 2; // and from here on again: shorter sums are parts
          continue;
        }
        first = end;
      }
  };
  packer.walk(loops.batch, 0, [&](int64_t batch) {
    for (int64_t lane = 0; lane < loops.sizes[loops.lane]; ++lane)
      packer.walk(run.outer, batch + lane * rhs.strides[loops.lane], check);
  });
  return steps;
}

std::optional<PackedWeights>
lowbit::packWeights(OpBuilder &builder, ContractOp op,
                    const ContractionLoops &loops, const LinearOperand &rhs,
                    const ReductionRun &run, const Primitive &primitive,
                    KernelTile tile, int64_t fill, const WeightNumbers &codes,
                    bool endsEarly) {
  memref::GlobalOp global = getConstantGlobal(op, rhs);
  if (!global)
    return std::nullopt;
  Type element = rhs.elementType;
  WeightPacker packer{loops,
                      rhs,
                      run,
                      primitive.products,
                      element.getIntOrFloatBitWidth() / 8,
                      {},
                      false,
                      {}};
  packer.source = getGlobalBytes(global, packer.splat);
  if (packer.source.empty())
    return std::nullopt;
  if (primitive.looksUp)
    packer.alternating = primitive.lanes;
  packer.codes = codes;
  packer.endsEarly = endsEarly;

  int64_t lanes = loops.sizes[loops.lane];
  int64_t width = tile.vectors * primitive.lanes;
  int64_t tailWidth = llvm::alignTo(lanes % width, fill); // 0 for none
  int64_t runSteps = llvm::divideCeil(
      run.length,
      primitive.products * (codes.isPacked() ? codes.countSteps() : 1));
  int64_t outerSteps = 1;
  for (unsigned loop : run.outer)
    outerSteps *= loops.sizes[loop];
  PackedWeights result;
  result.codes = codes;
  result.runStride = width * primitive.products;
  result.outerStride = runSteps * result.runStride;
  result.panelStride = outerSteps * result.outerStride;
  result.tailOffset = (lanes / width) * result.panelStride;
  result.tailRunStride = tailWidth * primitive.products;
  result.tailOuterStride = runSteps * result.tailRunStride;
  result.batchStride = result.tailOffset + outerSteps * result.tailOuterStride;

  SmallVector<int64_t> runOffsets = getRunOffsets(loops, run, rhs.strides);
  packer.walk(loops.batch, 0, [&](int64_t offset) {
    int64_t lane = 0;
    for (; lane + width <= lanes; lane += width)
      packer.packPanel(offset, lane, width, runOffsets);
    if (tailWidth != 0)
      packer.packPanel(offset, lane, tailWidth, runOffsets);
  });
  memref::GlobalOp copy =
      createPackedGlobal(builder, global, "_packed", packer.packed, element);
  copyStorage(global, copy);
  result.flat = memref::GetGlobalOp::create(builder, op.getLoc(),
                                            copy.getType(), copy.getSymName());
  return result;
}

std::optional<LinearOperand> lowbit::sumWeights(OpBuilder &builder,
                                                ContractOp op,
                                                const ContractionLoops &loops,
                                                const LinearOperand &rhs,
                                                int32_t factor) {
  memref::GlobalOp global = getConstantGlobal(op, rhs);
  if (!global || !rhs.elementType.isInteger(8))
    return std::nullopt;
  ReductionRun none;
  WeightPacker packer{loops, rhs, none, 1, 1, {}, false, {}};
  packer.source = getGlobalBytes(global, packer.splat);
  if (packer.source.empty())
    return std::nullopt;

  LinearOperand sums;
  sums.elementType = sums.format = builder.getI32Type();
  sums.strides.assign(op.getNumLoops(), 0);
  int64_t stride = 1;
  sums.strides[loops.lane] = stride;
  stride *= loops.sizes[loops.lane];
  SmallVector<unsigned> outer = loops.batch;
  llvm::append_range(outer, loops.groups);
  for (unsigned loop : llvm::reverse(outer)) {
    sums.strides[loop] = stride;
    stride *= loops.sizes[loop];
  }
  // As many additions as the sums themselves take; they wrap around alike.
  SmallVector<uint32_t> values;
  packer.walk(outer, 0, [&](int64_t batch) {
    for (int64_t lane = 0; lane < loops.sizes[loops.lane]; ++lane) {
      uint32_t sum = 0;
      packer.walk(loops.reduction, batch + lane * rhs.strides[loops.lane],
                  [&](int64_t index) {
                    int8_t weight = packer.source[packer.splat ? 0 : index];
                    sum += static_cast<int32_t>(weight);
                  });
      values.push_back(sum * static_cast<uint32_t>(factor));
    }
  });
  ArrayRef<char> bytes(reinterpret_cast<const char *>(values.data()),
                       values.size() * sizeof(uint32_t));
  memref::GlobalOp made = createPackedGlobal(builder, global, "_correction",
                                             bytes, sums.elementType);
  sums.flat = memref::GetGlobalOp::create(builder, op.getLoc(), made.getType(),
                                          made.getSymName());
  return sums;
}
