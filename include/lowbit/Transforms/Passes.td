//===- Passes.td - Passes that stay in their dialects -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TRANSFORMS_PASSES_TD
#define LOWBIT_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def DecomposeCompositesPass : Pass<"lowbit-decompose-composites"> {
  let summary = "Express the float composites in TOSA";
  let description = [{
    Replaces `lowbit.batch_norm` and `lowbit.softmax` by the TOSA operations
    that compute them. The float program and calibration need it; an integer
    program has no composite left at this point.

    ```mlir
    %y = lowbit.softmax %x {axis = 1 : i64} : tensor<4x10xf32>
    // becomes
    %max = tosa.reduce_max %x {axis = 1 : i32} : (tensor<4x10xf32>) -> tensor<4x1xf32>
    %shifted = tosa.sub %x, %max : (tensor<4x10xf32>, tensor<4x1xf32>) -> tensor<4x10xf32>
    %e = tosa.exp %shifted : (tensor<4x10xf32>) -> tensor<4x10xf32>
    %sum = tosa.reduce_sum %e {axis = 1 : i32} : (tensor<4x10xf32>) -> tensor<4x1xf32>
    %r = tosa.reciprocal %sum : (tensor<4x1xf32>) -> tensor<4x1xf32>
    %y = tosa.mul %e, %r, %zero : (tensor<4x10xf32>, tensor<4x1xf32>, tensor<1xi8>) -> tensor<4x10xf32>
    ```
  }];
  let dependentDialects = ["tosa::TosaDialect"];
}

def IntegerizePass : Pass<"lowbit-integerize"> {
  let summary = "Replace computations between decode and encode by integer ones";
  let description = [{
    Takes an encoded network to the integer graph: every computation whose
    operands are `lowbit.decode` and whose result is `lowbit.encode` becomes the
    integer operation of the same meaning.

    ```mlir
    %x = lowbit.decode %xq : tensor<1x8x8x4x!u8> to tensor<1x8x8x4xf32>
    %w = lowbit.decode %wq : tensor<16x3x3x4x!i8> to tensor<16x3x3x4xf32>
    %y = tosa.conv2d %x, %w, %b, ...
    %z = tosa.clamp %y {min_val = 0.0 : f32, max_val = 6.0 : f32} ...
    %zq = lowbit.encode %z : tensor<1x8x8x16xf32> to tensor<1x8x8x16x!u8>
    // becomes
    %xp = lowbit.pad %xq {low = array<i64: 0, 1, 1, 0>, high = array<i64: 0, 1, 1, 0>} ...
    %zq = lowbit.contract ins(%xp, %wq) epilogue(%bias, %multiplier, %shift) ... {
      ^bb0(%acc: i32, %b: i32, %m: i32, %s: i32):
        %0 = arith.addi %acc, %b : i32
        %1 = lowbit.rescale %0, %m, %s {min = 0 : i32, max = 250 : i32} : i32, i32 to i32
        lowbit.yield %1 : i32
    }
    ```

    Linear layers with constant weights (conv2d, depthwise_conv2d, matmul) take
    a residual add and clamps behind them into their epilogue; add, concat,
    avg_pool2d and changes of format are rescaled; functions of one 8-bit
    variable and softmax become tables; reshape, transpose, slice, max_pool2d
    and padding with zero let the codes pass.

    Rescaling factors are 31-bit multipliers with a shift, as the numerics
    profile `tosa` asks (`single_round`). The weights' sums prove that no
    accumulator leaves 32 bits; a layer for which that fails is refused.

    Whatever no pattern takes stays in float between its decodes and encodes,
    and is correct there; `lowbit.reason` on it says why, where a pattern came
    close. With `require-integer` each such operation is an error. Run `-lowbit-encode` before.
  }];
  let options = [
    Option<"requireInteger", "require-integer", "bool", "false",
           "Make every operation that stays in float an error">
  ];
  let statistics = [
    Statistic<"numFloatOps", "float-ops", "Operations that stay in float">
  ];
  let dependentDialects = ["arith::ArithDialect", "lowbit::LowbitDialect", "tensor::TensorDialect"];
}

