"""States of layers, draws, several symbolic dimensions, and metrics over a whole part."""
# RUN: %python %s
import os
import re

import numpy as np

from support import (NNC, build, check, close, events, finish, load_weights, predict, run, save_weights, tmp, write)

DATA = tmp("points")
os.makedirs(DATA)
rng = np.random.default_rng(9)
W = rng.normal(size=6)
PARTS = {}
for part, count in (("train", 501), ("test", 203)):
    x = rng.normal(1, 2, size=(count, 6)).astype(np.float32)
    PARTS[part] = x.astype(float), x @ W + rng.normal(size=count) > 2
    np.save(os.path.join(DATA, f"{part}_x.npy"), x)
    np.save(os.path.join(DATA, f"{part}_y.npy"), PARTS[part][1])
POINTS = """data points(x: f32[6], y: bool) {
  train npy(x: "train_x.npy", y: "train_y.npy")
  test  npy(x: "test_x.npy",  y: "test_y.npy")
}
"""
NUMBER = r"^\s*%s\s+(-?[\d.]+(?:e-?\d+)?|-?nan|-?inf)\b"


def evaluated(program, weights, name, *options):
    outcome = run(program, "eval", "--data", DATA, "--weights", weights, *options)
    found = re.search(NUMBER % name, outcome.out, re.M)
    return float(found[1]) if found else outcome.out + outcome.err


def layer_states():
    text = POINTS + """
layer centred(momentum: float = 0.9)(x: float[batch, c]) -> float[batch, c] {
  state centre: float[c] = zeros()
  state passes: f32 = zeros()
  if training {
    let m = mean(x, axis: 0)
    centre = momentum * centre + (1 - momentum) * m
    passes = passes + 1
    x - m
  } else {
    x - centre
  }
}

model line(x: f32[batch, 6]) -> score: f32[batch] {
  param w: f32[6] = ones()
  x |> centred |> centred(0.5) |> weigh(w)
}

fn weigh(x: f32[batch, n], w: f32[n]) -> f32[batch] = x @ w

train line {
  data      points(x, y)
  loss      binary_cross_entropy(score, y)
  metric    precision = sum((score > 0) and y) / sum(score > 0)
  metric    spread = sqrt(mean((score - mean(score)) ^ 2))
  metric    largest = max(abs(score))
  metric    lowest = min(score, axis: 0)
  metric    deviation = std(score, axis: 0)
  metric    nothing = sum(score > 1e30) / sum(score > 1e30)
  optimizer sgd(lr: 0.1)
  batch     64
  epochs    2
  shuffle   false
}
"""
    program = build(text, "line")
    run(program, "train", "--data", DATA, "--quiet", "--save", tmp("line.w"))
    weights = load_weights(tmp("line.w"))
    x, y = PARTS["train"]
    centre, second, w = np.zeros(6), np.zeros(6), np.ones(6)
    for _ in range(2):
        for at in range(0, 501, 64):
            batch, truth = x[at : at + 64], y[at : at + 64]
            m = batch.mean(0)
            centre = 0.9 * centre + 0.1 * m
            second = 0.5 * second  # the mean of what is centred is 0
            z = (batch - m) @ w
            w = w - 0.1 * ((1 / (1 + np.exp(-z)) - truth) @ (batch - m)) / len(truth)
    check(close(weights.get("centred.centre"), centre, 1e-4), "a state is renewed at every step, the ragged one too", sorted(weights))
    check(close(weights.get("centred_2.centre"), second, 1e-4, 1e-5), "  and that of the second layer of the name")
    check(close(weights.get("centred.passes"), 16.0, 0), "  a state may be a scalar", weights.get("centred.passes"))
    check(close(weights.get("w"), w, 1e-3), "  and training uses the batch's own")
    x, y = PARTS["test"]
    score = (x - weights["centred.centre"] - weights["centred_2.centre"]) @ weights["w"]
    wanted = {"precision": ((score > 0) & y).sum() / (score > 0).sum(), "spread": score.std(), "largest": np.abs(score).max(), "lowest": score.min(),
              "deviation": score.std()}
    for batch in (203, 64, 32, 7, 1):
        for name, want in wanted.items():
            found = evaluated(program, tmp("line.w"), name, "--batch", batch)
            check(isinstance(found, float) and abs(found - want) <= 2e-4 * max(1, abs(want)), f"{name} over the whole part, in batches of {batch}", (found, want))
    outcome = run(program, "eval", "--data", DATA, "--weights", tmp("line.w"))
    check(re.search(r"^\s*nothing\s+nan\b", outcome.out, re.M), "0 / 0 is printed as nan, without a sign", outcome.out)
    poisoned = {name: value.copy() for name, value in weights.items()}
    poisoned["w"][3] = -np.nan
    save_weights(tmp("poisoned"), {name: value for name, value in poisoned.items() if not name.startswith("optimizer/")})
    outcome = run(program, "eval", "--data", DATA, "--weights", tmp("poisoned"))
    check("-nan" not in outcome.out + outcome.err and re.search("nan|not finite", outcome.err, re.I), "weights with a NaN are spoken of",
          (outcome.out + outcome.err)[:300])


