"""The library's metrics beside NumPy, over a part that is no whole number of batches."""
# RUN: %python %s
import ctypes
import json

import numpy as np

from support import NNC, build, check, close, finish, predict, run, tmp, write

rng = np.random.default_rng(3)
ROWS = 47
scores = rng.normal(size=(ROWS, 5)).astype(np.float32)
label = rng.integers(0, 5, ROWS).astype(np.int32)
score = np.round(rng.normal(size=ROWS), 1).astype(np.float32)  # with ties
truth = (rng.random(ROWS) < 0.4).astype(np.float32)
for name, array in (("scores", scores), ("label", label), ("score", score), ("truth", truth)):
    np.save(tmp(f"{name}.npy"), array)
PARTS = 'npy(scores: "scores.npy", label: "label.npy", score: "score.npy", truth: "truth.npy")'
SOURCE = f"""model m(scores: f32[batch, 5], score: f32[batch]) -> (logits: f32[batch, 5], y: f32[batch]) {{
  param one: f32[5] = ones()
  (scores * one, score * mean(one))
}}

data some(scores: f32[5], label: index(5), score: f32, truth: f32) {{
  train {PARTS}
  test  {PARTS}
}}

train m {{
  data      some(scores, label, score, truth)
  loss      fit = cross_entropy(logits, label) + 0 * y
  metric    accuracy(logits, label)
  metric    two = top_k_accuracy(logits, label, k: 2)
  metric    perplexity(fit)
  metric    rmse(y, truth)
  metric    precision(y, truth)
  metric    recall(y, truth)
  metric    f1(y, truth)
  metric    r2(y, truth)
  optimizer sgd(lr: 0)
  batch     10
  epochs    1
}}
"""
program = build(SOURCE, "metrics")
outcome = run(program, "train", "--data", tmp(""), "--quiet", "--save", tmp("w"))
check(outcome.status == 0, "it trains", outcome.err[-500:])
outcome = run(program, "eval", "--data", tmp(""), "--weights", tmp("w"), "--json")
found = json.loads(outcome.out) if outcome.status == 0 else {}
wide = scores.astype(float)
p = np.exp(wide) / np.exp(wide).sum(-1, keepdims=True)
said, positive = score > 0, truth > 0
both = (said & positive).sum()
own = np.take_along_axis(wide, label[:, None], -1)
expected = {"accuracy": (wide.argmax(-1) == label).mean(), "two": ((wide > own).sum(-1) < 2).mean(),
            "perplexity": np.exp(-np.log(p[np.arange(ROWS), label]).mean()), "rmse": np.sqrt(((score.astype(float) - truth) ** 2).mean()),
            "precision": both / said.sum(), "recall": both / positive.sum(), "f1": 2 * both / (said.sum() + positive.sum()),
            "r2": 1 - ((truth - score.astype(float)) ** 2).sum() / ((truth - truth.mean()) ** 2).sum()}
for name, value in expected.items():
    check(name in found and abs(found[name] - value) < 1e-6 * max(1, abs(value)), f"{name} over the whole part", (found.get(name), value, outcome.err[-300:]))

# --- Scores that are no numbers hit nothing, whatever the class.
broken = np.array([[np.nan] * 5, [9, 0, np.nan, 1, 1], [9, 0, 1, 1, 1], [9, 0, -np.inf, np.inf, 1]], np.float32)
text = """model m(scores: f32[batch, 5], label_in: i32[batch]) -> (one: f32[batch], two: f32[batch], all: f32[batch]) {
  let label = label_in as index(5)
  (accuracy(scores, label), top_k_accuracy(scores, label, k: 2), top_k_accuracy(scores, label, k: 5))
}
"""
found = predict(build(text, "broken"), scores=broken, label_in=np.array([0, 0, 0, 3], np.int32))
check(all(np.array_equal(found.get(name), [0, 0, 1, 1]) for name in ("one", "two", "all")), "a row with a NaN is a miss", found)

# --- auc: all pairs, ties half.
text = "model m(score: f32[batch], truth: f32[batch]) -> a: f32[batch] = 0 * score + auc(score, truth)\n"
pairs = np.mean([(a > b) + 0.5 * (a == b) for a in score[positive] for b in score[~positive]])
check(close(predict(build(text, "auc"), score=score, truth=truth)["a"], np.full(ROWS, pairs), 1e-6), "auc is the share of pairs in order", pairs)

# --- What is in neither class is left out; the types count: f64 is exact to its last digits, and f16 is no limit.
target = np.where(np.arange(ROWS) % 7 == 3, np.nan, truth)
some = ~np.isnan(target)
for element, relative in (("f64", 1e-14), ("f16", 1e-6)):
    typed = score.astype(element.replace("f", "float"))
    share = np.mean([(a > b) + 0.5 * (a == b) for a in typed[some & positive] for b in typed[some & ~positive]])
    text = f"model m(score: {element}[batch], truth: f32[batch]) -> a: f64[batch] = 0 * (score as f64) + (auc(score, truth) as f64)\n"
    found = predict(build(text, "typed"), score=typed, truth=target.astype(np.float32))
    check(close(found["a"], np.full(ROWS, share), relative), f"auc in {element}, where some have no class", (found["a"][:1], share))

