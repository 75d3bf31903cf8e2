# Assembles kernels of all kinds with ptxas: says whether registers suffice.
#
#   registers.py ptxas directory

import os
import re
import subprocess
import sys

import contractions as c
import emulate

CHIPS = "sm_80", "sm_90"
# What has kernels of its own on some of them only.
ONLY = {"tiles of 4 bits": "sm_80"}
# The largest tiles, whose sums fill most registers; tiles of a few rows; streams of bytes and
# of few bits.
KERNELS = {
    "tiles": ("primitive=mma.s8 tile=128x256x64x4x2x4", c.matmul(512, 512, 512, kind="residual")),
    "tiles of 4 bits": (
        "primitive=mma.s4 tile=128x128x128x3x2x2",
        c.matmul(512, 512, 512, kind="codes", lhs_range=(0, 15), rhs_range=(-8, 7)),
    ),
    "square tiles": ("primitive=mma.s8 tile=128x128x64x3x2x2", c.conv(1, 16, 16, 128, 3, 3, 32)),
    "low tiles": ("primitive=mma.s8 tile=16x64x128x4x1x4", c.matmul(9, 64, 256, kind="codes")),
    "streams": ("primitive=dp4a", c.matmul(1, 64, 4096, kind="codes", rhs_range=(-7, 7))),
    "streams of 2 bits": ("primitive=dp4a", c.matmul(4, 64, 4096, rhs_range=(-1, 1))),
    "groups": ("primitive=dp4a.groups", c.grouped(1, 128, 64, 32, rhs_range=(-7, 7))),
    "groups of 8 rows": ("primitive=dp4a.groups", c.grouped(8, 64, 64, 64, rhs_range=(-1, 1))),
    "tiles of groups": ("primitive=mma.s8 tile=128x64x64x3x4x2", c.grouped(128, 16, 256, 32, rhs_range=(-7, 7))),
    "bits": ("primitive=mma.b1.xor", c.matmul(512, 512, 64, product="xor_popcount")),
    "channels": ("primitive=channels", c.depthwise(1, 8, 8, 32, 3, 3, kind="codes")),
}


def main():
    ptxas, directory = sys.argv[1:]
    os.makedirs(directory, exist_ok=True)
    for name, (options, case) in KERNELS.items():
        for chip in CHIPS:
            if ONLY.get(name, chip) != chip:
                continue
            path = os.path.join(directory, f"{name}.{chip}".replace(" ", "-"))
            with open(path + ".ptx", "w") as file:
                file.write(emulate.ptx(case.mlir(), f"chip={chip} {options}"))
            result = subprocess.run(
                [ptxas, "-v", f"-arch={chip}", "-o", path + ".cubin", path + ".ptx"],
                capture_output=True, text=True,
            )
            if result.returncode:
                sys.exit(result.stderr)
            spills = re.search(r"(\d+) bytes spill stores, (\d+) bytes spill loads", result.stderr)
            print(f"{name}, {chip}: {spills.group(0)}")


if __name__ == "__main__":
    main()
