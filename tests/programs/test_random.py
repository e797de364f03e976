"""Random programs over the language's operations: compiled code computes what an interpreter in NumPy float64 computes.

Each program is trained for a few steps on a small set of MNIST's images, in file order: at -O0, at -O3, compiled for its
batch and for another. Every step, its loss, its update and all states, is held against the interpreter's, which reads the
program's operations and differentiates by a tape of its own; and so are what the trained model predicts, and the gradients
themselves, of the same program in f64. Some run through `nnc gradcheck` too. Bit by bit the same is what comes of two threads and of three, of training that
was resumed, of code that isn't folded, and of the library form.

NNC_RANDOM_FIRST and NNC_RANDOM_COUNT choose other programs: a program is its number's, and prints on failure. From 1001 on
they are of repeated layers, loops, states and draws (random_layers.py), below of single operations (random_programs.py). Those from
2001 on are test_random_library.py's.
"""
# RUN: %python %s
import ctypes
import json
import os
import re

import numpy as np

from interpreter import Model
from random_checks import at_once, build, chosen, other_bits
from random_layers import DeepProgram
from random_programs import Program
from support import (NNC, check, finish, info, load_weights, losses, predict, read_idx, run, save_weights, small_batches, tmp, write,
                     write_small_mnist)

STEPS = 5
# Of what a step leaves, and of its loss: relative.
TOLERANCE = (1e-3, 1e-4)
FIRST_DEEP, FIRST_OF_LIBRARY = 1001, 2001
# So great a learning rate that a parameter's own digits vanish beside its step: the step tells the gradient.
RATE = 1e12
EXAMPLES = 70
SMALL = tmp("small")


def start_values(executable, number):
    """({name: parameter}, {name: state of a layer}) to begin with: no zeros, at which whole gradients could vanish."""
    rng = np.random.default_rng(number)
    known = info(executable)
    return ({p["name"]: rng.normal(0, 0.3 if len(p["shape"]) < 2 else p["shape"][-2] ** -0.5, p["shape"]) for p in known["params"]},
            {b["name"]: rng.uniform(0.5, 1.5, b["shape"]) for b in known.get("buffers", [])})


def build_all(builds):
    """Compiles {executable: (text, options)} at the same time; returns the first error, or nothing."""

    def job(name):
        text, options = builds[name]
        return lambda: build(write(name + ".nn", text), tmp(name), *options) and ""

    return at_once([job(name) for name in builds])


def in_f64(source, rate):
    """The program with every float an f64, trained by steps of the gradient times `rate`."""
    head, body = source.split("model net", 1)
    signature, body = body.split("{", 1)
    body = re.sub(r"\bimage\b(?!,)", "(image as f64)", body.replace("(image as f32)", "image"))
    body = re.sub(r"  (optimizer|clip|accumulate|ema) .*\n", "", body).replace("  metric ", f"  optimizer sgd(lr: {rate:.0f})\n  metric ")
    return (head + "model net" + signature + "{" + body).replace("f32", "f64")


def wrong_gradients(source, batch, number):
    """Compares every element of every gradient at one batch, as the program `in_f64` steps by it; returns what is off."""
    exe = tmp("f64")
    start, states = start_values(exe, number)
    save_weights(tmp("start64"), {**start, **states})
    losses(exe, "--no-shuffle", "--steps", 1, "--weights", tmp("start64"), "--save", tmp("stepped"), data=SMALL)
    stepped = load_weights(tmp("stepped"))
    model = Model(in_f64(source, RATE), start)
    model.resume({**start, **states})
    _, expected = model.gradients(*small_batches(EXAMPLES, batch, 1)[0])
    largest = max(np.abs(gradient).max() for gradient in expected.values())
    for name, gradient in expected.items():
        found = (start[name] - stepped[name]) / RATE
        # Where all terms of a gradient cancel, what is left is the rounding of other gradients, and of the weights that these
        # are read from: some hundred roundings of the largest, 1e-13 of it.
        error = np.abs(found - gradient).max() / max(np.abs(gradient).max(), 1e-3 * largest)
        if not error <= 1e-10:
            return f"gradient of {name}: off by {error:.1e} of {np.abs(gradient).max():.1e}"
    return ""


def one_step(source, parameters, state, batches, step, disturb=lambda array: array):
    """{tensor: value} of the loss and of all that a step leaves, from the tensors before it."""
    model = Model(source, {name: state[name] for name in parameters}, disturb)
    model.resume(state)
    loss = model.step(batches, step)
    return {"loss": np.array(loss), **model.tensors()}


