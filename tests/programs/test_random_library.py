"""Random programs of the library's layers, functions, losses, metrics, optimizers, schedules and data, and of whole systems: texts, folders
of images, tables with words and gaps, and several models in turn.

Each is compiled at -O0 and -O3 and trained for a few steps on data of its own. Bit by bit the same is what comes of one thread, two and
three, of training that was resumed, and of the library form, called from here. What -O0 and -O3 leave, losses, tensors, metrics and
predictions, is as near as rounding lets it be: where it isn't, the program itself says how far apart it comes when its first weights change
in their last digit. So is what a function's own gradient leaves, where that is the derivative, and the program without it. Evaluation
doesn't depend on the size of batches, the mean of what is predicted is what evaluation says, and what was read is what was written. A model
of texts writes what it predicts. Of every third program the gradients are compared with central differences.

NNC_RANDOM_FIRST and NNC_RANDOM_COUNT choose other programs, from 2001 on; from 1000001 on they are systems (random_systems.py). What a number
means changes with the catalogue: a finding is kept as a test of its own.
"""
# RUN: %python %s
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from random_checks import Wrong, build, chosen, other_bits, train
from random_library import LibraryProgram
from random_systems import FIRST_SYSTEM, SystemProgram
from random_uses import embedded, generates, seen
from support import NNC, check, finish, load_metadata, load_weights, run, save_weights, tmp

STEPS = 4
# What is left of a number's own digits, and how far -O0 and -O3 may always be apart, relative to what a step changes.
DIGITS = {"f64": 2.0**-52, "f32": 2.0**-23, "f16": 2.0**-10, "bf16": 2.0**-7}
TOLERANCE = {"f64": 1e-9, "f32": 1e-3, "f16": 0.03, "bf16": 0.2}


def program(number):
    return (SystemProgram if number >= FIRST_SYSTEM else LibraryProgram)(number)


class Case:
    """One program, where it lies, and what it was built to."""

    def __init__(self, number):
        self.program = program(number)
        self.source = self.program.source()
        self.folder = tmp(f"p{number}")
        self.program.write_data(self.folder)
        self.path = os.path.join(self.folder, "p.nn")
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(self.source)

    def derived(self):
        """The program without the gradients that its functions bring, where these are what is derived; nothing where it has none."""
        text = self.source
        for name, declared in self.program.declared.items():
            if name != "own_step":
                text = text.replace(declared, declared.split("\n  gradient(")[0])
        return text if text != self.source else ""

    def file(self, name):
        return os.path.join(self.folder, name)

    def train(self, exe, saved, *options):
        return train(self.file(exe), self.folder, self.file(saved), *options)

    def evaluate(self, exe, weights, *options):
        """{metric: value} of the test part."""
        outcome = run(self.file(exe), "eval", "--data", self.folder, "--weights", self.file(weights), "--json", *options)
        if outcome.status:
            raise Wrong(f"eval {options}: status {outcome.status} {outcome.err[-500:]}")
        return {k: np.array(np.nan if v is None else v) for k, v in json.loads(outcome.out).items() if not isinstance(v, str)}

    def predict(self, exe, weights, *options):
        outcome = run(self.file(exe), "predict", "--weights", self.file(weights), *options, *self.program.inputs(self.folder))
        if outcome.status:
            raise Wrong(f"predict: status {outcome.status} {outcome.err[-500:]}")
        return {"out": np.array([row["out"] for row in json.loads(outcome.out)], float)}

    def results(self, exe, weights, *options):
        """Everything that depends on rounding: {what: array} of some steps from these weights, or from the program's own."""
        begin = ("--weights", self.file(weights)) if weights else ()
        curve, tensors = self.train(exe, f"{exe}.rest", "--steps", STEPS, "--threads", 1, *begin, *options)
        return {"loss": curve, **tensors}

    def answers(self, exe, weights):
        return {**self.evaluate(exe, weights), **self.predict(exe, weights)}

    def disturbed(self, weights, seed):
        """The weights of a file with the last digit of each at random."""
        rng = np.random.default_rng(seed)
        digit = DIGITS[self.program.element]
        tensors = {}
        for name, x in load_weights(self.file(weights)).items():
            by = digit * rng.choice([-1, 1], x.shape)
            tensors[name] = (x * (1 + by) + 1e-2 * by * (x == 0)).astype(x.dtype) if x.dtype.kind == "f" else x
        save_weights(self.file("disturbed"), tensors, load_metadata(self.file(weights)))
        return "disturbed"


def distances(found, expected, before):
    """{what: how far apart}, relative to the largest, of tensors to what they moved by."""
    far = {}
    for name, x in expected.items():
        if name not in found or found[name].shape != x.shape:
            far[name] = np.inf
            continue
        y, x = found[name].astype(float), x.astype(float)
        known = np.isfinite(x)
        if not np.array_equal(known, np.isfinite(y)):
            far[name] = np.inf
            continue
        scale = max(np.abs(x - before.get(name, 0))[known].max(initial=0), 1e-3 * np.abs(x[known]).max(initial=0), 1e-4)
        far[name] = np.abs(x - y)[known].max(initial=0) / scale
    return far


