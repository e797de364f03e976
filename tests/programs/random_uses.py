"""What else is asked of a random program that was built: its library form from here, what it generates, and what its data was."""
import ctypes
import json
import os
import re

import numpy as np

from random_checks import Wrong, build, other_bits
from support import load_weights, run

TYPES = {"float": np.float32, "double": np.float64, "int32_t": np.int32, "int64_t": np.int64, "uint8_t": np.uint8, "uint16_t": np.uint16}
STEPS = 4


class Session:
    """A session of the library form; its calls raise what it has to say."""

    def __init__(self, library, header, sizes):
        self.library, self.header, self.sizes = library, header, sizes
        self.session = ctypes.c_void_p()
        library.net_message.restype = ctypes.c_char_p
        self.call("create", *map(ctypes.c_uint64, sizes), ctypes.c_uint32(2), ctypes.byref(self.session), made=False)

    def call(self, name, *arguments, made=True):
        status = getattr(self.library, "net_" + name)(*([self.session] if made else []), *arguments)
        if status:
            raise Wrong(f"net_{name} gives {status}: {self.library.net_message(self.session)}")

    def step(self, name, columns, result):
        """Calls train_step or eval_step with a batch of these columns; returns the loss."""
        given = re.search(rf"net_{name}\((.*?)\);", self.header, re.S)[1]
        inputs = re.findall(r"const (\w+) \*in_(\w+)", given)
        held = [np.ascontiguousarray(columns.get(name, columns["x"]).astype(TYPES[kind])) for kind, name in inputs]
        loss = ctypes.c_double() if "double *loss" in given else ctypes.c_float()
        sizes = [len(held[0]), *self.sizes[1:]]
        self.call(name, *map(ctypes.c_uint64, sizes), *(x.ctypes.data_as(ctypes.c_void_p) for x in held), ctypes.byref(loss), *result)
        return loss.value

    def evaluate(self, columns):
        kind, count = re.search(r"(\w+) \*metrics /\* \[(\d+)\]", self.header).groups()
        metrics = np.zeros(int(count), TYPES[kind])
        return self.step("eval_step", columns, [metrics.ctypes.data_as(ctypes.c_void_p)]), metrics

    def destroy(self):
        self.library.net_destroy(self.session)


def rows(case):
    """{part: {column: array}} of the program's data; nothing where it isn't known here."""
    p = case.program
    if p.kind == "table" and not hasattr(p, "source_of"):
        return {}
    if getattr(p, "source_of", None):
        return p.source_of.rows
    found = {"train": {}, "test": {}}
    for name in os.listdir(case.folder):
        if name.endswith(".npy"):
            part, column, _ = name.split(".")
            found[part][column] = np.load(case.file(name))
    return found


def embedded(case):
    """The library form takes the steps that the program takes, to the bit, and evaluates what it evaluates."""
    p, data = case.program, rows(case)
    exact = not getattr(p, "source_of", None) or p.source_of.exact
    # Refused are several steps in turn that gather batches, for each would take them again, and epochs where a rate asks for their steps.
    gathers, plans = p.accumulate > 1 and "\n  step " in case.source, re.search("cosine|polynomial|one_cycle", case.source) and "  steps " not in case.source
    if p.valid or not exact or not data.get("train") or gathers or plans:
        return
    path = build(case.path, case.file(f"library{p.number}.so"), "--emit", "shared", "--data", case.folder)
    with open(case.file("net.h"), encoding="utf-8") as file:
        header = file.read()
    library = ctypes.CDLL(path)
    given, options = sizes(p), ("--no-shuffle", "--seed", 5, "--batch", p.batch)
    session = Session(library, header, [p.batch, *given])
    session.call("init", ctypes.c_uint64(5))
    count, at, curve = len(data["train"]["x"]), 0, []
    for _ in range(STEPS * p.accumulate):
        curve.append(session.step("train_step", {name: x[at : at + p.batch] for name, x in data["train"].items()}, []))
        at = at + p.batch if at + p.batch < count else 0
    session.call("save", case.file("library.saved").encode())
    session.destroy()
    losses, tensors = case.train("fast", "program", "--steps", STEPS, *options)
    found = np.array(curve).reshape(STEPS, p.accumulate).mean(1)
    near = np.isclose(found, losses, rtol=2e-6, atol=1e-6)
    # What it returns is one batch's loss, an f32.
    if wrong := other_bits("the library", (np.where(near, losses, found), load_weights(case.file("library.saved"))), (losses, tensors)):
        raise Wrong(wrong)
    session = Session(library, header, [p.tests, *given])
    session.call("load", case.file("library.saved").encode())
    loss, metrics = session.evaluate(data["test"])
    session.destroy()
    expected = case.evaluate("fast", "program", "--batch", p.tests)
    wanted = [expected.pop("test_loss"), *(x for name, x in expected.items() if name not in ("examples", "seconds") and not name.startswith("loss_"))]
    if not np.allclose([loss, *metrics], np.array(wanted, float), rtol=1e-5, atol=1e-5, equal_nan=True):
        raise Wrong(f"the library evaluates {[loss, *metrics]}, the program {expected}")


