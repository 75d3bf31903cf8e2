#!/usr/bin/env python3
# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs one suite of benchmarks, or all: prints tables and writes build/bench.json."""

import bitwise
import common
import gradients
import kernels
import layers
import nets

SUITES = {"kernels": kernels, "gemm": layers, "conv": layers, "bitwise": bitwise,
          "codecs": gradients, "nets": nets}


def main():
    arguments = common.parse_arguments(__doc__, [*SUITES, "all"])
    common.pin()
    for suite, module in SUITES.items():
        if arguments.suite in (suite, "all"):
            results = module.main(arguments, suite)
            if not arguments.only:
                common.record(arguments, suite, results)


if __name__ == "__main__":
    main()
