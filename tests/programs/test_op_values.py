"""The value of every operation of the nn dialect against NumPy, for every element type that its definition allows.

Operations and types come from the dialect's definition, so that a new one fails here until op_reference.py has it. All
programs, each of one operation, are one module, which goes through the compiler's own pipeline; each is run with its
sizes known and with a symbolic batch of several sizes, between guard bytes. Without optimisation sizes make no
difference, so only the latter are compiled once more for that.

NNC_OPS_SEED chooses other shapes and values.
"""
# RUN: %python %s

import concurrent.futures
import ctypes
import os
import re

import numpy as np

import autodiff
from element_types import FLOATS, STORED, differences, load, store, ulp
from interpreter import OPS as INTERPRETED
from interpreter import evaluate_block, generic
from mlir_text import functions, parse
from op_cases import of_batch
from op_reference import OPS
from support import BIN, ROOT, check, finish, run, tmp

LLVM = os.environ.get("LLVM_BIN", "/usr/lib/llvm-22/bin")
SEED = int(os.environ.get("NNC_OPS_SEED", "1"))
GUARD = 64
# What is gone before code is made: the first needs a pass of its own, the second ends a body.
BODIES_ONLY = ("gradient", "yield")
# Those whose cases differ in more than their shapes.
EVERY_CASE = ("and", "cast", "compare", "not", "or", "random")


def registered():
    """{mnemonic: element types}: those of the operand or result that allows most."""
    include = os.path.join(os.path.dirname(LLVM), "include")
    text = run(
        os.path.join(LLVM, "mlir-tblgen"),
        "-gen-op-doc",
        "-I",
        ROOT,
        "-I",
        include,
        os.path.join(ROOT, "dialects/nn/ir/NnOps.td"),
    ).out
    ops = {}
    for name, body in re.findall(r"^### `nn\.(\w+)`.*\n((?:(?!### ).*\n)*)", text, re.M):
        if name in BODIES_ONLY:
            continue
        rows = re.findall(r"^\| `\w+` \| (.*?) ?\|", body, re.M)
        words = [
            row.replace("a float type", ", ".join(FLOATS)).replace("1-bit signless integer", "i1")
            for row in rows
        ]
        ops[name] = max((re.findall(r"\b(?:b?f|u?i)\d+\b", row) for row in words), key=len)
    return ops


class Program:
    """A case with a static or a symbolic batch, as a function of the module."""

    def __init__(self, number, op, case, symbolic):
        self.name, self.op, self.case, self.symbolic = f"f{number}", op, case, symbolic
        self.levels = (3,) if case.has_batch() and not symbolic else (0, 3)

    def type(self, element, shape):
        size = "?" if self.symbolic else self.case.batches[0]
        return f"tensor<{''.join(f'{n}x' for n in of_batch(shape, size))}{element}>"

    def text(self):
        case = self.case
        batch = "%n" if self.symbolic else case.batches[0]
        types = [self.type(operand.element, operand.shape) for operand in case.operands]
        result = self.type(case.element, case.shape)
        sizes = "[" + ", ".join(map(str, of_batch(case.shape, batch))) + "]"
        code = case.code.format(*types, y=result, B="%n", sizes=sizes)
        arguments = ", ".join(["%n: index"] + [f"%{i}: {type}" for i, type in enumerate(types)])
        return (
            f'func.func @{self.name}({arguments}) -> {result} attributes {{nn.entry = "predict"}} {{\n'
            f"  {self.result(code)} = nn.{code}\n  return %y : {result}\n}}\n"
        )

    @staticmethod
    def result(code):
        """Code that goes on names its result itself, and the two of its first operation %s."""
        return "%s:2" if "%y =" in code else "%y"

    def __str__(self):
        return f"{self.op} {'symbolic' if self.symbolic else 'static'}: {self.text().splitlines()[1].strip()}"


