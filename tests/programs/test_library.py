"""The library form: a C header that compiles, the same bits as the program's, errors as statuses."""
# RUN: %python %s
import ctypes
import json
import os
import shutil
import sys

import numpy as np

from support import (NNC, ROOT, build, check, close, finish, load_weights, losses, mnist_batches, predict, read_idx, relative_error,
                     run, same_weights, save_weights, skip, tmp)

SOURCE = os.path.join(ROOT, "examples", "mnist_mlp.nn")
NAMES = ["dense.w", "dense.b", "dense_2.w", "dense_2.b"]

exe = build(SOURCE, "mlp")
made = run(NNC, "build", SOURCE, "--emit", "shared", "-o", tmp("libmlp.so"))
check(made.status == 0, "build --emit shared", made.err)
check(os.path.exists(tmp("mlp.h")), "the header lies beside the library")
names = run("nm", "-D", "--defined-only", tmp("libmlp.so")).out.split()[2::3]
check(names and all(n.startswith("mlp_") for n in names), "only the model's functions are exported", names)

# --- The programs of docs/embedding.md, as they stand there.
def block(language):
    with open(os.path.join(ROOT, "docs", "embedding.md"), encoding="utf-8") as file:
        return file.read().split(f"```{language}\n")[1].split("```")[0]


with open(tmp("client.c"), "w", encoding="utf-8") as file:
    file.write(block("c"))
for compiler, language in ((("clang", "clang-22", "cc"), ("-x", "c", "-std=c11")),
                           (("clang++", "clang++-22", "c++"), ("-x", "c++", "-std=c++11"))):
    found = next((c for c in compiler if shutil.which(c)), None)
    if not found:
        skip(f"a program around the library, {language[1]}", "no compiler")
        continue
    built = run(found, *language, "-Wall", "-Wextra", "-pedantic", "-Werror", tmp("client.c"), "-x", "none",
                tmp("libmlp.so"), f"-Wl,-rpath,{tmp('')}", "-o", tmp("client"))
    check(built.status == 0, f"the header and the C program compile without a warning, {language[2]}", built.err[-800:])
    outcome = run(tmp("client"))
    check(outcome.out == "loss below 0.5: yes, accuracy 1.00\n", "  and the program learns", outcome.out + outcome.err)

with open(tmp("client.py"), "w", encoding="utf-8") as file:
    file.write(block("python").replace("data/mnist/", os.path.join(ROOT, "data", "mnist", "")))
outcome = run(sys.executable, tmp("client.py"), cwd=tmp(""))
found = float((outcome.out.split() or ["inf"])[-1])
check(outcome.status == 0 and found < 0.6, "the Python program learns", outcome.out + outcome.err)

# --- From Python, against the program.
lib = ctypes.CDLL(tmp("libmlp.so"))
lib.mlp_message.restype = ctypes.c_char_p
U64, POINTER, FLOAT = ctypes.c_uint64, ctypes.c_void_p, ctypes.c_float


class Mlp:
    """A session; each call returns its status."""

    def __init__(self, batch, threads=1):
        self.handle = POINTER()
        self.status = lib.mlp_create(U64(batch), ctypes.c_uint32(threads), ctypes.byref(self.handle))

    def __getattr__(self, name):
        function = getattr(lib, "mlp_" + name)
        return lambda *arguments: function(self.handle, *arguments)

    def step(self, image, label):
        loss = FLOAT()
        status = self.train_step(U64(len(label)), image.ctypes.data_as(POINTER), label.ctypes.data_as(POINTER), ctypes.byref(loss))
        return loss.value if status == 0 else (status, self.message().decode())


IMAGES, LABELS = read_idx("train-images-idx3-ubyte.gz"), read_idx("train-labels-idx1-ubyte.gz").astype(np.int32)


def rows(step, batch):
    at = step * batch
    return np.ascontiguousarray(IMAGES[at:at + batch]), np.ascontiguousarray(LABELS[at:at + batch])


