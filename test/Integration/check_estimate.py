"""Epilogues that f32 estimates, against their integers.

Residuals of all codes are added to sums of all sizes, so that many results lie where a code
begins: for some factors each of them does, where all is computed twice. Values are large enough
to be clamped inside as well.
"""

import random
import sys

from check_contract import Epilogue, compute, contraction, matmul
from execution import I32, Cases, Format, parse_arguments, rescale

U8 = Format("u8", 0.5, 3)
I8 = Format("i8", 0.25)
LIMIT = 2**29


class Residual(Epilogue):
    """(sums + bias) and codes, both times factors to a common scale, and their sum."""

    def build(self, multipliers, shift, double):
        rng, channel = self.rng, [self.shape.out[-1]]
        bias = self.operand(lambda: rng.randint(-3000, 3000), I32, channel)
        scales = self.operand(lambda: rng.choice(multipliers), I32, channel)
        shifts = self.operand(lambda: rng.randint(shift - 1, shift), I32, channel)
        codes = self.operand(lambda: U8.random(rng), U8, self.shape.out)
        to = self.result
        inner, outer = rng.choice(multipliers), rng.choice(multipliers)
        mode = "rounding = #lowbit.rescale_mode<double_round>, " if double else ""
        self.lines += [
            f"%inner = arith.constant {inner} : i32",
            f"%outer = arith.constant {outer} : i32",
            "%twelve = arith.constant 12 : i32",
            "%last = arith.constant 49 : i32",
            f"%biased = arith.addi %acc, %e{bias} : i32",
            f"%left = lowbit.rescale %biased, %e{scales}, %e{shifts} {{{mode}min = {-LIMIT} : i32,"
            f" max = {LIMIT} : i32}} : i32, i32 to i32",
            f"%right = lowbit.rescale %e{codes}, %inner, %twelve {{{mode}input_zero_point = 3 : i32}}"
            " : i32, i32 to i32",
            "%sum = arith.addi %left, %right : i32",
            f"%code = lowbit.rescale %sum, %outer, %last {{{mode}output_zero_point = {to.zero} : i32,"
            f" min = {to.low} : i32, max = {to.high} : i32}} : i32, i32 to i32",
        ]

        def step(acc, at):
            left = rescale(acc + self.value(bias, at), self.value(scales, at),
                           self.value(shifts, at), double, 0, 0, -LIMIT, LIMIT)
            right = rescale(self.value(codes, at), inner, 12, double, 3, 0, -2**31, 2**31 - 1)
            return rescale(left + right, outer, 49, double, 0, to.zero, to.low, to.high)

        self.steps.append(step)
        return "%code"


def add_case(cases, rng, columns, terms, multipliers, shift, result, double=False):
    shape = matmul(67, columns, terms)
    lhs = [U8.random(rng) for _ in range(67 * terms)]
    rhs = [rng.randint(-127, 127) for _ in range(columns * terms)]
    epilogue = Residual(rng, shape, result)
    yielded = epilogue.build(multipliers, shift, double)
    arguments = [(lhs, shape.dims(shape.lhs), U8), (rhs, shape.dims(shape.rhs), I8)]
    arguments += [operand[:3] for operand in epilogue.operands]
    tensors = [format.tensor(size) for _, size, format in arguments]
    lines = contraction(shape, tensors, [f"%{i}" for i in range(len(arguments))], epilogue,
                        yielded, result, "%y")
    # All but lhs and the residual are constants.
    cases.add(f"{columns} columns, {terms} terms, shift {shift} -> {result}", arguments, lines,
              shape.dims(shape.out), result, compute(shape, lhs, rhs, epilogue, False),
              {1, 2, 3, 4})


def main():
    arguments = parse_arguments(__doc__)
    rng, cases = random.Random(arguments.seed), Cases()
    odd = [rng.randint(2**30, 2**31 - 1) | 1 for _ in range(9)]
    even = [2**30, 3 * 2**29]  # with ties
    below = [2**31 - 1, 3 * 2**29 - 1]  # closer to where a code begins than f32 can tell
    signed = Format("i8", 0.5, -5)
    for columns, terms in ((8, 16), (33, 5), (9, 64), (1, 7)):
        for multipliers in (odd, even):
            # Sums of some codes, and such as are clamped.
            add_case(cases, rng, columns, terms, multipliers, 28, U8)
            add_case(cases, rng, columns, terms, multipliers, 22, rng.choice((U8, signed)))
        for shift in (22, 18):
            add_case(cases, rng, columns, terms, below, shift, U8)
    add_case(cases, rng, 17, 12, odd, 26, signed, double=True)
    return cases.check(arguments)


if __name__ == "__main__":
    sys.exit(main())
