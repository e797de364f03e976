"""What a recipe asks for, beside NumPy in float64: clipping, several batches a step, averages, schedules, numbers set at run time,
several losses and optimizers, networks in turn, frozen and loaded parts, keeping the best and stopping early."""
# RUN: %python %s
import os

import numpy as np

import autodiff as ad
from support import (build, check, close, events, finish, info, load_weights, predict, read_idx, relative_error, run, save_weights, tmp,
                     write, write_small_mnist)

EXAMPLES, BATCH = 256, 40  # Seven batches an epoch, the last of 16.
SMALL = tmp("small")
write_small_mnist(SMALL, EXAMPLES)
NET = """
model net(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] {
  param w1: f32[784, 12] = glorot_uniform()
  param b1: f32[12] = zeros()
  param w2: f32[12, 10] = glorot_uniform()
  param b2: f32[10] = zeros()
  tanh(flatten(image / 255) @ w1 + b1) @ w2 + b2
}
"""
rng = np.random.default_rng(3)
START = {"w1": rng.normal(0, 0.05, (784, 12)), "b1": rng.normal(0, 0.1, 12), "w2": rng.normal(0, 0.5, (12, 10)), "b2": rng.normal(0, 0.1, 10)}
START = {name: x.astype(np.float32) for name, x in START.items()}
save_weights(tmp("start"), START)
IMAGES = read_idx("train-images-idx3-ubyte.gz")[:EXAMPLES].reshape(-1, 784) / 255
LABELS = read_idx("train-labels-idx1-ubyte.gz")[:EXAMPLES].astype(int)


def batches():
    while True:
        for at in range(0, EXAMPLES, BATCH):
            yield IMAGES[at : at + BATCH], LABELS[at : at + BATCH]


def scores(p, x):
    hidden = ad.tanh(ad.add(ad.contract("bk,kn->bn", x, p["w1"]), p["b1"]))
    return ad.add(ad.contract("bk,kn->bn", hidden, p["w2"]), p["b2"])


def cross_entropy(z, labels):
    shifted = ad.sub(z, np.max(z.array, 1, keepdims=True))
    logged = ad.sub(shifted, ad.reshape(ad.log(ad.total(ad.exp(shifted), [1])), (len(labels), 1)))
    return ad.neg(ad.div(ad.total(ad.mul(logged, np.eye(10)[labels]), [0, 1]), float(len(labels))))


def losses_of(p, x, labels):
    z = scores(p, ad.Value(x))
    return cross_entropy(z, labels), ad.mul(0.01 / z.array.size, ad.total(ad.mul(z, z), [0, 1]))


def reference(steps, rule, clip=lambda g, t: g, accumulate=1, average=None):
    """(losses, parameters, averages); `rule` maps name, parameter, gradient, step to the new parameter."""
    p = {name: x.astype(float) for name, x in START.items()}
    averages, curve, stream = dict(p), [], batches()
    for t in range(1, steps + 1):
        loss, sums = 0.0, {name: 0.0 for name in p}
        for _ in range(accumulate):
            values = {name: ad.Value(x, tracked=True) for name, x in p.items()}
            total = ad.add(*losses_of(values, *next(stream)))
            for name, g in zip(p, ad.gradients(total, list(values.values()))):
                sums[name] = sums[name] + g.array / accumulate
            loss += float(total.array) / accumulate
        curve.append(loss)
        p = {name: rule(name, p[name], g, t) for name, g in clip(sums, t).items()}
        if average:
            averages = {name: average * averages[name] + (1 - average) * p[name] for name in p}
    return np.array(curve), p, averages


def by_norm(limit):
    def clip(gradients, t):
        norm = np.sqrt(sum((g**2).sum() for g in gradients.values()))
        return {name: g * min(1, limit(t) / norm) for name, g in gradients.items()}

    return clip


