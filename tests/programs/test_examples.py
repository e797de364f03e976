"""Every example is right as it stands: formatted, without a warning, built without its data at hand, and training the same bits with one
thread and two, and after a pause. Those on tables and the one without data also learn what they should, which takes a second each."""
# RUN: %python %s
import glob
import json
import os

from support import MNIST, NNC, ROOT, build, check, events, finish, info, run, same_weights, skip, tmp

TABLES = os.path.join(os.environ.get("NNC_SHARED", os.path.join(os.path.dirname(ROOT), "shared")), "data", "csv")
TEXTS = os.path.join(os.path.dirname(TABLES), "text")
# What is evaluated, and a bound that every seed keeps with room: the part of the table for tests is small.
LEARNT = {
    "iris": ("accuracy", lambda x: x >= 0.93),
    "penguins": ("accuracy", lambda x: x >= 0.96),
    "breast_cancer": ("accuracy", lambda x: x >= 0.95),
    "wine_quality": ("rmse", lambda x: x <= 0.68),
    "california_housing": ("rmse", lambda x: x <= 0.60),
    "heat_equation": ("error", lambda x: x <= 0.01),
}
WITHOUT_DATA = ["heat_equation"]


def data_of(name):
    """The folder of an example's data; none for what draws its own."""
    if name in WITHOUT_DATA:
        return None
    return TABLES if name in LEARNT else TEXTS if name.startswith("shakespeare") else MNIST


def reading(data):
    return ["--data", data] if data else []


def source_is_clean(path):
    name = os.path.basename(path)
    outcome = run(NNC, "check", path)
    check(outcome.status == 0 and not outcome.err, f"{name} has neither errors nor warnings", outcome.err[-400:])
    outcome = run(NNC, "fmt", "--check", path)
    check(outcome.status == 0, f"{name} is formatted", outcome.err[-200:])
    with open(path, encoding="utf-8") as file:
        check(file.read().startswith("//"), f"{name} says what it shows")


def trains(name, program, data):
    """A few steps, in one piece by one thread and by two, and in two pieces."""

    def train(saved, *options):
        outcome = run(program, "train", *reading(data), "--seed", 3, "--quiet", "--save", tmp(saved), *options)
        return check(outcome.status == 0, f"{name} trains {' '.join(map(str, options))}", outcome.err[-400:])

    names = [each["name"] for each in info(program)["params"]]
    if not (train("one", "--threads", 1, "--steps", 8) and train("two", "--threads", 2, "--steps", 8) and train("half", "--steps", 3)
            and train("resumed", "--resume", tmp("half"), "--steps", 8)):
        return
    check(same_weights(tmp("one"), tmp("two"), names), "  two threads give the bits of one")
    check(same_weights(tmp("one"), tmp("resumed"), names), "  so does what is interrupted and resumed")


def learns(name, program, data):
    key, fits = LEARNT[name]
    for seed in (1, 2, 3):
        log = tmp(f"{name}.{seed}.log")
        outcome = run(program, "train", *reading(data), "--seed", seed, "--quiet", "--log", log, "--save", tmp("weights"))
        if check(outcome.status == 0, f"{name} trains to its end, seed {seed}", outcome.err[-400:]):
            value = events(log, "epoch" if data else "eval")[-1][key]
            check(fits(value), f"  {key}", f"{value:.3f}")
    outcome = run(program, "eval", *reading(data), "--weights", tmp("weights"))
    check(outcome.status == 0 and key in outcome.out, "  and is evaluated", outcome.out + outcome.err[-400:])


def draws(program):
    """What a recipe predicts from draws alone has no input: as many examples as asked for, each its own draw."""

    def made(*options):
        outcome = run(program, "predict", "--weights", tmp("one"), *options)
        return json.loads(outcome.out) if check(outcome.status == 0, f"predict {' '.join(map(str, options))}", outcome.err) else []

    one, some, other = made(), made("--count", 300), made("--count", 300, "--seed", 7)
    check(len(one) == 1 and len(some) == len(other) == 300, "  makes as many as asked for", (len(one), len(some), len(other)))
    check([x["index"] for x in some] == list(range(300)) and "file" not in some[0], "  counted, of no file", list(some[0]))
    check(one[0] == some[0] and some[0]["made"] != some[1]["made"] and some[0]["made"] != other[0]["made"], "  by a seed of its own where one is given")
    for options in (["x.npy"], ["--count", "0"], ["--count", "x"]):
        outcome = run(program, "predict", "--weights", tmp("one"), *options)
        check(outcome.status == 2 and "error" in outcome.err, f"predict {' '.join(options)} is refused", outcome.err)


examples = sorted(glob.glob(os.path.join(ROOT, "examples", "*.nn")))
check(len(examples) >= 12, "examples", len(examples))
for path in examples:
    name = os.path.basename(path)[:-3]
    source_is_clean(path)
    program = build(path, name)
    data = data_of(name)
    if data and not os.path.isdir(data):
        skip(f"{name} trains", f"{data} is missing")
        continue
    trains(name, program, data)
    if name == "mnist_vae":
        draws(program)
    if name == "mnist_mlp":
        outcome = run(program, "predict", "--weights", tmp("one"), "--count", 2, os.path.join(ROOT, "examples", "seven.png"))
        check(outcome.status == 2 and "--count" in outcome.err, "  predict counts by its inputs where it has some", outcome.err)
    if name in LEARNT:
        learns(name, program, data)
finish()