def compare_builds(case, what, of, start, before, exes=("plain", "fast")):
    """Compares `of(exe, weights)` of two builds."""
    element = case.program.element
    # A step whose gradients are rounding alone, or whose rule tells their sign alone.
    expected = of(exes[0], start)
    far = distances(of(exes[1], start), expected, before)
    off = {name: d for name, d in far.items() if not d <= TOLERANCE[element]}
    if not off:
        return
    chance = {}
    for seed in range(4):
        for exe in exes:
            apart = distances(of(exe, case.disturbed(start, seed)), expected, before)
            chance = {name: max(d, chance.get(name, 0)) for name, d in apart.items()}
    off = {name: (d, chance[name]) for name, d in off.items() if not d <= 10 * chance[name]}
    if off:
        raise Wrong(f"{exes[1]} is not {exes[0]}: {what}: {off} of {({n: expected[n] for n in off})}")


def compare(number):
    case = Case(number)
    p = case.program
    build(case.path, case.file("plain"), "-O0", "--data", case.folder)
    build(case.path, case.file("fast"), "--data", case.folder)
    # Bits.
    whole = case.train("fast", "whole", "--steps", STEPS, "--threads", 1)
    for n in (2, 3):
        if wrong := other_bits(f"{n} threads", case.train("fast", "threads", "--steps", STEPS, "--threads", n), whole):
            raise Wrong(wrong)
    half = case.train("fast", "half", "--steps", 2)
    rest = case.train("fast", "rest", "--resume", case.file("half"), "--steps", STEPS, "--threads", 2)
    if wrong := other_bits("resumed", (np.concatenate((half[0], rest[0])), rest[1]), whole):
        raise Wrong(wrong)
    if not np.isfinite(whole[0]).all() or whole[0].size != STEPS:
        raise Wrong(f"losses {whole[0]}")
    for part in ("test", "valid")[: 1 + p.valid][::-1]:
        evaluated = [case.evaluate("fast", "whole", "--threads", n, "--split", part) for n in (1, 2)]
        if any(x.tobytes() != evaluated[1][name].tobytes() for name, x in evaluated[0].items()):
            raise Wrong(f"evaluation of {part} on one thread and two: {evaluated}")
    # Levels.
    begin = case.train("plain", "start", "--steps", 1)[1]
    compare_builds(case, "training", case.results, "start", begin)
    compare_builds(case, "evaluation and prediction", case.answers, "start", {})
    if text := case.derived():
        with open(case.file("derived.nn"), "w", encoding="utf-8") as file:
            file.write(text)
        build(case.file("derived.nn"), case.file("derived"), "-O0", "--data", case.folder)
        compare_builds(case, "training", case.results, "start", begin, ("plain", "derived"))
    # Batches of another size, and predictions.
    other = case.evaluate("fast", "whole", "--batch", 3 if p.batch != 3 else 5)
    size = {"f64": 1e-5, "f32": 1e-4, "f16": 0.02, "bf16": 0.1}[p.element]
    for name, x in evaluated[0].items():
        if not np.allclose(other[name], x, rtol=size, atol=size, equal_nan=True):
            raise Wrong(f"evaluation by other batches: {name} {other[name]} for {x}")
    if not p.draws and not p.scattered:
        probe = (case.predict("fast", "whole")["out"] ** 2).mean()
        if not np.isclose(probe, evaluated[0]["probe"], rtol=size, atol=size):
            raise Wrong(f"predictions have the mean square {probe}, evaluation says {evaluated[0]['probe']}")
    seen(case, evaluated[0])
    generates(case, TOLERANCE[p.element])
    if number % 4 == 1:
        embedded(case)
    if number % 3 == 0:
        gradients(case)


def gradients(case):
    if "stop_gradient" in case.source:
        return
    outcome = run(NNC, "gradcheck", case.path, "--json", "--data", case.folder)
    try:
        parameters = json.loads(outcome.out)["parameters"]
    except (ValueError, KeyError):
        raise Wrong(f"gradcheck: status {outcome.status} {outcome.out[-300:]} {outcome.err[-800:]}") from None
    off = [q for q in parameters if not q.get("declared") and (q["status"] == "off" or not q["max_relative_error"] <= 1e-6)]
    if off or outcome.status:
        raise Wrong(f"gradcheck: {off or outcome.status} {outcome.err[-300:]}")


def result(number):
    start = time.perf_counter()
    try:
        compare(number)
        return "", time.perf_counter() - start
    except Wrong as wrong:
        return str(wrong), time.perf_counter() - start


def main():
    numbers = chosen([*range(2001, 2034), *range(FIRST_SYSTEM, FIRST_SYSTEM + 10)], 2001, 10**9)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, (wrong, seconds) in zip(numbers, pool.map(result, numbers)):
            if not check(not wrong, f"random program {number}", wrong or f"{seconds:.1f} s"):
                print(program(number).source())


main()
finish()