SERIES = """data series(x: f32[6]) {
  train npy(x: "train_x.npy")
  test  npy(x: "test_x.npy")
}

layer tracked(momentum: float = 0.9)(x: f32[batch]) -> f32[batch] {
  state centre: f32 = zeros()
  state passes: f32 = zeros()
  param w: f32 = ones()
  if training {
    let m = mean(x)
    centre = momentum * centre + (1 - momentum) * m
    passes = passes + 1
    w * (x - centre) * passes
  } else {
    w * (x - centre) * passes
  }
}

model walk(x: f32[batch, 6]) -> y: f32[batch] {
  let see = tracked()
  let before = see(x[:, 0])
  let pairs: f32[batch, three, two] = reshape(x, [batch, 3, 2])
  let sums = scan pair in pairs over three {
    state sum: f32[batch] = zeros()
    let inner = scan v in pair over two {
      state s: f32[batch] = zeros()
      s = s + see(v)
      s
    }
    sum = sum + inner
    sum
  }
  before + sums + see(x[:, 1])
}

train walk {
  data      series(x)
  loss      (y - 1) ^ 2
  optimizer sgd(lr: 1e-6)
  batch     50
  ACCUMULATE
  steps     4
  shuffle   false
}
"""


def states_in_scans():
    """Each pass meets what the one before it left: the values, the gradients, and the bits after a resumption."""
    x = PARTS["train"][0]
    for accumulate in (1, 2):
        program = build(SERIES.replace("ACCUMULATE", f"accumulate {accumulate}" if accumulate > 1 else ""), "walk")
        run(program, "train", "--data", DATA, "--quiet", "--save", tmp("walk.w"))
        weights = load_weights(tmp("walk.w"))
        centre, passes, w = 0.0, 0, 1.0
        for step in range(4):
            gradients = []
            for part in range(accumulate):
                at = (step * accumulate + part) * 50
                batch, total = x[at : at + 50], 0
                for column in (0, *range(6), 1):
                    v = batch[:, column]
                    centre = 0.9 * centre + 0.1 * v.mean()
                    passes += 1
                    total = total + (v - centre) * passes
                gradients.append((2 * (w * total - 1) * total).mean())
            w -= 1e-6 * np.mean(gradients)
        of = f"a layer's state within nested scans, accumulate {accumulate}: "
        check(close(weights.get("see.passes"), passes, 0), of + "a pass counts once", weights.get("see.passes"))
        check(close(weights.get("see.centre"), centre, 1e-5), of + "a mean follows the passes", weights.get("see.centre"))
        check(close(weights.get("see.w") - 1, w - 1, 1e-4), of + "the gradient", (weights.get("see.w"), w))
        run(program, "train", "--data", DATA, "--quiet", "--save", tmp("half.w"), "--steps", 2)
        run(program, "train", "--data", DATA, "--quiet", "--resume", tmp("half.w"), "--save", tmp("whole.w"))
        check(all((value == load_weights(tmp("whole.w"))[name]).all() for name, value in weights.items()), of + "the same bits when resumed")
        found = predict(program, tmp("walk.w"), x=x[:7].astype(np.float32))
        want = sum(weights["see.w"] * (x[:7, c] - weights["see.centre"]) * passes for c in (0, *range(6), 1))
        check(close(found.get("y"), want, 1e-4), of + "evaluation reads it")
    outcome = run(NNC, "gradcheck", tmp("walk.nn"), "--data", DATA)
    check(outcome.status == 0, "gradcheck of a state within a scan", outcome.out + outcome.err)
    outcome = run(NNC, "gradcheck", write("norm.nn", """model m(x: f32[batch, 3, 4]) -> y: f32[batch, 3, 4] {
  let z: f32[batch, time, 4] = x
  scan v in z over time { yield v |> dense(4) |> batch_norm }
}
train m {
  let x: f32[batch, 3, 4] = normal()
  loss      m(x) ^ 3
  optimizer sgd(lr: 0.1)
  batch     8
  steps     2
}
"""))
    check(outcome.status == 0, "gradcheck of batch_norm within a scan", outcome.out + outcome.err)