def QuantizeInterfacePass : Pass<"lowbit-quantize-interface", "ModuleOp"> {
  let summary = "Let @main take and return codes";
  let description = [{
    Moves the encodes of arguments and the decodes of results out of @main, into
    the caller's hands: the arguments and results become codes, with their
    formats in the signature.

    ```mlir
    func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
      %q = lowbit.encode %x : tensor<4xf32> to tensor<4x!u8>
      ...
      %y = lowbit.decode %r : tensor<4x!u8> to tensor<4xf32>
      return %y : tensor<4xf32>
    }
    // becomes
    func.func @main(%q: tensor<4x!u8>) -> tensor<4x!u8> {
      ...
      return %r : tensor<4x!u8>
    }
    ```

    An argument that is used in another way than by one kind of encode, and a
    result that is no decode, are errors: they have no codes.
    So are a @main of several blocks, and one that the module itself uses.
    Run `-lowbit-integerize` before.
  }];
}

def SelectPrimitivePass : Pass<"lowbit-select-primitive"> {
  let summary = "Choose a multiply-accumulate primitive for each contraction";
  let description = [{
    Names the row of the primitive table that each `lowbit.contract` on words is
    to be built around: the first that computes it exactly with the CPU features
    given. Where the primitive reads wider words than lhs has, lhs is widened,
    and the widening moves into what makes lhs: the padding, the contraction
    before.

    ```mlir
    %y = lowbit.contract ins(%x, %w : tensor<4x6xi8>, tensor<8x6xi8>) ...
    // becomes
    %wide = linalg.generic ... arith.extui ... : tensor<4x6xi16>
    %y = lowbit.contract ins(%wide, %w : tensor<4x6xi16>, tensor<8x6xi8>) ...
           attributes {primitive = "avx2.pmaddwd"} ...
    ```

    A contraction that no primitive fits keeps none, and is reported in a remark
    with the reason; `-convert-lowbit-contract-to-linalg` lowers it to plain
    loops. Run `-lowbit-materialize-codes` before.
  }];
  let options = [
    ListOption<"features", "features", "std::string",
               "CPU features that primitives may use, such as avx2">
  ];
  let statistics = [
    Statistic<"numPlain", "plain-loops", "Contractions without a primitive">
  ];
  let dependentDialects = ["arith::ArithDialect", "linalg::LinalgDialect", "tensor::TensorDialect"];
}

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

