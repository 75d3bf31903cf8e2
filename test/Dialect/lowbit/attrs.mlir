// RUN: lowbit-opt %s -verify-roundtrip | FileCheck %s

// CHECK-LABEL: func.func private @rounding
// CHECK-SAME: #lowbit.rounding<nearest_even>, #lowbit.rounding<nearest_away>
// CHECK-SAME: #lowbit.rounding<floor>, #lowbit.rounding<ceil>, #lowbit.rounding<toward_zero>
// CHECK-SAME: #lowbit.rounding<away_from_zero>, #lowbit.rounding<nearest_toward_zero>
func.func private @rounding() attributes {a = [
  #lowbit.rounding<nearest_even>, #lowbit.rounding<nearest_away>, #lowbit.rounding<floor>,
  #lowbit.rounding<ceil>, #lowbit.rounding<toward_zero>,
  #lowbit.rounding<away_from_zero>, #lowbit.rounding<nearest_toward_zero>]}

// CHECK-LABEL: func.func private @scaling
// CHECK-SAME: #lowbit.scaling<multiply>, #lowbit.scaling<divide>, #lowbit.scaling<divide_shift>
func.func private @scaling() attributes {a = [
  #lowbit.scaling<multiply>, #lowbit.scaling<divide>, #lowbit.scaling<divide_shift>]}

// CHECK-LABEL: func.func private @rescale_mode
// CHECK-SAME: #lowbit.rescale_mode<single_round>, #lowbit.rescale_mode<double_round>
func.func private @rescale_mode() attributes {a = [
  #lowbit.rescale_mode<single_round>, #lowbit.rescale_mode<double_round>]}

// CHECK-LABEL: func.func private @saturation
// CHECK-SAME: #lowbit.saturation<saturate>, #lowbit.saturation<wrap>
func.func private @saturation() attributes {a = [
  #lowbit.saturation<saturate>, #lowbit.saturation<wrap>]}

// CHECK-LABEL: func.func private @role
// CHECK-SAME: #lowbit.role<activation>, #lowbit.role<weight>, #lowbit.role<head>
func.func private @role() attributes {a = [
  #lowbit.role<activation>, #lowbit.role<weight>, #lowbit.role<head>]}

// Bin 0 counts [-0.5, 0), bin 3 counts [1, 1.5).
// CHECK-LABEL: func.func private @stats
// CHECK-SAME: #lowbit.stats<count = 6, min = -5.000000e-01 : f64, max = 1.250000e+00 : f64
// CHECK-SAME: average_min = -2.500000e-01 : f64, average_max = 1.000000e+00 : f64
// CHECK-SAME: bin_width = 5.000000e-01 : f64, first_bin = -1, histogram = [1, 2, 0, 3]>
func.func private @stats() attributes {a = #lowbit.stats<
  count = 6, min = -0.5 : f64, max = 1.25 : f64, average_min = -0.25 : f64,
  average_max = 1.0 : f64, bin_width = 0.5 : f64, first_bin = -1, histogram = [1, 2, 0, 3]>}

// CHECK-LABEL: func.func private @stats_without_histogram
// CHECK-SAME: histogram = []>
func.func private @stats_without_histogram() attributes {a = #lowbit.stats<
  count = 6, min = 0.0 : f64, max = 0.0 : f64, average_min = 0.0 : f64,
  average_max = 0.0 : f64, bin_width = 0.0 : f64, first_bin = 0, histogram = []>}

// All bits survive.
// CHECK-LABEL: func.func private @channels
// CHECK-SAME: #lowbit.channels<min = [-1.000000e-01, 0.000000e+00], max = [0.333333343, 3.40282347E+38],
// CHECK-SAME: mean = [0.123456791, 1.401300e-45]>
func.func private @channels() attributes {a = #lowbit.channels<
  min = [-0.1, 0.0], max = [0.333333343, 3.40282347E+38], mean = [0.123456791, 1.401300e-45]>}
