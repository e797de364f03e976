"""The functions of mathematics that GPUs compute by arithmetic, against C's library, on the host.

What codegen-expand-math and the polynomials make of each function is compiled for this machine as it is for the
emulator; IEEE arithmetic gives the same bits on a GPU. Arguments are special values, numbers of every exponent, and
many where a function is interesting. NNC_OPS_SEED chooses others.
"""
# RUN: %python %s

import ctypes
import math
import os

import numpy as np

from element_types import ulp
from support import BIN, LLVM, check, finish, run, tmp

SEED = int(os.environ.get("NNC_OPS_SEED", "1"))
COUNT = 20000
TYPES = {"f32": np.float32, "f64": np.float64}
# What is precise enough to judge a type's functions.
WIDE = {"f32": np.float64, "f64": np.longdouble}
TINY = {"f32": 2.0**-126, "f64": 2.0**-1022}
MOST = {"f32": 2.0**127, "f64": 2.0**1023}
OPS = {
    "exp": "math.exp",
    "expm1": "math.expm1",
    "log": "math.log",
    "log1p": "math.log1p",
    "tanh": "math.tanh",
    "erf": "math.erf",
    "erfc": "math.erfc",
    "sin": "math.sin",
    "cos": "math.cos",
    "rsqrt": "math.rsqrt",
    "pow": "math.powf",
    "fmod": "arith.remf",
}
BINARY = ("pow", "fmod")
# Units in the last place, of f32 and f64. Those of f32 that go through no code of ours are upstream's polynomials, as
# the CPU's are.
BOUNDS = {
    "exp": (5, 1.5),
    "expm1": (5, 2),
    "log": (2, 1.5),
    "log1p": (4, 2),
    "tanh": (6, 3),
    "erf": (5, 3),
    "erfc": (8, 5),
    "sin": (3, 3),
    "cos": (3, 3),
    "rsqrt": (1.5, 1.5),
    "pow": (0.51, 3),
    "fmod": (0, 0),
}


def references(name, element):
    """The function in a wider type."""
    wide = WIDE[element]
    if name in ("erf", "erfc"):
        function = np.vectorize(getattr(math, name), otypes=[np.float64])
        return lambda x: function(x.astype(np.float64))
    if name == "rsqrt":
        return lambda x: 1 / np.sqrt(x.astype(wide))
    if name == "fmod":
        return lambda x, y: np.fmod(x, y)
    function = np.power if name == "pow" else getattr(np, name)
    return lambda *operands: function(*[x.astype(wide) for x in operands])


def specials(element):
    near = [0.5, 1, 2, 3, math.pi / 4, math.pi / 2, math.pi, 10, 88.7, 87.3, 103, 709.7, 708.4, 745, 2.0**17, 2.0**30, 1e22]
    values = [0.0, np.inf, TINY[element], MOST[element], 2 * TINY[element], *near]
    values += [np.nextafter(TYPES[element](x), TYPES[element](toward)) for x in near for toward in (0, np.inf)]
    return np.array([sign * x for x in values for sign in (1, -1)] + [np.nan], TYPES[element])


def draw(rng, element, count):
    """Numbers of every exponent, of both signs, that aren't denormal."""
    low, high = math.log2(TINY[element]), math.log2(MOST[element])
    sizes = np.exp2(rng.uniform(low, high, count).astype(np.longdouble)) * (1 + rng.random(count))
    return (sizes * rng.choice([-1, 1], count)).astype(TYPES[element])


