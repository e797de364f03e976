// The command `train` and what it logs.
#include "runtime/cli/Commands.h"
#include "tests/unit/runtime/Programs.h"

#include <cmath>
#include <filesystem>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace nnrt;
using namespace nnrt::test;
using nlohmann::json;

namespace {
class TrainTest : public ProgramTest {};
} // namespace

TEST_F(TrainTest, LearnsAndReports) {
  Result result = train({"--save", folder / "w", "--log", folder / "log"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_HAS(result.out, "toy: 7,850 parameters, 203 examples, batch 8, seed 0");
  EXPECT_HAS(result.out, "epoch 2/2  loss ");
  EXPECT_HAS(result.out, "done after step 52");
  std::vector<json> epochs = events("log", "epoch");
  ASSERT_EQ(epochs.size(), 2u);
  EXPECT_LT(epochs[1]["loss"].get<double>(), epochs[0]["loss"].get<double>());
  EXPECT_GT(epochs[1]["accuracy"].get<double>(), 0.9);
}

TEST_F(TrainTest, LogHasTheStatedEvents) {
  ASSERT_EQ(train({"--log", folder / "log", "--log-every", "10", "--seed", "7"}).status, 0);
  json start = events("log", "start").at(0);
  EXPECT_EQ(start["model"], "toy");
  EXPECT_EQ(start["params"], 7850);
  EXPECT_EQ(start["seed"], 7);
  EXPECT_EQ(start["device"], "cpu");
  EXPECT_EQ(start["batch"], 8);
  EXPECT_EQ(start["compiler"], "nnc 0.0.0-test");
  EXPECT_TRUE(start["threads"].is_number());
  std::vector<json> steps = events("log", "step");
  ASSERT_EQ(steps.size(), 5u);
  EXPECT_EQ(steps[4]["step"], 50);
  EXPECT_TRUE(steps[4]["loss"].is_number());
  json epoch = events("log", "epoch").at(1);
  for (const char *key :
       {"epoch", "loss", "seconds", "examples_per_second", "test_loss", "accuracy"})
    EXPECT_TRUE(epoch[key].is_number()) << key;
  EXPECT_EQ(epoch["epoch"], 2);
  json end = events("log", "end").at(0);
  EXPECT_EQ(end["step"], 52);
  EXPECT_GT(end["peak_rss_bytes"].get<double>(), 1e6);
  EXPECT_GE(end["seconds"].get<double>(), end["train_seconds"].get<double>());
}

TEST_F(TrainTest, EpochLossIsTheMeanOverExamples) {
  ASSERT_EQ(train({"--log", folder / "log", "--log-every", "1", "--epochs", "1"}).status, 0);
  std::vector<json> steps = events("log", "step");
  ASSERT_EQ(steps.size(), 26u); // 203 = 25 * 8 + 3
  double sum = 0;
  for (size_t i = 0; i < steps.size(); ++i)
    sum += steps[i]["loss"].get<double>() * (i + 1 < steps.size() ? 8.0 : 3.0);
  EXPECT_DOUBLE_EQ(events("log", "epoch").at(0)["loss"].get<double>(), sum / 203);
}

TEST_F(TrainTest, EvaluationWeighsTheRaggedLastBatch) {
  // 61 test examples; evaluated in batches of 8, as batches of 61 they give the same.
  ASSERT_EQ(train({"--save", folder / "w"}).status, 0);
  auto lossOf = [&](const char *batch) {
    Result result = run(toy::model, {"eval", "--weights", folder / "w", "--data", data, "--json",
                                     "--batch", batch});
    EXPECT_EQ(result.status, 0) << result.err;
    return json::parse(result.out)["test_loss"].get<double>();
  };
  EXPECT_NEAR(lossOf("8"), lossOf("61"), 1e-12);
  EXPECT_NEAR(lossOf("8"), lossOf("7"), 1e-12);
}

TEST_F(TrainTest, TheLogCanGoToStandardOutput) {
  Result result = train({"--steps", "3", "--log", "-", "--log-every", "1"});
  ASSERT_EQ(result.status, 0) << result.err;
  std::istringstream lines(result.out);
  std::vector<std::string> kinds;
  for (std::string line; std::getline(lines, line);)
    kinds.push_back(json::parse(line)["event"]);
  EXPECT_EQ(kinds, (std::vector<std::string>{"start", "step", "step", "step", "eval", "end"}));
  EXPECT_FALSE(std::filesystem::exists("-"));
}

TEST_F(TrainTest, StepsDecideAlone) {
  ASSERT_EQ(train({"--steps", "3", "--log", folder / "log"}).status, 0);
  EXPECT_EQ(events("log", "end").at(0)["step"], 3);
  EXPECT_TRUE(events("log", "epoch").empty());
  EXPECT_TRUE(events("log", "eval").at(0)["test_loss"].is_number());
  // More steps than the recipe's two epochs have: as many epochs as it takes.
  ASSERT_EQ(train({"--steps", "100", "--epochs", "1", "--log", folder / "log"}).status, 0);
  EXPECT_EQ(events("log", "end").at(0)["step"], 100);
  EXPECT_EQ(events("log", "epoch").size(), 3u);
}

TEST_F(TrainTest, RecipeMayNameStepsOrNothing) {
  std::string recipe = toy::changedRecipe(toy::model, R"({"epochs": null, "steps": 5})");
  Result result = run(toy::withRecipe(toy::model, recipe), {"train", "--data", data});
  EXPECT_HAS(result.out, "done after step 5");
  recipe = toy::changedRecipe(toy::model, R"({"epochs": null})");
  result = run(toy::withRecipe(toy::model, recipe), {"train", "--data", data});
  EXPECT_EQ(result.status, 2);
  EXPECT_HAS(result.err, "give --epochs or --steps");
}

TEST_F(TrainTest, BatchesOfAnySize) {
  for (const char *batch : {"1", "5", "203", "1000"}) {
    Result result = train({"--batch", batch, "--log", folder / "log", "--epochs", "1"});
    ASSERT_EQ(result.status, 0) << result.err;
    int each = std::min(203, atoi(batch));
    EXPECT_EQ(events("log", "end").at(0)["step"], (203 + each - 1) / each);
  }
}

TEST_F(TrainTest, ASmallerBatchTakesLessInEvaluationToo) {
  // Parameters, optimizer, state; 48 bytes of workspace for each example of a batch.
  std::string recipe = toy::changedRecipe(
      toy::model, R"({"budget_bytes": )" + std::to_string(2 * 31424 + 64 + 100) + "}");
  nnrt_model model = toy::withRecipe(toy::model, recipe);
  EXPECT_EQ(run(model, trainWords({"--steps", "1"})).status, 1);
  EXPECT_EQ(run(model, trainWords({"--steps", "1", "--batch", "2"})).status, 0);
}

TEST_F(TrainTest, SameSeedSameBitsWhateverTheThreads) {
  std::string first;
  for (const char *threads : {"1", "2", "3", "1"}) {
    ASSERT_EQ(train({"--seed", "5", "--threads", threads, "--save", folder / "w"}).status, 0);
    std::string bytes = readFile(folder / "w");
    EXPECT_TRUE(first.empty() || bytes == first) << threads << " threads";
    first = bytes;
  }
  ASSERT_EQ(train({"--seed", "6", "--save", folder / "w"}).status, 0);
  EXPECT_NE(readFile(folder / "w"), first);
}

TEST_F(TrainTest, NoShuffleTakesFileOrder) {
  auto firstLosses = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"--log", folder / "log", "--log-every", "1", "--steps", "1"});
    EXPECT_EQ(train(more).status, 0);
    return events("log", "step").at(0)["loss"].get<double>();
  };
  // The first batch in file order is the first 8 examples: their loss is what a data set of just
  // these gives.
  writeDigits(folder / "few", 8, 5);
  double few = firstLosses({"--no-shuffle", "--data", folder / "few"});
  EXPECT_EQ(firstLosses({"--no-shuffle"}), few);
  EXPECT_NE(firstLosses({}), few);
}

