// Runs a model in WebAssembly of one input and one result, as run_model.c does:
//     node run_model.mjs MODEL.wasm PREFIX INPUT OUTPUT
import { readFileSync, writeFileSync } from "node:fs";

const [module, prefix, input, output] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(readFileSync(module));
const { memory, __heap_base: heap, ...exported } = instance.exports;
let end = heap.value;

/// A place for so many bytes, on a boundary of 64.
function allocate(bytes) {
  const start = (end + 63) & ~63;
  end = start + bytes;
  const missing = end - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65536));
  return start;
}

/// The bytes of the first tensor of a list.
function countBytes(list) {
  const view = new DataView(memory.buffer);
  const tensor = view.getUint32(list, true);
  const width = [0, 4, 1, 1, 2, 2, 4, 8, 1][view.getUint32(tensor + 4, true)];
  const rank = view.getUint32(tensor + 8, true), dims = view.getUint32(tensor + 12, true);
  let bytes = width;
  for (let i = 0; i < rank; ++i) bytes *= Number(view.getBigInt64(dims + 8 * i, true));
  return bytes;
}

// The lowbit_model of lowbit_model.h, with pointers of 32 bits.
const model = exported[`${prefix}_lowbit_model`].value, size = 96;
const view = new DataView(memory.buffer);
if (view.getUint32(model, true) !== 1 || view.getUint32(model + 4, true) !== size) throw new Error("another interface");
const taken = countBytes(model + 20), given = countBytes(model + 24);
const workspace = allocate(Number(view.getBigUint64(model + 32, true)));
const sample = allocate(taken), result = allocate(given), pointers = allocate(8);
new DataView(memory.buffer).setUint32(pointers, sample, true);
new DataView(memory.buffer).setUint32(pointers + 4, result, true);

const samples = readFileSync(input), results = [];
for (let first = 0; first + taken <= samples.length; first += taken) {
  new Uint8Array(memory.buffer).set(samples.subarray(first, first + taken), sample);
  const status = exported[`${prefix}_run`](pointers, pointers + 4, workspace);
  if (status !== 0) throw new Error(`reports ${status}`);
  results.push(Buffer.from(memory.buffer.slice(result, result + given)));
}
writeFileSync(output, Buffer.concat(results));
