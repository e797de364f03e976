"""Draws by step, batch and example: with several batches to a step, resumed, in evaluation; and steps by turns, loads and draws
in the library form, held against the program bit for bit. Arrays that lie column by column train as any other."""
# RUN: %python %s
import ctypes
import json
import os

import numpy as np

from support import NNC, build, check, close, finish, load_weights, losses, run, tmp, write

NOWHERE = tmp("nowhere")
U64, POINTER, FLOAT = ctypes.c_uint64, ctypes.c_void_p, ctypes.c_float
rng = np.random.default_rng(2)

# What is drawn is the loss, and nothing is learnt.
DRAWN = """
model shift(x: f32[batch]) -> y: f32[batch] {
  param w: f32 = ones()
  x * w
}

train shift {
  let x: f32[batch] = uniform(0, 1)
  loss       mean(shift(x))
  metric     spread = mean(shift(x) ^ 2)
  optimizer  sgd(lr: 0)
  batch      5
  steps      6
  accumulate %d
}
"""

MADE = """
model enc(code: f32[batch, 3]) -> out: f32[batch, 4] = code |> dense(4)

train enc {
  let noise: f32[batch, 3] = normal()
  let out = enc(noise)
  loss      mean(out ^ 2)
  optimizer sgd(lr: 0.1)
  batch     8
  steps     2
  predict   made = out
}
"""


def several_batches():
    one, two, three = (build(DRAWN % n, f"drawn{n}") for n in (1, 2, 3))
    single = losses(one, "--seed", 9, "--steps", 12, data=NOWHERE)
    check(len(set(single)) == 12, "each batch is drawn anew", single)
    for n, program, steps in ((2, two, 6), (3, three, 4)):
        found = losses(program, "--seed", 9, "--steps", steps, data=NOWHERE)
        check(np.array_equal(found, single.reshape(steps, n).sum(1) / n), f"steps of {n} batches draw what as many single ones do", found)
        losses(program, "--seed", 9, "--steps", 2, "--save", tmp("part"), data=NOWHERE)
        rest = losses(program, "--seed", 9, "--steps", steps, "--resume", tmp("part"), data=NOWHERE)
        check(np.array_equal(rest, found[2:]), "  resumed in the midst as well", (rest, found))
    check(not np.array_equal(losses(one, "--seed", 10, "--steps", 12, data=NOWHERE), single), "another seed draws otherwise")
    return one


def evaluation(program):
    seen = {}
    for seed in (3, 4):
        run(program, "train", "--seed", seed, "--steps", 1, "--quiet", "--save", tmp("w"))
        for batch, threads in ((5, 1), (1, 2), (7, 1), (80, 1), (1000, 1)):
            outcome = run(program, "eval", "--weights", tmp("w"), "--batch", batch, "--threads", threads, "--json")
            found = json.loads(outcome.out)
            seen.setdefault(seed, found)
            check(found["examples"] == 80 and all(abs(found[key] - seen[seed][key]) < 1e-7 for key in found),
                  f"evaluation draws by seed {seed} and example, at a batch of {batch}", found)
    check(seen[3]["spread"] != seen[4]["spread"], "and by the seed of the weights", seen)


# By turns, with a draw in the recipe and one in a layer, on weights that are loaded.
LAYER = """
layer drop(rate: float)(x: float[...s]) -> float[...s] {
  if training {
    let coin: float[...s] = uniform(0, 1)
    where(coin < rate, 0, x / (1 - rate))
  } else {
    x
  }
}

data points(x: f32[4], y: f32) {
  train npy(x: "x.npy", y: "y.npy")
}

"""
TURNS = LAYER + """
model turns(x: f32[batch, 4]) -> y: f32[batch] = x |> dense(8) |> tanh |> drop(0.25) |> dense(1) |> squeeze

train turns {
  data   points(x, y)
  load   "first.safetensors"
  let noise: f32[batch, 4] = normal()
  metric drawn = mean(noise ^ 2)
  step head {
    loss      mse(turns(x + 0.1 * noise), y)
    optimizer adam(lr: 0.01) for "dense_2.*"
  }
  step body every: 3 {
    loss      mse(turns(x), y)
    optimizer adam(lr: 0.01 * step / steps) for "dense.*"
  }
  batch   10
  steps   11
  shuffle false
}
"""
TOGETHER = LAYER + """
model together(x: f32[batch, 4]) -> y: f32[batch] = x |> dense(8) |> tanh |> drop(0.25) |> dense(1) |> squeeze

train together {
  data       points(x, y)
  load       "first.safetensors"
  let noise: f32[batch, 4] = normal()
  loss       mse(together(x + 0.1 * noise), y)
  metric     drawn = mean(noise ^ 2)
  optimizer  adam(lr: 0.01 * step / steps)
  clip       norm: 1.0
  ema        0.9
  accumulate 3
  batch      10
  steps      11
  shuffle    false
}
"""


