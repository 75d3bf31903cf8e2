//===- GpuEpilogue.cpp - From sums to words of the result ---------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GpuKernelBuilder.h"

#include "lowbit/Formats/Words.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::lowbit;

Value GpuKernelBuilder::loadEpilogueOperand(unsigned i, Value batch, Value row,
                                            Value lane) {
  SmallVector<Value> indices(op.getNumLoops());
  auto place = [&](ArrayRef<unsigned> list, Value number) {
    for (auto [loop, digit] : llvm::zip(list, digits(list, number)))
      indices[loop] = digit;
  };
  place(loops.batch, batch);
  if (row)
    place(loops.rows, row);
  if (group)
    place(loops.groups, group);
  indices[loops.lane] = lane;
  SmallVector<Value> subscripts;
  for (AffineExpr expr : op.getEpilogueMap(i).getResults())
    subscripts.push_back(
        build.toIndex(indices[cast<AffineDimExpr>(expr).getPosition()]));
  Value word =
      memref::LoadOp::create(build, op.getEpilogueOperands()[i], subscripts);
  if (word.getType().isInteger())
    word = readCode(build, word, op.getFormat(i + 2));
  return word;
}

Value GpuKernelBuilder::runEpilogue(Value sum, ArrayRef<Value> operands) {
  Block &body = op.getEpilogue().front();
  IRMapping mapping;
  mapping.map(body.getArgument(0), sum);
  for (auto [argument, value] :
       llvm::zip(body.getArguments().drop_front(), operands))
    mapping.map(argument, value);
  for (Operation &inner : body.without_terminator())
    build.clone(inner, mapping);
  Value value =
      mapping.lookupOrDefault(cast<YieldOp>(body.getTerminator()).getValue());
  if (value.getType().isF32())
    return value;
  return writeCode(build, value, this->operands.back().elementType);
}

SmallVector<Value> GpuKernelBuilder::loadUniform(int64_t width, Value batch,
                                                 Value lane) {
  SmallVector<Value> loaded;
  for (int64_t v = 0; v < width; ++v) {
    // Lanes beyond the end take what the last one has.
    Value at = build.smallerOf(build.add(lane, v), build.number(numLanes - 1));
    for (unsigned i = 0; i < op.getEpilogueOperands().size(); ++i)
      loaded.push_back(isUniform(operands[2 + i])
                           ? loadEpilogueOperand(i, batch, Value(), at)
                           : Value());
  }
  return loaded;
}

void GpuKernelBuilder::finish(ArrayRef<Value> sums, Value batch, Value row,
                              Value lane, ArrayRef<Value> uniform) {
  int64_t width = sums.size();
  unsigned count = op.getEpilogueOperands().size();
  bool whole = numLanes % width == 0;
  // Operands that differ in each row are loaded together where they can be.
  SmallVector<SmallVector<Value>> loaded(count);
  for (unsigned i = 0; i < count; ++i) {
    const LinearOperand &operand = operands[2 + i];
    if (isUniform(operand))
      continue;
    int64_t size = bytes(operand);
    bool together = width > 1 && whole && operand.strides[loops.lane] == 1 &&
                    width * size <= 16 &&
                    alignment(operand, [&](unsigned loop) {
                      return loop != loops.lane;
                    }) >= width * size;
    if (!together) {
      for (int64_t v = 0; v < width; ++v) {
        Value at =
            build.smallerOf(build.add(lane, v), build.number(numLanes - 1));
        loaded[i].push_back(loadEpilogueOperand(i, batch, row, at));
      }
      continue;
    }
    Value address = build.advance(pointer(operand, batch),
                                  build.add(offset(operand, loops.rows, row),
                                            build.multiply(lane, size)));
    auto type = VectorType::get({width}, operand.elementType);
    Value words = build.load(type, address, width * size, false);
    for (int64_t v = 0; v < width; ++v) {
      Value word = vector::ExtractOp::create(build, words, v);
      if (word.getType().isInteger())
        word = readCode(build, word, op.getFormat(i + 2));
      loaded[i].push_back(word);
    }
  }
  SmallVector<Value> words;
  for (int64_t v = 0; v < width; ++v) {
    SmallVector<Value> arguments;
    for (unsigned i = 0; i < count; ++i)
      arguments.push_back(loaded[i].empty() ? uniform[v * count + i]
                                            : loaded[i][v]);
    words.push_back(runEpilogue(sums[v], arguments));
  }
  if (op.getPacks())
    storeBits(words, batch, row, lane);
  else
    storeWords(words, batch, row, lane);
}

void GpuKernelBuilder::storeBits(ArrayRef<Value> words, Value batch, Value row,
                                 Value lane) {
  SmallVector<Value> bits;
  for (auto [v, word] : llvm::enumerate(words))
    bits.push_back(
        build.packBit(word, build.less(build.add(lane, v), numLanes), v));
  Value address =
      build.advance(pointer(operands.back(), batch),
                    build.add(offset(operands.back(), loops.rows, row),
                              build.divide(lane, 8)));
  build.store(build.joinBits(bits), address, 1);
}

void GpuKernelBuilder::storeWords(ArrayRef<Value> words, Value batch, Value row,
                                  Value lane) {
  const LinearOperand &result = operands.back();
  int64_t width = words.size();
  bool whole = numLanes % width == 0;
  int64_t size = bytes(result), stride = result.strides[loops.lane];
  Value address = build.advance(pointer(result, batch),
                                build.add(offset(result, loops.rows, row),
                                          build.multiply(lane, stride * size)));
  if (whole && stride == 1 && width > 1 && width * size <= 16 &&
      alignment(result, [&](unsigned loop) { return loop != loops.lane; }) >=
          width * size) {
    auto type = VectorType::get({width}, result.elementType);
    build.store(vector::FromElementsOp::create(build, type, words), address,
                width * size);
    return;
  }
  for (auto [v, word] : llvm::enumerate(words)) {
    Value inside;
    if (v != 0 && !whole)
      inside = build.less(build.add(lane, v), numLanes);
    build.when(inside, [&, value = word, at = v] {
      build.store(value, build.advance(address, Value(), at * stride * size),
                  size);
    });
  }
}