TEST_F(TrainTest, LossThatIsNotFiniteStops) {
  ASSERT_EQ(train({"--save", folder / "w", "--steps", "2"}).status, 0);
  poison(folder / "w", "dense.w");
  Result result =
      train({"--weights", folder / "w", "--save", folder / "kept", "--log", folder / "log"});
  EXPECT_EQ(result.status, 1);
  EXPECT_HAS(result.err, "the loss is not finite (NaN) at step 1; training stopped");
  EXPECT_EQ(readFile(folder / "kept"), "");
  EXPECT_EQ(events("log", "error").at(0)["step"], 1);
  EXPECT_HAS(events("log", "error").at(0)["message"].get<std::string>(), "the loss is not finite");
}

TEST_F(TrainTest, QuietPrintsNothing) {
  Result result = train({"--quiet"});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out + result.err, "");
}

TEST_F(TrainTest, UnwritablePlacesAreFoundBeforeTraining) {
  for (const char *option : {"--save", "--log"}) {
    Result result = train({option, "/proc/nope/w"});
    EXPECT_EQ(result.status, 1);
    EXPECT_HAS(result.err, "/proc/nope/w");
    EXPECT_EQ(result.out.find("epoch"), std::string::npos);
  }
}

TEST_F(TrainTest, LogNeedsItsFolder) {
  Result result = train({"--steps", "3", "--log", folder / "nowhere/log"});
  EXPECT_EQ(result.status, 1);
  EXPECT_HAS(result.err, "/nowhere/log: cannot be written: there is no folder '");
}

