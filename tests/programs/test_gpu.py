"""Programs for GPUs, run by the emulator, which checks what the kernels do: the losses of the CPU, the same bits each time."""
# RUN: %python %s
import json
import os

import numpy as np

from support import (NNC, build, check, events, finish, info, load_weights, losses, relative_error, run, same_weights, tmp, write)

DATA = tmp("data")
os.makedirs(DATA)
rng = np.random.default_rng(3)
for part, count in (("train", 45), ("test", 7)):
    np.save(os.path.join(DATA, f"{part}_x.npy"), rng.normal(size=(count, 6, 5, 3)).astype(np.float32))
    np.save(os.path.join(DATA, f"{part}_k.npy"), rng.integers(0, 11, size=(count, 6)).astype(np.int32))
    np.save(os.path.join(DATA, f"{part}_y.npy"), rng.integers(0, 4, size=count).astype(np.int32))
HEAD = """data examples(x: f32[6, 5, 3], k: index(11)[6], y: index(4)) {
  train npy(x: "train_x.npy", k: "train_k.npy", y: "train_y.npy")
  test  npy(x: "test_x.npy", k: "test_k.npy", y: "test_y.npy")
}
"""
RECIPE = """
train m {
  data      examples(x, k, y)
  loss      cross_entropy(logits, y)
  metric    accuracy(logits, y)
  optimizer adam(lr: 1e-2)
  batch     8
  epochs    3
  %s
}
"""
IMAGES = """
layer conv(units: int)(x: float[batch, h, w, c]) -> float[batch, h - 1, w - 1, units] {
  param weight: float[2, 2, c, units] = glorot_uniform()
  einsum("b h w i j c, i j c u -> b h w u", windows(x, size: [2, 2]), weight)
}
layer drop(rate: float)(x: float[...s]) -> float[...s] {
  if training {
    let coin: float[...s] = uniform(0, 1)
    where(coin < rate, 0, x / (1 - rate))
  } else {
    x
  }
}
layer norm(x: float[batch, n]) -> float[batch, n] {
  state centre: float[n] = zeros()
  if training {
    let m = mean(x, axis: 0)
    centre = 0.9 * centre + 0.1 * m
    x - m
  } else {
    x - centre
  }
}
model m(x: f32[batch, 6, 5, 3], k: index(11)[batch, 6]) -> logits: f32[batch, 4] {
  x |> conv(5) |> relu |> max_pool(2) |> flatten |> norm |> drop(0.2) |> dense(13) |> tanh |> dense(4)
}
"""
LOOPS = """
layer cell(units: int)(x: float[batch, time, n]) -> float[batch, units] {
  param w: float[n + units, 2 * units] = glorot_uniform()
  scan xt in x over time {
    state h: float[batch, units] = zeros()
    let (a, b) = split(concat(xt, h) @ w, 2)
    h = sigmoid(a) * tanh(b) + (1 - sigmoid(a)) * h
    h
  }
}
layer table(count: int, width: int)(k: index(count)[batch, time]) -> f32[batch, time, width] {
  param rows: f32[count, width] = normal(0.3)
  rows[k]
}
model m(x: f32[batch, 6, 5, 3], k: index(11)[batch, 6]) -> logits: f32[batch, 4] {
  concat(k |> table(11, 7), x |> reshape([batch, 6, 15])) |> cell(9) |> dense(4)
}
"""
SCANS = """
layer rows(units: int)(x: float[batch, time, n, m]) -> float[batch, time, units] {
  param w: float[m + units, units] = glorot_uniform()
  let up = dense(units)
  scan image in x over time {
    state h: float[batch, units] = zeros()
    let line = scan row in image over n {
      state s: float[batch, units] = zeros()
      s = tanh(concat(row, s) @ w + h)
      s
    }
    h = h + tanh(up(concat(line, 0.5 * h)))
    yield h
  }
}
model m(x: f32[batch, 6, 5, 3], k: index(11)[batch, 6]) -> logits: f32[batch, 4] {
  let h = x |> rows(7)
  let back = scan i in 0..6 {
    state s: f32[batch, 7] = zeros()
    s = 0.5 * s + h[:, 5 - i]
    s
  }
  back |> dense(4)
}
"""


def train(program, device, name, *options):
    """The losses of a run whose checkpoint is tmp(name)."""
    return losses(program, "--device", device, "--seed", 2, "--save", tmp(name), *options, data=DATA)


