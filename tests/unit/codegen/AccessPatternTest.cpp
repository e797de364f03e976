// What decides which memory a kernel accesses: checked launches are repeated unchecked on its word.
#include "compiler/codegen/gpu/AccessPattern.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SourceMgr.h"

#include <gtest/gtest.h>

using namespace nnc::codegen;

namespace {

using Decisive = std::optional<std::vector<uint8_t>>;

class AccessPattern : public testing::Test {
protected:
  const llvm::Function &kernel(const std::string &body) {
    llvm::SMDiagnostic error;
    module =
        llvm::parseAssemblyString("declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()\n"
                                  "declare void @llvm.nvvm.barrier.cta.sync.aligned.all(i32)\n"
                                  "declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)\n"
                                  "declare i32 @llvm.nvvm.shfl.sync.bfly.i32(i32, i32, i32, i32)\n"
                                  "declare i64 @llvm.smax.i64(i64, i64)\n"
                                  "declare i64 @llvm.smin.i64(i64, i64)\n"
                                  "declare i64 @llvm.umin.i64(i64, i64)\n"
                                  "define void @k(ptr %a, ptr %b, i64 %n, i64 %m, i8 %v) {\n" +
                                      body + "  ret void\n}\n",
                                  error, context);
    EXPECT_NE(module, nullptr) << error.getMessage().str();
    return *module->getFunction("k");
  }
  Decisive of(const std::string &body) { return findAccessPattern(kernel(body)).decisive; }

  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module;
};

TEST_F(AccessPattern, AddressesAndNotWhatIsStored) {
  EXPECT_EQ(of("  %i = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()\n"
               "  %p = getelementptr float, ptr %a, i32 %i\n"
               "  %x = load i64, ptr %p\n"
               "  %y = add i64 %x, %m\n"
               "  store i64 %y, ptr %b\n"),
            Decisive({{1, 1, 0, 0, 0}}));
}

TEST_F(AccessPattern, BoundsOfLoops) {
  EXPECT_EQ(of("  br label %loop\nloop:\n"
               "  %i = phi i64 [0, %0], [%next, %loop]\n"
               "  %p = getelementptr float, ptr %a, i64 %i\n"
               "  store i64 %m, ptr %p\n"
               "  %next = add i64 %i, 1\n"
               "  %most = call i64 @llvm.smax.i64(i64 %n, i64 1)\n"
               "  %more = icmp slt i64 %next, %most\n"
               "  br i1 %more, label %loop, label %end\nend:\n"),
            Decisive({{1, 0, 1, 0, 0}}));
}

TEST_F(AccessPattern, WhatLlvmIsNotToKnow) {
  EXPECT_EQ(of("  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()\n"
               "  %i = call i32 asm sideeffect \"\", \"=r,0\"(i32 %t)\n"
               "  %p = getelementptr float, ptr %a, i32 %i\n"
               "  store i64 %m, ptr %p\n"),
            Decisive({{1, 0, 0, 0, 0}}));
}

TEST_F(AccessPattern, LengthsAndNotWhatIsFilledIn) {
  EXPECT_EQ(of("  call void @llvm.memset.p0.i64(ptr %a, i8 %v, i64 %n, i1 false)\n"),
            Decisive({{1, 0, 1, 0, 0}}));
}

TEST_F(AccessPattern, MemoryDecides) {
  EXPECT_EQ(of("  %from = getelementptr i8, ptr %a, i64 8\n"
               "  %i = load i64, ptr %from\n"
               "  %p = getelementptr float, ptr %b, i64 %i\n"
               "  store i64 %m, ptr %p\n"),
            std::nullopt);
  EXPECT_EQ(of("  %from = getelementptr i8, ptr %a, i64 8\n"
               "  %i = load i64, ptr %from\n"
               "  %is = icmp slt i64 %i, %n\n"
               "  br i1 %is, label %end, label %end\nend:\n"),
            std::nullopt);
}

TEST_F(AccessPattern, LookupsWithinBounds) {
  const char *body = "  %from = getelementptr i8, ptr %a, i64 8\n"
                     "  %i = load i64, ptr %from\n"
                     "  %above = call i64 @llvm.smax.i64(i64 %i, i64 0)\n"
                     "  %index = call i64 @llvm.smin.i64(i64 %above, i64 9)\n"
                     "  %row = mul i64 %n, 10\n"
                     "  %place = add i64 %row, %index\n"
                     "  %p = getelementptr float, ptr %b, i64 %place\n"
                     "  %x = load i64, ptr %p\n"
                     "  store i64 %x, ptr %a\n";
  const llvm::Function &function = kernel(body);
  auto found = findAccessPattern(function);
  EXPECT_EQ(found.decisive, Decisive({{1, 1, 1, 0, 0}}));
  ASSERT_EQ(found.lookups.size(), 1u);
  auto &[load, lookup] = *found.lookups.begin();
  EXPECT_EQ(load->getName(), "x");
  auto *changed = const_cast<llvm::LoadInst *>(load);
  llvm::IRBuilder<> builder(changed);
  auto [first, last] = buildBounds(builder, *changed, lookup);
  auto indexOf = [](llvm::Value *address) {
    auto *place = llvm::cast<llvm::Instruction>(llvm::cast<llvm::User>(address)->getOperand(1));
    return llvm::cast<llvm::ConstantInt>(place->getOperand(1))->getZExtValue();
  };
  EXPECT_EQ(indexOf(first), 0u);
  EXPECT_EQ(indexOf(last), 9u);
}

/// The last row of a table is known to the launch alone.
TEST_F(AccessPattern, LookupsWithinATable) {
  const char *body = "  %i = load i32, ptr %a\n"
                     "  %row = zext i32 %i to i64\n"
                     "  %index = call i64 @llvm.umin.i64(i64 %row, i64 %n)\n"
                     "  %p = getelementptr float, ptr %b, i64 %index\n"
                     "  %x = load i64, ptr %p\n"
                     "  store i64 %x, ptr %a\n";
  const llvm::Function &function = kernel(body);
  auto found = findAccessPattern(function);
  EXPECT_EQ(found.decisive, Decisive({{1, 1, 1, 0, 0}}));
  ASSERT_EQ(found.lookups.size(), 1u);
  auto &[load, lookup] = *found.lookups.begin();
  auto *changed = const_cast<llvm::LoadInst *>(load);
  llvm::IRBuilder<> builder(changed);
  auto [first, last] = buildBounds(builder, *changed, lookup);
  auto indexOf = [](llvm::Value *address) {
    return llvm::cast<llvm::User>(address)->getOperand(1);
  };
  EXPECT_TRUE(llvm::cast<llvm::ConstantInt>(indexOf(first))->isZero());
  EXPECT_EQ(indexOf(last), function.getArg(2));
}

TEST_F(AccessPattern, CountersDecideByWhatTheyHold) {
  const std::string use = "  %p = getelementptr float, ptr %b, i64 %i\n"
                          "  store i64 %m, ptr %p\n";
  EXPECT_EQ(of("  %i = load i64, ptr %a\n" + use), Decisive({{2, 1, 0, 0, 0}}));
  // It decides nothing where it is a number like others.
  EXPECT_EQ(of("  %i = load i64, ptr %a\n"
               "  store i64 %i, ptr %b\n"),
            Decisive({{1, 1, 0, 0, 0}}));
  // What is there later is no longer what was there at the launch.
  EXPECT_EQ(of("  store i64 %m, ptr %b\n"
               "  %i = load i64, ptr %a\n" +
               use),
            std::nullopt);
  EXPECT_EQ(of("  %c = icmp eq i64 %n, 0\n"
               "  br i1 %c, label %then, label %end\nthen:\n"
               "  %i = load i64, ptr %a\n" +
               use + "  br label %end\nend:\n"),
            std::nullopt);
}

TEST_F(AccessPattern, BoundsOfOneSideAreNone) {
  EXPECT_EQ(of("  %from = getelementptr i8, ptr %a, i64 8\n"
               "  %i = load i64, ptr %from\n"
               "  %index = call i64 @llvm.smin.i64(i64 %i, i64 9)\n"
               "  %p = getelementptr float, ptr %b, i64 %index\n"
               "  %x = load i64, ptr %p\n"
               "  store i64 %x, ptr %a\n"),
            std::nullopt);
}

TEST_F(AccessPattern, WritesByAnIndexAreNotLookups) {
  EXPECT_EQ(of("  %i = load i8, ptr %a\n"
               "  %index = zext i8 %i to i64\n"
               "  %p = getelementptr float, ptr %b, i64 %index\n"
               "  store i64 %m, ptr %p\n"),
            std::nullopt);
}

TEST_F(AccessPattern, OtherLanesDecide) {
  EXPECT_EQ(of("  %i = call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 0, i32 1, i32 31)\n"
               "  %p = getelementptr float, ptr %b, i32 %i\n"
               "  store i64 %m, ptr %p\n"),
            std::nullopt);
}

TEST_F(AccessPattern, WhatLanesHandOnDecidesNothing) {
  EXPECT_EQ(of("  %z = load i32, ptr %a\n"
               "  %x = call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %z, i32 1, i32 31)\n"
               "  store i32 %x, ptr %b\n"),
            Decisive({{1, 1, 0, 0, 0}}));
}

TEST_F(AccessPattern, WhoWaits) {
  EXPECT_FALSE(hasWaits(kernel("  store i64 %m, ptr %a\n")));
  EXPECT_TRUE(hasWaits(kernel("  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)\n")));
  EXPECT_TRUE(hasWaits(
      kernel("  %i = call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 0, i32 1, i32 31)\n")));
}

} // namespace
