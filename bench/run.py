#!/usr/bin/env python3
"""Trains examples/mnist_mlp.nn on one core and on two, and says how near to the cores' peak that is, beside its peers.

  bench/run.py                                       nnc alone
  PEERS=/path/to/python bench/run.py                 and PyTorch and JAX, those that this Python has

Each is pinned to as many cores as it has threads. All take turns, three times, so that the numbers belong to one machine and one hour;
the best epoch of each counts. Operations of a training step: 204,544 per example (twice the multiply-adds of forward, weight and input
gradients).
"""
import os
import re
import subprocess
import tempfile

from common import MNIST, NNC, ROOT, Peak, events, pinned, thread_counts

OPERATIONS = 204544 * 60000
PEERS = {"JAX, an epoch in one jit": ("jax",), "PyTorch, eager": ("torch", "eager"), "PyTorch, a step compiled": ("torch", "compiled")}


def peers(python):
    """Those that this Python has; says what is missing."""
    found = {}
    for name, (module, *mode) in PEERS.items():
        if python and subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode == 0:
            found[name] = (module, *mode)
        else:
            print(f"skipped: {name}: " + (f"{python} doesn't have {module}" if python else "$PEERS names no Python"))
    return found


def epochs_of(python, threads, module, *mode):
    out = pinned(threads, python, f"{ROOT}/bench/peer_{module}.py", 3, threads, *mode)
    return [float(seconds) for seconds in re.findall(r": ([\d.]+) s,", out)]


def main():
    python = os.environ.get("PEERS")
    others, counts = peers(python), thread_counts([1, 2])
    with tempfile.TemporaryDirectory(prefix="nnc-bench-") as folder:
        peak, program, log = Peak(folder), os.path.join(folder, "mnist_mlp"), os.path.join(folder, "log")
        subprocess.run([NNC, "build", f"{ROOT}/examples/mnist_mlp.nn", "-o", program], check=True)
        best, top = {}, 0.0
        for _ in range(3):
            for threads in counts:
                top = max(top, peak.measure())
                pinned(threads, program, "train", "--data", MNIST, "--epochs", 3, "--threads", threads, "--quiet", "--log", log)
                runs = {"nnc": [event["seconds"] for event in events(log, "epoch")]}
                os.remove(log)
                runs.update((name, epochs_of(python, threads, *peer)) for name, peer in others.items())
                for name, seconds in runs.items():
                    best[name, threads] = min([best.get((name, threads), float("inf")), *seconds])
    print(f"peak of a core {top:.1f} GFLOP/s")
    print(f"{'':26} {'threads':>7} {'s an epoch':>10} {'GFLOP/s':>8} {'share of peak':>13}")
    for (name, threads), seconds in sorted(best.items(), key=lambda item: item[0][1]):
        rate = OPERATIONS / seconds / 1e9
        print(f"{name:26} {threads:7} {seconds:10.3f} {rate:8.1f} {rate / top / threads:13.2f}")


main()
