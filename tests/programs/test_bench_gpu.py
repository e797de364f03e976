"""bench/gpu.sh, tried on the emulator: programs are prepared in a folder, checked from it, and a report is written."""
# RUN: %python %s
import os
import re
import shutil

from support import BIN, ROOT, check, finish, run, tmp

SCRIPT, FOLDER, REPORT = os.path.join(ROOT, "bench", "gpu.sh"), tmp("programs"), tmp("report")
os.makedirs(REPORT)
ENVIRONMENT = {**os.environ, "NNC_BIN": BIN, "NNC_PTXAS": "", "OUT": REPORT}
NAMES = "^(dense|norms|norms-launched|gemm-32x784x64-back)$"

outcome = run(SCRIPT, "prepare", "--gpu", "ptx", "--only", NAMES, FOLDER, env=ENVIRONMENT)
check(outcome.status == 0 and all(f"built {name}\n" in outcome.out for name in ("dense", "norms", "norms-launched", "gemm-32x784x64-back")),
      "programs are prepared", outcome.out + outcome.err)
check(re.search(r"\d+ MiB of at most 64$", outcome.out.strip()), "their size is told", outcome.out)
outcome = run(SCRIPT, "run", "--device", "emulator:fast", "--only", NAMES, FOLDER, env=ENVIRONMENT)
check(outcome.status == 0, "they are run", (outcome.out + outcome.err)[-2000:])
for line in ("ok: dense: equal bits", "ok: dense, twice: equal bits", "ok: dense, resumed: equal bits", "ok: gemm-32x784x64-back: equal bits",
             "ok: norms, one kernel for many steps, and a launch for each: equal bits", "ok: norms, calls of 256 steps, and of seven: equal bits",
             "ok: norms, emulator:fast and emulator: equal bits", "skipped: mnist_mlp isn't prepared", "skipped: attention isn't prepared"):
    check(f"- {line}\n" in outcome.out, line, outcome.out)
check(len(re.findall(r"^- ok: f32:32x784x64:back: \d+ millionths", outcome.out, re.M)) == 1, "products are checked", outcome.out)
with open(os.path.join(REPORT, "report.md"), encoding="utf-8") as file:
    check(file.read() == outcome.out, "the report is what was printed")

# What fails is told by name, and hides nothing else.
shutil.copy(os.path.join(FOLDER, "dense"), os.path.join(FOLDER, "norms"))
with open(os.path.join(FOLDER, "dense"), "w", encoding="utf-8") as file:
    file.write("#!/bin/sh\necho broken >&2\nexit 3\n")
outcome = run(SCRIPT, "--device", "emulator:fast", "--only", "^(dense|norms|norms-launched)$", FOLDER, env=ENVIRONMENT)
check(outcome.status == 1 and "- **FAILED**: dense on emulator:fast: status 3: broken" in outcome.out and "- ok: norms: equal bits" in outcome.out,
      "a failure is told", outcome.out)
check("- **FAILED**: norms, one kernel for many steps, and a launch for each: other tensors" in outcome.out, "and forms that are unlike", outcome.out)
outcome = run(SCRIPT, "--device", "emulator:fast", "--seconds", 0, FOLDER, env=ENVIRONMENT)
check(outcome.status == 0 and "no time was left" in outcome.out, "the end of time is told", outcome.out)
for options, words in ((("--wat",), "no option '--wat'"), (("run", tmp("nowhere")), "bench/gpu.sh prepare")):
    outcome = run(SCRIPT, *options, env=ENVIRONMENT)
    check(outcome.status == 2 and words in outcome.err, f"{options[0]} is refused", outcome.err)
finish()
