# Contractions for kernels of all kinds, by what -convert-lowbit-contract-to-gpu is told.

import contractions as c

SIGNED = (-128, 127)

# Options of -convert-lowbit-contract-to-gpu, and what they compute: tails in all
# directions, strides, extremes, all epilogues.
GROUPS = {
    "loops": (
        "primitive=loops",
        [
            c.matmul(5, 6, 7, kind="residual"),
            c.conv(1, 2, 3, 4, 3, 2, 5, 2, kind="codes"),
            c.matmul(3, 4, 2, product="and_popcount"),
            c.matmul(3, 13, 5, product="xor_popcount", lhs_word="i8", kind="bits"),
            c.matmul(5, 6, 7, lhs_word="i16", lhs_range=(-32768, 32767), kind="real"),
        ],
    ),
    "tiles": (
        "chip=sm_80 primitive=mma.s8",
        [
            c.matmul(1, 1, 1),
            c.matmul(3, 5, 7, kind="codes"),
            c.matmul(33, 65, 129, kind="residual"),
            c.matmul(100, 36, 52, kind="real", constant=False, lhs_range=SIGNED),
            c.matmul(20, 24, 40, kind="codes", rhs_range=(0, 255)),
            c.batched(3, 17, 19, 48, constant=False, lhs_range=SIGNED),
            c.batched(2, 5, 9, 22, constant=False, lhs_range=SIGNED, rhs_range=(0, 255)),
            c.conv(2, 5, 6, 20, 3, 3, 16, 1, kind="codes"),
            c.conv(1, 5, 6, 20, 3, 3, 3, 2, kind="residual"),
            c.conv(1, 4, 4, 8, 1, 1, 24, 2),
            c.matmul(20, 19, 40, kind="bits"),
        ],
    ),
    "tiles of 4 bits": (
        "chip=sm_80 primitive=mma.s4",
        [
            c.matmul(33, 65, 129, kind="residual", lhs_range=(0, 15), rhs_range=(-8, 7)),
            c.matmul(70, 40, 320, lhs_range=(-8, 7), rhs_range=(-8, 7)),
            c.matmul(9, 19, 64, kind="codes", lhs_range=(0, 3), rhs_range=(0, 15)),
            c.matmul(20, 24, 40, lhs_range=(-8, 7), rhs_range=(0, 15)),
            c.conv(1, 5, 6, 20, 3, 3, 20, 2, kind="codes", lhs_range=(0, 15), rhs_range=(-1, 1)),
            c.batched(2, 17, 9, 22, lhs_range=(0, 15), rhs_range=(-8, 7)),
        ],
    ),
    "blocks": (
        "chip=sm_80 primitive=mma.s8 tile=64x64x64x4x2x2",
        [
            c.matmul(64, 64, 512, kind="residual", constant=False),
            c.matmul(130, 67, 336, kind="codes"),
            c.matmul(65, 63, 64, kind="plain"),
            c.conv(1, 9, 9, 70, 3, 3, 20, 1, kind="codes"),
        ],
    ),
    "wide": (
        "chip=sm_90 primitive=mma.s8 tile=128x256x128x4x2x4",
        [c.matmul(129, 257, 400, kind="codes"), c.matmul(600, 8, 128, kind="plain")],
    ),
    "xor": ("chip=sm_80 primitive=mma.b1.xor", [
        c.matmul(37, 41, 5, product="xor_popcount"),
        c.batched(2, 5, 6, 3, product="xor_popcount"),
        c.conv(1, 5, 6, 21, 3, 3, 4, 1, product="xor_popcount", lhs_word="i8", kind="bits"),
    ]),
    "complements": (
        "chip=sm_90 primitive=mma.b1.xor",
        [c.matmul(37, 41, 5, product="xor_popcount"), c.matmul(5, 9, 37, product="xor_popcount", lhs_word="i8")],
    ),
    "and": ("chip=sm_80 primitive=mma.b1.and", [c.matmul(37, 41, 5, product="and_popcount", constant=False)]),
    "streams": (
        "chip=sm_80 primitive=dp4a",
        [
            c.matmul(1, 10, 130, kind="codes"),
            c.matmul(3, 10, 1000, kind="residual", rhs_range=(-7, 7)),
            c.matmul(1, 33, 5000, rhs_range=(-1, 1)),
            c.matmul(8, 7, 160, lhs_range=SIGNED),
            c.matmul(2, 7, 333, kind="real", rhs_range=(0, 255)),
            c.matmul(5, 9, 4096, rhs_range=(0, 1), lhs_range=SIGNED),
            c.batched(3, 1, 19, 148),
        ],
    ),
    "short": (
        "chip=sm_80 primitive=dp4a.short",
        [
            c.batched(5, 1, 39, 32, kind="real", rhs_range=(-7, 7)),
            c.batched(3, 2, 33, 100, kind="codes", rhs_range=(-1, 1)),
            c.matmul(8, 7, 5, kind="residual", lhs_range=SIGNED),
        ],
    ),
    # Groups of one load and of several, with tails, more of them than fit at once.
    "groups": (
        "chip=sm_80 primitive=dp4a.groups",
        [
            c.grouped(1, 256, 40, 32, rhs_range=(-8, 7)),
            c.grouped(1, 300, 33, 32, rhs_range=(-1, 1), lhs_range=SIGNED),
            c.grouped(3, 5, 70, 64, rhs_range=(-1, 1), kind="zeros"),
            c.grouped(8, 37, 9, 128, rhs_range=(-8, 7)),
            c.grouped(2, 4, 31, 100),
            c.grouped(1, 1, 20, 5, rhs_range=(-8, 7)),
            c.grouped(5, 7, 64, 300, rhs_range=(0, 255), kind="zeros"),
        ],
    ),
    "tiles of groups": (
        "chip=sm_80 primitive=mma.s8",
        [
            c.grouped(33, 5, 65, 32, rhs_range=(-8, 7)),
            c.grouped(17, 4, 70, 64, kind="zeros"),
            c.grouped(20, 3, 40, 128, rhs_range=(-1, 1), lhs_range=SIGNED),
            c.grouped(9, 7, 19, 5),
            c.grouped(65, 3, 30, 100, constant=False),
            c.grouped(12, 3, 20, 300, rhs_range=(0, 255)),
            c.grouped(70, 1, 66, 48),
        ],
    ),
    "loops of groups": ("primitive=loops", [c.grouped(3, 5, 6, 7, kind="zeros")]),
    "channels": (
        "chip=sm_80 primitive=channels",
        [
            c.depthwise(1, 5, 6, 8, 3, 3, 1, kind="codes"),
            c.depthwise(2, 3, 5, 7, 5, 5, 2, kind="residual"),
            c.depthwise(1, 3, 5, 12, 7, 5, 1, lhs_range=SIGNED),
            c.depthwise(1, 3, 5, 4, 3, 3, 1, lhs_word="i16", lhs_range=(-32768, 32767)),
        ],
    ),
}


def lacks(chip, options):
    """True if `chip` has no kernels of these options."""
    return "mma.s4" in options and chip.startswith("sm_9")
