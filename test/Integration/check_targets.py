"""One hash for each model: what it computes on samples, compiled for every processor
that can be run here, by itself or on an emulator. Prints a table and fails where
hashes differ.

    check_targets.py --clang CLANG --folder FOLDER NAME=MODEL[,OPTION...]...

With --floats the first model's samples are also run in float, where an emulator can do that: QEMU
before version 8 stops at conversions of vectors between float and integer on RISC-V.
"""

import argparse
import hashlib
import os
import random
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
V = "-cpu rv64,v=true,vlen={},elen=64,vext_spec=v1.0"


class Target:
    def __init__(self, name, options, triple=None, march=None, emulator="", feature=None, floats=True):
        self.name, self.options, self.triple, self.march = name, options.split(), triple, march
        self.emulator, self.feature, self.floats = emulator, feature, floats

    def runner(self):
        """The command before a program, or nothing where it cannot run here."""
        if self.triple is None:
            with open("/proc/cpuinfo") as file:
                return [] if self.feature is None or self.feature in file.read().split() else None
        if self.triple == WASM:
            programs = shutil.which("node"), shutil.which("wasm-ld-22")
            return [programs[0], os.path.join(HERE, "Inputs", "run_model.mjs")] if all(programs) else None
        machine, *options = self.emulator.split()
        program = shutil.which(f"qemu-{machine}-static") or shutil.which(f"qemu-{machine}")
        return [program, *options] if program and os.path.isfile(f"/usr/{self.triple}/lib/libc.a") else None

    def cross_flags(self):
        """What clang needs to make a static program."""
        if self.triple is None:
            return []
        root = f"/usr/{self.triple}"
        march = [f"-march={self.march}"] if self.march else []
        return [f"--target={self.triple}", "--sysroot=/", f"-isystem{root}/include", f"-L{root}/lib",
                f"-B{root}/lib", "-static", *march]


ARM, RISCV, WASM = "aarch64-linux-gnu", "riscv64-linux-gnu", "wasm32-unknown-unknown"
ARM_VARIANTS = "--multiversion=neon,dotprod,i8mm"
TARGETS = [
    Target("x86-64, plain loops", "--lowering=reference"),
    Target("x86-64", "--cpu=x86-64"),
    Target("x86-64-v3", "", feature="avx2"),
    Target("x86-64-v4", "--cpu=x86-64-v4", feature="avx512bw"),
    Target("x86-64 with AVX-512 VNNI", "--cpu=icelake-server", feature="avx512_vnni"),
    Target("x86-64, variants", "--multiversion=v1,v3,v4,vnni"),
    Target("AArch64", f"--target={ARM}", ARM, emulator="aarch64 -cpu cortex-a72"),
    Target("AArch64 with dotprod", f"--target={ARM} --cpu=neoverse-n1", ARM, emulator="aarch64 -cpu neoverse-n1"),
    Target("AArch64 with i8mm", f"--target={ARM} --features=+dotprod,+i8mm", ARM, emulator="aarch64 -cpu max"),
    Target("AArch64, variants, neon", f"--target={ARM} {ARM_VARIANTS}", ARM, emulator="aarch64 -cpu cortex-a72"),
    Target("AArch64, variants, dotprod", f"--target={ARM} {ARM_VARIANTS}", ARM, emulator="aarch64 -cpu neoverse-n1"),
    Target("AArch64, variants, i8mm", f"--target={ARM} {ARM_VARIANTS}", ARM, emulator="aarch64 -cpu max"),
    Target("RISC-V", f"--target={RISCV} --features=+m,+a,+f,+d,+c", RISCV, "rv64gc", "riscv64"),
    Target("RISC-V, vectors of 128 bits", f"--target={RISCV} --features=+m,+a,+f,+d,+c,+v", RISCV, "rv64gcv",
           "riscv64 " + V.format(128), floats=False),
    Target("RISC-V, vectors of 256 bits", f"--target={RISCV} --features=+m,+a,+f,+d,+c,+v", RISCV, "rv64gcv",
           "riscv64 " + V.format(256), floats=False),
    Target("RISC-V, variants, base", f"--target={RISCV} --multiversion=base,v", RISCV, "rv64gc", "riscv64"),
    Target("RISC-V, variants, v", f"--target={RISCV} --multiversion=base,v", RISCV, "rv64gc",
           "riscv64 " + V.format(128), floats=False),
    Target("WebAssembly", f"--target={WASM}", WASM),
    Target("WebAssembly with vectors", f"--target={WASM} --features=+simd128", WASM),
]


