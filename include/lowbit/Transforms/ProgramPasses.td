//===- ProgramPasses.td - From words to a program without allocations -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TRANSFORMS_PROGRAMPASSES_TD
#define LOWBIT_TRANSFORMS_PROGRAMPASSES_TD

include "mlir/Pass/PassBase.td"

def DescribeInterfacePass : Pass<"lowbit-describe-interface", "::mlir::ModuleOp"> {
  let summary = "Record the program's inputs and outputs on the module";
  let description = [{
    Shapes, formats and names of @main's arguments and results end up in the
    artefact, but the types that hold them are gone by then. This pass writes
    them down while they are there: it runs on tensors, before
    `-lowbit-materialize-codes`.

    ```mlir
    func.func @main(%x: tensor<1x4xf32> {lowbit.name = "x"}) -> (tensor<1x2x!quant.uniform<u8:f32, 0.5:3>>)
    // adds to the module
    lowbit.interface = {
      inputs = [{name = "x", type = tensor<1x4xf32>} ],
      outputs = [{name = "result0", type = tensor<1x2x!quant.uniform<u8:f32, 0.5:3>>} ]}
    ```

    Missing names become arg0, result0, and so on. Arguments are marked
    `bufferization.writable = false`: callers own them, and bufferization would
    otherwise write into them.

    Refuses types that the C interface cannot describe: dynamic shapes, formats
    with several scales, elements other than f32 and integers of 8 to 32 bits;
    and names that occur twice.
  }];
  let dependentDialects = ["bufferization::BufferizationDialect"];
}

def SelectPrimitivePass : Pass<"lowbit-select-primitive"> {
  let summary = "Choose a multiply-accumulate primitive for each contraction";
  let description = [{
    Names the row of the primitive table that each `lowbit.contract` on words is
    to be built around: the one that computes it exactly, with the CPU features
    given, in the fewest cycles. Where the primitive reads wider words than lhs has, lhs is widened:
    by what makes it, a contraction or a loop over its elements, and all that moves it
    from there, where whatever else reads these words reads wide ones, too; by a loop of its own
    elsewhere.

    ```mlir
    %y = lowbit.contract ins(%x, %w : tensor<4x6xi8>, tensor<8x6xi8>) ...
    // becomes
    %wide = linalg.generic ... arith.extui ... : tensor<4x6xi16>
    %y = lowbit.contract ins(%wide, %w : tensor<4x6xi16>, tensor<8x6xi8>) ...
           attributes {primitive = "avx2.pmaddwd"} ...
    ```

    A contraction that no primitive fits keeps none, and is reported in a remark
    with the reason; `-convert-lowbit-contract-to-linalg` lowers it to plain
    loops. So is a widening that needs a loop of its own. Run `-lowbit-materialize-codes` before.

    What is read both with padding and without, as in residual blocks, is written once: its
    other readers take the inner part of the padded tensor. Parts of a concat that is padded are
    inserted into the padded tensor.

    ```mlir
    %p = tensor.insert_slice %x into %fill[1, 1, 0] [4, 4, 8] [1, 1, 1]
    %y = lowbit.contract ins(%x, %w) ...
    // becomes
    %p = tensor.insert_slice %x into %fill[1, 1, 0] [4, 4, 8] [1, 1, 1]
    %inner = tensor.extract_slice %p[1, 1, 0] [4, 4, 8] [1, 1, 1]
    %y = lowbit.contract ins(%inner, %w) ...
    ```

    Where weights have a scale for each group of inputs, a contraction makes one f32 for
    each group, and a `linalg.reduce` adds them up. Such a sum of what a contraction with a
    primitive makes, for it alone, becomes part of it: groups leave the result's map, and stay
    loops that operands of the epilogue lie along. The epilogue is applied to the sum of
    each group, and what it yields is added up in f32, from 0 on and in the order of the loops.

    ```mlir
    %y = lowbit.contract ins(%x, %w) epilogue(%scales : tensor<4x40xf32>) ...
           maps [..., affine_map<(m, g, o, k) -> (g, o)>, affine_map<(m, g, o, k) -> (m, g, o)>]
           -> tensor<3x4x40xf32>
    %z = linalg.reduce ins(%y) outs(%zero : tensor<3x40xf32>) dimensions = [1] {arith.addf}
    // becomes
    %z = lowbit.contract ins(%x, %w) epilogue(%scales : tensor<4x40xf32>) ...
           maps [..., affine_map<(m, g, o, k) -> (g, o)>, affine_map<(m, g, o, k) -> (m, o)>]
           -> tensor<3x40xf32>
    ```

    With `explain`, a remark says of each contraction which row was chosen, how many
    cycles it is predicted to take, how many the others would take, and why those
    that read such lanes cannot compute it. With `force`, each contraction gets the
    first row of that list that computes it exactly; that there is none is an error,
    which names the rows that do.

    `variants` lists what each of several programs may use that share their weights:
    features with colons between them, such as `none,avx2,avx2:avx512bw`. Rows are then chosen
    that read weights in the same order in all of these programs, so that the sum over
    programs of cycles, each relative to the fewest that the program could have, is
    smallest. `features` are those of one of them. What the others use is left in
    `lowbit.sharing`, by which `-convert-lowbit-contract-to-vector` packs.

    With `fma` among the features, contractions of the x86 family get `lowbit.fma`, which lets
    that pass change scales by a multiply-add.
  }];
  let options = [
    ListOption<"features", "features", "std::string",
               "CPU features that primitives may use, such as avx2">,
    ListOption<"force", "force", "std::string",
               "Primitives to choose from, whatever others take">,
    ListOption<"variants", "variants", "std::string",
               "CPU features of each program that shares the weights, with colons between them">,
    Option<"explain", "explain", "bool", /*default=*/"false",
           "Say what was chosen, and from what">
  ];
  let dependentDialects = ["arith::ArithDialect", "linalg::LinalgDialect", "tensor::TensorDialect"];
}

