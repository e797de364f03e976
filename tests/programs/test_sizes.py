"""Symbolic sizes: right values with the least that a program takes, an error that names the size with less."""
# RUN: %python %s
import ctypes
import os

import numpy as np

from support import NNC, build, check, close, finish, predict, run, save_weights, tmp, write

save_weights(tmp("none"), {})


def refused(what, exe, words, options=(), **inputs):
    """`predict` refuses the arrays with status 1, prints nothing, and says these words."""
    files = []
    for name, array in inputs.items():
        np.save(tmp(f"{name}.npy"), array)
        files.append(f"{name}={tmp(name + '.npy')}")
    outcome = run(exe, "predict", "--weights", tmp("none"), *options, *files)
    check(outcome.status == 1 and not outcome.out and all(word in outcome.err for word in words), what, (outcome.status, outcome.err))


def ramp(*shape):
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape) + 1


# --- One size: a slice, windows, pooling, and what a function, a layer, a scan and a gradient make of them.
CASES = {
    "cut": (6, "f32[batch, n]", "sum(x[:, 5..], axis: 1)", lambda x: x[:, 5:].sum(1)),
    "ends": (4, "f32[batch, n]", "sum(x[:, ..-3], axis: 1)", lambda x: x[:, :-3].sum(1)),
    "windows": (3, "f32[batch, n, 2]", "sum(windows(x, size: [3]), axis: [1, 2, 3])",
                lambda x: sum(x[:, i:i + 3].sum((1, 2)) for i in range(x.shape[1] - 2))),
    "dilated": (5, "f32[batch, n, 2]", "sum(windows(x, size: [3], dilation: 3, padding: 1), axis: [1, 2, 3])",
                lambda x: sum(np.pad(x, ((0, 0), (1, 1), (0, 0)))[:, i:i + 7:3].sum((1, 2)) for i in range(x.shape[1] - 4))),
    "pooled": (2, "f32[batch, n, 3, 1]", "sum(max_pool(x, 2, stride: 1), axis: [1, 2, 3])",
               lambda x: sum(np.maximum(np.maximum(x[:, i, :2], x[:, i + 1, :2]), np.maximum(x[:, i, 1:], x[:, i + 1, 1:])).sum((1, 2))
                             for i in range(x.shape[1] - 1))),
    "called": (4, "f32[batch, n]", "inner(x[:, 1..])", lambda x: x[:, 3:].sum(1)),
    "layered": (5, "f32[batch, n]", "twice()(x)", lambda x: x[:, 4:].sum(1)),
    "looped": (3, "f32[batch, n]",
               "scan i in 0..2 {\n    state total: f32[batch] = zeros()\n    total = total + sum(x[:, 2..], axis: 1)\n    total\n  }",
               lambda x: 2 * x[:, 2:].sum(1)),
    "own": (4, "f32[batch, n]", "flat(x)", lambda x: x[:, 3:].sum(1)),
    "steep": (4, "f32[batch, n]", "sum(gradient(sum(x[:, 3..] * x[:, 3..]), wrt: x), axis: 1)", lambda x: 2 * x[:, 3:].sum(1)),
    "far": (2, "f32[batch, n]", "sum(concat(x, x)[:, 3..], axis: 1)", lambda x: np.concatenate((x, x), 1)[:, 3:].sum(1)),
    "listed": (5, "f32[batch, n]", "sum(take(x, [4, 0, 2], axis: 1), axis: 1)", lambda x: x[:, [4, 0, 2]].sum(1)),
    "picked": (3, "f32[batch, n]", "x[:, 0] + sum(pick(x[0], THIRD))", lambda x: x[:, 0] + x[0, 2]),
    "listed_far": (3, "f32[batch, n, 2]", "sum(take(reshape(x, [batch, n * 2]), [5], axis: 1), axis: 1)", lambda x: x[:, 2, 1]),
}
HEAD = """
let THIRD: i64[1] = [2]

fn inner(v: f32[batch, k]) -> f32[batch] = sum(v[:, 2..], axis: 1)

layer twice()(v: f32[batch, k]) -> f32[batch] {
  let w = v[:, 2..]
  sum(w[:, 2..], axis: 1)
}

fn flat(v: f32[batch, k]) -> f32[batch] = sum(v[:, 3..], axis: 1)
  gradient(dy) = v * dy[:, new]
"""
for name, (least, type_, expression, expected) in CASES.items():
    exe = build(f"{HEAD}\nmodel m(x: {type_}) -> y: f32[batch] {{\n  {expression}\n}}\n", name)
    rest = [int(size) for size in type_.rstrip("]").split(", ")[2:]]
    for n in (least, least + 1):
        x = ramp(3, n, *rest)
        found = predict(exe, x=x).get("y")
        check(close(found, expected(x), 1e-6), f"{name} with {n}", found)
    for n in {least - 1, 1} - {least}:
        refused(f"  and {n} are refused", exe, (f"'n' of input 'x' is {n}", f"at least {least}", f"{name}.nn:"), x=ramp(3, n, *rest))

