"""Test formats for what is no shell script: unit tests one by one, and a short run of each fuzzer.

A test is named by its folder below tests/: unit/sema/Dim.Product is the case Dim.Product of sema_tests, and
fuzz/syntax a run of fuzz_syntax over tests/fuzz/corpus/syntax.
"""

import os
import subprocess
import tempfile

import lit.formats
import lit.Test

# What no test takes, however busy the machine is: a hang, ended so that the run goes on.
MOST_SECONDS = int(os.environ.get("NNC_TEST_SECONDS", "1800"))


def execute(command, environment):
    """(status, output) of a command; 124 where it hangs."""
    process = subprocess.run(
        ["timeout", "-k", "10", str(MOST_SECONDS), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        check=False,
    )
    return process.returncode, process.stdout.decode("utf-8", "replace")


class UnitTests(lit.formats.base.TestFormat):
    """Every case of a GoogleTest executable, in a process of its own."""

    def __init__(self, build):
        super().__init__()
        self.bin = os.path.join(build, "bin")

    def getTestsInDirectory(self, testSuite, path_in_suite, litConfig, localConfig):
        if len(path_in_suite) != 2:
            return
        program = os.path.join(self.bin, path_in_suite[-1] + "_tests")
        if not os.path.exists(program):
            return
        listed = subprocess.run(
            [program, "--gtest_list_tests"],
            capture_output=True,
            env=localConfig.environment,
            check=False,
        )
        if listed.returncode:
            litConfig.fatal(f"{program} does not list its tests: {listed.stderr.decode()[-2000:]}")
        group = ""
        for line in listed.stdout.decode().splitlines():
            name = line.split("#")[0].strip()
            if not line.startswith("  "):
                group = name if name.endswith(".") else ""
            elif group and "DISABLED_" not in group + name:
                test = lit.Test.Test(
                    testSuite, path_in_suite + (group + name.replace("/", "."),), localConfig
                )
                test.command = [program, f"--gtest_filter={group}{name}"]
                yield test

    def execute(self, test, litConfig):
        status, output = execute(test.command, test.config.environment)
        if "[  SKIPPED ]" in output and not status:
            return lit.Test.SKIPPED, output
        ran = "[==========] 1 test from" in output
        return (lit.Test.PASS if ran and not status else lit.Test.FAIL), output


class Fuzzers(lit.formats.base.TestFormat):
    """FUZZ_SECONDS (10) of each fuzzer that was built, from its committed corpus. What one finds lies in the build's
    folder; the corpus stays as it is."""

    def __init__(self, build):
        super().__init__()
        self.build = build

    def getTestsInDirectory(self, testSuite, path_in_suite, litConfig, localConfig):
        if path_in_suite != ("fuzz",):
            return
        corpora = os.path.join(testSuite.getSourcePath(path_in_suite), "corpus")
        for name in sorted(os.listdir(corpora)):
            if os.path.exists(os.path.join(self.build, "bin", "fuzz_" + name)):
                test = lit.Test.Test(testSuite, path_in_suite + (name,), localConfig)
                test.corpus = os.path.join(corpora, name)
                yield test

    def execute(self, test, litConfig):
        name = "fuzz_" + test.path_in_suite[-1]
        with tempfile.TemporaryDirectory() as found:
            status, output = execute(
                [
                    os.path.join(self.build, "bin", name),
                    "-max_total_time=" + os.environ.get("FUZZ_SECONDS", "10"),
                    "-timeout=60",
                    "-rss_limit_mb=2048",
                    "-max_len=4096",
                    f"-artifact_prefix={self.build}/{name}-",
                    found,
                    test.corpus,
                ],
                test.config.environment,
            )
        return (lit.Test.FAIL if status else lit.Test.PASS), output[-20000:]
