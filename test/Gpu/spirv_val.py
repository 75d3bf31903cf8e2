"""Validates the SPIR-V in every gpu.binary of a module on standard input.

    spirv_val.py [FILE.spv]

Prints how many there are. With FILE.spv, writes the first one there.
"""

import re
import subprocess
import sys
import tempfile

BINARY = re.compile(rb'gpu\.binary @.*?bin = "((?:[^"\\]|\\.)*)"', re.S)


def unescape(text):
    """The bytes of a string as MLIR prints it."""
    return re.sub(rb"\\([0-9A-F]{2}|.)",
                  lambda match: bytes([int(match[1], 16)]) if len(match[1]) == 2 else match[1], text)


def main(copy=None):
    binaries = [unescape(match[1]) for match in BINARY.finditer(sys.stdin.buffer.read())]
    code = 0
    for number, binary in enumerate(binaries):
        with tempfile.NamedTemporaryFile(suffix=".spv") as file:
            file.write(binary)
            file.flush()
            code |= subprocess.run(["spirv-val", "--target-env", "vulkan1.3", file.name]).returncode
        if copy and number == 0:
            with open(copy, "wb") as file:
                file.write(binary)
    print(f"{len(binaries)} modules, {'valid' if code == 0 else 'not valid'}")
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
