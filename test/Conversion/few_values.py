"""Prints a contraction of 4 rows, or as many as ROWS says, of u8, or what CODES says, with
`n` by 64 weights that take turns in `values`, on buffers. Usage: few_values.py n primitive attributes [explain] values..."""

import os
import sys

rows, codes = os.environ.get("ROWS", "4"), os.environ.get("CODES", "u8")
n, primitive, attributes, *values = sys.argv[1:]
explain = ", lowbit.explain" if values[0] == "explain" else ""
n, values = int(n), list(map(int, values[1:] if explain else values))
weights = [[values[(i + j) % len(values)] for j in range(64)] for i in range(n)]
print(f"""memref.global "private" constant @w : memref<{n}x64xi8> = dense<{weights}> {{{attributes}}}
func.func @f(%x: memref<{rows}x64xi8>, %y: memref<{rows}x{n}xi32>) {{
  %w = memref.get_global @w : memref<{n}x64xi8>
  lowbit.contract ins(%x, %w : memref<{rows}x64xi8>, memref<{n}x64xi8>) outs(%y : memref<{rows}x{n}xi32>)
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
    attributes {{primitive = "{primitive}", formats = [!quant.any<{codes}:f32>, !quant.any<i8:f32>, i32]{explain}}} {{
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  }}
  return
}}""")
