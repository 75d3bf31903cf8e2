"""Builds the kernels of a program for AMD's GPUs for the processor.

    amdgpu.py CHIP OUT.so ARGUMENTS OF lowbit-compile...

The kernels go through the passes that make AMD's code, up to LLVM; there its
instructions become calls of amdgpu.c.
"""

import os
import re
import subprocess
import sys

import emulate

TYPES = {"ptr": "void *", "i8": "signed char", "i16": "short", "i32": "int", "i64": "long long",
         "float": "float", "double": "double"}


def make_caller(match):
    """C that calls a kernel with arguments whose addresses are given."""
    name, parameters = match.groups()
    types = [TYPES[parameter.split()[0]] for parameter in parameters.split(", ") if parameter]
    arguments = ", ".join(f"*({type} *)p[{i}]" for i, type in enumerate(types))
    return (f"void {name}({', '.join(types) or 'void'});\n"
            f"void call_{name}(void **p) {{ {name}({arguments}); }}\n")


def build(chip, path, arguments, cc="cc"):
    module = emulate.run(["lowbit-compile", *arguments, f"--target=amdgpu:{chip}", "--emit=kernels"], "")
    module = emulate.run(["lowbit-opt", f"-lowbit-compile-amdgpu=chip={chip} format=llvm"], module)
    ir = emulate.run(["mlir-translate", "-mlir-to-llvmir"], emulate.extract_kernels(module))
    ir = re.sub(r"@llvm\.amdgcn\.([\w.]+)", lambda name: "@emu_" + name.group(1).replace(".", "_"), ir)
    ir = ir.replace("amdgpu_kernel ", "").replace(" immarg", "")
    kernels = re.findall(r"^define void @\w+\(.*?\)", ir, re.M)
    assert kernels, ir[:2000]
    callers = [make_caller(re.match(r"define void @(\w+)\((.*?)\)", kernel)) for kernel in kernels]
    with open(path + ".c", "w") as source:
        source.write("".join(callers))
    kernels = emulate.compile_ir(ir, path + ".kernels")
    runtime = os.path.join(emulate.HERE, "amdgpu.c")
    subprocess.run([cc, "-O2", "-shared", "-fPIC", "-Wl,-Bsymbolic", "-o", path, path + ".c", runtime, kernels,
                    "-ldl", "-lm"], check=True)


if __name__ == "__main__":
    build(sys.argv[1], sys.argv[2], sys.argv[3:])
