"""Loops at run time and gradients as values against NumPy: scans, also nested, repeated, of one pass, of prime lengths; gradients of
gradients, in training too; declared gradients, also under a scan; windows with every padding; einsum, rearrange, indexes."""
# RUN: %python %s
import json

import numpy as np

from support import NNC, build, check, close, evaluate, finish, load_weights, predict, run, save_weights, tmp, write

rng = np.random.default_rng(12)
RNN = """
layer rnn(units: int)(x: float[batch, time, n]) -> float[batch, time, units] {
  param w: float[n + units, units] = glorot_uniform()
  param b: float[units] = zeros()
  scan xt in x over time {
    state h: float[batch, units] = zeros()
    h = tanh(concat(xt, h) @ w + b)
    yield h
  }
}

layer last(units: int)(x: float[batch, time, n]) -> float[batch, units] {
  let step = dense(units)
  scan xt in x over time {
    state h: float[batch, units] = zeros()
    h = tanh(step(concat(xt, h)))
    h
  }
}
"""


def rnn(x, w, b):
    h, rows = np.zeros((len(x), len(b))), []
    for t in range(x.shape[1]):
        h = np.tanh(np.concatenate([x[:, t], h], 1) @ w + b)
        rows.append(h)
    return np.stack(rows, 1)


def scans():
    text = RNN + "\nmodel m(x: f32[batch, time, 3]) -> (all: f32[batch, time, 5], end: f32[batch, 4]) {\n  let h = x |> rnn(5)\n  (h, h |> last(4))\n}\n"
    program = build(text, "scan")
    weights = {"rnn.w": rng.normal(0, 0.5, (8, 5)), "rnn.b": rng.normal(0, 0.5, 5), "last.step.w": rng.normal(0, 0.5, (9, 4)), "last.step.b": rng.normal(0, 0.5, 4)}
    weights = {name: w.astype(np.float32) for name, w in weights.items()}
    save_weights(tmp("scan.w"), weights)
    for batch, time in ((3, 7), (1, 1), (17, 2), (5, 31), (2, 101)):
        x = rng.normal(size=(batch, time, 3)).astype(np.float32)
        found = predict(program, tmp("scan.w"), x=x)
        h = rnn(x, weights["rnn.w"], weights["rnn.b"])
        check(close(found.get("all"), h, 1e-4, 1e-5), f"a scan of {time} passes at batch {batch}")
        check(close(found.get("end"), rnn(h, weights["last.step.w"], weights["last.step.b"])[:, -1], 1e-4, 1e-5), "  and the last value of another")

    x = rng.normal(size=(4, 5, 6)).astype(np.float32)
    text = """model m(x: f32[batch, 5, 6]) -> (counted: f32[batch, 6], stacked: f32[batch, 7], nested: f32[batch, 5, 6], sums: f32[batch, 5, 6], pairs: f32[batch, 5, 6]) {
  let counted = scan i in 0..rows {
    state s: f32[batch, 6] = zeros()
    s = 0.5 * s + x[:, i]
    s
  }
  let stacked = scan i in 0..7 {
    state s: f32[batch] = ones()
    s = s * 0.5
    yield s + (i as f32)
  }
  let nested = scan row in x over 5 {
    state carry: f32[batch] = zeros()
    let inner = scan value in row over 6 {
      state s: f32[batch] = zeros()
      s = tanh(s + value + carry)
      yield s
    }
    carry = inner[:, 0]
    yield inner
  }
  let sums = scan row in x over 5 {
    state s: f32[batch, 6] = zeros()
    s = s + row
    yield s
  }
  let pairs = scan (a, b) in (x, 2 * x) over 5 { yield a + b }
  (counted, transpose(stacked), nested, sums, pairs)
}
""".replace("over 5", "over rows").replace("over 6", "over columns").replace("x: f32[batch, 5, 6]", "x: f32[batch, rows, columns]") \
        .replace("f32[batch, 5, 6]", "f32[batch, rows, columns]").replace("f32[batch, 6]", "f32[batch, columns]")
    found = predict(build(text, "nested"), x=x)
    s = np.zeros((4, 6))
    for i in range(5):
        s = 0.5 * s + x[:, i]
    check(close(found.get("counted"), s, 1e-5, 1e-6), "a scan that counts", found.get("counted"))
    check(close(found.get("stacked"), np.tile(0.5 ** np.arange(1, 8) + np.arange(7), (4, 1)), 1e-6), "  and stacks what it yields", found.get("stacked"))
    check(close(found.get("sums"), x.cumsum(1), 1e-5, 1e-5), "a running sum")
    check(close(found.get("pairs"), 3 * x, 1e-5), "a scan over two tensors")
    nested, carry = np.zeros((4, 5, 6)), np.zeros(4)
    for i in range(5):
        s = np.zeros(4)
        for j in range(6):
            s = np.tanh(s + x[:, i, j] + carry)
            nested[:, i, j] = s
        carry = nested[:, i, 0]
    check(close(found.get("nested"), nested, 1e-5, 1e-6), "a scan within a scan")