for batch, threads in ((32, 1), (50, 2)):
    expected = losses(exe, "--no-shuffle", "--steps", 100, "--seed", 3, "--batch", batch, "--save", tmp("program"))
    session = Mlp(batch, threads)
    session.init(U64(3))
    found = np.array([session.step(*rows(i, batch)) for i in range(100)], np.float32)
    check(np.array_equal(found, expected.astype(np.float32)), f"100 losses at batch {batch} are the program's", relative_error(found, expected))
    check(session.save(tmp("library").encode()) == 0, "  it saves", session.message())
    check(same_weights(tmp("program"), tmp("library"), NAMES), "  and has the program's weights then, bit for bit")

# A checkpoint of either goes on in the other.
other = Mlp(50)
check(other.resume(tmp("library").encode()) == 0, "a session resumes", other.message())
check(other.step(*rows(100, 50)) == session.step(*rows(100, 50)), "  and goes on as the one that saved")
outcome = run(exe, "train", "--data", os.path.join(ROOT, "data", "mnist"), "--resume", tmp("library"), "--steps", 101, "--quiet")
check(outcome.status == 0 and not outcome.err, "the program resumes what the library saved", outcome.err)

# Prediction is the program's too.
np.save(tmp("x.npy"), IMAGES[:5])
logits = np.zeros((5, 10), np.float32)
images = np.ascontiguousarray(IMAGES[:5])
fresh = Mlp(5)
check(fresh.load(tmp("library").encode()) == 0, "a session loads weights", fresh.message())
check(fresh.predict(U64(5), images.ctypes.data_as(POINTER), logits.ctypes.data_as(POINTER)) == 0, "  and predicts", fresh.message())
printed = json.loads(run(exe, "predict", "--weights", tmp("library"), tmp("x.npy")).out)
check(np.allclose(logits, [e["logits"] for e in printed], rtol=1e-6, atol=1e-6), "  what the program prints")

# --- Errors are statuses with a message, and change nothing.
def refused(what, status, found, words):
    message = found[1] if isinstance(found, tuple) else None
    code = found[0] if isinstance(found, tuple) else found
    check(code == status and (message is None or all(w in message for w in words)), what, found)


unready = Mlp(8)
image, label = rows(0, 8)
refused("a step before init is refused", 2, unready.step(image, label), ["no weights", "init"])
unready.init(U64(0))
before = unready.step(image, label)
refused("a batch beyond max_batch is refused", 2, unready.step(*rows(0, 9)), ["9", "1 to 8"])
refused("an empty batch is refused", 2, unready.step(image[:0], label[:0]), ["0"])
refused("a label out of range is refused", 1, unready.step(image, label + np.int32(100)), ["'label'", "0 to 9"])
refused("a null pointer is refused", 1, unready.train_step(U64(8), None, label.ctypes.data_as(POINTER), None), [])
refused("a file that is not there is refused", 1, unready.load(b"/nowhere/x"), [])
check(b"/nowhere/x" in unready.message(), "  by its name", unready.message())
open(tmp("empty"), "w").close()
refused("a file of another kind is refused", 1, unready.resume(tmp("empty").encode()), [])
again = Mlp(8)
again.init(U64(0))
again.step(image, label)
check(unready.step(image, label) == again.step(image, label), "what was refused has changed nothing")
refused("a session for no batch is refused", 2, Mlp(0).status, [])
huge = Mlp(1 << 31)
refused("a session that doesn't fit into memory is refused", 1, huge.status, [])
check(b"memory" in huge.message(), "  and says so", huge.message())
for each in (unready, again, huge, session, other, fresh):
    each.destroy()

# --- Each call has sizes of its own, as many as the model leaves open.
def library(name, text):
    with open(tmp(name + ".nn"), "w", encoding="utf-8") as file:
        file.write(text)
    outcome = run(NNC, "build", tmp(name + ".nn"), "--emit", "shared", "-o", tmp(f"lib{name}.so"))
    check(outcome.status == 0, f"the library of '{name}' is made", outcome.err)
    made = ctypes.CDLL(tmp(f"lib{name}.so"))
    getattr(made, name + "_message").restype = ctypes.c_char_p
    return made