# --- Several sizes together, and one that may be too large.
exe = build("model both(x: f32[batch, n], y: f32[batch, m]) -> z: f32[batch] = sum(concat(x, y)[:, 5..], axis: 1)\n", "both")
x, y = ramp(2, 4), ramp(2, 2)
check(close(predict(exe, x=x, y=y).get("z"), y[:, 1], 1e-6), "two sizes, just enough")
refused("  and one less is refused", exe, ("'n' of input 'x' is 3", "'m' of input 'y' is 2", "'m + n' to be at least 6"), x=ramp(2, 3), y=y)
exe = build("model most(x: f32[batch, n]) -> y: f32[batch] = sum(x, axis: 1) + sum(ones([10 - n]) as f32)\n", "most")
check(close(predict(exe, x=ramp(2, 9)).get("y"), ramp(2, 9).sum(1) + 1, 1e-6), "the most that fits")
refused("  and one more is refused", exe, ("'n' of input 'x' is 10", "at most 9"), x=ramp(2, 10))
exe = build("model square(x: f32[batch, n, n]) -> y: f32[batch] = sum(reshape(x, [batch, n * n])[:, 3..], axis: 1)\n", "square")
check(close(predict(exe, x=ramp(2, 2, 2)).get("y"), ramp(2, 4)[:, 3], 1e-6), "a product, just enough")
refused("  and less is refused", exe, ("'n * n' to be at least 4",), x=ramp(2, 1, 1))

# --- Every file is looked at before anything is printed.
exe = build("model cut(x: f32[batch, n]) -> y: f32[batch] = sum(x[:, 5..], axis: 1)\n", "files")
np.save(tmp("long.npy"), ramp(2, 8))
np.save(tmp("short.npy"), ramp(2, 5))
outcome = run(exe, "predict", "--weights", tmp("none"), tmp("long.npy"), tmp("short.npy"))
check(outcome.status == 1 and not outcome.out and "short.npy: 'n' of input 'x' is 5" in outcome.err, "the second file is too short", outcome.err)

# --- Indexes below a size that the call tells.
exe = build("model look(table: f32[n, 4], i: index(n)[batch]) -> y: f32[batch, 4] = table[i]\n", "look")
table = ramp(3, 4)
check(close(predict(exe, table=table, i=np.array([0, 2], np.int32)).get("y"), table[[0, 2]][None], 0), "indexes below n")
for bad in (3, -1):
    refused(f"  and {bad} is refused", exe, (f"input 'i' is {bad} at element 1; expected 0 to 2",), table=table, i=np.array([0, bad], np.int32))
exe = build("model more(x: f32[batch, n], i: index(n + 1)[batch, n]) -> y: f32[batch] = sum(concat(x, x)[:, ..n + 1], axis: 1) + sum(i as f32, axis: 1)\n",
            "more")
check(close(predict(exe, x=np.zeros((2, 3), np.float32), i=np.full((2, 3), 3, np.int64)).get("y"), [9, 9], 0), "indexes below n + 1")
refused("  and n + 1 is refused", exe, ("input 'i' is 4 at element 4; expected 0 to 3",), x=ramp(2, 3), i=np.array([[0, 1, 2], [3, 4, 0]], np.int64))

# --- Training: a batch that is too small is refused before the first step.
RECIPE = """
data rows(x: f32[2], y: f32) {
  train npy(%s
}

model net(x: f32[batch, 2]) -> out: f32[batch] = x |> dense(1) |> squeeze

train net {
  data      rows(x, y)
  loss      mean(square_(out[2..] - y[2..]))
  optimizer sgd(lr: 0.1)
  batch     4
  epochs    1
}

fn square_(x: float[...s]) -> float[...s] = x * x
"""
exe = build(RECIPE % 'x: "x.npy", y: "y.npy")', "trained")


def rows(count):
    folder = tmp(f"rows{count}")
    os.makedirs(folder, exist_ok=True)
    np.save(os.path.join(folder, "x.npy"), ramp(count, 2) / count)
    np.save(os.path.join(folder, "y.npy"), ramp(count))
    return folder


def train(program, count, *options):
    return run(program, "train", "--data", rows(count), "--quiet", "--save", tmp("trained.safetensors"), *options)


for count in (3, 4, 7, 8, 11):
    outcome = train(exe, count)
    check(outcome.status == 0, f"{count} examples in batches of 4 are enough", outcome.err)
for count, last in ((1, 1), (2, 2), (5, 1), (6, 2)):
    outcome = train(exe, count)
    check(outcome.status == 1 and f"'batch' of field 'x' is {last}" in outcome.err and "at least 3" in outcome.err
          and ("the last batch of" in outcome.err) == (count > 4)
          and "step" not in outcome.err + outcome.out, f"{count} leave a batch of {last}", outcome.err)
