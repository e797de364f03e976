"""The benchmarks themselves: that each runs, says what it lacks, and prints numbers of what it should."""
# RUN: %python %s
import os
import re
import sys

from support import ROOT, check, finish, run

bench = os.path.join(ROOT, "bench")


def numbers(line):
    return [float(word) for word in re.findall(r"(?<= )\d+(?:\.\d+)?(?= |$)", line)]


# Each product is checked against float64 by the program that times it: a wrong one ends the run.
outcome = run(sys.executable, os.path.join(bench, "gemm", "run.py"), "--threads", 1, "--seconds", 0.02, "17x33x9", "3*16x8x24:ta:tb", "1x40x12:tb")
check(outcome.status == 0, "bench/gemm/run.py times products of any layout", (outcome.out + outcome.err)[-800:])
for shape in ("17x33x9", "3*16x8x24:ta:tb", "1x40x12:tb"):
    line = next((line for line in outcome.out.splitlines() if line.startswith(shape + " ")), "")
    check(len(numbers(line)) >= 4, f"  {shape}: threads, peak, rate and share", line or outcome.out)
for wrong in ("4x4", "0x4x4", "4x4x4:tc"):
    outcome = run(sys.executable, os.path.join(bench, "gemm", "run.py"), wrong)
    check(outcome.status == 2 and "is not [BATCH*]MxKxN" in outcome.err, f"  {wrong} is refused", outcome.err[-200:])

outcome = run(sys.executable, os.path.join(bench, "compile.py"), "--depths", 1, "--rounds", 1)
check(outcome.status == 0, "bench/compile.py builds networks of any depth", (outcome.out + outcome.err)[-800:])
rows = [line.split() for line in outcome.out.splitlines() if re.match(r" +1 (cold|warm) ", line)]
check([(row[1], row[-1]) for row in rows] == [("cold", "none"), ("warm", "all")], "  anew, and from the kernel cache", outcome.out)
finish()