free = library("free", """
model free(x: f32[batch, time, 3], keys: f32[others, time]) -> (y: f32[batch, others, 3], last: f32[time]) {
  (einsum("b t c, o t -> b o c", x, keys), sum(keys, axis: 0))
}
""")
with open(tmp("free.h"), encoding="utf-8") as file:
    header = file.read()
check("uint64_t max_batch, uint64_t max_time, uint64_t max_others, uint32_t threads" in header
      and "uint64_t size_batch, uint64_t size_time, uint64_t size_others," in header, "the header names every size", header[-900:])
rng = np.random.default_rng(1)
several = POINTER()
check(free.free_create(U64(5), U64(9), U64(4), ctypes.c_uint32(2), ctypes.byref(several)) == 0, "a session has room for the largest")
free.free_init(several, U64(0))


def call(batch, time, others):
    x, keys = rng.random((batch, time, 3), np.float32), rng.random((others, time), np.float32)
    y, last = np.full((batch, others, 3), -1, np.float32), np.full(time, -1, np.float32)
    status = free.free_predict(several, U64(batch), U64(time), U64(others), *(each.ctypes.data_as(POINTER) for each in (x, keys, y, last)))
    return status, y, last, x, keys


for sizes in ((5, 9, 4), (1, 1, 1), (3, 9, 2), (5, 2, 4), (2, 7, 3)):
    status, y, last, x, keys = call(*sizes)
    check(status == 0 and np.allclose(y, np.einsum("btc,ot->boc", x, keys), rtol=1e-5) and np.allclose(last, keys.sum(0), rtol=1e-5),
          f"sizes {sizes}", free.free_message(several))
for sizes, word in (((6, 9, 4), b"'batch' is 6"), ((5, 10, 4), b"'time' is 10"), ((5, 9, 0), b"'others' is 0")):
    status, y, *_ = call(*sizes)
    check(status == 2 and word in free.free_message(several) and np.all(y == -1), f"sizes {sizes} are refused by name", free.free_message(several))
free.free_destroy(several)
check(free.free_create(U64(5), U64(0), U64(4), ctypes.c_uint32(1), ctypes.byref(several)) == 2
      and b"max_time is 0" in free.free_message(several), "so is a session for none", free.free_message(several))
free.free_destroy(several)
huge = U64(0xffffffff)
check(free.free_create(huge, huge, huge, ctypes.c_uint32(1), ctypes.byref(several)) == 1 and b"memory" in free.free_message(several),
      "sizes whose product overflows are refused", free.free_message(several))
free.free_destroy(several)

# A model that leaves none open has none to be told.
fixed = library("fixed", "model fixed(x: f32[4]) -> y: f32[4] = x * 2\n")
whole, y = POINTER(), np.zeros(4, np.float32)
fixed.fixed_create(ctypes.c_uint32(1), ctypes.byref(whole))
fixed.fixed_init(whole, U64(0))
x = np.arange(4, dtype=np.float32)
check(fixed.fixed_predict(whole, x.ctypes.data_as(POINTER), y.ctypes.data_as(POINTER)) == 0 and np.array_equal(y, 2 * x),
      "a model without open sizes predicts", (y, fixed.fixed_message(whole)))
fixed.fixed_destroy(whole)

# --- Names.
with open(tmp("double.nn"), "w", encoding="utf-8") as file:
    file.write("model twice(double: f32[batch, 2]) -> batch_: f32[batch, 2] = double * 2\n")
outcome = run(NNC, "build", tmp("double.nn"), "--emit", "shared", cwd=tmp(""))
check(outcome.status == 0 and os.path.exists(tmp("libtwice.so")), "the library is named after its model", outcome.err)
with open(tmp("twice.h"), encoding="utf-8") as file:
    header = file.read()
check("const float *in_double /*" in header and "float *out_batch_ /*" in header and "train_step" not in header,
      "names that C keeps for itself do not meet it", header[-400:])
with open(tmp("names.c"), "w", encoding="utf-8") as file:
    file.write('#include "twice.h"\n')
