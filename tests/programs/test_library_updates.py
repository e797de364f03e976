"""The library's optimizers, schedules and initialisers beside NumPy in float64."""
# RUN: %python %s
import re

import numpy as np

from support import NNC, build, check, close, events, finish, load_weights, predict, run, tmp

rng = np.random.default_rng(5)
STEPS = 6


def listed(heading):
    """The names under a heading of `nnc std`."""
    part = re.search(rf"^{heading}:\n(.*?)\n\n", run(NNC, "std").out, re.S | re.M).group(1)
    return {line.split()[0] for line in part.splitlines()}


def rms(x):
    return np.sqrt((x * x).mean())


def sgd(w, g, s, t, lr=0.01, momentum=0.0, nesterov=False, decay=0.0):
    g = g + decay * w
    s["v"] = momentum * s.get("v", 0) + g
    return w - lr * (g + momentum * s["v"] if nesterov else s["v"])


def moments(g, s, t, beta1, beta2):
    s["m"] = beta1 * s.get("m", 0) + (1 - beta1) * g
    s["v"] = beta2 * s.get("v", 0) + (1 - beta2) * g * g
    return s["m"] / (1 - beta1**t), np.sqrt(s["v"] / (1 - beta2**t))


def adam(w, g, s, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.0):
    m, v = moments(g, s, t, beta1, beta2)
    return w - lr * decay * w - lr * m / (v + eps)


def rmsprop(w, g, s, t, lr=1e-3, decay=0.9, eps=1e-8):
    s["v"] = decay * s.get("v", 0) + (1 - decay) * g * g
    return w - lr * g / (np.sqrt(s["v"]) + eps)


def adagrad(w, g, s, t, lr=0.01, eps=1e-10):
    s["v"] = s.get("v", 0) + g * g
    return w - lr * g / (np.sqrt(s["v"]) + eps)


def lion(w, g, s, t, lr=1e-4, beta1=0.9, beta2=0.99, decay=0.0):
    update = np.sign(beta1 * s.get("m", 0) + (1 - beta1) * g)
    s["m"] = beta2 * s.get("m", 0) + (1 - beta2) * g
    return w - lr * (update + decay * w)


def adadelta(w, g, s, t, lr=1.0, decay=0.9, eps=1e-6):
    s["v"] = decay * s.get("v", 0) + (1 - decay) * g * g
    by = g * np.sqrt(s.get("u", 0) + eps) / np.sqrt(s["v"] + eps)
    s["u"] = decay * s.get("u", 0) + (1 - decay) * by * by
    return w - lr * by


def lamb(w, g, s, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-6, decay=0.01):
    m, v = moments(g, s, t, beta1, beta2)
    by = m / (v + eps) + decay * w
    long, far = np.linalg.norm(w), np.linalg.norm(by)
    return w - lr * (long / far if long and far else 1) * by


def adafactor(w, g, s, t, lr=0.01, decay=0.0, clip=1.0):
    beta, squares = 1 - t**-0.8, g * g + 1e-30
    if g.ndim >= 2:
        s["r"] = beta * s.get("r", 0) + (1 - beta) * squares.mean(-1, keepdims=True)
        s["c"] = beta * s.get("c", 0) + (1 - beta) * squares.mean(-2, keepdims=True)
        v = s["r"] * s["c"] / s["r"].mean(-2, keepdims=True)
    else:
        v = s["v"] = beta * s.get("v", 0) + (1 - beta) * squares
    by = g / np.sqrt(v)
    return w - lr * decay * w - max(rms(w), 1e-3) * min(lr, t**-0.5) * by / max(1, rms(by) / clip)


