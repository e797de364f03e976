"""The library's metrics beside NumPy, over a part that is no whole number of batches."""
# RUN: %python %s
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
  metric    r_squared(y, truth)
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
            "r_squared": 1 - ((truth - score.astype(float)) ** 2).sum() / ((truth - truth.mean()) ** 2).sum()}
for name, value in expected.items():
    check(name in found and abs(found[name] - value) < 1e-6 * max(1, abs(value)), f"{name} over the whole part", (found.get(name), value, outcome.err[-300:]))

# --- auc: all pairs, ties half.
text = "model m(score: f32[batch], truth: f32[batch]) -> a: f32[batch] = 0 * score + auc(score, truth)\n"
area = np.mean([(a > b) + 0.5 * (a == b) for a in score[positive] for b in score[~positive]])
check(close(predict(build(text, "auc"), score=score, truth=truth)["a"], np.full(ROWS, area), 1e-6), "auc is the share of pairs in order", area)
outcome = run(NNC, "check", write("part.nn", SOURCE.replace("metric    recall", "metric    auc(y, truth)\n  metric    recall")))
check(outcome.status == 1 and "auc" in outcome.err, "as a metric over batches, which would not be exact, it is refused", outcome.err)
finish()
