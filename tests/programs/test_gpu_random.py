"""Random programs on GPUs, as the emulator runs them: no access that it minds, and the losses of the processor.

NNC_RANDOM_FIRST and NNC_RANDOM_COUNT choose other programs, as in test_random.py.
"""
# RUN: %python %s
import os

from random_layers import DeepProgram
from random_programs import Program
from support import NNC, check, finish, losses, relative_error, run, tmp, write, write_small_mnist

FIRST = os.environ.get("NNC_RANDOM_FIRST")
COUNT = int(os.environ.get("NNC_RANDOM_COUNT", "4"))
FIRST_DEEP = 1001
SMALL = tmp("small")
write_small_mnist(SMALL, 40)


def text_of(number):
    return (DeepProgram if number >= FIRST_DEEP else Program)(number).source()


def compare(number):
    source, program = write(f"p{number}.nn", text_of(number)), tmp(f"p{number}")
    outcome = run(NNC, "build", source, "--target", "cuda", "--gpu", "ptx", "-o", program)
    if not check(outcome.status == 0, f"program {number} is compiled", outcome.err[-1500:] + text_of(number)):
        return
    curves = {}
    for device in ("cpu", "emulator"):
        curves[device] = losses(program, "--device", device, "--seed", 4, "--steps", 3, data=SMALL)
    error = relative_error(curves["emulator"], curves["cpu"])
    check(error < 1e-4, f"program {number}: the emulator's losses are the processor's",
          f"{error} {curves}\n{text_of(number)}" if error >= 1e-4 else error)


numbers = range(int(FIRST), int(FIRST) + COUNT) if FIRST else [*range(1, 1 + COUNT), *range(FIRST_DEEP, FIRST_DEEP + COUNT // 2)]
for number in numbers:
    compare(number)
finish()
