// The loop: blocks, accumulated batches, averages, evaluation, keep and stop, numbers; and that all
// of it goes on bit for bit.
#include "tests/unit/runtime/Points.h"

#include "runtime/data/Parts.h"
#include "runtime/model/Recipe.h"

using namespace nnrt;
using namespace nnrt::test;
using nlohmann::json;

namespace {

class LoopTest : public PointsTest {
protected:
  /// The training of the toy model in file order, written down again.
  struct Reference {
    float w[3] = {0.07f, 0.08f, 0.09f}, bias = 0;
    float wVelocity[3] = {}, biasVelocity = 0, wAverage[3] = {0.07f, 0.08f, 0.09f};
    float biasAverage = 0, seen = 0;
    std::vector<double> slope, level; ///< losses; NaN where the block did not run
  };
  Reference reference(uint64_t steps, uint64_t planned, double rate) const;
};

LoopTest::Reference LoopTest::reference(uint64_t steps, uint64_t planned, double rate) const {
  std::vector<uint32_t> train =
      divide(*parseRecipe(toy::table.recipe).data, "", uint32_t(rows.size()))[0].rows;
  double means[2] = {};
  for (uint32_t row : train) {
    means[0] += double(rows[row].x) / double(train.size());
    means[1] += double(rows[row].y) / double(train.size());
  }
  Reference r;
  uint64_t consumed = 0;
  for (uint64_t step = 1; step <= steps; ++step) {
    // A step's batches are the same for both blocks, and go on across the end of an epoch.
    std::vector<std::vector<uint32_t>> batches(2);
    for (auto &batch : batches) {
      for (uint64_t i = 0; i < 4 && consumed < train.size(); ++i)
        batch.push_back(train[consumed++]);
      consumed %= train.size();
    }
    auto features = [&](uint32_t row, int k) {
      return k == 0   ? double(rows[row].x) - means[0]
             : k == 1 ? double(rows[row].y) - means[1]
                      : double(rows[row].isUp);
    };
    auto runBlock = [&](bool isSlope, uint64_t own, uint64_t plan) {
      double loss = 0, gradient[3] = {};
      for (const auto &batch : batches)
        for (uint32_t row : batch) {
          double error = double(r.bias) - double(rows[row].t) / 10;
          for (int k = 0; k < 3; ++k)
            error += features(row, k) * double(r.w[k]);
          loss += error * error / double(batch.size()) / 2;
          for (int k = 0; k < 3; ++k)
            gradient[k] += error * (isSlope ? features(row, k) : k == 0) / double(batch.size());
        }
      double lr = rate * (1 - double(own - 1) / double(plan));
      for (int k = 0; k < (isSlope ? 3 : 1); ++k) {
        float &velocity = isSlope ? r.wVelocity[k] : r.biasVelocity;
        float &parameter = isSlope ? r.w[k] : r.bias;
        float &average = isSlope ? r.wAverage[k] : r.biasAverage;
        velocity = float(0.5 * double(velocity) + gradient[k]);
        parameter = float(double(parameter) - lr * double(velocity));
        average = float(0.5 * double(average) + 0.5 * double(parameter));
      }
      return loss;
    };
    r.slope.push_back(runBlock(true, step, planned));
    r.level.push_back(step % 2 == 0 ? runBlock(false, step / 2, planned / 2) : NAN);
    r.seen += float(batches[0].size() + batches[1].size());
  }
  return r;
}

} // namespace

