"""check-op-examples.py DIALECT.md OPS.mlir...: see docs-examples.test."""

import pathlib
import re
import sys


def mnemonics(mlir):
    """The lowbit operations in a piece of MLIR, in order of appearance."""
    code = re.sub(r"//.*", "", mlir)
    return list(dict.fromkeys(re.findall(r"(?<![#!\w.])lowbit\.\w+", code)))


reference, *tests = map(pathlib.Path, sys.argv[1:])
sections = re.split(r"^### ", reference.read_text(), flags=re.MULTILINE)[1:]
examples = {}  # operation -> the operations in its own examples
terminators = set()
for section in sections:
    heading = re.match(r"`(lowbit\.\w+)` \(", section)
    if not heading:
        continue  # An attribute, a type or an enumeration.
    fences = re.findall(r"^```mlir\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL)
    examples[heading[1]] = mnemonics("\n".join(fences))
    if re.search(r"^Traits:.*`Terminator`", section, flags=re.MULTILINE):
        terminators.add(heading[1])
if not examples:
    sys.exit(f"error: {reference.name}: no operations")

tested = {name for test in tests for name in mnemonics(test.read_text())}
shown_anywhere = {shown for group in examples.values() for shown in group}
errors = []
for operation, shown in examples.items():
    # A terminator is shown where it stands: in the example of its parent.
    if operation not in (shown_anywhere if operation in terminators else shown):
        errors.append(f"{reference.name}: {operation} has no example in its description")
    for name in dict.fromkeys([operation, *(s for s in shown if s not in examples)]):
        if name not in tested:
            errors.append(f"{tests[0].name}: {name} does not occur")
for error in errors:
    print("error:", error, file=sys.stderr)
sys.exit(1 if errors else 0)