def compare(name, text, *clauses):
    program = build(HEAD + text + RECIPE % "\n  ".join(clauses), name, "--target", "cuda")
    facts = info(program)
    names = [p["name"] for p in facts["params"]] + [b["name"] for b in facts["buffers"]]
    cpu, gpu = train(program, "cpu", "c"), train(program, "emulator", "e")
    check(len(cpu) == 18 and relative_error(gpu, cpu) < 1e-5, f"{name}: the emulator's losses are the CPU's",
          relative_error(gpu, cpu))
    train(program, "emulator:fast", "f", "--threads", 1)
    check(same_weights(tmp("e"), tmp("f"), names), f"{name}: unchecked and on one thread, the bits are the same")
    means = [row["loss"] for row in events(tmp("losses.jsonl"), "epoch")]
    outcome = run(program, "train", "--data", DATA, "--device", "emulator:fast", "--seed", 2, "--save", tmp("seldom"),
                  "--log", tmp("seldom.jsonl"), "--log-every", 1000)
    check(outcome.status == 0 and means == [row["loss"] for row in events(tmp("seldom.jsonl"), "epoch")]
          and same_weights(tmp("f"), tmp("seldom"), names), f"{name}: steps that nobody looks at have the same bits and means",
          outcome.err)
    train(program, "emulator", "half", "--steps", 7)
    train(program, "emulator", "whole", "--resume", tmp("half"))
    check(same_weights(tmp("e"), tmp("whole"), names), f"{name}: stopped within an epoch and resumed, they are, too")
    train(program, "cpu", "there", "--steps", 7)
    moved = train(program, "emulator", "moved", "--resume", tmp("there"))
    check(len(moved) == 11 and relative_error(moved, cpu[7:]) < 1e-5, f"{name}: a checkpoint moves between devices")
    for device in ("cpu", "emulator"):
        outcome = run(program, "eval", "--weights", tmp("e"), "--data", DATA, "--device", device)
        check(outcome.status == 0 and "accuracy" in outcome.out, f"{name}: its weights are evaluated on {device}", outcome.err)
    kernels = facts["kernels"]
    check(kernels and sum(k["launches_per_step"] or 0 for k in kernels) > 0 and facts["chips"][-1] == "ptx",
          f"{name}: info lists kernels and chips", facts.get("chips"))
    return program


program = compare("images", IMAGES)
for name, text in (("loops", LOOPS), ("scans", SCANS)):
    kernels = info(compare(name, text, "clip norm: 1.0", "ema 0.9"))["kernels"]
    launches = sum(k["launches_per_step"] or 0 for k in kernels)
    check(0 < launches <= 3, f"{name}: loops are within launches", launches)

# What is drawn is computed in arithmetic that every machine rounds alike.
DRAWS = """
model m(x: TYPE[batch, 32]) -> y: TYPE[batch, 64] {
  param a: TYPE[32, 64] = normal(1)
  param b: TYPE[32, 64] = uniform(-1, 1)
  x @ a + (x |> dropout(0.5)) @ b
}
train m {
  let x: TYPE[batch, 32] = normal()
  loss mean(m(x) ^ 2)
  optimizer sgd(lr: 0.0)
  batch 4
  steps 3
}
"""
for element in ("f32", "f64"):
    drawn = build(DRAWS.replace("TYPE", element), f"draws-{element}", "--target", "cuda")
    per_device = {}
    for device in ("cpu", "emulator"):
        outcome = run(drawn, "train", "--device", device, "--seed", 3, "--log", tmp(f"{device}.jsonl"), "--log-every", 1, "--quiet",
                      "--save", tmp(device))
        check(outcome.status == 0, f"draws in {element}: trains on {device}", outcome.err)
        per_device[device] = [row["loss"] for row in events(tmp(f"{device}.jsonl"), "step")]
    check(same_weights(tmp("cpu"), tmp("emulator"), ("a", "b")), f"draws in {element}: the first weights have the same bits on both devices")
    check(len(per_device["cpu"]) == 3 and relative_error(per_device["emulator"], per_device["cpu"]) < 1e-5,
          f"draws in {element}: examples and dropout are the same", per_device)

# Where one row alone is looked up, the host would have to know which, to add to it.
ROW = """
model m(x: f32[batch, 6, 5, 3], k: index(11)[batch, 6]) -> logits: f32[batch, 4] {
  param rows: TYPE[11, 7] = normal(0.3)
  param shifts: TYPE[6, 4] = normal(0.3)
  (rows[k[:, 2]] |> dense(4)) + shifts[argmax(x[:, :, 0, 0], axis: -1)] |> as_f32
}
fn as_f32(x: float[...s]) -> f32[...s] = x as f32
"""
for element in ("f32", "f16"):
    row = build(HEAD + ROW.replace("TYPE", element) + RECIPE.replace("batch     8", "batch     1").replace("epochs    3", "steps     9") % "",
                f"row-{element}", "--target", "cuda")
    cpu, gpu = train(row, "cpu", "c"), train(row, "emulator", "e")
    check(len(cpu) == 9 and relative_error(gpu, cpu) < (1e-4 if element == "f32" else 2e-2), f"one row of a table in {element}: the emulator's losses are the CPU's",
          relative_error(gpu, cpu))

