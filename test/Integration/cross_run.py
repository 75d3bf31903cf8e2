"""Runs @main of a module in the LLVM dialect, from standard input, on an emulated
processor: what mlir-runner does for this machine.

    cross_run.py --clang CLANG --target aarch64-linux-gnu --emulator "qemu-aarch64-static -cpu max" [-march=...]
"""

import argparse
import os
import subprocess
import sys
import tempfile

INPUTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Inputs")
PRINTING = os.path.join(INPUTS, "print_i32.c")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clang", default="clang-22")
    parser.add_argument("--target", required=True)
    parser.add_argument("--emulator", required=True, help="with + for each space")
    arguments, flags = parser.parse_known_args()
    root = f"/usr/{arguments.target}"
    compile = [arguments.clang, f"--target={arguments.target}", "-O1", "-fno-vectorize", "-fno-slp-vectorize",
               "-ffp-contract=off", "-Wno-override-module", *flags]
    if arguments.target.startswith("wasm"):
        # A module of its own, which JavaScript calls and prints for.
        link = ["-nostdlib", "-Wl,--no-entry,--export=module_main,--export=__heap_base,--allow-undefined"]
        sources, runner = [], [os.path.join(INPUTS, "run_main.mjs")]
    else:
        link = ["-fuse-ld=lld", "-static", "-nostdlib++", "--sysroot=/", f"-isystem{root}/include", f"-L{root}/lib",
                f"-B{root}/lib", "-lm"]
        sources, runner = ["-xc", PRINTING], []
    with tempfile.TemporaryDirectory() as folder:
        ir, program = os.path.join(folder, "main.ll"), os.path.join(folder, "main")
        translated = subprocess.run(["mlir-translate", "--mlir-to-llvmir"], stdin=sys.stdin, capture_output=True,
                                    text=True, check=True)
        with open(ir, "w") as file:
            file.write(translated.stdout.replace("@main(", "@module_main("))
        subprocess.run([*compile, *sources, "-xir", ir, *link, "-o", program], check=True)
        return subprocess.run([*arguments.emulator.split("+"), *runner, program]).returncode


if __name__ == "__main__":
    sys.exit(main())
