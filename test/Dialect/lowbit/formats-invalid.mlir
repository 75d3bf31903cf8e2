// RUN: lowbit-opt %s -split-input-file -verify-diagnostics -allow-unregistered-dialect

// Types that are refused: each way to break a constraint, and text that is no type.

// expected-error @+1 {{expects 1 to 16 planes, but got 0}}
func.func private @f() -> tensor<4x!lowbit.planes<sign x 0, [1.0]>>

// -----

// expected-error @+1 {{expects 1 to 16 planes, but got 17}}
func.func private @f() -> tensor<4x!lowbit.planes<sign x 17, [1.0]>>

// -----

// expected-error @+1 {{expected a number from 0 to 2^31 - 1}}
func.func private @f() -> tensor<4x!lowbit.planes<sign x -1, [1.0]>>

// -----

// expected-error @+1 {{expected a number from 0 to 2^31 - 1}}
func.func private @f() -> tensor<4x!lowbit.planes<sign x 4294967297, [1.0]>>

// -----

// expected-error @+1 {{integer value too large}}
func.func private @f() -> tensor<4x!lowbit.planes<sign x 99999999999999999999, [1.0]>>

// -----

// expected-error @+2 {{expected ::mlir::lowbit::Alphabet to be one of: sign, bit}}
// expected-error @+1 {{failed to parse Lowbit_PlanesType parameter 'alphabet'}}
func.func private @f() -> tensor<4x!lowbit.planes<both x 1, [1.0]>>

// -----

// expected-error @+1 {{expected 'x'}}
func.func private @f() -> tensor<4x!lowbit.planes<sign 1, [1.0]>>

// -----

// expected-error @+1 {{expected '['}}
func.func private @f() -> tensor<4x!lowbit.planes<sign x 1, 1.0>>

// -----

// expected-error @+1 {{expected floating point literal}}
func.func private @f() -> tensor<4x!lowbit.planes<sign x 1, [one]>>

// -----

// expected-error @+1 {{expected scales, or 'dynamic'}}
func.func private @f() -> tensor<4x!lowbit.planes<sign x 1, []>>

// -----

// expected-error @+1 {{expects 1 scales, but got 2}}
func.func private @f() -> tensor<4x!lowbit.planes<sign x 1, [1.0, 2.0]>>

// -----

// expected-error @+1 {{expects 2 scales for each index along the axis, but got 3}}
func.func private @f() -> tensor<4x!lowbit.planes<sign x 2, axis = 0, [1.0, 2.0, 3.0]>>

// -----

// expected-error @+1 {{expected scales, or 'dynamic'}}
func.func private @f() -> tensor<4x!lowbit.planes<sign x 2, axis = 0, []>>

// -----

// expected-error @+1 {{expected a number from 0 to 2^31 - 1}}
func.func private @f() -> tensor<4x!lowbit.planes<sign x 1, axis = -1, [1.0]>>

// -----

// expected-error @+1 {{expected a number from 0 to 2^31 - 1}}
func.func private @f() -> tensor<4x!lowbit.planes<sign x 1, axis = 2147483648, [1.0]>>

// -----

// expected-error @+1 {{expects scales that are normal numbers, but got 0.0}}
func.func private @f() -> tensor<4x!lowbit.planes<sign x 1, [0.0]>>

// -----

// expected-error @+1 {{expects scales that are normal numbers, but got 9.999946e-41}}
func.func private @f() -> tensor<4x!lowbit.planes<sign x 1, [1.0e-40]>>

// -----

// expected-error @+1 {{expects scales that are normal numbers, but got nan}}
func.func private @f() -> tensor<4x!lowbit.planes<sign x 1, [0x7FC00000]>>

// -----

// expected-error @+1 {{expects scales that are normal numbers, but got INF}}
func.func private @f() -> tensor<4x!lowbit.planes<sign x 1, [0x7F800000]>>

// -----

