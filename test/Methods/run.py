#!/usr/bin/env python3
"""Tests each method of rows.py and writes docs/reference/methods.md.

    run.py --tools=build/bin                    what is wrong, in short
    run.py --tools=build/bin --only=R11 -v      some rows, with what was found
    run.py --tools=build/bin --write=FOLDER     and write FOLDER/methods.md

Fails if a recipe's weights are not those that reference.py computes from the
publication, or if kernels and plain loops differ. What else a method lacks is a mark
that is missing on the page, with the reason.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import sys
import tempfile

from checks import Checker
from page import write_page
from rows import ROWS

TOP = pathlib.Path(__file__).resolve().parent.parent.parent


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tools", type=pathlib.Path, required=True, help="the tools' folder")
    parser.add_argument("--only", default="", help="an expression that rows' numbers match")
    parser.add_argument("--write", type=pathlib.Path, help="the folder that the page goes to")
    parser.add_argument("-v", action="store_true", help="print what was found")
    arguments = parser.parse_args()
    failures, results = [], []
    with tempfile.TemporaryDirectory() as work:
        checker = Checker(arguments.tools.resolve(), TOP / "examples" / "digits",
                          TOP / "recipes", pathlib.Path(work))
        rows = [row for row in ROWS if re.search(arguments.only, row.id)]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for result in pool.map(checker.check, rows):
                row = result.row
                results.append(result)
                failures += [f"{row.id} {row.name}: {text}" for text in result.failures]
                if arguments.v:
                    found = {name: value for name, value in vars(result).items() if name != "row"}
                    print(row.id, row.recipe, found, flush=True)
        if arguments.write:
            write_page(arguments.write / "methods.md", results)
    if failures:
        sys.exit("\n".join(failures))
    print(f"{len(results)} methods, {sum(r.row.recipe != '' for r in results)} with recipes")


if __name__ == "__main__":
    main()