def compare(what, recipe, expected, *options, steps=20, average=False):
    text = NET + "\ntrain net {\n  data      mnist(image, label)\n  loss      fit   = cross_entropy(logits, label)\n" \
        "  loss      small = 0.01 * logits ^ 2\n  metric    accuracy(logits, label)\n" + recipe + f"  batch     {BATCH}\n  steps     {steps}\n  shuffle   false\n}}\n"
    program = build(text, "recipe")
    log = tmp("recipe.log")
    if os.path.exists(log):
        os.remove(log)
    outcome = run(program, "train", "--data", SMALL, "--weights", tmp("start"), "--quiet", "--log", log, "--log-every", 1, "--save", tmp("recipe.w"),
                  *options)
    if not check(outcome.status == 0, f"{what}: trains", outcome.err[-500:]):
        return None
    curve, p, averages = expected
    rows = events(log, "step")
    found = [row["loss"] for row in rows]
    check(relative_error(found, curve) <= 1e-4, f"{what}: {len(curve)} losses", f"{relative_error(found, curve):.1e}")
    parts = [row.get("loss_fit", 9) + row.get("loss_small", 9) for row in rows]
    check(relative_error(parts, found) <= 1e-5, "  are the sum of their parts, which are logged by name", rows[-1:])
    weights = load_weights(tmp("recipe.w"))
    far = {name: np.abs(weights[name] - x).max() / np.abs(x - START[name]).max(initial=1e-9) for name, x in (averages if average else p).items()
           if np.any(x != START[name])}
    check(max(far.values()) <= 2e-3, "  and so are the saved parameters", far)
    if average:
        far = {name: np.abs(weights.get(f"raw/{name}", np.inf) - x).max() / np.abs(x - START[name]).max(initial=1e-9) for name, x in p.items()}
        check(max(far.values()) <= 2e-3, "  the raw ones stand beside the averages", far)
    return weights


def arithmetic():
    sgd = lambda rate: lambda name, p, g, t: p - rate(t) * g
    compare("clip by norm", "  optimizer sgd(lr: 0.5)\n  clip      norm: 0.3\n", reference(20, sgd(lambda t: 0.5), by_norm(lambda t: 0.3)))
    compare("clip by a norm that depends on the step", "  optimizer sgd(lr: 0.5)\n  clip      norm: 1.0 / step\n",
            reference(20, sgd(lambda t: 0.5), by_norm(lambda t: 1 / t)))
    compare("clip by value", "  optimizer sgd(lr: 0.5)\n  clip      value: 0.01\n",
            reference(20, sgd(lambda t: 0.5), lambda g, t: {n: np.clip(x, -0.01, 0.01) for n, x in g.items()}))
    # Three batches a step over seven an epoch: what is left at an epoch's end is carried over.
    compare("three batches a step", "  optimizer sgd(lr: 0.3)\n  accumulate 3\n", reference(20, sgd(lambda t: 0.3), accumulate=3))
    compare("averages", "  optimizer sgd(lr: 0.3)\n  ema       0.8\n", reference(20, sgd(lambda t: 0.3), average=0.8), average=True)
    everything = ("  let peak = 0.4\n  let rate = peak * minimum(1, step / 5) * cos(pi / 2 * step / steps)\n  optimizer sgd(lr: rate)\n"
                  "  clip      norm: 0.5\n  accumulate 2\n  ema       0.9\n")
    rate = lambda peak: lambda t: peak * min(1, t / 5) * np.cos(np.pi / 2 * t / 20)
    compare("clip, accumulate, average, schedule", everything, reference(20, sgd(rate(0.4)), by_norm(lambda t: 0.5), 2, 0.9), average=True)
    compare("  with --set", everything, reference(20, sgd(rate(0.15)), by_norm(lambda t: 0.5), 2, 0.9), "--set", "peak=0.15", average=True)
    # --steps cuts the plan, it doesn't bend the schedule.
    cut = tuple(part[:8] if isinstance(part, np.ndarray) else part for part in reference(20, sgd(rate(0.4)), by_norm(lambda t: 0.5), 2, 0.9)[:1])
    _, p, averages = reference_cut(8, rate(0.4))
    compare("  cut by --steps", everything, (cut[0], p, averages), "--steps", 8, average=True)
    outcome = run(tmp("recipe"), "train", "--data", SMALL, "--set", "peek=1", "--steps", 1)
    check(outcome.status == 2 and "peak" in outcome.err, "an unknown number is refused, with what there is", outcome.err[:200])
    for wrong in ("peak=x", "peak=", "peak=1e999", "peak=nan"):
        outcome = run(tmp("recipe"), "train", "--data", SMALL, "--set", wrong, "--steps", 1)
        check(outcome.status in (1, 2) and "peak" in outcome.err, f"--set {wrong} is refused", outcome.err[:200])


def reference_cut(steps, rate):
    return reference(steps, lambda name, p, g, t: p - rate(t) * g, by_norm(lambda t: 0.5), 2, 0.9)


