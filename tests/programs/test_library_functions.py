"""The library's functions and losses beside NumPy, in f32 and f64, and their gradients beside central differences of NumPy."""
# RUN: %python %s
import math
import os
import re

import numpy as np

from support import HERE, NNC, build, check, close, evaluate, finish, predict, run, write

rng = np.random.default_rng(11)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def log_softmax(x):
    return x - x.max(-1, keepdims=True) - np.log(np.exp(x - x.max(-1, keepdims=True)).sum(-1, keepdims=True))


def relu6(x):
    return np.clip(x, 0, 6)


def selu(x):
    return 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0)))


def cosines(x, y):
    length = np.linalg.norm(x, axis=-1) * np.linalg.norm(y, axis=-1)
    return np.where(length > 0, (x * y).sum(-1) / np.where(length > 0, length, 1), 0)


def triplet(a, p, n, margin=1):
    return np.maximum(np.linalg.norm(a - p, axis=-1) - np.linalg.norm(a - n, axis=-1) + margin, 0)


# Name: expression of x and y, [batch, 6], whose value is [batch, 6]; reference. These have gradients; x and y are no ties.
SMOOTH = {
    "tan": ("tan(x)", lambda x, y: np.tan(x)),
    "atan": ("atan(x)", lambda x, y: np.arctan(x)),
    "asin": ("asin(x / 5)", lambda x, y: np.arcsin(x / 5)),
    "acos": ("acos(x / 5)", lambda x, y: np.arccos(x / 5)),
    "atan2": ("atan2(y, x)", lambda x, y: np.arctan2(y, x)),
    "sinh": ("sinh(x)", lambda x, y: np.sinh(x)),
    "cosh": ("cosh(x)", lambda x, y: np.cosh(x)),
    "clamp": ("clamp(x, -0.5, 1)", lambda x, y: np.clip(x, -0.5, 1)),
    "softsign": ("softsign(x)", lambda x, y: x / (1 + np.abs(x))),
    "mish": ("mish(x)", lambda x, y: x * np.tanh(np.log1p(np.exp(x)))),
    "relu6": ("relu6(4 * x)", lambda x, y: relu6(4 * x)),
    "hard_sigmoid": ("hard_sigmoid(2 * x)", lambda x, y: relu6(2 * x + 3) / 6),
    "hard_swish": ("hard_swish(2 * x)", lambda x, y: 2 * x * relu6(2 * x + 3) / 6),
    "selu": ("selu(x)", lambda x, y: selu(x)),
    "relu": ("relu(x)", lambda x, y: np.maximum(x, 0)),
    "leaky_relu": ("leaky_relu(x)", lambda x, y: np.where(x > 0, x, 0.01 * x)),
    "elu": ("elu(x, scale: 2)", lambda x, y: np.where(x > 0, x, 2 * np.expm1(np.minimum(x, 0)))),
    "gelu": ("gelu(x)", lambda x, y: x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2),
    "silu": ("silu(x)", lambda x, y: x / (1 + np.exp(-x))),
    "softmax": ("softmax(x)", lambda x, y: softmax(x)),
    "log_softmax": ("log_softmax(x)", lambda x, y: log_softmax(x)),
    "glu": ("concat(glu(x), glu(y))", lambda x, y: np.concatenate([z[:, :3] / (1 + np.exp(-z[:, 3:])) for z in (x, y)], -1)),
    "logsumexp": ("x * logsumexp(x, keep: true)", lambda x, y: x * np.log(np.exp(x).sum(-1, keepdims=True))),
    "norm": ("y * norm(x, axis: -1, keep: true)", lambda x, y: y * np.linalg.norm(x, axis=-1, keepdims=True)),
    "norm_1": ("y * norm(x, order: 1, axis: 1)[:, new]", lambda x, y: y * np.abs(x).sum(-1, keepdims=True)),
    "norm_3": ("y * norm(x, order: 3, axis: 1)[:, new]", lambda x, y: y * ((np.abs(x) ** 3).sum(-1, keepdims=True)) ** (1 / 3)),
    "cosine_similarity": ("x * cosine_similarity(x, y)[:, new]", lambda x, y: x * cosines(x, y)[:, None]),
    "var": ("x * var(x, axis: 1, keep: true)", lambda x, y: x * x.var(1, keepdims=True)),
    "std": ("x * std(x, axis: 1, keep: true)", lambda x, y: x * x.std(1, keepdims=True)),
    "flip": ("x * flip(x)", lambda x, y: x * x[:, ::-1]),
    "roll": ("x * roll(x, 2) + roll(y, -1)", lambda x, y: x * np.roll(x, 2, -1) + np.roll(y, -1, -1)),
    "tile": ("x * tile(x[:, 0..2], 3)", lambda x, y: x * np.tile(x[:, :2], 3)),
    "pad": ("x * pad(x[:, 1..4], before: 1, after: 2, value: 2)", lambda x, y: x * np.pad(x[:, 1:4], [(0, 0), (1, 2)], constant_values=2)),
    "take_list": ("x * take(x, [5, 0, 0, 3, 1, 2], axis: 1)", lambda x, y: x * x[:, [5, 0, 0, 3, 1, 2]]),
    "take": ("x * take(x, random_free(), axis: 1)", lambda x, y: x * x[:, [0, 2, 4, 0, 2, 4]]),
    "cumsum": ("x * cumsum(x)", lambda x, y: x * np.cumsum(x, -1)),
    "cumprod": ("cumprod(x)", lambda x, y: np.cumprod(x, -1)),
    "sort": ("x * sort(x)", lambda x, y: x * np.sort(x, -1)),
    "descending": ("x * sort(x, descending: true)", lambda x, y: x * np.sort(x, -1)[:, ::-1]),
    "top_k": ("x * tile(largest(x), 3)", lambda x, y: x * np.tile(np.sort(x, -1)[:, :-3:-1], 3)),
    "softmax_axis": ("flatten(softmax(table(x), axis: 1))", lambda x, y: along(x, lambda z: softmax(z))),
    "log_softmax_axis": ("flatten(log_softmax(table(x), axis: -2))", lambda x, y: along(x, log_softmax)),
    "cumsum_axis": ("x * flatten(cumsum(table(x), axis: 1))", lambda x, y: x * along(x, lambda z: np.cumsum(z, -1))),
    "cumprod_axis": ("flatten(cumprod(table(x), axis: -2))", lambda x, y: along(x, lambda z: np.cumprod(z, -1))),
    "sort_axis": ("x * flatten(sort(table(x), axis: 1, descending: true))", lambda x, y: x * along(x, lambda z: np.sort(z, -1)[..., ::-1])),
    "top_k_axis": ("x * tile(flatten(largest_of(table(x), 1)), 3)", lambda x, y: x * np.tile(x.reshape(-1, 3, 2).max(1), 3)),
    "gather": ("y * flatten(gather(table(x), argsort(table(y), axis: 1), axis: 1))", lambda x, y: y * np.take_along_axis(
        x.reshape(-1, 3, 2), y.reshape(-1, 3, 2).argsort(1), 1).reshape(-1, 6)),
    "gather_few": ("x * tile(gather(x, argsort(y)[:, 1..3]), 3)", lambda x, y: x * np.tile(np.take_along_axis(x, y.argsort(-1)[:, 1:3], -1), 3)),
    "scatter_add": ("x * flatten(scatter_add(table(y), argsort(table(x), axis: 1) % 2, table(x * y), axis: 1))", lambda x, y: x * scattered(x, y)),
    "scatter_few": ("x * scatter_add(y, argsort(x)[:, 0..4] % 3, (x * y)[:, 0..4])", lambda x, y: x * (y + np.einsum(
        "bik,bi->bk", np.eye(6)[x.argsort(-1)[:, :4] % 3], (x * y)[:, :4]))),
    "tril": ("x * (x @ tril(eye(6) + 1))", lambda x, y: x * (x @ np.tril(np.eye(6) + 1))),
    "triu": ("x * (x @ triu(eye(6) + 1, diagonal: 2))", lambda x, y: x * (x @ np.triu(np.eye(6) + 1, 2))),
    "lower": ("x * (x @ tril(eye(6) + 1, diagonal: -1))", lambda x, y: x * (x @ np.tril(np.eye(6) + 1, -1))),
    "linspace": ("x * linspace(-1, 3, 9)[1..7]", lambda x, y: x * np.linspace(-1, 3, 9)[1:7]),
    "mse": ("mse(x, y)", lambda x, y: (x - y) ** 2),
    "mae": ("mae(x, y)", lambda x, y: np.abs(x - y)),
    "huber": ("huber(x, y)", lambda x, y: np.where(np.abs(x - y) <= 1, (x - y) ** 2 / 2, np.abs(x - y) - 0.5)),
    "hinge": ("hinge(x, sign(y))", lambda x, y: np.maximum(1 - np.sign(y) * x, 0)),
    "binary_cross_entropy": ("binary_cross_entropy(x, sigmoid(y))", lambda x, y: np.log1p(np.exp(x)) - x / (1 + np.exp(-y))),
    "positive_weight": ("binary_cross_entropy(x, sigmoid(y), positive_weight: 2.5)", lambda x, y: (
        2.5 * np.log1p(np.exp(-x)) + np.exp(-y) * np.log1p(np.exp(x))) / (1 + np.exp(-y))),
    "cross_entropy": ("x * cross_entropy(x, argmax(y))[:, new]", lambda x, y: -x * np.take_along_axis(
        log_softmax(x), y.argmax(-1)[:, None], -1)),
    "smoothed": ("x * cross_entropy(x, argmax(y), smoothing: 0.3)[:, new]", lambda x, y: -x * (0.7 * np.take_along_axis(
        log_softmax(x), y.argmax(-1)[:, None], -1) + 0.3 * log_softmax(x).mean(-1, keepdims=True))),
    "kl_divergence": ("y * kl_divergence(x, softmax(y))[:, new]", lambda x, y: y * (
        softmax(y) * (log_softmax(y) - log_softmax(x))).sum(-1, keepdims=True)),
    "triplet": ("x * triplet(x, y, x * y)[:, new]", lambda x, y: x * triplet(x, y, x * y)[:, None]),
    "rotary_positions": ("reshape(rotary_positions(reshape(x, [batch_of(x), 3, 2])), shape(x))", lambda x, y: turned(x)),
    "attend": ("reshape(attend(cells(x), cells(y), cells(x * y), causal: true), shape(x))", lambda x, y: attend(x, y)),
    "upsample": ("reshape(upsample(reshape(x[:, 0..4], [batch_of(x), 2, 2, 1]), 2), [batch_of(x), 16])[:, 3..9]", lambda x, y: np.kron(
        x[:, :4].reshape(-1, 2, 2), np.ones((2, 2))).reshape(-1, 16)[:, 3:9]),
    "bilinear": ("reshape(upsample(reshape(x, [batch_of(x), 2, 3, 1]), 2, method: \"bilinear\"), [batch_of(x), 24])[:, 6..12]",
                 lambda x, y: bilinear(x)),
    "max_pool": ("six(max_pool(image(x), 2, padding: \"same\"))", lambda x, y: pooled(x, lambda z: z.max())),
    "avg_pool": ("six(avg_pool(image(x), 2, padding: \"same\"))", lambda x, y: pooled(x, lambda z: z.mean())),
    "avg_valid": ("tile(flatten(avg_pool(image(x), 2)), 6)", lambda x, y: np.tile(pooled(x, lambda z: z.mean())[:, :1], 6)),
    "global_avg_pool": ("x * global_avg_pool(image(x))", lambda x, y: x * np.concatenate([x, x[:, :3]], -1).mean(-1, keepdims=True)),
    "global_max_pool": ("x * global_max_pool(image(x))", lambda x, y: x * x.max(-1, keepdims=True)),
    "log_add": ("log_add(x, y)", lambda x, y: np.logaddexp(x, y)),
    "between_cosine": ("x * between_cosine(1, 3, 0.25)", lambda x, y: x * (2 - math.sqrt(0.5))),
    "flatten": ("flatten(reshape(x, [batch_of(x), 2, 3]))", lambda x, y: x),
}