class Buffer:
    """An array in aligned memory, with guard bytes on either side."""

    def __init__(self, array):
        self.count = array.nbytes
        memory = np.full(self.count + 2 * GUARD + 64, 0xA5, np.uint8)
        self.start = -memory.ctypes.data % 64 + GUARD
        self.memory, self.array = memory, array
        memory[self.start : self.start + self.count] = np.frombuffer(array.tobytes(), np.uint8)

    def address(self):
        return self.memory.ctypes.data + self.start

    def read(self):
        return (
            self.memory[self.start : self.start + self.count]
            .view(self.array.dtype)
            .reshape(self.array.shape)
        )

    def is_guarded(self):
        return bool(
            (self.memory[: self.start] == 0xA5).all()
            and (self.memory[self.start + self.count :] == 0xA5).all()
        )


def call(library, program, batch, operands):
    """The result's bytes; fails where anything else was written."""
    case = program.case
    inputs = [
        Buffer(store(values, operand.element)) for values, operand in zip(operands, case.operands)
    ]
    output = Buffer(np.zeros(of_batch(case.shape, batch), STORED[case.element]))
    scalars = (ctypes.c_int64 * 1)(batch)
    measure = library[program.name + "_workspace"]
    measure.restype = ctypes.c_uint64
    workspace = Buffer(np.zeros(measure(scalars), np.uint8))
    pointers = (ctypes.c_void_p * (len(inputs) + 1))(
        *[buffer.address() for buffer in [*inputs, output]]
    )
    library[program.name](None, scalars, pointers, ctypes.c_void_p(workspace.address()))
    clean = all(buffer.is_guarded() for buffer in [*inputs, output, workspace])
    clean = clean and all(buffer.read().tobytes() == buffer.array.tobytes() for buffer in inputs)
    return load(output.read(), case.element), clean


def find_errors(program, library, level):
    """What a program computes wrongly, or nothing."""
    case = program.case
    rng = np.random.default_rng(SEED)
    for batch in case.batches if program.symbolic else case.batches[:1]:
        operands = [
            operand.make(rng, operand.element, of_batch(operand.shape, batch))
            for operand in case.operands
        ]
        found, clean = call(library, program, batch, operands)
        with np.errstate(all="ignore"):
            expected = np.asarray(case.reference(*([batch] if case.wants_batch else []), *operands))
            bound = case.bound(*operands) if callable(case.bound) else case.bound
            if not callable(case.bound) and bound:
                bound = bound * ulp(expected, case.element)
            wrong = differences(found, expected, case.element, bound)
        where = f"-O{level} {program}, batch {batch}"
        if found.shape != expected.shape or not clean:
            return (
                f"{where}: wrote beyond its result"
                if not clean
                else f"{where}: shape {expected.shape} in the reference"
            )
        if wrong.any():
            at = tuple(int(i[0]) for i in np.nonzero(wrong)) if wrong.ndim else ()
            given = [x[at] for x in operands if x.shape == wrong.shape]
            return f"{where}: {found[at]!r} instead of {expected[at]!r} at {at}, of {given}; {int(wrong.sum())} of {wrong.size}"
    return ""


def compile_all(programs, level):
    """A shared object of the programs' functions. LLVM's own optimisation is not what is tested: a little will do."""
    base = tmp(f"ops{level}")
    with open(base + ".nn.mlir", "w", encoding="utf-8") as file:
        file.writelines(program.text() for program in programs)
    # The runtime's loop over threads: here one after the other, the last one first, for any order is right.
    with open(tmp("parallel.c"), "w", encoding="utf-8") as file:
        file.write("void nnrt_parallel_for(void *c, void (*body)(void *, long), void *e, long n) { while (n-- > 0) body(e, n); }\n")
    pipeline = f"--pass-pipeline=builtin.module(nn-to-llvm{{opt-level={level}}})"
    clang = [f"{LLVM}/clang", f"-O{min(level, 1)}", "-march=native", "-w", "-fPIC", "-shared", "-Wl,-z,defs"]
    for step in (
        [f"{BIN}/nn-opt", base + ".nn.mlir", pipeline, "-o", base + ".mlir"],
        [f"{LLVM}/mlir-translate", "--mlir-to-llvmir", base + ".mlir", "-o", base + ".ll"],
        [*clang, f"--ld-path={LLVM}/ld.lld", "-x", "c", tmp("parallel.c"), "-x", "ir", base + ".ll", "-lm"]
        + ["-o", base + ".so"],
    ):
        outcome = run(*step)
        if outcome.status:
            check(False, f"-O{level}: {os.path.basename(step[0])}", outcome.err[:2000])
            finish()
    return ctypes.CDLL(base + ".so")