outcome = train(exe, 8, "--batch", 2)
check(outcome.status == 1 and "is 2, but the program needs at least 3" in outcome.err, "a batch of 2 is too small", outcome.err)
train(exe, 8)
outcome = run(exe, "eval", "--weights", tmp("trained.safetensors"), "--data", rows(6), "--split", "train")
check(outcome.status == 1 and "the last batch of 6 examples, 4 at a time: 'batch' of field 'x' is 2" in outcome.err, "evaluation is refused likewise", (outcome.status, outcome.err))
outcome = run(NNC, "gradcheck", tmp("trained.nn"), "--data", rows(8))
check(outcome.status == 0, "gradcheck takes a batch that is large enough", outcome.err + outcome.out)
outcome = run(NNC, "gradcheck", tmp("trained.nn"), "--data", rows(8), "--batch", 2)
check(outcome.status == 1 and "at least 3" in outcome.err, "  and refuses a smaller one", outcome.err)

# --- Data code: what is fitted to all rows.
exe = build(RECIPE % 'x: "x.npy")\n  y = x[:, 0] - mean(x[5.., 0], axis: 0)', "fitted")
check(train(exe, 7).status == 0, "7 rows are enough to fit")
outcome = train(exe, 4)
check(outcome.status == 1 and "'rows' of column 'x' is 4, but the program needs at least 6" in outcome.err, "  and 4 are not", outcome.err)

# --- The library form: a status, a message, and nothing has changed.
U64, POINTER = ctypes.c_uint64, ctypes.c_void_p


def library(name, path):
    outcome = run(NNC, "build", path, "--data", rows(8), "--emit", "shared", "-o", tmp(f"lib{name}.so"))
    check(outcome.status == 0, f"the library of '{name}' is made", outcome.err)
    made = ctypes.CDLL(tmp(f"lib{name}.so"))
    getattr(made, name + "_message").restype = ctypes.c_char_p
    return made


def address(array):
    return array.ctypes.data_as(POINTER)


lib = library("slide", write("slide.nn", "model slide(x: f32[batch, n, 2], i: index(n)[batch]) -> y: f32[batch] = "
                                         "sum(windows(x, size: [3]), axis: [1, 2, 3]) + sum(x[:, i], axis: [1, 2])\n"))
session = POINTER()
check(lib.slide_create(U64(4), U64(9), ctypes.c_uint32(1), ctypes.byref(session)) == 0, "a session has room for 9")
lib.slide_init(session, U64(0))


def slide(n, index=0):
    x, y = ramp(2, n, 2), np.full(2, -1, np.float32)
    status = lib.slide_predict(session, U64(2), U64(n), address(x), address(np.full(2, index, np.int32)), address(y))
    return status, y, lib.slide_message(session).decode()


status, y, message = slide(3)
check(status == 0 and close(y, ramp(2, 3, 2).sum((1, 2)) + 2 * ramp(2, 3, 2)[:, 0].sum(1), 1e-6), "a call with 3", (y, message))
for n in (2, 1):
    status, y, message = slide(n)
    check(status == 1 and f"'n' of input 'x' is {n}, but the program needs at least 3" in message and np.all(y == -1), f"  and with {n}", message)
status, y, message = slide(4, 4)
check(status == 1 and "'i' is 4 at element 0; expected 0 to 3" in message and np.all(y == -1), "an index that is too large", message)
check(slide(4, 3)[0] == 0, "  and one that is not", message)
lib.slide_destroy(session)
check(lib.slide_create(U64(1), U64(1), ctypes.c_uint32(1), ctypes.byref(session)) == 0, "a session that has room for too few is one all the same")
lib.slide_init(session, U64(0))
status, y, message = lib.slide_predict(session, U64(1), U64(1), address(ramp(1, 1, 2)), address(np.zeros(1, np.int32)), address(np.zeros(1, np.float32))), 0, \
    lib.slide_message(session).decode()
check(status == 1 and "at least 3" in message, "  whose calls are refused", message)
lib.slide_destroy(session)

lib = library("net", tmp("trained.nn"))
session = POINTER()
check(lib.net_create(U64(8), ctypes.c_uint32(1), ctypes.byref(session)) == 0, "a session to train")
lib.net_init(session, U64(1))


def step(count):
    loss = ctypes.c_float(-1)
    status = lib.net_train_step(session, U64(count), address(ramp(count, 2)), address(ramp(count)), ctypes.byref(loss))
    return status, loss.value, lib.net_message(session).decode()


lib.net_save(session, tmp("before.safetensors").encode())
status, loss, message = step(2)
lib.net_save(session, tmp("after.safetensors").encode())
with open(tmp("before.safetensors"), "rb") as before, open(tmp("after.safetensors"), "rb") as after:
    check(status == 1 and loss == -1 and "'batch' of field 'x' is 2" in message and before.read() == after.read(), "a step with 2 changes nothing", message)
check(step(3)[0] == 0, "  and one with 3 is made", step(3))
status = lib.net_eval_step(session, U64(2), address(ramp(2, 2)), address(ramp(2)), None, None)
check(status == 1 and "at least 3" in lib.net_message(session).decode(), "evaluation is refused likewise", lib.net_message(session))
lib.net_destroy(session)
finish()
