// Command lines.
#include "runtime/cli/Arguments.h"
#include "tests/unit/runtime/Support.h"
#include "tests/unit/runtime/ToyModel.h"

#include <gtest/gtest.h>

using namespace nnrt;
using namespace nnrt::test;

static constexpr OptionSpec options[] = {
    {"epochs", "N", "passes"}, {"save", "FILE", "where to"}, {"quiet", "", "say\nnothing"}};
static constexpr CommandSpec command = {"train", "Trains.", "", options, "The end."};
static constexpr CommandSpec withOperands = {"predict", "Predicts.", "INPUT...", options, ""};

static Arguments parse(std::vector<const char *> words, const CommandSpec &spec = command) {
  return Arguments(spec, words);
}
static std::string failure(std::vector<const char *> words) {
  try {
    parse(words).number("epochs", 1, 100);
  } catch (const Error &error) {
    EXPECT_EQ(error.getStatus(), Status::BadCommandLine);
    return error.what() + (" / " + error.getHint());
  }
  return {};
}

TEST(Arguments, Parses) {
  Arguments arguments = parse({"--epochs", "3", "--save=a=b", "--quiet"});
  EXPECT_EQ(arguments.number("epochs", 1, 100), 3u);
  EXPECT_EQ(arguments.text("save"), "a=b");
  EXPECT_TRUE(arguments.has("quiet"));
  EXPECT_FALSE(arguments.wantsHelp());
  EXPECT_TRUE(parse({"-h"}).wantsHelp());
  EXPECT_TRUE(parse({"--help"}).wantsHelp());
  EXPECT_EQ(parse({"a", "--", "--quiet", "-"}, withOperands).operands(),
            (std::vector<std::string>{"a", "--quiet", "-"}));
}

TEST(Arguments, Mistakes) {
  EXPECT_EQ(failure({"--epoch", "five"}),
            "unknown option '--epoch' of 'train' / did you mean '--epochs'?");
  EXPECT_EQ(failure({"-epochs", "5"}),
            "unknown option '-epochs' of 'train' / did you mean '--epochs'?");
  EXPECT_EQ(failure({"--frob"}), "unknown option '--frob' of 'train' / see train --help");
  EXPECT_HAS(failure({"--epochs"}), "option '--epochs' needs a value: --epochs N");
  EXPECT_HAS(failure({"--epochs", "--quiet"}), "needs a value");
  EXPECT_HAS(failure({"--save="}), "the value of option '--save' is empty");
  EXPECT_HAS(failure({"--quiet=yes"}), "takes no value");
  EXPECT_HAS(failure({"--quiet", "--quiet"}), "is given twice");
  EXPECT_HAS(failure({"data"}), "unexpected argument 'data'");
}

TEST(Arguments, Numbers) {
  EXPECT_EQ(failure({"--epochs", "100"}), "");
  for (const char *value : {"five", "3.5", "", "-", "1e3", "0x10", " 3", "+3", "--3"})
    EXPECT_NE(failure({"--epochs", value}), "") << value;
  EXPECT_HAS(failure({"--epochs", "five"}), "is not a whole number: 'five'");
  EXPECT_HAS(failure({"--epochs", "-3"}), "is out of range: '-3' / expected from 1 to 100");
  EXPECT_HAS(failure({"--epochs", "0"}), "out of range");
  EXPECT_HAS(failure({"--epochs", "101"}), "out of range");
  EXPECT_HAS(failure({"--epochs", "99999999999999999999999"}), "out of range");
}

TEST(Arguments, Help) {
  EXPECT_EQ(helpText("prog", command), "usage: prog train [options]\n\nTrains.\n\noptions:\n"
                                       "  --epochs N   passes\n"
                                       "  --save FILE  where to\n"
                                       "  --quiet      say\n"
                                       "               nothing\n"
                                       "  --help       this text\n\nThe end.\n");
}

TEST(CommandLine, WrongOnesExitWithTwo) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"frobnicate"},
      {"train", "--epoch", "five"},
      {"train", "--epochs", "-3"},
      {"train", "--save-every", "5"},
      {"train", "--log-every", "5"},
      {"train", "--weights", "a", "--resume", "b"},
      {"train", "--device", "cuda"},
      {"train", "--device", "gpu"},
      {"train", "--threads", "0"},
      {"eval"},
      {"eval", "--weights", "w", "--split", "validation"},
      {"predict", "--weights", "w"},
      {"predict", "x.npy"},
      {"info", "--json", "--source"},
  };
  for (const std::vector<std::string> &words : wrong) {
    Result result = run(toy::model, words);
    EXPECT_EQ(result.status, 2) << result.err;
    EXPECT_EQ(result.err.find("error: "), 0u);
    EXPECT_EQ(result.out, "");
  }
  EXPECT_HAS(run(toy::model, {"trian"}).err, "did you mean 'train'?");
  EXPECT_HAS(run(toy::model, {"train", "--device", "cdua"}).err, "did you mean 'cuda'?");
}

TEST(CommandLine, HelpAndVersion) {
  for (const char *name : {"train", "eval", "predict", "info"}) {
    Result result = run(toy::model, {name, "--help"});
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.out.find(std::string("usage: toy ") + name), 0u);
  }
  EXPECT_HAS(run(toy::model, {"--help"}).out, "predict");
  EXPECT_EQ(run(toy::model, {"--version"}).out,
            "toy, compiled by nnc 0.0.0-test for x86-64, source 001122334455\n");
}

TEST(CommandLine, AnotherAbiIsRefused) {
  nnrt_model model = toy::model;
  model.abi_version = 99;
  Result result = run(model, {"info"});
  EXPECT_EQ(result.status, 3);
  EXPECT_HAS(result.err, "for version 99 of the runtime's interface; this runtime has version " +
                             std::to_string(NNRT_ABI_VERSION));
}

TEST(CommandLine, AProcessorThatIsTooOldIsRefused) {
  nnrt_model model = toy::model;
  model.cpu = "x86-64-v9";
  model.cpu_features = "avx1024 fma16";
  Result result = run(model, {"train", "--data", "/nowhere"});
  EXPECT_EQ(result.status, 1);
  EXPECT_HAS(result.err, "compiled for x86-64-v9, but this processor lacks avx1024, fma16");
}
