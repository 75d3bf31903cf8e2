"""run-tutorial.py PAGE: runs a page of documentation in the working directory.

The blocks marked sh are run in order by one shell, which stops at the first
failure. A block marked text is what the sh block before it prints; "..." in it
stands for anything within a line.
"""

import re
import subprocess
import sys

MARK = "-- end of block --"


def read_blocks(page):
    """The sh blocks, each a list [line number, commands, output or None]."""
    blocks, language, start, body = [], None, 0, []
    for number, line in enumerate(page.splitlines(), 1):
        fence = re.fullmatch(r"```(\w*)", line)
        if not fence:
            body.append(line)
        elif language is None:
            language, start, body = fence[1], number, []
        else:
            if language == "sh":
                blocks.append([start, body, None])
            elif language == "text":
                if not blocks or blocks[-1][2] is not None:
                    sys.exit(f"error: line {start}: output of no commands")
                blocks[-1][2] = body
            language, body = None, []
    if language is not None:
        sys.exit(f"error: line {start}: the block does not end")
    return blocks


def matches(expected, line):
    return re.fullmatch(".*".join(map(re.escape, expected.split("..."))), line)


def main():
    blocks = read_blocks(open(sys.argv[1], encoding="utf-8").read())
    if not blocks:
        sys.exit("error: there are no commands")
    script = "set -e\n"
    for _, commands, _ in blocks:
        script += "\n".join(commands) + f"\necho '{MARK}'\n"
    shell = subprocess.run(["sh", "-c", script], text=True, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    *outputs, rest = shell.stdout.split(MARK + "\n")
    for (start, _, expected), output in zip(blocks, outputs):
        lines = output.splitlines()
        if expected is not None and not (
                len(lines) == len(expected) and all(map(matches, expected, lines))):
            sys.exit("\n".join([f"error: line {start}: expected", *expected, "but got", *lines]))
    if len(outputs) < len(blocks):
        sys.exit(f"{rest}error: line {blocks[len(outputs)][0]}: status {shell.returncode}")
    print(f"{len(blocks)} blocks")


if __name__ == "__main__":
    main()
