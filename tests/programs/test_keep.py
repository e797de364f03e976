"""What a training says of `keep` where no evaluation gave the metric a number: a test part of one class has no area under the curve."""
# RUN: %python %s
import os

import numpy as np

from support import build, check, finish, run, tmp

SOURCE = """
data made(x: f32[4], y: f32) {
  train npy(x: "train.x.npy", y: "train.y.npy")
  test  npy(x: "test.x.npy", y: "test.y.npy")
}

model net(x: f32[batch, 4]) -> out: f32[batch] = x |> dense(1) |> squeeze

train net {
  data      made(x, y)
  loss      binary_cross_entropy(out, y)
  metric    auc(out, y)
  optimizer sgd(lr: 0.1)
  batch     4
  epochs    2
  keep      max: auc
}
"""
rng = np.random.default_rng(1)
for part, classes in (("train", [0, 1] * 4), ("test", [1] * 3)):
    np.save(tmp(f"{part}.x.npy"), rng.normal(0, 1, [len(classes), 4]).astype(np.float32))
    np.save(tmp(f"{part}.y.npy"), np.array(classes, np.float32))
program = build(SOURCE, "keep", "-O0", "--data", tmp(""))
outcome = run(program, "train", "--data", tmp(""), "--save", tmp("w.safetensors"))
check(outcome.status == 0 and "auc nan" in outcome.out, "one class has no auc", outcome.out[-300:] + outcome.err)
check("no evaluation gave auc a number, so nothing is kept" in outcome.out, "the end says so", outcome.out[-200:])
check(not os.path.exists(tmp("w.best.safetensors")), "and nothing is kept")
finish()