def several_optimizers():
    """The first line that matches has the parameter; what is frozen has none."""
    velocity, moments = {}, {}

    def rule(name, p, g, t):
        if name == "b1":
            return p
        if name.startswith("w"):
            velocity[name] = 0.9 * velocity.get(name, 0) + g
            return p - 0.05 * velocity[name]
        m, v = moments.get(name, (0, 0))
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        moments[name] = m, v
        return p - 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)

    weights = compare("two optimizers and a frozen bias", "  freeze    \"b1\"\n  optimizer sgd(lr: 0.05, momentum: 0.9) for \"w*\"\n  optimizer adam(lr: 0.01)\n",
                      reference(15, rule), steps=15)
    if weights:
        check(weights["b1"].tobytes() == START["b1"].tobytes(), "  the frozen one keeps its bits")
        check(not any(name.startswith("optimizer/b1") for name in weights), "  and has no state")


TURNS = """
data points(x: f32[8]) {
  train npy(x: "points.npy")
}

model maker(x: f32[batch, 8]) -> y: f32[batch, 8] {
  param m: f32[8, 8] = glorot_uniform()
  tanh(x @ m)
}

model critic(y: f32[batch, 8]) -> score: f32[batch] {
  param c: f32[8] = normal(0.5)
  y @ c
}

train maker, critic {
  data   points(x)
  batch  32
  epochs 2
  shuffle false
  step judge {
    loss      real = softplus(-critic(x))
    loss      made = softplus(critic(maker(x)))
    optimizer sgd(lr: 0.1 * step) for "critic.*"
  }
  step forge every: 3 {
    loss      fooling = softplus(-critic(maker(x)))
    optimizer sgd(lr: 0.5 * step) for "maker.*"
    clip      norm: 0.02
  }
}
"""


def in_turn():
    """Each block counts its own updates, on batches every, 2 * every, ..., in order; a later one sees what an earlier one did."""
    x = rng.normal(1, 1, (200, 8)).astype(np.float32)
    np.save(tmp("points.npy"), x)
    program = build(TURNS, "turns")
    start = {"maker.m": rng.normal(0, 0.5, (8, 8)).astype(np.float32), "critic.c": rng.normal(0, 0.5, 8).astype(np.float32)}
    save_weights(tmp("turns.start"), start)
    outcome = run(program, "train", "--data", tmp(""), "--weights", tmp("turns.start"), "--log", tmp("turns.log"), "--log-every", 1, "--quiet",
                  "--save", tmp("turns.w"))
    if not check(outcome.status == 0, "networks in turn train", outcome.err[-500:]):
        return
    m, c = (start[name].astype(float) for name in ("maker.m", "critic.c"))
    judged, forged, wanted = 0, 0, []
    mean = lambda v: ad.div(ad.total(v, [0]), float(v.shape[0]))
    stream = [x[at : at + 32].astype(float) for _ in range(2) for at in range(0, 200, 32)]
    for number, batch in enumerate(stream, 1):
        vm, vc = ad.Value(m), ad.Value(c, tracked=True)
        score = lambda v: ad.contract("bn,n->b", v, vc)
        made = lambda: ad.tanh(ad.contract("bk,kn->bn", batch, vm))
        real, fake = mean(ad.softplus(ad.neg(score(ad.Value(batch))))), mean(ad.softplus(score(made())))
        row = {"loss_real": float(real.array), "loss_made": float(fake.array)}
        judged += 1
        c = c - 0.1 * judged * ad.gradients(ad.add(real, fake), [vc])[0].array
        if number % 3 == 0:
            vm, vc = ad.Value(m, tracked=True), ad.Value(c)
            fooling = mean(ad.softplus(ad.neg(score(made()))))
            forged += 1
            g = ad.gradients(fooling, [vm])[0].array
            m = m - 0.5 * forged * g * min(1, 0.02 / np.sqrt((g**2).sum()))
            row["loss_fooling"] = float(fooling.array)
        wanted.append(row)
    rows = events(tmp("turns.log"), "step")
    check(len(rows) == len(wanted), "a step for each batch", len(rows))
    for number, (row, want) in enumerate(zip(rows, wanted), 1):
        ok = all(abs(row.get(name, 9) - value) <= 1e-4 * max(1, abs(value)) for name, value in want.items())
        if not ok or ("loss_fooling" in row and number % 3):
            check(False, f"losses of batch {number}", (row, want))
            break
    else:
        check(True, "every loss of both blocks, under its name")
    weights = load_weights(tmp("turns.w"))
    check(close(weights["critic.c"], c, 1e-4, 1e-5) and close(weights["maker.m"], m, 1e-4, 1e-5), "and where both networks end")


