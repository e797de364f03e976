"""Sums that are long, types that are narrow, numbers that a type doesn't have: right values, or an error where it is written.

Kinds of faults: a size or a sum that leaves f16's range, an error that grows with the count, bytes that wrap, literals that
become 0 or infinity, moments that turn denormal, helper functions that a processor's libraries lack.
"""
# RUN: %python %s
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from element_types import round_to, ulp
from support import (NNC, build, check, close, evaluate, finish, load_weights, losses, predict, read_idx, run,
                     same_weights, save_weights, tmp, write, write_small_mnist)

SMALL = tmp("small")
write_small_mnist(SMALL, 256)
RECIPE = """
train net {
  data      mnist(image, label)
  loss      cross_entropy(logits, label)
  metric    accuracy(logits, label)
  optimizer adam(lr: 1e-3)
  batch     32
  epochs    2
}
"""


def check_source(text):
    path = write("checked.nn", text)
    return run(NNC, "check", path)


def long_sums():
    """In f32 the error of a sum doesn't grow with the count."""
    n = 10_000_000
    x = np.full((1, n), 0.1, np.float32)
    exact = float(np.float32(0.1))
    program = build("model m(x: f32[batch, n]) -> (average: f32[batch], total: f32[batch], squares: f32[batch], inner: f32[batch]) {\n"
                    "  (mean(x, axis: 1), sum(x, axis: 1), mean(x ^ 2, axis: 1), einsum(\"b n, b n -> b\", x, x))\n}\n", "long")
    seen = []
    for threads in (1, 2):
        found = predict(program, None, "--threads", threads, x=x)
        seen.append(found)
        for name, want in (("average", exact), ("total", exact * n), ("squares", exact**2), ("inner", exact**2 * n)):
            check(close(found.get(name), [want], 1e-6 if name != "inner" else 1e-5), f"{name} of ten million, {threads} threads", found.get(name))
    check(seen[0] == seen[1], "  the same bits for any number of threads")
    for n in (1, 2, 3, 7, 17, 1000, 4099):
        x = np.full((2, n), 0.1, np.float32)
        found = predict(program, x=x)
        check(close(found.get("average"), [exact] * 2, 2.0**-23), f"mean of {n}", found.get("average"))
    rng = np.random.default_rng(1)
    tall = rng.normal(3, 1, (1, 300_000, 3)).astype(np.float32)
    program = build("model m(x: f32[batch, n, 3]) -> (columns: f32[batch, 3], whole: f32[batch]) {\n"
                    "  (sum(x, axis: 1), mean(x, axis: [1, 2]))\n}\n", "tall")
    found = predict(program, x=tall)
    check(close(found.get("columns"), tall.astype(float).sum(1), 1e-6), "sums down a column", found.get("columns"))
    check(close(found.get("whole"), tall.astype(float).mean((1, 2)), 1e-6), "mean of everything", found.get("whole"))
    # The loss of 60,000 images as one batch, and what it does to a bias: a sum over the batch.
    program = build("""model net(image: u8[batch, 28, 28]) -> y: f32[batch, 784] {
  param w: f32[784] = ones()
  0 * flatten(image / 255) + w
}

train net {
  data      mnist(image)
  loss      mse(y, flatten(image / 255))
  optimizer sgd(lr: 1000)
  batch     60000
  steps     1
}
""", "one_batch")
    found = losses(program, "--no-shuffle", "--save", tmp("one_batch.w"))
    x = read_idx("train-images-idx3-ubyte.gz").reshape(60000, 784) / 255
    check(close(found, [((1 - x) ** 2).mean()], 2e-6), "the loss of one batch of 60,000", found)
    slope = 2 * (1 - x).mean(0) / 784
    check(close(1 - load_weights(tmp("one_batch.w"))["w"], 1000 * slope, 1e-4, 1e-6), "  and its gradient")


