// The JSON of a recipe.
#include "runtime/model/Recipe.h"
#include "tests/unit/runtime/Support.h"
#include "tests/unit/runtime/ToyModel.h"

#include <gtest/gtest.h>

using namespace nnrt;
using namespace nnrt::test;

TEST(Recipe, HoldsWhatTheTextSays) {
  Recipe recipe = parseRecipe(R"text({
    "models": ["maker", "critic"], "optimizer": "adam()", "clip": "norm: 1",
    "precision": "bf16", "batch": 64, "epochs": 5, "steps": 2000,
    "seed": 18446744073709551615, "shuffle": false, "accumulate": 2, "average": 0.99,
    "evaluate_every": 200, "keep": {"goal": "max", "of": "accuracy"},
    "stop": {"goal": "min", "of": "loss", "patience": 8}, "budget_bytes": 67108864,
    "load": [{"file": "resnet.safetensors", "under": "backbone"}],
    "numbers": [{"name": "peak", "value": 0.002}],
    "blocks": [{"name": "judge", "losses": ["a", "b"], "trains": [0, 2]},
               {"name": "forge", "every": 3, "losses": ["c"], "trains": [1]}],
    "losses": ["a", "b", "c"], "metrics": ["accuracy"], "passes": [["sum", "max"], ["min"]],
    "frozen": ["backbone.w"],
    "data": {"name": "d", "sources": [{"part": "", "reader": "csv", "files": [{"path": "d.csv"}],
        "options": {"separator": ";", "missing": ["NA", ""], "header": false}}],
      "splits": [{"part": "train", "share": 0.8}], "split_seed": 1,
      "valid": {"share": 0.1, "seed": 2},
      "columns": [{"kind": "category", "first": "1", "by_position": true, "classes": 2}],
      "classes": [{"column": 0, "name": "M"}], "prepared": true, "needs": [[0], []]}})text");
  EXPECT_EQ(recipe.seed, UINT64_MAX);
  EXPECT_FALSE(recipe.shuffle);
  EXPECT_EQ(recipe.clip, "norm: 1");
  EXPECT_EQ(recipe.precision, "bf16");
  EXPECT_EQ(recipe.keep->of, "accuracy");
  EXPECT_TRUE(recipe.keep->isMax);
  EXPECT_EQ(recipe.patience, 8u);
  EXPECT_EQ(recipe.loads.at(0).under, "backbone");
  EXPECT_EQ(recipe.blocks.at(0).every, 1u);
  EXPECT_EQ(recipe.blocks.at(1).every, 3u);
  EXPECT_EQ(recipe.passes.at(0).at(1), Recipe::Combine::Max);
  EXPECT_EQ(recipe.lossKey(2), "loss_c");
  const DataDescription &data = *recipe.data;
  EXPECT_EQ(data.sources.at(0).options.missing, (std::vector<std::string>{"NA", ""}));
  EXPECT_FALSE(data.sources.at(0).options.header);
  EXPECT_EQ(data.validSeed, 2u);
  EXPECT_EQ(data.columns.at(0).kind, DataDescription::Kind::Category);
  EXPECT_EQ(data.columns.at(0).last, "1");
  EXPECT_EQ(data.needs, (std::vector<std::vector<uint32_t>>{{0}, {}}));
}

TEST(Recipe, MetricsMayHaveSeveralNumbers) {
  Recipe recipe = parseRecipe(R"({"blocks": [{"losses": ["loss"]}], "losses": ["loss"],
      "metrics": ["level", "accuracy", "taken"],
      "tables": [{"metric": 2, "shape": [3, 3], "classes": 1}, {"metric": 0, "shape": [4]}],
      "targets": [1], "passes": [["sum", {"combine": "max", "numbers": 4}]]})");
  EXPECT_TRUE(recipe.tables.at(0).isTable() && recipe.tables.at(2).isTable());
  EXPECT_FALSE(recipe.tables.at(1).isTable() || recipe.tables.at(0).classes);
  EXPECT_EQ(recipe.tables.at(2).classes, 1u);
  EXPECT_EQ(recipe.targets, std::vector<uint64_t>{1});
  EXPECT_EQ(recipe.resultOf(1), 5u);
  EXPECT_EQ(recipe.resultOf(2), 6u);
  EXPECT_EQ(recipe.resultOf(3), 15u);
  EXPECT_EQ(recipe.passes.at(0).size(), 5u);
  EXPECT_EQ(recipe.passes.at(0).at(4), Recipe::Combine::Max);
}

TEST(Recipe, MostMayBeLeftOut) {
  Recipe recipe = parseRecipe(R"({"blocks": [{"losses": ["loss"]}], "losses": ["loss"],
                                  "steps": null})");
  EXPECT_EQ(recipe.batch, 32u);
  EXPECT_FALSE(recipe.steps || recipe.epochs || recipe.data || recipe.keep);
  EXPECT_FALSE(recipe.hasNamedLosses());
  EXPECT_TRUE(parseRecipe(toy::table.recipe).hasNamedLosses());
}

TEST(Recipe, AnythingElseIsAFaultOfTheCompiler) {
  for (const char *text :
       {"",
        "{",
        "[]",
        "3",
        "{}",
        R"({"blocks": [{}], "batch": 0})",
        R"({"blocks": [{}], "batch": "many"})",
        R"({"blocks": [{"every": 0}]})",
        R"({"blocks": [{}], "tables": [{"metric": 0, "shape": [2]}]})",
        R"({"blocks": [{}], "metrics": ["a"], "tables": [{"metric": 0, "shape": []}]})",
        R"({"blocks": [{}], "metrics": ["a"], "tables": [{"metric": 0, "shape": [2, 0]}]})",
        R"({"blocks": [{}], "metrics": ["a"], "tables": [{"metric": 0, "shape": [1025, 1025]}]})",
        R"({"blocks": [{}], "metrics": ["a"], "tables": [{"metric": 0, "shape": [1, 1, 1]}]})",
        R"({"blocks": [{}], "passes": [[{"combine": "sum", "numbers": 1048577}]]})",
        R"({"blocks": [{}], "losses": ["a"]})",
        R"({"blocks": [{}], "passes": [["mean"]]})",
        R"({"blocks": [{}], "data": {"name": "d", "columns": [{"kind": "folder"}]}})",
        R"({"blocks": [{}], "data": {"name": "d", "sources": [{"reader": "folder"}]}})",
        R"({"blocks": [{}], "data": {"name": "d", "sources": [{"reader": "folder",
            "files": [{"path": "f"}], "options": {"shape": [0, 8]}}]}})",
        R"({"blocks": [{}], "data": {"name": "d", "sources": [{"reader": "folder",
            "files": [{"path": "f"}], "options": {"shape": [8, 8, 2]}}]}})",
        R"({"blocks": [{}], "data": {"name": "d", "classes": [{"column": 0, "name": "a"}]}})"})
    try {
      parseRecipe(text);
      ADD_FAILURE() << text;
    } catch (const Error &error) {
      EXPECT_EQ(error.getStatus(), Status::Internal);
      EXPECT_HAS(std::string(error.what()), "recipe cannot be read");
    }
}
