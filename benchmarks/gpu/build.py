# Compiles the kernels of the GPU benchmarks into a folder that needs nothing else:
#
#   build.py <folder> [--chip=sm_90]
#
# The folder has a library for each kernel, with its PTX, and bench.py, which runs
# where PyTorch and a GPU are.

import argparse
import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "test", "lib", "GpuEmulator"))

import emulate  # noqa: E402

PRODUCT = """#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
#channel = affine_map<(m, n, k) -> (n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>
"""


def gemm(size):
    """s8 times s8 to i32, as torch._int_mm."""
    x, y = f"memref<{size}x{size}xi8>", f"memref<{size}x{size}xi32>"
    return PRODUCT + f"""func.func @main(%x: {x}, %w: {x}, %y: {y}) {{
  lowbit.contract ins(%x, %w : {x}, {x}) outs(%y : {y}) maps [#lhs, #rhs, #out] {{
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }}
  return
}}
"""


def layer(size):
    """u8 times s8, with bias, change of scale and ReLU, to u8."""
    x, b = f"memref<{size}x{size}xi8>", f"memref<{size}xi32>"
    return PRODUCT + f"""func.func @main(%x: {x}, %w: {x}, %b: {b}, %m: {b}, %s: {b}, %y: {x}) {{
  lowbit.contract ins(%x, %w : {x}, {x}) epilogue(%b, %m, %s : {b}, {b}, {b}) outs(%y : {x})
    maps [#lhs, #rhs, #channel, #channel, #channel, #out]
    attributes {{formats = [!u8, !i8, i32, i32, i32, !u8]}} {{
  ^bb0(%acc: i32, %bias: i32, %multiplier: i32, %shift: i32):
    %0 = arith.addi %acc, %bias : i32
    %1 = lowbit.rescale %0, %multiplier, %shift {{min = 0 : i32, max = 255 : i32}} : i32, i32 to i32
    lowbit.yield %1 : i32
  }}
  return
}}
"""


def bits(size):
    """Counts of the bits in which rows differ."""
    x, y = f"memref<{size}x{size // 64}xi64>", f"memref<{size}x{size}xi32>"
    return PRODUCT + f"""func.func @main(%x: {x}, %w: {x}, %y: {y}) {{
  lowbit.contract ins(%x, %w : {x}, {x}) outs(%y : {y}) maps [#lhs, #rhs, #out]
    attributes {{formats = [i64, i64, i32], product = #lowbit.product<xor_popcount>}} {{
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }}
  return
}}
"""


def gemv(size, least):
    """One row of u8 times constant weights that begin at `least`."""
    x, w, y = f"memref<1x{size}xi8>", f"memref<{size}x{size}xi8>", f"memref<1x{size}xi32>"
    return PRODUCT + f"""memref.global "private" constant @w : {w} = dense<{least}>
func.func @main(%x: {x}, %y: {y}) {{
  %w = memref.get_global @w : {w}
  lowbit.contract ins(%x, %w : {x}, {w}) outs(%y : {y}) maps [#lhs, #rhs, #out]
    attributes {{formats = [!u8, !i8, i32]}} {{
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }}
  return
}}
"""


def pass_weights(text, options):
    """Kernels of `text` with the packed weights as the last argument: bench.py makes
    them, so that the folder stays small."""
    text = emulate.run(
        ["lowbit-opt", f"-convert-lowbit-contract-to-gpu={options}",
         "-mlir-elide-resource-strings-if-larger=64"],
        text,
    )
    match = re.search(r"( *%(\w+) = memref.get_global @(\w+) : (memref<\w+>)\n)", text)
    line, value, name, type = match.groups()
    text = text.split("{-#")[0].replace(line, "")
    text = re.sub(rf".*memref\.global .*@{name} .*\n", "", text)
    text = re.sub(rf"%{value}\b", "%packed", text)
    return re.sub(r"(func\.func @main\([^{]*)\) \{", rf"\1, %packed: {type}) {{", text, count=1)


def compile_kernel(text, options, path, with_weights):
    chip = re.search(r"chip=(\w+)", options).group(1)
    if with_weights:
        text = emulate.run(["lowbit-opt", *emulate.KERNELS], pass_weights(text, options))
        module = emulate.run(["lowbit-opt", emulate.LOWER_KERNELS.format(chip=chip)], text)
    else:
        module = emulate.make_kernels(text, options)
    host = emulate.run(["mlir-opt", emulate.LOWER_HOST.format()], module)
    ir = emulate.run(["mlir-translate", "-mlir-to-llvmir"], host)
    ir = ir.replace("= private constant", "= constant")  # driver.c looks up their sizes
    object = emulate.compile_ir(ir, path)
    subprocess.run(
        ["cc", "-O2", "-shared", "-fPIC", "-Wl,-Bsymbolic", "-o", path + ".so",
         os.path.join(HERE, "driver.c"), object, "-ldl"],
        check=True,
    )
    os.remove(object)
    os.remove(path + ".bc")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--chip", default="sm_90")
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    kernels = {}
    for size in 4096, 8192:
        kernels[f"gemm{size}"] = dict(text=gemm(size), suite="gemm", size=size)
    kernels["layer8192"] = dict(text=layer(8192), suite="layer", size=8192)
    kernels["bits8192"] = dict(text=bits(8192), suite="bits", size=8192)
    for width, least in (8, -100), (4, -7), (2, -1):
        kernels[f"gemv{width}"] = dict(
            text=gemv(8192, least), suite="gemv", size=8192, width=width, least=least
        )
    for name, kernel in kernels.items():
        compile_kernel(
            kernel.pop("text"), f"chip={arguments.chip}",
            os.path.join(arguments.folder, name), kernel["suite"] == "gemv",
        )
        print(name)
    with open(os.path.join(arguments.folder, "kernels.json"), "w") as file:
        json.dump(kernels, file, indent=1)
    shutil.copy(os.path.join(HERE, "bench.py"), arguments.folder)


if __name__ == "__main__":
    main()
