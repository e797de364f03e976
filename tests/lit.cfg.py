# The lit suite: every .nn and .mlir file under tests/ with a RUN line.
import os

import lit.formats

config.name = "nnc"
config.test_format = lit.formats.ShTest(True)
config.suffixes = [".nn", ".mlir", ".test"]
config.test_source_root = os.path.dirname(__file__)
root = os.path.dirname(config.test_source_root)
build = os.path.abspath(lit_config.params.get("build", os.path.join(root, "build")))
config.test_exec_root = os.path.join(build, "tests")
config.excludes = ["unit", "Inputs", "inputs", "fuzz"]

llvm = lit_config.params.get("llvm", "/usr/lib/llvm-22/bin")
config.environment["PATH"] = os.pathsep.join([os.path.join(build, "bin"), llvm, os.environ["PATH"]])
for name in ("HOME", "NN_DATA", "ASAN_OPTIONS", "LD_PRELOAD"):
    if name in os.environ:
        config.environment[name] = os.environ[name]
config.environment["XDG_CACHE_HOME"] = os.path.join(build, "tests", "cache")
config.substitutions += [
    ("%python", os.environ.get("NNC_PYTHON", "python3")),
    ("%nnc_root", root),
    ("%build", build),
    (r"\bFileCheck\b", "FileCheck --enable-var-scope"),
]
# Where fuzzers were built, some limits are lower.
if os.path.exists(os.path.join(build, "bin", "fuzz_sema")):
    config.available_features.add("fuzzing")
shared = os.path.join(os.path.dirname(root), "shared")
if os.path.isdir(shared):
    config.available_features.add("shared-data")
