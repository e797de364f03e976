"""Random programs on GPUs, as the emulator runs them: no access that it minds, and the losses of the processor.

NNC_RANDOM_FIRST and NNC_RANDOM_COUNT choose other programs, as in test_random.py and test_random_library.py.
"""
# RUN: %python %s
from random_checks import chosen
from random_layers import DeepProgram
from random_library import LibraryProgram
from random_programs import Program
from random_systems import FIRST_SYSTEM, SystemProgram
from support import NNC, check, finish, losses, relative_error, run, tmp, write, write_small_mnist

FIRST_DEEP, FIRST_OF_LIBRARY = 1001, 2001
SMALL = tmp("small")
write_small_mnist(SMALL, 40)
# Of half precision, each operation rounds; where it rounds, a kernel may choose.
TOLERANCE = {"f16": 0.02, "bf16": 0.1}


def compare(number):
    kinds = ((FIRST_SYSTEM, SystemProgram), (FIRST_OF_LIBRARY, LibraryProgram), (FIRST_DEEP, DeepProgram), (1, Program))
    program = next(kind for first, kind in kinds if number >= first)(number)
    text, data = program.source(), SMALL
    if number >= FIRST_OF_LIBRARY:
        data = tmp(f"data{number}")
        program.write_data(data)
    source, executable = write(f"p{number}.nn", text), tmp(f"p{number}")
    outcome = run(NNC, "build", source, "--target", "cuda", "--gpu", "ptx", "-o", executable, "--data", data)
    if not check(outcome.status == 0, f"program {number} is compiled", outcome.err[-1500:] + text):
        return
    curves = {}
    for device in ("cpu", "emulator"):
        curves[device] = losses(executable, "--device", device, "--seed", 4, "--steps", 3, data=data)
    error, bound = relative_error(curves["emulator"], curves["cpu"]), TOLERANCE.get(getattr(program, "element", "f32"), 1e-4)
    check(error < bound, f"program {number}: the emulator's losses are the processor's", f"{error} {curves}\n{text}" if error >= bound else error)


for number in chosen([*range(1, 5), *range(FIRST_DEEP, FIRST_DEEP + 2), *range(FIRST_OF_LIBRARY, FIRST_OF_LIBRARY + 2),
                      *range(FIRST_SYSTEM, FIRST_SYSTEM + 2)], 1, 10**9):
    compare(number)
finish()
