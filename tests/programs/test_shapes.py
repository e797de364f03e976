"""Sizes that vectors, tiles and threads don't divide, and sizes that fill them: losses against NumPy float64."""
# RUN: %python %s
import numpy as np

from interpreter import Model
from support import (build, check, close, finish, losses, predict, relative_error, run, same_weights, save_weights, shapes, small_batches, tmp,
                     write_small_mnist)

EXAMPLES = 2500
SMALL = tmp("small")
write_small_mnist(SMALL, EXAMPLES)
RECIPE = """
train net {
  data      mnist(image, label)
  loss      cross_entropy(logits, label)
  optimizer adam(lr: 1e-2)
  batch     %d
  epochs    1
}
"""


def program(layers, batch):
    return ("model net(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] {\n"
            f"  image / 255 |> flatten |> {layers} |> dense(10)\n}}\n" + RECIPE % batch)


def start(executable, seed):
    rng = np.random.default_rng(seed)
    weights = {name: rng.normal(0, shape[0] ** -0.5, shape).astype(np.float32) for name, shape in shapes(executable).items()}
    save_weights(tmp("start"), weights)
    return weights


def compare(executable, source, weights, batch, steps, what):
    expected = Model(source, weights).train(small_batches(EXAMPLES, batch, steps))
    found = losses(executable, "--weights", tmp("start"), "--no-shuffle", "--steps", steps, "--batch", batch, data=SMALL)
    error = relative_error(found, expected)
    check(error <= 1e-4, what, f"{error:.1e}")


# --- Widths that no vector divides, in batches of one to a thousand; at 1000 every third step is of 500.
ODD = "dense(17) |> tanh |> dense(33) |> gelu |> dense(7) |> softplus |> dense(5) |> sin |> dense(3) |> silu |> dense(1)"
for compiled, batch_sizes in ((1, [1, 2]), (2, [2, 33]), (1000, [1000])):
    source = program(ODD, compiled)
    exe = build(source, f"odd{compiled}")
    weights = start(exe, compiled)
    for batch in batch_sizes:
        compare(exe, source, weights, batch, 9, f"widths 1 to 33 at batch {batch}, compiled for {compiled}")

# --- Layers larger than a cache.
source = program("dense(2048) |> relu |> dense(2048) |> relu", 32)
exe = build(source, "large")
weights = start(exe, 3)
compare(exe, source, weights, 32, 3, "784-2048-2048-10 at batch 32")
for threads in (1, 2):
    run(exe, "train", "--data", SMALL, "--weights", tmp("start"), "--steps", 3, "--threads", threads, "--quiet", "--save",
        tmp(f"large{threads}"))
check(same_weights(tmp("large1"), tmp("large2"), list(weights)), "  and 1 and 2 threads give the same bits")

# --- Several sizes that only a call knows, in the shape that a dimension is taken apart to.
OPEN = """
model open(z: f32[batch, n]) -> (first: f32[batch, n], last: f32[batch, 2], turned: f32[batch, n, 2]) {
  let both = concat(z, z * 2)
  let lines = reshape(both, [batch, 2, n])
  (lines[:, 0], lines[:, :, 0], transpose(reshape(both, [2, batch * n])[1] |> reshape([batch, n]) |> stack(z), [1, 2, 0]))
}
"""
exe = build(OPEN, "open")
for shape in ((1, 1), (2, 3), (5, 16), (4, 37)):
    z = np.random.default_rng(7).normal(size=shape).astype(np.float32)
    found = predict(exe, z=z)
    flat = np.concatenate([z, z * 2], 1)
    lines = flat.reshape(shape[0], 2, shape[1])
    turned = np.stack([flat.reshape(2, -1)[1].reshape(shape), z]).transpose(1, 2, 0)
    check(close(found.get("first"), lines[:, 0], 1e-6) and close(found.get("last"), lines[:, :, 0], 1e-6)
          and close(found.get("turned"), turned, 1e-6), f"reshapes with open sizes {shape}", found)
finish()
