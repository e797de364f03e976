"""Training, evaluation and prediction under ThreadSanitizer: the runtime and the compiled model, whose parallel loops are
instrumented too.

The model's LLVM IR is printed, marked for the sanitizer, and linked with the runtime of the build that is tested
(scripts/sanitize.sh --thread). It is compiled for a processor whose vectors have 16 bytes, for the sanitizer looks away
from accesses that are wider.
"""
# REQUIRES: thread-sanitizer
# RUN: %python %s
import glob
import os
import re

import numpy as np

from support import LLVM, NNC, ROOT, check, finish, read_idx, run, tmp, write_small_mnist

BUILD = os.environ["NNC_BUILD"]
CPU = "x86-64-v2"

# Wide enough for their loops to be shared among threads.
MODELS = {
    "mlp": "image / 255 |> flatten |> dense(512) |> relu |> dense(512) |> relu |> dense(10)",
    "conv": "(image / 255)[..., new] |> conv2d(16, 3) |> relu |> max_pool(2) |> batch_norm |> conv2d(32, 4) |> relu |> max_pool(2) "
            "|> flatten |> dense(10)",
    "loops": "image / 255 |> lstm(96) |> dropout(0.2) |> gru(64) |> attention(4) |> mean(axis: 1) |> dense(10)",
}
RECIPES = {
    "mlp": "",
    "conv": "  evaluate  every: 2\n  keep      max: accuracy\n  augment   image = random_shift(image, 2)\n",
    "loops": "  clip      norm: 1.0\n  accumulate 2\n  ema       0.9\n",
}
SOURCE = """
model net(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] {
  %s
}

train net {
  data      mnist(image, label)
  loss      cross_entropy(logits, label)
  metric    accuracy(logits, label)
  optimizer adam(lr: 1e-3)
  batch     128
  epochs    2
%s}
"""


def instrumented(name):
    """The program, instrumented; an empty path where it can't be made, which counts."""
    with open(tmp(name + ".nn"), "w", encoding="utf-8") as file:
        file.write(SOURCE % (MODELS[name], RECIPES[name]))
    code = tmp(name + ".ll")
    outcome = run(NNC, "build", tmp(name + ".nn"), "--emit", "llvm", "--cpu", CPU, "-o", code)
    if not check(outcome.status == 0, f"build {name}.nn --emit llvm", outcome.err[-800:]):
        return ""
    with open(code, encoding="utf-8") as file:
        text = file.read()
    check("@nnrt_parallel_for" in text, "its loops are shared among threads")
    marked, count = re.subn(r"^(define .*\)(?: (?:local_)?unnamed_addr)?)((?: [^()]*)? \{)$", r"\1 sanitize_thread\2", text, flags=re.M)
    check(count > 5, "functions that are watched", count)
    with open(code, "w", encoding="utf-8") as file:
        file.write(marked)
    bytes_of = {"double": 8, "i64": 8, "ptr": 8, "float": 4, "i32": 4, "half": 2, "i16": 2, "bfloat": 2, "i8": 1, "i1": 1}
    wide = [access for access in re.findall(r" (?:load|store) <(\d+) x (\w+)>", text) if int(access[0]) * bytes_of[access[1]] > 16]
    check(not wide and "@llvm.masked" not in text, "the sanitizer sees all that they read and write", wide[:3])
    objects = glob.glob(os.path.join(BUILD, "runtime/CMakeFiles/nnrt_core.dir/**/*.o"), recursive=True)
    main_cpp = ["-std=c++20", "-I", ROOT, "-I", os.path.join(ROOT, "runtime/include"), os.path.join(ROOT, "runtime/cli/Main.cpp")]
    clang = [os.path.join(LLVM, "clang++"), "-fsanitize=thread", "-g1", "-w"]
    outcome = run(*clang, f"-march={CPU}", "-O1", "-c", "-x", "ir", code, "-o", tmp(name + ".o"))
    check(outcome.status == 0, "compile it for the sanitizer", outcome.err[-800:])
    outcome = run(*clang, f"--ld-path={LLVM}/ld.lld", tmp(name + ".o"), *main_cpp, *objects, "-lz", "-lm", "-pthread", "-o", tmp(name))
    return tmp(name) if check(outcome.status == 0, "link it with the runtime", outcome.err[-800:]) else ""


def clean(what, *command):
    outcome = run(*command)
    check(outcome.status == 0 and "ThreadSanitizer" not in outcome.err, f"{what} has no race", outcome.err[:3000])


def main():
    write_small_mnist(tmp("data"), 400)
    images = read_idx("t10k-images-idx3-ubyte.gz")[:300]
    np.save(tmp("images.npy"), images)
    for name in MODELS:
        program = instrumented(name)
        if not program:
            continue
        given = ("--data", tmp("data"), "--threads")
        for threads in (2, 4):
            clean(f"{name}: training on {threads} threads", program, "train", *given, threads, "--save", tmp("weights"), "--save-every", 1, "--log", tmp("log"))
        clean("  evaluation", program, "eval", *given, 3, "--split", "train", "--weights", tmp("weights"))
        clean("  prediction", program, "predict", "--threads", 4, "--weights", tmp("weights"), tmp("images.npy"))


main()
finish()
