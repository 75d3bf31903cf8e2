//===- GpuKernelBuilder.cpp - What all GPU kernels need -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GpuKernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

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

Value GpuBuilder::toNumber(Value value) {
  unsigned width = value.getType().getIntOrFloatBitWidth();
  if (width == 32)
    return value;
  return width < 32 ? createOrFold<arith::ExtUIOp>(getI32Type(), value)
                    : createOrFold<arith::TruncIOp>(getI32Type(), value);
}

Value GpuBuilder::packBit(Value value, Value inside, int64_t bit) {
  auto byte = [&](int64_t number) -> Value {
    return arith::ConstantIntOp::create(*this, getI8Type(), number);
  };
  if (bit != 0)
    value = createOrFold<arith::ShLIOp>(value, byte(bit));
  return inside ? choose(inside, value, byte(0)) : value;
}

Value GpuBuilder::joinBits(ArrayRef<Value> bits) {
  Value word = bits.front();
  for (Value bit : bits.drop_front())
    word = createOrFold<arith::OrIOp>(word, bit);
  return word;
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