DRAWS = """
layer dropout_twice(rate: float)(x: float[...s]) -> float[...s] {
  if training {
    let first: float[...s] = uniform(0, 1)
    let second: float[...s] = uniform(0, 1)
    where(first < rate, 0, x) + 1000 * where(second < rate, 0, x)
  } else {
    let coin: float[...s] = uniform(0, 1)
    x * coin
  }
}

model noisy(x: f32[batch, 6]) -> y: f32[batch, 6] {
  param w: f32[6] = zeros()
  0 * x + 1 + w |> dropout_twice(0.25)
}

train noisy {
  data      points(x)
  loss      kept = y % 10
  loss      kept_too = (y - y % 10) / 1000
  loss      both = (y % 10) * (y - y % 10) / 1000
  metric    drawn = mean(y)
  metric    spread = sqrt(mean((y - mean(y)) ^ 2))
  optimizer sgd(lr: 0)
  batch     50
  epochs    4
}
"""


def draws():
    program = build(POINTS + DRAWS, "noisy")
    log = tmp("noisy.log")
    logs = []
    for options in (["--seed", 1], ["--seed", 1, "--threads", 2], ["--seed", 2]):
        if os.path.exists(log):
            os.remove(log)
        outcome = run(program, "train", "--data", DATA, "--quiet", "--log", log, "--log-every", 1, "--save", tmp("noisy.w"), *options)
        check(outcome.status == 0, f"draws {options}", outcome.err[-300:])
        logs.append([(r["loss_kept"], r["loss_kept_too"], r["loss_both"]) for r in events(log, "step")])
    check(logs[0] == logs[1], "draws are the same for any number of threads")
    check(logs[0] != logs[2], "  and others with another seed")
    mean = np.mean(logs[0], 0)
    # 44 steps of 300 elements: a standard error of 0.004.
    check(np.abs(mean - [0.75, 0.75, 0.5625]).max() < 0.02, "two draws of a layer are two draws", mean)
    check(len(set(logs[0])) > 30, "each step has its own", len(set(logs[0])))
    values = {batch: evaluated(program, tmp("noisy.w"), "spread", "--batch", batch) for batch in (203, 50, 7, 1)}
    check(len({f"{v:.4f}" if isinstance(v, float) else v for v in values.values()}) == 1 and abs(values[203] - 12**-0.5) < 0.02,
          "draws in evaluation are the examples' own, in whatever batch", values)


SHARED = """
model a(x: f32[batch, 6]) -> y: f32[batch] {
  param w: f32[6] = zeros()
  x @ w
}

train a {
  data      points(x)
  let coin: f32[batch] = uniform(0, 1)
  step one {
    loss      first = coin + a(x)
    optimizer sgd(lr: 0)
  }
  step two every: 2 {
    loss      second = coin + a(x)
    optimizer sgd(lr: 0)
  }
  batch     50
  epochs    1
}
"""


