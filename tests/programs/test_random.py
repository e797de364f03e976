"""Random programs over the language's operations: compiled code computes what an interpreter in NumPy float64 computes.

Each program is trained for a few steps on a small set of MNIST's images, in file order: at -O0, at -O3, compiled for its
batch and for another. Every step, its loss, its update and the optimizer's states, is held against the interpreter's, which
reads the program's operations and differentiates by a tape of its own; and so are the gradients themselves, of the same
program in f64. Some run through `nnc gradcheck` too.

NNC_RANDOM_FIRST and NNC_RANDOM_COUNT choose other programs: a program is its number's, and prints on failure.
"""
# RUN: %python %s
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from interpreter import Model
from random_programs import Program
from support import (NNC, check, finish, load_weights, losses, run, save_weights, shapes, small_batches, tmp,
                     write_small_mnist)

FIRST = int(os.environ.get("NNC_RANDOM_FIRST", "1"))
COUNT = int(os.environ.get("NNC_RANDOM_COUNT", "4"))
STEPS = 5
# Of what a step leaves, and of its loss: relative.
TOLERANCE = (1e-3, 1e-4)
OPTIMIZER = "optimizer/"  # before the names of the optimizer's states in a checkpoint
# So great a learning rate that a parameter's own digits vanish beside its step: the step tells the gradient.
RATE = 1e12
EXAMPLES = 70
SMALL = tmp("small")


def start_values(executable, number):
    """{name: weights} to begin with: no zeros, at which whole gradients could vanish."""
    rng = np.random.default_rng(number)
    return {name: rng.normal(0, 0.3 if len(shape) < 2 else shape[-2] ** -0.5, shape)
            for name, shape in shapes(executable).items()}


def build_all(builds):
    """Compiles {executable: (text, options)} at the same time; returns the first error, or nothing."""

    def build(name):
        text, options = builds[name]
        with open(tmp(name + ".nn"), "w", encoding="utf-8") as file:
            file.write(text)
        outcome = run(NNC, "build", tmp(name + ".nn"), "-o", tmp(name), *options)
        return "" if outcome.status == 0 else f"nnc build {' '.join(map(str, options))}: {outcome.err[-1500:]}"

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return next(filter(None, pool.map(build, builds)), "")


def in_f64(source, rate):
    """The program with every float an f64, trained by steps of the gradient times `rate`."""
    head, body = source.split("model net", 1)
    signature, body = body.split("{", 1)
    body = re.sub(r"\bimage\b(?!,)", "(image as f64)", body.replace("(image as f32)", "image"))
    rule = re.compile(r"optimizer .*")
    return (head + "model net" + signature + "{" + rule.sub(f"optimizer sgd(lr: {rate:.0f})", body)).replace("f32", "f64")


def wrong_gradients(source, batch, number):
    """Compares every element of every gradient at one batch, as the program `in_f64` steps by it; returns what is off."""
    exe = tmp("f64")
    start = start_values(exe, number)
    save_weights(tmp("start64"), start)
    losses(exe, "--no-shuffle", "--steps", 1, "--weights", tmp("start64"), "--save", tmp("stepped"), data=SMALL)
    stepped = load_weights(tmp("stepped"))
    _, expected = Model(in_f64(source, RATE), start).gradients(*small_batches(EXAMPLES, batch, 1)[0])
    largest = max(np.abs(gradient).max() for gradient in expected.values())
    for name, gradient in expected.items():
        found = (start[name] - stepped[name]) / RATE
        # Where all terms of a gradient cancel, what is left is the rounding of other gradients.
        error = np.abs(found - gradient).max() / max(np.abs(gradient).max(), 1e-5 * largest)
        if not error <= 1e-10:
            return f"gradient of {name}: off by {error:.1e} of {np.abs(gradient).max():.1e}"
    return ""


def one_step(source, state, examples, step, disturb=lambda array: array):
    """{tensor: value} of the loss and of all that a step leaves, from the tensors before it."""
    start = {name: x for name, x in state.items() if not name.startswith(OPTIMIZER)}
    model = Model(source, start, disturb)
    model.states.update({name.removeprefix(OPTIMIZER): x.astype(float) for name, x in state.items() if name.startswith(OPTIMIZER)})
    loss, gradients = model.gradients(*examples, step=step)
    model.update(gradients, step)
    return {"loss": np.array(loss), **model.parameters, **{OPTIMIZER + name: x for name, x in model.states.items()}}


