"""What `nnc check` accepts can be built, and every form on the way can be printed.

The programs are those of the documents, the examples and all tests, broken ones included: check decides which of them
count.
"""
# RUN: %python %s

import concurrent.futures
import glob
import os
import re

from support import BIN, NNC, ROOT, check, finish, run, tmp

STAGES = ["nn", "grad", "linalg", "kernels", "bufferized", "llvm"]
# What check can't know: files that are elsewhere, and memory, which is planned when a program is built.
BEYOND_CHECK = (
    "there is no model to compile, only declarations",
    "error[E0643]",
    "error[E0802]",
)
ENDINGS = {"obj": b"\x7fELF", "exe": b"\x7fELF", "llvm": b"; ModuleID", "asm": b"\t.file"}


def programs():
    """{name: path} of everything that could be one."""
    found = {}
    for document in glob.glob(os.path.join(ROOT, "*.md")) + glob.glob(
        os.path.join(ROOT, "docs", "**", "*.md"), recursive=True
    ):
        with open(document, encoding="utf-8") as file:
            for number, body in enumerate(
                re.findall(r"```nn[^\n]*\n(.*?)```", file.read(), re.S), 1
            ):
                name = f"{os.path.relpath(document, ROOT)}, block {number}"
                found[name] = tmp(f"block{len(found)}.nn")
                with open(found[name], "w", encoding="utf-8") as block:
                    block.write(body)
    for pattern in ("examples/**/*.nn", "tests/**/*.nn", "tests/fuzz/corpus/s*/*"):
        for path in glob.glob(os.path.join(ROOT, pattern), recursive=True):
            found[os.path.relpath(path, ROOT)] = path
    return found


def build(name, path, out):
    """Whether a file builds; of several models each."""
    command = [NNC, "build", path, "-O0", "--emit", "obj", "-o", out]
    outcome = run(*command)
    several = re.search(r"there are several models, (.*?): choose one", outcome.err)
    outcomes = (
        [run(*command, "--model", model) for model in several[1].split(", ")]
        if several
        else [outcome]
    )
    wrong = [
        o.err[-600:]
        for o in outcomes
        if o.status and not any(words in o.err for words in BEYOND_CHECK)
    ]
    return f"build {name}", not wrong, "\n".join(wrong)


def emit(path, kind, options, out):
    """Whether a form can be printed and is what it should be."""
    outcome = run(NNC, "build", path, "--emit", kind, "-o", out, *options)
    what = f"{os.path.basename(path)} --emit {kind} {' '.join(options)}"
    if outcome.status:
        return what, False, outcome.err[-600:]
    if kind == "mlir":
        outcome = run(os.path.join(BIN, "nn-opt"), out, "-o", os.devnull)
        return what + ", which nn-opt reads", outcome.status == 0, outcome.err[-600:]
    with open(out, "rb") as file:
        start = file.read(16)
    return what, start.startswith(ENDINGS[kind]), "" if start.startswith(ENDINGS[kind]) else start


# The example that is printed in every form. The others are built as programs by test_examples.py.
EVERY_FORM = "mnist_mlp.nn"


def forms(path):
    if os.path.basename(path) != EVERY_FORM:
        # What is read back differs most between programs; an older processor has other kernels.
        yield path, "mlir", ["--stage", "kernels", "-O3"]
        yield path, "mlir", ["--stage", "bufferized", "-O3"]
        yield path, "exe", ["-O1", "--cpu", "x86-64"]
        return
    # Every form at both ends; what lies between is the same code with other passes.
    for level in ("-O0", "-O3"):
        for stage in STAGES:
            yield path, "mlir", ["--stage", stage, level]
        for kind in ENDINGS:
            yield path, kind, [level]
    for other in (["-O1"], ["-O2"], ["--cpu", "x86-64"], ["--cpu", "x86-64-v3"]):
        yield path, "exe", other


# Layers of several widths and a rule whose numbers, of the step alone, are computed by kernels.
DRAWN = """
model net(x: f32[batch, 12]) -> y: f32[batch, 40] = x |> dense(12) |> tanh |> dense(40)

train net {
  let x: f32[batch, 12] = normal()
  loss      mean((net(x) - concat(x, x, x, x[:, 0..4])) ^ 2)
  optimizer adam(lr: 1e-2)
  batch     9
  steps     8
}
"""


def same_bits():
    """What `--emit obj` gives trains as the program does, whose kernels are compiled apart, to the bit."""
    source = tmp("drawn.nn")
    with open(source, "w", encoding="utf-8") as file:
        file.write(DRAWN)
    run(NNC, "build", source, "-o", tmp("apart"))
    run(NNC, "build", source, "--emit", "obj", "-o", tmp("whole.o"))
    runtime = os.path.join(os.path.dirname(BIN), "lib", "libnnrt.a")
    outcome = run("c++", tmp("whole.o"), runtime, "-lm", "-pthread", "-o", tmp("whole"))
    check(outcome.status == 0, "an object is linked with the runtime", outcome.err[-600:])
    weights = []
    for name in ("apart", "whole"):
        saved = tmp(name + ".safetensors")
        outcome = run(tmp(name), "train", "--quiet", "--save", saved)
        check(outcome.status == 0, f"'{name}' trains", outcome.err[-600:])
        with open(saved, "rb") as file:
            weights.append(file.read())
    check(weights[0] == weights[1], "kernels beside their callers compute what they do apart from them")


def main():
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        candidates = sorted(programs().items())
        verdicts = pool.map(lambda item: run(NNC, "check", item[1], ).status, candidates)
        accepted = [item for item, status in zip(candidates, verdicts) if status == 0]
        check(len(accepted) >= 30, "programs that check accepts", len(accepted))
        wanted = [(build, name, path) for name, path in accepted]
        for path in sorted(glob.glob(os.path.join(ROOT, "examples", "*.nn"))):
            wanted += [(emit, *form) for form in forms(path)]
        jobs = [
            pool.submit(function, *rest, tmp(f"out{i}"))
            for i, (function, *rest) in enumerate(wanted)
        ]
        for job in jobs:
            what, ok, found = job.result()
            check(ok, what, found)


same_bits()
main()
finish()
