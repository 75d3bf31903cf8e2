//===- LowbitDebugOps.td - Looking into a program -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_DEBUG_OPS_TD
#define LOWBIT_DEBUG_OPS_TD

include "lowbit/IR/LowbitBase.td"

def Lowbit_PortOp : Lowbit_Op<"port"> {
  let summary = "keeps codes until the program ends, for a debugger to read";
  let description = [{
    Reads `codes` where it stands, and computes nothing. `-lowbit-encode` puts
    ports before the terminator, so that what they read is still there when the
    program has ended: no other buffer takes its bytes. The kernels are those of
    the program without ports. `-lowbit-record-ports` replaces each by an entry
    of the module's `lowbit.ports`, which says where in the workspace the codes
    are.

    `name` is that of the observation that the codes come from. On words, which
    may be wider than the codes, `format` is the codes' format.

    Constraints: (C1) codes have an affine format with one scale. (C2) `format`
    is there on words, on which it expresses f32, and nowhere else.

    Example:
    ```mlir
    lowbit.port %q {name = "conv1"} : tensor<1x8x8x16x!quant.uniform<u8:f32, 0.5:3>>
    ```
  }];
  let arguments = (ins AnyTypeOf<[AnyRankedTensor, AnyMemRef]>:$codes, StrAttr:$name,
                       OptionalAttr<TypeAttr>:$format);
  let assemblyFormat = "$codes attr-dict `:` type($codes)";
  let hasVerifier = 1;
}

#endif // LOWBIT_DEBUG_OPS_TD