def long_products():
    """Nor does it in products of matrices: over a long dimension, and in gradients over a long batch."""
    rng = np.random.default_rng(5)
    for n in (10_007, 300_000):
        program = build(f"model m(x: f32[batch, {n}]) -> (y: f32[batch, 3], z: f32[batch]) {{\n  param w: f32[{n}, 3] = zeros()\n"
                        f"  param v: f32[{n}] = zeros()\n  (x @ w, x @ v)\n}}\n", "long_products")
        x, w, v = (rng.uniform(0.5, 1.5, shape).astype(np.float32) for shape in ((5, n), (n, 3), (n,)))
        save_weights(tmp("long.w"), {"w": w, "v": v})
        seen = [predict(program, tmp("long.w"), "--threads", threads, x=x) for threads in (1, 2)]
        for name, right in (("y", w), ("z", v)):
            check(close(seen[0].get(name), x.astype(float) @ right.astype(float), 2e-6), f"{name} of {n} products", seen[0].get(name))
            check(np.array_equal(seen[0].get(name), seen[1].get(name)), "  the same bits for any number of threads")
    text = """model net(image: u8[batch, 28, 28]) -> y: f32[batch, 3] {
  param w: f32[784, 3] = zeros()
  flatten(image / 255) @ w
}

train net {
  data      mnist(image)
  loss      mse(y, 1)
  optimizer sgd(lr: 1)
  batch     BATCH
  steps     1
}
"""
    x = read_idx("train-images-idx3-ubyte.gz").reshape(60000, 784) / 255
    want = np.repeat(2 * x.mean(0)[:, None] / 3, 3, 1)
    # Compiled for that batch, and for any.
    for batch in (60000, 32):
        program, found = build(text.replace("BATCH", str(batch)), "long_batch"), []
        for threads in (1, 2):
            losses(program, "--no-shuffle", "--batch", 60000, "--threads", threads, "--save", tmp("long_batch.w"))
            found.append(load_weights(tmp("long_batch.w"))["w"])
        check(close(found[0], want, 3e-6, 1e-9), f"weights' gradient over 60,000 images, compiled for {batch}", np.abs(found[0] - want).max())
        check(np.array_equal(*found), "  the same bits for any number of threads")
    # A filter's gradient, over images, rows and columns, and that of what is applied at each pixel.
    text = """model net(image: u8[batch, 28, 28]) -> (y: f32[batch, 26, 26, 2], z: f32[batch, 28, 28, 2]) {
  param filter: f32[3, 3, 1, 2] = ones()
  param w: f32[1, 2] = ones()
  let x = (image / 255)[..., new]
  (einsum("b h w i j c, i j c k -> b h w k", windows(x, size: [3, 3]), filter), einsum("b h w c, c k -> b h w k", x, w))
}

train net {
  data      mnist(image)
  loss      mean(y ^ 2) + mean(z ^ 2)
  optimizer sgd(lr: 1e6)
  batch     BATCH
  steps     1
}
"""
    for n, batches in ((10, (10, 32)), (1001, (1001, 32)), (60000, (60000, 32))):
        x = read_idx("train-images-idx3-ubyte.gz").reshape(60000, 28, 28)[:n].astype(float) / 255
        y = sum(x[:, i : i + 26, j : j + 26] for i in range(3) for j in range(3))
        filter_ = np.array([[(y * x[:, i : i + 26, j : j + 26]).sum() for j in range(3)] for i in range(3)]) / y.size
        w = (x * x).mean()
        for batch in batches:
            program, found = build(text.replace("BATCH", str(batch)), "long_windows"), []
            for threads in (1, 2):
                losses(program, "--no-shuffle", "--batch", n, "--threads", threads, "--save", tmp("long_windows.w"))
                found.append(load_weights(tmp("long_windows.w")))
            for name, want in (("filter", filter_[:, :, None, None]), ("w", w)):
                slope = (1 - found[0][name].astype(float)) / 1e6
                check(close(slope, np.broadcast_to(want, slope.shape), 1e-6), f"gradient of '{name}' over {n} images, compiled for {batch}", slope)
                check(np.array_equal(found[0][name], found[1][name]), "  the same bits for any number of threads")
    # Two dimensions of any size, each short or long.
    program = build("""model m(x: f32[batch, rows, time, 20], y: f32[batch, rows, time, 10]) -> g: f32[batch, 20, 10] {
  einsum("b r t i, b r t j -> b i j", x, y)
}
""", "long_any")
    for sizes in ((1, 1), (3, 5), (1024, 1), (1, 1025), (30, 70), (100_000, 2), (2, 100_000), (300, 301)):
        x, y = (rng.uniform(0, 1, (1, *sizes, n)).astype(np.float32) for n in (20, 10))
        check(close(predict(program, x=x, y=y).get("g"), np.einsum("brti,brtj->bij", x.astype(float), y), 2e-6), f"products over {sizes}")


