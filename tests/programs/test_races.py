"""Training under ThreadSanitizer: the runtime and the compiled model, whose parallel loops are instrumented too.

The model's LLVM IR is printed, marked for the sanitizer, and linked with the runtime of the build that is tested
(scripts/sanitize.sh --thread).
"""
# REQUIRES: thread-sanitizer
# RUN: %python %s
import glob
import os
import re

from support import LLVM, NNC, ROOT, check, finish, run, tmp, write_small_mnist

BUILD = os.environ["NNC_BUILD"]

# Wide enough for its loops to be shared among threads.
SOURCE = """
model net(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] {
  image / 255 |> flatten |> dense(512) |> relu |> dense(512) |> relu |> dense(10)
}

train net {
  data      mnist(image, label)
  loss      cross_entropy(logits, label)
  metric    accuracy(logits, label)
  optimizer adam(lr: 1e-3)
  batch     128
  epochs    1
}
"""


def main():
    with open(tmp("net.nn"), "w", encoding="utf-8") as file:
        file.write(SOURCE)
    outcome = run(NNC, "build", tmp("net.nn"), "--emit", "llvm", "-O1", "-o", tmp("net.ll"))
    if not check(outcome.status == 0, "build net.nn --emit llvm", outcome.err[-800:]):
        return
    with open(tmp("net.ll"), encoding="utf-8") as file:
        text = file.read()
    check("@nnrt_parallel_for" in text, "its loops are shared among threads")
    marked, count = re.subn(r"^(define .*\)(?: (?:local_)?unnamed_addr)?)((?: [^()]*)? \{)$", r"\1 sanitize_thread\2", text, flags=re.M)
    check(count > 5, "functions that are watched", count)
    with open(tmp("net.ll"), "w", encoding="utf-8") as file:
        file.write(marked)
    objects = glob.glob(os.path.join(BUILD, "runtime/CMakeFiles/nnrt_core.dir/**/*.o"), recursive=True)
    main_cpp = ["-std=c++20", "-I", ROOT, "-I", os.path.join(ROOT, "runtime/include"), os.path.join(ROOT, "runtime/cli/Main.cpp")]
    clang = [os.path.join(LLVM, "clang++"), "-fsanitize=thread", "-g1", "-w"]
    # For this processor, as the code was made for it.
    outcome = run(*clang, "-march=native", "-O1", "-c", "-x", "ir", tmp("net.ll"), "-o", tmp("net.o"))
    check(outcome.status == 0, "compile it for the sanitizer", outcome.err[-800:])
    outcome = run(*clang, f"--ld-path={LLVM}/ld.lld", tmp("net.o"), *main_cpp, *objects, "-lz", "-lm", "-pthread", "-o", tmp("net"))
    if not check(outcome.status == 0, "link it with the runtime", outcome.err[-800:]):
        return

    write_small_mnist(tmp("data"), 500)
    for threads in (2, 4):
        outcome = run(tmp("net"), "train", "--data", tmp("data"), "--epochs", 2, "--threads", threads, "--save",
                      tmp("weights"), "--save-every", 1, "--log", tmp("log"))
        clean = outcome.status == 0 and "ThreadSanitizer" not in outcome.err
        check(clean, f"training on {threads} threads has no race", outcome.err[:3000])
    outcome = run(tmp("net"), "eval", "--data", tmp("data"), "--weights", tmp("weights"), "--threads", 3)
    check(outcome.status == 0 and "ThreadSanitizer" not in outcome.err, "nor has evaluation", outcome.err[:3000])


main()
finish()
