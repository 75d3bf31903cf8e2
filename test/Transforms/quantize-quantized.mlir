// RUN: lowbit-opt %s -lowbit-observe | FileCheck %s --check-prefix=OBSERVE
// RUN: lowbit-opt %s -lowbit-observe -lowbit-assign=recipe=imported \
// RUN:   | FileCheck %s --check-prefix=IMPORTED

// A network that has codes already: what the model encodes or decodes itself has
// its format; the layer before, in float, is observed.

!u8 = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8:f32, 0.25>
!b = !quant.uniform<i32:f32, 0.125>

// OBSERVE-LABEL: func.func @main
// OBSERVE-SAME: (%[[X:.*]]: tensor<1x1x1x1xf32>
// OBSERVE: %[[OX:.*]] = lowbit.observe %[[X]] {name = "x"
// OBSERVE: %[[OW:.*]] = lowbit.observe %{{.*}} {name = "first.weight"
// OBSERVE: %[[C:.*]] = tosa.conv2d %[[OX]], %[[OW]],
// OBSERVE-NOT: lowbit.observe
// OBSERVE: %[[Q:.*]] = lowbit.encode %[[C]]
// OBSERVE: %[[R:.*]] = lowbit.decode %[[Q]]
// OBSERVE-NOT: lowbit.observe
// OBSERVE: %[[D:.*]] = tosa.conv2d %[[R]],
// OBSERVE: %[[OD:.*]] = lowbit.observe %[[D]] {name = "second"
// OBSERVE: lowbit.encode %[[D]]
// OBSERVE: return %[[OD]],

// The recipe gives no formats, so nothing more has one.
// IMPORTED: lowbit.observe {{.*}}name = "x", reason = "the model leaves it in float"
// IMPORTED: lowbit.observe {{.*}}name = "first.weight", reason = "the model leaves it in float"
// IMPORTED: lowbit.observe {{.*}}name = "second", reason = "the model leaves it in float"
func.func @main(%x: tensor<1x1x1x1xf32> {lowbit.name = "x"})
    -> (tensor<1x1x1x1xf32>, tensor<1x1x1x1x!u8>) {
  %w = "tosa.const"() {values = dense<2.0> : tensor<1x1x1x1xf32>} : () -> tensor<1x1x1x1xf32>
  %f = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %f, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x1xf32> loc("first")
  %q = lowbit.encode %c : tensor<1x1x1x1xf32> to tensor<1x1x1x1x!u8>
  %r = lowbit.decode %q : tensor<1x1x1x1x!u8> to tensor<1x1x1x1xf32>
  %vq = lowbit.constant dense<5> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!w>
  %v = lowbit.decode %vq : tensor<1x1x1x1x!w> to tensor<1x1x1x1xf32>
  %bq = lowbit.constant dense<7> : tensor<1xi32> as tensor<1x!b>
  %b = lowbit.decode %bq : tensor<1x!b> to tensor<1xf32>
  %d = tosa.conv2d %r, %v, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x1xf32> loc("second")
  %s = lowbit.encode %d : tensor<1x1x1x1xf32> to tensor<1x1x1x1x!u8>
  return %d, %s : tensor<1x1x1x1xf32>, tensor<1x1x1x1x!u8>
}
