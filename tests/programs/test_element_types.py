"""Models of every element type, as inputs, in between and as outputs, against NumPy: values, and the rounding of f16 and bf16."""
# RUN: %python %s
import json
import re

import numpy as np

from support import NNC, build, check, finish, run, save_weights, tmp, write

ROWS, COLUMNS = 5, 21  # Neither is a multiple of a vector's elements.
EVERYWHERE = [(cpu, level) for cpu in ("native", "x86-64-v3") for level in ("-O0", "-O1", "-O2", "-O3")]
PRECISION = {"f64": 53, "f32": 24, "f16": 11, "bf16": 8}
LEAST = {"f64": -1021, "f32": -125, "f16": -13, "bf16": -125}  # of frexp's exponents
random = np.random.default_rng(0)
save_weights(tmp("none"), {})


def ulp(x, kind):
    """The distance of neighbours of type `kind` near x."""
    return np.ldexp(1.0, np.maximum(np.frexp(x)[1], LEAST[kind]) - PRECISION[kind])


def rounded(x, kind):
    """The nearest values of type `kind`, ties to even; exact for every float64 in its range."""
    return x if kind == "f64" else np.rint(x / ulp(x, kind)) * ulp(x, kind)


def predict(source, name, options, **inputs):
    """{output: array} of a model for a batch."""
    program = build(source, name, "--cpu", options[0], options[1])
    for key, value in inputs.items():
        np.save(tmp(key + ".npy"), value)
    files = [f"{key}={tmp(key + '.npy')}" for key in inputs]
    outcome = run(program, "predict", "--weights", tmp("none"), *files)
    if not check(outcome.status == 0, f"  predict {name}", outcome.err[-400:]):
        finish()
    examples = json.loads(outcome.out)
    return {key: np.array([example[key] for example in examples]) for key in examples[0]}


def near(found, expected, tolerance, kind):
    # The digits that are printed are those that tell one f32 from its neighbours.
    found = found if kind == "f64" else found.astype(np.float32).astype(float)
    return found.shape == expected.shape and bool((np.abs(found - expected) <= tolerance).all())


# --- Floating point. Products and conversions are exact to the bit; exp is a few ulp off in f32, which is computed with for
# f16 and bf16, and so at most one of theirs; so are sums, whose error bound is n * u * sum |x|.
FLOATS = """
model m(x: {source}[batch, 21], w: {source}[batch, 21])
    -> (product: {kind}[batch, 21], power: {kind}[batch, 21], total: {kind}[batch], less: bool[batch, 21]) {{
  let a = x as {kind}
  let b = w as {kind}
  (a * b, exp(a), sum(a, axis: -1), a < b)
}}
"""
FLOAT_INPUT = {"f64": np.float64, "f32": np.float32, "f16": np.float16, "bf16": np.float32}
for kind in PRECISION:
    source = "f32" if kind == "bf16" else kind  # .npy has no bf16.
    x, w = (random.normal(0, 2, (ROWS, COLUMNS)).astype(FLOAT_INPUT[kind]) for _ in range(2))
    a, b = (rounded(each.astype(float), kind) for each in (x, w))
    power = np.exp(a)
    summing = "f64" if kind == "f64" else "f32"
    for options in EVERYWHERE if kind in ("f16", "bf16") else [("native", "-O0"), ("native", "-O3")]:
        found = predict(FLOATS.format(kind=kind, source=source), kind, options, x=x, w=w)
        check(near(found["product"], rounded(a * b, kind), 0, kind), f"  {kind} products are rounded once")
        check(near(found["power"], power, (3 if kind == summing else 1) * ulp(power, kind), kind), f"  {kind} exp")
        bound = COLUMNS * 2.0 ** -PRECISION[summing] * np.abs(a).sum(1) + ulp(a.sum(1), kind)
        check(near(found["total"], a.sum(1), bound, kind), f"  {kind} sums")
        check((found["less"] == (a < b)).all(), f"  {kind} comparison")

