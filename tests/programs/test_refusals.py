"""What a compiled program refuses rather than computing something else: inputs by columns, weights that overflowed."""
# RUN: %python %s
import os
import zipfile

import numpy as np

from support import MNIST, NNC, build, check, finish, load_weights, predict, run, save_weights, shapes, tmp, write

# --- predict takes examples by rows.
for name, signature, body in (
    ("transposed", "(x: f32[batch, n]) -> y: f32[n, batch]", "transpose(x)"),
    ("summed", "(x: f32[batch, 4]) -> y: f32[4]", "sum(x, axis: 0)"),
):
    program = build(f"model m{signature} {{\n  {body}\n}}\n", name)
    np.save(tmp("in.npy"), np.ones((3, 4), np.float32))
    save_weights(tmp("none"), {})
    outcome = run(program, "predict", "--weights", tmp("none"), tmp("in.npy"))
    check(outcome.status == 1 and "as the first dimension" in outcome.err, f"predict refuses a model that is {name}", outcome.err.strip()[:200])

# --- A model of one example takes it whole.
program = build("model m(x: f32[4, n]) -> y: f32[4, n] {\n  2 * x\n}\n", "whole")
np.save(tmp("in.npy"), np.ones((4, 7), np.float32))
outcome = run(program, "predict", "--weights", tmp("none"), tmp("in.npy"))
check(outcome.status == 0 and outcome.out.count("[2, 2, 2, 2, 2, 2, 2]") == 4, "a model without a batch takes one example", outcome.out[:200])
np.save(tmp("in.npy"), np.ones((3, 7), np.float32))
outcome = run(program, "predict", "--weights", tmp("none"), tmp("in.npy"))
check(outcome.status == 1 and "in.npy" in outcome.err, "  of its size", outcome.err.strip()[:200])

# --- A slice that fits whatever the size is computed, for the least size too.
program = build("model m(x: f32[batch, n]) -> y: f32[batch] {\n  x[:, 0]\n}\n", "first")
for columns in (1, 9):
    np.save(tmp("in.npy"), np.arange(3 * columns, dtype=np.float32).reshape(3, columns))
    outcome = run(program, "predict", "--weights", tmp("none"), tmp("in.npy"))
    found = [f"{row * columns:g}" in outcome.out for row in range(3)]
    check(outcome.status == 0 and all(found), f"the first of {columns} columns", outcome.out.strip()[:200])

# --- Rows of a table that it doesn't have.
program = build("model look(token: i32[batch]) -> y: f32[batch, 3] {\n  param table: f32[5, 3] = zeros()\n  table[token]\n}\n", "look")
save_weights(tmp("table"), {"table": np.arange(15, dtype=np.float32).reshape(5, 3)})
np.save(tmp("in.npy"), np.array([4, 0], np.int32))
outcome = run(program, "predict", "--weights", tmp("table"), tmp("in.npy"))
check(outcome.status == 0 and '"y": [12, 13, 14]' in outcome.out, "a row that is there", outcome.out + outcome.err)
for wrong in (5, -1):
    np.save(tmp("in.npy"), np.array([4, wrong], np.int32))
    outcome = run(program, "predict", "--weights", tmp("table"), tmp("in.npy"))
    check(outcome.status == 1 and f"'token' is {wrong} at element 1; expected 0 to 4" in outcome.err,
          f"predict refuses row {wrong} of 5", outcome.err)

# --- Code for another processor.
with open("/proc/cpuinfo", encoding="utf-8") as file:
    newest = "avx512_fp16" in file.read()
program = build("model m(x: f32[batch, 4]) -> y: f32[batch, 4] {\n  2 * x\n}\n", "newest", "--cpu", "sapphirerapids", "-O0")
np.save(tmp("in.npy"), np.ones((3, 4), np.float32))
outcome = run(program, "predict", "--weights", tmp("none"), tmp("in.npy"))
check(outcome.status == (0 if newest else 1) and (newest or "lacks" in outcome.err and "avx512fp16" in outcome.err),
      "a program for a newer processor says what this one lacks", outcome.err)

