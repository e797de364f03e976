// Command lines become Arguments, or a usage error.
#include "compiler/driver/CommandLine.h"

#include "gtest/gtest.h"

using namespace nnc::driver;

namespace {

struct Parsed {
  std::optional<Arguments> arguments;
  Status status;
  std::string message;
};

Parsed parse(const char *command, std::vector<const char *> argv) {
  Parsed parsed;
  testing::internal::CaptureStderr();
  parsed.arguments = parseArguments(*findCommand(command), argv, parsed.status);
  parsed.message = testing::internal::GetCapturedStderr();
  return parsed;
}

TEST(CommandLine, EveryCommandIsFoundByName) {
  for (const Command &command : commands())
    EXPECT_EQ(findCommand(command.name), &command);
  EXPECT_EQ(findCommand("frobnicate"), nullptr);
}

TEST(CommandLine, Defaults) {
  Parsed parsed = parse("build", {"a.nn"});
  ASSERT_TRUE(parsed.arguments);
  EXPECT_EQ(parsed.arguments->inputs, std::vector<std::string>{"a.nn"});
  EXPECT_EQ(parsed.arguments->emit, Emit::Exe);
  EXPECT_EQ(parsed.arguments->optLevel, 3u);
  EXPECT_EQ(parsed.arguments->cpu, "native");
  EXPECT_FALSE(parsed.arguments->batch);
}

TEST(CommandLine, ValuesJoinedAndSeparate) {
  for (auto argv : {std::vector<const char *>{"a.nn", "-O", "1", "--emit", "llvm", "--cpu",
                                              "znver3", "--batch", "7", "-o", "x"},
                    std::vector<const char *>{"-O1", "--emit=llvm", "--cpu=znver3", "--batch=7",
                                              "-ox", "a.nn"}}) {
    Parsed parsed = parse("build", argv);
    ASSERT_TRUE(parsed.arguments) << parsed.message;
    EXPECT_EQ(parsed.arguments->optLevel, 1u);
    EXPECT_EQ(parsed.arguments->emit, Emit::Llvm);
    EXPECT_EQ(parsed.arguments->cpu, "znver3");
    EXPECT_EQ(parsed.arguments->batch, 7);
    EXPECT_EQ(parsed.arguments->output, "x");
  }
}

TEST(CommandLine, AStageAsksForMlir) {
  Parsed parsed = parse("build", {"a.nn", "--stage=grad"});
  ASSERT_TRUE(parsed.arguments);
  EXPECT_EQ(parsed.arguments->emit, Emit::Mlir);
  EXPECT_EQ(parsed.arguments->stage, nnc::Stage::Grad);
}

TEST(CommandLine, RunPassesOnWhatFollowsTheDashes) {
  Parsed parsed = parse("run", {"a.nn", "-O0", "--", "train", "--", "--epochs", "3"});
  ASSERT_TRUE(parsed.arguments);
  EXPECT_EQ(parsed.arguments->inputs.size(), 1u);
  EXPECT_EQ(parsed.arguments->programArguments,
            (std::vector<std::string>{"train", "--", "--epochs", "3"}));
}

TEST(CommandLine, TheProgramsDataTellsSizes) {
  for (auto argv : {std::vector<const char *>{"a.nn", "--", "train", "--data", "/tmp"},
                    std::vector<const char *>{"a.nn", "--", "train", "--data=/tmp"}}) {
    Parsed parsed = parse("run", argv);
    ASSERT_TRUE(parsed.arguments) << parsed.message;
    EXPECT_EQ(parsed.arguments->data, "/tmp");
    EXPECT_EQ(parsed.arguments->programArguments.size(), argv.size() - 2);
  }
  Parsed parsed = parse("run", {"a.nn", "--data", "/", "--", "train", "--data", "/tmp"});
  ASSERT_TRUE(parsed.arguments);
  EXPECT_EQ(parsed.arguments->data, "/") << "each has its own";
  for (auto argv : {std::vector<const char *>{"a.nn", "--", "train", "--data"},
                    std::vector<const char *>{"a.nn", "--", "train", "--data", "/no such"},
                    std::vector<const char *>{"a.nn", "--", "predict", "--", "--data", "/tmp"}}) {
    parsed = parse("run", argv);
    ASSERT_TRUE(parsed.arguments) << "the program's to refuse";
    EXPECT_EQ(parsed.arguments->data, "");
  }
}

TEST(CommandLine, Mistakes) {
  struct {
    const char *command;
    std::vector<const char *> argv;
    const char *message;
  } cases[] = {
      {"build", {}, "needs a source file"},
      {"build", {"a.nn", "b.nn"}, "takes one source file, and was given 'a.nn' and 'b.nn'"},
      {"build", {"a.nn", "--emti", "obj"}, "unknown option '--emti'; did you mean '--emit'?"},
      {"build",
       {"a.nn", "--emit", "lvm"},
       "'lvm' is not a value of --emit: expected exe, shared, obj, asm, llvm, ptx, mlir; did "
       "you mean 'llvm'?"},
      {"build", {"a.nn", "--emit"}, "option '--emit' needs a value"},
      {"build", {"a.nn", "-O4"}, "'4' is not a value of -O: expected a whole number from 0 to 3"},
      {"build", {"a.nn", "--batch", "0"}, "'0' is not a value of --batch"},
      {"build", {"a.nn", "--batch", "x"}, "'x' is not a value of --batch"},
      {"build",
       {"a.nn", "--target", "tpu"},
       "'tpu' is not a value of --target: expected cpu, cuda"},
      {"build",
       {"a.nn", "--precision", "f16"},
       "'f16' is not a value of --precision: expected f32, tf32, bf16"},
      {"build", {"a.nn", "--emit", "ptx"}, "--emit ptx goes with --target cuda"},
      {"build", {"a.nn", "--gpu", "sm_80"}, "--gpu goes with --target cuda"},
      {"build",
       {"a.nn", "--target", "cuda", "--emit", "ptx", "--gpu", "sm_80,sm_90"},
       "--emit ptx makes the text for one chip, and --gpu names 2"},
      {"build",
       {"a.nn", "--target", "cuda", "--emit", "obj"},
       "--emit obj is for the code of the host, with --target cpu; a GPU's is --emit ptx"},
      {"build", {"a.nn", "--gpu", "sm_80,"}, "--gpu needs the names of chips: sm_80,sm_90a"},
      {"build", {"a.nn", "--emit", "obj", "--stage", "nn"}, "--stage goes with --emit mlir"},
      {"build", {"a.nn", "--dir", "x"}, "it belongs to 'nnc data'"},
      {"check",
       {"a.nn", "--diagnostics", "xml"},
       "'xml' is not a value of --diagnostics: expected text, json"},
      {"fmt", {}, "needs a source file"},
      {"data", {"mnist", "--dir="}, "--dir needs the name of a folder"},
  };
  for (const auto &test : cases) {
    Parsed parsed = parse(test.command, test.argv);
    EXPECT_FALSE(parsed.arguments);
    EXPECT_EQ(parsed.status, Status::UsageError);
    EXPECT_NE(parsed.message.find(test.message), std::string::npos) << parsed.message;
    EXPECT_NE(parsed.message.find(std::string("see 'nnc ") + test.command + " --help'"),
              std::string::npos);
  }
}

} // namespace