def cross_entropy(x, label, smoothing=0.0, weights=None, ignore=None):
    """PyTorch's, with reduction "none"."""
    p = log_softmax(x)
    weights = np.ones(x.shape[-1]) if weights is None else weights
    own = -weights[label] * np.take_along_axis(p, label[:, None], -1)[:, 0]
    value = (1 - smoothing) * own - smoothing * (weights * p).mean(-1)
    return np.where(label == ignore, 0, value) if ignore is not None else value


# cross_entropy with each combination of its settings, and of one class.
WEIGHTS = {"": None, ", weights: [1, 2, 0.5, 0, 3, 1.25]": np.array([1, 2, 0.5, 0, 3, 1.25]), ", weights: linspace(0.5, 3, 6)": np.linspace(0.5, 3, 6)}
for smoothing in (0, 0.3):
    for number, (given, weights) in enumerate(WEIGHTS.items()):
        for ignore in ("", ", ignore: 2", ", ignore: 5"):
            SMOOTH[f"entropy_{number}{ignore[-1:]}{smoothing > 0}"] = (
                f"x * cross_entropy(x, argmax(y), smoothing: {smoothing}{given}{ignore})[:, new]",
                lambda x, y, s=smoothing, w=weights, i=ignore: x * cross_entropy(
                    x, y.argmax(-1), s, w, int(i[-1]) if i else None)[:, None])
