#!/usr/bin/env python3
"""Trains examples/mnist_mlp.nn on one core and says how near to the core's peak that is, beside its peers.

  bench/run.py                                       nnc alone
  PEERS=/path/to/python bench/run.py                 and PyTorch and JAX, from a Python that has them

Everything runs pinned to core 0, one after the other, so that the numbers belong to one machine and one hour.
Operations of a training step: 204,544 per example (twice the multiply-adds of forward, weight and input gradients).
"""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "programs"))
from support import MNIST, NNC, ROOT, events  # noqa: E402

OPERATIONS = 204544 * 60000


def pinned(*command):
    return subprocess.run(["taskset", "-c", "0", *command], check=True, capture_output=True, text=True).stdout


with tempfile.TemporaryDirectory() as folder:
    peak_program, program, log = (os.path.join(folder, n) for n in ("peak", "mnist_mlp", "log"))
    compiler = os.environ.get("CXX", "clang++-22")
    subprocess.run([compiler, "-O3", "-march=native", "-ffp-contract=fast", f"{ROOT}/bench/peak.cpp", "-o", peak_program], check=True)
    subprocess.run([NNC, "build", f"{ROOT}/examples/mnist_mlp.nn", "-o", program], check=True)
    best, peak = 1e9, 0.0
    for _ in range(3):
        peak = max(peak, float(pinned(peak_program)))
        pinned(program, "train", "--data", MNIST, "--epochs", "3", "--threads", "1", "--quiet", "--log", log)
        best = min(best, *(e["seconds"] for e in events(log, "epoch")))
        os.remove(log)
    print(f"peak   {peak:.1f} GFLOP/s")
    print(f"nnc    {best:.3f} s an epoch, {OPERATIONS / best / 1e9:.1f} GFLOP/s, {OPERATIONS / best / 1e9 / peak:.2f} of peak")
    if "PEERS" in os.environ:
        for peer in ("jax", "torch"):
            out = pinned(os.environ["PEERS"], f"{ROOT}/bench/peer_{peer}.py", "3")
            seconds = min(float(line.split(": ")[1].split(" s")[0]) for line in out.splitlines())
            print(f"{peer:6} {seconds:.3f} s an epoch, {OPERATIONS / seconds / 1e9 / peak:.2f} of peak")
