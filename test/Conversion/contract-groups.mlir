// RUN: lowbit-opt %s -convert-lowbit-contract-to-vector | FileCheck %s

// What groups have lies as weights do, in panels, here of 24 lanes, the last one filled up, and
// in these group by group; integers take 16 bits where these hold them.
// CHECK: memref.global "private" constant @scales_panels : memref<144xf32>
// CHECK: memref.global "private" constant @sums_panels : memref<144xi16>
// CHECK-LABEL: func.func @groups
// CHECK-DAG: %[[SCALES:.*]] = memref.get_global @scales_panels
// CHECK-DAG: %[[SUMS:.*]] = memref.get_global @sums_panels
// CHECK: scf.for %[[GROUP:[a-z0-9]+]] = {{.*}} -> (vector<8xf32>
// CHECK: arith.constant 72 : index
// CHECK: %[[LANES:.*]] = arith.constant 24 : index
// CHECK: arith.muli %[[GROUP]], %[[LANES]]
// CHECK: %[[HALVES:.*]] = vector.load %[[SUMS]]{{.*}} : memref<144xi16>, vector<8xi16>
// CHECK: arith.extsi %[[HALVES]] : vector<8xi16> to vector<8xi32>
// CHECK: arith.constant 72 : index
// CHECK: vector.load %[[SCALES]]{{.*}} : memref<144xf32>, vector<8xf32>
memref.global "private" constant @w : memref<40x3x4xi8> = dense<2>
memref.global "private" constant @scales : memref<3x40xf32> = dense_resource<scales>
memref.global "private" constant @sums : memref<3x40xi32> = dense_resource<sums>
func.func @groups(%x: memref<12x3x4xi8>, %y: memref<12x40xf32>) {
  %w = memref.get_global @w : memref<40x3x4xi8>
  %f = memref.get_global @scales : memref<3x40xf32>
  %s = memref.get_global @sums : memref<3x40xi32>
  lowbit.contract ins(%x, %w : memref<12x3x4xi8>, memref<40x3x4xi8>)
    epilogue(%s, %f : memref<3x40xi32>, memref<3x40xf32>) outs(%y : memref<12x40xf32>)
    maps [affine_map<(m, g, n, k) -> (m, g, k)>, affine_map<(m, g, n, k) -> (n, g, k)>,
          affine_map<(m, g, n, k) -> (g, n)>, affine_map<(m, g, n, k) -> (g, n)>, affine_map<(m, g, n, k) -> (m, n)>]
    attributes {primitive = "avx2.pmaddubsw", formats = [!quant.any<u8:f32>, !quant.any<i8:f32>, i32, f32, f32]} {
  ^bb0(%acc: i32, %sum: i32, %factor: f32):
    %c = arith.subi %acc, %sum : i32
    %r = arith.sitofp %c : i32 to f32
    %p = arith.mulf %r, %factor : f32
    lowbit.yield %p : f32
  }
  return
}

// A zero point that is a code times a sum of weights is taken away by a multiply-add, which
// rounds as the conversion does.
// CHECK-LABEL: func.func @zero_codes
// CHECK: memref.get_global @zero_sums_panels{{.*}} : memref<{{[0-9]+}}xf32>
// CHECK: %[[ZERO:.*]] = arith.sitofp {{.*}} : vector<8xi32> to vector<8xf32>
// CHECK: %[[LESS:.*]] = arith.negf %[[ZERO]]
// CHECK: %[[SUM:.*]] = arith.sitofp {{.*}} : vector<8xi32> to vector<8xf32>
// CHECK: math.fma %[[LESS]], %{{.*}}, %[[SUM]]
memref.global "private" constant @zero_sums : memref<3x40xi32> = dense_resource<zero_sums>
func.func @zero_codes(%x: memref<12x3x4xi8>, %z: memref<12xi32>, %y: memref<12x40xf32>) {
  %w = memref.get_global @w : memref<40x3x4xi8>
  %f = memref.get_global @scales : memref<3x40xf32>
  %s = memref.get_global @zero_sums : memref<3x40xi32>
  lowbit.contract ins(%x, %w : memref<12x3x4xi8>, memref<40x3x4xi8>)
    epilogue(%s, %f, %z : memref<3x40xi32>, memref<3x40xf32>, memref<12xi32>) outs(%y : memref<12x40xf32>)
    maps [affine_map<(m, g, n, k) -> (m, g, k)>, affine_map<(m, g, n, k) -> (n, g, k)>,
          affine_map<(m, g, n, k) -> (g, n)>, affine_map<(m, g, n, k) -> (g, n)>, affine_map<(m, g, n, k) -> (m)>,
          affine_map<(m, g, n, k) -> (m, n)>]
    attributes {primitive = "avx2.pmaddubsw", lowbit.fma, lowbit.zero_codes,
                formats = [!quant.any<u8:f32>, !quant.any<i8:f32>, i32, f32, i32, f32]} {
  ^bb0(%acc: i32, %sum: i32, %factor: f32, %zero: i32):
    %m = arith.muli %zero, %sum : i32
    %c = arith.subi %acc, %m : i32
    %r = arith.sitofp %c : i32 to f32
    %p = arith.mulf %r, %factor : f32
    lowbit.yield %p : f32
  }
  return
}

