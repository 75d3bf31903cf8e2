"""check-links.py TOP: see docs-links.test."""

import pathlib
import re
import sys

top = pathlib.Path(sys.argv[1])
pages = sorted([*top.glob("*.md"), *top.glob("docs/**/*.md"), *top.glob("dialects/**/*.md"),
                *top.glob("examples/**/*.md")])
reference = (top / "docs/reference/Passes.md").read_text()
passes = set(re.findall(r"^### `(-lowbit-[\w-]+)`", reference, flags=re.MULTILINE))
if not passes:
    sys.exit("error: docs/reference/Passes.md: no passes")

errors = []
for page in pages:
    for number, line in enumerate(page.read_text().splitlines(), 1):
        where = f"{page.relative_to(top)}:{number}"
        for target in re.findall(r"\]\(([^)\s]+)\)", line):
            path = target.split("#")[0]
            if path and not re.match(r"\w+:", path) and not (page.parent / path).exists():
                errors.append(f"{where}: '{target}' does not exist")
        for name in re.findall(r"`(-lowbit-[a-z0-9-]+)", line):
            if name not in passes and not name.endswith("-pipeline"):
                errors.append(f"{where}: there is no pass '{name}'")
# Only what is for tests alone is not on the page of what each pass does.
pipelines = top / "docs/Pipelines.md"
for name, summary, description in re.findall(
        r"^### `(-[\w-]+)`\n\n_(.*)_\n\n(.*)", reference, flags=re.MULTILINE):
    if not description.startswith("For tests, ") and f"`{name}`" not in pipelines.read_text():
        errors.append(f"docs/Pipelines.md: lacks the pass '{name}'")
for error in errors:
    print("error:", error, file=sys.stderr)
sys.exit(1 if errors else 0)
