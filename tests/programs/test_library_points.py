"""The library at its special points: kinks, ties, bounds, poles, the ends of the numbers. Values and gradients, in every type.

What is expected is PyTorch's convention, or where the comment of the function says so, another: a gradient is finite
where PyTorch's is, and the slope at a kink is the one of its choice. A NaN stays a NaN; what the slope is there, or where
there is none, isn't asked.
"""
# RUN: %python %s
import math
import re

import numpy as np

from support import build, check, finish, info, predict, save_weights, tmp

INF, NAN = math.inf, math.nan
KINDS = {"f64": np.float64, "f32": np.float32, "f16": np.float16, "bf16": np.float32}
# Relative and absolute: some digits of the last place.
NEAR = {"f64": (1e-12, 1e-14), "f32": (4e-6, 1e-6), "f16": (6e-3, 2e-3), "bf16": (4e-2, 2e-2)}
HEAD = """
// Prediction prints no infinities.
fn shown(x: f64[...s]) -> f64[...s] = where(x > 1e299, 1e300, where(x < -1e299, -1e300, x))

fn flat(x: f64[batch, ...s]) -> f64[batch, size(s)] = reshape(x, [batch, size(s)])

fn largest(x: float[batch, n]) -> float[batch, 2] {
  let (value, _) = top_k(x, 2)
  value
}
"""


def sigmoid(x):
    return np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))


def cdf(x):
    return np.vectorize(math.erfc)(-x / math.sqrt(2)) / 2


def pdf(x):
    return np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def mish_slope(x):
    t = np.tanh(np.logaddexp(0, x))
    return t + x * (1 - t * t) * sigmoid(x)


def hard(x):
    return np.clip(x + 3, 0, 6) / 6


SELU, ALPHA = 1.0507009873554805, 1.6732632423543772
# Name: value, slope, of each element.
UNARY = {
    "relu": (lambda x: np.maximum(x, 0), lambda x: x > 0),
    "leaky_relu": (lambda x: np.where(x > 0, x, 0.01 * x), lambda x: np.where(x > 0, 1, 0.01)),
    "elu": (lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))), lambda x: np.exp(np.minimum(x, 0))),
    "selu": (lambda x: SELU * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0))),
             lambda x: SELU * np.where(x > 0, 1, ALPHA * np.exp(np.minimum(x, 0)))),
    "gelu": (lambda x: x * cdf(x), lambda x: cdf(x) + x * pdf(x)),
    "silu": (lambda x: x * sigmoid(x), lambda x: sigmoid(x) + x * sigmoid(x) * sigmoid(-x)),
    "softsign": (lambda x: x / (1 + np.abs(x)), lambda x: np.where(np.isinf(x), NAN, 1 / (1 + np.abs(x)) ** 2)),
    "mish": (lambda x: x * np.tanh(np.logaddexp(0, x)), mish_slope),
    "relu6": (lambda x: np.clip(x, 0, 6), lambda x: (x > 0) & (x < 6)),
    "hard_sigmoid": (hard, lambda x: (np.abs(x) < 3) / 6),
    "hard_swish": (lambda x: x * hard(x), lambda x: np.where(np.abs(x) < 3, hard(x) + x / 6, x >= 3)),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "sigmoid": (sigmoid, lambda x: sigmoid(x) * sigmoid(-x)),
    "softplus": (lambda x: np.logaddexp(0, x), sigmoid),
    "log_sigmoid": (lambda x: -np.logaddexp(0, -x), lambda x: sigmoid(-x)),
    "exp": (np.exp, np.exp),
    "expm1": (np.expm1, np.exp),
    "abs": (np.abs, np.sign),
    "erf": (np.vectorize(math.erf), lambda x: 2 / math.sqrt(math.pi) * np.exp(-x * x)),
    "normal_cdf": (cdf, pdf),
    "sinh": (np.sinh, np.cosh),
    "cosh": (np.cosh, np.sinh),
    "atan": (np.arctan, lambda x: 1 / (1 + x * x)),
    "log": (np.log, lambda x: 1 / x),
    "log1p": (np.log1p, lambda x: 1 / (1 + x)),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "rsqrt": (lambda x: 1 / np.sqrt(x), lambda x: -0.5 / np.sqrt(x) / x),
    "asin": (np.arcsin, lambda x: 1 / np.sqrt(1 - x * x)),
    "acos": (np.arccos, lambda x: -1 / np.sqrt(1 - x * x)),
    "ceil": (np.ceil, np.zeros_like),
    "floor": (np.floor, np.zeros_like),
    "round": (np.round, np.zeros_like),
    "trunc": (np.trunc, np.zeros_like),
    "sign": (np.sign, np.zeros_like),
    "clamp": (lambda x: np.clip(x, -1, 2), lambda x: (x > -1) & (x < 2), "clamp(x, -1, 2)"),
    "square": (lambda x: x * x, lambda x: 2 * x, "x ^ 2"),
    "root": (lambda x: x**0.5, lambda x: np.where(x >= 0, 0.5 * np.abs(x) ** -0.5, NAN), "x ^ 0.5"),
    "one": (lambda x: np.ones_like(x), np.zeros_like, "x ^ 0"),
    "reciprocal": (lambda x: 1 / x, lambda x: -1 / (x * x), "x ^ -1"),
    "guarded_root": (lambda x: np.sqrt(np.where(x > 0, x, 0)), lambda x: np.where(x > 0, 0.5 / np.sqrt(np.abs(x)), 0), "where(x > 0, sqrt(x), 0)"),
}
POINTS = [0.0, -0.0, 1, -1, 2, -2, 3, -3, 6, -6, 80, -80, 1e4, -1e4, INF, -INF, NAN]