SMOOTH["entropy_alone"] = ("x * cross_entropy(x[:, ..1], argmax(y[:, ..1]), smoothing: 0.3, weights: [2])[:, new]", lambda x, y: 0 * x)
SMOOTH["entropy_none"] = ("x * cross_entropy(x[:, ..1], argmax(y[:, ..1]), ignore: 0)[:, new]", lambda x, y: 0 * x)
HEAD = """
fn random_free() -> i64[6] = (iota(6) as i64) * 2 % 6
fn largest(x: float[batch, n]) -> float[batch, 2] {
  let (value, _) = top_k(x, 2)
  value
}
fn batch_of(x: any[batch, ...s]) = batch
fn table(x: float[batch, 6]) -> float[batch, 3, 2] = reshape(x, [batch, 3, 2])
fn largest_of(x: float[batch, 3, 2], axis: int) -> float[batch, 1, 2] {
  let (value, _) = top_k(x, 1, axis: axis)
  value
}
fn cells(x: float[batch, 6]) -> float[batch, 1, 3, 2] = reshape(x, [batch, 1, 3, 2])
fn six(x: float[batch, 2, 2, 1]) = concat(flatten(x), flatten(x[:, 0]))
fn image(x: float[batch, 6]) -> float[batch, 3, 3, 1] = reshape(concat(x, x[:, 0..3]), [batch, 3, 3, 1])
"""


