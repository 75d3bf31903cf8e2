// RUN: not lowbit-opt %s -lowbit-integerize=profile=tflite -o /dev/null 2>&1 | FileCheck %s

// CHECK: error: there is no profile 'tflite' (known: 'tosa', 'tflite-single', 'tflite-double', 'onnx')
module {}