# Expression; x and y; the value; the slopes in x and in y. The slope of an inner None isn't asked.
PAIRS = {
    "maximum": ("maximum(x, y)", [1, 1, 2, 0, NAN, 1, INF], [1, 2, 1, 0, 1, NAN, 1], [1, 2, 2, 0, NAN, NAN, INF],
                [0.5, 0, 1, 0.5, None, None, 1], [0.5, 1, 0, 0.5, None, None, 0]),
    "minimum": ("minimum(x, y)", [1, 1, 2, 0, NAN, 1, -INF], [1, 2, 1, 0, 1, NAN, 1], [1, 1, 1, 0, NAN, NAN, -INF],
                [0.5, 1, 0, 0.5, None, None, 1], [0.5, 0, 1, 0.5, None, None, 0]),
    "remainder": ("x % y", [7, -7, 6, -6, 0, 1], [3, 3, 3, -3, 3, 0], [1, 2, 0, 0, 0, NAN], [1, 1, 1, 1, 1, None], [-2, 3, -2, -2, 0, None]),
    # The derivative in the exponent, log(x) * x ^ y, is 0 where x is not above 0, as in Keras.
    "power": ("x ^ y", [0, 0, 0, 0, 2, -2, -2, INF, 1], [0, 1, 2, 0.5, 0, 2, 3, 0, INF], [1, 0, 0, 0, 1, 4, -8, 1, 1],
              [0, 1, 0, INF, 0, -4, 12, 0, None], [0, 0, 0, 0, math.log(2), 0, 0, None, None]),
    "atan2": ("atan2(x, y)", [0, 0, 0, 1, -1, INF, INF, -INF, 1, 1, NAN, 3], [0, 1, -1, 0, 0, INF, -INF, INF, INF, -INF, 1, 4],
              [0, 0, math.pi, math.pi / 2, -math.pi / 2, math.pi / 4, 3 * math.pi / 4, -math.pi / 4, 0, math.pi, NAN, math.atan(0.75)],
              [0, 1, -1, 0, 0, None, None, None, None, None, None, 4 / 25], [0, 0, 0, -1, 1, None, None, None, 0, 0, None, -3 / 25]),
    "atan2_twice": ("gradient(atan2(x, y), wrt: x)", [1], [2], [0.4], [-4 / 25], [-3 / 25]),
    "mae": ("mae(x, y)", [0, 1, 2, -1e4], [0, 2, 1, 0], [0, 1, 1, 1e4], [0, -1, 1, -1], [0, 1, -1, 1]),
    "huber": ("huber(x, y)", [1, -1, 0, 2, 1e4], [0, 0, 0, 0, 0], [0.5, 0.5, 0, 1.5, 9999.5], [1, -1, 0, 1, 1], [-1, 1, 0, -1, -1]),
    "hinge": ("hinge(x, y)", [1, -1, 0, 2], [1, -1, 1, 1], [0, 0, 1, 0], [0, 0, -1, 0], [0, 0, 0, 0]),
    "binary_cross_entropy": ("binary_cross_entropy(x, y)", [80, -80, 1e4, -1e4, 80, -80, 1e4, -1e4, 0, INF, -INF, NAN], [1, 1, 1, 1, 0, 0, 0, 0, 0.5, 0, 1, 1],
                             [0, 80, 0, 1e4, 80, 0, 1e4, 0, math.log(2), INF, INF, NAN],
                             [0, -1, 0, -1, 1, 0, 1, 0, 0, 1, -1, None], [-80, 80, -1e4, 1e4, -80, 80, -1e4, 1e4, 0, -INF, INF, None]),
    "product": ("x * y", [0, 2], [INF, 0], [NAN, 0], [INF, 0], [0, 2]),
}
HALF, THIRD = math.sqrt(0.5), 1 / 3
E2 = math.exp(-1)
# Expression of x, y and z, rows; the value; the slopes, in order.
ROWS = {
    "softmax_even": ("softmax(x)[:, 0]", ([1e4] * 3,), [THIRD], ([2 / 9, -1 / 9, -1 / 9],)),
    "softmax_far": ("softmax(x)", ([1e4, 0, -1e4],), [1, 0, 0], ([0, 0, 0],)),
    "softmax_masked": ("softmax(x)[:, 0]", ([1, -INF, 2],), [E2 / (1 + E2)], ([E2 / (1 + E2) ** 2, 0, -E2 / (1 + E2) ** 2],)),
    "softmax_nan": ("softmax(x)", ([1, NAN, 2],), [NAN] * 3, ([None] * 3,)),
    "softmax_inf": ("softmax(x)", ([1, INF, 2],), [NAN] * 3, ([None] * 3,)),
    "log_softmax_far": ("log_softmax(x)[:, 0]", ([-1e4, 0, 1e4],), [-2e4], ([1, 0, -1],)),
    "log_softmax_masked": ("log_softmax(x)[:, 0]", ([1, -INF, 2],), [-math.log(1 + 1 / E2)], ([1 / (1 + E2), 0, -1 / (1 + E2)],)),
    "logsumexp_far": ("logsumexp(x)", ([1e4, 0, -1e4],), [1e4], ([1, 0, 0],)),
    "logsumexp_80": ("logsumexp(x)", ([80, -80, 80],), [80 + math.log(2)], ([0.5, 0, 0.5],)),
    "logsumexp_inf": ("logsumexp(x)", ([1, INF, 2],), [INF], ([0, None, 0],)),
    "logsumexp_masked": ("logsumexp(x)", ([1, -INF, 1],), [1 + math.log(2)], ([0.5, 0, 0.5],)),
    "logsumexp_none": ("logsumexp(x)", ([-INF, -INF],), [-INF], ([None, None],)),
    "logsumexp_nan": ("logsumexp(x)", ([1, NAN],), [NAN], ([None, None],)),
    "max_ties": ("max(x, axis: 1)", ([2, 1, 2],), [2], ([0.5, 0, 0.5],)),
    "min_ties": ("min(x, axis: 1)", ([2, 1, 1, 1],), [1], ([0, THIRD, THIRD, THIRD],)),
    "max_nan": ("max(x, axis: 1)", ([1, NAN, 2],), [NAN], ([None] * 3,)),
    "max_pool_ties": ("flatten(max_pool(reshape(x, [batch, 2, 2, 1]), 2))", ([1, 1, 0, 1],), [1], ([THIRD, THIRD, 0, THIRD],)),
    "global_max_pool_ties": ("global_max_pool(reshape(x, [batch, 2, 2, 1]))", ([1, 1, 0, 0],), [1], ([0.5, 0.5, 0, 0],)),
    "sort_ties": ("sort(x)[:, 1]", ([2, 1, 1],), [1], ([0, 0, 1],)),
    "sort_nan": ("sort(x)", ([2, NAN, 1],), [1, 2, NAN], ([None] * 3,)),
    "top_k_ties": ("largest(x)", ([1, 3, 3, 0],), [3, 3], ([0, 1, 1, 0],)),
    "median_ties": ("median(x, axis: 1)", ([2, 2, 2, 3, 2],), [2], ([0.25, 0.25, 0.25, 0, 0.25],)),
    "median_even": ("median(x, axis: 1)", ([1, 2, 3, 4],), [2.5], ([0, 0.5, 0.5, 0],)),
    "median_nan": ("median(x, axis: 1)", ([1, NAN, 2],), [1.5], ([0.5, 0, 0.5],)),
    "cumprod_zeros": ("cumprod(x)", ([2, 0, 3, 0, 4],), [2, 0, 0, 0, 0], ([1, 2 * (1 + 3), 0, 0, 0],)),
    "cumsum_nan": ("cumsum(x)", ([1, NAN, 2],), [1, NAN, NAN], ([3, 2, 1],)),
    "var_constant": ("var(x, axis: 1)", ([5, 5, 5],), [0], ([0, 0, 0],)),
    "std_constant": ("std(x, axis: 1)", ([5, 5, 5],), [0], ([0, 0, 0],)),
    "std_one": ("std(x, axis: 1)", ([5],), [0], ([0],)),
    "std_nan": ("std(x, axis: 1)", ([5, NAN],), [NAN], ([NAN, NAN],)),
    "std_far": ("std(x, axis: 1)", ([1e4, -1e4],), [1e4], ([0.5, -0.5],)),
    "cosine_zero": ("cosine_similarity(x, y)", ([0, 0], [1, 2]), [0], ([0, 0], [0, 0])),
    "cosine_zeros": ("cosine_similarity(x, y)", ([0, 0], [0, 0]), [0], ([0, 0], [0, 0])),
    "cosine_along": ("cosine_similarity(x, y)", ([300, 400], [3, 4]), [1], ([0, 0], [0, 0])),
    "cosine_nan": ("cosine_similarity(x, y)", ([NAN, 1], [3, 4]), [NAN], ([None, None], [None, None])),
    "triplet_same": ("triplet(x, y, z)", ([1, 2],) * 3, [1], ([0, 0],) * 3),
    "triplet_kink": ("triplet(x, y, z)", ([0, 0], [1, 0], [2, 0]), [0], ([0, 0],) * 3),
    "kl_zero": ("kl_divergence(x, y)", ([0, 0], [0, 1]), [math.log(2)], ([0.5, -0.5], [0, 1 + math.log(2)])),
    "kl_masked": ("kl_divergence(x, y)", ([0, -INF], [1, 0]), [0], ([0, 0], [1, 0])),
    "glu_ends": ("glu(x)", ([1, 1, 1e4, -1e4],), [1, 0], ([1, 0, 0, 0],)),
    "mean_far": ("mean(x, axis: 1)", ([6e4] * 4,), [6e4], ([0.25] * 4,)),
}
for order in (1, 2, 3):
    ROWS |= {
        f"norm{order}_zeros": (f"norm(x, order: {order}, axis: 1)", ([0, -0.0, 0],), [0], ([0, 0, 0],)),
        f"norm{order}_one": (f"norm(x, order: {order}, axis: 1)", ([0, -3, 0],), [3], ([0, -1, 0],)),
        f"norm{order}_nan": (f"norm(x, order: {order}, axis: 1)", ([1, NAN, 2],), [NAN], ([None if order == 1 else NAN, None, None],)),
        f"norm{order}_inf": (f"norm(x, order: {order}, axis: 1)", ([1, INF],), [INF], ([None, None],)),
        f"norm{order}_far": (f"norm(x, order: {order}, axis: 1)", ([300, -300],), [300 * 2 ** (1 / order)],
                             ([2 ** (1 / order - 1), -(2 ** (1 / order - 1))],)),
    }


