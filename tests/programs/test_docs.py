"""The documents are true: every nn block of README.md and docs/, the library's reference included, compiles, or fails with the very code that it names."""
# RUN: %python %s
import glob
import os
import re

from support import NNC, ROOT, check, finish, run, tmp

documents = [os.path.join(ROOT, "README.md")]
documents += sorted(glob.glob(os.path.join(ROOT, "docs", "**", "*.md"), recursive=True))
for document in documents:
    with open(document, encoding="utf-8") as file:
        blocks = re.findall(r"```nn([^\n]*)\n(.*?)```", file.read(), re.S)
    for number, (tag, body) in enumerate(blocks, 1):
        path = tmp("block.nn")
        with open(path, "w", encoding="utf-8") as file:
            file.write(body)
        outcome = run(NNC, "check", path)
        what = f"{os.path.relpath(document, ROOT)}, block {number} {tag.strip()}: {body.strip().splitlines()[0]}"
        # "```nn error E0301" and "```nn warning W0210": these codes and no other, and plain "```nn" none.
        found = re.findall(r"(?:error|warning)\[(\w+)\]", outcome.err)
        check(found == tag.split()[1:], what, outcome.err[:400] if found != tag.split()[1:] else "")
        check(outcome.status == (1 if "error" in tag else 0), f"  and the status says so")
        if "error" not in tag:
            outcome = run(NNC, "fmt", "--check", path)
            check(outcome.status == 0, "  and is formatted", outcome.out[:300] + outcome.err[:300] if outcome.status else "")
finish()