# The interpreter computes in these; narrower floats it does not round to.
EXACT = ("f64", "i64", "i32", "ui8", "i1")


def interpreter_errors(programs):
    """{operation: errors} of the interpreter that random programs are held against: from the text of these."""
    with open(tmp("exact.mlir"), "w", encoding="utf-8") as file:
        file.writelines(program.text() for program in programs)
    blocks = {name: op.regions[0][0] for name, op in functions(parse(generic(tmp("exact.mlir"), tmp("exact.generic")))).items()}
    wrong = {}
    for program in programs:
        case = program.case
        batch = case.batches[0]
        rng = np.random.default_rng([SEED, batch])
        operands = [operand.make(rng, operand.element, of_batch(operand.shape, batch)) for operand in case.operands]
        with np.errstate(all="ignore"):
            expected = np.asarray(case.reference(*([batch] if case.wants_batch else []), *operands))
            values = [autodiff.Value(np.asarray(x)) for x in operands]
            found = evaluate_block(blocks[program.name], [batch, *values])[0].array
            near = np.isclose(found, expected, rtol=1e-11, atol=1e-11, equal_nan=True)
        if found.shape != expected.shape or not near.all() or (case.element != "f64" and (found != expected).any()):
            wrong.setdefault(program.op, []).append(f"{program}: {found} instead of {expected}"[:400])
    return wrong


def make_programs():
    ops = registered()
    check(len(ops) >= 40, "the dialect's operations", len(ops))
    check(set(ops) == set(OPS), "each has a reference in NumPy", sorted(set(ops) ^ set(OPS)) or "")
    programs = []
    for op in sorted(set(ops) & set(OPS)):
        for place, element in enumerate(ops[op]):
            rng = np.random.default_rng([SEED, *op.encode(), *element.encode()])
            for number, case in enumerate(OPS[op](element, rng)):
                # All shapes for f32; by turns for the others.
                if element != "f32" and op not in EVERY_CASE and (number + place) % 2:
                    continue
                for symbolic in (False, True) if case.has_batch() else (False,):
                    programs.append(Program(len(programs), op, case, symbolic))
    return programs


def main():
    programs = make_programs()
    check(not {program.op for program in programs} - set(INTERPRETED), "the interpreter knows each operation",
          sorted({program.op for program in programs} - set(INTERPRETED)))
    exact = [program for program in programs
             if program.op in INTERPRETED and {program.case.element, *(o.element for o in program.case.operands)} <= set(EXACT)]
    wrong = interpreter_errors(exact)
    for op in sorted({program.op for program in exact}):
        check(op not in wrong, f"the interpreter's nn.{op}", "\n  ".join(wrong.get(op, [])[:3]))
    of_level = {
        level: [program for program in programs if level in program.levels] for level in (0, 3)
    }
    with concurrent.futures.ThreadPoolExecutor() as pool:
        libraries = dict(
            zip(of_level, pool.map(lambda level: compile_all(of_level[level], level), of_level))
        )
    for op in sorted({program.op for program in programs}):
        mine = [
            (level, program)
            for level in of_level
            for program in of_level[level]
            if program.op == op
        ]
        wrong = [
            text
            for text in (find_errors(program, libraries[level], level) for level, program in mine)
            if text
        ]
        check(
            not wrong,
            f"nn.{op}: {len(mine)} programs",
            "\n  ".join(wrong[:8]) + (f"\n  ... {len(wrong)}" if len(wrong) > 8 else ""),
        )


main()
finish()
