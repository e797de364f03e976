"""Data that memory does not hold: trained on and evaluated from files, in little memory, with the bits of a training that holds it."""
# RUN: %python %s
import gzip
import os
import struct
import subprocess
import time

import numpy as np

from support import build, check, events, finish, load_weights, run, tmp, write

MIB = 1 << 20
# What a program of this size takes by itself is some 30 MiB of addresses; the rows alone are more than the limit.
LIMIT = 200 * MIB
FOLDER = tmp("data")
TEMPORARY = tmp("spool")
ENVIRONMENT = dict(os.environ, TMPDIR=TEMPORARY)


def limited(*command):
    return run("prlimit", f"--as={LIMIT}", *command, env=ENVIRONMENT)


def same(a, b):
    x, y = load_weights(a), load_weights(b)
    return x.keys() == y.keys() and all(x[n].tobytes() == y[n].tobytes() for n in x)


def peak(log):
    return events(log, "end")[0]["peak_rss_bytes"]


def compare(name, program, steps, expected, *options):
    """Trains with and without the limit, and once more in two goes; evaluates."""
    whole, part, half = (tmp(f"{name}.{kind}.safetensors") for kind in ("whole", "part", "half"))
    logs = tmp(f"{name}.jsonl"), tmp(f"{name}.part.jsonl")
    train = [program, "train", "--data", FOLDER, "--quiet", "--threads", 2, *options]
    free = run(*train, "--steps", steps, "--save", whole, "--log", logs[0], env=ENVIRONMENT)
    tight = limited(*train, "--steps", steps, "--save", part, "--log", logs[1])
    if not check(free.status == 0 and tight.status == 0, f"{name}: trained", (free.err + tight.err)[-500:]):
        return
    check("note:" not in free.err and expected in tight.err and tight.err.count("\n") <= 2, f"{name}: says so, once for each kind", tight.err)
    check(same(whole, part), f"{name}: the same bits")
    held, taken = peak(logs[0]), peak(logs[1])
    check(taken < LIMIT / 2 < held, f"{name}: in less memory", f"{taken / MIB:.0f} MiB, else {held / MIB:.0f} MiB")
    first = limited(*train, "--steps", steps // 2, "--save", half)
    rest = limited(program, "train", "--data", FOLDER, "--quiet", "--threads", 2, "--resume", half, "--steps", steps, "--save", half)
    check(first.status == 0 and rest.status == 0 and same(whole, half), f"{name}: resumed, the same bits", (first.err + rest.err)[-500:])
    evaluate = [program, "eval", "--data", FOLDER, "--weights", whole, "--split", "valid", "--batch", 4096]
    free, tight = run(*evaluate, env=ENVIRONMENT), limited(*evaluate)
    check(free.status == 0 and free.out == tight.out and "note:" in tight.err, f"{name}: evaluated alike", tight.err)
    check(not os.listdir(TEMPORARY), f"{name}: nothing is left behind")


RECIPE = """
model net(x: {element}[batch, 256]) -> y: f32[batch, 4] = x as f32 / 255 |> dense(4)

train net {{
  data      rows(x, label)
  split     valid: 0.02, seed: 1
  loss      cross_entropy(y, label)
  metric    accuracy(y, label)
  optimizer adam(lr: 1e-3)
  batch     500
  epochs    1
}}
"""


def arrays():
    """As NumPy writes them: they stay where they are."""
    rows = 300_000
    rng = np.random.default_rng(1)
    label = rng.integers(0, 4, rows, dtype=np.int32)
    x = rng.standard_normal((rows, 256), dtype=np.float32)
    x[:, 0] += label
    np.save(os.path.join(FOLDER, "x.npy"), x)
    np.save(os.path.join(FOLDER, "label.npy"), label)
    program = build("data rows(x: f32[256], label: index(4)) {\n  train npy(x: \"x.npy\", label: \"label.npy\")\n}\n"
                    + RECIPE.format(element="f32"), "arrays")
    compare("arrays", program, 40, f"'x' from {FOLDER}/x.npy\n")
    cut_short(program, os.path.join(FOLDER, "x.npy"), rows)


def cut_short(program, file, rows):
    """Somebody writes to the file while a training reads it: that ends, and what it has saved is as it was."""
    saved, log = tmp("cut.safetensors"), tmp("cut.jsonl")
    process = subprocess.Popen(
        [str(word) for word in ("prlimit", f"--as={LIMIT}", program, "train", "--data", FOLDER, "--quiet", "--epochs", 1000, "--save", saved,
                                "--save-every", 10, "--log", log, "--log-every", 10)], stderr=subprocess.PIPE, env=ENVIRONMENT)
    end = time.monotonic() + 60
    while not os.path.exists(saved) and time.monotonic() < end and process.poll() is None:
        time.sleep(0.01)
    size = os.path.getsize(file)
    os.truncate(file, size // 2)
    err = process.communicate(timeout=60)[1].decode()
    check(process.returncode == 1 and f"{file}: ends at byte {size // 2} now" in err, "cut short: says so", err)
    check(len(events(log, "error")) == 1, "cut short: in the log, too")
    check(all(np.isfinite(x).all() for x in load_weights(saved).values() if x.dtype.kind == "f"), "cut short: what was saved is whole")
    again = limited(program, "train", "--data", FOLDER, "--quiet", "--resume", saved, "--save", saved)
    check(again.status == 1 and "x.npy" in again.err and "follow" in again.err, "cut short: then not loaded", again.err)


def packed():
    """What has to be unpacked or checked goes to a temporary file."""
    rows = 400_000
    rng = np.random.default_rng(2)
    label = rng.integers(0, 4, rows, dtype=np.uint8)
    x = rng.integers(0, 256, (rows, 1), dtype=np.uint8).repeat(256, axis=1)
    for name, array in ("x", x), ("label", label):
        with gzip.open(os.path.join(FOLDER, name + ".gz"), "wb", compresslevel=1) as file:
            file.write(struct.pack(">BBBB", 0, 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape))
            file.write(array.tobytes())
    program = build("data rows(x: u8[256], label: index(4)) {\n  train idx(x: \"x.gz\", label: \"label.gz\")\n}\n"
                    + RECIPE.format(element="u8"), "packed")
    compare("packed", program, 20, f"'x' from a temporary file in {TEMPORARY}\n")
    outcome = run("prlimit", f"--as={LIMIT}", f"--fsize={MIB}", program, "train", "--data", FOLDER, "--quiet", env=ENVIRONMENT)
    check(outcome.status == 1 and f"cannot write a temporary file in {TEMPORARY}" in outcome.err and "TMPDIR=" in outcome.err,
          "packed: no room for the temporary file", outcome.err)


def prepared():
    """The windows of a text overlap: they take far more than the text."""
    rng = np.random.default_rng(3)
    write("data/book.txt", "".join(rng.choice(list("abcd \n"), 400_000)))
    program = build("""
data book(now: index(6)[64], next: index(6)[64]) {
  from  text("book.txt", unit: "character", window: 65, stride: 1)
  now   = window[:, 0..64]
  next  = window[:, 1..65]
}

model net(now: index(6)[batch, 64]) -> y: f32[batch, 64, 6] = now |> embedding(8) |> dense(6)

train net {
  data      book(now, next)
  split     valid: 0.05
  loss      cross_entropy(y, next)
  optimizer adam(lr: 1e-3)
  batch     100
  epochs    1
}
""", "prepared")
    compare("prepared", program, 20, "note: the prepared data takes ")


os.mkdir(FOLDER)
os.mkdir(TEMPORARY)
arrays()
packed()
prepared()
finish()