def renewals():
    """What a pass carries on: a reduction or product of the state as the loop's value, states that swap, one pass alone."""
    x, w = rng.normal(size=(5, 7)).astype(np.float32), rng.normal(0, 0.5, (7, 3)).astype(np.float32)
    text = """model m(x: f32[batch, 7]) -> (sums: f32[batch], product: f32[batch, 3], swapped: f32[batch, 7], grown: f32[batch, 7], once: f32[batch, 7]) {
  param w: f32[7, 3] = zeros()
  let sums = scan i in 0..5 {
    state h: f32[batch, 7] = x
    h = h * 0.9
    sum(h, axis: 1)
  }
  let product = scan i in 0..5 {
    state h: f32[batch, 7] = x
    h = tanh(h) + x
    h @ w
  }
  let swapped = scan i in 0..5 {
    state h: f32[batch, 7] = x
    state g: f32[batch, 7] = x * 2
    let t = h
    h = g
    g = t
    h
  }
  let grown = scan i in 0..6 {
    state a: f32[batch, 7] = x
    state b: f32[batch, 7] = x
    let c = a + b
    a = b
    b = c
    a
  }
  let once = scan i in 0..1 {
    state h: f32[batch, 7] = x
    h = softmax(h)
    h
  }
  (sums, product, swapped, grown, once)
}
"""
    program = build(text, "renewals")
    save_weights(tmp("renewals.w"), {"w": w})
    found = predict(program, tmp("renewals.w"), x=x)
    h = x
    for _ in range(5):
        h = np.tanh(h) + x
    for name, value in (("sums", (x * 0.9**5).sum(1)), ("product", h @ w), ("swapped", 2 * x), ("grown", 13 * x),
                        ("once", np.exp(x) / np.exp(x).sum(1, keepdims=True))):
        check(close(found.get(name), value, 1e-4, 1e-5), f"a scan's value: {name}")


