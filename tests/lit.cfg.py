# Every test of the project: FileCheck tests and diagnostics (.mlir, .nn, .test), whole programs (programs/test_*.py),
# unit tests (unit/PART/Suite.Case) and fuzzers (fuzz/NAME). scripts/test.sh runs them.
import os
import re
import sys

import lit.formats

config.name = "nnc"
config.test_format = lit.formats.ShTest(True)
config.suffixes = [".nn", ".mlir", ".test"]
config.test_source_root = os.path.dirname(__file__)
root = os.path.dirname(config.test_source_root)
build = os.path.abspath(lit_config.params.get("build", os.path.join(root, "build")))
config.test_exec_root = os.path.join(build, "tests")
config.excludes = ["Inputs", "inputs", "corpus"]
sys.path.insert(0, config.test_source_root)

# nnc and nn-opt, where another build has them than the one that is tested.
tools = os.path.abspath(lit_config.params.get("tools", os.path.join(build, "bin")))
llvm = lit_config.params.get("llvm", "/usr/lib/llvm-22/bin")
python = os.environ.get("NNC_PYTHON", "python3")
config.environment["PATH"] = os.pathsep.join([tools, llvm, os.environ["PATH"]])
config.environment["NNC_BIN"] = tools
config.environment["LLVM_BIN"] = llvm
config.environment["NNC_BUILD"] = build
config.environment["NNC_VERIFY"] = "1"
for name in os.environ:
    if re.fullmatch(r"HOME|LD_PRELOAD|[A-Z]*SAN_OPTIONS|[A-Z]*SAN_SYMBOLIZER_PATH|NN_.*|NNC_.*", name):
        config.environment.setdefault(name, os.environ[name])
config.environment["XDG_CACHE_HOME"] = os.path.join(build, "tests", "cache")
config.substitutions += [
    ("%python", python),
    ("%nnc_root", root),
    ("%build", build),
    (r"\bFileCheck\b", "FileCheck --enable-var-scope"),
]

# Where fuzzers were built, some limits are lower.
if os.path.exists(os.path.join(build, "bin", "fuzz_sema")):
    config.available_features.add("fuzzing")
with open(os.path.join(build, "CMakeCache.txt"), encoding="utf-8") as cache:
    if "NNC_SANITIZE:STRING=thread\n" in cache.read():
        config.available_features.add("thread-sanitizer")
shared = os.path.join(os.path.dirname(root), "shared")
if os.path.isdir(shared):
    config.available_features.add("shared-data")
    config.environment["NNC_SHARED"] = shared