class Library:
    def __init__(self, text, name):
        made = run(NNC, "build", write(name + ".nn", text), "--emit", "shared", "-o", tmp(f"lib{name}.so"))
        check(made.status == 0, f"the library of '{name}' is made", made.err)
        self.library, self.name, self.handle = ctypes.CDLL(tmp(f"lib{name}.so")), name, POINTER()
        self.function("message").restype = ctypes.c_char_p
        self.function("create")(U64(100), ctypes.c_uint32(1), ctypes.byref(self.handle))

    def function(self, name):
        return getattr(self.library, f"{self.name}_{name}")

    def call(self, name, *arguments):
        status = self.function(name)(self.handle, *arguments)
        return check(status == 0, f"  {name}", self.function("message")(self.handle)) if status else True

    def step(self, x, y):
        loss = FLOAT()
        self.call("train_step", U64(len(y)), x.ctypes.data_as(POINTER), y.ctypes.data_as(POINTER), ctypes.byref(loss))
        return loss.value


def same_bits(a, b):
    x, y = load_weights(a), load_weights(b)
    return sorted(set(x) ^ set(y)) + [name for name in x if name in y and x[name].tobytes() != y[name].tobytes()]


def library():
    folder = tmp("points")
    os.makedirs(folder, exist_ok=True)
    x = rng.normal(size=(330, 4)).astype(np.float32)
    y = np.tanh(x @ rng.normal(size=4)).astype(np.float32)
    np.save(os.path.join(folder, "x.npy"), x)
    np.save(os.path.join(folder, "y.npy"), y)
    os.environ["NN_DATA"] = folder
    # Weights to begin with are those of a training without the line that loads them.
    plain = build(TOGETHER.replace('  load       "first.safetensors"\n', ""), "plain")
    losses(plain, "--seed", 1, "--steps", 4, "--save", os.path.join(folder, "first.safetensors"), data=folder)
    for name, text, accumulate in (("turns", TURNS, 1), ("together", TOGETHER, 3)):
        program = build(text, name + "_program")
        curve = losses(program, "--seed", 7, "--save", tmp("program"), data=folder)
        check(len(curve) == 11, f"'{name}' trains", curve)
        made = Library(text, name)
        made.call("init", U64(7))
        found, at = [], 0
        for step in range(11):
            of_batch = []
            for _ in range(accumulate):
                of_batch.append(made.step(x[at:at + 10], y[at:at + 10]))
                at += 10
            found.append(np.mean(of_batch))
            if step == 4: # a session that was saved goes on in another
                made.call("save", tmp("between").encode())
                made.call("init", U64(8))
                made.call("resume", tmp("between").encode())
        check(close(np.array(found), curve, 1e-6), f"'{name}': the library's losses are the program's", (found, curve))
        made.call("save", tmp("library").encode())
        off = same_bits(tmp("program"), tmp("library"))
        check(not off, "  and so are all tensors, bit for bit", off)
        # Evaluation of one batch is the program's of a part that is as large.
        loss, metric = FLOAT(), FLOAT()
        made.call("eval_step", U64(80), x[:80].ctypes.data_as(POINTER), y[:80].ctypes.data_as(POINTER), ctypes.byref(loss), ctypes.byref(metric))
        np.save(os.path.join(folder, "x80.npy"), x[:80])
        np.save(os.path.join(folder, "y80.npy"), y[:80])
        eighty = build(text.replace("x.npy", "x80.npy").replace("y.npy", "y80.npy"), name + "_eighty")
        for batch in (80, 7):
            outcome = run(eighty, "eval", "--weights", tmp("library"), "--split", "train", "--json", "--batch", batch)
            want = json.loads(outcome.out or "{}")
            check(abs(want.get("train_loss", np.inf) - loss.value) < 1e-6 and abs(want["drawn"] - metric.value) < 1e-6,
                  f"  and what it evaluates, at a batch of {batch}", (outcome.out, outcome.err, loss.value, metric.value))
        made.call("destroy")
    return folder, x, y


def columns_first(folder, x, y):
    program = build(TURNS.replace('  load   "first.safetensors"\n', ""), "by_rows")
    want = losses(program, "--seed", 7, data=folder)
    other = tmp("by_columns")
    os.makedirs(other, exist_ok=True)
    np.save(os.path.join(other, "y.npy"), y)
    for what, array in (("column by column", np.asfortranarray(x)), ("column by column, highest byte first", np.asfortranarray(x.astype(">f4")))):
        np.save(os.path.join(other, "x.npy"), array)
        check(np.array_equal(losses(program, "--seed", 7, data=other), want), f"training on an array that lies {what}")


def made_from_draws():
    """Vectors that a recipe makes of noise are no logits of classes."""
    program = build(MADE, "made")
    outcome = run(program, "train", "--quiet", "--save", tmp("made.st"))
    outcome = run(program, "predict", "--weights", tmp("made.st"), "--count", 2)
    found = json.loads(outcome.out) if check(outcome.status == 0, "predict from draws", outcome.err) else []
    check(len(found) == 2 and all(set(each) == {"index", "made"} and len(each["made"]) == 4 for each in found), "vectors that are made have no class", outcome.out)
    outcome = run(program, "predict", "--weights", tmp("made.st"), "x.npy")
    check(outcome.status == 2 and "this recipe predicts from draws alone" in outcome.err, "and take no input", outcome.err)


evaluation(several_batches())
made_from_draws()
columns_first(*library())
finish()