def narrow_sums():
    for element in ("f16", "bf16"):
        eps = 2.0 ** -{"f16": 10, "bf16": 7}[element]
        for n, value in ((100_000, 0.25), (62_500, 4.0), (65_505, 1.0), (33, 1000.0), (3, 20000.0 if element == "f16" else 1e38)):
            x = np.full((1, n), value)
            open_size = f"model m(x: f32[batch, n]) -> y: {element}[batch] {{\n  mean(x as {element}, axis: 1)\n}}\n"
            for text in (open_size, open_size.replace("[batch, n]", f"[batch, {n}]")):
                found = predict(build(text, "narrow"), x=x.astype(np.float32)).get("y")
                check(close(found, [value], eps), f"{element} mean of {n} times {value}", found)
        # Sums fit or are infinite; what is between is not rounded on the way.
        x = np.concatenate([np.full((1, 4096), 16.0), np.full((1, 4096), -16.0), np.ones((1, 8))], 1)
        found = evaluate({"y": "sum(x, axis: 1)"}, element, outputs="{element}[batch]", x=x).get("y")
        check(close(found, [8], eps), f"{element} sum whose parts leave its range or digits", found)
        # A fan-in and a count beyond f16's range.
        text = f"""model m(x: f32[batch, 70000]) -> (y: {element}[batch, 2], z: {element}[batch, 70000], s: {element}[batch]) {{
  param w: {element}[70000, 2] = glorot_uniform()
  let a = x as {element}
  (a @ w, a - mean(a, axis: 1, keep: true), sum(softmax(a), axis: 1))
}}

train m {{
  let x: f32[batch, 70000] = uniform(0, 1)
  let (y, z, s) = m(x)
  loss      mean(y ^ 2)
  optimizer sgd(lr: 1e-6)
  batch     4
  steps     2
}}
"""
        program = build(text, f"wide_{element}")
        outcome = run(program, "train", "--quiet", "--log", tmp("wide.log"), "--log-every", 1)
        check(outcome.status == 0, f"{element} layer of fan-in 70,000 trains", outcome.err[-300:])
        with open(tmp("wide.log"), encoding="utf-8") as file:
            found = [row["loss"] for row in map(json.loads, file) if row["event"] == "step"]
        # Inputs of mean square 1/3 and weights of variance 2 / 70002 give outputs of variance 2/3.
        check(len(found) == 2 and 0.01 < found[0] < 10, "  and its first loss is of the right size", found)
    text = """model net(image: u8[batch, 28, 28]) -> y: f16[batch, 28, 28] {
  (image / 255) as f16 |> flatten |> dense(32) |> relu |> dense(784) |> sigmoid |> to_image
}

fn to_image(x: float[batch, 784]) -> float[batch, 28, 28] = reshape(x, [batch, 28, 28])

train net {
  data      mnist(image)
  loss      mse(y, (image / 255) as f16)
  optimizer adam(lr: 1e-3)
  batch     84
  steps     6
}
"""
    first = losses(build(text, "auto"), "--no-shuffle", "--steps", 6, "--seed", 1, data=SMALL)
    other = losses(build(text.replace("f16", "f32"), "auto32"), "--no-shuffle", "--steps", 6, "--seed", 1, data=SMALL)
    check(first.shape == (6,) and close(first, other, 2e-2), "an f16 autoencoder on 65,856 pixels a batch learns as in f32", [first, other])
    for batch in (83, 128):
        found = losses(tmp("auto"), "--no-shuffle", "--steps", 3, "--batch", batch, data=SMALL)
        check(found.shape == (3,) and (found > 0.01).all(), f"  also in batches of {batch}", found)


