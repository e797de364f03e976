"""Metrics of several numbers beside NumPy: in batches, threads, levels and parts, on the emulator, as text, in logs and in a library."""
# RUN: %python %s
import ctypes
import json

import numpy as np

from support import NNC, build, check, close, events, finish, load_weights, run, tmp, write

rng = np.random.default_rng(8)
ROWS, KINDS = 57, ("\u00e4ste", "bark", "leaf")
x = rng.normal(size=(ROWS, 4)).astype(np.float32)
x[5, 2] = np.nan  # is taken for none
label = rng.integers(0, 3, ROWS)
words = rng.integers(0, 3, (ROWS, 6)).astype(np.int32)
np.save(tmp("words.npy"), words)
with open(tmp("plants.csv"), "w", encoding="utf-8") as file:
    file.write("a,b,c,d,kind\n")
    for row, kind in zip(x, label):
        file.write(",".join("" if np.isnan(v) else repr(float(v)) for v in row) + "," + KINDS[kind] + "\n")
order = np.argsort(np.argsort(KINDS))  # of each kind, its number
SOURCE = """model net(x: f32[batch, 4]) -> logits: f32[batch, 3] {
  param w: f32[4, 3] = normal()
  x @ w
}

data plants(x: f32[4], kind: index(3), words: index(3)[6]) {
  train csv("plants.csv", missing: ""), npy(words: "words.npy")
  test  csv("plants.csv", missing: ""), npy(words: "words.npy")
  x     = numbers("a", to: "d")
  kind  = category("kind", classes: 3)
}

fn found(counts: float[n, n]) = sum(counts * eye(n), axis: 1) / sum(counts, axis: 1)

train net {
  data      plants(x, kind, words)
  split     valid: 0.25, seed: 3
  let known = fill(x, 0)
  let each  = sin(known[:, new, ..3] * (iota(6)[new, :, new] as f32))
  loss      cross_entropy(net(known), kind)
  metric    confusion_matrix(net(x), kind)
  metric    accuracy(net(x), kind)
  metric    recalls = found(confusion_matrix(net(x), kind))
  metric    read = confusion_matrix(each, words)
  metric    means = mean(known, axis: 0)
  metric    spread = mean((known - mean(known, axis: 0)) ^ 2, axis: 0)
  metric    least = min(known, axis: 0)
  metric    most = max(known, axis: 0, keep: true)
  metric    middle = median(known, axis: 0)
  metric    gram = transpose(known) @ known
  metric    nothing = found(0 * confusion_matrix(net(x), kind))
  optimizer sgd(lr: 0)
  batch     10
  steps     6
  evaluate  every: 3
}
"""


def counts(guess, truth, size=3):
    table = np.zeros((size, size))
    np.add.at(table, (truth, guess), 1)
    return table


program = build(SOURCE, "tables")
log = tmp("log")
trained = run(program, "train", "--data", tmp(""), "--save", tmp("w"), "--log", log, "--plot", tmp("plot.svg"), "--tensorboard", tmp("board"))
check(trained.status == 0, "it trains", trained.err[-500:])
w = load_weights(tmp("w"))["w"].astype(float)
kind, known = order[label], np.where(np.isnan(x), 0, x).astype(float)
whole = ~np.isnan(x).any(1)
taken = counts((x.astype(float) @ w)[whole].argmax(-1), kind[whole])
each = np.sin(x[:, None, :3] * np.arange(6, dtype=np.float32)[:, None])
each[np.isnan(each)] = 0
expected = {"confusion_matrix": taken, "recalls": np.diag(taken) / taken.sum(1), "read": counts(each.argmax(-1).ravel(), words.ravel()),
            "means": known.mean(0), "spread": known.var(0), "least": known.min(0), "most": known.max(0)[None], "middle": np.median(known, 0),
            "gram": known.T @ known, "nothing": np.full(3, np.nan)}


def evaluated(program, *options):
    outcome = run(program, "eval", "--data", tmp(""), "--weights", tmp("w"), "--json", *options)
    check(outcome.status == 0, f"it evaluates {options}", outcome.err[-500:])
    found = json.loads(outcome.out) if outcome.status == 0 else {}
    return {name: np.array(value, float) for name, value in found.items()}


values = []
for level in ("-O0", "-O3"):
    program = build(SOURCE, "tables" + level, level)
    for batch, threads in ((1, 1), (7, 2), (ROWS, 2), (1000, 1)):
        values.append(evaluated(program, "--batch", batch, "--threads", threads))
