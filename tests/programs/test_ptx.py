"""Kernels of whole programs through NVIDIA's assembler, for each generation of chips: none keeps a register in memory.

How many registers a thread of each kernel takes, and how much memory a block shares, ptx/resources.txt records, so that
a change is seen. It holds for one release of the assembler; with others only what may not be is checked.

    python3 tests/programs/test_ptx.py --update     writes the record anew
"""
# RUN: %python %s

import concurrent.futures
import glob
import os
import re
import shutil
import sys

from support import HERE, NNC, ROOT, check, finish, run, skip, tmp

PTXAS = shutil.which("ptxas") or "/usr/local/cuda/bin/ptxas"
CHIPS = ("sm_80", "sm_90", "sm_90a", "sm_100")
RECORD = os.path.join(HERE, "ptx", "resources.txt")
PROGRAMS = [*sorted(glob.glob(os.path.join(ROOT, "examples", "*.nn"))), *sorted(glob.glob(os.path.join(HERE, "ptx", "*.nn")))]


def name_of(program):
    return os.path.basename(program)[: -len(".nn")]


def assemble(program, chip):
    """({kernel: (registers, shared bytes)}, what is wrong) of a program for a chip."""
    ptx = tmp(f"{name_of(program)}.{chip}.ptx")
    outcome = run(NNC, "build", program, "--target", "cuda", "--gpu", chip, "--emit", "ptx", "-o", ptx)
    if outcome.status:
        return {}, outcome.err[-1000:]
    with open(ptx, encoding="utf-8") as file:
        text = file.read()
    if ".extern .func" in text:
        return {}, "it calls " + ", ".join(re.findall(r"\.extern \.func .*?(\w+)\s*\n?\(", text))
    outcome = run(PTXAS, "-v", f"-arch={chip}", ptx, "-o", ptx + ".cubin")
    if outcome.status:
        return {}, outcome.err[-1000:]
    kernels, wrong = {}, []
    for kernel, body in re.findall(r"Compiling entry function '(\w+)'.*\n((?:(?!.*Compiling entry).*\n)*)", outcome.err):
        stored, loaded = re.search(r"(\d+) bytes spill stores, (\d+) bytes spill loads", body).groups()
        if (stored, loaded) != ("0", "0"):
            wrong.append(f"{kernel} keeps {stored} bytes of registers in memory")
        shared = re.search(r"(\d+) bytes smem", body)
        kernels[kernel] = (int(re.search(r"Used (\d+) registers", body)[1]), int(shared[1]) if shared else 0)
    if len(kernels) != text.count(".entry "):
        wrong.append(f"{text.count('.entry ')} kernels, of which {len(kernels)} were assembled")
    return kernels, "; ".join(wrong)


def show(found):
    """The record: a line for each program and kernel that some chip has."""
    yield f"# ptxas {version()}: program kernel, registers on {' '.join(CHIPS)}, shared bytes"
    for program in PROGRAMS:
        of_chips = [found[program, chip][0] for chip in CHIPS]
        for kernel in dict.fromkeys(kernel for kernels in of_chips for kernel in kernels):
            registers = [str(kernels[kernel][0]) if kernel in kernels else "-" for kernels in of_chips]
            shared = max(kernels[kernel][1] for kernels in of_chips if kernel in kernels)
            yield f"{name_of(program)} {kernel}  {' '.join(registers)}  {shared}"


def version():
    return re.search(r"release [\d.]+, V[\d.]+", run(PTXAS, "--version").out)[0]


def main():
    if not os.path.exists(PTXAS):
        skip("kernels of whole programs", "no ptxas here")
        check(True, "nothing to check without ptxas")
        return
    pairs = [(program, chip) for program in PROGRAMS for chip in CHIPS]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = dict(zip(pairs, pool.map(lambda pair: assemble(*pair), pairs)))
    for program, chip in pairs:
        kernels, wrong = found[program, chip]
        check(kernels and not wrong, f"{name_of(program)} for {chip}: {len(kernels)} kernels without spills", wrong)
    lines = sorted(show(found))
    if "--update" in sys.argv[1:]:
        with open(RECORD, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    with open(RECORD, encoding="utf-8") as file:
        recorded = file.read().splitlines()
    if recorded[:1] != lines[:1]:
        skip("registers of kernels", f"the record is of another ptxas than {version()}")
        return
    changed = [f"- {line}" for line in recorded if line not in lines] + [f"+ {line}" for line in lines if line not in recorded]
    check(not changed, "registers and shared memory are as recorded; --update where the change is meant", "\n  ".join(["", *changed[:40]]) if changed else "")


main()
finish()