def distances(found, expected, before):
    """{kind: how far apart} of the loss, of what parameters moved by, and of the states of the optimizer, by kind, each
    relative to the largest."""
    kinds = {}
    for name, x in expected.items():
        kind = name if name == "loss" else name.rsplit(".", 1)[-1] if name.startswith(OPTIMIZER) else "update"
        scale = np.abs(x - before[name] if kind == "update" else x).max(initial=0)
        # A parameter's own digits.
        far = np.abs(found[name] - x).max(initial=0) - (2.0**-23 * np.abs(x).max(initial=0) if kind == "update" else 0)
        known = kinds.get(kind, (0, 1e-3 if kind == "loss" else 1e-30))
        kinds[kind] = (max(known[0], far), max(known[1], scale))
    return {kind: far / scale for kind, (far, scale) in kinds.items()}


def chance(source, state, examples, step, expected):
    """How far apart one step comes where every operation rounds at random as f32 might.

    A comparison that two roundings decide differently, an argmax of values that are equal in f32, and much else that a
    program may do leaves its losses to chance, in any arithmetic (Parker, Monte Carlo arithmetic, 1997).
    """
    far = {}
    for seed in range(5):
        rng = np.random.default_rng(seed)
        found = one_step(source, state, examples, step,
                         lambda array: array * (1 + 2.0**-24 * rng.choice([-1, 1], array.shape)))
        for kind, distance in distances(found, expected, state).items():
            far[kind] = max(far.get(kind, 0), distance)
    return far


def wrong_steps(executable, source, start, batch):
    """Compares each of the first steps; returns what is off.

    Every step is held against the interpreter's from the compiled program's own tensors before it, so that what chance
    does in one is no excuse in the next.
    """
    state = start
    losses_before = np.zeros(0)
    for step, examples in enumerate(small_batches(EXAMPLES, batch, STEPS), 1):
        curve = losses(tmp(executable), "--no-shuffle", "--steps", step, "--threads", 1, "--weights", tmp("start"), "--batch",
                       batch, "--save", tmp("after"), data=SMALL)
        if curve.shape != (step,) or not np.array_equal(curve[:-1], losses_before):
            return f"{executable}, batch {batch}: losses {curve} after {losses_before}"
        found = {"loss": curve[-1], **load_weights(tmp("after"))}
        expected = one_step(source, state, examples, step)
        off = {kind: d for kind, d in distances(found, expected, state).items() if not d <= TOLERANCE[kind == "loss"]}
        if off:
            apart = chance(source, state, examples, step, expected)
            # Five draws tell the size of what chance does, not its bound.
            off = {kind: (d, apart[kind]) for kind, d in off.items() if not d <= 5 * apart[kind]}
        if off:
            return f"{executable}, batch {batch}, step {step}: {off}, loss {found['loss']} for {expected['loss']}"
        state = {name: x for name, x in found.items() if name in expected and name != "loss"}
        losses_before = curve
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
    program = Program(number)
    source = program.source()
    other = program.random.choice([n for n in (1, 2, 3, 6, 9, 16, 31) if n != program.batch])
    wrong = build_all({"fast": (source, []), "other": (source, ["--batch", other]), "plain": (source, ["-O0"]),
                       "f64": (in_f64(source, RATE), [f"-O{3 * (number % 2)}"])})
    if wrong:
        return wrong
    start = {name: w.astype(np.float32) for name, w in start_values(tmp("fast"), number).items()}
    save_weights(tmp("start"), start)
    curves = (("plain", program.batch), ("fast", program.batch), ("fast", other), ("other", other))
    wrong = next(filter(None, (wrong_steps(exe, source, start, batch) for exe, batch in curves)), "")
    if wrong := wrong or wrong_gradients(source, program.batch, number):
        return wrong
    # What stop_gradient holds back is off on purpose.
    return wrong_gradcheck(tmp("fast.nn")) if number % 3 == 0 and "stop_gradient" not in source else ""


def main():
    write_small_mnist(SMALL, EXAMPLES)
    # 214 once read a tile's row for its column; 203 has a column of a matrix, 100 a product of reshapes.
    for number in [*range(FIRST, FIRST + COUNT)] + ([] if "NNC_RANDOM_FIRST" in os.environ else [100, 203, 214]):
        wrong = compare(number)
        if not check(not wrong, f"random program {number}", wrong):
            with open(tmp("fast.nn"), encoding="utf-8") as file:
                print(file.read())


main()
finish()
