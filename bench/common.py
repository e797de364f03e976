"""What benchmarks share: where things are, the processors to run on, and the peak of one core."""
import json
import os
import shutil
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NNC = os.path.join(os.environ.get("NNC_BIN", os.path.join(ROOT, "build", "bin")), "nnc")
MNIST = os.path.join(ROOT, "data", "mnist")
CORES = sorted(os.sched_getaffinity(0))


def compiler():
    return os.environ.get("CXX") or next(filter(shutil.which, ("clang++-22", "clang++", "g++")))


def pinned(threads, *command, **environment):
    """What a command prints that has a core for each of its threads and no other."""
    cores = ",".join(map(str, CORES[:threads]))
    process = subprocess.run(["taskset", "-c", cores, *map(str, command)], capture_output=True, text=True, env={**os.environ, **environment})
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}: status {process.returncode}\n{(process.stdout + process.stderr)[-2000:]}")
    return process.stdout


class Peak:
    """The multiply-add peak of a core, in GFLOP/s, as it is at this moment: see peak.cpp."""

    def __init__(self, folder):
        self.program = os.path.join(folder, "peak")
        subprocess.run([compiler(), "-O3", "-march=native", "-ffp-contract=fast", f"{ROOT}/bench/peak.cpp", "-o", self.program], check=True)

    def measure(self):
        return float(pinned(1, self.program))


def thread_counts(wanted):
    """Those of `wanted` that this machine has cores for; says which are left out."""
    for threads in wanted:
        if threads > len(CORES):
            print(f"skipped: {threads} threads: there are {len(CORES)} processors to use")
    return [threads for threads in wanted if threads <= len(CORES)]


def events(path, kind):
    with open(path, encoding="utf-8") as file:
        return [row for row in map(json.loads, file) if row["event"] == kind]
