// The command `info`.
#include "tests/unit/runtime/Support.h"
#include "tests/unit/runtime/ToyModel.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace nnrt::test;
using nlohmann::json;

TEST(Info, Json) {
  Result result = run(toy::model, {"info", "--json"});
  ASSERT_EQ(result.status, 0) << result.err;
  json info = json::parse(result.out);
  EXPECT_EQ(info["model"], "toy");
  EXPECT_EQ(info["compiler"], "nnc 0.0.0-test");
  EXPECT_EQ(info["source_sha256"], toy::model.source_sha256);
  EXPECT_EQ(info["params"], json::parse(R"([
    {"name": "dense.w", "dtype": "f32", "shape": [784, 10]},
    {"name": "dense.bias", "dtype": "f32", "shape": [10]}])"));
  EXPECT_EQ(info["buffers"], json::parse(R"([{"name": "seen", "dtype": "f32", "shape": [1]}])"));
  EXPECT_EQ(info["inputs"],
            json::parse(R"([{"name": "image", "dtype": "u8", "shape": ["batch", 28, 28]}])"));
  EXPECT_EQ(info["outputs"][0]["shape"], json::parse(R"(["batch", 10])"));
  EXPECT_EQ(info["recipe"]["batch"], 8);
  EXPECT_EQ(info["recipe"]["epochs"], 2);
  EXPECT_EQ(info["recipe"]["metrics"], json::parse(R"(["accuracy"])"));
  EXPECT_FALSE(info["recipe"].contains("steps"));
  EXPECT_EQ(info["memory"]["total"], 31424 + 64 + 31424 + 384);
}

TEST(Info, AllThatARecipeCanHave) {
  json info = json::parse(run(toy::table, {"info", "--json"}).out);
  EXPECT_EQ(info["memory"]["parameters"], 128 + 64 + 64);
  EXPECT_EQ(info["memory"]["optimizer"], 3 * 128); // averages and sums of gradients, too
  EXPECT_EQ(info["recipe"]["accumulate"], 2);
  EXPECT_EQ(info["recipe"]["numbers"], json::parse(R"({"rate": 0.1})"));
  EXPECT_EQ(info["recipe"]["losses"], json::parse(R"(["of_slope", "of_level"])"));
  EXPECT_EQ(info["recipe"]["steps_of"][1]["trains"], json::parse(R"(["line.bias"])"));
  EXPECT_EQ(info["inputs"][0]["shape"], json::parse(R"(["batch", 3])"));
  Result text = run(toy::table, {"info"});
  EXPECT_HAS(text.out, "accumulate 2 batches a step");
  EXPECT_HAS(text.out, "step       level, every 2");
}

TEST(Info, SettingsThatAreSet) {
  const std::string recipe = toy::changedRecipe(toy::model, R"({
    "clip": "norm: 1.0", "precision": "bf16", "shuffle": false, "frozen": ["dense.w", "dense.bias"],
    "load": [{"file": "first.safetensors", "under": "dense"}, {"file": "all.safetensors"}]})");
  Result text = run(toy::withRecipe(toy::model, recipe), {"info"});
  for (const char *line :
       {"\n  clip       norm: 1.0\n", "\n  precision  bf16\n", "\n  shuffle    false\n",
        "\n  freeze     dense.w and dense.bias\n",
        "\n  load       first.safetensors, under dense\n", "\n  load       all.safetensors\n"})
    EXPECT_HAS(text.out, line);
  json info = json::parse(run(toy::withRecipe(toy::model, recipe), {"info", "--json"}).out);
  EXPECT_EQ(info["recipe"]["clip"], "norm: 1.0");
  EXPECT_EQ(info["recipe"]["precision"], "bf16");
  // What is as usual is not told.
  text = run(toy::model, {"info"});
  for (const char *key : {"clip", "precision", "shuffle", "freeze", "load"})
    EXPECT_EQ(text.out.find(std::string("\n  ") + key), std::string::npos) << key;
}

TEST(Info, TextAndSource) {
  Result result = run(toy::model, {"info"});
  EXPECT_EQ(result.status, 0);
  EXPECT_HAS(result.out, "dense.w     f32[784, 10]");
  EXPECT_HAS(result.out, "parameters (7,850 numbers)");
  EXPECT_EQ(run(toy::model, {"info", "--source"}).out, toy::model.source);
}

TEST(Info, ModelWithoutRecipe) {
  nnrt_model model = toy::model;
  model.recipe = nullptr;
  EXPECT_TRUE(json::parse(run(model, {"info", "--json"}).out)["recipe"].is_null());
  EXPECT_EQ(run(model, {"info"}).status, 0);
  Result result = run(model, {"train"});
  EXPECT_EQ(result.status, 1);
  EXPECT_HAS(result.err, "was compiled without a recipe");
}
