#!/usr/bin/env python3
"""Runs clang-tidy over the sources that build/ compiles, with the checks of .clang-tidy.

    scripts/tidy.py [--deep] [FILE...]      FILEs, or all of compiler/, dialects/ and runtime/

A file that was clean is not looked at again until it, a header of ours that it includes, or the checks change.
--deep adds what takes most of the time and seldom finds anything: clang's static analyzer, and the checks that need
the parents of nodes, for which clang-tidy loads every declaration of MLIR's precompiled headers.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build")
STAMPS = os.path.join(BUILD, "tidy")
SLOW = """
clang-analyzer-* bugprone-bool-pointer-implicit-conversion bugprone-branch-clone bugprone-forward-declaration-namespace
bugprone-implicit-widening-of-multiplication-result bugprone-inc-dec-in-conditions
bugprone-return-const-ref-from-parameter bugprone-standalone-empty bugprone-swapped-arguments
bugprone-terminating-continue bugprone-throw-keyword-missing bugprone-undelegated-constructor bugprone-unused-raii
performance-unnecessary-copy-initialization readability-container-size-empty readability-redundant-declaration
""".split()


def read(path):
    with open(path, "rb") as file:
        return file.read()


def find_sources():
    """{source: output}, of the files that are committed or will be."""
    with open(os.path.join(BUILD, "compile_commands.json"), encoding="utf-8") as file:
        commands = json.load(file)
    inside = re.compile(rf"{re.escape(ROOT)}/(compiler|dialects|runtime)/.*\.cpp$")
    return {
        c["file"]: re.search(r" -o (\S+)", c["command"])[1]
        for c in commands
        if inside.match(c["file"]) and os.path.exists(c["file"])
    }


def find_headers():
    """{output: headers of ours}, as ninja recorded them when it compiled."""
    text = subprocess.run(
        ["ninja", "-C", BUILD, "-t", "deps"], capture_output=True, text=True, check=True
    ).stdout
    headers = {}
    for block in text.split("\n\n"):
        output, _, rest = block.partition(": #deps")
        paths = (
            os.path.normpath(os.path.join(BUILD, line.strip())) for line in rest.splitlines()[1:]
        )
        headers[output.splitlines()[-1] if output else ""] = sorted(
            p for p in paths if p.startswith(ROOT) and os.path.exists(p)
        )
    return headers


def fingerprint(source, headers, checks):
    digest = hashlib.sha256(checks.encode() + read(os.path.join(ROOT, ".clang-tidy")))
    for path in (source, *headers):
        digest.update(path.encode() + read(path))
    return digest.hexdigest()


def main(arguments):
    if "--help" in arguments or "-h" in arguments:
        print(__doc__.strip())
        return 0
    checks = "" if "--deep" in arguments else ",".join("-" + name for name in SLOW)
    wanted = {os.path.abspath(name) for name in arguments if not name.startswith("-")}
    sources, headers = find_sources(), find_headers()
    os.makedirs(STAMPS, exist_ok=True)

    def tidy(source):
        """What clang-tidy finds, or nothing."""
        stamp = os.path.join(
            STAMPS,
            os.path.relpath(source, ROOT).replace("/", "-") + (".deep" if not checks else ""),
        )
        print_of = fingerprint(source, headers.get(sources[source], []), checks)
        if os.path.exists(stamp) and read(stamp).decode() == print_of:
            return ""
        command = [
            "clang-tidy-22",
            "-p",
            BUILD,
            "--quiet",
            *([f"--checks={checks}"] if checks else []),
            source,
        ]
        outcome = subprocess.run(command, capture_output=True, text=True, check=False)
        if outcome.returncode:
            return outcome.stdout or outcome.stderr
        with open(stamp, "w", encoding="utf-8") as file:
            file.write(print_of)
        return ""

    found = 0
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for findings in pool.map(tidy, sorted(wanted & set(sources) if wanted else sources)):
            found += bool(findings)
            print(findings, end="", flush=True)
    print(
        f"tidy: {found} of {len(wanted or sources)} files have findings"
        if found
        else f"tidy: {len(wanted or sources)} files are clean"
    )
    return 1 if found else 0


sys.exit(main(sys.argv[1:]))
