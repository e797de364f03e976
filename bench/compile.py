#!/usr/bin/env python3
"""How long nnc takes to build networks of more and more layers, phase by phase, and JAX to compile the same training step.

  bench/compile.py                         2, 8, 30 and 100 residual layers h = h + (h |> dense(128) |> relu)
  bench/compile.py --depths 4 16           others
  PEERS=/path/to/python bench/compile.py   JAX from that Python; otherwise from this one, if it has it

'cold' is a build with an empty kernel cache, 'warm' the same build again. Times are seconds, each the least of --rounds builds (default 2);
kernels are how many differ, and in how many places they are called. Of JAX: tracing and lowering, and XLA's compilation, in a fresh process each.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import NNC, ROOT  # noqa: E402

SOURCE = """model deep(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] {{
  let h = image / 255 |> flatten |> dense(128)
  for i in 0..{depth} {{ h = h + (h |> dense(128) |> relu) }}
  h |> dense(10)
}}

train deep {{
  data      mnist(image, label)
  loss      cross_entropy(logits, label)
  optimizer adam(lr: 1e-3)
  batch     32
  epochs    1
}}
"""


def build(source, cache):
    """({phase: seconds}, the line on kernels) of one build."""
    process = subprocess.run([NNC, "build", source, "-o", source + ".exe", "--time"], capture_output=True, text=True, env={**os.environ, "NNC_CACHE": cache})
    if process.returncode:
        raise SystemExit(process.stderr[-2000:])
    phases = {m[1]: float(m[2]) / 1e3 for m in re.finditer(r"^(\w[\w ]*?) +([\d.]+) ms", process.stderr, re.M)}
    return phases, re.search(r"^kernels (\d+), called in (\d+) places, (\w+) of them in the cache", process.stderr, re.M)


def measure(depth, rounds):
    """The best build of each kind: [(name, phases, kernels)]."""
    runs = {"cold": [], "warm": []}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="nnc-bench-") as folder:
            source = os.path.join(folder, "deep.nn")
            with open(source, "w", encoding="utf-8") as file:
                file.write(SOURCE.format(depth=depth))
            for kind in ("cold", "warm"):
                runs[kind].append(build(source, os.path.join(folder, "cache")))
    return [(kind, *min(found, key=lambda run: run[0]["total"])) for kind, found in runs.items()]


def jax(python, depth, rounds):
    """(seconds of tracing and lowering, of compiling), each the least."""
    runs = []
    for _ in range(rounds):
        out = subprocess.run([python, f"{ROOT}/bench/peer_jax_compile.py", str(depth)], check=True, capture_output=True, text=True).stdout
        runs.append([float(word) for word in out.split()])
    return [min(times) for times in zip(*runs)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--depths", nargs="+", type=int, default=[2, 8, 30, 100])
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    python = os.environ.get("PEERS", sys.executable)
    has_jax = subprocess.run([python, "-c", "import jax"], capture_output=True).returncode == 0
    if not has_jax:
        print(f"skipped: JAX: {python} doesn't have it; $PEERS names a Python that does")
    header = None
    for depth in options.depths:
        for kind, phases, kernels in measure(depth, options.rounds):
            names = list(phases)
            if names != header:
                header = names
                print(f"{'layers':>6}      " + "".join(f" {name:>{max(7, len(name))}}" for name in names) + "  kernels: differ called cached")
            print(f"{depth:6} {kind}" + " " + "".join(f" {phases[name]:{max(7, len(name))}.2f}" for name in names)
                  + f"           {kernels[1]:>6} {kernels[2]:>6} {kernels[3]:>6}", flush=True)
        if has_jax:
            lowered, compiled = jax(python, depth, options.rounds)
            print(f"{depth:6} JAX: {lowered:.2f} traced and lowered + {compiled:.2f} compiled = {lowered + compiled:.2f}", flush=True)


main()
