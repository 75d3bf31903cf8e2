//===- GpuKernelBuilder.cpp - What all GPU kernels need -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GpuKernelBuilder.h"

#include "lowbit/Formats/Words.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::lowbit;

//===----------------------------------------------------------------------===//
// GpuBuilder
//===----------------------------------------------------------------------===//

Value GpuBuilder::number(int64_t value) {
  return arith::ConstantIntOp::create(*this, getI32Type(), value);
}

Value GpuBuilder::add(Value lhs, Value rhs) {
  return createOrFold<arith::AddIOp>(lhs, rhs);
}

Value GpuBuilder::multiply(Value lhs, int64_t rhs) {
  return createOrFold<arith::MulIOp>(lhs, number(rhs));
}

Value GpuBuilder::divide(Value lhs, int64_t rhs) {
  return createOrFold<arith::DivUIOp>(lhs, number(rhs));
}

Value GpuBuilder::remainder(Value lhs, int64_t rhs) {
  return rhs == 1 ? number(0) : createOrFold<arith::RemUIOp>(lhs, number(rhs));
}

Value GpuBuilder::exclusiveOr(Value lhs, Value rhs) {
  return createOrFold<arith::XOrIOp>(lhs, rhs);
}

Value GpuBuilder::smallerOf(Value lhs, Value rhs) {
  return createOrFold<arith::MinUIOp>(lhs, rhs);
}

Value GpuBuilder::less(Value lhs, int64_t rhs) {
  return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::ult, lhs,
                                     number(rhs));
}

Value GpuBuilder::conjunction(Value lhs, Value rhs) {
  if (!lhs || !rhs)
    return lhs ? lhs : rhs;
  return createOrFold<arith::AndIOp>(lhs, rhs);
}

Value GpuBuilder::choose(Value condition, Value yes, Value no) {
  return createOrFold<arith::SelectOp>(condition, yes, no);
}

Value GpuBuilder::toIndex(Value value) {
  return createOrFold<arith::IndexCastUIOp>(getIndexType(), value);
}

Value GpuBuilder::fromIndex(Value value) {
  return createOrFold<arith::IndexCastUIOp>(getI32Type(), value);
}

Value GpuBuilder::advance(Value base, Value offset, int64_t constant) {
  auto byte = getI8Type();
  if (offset) {
    // Offsets in global memory are unsigned.
    auto pointer = cast<LLVM::LLVMPointerType>(base.getType());
    if (pointer.getAddressSpace() != 3)
      offset = createOrFold<arith::ExtUIOp>(getI64Type(), offset);
    base = LLVM::GEPOp::create(*this, base.getType(), byte, base,
                               ArrayRef<LLVM::GEPArg>{offset});
  }
  if (constant == 0)
    return base;
  return LLVM::GEPOp::create(
      *this, base.getType(), byte, base,
      ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(constant)});
}

Value GpuBuilder::load(Type type, Value pointer, unsigned alignment,
                       bool invariant) {
  return LLVM::LoadOp::create(*this, type, pointer, alignment,
                              /*isVolatile=*/false, /*isNonTemporal=*/false,
                              invariant);
}

void GpuBuilder::store(Value value, Value pointer, unsigned alignment) {
  LLVM::StoreOp::create(*this, value, pointer, alignment);
}

SmallVector<Value>
GpuBuilder::repeat(int64_t trips, ValueRange init,
                   function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  if (trips == 1)
    return body(number(0), init);
  auto loop = scf::ForOp::create(
      *this, number(0), number(trips), number(1), init,
      [&](OpBuilder &inner, Location loc, Value iv, ValueRange carried) {
        OpBuilder::InsertionGuard guard(*this);
        setInsertionPointToEnd(inner.getInsertionBlock());
        SmallVector<Value> next = body(iv, carried);
        scf::YieldOp::create(*this, next);
      });
  return loop.getResults();
}