def gradchecks():
    """The compiler's own differences: every gradient of these is right in f64."""
    recipe = "\ntrain net {\n  data      mnist(image, label)\n  loss      cross_entropy(logits, label)\n  optimizer sgd(lr: 0.1)\n  batch     3\n  steps     3\n}\n"
    head = "\nmodel net(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] {\n  let x = image[:, 10..17, 8..20] / 255\n  "
    for what, code, body in (
        ("a scan", RNN, "x |> rnn(5) |> rnn(3) |> flatten |> dense(10)"),
        ("the last value of one", RNN, "x |> last(5) |> dense(10)"),
        ("one in a repeated layer", RNN + "\nlayer block()(x: float[batch, time, n]) -> float[batch, time, n] = x + (x |> rnn(n))\n",
         "x |> repeat(3) block |> flatten |> dense(10)"),
        ("one within another", "", "param w: f32[5] = normal(0.5)\n  let h = scan row in x over 7 {\n    state a: f32[batch, 5] = zeros()\n    let b = scan v in row over 12 {\n"
         "      state s: f32[batch, 5] = zeros()\n      s = tanh(s + v[:, new] * w[new, :] + a)\n      s\n    }\n    a = b\n    yield b\n  }\n  h |> flatten |> dense(10)"),
        # One pass folds into the code around it; the loop within begins with a state that another line renews.
        ("one of one pass beside another", "", "param w: f32[12] = normal(0.5)\n  let a = scan i in 0..1 {\n    state h: f32[batch, 12] = ones()\n    h = softmax(h * w)\n"
         "    h\n  }\n  let b = scan row in x over 7 {\n    state s: f32[batch, 12] = 0.5 * a\n    state r: f32[batch, 12] = ones()\n    let inner = scan j in 0..3 {\n"
         "      state z: f32[batch, 12] = s\n      z = softmax(z) + row\n      z\n    }\n    s = tanh(s) * w\n    r = inner\n    yield r + s\n  }\n  b |> flatten |> dense(10)"),
        ("products of which nothing is summed in one", "", "param w: f32[12] = normal(0.5)\n  let h = scan row in x over 7 {\n    state s: f32[batch, 12] = zeros()\n"
         "    s = tanh(einsum(\"b i, i -> b i\", s, w) + relu(einsum(\"b i, i -> b i\", row, w)))\n    yield s\n  }\n  h |> flatten |> dense(10)"),
        ("a state that is read transposed", "", "param w: f32[12] = normal(0.5)\n  let m = scan row in x over 7 {\n    state a: f32[batch, 12, 12] = zeros()\n"
         "    a = transpose(a) * 0.5 + row[:, new, :] * w[new]\n    a\n  }\n  m |> flatten |> dense(10)"),
        ("a declared gradient in one", "fn clipped(x: float[...s]) -> float[...s] = tanh(x)\n  gradient(dy) = dy * (1 - tanh(x) ^ 2)\n",
         "param w: f32[12] = normal(0.5)\n  let h = scan row in x over 7 {\n    state a: f32[batch, 12] = zeros()\n    a = clipped(0.5 * a + row * w)\n    yield a\n  }\n  h |> flatten |> dense(10)"),
        ("a gradient as a value", "", "let h = x |> flatten |> dense(6)\n  let g = gradient(tanh(h) ^ 2, wrt: h)\n  concat(h, g) |> dense(10)"),
        ("windows and pools", "", "x[..., new] |> conv |> pool |> flatten |> dense(10)"),
    ):
        if what == "windows and pools":
            code = ("layer conv()(x: float[batch, h, w, c]) -> float[batch, h, w, 4] {\n  param f: float[3, 3, c, 4] = normal(0.3)\n"
                    "  tanh(einsum(\"b h w i j c, i j c k -> b h w k\", windows(x, size: [3, 3], padding: \"same\"), f))\n}\n\n"
                    "fn pool(x: float[batch, h, w, c]) -> float[batch, (h - 3) / 2 + 1, (w - 2) / 2 + 1, c] = max(windows(x, size: [3, 2], stride: 2), axis: [3, 4])\n")
        for old, name in (("over 7", "over rows"), ("over 12", "over columns"), ("[batch, 12", "[batch, columns"), ("columns, 12]", "columns, columns]"), ("f32[12]", "f32[columns]")):
            body = body.replace(old, name)
        wrapped = code
        if "over rows" in body:
            # Names of dimensions come from a signature.
            wrapped += "\nlayer inner()(x: float[batch, rows, columns]) -> f32[batch, 10] {\n  " + body + "\n}\n"
            body = "x |> inner"
        path = write("gradcheck.nn", wrapped + head + body + "\n}\n" + recipe)
        outcome = run(NNC, "gradcheck", path, "--json")
        try:
            rows = [p for p in json.loads(outcome.out)["parameters"] if not p.get("declared")]
            worst = max((p["max_relative_error"] for p in rows), default=0)
        except (ValueError, KeyError):
            rows, worst = [], None
        check(worst is not None and outcome.status == 0 and worst <= 1e-6, f"gradients through {what}", outcome.err[-400:] if worst is None else worst)