// expected-error @+1 {{expects scales that are normal numbers, but got -INF}}
func.func private @f() -> tensor<4x!lowbit.planes<bit x 1, [0xFF800000]>>

// -----

// expected-error @+1 {{expects positive scales of the alphabet 'sign', but got -1.0}}
func.func private @f() -> tensor<4x!lowbit.planes<sign x 1, [-1.0]>>

// -----

// expected-error @+1 {{expects one sign of the scales of plane 1 in all channels}}
func.func private @f() -> tensor<4x!lowbit.planes<bit x 2, axis = 0, [1.0, -1.0, 1.0, 1.0]>>

// -----

// expected-error @+1 {{expects scales that add up to at most 2^127, but got 2.4}}
func.func private @f() -> tensor<4x!lowbit.planes<bit x 3, [8.0e37, -8.0e37, 8.0e37]>>

// -----

// expected-error @+1 {{expects fields of at least 2 bits, at most 16 bits together, but got 1 of 1}}
func.func private @f() -> tensor<4x!lowbit.pow2<i1, 0 : 0, [1.0]>>

// -----

// expected-error @+1 {{expected an integer of 1 to 32 bits, as i4 or u4}}
func.func private @f() -> tensor<4x!lowbit.pow2<u0, 0 : 0, [1.0]>>

// -----

// expected-error @+1 {{expected an integer of 1 to 32 bits, as i4 or u4}}
func.func private @f() -> tensor<4x!lowbit.pow2<u33, 0 : 0, [1.0]>>

// -----

// expected-error @+1 {{expected an integer of 1 to 32 bits, as i4 or u4}}
func.func private @f() -> tensor<4x!lowbit.pow2<i99999999999999999999, 0 : 0, [1.0]>>

// -----

// expected-error @+1 {{expected an integer of 1 to 32 bits, as i4 or u4}}
func.func private @f() -> tensor<4x!lowbit.pow2<f4, 0 : 0, [1.0]>>

// -----

// expected-error @+1 {{expects fields of at least 2 bits, at most 16 bits together, but got 0 of 4}}
func.func private @f() -> tensor<4x!lowbit.pow2<i4 x 0, 0 : 0, [1.0]>>

// -----

// expected-error @+1 {{expects fields of at least 1 bits, at most 16 bits together, but got 4 of 5}}
func.func private @f() -> tensor<4x!lowbit.pow2<u5 x 4, 0 : 0, [1.0]>>

// -----

// expected-error @+1 {{expected a number from 0 to 2^31 - 1}}
func.func private @f() -> tensor<4x!lowbit.pow2<i4 x -1, 0 : 0, [1.0]>>

// -----

// expected-error @+1 {{expected a number from 0 to 2^31 - 1}}
func.func private @f() -> tensor<4x!lowbit.pow2<i4 x 2 drop -1, 0 : 0, [1.0]>>

// -----

// expected-error @+1 {{expects exponents from -126 to 127 in ascending order, but got 1 and 0}}
func.func private @f() -> tensor<4x!lowbit.pow2<i4, 1 : 0, [1.0]>>

// -----

// expected-error @+1 {{expects exponents from -126 to 127 in ascending order, but got -9223372036854775808 and 9223372036854775807}}
func.func private @f() -> tensor<4x!lowbit.pow2<i4, -9223372036854775808 : 9223372036854775807, [1.0]>>

// -----

// expected-error @+1 {{expects exponents from -126 to 127 in ascending order, but got -127 and -126}}
func.func private @f() -> tensor<4x!lowbit.pow2<i4, -127 : -126, [1.0]>>

// -----

// expected-error @+1 {{expects at most 7 exponents in 4 bits, but got 8}}
func.func private @f() -> tensor<4x!lowbit.pow2<i4, 0 : 7, [1.0]>>

// -----

// expected-error @+1 {{expects powers of two that are at most 2^29 times the least one}}
func.func private @f() -> tensor<4x!lowbit.pow2<i8, 0 : 30, [1.0]>>