gpu = build(SOURCE, "tables-gpu", "--target", "cuda")
values += [evaluated(gpu, "--device", "emulator", "--batch", batch) for batch in (7, 1000)]
for name, value in expected.items():
    check(close(values[0].get(name), value, 1e-6, 1e-6), f"{name} over the whole part", (values[0].get(name), value))
    exact = name in ("confusion_matrix", "recalls", "read", "least", "most", "middle", "nothing")
    check(all(close(each.get(name), values[0][name], 0 if exact else 1e-6, 0 if exact else 1e-6) for each in values), "  whatever the batch, threads, level and target")
check(np.array_equal(values[0]["confusion_matrix"], taken), "counts are exact")
parts = [evaluated(program, "--split", part)["confusion_matrix"] for part in ("train", "valid")]
check(np.array_equal(sum(parts), taken) and abs(parts[1].sum() - ROWS / 4) < 2, "parts add up", parts)

# --- As text: where the metric names one column of categories, its classes name rows and columns.
outcome = run(program, "eval", "--data", tmp(""), "--weights", tmp("w"))
names = sorted(KINDS)
width = max(max(len(n) for n in names), len(str(int(taken.max())))) + 2
margin = max(len(n) for n in names) + 2
lines = [" " * margin + "".join(n.rjust(width) for n in names)] + [n.rjust(margin) + "".join(str(int(v)).rjust(width) for v in row) for n, row in zip(names, taken)]
check(f"confusion_matrix ({ROWS} examples)\n" + "\n".join(lines) + "\n" in outcome.out, "a table has the names of its classes", outcome.out)
check(f"\nmost ({ROWS} examples)\n" in outcome.out and outcome.out.index("accuracy ") < outcome.out.index("confusion_matrix"), "  numbers come first", outcome.out)
rows = outcome.out.split(f"means ({ROWS} examples)\n")[1].splitlines()[:4]
check([row.split()[0] for row in rows] == ["0", "1", "2", "3"] and close(np.array([float(row.split()[1]) for row in rows]), expected["means"], 1e-5, 1e-6),
      "  others have numbers", rows)

# --- While training: tables stand in the log and at the end alone.
logged = events(log, "eval")
check(len(logged) == 2 and all(np.array_equal(each["confusion_matrix"], parts[1]) and each["nothing"] == [None] * 3 for each in logged), "each evaluation logs them", logged)
check(np.array_equal(events(log, "end")[0]["confusion_matrix"], taken), "so does the end, of the test part")
head, _, tail = trained.out.partition("\nconfusion_matrix (")
check("accuracy" in head and "confusion" not in head and "gram (" in tail, "the end shows them", trained.out)
with open(tmp("plot.svg"), encoding="utf-8") as file:
    picture = file.read()
check("accuracy" in picture and "confusion" not in picture and "recalls" not in picture, "a plot leaves them out")

# --- A library has their numbers row by row.
TEXT = SOURCE.replace('csv("plants.csv", missing: ""), npy(words: "words.npy")', 'npy(x: "x.npy", kind: "kind.npy", words: "words.npy")')
TEXT = TEXT.replace('  x     = numbers("a", to: "d")\n  kind  = category("kind", classes: 3)\n', "")
outcome = run(NNC, "build", write("library.nn", TEXT), "--emit", "shared", "-o", tmp("libnet.so"))
check(outcome.status == 0, "it is a library, too", outcome.err[-500:])
with open(tmp("net.h"), encoding="utf-8") as file:
    header = " ".join(file.read().replace("*", " ").split())
    check("[61]" in header, "  whose header says how many numbers there are", header)
    check("over the batch: confusion_matrix[3][3], accuracy, recalls[3], read[3][3], means[4], spread[4], least[4], most[1][4], middle[4], gram[4][4], nothing[3]. Tables" in header,
          "  and of which tables", header)
library, session, loss = ctypes.CDLL(tmp("libnet.so")), ctypes.c_void_p(), ctypes.c_float()
library.net_message.restype = ctypes.c_char_p
metrics = (ctypes.c_float * 61)()
kind = kind.astype(np.int32)
given = [np.ascontiguousarray(array).ctypes.data_as(ctypes.c_void_p) for array in (x, kind, words)]
status = library.net_create(ctypes.c_uint64(ROWS), ctypes.c_uint32(1), ctypes.byref(session)) or library.net_init(session, ctypes.c_uint64(0))
status = status or library.net_eval_step(session, ctypes.c_uint64(ROWS), *given, ctypes.byref(loss), metrics)
numbers = np.array(metrics)
check(status == 0 and np.array_equal(numbers[:9], taken.ravel()) and close(numbers[13:22], expected["read"].ravel(), 0), "a library's tables",
      (status, library.net_message(session), numbers))
