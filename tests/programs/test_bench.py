"""The benchmarks themselves: that each runs, says what it lacks, and prints numbers of what it should."""
# RUN: %python %s
import os
import re
import sys

from support import ROOT, check, finish, run

bench = os.path.join(ROOT, "bench")

outcome = run(sys.executable, os.path.join(bench, "compile.py"), "--depths", 1, "--rounds", 1)
check(outcome.status == 0, "bench/compile.py builds networks of any depth", (outcome.out + outcome.err)[-800:])
rows = [line.split() for line in outcome.out.splitlines() if re.match(r" +1 (cold|warm) ", line)]
check([(row[1], row[-1]) for row in rows] == [("cold", "none"), ("warm", "all")], "  anew, and from the kernel cache", outcome.out)
finish()