TEST_F(LoopTest, TheArithmeticOfARecipe) {
  // 20 of 27 rows are trained on: 5 batches an epoch, 15 in all, so 7 steps of 2 batches.
  ASSERT_EQ(train({"--no-shuffle", "--save", folder / "w", "--log", folder / "log", "--log-every",
                   "1", "--set", "rate=0.2"})
                .status,
            0);
  Reference expected = reference(7, 7, 0.2);
  std::vector<json> steps = events("log", "step");
  ASSERT_EQ(steps.size(), 7u);
  for (size_t i = 0; i < steps.size(); ++i) {
    EXPECT_NEAR(steps[i]["loss_of_slope"].get<double>(), expected.slope[i], 1e-6);
    EXPECT_EQ(steps[i].contains("loss_of_level"), i % 2 == 1);
    double sum = expected.slope[i];
    if (i % 2 == 1) {
      EXPECT_NEAR(steps[i]["loss_of_level"].get<double>(), expected.level[i], 1e-6);
      sum += expected.level[i];
    }
    EXPECT_NEAR(steps[i]["loss"].get<double>(), sum, 1e-6);
  }
  std::string w = folder / "w";
  for (int k = 0; k < 3; ++k) {
    EXPECT_NEAR(floatsOf(w, "line.w")[k], expected.wAverage[k], 1e-6);
    EXPECT_NEAR(floatsOf(w, "raw/line.w")[k], expected.w[k], 1e-6);
    EXPECT_NEAR(floatsOf(w, "optimizer/line.w.v")[k], expected.wVelocity[k], 1e-6);
  }
  EXPECT_NEAR(floatsOf(w, "line.bias")[0], expected.biasAverage, 1e-6);
  EXPECT_NEAR(floatsOf(w, "raw/line.bias")[0], expected.bias, 1e-6);
  EXPECT_EQ(floatsOf(w, "line.seen")[0], expected.seen);
  EXPECT_EQ(events("log", "epoch").size(), 3u);
  EXPECT_EQ(events("log", "start").at(0)["numbers"], json::parse(R"({"rate": 0.2})"));
  EXPECT_EQ(metadataOf(w)["numbers"], R"({"rate": 0.2})");
}

TEST_F(LoopTest, StepsCutThePlanAndDoNotBendIt) {
  ASSERT_EQ(train({"--no-shuffle", "--steps", "4", "--save", folder / "w"}).status, 0);
  Reference expected = reference(4, 7, 0.1);
  for (int k = 0; k < 3; ++k)
    EXPECT_NEAR(floatsOf(folder / "w", "raw/line.w")[k], expected.w[k], 1e-6);
  // More epochs are another plan.
  ASSERT_EQ(train({"--no-shuffle", "--epochs", "6", "--save", folder / "w"}).status, 0);
  expected = reference(15, 15, 0.1);
  EXPECT_NEAR(floatsOf(folder / "w", "raw/line.w")[0], expected.w[0], 1e-5);
}

TEST_F(LoopTest, EvaluationUsesTheAverages) {
  std::string w = folder / "w";
  ASSERT_EQ(train({"--save", w, "--log", folder / "log", "--set", "rate=0.3"}).status, 0);
  json end = events("log", "end").at(0);
  Result result = eval(w, {"--json"});
  ASSERT_EQ(result.status, 0) << result.err;
  json shown = json::parse(result.out);
  EXPECT_EQ(shown["examples"], 7);
  for (const char *key : {"test_loss", "loss_of_slope", "loss_of_level", "spread", "largest"})
    EXPECT_NEAR(shown[key].get<double>(), end[key].get<double>(), 1e-12) << key;
  // Exact for any batch, two passes and a maximum included.
  for (const char *batch : {"1", "3", "100"}) {
    json other = json::parse(eval(w, {"--json", "--batch", batch}).out);
    EXPECT_NEAR(other["spread"].get<double>(), shown["spread"].get<double>(), 1e-12);
    EXPECT_EQ(other["largest"], shown["largest"]);
  }
  std::string text = eval(w).out;
  for (const char *key : {"test_loss ", "\nloss_of_slope ", "\nspread ", "\nlargest "})
    EXPECT_HAS(text, key);
}

TEST_F(LoopTest, ResumedAnywhereItIsTheSame) {
  change(R"({"evaluate_every": 2, "keep": {"goal": "min", "of": "loss"},
             "stop": {"goal": "max", "of": "spread", "patience": 50},
             "data": {"valid": {"share": 0.2, "seed": 3}}})");
  // 16 rows: 4 batches an epoch; 9 epochs are 18 steps.
  std::vector<std::string> all = {"--epochs", "9", "--set", "rate=0.3"};
  auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), all.begin(), all.end());
    return train(more);
  };
  ASSERT_EQ(with({"--save", folder / "whole.safetensors"}).status, 0);
  const std::string whole = readFile(folder / "whole.safetensors");
  const std::string best = readFile(folder / "whole.best.safetensors");
  for (int step : {1, 2, 3, 8, 9, 17}) {
    std::string half = folder / "half.safetensors", rest = folder / "rest.safetensors";
    ASSERT_EQ(with({"--steps", std::to_string(step), "--save", half}).status, 0);
    Result result = train({"--resume", half, "--epochs", "9", "--save", rest});
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.err, "");
    EXPECT_EQ(readFile(rest), whole) << "resumed after step " << step;
    if (step > 2) {
      EXPECT_EQ(readFile(folder / "rest.best.safetensors"), best) << step;
    }
    std::filesystem::remove(folder / "rest.best.safetensors");
  }
  // And from what is saved on the way.
  ASSERT_EQ(with({"--steps", "7", "--save", folder / "on", "--save-every", "3"}).status, 0);
}

