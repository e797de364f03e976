// Resuming gives the bits of a training that was never interrupted.
#include "tests/unit/runtime/Programs.h"

using namespace nnrt;
using namespace nnrt::test;
using nlohmann::json;

namespace {
class ResumeTest : public ProgramTest {
protected:
  std::string whole = folder / "whole", half = folder / "half", rest = folder / "rest";
};
} // namespace

TEST_F(ResumeTest, EqualsTheUninterruptedTraining) {
  ASSERT_EQ(train({"--seed", "5", "--steps", "60", "--save", whole}).status, 0);
  // In the middle of an epoch, at its last step (26 per epoch), and just after.
  for (const char *steps : {"1", "11", "25", "26", "27", "52"}) {
    ASSERT_EQ(train({"--seed", "5", "--steps", steps, "--save", half}).status, 0);
    Result result = train({"--resume", half, "--steps", "60", "--save", rest});
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(readFile(rest), readFile(whole)) << "resumed after step " << steps;
  }
}

TEST_F(ResumeTest, InFileOrderAndWithARaggedBatch) {
  for (std::vector<std::string> more :
       {std::vector<std::string>{"--no-shuffle"}, {"--batch", "50"}}) {
    auto with = [&](std::vector<std::string> words) {
      words.insert(words.end(), more.begin(), more.end());
      return words;
    };
    ASSERT_EQ(train(with({"--steps", "12", "--save", whole})).status, 0);
    ASSERT_EQ(train(with({"--steps", "5", "--save", half})).status, 0);
    // The checkpoint knows its batch and its order.
    ASSERT_EQ(train({"--resume", half, "--steps", "12", "--save", rest}).status, 0);
    EXPECT_EQ(readFile(rest), readFile(whole));
  }
}

TEST_F(ResumeTest, EpochLossGoesOn) {
  ASSERT_EQ(train({"--epochs", "1", "--log", folder / "whole.log"}).status, 0);
  ASSERT_EQ(train({"--steps", "10", "--save", half}).status, 0);
  ASSERT_EQ(train({"--resume", half, "--epochs", "1", "--log", folder / "rest.log"}).status, 0);
  EXPECT_EQ(events("rest.log", "epoch").at(0)["loss"], events("whole.log", "epoch").at(0)["loss"]);
  EXPECT_EQ(events("rest.log", "start").at(0)["resumed_after_step"], 10);
}

TEST_F(ResumeTest, LogIsContinued) {
  std::string log = folder / "log";
  ASSERT_EQ(train({"--steps", "10", "--save", half, "--log", log, "--log-every", "1"}).status, 0);
  ASSERT_EQ(train({"--resume", half, "--steps", "15", "--log", log, "--log-every", "1"}).status, 0);
  EXPECT_EQ(events("log", "step").size(), 15u);
  // A line that a kill has left open goes.
  std::string whole = readFile(log);
  writeFile(log, whole + R"({"event":"step","st)");
  ASSERT_EQ(train({"--resume", half, "--steps", "15", "--log", log, "--log-every", "1"}).status, 0);
  EXPECT_EQ(readFile(log).substr(0, whole.size()), whole);
  EXPECT_EQ(events("log", "step").size(), 20u);
}

TEST_F(ResumeTest, FinishedTrainingIsSavedAsItIs) {
  ASSERT_EQ(train({"--save", half}).status, 0);
  Result result = train({"--resume", half, "--save", rest});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(readFile(rest), readFile(half));
  EXPECT_HAS(result.err, "warning: nothing is left to train: " + half +
                             " was saved after step 52, 2 whole epochs");
  // And more epochs go on.
  ASSERT_EQ(train({"--epochs", "3", "--save", whole}).status, 0);
  ASSERT_EQ(train({"--resume", half, "--epochs", "3", "--save", rest}).status, 0);
  EXPECT_EQ(readFile(rest), readFile(whole));
}

TEST_F(ResumeTest, SeedMustBeTheSame) {
  ASSERT_EQ(train({"--seed", "5", "--steps", "3", "--save", half}).status, 0);
  EXPECT_EQ(train({"--seed", "5", "--resume", half, "--steps", "4"}).status, 0);
  Result result = train({"--seed", "6", "--resume", half, "--steps", "4"});
  EXPECT_EQ(result.status, 2);
  EXPECT_HAS(result.err, "--seed 6 contradicts " + half + ", which was trained with --seed 5");
}

TEST_F(ResumeTest, WhatChangesTheResultIsSaid) {
  ASSERT_EQ(train({"--steps", "3", "--save", half}).status, 0);
  EXPECT_EQ(train({"--resume", half, "--steps", "4"}).err, "");
  Result result = train({"--resume", half, "--steps", "4", "--batch", "4"});
  EXPECT_EQ(result.status, 0);
  EXPECT_HAS(result.err, "warning: the batch changes from 8 to 4");
  EXPECT_HAS(train({"--resume", half, "--steps", "4", "--no-shuffle"}).err, "changes the order");
  changeHeader(half, [](json &header) { header["__metadata__"]["source_sha256"] = "other"; });
  result = train({"--resume", half, "--steps", "4"});
  EXPECT_EQ(result.status, 0);
  EXPECT_HAS(result.err, "from another version of the .nn file");
  writeDigits(data, 100, 10);
  EXPECT_HAS(train({"--resume", half, "--steps", "4"}).err, "was trained on 203 examples");
  writeDigits(data, 20, 10);
  result = train({"--resume", half, "--steps", "4"});
  EXPECT_EQ(result.status, 1);
  EXPECT_HAS(result.err, "was saved after 24 examples of an epoch");
  // With just as many there would be a batch of none.
  writeDigits(data, 24, 10);
  result = train({"--resume", half, "--steps", "4"});
  EXPECT_EQ(result.status, 1);
  EXPECT_HAS(result.err, "was saved after 24 examples of an epoch that goes on");
}

TEST_F(ResumeTest, NeedsEverything) {
  ASSERT_EQ(train({"--steps", "3", "--save", half}).status, 0);
  std::string saved = readFile(half);
  auto failureAfter = [&](const std::function<void(json &)> &change) {
    writeFile(half, saved);
    changeHeader(half, change);
    Result result = train({"--resume", half});
    EXPECT_EQ(result.status, 1);
    return result.err;
  };
  EXPECT_HAS(failureAfter([](json &header) { header.erase("__metadata__"); }),
             "cannot be resumed from: it holds no 'step'");
  EXPECT_HAS(failureAfter([](json &header) { header["__metadata__"]["step"] = "-1"; }),
             "its metadata says step = '-1'");
  EXPECT_HAS(failureAfter([](json &header) { header["__metadata__"]["batch"] = "0"; }),
             "batch = '0'");
  for (auto [key, value] :
       {std::pair("step", "18446744073709551615"), std::pair("epoch", "18446744073709551615"),
        std::pair("batch", "4294967296"), std::pair("loss_sum", "nan"),
        std::pair("loss_sum", "inf"), std::pair("loss_sum", "1e999")})
    EXPECT_HAS(failureAfter([&](json &header) { header["__metadata__"][key] = value; }),
               std::string(key) + " = '" + value + "'");
  EXPECT_HAS(failureAfter([](json &header) { header["__metadata__"]["shuffle"] = "maybe"; }),
             "shuffle = 'maybe'");
  EXPECT_HAS(failureAfter([](json &header) {
               header["optimizer/other"] = header["optimizer/dense.w.v"];
               header.erase("optimizer/dense.w.v");
             }),
             "holds no tensor 'optimizer/dense.w.v' (f32[784, 10])");
}