def turned(x):
    z = x.reshape(-1, 3, 2) @ [1, 1j] * np.exp(1j * np.arange(3))
    return np.stack([z.real, z.imag], -1).reshape(-1, 6)


def along(x, of):
    """`of`, of the last dimension, along the columns of tables of 3 by 2."""
    return of(x.reshape(-1, 3, 2).transpose(0, 2, 1)).transpose(0, 2, 1).reshape(-1, 6)


def scattered(x, y):
    """Tables of y with x * y added to rows 0 and 1, by the order of x in each column."""
    table, (b, r, c) = y.reshape(-1, 3, 2).copy(), np.indices((len(x), 3, 2))
    np.add.at(table, (b, x.reshape(-1, 3, 2).argsort(1) % 2, c), (x * y).reshape(-1, 3, 2)[b, r, c])
    return table.reshape(-1, 6)


def attend(x, y):
    q, k, v = (z.reshape(-1, 3, 2) for z in (x, y, x * y))
    scores = np.where(np.tri(3, dtype=bool), q @ k.transpose(0, 2, 1) / math.sqrt(2), -np.inf)
    return (softmax(scores) @ v).reshape(-1, 6)


def bilinear(x):
    """Rows 1 of a 4 by 6 image made of 2 by 3: a quarter of the second row, and so on along the columns."""
    row = x.reshape(-1, 2, 3)
    row = 0.75 * row[:, 0] + 0.25 * row[:, 1]
    place = np.clip((np.arange(6) + 0.5) / 2 - 0.5, 0, 2)
    low = np.minimum(np.floor(place).astype(int), 1)
    return row[:, low] * (1 - place + low) + row[:, low + 1] * (place - low)


def pooled(x, of):
    """2 by 2 by 2 by 2 windows of a 3 by 3 image, cut at the border; as 6 numbers."""
    image = np.concatenate([x, x[:, :3]], -1).reshape(-1, 3, 3)
    four = np.array([[of(z[i : i + 2, j : j + 2]) for i in (0, 2) for j in (0, 2)] for z in image])
    return np.concatenate([four, four[:, :2]], -1)


def slope(reference, x, y, at):
    """The gradient of the sum of `reference` by central differences, each example by itself."""
    result, h = np.zeros_like(x), 1e-6
    for i in range(x.shape[1]):
        up, down = [x.copy(), y.copy()], [x.copy(), y.copy()]
        up[at][:, i] += h
        down[at][:, i] -= h
        result[:, i] = (reference(*up) - reference(*down)).sum(-1) / (2 * h)
    return result