// -----

// expected-error @+1 {{expects powers of two that are at most 2^29 times the least one}}
func.func private @f() -> tensor<4x!lowbit.pow2<i4 x 2 drop 30, 0 : 0, [1.0]>>

// -----

// expected-error @+1 {{expects powers of two that are at most 2^29 times the least one}}
func.func private @f() -> tensor<4x!lowbit.pow2<i4 x 2 drop 2147483647, 0 : 0, [1.0]>>

// -----

// expected-error @+1 {{expects exponents of all fields from -126 on}}
func.func private @f() -> tensor<4x!lowbit.pow2<i4 x 2 drop 1, -126 : -125, [1.0]>>

// -----

// expected-error @+1 {{expects one scale, or an axis and one for each index along it, but got 0}}
func.func private @f() -> tensor<4x!lowbit.pow2<i4, 0 : 0, []>>

// -----

// expected-error @+1 {{expects one scale, or an axis and one for each index along it, but got 0}}
func.func private @f() -> tensor<4x!lowbit.pow2<i4, 0 : 0, axis = 0, []>>

// -----

// expected-error @+1 {{expects one scale, or an axis and one for each index along it, but got 2}}
func.func private @f() -> tensor<4x!lowbit.pow2<i4, 0 : 0, [1.0, 2.0]>>

// -----

// expected-error @+1 {{expects scales that are positive, normal numbers, but got -1.0}}
func.func private @f() -> tensor<4x!lowbit.pow2<i4, 0 : 0, [-1.0]>>

// -----

// expected-error @+1 {{expects scales that are positive, normal numbers, but got nan}}
func.func private @f() -> tensor<4x!lowbit.pow2<i4, 0 : 0, [0x7FC00000]>>

// -----

// expected-error @+1 {{expects scales with which the powers of two are normal numbers that add up to at most 2^127, but got 5.0}}
func.func private @f() -> tensor<4x!lowbit.pow2<i4, -126 : -126, [0.5]>>

// -----

// expected-error @+1 {{expects scales with which the powers of two are normal numbers that add up to at most 2^127, but got 1.5}}
func.func private @f() -> tensor<4x!lowbit.pow2<i4, 127 : 127, [1.5]>>

// -----

// expected-error @+1 {{expects integers of 1 to 16 bits, but got 17}}
func.func private @f() -> tensor<4x!lowbit.affine<i17>>

// -----

// expected-error @+1 {{expected an integer of 1 to 32 bits, as i4 or u4}}
func.func private @f() -> tensor<4x!lowbit.affine<x4>>

// -----

// expected-error @+1 {{expects a range inside [-8, 7], but got [-9, 7]}}
func.func private @f() -> tensor<4x!lowbit.affine<i4<-9:7>>>

// -----

// expected-error @+1 {{expects a range inside [0, 15], but got [0, 16]}}
func.func private @f() -> tensor<4x!lowbit.affine<u4<0:16>>>

// -----

// expected-error @+1 {{expects a range inside [-8, 7], but got [3, 3]}}
func.func private @f() -> tensor<4x!lowbit.affine<i4<3:3>>>

// -----

// expected-error @+1 {{expected ':'}}
func.func private @f() -> tensor<4x!lowbit.affine<i4<0-7>>>

// -----

// expected-error @+1 {{expects an axis where there are groups}}
func.func private @f() -> tensor<4x!lowbit.affine<i4, group = 3>>

// -----

// expected-error @+1 {{expected a number from 1 to 2^31 - 1}}
func.func private @f() -> tensor<4x!lowbit.affine<i4, axis = 0, group = 0>>

// -----

// expected-error @+1 {{integer value too large}}
func.func private @f() -> tensor<4x!lowbit.affine<i4, axis = 0, group = 99999999999999999999>>

// -----

// expected-error @+1 {{expected a number from 0 to 2^31 - 1}}
func.func private @f() -> tensor<4x!lowbit.affine<i4, axis = -1>>

