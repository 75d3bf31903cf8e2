"""One hash for each gradient codec: what it writes, compiled for processors whose vectors
differ, as far as they can be run here. Fails where hashes differ.

    check_codec_targets.py CLANG FOLDER CODEC...
"""

import pathlib
import subprocess
import sys

from check_targets import TARGETS, run

CLANG, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
PROGRAM = pathlib.Path(__file__).resolve().parent / "Inputs" / "run_codec.c"


def compute(codec, target):
    run("lowbit-compile", f"--codec={codec}", "--size=1031", *target.options, "-o", f"{FOLDER}/c.o")
    run(CLANG, *target.cross_flags(), "-O1", "-fuse-ld=lld", "-nostdlib++", "-DCODEC_HEADER=\"c.h\"", f"-I{FOLDER}",
        "-xc", str(PROGRAM), "-xnone", f"{FOLDER}/c.o", "-lm", "-o", f"{FOLDER}/program")
    ran = subprocess.run([*target.runner(), f"{FOLDER}/program"], capture_output=True, text=True)
    if ran.returncode:
        sys.exit(f"{codec} for {target.name} ends with {ran.returncode}")
    return ran.stdout.strip()


targets = [target for target in TARGETS
           if target.name in ("x86-64", "x86-64-v3", "x86-64-v4", "AArch64", "RISC-V") and target.runner() is not None]
print("here:", "; ".join(target.name for target in targets))
for codec in sys.argv[3:]:
    hashes = {}
    for target in targets:
        hashes.setdefault(compute(codec, target), []).append(target.name)
    if len(hashes) != 1:
        sys.exit(f"{codec} differs: {hashes}")
    print(f"{codec}: {next(iter(hashes))} everywhere")
