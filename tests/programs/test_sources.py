"""Sources beside each other: columns of a table and of arrays are rows of one data set, as if all stood in one file."""
# RUN: %python %s
import csv
import json
import os

import numpy as np

from support import build, check, finish, load_weights, run, tmp, write

FOLDER = tmp("data")
os.mkdir(FOLDER)
ROWS = 120
RNG = np.random.default_rng(4)
AGE, IMAGE = RNG.normal(50, 9, ROWS).astype(np.float32), RNG.integers(0, 256, (ROWS, 4, 4), dtype=np.uint8)
KIND = RNG.integers(0, 3, ROWS)
NAMES = np.array(["cat", "cow", "dog"])


def path(name):
    return os.path.join(FOLDER, name)


def save(part, rows):
    with open(path(part + ".csv"), "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["age", "kind"])
        table.writerows((repr(float(AGE[i])), NAMES[KIND[i]]) for i in rows)
    np.save(path(part + ".image.npy"), IMAGE[rows])
    np.save(path(part + ".age.npy"), AGE[rows])
    np.save(path(part + ".label.npy"), KIND[rows].astype(np.int32))


RECIPE = """
model net(image: u8[batch, 4, 4], age: f32[batch]) -> y: f32[batch, 3] = concat(flatten(image / 255), age[:, new]) |> dense(3)

train net {
  data      pets(image, age, label)
  loss      cross_entropy(y, label)
  metric    accuracy(y, label)
  optimizer adam(lr: 1e-2)
  batch     16
  epochs    3
}
"""
CODE = """  age   = standardize(AGE)
  label = LABEL
"""


def program(name, lines, age, label, recipe=RECIPE):
    head = "data pets(image: u8[4, 4], age: f32, label: index(3)) {\n" + lines
    return build(head + CODE.replace("AGE", age).replace("LABEL", label) + "}\n" + recipe, name)


def weights(executable, *options):
    saved = executable + ".safetensors"
    outcome = run(executable, "train", "--data", FOLDER, "--quiet", "--save", saved, *options)
    return (load_weights(saved), saved) if check(outcome.status == 0, "trains", outcome.err) else ({}, saved)


def same(a, b):
    names = [name for name in a if not name.startswith(("data.", "fitted"))]
    return bool(names) and all(a[name].tobytes() == b[name].tobytes() for name in names)


save("train", range(90))
save("test", range(90, ROWS))
ARRAYS = "".join(f'  {part} npy(image: "{part}.image.npy", age_in: "{part}.age.npy", label_in: "{part}.label.npy")\n' for part in ("train", "test"))
BESIDE = "".join(f'  {part} csv("{part}.csv"), npy(image: "{part}.image.npy")\n' for part in ("train", "test"))
REVERSE = "".join(f'  {part} npy(image: "{part}.image.npy"), csv("{part}.csv")\n' for part in ("train", "test"))


def compare():
    table = 'number("age")', 'category("kind", classes: 3)'
    beside = program("beside", BESIDE, *table)
    expected, _ = weights(build(f"data pets(image: u8[4, 4], age: f32, label: index(3)) {{\n{ARRAYS}  age   = standardize(age_in)\n"
                                f"  label = label_in\n}}\n{RECIPE}", "arrays", "--data", FOLDER))
    found, saved = weights(beside)
    check(same(found, expected), "the weights are those of arrays alone")
    outcome = run(beside, "eval", "--data", FOLDER, "--weights", saved)
    check(outcome.status == 0 and "(30 examples)" in outcome.out, "eval", outcome.err)
    check(same(weights(program("reverse", REVERSE, *table))[0], expected), "their order is no matter")
    both = ARRAYS.replace(', age_in', '), npy(age_in')
    check(same(weights(build(f"data pets(image: u8[4, 4], age: f32, label: index(3)) {{\n{both}  age   = standardize(age_in)\n"
                             f"  label = label_in\n}}\n{RECIPE}", "two", "--data", FOLDER))[0], expected), "arrays beside arrays")
    whole = program("whole", '  from csv("train.csv"), npy(image: "train.image.npy")\n  split train: 0.8, test: 0.2, seed: 1\n', *table)
    check(bool(weights(whole)[0]), "'split' divides what lies beside each other")
    return beside, saved


def mistakes(executable):
    np.save(path("train.image.npy"), IMAGE[:89])
    outcome = run(executable, "train", "--data", FOLDER, "--quiet")
    check(outcome.status == 1 and f"{path('train.image.npy')}: holds 89 examples, but {path('train.csv')}, beside it, holds 90" in outcome.err,
          "other numbers of examples", outcome.err)
    write("data/train.csv", "age,kind\n" + "50,cat\n" * 88 + "old,dog\n")
    outcome = run(executable, "train", "--data", FOLDER, "--quiet")
    check(outcome.status == 1 and "train.csv:90:1: 'old' is not a number" in outcome.err, "a place in the table", outcome.err)


def without_the_image():
    """What nothing reads need not be there."""
    os.remove(path("train.image.npy"))
    save("train", range(90))
    os.remove(path("train.image.npy"))
    executable = program("age", BESIDE, 'number("age")', 'category("kind", classes: 3)', """
model net(age: f32[batch]) -> y: f32[batch, 3] = age[:, new] |> dense(3)

train net {
  data      pets(age, label)
  loss      cross_entropy(y, label)
  optimizer adam(lr: 1e-2)
  batch     16
  epochs    1
}
""")
    check(bool(weights(executable)[0]), "trains without the images")


def predictions(executable, saved, *operands):
    outcome = run(executable, "predict", "--weights", saved, *operands)
    check(outcome.status == 0, "predict", outcome.err)
    return outcome.out


def predict(executable, saved):
    """What a program is given is prepared as in training, whether it comes from a table or from an array."""
    found = predictions(executable, saved, path("test.csv"), f"image={path('test.image.npy')}")
    mean, std = AGE[:90].mean(dtype=float), AGE[:90].std(dtype=float)
    np.save(path("prepared.npy"), ((AGE[90:] - mean) / std).astype(np.float32))
    expected = predictions(executable, saved, f"image={path('test.image.npy')}", f"age={path('prepared.npy')}")
    numbers = [[row["y"] for row in json.loads(text)] if text else [[0]] for text in (found, expected)]
    check(np.shape(numbers[0]) == (30, 3) and np.allclose(*numbers, rtol=1e-4, atol=1e-4), "a table and an array", np.shape(numbers[0]))
    outcome = run(executable, "predict", "--weights", saved, path("test.csv"))
    check(outcome.status == 1 and "'image' is an array beside the table" in outcome.err and "image=FILE" in outcome.err,
          "the array is missed", outcome.err)
    outcome = run(executable, "predict", "--weights", saved, path("test.csv"), f"image={path('train.image.npy')}")
    check(outcome.status == 1 and "train.image.npy: holds 90 examples, but" in outcome.err, "an array of other rows", outcome.err)


made, kept = compare()
predict(made, kept)
mistakes(made)
without_the_image()
finish()