// -----

// expected-error @+1 {{expected '='}}
func.func private @f() -> tensor<4x!lowbit.affine<i4, axis 0>>

// -----

// expected-error @+1 {{expected 'axis' or 'group' or 'zero'}}
func.func private @f() -> tensor<4x!lowbit.affine<i4, size = 3>>

// -----

// expected-error @+1 {{expected 'group' or 'zero'}}
func.func private @f() -> tensor<4x!lowbit.affine<i4, axis = 0, axis = 1>>

// -----

// expected-error @+1 {{expected '>', since all is given}}
func.func private @f() -> tensor<4x!lowbit.affine<i4, zero, axis = 0, group = 1, zero>>

// -----

// expected-error @+1 {{expected an unsigned integer, as u4}}
func.func private @f() -> tensor<4x!lowbit.codebook<i4>>

// -----

// expected-error @+1 {{expects indices of at most 16 bits together, but got 1 of 17}}
func.func private @f() -> tensor<4x!lowbit.codebook<u17>>

// -----

// expected-error @+1 {{expects indices of at most 16 bits together, but got 3 of 8}}
func.func private @f() -> tensor<4x!lowbit.codebook<u8, stages = 3>>

// -----

// expected-error @+1 {{expects indices of at most 16 bits together, but got 2147483647 of 8}}
func.func private @f() -> tensor<4x!lowbit.codebook<u8, stages = 2147483647>>

// -----

// expected-error @+1 {{expected a number from 1 to 2^31 - 1}}
func.func private @f() -> tensor<4x!lowbit.codebook<u8, stages = 0>>

// -----

// expected-error @+1 {{expects an axis along which vectors of 2 numbers lie}}
func.func private @f() -> tensor<4x!lowbit.codebook<u8, dim = 2>>

// -----

// expected-error @+1 {{expects vectors of 1 to 64 numbers, but got 65}}
func.func private @f() -> tensor<4x!lowbit.codebook<u8, dim = 65, axis = 0>>

// -----

// expected-error @+1 {{expected 'stages' or 'dim' or 'axis'}}
func.func private @f() -> tensor<4x!lowbit.codebook<u8, size = 2>>

// -----

// expected-error @+1 {{expects elements of 2 to 16 bits, or of the types f4E2M1FN, f6E2M3FN, f6E3M2FN, f8E4M3FN and f8E5M2, but got 'i1'}}
func.func private @f() -> tensor<4x!lowbit.block<i1, axis = 0, size = 2>>

// -----

// expected-error @+1 {{but got 'i17'}}
func.func private @f() -> tensor<4x!lowbit.block<i17, axis = 0, size = 2>>

// -----

// expected-error @+1 {{but got 'si8'}}
func.func private @f() -> tensor<4x!lowbit.block<si8, axis = 0, size = 2>>

// -----

// expected-error @+1 {{but got 'f16'}}
func.func private @f() -> tensor<4x!lowbit.block<f16, axis = 0, size = 2>>

// -----

// expected-error @+1 {{but got 'tensor<1xi8>'}}
func.func private @f() -> tensor<4x!lowbit.block<tensor<1xi8>, axis = 0, size = 2>>

// -----

// expected-error @+1 {{expects an axis and blocks of at least one number}}
func.func private @f() -> tensor<4x!lowbit.block<i8, axis = -1, size = 2>>

// -----

// expected-error @+1 {{expects an axis and blocks of at least one number}}
func.func private @f() -> tensor<4x!lowbit.block<i8, axis = 0, size = 0>>

// -----

// expected-error @+1 {{expects an axis and blocks of at least one number}}
func.func private @f() -> tensor<4x!lowbit.block<i8, axis = 0, size = -9223372036854775808>>

// -----

// expected-error @+1 {{expected 'axis'}}
func.func private @f() -> tensor<4x!lowbit.block<i8, size = 2>>
