// Calls module_main of a WebAssembly module that cross_run.py made; what print_i32.c
// and a C library do elsewhere is here.
import { readFileSync, writeSync } from "node:fs";

let instance, end;

function allocate(bytes) {
  const memory = instance.exports.memory;
  end = (end ?? instance.exports.__heap_base.value) + 63 & ~63;
  const start = end;
  end += Number(bytes);
  const missing = end - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65536));
  return start;
}

function printMemrefI32(rank, descriptor) {
  const view = new DataView(instance.exports.memory.buffer);
  const aligned = view.getUint32(descriptor + 4, true);
  const [offset, size, stride] = [8, 16, 24].map((at) => Number(view.getBigInt64(descriptor + at, true)));
  const values = [];
  for (let i = 0; i < size; ++i) values.push(view.getInt32(aligned + 4 * (offset + i * stride), true));
  writeSync(1, `data = \n[${values.join(", ")}]\n`);
}

// A copy between buffers of any strides; from and to are unranked.
function memrefCopy(bytes, from, to) {
  const view = new DataView(instance.exports.memory.buffer);
  const words = new Uint8Array(instance.exports.memory.buffer);
  const [rank, size] = [Number(view.getBigInt64(from, true)), Number(bytes)];
  const describe = (unranked) => {
    const descriptor = view.getUint32(unranked + 8, true);
    const number = (at) => Number(view.getBigInt64(descriptor + at, true));
    const list = (at) => Array.from({ length: rank }, (_, d) => number(at + 8 * d));
    const start = view.getUint32(descriptor + 4, true) + size * number(8);
    return { start, sizes: list(16), strides: list(16 + 8 * rank) };
  };
  const [source, target] = [describe(from), describe(to)];
  const copy = (d, read, write) => {
    if (d === rank) return words.copyWithin(write, read, read + size);
    for (let i = 0; i < source.sizes[d]; ++i)
      copy(d + 1, read + i * size * source.strides[d], write + i * size * target.strides[d]);
  };
  copy(0, source.start, target.start);
}

const env = {
  printMemrefI32, memrefCopy, malloc: allocate, aligned_alloc: (_, bytes) => allocate(bytes), free() {},
};
({ instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), { env }));
instance.exports.module_main();
