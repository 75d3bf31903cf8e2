"""check-options.py PAGE TOOL...: every option that a tool's --help lists is on the page."""

import re
import subprocess
import sys

page = open(sys.argv[1], encoding="utf-8").read()
# In code, with one or two dashes as the help has it, whole.
written = set(re.findall(r"(?<![\w-])(--?[a-zA-Z][\w-]*)", page))
missing = []
for tool in sys.argv[2:]:
    text = subprocess.run([tool, "--help"], text=True, check=True, stdout=subprocess.PIPE).stdout
    options = re.findall(r"^ +(--?[a-zA-Z][\w-]*)", text, flags=re.MULTILINE)
    if not options:
        sys.exit(f"error: {tool} lists no options")
    missing += [f"{tool} {option}" for option in options
                if option not in written and option not in ("--help-list",)]
for option in missing:
    print(f"error: {sys.argv[1]} lacks {option}", file=sys.stderr)
sys.exit(1 if missing else 0)