# --- Of many: by the ranks of the scores, equal ones sharing the mean of theirs. Mann & Whitney 1947.
many = np.concatenate([np.round(rng.normal(size=20001), 2), [np.inf, np.inf, -np.inf, 1e38]]).astype(np.float32)
chosen = rng.random(many.size) < 0.1
chosen[-4:] = [True, False, False, True]
names, places, counts = np.unique(many, return_inverse=True, return_counts=True)
ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
area = (ranks[chosen].sum() - chosen.sum() * (chosen.sum() + 1) / 2) / (chosen.sum() * (~chosen).sum())
text = f"model m(score: f32[batch, {many.size}], truth: f32[batch, {many.size}]) -> a: f32[batch] = 0 * score[:, 0] + auc(score[0], truth[0])\n"
outcome = predict(build(text, "many"), score=many[None], truth=chosen[None].astype(np.float32))
check(close(outcome["a"], [area], 1e-6), "auc of 20,005 scores with ties and infinities", (outcome["a"][:1], area))

# --- Metrics that see all examples at once: the same for any batch, number of threads and level.
MIXED = SOURCE.replace("  metric    recall", """  metric    auc(y, truth)
  metric    alone = auc(y, 0 * truth)
  metric    broken = auc(y / (0 * y), truth)
  metric    late = auc(exp(y - max(y)), truth) * accuracy(logits, label)
  metric    middle = median(y)
  metric    spread = median(abs(y - median(y)))
  metric    third = min(where(iota(batch) == 2, sort(y), 1e9))
  metric    nearest = mean(min(where(iota(batch)[:, new] == iota(batch)[new, :], 1e9, abs(y[:, new] - y[new, :])), axis: 1))
  metric    rows = batch as f32
  metric    behind = y * other
  metric    ordered = (y > other) == (truth > roll(truth, 1))
  metric    recall""").replace("  loss  ", """  let (logits, y) = m(scores, score)
  let (_, other) = m(scores, roll(score, 1)) // in which examples meet before the model
  loss  """)
apart = np.abs(score[:, None] - score[None]).astype(float) + 1e9 * np.eye(ROWS)
expected = {"auc": pairs, "late": pairs * expected["accuracy"], "middle": np.median(score),
            "spread": np.median(np.abs(score - np.median(score))), "third": np.sort(score)[2], "nearest": apart.min(1).mean(), "rows": ROWS,
            "behind": (score * np.roll(score, 1).astype(float)).mean(), "ordered": ((score > np.roll(score, 1)) == (truth > np.roll(truth, 1))).mean()}
values = []
for level in ("-O0", "-O3"):
    program = build(MIXED, "mixed" + level, level)
    outcome = run(program, "train", "--data", tmp(""), "--quiet", "--save", tmp("w"))
    check(outcome.status == 0, "it trains", outcome.err[-500:])
    for batch, threads in ((1, 1), (7, 2), (10, 1), (ROWS, 2), (1000, 1)):
        outcome = run(program, "eval", "--data", tmp(""), "--weights", tmp("w"), "--json", "--batch", str(batch), "--threads", str(threads))
        check(outcome.status == 0, "it evaluates", outcome.err[-500:])
        values.append(json.loads(outcome.out))
# The kernels of the GPU's form, which pick batches out of the whole part themselves where a pass collects nothing.
program = build(MIXED, "mixed-gpu", "--target", "cuda")
for batch in (7, 1000):
    outcome = run(program, "eval", "--data", tmp(""), "--weights", tmp("w"), "--json", "--device", "emulator", "--batch", str(batch))
    check(outcome.status == 0, "it evaluates on the emulator", outcome.err[-500:])
    values.append(json.loads(outcome.out))
for name, value in expected.items():
    check(abs(values[0][name] - value) < 1e-6 * max(1, abs(value)), f"{name} over the whole part", (values[0].get(name), value))
check(values[0]["auc"] == pairs, "auc to the bit", (values[0]["auc"], pairs))
check(all(each[name] is None for each in values for name in ("alone", "broken")), "auc of one class, or of NaN, is NaN", values[0])
for name in ("auc", "middle", "spread", "third", "rows", "behind", "ordered"):
    check(len({each[name] for each in values}) == 1, f"{name} is the same for all batches, threads, levels and targets", [each[name] for each in values])

# --- A library's batch is a whole part, of any size up to that of its session.
outcome = run(NNC, "build", write("library.nn", MIXED), "--emit", "shared", "-o", tmp("libm.so"))
check(outcome.status == 0, "it is a library, too", outcome.err[-500:])
library, session, loss = ctypes.CDLL(tmp("libm.so")), ctypes.c_void_p(), ctypes.c_float()
names = [name for name in values[0] if name not in ("examples", "test_loss", "loss_fit")]
metrics = (ctypes.c_float * len(names))()
status = library.m_create(ctypes.c_uint64(ROWS), ctypes.c_uint32(1), ctypes.byref(session)) or library.m_init(session, ctypes.c_uint64(0))
for rows in (ROWS, 20):
    given = [array[:rows].ctypes.data_as(ctypes.c_void_p) for array in (scores, label, score, truth)]
    status = status or library.m_eval_step(session, ctypes.c_uint64(rows), *given, ctypes.byref(loss), metrics)
    found = dict(zip(names, metrics))
    own = np.mean([(a > b) + 0.5 * (a == b) for a in score[:rows][positive[:rows]] for b in score[:rows][~positive[:rows]]])
    check(status == 0 and abs(found["auc"] - own) < 1e-6 and abs(found["middle"] - np.median(score[:rows])) < 1e-6 and found["rows"] == rows,
          f"a library's metrics of {rows} examples", (status, found))
library.m_destroy(session)
finish()