def FuseGroupsPass : Pass<"lowbit-fuse-groups"> {
  let summary = "Add up the sums of groups in the contractions that make them";
  let description = [{
    What `-lowbit-select-primitive` does for contractions with a primitive, for all of them:
    for devices, which choose how to compute a contraction when they make a kernel of it. A
    `linalg.reduce` that adds up in f32 what a contraction makes of each group, and nothing
    else reads, becomes part of it.

    ```mlir
    %y = lowbit.contract ins(%x, %w) epilogue(%scales : tensor<4x40xf32>) ... -> tensor<3x4x40xf32>
    %z = linalg.reduce ins(%y) outs(%zero : tensor<3x40xf32>) dimensions = [1] {arith.addf}
    // becomes
    %z = lowbit.contract ins(%x, %w) epilogue(%scales : tensor<4x40xf32>) ... -> tensor<3x40xf32>
    ```
  }];
  let dependentDialects = ["tensor::TensorDialect"];
}

def FillFramesPass : Pass<"lowbit-fill-frames"> {
  let summary = "Fill only what is seen of padding";
  let description = [{
    A tensor that is inserted into a filled one covers most of it. Only the frame around it is
    filled then, slab by slab, before and behind it along each dimension:

    ```mlir
    %f = linalg.fill ins(%zero : i8) outs(%e : tensor<58x58x64xi8>)
    %p = tensor.insert_slice %x into %f[1, 1, 0] [56, 56, 64] [1, 1, 1]
    // becomes
    %s = tensor.extract_slice %e[0, 0, 0] [1, 58, 64] [1, 1, 1]
    %t = linalg.fill ins(%zero : i8) outs(%s : tensor<1x58x64xi8>)
    %top = tensor.insert_slice %t into %e[0, 0, 0] [1, 58, 64] [1, 1, 1]
    ...
    %p = tensor.insert_slice %x into %right[1, 1, 0] [56, 56, 64] [1, 1, 1]
    ```

    Several that are inserted side by side, as the parts of a padded concat, have one frame.
    Bufferization does all of it in place. Where rows are short the frame consists of many small
    pieces, and all is filled: each piece counts as much as 512 bytes.
  }];
  let dependentDialects = ["linalg::LinalgDialect", "tensor::TensorDialect"];
}

def PrintAccumulatorRangesPass : Pass<"lowbit-print-accumulator-ranges"> {
  let summary = "Say between which numbers the sums of each contraction lie";
  let description = [{
    For tests, and for whoever chooses formats: one remark for each `lowbit.contract`
    with constant weights, on codes or on words, and one note for each tile of
    `lanes` channels. They hold for the weights that are there and all codes that the
    format of lhs has, and are attained by some:

    ```
    remark: sums lie in [-12954, 14025]: 15 bits; pairs of products in [-3060, 2040], so that 16-bit sums hold 10 of them
    note: channels 0 to 7: sums lie in [-12954, 9180]: 15 bits; pairs of products in [-3060, 1530], so that 16-bit sums hold 10 of them
    ```

    Pairs are of neighbours in the order of the sum. How many of them a 16-bit sum
    holds is told of the pairs that follow one another every `step` products: those
    that come together in one lane of a primitive.

    Where codes are unsigned and weights signed bytes, a last note says what it takes to
    add up some such steps in 16 bits all the same: large weights are taken apart then,
    and a part of them is added in further steps, of eight lanes each.

    ```
    note: 16-bit sums of 1, 2, 4, 8 steps take 0, 3, 17, 64 further steps to 576 for large weights
    ```
  }];
  let options = [
    Option<"lanes", "lanes", "int64_t", /*default=*/"8", "Channels of a tile">,
    Option<"step", "step", "int64_t", /*default=*/"4",
           "Products of one step of the primitive">
  ];
}