x, y = rng.normal(size=(5, 6)), rng.normal(size=(5, 6))
x[3] *= 1.7
for element, relative in (("f64", 1e-11), ("f32", 2e-5)):
    kind = np.float32 if element == "f32" else float
    a, b = x.astype(kind), y.astype(kind)
    names = list(SMOOTH)
    for part in (names[::2], names[1::2]):
        wanted = {n: SMOOTH[n][0] for n in part}
        if element == "f64":
            wanted |= {f"{n}_{w}": f"gradient({SMOOTH[n][0]}, wrt: {w})" for n in part for w in "xy" if re.search(rf"\b{w}\b", SMOOTH[n][0])}
        found = evaluate(wanted, element, HEAD, x=a, y=b)
        for name in wanted:
            base, _, by = name.rpartition("_") if name not in SMOOTH else (name, "", "")
            if not by:
                check(close(found.get(name), SMOOTH[name][1](a.astype(float), b.astype(float)), relative, relative), f"{name} in {element}")
            else:
                expected = slope(SMOOTH[base][1], x, y, "xy".index(by))
                check(close(found.get(name), expected, 1e-6, 1e-7), f"  the gradient of {base} in {by}", "" if name in found else "missing")

# --- The order of many: by merging from 4097 elements on, and where only a run knows how many; with ties, NaN and infinities.
SORTED = """model m(x: f32[batch, {0}]) -> (up: f32[batch, {0}], order: f32[batch, {0}], down: f32[batch, {0}], slope: f32[batch, {0}], first: f32[batch]) {{
  let slope = gradient(sum(sort(x) * (iota({0}) as f32)), wrt: x)
  (sort(x), argsort(x) as f32, argsort(x, descending: true) as f32, slope, sort(x[:, 0]))
}}
"""
for count in (1024, 4096, 4097, 5003):
    many = np.round(rng.normal(size=(5, count)), 1).astype(np.float32)
    many[0, :9] = [np.nan, np.inf, -np.inf, 0, -0.0, np.nan, np.inf, -np.inf, 1]
    many[1], many[2] = 7, np.nan
    found = predict(build(SORTED.format(count), "sorted"), x=many)
    with np.errstate(invalid="ignore"):
        expected = {"up": np.sort(many), "order": np.argsort(many, kind="stable"), "down": np.argsort(-many, kind="stable"), "first": np.sort(many[:, 0])}
    expected["slope"] = np.argsort(expected["order"])  # the place of each
    for name, value in expected.items():
        shown = np.where(np.isfinite(value), value, np.nan)  # JSON has no infinities
        check(np.array_equal(np.float32(found[name]), np.float32(shown), equal_nan=True), f"{name} of {count} elements", (found[name], value))

# Along an axis with dimensions behind it that only a run knows.
BEFORE = """model m(x: f32[batch, 4, n]) -> (up: f32[batch, 4, n], order: f32[batch, 4, n], two: f32[batch, 2, n], added: f32[batch, 4, n]) {
  let (two, places) = top_k(x, 2, axis: 1)
  (sort(x, axis: 1), argsort(x, axis: 1) as f32, two, scatter_add(0 * x, places, gather(x, places, axis: 1), axis: 1))
}
"""
exe = build(BEFORE, "before")
for n in (1, 3):
    x = np.random.default_rng(n).normal(size=(5, 4, n)).astype(np.float32)
    rank = (-x).argsort(1).argsort(1)
    found = predict(exe, x=x)
    for name, value in {"up": np.sort(x, 1), "order": x.argsort(1), "two": -np.sort(-x, 1)[:, :2], "added": np.where(rank < 2, x, 0)}.items():
        check(np.array_equal(np.float32(found.get(name)), np.float32(value)), f"{name} before {n} elements", (found.get(name), value))

# Pairs are compared without keeping them: 8 rows of 1000 are 32 KB, their pairs 8 MB.
KEPT = """model m(x: f32[batch, 1000]) -> y: f32[batch, 1000] = x |> dense(1000)
train m {
  let x: f32[batch, 1000] = uniform()
  loss      l = mean((sort(m(x)) - x) ^ 2, axis: 1)
  optimizer sgd(lr: 0.1)
  batch     8
  steps     1
}
"""
# Nor where one counts them oneself, with flags of all pairs and of all places (1 MB).
OWN = """fn comes(a: float[...s], b: float[...t]) = a < b or (a == a and b != b)
fn places(x: float[m, n]) -> i64[m, n] {
  let (other, mine) = (x[:, new, :], x[:, :, new])
  let is_first = iota(n)[new, :] < iota(n)[:, new]
  sum((comes(other, mine) or (not comes(mine, other) and is_first)) as i64, axis: 2)
}
"""
for text in (KEPT, OWN + KEPT.replace("sort(m(x))", "(places(m(x)) as f32) * m(x)")):
    outcome = run(NNC, "summary", write("kept.nn", text))
    activations = re.search(r"activations +([0-9,]+)", outcome.out)
    check(activations and int(activations[1].replace(",", "")) < 1_000_000, "pairs aren't kept", outcome.out[-200:] + outcome.err)