# --- Conversions to bf16 round once where f32 in between would round twice; what is beyond the range is infinite.
CONVERSIONS = """
model m(x: f64[batch, 3], k: i32[batch, 2], s: f32[batch, 4])
    -> (x16: bf16[batch, 3], k16: bf16[batch, 2], nan: bool[batch, 4], finite: bool[batch, 4]) {
  let a = s as bf16
  (x as bf16, k as bf16, a != a, a - a == 0)
}
"""
x = np.array([[1 + 2.0**-8 + 2.0**-40, 1 + 2.0**-8 - 2.0**-40, -3 - 2.0**-7 - 2.0**-45]])
k = np.array([[2**24 + 2**16 + 1, -(2**24) - 2**16 - 1]], np.int32)
s = np.array([[np.nan, np.inf, 3.4e38, 1e-40]], np.float32)
for options in EVERYWHERE:
    found = predict(CONVERSIONS, "conversions", options, x=x, k=k, s=s)
    check(near(found["x16"], rounded(x, "bf16"), 0, "bf16"), "  f64 to bf16", found["x16"].tolist())
    check(near(found["k16"], rounded(k.astype(float), "bf16"), 0, "bf16"), "  i32 to bf16", found["k16"].tolist())
    check(found["nan"].tolist() == [[True, False, False, False]], "  NaN stays NaN in bf16")
    check(found["finite"].tolist() == [[False, False, False, True]], "  what is too large for bf16 is infinite")

# --- Integers wrap; u8 computes as f32.
INTEGERS = """
model m(a: {kind}[batch, 21], b: {kind}[batch, 21])
    -> (added: {made}[batch, 21], product: {made}[batch, 21], greater: {made}[batch, 21], total: {made}[batch], less: bool[batch, 21]) {{
  (a + b, a * b, maximum(a, b) as {made}, sum(a, axis: -1), a < b)
}}
"""
for kind, dtype, made in (("i32", np.int32, np.int32), ("i64", np.int64, np.int64), ("u8", np.uint8, np.float32)):
    limits = np.iinfo(dtype)
    a, b = (random.integers(limits.min, limits.max, (ROWS, COLUMNS), dtype, endpoint=True) for _ in range(2))
    x, y = a.astype(made), b.astype(made)
    expected = {"added": x + y, "product": x * y, "greater": np.maximum(x, y), "total": x.sum(1, dtype=made), "less": a < b}
    name_of = {np.float32: "f32"}.get(made, kind)
    for options in (("native", "-O0"), ("native", "-O3")):
        found = predict(INTEGERS.format(kind=kind, made=name_of), kind, options, a=a, b=b)
        for name, value in expected.items():
            check((found[name].astype(value.dtype) == value).all(), f"  {kind} {name}")

# --- Truth values: bytes in memory, bits in vectors. The transposed ones are stored in between and read back as columns.
TRUTHS = """
model m(a: bool[batch, 4, 21], x: f32[batch, 4, 21])
    -> (both: bool[batch, 4, 21], neither: bool[batch, 4, 21], turned: bool[batch, 21, 4],
        chosen: f32[batch, 21, 4], count: f32[batch, 4]) {
  let b = x > 0
  let c = a and b
  let turned = transpose(c, [0, 2, 1])
  (c, not (a or b), turned, where(turned, 2, transpose(x, [0, 2, 1])), sum(c as f32, axis: -1))
}
"""
a = random.integers(0, 2, (ROWS, 4, COLUMNS)).astype(bool)
x = random.normal(0, 1, (ROWS, 4, COLUMNS)).astype(np.float32)
b = x > 0
turned = (a & b).transpose(0, 2, 1)
expected = {"both": a & b, "neither": ~(a | b), "turned": turned, "chosen": np.where(turned, np.float32(2), x.transpose(0, 2, 1)),
            "count": (a & b).sum(-1)}
for options in EVERYWHERE:
    found = predict(TRUTHS, "truths", options, a=a, x=x)
    for name, value in expected.items():
        check((found[name].astype(value.dtype) == value).all(), f"  bool {name}")

# --- What is kept of half precision for the gradient is as wide as it comes in, also where a layer computes in f32: half of
# what f32 keeps, and two tensors of f32 that the gradient of one layer works with.
KEPT = """model m(x: {0}[batch, 256]) -> y: {0}[batch, 256] = x |> dense(256) |> repeat(4) block
layer block(x: float[batch, n]) -> float[batch, n] = x + (x |> {1} |> dense(n))
train m {{
  let x: {0}[batch, 256] = uniform()
  loss      l = mean((m(x) - x) ^ 2, axis: 1)
  optimizer sgd(lr: 0.1)
  batch     512
  steps     1
}}
"""
for layer in ("layer_norm", "rms_norm", "group_norm(4)", "batch_norm"):
    needs = {}
    for kind in ("f32", "bf16", "f16"):
        outcome = run(NNC, "summary", write("kept.nn", KEPT.format(kind, layer)))
        activations = re.search(r"activations +([0-9,]+)", outcome.out)
        needs[kind] = int(activations[1].replace(",", "")) if activations else 0
    most = needs["f32"] / 2 + 2 * 512 * 256 * 4
    check(0 < needs["bf16"] <= most and 0 < needs["f16"] <= most, f"  {layer} keeps half", needs)
finish()
