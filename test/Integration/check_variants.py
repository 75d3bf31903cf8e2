"""Runs every variant of an artefact that this processor has, and the one that it
chooses itself, and compares what they compute.

    check_variants.py MODEL.so INPUT.npy EXPECTED.npy
"""

import json
import subprocess
import sys


def run(*arguments):
    return subprocess.run(["lowbit-run", *arguments], capture_output=True, text=True)


def main():
    model, samples, expected = sys.argv[1:]
    described = run(model, "--info", "--json")
    if described.returncode:
        sys.exit(described.stderr)
    description = json.loads(described.stdout)["model"]
    present = []
    for name in description["variants"]:
        ran = run(model, f"--variant={name}", f"--input={samples}", f"--expect={expected}")
        if ran.returncode and "lacks instructions" in ran.stderr:
            print(f"{name}: not here")
            continue
        if ran.returncode:
            sys.exit(f"{name}: {ran.stdout}{ran.stderr}")
        present.append(name)
        print(f"{name}: the same bits")
    chosen = description["variants"][description["selected_variant"]]
    if chosen != present[-1]:
        sys.exit(f"chooses {chosen} of {', '.join(present)}")
    if run(model, f"--input={samples}", f"--expect={expected}").returncode:
        sys.exit("the choice computes something else")
    print(f"chosen: {chosen}")


main()