# --- What has no gradient, or none to speak of, at the points that count.
POINTS = np.array([[0, -0.0, 0.5, -0.5, 1.5, 2.5], [0.49999997, -2.5, 1e9, -1e9, 0.3, -0.7], [np.nan, 1, -1, 3, 3, -np.inf],
                   [1, 0, -1, np.inf, np.nan, 2], [7, 6, 0, -3, 3, -4]])
OTHER = np.array([[0, 0, -1, 1, -1, 1], [-1, 0, 1, -1, 0, 0], [0, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1], [-1, -1, -2, -1, -1, 2.0]])
found = evaluate({"round": "round(x)", "ceil": "ceil(x)", "trunc": "trunc(x)", "filled": "fill(x, 2)", "unknown": "is_nan(x) as f64",
                  "order": "argsort(x) as f64", "sorted": "sort(x)", "angle": "atan2(y, x)",
                  "flat": "gradient(relu6(x) + softsign(x), wrt: x)", "least": "0 * y + argmin(y)[:, new]", "far": "atan(x * 1e300)",
                  "edge": "acos(clamp(x, -1, 1))", "length": "gradient(norm(0 * y, axis: 1), wrt: y)",
                  "nearest": "asin(clamp(x, -1, 1))", "middle": "0 * y + median(y, axis: 1, keep: true)"}, "f64", x=POINTS, y=OTHER)
with np.errstate(invalid="ignore", over="ignore"):
    order = np.argsort(POINTS, -1, kind="stable")
    expected = {"round": np.round(POINTS), "ceil": np.ceil(POINTS), "trunc": np.trunc(POINTS), "unknown": np.isnan(POINTS),
                "filled": np.where(np.isnan(POINTS), 2, POINTS), "order": order, "sorted": np.sort(POINTS, -1),
                "least": np.zeros((5, 6)) + OTHER.argmin(-1)[:, None], "edge": np.arccos(np.clip(POINTS, -1, 1)),
                "length": np.zeros((5, 6)), "far": np.arctan(POINTS * 1e300), "nearest": np.arcsin(np.clip(POINTS, -1, 1)),
                "middle": np.zeros((5, 6)) + np.median(OTHER, -1, keepdims=True)}
    finite = np.isfinite(POINTS)
    inner = np.where(finite, POINTS, 0)
    expected["flat"] = np.where(finite, ((inner > 0) & (inner < 6)) + 1 / (1 + np.abs(inner)) ** 2, 0)
    expected["angle"] = np.arctan2(OTHER, POINTS)
finite[0, 1] = False  # the sign of a zero is not told
for name, value in expected.items():
    value = np.where(np.isinf(value), np.nan, value)  # which prediction prints alike
    if name in ("flat", "angle"):
        value, found[name] = np.where(finite, value, 0), np.where(finite, found[name], 0)
    check(close(found.get(name), value, 1e-14, 1e-15), f"{name} at the points that count", "" if close(found.get(name), value, 1e-14, 1e-15) else [found[name], value])


# --- Examples of the class that is ignored are nothing, whatever their scores; the others are as without them.
broken = np.array([[np.nan] * 6, [np.inf, 0, -np.inf, 1, 1, 2], [9, 0, -2, 1, 1, 3], [1e308] * 6, [0, 5, 1, 2, 3, 1]])
classes = np.array([3, 3, 1, 3, 0])
given = np.eye(6)[classes]
for settings, smoothing, weights in (("", 0, None), (", smoothing: 0.2, weights: [1, 2, 3, 4, 5, 6]", 0.2, np.arange(1.0, 7))):
    loss = f"cross_entropy(x, argmax(y){settings}, ignore: 3)"
    found = evaluate({"value": f"0 * y + {loss}[:, new]", "slope": f"gradient({loss}, wrt: x)"}, "f64", x=broken, y=given)
    rows = [2, 4]
    value, slopes = np.zeros((5, 6)), np.zeros((5, 6))
    value[rows] = cross_entropy(broken[rows], classes[rows], smoothing, weights)[:, None]
    slopes[rows] = slope(lambda x, y: cross_entropy(x, classes[rows], smoothing, weights)[:, None], broken[rows], given[rows], 0)
    counted = np.isin(np.arange(5), rows)
    check(close(found.get("value"), value, 1e-12) and not found["value"][~counted].any(), f"what is ignored costs nothing{settings}", found)
    check(close(found.get("slope"), slopes, 1e-6, 1e-7) and not found["slope"][~counted].any(), "  and has no gradient", found)