def sizes(p):
    """What a session's calls are of beside the batch."""
    return p.input_shape[: {"image": 2}.get(p.kind, 1)] if p.symbolic else []


def seen(case, evaluated):
    """What was read is what was written, each with its label."""
    p = case.program
    read = rows(case).get("test", {}) if getattr(p, "source_of", None) else {}
    # What is fitted is of the training part without the part for validation, which is drawn.
    if "x" not in read or (p.valid and not p.source_of.exact):
        return
    x, label = read["x"].astype(float) / (16 if p.kind == "image" else 1), read[p.label].astype(float)
    of_each = lambda values: values.reshape(len(values), -1).mean(1)
    for name, expected in (("seen", np.mean(x**2)), ("paired", np.mean(of_each(x) * of_each(label)))):
        if not np.isclose(evaluated[name], expected, rtol=1e-4, atol=1e-6):
            raise Wrong(f"the metric '{name}' of what was read is {evaluated[name]}, of what was written {expected}")


def generates(case, tolerance):
    """At temperature 0, what is written is the likeliest that `predict` says, unless the model looks ahead."""
    p, text = case.program, getattr(case.program, "source_of", None)
    # It takes what a model says of tokens alone.
    if getattr(text, "unit", "") != "character" or p.draws or "predict   guess" in case.source:
        return
    time = p.input_shape[0]
    known = p.random.randint(1, time) if p.target.keeps_time else time
    prompt = text.texts["test"][:known]
    command = (case.file("fast"), "generate", "--weights", case.file("whole"), "--prompt", prompt, "--length", time + 1 - known, "--temperature", 0)
    one, two = (run(*command, "--threads", n) for n in (1, 2))
    if (one.status, one.out, one.err) != (two.status, two.out, two.err):
        raise Wrong(f"generate on one thread and two: {one.out} {one.err} {two.out} {two.err}")
    if one.status == 1 and "look" in one.err:
        return
    written = one.out.removesuffix("\n")
    if one.status or not written.startswith(prompt) or len(written) != time + 1:
        raise Wrong(f"generate: status {one.status} {one.out} {one.err}")
    names = sorted({c for each in text.texts.values() for c in each}, key=lambda c: c.encode())
    np.save(case.file("written.npy"), np.array([[names.index(c) for c in written[:time]]], np.int32))
    shown = run(case.file("fast"), "predict", "--weights", case.file("whole"), "x=" + case.file("written.npy"))
    if shown.status:
        raise Wrong(f"predict of what was generated: {shown.err}")
    scores = np.array(json.loads(shown.out)[0]["out"], float).reshape(-1, p.vocabulary)
    for place, c in enumerate(written[known:], known - 1 if p.target.keeps_time else 0):
        if not scores[place].max() - scores[place][names.index(c)] <= tolerance * np.abs(scores).max():
            raise Wrong(f"generate writes {written!r} after {prompt!r}, predict says {scores}")
