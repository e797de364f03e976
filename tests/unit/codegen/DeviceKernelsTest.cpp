// Kernels for GPUs, each compiled apart from the others.
#include "compiler/codegen/RegisterCodegen.h"
#include "compiler/codegen/Target.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/ThreadPool.h"

#include <gtest/gtest.h>

using namespace nnc::codegen;

namespace {

/// A kernel of `count` pointers that writes `stores` numbers to the first.
std::string kernel(const std::string &name, unsigned count, unsigned stores = 1,
                   const std::string &also = "") {
  std::string text = "llvm.func @" + name + "(";
  for (unsigned i = 0; i < count; ++i)
    text += (i ? ", %p" : "%p") + std::to_string(i) + ": !llvm.ptr";
  text += ") attributes {nnc.places = \"" + name + "\"} {\n" + also;
  for (unsigned i = 0; i < stores; ++i) {
    const std::string n = std::to_string(i);
    text += "%a" + n + " = llvm.getelementptr %p0[" + n + "] : (!llvm.ptr) -> !llvm.ptr, f32\n" +
            "%v" + n + " = llvm.mlir.constant(" + n + ".5 : f32) : f32\n" + "llvm.store %v" + n +
            ", %a" + n + " {alignment = 4} : f32, !llvm.ptr\n";
  }
  return text + "llvm.return\n}\n";
}

const std::string kBarrier = "llvm.call @nnrt_grid_barrier() : () -> ()\n";

struct Outcome {
  std::optional<DeviceCode> code;
  std::vector<std::string> errors, assembled;
};

Outcome compile(const std::string &kernels, unsigned threads, TargetOptions options = {}) {
  mlir::DialectRegistry registry;
  registerCodegen(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  llvm::DefaultThreadPool pool(llvm::hardware_concurrency(threads));
  Outcome outcome;
  mlir::ScopedDiagnosticHandler handler(
      &context, [&](mlir::Diagnostic &diagnostic) { outcome.errors.push_back(diagnostic.str()); });
  auto module = mlir::parseSourceString<mlir::ModuleOp>(
      "module { module @device attributes {nnc.launches = {}} {\n"
      "llvm.func @nnrt_grid_barrier() attributes {convergent}\n" +
          kernels + "} }",
      &context);
  EXPECT_TRUE(module);
  if (threads > 1)
    context.setThreadPool(pool);
  if (module)
    outcome.code =
        createTarget("cuda", options)
            ->takeDeviceCode(*module, /*onlyText=*/false, [&](const DeviceAssembly &assembly) {
              outcome.assembled.push_back(assembly.chip);
            });
  if (threads > 1)
    context.disableMultithreading();
  return outcome;
}

TEST(DeviceKernels, CodeIsThatOfAnyNumberOfThreads) {
  std::string kernels;
  for (unsigned i = 0; i < 12; ++i)
    kernels += kernel("k" + std::to_string(i), 1 + i % 3, 1 + (i * 7) % 12, i % 2 ? kBarrier : "");
  TargetOptions options;
  options.gpus = {"sm_90", "sm_80"};
  const Outcome one = compile(kernels, 1, options), many = compile(kernels, 4, options);
  ASSERT_TRUE(one.code && many.code);
  ASSERT_EQ(one.code->assemblies.size(), 2u);
  EXPECT_EQ(one.assembled, (std::vector<std::string>{"sm_90", "sm_80"}));
  EXPECT_EQ(many.assembled, one.assembled);
  for (unsigned i = 0; i < 2; ++i)
    EXPECT_EQ(one.code->assemblies[i].text, many.code->assemblies[i].text);
  EXPECT_EQ(one.code->emulated, many.code->emulated);
  EXPECT_EQ(one.code->emulated.size(), 12u);
  EXPECT_EQ(many.code->kernels[4].argumentBytes.size(), 2u);
  EXPECT_TRUE(many.code->kernels[3].waits);
  EXPECT_FALSE(many.code->kernels[4].waits);
}

TEST(DeviceKernels, OneTextHasAllInTheirOrder) {
  const Outcome made = compile(
      kernel("short", 1) + kernel("long", 2, 30, kBarrier) + kernel("other", 1, 2, kBarrier), 2);
  ASSERT_TRUE(made.code);
  const llvm::StringRef text = made.code->assemblies[0].text;
  EXPECT_EQ(text.count(".version"), 1u);
  EXPECT_EQ(text.count(".target"), 1u);
  EXPECT_LT(text.find(".entry short("), text.find(".entry long("));
  EXPECT_LT(text.find(".entry long("), text.find(".entry other("));
  EXPECT_EQ(text.count(".u32 nnrt_grid_barrier_count_long;"), 1u);
  EXPECT_EQ(text.count(".u32 nnrt_grid_barrier_count_other;"), 1u);
  EXPECT_EQ(text.count(".u32 nnrt_grid_barrier_count"), 2u);
}

TEST(DeviceKernels, WithoutKernelsTheTextIsOneThatDriversTake) {
  const Outcome made = compile("", 1);
  ASSERT_TRUE(made.code);
  EXPECT_TRUE(made.code->emulated.empty());
  EXPECT_EQ(llvm::StringRef(made.code->assemblies[0].text).count(".target sm_90"), 1u);
}

TEST(DeviceKernels, ArgumentsHaveALimit) {
  EXPECT_TRUE(compile(kernel("full", 512), 1).code);
  const Outcome over = compile(kernel("over", 513), 1);
  EXPECT_FALSE(over.code);
  EXPECT_EQ(over.errors,
            std::vector<std::string>{"kernel 'over' takes 4104 bytes of arguments, and "
                                     "a GPU hands over 4096"});
}

TEST(DeviceKernels, ErrorsComeInOneOrder) {
  std::string kernels;
  for (unsigned i = 0; i < 6; ++i)
    kernels += kernel("k" + std::to_string(i), i == 2 || i == 4 ? 600 : 1, 1 + i);
  const Outcome one = compile(kernels, 1), many = compile(kernels, 4);
  ASSERT_EQ(one.errors.size(), 2u);
  EXPECT_NE(one.errors[0].find("'k4'"), std::string::npos); // the longer one
  EXPECT_NE(one.errors[1].find("'k2'"), std::string::npos);
  EXPECT_EQ(many.errors, one.errors);
}

} // namespace
