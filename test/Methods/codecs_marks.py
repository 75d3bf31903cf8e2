"""The marks of gradient codecs."""

import pathlib
import sys

import numpy as np

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "Integration"))
from compiled_codecs import Compiled, same

SIZE, STEPS = 3001, 3


def check_codec(row, result, tools, work):
    """A few gradients against the reference in NumPy: words, numbers, what is kept."""
    programs = [Compiled(row.codec, SIZE, work, lowering, tools / "lowbit-compile")
                for lowering in ("kernels", "reference")]
    codec = programs[0].codec
    state = codec.state(SIZE)
    rng = np.random.default_rng(45)
    result.encodes = result.computes = True
    for step in range(STEPS):
        g = rng.standard_normal(SIZE).astype(np.float32)
        expected = codec.encode(g, state, 7, 1, step)
        for program in programs:
            wire = program.new_wire()
            program.encode(g, 7, 1, step, wire)
            result.encodes &= same(program.used(wire), expected)
            result.computes &= (same(program.decode(wire), codec.decode(expected, SIZE))
                                and same(program.state, state))
    result.is_small = all(p.call("wire_size") == 4 * codec.wire_words(SIZE) for p in programs)
    result.is_cheap = not row.own_scales
    if row.own_scales:
        result.reasons.append(row.own_scales)
    else:
        result.is_cheap = adds_words(row, tools, work)
    if not (result.encodes and result.computes and result.is_small):
        result.failures.append("words, numbers or sizes are not the publication's")


def adds_words(row, tools, work):
    """Whether wires of two ranks add up as words."""
    program = Compiled(f"{row.codec}:ranks=2", SIZE, work, compiler=tools / "lowbit-compile")
    codec = program.codec
    steps = np.full(len(codec.buckets(SIZE)), 0.5, np.float32)
    rng = np.random.default_rng(46)
    wires = []
    for rank in range(2):
        wires.append(program.new_wire())
        g = rng.standard_normal(SIZE).astype(np.float32)
        program.encode(g, rank, 1, 0, wires[-1], steps)
    words = [program.used(wire) for wire in wires]
    total = program.decode(wires[0]) + program.decode(wires[1])
    words[0][len(steps):] += words[1][len(steps):]
    return bool(np.allclose(program.decode(wires[0]), total, atol=1e-6))