# --- The hyperbolic ones and their slopes, near 0 and up to the largest number, where exp alone overflows.
ENDS = {"f32": [88, 88.9, 89.4, -89.415], "f64": [709, 709.9, 710.47, -710.475], "f16": [11, 11.5, 11.75, -11.78]}
for element, ends in ENDS.items():
    kind = {"f32": np.float32, "f64": np.float64, "f16": np.float16}[element]
    near = [0, 1e-6, -1e-3, 0.3, 0.9999, -1.0001, 2.5, 9]
    far = np.array([near + ends], kind)
    found = evaluate({"sinh": "sinh(x)", "cosh": "cosh(x)", "sinh_slope": "gradient(sinh(x), wrt: x)",
                      "cosh_slope": "gradient(cosh(x), wrt: x)"}, element, x=far)
    for name, reference in (("sinh", np.sinh), ("cosh", np.cosh), ("sinh_slope", np.cosh), ("cosh_slope", np.sinh)):
        exact = reference(far.astype(np.longdouble))
        off = np.abs(found[name] - exact) / np.spacing(np.abs(exact).astype(kind)).astype(float)
        check(np.all(off < 4), f"{name} in {element} from 0 to the largest number", off)
# Beyond, they are infinite; the reciprocal tells that from NaN.
beyond = np.array([[90, -90, 1e4, -1e4, np.inf, -np.inf]])
found = evaluate({"sinh": "1 / sinh(x)", "cosh": "1 / cosh(x)", "sinh_slope": "1 / gradient(sinh(x), wrt: x)",
                  "cosh_slope": "1 / gradient(cosh(x), wrt: x)"}, x=beyond)
check(all(np.array_equal(value, np.zeros((1, 6))) for value in found.values()) and len(found) == 4, "  and beyond it infinite", found)

# --- Places and counts beyond what the type of the data tells apart.
PLACES = """fn line() -> {0}[300] = linspace(0, 299, 300)

model m(x_in: f32[batch, 600, 4], i_in: f32[batch, 4, 300], y_in: f32[batch, 601])
  -> (turned: {0}[batch, 600, 4], wide: {0}[batch, 8, 600], line: {0}[batch, 300], middle: {0}[batch]) {{
  let (x, i, y) = (x_in as {0}, i_in as {0}, y_in as {0})
  (rotary_positions(x), upsample(i[..., new], 2, method: "bilinear")[..., 0], y[:, ..1] * 0 + line()[new, :], median(y, axis: 1))
}}
"""


def between(a):
    """Twice as many of the second dimension, linear between centres."""
    place = np.clip((np.arange(2 * a.shape[1]) + 0.5) / 2 - 0.5, 0, a.shape[1] - 1)
    low = np.minimum(np.floor(place).astype(int), a.shape[1] - 2)
    share = (place - low)[:, None]
    return a[:, low] * (1 - share) + a[:, low + 1] * share


x_in = rng.integers(-8, 9, (2, 600, 4)).astype(float)
i_in = rng.integers(-8, 9, (2, 4, 300)).astype(float)
y_in = np.tile(np.concatenate([np.zeros(280), np.arange(1, 322)]), (2, 1))
z = (x_in[..., :2] + 1j * x_in[..., 2:]) * np.exp(1j * np.arange(600)[:, None] * [1, 0.01])
expected = {"turned": np.concatenate([z.real, z.imag], -1), "wide": between(between(i_in).transpose(0, 2, 1)).transpose(0, 2, 1),
            "line": np.tile(np.arange(300.0), (2, 1)), "middle": np.full(2, 21.0)}
# Half the last digit of the type; angles up to 600 are known to 2e-5 in f32.
for element, relative, absolute in (("bf16", 2.0**-8, 2e-4), ("f16", 2.0**-11, 2e-4), ("f32", 1e-6, 4e-4), ("f64", 1e-12, 1e-11)):
    found = predict(build(PLACES.format(element), "places"), x_in=x_in.astype(np.float32), i_in=i_in.astype(np.float32), y_in=y_in.astype(np.float32))
    for name, value in expected.items():
        check(close(found.get(name), value, relative, absolute), f"{name} of many places in {element}", "" if name not in found else np.abs(found[name] - value).max())