def narrow_training():
    for element in ("f16", "bf16"):
        text = (f"model net(image: u8[batch, 28, 28]) -> logits: {element}[batch, 10] {{\n"
                f"  (image / 255) as {element} |> flatten |> dense(64) |> relu |> dense(10)\n}}\n" + RECIPE)
        found = losses(build(text, f"mlp_{element}"), "--steps", 200)
        check(found.shape == (200,) and np.isfinite(found).all() and found[-20:].mean() < 1, f"the classifier in {element} learns with adam's defaults",
              found[-3:])


def narrow_widths():
    """Every width, with remainders that no vector takes, for processors without conversions of their own."""
    widths = [*range(1, 18), 23, 24, 31, 32, 33, 40]
    rng = np.random.default_rng(2)
    x, w = rng.normal(size=(3, 40)).astype(np.float32), rng.normal(size=(40, 10)).astype(np.float32)

    def text(element):
        results = ", ".join(f"y{n}: {element}[batch, 10]" for n in widths)
        values = ", ".join(f"a[:, 0..{n}] @ b[0..{n}] + a[:, {n - 1}..{n}]" for n in widths)
        return (f"model m(x: f32[batch, 40]) -> ({results}) {{\n  param table: f32[40, 10] = zeros()\n"
                f"  let a = x as {element}\n  let b = table as {element}\n  ({values})\n}}\n")

    save_weights(tmp("table"), {"table": w})

    def make(job):
        element, cpu = job
        path = write(f"widths_{element}.nn", text(element))
        return run(NNC, "build", path, "--cpu", cpu, "-o", tmp(f"widths_{element}_{cpu}"))

    jobs = [(element, cpu) for element in ("bf16", "f16") for cpu in ("x86-64", "x86-64-v3", "native")]
    with ThreadPoolExecutor(2) as pool:
        outcomes = dict(zip(jobs, pool.map(make, jobs)))
    for (element, cpu), outcome in outcomes.items():
        if not check(outcome.status == 0, f"{element} of widths 1 to 40 builds for {cpu}", outcome.err[-500:]):
            continue
        found = predict(tmp(f"widths_{element}_{cpu}"), tmp("table"), x=x)
        a, b = round_to(x, element), round_to(w, element)
        for n in widths:
            want = round_to(a[:, :n] @ b[:n], element) + a[:, n - 1 : n]
            size = np.abs(a[:, :n]) @ np.abs(b[:n]) + np.abs(a[:, n - 1 : n])
            bad = f"y{n}" not in found or (np.abs(found[f"y{n}"] - want) > 1.5 * ulp(size, element)).any()
            if bad:
                check(False, f"  width {n}", found.get(f"y{n}"))