def run(*command):
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode:
        sys.exit(f"{' '.join(command)}\nends with {ran.returncode}\n{ran.stderr[-2000:]}")


class Model:
    def __init__(self, folder, text):
        self.name, rest = text.split("=", 1)
        self.path, *self.options = rest.split(",")
        self.folder = os.path.join(folder, self.name)
        os.makedirs(self.folder)

    def build(self, clang, target, io):
        """The program for `target`; the same one for two emulators is built once."""
        key = hashlib.sha256(f"{target.options} {target.march} {io}".encode()).hexdigest()[:8]
        stem = os.path.join(self.folder, f"m{key}")
        if os.path.exists(stem) or os.path.exists(stem + ".wasm"):
            return stem
        is_wasm = target.triple == WASM
        run("lowbit-compile", self.path, *self.options, *target.options, f"--io={io}", "-o",
            stem + (".wasm" if is_wasm else ".o"))
        if is_wasm:
            return stem
        run(clang, *target.cross_flags(), "-O1", "-fuse-ld=lld", "-nostdlib++", f'-DMODEL_HEADER="{stem}.h"',
            f"-DMODEL=m{key}_lowbit_model", "-xc", os.path.join(HERE, "Inputs", "run_model.c"), "-xnone",
            stem + ".o", "-lm", "-o", stem)
        return stem

    def compute(self, clang, target, io, samples):
        program = self.build(clang, target, io)
        result = program + ".out"
        if target.triple == WASM:
            run(*target.runner(), program + ".wasm", os.path.basename(program), samples, result)
        else:
            run(*target.runner(), program, samples, result)
        with open(result, "rb") as file:
            data = file.read()
        if not data:
            sys.exit(f"{self.name}: no sample is run")
        return hashlib.sha256(data).hexdigest()[:16]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clang", default="clang-22")
    parser.add_argument("--folder", required=True, help="for programs; is emptied")
    parser.add_argument("--floats", help="f32 samples of the first model, bytes")
    parser.add_argument("--table", help="a file that the table is also written to")
    parser.add_argument("models", nargs="+")
    arguments = parser.parse_args()
    shutil.rmtree(arguments.folder, ignore_errors=True)
    os.makedirs(arguments.folder)
    codes = os.path.join(arguments.folder, "codes.bin")
    with open(codes, "wb") as file:
        file.write(random.Random(1).randbytes(16 * 1024))

    targets = [target for target in TARGETS if target.runner() is not None]
    for target in TARGETS:
        if target not in targets:
            print(f"not here: {target.name}")
    rows, wrong = [], 0
    for number, text in enumerate(arguments.models):
        model = Model(arguments.folder, text)
        for io, samples in (("quantized", codes), ("float", arguments.floats)):
            if io == "float" and (number > 0 or not samples):
                continue
            hashes = {}
            for target in targets:
                if io == "float" and not target.floats:
                    continue
                value = model.compute(arguments.clang, target, io, samples)
                hashes.setdefault(value, []).append(target.name)
            wrong += len(hashes) != 1
            rows += [f"| {model.name} | {io} | {value} | {'; '.join(names)} |" for value, names in hashes.items()]
    table = "\n".join(["| model | inputs and results | hash | targets |", "|---|---|---|---|", *rows])
    print(table)
    if arguments.table:
        with open(arguments.table, "w") as file:
            file.write(table + "\n")
    if wrong:
        print(f"{wrong} models compute different results on different targets")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