# Name: call, reference, its settings.
RULES = {
    "sgd": ("sgd()", sgd, {}),
    "heavy": ("sgd(lr: 0.1, momentum: 0.8)", sgd, {"lr": 0.1, "momentum": 0.8}),
    "decayed": ("sgd(lr: 0.1, decay: 0.2)", sgd, {"lr": 0.1, "decay": 0.2}),
    "resnet": ("momentum(lr: 0.1, nesterov: true, decay: 0.2)", sgd, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "decay": 0.2}),
    "momentum": ("momentum()", sgd, {"momentum": 0.9}),
    "ahead": ("momentum(lr: 0.1, beta: 0.7, nesterov: true)", sgd, {"lr": 0.1, "momentum": 0.7, "nesterov": True}),
    "adam": ("adam()", adam, {}),
    "adamw": ("adamw()", adam, {"decay": 0.01}),
    "rmsprop": ("rmsprop()", rmsprop, {}),
    "adagrad": ("adagrad()", adagrad, {}),
    "lion": ("lion()", lion, {}),
    "adadelta": ("adadelta()", adadelta, {}),
    "lamb": ("lamb()", lamb, {}),
    "lamb_bare": ("lamb(lr: 0.1, decay: 0)", lamb, {"lr": 0.1, "decay": 0}),
    "adafactor": ("adafactor()", adafactor, {}),
    "clipped": ("adafactor(lr: 0.9, decay: 0.1, clip: 0.3)", adafactor, {"lr": 0.9, "decay": 0.1, "clip": 0.3}),
}
check(not listed("optimizers") - {call.split("(")[0] for call, _, _ in RULES.values()}, "every optimizer is compared")

# The loss is linear in each parameter, so row t of the data is the gradient of step t.
SHAPES = {"cube": (2, 3, 5), "row": (1, 7), "vector": (5,), "nothing": (3,)}
rows = {n: rng.normal(size=(STEPS, *s)).astype(np.float32) for n, s in SHAPES.items()}
rows["cube"][:, 0, 1] = 0  # what never learns
for name, array in rows.items():
    np.save(tmp(f"{name}.npy"), array)
ports = ", ".join(f"{n}: f32[{{0}}{', '.join(map(str, s))}]" for n, s in SHAPES.items())
params, terms = [], []
for rule in RULES:
    for name, shape in SHAPES.items():
        start = "zeros()" if name == "nothing" else "slanted()"
        params.append(f"  param {rule}_{name}: f32[{', '.join(map(str, shape))}] = {start}")
        terms.append(f"sum(reshape({rule}_{name} * {name}, [batch, {np.prod(shape)}]), axis: 1)")
optimizers = "\n".join(f'  optimizer {call} for "{rule}_cube", "{rule}_row", "{rule}_vector", "{rule}_nothing"' for rule, (call, _, _) in RULES.items())
files = ", ".join(f'{n}: "{n}.npy"' for n in SHAPES)
program = build(f"""
fn slanted() -> float[...s] {{
  let place: f32[size(s)] = (iota(size(s)) as f32) * 0.25 - 0.5
  reshape(place, shape_of(s))
}}
fn shape_of(s) {{
  let all = []
  for n in s {{ all = all + [n] }}
  all
}}
model m({ports.format("batch, ")}) -> y: f32[batch] {{
{chr(10).join(params)}
  {" + ".join(terms)}
}}
data some({ports.format("")}) {{
  train npy({files})
}}
train m {{
  data      some({', '.join(SHAPES)})
  loss      y
{optimizers}
  batch     1
  epochs    1
  shuffle   false
}}
""", "rules")
outcome = run(program, "train", "--data", tmp(""), "--quiet", "--save", tmp("trained"))
check(outcome.status == 0, "a step with every rule", outcome.err[-800:])
found = load_weights(tmp("trained"))
for rule, (call, reference, settings) in RULES.items():
    for name, shape in SHAPES.items():
        w = np.zeros(shape) if name == "nothing" else (np.arange(np.prod(shape)) * 0.25 - 0.5).reshape(shape)
        states = {}
        for t in range(STEPS):
            w = reference(w, rows[name][t].astype(float), states, t + 1, **settings)
        check(close(found.get(f"{rule}_{name}"), w, 2e-5, 2e-6), f"{call}: a {name} after {STEPS} steps")