def distances(found, expected, before, parameters):
    """{kind: how far apart} of the loss, of what parameters moved by, and of states by kind, each relative to the largest."""
    kinds = {}
    for name, x in expected.items():
        kind = "update" if name.removeprefix(Model.RAW) in parameters else name.rsplit(".", 1)[-1]
        # Weights to begin with have no averages beside them.
        moved = x - before.get(name, before.get(name.removeprefix(Model.RAW))) if kind == "update" else x
        scale = np.abs(moved).max(initial=0)
        # A parameter's own digits.
        far = np.abs(found[name] - x).max(initial=0) - (2.0**-23 * np.abs(x).max(initial=0) if kind == "update" else 0)
        known = kinds.get(kind, (0, 1e-3 if kind == "loss" else 1e-30))
        kinds[kind] = (max(known[0], far), max(known[1], scale))
    return {kind: far / scale for kind, (far, scale) in kinds.items()}


def chance(source, parameters, state, batches, step, expected):
    """How far apart one step comes where every operation rounds at random as f32 might.

    A comparison that two roundings decide differently, an argmax of values that are equal in f32, and much else that a
    program may do leaves its losses to chance, in any arithmetic (Parker, Monte Carlo arithmetic, 1997).
    """
    far = {}
    for seed in range(5):
        rng = np.random.default_rng(seed)
        found = one_step(source, parameters, state, batches, step,
                         lambda array: array * (1 + 2.0**-24 * rng.choice([-1, 1], array.shape)))
        for kind, distance in distances(found, expected, state, parameters).items():
            far[kind] = max(far.get(kind, 0), distance)
    return far


def train(executable, batch, *options):
    """(losses, tensors) of a run in file order."""
    curve = losses(tmp(executable), "--no-shuffle", "--batch", batch, "--save", tmp("after"), *options, data=SMALL)
    return curve, load_weights(tmp("after")) if curve.size else {}


def wrong_steps(executable, source, parameters, state, batch, accumulate):
    """Compares each of the first steps; returns what is off.

    Every step is held against the interpreter's from the compiled program's own tensors before it, so that what chance
    does in one is no excuse in the next.
    """
    losses_before = np.zeros(0)
    batches = small_batches(EXAMPLES, batch, STEPS * accumulate)
    for step in range(1, STEPS + 1):
        curve, found = train(executable, batch, "--steps", step, "--threads", 1, "--weights", tmp("start"))
        if curve.shape != (step,) or not np.array_equal(curve[:-1], losses_before):
            return f"{executable}, batch {batch}: losses {curve} after {losses_before}"
        found["loss"] = curve[-1]
        given = (source, parameters, state, batches[(step - 1) * accumulate : step * accumulate], step)
        expected = one_step(*given)
        if set(found) != set(expected):
            return f"{executable}: the tensors {set(found) ^ set(expected)}"
        off = {kind: d for kind, d in distances(found, expected, state, parameters).items() if not d <= TOLERANCE[kind == "loss"]}
        if off:
            apart = chance(*given, expected)
            # Five draws tell the size of what chance does, not its bound.
            off = {kind: (d, apart[kind]) for kind, d in off.items() if not d <= 5 * apart[kind]}
        if off:
            return f"{executable}, batch {batch}, step {step}: {off}, loss {found['loss']} for {expected['loss']}"
        del found["loss"]
        state, losses_before = found, curve
    return ""


def train_library(path, batch, accumulate):
    """(losses, tensors) of the steps that the library form takes, called from here."""
    library, session = ctypes.CDLL(path), ctypes.c_void_p()

    def call(name, *arguments):
        status = getattr(library, "net_" + name)(*arguments)
        assert status == 0, (name, status)

    call("create", ctypes.c_uint64(batch), ctypes.c_uint32(2), ctypes.byref(session))
    call("init", session, ctypes.c_uint64(0))
    call("load", session, tmp("start").encode())
    curve, loss = [], ctypes.c_float()
    for images, labels in small_batches(EXAMPLES, batch, STEPS * accumulate):
        images, labels = np.ascontiguousarray(images), labels.astype(np.int32)
        call("train_step", session, ctypes.c_uint64(len(labels)), images.ctypes.data_as(ctypes.c_void_p),
             labels.ctypes.data_as(ctypes.c_void_p), ctypes.byref(loss))
        curve.append(loss.value)
    call("save", session, tmp("library.saved").encode())
    library.net_destroy(session)
    return np.array(curve).reshape(STEPS, accumulate).mean(1), load_weights(tmp("library.saved"))