TEST_F(TrainTest, LogMayNotReplaceWeights) {
  std::string saved = folder / "w";
  ASSERT_EQ(train({"--steps", "3", "--save", saved}).status, 0);
  std::string before = readFile(saved);
  std::filesystem::create_symlink("w", folder / "link");
  for (const char *option : {"--save", "--weights", "--resume"})
    for (std::string log : {saved, folder / "./w", folder / "link"}) {
      Result result = train({"--steps", "6", option, saved, "--log", log});
      EXPECT_EQ(result.status, 2);
      EXPECT_HAS(result.err, std::string("--log and ") + option + " name the same file");
    }
  EXPECT_EQ(readFile(saved), before);
  // One that is not there yet, too.
  EXPECT_EQ(train({"--save", folder / "new", "--log", folder / "./new"}).status, 2);
}

TEST_F(TrainTest, FullDiskUnderTheLogLosesNoTraining) {
  // As on a disk that fills up: the checkpoint has room, and the log, which is continued, hardly
  // any.
  ASSERT_EQ(train({"--seed", "3", "--steps", "9", "--save", folder / "start"}).status, 0);
  std::vector<std::string> common = {"--resume", folder / "start", "--steps", "40", "--save"};
  auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), common.begin(), common.end());
    return train(more);
  };
  std::string log = folder / "log";
  ASSERT_EQ(with({folder / "w"}).status, 0);
  constexpr rlim_t most = 128 << 10;
  writeFile(log, std::string(most - 1000, '\n'));
  rlimit before = {};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = {most, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  Result result = with({folder / "full", "--log", log, "--log-every", "1"});
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(result.status, 1);
  EXPECT_HAS(result.err,
             "warning: " + log + ": cannot be written: File too large; training goes on");
  EXPECT_HAS(result.err, "error: " + log + ": cannot be written: File too large");
  EXPECT_EQ(readFile(folder / "full"), readFile(folder / "w"));
}

TEST_F(TrainTest, ClosedStandardOutputIsNotWrittenInto) {
  std::vector<std::string> words = trainWords(
      {"--seed", "3", "--steps", "9", "--log", folder / "log", "--save", folder / "closed"});
  ASSERT_EQ(train({"--seed", "3", "--steps", "9", "--save", folder / "w"}).status, 0);
  pid_t child = fork();
  if (child == 0) {
    for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
      close(fd);
    std::vector<const char *> argv = {"program"};
    for (const std::string &word : words)
      argv.push_back(word.c_str());
    _exit(runProgram(toy::model, int(argv.size()), argv.data()));
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(readFile(folder / "closed"), readFile(folder / "w"));
  EXPECT_EQ(events("log", "end").size(), 1u); // and each line is JSON
}

TEST_F(TrainTest, BadDataIsFoundBeforeTraining) {
  rewrite(data + "/train-labels-idx1-ubyte.gz", [](std::string &raw) { raw[8 + 100] = 10; });
  Result result = train({"--save", folder / "w"});
  EXPECT_EQ(result.status, 1);
  EXPECT_HAS(result.err, "train-labels-idx1-ubyte.gz: at byte 108: example 100: label is 10");
  EXPECT_EQ(readFile(folder / "w"), "");
}

TEST_F(TrainTest, TrainsWithoutTestSplit) {
  json recipe = json::parse(toy::model.recipe);
  recipe["data"]["sources"].erase(1);
  std::string text = recipe.dump();
  Result result =
      run(toy::withRecipe(toy::model, text), {"train", "--data", data, "--log", folder / "log"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_FALSE(events("log", "epoch").at(0).contains("test_loss"));
}

TEST_F(TrainTest, NothingIsWrittenBesideTheFilesAskedFor) {
  ASSERT_EQ(train({"--save", folder / "w", "--save-every", "5", "--log", folder / "log"}).status,
            0);
  EXPECT_EQ(folder.files(), (std::vector<std::string>{"data", "log", "w"}));
}
