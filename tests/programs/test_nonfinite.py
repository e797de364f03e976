"""NaN and infinities go where NumPy says they go, with and without optimisation: none is lost, none appears."""
# RUN: %python %s
import json

import numpy as np

from support import build, check, finish, run, save_weights, tmp

def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def log_softmax(x):
    shifted = x - x.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


# An output's name, its expression, and the same in NumPy, of the inputs x and y and the parameter w.
OUTPUTS = [
    ("rectified", "x |> relu", lambda x, y, w: np.maximum(x, 0)),
    ("leaky", "x |> leaky_relu", lambda x, y, w: np.where(x > 0, x, 0.01 * x)),
    ("larger", "maximum(x, y)", lambda x, y, w: np.maximum(x, y)),
    ("smaller", "minimum(y, x)", lambda x, y, w: np.minimum(y, x)),
    ("soft", "x |> softmax", lambda x, y, w: softmax(x)),
    ("log_soft", "x |> log_softmax", lambda x, y, w: log_softmax(x)),
    ("chosen", "where(x > y, x, 2 * y)", lambda x, y, w: np.where(x > y, x, 2 * y)),
    ("negated", "where(not (x < y), 2 * x, y)", lambda x, y, w: np.where(~(x < y), 2 * x, y)),
    ("ordered", "(x < y) as f32 + 2 * (x <= y) as f32 + 4 * (x >= y) as f32",
     lambda x, y, w: (x < y) + 2.0 * (x <= y) + 4.0 * (x >= y)),
    ("equal", "(x == y) as f32 + 2 * (x != y) as f32 + 4 * (x == x) as f32",
     lambda x, y, w: (x == y) + 2.0 * (x != y) + 4.0 * (x == x)),
    ("top", "y + max(x, axis: -1, keep: true)", lambda x, y, w: y + x.max(-1, keepdims=True)),
    ("bottom", "y - min(x, axis: -1, keep: true)", lambda x, y, w: y - x.min(-1, keepdims=True)),
    ("total", "y * sum(x, axis: -1, keep: true)", lambda x, y, w: y * x.sum(-1, keepdims=True)),
    ("place", "z * 0 + reshape(argmax(x) as f32, [batch, 1])", lambda x, y, w: np.broadcast_to(x.argmax(-1)[:, None], x.shape)),
    ("nothing", "x * 0", lambda x, y, w: x * 0),
    ("itself", "x - x", lambda x, y, w: x - x),
    ("ratio", "x / x", lambda x, y, w: x / x),
    ("square", "x ^ 2", lambda x, y, w: x**2),
    ("squashed", "tanh(x) + 1 / (1 + exp(-x))", lambda x, y, w: np.tanh(x) + 1 / (1 + np.exp(-x))),
    # A column of w holds a NaN, another an infinity; the sum runs over products one by one, for what BLAS does with a NaN
    # is its own affair.
    ("weighed", "x @ w", lambda x, y, w: (x[:, :, None] * w).sum(1)),
    ("weighed_max", "maximum(y @ w, x)", lambda x, y, w: np.maximum((y[:, :, None] * w).sum(1), x)),
    # Cross-entropy by rows, with labels from y made finite.
    ("entropy", "y - reshape(pick(x |> log_softmax, argmax(z)), [batch, 1])",
     lambda x, y, w: y - np.take_along_axis(log_softmax(x), np.where(np.abs(y) < 3, y, 0).argmax(-1)[:, None], -1)),
]
# JSON has no word for them: 1 is a NaN, 2 infinity, 3 minus infinity.
KIND = "fn kind(x: f32[...s]) -> f32[...s] = where(x != x, 1.0, where(x > 3e38, 2.0, where(x < -3e38, 3.0, x * 0)))\n"
ROWS = 37


def write_program(n):
    outputs = [(name, text) for name, text, _ in OUTPUTS]
    signature = ", ".join(f"{name}: f32[batch, {n}], {name}_kind: f32[batch, {n}]" for name, _ in outputs)
    lets = "\n".join(f"  let {name} = {text}" for name, text in outputs)
    results = ", ".join(f"{name}, kind({name})" for name, _ in outputs)
    return (KIND + f"\nmodel net(x: f32[batch, {n}], y: f32[batch, {n}]) -> ({signature}) {{\n"
            f"  param w: f32[{n}, {n}] = ones()\n  let z = where(abs(y) < 3, y, 0)\n{lets}\n  ({results})\n}}\n")


def draw(n):
    """Inputs in which most rows hold something that isn't finite: one kind or several, here and there."""
    rng = np.random.default_rng(n)
    x, y, w = (rng.normal(0, 2, shape).astype(np.float32) for shape in ((ROWS, n), (ROWS, n), (n, n)))
    odd = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0], np.float32)
    for row in range(4, ROWS):
        for values in (x, y):
            places = rng.random(n) < rng.choice([0, 1 / n, 0.5])
            values[row, places] = rng.choice(odd, places.sum()) if row % 2 else odd[row // 2 % 5]
    w[rng.integers(n), 0] = np.nan
    w[rng.integers(n), -1] = np.inf
    return x, y, w


def kinds(array):
    return np.select([np.isnan(array), array == np.inf, array == -np.inf], [1, 2, 3], 0)


def main():
    for n in (3, 8, 33):
        x, y, w = draw(n)
        np.save(tmp("x.npy"), x)
        np.save(tmp("y.npy"), y)
        save_weights(tmp("weights"), {"w": w})
        with np.errstate(all="ignore"):
            expected = {}
            for name, _, function in OUTPUTS:
                expected[name] = function(*(a.astype(float) for a in (x, y, w)))
        for level in ("-O0", "-O3"):
            exe = build(write_program(n), f"net{n}{level}", level)
            outcome = run(exe, "predict", "--weights", tmp("weights"), f"x={tmp('x.npy')}", f"y={tmp('y.npy')}")
            if not check(outcome.status == 0, f"  predict of width {n}", outcome.err[-500:]):
                continue
            rows = json.loads(outcome.out)
            for name, wanted in expected.items():
                found = np.array([row[name] for row in rows], float) # null is NaN
                kind = np.array([row[name + "_kind"] for row in rows])
                finite = np.isfinite(wanted)
                ok = np.array_equal(kind, kinds(wanted)) and np.array_equal(np.isfinite(found), finite)
                close = np.allclose(found[finite], wanted[finite], rtol=1e-5, atol=1e-5)
                wrong = np.argwhere(kind != kinds(wanted))[:3].tolist()
                check(ok and close, f"{name} of width {n} at {level}", "" if ok and close else f"differs at {wrong}")


main()
finish()