found = next((c for c in ("clang", "clang-22", "cc") if shutil.which(c)), None)
if found:
    built = run(found, "-std=c11", "-Werror", "-fsyntax-only", tmp("names.c"))
    check(built.status == 0, "  and the header compiles", built.err[-400:])

# --- Inputs that have no examples are given once for a call, to the program and to the library.
SHARED = """
model scaled(x: f32[batch, 4], by: f32, shift: f32[3, 4]) -> y: f32[batch, 4] {
  param w: f32[4] = ones()
  x * w * by + sum(shift, axis: 0)
}

data points(x: f32[4]) {
  train npy(x: "x.npy")
}

train scaled {
  data      points(x)
  let by: f32 = uniform(1, 2)
  let shift: f32[3, 4] = uniform(0, 1)
  loss      mse(scaled(x, by, shift), x)
  optimizer sgd(lr: 0.1)
  batch     64
  epochs    1
}
"""
exe = build(SHARED, "scaled")
rng = np.random.default_rng(5)
x, shift, w = (rng.normal(size=shape).astype(np.float32) for shape in ((600, 4), (3, 4), 4))
by = np.float32(1.5)
save_weights(tmp("scaled.w"), {"w": w})
expected = x * w * by + shift.sum(0)
found = predict(exe, tmp("scaled.w"), shift=shift, by=by, x=x)
check(close(found.get("y"), expected, 1e-5, 1e-5), "600 examples share a scalar and a matrix")
found = predict(exe, tmp("scaled.w"), x=x[7], shift=shift, by=by)
check(close(found.get("y"), expected[7:8], 1e-5, 1e-5), "  and so does one")
np.save(tmp("two.npy"), np.stack([shift, shift]))
outcome = run(exe, "predict", "--weights", tmp("scaled.w"), f"shift={tmp('two.npy')}", f"by={tmp('in.by.npy')}", f"x={tmp('in.x.npy')}")
check(outcome.status == 1 and "holds f32[2, 3, 4], but input 'shift' is f32[3, 4]" in outcome.err, "  one for each is refused", outcome.err)
made = run(NNC, "build", tmp("scaled.nn"), "--emit", "shared", "-o", tmp("libscaled.so"))
check(made.status == 0, "build --emit shared", made.err)
lib = ctypes.CDLL(tmp("libscaled.so"))
handle, y = POINTER(), np.zeros((600, 4), np.float32)
status = lib.scaled_create(U64(1000), ctypes.c_uint32(1), ctypes.byref(handle))
status |= lib.scaled_load(handle, tmp("scaled.w").encode())
by, shift = np.full(1, by), shift.copy()
status |= lib.scaled_predict(handle, U64(600), *(a.ctypes.data_as(POINTER) for a in (x, by, shift, y)))
lib.scaled_destroy(handle)
check(status == 0 and close(y, expected, 1e-5, 1e-5), "  a library takes them whole as well")

# --- In an update `batch` is what the session was made for.
line = library("line", """
data ones_of(x: f32) {
  train npy(x: "x.npy")
}

model line(x: f32[batch]) -> y: f32[batch] {
  param w: f32[1] = zeros()
  x * w
}

train line {
  data      ones_of(x)
  loss      y
  optimizer sgd(lr: batch / 1024)
  batch     32
  epochs    1
}
""")
handle, x, y, loss = POINTER(), np.ones(6, np.float32), np.zeros(1, np.float32), ctypes.c_double()
status = line.line_create(U64(6), ctypes.c_uint32(1), ctypes.byref(handle)) | line.line_init(handle, U64(0))
for size in (6, 2):
    status |= line.line_train_step(handle, U64(size), x.ctypes.data_as(POINTER), ctypes.byref(loss))
status |= line.line_predict(handle, U64(1), x.ctypes.data_as(POINTER), y.ctypes.data_as(POINTER))
check(status == 0 and y[0] == -12 / 1024, "an update's batch is the session's", (status, y[0], line.line_message(handle)))
line.line_destroy(handle)
finish()