TEST_F(LoopTest, CarriedOverTheEndOfAnEpoch) {
  ASSERT_EQ(train({"--save", folder / "whole", "--log", folder / "whole.log"}).status, 0);
  for (const char *step : {"2", "3", "5"}) {
    ASSERT_EQ(
        train({"--steps", step, "--save", folder / "half", "--log", folder / "half.log"}).status,
        0);
    ASSERT_EQ(train({"--resume", folder / "half", "--save", folder / "rest", "--log",
                     folder / "half.log"})
                  .status,
              0);
    EXPECT_EQ(readFile(folder / "rest"), readFile(folder / "whole")) << step;
    std::vector<json> epochs = events("half.log", "epoch"), wholes = events("whole.log", "epoch");
    ASSERT_EQ(epochs.size(), wholes.size());
    for (size_t i = 0; i < epochs.size(); ++i)
      for (const char *key : {"epoch", "loss", "test_loss", "spread"})
        EXPECT_EQ(epochs[i][key], wholes[i][key]);
  }
}

TEST_F(LoopTest, MoreEpochsAreThoseOfATrainingThatNeverEnded) {
  // 15 batches make 7 steps: of three epochs the end is reported, but counts only after step 8,
  // which begins with the batch that is left.
  ASSERT_EQ(train({"--set", "rate=0", "--epochs", "6", "--log", folder / "whole"}).status, 0);
  ASSERT_EQ(
      train({"--set", "rate=0", "--epochs", "3", "--save", folder / "w", "--log", folder / "part"})
          .status,
      0);
  EXPECT_EQ(events("part", "epoch").size(), 3u);
  EXPECT_HAS(train({"--resume", folder / "w", "--log", folder / "idle"}).err, "nothing is left");
  EXPECT_TRUE(events("idle", "epoch").empty());
  ASSERT_EQ(train({"--resume", folder / "w", "--epochs", "6", "--log", folder / "rest"}).status, 0);
  std::vector<json> whole = events("whole", "epoch"), rest = events("rest", "epoch");
  ASSERT_EQ(rest.size(), 4u);
  for (size_t i = 0; i < rest.size(); ++i) {
    EXPECT_EQ(rest[i]["epoch"], whole[i + 2]["epoch"]);
    EXPECT_EQ(rest[i]["loss"], whole[i + 2]["loss"]);
  }
}

TEST_F(LoopTest, AStepThatNeedsMoreThanThereIs) {
  change(R"({"epochs": 1, "batch": 100})");
  Result result = train({});
  EXPECT_EQ(result.status, 2);
  EXPECT_HAS(result.err, "fewer batches than the 2 that a step takes");
}

TEST_F(LoopTest, KeepsTheBestEvaluatedWeights) {
  change(R"({"evaluate_every": 1, "keep": {"goal": "max", "of": "spread"}})");
  std::string w = folder / "w.safetensors", best = folder / "w.best.safetensors";
  Result result = train({"--save", w, "--log", folder / "log", "--set", "rate=1.5"});
  ASSERT_EQ(result.status, 0) << result.err;
  double most = -1;
  json step;
  for (const json &each : events("log", "eval"))
    if (each["spread"] > most) {
      most = each["spread"];
      step = each["step"];
    }
  EXPECT_HAS(result.out, "; best spread ");
  EXPECT_HAS(result.out, " after step " + step.dump() + ", kept in " + best);
  EXPECT_NEAR(json::parse(eval(best, {"--json"}).out)["spread"].get<double>(), most, 1e-9);
  EXPECT_EQ(metadataOf(best)["step"], step.dump());
  EXPECT_FALSE(headerOf(readFile(best)).contains("raw/line.w"));
  EXPECT_EQ(train({"--weights", best, "--steps", "1"}).status, 0);
  std::string kept = readFile(best);
  result = train({"--save", w, "--log", folder / "./w.best.safetensors"});
  EXPECT_EQ(result.status, 2);
  EXPECT_HAS(result.err, "--log names the file that the best weights go to");
  EXPECT_EQ(readFile(best), kept);
  // Without a place there is nothing to keep it in.
  EXPECT_HAS(train({}).out, "(--save FILE keeps its weights)");
}