library.net_destroy(session)

# --- Counts of narrow types go on where f16 stops, at 2048, and bf16, at 256.
MANY = 10000
y = rng.normal(size=MANY).astype(np.float32)
t = (rng.random(MANY) < 0.6).astype(np.float32)
np.save(tmp("y.npy"), y)
np.save(tmp("t.npy"), t)
NARROW = """model net(y: f32[batch]) -> score: {0}[batch] {{
  param one: {0} = ones()
  (y as {0}) * one
}}

data many(y: f32, t: f32) {{
  train npy(y: "y.npy", t: "t.npy")
  test  npy(y: "y.npy", t: "t.npy")
}}

train net {{
  data      many(y, t)
  let truth = t as {0}
  loss      mean(score * truth)
  metric    precision(score, truth)
  metric    recall(score, truth)
  metric    f1(score, truth)
  metric    confusion_matrix(stack(-score, score, axis: 1), truth as index(2))
  metric    both = precision_of(score, truth)
  metric    hits = sum(stack(truth, 50 * truth, axis: 1), axis: 0)
  metric    ids = sum(stack(t as i64, 3001 * (t as i64), axis: 1), axis: 0)
  metric    column = sum(50 * truth[:, new], axis: 0)
  optimizer sgd(lr: 0)
  batch     10_000
  epochs    1
}}

/// Of a batch, outside of a metric's own sums.
fn precision_of(score: float[n], truth: float[n]) = mean(truth) * 0 + precision(score, truth)
"""
said, positive = y > 0, t > 0
both = (said & positive).sum()
wanted = {"precision": both / said.sum(), "recall": both / positive.sum(), "f1": 2 * both / (said.sum() + positive.sum()), "both": both / said.sum()}
for element in ("f16", "bf16"):
    program = build(NARROW.format(element), f"narrow_{element}")
    outcome = run(program, "train", "--data", tmp(""), "--quiet", "--save", tmp("w"))
    check(outcome.status == 0, f"a model of {element} trains", outcome.err[-500:])
    for batch in (1000, MANY):
        found = evaluated(program, "--batch", batch)
        for name, value in wanted.items():
            check(name in found and abs(found[name] - value) < 1e-9, f"  {name} of 10,000 in {element}, {batch} at a time", (found.get(name), value))
        check(np.array_equal(found.get("confusion_matrix"), counts(said.astype(int), positive.astype(int), 2)), "  and their confusion matrix", found)
        check(np.array_equal(found.get("hits"), positive.sum() * np.array([1, 50])), "  and sums by column, beyond what f16 holds", found)
        check(np.array_equal(found.get("ids"), positive.sum() * np.array([1, 3001])), "  of integers, beyond what f32 holds", found)
        check(found.get("column") == positive.sum() * 50, "  and that of one column", found)

# --- What nobody could read is not printed.
WIDE = """model m(x: f32[batch, 70]) -> y: f32[batch] {
  param w: f32[70] = normal()
  sum(x * w, axis: 1)
}

data wide(x: f32[70]) {
  train npy(x: "wide.npy")
  test  npy(x: "wide.npy")
}

train m {
  data      wide(x)
  loss      fit = y ^ 2
  metric    gram = mean(x[:, :, new] * x[:, new, :], axis: 0)
  optimizer sgd(lr: 0)
  batch     4
  steps     1
}
"""
x = rng.normal(size=(8, 70)).astype(np.float32)
np.save(tmp("wide.npy"), x)
program = build(WIDE, "wide")
outcome = run(program, "train", "--data", tmp(""), "--quiet", "--save", tmp("w"))
check(outcome.status == 0, "it trains", outcome.err[-500:])
outcome = run(program, "eval", "--data", tmp(""), "--weights", tmp("w"))
check("gram (8 examples): 4900 numbers, which 'eval --json' and logs have\n" in outcome.out, "a large table is not printed", outcome.out[-500:])
check(close(np.array(evaluated(program)["gram"]), x.T.astype(float) @ x / 8, 1e-5, 1e-6), "  but is in JSON")
finish()