def bounded(values, element):
    """As the type has it: what is too large for it is infinite."""
    with np.errstate(over="ignore"):
        return np.array([NAN if v is None else v for v in values], float).astype(KINDS[element]).astype(float)


def compare(found, expected, asked, element):
    """Whether all that is asked for is near, infinities and NaN included."""
    if found is None or len(found) != len(expected):
        return False
    found = np.where(np.abs(found) > 1e299, np.copysign(INF, found), found)
    relative, absolute = NEAR[element]
    return np.allclose(found[asked], expected[asked], relative, absolute, equal_nan=True)


def cases(element):
    """(name, expression, rows, value, slopes) of all tables."""
    x = np.array(POINTS).astype(KINDS[element]).astype(float)
    for name, (value, slope, *text) in UNARY.items():
        with np.errstate(all="ignore"):
            slopes = np.where(np.isnan(x), NAN, slope(x)).astype(float)
            yield name, text[0] if text else f"{name}(x)", [POINTS], value(x), [[None if s != s else s for s in slopes]]
    for name, (text, left, right, value, *slopes) in PAIRS.items():
        yield name, text, [left, right], value, slopes
    for name, (text, rows, value, slopes) in ROWS.items():
        yield name, text, rows, value, slopes


def run_tables(element, level):
    """All expressions and their gradients, in one program over one row of all inputs."""
    every, lines, ports, wanted = [], [], [], []
    for name, text, rows, value, slopes in cases(element):
        for letter, row in zip("xyz", rows):
            lines.append(f"let {name}_{letter} = all[:, {len(every)}..{len(every) + len(row)}] as {element}")
            every += row
        text = re.sub(r"\b([xyz])\b", rf"{name}_\1", text)
        outputs = [("value", text, value)] + [(f"slope_{w}", f"gradient({text}, wrt: {name}_{w})", s) for w, s in zip("xyz", slopes)]
        for what, expression, expected in outputs:
            lines.append(f"let {name}_{what}_out = flat(shown(({expression}) as f64))")
            ports.append((f"{name}_{what}", len(expected)))
            wanted.append((name, what, expected))
    source = HEAD + f"\nmodel m(all: f64[batch, {len(every)}]) -> ({', '.join(f'{p}: f64[batch, {n}]' for p, n in ports)}) {{\n  "
    source += "\n  ".join(lines) + f"\n  ({', '.join(p + '_out' for p, _ in ports)})\n}}\n"
    found = predict(build(source, f"points_{element}", level), all=np.array([every], float))
    for name, what, expected in wanted:
        each = found.get(f"{name}_{what}")
        expected, asked = bounded(expected, element), np.array([v is not None for v in expected])
        ok = compare(None if each is None else each[0], expected, asked, element)
        check(ok, f"{name} in {element}: {what.replace('_', ' in ')}", "" if ok else (each, expected))


