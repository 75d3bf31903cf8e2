# Compiles the kernels of the GPU benchmarks into a folder that needs nothing else:
#
#   build.py <folder> [--chip=sm_90] [--only=name]
#
# The folder has a library for each kernel, with its PTX, ResNet-50 for several
# batches in one archive, and bench.py, which runs where PyTorch and a GPU are.

import argparse
import json
import lzma
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile

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


def grouped(size, group, least):
    """The same with weights that have a scale for each `group` of inputs, in f32."""
    groups = size // group
    x, w = f"memref<1x{groups}x{group}xi8>", f"memref<{size}x{groups}x{group}xi8>"
    s, y = f"memref<{groups}x{size}xf32>", f"memref<1x{size}xf32>"
    maps = ["m, g, k", "n, g, k", "g, n", "m, n"]
    maps = ", ".join(f"affine_map<(m, g, n, k) -> ({map})>" for map in maps)
    return f"""!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>
memref.global "private" constant @w : {w} = dense<{least}>
func.func @main(%x: {x}, %s: {s}, %y: {y}) {{
  %w = memref.get_global @w : {w}
  lowbit.contract ins(%x, %w : {x}, {w}) epilogue(%s : {s}) outs(%y : {y}) maps [{maps}]
    attributes {{formats = [!u8, !i8, f32, f32]}} {{
  ^bb0(%acc: i32, %scale: f32):
    %0 = arith.sitofp %acc : i32 to f32
    %1 = arith.mulf %0, %scale : f32
    lowbit.yield %1 : f32
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
    if with_weights:
        text = pass_weights(text, options)
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


def list_kernels():
    """Text of each kernel, and what bench.py needs to know."""
    kernels = {}
    for size in 4096, 8192:
        kernels[f"gemm{size}"] = dict(text=gemm(size), suite="gemm", size=size)
    kernels["layer8192"] = dict(text=layer(8192), suite="layer", size=8192)
    kernels["bits8192"] = dict(text=bits(8192), suite="bits", size=8192)
    for width, least in (8, -100), (4, -7), (2, -1):
        kernels[f"gemv{width}"] = dict(
            text=gemv(8192, least), suite="gemv", size=8192, width=width, least=least
        )
    for width, least in (4, -7), (2, -1):
        for group in 32, 64, 128:
            kernels[f"gemv{width}g{group}"] = dict(
                text=grouped(8192, group, least), suite="grouped", size=8192, group=group,
                width=width, least=least,
            )
    return kernels


def run(command):
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {ran.stderr[-2000:]}")


def build_networks(folder, chip, batches):
    """Artefacts of ResNet-50 in one archive, and what the processor makes of its images."""
    sys.path.insert(0, os.path.dirname(HERE))
    import graphs
    import numpy

    made = pathlib.Path(folder).resolve() / "graphs"
    artefacts = []
    for batch in batches:
        model, samples = graphs.write("resnet50", made, batch, count=1)
        integer, device = made / f"resnet50-{batch}.mlir", made / f"resnet50_{batch}.so"
        # One image calibrates all batches, so that all compute the same.
        calibration = made / "calibration.npy"
        image = numpy.load(made / "images-1.npy")[:1]
        numpy.save(calibration, image.repeat(batch, axis=0))
        run(["lowbit-compile", model, "--recipe=int8", f"--calibrate={calibration}",
             "--emit=integer", "-o", integer])
        run(["lowbit-compile", integer, f"--target=cuda:{chip}", f"--symbol-prefix=resnet50_{batch}",
             "-o", device])
        artefacts.append(device)
        if batch == 1:
            run(["lowbit-compile", integer, "-o", made / "processor.so"])
            run(["lowbit-run", made / "processor.so", f"--input={made / 'images-1.npy'}",
                 f"--output={os.path.join(folder, 'resnet50-expected.npy')}"])
        print(f"resnet50, batch {batch}")
    numpy.save(os.path.join(folder, "resnet50-image.npy"), image)
    # The artefacts have the same weights: a window that holds one of them finds them again.
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 1, "dict_size": 128 << 20}]
    with lzma.open(os.path.join(folder, "resnet50.tar.xz"), "wb", filters=filters) as file:
        with tarfile.open(fileobj=file, mode="w|") as archive:
            for path in artefacts:
                archive.add(path, path.name)
    shutil.rmtree(made)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--chip", default="sm_90")
    parser.add_argument("--only", default="", help="what contains this in its name")
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    listed = {}
    for name, kernel in list_kernels().items():
        if arguments.only not in name:
            continue
        compile_kernel(
            kernel.pop("text"), f"chip={arguments.chip}",
            os.path.join(arguments.folder, name), kernel["suite"] in ("gemv", "grouped"),
        )
        listed[name] = kernel
        print(name)
    if arguments.only in "resnet50":
        batches = [1, 8, 64]
        build_networks(arguments.folder, arguments.chip, batches)
        for batch in batches:
            listed[f"resnet50-{batch}"] = dict(suite="resnet", size=batch)
    with open(os.path.join(arguments.folder, "kernels.json"), "w") as file:
        json.dump(listed, file, indent=1)
    for name in "benchmarks/gpu/bench.py", "test/Gpu/check.py":
        shutil.copy(os.path.join(HERE, "..", "..", name), arguments.folder)
    size = sum(path.stat().st_size for path in pathlib.Path(arguments.folder).iterdir())
    print(f"{size / 2**20:.1f} MiB in {arguments.folder}")
    if size > 64 << 20:
        sys.exit("more than 64 MiB")


if __name__ == "__main__":
    main()
