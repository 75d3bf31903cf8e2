#!/usr/bin/env python3
"""Runs ONNX's node tests.

    run.py --tools=build/bin                     what does not pass, in short
    run.py --tools=build/bin --filter=conv -v    some cases, with all messages
    run.py --tools=build/bin --write             and update the page and the list

Fails if a case of passing.txt does not pass, or if any case is not refused with
an error but crashes, cannot be compiled or computes something else.
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import re
import sys

import npy
from cases import (CONSTANT, FAILED, NEWEST_OPSET, OLDEST_OPSET, PASSED, Case, Runner)
from page import write_page

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
SOURCES = {"node": pathlib.Path("/usr/share/libonnx-testdata/data/node"),
           "quant": TOP.parent / "shared/data/onnx_node_quant"}


def find_cases(pattern):
    cases = [Case(f"{source}/{folder.name}", folder) for source, top in SOURCES.items()
             for folder in sorted(top.glob("test_*"))]
    return [case for case in cases if re.search(pattern, case.name)]


def get_operator(case, by_name):
    """What a case tests. A graph of several nodes expresses the operator that
    the case without _expanded is about."""
    if len(case.model.operators) == 1:
        return case.model.operators[0]
    base = by_name.get(case.name.replace("_expanded", ""))
    domain, name = (base or case).model.operators[0]
    return domain, name + "*"


def find_opsets(runner, case, as_constants):
    """The range of opsets around the case's own with which it is imported."""
    def accepts(opset):
        return runner.accepts(case, opset, as_constants)

    def search(good, bad):
        """The last accepted one from `good`; `bad` is beyond the last candidate."""
        step = 1 if bad > good else -1
        if accepts(bad - step):
            return bad - step
        bad -= step
        while abs(bad - good) > 1:
            middle = (good + bad) // 2
            good, bad = (middle, bad) if accepts(middle) else (good, middle)
        return good

    own = case.model.opset
    return set(range(search(own, OLDEST_OPSET - 1), search(own, NEWEST_OPSET + 1) + 1))


def choose_probes(passed):
    """Of the cases (case, result) of one operator that pass, the ones with the
    lowest and the highest opset: their forms differ most."""
    ordered = sorted(passed, key=lambda pair: (pair[0].model.opset, pair[0].name))
    return ordered[:1] if len(ordered) < 2 else [ordered[0], ordered[-1]]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", default=TOP / "build/bin", help="folder of lowbit-run")
    parser.add_argument("--filter", default="", help="regular expression for names of cases")
    parser.add_argument("--flag", action="append", default=[], help="one more flag of lowbit-run")
    parser.add_argument("--write", nargs="?", const=TOP, type=pathlib.Path, metavar="FOLDER",
                        help="write onnx.md and passing.txt where they are, or into FOLDER")
    parser.add_argument("-v", "--verbose", action="store_true", help="print every message")
    arguments = parser.parse_args()
    if arguments.write and arguments.filter:
        parser.error("--write needs all cases")

    cases = find_cases(arguments.filter)
    if not cases:
        sys.exit("error: there are no such cases")
    listed = set((HERE / "passing.txt").read_text().split())
    by_name = {case.name: case for case in cases}
    runner = Runner(arguments.tools, arguments.flag)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = dict(zip(by_name, pool.map(runner.run, cases)))

        passing = sorted(name for name, result in results.items()
                         if result.outcome in (PASSED, CONSTANT))
        status = report(results, listed, arguments.verbose)
        print(f"{len(passing)} of {len(cases)} cases pass")
        if arguments.write:
            write(arguments.write, pool, runner, by_name, results, passing)
    sys.exit(status)


def report(results, listed, verbose):
    """Prints what does not pass. Returns 1 if something failed."""
    status = 0
    for name, result in results.items():
        lost = name in listed and result.outcome not in (PASSED, CONSTANT)
        if lost or result.outcome == FAILED:
            status = 1
        if result.outcome not in (PASSED, CONSTANT):
            print(f"{name}: {result.outcome}: {result.reason}"
                  + (" (but passing.txt lists it)" if lost else ""))
        if result.log and (verbose or lost or result.outcome == FAILED):
            print("  " + result.log.strip().replace("\n", "\n  "))
    return status


def write(top, pool, runner, by_name, results, passing):
    groups = collections.defaultdict(list)
    for name, case in by_name.items():
        groups[get_operator(case, by_name)].append((case, results[name]))
    wanted = [tuple(line.split()) for line in (HERE / "operators.txt").read_text().splitlines()
              if not line.startswith("#")]
    probes = [(key, case, result.outcome == CONSTANT) for key in wanted for case, result
              in choose_probes([pair for pair in groups[key]
                                if pair[1].outcome in (PASSED, CONSTANT)])]
    opsets = collections.defaultdict(set)
    found = pool.map(lambda probe: find_opsets(runner, *probe[1:]), probes)
    for (key, *_), accepted in zip(probes, found):
        opsets[key] |= accepted
    groups = {key: [result for _, result in pairs] for key, pairs in groups.items() if pairs}
    is_checkout = top == TOP
    (top / "docs/reference/onnx.md" if is_checkout else top / "onnx.md").write_text(
        write_page(wanted, groups, opsets, npy.RELATIVE))
    (HERE / "passing.txt" if is_checkout else top / "passing.txt").write_text(
        "".join(name + "\n" for name in passing))


if __name__ == "__main__":
    main()