// Any number may leave 32 bits.
// CHECK-LABEL: func.func @any_zeros
// CHECK-NOT: math.fma
// CHECK: arith.muli {{.*}} : vector<8xi32>
func.func @any_zeros(%x: memref<12x3x4xi8>, %z: memref<12xi32>, %y: memref<12x40xf32>) {
  %w = memref.get_global @w : memref<40x3x4xi8>
  %f = memref.get_global @scales : memref<3x40xf32>
  %s = memref.get_global @zero_sums : memref<3x40xi32>
  lowbit.contract ins(%x, %w : memref<12x3x4xi8>, memref<40x3x4xi8>)
    epilogue(%s, %f, %z : memref<3x40xi32>, memref<3x40xf32>, memref<12xi32>) outs(%y : memref<12x40xf32>)
    maps [affine_map<(m, g, n, k) -> (m, g, k)>, affine_map<(m, g, n, k) -> (n, g, k)>,
          affine_map<(m, g, n, k) -> (g, n)>, affine_map<(m, g, n, k) -> (g, n)>, affine_map<(m, g, n, k) -> (m)>,
          affine_map<(m, g, n, k) -> (m, n)>]
    attributes {primitive = "avx2.pmaddubsw", lowbit.fma,
                formats = [!quant.any<u8:f32>, !quant.any<i8:f32>, i32, f32, i32, f32]} {
  ^bb0(%acc: i32, %sum: i32, %factor: f32, %zero: i32):
    %m = arith.muli %zero, %sum : i32
    %c = arith.subi %acc, %m : i32
    %r = arith.sitofp %c : i32 to f32
    %p = arith.mulf %r, %factor : f32
    lowbit.yield %p : f32
  }
  return
}

{-#
  dialect_resources: {
    builtin: {
      scales: "0x04000000000000000000003E0000803E0000C03E0000003F0000203F0000403F0000603F0000803F0000903F0000A03F0000B03F0000C03F0000D03F0000E03F0000F03F0000004000000840000010400000184000002040000028400000304000003840000040400000484000005040000058400000604000006840000070400000784000008040000084400000884000008C4000009040000094400000984000009C400000A0400000A4400000A8400000AC400000B0400000B4400000B8400000BC400000C0400000C4400000C8400000CC400000D0400000D4400000D8400000DC400000E0400000E4400000E8400000EC400000F0400000F4400000F8400000FC40000000410000024100000441000006410000084100000A4100000C4100000E41000010410000124100001441000016410000184100001A4100001C4100001E41000020410000224100002441000026410000284100002A4100002C4100002E41000030410000324100003441000036410000384100003A4100003C4100003E41000040410000424100004441000046410000484100004A4100004C4100004E41000050410000524100005441000056410000584100005A4100005C4100005E41000060410000624100006441000066410000684100006A4100006C4100006E41",
      sums: "0x040000000000000006FFFFFFF401000012FDFFFFE80300001EFBFFFFDC0500002AF9FFFFD007000036F7FFFFC409000042F5FFFFB80B00004EF3FFFFAC0D00005AF1FFFFA00F000066EFFFFF9411000072EDFFFF881300007EEBFFFF7C1500008AE9FFFF7017000096E7FFFF64190000A2E5FFFF581B0000AEE3FFFF4C1D0000BAE1FFFF401F0000C6DFFFFF34210000D2DDFFFF28230000DEDBFFFF1C250000EAD9FFFF10270000F6D7FFFF0429000002D6FFFFF82A00000ED4FFFFEC2C00001AD2FFFFE02E000026D0FFFFD430000032CEFFFFC83200003ECCFFFFBC3400004ACAFFFFB036000056C8FFFFA438000062C6FFFF983A00006EC4FFFF8C3C00007AC2FFFF803E000086C0FFFF7440000092BEFFFF684200009EBCFFFF5C440000AABAFFFF50460000B6B8FFFF44480000C2B6FFFF384A0000CEB4FFFF2C4C0000DAB2FFFF204E0000E6B0FFFF14500000F2AEFFFF08520000FEACFFFFFC5300000AABFFFFF055000016A9FFFFE457000022A7FFFFD85900002EA5FFFFCC5B00003AA3FFFFC05D000046A1FFFFB45F0000529FFFFFA86100005E9DFFFF9C6300006A9BFFFF906500007699FFFF846700008297FFFF786900008E95FFFF6C6B00009A93FFFF606D0000A691FFFF546F0000B28FFFFF48710000BE8DFFFF3C730000CA8BFFFF",
      zero_sums: "0x040000009CFFFFFFA3FFFFFFAAFFFFFFB1FFFFFFB8FFFFFFBFFFFFFFC6FFFFFFCDFFFFFFD4FFFFFFDBFFFFFFE2FFFFFFE9FFFFFFF0FFFFFFF7FFFFFFFEFFFFFF050000000C000000130000001A00000021000000280000002F000000360000003D000000440000004B0000005200000059000000600000009EFFFFFFA5FFFFFFACFFFFFFB3FFFFFFBAFFFFFFC1FFFFFFC8FFFFFFCFFFFFFFD6FFFFFFDDFFFFFFE4FFFFFFEBFFFFFFF2FFFFFFF9FFFFFF00000000070000000E000000150000001C000000230000002A00000031000000380000003F000000460000004D000000540000005B00000062000000A0FFFFFFA7FFFFFFAEFFFFFFB5FFFFFFBCFFFFFFC3FFFFFFCAFFFFFFD1FFFFFFD8FFFFFFDFFFFFFFE6FFFFFFEDFFFFFFF4FFFFFFFBFFFFFF020000000900000010000000170000001E000000250000002C000000330000003A00000041000000480000004F000000560000005D00000064000000A2FFFFFFA9FFFFFFB0FFFFFFB7FFFFFFBEFFFFFFC5FFFFFFCCFFFFFFD3FFFFFFDAFFFFFFE1FFFFFFE8FFFFFFEFFFFFFFF6FFFFFFFDFFFFFF040000000B000000120000001900000020000000270000002E000000350000003C000000430000004A00000051000000580000005F0000009DFFFFFFA4FFFFFFABFFFFFFB2FFFFFFB9FFFFFF"
    }
  }
#-}