def bytes_and_truths():
    x = np.array([[0, 100, 127, 128, 200, 255]], np.uint8)
    as_float = x.astype(float)
    cases = {"centred": ("(x - 128) / 128", (as_float - 128) / 128), "doubled": ("x * 2 / 255", as_float * 2 / 255), "negative": ("-x", -as_float),
             "twice": ("x + x", 2 * as_float), "square": ("x ^ 2", as_float**2), "rest": ("x % 7", as_float % 7),
             "difference": ("1 - x", 1 - as_float), "parts": ("(x > 100) + (x > 127)", (x > 100) * 1.0 + (x > 127)),
             "counted": ("x * 0 + sum(x > 100)", as_float * 0 + 4)}
    for name, (expression, want) in cases.items():
        path = write("bytes.nn", f"model m(x: u8[batch, 6]) -> y: f32[batch, 6] = {expression}\n")
        outcome = run(NNC, "check", path)
        if outcome.status or "warning" in outcome.err:
            check("error[E" in outcome.err or "warning[W" in outcome.err, f"'{expression}' of bytes is spoken of", outcome.err[:200])
            continue
        found = predict(build(path, f"bytes_{name}"), x=x).get("y")
        check(close(found, want, 1e-6, 1e-7), f"'{expression}' of bytes does not wrap", found)


def literals():
    for text, what in (("x * 1e39", "beyond f32"), ("x * 1e-60", "below f32"), ("(x as f16) * 1e5", "beyond f16"), ("(x as f16) / ((x as f16) + 1e-8)", "below f16"),
                       ("x as f64 * 1e400", "beyond f64"), ("(x as i32) + 3_000_000_000", "beyond i32")):
        outcome = check_source(f"fn f(x: f32[...s]) -> f32[...s] = ({text}) as f32\n\nmodel m(x: f32[batch, 2]) -> y: f32[batch, 2] = f(x)\n")
        at = re.search(r":1:\d+: (error|warning)\[", outcome.err)
        check(at and outcome.status in (0, 1), f"a literal {what} is spoken of where it is written", outcome.err[:200])
    outcome = check_source("model m(x: f32[batch, 2]) -> y: f32[batch, 2] = x * 0.0 + 1e-30 + 1e38\n")
    check(outcome.status == 0 and not outcome.err, "  zero and what fits are not", outcome.err[:200])


def narrow_sums_of_training():
    """Averages of weights move, and gradients of many batches add up, whatever the weights are."""
    head = "model m(x: f32[batch, 4]) -> y: f32[batch, 4] {{\n  param w: {0}[4] = ones()\n  x * (w as f32)\n}}\n"
    ema = head + """train m {{
  let x: f32[batch, 4] = uniform(1, 2)
  loss mean((m(x) - 3 * x) ^ 2)
  optimizer sgd(lr: 0.05)
  ema 0.999
  batch 8
  steps 4000
}}
"""
    sums = head + """train m {{
  let x: f32[batch, 4] = uniform(1, 1.00001)
  loss mean(m(x))
  optimizer sgd(lr: 1)
  accumulate 2048
  batch 4
  steps 1
}}
"""
    for element, error in (("f32", 2e-2), ("f16", 2e-2), ("bf16", 5e-2)):
        program = build(ema.format(element), f"ema_{element}")
        run(program, "train", "--quiet", "--save", tmp("whole.w"))
        whole = load_weights(tmp("whole.w"))
        # The weights are near 3 from the start; bf16 ones stop on their way.
        check(close(whole.get("w"), whole["raw/w"].astype(float) - np.exp(-4) * 2, error), f"averages of {element} weights", whole.get("w"))
        run(program, "train", "--quiet", "--steps", 1500, "--save", tmp("part.w"))
        run(program, "train", "--quiet", "--resume", tmp("part.w"), "--save", tmp("part.w"))
        check(same_weights(tmp("whole.w"), tmp("part.w"), list(whole)), "  and resumed")
        program = build(sums.format(element), f"sums_{element}")
        outcome = run(program, "train", "--quiet", "--save", tmp("sums.w"))
        check(close(load_weights(tmp("sums.w")).get("w"), [0.75] * 4, 2.0**-8), f"gradients of 2048 batches of {element} weights", outcome.err[-200:])


