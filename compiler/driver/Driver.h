// The entry of nnc.
#pragma once

namespace nnc::driver {

/// Runs the command in argv; returns the exit status.
int main(int argc, const char *const *argv);

/// "nnc 0.2.0", as a compiled program knows its compiler.
const char *compilerName();

/// Where the running nnc lies: its runtime is found from there.
const char *executablePath();

} // namespace nnc::driver
