"""`predict` takes tables that nothing prepares, and calls a class what the table calls it, where the losses name one column of as many
classes as the model tells apart."""
# RUN: %python %s
import json

import numpy as np

from support import build, check, close, finish, load_weights, run, tmp, write

rng = np.random.default_rng(4)
KINDS, HUES, SIZES = ("bark", "leaf", "\u00e4ste"), ("blue", "green", "red"), ("large", "small")
rows = [(rng.normal(), rng.normal(), KINDS[i % 3], HUES[i // 3 % 3], SIZES[i // 9 % 2]) for i in range(36)]
write("plants.csv", "a,b,kind,hue,size\n" + "".join(f"{a:.4f},{b:.4f},{kind},{hue},{size}\n" for a, b, kind, hue, size in rows))
write("asked.csv", "b,a\n0.5,1\n-2,0.25\n3,-3\n")
# At rates of 0 the weights stay where they are, so each of the three classes is told once.
SOURCE = """model net(x: f32[batch, 2]) -> logits: f32[batch, 3] {
  param w: f32[2, 3] = normal()
  x @ w
}

data plants(x: f32[2], kind: index(3), hue: index(3), size: index(2)) {
  train csv("plants.csv")
  x     = numbers("a", to: "b")
  kind  = category("kind", classes: 3)
  hue   = category("hue", classes: 3)
  size  = category("size", classes: 2)
}

train net {
  data      plants(x, kind, hue, size)
  %s
  batch     12
  epochs    1
}
"""
SGD = "\n  optimizer sgd(lr: 0)"


def names(recipe, name):
    """The classes that are predicted, with what they are called."""
    program = build(SOURCE % recipe, name)
    outcome = run(program, "train", "--data", tmp(""), "--save", tmp(name + ".w"), "--quiet", "--seed", 3)
    check(outcome.status == 0, f"{name}: trains", outcome.err[-300:])
    outcome = run(program, "predict", "--weights", tmp(name + ".w"), tmp("asked.csv"))
    check(outcome.status == 0, f"{name}: predicts", outcome.err[-300:])
    return [(each["class"], each.get("class_name")) for each in json.loads(outcome.out or "[]")]


def called(found, sorted_names):
    return len(found) == 3 and all(name == (sorted_names[number] if sorted_names else None) for number, name in found)


OTHERS = "metric mean(hue as f32) + mean(size as f32)"
found = names(f"loss cross_entropy(logits, kind)\n  {OTHERS.replace('metric', 'metric others =')}" + SGD, "plain")
check(called(found, sorted(KINDS)), "the loss names the column; a metric that names another is no matter", found)
check(len({number for number, _ in found}) > 1, "  of more than one class", found)
asked = np.array([[1, 0.5], [0.25, -2], [-3, 3]], np.float32)
outcome = run(tmp("plain"), "predict", "--weights", tmp("plain.w"), tmp("asked.csv"))
logits = np.array([each["logits"] for each in json.loads(outcome.out or "[]")])
check(close(logits, asked @ load_weights(tmp("plain.w"))["w"], 1e-6, 1e-6), "a table that nothing prepares is read by the names of its columns", logits)
found = names("let target = one_hot(hue, classes: 3)\n  loss   mean((softmax(logits) - target) ^ 2)\n  metric rest = mean(kind as f32) + mean(size as f32)" + SGD, "through")
check(called(found, sorted(HUES)), "the loss names it through a let", found)
found = names("loss cross_entropy(logits, kind) * (1 + size as f32)\n  metric rest = mean(hue as f32)" + SGD, "weighted")
check(called(found, sorted(KINDS)), "a column of other classes than the model tells apart is none", found)
found = names("loss cross_entropy(logits, kind) * (1 + hue as f32)\n  metric rest = mean(size as f32)" + SGD, "both")
check(called(found, None), "of two columns that it may be, neither is", found)
found = names("loss mean(logits ^ 2)\n  metric rest = accuracy(logits, kind) + mean(hue as f32) + mean(size as f32)" + SGD, "none")
check(called(found, None), "a column that no loss names is none", found)
found = names("step one {\n    loss cross_entropy(logits, kind)\n    optimizer sgd(lr: 0)\n  }\n  step two {\n    loss mean(hue as f32) + mean(size as f32) + mean(logits)\n    optimizer sgd(lr: 0)\n  }", "steps")
check(called(found, None), "losses of all steps count", found)

# --- Without names: what numbers so many, one for each example, is enough.
np.save(tmp("x.npy"), asked)
LABELS = [("u8", np.uint8([2, 0, 1]), "cross_entropy(logits, y)", True), ("i32", np.int32([2, 0, 1]), "mean((logits - one_hot(y, classes: 3)) ^ 2)", True),
          ("index(3)", np.int32([2, 0, 1]), "cross_entropy(logits, y)", True), ("index(4)", np.int32([2, 0, 3]), "mean((logits - y[:, new] as f32) ^ 2)", False),
          ("f32", np.float32([2, 0, 1]), "mean((logits - y[:, new]) ^ 2)", False), ("u8[3]", np.uint8([[2, 0, 1]] * 3), "mean((logits - y / 255) ^ 2)", False)]
for place, (kind, label, cost, has) in enumerate(LABELS):
    np.save(tmp("y.npy"), label)
    program = build(f"""model net(x: f32[batch, 2]) -> logits: f32[batch, 3] = x |> dense(3)
data points(x: f32[2], y: {kind}) {{
  train npy(x: "x.npy", y: "y.npy")
}}
train net {{
  data      points(x, y)
  loss      {cost}
  optimizer sgd(lr: 0)
  epochs    1
}}
""", f"by_{place}")
    outcome = run(program, "train", "--data", tmp(""), "--save", tmp("by.w"), "--quiet")
    check(outcome.status == 0, f"{kind}: trains", outcome.err[-300:])
    outcome = run(program, "predict", "--weights", tmp("by.w"), tmp("x.npy"))
    check(outcome.status == 0 and outcome.out.count('"class":') == (3 if has else 0), f"a label of {kind} {'numbers' if has else 'does not number'} the classes", outcome.out + outcome.err)
finish()