# --- Weights that are not finite never take the place of good ones.
DIVERGING = """
optimizer leap(at: float)(w: float[...s], g: float[...s]) {
  let by = if step < at { 1e-3 } else { 1e38 }
  w - by * g * 100
}

model m(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] {
  image / 255 |> flatten |> dense(10)
}

train m {
  data      mnist(image, label)
  loss      cross_entropy(logits, label)
  optimizer leap(at: 4)
  batch     32
}
"""
program = build(DIVERGING, "diverging")
outcome = run(program, "train", "--data", MNIST, "--steps", 4, "--save", tmp("bad"), "--quiet")
check(outcome.status == 1 and "not finite after step 4" in outcome.err, "an update that overflows ends training", outcome.err.strip()[:200])
check(not os.path.exists(tmp("bad")), "  and nothing is saved")
outcome = run(program, "train", "--data", MNIST, "--steps", 9, "--save", tmp("good"), "--save-every", 1, "--quiet")
check(outcome.status == 1 and "last good checkpoint is kept" in outcome.err, "with --save-every the last good one is kept", outcome.err.strip()[:200])
kept = load_weights(tmp("good"))
check(all(np.isfinite(kept[name]).all() for name in shapes(program)), "  and it is finite")

# --- A file that is no weights is called what it is, by whatever reads weights.
program = build(DIVERGING.replace("loss ", "load \"backbone.pt\"\n  loss "), "loads")
plain = build(DIVERGING, "plain")
np.save(tmp("w.npy"), np.zeros((4, 4), np.float32))
np.savez(tmp("w.npz"), w=np.zeros(4))
for name, content in (
    ("w.pkl", b"\x80\x04\x95" + bytes(200)),
    ("w.gz", b"\x1f\x8b\x08" + bytes(200)),
    ("w.png", b"\x89PNG\r\n\x1a\n" + bytes(200)),
    ("w.csv", b"a,b\n1,2\n" * 20),
    ("w.json", b'{"dense.w": [1, 2, 3]}'),
):
    with open(tmp(name), "wb") as file:
        file.write(content)
with zipfile.ZipFile(tmp("w.pt"), "w") as archive:
    archive.writestr("archive/data.pkl", b"...")
KINDS = {"w.npy": "a NumPy array (.npy)", "w.npz": "an archive of NumPy arrays (.npz)", "w.pkl": "a Python pickle", "w.gz": "compressed by gzip",
         "w.png": "an image (.png)", "w.csv": "text", "w.json": "JSON text", "w.pt": "a PyTorch file (.pt)"}
image = tmp("image.npy")
np.save(image, np.zeros((1, 28, 28), np.uint8))
for name, kind in KINDS.items():
    outcome = run(plain, "train", "--data", MNIST, "--steps", 1, "--weights", tmp(name))
    check(outcome.status == 1 and f"{name}: is {kind}" in outcome.err and "expected weights in a safetensors file" in outcome.err and "hint:" in outcome.err,
          f"--weights {name} is {kind}", outcome.err.strip()[:200])
for command in (("train", "--data", MNIST, "--steps", 1, "--resume", tmp("w.pt")), ("eval", "--data", MNIST, "--weights", tmp("w.pt")),
                ("predict", "--weights", tmp("w.pt"), image)):
    outcome = run(plain, *command)
    check(outcome.status == 1 and "is a PyTorch file (.pt)" in outcome.err, f"  {command[0]} says so too", outcome.err.strip()[:200])
os.replace(tmp("w.pt"), tmp("backbone.pt"))
outcome = run(program, "train", "--data", MNIST, "--steps", 1, cwd=os.path.dirname(tmp("backbone.pt")))
check(outcome.status == 1 and "backbone.pt: is a PyTorch file (.pt)" in outcome.err, "  and `load`", outcome.err.strip()[:200])

# --- Integers have a remainder by 0, too: nothing is divided, and x is what is left; no signal ends the program.
for element, type in (("i32", np.int32), ("i64", np.int64)):
    program = build(f"model m(x: {element}[batch, 4], k: {element}[batch, 4]) -> (y: {element}[batch, 4], z: {element}[batch, 4]) = (x % k, x % (k - k))\n", f"rest_{element}")
    least = np.iinfo(type).min
    x = np.array([[7, -7, least, 5], [-7, least, 0, 4]], type)
    k = np.array([[0, 0, -1, -3], [3, 0, 0, 4]], type)
    found = predict(program, x=x, k=k)
    check(np.array_equal(found.get("y"), [[7, -7, 0, -1], [2, least, 0, 0]]), f"x % k of {element} with zeros in k", found.get("y"))
    check(np.array_equal(found.get("z"), x), "  and with nothing else", found.get("z"))
for expression in ("x % 0", "x * (5 % 0)", "x * floor_div(5, 0)", "x * ceil_div(5, 1 - 1)"):
    outcome = run(NNC, "check", write("by_zero.nn", f"model m(x: i32[batch, 4]) -> y: i32[batch, 4] = {expression}\n"))
    check(outcome.status == 1 and "error[E0502]: division by zero" in outcome.err, f"'{expression}' does not compile", outcome.err.strip()[:200])
finish()
