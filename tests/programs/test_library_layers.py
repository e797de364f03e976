"""The library's layers beside NumPy in float64, on sizes 1, primes and ragged tails; `gradcheck` for their gradients."""
# RUN: %python %s
import re

import numpy as np

from support import NNC, build, check, close, finish, predict, run, save_weights, shapes, tmp, write

rng = np.random.default_rng(7)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def padded(x, low, high, value=0.0):
    """x of [batch, h, w, c] with a border."""
    return np.pad(x, [(0, 0), low, high, (0, 0)], constant_values=value)


def conv(x, f, b, stride=1, dilation=1):
    """Position by position; x of [batch, h, w, c], f of [i, j, c, k]."""
    (n, h, w, _), (p, q, _, k) = x.shape, f.shape
    rows, columns = (h - dilation * (p - 1) - 1) // stride + 1, (w - dilation * (q - 1) - 1) // stride + 1
    y = np.zeros((n, rows, columns, k))
    for r in range(rows):
        for s in range(columns):
            for i in range(p):
                for j in range(q):
                    y[:, r, s] += x[:, r * stride + i * dilation, s * stride + j * dilation] @ f[i, j]
    return y + b


def transposed(x, f, b, stride=1, cut=0, extra=0, dilation=1):
    """Each position adds its pattern; `cut` pixels go on each side."""
    (n, h, w, _), (p, q, _, k) = x.shape, f.shape
    y = np.zeros((n, (h - 1) * stride + dilation * (p - 1) + 1 + extra, (w - 1) * stride + dilation * (q - 1) + 1 + extra, k))
    for r in range(h):
        for s in range(w):
            for i in range(p):
                for j in range(q):
                    y[:, r * stride + i * dilation, s * stride + j * dilation] += x[:, r, s] @ f[i, j]
    return y[:, cut : y.shape[1] - cut, cut : y.shape[2] - cut] + b


def depthwise(x, f, b, multiplier):
    c = x.shape[-1]
    parts = [conv(x[..., i : i + 1], f[:, :, :, i * multiplier : (i + 1) * multiplier], 0) for i in range(c)]
    return np.concatenate(parts, -1) + b


def normal(x, axes, eps=1e-5):
    m = x.mean(axes, keepdims=True)
    return (x - m) / np.sqrt(((x - m) ** 2).mean(axes, keepdims=True) + eps)