# A product of one row or column is no product of matrices: no device multiplies it in fewer digits.
COLUMN = """
model m(x: f32[batch, 6, 5, 3], k: index(11)[batch, 6]) -> logits: f32[batch, 4] {
  let h = x |> reshape([batch, 90]) |> dense(16) |> relu
  concat(h |> dense(1), h |> dense(3))
}
"""
for precision in ("tf32", "bf16"):
    narrow = build(HEAD + COLUMN + RECIPE % "", f"column-{precision}", "--target", "cuda", "--precision", precision)
    cpu, gpu = train(narrow, "cpu", "c"), train(narrow, "emulator", "e")
    check(len(cpu) == 18 and relative_error(gpu, cpu) < 1e-4, f"products of one column in a program in {precision}: the emulator's losses are the CPU's",
          relative_error(gpu, cpu))

text = run(program, "info").out
check("built for GPUs" in text and "in a training step" in text and "registers: of a thread" in text, "info says so in words, too")
outcome = run(program, "train", "--data", DATA, "--device", "cuda", "--steps", 1)
if outcome.status:  # Where there is a GPU it trains.
    check(outcome.status == 1 and any(word in outcome.err for word in ("libcuda", "driver", "device")),
          "without a GPU, --device cuda says what is missing", outcome.err)
auto = train(program, "auto", "auto", "--steps", 2)
check(len(auto) == 2, "--device auto takes what is there")

# A loss that is not finite is noticed late, and told as if it had been noticed at once.
program = build((HEAD + IMAGES + RECIPE % "").replace("adam(lr: 1e-2)", "sgd(lr: 1e38)"), "exploding", "--target", "cuda")
told = {}
for device in ("cpu", "emulator:fast"):
    told[device] = run(program, "train", "--data", DATA, "--device", device, "--seed", 2)
check(told["cpu"].status == 1 and "is not finite" in told["cpu"].err and told["cpu"].err == told["emulator:fast"].err,
      "a loss that is not finite is told with its step", told["emulator:fast"].err)

# Which chips, and what a machine needs.
source = write("small.nn", HEAD + IMAGES + RECIPE % "")
for options, words in ((("--gpu", "sm_12345"), "sm_12345"), (("--gpu", "sm_80,volta"), "volta"), (("--gpu", "sm_70"), "older")):
    outcome = run(NNC, "build", source, "--target", "cuda", *options, "-o", tmp("z"))
    check(outcome.status == 2 and words in outcome.err and not os.path.exists(tmp("z")),
          f"{' '.join(options)} is refused", outcome.err)
chips = {}
for name, options, own in (("any", ("--gpu", "ptx"), {}), ("two", ("--gpu", "sm_90a,sm_80"), {"NNC_PTXAS": ""})):
    outcome = run(NNC, "build", source, "--target", "cuda", *options, "-o", tmp(name), env={**os.environ, **own})
    check(outcome.status == 0, f"build {' '.join(options)}", outcome.err)
    chips[name] = json.loads(run(tmp(name), "info", "--json").out)["chips"]
check(chips["any"] == ["ptx"] and chips["two"] == ["ptx", "ptx"], "without an assembler, chips are left to the driver", chips)
outcome = run(NNC, "build", source, "--target", "cuda", "-o", tmp("z"), env={**os.environ, "NNC_PTXAS": "/no/such"})
check(outcome.status == 1 and "NNC_PTXAS" in outcome.err and not os.path.exists(tmp("z")), "a missing assembler is told", outcome.err)
outcome = run(NNC, "build", source, "--target", "cuda", "--emit", "ptx", "-o", "-")
check(outcome.status == 0 and ".entry" in outcome.out and ".target sm_90" in outcome.out, "--emit ptx prints the kernels", outcome.err)
idle = write("idle.sh", "#!/bin/sh\n")
os.chmod(idle, 0o755)
outcome = run(NNC, "build", source, "--target", "cuda", "-o", tmp("z"), env={**os.environ, "NNC_PTXAS": idle})
check(outcome.status == 1 and "no code for 'sm_90'" in outcome.err and not os.path.exists(tmp("z")),
      "an assembler that writes nothing is told", outcome.err)
tiny = write("tiny.nn", "model m(x: f32[batch]) -> y: f32[batch] = exp(x)\n")
versions = {}
for chip in ("sm_90", "sm_100", "sm_103", "sm_110", "sm_121f"):
    outcome = run(NNC, "build", tiny, "--target", "cuda", "--gpu", chip, "--emit", "ptx", "-o", "-")
    versions[chip] = next((line.split()[1] for line in outcome.out.splitlines() if line.startswith(".version")), outcome.err)
check(versions == {"sm_90": "8.0", "sm_100": "8.6", "sm_103": "8.8", "sm_110": "9.0", "sm_121f": "8.8"},
      "each chip has the oldest PTX that knows it", versions)
plain = build(source, "plain")
outcome = run(plain, "train", "--data", DATA, "--device", "emulator")
check(outcome.status != 0 and "--target cuda" in outcome.err, "a program for CPUs says how to build one for GPUs", outcome.err)
finish()
