# Compiles a module with GPU kernels for the emulator, or to PTX.
#
#   library = build("kernels.mlir", "chip=sm_80", directory)
#   library.main(x.ctypes.data, ...)
#
# Functions of the host take bare pointers.

import ctypes
import os
import re
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))

# From contractions on buffers to kernels in the LLVM dialect, and the host's side.
KERNELS = [
    "-lowbit-expand-rescale",
    "-canonicalize",
    "-cse",
    "-gpu-launch-sink-index-computations",
    "-gpu-kernel-outlining",
]
LOWER_KERNELS = (
    "--pass-pipeline=builtin.module(nvvm-attach-target{{chip={chip} features=+ptx80 O=3}},"
    "gpu.module(convert-scf-to-cf,lower-affine,expand-strided-metadata,"
    "convert-gpu-to-nvvm{{use-bare-ptr-memref-call-conv=true}},convert-math-to-llvm,"
    "reconcile-unrealized-casts,canonicalize,cse,lowbit-extern-shared-memory))"
)
LOWER_HOST = (
    "--pass-pipeline=builtin.module(gpu-module-to-binary{{format=isa}},"
    "func.func(convert-scf-to-cf),expand-strided-metadata,lower-affine,"
    "gpu-to-llvm{{use-bare-pointers-for-host=true use-bare-pointers-for-kernels=true}},"
    "reconcile-unrealized-casts)"
)


def run(command, text):
    result = subprocess.run(command, input=text, capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError(f"{command[0]}: {result.stderr}")
    return result.stdout


def make_kernels(text, options):
    """The module with a gpu.module in the LLVM dialect, of contractions or of launches
    that are there already."""
    chip = re.search(r"chip=(\w+)", options)
    chip = chip.group(1) if chip else "sm_80"
    pass_option = f"-convert-lowbit-contract-to-gpu={options}"
    text = run(["lowbit-opt", pass_option, *KERNELS], text)
    return run(["lowbit-opt", LOWER_KERNELS.format(chip=chip)], text)


def extract_kernels(module):
    """The contents of all gpu.modules as one module."""
    lines, inside = [], False
    for line in module.splitlines():
        if line.startswith("  gpu.module"):
            inside = True
        elif line == "  }":
            inside = False
        elif inside:
            lines.append(line)
        elif line.startswith("{-#"):
            break
    # Each gpu.module names its shared memory alike.
    text, seen = [], set()
    for line in lines:
        if "__dynamic_shmem__" in line and "llvm.mlir.global" in line:
            if line in seen:
                continue
            seen.add(line)
        text.append(line)
    return "module {\n" + "\n".join(text) + "\n}\n"


def compile_ir(ir, path):
    run(["opt", "-O2", "-o", path + ".bc"], ir)
    subprocess.run(
        ["llc", "-O2", "-filetype=obj", "-relocation-model=pic", path + ".bc", "-o", path + ".o"],
        check=True,
    )
    return path + ".o"


def build(text, options, path, cc="cc", runtime=None):
    """A library of the host's functions and the emulated kernels."""
    module = make_kernels(text, options)
    ir = run(["mlir-translate", "-mlir-to-llvmir"], extract_kernels(module))
    ir = re.sub(
        r"@llvm\.nvvm\.([\w.]+)", lambda match: "@emu_" + match.group(1).replace(".", "_"), ir
    )
    ir = ir.replace("ptx_kernel ", "").replace(" immarg", "")
    objects = [compile_ir(ir, path + ".kernels")]
    host = run(["mlir-opt", LOWER_HOST.format()], module)
    ir = run(["mlir-translate", "-mlir-to-llvmir"], host)
    objects.append(compile_ir(ir.replace("= private constant", "= constant"), path + ".host"))
    source = runtime or os.path.join(HERE, "emulator.c")
    subprocess.run(
        [cc, "-O2", "-shared", "-fPIC", "-Wl,-Bsymbolic", "-o", path + ".so", source, *objects, "-ldl"],
        check=True,
    )
    return ctypes.CDLL(path + ".so")


def ptx(text, options):
    """The kernels in PTX."""
    module = run(["mlir-opt", "--gpu-module-to-binary=format=isa"], make_kernels(text, options))
    assembly = re.search(r'assembly = "(.*?)"', module, re.S).group(1)
    unescaped = re.sub(r"\\([0-9A-F]{2})", lambda match: chr(int(match.group(1), 16)), assembly)
    return unescaped.rstrip("\0")