def group(x, p, groups):
    each = x.reshape(x.shape[0], -1, groups, x.shape[-1] // groups)
    return normal(each, (1, 3)).reshape(x.shape) * p["gain"] + p["shift"]


def lstm(x, w, b):
    u = b.size // 4
    h = c = np.zeros((x.shape[0], u))
    out = []
    for t in range(x.shape[1]):
        i, f, g, o = np.split(np.concatenate([x[:, t], h], -1) @ w + b, 4, -1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        out.append(h)
    return np.stack(out, 1)


def gru(x, p, reset_after=True):
    h, out = np.zeros((x.shape[0], p["candidate.b"].size)), []
    for t in range(x.shape[1]):
        z, r = np.split(sigmoid(np.concatenate([x[:, t], h], -1) @ p["gates.w"] + p["gates.b"]), 2, -1)
        if reset_after:
            fresh = x[:, t] @ p["candidate.w"] + p["candidate.b"] + r * (h @ p["recurrent.w"] + p["recurrent.b"])
        else:
            fresh = np.concatenate([x[:, t], r * h], -1) @ p["candidate.w"] + p["candidate.b"]
        h = (1 - z) * h + z * np.tanh(fresh)
        out.append(h)
    return np.stack(out, 1)


def bidirectional(x, p):
    forward = lstm(x, p["forward.w"], p["forward.b"])
    return np.concatenate([forward, lstm(x[:, ::-1], p["backward.w"], p["backward.b"])[:, ::-1]], -1)


def turned(x):
    """Features i and i + d / 2 of [..., time, d] as one complex number, turned."""
    half = x.shape[-1] // 2
    angle = np.arange(x.shape[-2])[:, None] * 10_000.0 ** (-2 * np.arange(half) / x.shape[-1])
    z = (x[..., :half] + 1j * x[..., half:]) * np.exp(1j * angle)
    return np.concatenate([z.real, z.imag], -1)


def heads_of(x, heads):
    return x.reshape(*x.shape[:2], heads, -1).transpose(0, 2, 1, 3)


def attend(q, k, v, p, causal, seen=True):
    """`seen` is [batch, queries or 1, keys]; a query that sees nothing gets 0."""
    scores = q @ k.transpose(0, 1, 3, 2) / np.sqrt(q.shape[-1])
    seen = np.broadcast_to(seen if seen is True else seen[:, None], scores.shape)
    if causal:
        seen = seen & np.tri(*scores.shape[-2:], dtype=bool)
    weights = np.where(seen, np.exp(scores - scores.max(-1, keepdims=True)), 0)
    y = (weights / np.maximum(weights.sum(-1, keepdims=True), 1e-300) @ v).transpose(0, 2, 1, 3)
    return y.reshape(*y.shape[:2], -1) @ p["out.w"] + p["out.b"]


def attention(x, p, heads, causal=False, rotary=False, seen=True):
    q, k, v = np.split(heads_of(x @ p["project.w"], 3 * heads), 3, 1)
    return attend(*((turned(q), turned(k)) if rotary else (q, k)), v, p, causal, seen)


def cross(x, source, p, heads, seen=True):
    k, v = np.split(heads_of(source @ p["project.w"], 2 * heads), 2, 1)
    return attend(heads_of(x @ p["query.w"], heads), k, v, p, False, seen)


# Name: (expression, parts of its value, reference of the inputs and its parameters). `a` is [batch, 5, 7, 4], `one` [batch, 1,
# 1, 2], `t` [batch, 7, 6], `short` [batch, 3, 5], `v` [batch, 5].
CASES = {
    "dense": ("v |> dense(3)", "3", lambda i, p: i["v"] @ p["w"] + p["b"]),
    "embedding": ("(argmax(t) as index(6)) |> embedding(3)", "7, 3", lambda i, p: p["table"][i["t"].argmax(-1)]),
    "batch_norm": ("a |> batch_norm", "5, 7, 4", lambda i, p: p["gain"] * (i["a"] - p["centre"]) / np.sqrt(
        p["spread"] + 1e-5) + p["shift"]),  # in evaluation, by its states
    "dropout": ("v |> dropout(0.5)", "5", lambda i, p: i["v"]),  # in evaluation
    "conv1d": ("t |> conv1d(3, 3, stride: 2, padding: [[2, 1]], dilation: 2)", "3, 3", lambda i, p: np.stack(
        [sum(np.pad(i["t"], [(0, 0), (2, 1), (0, 0)])[:, 2 * r + 2 * k] @ p["filter"][k] for k in range(3)) for r in range(3)], 1) + p["b"]),
    "conv2d": ("a |> conv2d(3, 3, stride: 2, padding: 1, dilation: 1)", "3, 4, 3", lambda i, p: conv(
        padded(i["a"], (1, 1), (1, 1)), p["filter"], p["b"], 2)),
    "conv2d_same": ("a |> conv2d(2, 2, padding: \"same\")", "5, 7, 2", lambda i, p: conv(padded(i["a"], (0, 1), (0, 1)), p["filter"], p["b"])),
    "conv2d_of_1": ("one |> conv2d(3, 1)", "1, 1, 3", lambda i, p: conv(i["one"], p["filter"], p["b"])),
    # One position, one channel, and pixels behind that no window sees.
    "conv2d_rest": ("a |> conv2d(1, 4, stride: 4)", "1, 1, 1", lambda i, p: conv(i["a"], p["filter"], p["b"], 4)),
    "conv1d_rest": ("t |> conv1d(1, 4, stride: 4)", "1, 1", lambda i, p: np.einsum("btc,tck->bk", i["t"][:, :4], p["filter"])[:, None] + p["b"]),
    "conv2d_transpose": ("a |> conv2d_transpose(3, 3, stride: 2)", "11, 15, 3", lambda i, p: transposed(i["a"], p["filter"], p["b"], 2)),
    "transpose_cut": ("a |> conv2d_transpose(3, 3, stride: 2, padding: 1, extra: 1)", "10, 14, 3", lambda i, p: transposed(
        i["a"], p["filter"], p["b"], 2, 1, 1)),
    "transpose_same": ("a |> conv2d_transpose(2, 3, stride: 2, padding: \"same\")", "10, 14, 2", lambda i, p: transposed(
        i["a"], p["filter"], p["b"], 2)[:, 0:10, 0:14]),
    "transpose_dilated": ("a |> conv2d_transpose(2, 2, dilation: 2)", "7, 9, 2", lambda i, p: transposed(i["a"], p["filter"], p["b"], dilation=2)),
    "transpose_of_1": ("one |> conv2d_transpose(3, 4, stride: 2, padding: [[1, 1], [1, 1]])", "2, 2, 3", lambda i, p: transposed(
        i["one"], p["filter"], p["b"], 2, 1)),
    "depthwise_conv2d": ("a |> depthwise_conv2d(3, multiplier: 2)", "3, 5, 8", lambda i, p: depthwise(i["a"], p["filter"], p["b"], 2)),
    "separable_conv2d": ("a |> separable_conv2d(3, 3, padding: \"same\")", "5, 7, 3", lambda i, p: conv(depthwise(
        padded(i["a"], (1, 1), (1, 1)), p["depthwise_conv2d.filter"], 0, 1), p["conv2d.filter"], p["conv2d.b"])),
    "layer_norm": ("t |> layer_norm", "7, 6", lambda i, p: normal(i["t"], -1) * p["gain"] + p["shift"]),
    "rms_norm": ("t |> rms_norm", "7, 6", lambda i, p: p["gain"] * i["t"] / np.sqrt((i["t"] ** 2).mean(-1, keepdims=True) + 1e-6)),
    "group_norm": ("a |> group_norm(2)", "5, 7, 4", lambda i, p: group(i["a"], p, 2)),
    "group_norm_1": ("v[:, :, new] |> group_norm(1)", "5, 1", lambda i, p: group(i["v"][:, :, None], p, 1)),
    "lstm": ("t |> lstm(3)", "7, 3", lambda i, p: lstm(i["t"], p["w"], p["b"])),
    "gru": ("t |> gru(3)", "7, 3", lambda i, p: gru(i["t"], p)),
    "gru_before": ("t |> gru(3, reset_after: false)", "7, 3", lambda i, p: gru(i["t"], p, reset_after=False)),
    "bidirectional": ("t |> bidirectional(lstm, 2)", "7, 4", lambda i, p: bidirectional(i["t"], p)),
    "attention": ("t |> attention(3, causal: true)", "7, 6", lambda i, p: attention(i["t"], p, 3, causal=True)),
    "rotary_attention": ("t |> attention(1, rotary: true)", "7, 6", lambda i, p: attention(i["t"], p, 1, rotary=True)),
    # The mask of some queries is empty.
    "masked_attention": ("t |> attention(2, mask: t[:, :, 0] > t[:, ..1, 1])", "7, 6", lambda i, p: attention(
        i["t"], p, 2, seen=(i["t"][:, :, 0] > i["t"][:, :1, 1])[:, None])),
    "masked_past": ("t |> attention(1, causal: true, rotary: true, mask: t[:, :, new, 0] > t[:, new, :, 1])", "7, 6", lambda i, p: attention(
        i["t"], p, 1, True, True, i["t"][:, :, None, 0] > i["t"][:, None, :, 1])),
    "masked_before": ("t |> attention(2, causal: true, mask: t[:, :, 0] > 0)", "7, 6", lambda i, p: attention(
        i["t"], p, 2, True, False, (i["t"][:, :, 0] > 0)[:, None])),
    "masked_cross": ("cross_attention(2, mask: short[:, :, 0] > 0)(t, short)", "7, 6", lambda i, p: cross(
        i["t"], i["short"], p, 2, (i["short"][:, :, 0] > 0)[:, None])),
    "cross_attention": ("cross_attention(2)(t, short)", "7, 6", lambda i, p: cross(i["t"], i["short"], p, 2)),
}
SIZES = {"a": (5, 7, 4), "one": (1, 1, 2), "t": (7, 6), "short": (3, 5), "v": (5,)}


def expected_of(name, inputs, weights):
    """By the reference, with the parameters below the `let` of this name."""
    path = f"{name}_layer."
    return CASES[name][2](inputs, {k[len(path):]: v.astype(float) for k, v in weights.items() if k.startswith(path)})


# --- Every layer of the library has a case here.
listed = re.search(r"layers:\n(.*?)\n\n", run(NNC, "std").out, re.S).group(1)
names = {line.split()[0] for line in listed.splitlines()}
check(names and not names - set(CASES), "every layer is compared", names - set(CASES))

ports = ", ".join(f"{n}: f32[batch, {', '.join(map(str, s))}]" for n, s in SIZES.items())


def model(chosen):
    """Each layer is named by a `let`, so that its parameters are found."""
    lines = []
    for name, size in SIZES.items():  # so that gradients of what comes in are measured, too
        lines.append(f"  param {name}_by: f32[{', '.join(map(str, size))}] = ones()\n  {name} = {name} * {name}_by")
    for name in chosen:
        call, _, _ = CASES[name]
        lines.append(f"  let {name}_layer = {layer_of(call)}\n  let {name}_y = {name}_layer({inputs_of(call)})")
    results = ", ".join(f"{name}_out: f32[batch, {CASES[name][1]}]" for name in chosen)
    return f"model m({ports}) -> ({results}) {{\n" + "\n".join(lines) + f"\n  ({', '.join(f'{name}_y' for name in chosen)})\n}}\n"


def layer_of(call):
    text = call.split(" |> ")[1] if "|>" in call else call[: call.index(")(") + 1]
    return text if "(" in text else text + "()"


def inputs_of(call):
    return call.split(" |> ")[0] if "|>" in call else call[call.index(")(") + 2 : -1]


program = build(model(CASES), "layers")
for batch in (1, 3):
    inputs = {n: rng.normal(size=(batch, *s)).astype(np.float32) for n, s in SIZES.items()}
    weights = {n: (rng.normal(size=s) / 2).astype(np.float32) for n, s in shapes(program).items()}
    weights |= {f"batch_norm_layer.{n}": rng.uniform(0.5, 2, 4).astype(np.float32) for n in ("centre", "spread")}
    save_weights(tmp("w"), weights)
    found = predict(program, tmp("w"), **inputs)
    wide = {n: x.astype(float) * weights[f"{n}_by"] for n, x in inputs.items()}
    for name in CASES:
        check(close(found.get(f"{name}_out"), expected_of(name, wide, weights), 1e-4, 1e-5), f"{name} of a batch of {batch}")

# --- Their gradients, against central differences in f64.
for name, size in SIZES.items():
    np.save(tmp(f"{name}.npy"), rng.normal(size=(4, *size)).astype(np.float32))
columns = ", ".join(f"{n}: f32[{', '.join(map(str, s))}]" for n, s in SIZES.items())
files = ", ".join(f'{n}: "{n}.npy"' for n in SIZES)
for chosen in (list(CASES)[:14], list(CASES)[14:]):
    used = {f"{i}_by" for i in SIZES if any(re.search(rf"\b{i}\b", CASES[n][0]) for n in chosen)}
    losses = "\n".join(f"  loss      l_{n} = {n}_out ^ 2 + {n}_out" for n in chosen)
    text = model(chosen) + f"""
data some({columns}) {{
  train npy({files})
}}

train m {{
  data      some({', '.join(SIZES)})
{losses}
  optimizer adam()
  batch     4
  steps     1
}}
"""
    outcome = run(NNC, "gradcheck", write("gradients.nn", text), "--data", tmp(""))
    rows = [line.split() for line in outcome.out.splitlines() if re.match(r"\w+_(layer\.|by )", line)]
    # An input that none of these layers takes has a gradient of zero.
    rows = [r for r in rows if r[0] in used or "_layer." in r[0]]
    worst = max((float(r[-1]) for r in rows), default=1.0)
    check(outcome.status == 0 and len(rows) >= len(chosen) - chosen.count("dropout") + len(used) and worst <= 1e-6, "gradcheck passes", (len(rows), worst, outcome.err[-800:]))
finish()
