// RUN: lowbit-opt %s -convert-lowbit-contract-to-vector -split-input-file -verify-diagnostics

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
func.func @tensors(%x: tensor<4x2xf32>, %w: tensor<8x2xf32>, %y: tensor<4x8xf32>)
    -> tensor<4x8xf32> {
  // expected-error@+1 {{is on tensors; bufferize it before making a kernel of it}}
  %0 = lowbit.contract ins(%x, %w : tensor<4x2xf32>, tensor<8x2xf32>) outs(%y : tensor<4x8xf32>)
    maps [#lhs, #rhs, #out] attributes {primitive = "generic.fma"} {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  } -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
func.func @no_primitive(%x: memref<4x2xf32>, %w: memref<8x2xf32>, %y: memref<4x8xf32>) {
  // expected-error@+1 {{has no primitive; use -lowbit-select-primitive first}}
  lowbit.contract ins(%x, %w : memref<4x2xf32>, memref<8x2xf32>)
    outs(%y : memref<4x8xf32>)
    maps [#lhs, #rhs, #out] {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
func.func @unknown_primitive(%x: memref<4x2xf32>, %w: memref<8x2xf32>, %y: memref<4x8xf32>) {
  // expected-error@+1 {{names an unknown primitive 'avx9'}}
  lowbit.contract ins(%x, %w : memref<4x2xf32>, memref<8x2xf32>)
    outs(%y : memref<4x8xf32>)
    maps [#lhs, #rhs, #out] attributes {primitive = "avx9"} {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
func.func @other_lanes(%x: memref<4x2xf32>, %w: memref<8x2xf32>, %y: memref<4x8xf32>) {
  // expected-error@+1 {{'generic.fma.channels': its loops do not suit the primitive's lanes}}
  lowbit.contract ins(%x, %w : memref<4x2xf32>, memref<8x2xf32>)
    outs(%y : memref<4x8xf32>)
    maps [#lhs, #rhs, #out] attributes {primitive = "generic.fma.channels"} {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
func.func @dynamic_loop(%x: memref<?x2xf32>, %w: memref<8x2xf32>, %y: memref<?x8xf32>) {
  // expected-error@+1 {{around primitive 'generic.fma': a loop's size is not static}}
  lowbit.contract ins(%x, %w : memref<?x2xf32>, memref<8x2xf32>)
    outs(%y : memref<?x8xf32>)
    maps [#lhs, #rhs, #out] attributes {primitive = "generic.fma"} {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
memref.global "private" constant @w : memref<8x2xf32> = dense<1.0>
func.func @dynamic_layout(%x: memref<4x2xf32, strided<[?, 1]>>, %y: memref<4x8xf32>) {
  %w = memref.get_global @w : memref<8x2xf32>
  // expected-error@+1 {{'generic.fma': an operand's layout is not static with positive}}
  lowbit.contract ins(%x, %w : memref<4x2xf32, strided<[?, 1]>>, memref<8x2xf32>)
    outs(%y : memref<4x8xf32>)
    maps [#lhs, #rhs, #out] attributes {primitive = "generic.fma"} {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
memref.global "private" constant @w : memref<8x2xf32> = dense<1.0>
func.func @negative_stride(%x: memref<4x2xf32, strided<[-2, 1], offset: 6>>, %y: memref<4x8xf32>) {
  %w = memref.get_global @w : memref<8x2xf32>
  // expected-error@+1 {{'generic.fma': an operand's layout is not static with positive}}
  lowbit.contract ins(%x, %w : memref<4x2xf32, strided<[-2, 1], offset: 6>>, memref<8x2xf32>)
    outs(%y : memref<4x8xf32>)
    maps [#lhs, #rhs, #out] attributes {primitive = "generic.fma"} {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
memref.global "private" constant @w : memref<8x2xf32> = dense<1.0>
func.func @strided_result(%x: memref<4x2xf32>, %y: memref<4x8xf32, strided<[16, 2]>>) {
  %w = memref.get_global @w : memref<8x2xf32>
  // expected-error@+1 {{'generic.fma': its result is not contiguous along the lanes}}
  lowbit.contract ins(%x, %w : memref<4x2xf32>, memref<8x2xf32>)
    outs(%y : memref<4x8xf32, strided<[16, 2]>>)
    maps [#lhs, #rhs, #out] attributes {primitive = "generic.fma"} {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
func.func @argument(%x: memref<4x2xf32>, %w: memref<8x2xf32>, %y: memref<4x8xf32>) {
  // expected-error@+1 {{cannot be built around primitive 'generic.fma': its weights}}
  lowbit.contract ins(%x, %w : memref<4x2xf32>, memref<8x2xf32>)
    outs(%y : memref<4x8xf32>)
    maps [#lhs, #rhs, #out] attributes {primitive = "generic.fma"} {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
memref.global "private" @w : memref<8x2xf32> = dense<1.0>
func.func @variable(%x: memref<4x2xf32>, %y: memref<4x8xf32>) {
  %w = memref.get_global @w : memref<8x2xf32>
  // expected-error@+1 {{around primitive 'generic.fma': its weights are not constant}}
  lowbit.contract ins(%x, %w : memref<4x2xf32>, memref<8x2xf32>)
    outs(%y : memref<4x8xf32>)
    maps [#lhs, #rhs, #out] attributes {primitive = "generic.fma"} {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
memref.global "private" constant @w : memref<8x2xi8> = dense<1>
func.func @narrow_words(%x: memref<4x2xi8>, %y: memref<4x8xi32>) {
  %w = memref.get_global @w : memref<8x2xi8>
  // expected-error@+1 {{'generic.dot2': its operands do not have the primitive's widths}}
  lowbit.contract ins(%x, %w : memref<4x2xi8>, memref<8x2xi8>)
    outs(%y : memref<4x8xi32>)
    maps [#lhs, #rhs, #out] attributes {primitive = "generic.dot2"} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}

// -----

#lhs = affine_map<(h, c, k) -> (h + k, c)>
#rhs = affine_map<(h, c, k) -> (k, c)>
#out = affine_map<(h, c, k) -> (h, c)>
func.func @strided_channels(%x: memref<6x8xf32, strided<[16, 2]>>, %w: memref<3x8xf32>,
                            %y: memref<4x8xf32>) {
  // expected-error@+1 {{'generic.fma.channels': its operands are not contiguous along}}
  lowbit.contract ins(%x, %w : memref<6x8xf32, strided<[16, 2]>>, memref<3x8xf32>)
    outs(%y : memref<4x8xf32>)
    maps [#lhs, #rhs, #out] attributes {primitive = "generic.fma.channels"} {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
func.func @sharing(%x: memref<4x2xf32>, %w: memref<8x2xf32>, %y: memref<4x8xf32>) {
  // expected-error@+1 {{expects 'lowbit.sharing' to list primitives that pack weights as 'generic.fma' does, and that one, but got ["generic.fma", "generic.dot2"]}}
  lowbit.contract ins(%x, %w : memref<4x2xf32>, memref<8x2xf32>)
    outs(%y : memref<4x8xf32>)
    maps [#lhs, #rhs, #out] attributes {primitive = "generic.fma", lowbit.sharing = ["generic.fma", "generic.dot2"]} {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
func.func @sharing_alone(%x: memref<4x2xf32>, %w: memref<8x2xf32>, %y: memref<4x8xf32>) {
  // expected-error@+1 {{and that one, but got ["avx512.fma"]}}
  lowbit.contract ins(%x, %w : memref<4x2xf32>, memref<8x2xf32>)
    outs(%y : memref<4x8xf32>)
    maps [#lhs, #rhs, #out] attributes {primitive = "generic.fma", lowbit.sharing = ["avx512.fma"]} {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  }
  return
}