# --- Schedules: the loss of step t is less what the rates before add up to.
def half_cosine(a, b, share):
    return b + (a - b) * (1 + np.cos(np.pi * share)) / 2


def cosine(t, peak=1e-3, total=12, warmup=0):
    up = min(t / warmup, 1) if warmup else 1
    return up * half_cosine(peak, 0, np.clip((t - warmup) / max(total - warmup, 1), 0, 1))


def polynomial(t, start=1e-3, end=0.0, power=1, total=12, warmup=0):
    return start * t / warmup if t < warmup else end + (start - end) * (1 - np.clip((t - warmup) / max(total - warmup, 1), 0, 1)) ** power


def one_cycle(t, peak=1e-3, total=12, rise=0.3):
    """PyTorch's, which counts from 0."""
    top = rise * total - 1
    return half_cosine(peak / 25, peak, (t - 1) / top) if t - 1 <= top else half_cosine(peak, peak / 25e4, (t - 1 - top) / (total - 1 - top))


RATES = {
    "constant": ("constant()", lambda t: 1e-3),
    "steady": ("constant(value: 0.02)", lambda t: 0.02),
    "cosine": ("cosine()", cosine),
    "cosine_up": ("cosine(peak: 0.1, warmup: 3, total: 10)", lambda t: cosine(t, 0.1, 10, 3)),
    "only_up": ("cosine(peak: 0.1, warmup: 12)", lambda t: cosine(t, 0.1, 12, 12)),
    "too_short": ("cosine(peak: 0.1, warmup: 40)", lambda t: cosine(t, 0.1, 12, 40)),
    "linear_warmup": ("linear_warmup(peak: 0.1, warmup: 5)", lambda t: 0.1 * min(t / 5, 1)),
    "step_decay": ("step_decay(start: 0.1, every: 4)", lambda t: 0.1 * 0.1 ** ((t - 1) // 4)),
    "exponential_decay": ("exponential_decay(start: 0.1, every: 4)", lambda t: 0.1 * 0.9 ** (t / 4)),
    "polynomial": ("polynomial()", polynomial),
    "curved": ("polynomial(start: 0.1, end: 0.01, power: 2, total: 8, warmup: 3)", lambda t: polynomial(t, 0.1, 0.01, 2, 8, 3)),
    "one_cycle": ("one_cycle(peak: 0.1)", lambda t: one_cycle(t, 0.1)),
}
np.save(tmp("x.npy"), np.ones(12, np.float32))
lines = [f"  param {n}_w: f32[1] = zeros()\n  let {n}_y = {n}_w * x" for n in RATES]
program = build(f"""
model m(x: f32[batch]) -> ({", ".join(f"{n}_out: f32[batch]" for n in RATES)}) {{
{chr(10).join(lines)}
  ({", ".join(f"{n}_y" for n in RATES)})
}}
data some(x: f32) {{
  train npy(x: "x.npy")
}}
train m {{
  data      some(x)
{chr(10).join(f'  loss      {n}_loss = {n}_out' for n in RATES)}
{chr(10).join(f'  optimizer sgd(lr: {call}) for "{n}_w"' for n, (call, _) in RATES.items())}
  batch     1
  epochs    1
}}
""", "rates")
outcome = run(program, "train", "--data", tmp(""), "--quiet", "--log-every", 1, "--log", tmp("rates.jsonl"), "--save", tmp("rates.w"))
log = events(tmp("rates.jsonl"), "step") if outcome.status == 0 else []
check(len(log) == 12, "a step with every schedule", outcome.err[-800:] or log[:1])
after = load_weights(tmp("rates.w"))
for name, (call, rate) in RATES.items():
    curve = np.array([row[f"loss_{name}_loss"] for row in log] + [after[f"{name}_w"][0]])
    check(close(-np.diff(curve), [rate(t) for t in range(1, 13)], 1e-4, 1e-7), call, -np.diff(curve))
check(not {"cosine", "constant"} - listed("functions") and all(c.split("(")[0] in listed("functions") for c, _ in RATES.values()), "they are listed")

# --- Initial weights: what they are like, which for orthogonal ones is exact.
KINDS = {"glorot_uniform": "glorot_uniform()", "glorot_normal": "glorot_normal()", "he_uniform": "he_uniform()", "he_normal": "he_normal()",
         "lecun_uniform": "lecun_uniform()", "lecun_normal": "lecun_normal()"}
SQUARES = {"tall": (37, 11), "wide": (11, 37), "even": (13, 13), "single": (1, 1), "column": (5, 1), "kernel": (3, 3, 2, 7), "vector": (6,)}
program = build(f"""
model m(x: f32[batch]) -> y: f32[batch] {{
{chr(10).join(f'  param {n}: f32[3, 60, 70] = {call}' for n, call in KINDS.items())}
{chr(10).join(f'  param o_{n}: f32[{", ".join(map(str, s))}] = orthogonal({"2" if n == "kernel" else ""})' for n, s in SQUARES.items())}
  param cut: f32[100, 200] = truncated_normal()
  param cut_far: f32[100, 200] = truncated_normal(std: 2, mean: -1)
  x * ({" + ".join(f"sum({n})" for n in [*KINDS, *(f"o_{n}" for n in SQUARES), "cut", "cut_far"])})
}}
data some(x: f32) {{
  train npy(x: "x.npy")
}}
train m {{
  data      some(x)
  loss      y
  optimizer sgd(lr: 0)
  batch     1
  steps     1
}}
""", "initial")
outcome = run(program, "train", "--data", tmp(""), "--quiet", "--save", tmp("initial.w"))
check(outcome.status == 0, "parameters of every kind", outcome.err[-800:])
found = load_weights(tmp("initial.w"))
for name in KINDS:
    w, fan_in, fan_out = found[name].astype(float), 3 * 60, 3 * 70
    variance = {"glorot": 2 / (fan_in + fan_out), "he": 2 / fan_in, "lecun": 1 / fan_in}[name.split("_")[0]]
    # The variance of n draws strays by sqrt(2 / n) of itself where normal, less where uniform; five times that is far.
    check(abs(w.var() / variance - 1) < 5 * np.sqrt(2 / w.size) and abs(w.mean()) < 5 * np.sqrt(variance / w.size), name, w.var() / variance)
    if name.endswith("uniform"):
        check(0.99 < np.abs(w).max() / np.sqrt(3 * variance) <= 1, "  within its bounds")
for name, shape in SQUARES.items():
    q = found[f"o_{name}"].astype(float).reshape(-1, shape[-1]) / (2 if name == "kernel" else 1)
    product = q.T @ q if q.shape[0] >= q.shape[1] else q @ q.T
    check(np.abs(product - np.eye(len(product))).max() < 16 * np.finfo(np.float32).eps, f"orthogonal {shape}", np.abs(product - np.eye(len(product))).max())
signs = np.sign(found["o_even"]).sum(), np.sign(found["o_tall"]).sum()
check(abs(signs[0]) < 5 * 13 and abs(signs[1]) < 5 * np.sqrt(37 * 11), "  of either sign", signs)
for name, std, mean in (("cut", 0.02, 0), ("cut_far", 2, -1)):
    z = (found[name].astype(float) - mean) / std
    density = np.exp(-2) / np.sqrt(2 * np.pi)
    variance = 1 - 4 * density / 0.9544997361036416  # of a normal variable that is kept within 2
    check(np.abs(z).max() < 2 + 1e-5 and abs(z.var() - variance) < 5 * np.sqrt(2 / z.size) and abs(z.mean()) < 5 / np.sqrt(z.size) and
          1.99 < np.abs(z).max(), f"truncated_normal of {std}", (z.var(), variance))
    check((np.abs(z) > 1.9999).mean() < 1e-3, "  nothing gathers at the bounds")
finish()