def best_and_last():
    text = NET + """
train net {
  data      mnist(image, label)
  split     valid: 0.25, seed: 2
  loss      cross_entropy(logits, label)
  metric    accuracy(logits, label)
  optimizer sgd(lr: %s)
  batch     32
  epochs    12
  evaluate  every: 2
  keep      max: accuracy
  stop      patience: 3, min: loss
  predict   digit = argmax(logits)
  predict   probability = softmax(logits)
}
"""
    program = build(text % "2.0", "best")
    run(program, "train", "--data", SMALL, "--seed", 4, "--quiet", "--log", tmp("best.log"), "--log-every", 1, "--save", tmp("best.safetensors"))
    steps = events(tmp("best.log"), "step")
    evaluated = [row for kind in ("eval", "epoch") for row in events(tmp("best.log"), kind) if "accuracy" in row]
    best = max((row["accuracy"] for row in evaluated), default=None)
    kept = tmp("best.best.safetensors")
    check(best is not None and os.path.exists(kept), "the best weights are kept beside the last", [r["accuracy"] for r in evaluated][:20])
    check(len(steps) <= 72 and all(row["step"] <= 72 for row in steps), "a quarter of 256 examples is set apart: six batches an epoch", len(steps))
    if os.path.exists(kept):
        outcome = run(program, "eval", "--data", SMALL, "--weights", kept)
        check(outcome.status == 0 and "accuracy" in outcome.out, "  and can be evaluated", outcome.err[-200:])
    # Nothing gets better at rate 0: the first evaluation and three more.
    program = build(text % "0.0", "idle")
    outcome = run(program, "train", "--data", SMALL, "--quiet", "--log", tmp("idle.log"), "--log-every", 1, "--save", tmp("idle.w"))
    last = max((row["step"] for row in events(tmp("idle.log"), "step")), default=None)
    check(outcome.status == 0 and last == 8, "an equal value is no better: stops after three evaluations without a better one", last)
    found = predict(program, tmp("idle.w"), image=read_idx("t10k-images-idx3-ubyte.gz")[:5])
    check(set(found) == {"digit", "probability"}, "predict gives what the recipe says, under its names", sorted(found))
    if found:
        check(close(found["probability"].sum(1), np.ones(5), 1e-5) and (found["probability"].argmax(1) == found["digit"]).all(), "  with its values")


def loaded_parts():
    base = NET.replace("model net", "model first") + "\ntrain first {\n  data mnist(image, label)\n  loss cross_entropy(logits, label)\n" \
        "  optimizer sgd(lr: 0.1)\n  batch 32\n  steps 3\n}\n"
    program = build(base, "first")
    run(program, "train", "--data", SMALL, "--quiet", "--save", tmp("first.safetensors"))
    text = """
layer trunk()(image: u8[batch, 28, 28]) -> f32[batch, 10] {
  param w1: f32[784, 12] = glorot_uniform()
  param b1: f32[12] = zeros()
  param w2: f32[12, 10] = glorot_uniform()
  param b2: f32[10] = zeros()
  tanh(flatten(image / 255) @ w1 + b1) @ w2 + b2
}

model second(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] {
  let backbone = trunk()
  backbone(image) |> relu |> dense(10)
}

train second {
  data      mnist(image, label)
  load      "first.safetensors", under: "backbone"
  freeze    "backbone.*"
  loss      cross_entropy(logits, label)
  optimizer sgd(lr: 0.1)
  batch     32
  steps     3
}
"""
    program = build(text, "second")
    names = [p["name"] for p in info(program)["params"]]
    check("backbone.w1" in names and "dense.w" in names, "a named layer's parameters have its name", names)
    outcome = run(program, "train", "--data", SMALL, "--quiet", "--save", tmp("second.w"), cwd=tmp(""))
    if check(outcome.status == 0, "loading a part trains", outcome.err[-300:]):
        first, second = load_weights(tmp("first.safetensors")), load_weights(tmp("second.w"))
        check(all(second[f"backbone.{n}"].tobytes() == first[n].tobytes() for n in START), "the loaded part is the file's, and stays")
        check(np.abs(second["dense.b"]).max() > 0, "  the rest learns")


JOINED = """
model see(x: f32[batch, 8]) -> score: f32[batch] = x |> dense(6) |> tanh |> dense(1) |> squeeze

data points(x: f32[8]) {
  from  npy(x: "points.npy")
  split train: 0.75, test: 0.25
}

train see {
  data   points(x)
  LINES
  optimizer adam(lr: 0.01)
  batch  32
  epochs 2
}
"""


