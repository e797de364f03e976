"""Random programs over the language's operations: compiled code computes what an interpreter in NumPy float64 computes.

Each program is trained for a few steps on a small set of MNIST's images, from the same weights and in file order: at -O0, at
-O3, compiled for its batch and for another. Every curve is held against the interpreter's, which differentiates by a tape of
its own; and so are the gradients themselves, of the same program in f64. Some run through `nnc gradcheck` too.

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
from support import (NNC, check, finish, load_weights, losses, relative_error, run, save_weights, shapes, small_batches, tmp,
                     write_small_mnist)

FIRST = int(os.environ.get("NNC_RANDOM_FIRST", "1"))
COUNT = int(os.environ.get("NNC_RANDOM_COUNT", "3"))
STEPS = 8
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
    _, expected = Model(source, start).gradients(*small_batches(EXAMPLES, batch, 1)[0])
    largest = max(np.abs(gradient).max() for gradient in expected.values())
    for name, gradient in expected.items():
        found = (start[name] - stepped[name]) / RATE
        # Where all terms of a gradient cancel, what is left is the rounding of other gradients.
        error = np.abs(found - gradient).max() / max(np.abs(gradient).max(), 1e-5 * largest)
        if not error <= 1e-10:
            return f"gradient of {name}: off by {error:.1e} of {np.abs(gradient).max():.1e}"
    return ""


def spread(source, start, examples, curve):
    """How far apart, relative, the losses up to each step come where every operation rounds at random as f32 might.

    A comparison that two roundings decide differently, an argmax of values that are equal in f32, and much else that a
    program may do leaves its losses to chance, in any arithmetic (Parker, Monte Carlo arithmetic, 1997).
    """
    far = np.zeros(len(curve))
    for seed in range(5):
        rng = np.random.default_rng(seed)
        model = Model(source, start, lambda array: array * (1 + 2.0**-24 * rng.choice([-1, 1], array.shape)))
        far = np.maximum(far, np.abs(model.train(examples) / curve - 1))
    return np.maximum.accumulate(far)


def wrong_curve(executable, source, start, batch):
    """Compares the losses of the first steps; returns what is off."""
    examples = small_batches(EXAMPLES, batch, STEPS)
    expected = Model(source, start).train(examples)
    found = losses(tmp(executable), "--no-shuffle", "--steps", STEPS, "--threads", 1, "--weights", tmp("start"), "--batch",
                   batch, data=SMALL)
    error = relative_error(found, expected)
    if error <= 1e-4:
        return ""
    # Five draws tell the size of what chance does, not its bound; and where it has done something, all that follows differs.
    apart = spread(source, start, examples, expected)
    allowed = np.where(np.roll(apart, 1) > 1e-4, np.inf, np.maximum(1e-4, 5 * apart))
    allowed[0] = max(1e-4, 5 * apart[0])
    if found.shape == expected.shape and np.all(np.abs(found - expected) <= allowed * np.maximum(np.abs(expected), 1e-3)):
        return ""
    return f"{executable}, batch {batch}: {error:.1e}\n{found}\n{expected}\nallowed {allowed}"


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
    wrong = next(filter(None, (wrong_curve(exe, source, start, batch) for exe, batch in curves)), "")
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
