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
# The largest tiles, whose sums fill most registers; tiles of a few rows; streams of bytes and
# of few bits.
KERNELS = {
    "tiles": ("primitive=mma.s8 tile=128x256x64x4x2x4", c.matmul(512, 512, 512, kind="residual")),
    "square tiles": ("primitive=mma.s8 tile=128x128x64x3x2x2", c.conv(1, 16, 16, 128, 3, 3, 32)),
    "low tiles": ("primitive=mma.s8 tile=16x64x128x4x1x4", c.matmul(9, 64, 256, kind="codes")),
    "streams": ("primitive=dp4a", c.matmul(1, 64, 4096, kind="codes", rhs_range=(-7, 7))),
    "channels": ("primitive=channels", c.depthwise(1, 8, 8, 32, 3, 3, kind="codes")),
}


def main():
    ptxas, directory = sys.argv[1:]
    os.makedirs(directory, exist_ok=True)
    for name, (options, case) in KERNELS.items():
        for chip in CHIPS:
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