def operands_of(name, element, rng):
    kind = TYPES[element]
    if name in BINARY:
        few = specials(element)
        x, y = [values.ravel() for values in np.meshgrid(few, few)]
        bases = np.exp(rng.normal(0, 3, COUNT)) * rng.choice([-1, 1], COUNT)
        near = rng.normal(1, 1e-3, COUNT)
        powers = np.concatenate([rng.normal(0, 20, COUNT // 2), rng.integers(-40, 40, COUNT - COUNT // 2)])
        xs = [x, draw(rng, element, COUNT), draw(rng, element, COUNT), bases, near]
        ys = [y, draw(rng, element, COUNT), rng.normal(0, 3, COUNT), powers, powers * 500]
        with np.errstate(all="ignore"):
            return [np.concatenate(parts).astype(kind) for parts in (xs, ys)]
    spread = [rng.normal(0, scale, COUNT) for scale in (1e-3, 0.3, 1, 4, 30, 300, 1e5)]
    turns = rng.integers(1, 1 << 40, COUNT) * (math.pi / 2)  # Hardly anything is left of these.
    with np.errstate(all="ignore"):
        parts = [specials(element), draw(rng, element, COUNT), *spread, 1 + rng.normal(0, 1e-4, COUNT), turns]
        return [np.concatenate([part.astype(kind) for part in parts])]


def function_text(name, element):
    buffers = ", ".join(f"%{i}: memref<?x{element}>" for i in ("x", "y", "out"))
    operands = "%a, %b" if name in BINARY else "%a"
    return f"""func.func @{name}_{element}({buffers}, %n: index) attributes {{llvm.emit_c_interface}} {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {{
    %a = memref.load %x[%i] : memref<?x{element}>
    %b = memref.load %y[%i] : memref<?x{element}>
    %c = {OPS[name]} {operands} : {element}
    memref.store %c, %out[%i] : memref<?x{element}>
  }}
  return
}}
"""


def compile_all():
    with open(tmp("math.mlir"), "w", encoding="utf-8") as file:
        file.writelines(function_text(name, element) for name in OPS for element in TYPES)
    passes = "codegen-expand-math,codegen-lower-vectors,func.func(canonicalize,cse,convert-scf-to-cf),codegen-lower-to-llvm,reconcile-unrealized-casts"
    for step in (
        [f"{BIN}/nn-opt", tmp("math.mlir"), f"--pass-pipeline=builtin.module({passes})", "-o", tmp("llvm.mlir")],
        [f"{LLVM}/mlir-translate", "--mlir-to-llvmir", tmp("llvm.mlir"), "-o", tmp("math.ll")],
        # Without libm: nothing may be called.
        [f"{LLVM}/clang", "-O1", "-march=native", "-ffp-contract=off", "-w", "-fPIC", "-shared", "-nostdlib", "-Wl,-z,defs"]
        + [f"--ld-path={LLVM}/ld.lld", "-x", "ir", tmp("math.ll"), "-o", tmp("math.so")],
    ):
        outcome = run(*step)
        if not check(outcome.status == 0, f"{os.path.basename(step[0])} takes them", outcome.err[:2000]):
            finish()
    return ctypes.CDLL(tmp("math.so"))


class Descriptor(ctypes.Structure):
    """A memref<?x...> as upstream's C interface passes it."""

    _fields_ = [("allocated", ctypes.c_void_p), ("aligned", ctypes.c_void_p)] + [
        (name, ctypes.c_int64) for name in ("offset", "size", "stride")
    ]


def evaluate(library, name, element, operands):
    out = np.zeros_like(operands[0])
    arrays = [operands[0], operands[-1], out]
    descriptors = [Descriptor(a.ctypes.data, a.ctypes.data, 0, a.size, 1) for a in arrays]
    library[f"_mlir_ciface_{name}_{element}"](*[ctypes.byref(d) for d in descriptors], ctypes.c_int64(out.size))
    return out


def worst_of(name, element, operands, found):
    """(the greatest error in units in the last place, a text that shows it)"""
    with np.errstate(all="ignore"):
        exact = references(name, element)(*operands)
        expected = exact.astype(TYPES[element])
        unit = ulp(expected.astype(np.float64), element)
        error = np.abs(found.astype(WIDE[element]) - exact) / unit
    plain = np.isfinite(expected) & (np.abs(expected) >= TINY[element]) & np.isfinite(found)
    error = np.where(plain, error.astype(np.float64), 0)
    same = (found == expected) & (np.signbit(found) == np.signbit(expected)) | (np.isnan(found) & np.isnan(expected))
    # Denormal numbers may be zeros, and the greatest number infinite. A zero has its sign, but in upstream's polynomial.
    nearly = (np.abs(expected) < TINY[element]) & (np.abs(found) <= 1.001 * TINY[element])
    nearly &= (exact != 0) | (name == "erf" and element == "f32")
    edge = ~np.isfinite(expected) | ~np.isfinite(found)
    edge &= (np.minimum(np.abs(expected), np.abs(found)) >= 2 * MOST[element] * (1 - 1e-6)) & (np.sign(expected) == np.sign(found))
    error = np.where(~plain & ~same & ~nearly & ~edge, np.inf, error)
    at = int(np.argmax(error))
    return error[at], f"{error[at]:.3f} of ({', '.join(repr(x[at]) for x in operands)}): {found[at]!r} instead of {expected[at]!r}"


def main():
    library = compile_all()
    for place, element in enumerate(TYPES):
        for number, name in enumerate(OPS):
            operands = operands_of(name, element, np.random.default_rng([SEED, number]))
            worst, text = worst_of(name, element, operands, evaluate(library, name, element, operands))
            check(worst <= BOUNDS[name][place], f"{name} of {element} within {BOUNDS[name][place]}", text)


main()
finish()