void GpuBuilder::when(Value condition, function_ref<void()> body) {
  if (!condition)
    return body();
  auto branch = scf::IfOp::create(*this, condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPoint(branch.thenYield());
  body();
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

bool GpuKernelBuilder::describe(std::string &reason) {
  for (unsigned i = 0; i < op.getIndexingMaps().size(); ++i) {
    int64_t extent = 0;
    auto operand = measureOperand(op, i, extent);
    if (!operand) {
      reason = "an operand's layout is not static with positive strides";
      return false;
    }
    if (extent * bytes(*operand) > std::numeric_limits<int32_t>::max()) {
      reason = "an operand has more than 2 GB";
      return false;
    }
    operands.push_back(std::move(*operand));
  }
  numRows = count(loops.rows);
  numLanes = loops.sizes[loops.lane];
  numBatches = count(loops.batch);
  // What the second dimension of a grid can hold.
  if (numBatches > 65535) {
    reason = "it is a batch of more than 65535 products";
    return false;
  }
  return true;
}

gpu::LaunchOp GpuKernelBuilder::launch(int64_t blocks, int64_t batches,
                                       int64_t threads, int64_t sharedBytes) {
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(build, value);
  };
  Value one = constant(1);
  Value shared = sharedBytes ? build.number(sharedBytes) : Value();
  auto launch =
      gpu::LaunchOp::create(build, constant(blocks), constant(batches), one,
                            constant(threads), one, one, shared);
  build.setInsertionPointToStart(&launch.getBody().front());
  auto terminator = gpu::TerminatorOp::create(build);
  build.setInsertionPoint(terminator);
  threadId = build.fromIndex(launch.getThreadIds().x);
  blockId = build.fromIndex(launch.getBlockIds().x);
  batchId =
      batches == 1 ? build.number(0) : build.fromIndex(launch.getBlockIds().y);
  return launch;
}

int64_t GpuKernelBuilder::count(ArrayRef<unsigned> list) const {
  int64_t product = 1;
  for (unsigned loop : list)
    product *= loops.sizes[loop];
  return product;
}

SmallVector<Value> GpuKernelBuilder::digits(ArrayRef<unsigned> list,
                                            Value number) {
  SmallVector<Value> result(list.size());
  for (size_t i = list.size(); i-- > 0;) {
    int64_t size = loops.sizes[list[i]];
    result[i] = i == 0 ? number : build.remainder(number, size);
    if (i != 0)
      number = build.divide(number, size);
  }
  return result;
}

Value GpuKernelBuilder::offset(const LinearOperand &operand,
                               ArrayRef<unsigned> list, Value number) {
  // Neighbours that follow one another in memory are one loop.
  SmallVector<std::pair<int64_t, int64_t>> merged; // size, stride
  for (unsigned loop : list) {
    int64_t size = loops.sizes[loop], stride = operand.strides[loop];
    if (size == 1)
      continue;
    if (!merged.empty() && merged.back().second == size * stride)
      merged.back() = {merged.back().first * size, stride};
    else
      merged.push_back({size, stride});
  }
  Value sum = build.number(0);
  for (size_t i = merged.size(); i-- > 0;) {
    auto [size, stride] = merged[i];
    Value digit = i == 0 ? number : build.remainder(number, size);
    if (i != 0)
      number = build.divide(number, size);
    sum = build.add(sum, build.multiply(digit, stride * bytes(operand)));
  }
  return sum;
}

Value GpuKernelBuilder::pointerOf(Value memref) {
  Value address = memref::ExtractAlignedPointerAsIndexOp::create(build, memref);
  address = arith::IndexCastOp::create(build, build.getI64Type(), address);
  auto type = cast<MemRefType>(memref.getType());
  unsigned space = type.getMemorySpace() ? 3 : 1;
  return LLVM::IntToPtrOp::create(
      build, LLVM::LLVMPointerType::get(build.getContext(), space), address);
}

Value GpuKernelBuilder::pointer(const LinearOperand &operand, Value batch) {
  Value base = build.advance(pointerOf(operand.flat), Value(),
                             operand.offset * bytes(operand));
  if (numBatches == 1)
    return base;
  return build.advance(base, offset(operand, loops.batch, batch));
}

int64_t GpuKernelBuilder::alignment(const LinearOperand &operand,
                                    function_ref<bool(unsigned)> varies) const {
  // Buffers begin at multiples of 16 bytes.
  int64_t common = 16;
  auto join = [&](int64_t elements) {
    int64_t size = elements * bytes(operand);
    if (size != 0)
      common = std::min(common, size & -size);
  };
  join(operand.offset);
  for (auto [loop, stride] : llvm::enumerate(operand.strides))
    if (loops.sizes[loop] != 1 && varies(loop))
      join(stride);
  return common;
}

bool GpuKernelBuilder::isUniform(const LinearOperand &operand) const {
  return llvm::all_of(
      loops.rows, [&](unsigned loop) { return operand.strides[loop] == 0; });
}

//===----------------------------------------------------------------------===//
// The epilogue
//===----------------------------------------------------------------------===//

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
  const LinearOperand &result = operands.back();
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
