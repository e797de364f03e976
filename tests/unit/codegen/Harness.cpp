// Compiles entries from MLIR text and runs them in this process.
#include "tests/unit/codegen/Harness.h"
#include "compiler/codegen/RegisterCodegen.h"
#include "dialects/nn/RegisterNn.h"
#include "dialects/train/RegisterTrain.h"
#include "dialects/train/transforms/Passes.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <thread>

namespace nnc::codegen::test {

int ParallelState::threads = 1;
int ParallelState::calls = 0;
int64_t ParallelState::tasks = 0;

/// What compiled code calls in place of the runtime's pool: as many threads as asked for, tasks
/// taken in any order.
static void parallelFor(nnrt_context *, void (*body)(void *, int64_t), void *environment,
                        int64_t count) {
  ++ParallelState::calls;
  ParallelState::tasks += count;
  std::atomic<int64_t> next{0};
  auto work = [&] {
    for (int64_t i = next++; i < count; i = next++)
      body(environment, count - 1 - i);
  };
  std::vector<std::thread> threads;
  for (int i = 1; i < ParallelState::threads; ++i)
    threads.emplace_back(work);
  work();
  for (std::thread &thread : threads)
    thread.join();
}

template <typename T> static T check(llvm::Expected<T> value) {
  if (!value) {
    ADD_FAILURE() << llvm::toString(value.takeError());
    std::abort();
  }
  return std::move(*value);
}

static void check(llvm::Error error) {
  if (error) {
    ADD_FAILURE() << llvm::toString(std::move(error));
    std::abort();
  }
}

/// `text` as an object file.
static llvm::SmallVector<char, 0> compile(const std::string &text, const TargetOptions &options) {
  mlir::DialectRegistry registry;
  registerCodegen(registry);
  mlir::nn::registerNn(registry);
  mlir::train::registerTrain(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  mlir::PassManager manager(&context);
  manager.addPass(mlir::train::createTrainEraseModels());
  buildCpuPipeline(manager, options);
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> translated;
  if (module && mlir::succeeded(manager.run(*module)))
    translated = translate(*module, llvmContext, options);
  if (!translated) {
    ADD_FAILURE() << "does not compile:\n" << text.substr(0, 4000);
    std::abort();
  }
  check(optimize(*translated, options));
  llvm::SmallVector<char, 0> object;
  llvm::raw_svector_ostream out(object);
  check(emitObject(*translated, options, out));
  return object;
}

Compiled::Compiled(const std::string &text, TargetOptions options) {
  llvm::SmallVector<char, 0> object = compile(text, options);
  llvm::InitializeNativeTarget();
  jit = check(llvm::orc::LLJITBuilder().create());
  llvm::orc::SymbolMap symbols;
  symbols[jit->mangleAndIntern("nnrt_parallel_for")] = {
      llvm::orc::ExecutorAddr::fromPtr(&parallelFor), llvm::JITSymbolFlags::Exported};
  check(jit->getMainJITDylib().define(llvm::orc::absoluteSymbols(symbols)));
  jit->getMainJITDylib().addGenerator(
      check(llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
          jit->getDataLayout().getGlobalPrefix())));
  check(jit->addObjectFile(llvm::MemoryBuffer::getMemBufferCopy(
      llvm::StringRef(object.data(), object.size()), "entries.o")));
}

Compiled::~Compiled() = default;

template <typename Function> Function *Compiled::find(const std::string &name) {
  return check(jit->lookup(name)).template toPtr<Function *>();
}

// UBSan looks for a function's type before its first byte, where compiled code has none, nor always
// memory.
[[clang::no_sanitize("function")]]
uint64_t Compiled::workspace(const std::string &name, const std::vector<int64_t> &scalars) {
  return find<uint64_t(const int64_t *)>(name + "_workspace")(scalars.data());
}

[[clang::no_sanitize("function")]]
void Compiled::run(const std::string &name, const std::vector<int64_t> &scalars,
                   const std::vector<void *> &buffers) {
  constexpr size_t kGuard = 256;
  size_t bytes = workspace(name, scalars);
  size_t total = (bytes + 2 * kGuard + 63) / 64 * 64;
  std::unique_ptr<char, void (*)(void *)> memory(static_cast<char *>(std::aligned_alloc(64, total)),
                                                 std::free);
  std::memset(memory.get(), 0xa5, total);
  auto *function = find<void(nnrt_context *, const int64_t *, void *const *, void *)>(name);
  function(nullptr, scalars.data(), buffers.data(), memory.get() + kGuard);
  for (size_t i = 0; i < kGuard; ++i) {
    ASSERT_EQ(uint8_t(memory.get()[i]), 0xa5) << "before the workspace of " << name;
    ASSERT_EQ(uint8_t(memory.get()[kGuard + bytes + i]), 0xa5)
        << "behind the workspace of " << name;
  }
}

[[clang::no_sanitize("function")]]
double Compiled::time(const std::string &name, const std::vector<int64_t> &scalars,
                      const std::vector<void *> &buffers, int calls) {
  auto *function = find<void(nnrt_context *, const int64_t *, void *const *, void *)>(name);
  std::unique_ptr<void, void (*)(void *)> memory(
      std::aligned_alloc(64, (workspace(name, scalars) + 127) / 64 * 64), std::free);
  // Of this thread: other processes don't count.
  auto now = [] {
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) + double(time.tv_nsec) * 1e-9;
  };
  double start = now();
  for (int i = 0; i < calls; ++i)
    function(nullptr, scalars.data(), buffers.data(), memory.get());
  return (now() - start) / calls;
}

static std::string readFile(const std::string &path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string readInput(const std::string &name) { return readFile(NNC_CODEGEN_INPUTS "/" + name); }

std::string readPrinted(const std::string &name) {
  return readFile(NNC_CODEGEN_PRINTED "/" + name);
}

std::vector<float> randomFloats(size_t count, unsigned seed, float scale) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal(0, scale);
  std::vector<float> values(count);
  for (float &value : values)
    value = normal(engine);
  return values;
}

double worstError(const std::vector<float> &got, const std::vector<double> &want) {
  EXPECT_EQ(got.size(), want.size());
  double worst = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    double error = std::fabs(got[i] - want[i]) / std::max(1.0, std::fabs(want[i]));
    worst = error <= worst ? worst : error; // NaN counts as worse.
  }
  return worst;
}

} // namespace nnc::codegen::test
