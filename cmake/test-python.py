#!/usr/bin/env python3
"""Makes the virtual environment that tests, or benchmarks, with third-party Python run in.

    test-python.py FOLDER REQUIREMENTS [tests|benchmarks]

Does nothing where the folder holds these requirements already. Where they cannot
be installed, for want of a network for example, it says so and succeeds: lit
then reports the tests that need them as unsupported.
"""

import pathlib
import shutil
import subprocess
import sys


def main():
    folder, requirements = map(pathlib.Path, sys.argv[1:3])
    purpose = sys.argv[3] if len(sys.argv) > 3 else "tests"
    wanted = requirements.read_text()
    # Written last: a folder without it is not complete.
    stamp = folder / "requirements.txt"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    print(f"Installing Python packages for {purpose}", flush=True)
    pip = [folder / "bin/python", "-m", "pip", "--quiet", "--disable-pip-version-check"]
    install = [*pip, "install", "--retries=1", "--timeout=10", "--only-binary=:all:",
               f"--requirement={requirements}"]
    shutil.rmtree(folder, ignore_errors=True)
    for command in [sys.executable, "-m", "venv", folder], install:
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if result.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            reason = result.stdout.strip().splitlines() or ["no reason given"]
            print(f"note: some {purpose} will be left out, since {requirements} cannot be installed:\n"
                  f"  {reason[-1]}")
            return
    stamp.write_text(wanted)


if __name__ == "__main__":
    main()