def shared_draws():
    program = build(POINTS + SHARED, "shared")
    run(program, "train", "--data", DATA, "--quiet", "--log", tmp("shared.log"), "--log-every", 1, "--save", tmp("shared.w"))
    rows = events(tmp("shared.log"), "step")
    both = [row for row in rows if "loss_second" in row]
    check(len(rows) == 11 and len(both) == 5 and all(row["loss_first"] == row["loss_second"] for row in both),
          "a recipe's draw is one a batch, shared by its blocks", rows[:2])
    check(len({row["loss_first"] for row in rows}) == 11, "  and another in the next")


def accumulated_dropout():
    """Each of the batches of a step has draws of its own."""
    text = POINTS + """
model net(x: f32[batch, 6]) -> y: f32[batch] {
  param w: f32[6] = zeros()
  let coin: f32[batch] = uniform(0, 1)
  x @ w + coin
}

train net {
  data       points(x)
  loss       mean(y)
  optimizer  sgd(lr: 0)
  accumulate %d
  batch      50
  epochs     2
  shuffle    false
}
"""
    curves = []
    for count in (1, 2):
        program = build(text % count, "accumulated")
        if os.path.exists(tmp("accumulated.log")):
            os.remove(tmp("accumulated.log"))
        run(program, "train", "--data", DATA, "--quiet", "--log", tmp("accumulated.log"), "--log-every", 1, "--save", tmp("accumulated.w"))
        curves.append([row["loss"] for row in events(tmp("accumulated.log"), "step")])
    pairs = [(a + b) / 2 for a, b in zip(curves[0][::2], curves[0][1::2])]
    check(len(curves[0]) == 22 and len(curves[1]) == 11 and close(np.array(curves[1]), pairs, 1e-5), "draws under accumulate are those of the batches",
          (curves[1][:3], pairs[:3]))


def symbolic_dimensions():
    program = build("""model pairing(center: f32[batch, 8], other: f32[batch, k, 8], third: f32[batch, l]) -> (score: f32[batch, k], table: f32[batch, k, l]) {
  param w: f32[8, 8] = glorot_uniform()
  let s = einsum("b w, b k w -> b k", center @ w, other)
  (softmax(s), s[:, :, new] * third[:, new, :])
}
""", "dims")
    w = rng.normal(size=(8, 8)).astype(np.float32)
    save_weights(tmp("dims.w"), {"w": w})
    for b, k, l in ((5, 3, 2), (1, 1, 1), (7, 40, 17), (2, 17, 1), (33, 31, 8), (64, 1, 64)):
        center, other, third = (rng.normal(size=s).astype(np.float32) for s in ((b, 8), (b, k, 8), (b, l)))
        found = predict(program, tmp("dims.w"), center=center, other=other, third=third)
        s = np.einsum("bw,bkw->bk", center.astype(float) @ w, other.astype(float))
        e = np.exp(s - s.max(1, keepdims=True))
        check(close(found.get("score"), e / e.sum(1, keepdims=True), 1e-4, 1e-6) and close(found.get("table"), s[:, :, None] * third[:, None], 1e-4, 1e-4),
              f"three symbolic dimensions: {b}, {k}, {l}")
    np.save(tmp("c.npy"), np.ones((3, 8), np.float32))
    np.save(tmp("o.npy"), np.ones((4, 2, 8), np.float32))
    np.save(tmp("t.npy"), np.ones((3, 2), np.float32))
    outcome = run(program, "predict", "--weights", tmp("dims.w"), f"center={tmp('c.npy')}", f"other={tmp('o.npy')}", f"third={tmp('t.npy')}")
    check(outcome.status == 1 and "o.npy" in outcome.err and "c.npy" in outcome.err, "inputs that disagree in one are refused, with both files", outcome.err[:300])


