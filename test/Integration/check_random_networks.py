"""Random networks by random recipes: whatever a program is compiled for, it has the bits of
the reference.

    check_random_networks.py WORK [--first=0] [--count=4]

A network and its recipe follow from their number. What differs stays in WORK.
"""

import argparse
import pathlib
import subprocess
import sys

import numpy
import onnx
from random_networks import RandomNetwork, make_recipe

TARGETS = [["--multiversion=v2,v3,v4"], ["--cpu=x86-64-v3"], ["--multiversion=v1,v3,vnni"], ["--cpu=native"],
           ["--cpu=x86-64-v3", "--threads=3"]]


def run(*command):
    """What a tool prints. It ends with 0, or with 1 and one error."""
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    errors = result.stderr.count("error: ")
    if result.returncode and (result.returncode != 1 or errors != 1):
        raise RuntimeError(f"{' '.join(map(str, command))}: {result.returncode}\n{result.stderr}")
    return result.returncode == 0, result.stdout + result.stderr


def compute(artefact, work, variants=""):
    """Its results, those of each variant that this processor has."""
    for variant in variants.split(",") if variants else [None]:
        flags = [f"--variant={variant}"] if variant else []
        done, text = run("lowbit-run", artefact, f"--input={work / 'x.npy'}", f"--output={work / 'y.npy'}", *flags)
        if done:
            yield variant, numpy.load(work / "y.npy")
        elif not variant or "this processor lacks" not in text:
            raise RuntimeError(f"{artefact}: {text}")


def check(number, work):
    """What differs from the reference, in words; None if the network is refused."""
    work.mkdir(parents=True, exist_ok=True)
    generator = numpy.random.default_rng(number)
    network = RandomNetwork(generator)
    onnx.save(network.model, work / "net.onnx")
    (work / "recipe.yaml").write_text(make_recipe(generator))
    batch, *sample = network.shape
    samples = generator.standard_normal((6 * batch, *sample)).astype(numpy.float32)
    numpy.save(work / "samples.npy", samples)
    numpy.save(work / "x.npy", numpy.concatenate([samples[:batch], 100 * samples[batch:2 * batch], 0 * samples[:batch]]))
    done, text = run("lowbit-compile", work / "net.onnx", f"--recipe={work / 'recipe.yaml'}",
                     f"--calibrate={work / 'samples.npy'}", "--emit=integer", "-o", work / "net.mlir")
    if not done:
        return None
    done, text = run("lowbit-compile", work / "net.mlir", "--lowering=reference", "-o", work / "reference.so")
    if not done or ", 0 float operations" not in text:
        return None  # sums of floats may come in another order
    (_, expected), = compute(work / "reference.so", work)
    different = []
    flags = TARGETS[number % len(TARGETS)]
    done, text = run("lowbit-compile", work / "net.mlir", *flags, "-o", work / "kernels.so")
    if not done:
        raise RuntimeError(f"{flags}: {text}")
    for variant, y in compute(work / "kernels.so", work, flags[0].partition("--multiversion=")[2]):
        if y.tobytes() != expected.tobytes():
            different.append(f"{' '.join(flags)} {variant or ''}: {(y != expected).sum()} of {y.size} differ")
    return different


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=4)
    arguments = parser.parse_args()
    compared = failed = 0
    for number in range(arguments.first, arguments.first + arguments.count):
        work = arguments.work / str(number)
        try:
            different = check(number, work)
        except RuntimeError as error:
            different = [str(error)]
        compared += different is not None
        failed += bool(different)
        for line in different or []:
            print(f"{number}: {line}")
        if not different:
            for file in work.iterdir():
                file.unlink()
            work.rmdir()
    print(f"{compared} of {arguments.count} networks compared, {failed} of them differ")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