# --- Padding is below all numbers of every type.
for element in ("f16", "bf16", "f32", "f64"):
    found = evaluate({"pool": "x * 0 + flatten(max_pool(image(x), 3, stride: 3, padding: \"same\"))",
                      "wide": "x * 0 + flatten(max(windows(image(x), size: 3, stride: 3, padding: \"same\", fill: -3e38), axis: [3, 4]))"},
                     element, HEAD.replace("image(x: float[batch, 6]) -> float[batch, 3, 3, 1] = reshape(concat(x, x[:, 0..3]), [batch, 3, 3, 1])",
                                           "image(x: float[batch, 6]) -> float[batch, 1, 1, 6] = reshape(x, [batch, 1, 1, 6])"), x=np.full((2, 6), -6e4))
    check(all(close(found.get(n), np.full((2, 6), -6e4), 1e-2) for n in ("pool", "wide")), f"padding never wins in {element}", found)

# --- ctc: the probabilities of all ways to spell, added up.
def spellings(p, label, blank=0):
    """-log of the sum over all sequences of classes that spell `label`, of their probabilities."""
    total, (times, classes) = 0.0, p.shape
    for code in np.ndindex(*[classes] * times):
        kept = [c for i, c in enumerate(code) if i == 0 or c != code[i - 1]]
        if [c for c in kept if c != blank] == list(label):
            total += np.prod(p[np.arange(times), code])
    return -np.log(total)


CTC = """model m(x: f64[batch, 5, 3], label_in: i32[batch, 2], times: i64[batch])
  -> (cost: f64[batch], cut: f64[batch], slope: f64[batch, 5, 3], last: f64[batch]) {
  let label = label_in as index(3)
  (ctc(x, label), ctc(x, label, lengths: times), gradient(ctc(x, label, lengths: times), wrt: x), ctc(x, ((label_in + 2) % 3) as index(3), blank: 2))
}
"""
scores = rng.normal(size=(6, 5, 3))
labels = np.array([[1, 2], [1, 1], [2, 0], [0, 0], [2, 1], [1, 2]], np.int32)
times = np.array([5, 3, 1, 4, 5, 2])
found = predict(build(CTC, "ctc"), x=scores, label_in=labels, times=times)


def cost(z, i, count, blank=0):
    label = [(c + 2) % 3 if blank else c for c in labels[i] if c != 0]
    return spellings(softmax(z)[:count], label, blank)


check(close(found["cost"], [cost(scores[i], i, 5) for i in range(6)], 1e-12), "ctc is what all spellings cost", found["cost"])
check(close(found["last"], [cost(scores[i], i, 5, 2) for i in range(6)], 1e-12), "  with another blank")
check(close(found["cut"], [cost(scores[i], i, times[i]) for i in range(6)], 1e-12), "  with times of each example's own", found["cut"])
expected = np.zeros_like(scores)
for place in np.ndindex(*scores.shape):
    up, down = scores.copy(), scores.copy()
    up[place] += 1e-6
    down[place] -= 1e-6
    i = place[0]
    expected[place] = (cost(up[i], i, times[i]) - cost(down[i], i, times[i])) / 2e-6
check(close(found["slope"], expected, 1e-6, 1e-7), "  and its gradient")

# --- Each function of the library has a case, here or in the test of its kind; `check_` refuses settings and computes nothing.
tested = ""
for name in ("library_functions", "library_layers", "library_updates", "library_metrics", "metric_tables", "augmentations"):
    with open(os.path.join(HERE, f"test_{name}.py"), encoding="utf-8") as file:
        tested += file.read()
listed = re.search(r"^functions:\n(.*?)\n\n", run(NNC, "std").out, re.S | re.M).group(1)
names = {line.split()[0] for line in listed.splitlines()}
WITHIN = {"transposed_size": "conv2d_transpose", "padded_size": "conv2d_transpose", "rows_between": "upsample", "pixels_at": "random_crop",
          "angle_left": "atan", "along_axis": "take", "resized_shape": "take", "moved_last": "gather", "moved_back": "gather",
          "order_of_rows": "argsort", "sums_up_to": "cumsum", "products_up_to": "cumprod", "smallest": "median", "signed_power": "median",
          "standardize": "test_tables", "zeros": "layer_norm", "ones": "layer_norm"}
missing = {n for n in names if not n.startswith("check_") and n not in WITHIN and not re.search(rf"\b{n}\(", tested)}
check(names and not missing, "each function is compared", missing)
finish()
