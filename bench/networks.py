#!/usr/bin/env python3
"""Trains networks of examples/ on one core and on two, and says how near to the cores' peak that is, beside PyTorch.

  bench/networks.py [--text DIR] [lenet gpt lstm]     nnc alone; DIR holds tinyshakespeare.txt (nnc data tinyshakespeare --dir DIR)
  PEERS=/path/to/python bench/networks.py             and PyTorch, where this Python has it: eager, with fused optimizers

Each is pinned to as many cores as it has threads. All take turns, three times; the best of each counts. Operations of a training step are
twice the multiply-adds of forward, weight and input gradients.
"""
import argparse
import os
import re
import subprocess
import tempfile

from common import MNIST, NNC, ROOT, Peak, events, pinned, thread_counts

# Example, batch, steps, operations of a training step for each example.
NETWORKS = {
    "lenet": ("mnist_lenet", 64, 100, 15396864),
    "gpt": ("shakespeare_gpt", 16, 50, 5161728 * 64),
    "lstm": ("shakespeare_lstm", 16, 75, 2459136 * 64),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=" ".join(NETWORKS))
    parser.add_argument("--text", default=os.path.join(ROOT, "data", "text"), metavar="DIR", help="the folder with tinyshakespeare.txt")
    given = parser.parse_args()
    for name in given.names:
        if name not in NETWORKS:
            parser.error(f"there is no network '{name}'; there are {' '.join(NETWORKS)}")
    names = given.names or list(NETWORKS)
    if not os.path.exists(os.path.join(given.text, "tinyshakespeare.txt")):
        print(f"skipped: networks of texts: no tinyshakespeare.txt in {given.text}")
        names = [name for name in names if not NETWORKS[name][0].startswith("shakespeare")]
    python = os.environ.get("PEERS")
    hasTorch = python and subprocess.run([python, "-c", "import torch"], capture_output=True).returncode == 0
    if not hasTorch:
        print("skipped: PyTorch: " + (f"{python} doesn't have torch" if python else "$PEERS names no Python"))
    best, top = {}, 0.0
    with tempfile.TemporaryDirectory(prefix="nnc-bench-") as folder:
        peak, log = Peak(folder), os.path.join(folder, "log")
        for name in names:
            example, batch, steps, _ = NETWORKS[name]
            program, data = os.path.join(folder, name), MNIST if example.startswith("mnist") else given.text
            subprocess.run([NNC, "build", f"{ROOT}/examples/{example}.nn", "-o", program], check=True)
            for threads in thread_counts([1, 2]) * 3:
                top = max(top, peak.measure())
                pinned(threads, program, "train", "--data", data, "--batch", batch, "--steps", steps, "--threads", threads, "--quiet", "--log", log)
                runs = {"nnc": events(log, "end")[-1]["train_seconds"] / steps}
                os.remove(log)
                if hasTorch:
                    out = pinned(threads, python, f"{ROOT}/bench/peer_torch_networks.py", name, steps, threads, data)
                    runs["PyTorch, eager"] = float(re.search(r": ([\d.]+) s a step", out).group(1))
                for who, seconds in runs.items():
                    best[name, threads, who] = min(best.get((name, threads, who), float("inf")), seconds)
    print(f"peak of a core {top:.1f} GFLOP/s")
    print(f"{'network':8} {'':16} {'threads':>7} {'ms a step':>9} {'GFLOP/s':>8} {'share of peak':>13}")
    for (name, threads, who), seconds in best.items():
        rate = NETWORKS[name][1] * NETWORKS[name][3] / seconds / 1e9
        print(f"{name:8} {who:16} {threads:7} {seconds * 1e3:9.2f} {rate:8.1f} {rate / top / threads:13.2f}")


main()