def joined_batches():
    """A model that is only called on real and made examples joined is the one that is called on each: its sizes are the call's, those
    of evaluation and prediction the batch's."""
    np.save(tmp("points.npy"), rng.normal(1, 1, (202, 8)).astype(np.float32))
    joined = """let side: f32[batch] = ones()
  let right = see(concat(x, x ^ 2, axis: 0)) * concat(side, -side, axis: 0)
  loss   softplus(-right)
  metric part = mean(right > 0)"""
    apart = """loss   (softplus(-see(x)) + softplus(see(x ^ 2))) / 2
  metric part = (mean(see(x) > 0) + mean(-see(x ^ 2) > 0)) / 2"""
    curves, values, outputs = [], [], []
    for name, lines in (("joined", joined), ("apart", apart)):
        program = build(JOINED.replace("LINES", lines), name)
        log = tmp(name + ".jsonl")
        outcome = run(program, "train", "--data", tmp(""), "--quiet", "--log-every", 1, "--log", log, "--save", tmp(name + ".w"))
        check(outcome.status == 0, f"examples {name} train", outcome.err[-300:])
        curves.append([row["loss"] for row in events(log, "step")])
        run(program, "train", "--data", tmp(""), "--quiet", "--steps", 3, "--save", tmp(name + ".3"))
        run(program, "train", "--data", tmp(""), "--quiet", "--resume", tmp(name + ".3"), "--save", tmp(name + ".again"))
        with open(tmp(name + ".w"), "rb") as whole, open(tmp(name + ".again"), "rb") as again:
            check(whole.read() == again.read(), "  and resume, bit for bit")
        values.append([(row["test_loss"], row["part"]) for row in events(log, "epoch")])
        outputs.append(predict(program, tmp(name + ".w"), x=np.ones((3, 8), np.float32))["score"])
    check(len(curves[0]) == 10 and close(np.array(curves[0]), curves[1], 1e-5), "the losses are the same", curves)
    check(close(np.array(values[0]), values[1], 1e-5), "so are those of the test part, and the metric", values)
    check(outputs[0].shape == (3,) and close(*outputs, 1e-4, 1e-5), "so are the predictions, one for an example", outputs)


WHOLE = """
data ones_of(x: f32) {
  train npy(x: "x.npy")
}

model line(x: f32[batch]) -> (y: f32[batch], z: f32[batch]) {
  param near: f32[1] = zeros()
  param far: f32[1] = zeros()
  (x * near, 8 * x * far)
}

train line {
  data      ones_of(x)
  let lr    = batch / 1024
  loss      y + z * (size(x) / batch)
  optimizer sgd(lr: lr) for "near"
  optimizer sgd(lr: if batch % 3 == 0 { 2 * lr } else { lr })
  clip      value: step * batch / 2
  LINES
  batch     3
  epochs    1
}
"""


def whole_batches():
    """In an update `batch` is what training is asked for, also where fewer examples are left."""
    np.save(tmp("x.npy"), np.ones(10, np.float32))

    def expected(batch, steps):
        clipped = [min(8, step * batch / 2) for step in range(1, steps + 1)]
        factor = 2 if batch % 3 == 0 else 1
        return [-sum(min(1, c) for c in clipped) * batch / 1024, -sum(clipped) * factor * batch / 1024]

    for name, lines, taken in (("at_once", "", 1), ("by_sums", "accumulate 2", 2)):
        program = build(WHOLE.replace("LINES", lines), name)
        for batch in (1, 3, 4, 6, 64)[: 4 if taken > 1 else 5]:
            steps = -(-10 // batch) // taken
            outcome = run(program, "train", "--data", tmp(""), "--quiet", *(["--batch", batch] if batch != 3 else []), "--save", tmp("whole.w"))
            weights = load_weights(tmp("whole.w")) if outcome.status == 0 else {}
            found = [float(weights[each][0]) for each in ("near", "far")] if weights else outcome.err
            check(found == expected(batch, steps), f"{name}: {steps} updates of batches of {batch}", found)
    program = tmp("at_once")
    run(program, "train", "--data", tmp(""), "--quiet", "--batch", 4, "--steps", 2, "--save", tmp("part.w"))
    run(program, "train", "--data", tmp(""), "--quiet", "--resume", tmp("part.w"), "--save", tmp("whole.w"))
    weights = load_weights(tmp("whole.w"))
    check([float(weights[each][0]) for each in ("near", "far")] == expected(4, 3), "a training that resumes goes on with its batch")


arithmetic()
whole_batches()
joined_batches()
several_optimizers()
in_turn()
best_and_last()
loaded_parts()
finish()