for element, level in (("f64", "-O1"), ("f32", "-O3"), ("f16", "-O1"), ("bf16", "-O1")):
    run_tables(element, level)

# --- Norms of constant rows, of zeros, and of numbers whose squares no half precision has.
LAYERS = {"layer_norm": "layer_norm", "rms_norm": "rms_norm", "group_norm": "group_norm(2)", "alone": "group_norm(4)"}
ROWS_IN = np.array([[3, 3, 3, 3], [0, 0, 0, 0], [1000, -1000, 2000, 0], [3e4, -3e4, 3e4, 0], [1, NAN, 1, 1]])
WEIGHT = np.array([1.0, 2, 3, 5])


def normalised(x, groups, centre, eps):
    """The value, and the gradient of its sum weighted by WEIGHT."""
    z = x.reshape(-1, groups, 4 // groups)
    w = np.broadcast_to(WEIGHT, x.shape).reshape(z.shape)
    mean = (lambda a: a.mean(-1, keepdims=True)) if centre else (lambda a: 0)
    d = z - mean(z)
    scale = 1 / np.sqrt((d * d).mean(-1, keepdims=True) + eps)
    slope = scale * (w - mean(w) - d * scale * scale * (w * d).mean(-1, keepdims=True))
    return (d * scale).reshape(x.shape), slope.reshape(x.shape)


for element in ("f64", "f32", "f16"):
    lines, ports = [], []
    for name, layer in LAYERS.items():
        lines.append(f"let {name}_made = {layer if '(' in layer else layer + '()'}")
        for what, text in (("value", f"{name}_made(x)"), ("slope", f"gradient(w * {name}_made(x), wrt: x)")):
            lines.append(f"let {name}_{what}_out = ({text}) as f64")
            ports.append(f"{name}_{what}")
    program = build(f"model m(x_in: f64[batch, 4], w_in: f64[batch, 4]) -> ({', '.join(f'{p}: f64[batch, 4]' for p in ports)}) {{\n"
                    f"  let (x, w) = (x_in as {element}, w_in as {element})\n  " + "\n  ".join(lines) + f"\n  ({', '.join(p + '_out' for p in ports)})\n}}\n",
                    f"norms_{element}", "-O1")
    save_weights(tmp("norms"), {p["name"]: np.full(4, p["name"].endswith("gain"), KINDS[element]) for p in info(program)["params"]})
    found = predict(program, tmp("norms"), x_in=ROWS_IN, w_in=np.tile(WEIGHT, (len(ROWS_IN), 1)))
    for name, (groups, centre, eps) in {"layer_norm": (1, True, 1e-5), "rms_norm": (1, False, 1e-6), "group_norm": (2, True, 1e-5), "alone": (4, True, 1e-5)}.items():
        for what, expected in zip(("value", "slope"), normalised(ROWS_IN, groups, centre, eps)):
            each = found.get(f"{name}_{what}")
            # A slope is what is left of larger terms.
            scale = {"f64": 1e-9, "f32": 1e-3, "f16": 3e-3}[element]
            ok = each is not None and np.allclose(each, expected, scale, scale, equal_nan=True)
            check(ok, f"{name} of constants and ends in {element}: {what}", "" if ok else (each, expected))

# --- Attention to one place; a ctc that cannot be spelt costs much, and its gradient is a number.
found = predict(build("""model m(x: f32[batch, 1, 3, 2]) -> (first: f32[batch, 2], slope: f32[batch, 1, 3, 2], cost: f32[batch], push: f32[batch, 2, 3]) {
  let scores: f32[batch, 2, 3] = zeros()
  let label = (iota(2) as i64)[new, :] * 0 + 1 + (x[:, 0, ..2, 0] * 0) as i64
  let equal = label as index(3)
  let seen = attend(1e4 * x, 1e4 * x, x, causal: true)
  (seen[:, 0, 0], gradient(seen[:, 0, 0], wrt: x), ctc(scores, equal), gradient(ctc(scores, equal), wrt: scores))
}
""", "one_place", "-O1"), x=np.arange(1.0, 7).reshape(1, 1, 3, 2).astype(np.float32))
ok = {"first": np.allclose(found.get("first", 0), [[1, 2]]), "slope": np.allclose(found.get("slope", 0), [[[[1, 1], [0, 0], [0, 0]]]]),
      "cost": found.get("cost", [0])[0] > 1e37, "push": np.all(np.isfinite(found.get("push", NAN)))}
check(all(ok.values()), "the first place sees itself alone; what cannot be spelt costs much, with a gradient", "" if all(ok.values()) else (ok, found))
finish()