def ResultsToArgumentsPass : Pass<"lowbit-results-to-arguments", "::mlir::ModuleOp"> {
  let summary = "Let @main write its results where the caller wants them";
  let description = [{
    Appends an argument for each result of @main. A result that is an
    allocation, seen whole through any chain of reshapes and casts, is computed
    in place; anything else is copied at the end: inputs, constants, parts of
    buffers, a buffer that is returned twice or that a `lowbit.port` reads, and
    buffers of which something relies on an alignment that the caller does not
    promise.

    ```mlir
    func.func @main(%x: memref<1x4xf32>) -> memref<4xf32> {
      %0 = memref.alloc() : memref<1x4xf32>
      ...
      %1 = memref.collapse_shape %0 [[0, 1]] : memref<1x4xf32> into memref<4xf32>
      return %1 : memref<4xf32>
    }
    // becomes
    func.func @main(%x: memref<1x4xf32>, %result: memref<4xf32> {llvm.noalias}) {
      %0 = memref.reinterpret_cast %result to offset: [0], sizes: [1, 4], strides: [4, 1] : ...
      ...
      return
    }
    ```

    Attributes of results, `lowbit.name` among them, move to the arguments.
    Refuses results of dynamic shape or with a layout, programs that write to
    their inputs (bufferize with `bufferization.writable = false` on the
    arguments), and control flow between blocks. Runs after bufferization.
  }];
  let dependentDialects = ["memref::MemRefDialect", "LLVM::LLVMDialect"];
}

def PlanArenaPass : Pass<"lowbit-plan-arena", "::mlir::ModuleOp"> {
  let summary = "Place every buffer of @main in one arena";
  let description = [{
    An artefact allocates nothing: all its buffers lie at fixed offsets of one
    workspace that the caller gives. Buffers that are not alive at the same
    time share bytes. A buffer is alive from the first to the last operation of
    @main's block that uses it or a view of it, also inside a region; offsets
    are multiples of `alignment`, at least 64.

    ```mlir
    func.func @main(%x: memref<4xf32>, %y: memref<4xf32>) {
      %0 = memref.alloc() : memref<4xf32>
      ...
    }
    // becomes
    module attributes {lowbit.workspace_size = 64 : i64}
    func.func @main(%x: memref<4xf32>, %y: memref<4xf32>, %arena: memref<64xi8> {llvm.noalias}) {
      %c0 = arith.constant 0 : index
      %0 = memref.view %arena[%c0][] : memref<64xi8> to memref<4xf32>
      ...
    }
    ```

    Allocations inside loops are hoisted first. An alloca of at most
    `stack-limit` bytes stays on the stack, at the start of @main; a larger one
    goes to the arena. Deallocations are dropped.

    Refuses what it cannot place: dynamic sizes, layouts and memory spaces,
    allocations in other functions, in parallel loops, or that a loop carries
    from one iteration to the next, and control flow between blocks. Run
    `-lowbit-results-to-arguments` before.
  }];
  let options = [
    Option<"stackLimit", "stack-limit", "int64_t", /*default=*/"4096",
           "Largest alloca, in bytes, that stays on the stack">,
    Option<"alignment", "alignment", "int64_t", /*default=*/"64",
           "What places of buffers are multiples of">,
    Option<"report", "report", "bool", /*default=*/"false",
           "Emit a remark with the arena's size and its lower bound">
  ];
  let dependentDialects = ["arith::ArithDialect", "memref::MemRefDialect", "LLVM::LLVMDialect"];
}

def RecordPortsPass : Pass<"lowbit-record-ports", "::mlir::ModuleOp"> {
  let summary = "Record where in the workspace a debugger finds each value";
  let description = [{
    Replaces each `lowbit.port` by an entry of a module attribute: the name, the
    type of the words with their scale, the first word's place in the workspace,
    in bytes, and the distances along each dimension, in words.

    ```mlir
    %q = memref.view %arena[%c64][] : memref<256xi8> to memref<1x4xi8>
    ...
    lowbit.port %q {name = "fc1", format = !quant.uniform<u8:f32, 0.5:3>} : memref<1x4xi8>
    // becomes
    module attributes {lowbit.ports = [{name = "fc1", offset = 64 : i64,
        strides = array<i64: 4, 1>, type = tensor<1x4x!quant.uniform<u8:f32, 0.5:3>>} ]}
    ```

    Ports of what is not in the workspace, such as codes that the caller gave, are
    dropped. Refuses views whose place is not known before the program runs. Runs
    after `-lowbit-plan-arena`.
  }];
  let dependentDialects = ["quant::QuantDialect"];
}

#endif // LOWBIT_TRANSFORMS_PROGRAMPASSES_TD
