"""What the tests of random programs share: which of them run, compiling, training, and comparing what is left bit by bit."""
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from support import NNC, load_weights, logged_losses, run


class Wrong(Exception):
    """What is wrong with a program."""


def chosen(default, low, high):
    """The numbers that $NNC_RANDOM_FIRST and $NNC_RANDOM_COUNT ask for, of those from `low` to `high`; the default else."""
    first, count = os.environ.get("NNC_RANDOM_FIRST"), int(os.environ.get("NNC_RANDOM_COUNT", "4"))
    if first is None or not low <= int(first) < high:
        return list(default)
    return [*range(int(first), min(int(first) + count, high))]


def build(path, executable, *options):
    outcome = run(NNC, "build", path, "-o", executable, *options)
    if outcome.status:
        raise Wrong(f"nnc build {' '.join(map(str, options))}: status {outcome.status} {outcome.err[-1500:]}")
    return executable


def at_once(jobs):
    """Runs several of these, as many as there are cores; returns the first's error, or nothing."""

    def result(job):
        try:
            return job() or ""
        except Wrong as wrong:
            return str(wrong)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return next(filter(None, list(pool.map(result, jobs))), "")


def train(executable, data, saved, *options):
    """(losses, tensors) of a run that logs and saves to files named after `saved`."""
    log = saved + ".jsonl"
    if os.path.exists(log):
        os.remove(log)
    outcome = run(executable, "train", "--data", data, "--quiet", "--log-every", 1, "--log", log, "--save", saved, *options)
    if outcome.status:
        raise Wrong(f"train {' '.join(map(str, options))}: status {outcome.status} {outcome.err[-800:]}")
    return logged_losses(log), load_weights(saved)


def other_bits(what, found, expected):
    """What differs of two runs' (losses, tensors)."""
    (curve, tensors), (wanted, want) = found, expected
    if not np.array_equal(curve, wanted):
        return f"{what}: losses {curve} for {wanted}"
    off = [name for name in {**want, **tensors} if name not in want or name not in tensors or want[name].tobytes() != tensors[name].tobytes()]
    return f"{what}: other bits in {off}" if off else ""