TEST_F(LoopTest, StopsWhereNothingGetsBetter) {
  change(R"({"evaluate_every": 2, "epochs": 30,
             "stop": {"goal": "min", "of": "loss", "patience": 3}})");
  // Equal is not better: the first evaluation stays the best.
  Result result = train({"--set", "rate=0", "--save", folder / "w", "--log", folder / "log"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(events("log", "end").at(0)["step"], 8);
  EXPECT_HAS(result.out, "stopped early: loss was not better for 3 evaluations");
  EXPECT_EQ(events("log", "eval").size(), 4u);
  // Patience goes on where it was.
  ASSERT_EQ(train({"--set", "rate=0", "--steps", "5", "--save", folder / "half"}).status, 0);
  ASSERT_EQ(train({"--resume", folder / "half", "--save", folder / "rest"}).status, 0);
  EXPECT_EQ(readFile(folder / "rest"), readFile(folder / "w"));
  EXPECT_HAS(train({"--resume", folder / "w"}).err, "nothing is left to train");
}

TEST_F(LoopTest, AValidationPartIsWatchedAndTheTestPartTold) {
  change(R"({"data": {"valid": {"share": 0.2}}})");
  Result result = train({"--log", folder / "log", "--save", folder / "w"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_HAS(result.out, "valid_loss ");
  EXPECT_HAS(result.out, "\ntest  test_loss ");
  json valid = json::parse(eval(folder / "w", {"--split", "valid", "--json"}).out);
  json test = json::parse(eval(folder / "w", {"--json"}).out);
  EXPECT_EQ(valid["examples"], 4);
  EXPECT_NEAR(events("log", "epoch").back()["test_loss"].get<double>(),
              valid["valid_loss"].get<double>(), 1e-12);
  EXPECT_NEAR(events("log", "end").at(0)["test_loss"].get<double>(),
              test["test_loss"].get<double>(), 1e-12);
}

TEST_F(LoopTest, NumbersCanBeSet) {
  Result result = train({"--set", "rat=1"});
  EXPECT_EQ(result.status, 2);
  EXPECT_HAS(result.err, "the recipe has no number 'rat'; there are: rate");
  EXPECT_HAS(result.err, "did you mean 'rate'?");
  for (const char *wrong : {"rate", "rate=", "rate=fast", "rate=nan", "rate=1,5"})
    EXPECT_EQ(train({"--set", wrong}).status, 2) << wrong;
  result = train({"--set", "rate=1", "--set", "rate=2"});
  EXPECT_EQ(result.status, 2);
  EXPECT_HAS(result.err, "--set rate=2: 'rate' has been given a value already");
  EXPECT_HAS(run(toy::model, {"train", "--set", "a=1"}).err, "no `let` that is a plain number");
  // What was set goes on without being said again.
  ASSERT_EQ(train({"--set", "rate=0.3", "--save", folder / "whole"}).status, 0);
  ASSERT_EQ(train({"--set", "rate=0.3", "--steps", "3", "--save", folder / "half"}).status, 0);
  result = train({"--resume", folder / "half", "--save", folder / "rest"});
  EXPECT_EQ(readFile(folder / "rest"), readFile(folder / "whole"));
  EXPECT_EQ(result.err, "");
  EXPECT_HAS(train({"--resume", folder / "half", "--set", "rate=0.1"}).err,
             "rate changes from 0.3 to 0.1");
}

TEST_F(LoopTest, WeightsOfAnotherTrainingCanBeLoadedUnderAPath) {
  ASSERT_EQ(train({"--save", folder / "whole"}).status, 0);
  changeHeader(folder / "whole", [](json &header) {
    json changed;
    for (const auto &[name, value] : header.items())
      changed[name.starts_with("line.") ? name.substr(5) : name] = value;
    header = changed;
  });
  change(R"({"load": [{"file": ")" + (folder / "whole") + R"(", "under": "line"}]})");
  ASSERT_EQ(train({"--steps", "1", "--set", "rate=0", "--save", folder / "w"}).status, 0);
  EXPECT_EQ(tensorOf(folder / "w", "line.w"), tensorOf(folder / "whole", "w"));
  // Where data is, too, and the message says where it was looked for.
  change(R"({"load": [{"file": "whole", "under": "line"}]})");
  EXPECT_EQ(train({"--steps", "1"}).status, 0);
  setenv("NN_DATA", folder.path().c_str(), 1);
  EXPECT_EQ(run(model, {"train", "--steps", "1"}).status, 0);
  unsetenv("NN_DATA");
  change(R"({"load": [{"file": "hole", "under": "line"}]})");
  EXPECT_HAS(train({"--steps", "1"}).err, "'hole', which the recipe loads, was not found\n"
                                          "  in the working folder\n  in " +
                                              folder.path());
  change(R"({"load": [{"file": ")" + (folder / "whole") + R"(", "under": "line"}]})");
  changeHeader(folder / "whole", [](json &header) {
    header["ww"] = header["w"];
    header.erase("w");
  });
  EXPECT_HAS(train({"--steps", "1"}).err, "holds no tensor 'w'");
}

TEST_F(LoopTest, ABudgetHoldsForOtherBatchesToo) {
  change(R"({"budget_bytes": 500})");
  Result result = train({});
  EXPECT_EQ(result.status, 1);
  EXPECT_HAS(result.err, "more than the recipe's budget of 500 bytes");
}

//===-- Without data -------------------------------------------------------------------------===//

namespace {
class DrawnTest : public ProgramTest {
protected:
  Result train(std::vector<std::string> more, const nnrt_model &model = toy::drawn) const {
    more.insert(more.begin(), "train");
    return run(model, more);
  }
};
} // namespace

TEST_F(DrawnTest, DrawsItsExamples) {
  Result result = train({"--save", folder / "w", "--log", folder / "log", "--log-every", "1"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_HAS(result.out, "done after step 12");
  EXPECT_TRUE(events("log", "epoch").empty());
  json end = events("log", "end").at(0), last = events("log", "eval").at(0);
  EXPECT_EQ(events("log", "step").size(), 12u);
  EXPECT_LT(end["far"].get<double>(), 0.5);
  EXPECT_EQ(last["far"], end["far"]);
  Result eval = run(toy::drawn, {"eval", "--weights", folder / "w", "--json"});
  EXPECT_EQ(json::parse(eval.out)["examples"], 48); // 16 batches of 3
  EXPECT_NEAR(json::parse(eval.out)["far"].get<double>(), end["far"].get<double>(), 1e-12);
}

TEST_F(DrawnTest, EvaluationDrawsTheSameWhateverTheBatch) {
  ASSERT_EQ(train({"--steps", "4", "--save", folder / "w", "--log", folder / "log"}).status, 0);
  const double far = events("log", "end").at(0)["far"];
  for (const char *batch : {"1", "7", "3", "100"}) {
    json found = json::parse(
        run(toy::drawn, {"eval", "--weights", folder / "w", "--json", "--batch", batch}).out);
    EXPECT_EQ(found["examples"], 48);
    EXPECT_NEAR(found["far"].get<double>(), far, 1e-12) << batch;
  }
}

TEST_F(DrawnTest, GoesOnBitForBit) {
  ASSERT_EQ(train({"--save", folder / "whole"}).status, 0);
  ASSERT_EQ(train({"--save", folder / "half", "--steps", "5"}).status, 0);
  ASSERT_EQ(train({"--resume", folder / "half", "--save", folder / "rest"}).status, 0);
  EXPECT_EQ(readFile(folder / "rest"), readFile(folder / "whole"));
}

TEST_F(DrawnTest, HasNoEpochs) {
  EXPECT_HAS(train({"--epochs", "2"}).err, "the recipe has no data, hence no epochs");
  std::string recipe = toy::changedRecipe(toy::drawn, R"({"steps": null, "evaluate_every": 4})");
  nnrt_model model = toy::withRecipe(toy::drawn, recipe);
  EXPECT_HAS(train({}, model).err, "give --steps");
  // Where the recipe plans nothing, the plan is what is asked for.
  ASSERT_EQ(train({"--steps", "9", "--log", folder / "log"}, model).status, 0);
  EXPECT_EQ(events("log", "eval").size(), 3u);
  EXPECT_EQ(events("log", "eval")[2]["step"], 9);
}