def wrong_bits(builds, library, batch, accumulate):
    """Compares the losses and every bit of what training leaves, of what was built; returns what differs."""
    begin = ("--weights", tmp("start"), "--steps", STEPS)
    fast, plain = (train(exe, batch, "--threads", 1, *begin) for exe in ("fast", "plain"))
    found = [(f"fast on {n} threads", train("fast", batch, "--threads", n, *begin), fast) for n in (2, 3)]
    found.append(("plain on 2 threads", train("plain", batch, "--threads", 2, *begin), plain))
    train("fast", batch, "--weights", tmp("start"), "--steps", 2)
    os.replace(tmp("after"), tmp("halfway"))
    rest, tensors = train("fast", batch, "--threads", 2, "--resume", tmp("halfway"), "--steps", STEPS)
    found.append(("resumed", (np.concatenate((fast[0][:2], rest)), tensors), fast))
    if "own" in builds:
        found.append(("not folded", train("own", batch, *begin), fast))
    if library:
        curve, tensors = train_library(tmp(library), batch, accumulate)
        # What it returns is one batch's loss, an f32.
        found.append(("the library", (np.where(np.abs(curve - fast[0]) <= 1e-6 * np.abs(curve), fast[0], curve), tensors), fast))
    if wrong := next(filter(None, (other_bits(*each) for each in found)), ""):
        return wrong
    evaluated = [run(tmp("fast"), "eval", "--data", SMALL, "--weights", tmp("after"), "--threads", n, "--json") for n in (1, 2)]
    if evaluated[0].out != evaluated[1].out or not evaluated[0].out:
        return f"evaluation: {[(e.out, e.err) for e in evaluated]}"
    return ""


def wrong_prediction(source, parameters):
    """Compares what the trained model predicts for a batch; returns what is off."""
    images = read_idx("t10k-images-idx3-ubyte.gz")[:20]
    state = load_weights(tmp("after"))

    def outputs(disturb=lambda array: array):
        model = Model(source, {name: state[name] for name in parameters}, disturb)
        model.resume(state)
        return model.predict(images)[0]

    expected = outputs()
    for exe in ("plain", "fast"):
        far = np.abs(predict(tmp(exe), tmp("after"), image=images)["logits"] - expected).max()
        if not far <= 1e-4 * np.abs(expected).max():
            rngs = (np.random.default_rng(seed) for seed in range(5))
            apart = max(np.abs(outputs(lambda a, rng=rng: a * (1 + 2.0**-24 * rng.choice([-1, 1], a.shape))) - expected).max() for rng in rngs)
            if not far <= 5 * apart:
                return f"prediction of {exe}: off by {far:.1e} of {np.abs(expected).max():.1e}, by chance {apart:.1e}"
    return ""


def wrong_gradcheck(path):
    outcome = run(NNC, "gradcheck", path, "--json")
    try:
        parameters = json.loads(outcome.out)["parameters"]
    except (ValueError, KeyError):
        return f"gradcheck: {outcome.out[-300:]} {outcome.err[-500:]}"
    off = [p for p in parameters if p["status"] == "off" or not p["max_relative_error"] <= 1e-6]
    return f"gradcheck: {off or outcome.status}" if off or outcome.status else ""


def compare(number):
    """One program; returns what is wrong with it, or nothing."""
    program = (DeepProgram if number >= FIRST_DEEP else Program)(number)
    source = program.source()
    other = program.random.choice([n for n in (1, 2, 3, 6, 9, 16, 31) if n != program.batch])
    builds = {"fast": (source, []), "plain": (source, ["-O0"]), "f64": (in_f64(source, RATE), [f"-O{3 * (number % 2)}"])}
    # What takes longest is to build, so each program is built in some of the other ways only.
    if number % 3 == 0:
        builds["own"] = (source, ["--no-fold"])
    else:
        builds["other"] = (source, ["--batch", other])
    # A name of its own: one that is loaded under a name stays.
    library = f"library{number}" if number % 4 == 0 else None
    if library:
        builds[library] = (source, ["--emit", "shared"])
    if wrong := build_all(builds):
        return wrong
    start, states = ({name: x.astype(np.float32) for name, x in of.items()} for of in start_values(tmp("fast"), number))
    begin = {**start, **states}
    save_weights(tmp("start"), begin)
    if wrong := wrong_bits(builds, library, program.batch, program.accumulate) or wrong_prediction(source, start):
        return wrong
    curves = [("plain", program.batch), ("fast", program.batch), ("fast", other)] + [("other", other)] * ("other" in builds)
    wrong = next(filter(None, (wrong_steps(exe, source, start, begin, batch, program.accumulate) for exe, batch in curves)), "")
    if wrong := wrong or wrong_gradients(source, program.batch, number):
        return wrong
    # What stop_gradient and a function's own gradient say is off on purpose.
    is_exact = not any(word in source for word in ("stop_gradient", "gradient(dy)"))
    return wrong_gradcheck(tmp("fast.nn")) if number % 6 == 2 and is_exact else ""


def main():
    write_small_mnist(SMALL, EXAMPLES)
    # 214 once read a tile's row for its column; 203 has a column of a matrix, 100 a product of reshapes.
    numbers = chosen([1, 100, 203, 214, 1002, 1004, 1005], 1, FIRST_OF_LIBRARY)
    for number in numbers:
        wrong = compare(number)
        if not check(not wrong, f"random program {number}", wrong):
            with open(tmp("fast.nn"), encoding="utf-8") as file:
                print(file.read())


main()
finish()