def higher_orders():
    x = np.array([[0.0, 0.3, -1.2, 2.0, -0.7]])
    found = evaluate({"first": "gradient(sin(x) * x, wrt: x)", "second": "gradient(gradient(sin(x) * x, wrt: x), wrt: x)",
                      "third": "gradient(gradient(gradient(x ^ 5, wrt: x), wrt: x), wrt: x)",
                      "mixed": "gradient(gradient(x ^ 2 * y ^ 3, wrt: x), wrt: y)", "smooth": "gradient(gradient(softplus(x), wrt: x), wrt: x)",
                      "curved": "gradient(gradient(tanh(x), wrt: x), wrt: x)", "product": "gradient(sum(gradient(sum(x ^ 3), wrt: x) * y), wrt: x)"}, "f64", x=x, y=x + 1)
    s = 1 / (1 + np.exp(-x))
    wanted = {"first": np.cos(x) * x + np.sin(x), "second": 2 * np.cos(x) - x * np.sin(x), "third": 60 * x**2, "mixed": 6 * x * (x + 1) ** 2,
              "smooth": s * (1 - s), "curved": -2 * np.tanh(x) * (1 - np.tanh(x) ** 2), "product": 6 * x * (x + 1)}
    for name, want in wanted.items():
        check(close(found.get(name), want, 1e-12, 1e-13), f"{name} derivative", found.get(name))
    # In training: the parameters' gradient of a gradient's square. u = w x^2, u' = 2 w x, loss = mean (2 w x - 1)^2.
    program = build("""model field(x: f32[batch]) -> u: f32[batch] {
  param w: f32 = zeros()
  w * x ^ 2
}

train field {
  let x: f32[batch] = uniform(1, 2)
  let slope = gradient(field(x), wrt: x)
  loss      (slope - 1) ^ 2
  metric    scale = mean(slope / x)
  optimizer sgd(lr: 0.02)
  batch     64
  steps     200
}
""", "equation")
    outcome = run(program, "train", "--quiet", "--save", tmp("equation.w"))
    w = float(load_weights(tmp("equation.w"))["w"]) if outcome.status == 0 else 9
    # The least squares: w = E x / (2 E x^2) = 1.5 / (2 * 7/3).
    check(abs(w - 1.5 / (14 / 3)) < 0.01, "training on an equation finds its solution", (w, outcome.err[-200:]))


def declared():
    x = np.array([[-2.0, -0.5, 0.0, 0.5, 2.0]])
    head = ("fn ste(x: float[...s]) -> float[...s] = sign(x)\n  gradient(dy) = dy * (abs(x) <= 1)\n\n"
            "fn scaled(x: float[...s], y: float[...s]) -> float[...s] = x * y\n  gradient(dy) = (2 * dy, 3 * dy)\n")
    found = evaluate({"value": "ste(x)", "slope": "gradient(3 * ste(2 * x), wrt: x)", "one": "gradient(scaled(x, x + 1), wrt: x)",
                      "chained": "gradient(ste(ste(x) * 0.5), wrt: x)"}, "f32", head=head, x=x)
    check(close(found.get("value"), np.sign(x), 0), "a function with a gradient of its own", found.get("value"))
    check(close(found.get("slope"), 6.0 * (np.abs(2 * x) <= 1), 1e-6), "  has that gradient", found.get("slope"))
    check(close(found.get("one"), np.full_like(x, 5), 1e-6), "  and one for each input", found.get("one"))
    check(close(found.get("chained"), 0.5 * (np.abs(x) <= 1), 1e-6), "  also within itself", found.get("chained"))


