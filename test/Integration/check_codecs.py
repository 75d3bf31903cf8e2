"""Compiles gradient codecs and compares them with gradient_codecs.py, bit by bit.

    check_codecs.py WORK bits|laws|errors [codec ...]
"""

import ctypes
import dataclasses
import pathlib
import sys

import numpy as np
from compiled_codecs import SENTINEL, Compiled, pointer, same
from gradient_codecs import FLT_MAX, f32, u32

WORK = pathlib.Path(sys.argv[1])


def gradients(size):
    """Of every kind that needs care."""
    rng = np.random.default_rng(size)
    normal = rng.standard_normal(size).astype(f32)
    yield "normal", normal
    yield "zeros", np.zeros(size, f32)
    yield "negative zeros and ones", np.where(rng.random(size) < 0.5, f32(-0.0), f32(1))
    yield "denormal", (rng.integers(-9, 10, size) * 2.0**-149).astype(f32)
    yield "one value", np.full(size, -0.3, f32)
    yield "largest", np.where(normal < 0, -FLT_MAX, FLT_MAX).astype(f32)
    yield "wide", normal * np.exp2(rng.integers(-120, 120, size)).astype(f32)
    yield "one outlier", np.where(np.arange(size) == size // 2, f32(1e30), normal)


def check_bits(texts):
    """Wires, states and numbers are the reference's: of kernels and of plain loops."""
    for case in texts:
        text, _, sizes = case.partition("@")
        for size in map(int, sizes.split("/")):
            programs = [Compiled(text, size, WORK, lowering) for lowering in ("kernels", "reference")]
            codec = programs[0].codec
            state = codec.state(size)
            assert programs[0].call("wire_size") == 4 * codec.wire_words(size), (text, size)
            for step, (name, g) in enumerate(gradients(size)):
                seed, tensor = 2**32 - 1 - step, 7 * step
                expected = codec.encode(g, state, seed, tensor, step)
                for program in programs:
                    where = f"{text} of {size}, {name}, {program.library._name}"
                    wire = program.new_wire()
                    assert program.encode(g, seed, tensor, step, wire) == 0, where
                    assert same(program.used(wire), expected), where
                    assert same(program.state, state), where
                    assert same(program.decode(wire), codec.decode(expected, size)), where
            if codec.ranks > 1:
                check_merging(programs)
        print(f"{text}: bits agree")


def check_merging(programs):
    """Wires of one step size add up as words; the sum decodes to the sum of all."""
    codec, size = programs[0].codec, programs[0].size
    rng = np.random.default_rng(1)
    for program in programs:
        ranks = [rng.standard_normal(size).astype(f32) for _ in range(codec.ranks)]
        steps = np.zeros((codec.ranks, len(codec.buckets(size))), f32)
        for g, own in zip(ranks, steps):
            assert program.call("measure", pointer(g), pointer(own)) == 0
            assert same(own, [codec.parameters(g[f:f + c])[0] for f, c in codec.buckets(size)])
        shared = steps.max(axis=0)
        into, total = None, np.zeros(codec.samples * size)
        for rank, g in enumerate(ranks):
            wire = program.new_wire()
            assert program.encode(g, rank, 0, 5, wire, shared) == 0
            expected = codec.encode(g, codec.state(size), rank, 0, 5, shared)
            assert same(program.used(wire), expected)
            total += codec.decode(expected, size)
            if into is None:
                into = wire
            else:
                assert program.call("merge", pointer(wire), pointer(into)) == 0
        sums = program.decode(into)
        assert same(sums, codec.decode(program.used(into), size))
        assert np.allclose(sums, total, rtol=1e-5, atol=1e-5 * np.abs(total).max())


def check_laws(texts):
    """Means over fixed seeds, variances, and what is kept."""
    for text in texts:
        size, rounds = 256, 400
        program = Compiled(text, size, WORK)
        codec = program.codec
        g = np.random.default_rng(3).standard_normal(size).astype(f32)
        if codec.feedback:
            check_feedback(program)
        elif codec.scale == "clipped":
            bound = codec.parameters(g)[0]
            check_means(program, np.clip(g, -bound, bound), g, rounds)
        else:
            check_means(program, g, g, rounds)
        print(f"{text}: laws hold")


def check_means(program, expected, g, rounds):
    codec, size = program.codec, program.size
    wire = program.new_wire()
    draws = []
    for step in range(rounds):
        assert program.encode(g, 11, 2, step, wire) == 0
        draws.append(program.decode(wire).reshape(codec.samples, size))
    draws = np.array(draws, np.float64)
    wide = expected.astype(np.float64)
    parts = codec.buckets(size)
    low, gap = (np.concatenate(each) for each in zip(*(levels_around(codec, expected[f:f + c], g[f:f + c])
                                                       for f, c in parts)))
    for sample in range(codec.samples):
        # The mean of `rounds` draws between two levels: five of its deviations, at most.
        error = np.abs(draws[:, sample].mean(axis=0) - wide)
        assert (error <= 5 * gap / 2 / np.sqrt(rounds)).all(), "biased"
        # Of one number, p (1 - p) gap^2: on average within some percent.
        variance = draws[:, sample].var(axis=0)
        assert abs(variance.sum() / ((wide - low) * (low + gap - wide)).sum() - 1) < 0.1, "variance"
    if codec.samples == 2:
        # Independent, so that products are unbiased: E[Q1 Q2] = x^2.
        noise = draws - wide
        products = (noise[:, 0] * noise[:, 1]).mean(axis=0)
        assert (np.abs(products) <= 5 * (gap / 2)**2 / np.sqrt(rounds)).all(), "dependent"
    total = ((draws[:, 0] - wide)**2).sum(axis=1).mean()
    norm = np.linalg.norm(wide)
    if codec.scale == "norm" and len(parts) == 1:  # Alistarh 2017, lemma 3.1
        s = codec.levels
        assert total <= min(size / s**2, np.sqrt(size) / s) * norm**2, "QSGD's bound"
    if codec.scale == "shift":  # Wu 2018: within a step, which is a shift
        assert (np.log2(gap) % 1 == 0).all() and (np.abs(draws - wide) < gap).all(), "shifts"
    if codec.optimal:  # Zhang 2017: no other points are better, evenly spaced ones are worse
        even = dataclasses.replace(codec, optimal=False)
        assert total < 0.7 * sum(((wide[f:f + c] - bottom) * (bottom + width - wide[f:f + c])).sum()
                                 for f, c in parts
                                 for bottom, width in [levels_around(even, g[f:f + c], g[f:f + c])])
    if codec.scale == "clipped":  # Wen 2017: E|s b|^2 = s |g|_1
        assert total <= gap[0] * np.abs(wide).sum() - norm**2 + 0.05 * norm**2


def levels_around(codec, x, g):
    """The level below each number `x` of a bucket `g`, and how far the next one is."""
    x, parameters = x.astype(np.float64), np.array(codec.parameters(g), np.float64)
    if codec.optimal:
        k = np.clip(np.searchsorted(parameters, x, side="right") - 1, 0, len(parameters) - 2)
        return parameters[k], parameters[k + 1] - parameters[k]
    gap = parameters[0] * (2 if codec.mid_rise else 1)
    shift = codec.levels / 2 if codec.mid_rise else 0
    return (np.floor(x / gap + shift) - shift) * gap, np.full(len(x), gap)


def check_feedback(program):
    """What is sent and what is kept add up to what was there, exactly."""
    codec, size = program.codec, program.size
    rng = np.random.default_rng(4)
    wire, sent, given = program.new_wire(), np.zeros(size), np.zeros(size)
    state = codec.state(size)
    whole = codec.kind == "levels" and codec.scale == "max" and codec.levels == 1
    exact = whole or codec.kind == "largest" and not codec.momentum
    # What is kept of levels at random may grow, but not beyond the integers of f32.
    for step in range(15 if whole else 50):
        g = rng.integers(-8, 9, size).astype(f32)
        before = program.state.copy()
        assert program.encode(g, 5, 0, step, wire) == 0
        numbers = program.decode(wire)
        assert same(codec.encode(g, state, 5, 0, step), program.used(wire))
        if codec.kind != "largest":
            assert same(program.state, (g + before) - numbers), "kept"
        sent, given = sent + numbers, given + g
    kept = program.state[:size].astype(np.float64)
    if exact:  # all are integers
        assert np.array_equal(sent, given - kept), "telescoping"
    elif not codec.momentum:
        assert np.allclose(sent, given - kept, rtol=0, atol=1e-3), "telescoping"


def check_errors(texts):
    """Bad numbers, pointers and wires: a code, and nothing written."""
    for text in texts:
        size = 2100
        for lowering in "kernels", "reference":
            program = Compiled(text, size, WORK, lowering)
            rng = np.random.default_rng(5)
            good = rng.standard_normal(size).astype(f32)
            wire = program.new_wire()
            assert program.encode(good, 1, 1, 1, wire) == 0
            for place in 0, 1030, size - 1:
                for bad in np.nan, -np.nan, np.inf, -np.inf:
                    g = good.copy()
                    g[place] = bad
                    untouched, kept = program.new_wire(), program.state.copy()
                    assert program.encode(g, 1, 1, 2, untouched) == 3, (text, place, bad)
                    assert (untouched == SENTINEL).all() and same(kept, program.state)
                    if program.codec.ranks > 1:
                        steps = np.full(len(program.codec.buckets(size)), 7, f32)
                        assert program.call("measure", pointer(g), pointer(steps)) == 3
                        assert (steps == 7).all()
                        assert program.encode(g, 1, 1, 2, untouched, steps) == 3
                        assert (untouched == SENTINEL).all()
            numbers = np.zeros(2 * size + 1, f32)
            null, u = ctypes.c_void_p(), ctypes.c_uint32(0)
            rest = pointer(program.workspace), u, u, u
            assert program.call("encode", null, pointer(wire), *rest) == 1
            assert program.call("encode", pointer(good), null, *rest) == 1
            assert program.call("encode", pointer(good), pointer(wire, 1), *rest) == 2
            assert program.call("decode", null, pointer(numbers)) == 1
            assert program.call("decode", pointer(wire), null) == 1
            assert program.call("accumulate", pointer(wire), pointer(numbers, 2)) == 2
            check_broken_wires(program, wire, rng)
        print(f"{text}: errors are told")


def check_broken_wires(program, wire, rng):
    """Any bytes decode to something or are refused; nothing else is touched."""
    codec, size = program.codec, program.size
    guarded = np.full(codec.samples * size + 64, 7, f32)
    used = len(program.used(wire))
    refused = 0
    for trial in range(200):
        broken = wire.copy()
        words = broken[:-8].view(u32)
        place = rng.integers(0, used)
        words[place] = rng.integers(0, 2**32)
        if trial % 2:
            words[:] = rng.integers(0, 2**32, len(words))
        status = program.call("decode", pointer(broken), pointer(guarded, 128))
        assert status in (0, 4)
        refused += status == 4
        assert (guarded[:32] == 7).all() and (guarded[-32:] == 7).all(), "beyond the numbers"
    if codec.elias or codec.kind == "largest":
        assert refused > 100, "no broken wire is told"
    if codec.kind == "largest":
        for places in ([5, 5], [9, 3], [0, size]):
            broken = wire.copy()
            broken[:8].view(u32)[:] = places
            assert program.call("decode", pointer(broken), pointer(guarded, 128)) == 4


{"bits": check_bits, "laws": check_laws, "errors": check_errors}[sys.argv[2]](sys.argv[3:])