def narrow_gradients():
    """What is added to one place, or in each pass of a loop, is added in f32."""
    for element in ("f16", "bf16", "f32"):
        program = build(f"""
fn total(t: {element}[n]) -> {element}[n] {{
  scan k in 0..5000 {{
    state h: {element}[n] = zeros()
    h = h + max(t, 0.0)
    h
  }}
}}
model m(x: f32[batch, 4]) -> (passes: f32[batch, 4], rows: f32[batch, 4]) {{
  let t = sum(x, axis: 0) as {element}
  let same = iota(5000) * 0
  let passes = gradient(sum(total(t)), wrt: t)
  let rows = gradient(sum(t[same]), wrt: t)
  ((passes as f32)[new, :] + 0 * x, (rows as f32)[new, :] + 0 * x)
}}
""", f"narrow_gradients_{element}")
        found = predict(program, x=np.ones((1, 4), np.float32))
        check(close(found.get("passes"), [[5000] * 4], 2.0**-8), f"{element} gradients of 5000 passes", found.get("passes"))
        check(close(found.get("rows"), [[5000, 0, 0, 0]], 2.0**-8), f"  and of 5000 equal indices", found.get("rows"))


def quotients():
    """A whole number as a quotient is one, by constants and by scalars, optimised or not."""
    x = np.arange(1024.0, dtype=np.float32).reshape(1, -1)
    for level in ("-O0", "-O3"):
        head = "fn by(x: float[...s], d: float[]) -> float[...s] = floor(x / d)\n"
        found = evaluate({"constant": "floor(x / 41.0)", "whole": "(x / 49.0) as i32 as f32",
                          "scalar": "by(x, sum(x) * 0 + 41)", "half": "floor(x / 0.5)"}, head=head, options=(level,), x=x)
        for name, want in (("constant", x // 41), ("whole", x // 49), ("scalar", x // 41), ("half", x * 2)):
            wrong = int((found.get(name) != want).sum())
            check(wrong == 0, f"{name} quotients {level}", wrong)


def denormals():
    """Moments of what no longer moves end at 0, not among the slow smallest numbers."""
    data = tmp("dark")
    write_small_mnist(data, 10)
    images = np.zeros((1500, 28, 28), np.uint8)
    images[0] = 255
    images[1:, 10:18, 10:18] = 200
    import gzip
    import struct
    with gzip.open(os.path.join(data, "train-images-idx3-ubyte.gz"), "wb") as file:
        file.write(struct.pack(">BBBBIII", 0, 0, 8, 3, *images.shape) + images.tobytes())
    with gzip.open(os.path.join(data, "train-labels-idx1-ubyte.gz"), "wb") as file:
        file.write(struct.pack(">BBBBI", 0, 0, 8, 1, 1500) + bytes(i % 10 for i in range(1500)))
    text = ("model net(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] {\n  image / 255 |> flatten |> dense(10)\n}\n"
            + RECIPE.replace("batch     32", "batch     1"))
    program = build(text, "dark_net")
    seen = []
    for threads in (1, 2):
        outcome = run(program, "train", "--data", data, "--no-shuffle", "--steps", 1400, "--quiet", "--threads", threads, "--save", tmp("dark.w"))
        check(outcome.status == 0, "training on what goes dark", outcome.err[-200:])
        seen.append(load_weights(tmp("dark.w")))
    for name, moment in seen[0].items():
        if name.startswith("optimizer/"):
            small = (np.abs(moment) < np.finfo(np.float32).tiny) & (moment != 0)
            check(not small.any(), f"{name} has no denormals", int(small.sum()))
    check(all(seen[0][n].tobytes() == seen[1][n].tobytes() for n in seen[0]), "  the same bits for any number of threads")


long_sums()
long_products()
narrow_sums()
narrow_training()
narrow_widths()
with np.errstate(all="ignore"):
    bytes_and_truths()
literals()
narrow_sums_of_training()
narrow_gradients()
quotients()
denormals()
finish()
