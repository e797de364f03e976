"""examples/mnist_mlp.nn as a whole: its losses against float64 and PyTorch, its bits against themselves."""
# RUN: %python %s
import json
import os
import signal
import subprocess
import time

import numpy as np

from reference import Adam, Mlp
from support import (HERE, MNIST, ROOT, build, check, events, finish, info, load_weights, losses, mnist_batches,
                     relative_error, run, same_weights, save_weights, shapes, tmp)

SOURCE = os.path.join(ROOT, "examples", "mnist_mlp.nn")
exe = build(SOURCE, "mnist_mlp")

# --- What it computes: the mathematics, from the same weights and batches.
NAMES = ["dense.w", "dense.b", "dense_2.w", "dense_2.b"]
SHAPES = [(784, 64), (64,), (64, 10), (10,)]
check(shapes(exe) == dict(zip(NAMES, SHAPES)), "the parameters have the names and shapes of the source", shapes(exe))
rng = np.random.default_rng(11)
start = [rng.normal(0, 0.05, s).astype(np.float32) for s in SHAPES]
save_weights(tmp("start"), dict(zip(NAMES, start)))
for batch in (32, 50, 7, 1):
    steps = 100 if batch != 1 else 40
    reference = Mlp(start)
    expected = reference.train(mnist_batches(batch, steps), Adam())
    found = losses(exe, "--weights", tmp("start"), "--no-shuffle", "--steps", steps, "--batch", batch, "--save", tmp("end"))
    error = relative_error(found, expected)
    check(error <= 1e-4, f"{steps} losses at batch {batch} agree with NumPy float64", f"{error:.1e}")
    end = load_weights(tmp("end"))
    far = max(float(np.abs(end[n] - p).max()) for n, p in zip(NAMES, reference.parameters))
    # Adam's step is lr * sign(g) where |g| is near eps, so single weights may part by a few steps of 1e-3.
    check(far <= 2e-3, f"  and so do the weights after them", f"{far:.1e}")

# The ragged last batch is trained on: 60000 = 8 * 7000 + 4000.
expected = Mlp(start).train(mnist_batches(7000, 12), Adam())
found = losses(exe, "--weights", tmp("start"), "--no-shuffle", "--steps", 12, "--batch", 7000)
check(relative_error(found, expected) <= 1e-4, "a ragged last batch is trained on too", f"{relative_error(found, expected):.1e}")

with open(os.path.join(HERE, "curves", "mnist_mlp.json"), encoding="utf-8") as file:
    curve = json.load(file)
rng = np.random.default_rng(curve["seed"])
save_weights(tmp("curve"), {n: rng.normal(0, 0.05, s).astype(np.float32) for n, s in zip(NAMES, SHAPES)})
found = losses(exe, "--weights", tmp("curve"), "--no-shuffle", "--steps", len(curve["losses"]))
error = relative_error(found, curve["losses"])
check(error <= 1e-4, f"{len(found)} losses agree with PyTorch {curve['torch']}", f"{error:.1e}")

for level in ("-O0", "-O1", "-O2"):
    other = losses(build(SOURCE, "mlp" + level, level), "--weights", tmp("start"), "--no-shuffle", "--steps", 60)
    error = relative_error(other, losses(exe, "--weights", tmp("start"), "--no-shuffle", "--steps", 60))
    check(error <= 1e-4, f"{level} and -O3 agree", f"{error:.1e}")

# --- The same bits: again, with other threads, resumed, killed.
def train(out, *options, steps=300, seed=5):
    return run(exe, "train", "--data", MNIST, "--seed", seed, "--steps", steps, "--save", tmp(out), "--quiet", *options)


for out, threads in (("a", 1), ("b", 1), ("c", 2), ("d", 3)):
    train(out, "--threads", threads)
check(same_weights(tmp("a"), tmp("b"), NAMES), "the same seed gives the same bits")
check(same_weights(tmp("a"), tmp("c"), NAMES) and same_weights(tmp("a"), tmp("d"), NAMES), "1, 2 and 3 threads give the same bits")
one = str(min(os.sched_getaffinity(0)))
outcome = run("taskset", "-c", one, exe, "train", "--data", MNIST, "--seed", 5, "--steps", 300, "--save", tmp("pinned"), "--quiet", "--log", tmp("pinned.log"))
check(outcome.status == 0 and events(tmp("pinned.log"), "start")[0]["threads"] == 1, "on one processor a program has one thread", outcome.err)
check(same_weights(tmp("a"), tmp("pinned"), NAMES), "  and the same bits")
train("other", seed=6)
check(not same_weights(tmp("a"), tmp("other"), NAMES), "another seed gives other bits")
train("half", steps=130)
train("resumed", "--resume", tmp("half"))
check(same_weights(tmp("a"), tmp("resumed"), NAMES), "130 steps resumed to 300 equal 300 at once")
train("long", steps=2500)
train("half", steps=1900)
train("resumed", "--resume", tmp("half"), steps=2500)
check(same_weights(tmp("long"), tmp("resumed"), NAMES), "resuming in the second epoch gives the same bits")

process = subprocess.Popen([exe, "train", "--data", MNIST, "--seed", "5", "--epochs", "50", "--save", tmp("killed"), "--save-every", "20", "--quiet"])
deadline = time.time() + 300
while not os.path.exists(tmp("killed")) and time.time() < deadline:
    time.sleep(0.002)
time.sleep(0.05)
process.kill()
process.wait()
train("after", "--resume", tmp("killed"), steps=2500)
check(os.path.exists(tmp("after")) and same_weights(tmp("long"), tmp("after"), NAMES), "killed and resumed gives the same bits")

# A shell that runs the tests in the background has them ignore SIGINT, and a program would inherit that.
signal.signal(signal.SIGINT, signal.SIG_DFL)
process = subprocess.Popen([exe, "train", "--data", MNIST, "--seed", "5", "--epochs", "200", "--save", tmp("stopped"), "--quiet"])
time.sleep(1.0)
process.send_signal(signal.SIGINT)
status = process.wait(timeout=300)
check(status == 130 and os.path.exists(tmp("stopped")), "SIGINT saves and exits with 130", status)

# --- What it learns, and whether what was saved is what was learnt.
outcome = run(exe, "train", "--data", MNIST, "--seed", 1, "--log", tmp("log"), "--save", tmp("best"), "--quiet")
epochs = events(tmp("log"), "epoch")
accuracy = epochs[-1]["accuracy"] if epochs else 0
check(len(epochs) == 5 and accuracy >= 0.965, "5 epochs of MNIST reach 96.5 %", accuracy)
outcome = run(exe, "eval", "--data", MNIST, "--weights", tmp("best"))
check(f"{accuracy:.4f}" in outcome.out, "eval of the saved weights says the same", outcome.out.strip())
outcome = run(exe, "predict", "--weights", tmp("best"), os.path.join(ROOT, "examples", "seven.png"))
check(outcome.status == 0 and json.loads(outcome.out)[0].get("class") == 7, "predict sees the seven in examples/seven.png", outcome.out[:200])
check(info(exe)["recipe"]["batch"] == 32, "info --json tells the recipe")
finish()
