"""What the README promises of a built program: small, and in need of nothing but the system's own libraries."""
# RUN: %python %s

import os
import re
import resource

from support import MNIST, NNC, ROOT, check, finish, run, tmp, write

LLVM = os.environ.get("LLVM_BIN", "/usr/lib/llvm-22/bin")
SOURCE = os.path.join(ROOT, "examples", "mnist_mlp.nn")
MOST_BYTES = 700 << 10
# What a C++ program needs on any distribution; libpthread is part of libc where that is newer than 2.34.
SYSTEM = {
    "libc.so.6",
    "libm.so.6",
    "libpthread.so.0",
    "libstdc++.so.6",
    "libgcc_s.so.1",
    "ld-linux-x86-64.so.2",
}


def readelf(*options):
    return run(os.path.join(LLVM, "llvm-readelf"), *options, tmp("net")).out


outcome = run(NNC, "build", SOURCE, "-o", tmp("net"))
check(outcome.status == 0, "build mnist_mlp.nn", f"{outcome.seconds:.2f} s")
stripped = run(os.path.join(LLVM, "llvm-strip"), tmp("net"), "-o", tmp("stripped"))
size = os.path.getsize(tmp("stripped")) if stripped.status == 0 else MOST_BYTES + 1
check(
    size <= MOST_BYTES, f"stripped, it has at most {MOST_BYTES >> 10} KiB", f"{size / 1024:.0f} KiB"
)

dynamic = readelf("--dynamic")
needed = set(re.findall(r"\(NEEDED\)\s+Shared library: \[(.+?)\]", dynamic))
check(
    "libc.so.6" in needed and needed <= SYSTEM,
    "it needs only the C and C++ system libraries",
    sorted(needed),
)
check(
    "RPATH" not in dynamic and "RUNPATH" not in dynamic,
    "and looks for them nowhere but where the system has them",
)
check(
    re.search(r"GNU_STACK\s.*\bRW\s", readelf("--program-headers")), "its stack is not executable"
)

# Elsewhere, without the compiler: nothing of this tree, no environment.
copy = tmp("moved")
os.rename(tmp("stripped"), copy)
outcome = run(copy, "info", "--json", env={}, cwd="/")
check(
    outcome.status == 0 and '"mlp"' in outcome.out,
    "a stripped copy runs elsewhere",
    outcome.err.strip()[:200],
)
check(ROOT not in outcome.out, "and its description names no folder of the machine that built it")

# What `summary` says of a step's memory is what training takes, where all batches are whole.
total = re.search(r"total +([\d,]+) +bytes", run(NNC, "summary", SOURCE).out)
check(total, "summary states the memory of a training step")
total = int(total[1].replace(",", "")) if total else 0
with open(SOURCE, encoding="utf-8") as file:
    source = file.read()
for bytes_more in (0, -64):
    budget = f'  budget    memory: "{(total + bytes_more) / 1024}KiB"\n}}\n'
    path = write("budget.nn", source.rstrip().removesuffix("}") + budget)
    outcome = run(NNC, "build", path, "-o", tmp("budget"))
    if bytes_more:
        check(outcome.status == 1 and "E0802" in outcome.err, "less is refused", outcome.err[:80])
        continue
    check(outcome.status == 0, f"a budget of {total} bytes is met", outcome.err[:200])
    outcome = run(tmp("budget"), "train", "--data", MNIST, "--steps", "2", "--quiet")
    check(outcome.status == 0, "and training keeps to it", outcome.err[:200])

# What is emitted and verified grows with a network as the network does.
seconds = {}
for layers in (100, 400):
    path = write(
        f"deep{layers}.nn",
        "model net(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] {\n"
        f"  image / 255 |> flatten |> dense(16) |> repeat({layers}) dense(16) |> dense(10)\n}}\n\n"
        "train net {\n  data      mnist(image, label)\n  loss      cross_entropy(logits, label)\n"
        "  optimizer adam(lr: 1e-3)\n  batch     32\n  steps     1\n}\n",
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    outcome = run(NNC, "build", path, "--emit", "mlir", "--stage", "nn", "-o", tmp("deep.mlir"))
    seconds[layers] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    check(outcome.status == 0, f"emit {layers} layers", f"{seconds[layers]:.2f} s")
check(seconds[400] < 6 * seconds[100], "four times the layers take six times the time at most")
finish()
