"""Prints a product of `rows` rows of words by 512 x 64 weights, or as many, which are the first
vector of a table, and the shape of that. Usage: select_vectors.py rows places stages entries dim
[greatest [columns terms]]."""

import sys

rows, *shape, greatest, columns, terms = [*map(int, sys.argv[1:]), *(1, 512, 64)[len(sys.argv) - 6:]]
places, stages, entries, dim = shape
weights = f"dense<{greatest * stages}> : tensor<{columns}x{terms}xi16>"
tables = f"dense<{greatest}> : tensor<{'x'.join(map(str, shape))}xi16>"
print(f"""func.func @f(%x: tensor<{rows}x{terms}xi8>, %y: tensor<{rows}x{columns}xi32>) -> tensor<{rows}x{columns}xi32> {{
  %w = arith.constant {{lowbit.tables = {tables}}} {weights}
  %0 = lowbit.contract ins(%x, %w : tensor<{rows}x{terms}xi8>, tensor<{columns}x{terms}xi16>) outs(%y : tensor<{rows}x{columns}xi32>)
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
    attributes {{formats = [!quant.any<u8:f32>, !quant.any<i16:f32>, i32]}} {{
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  }} -> tensor<{rows}x{columns}xi32>
  return %0 : tensor<{rows}x{columns}xi32>
}}""")