def ResultsToArgumentsPass : Pass<"lowbit-results-to-arguments", "::mlir::ModuleOp"> {
  let summary = "Let @main write its results where the caller wants them";
  let description = [{
    Appends an argument for each result of @main. A result that is an
    allocation, seen whole through any chain of reshapes and casts, is computed
    in place; anything else is copied at the end: inputs, constants, parts of
    buffers, a buffer that is returned twice, and buffers of which something
    relies on an alignment that the caller does not promise.

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
    are multiples of 64.

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
    Option<"report", "report", "bool", /*default=*/"false",
           "Emit a remark with the arena's size and its lower bound">
  ];
  let dependentDialects = ["arith::ArithDialect", "memref::MemRefDialect", "LLVM::LLVMDialect"];
}

def ObservePass : Pass<"lowbit-observe", "ModuleOp"> {
  let summary = "Mark the values that get a format";
  let description = [{
    Inserts `lowbit.observe` where a recipe chooses a format: at the f32
    arguments of each function, at the last value of each quantization unit (a
    convolution or matmul, with a residual addition and a clamp where each is
    the only use of the value before), at every other f32 result except that of
    data movement, and at constants that are weights or that `tosa.add` and
    `tosa.concat` join with activations. Biases get no format of their own.

    ```mlir
    %y = tosa.conv2d %x, %w, %b, ... loc("conv1")
    %z = tosa.clamp %y {min_val = 0.0 : f32, max_val = 6.0 : f32}
    // becomes
    %wo = lowbit.observe %w {name = "conv1.weight", role = #lowbit.role<weight>}
    %y = tosa.conv2d %xo, %wo, %b, ... loc("conv1")
    %z = tosa.clamp %y {min_val = 0.0 : f32, max_val = 6.0 : f32}
    %zo = lowbit.observe %z {name = "conv1", role = #lowbit.role<activation>}
    ```

    A unit is called like its first operation's location, else like that
    operation; an argument like its attribute `lowbit.name`, else `arg0`,
    `arg1`, .... A name that is taken gets the suffix `_1`, `_2`, .... The role
    is `head` for results of softmax and for values that lead only to softmax
    and to results of the function.

    Operations inside regions are left alone, and so is what is observed
    already. Batch norms and constants should be folded before.
  }];
  let dependentDialects = ["lowbit::LowbitDialect"];
}

def FoldConstantsPass : Pass<"lowbit-fold-constants"> {
  let summary = "Compute TOSA operations on constants";
  let description = [{
    Upstream's folders handle splats and small inline constants. Weights are
    resource blobs; this pass folds both, and frees the blobs it supersedes
    where it runs on the outermost operation:

    ```mlir
    %w = "tosa.const"() <{values = dense_resource<w> : tensor<64x3x3x32xf32>}> : () -> tensor<64x3x3x32xf32>
    %t = tosa.transpose %w {perms = array<i32: 0, 2, 3, 1>} : (tensor<64x3x3x32xf32>) -> tensor<64x3x32x3xf32>
    // becomes
    %t = "tosa.const"() <{values = dense_resource<w_1> : tensor<64x3x32x3xf32>}> : () -> tensor<64x3x32x3xf32>
    ```

    Folds `transpose`, `reshape` and `concat` (pure movement), `add`, `sub`,
    `mul`, `negate`, `abs`, `reciprocal`, `rsqrt` of f32, and `cast` of integers
    to f32. Each element is rounded once, exactly as at run time, so results
    keep their bits. Functions whose value depends on a math library (`exp`,
    `pow`, ...) are left alone.

    Refuses results of more than `max-elements` elements, and constants whose
    blob is missing.
  }];
  let options = [
    Option<"maxElements", "max-elements", "int64_t", /*default=*/"268435456",
           "Leave operations whose result has more elements">];
  let dependentDialects = ["tosa::TosaDialect"];
}

def CalibratePass : Pass<"lowbit-calibrate", "ModuleOp"> {
  let summary = "Fill in the statistics of observed values";
  let description = [{
    Compiles the float program for this machine, runs it on the samples of
    `data`, and sets `stats` on each `lowbit.observe`. Statistics of constants
    come from the constants.

    ```mlir
    %y = lowbit.observe %x {name = "conv1", role = #lowbit.role<activation>} : tensor<1x8xf32>
    // becomes
    %y = lowbit.observe %x {name = "conv1", role = #lowbit.role<activation>,
         stats = #lowbit.stats<count = 800, min = -1.5 : f64, max = 3.0 : f64, ...>} : tensor<1x8xf32>
    ```

    Each entry of `data` is `<input>=<file>`, or just a file for a program with
    one input. A file is a .npy array [samples, ...]; the input is
    `x * scale + offset`, and without both options the array must hold float32.
    The last batch is filled up by repeating its
    last sample, which is not counted again.

    `save` writes the statistics to a JSON file, and `stats-file` reads them
    instead of running anything. Refuses data of another shape, empty data, and
    NaN or infinity in data, constants or observed values. Run
    `-lowbit-observe` before.
  }];
  let options = [
    ListOption<"data", "data", "std::string", "Samples: <input>=<file.npy>, ...">,
    Option<"scale", "scale", "double", /*default=*/"1.0",
           "Factor from numbers in the files to inputs">,
    Option<"offset", "offset", "double", /*default=*/"0.0",
           "What is added after the factor">,
    Option<"statsFile", "stats-file", "std::string", /*default=*/"",
           "Read saved statistics from this file">,
    Option<"save", "save", "std::string", /*default=*/"",
           "Write the statistics to this file">
  ];
  let dependentDialects = ["lowbit::LowbitDialect"];
}

def SinkParallelLoopsPass : Pass<"lowbit-sink-parallel-loops"> {
  let summary = "Make the loop of the result's last dimension innermost";
  let description = [{
    Changes the order of loops of linalg operations that sum, so that the loop
    over the last dimension of the result is the innermost one. That loop can be
    vectorized; a loop that sums f32 in a given order cannot. No sum changes.

    ```mlir
    linalg.conv_2d_nhwc_hwcf ...
    // becomes, with the output channel d6 innermost instead of d3
    linalg.generic {indexing_maps = [(d0, ..., d6) -> (d0, d1 + d3, d2 + d4, d5), ...],
                    iterator_types = [p, p, p, r, r, r, p]} ...
    ```

    Leaves alone what sums nothing, what has several results, and where that
    loop is innermost already.
  }];
  let dependentDialects = ["linalg::LinalgDialect"];
}

def FoldBatchNormPass : Pass<"lowbit-fold-batch-norm"> {
  let summary = "Fold batch norm into the convolution before it";
  let description = [{
    Batch norm with fixed statistics multiplies each channel by a factor and
    adds a term; both move into the weights and the bias of the convolution
    before it, computed in f64 and rounded to f32 once:

    ```mlir
    %y = tosa.conv2d %x, %w, %b, ... : ... -> tensor<1x8x8x16xf32>
    %z = lowbit.batch_norm %y, %scale, %offset, %mean, %variance {epsilon = 1.0e-5 : f32}
         : tensor<1x8x8x16xf32>, tensor<16xf32>
    // becomes, with f = scale / sqrt(variance + epsilon) for each channel
    %z = tosa.conv2d %x, %w_f, %b_f, ...     w_f = w * f,  b_f = (b - mean) * f + offset
    ```

    The same holds for `tosa.mul`, `tosa.add` and `tosa.sub` by a constant for
    each channel, which is what other frontends make of a batch norm. Reshapes
    that keep the channels may stand between, as after a fully connected layer.

    A batch norm of rank 4 with no such convolution before it becomes a
    `tosa.depthwise_conv2d` with a kernel of one position, so that it quantizes
    like any other layer. Any other one stays, with a remark that says why.

    Refuses convolutions whose weights or bias are not constant f32, whose
    result has other uses, or whose folded weights would overflow. A factor
    that is not finite (`variance + epsilon <= 0`) is an error.

    `-lowbit-propagate-layout` runs before, since the channel must be the last
    dimension and no transpose may stand between; `-lowbit-fold-constants` runs
    after.
  }];
  let dependentDialects = ["tosa::TosaDialect"];
}

def PropagateLayoutPass : Pass<"lowbit-propagate-layout"> {
  let summary = "Remove the transposes inside a network";
  let description = [{
    A channels-first model arrives with a transpose before and after each
    spatial operation, since TOSA computes channels-last:

    ```mlir
    %0 = tosa.transpose %x {perms = array<i32: 0, 2, 3, 1>} : ...
    %1 = tosa.conv2d %0, ...
    %2 = tosa.transpose %1 {perms = array<i32: 0, 3, 1, 2>} : ...
    %3 = tosa.clamp %2 {min_val = 0.0 : f32, max_val = 6.0 : f32} : ...
    %4 = tosa.transpose %3 {perms = array<i32: 0, 2, 3, 1>} : ...
    %5 = tosa.conv2d %4, ...
    // becomes
    %0 = tosa.transpose %x {perms = array<i32: 0, 2, 3, 1>} : ...
    %1 = tosa.conv2d %0, ...
    %3 = tosa.clamp %1 {min_val = 0.0 : f32, max_val = 6.0 : f32} : ...
    %5 = tosa.conv2d %3, ...
    ```

    Transposes sink through elementwise operations (constant operands are
    permuted, broadcast vectors reshaped), `cast`, `concat`, `pad`, `slice`,
    `tile`, `reverse`, `reduce_*`, `lowbit.softmax` (axes and lists over
    dimensions are remapped) and `lowbit.batch_norm` (where the channel stays
    last). Transposes to channels-last rise through the same operations. Those
    that meet are composed. One that moves only dimensions of size 1 becomes a
    reshape. One that is flattened into a fully connected layer (`tosa.conv2d`
    of 1x1 positions with constant weights) permutes its weights.

    What remains: one transpose for each argument and each result whose layout
    differs, and transposes at operations that depend on the order of
    dimensions: reshapes that split or merge dimensions (channel shuffle,
    attention heads, a flattening that leads elsewhere than to a fully
    connected layer), `argmax` and `gather`. Only data moves, so results keep their bits;
    only a layer with permuted weights adds its products in another order.

    Runs first on an imported model: `-lowbit-fold-batch-norm` needs
    convolution and batch norm side by side.
  }];
  let dependentDialects = ["tosa::TosaDialect"];
}

def AssignPass : Pass<"lowbit-assign", "ModuleOp"> {
  let summary = "Choose a format for each observed value after a recipe";
  let description = [{
    Sets `format` or `reason` on every `lowbit.observe`, and `lowbit.reason` on
    every operation that stays in float.

    ```mlir
    %xo = lowbit.observe %x {name = "image", role = #lowbit.role<activation>, stats = ...}
    %wo = lowbit.observe %w {name = "conv1.weight", role = #lowbit.role<weight>}
    // becomes
    %xo = lowbit.observe %x {format = !quant.uniform<u8:f32, 0.0235:3>, ...}
    %wo = lowbit.observe %w {format = !quant.uniform<i8<-127:127>:f32:0, {0.01, 0.02}>, ...}
    ```

    * Activations are affine over the range that the recipe names, widened to
      hold 0. Results of sigmoid and tanh have the fixed steps 1/256 and 1/128
      (of 8 bits) unless a rule of the recipe names a range for them.
    * Weights are symmetric, per output channel. A scale is raised where the
      layer's bias would not fit 30 bits otherwise; a channel of zeros gets the
      largest scale of its layer.
    * Heads are symmetric with 16 bits; results of softmax are multiples of
      2^-16.
    * Scales are f32 numbers whose reciprocal is finite.

    An operation computes on codes if it has an integer form, its weights and
    bias are constant, and the recipe quantizes it. The result of another one is
    encoded only where something reads its codes.

    `recipe` is the name of a built-in recipe or a path. A rule about a layer
    that does not exist is an error. Run `-lowbit-calibrate` before.
  }];
  let options = [
    Option<"recipe", "recipe", "std::string", /*default=*/"\"int8\"",
           "Built-in recipe, or a path that ends in .yaml">
  ];
  let dependentDialects = ["lowbit::LowbitDialect", "quant::QuantDialect"];
}

def EncodePass : Pass<"lowbit-encode", "ModuleOp"> {
  let summary = "Turn observed values into codes";
  let description = [{
    Replaces each `lowbit.observe` that has a format by `lowbit.encode` and
    `lowbit.decode`, or, on a constant, by its codes and `lowbit.decode`:

    ```mlir
    %xo = lowbit.observe %x {format = !quant.uniform<u8:f32, 0.5:3>, ...} : tensor<4xf32>
    %wo = lowbit.observe %w {format = !quant.uniform<i8<-127:127>:f32, 0.25>, ...} : tensor<4xf32>
    // becomes
    %xq = lowbit.encode %x : tensor<4xf32> to tensor<4x!quant.uniform<u8:f32, 0.5:3>>
    %xo = lowbit.decode %xq : tensor<4x!quant.uniform<u8:f32, 0.5:3>> to tensor<4xf32>
    %wq = lowbit.constant dense<[1, -2, 3, 4]> : tensor<4xi8> as tensor<4x!quant.uniform<i8<-127:127>:f32, 0.25>>
    %wo = lowbit.decode %wq : ...
    ```

    Constants are rounded to the nearest code, ties to even, in double
    precision; infinities saturate and NaN is refused. Their float data is
    released. An observation with a reason goes away; the reason stays as
    `lowbit.reason` on the operation, or argument, that it is about. Refuses
    observations with neither. Run `-lowbit-assign` before.
  }];
  let dependentDialects = ["lowbit::LowbitDialect"];
}

def RaiseToContractPass : Pass<"lowbit-raise-to-contract"> {
  let summary = "Express float layers with constant weights as lowbit.contract";
  let description = [{
    conv2d, depthwise_conv2d and matmul of f32 with constant weights become
    `lowbit.contract`, with their bias and the clamp behind them as its epilogue,
    so that layers which stay in float get kernels too.

    ```mlir
    %y = tosa.conv2d %x, %w, %b, ... : (tensor<1x8x8x4xf32>, tensor<16x3x3x4xf32>, ...) -> tensor<1x8x8x16xf32>
    %z = tosa.clamp %y {min_val = 0.0 : f32, max_val = 6.0 : f32} ...
    // becomes
    %z = lowbit.contract ins(%padded, %w : ...) epilogue(%b : tensor<16xf32>) outs(%empty : ...) maps [...] {
      ^bb0(%acc: f32, %bias: f32):
        %0 = arith.addf %acc, %bias : f32
        %1 = arith.maximumf %0, %min : f32
        %2 = arith.minimumf %1, %max : f32
        lowbit.yield %2 : f32
    } -> tensor<1x8x8x16xf32>
    ```

    Each sum is a chain of fused multiply-adds in ascending order of kernel row,
    kernel column and channel, and the bias is added last. Refuses dynamic
    shapes, and weights or biases that are not constant. Runs after
    `-lowbit-integerize`, on what that leaves.
  }];
  let dependentDialects = ["arith::ArithDialect", "linalg::LinalgDialect",
                           "lowbit::LowbitDialect", "tensor::TensorDialect"];
}

#endif // LOWBIT_TRANSFORMS_PASSES_TD