def neighbourhoods():
    x = rng.normal(size=(2, 7, 11, 3)).astype(np.float32)
    program_text = "model m(x: f32[batch, h, w, c]) -> y: {kind} {{\n  {body}\n}}\n"
    for arguments, pads, stride, dilation, fill in (('size: [3, 2]', ((0, 0), (0, 0)), 1, 1, 0), ('size: [3, 3], padding: "same"', ((1, 1), (1, 1)), 1, 1, 0),
                                                    ('size: [2, 3], stride: 2, fill: -5', ((0, 0), (0, 0)), 2, 1, -5), ('size: [3, 2], dilation: 2, padding: [[1, 2], [0, 3]], fill: 7', ((1, 2), (0, 3)), 1, 2, 7)):
        size = [int(n) for n in arguments.split("[")[1].split("]")[0].split(",")]
        padded = np.pad(x, ((0, 0), *pads, (0, 0)), constant_values=fill)
        out = [(padded.shape[i + 1] - dilation * (size[i] - 1) - 1) // stride + 1 for i in range(2)]
        want = np.zeros((2, *out, *size, 3))
        for i in range(size[0]):
            for j in range(size[1]):
                want[:, :, :, i, j] = padded[:, i * dilation :: stride, j * dilation :: stride][:, : out[0], : out[1]]
        text = program_text.format(kind=f"f32[batch, {out[0]}, {out[1]}, {size[0]}, {size[1]}, 3]", body=f"windows(x, {arguments})").replace("[batch, h, w, c]", "[batch, 7, 11, 3]")
        found = predict(build(text, "windows"), x=x)
        check(close(found.get("y"), want, 1e-6), f"windows(x, {arguments})")
        # The adjoint: what every element is multiplied with, added back.
        text = text.replace(f"f32[batch, {out[0]}, {out[1]}, {size[0]}, {size[1]}, 3]", "f32[batch, 7, 11, 3]").replace(f"windows(x, {arguments})", f"gradient(windows(x, {arguments}) ^ 2, wrt: x)")
        counts = np.zeros(padded.shape)
        for i in range(size[0]):
            for j in range(size[1]):
                counts[:, i * dilation :: stride, j * dilation :: stride][:, : out[0], : out[1]] += 1
        inner = counts[:, pads[0][0] : pads[0][0] + 7, pads[1][0] : pads[1][0] + 11]
        found = predict(build(text, "windows_back"), x=x)
        check(close(found.get("y"), 2 * x * inner, 1e-5, 1e-6), "  and its adjoint")
    # Positions that are summed over too: nothing but the windows' source tells how many there are.
    parts = np.stack([x[:, i : i + 5] for i in range(3)], 2)[:, :, :, 0]
    for source in ("x: f32[batch, 7, 11, 3]", "x: f32[batch, h, w, c]"):
        found = predict(build(f'''model m({source}) -> (whole: f32[batch], product: f32[batch], highest: f32[batch]) {{
  let column = x[:, :, 0]
  let part = windows(column, size: 3)
  (sum(part, axis: [1, 2, 3]), einsum("b t k c, b t k c -> b", part, part), max(windows(column, size: 3, padding: "same"), axis: [1, 2, 3]))
}}
''', "windows_summed"), x=x)
        check(close(found.get("whole"), parts.sum((1, 2, 3)), 1e-5, 1e-5), f"a sum over all windows of {source}", found.get("whole"))
        check(close(found.get("product"), (parts**2).sum((1, 2, 3)), 1e-5), "  their product with themselves", found.get("product"))
        check(close(found.get("highest"), np.maximum(x[:, :, 0].max((1, 2)), 0), 1e-6), "  the largest", found.get("highest"))


def indexes_and_sums():
    x = rng.normal(size=(3, 4, 5)).astype(np.float32)
    cases = {
        "x[:, 1]": x[:, 1], "x[..., -1]": x[..., -1], "x[:, 1..3, ..2]": x[:, 1:3, :2], "x[:, new, :, 4]": x[:, None, :, 4], "x[:, -2..]": x[:, -2:],
        'einsum("b i j, b k j -> b i k", x, x)': np.einsum("bij,bkj->bik", x, x), 'einsum("b i j -> b j", x)': x.sum(1),
        'einsum("b i i2, b i i2 -> b", x, x)': (x**2).sum((1, 2)), 'rearrange(x, "b i (j k) -> b (k i) j", k: 5)': x.reshape(3, 4, 1, 5).transpose(0, 3, 1, 2).reshape(3, 20, 1),
        'einsum("b i j, b k j, i i -> b k", x, x, x[0, :, 1..])': np.einsum("bij,bkj,ii->bk", x, x, x[0, :, 1:]),
        'einsum("b i i -> b i", x[:, :, 1..])': np.einsum("bii->bi", x[:, :, 1:]), 'einsum("b i i -> b", x[..., ..4])': np.einsum("bii->b", x[..., :4]),
        'einsum("b j b -> j", einsum("b j k, d j k -> b j d", x, x))[new, :] * x[:, :, 0]': np.einsum("bjk,bjk->j", x, x)[None] * x[:, :, 0],
        'einsum("b i i i -> b i", x[:, :, ..4, new] * x[:, :, new, 1..])': np.einsum("biii->bi", x[:, :, :4, None] * x[:, :, None, 1:]),
        'gradient(einsum("b i i -> b", x[..., ..4]) ^ 2, wrt: x)': 2 * np.einsum("bii->b", x[..., :4])[:, None, None] * np.eye(4, 5),
        "x @ (iota(5) as f32)": x @ np.arange(5.0), "stack(x, 2 * x, axis: 1)": np.stack([x, 2 * x], 1), "concat(x, x, axis: 1)": np.concatenate([x, x], 1),
        "max(x, axis: [1, 2])": x.max((1, 2)), "mean(x, axis: -1, keep: true)": x.mean(-1, keepdims=True), "x - x[:, :, 0][:, :, new]": x - x[:, :, :1],
        "transpose(x)": x.transpose(0, 2, 1), "one_hot(argmax(x), 5) as f32": np.eye(5)[x.argmax(-1)],
    }
    for number, (text, want) in enumerate(cases.items()):
        sizes = ", ".join(["batch", *map(str, want.shape[1:])])
        found = predict(build(f"model m(x: f32[batch, 4, 5]) -> y: f32[{sizes}] {{\n  {text}\n}}\n", f"index{number}"), x=x)
        check(close(found.get("y"), want, 1e-5, 1e-5), text, found.get("y"))


def of_each_other():
    """With respect to a tensor and to one that is computed from it: each as if the other were left out."""
    x = rng.normal(size=(3, 2)).astype(np.float32)
    text = """model m(x: f32[batch, 2]) -> (gx: f32[batch, 2], gb: f32[batch, 2], gc: f32[batch, 2], alone: f32[batch, 2]) {
  let b = 3 * x
  let c = x ^ 3
  let u = b ^ 2 + b * c
  let (gb, gx, gc) = gradient(u, wrt: (b, x, c))
  (gx, gb, gc, gradient(u, wrt: x))
}
"""
    found = predict(build(text, "of_each_other"), x=x)
    check(close(found.get("gx"), 18 * x + 12 * x**3, 1e-5), "gradients with respect to x and what is made of it", found.get("gx"))
    check(close(found.get("gb"), 6 * x + x**3, 1e-5) and close(found.get("gc"), 3 * x, 1e-5), "  and to that", found.get("gb"))
    check(close(found.get("alone"), 18 * x + 12 * x**3, 1e-5), "  as to x alone", found.get("alone"))


def renewed_axes():
    """An axis is what a tensor's declaration calls so until it is renewed, though sizes are equal."""
    text = """layer late(x: float[batch, time, n]) -> float[batch, n] {
  x = transpose(x)
  scan xt in x over time {
    state h: float[batch, n] = zeros()
    h = 2 * h + xt
    h
  }
}
model m(x: f32[batch, 2, 2]) -> y: f32[batch, 2] = x |> late
"""
    x = rng.normal(size=(3, 2, 2)).astype(np.float32)
    found = predict(build(text, "renewed_axes"), x=x)
    check(close(found.get("y"), 2 * x[:, 0] + x[:, 1], 1e-6), "a scan over an axis of what was renewed", found.get("y"))


def dimensions_of_one():
    """What takes a dimension of size 1 away takes that one, and no other of size 1."""
    x = rng.normal(size=(3, 1, 6, 1)).astype(np.float32)
    model = "model m(x: f32[batch, 1, 6, 1]) -> y: f32[batch, 1, 6, 1] {{\n  {}\n}}\n"
    found = predict(build(model.format("gradient(windows(x, size: [1, 1], stride: 2) ^ 2, wrt: x)"), "ones_windows"), x=x)
    check(close(found.get("y"), 2 * x * (np.arange(6) % 2 == 0)[:, None], 1e-6), "the adjoint of windows of size 1, some apart", found.get("y"))
    text = model.format("""let v: f32[batch, one, n, t] = x
  scan xt in v over t {
    state h: f32[batch, one, n] = ones()
    h = h + xt ^ 2
    yield h
  }""")
    found = predict(build(text, "ones_scan"), x=x)
    check(close(found.get("y"), 1 + x**2, 1e-6), "a scan of one pass over an inner dimension", found.get("y"))


dimensions_of_one()
scans()
renewals()
gradchecks()
higher_orders()
declared()
of_each_other()
renewed_axes()
neighbourhoods()
indexes_and_sums()
finish()
