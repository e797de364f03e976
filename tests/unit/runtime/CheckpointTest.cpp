// Weights of other models and damaged files, and what `eval` makes of good ones.
#include "tests/unit/runtime/Programs.h"

using namespace nnrt;
using namespace nnrt::test;
using nlohmann::json;

namespace {
class CheckpointTest : public ProgramTest {
protected:
  std::string weights = folder / "w";
  void SetUp() override {
    ProgramTest::SetUp();
    ASSERT_EQ(train({"--save", weights, "--log", folder / "log"}).status, 0);
  }
  Result eval() const { return run(toy::model, {"eval", "--weights", weights, "--data", data}); }
  std::string failure() const {
    Result result = eval();
    EXPECT_EQ(result.status, 1) << result.out;
    EXPECT_HAS(result.err, weights);
    return result.err;
  }
};
} // namespace

TEST_F(CheckpointTest, HoldsParametersUnderTheirNamesAndStateApart) {
  json header = headerOf(readFile(weights));
  EXPECT_EQ(header["dense.w"]["shape"], json::parse("[784, 10]"));
  EXPECT_EQ(header["dense.w"]["dtype"], "F32");
  EXPECT_TRUE(header.contains("seen"));
  EXPECT_TRUE(header.contains("optimizer/dense.bias.v"));
  EXPECT_EQ(header["__metadata__"]["step"], "52");
  EXPECT_EQ(header["__metadata__"]["epoch"], "2");
  EXPECT_EQ(header["__metadata__"]["source_sha256"], toy::model.source_sha256);
  EXPECT_EQ(header.size(), 6u);
}

TEST_F(CheckpointTest, EvalGivesWhatTrainingEndedWith) {
  Result result = eval();
  ASSERT_EQ(result.status, 0) << result.err;
  json epoch = events("log", "epoch").at(1);
  for (const char *key : {"accuracy", "test_loss"}) {
    size_t at = result.out.find(std::string(key) + " ");
    ASSERT_NE(at, std::string::npos) << result.out;
    EXPECT_NEAR(std::stod(result.out.substr(at + strlen(key))), epoch[key].get<double>(), 1e-6);
  }
  EXPECT_HAS(result.out, " (61 examples)\n");
  result =
      run(toy::model, {"eval", "--weights", weights, "--data", data, "--split", "train", "--json"});
  EXPECT_EQ(json::parse(result.out)["examples"], 203);
  EXPECT_TRUE(json::parse(result.out)["train_loss"].is_number());
}

TEST_F(CheckpointTest, WeightsAloneStartATrainingButCannotBeResumed) {
  changeHeader(weights, [](json &header) { header.erase("__metadata__"); });
  EXPECT_EQ(eval().status, 0);
  EXPECT_EQ(train({"--weights", weights, "--steps", "2"}).status, 0);
  EXPECT_EQ(train({"--resume", weights, "--steps", "2"}).status, 1);
}

TEST_F(CheckpointTest, WeightsStartAtStepOneWithAFreshOptimizer) {
  ASSERT_EQ(train({"--weights", weights, "--steps", "1", "--save", folder / "a"}).status, 0);
  EXPECT_EQ(headerOf(readFile(folder / "a"))["__metadata__"]["step"], "1");
  // After one step from a fresh optimizer, the velocity is the gradient, so weights move by 0.05 of
  // it.
  std::string before = tensorOf(weights, "dense.w"), after = tensorOf(folder / "a", "dense.w"),
              velocity = tensorOf(folder / "a", "optimizer/dense.w.v");
  for (size_t i = 0; i < before.size(); i += 4) {
    float b, a, v;
    memcpy(&b, &before[i], 4);
    memcpy(&a, &after[i], 4);
    memcpy(&v, &velocity[i], 4);
    ASSERT_NEAR(a, b - 0.05f * v, 1e-6f);
  }
}

TEST_F(CheckpointTest, WeightsThatHoldNaNAreSaidToBeSo) {
  poison(weights, "dense.w");
  Result result = eval();
  EXPECT_EQ(result.status, 0);
  EXPECT_HAS(result.out, "test_loss nan (61 examples)");
  EXPECT_EQ(result.out.find("-nan"), std::string::npos);
  EXPECT_HAS(result.err, "tensor 'dense.w' holds values that are not finite");
}

TEST_F(CheckpointTest, DamagedFiles) {
  std::string good = readFile(weights);
  writeFile(weights, good.substr(0, good.size() / 2));
  EXPECT_HAS(failure(), "is cut short");
  writeFile(weights, "");
  EXPECT_HAS(failure(), "is empty");
  writeFile(weights, std::string(5000, '\xa5'));
  EXPECT_HAS(failure(), "not a valid safetensors file");
  writeFile(weights, good + "zzz");
  EXPECT_HAS(failure(), "data follows the last tensor");
  std::remove(weights.c_str());
  EXPECT_HAS(failure(), "No such file");
}

TEST_F(CheckpointTest, TensorsOfAnotherModel) {
  std::string good = readFile(weights);
  changeHeader(weights, [](json &header) {
    header["dense.ww"] = header["dense.w"];
    header.erase("dense.w");
  });
  std::string message = failure();
  EXPECT_HAS(message, "holds no tensor 'dense.w' (f32[784, 10])");
  EXPECT_HAS(message, "the nearest name in the file is 'dense.ww'");
  writeFile(weights, good);
  changeHeader(weights, [](json &header) {
    header["extra"] = header["optimizer/dense.w.v"];
    header.erase("optimizer/dense.w.v");
  });
  EXPECT_HAS(failure(), "holds a tensor 'extra', which model 'toy' does not have");
  writeFile(weights, good);
  changeHeader(weights, [](json &header) { header["dense.w"]["shape"] = {10, 784}; });
  EXPECT_HAS(failure(), "tensor 'dense.w' is F32[10, 784], but the model needs F32[784, 10]");
  writeFile(weights, good);
  changeHeader(weights, [](json &header) { header["dense.w"]["dtype"] = "I32"; });
  EXPECT_HAS(failure(), "tensor 'dense.w' is I32[784, 10], but the model needs F32[784, 10]");
}
