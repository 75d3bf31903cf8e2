#!/usr/bin/env python3
# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs one suite of benchmarks, or all: prints tables and writes build/bench.json.
`page` measures nothing, and writes the page of docs/reference from bench.json."""

import sys
import time

import common

try:
    import bars
    import bitwise
    import gradients
    import kernels
    import layers
    import nets
    import page
    from peers import native
except ImportError as missing:
    sys.exit(f"error: {missing}; `make bench` installs what the benchmarks need")

SUITES = {"kernels": kernels, "gemm": layers, "conv": layers, "bitwise": bitwise,
          "codecs": gradients, "nets": nets}


def main():
    arguments = common.parse_arguments(__doc__, [*SUITES, "all", "page"])
    if arguments.suite == "page":
        return page.write(arguments)
    common.pin()
    native.prepare(arguments)
    failed = []
    for suite, module in SUITES.items():
        if arguments.suite not in (suite, "all"):
            continue
        arguments.start = time.monotonic()
        try:
            results = module.main(arguments, suite)
        except (SystemExit, RuntimeError, OSError) as error:
            # What was measured before is kept.
            print(f"{error}\nThe suite {suite} ends here.\n", file=sys.stderr, flush=True)
            failed.append(suite)
            continue
        summary = bars.judge(suite, results)
        bars.show(results + summary)
        # Of some names only there is no mean.
        kept = results if arguments.only else results + summary
        common.keep(arguments, suite, kept, is_complete=not arguments.only)
        print(f"Written to bench.json after {time.monotonic() - arguments.start:.0f} s.\n",
              flush=True)
    return f"error: {', '.join(failed)} did not end" if failed else None


if __name__ == "__main__":
    sys.exit(main())
