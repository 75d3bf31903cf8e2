# Runs kernels of all kinds in the emulator, and compares with NumPy.
#
#   check.py [directory [group]]

import os
import sys
import tempfile

import emulate
from groups import GROUPS

def check_group(name, directory):
    options, cases = GROUPS[name]
    text = "".join(case.mlir(f"f{i}") for i, case in enumerate(cases))
    library = emulate.build(text, options, os.path.join(directory, name.replace(" ", "-")))
    wrong = 0
    for i, case in enumerate(cases):
        # Copies in the background are made at the last moment, then at the first.
        for early in "", "1":
            os.environ.pop("LOWBIT_EMULATE_EARLY", None)
            if early:
                os.environ["LOWBIT_EMULATE_EARLY"] = early
            if not case.check(getattr(library, f"f{i}")):
                print(f"{name}: {case.name} is wrong")
                wrong += 1
    print(f"{name}: {len(cases)} contractions, {wrong} wrong")
    return wrong


def main():
    directory = sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()
    os.makedirs(directory, exist_ok=True)
    names = sys.argv[2:] or list(GROUPS)
    sys.exit(1 if sum(check_group(name, directory) for name in names) else 0)


if __name__ == "__main__":
    main()
