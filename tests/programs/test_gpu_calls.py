"""Programs for GPUs whose calls make many training steps: in one kernel, or by launching the same again and again."""
# RUN: %python %s
import os

import numpy as np

from support import NNC, build, check, events, finish, info, run, same_weights, tmp

DATA = tmp("data")
os.makedirs(DATA)
rng = np.random.default_rng(5)
for part, count in (("train", 75), ("test", 11)):
    np.save(os.path.join(DATA, f"{part}_x.npy"), rng.normal(size=(count, 3, 5)).astype(np.float32))
    np.save(os.path.join(DATA, f"{part}_y.npy"), rng.integers(0, 4, size=count).astype(np.int32))
HEAD = """data examples(x: f32[3, 5], y: index(4)) {
  train npy(x: "train_x.npy", y: "train_y.npy")
  test  npy(x: "test_x.npy", y: "test_y.npy")
}
model m(x: f32[batch, 3, 5]) -> logits: f32[batch, 4] {
  %s
}
train m {
  data      examples(x, y)
  loss      cross_entropy(logits, y)
  metric    accuracy(logits, y)
  optimizer adam(lr: cosine(peak: 1e-2, total: 300))
  batch     2
  epochs    4
  %s
}
"""


def train(program, name, *options, device="emulator:fast", **env):
    """The losses of epochs, and the place of the weights, of a run that nobody looks at in between."""
    outcome = run(program, "train", "--data", DATA, "--device", device, "--seed", 4, "--save", tmp(name), "--log", tmp(f"{name}.jsonl"),
                  "--quiet", *options, **env)
    check(outcome.status == 0, f"{name}: trains", outcome.err)
    return [(row["loss"], row["test_loss"]) for row in events(tmp(f"{name}.jsonl"), "epoch")]


def same(names, one, other, means, what):
    check(means[0] == means[1] and len(means[0]) == 4 and same_weights(tmp(one), tmp(other), names), what, means)


def launches(facts):
    return {k["name"]: (k["launches_per_step"], k.get("for_all_steps", False)) for k in facts["kernels"] if k["launches_per_step"]}


# A kernel that makes all steps of a call, and one that is launched for each.
NORMED = "x |> flatten |> dense(7) |> batch_norm |> relu |> dropout(0.2) |> dense(4)"
persistent = build(HEAD % (NORMED, ""), "persistent", "--target", "cuda")
facts = info(persistent)
names = [p["name"] for p in facts["params"]] + [b["name"] for b in facts["buffers"]]
check(list(launches(facts).values()) == [(1, True)], "one kernel makes all steps", launches(facts))
check("1 for all" in run(persistent, "info").out, "info says so")
each = build(HEAD % (NORMED, ""), "each", "--target", "cuda", "--no-persistent")
check(sorted(launches(info(each)).values()) == [(1, False), (1, True)], "refused, a kernel makes one step", launches(info(each)))
means = [train(persistent, "at once"), train(persistent, "checked", device="emulator")]
same(names, "at once", "checked", means, "checked, with two steps a call, the bits are the same")
means[1] = train(persistent, "looked at", "--log-every", 1)
same(names, "at once", "looked at", means, "with one step a call, they are, too")
means[1] = train(each, "one by one", device="emulator")
same(names, "at once", "one by one", means, "and where each step is a launch")

# More than one kernel takes: the launches of a step are repeated, as graphs where there are many.
DEEP = "x |> flatten |> dense(4)" + " |> dense(3) |> tanh" * 18 + " |> dense(4)"
deep = build(HEAD % (DEEP, "clip norm: 1.0\n  ema 0.9"), "deep", "--target", "cuda")
facts = info(deep)
names = [p["name"] for p in facts["params"]]
counts = launches(facts)
check(sum(count for count, isForAll in counts.values() if not isForAll) > 1, "a deep network's step is several launches", counts)
outcome = run(NNC, "build", tmp("deep.nn"), "--target", "cuda", "--emit", "mlir", "--stage", "llvm", "-o", "-")
check(outcome.status == 0 and "llvm.call @nnrt_repeat(" in outcome.out, "which the runtime repeats", outcome.err)
means = [train(deep, "repeated"), train(deep, "apart", "--log-every", 1)]
same(names, "repeated", "apart", means, "repeated launches give the bits of single ones")
means[1] = train(deep, "waiting", env={"NN_SYNC": "1"})
same(names, "repeated", "waiting", means, "and of those that are waited for")
means[1] = train(deep, "checked", device="emulator")
same(names, "repeated", "checked", means, "and of those that are checked")

finish()
