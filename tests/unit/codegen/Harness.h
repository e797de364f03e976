// Compiles entries from MLIR text and runs them in this process.
#ifndef NNC_TESTS_UNIT_CODEGEN_HARNESS_H
#define NNC_TESTS_UNIT_CODEGEN_HARNESS_H

#include "compiler/codegen/cpu/Cpu.h"
#include "nnrt/abi.h"

#include <memory>
#include <random>
#include <string>
#include <vector>

namespace llvm::orc {
class LLJIT;
} // namespace llvm::orc

namespace nnc::codegen::test {

/// How many threads nnrt_parallel_for of this test uses, how often it was called, and with how many
/// tasks in all.
struct ParallelState {
  static int threads;
  static int calls;
  static int64_t tasks;
};

/// A compiled module.
class Compiled {
public:
  /// Aborts the test with a message where `text` doesn't compile.
  Compiled(const std::string &text, TargetOptions options = {});
  ~Compiled();
  Compiled(const Compiled &) = delete;

  /// Runs entry `name`. Guard bytes behind the workspace are checked.
  void run(const std::string &name, const std::vector<int64_t> &scalars,
           const std::vector<void *> &buffers);
  /// Seconds of this thread per call of entry `name`, over `calls` calls.
  double time(const std::string &name, const std::vector<int64_t> &scalars,
              const std::vector<void *> &buffers, int calls);
  uint64_t workspace(const std::string &name, const std::vector<int64_t> &scalars);

private:
  template <typename Function> Function *find(const std::string &name);
  std::unique_ptr<llvm::orc::LLJIT> jit;
};

/// Reads a file of tests/codegen/inputs.
std::string readInput(const std::string &name);
/// Reads what the build printed of a program (see CMakeLists.txt).
std::string readPrinted(const std::string &name);

/// Normally distributed values.
std::vector<float> randomFloats(size_t count, unsigned seed, float scale = 1);

/// The largest |got - want| / max(1, |want|).
double worstError(const std::vector<float> &got, const std::vector<double> &want);

} // namespace nnc::codegen::test

#endif