def joined_symbolic():
    """Sizes that only a call knows, joined and taken apart again; gradients, and training on pairs of a batch."""
    program = build("""model m(a: f32[batch, n], b: f32[batch, k]) -> (whole: f32[batch], last: f32[batch], twice: f32[batch, n], da: f32[batch, n], db: f32[batch, k], dda: f32[batch, n]) {
  let c = concat(a, b, a)
  let places = iota(2 * n + k) as f32
  let score = sum(c ^ 3 * places, axis: 1)
  let (first, _) = split(concat(a, 2 * a, axis: 1), 2)
  let (top, bottom) = split(concat(a, 3 * a, axis: 0), 2, axis: 0)
  let da = gradient(score, wrt: a)
  (score, max(c, axis: 1), first + top + bottom, da, gradient(score, wrt: b), gradient(sum(da ^ 2, axis: 1), wrt: a))
}
""", "joined")
    for batch, n, k in ((3, 4, 5), (1, 1, 1), (17, 33, 2), (5, 64, 31)):
        a, b = rng.normal(size=(batch, n)).astype(np.float32), rng.normal(size=(batch, k)).astype(np.float32)
        found = predict(program, a=a, b=b)
        a, b = a.astype(float), b.astype(float)
        c, p = np.concatenate([a, b, a], 1), np.arange(2.0 * n + k)
        both = p[:n] + p[n + k :]
        want = {"whole": (c**3 * p).sum(1), "last": c.max(1), "twice": 5 * a, "da": 3 * a**2 * both, "db": 3 * b**2 * p[n : n + k], "dda": 36 * a**3 * both**2}
        for name, value in want.items():
            check(close(found.get(name), value, 1e-4, 1e-4), f"joined sizes {n} + {k} + {n} at batch {batch}: {name}")
    text = """model see(x: f32[batch, 4]) -> code: f32[batch, 3] = x |> dense(5) |> tanh |> dense(3)
train see {
  let x: f32[batch, 4] = normal()
  let noise: f32[batch, 4] = normal(0.1)
  let both = concat(see(x), see(x + noise), axis: 0)
  let (left, right) = split(both, 2, axis: 0)
  loss      (left - right) ^ 2
  loss      spread = (mean(concat(left, 2 * right, axis: 0) ^ 2) - 1) ^ 2
  optimizer sgd(lr: 0.1)
  batch     8
  steps     3
}
"""
    outcome = run(NNC, "gradcheck", write("pairs.nn", text))
    check(outcome.status == 0, "gradcheck of what joins a batch with itself", outcome.out + outcome.err)
    outcome = run(build(text, "pairs"), "train", "--batch", 5, "--quiet")
    check(outcome.status == 0, "  which trains at another batch too", outcome.err)


def states_of_branches():
    """A layer in a branch renews its states where the branch is taken, and nowhere else."""
    text = POINTS + """
layer counted(x: float[batch, n]) -> float[batch, n] {
  state seen: f32 = zeros()
  if training { seen = seen + 1 }
  x + 0 * seen
}

model net(x: f32[batch, 6]) -> score: f32[batch] {
  let first = counted
  let second = counted
  let both = counted
  let a = if max(x) > 1e9 { x |> first |> both } else { x |> second }
  let b = if max(x) < 1e9 {
    if max(x) > 1e9 { x |> both } else { x |> both |> both }
  } else {
    x
  }
  a + b |> dense(1) |> squeeze
}

train net {
  data      points(x, y)
  loss      binary_cross_entropy(score, y)
  optimizer sgd(lr: 0.1)
  batch     64
  steps     3
}
"""
    run(build(text, "branches"), "train", "--data", DATA, "--quiet", "--save", tmp("branches.w"))
    weights = load_weights(tmp("branches.w"))
    seen = [float(weights.get(f"{name}.seen", np.nan)) for name in ("first", "second", "both")]
    check(seen == [0, 3, 6], "states of layers in branches", seen)


layer_states()
states_in_scans()
states_of_branches()
draws()
shared_draws()
accumulated_dropout()
symbolic_dimensions()
joined_symbolic()
finish()
