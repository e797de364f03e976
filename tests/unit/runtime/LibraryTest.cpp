// The C interface of a session, on the toy model.
#include "nnrt/library.h"

#include "tests/unit/runtime/Support.h"
#include "tests/unit/runtime/ToyModel.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

using namespace nnrt::test;

namespace {

class LibraryTest : public testing::Test {
protected:
  LibraryTest() {
    for (size_t i = 0; i < label.size(); ++i) {
      label[i] = uint8_t(i % toy::classes);
      image[i * toy::pixels + 29 * label[i]] = 255;
    }
  }
  ~LibraryTest() override { nnrt_session_destroy(session); }

  int create(uint64_t maxBatch, const nnrt_model &model = toy::model) {
    nnrt_session_destroy(session);
    return nnrt_session_create(&model, sizes(maxBatch), 1, &session);
  }
  /// Of the toy models: the batch, and rows.
  const uint64_t *sizes(uint64_t batch) {
    dims = {batch, 0};
    return dims.data();
  }
  int step(uint64_t batch) {
    return nnrt_session_train_step(session, sizes(batch), fields.data(), &loss);
  }
  std::string message() const { return nnrt_session_message(session); }

  std::array<uint8_t, 16> label{};
  std::vector<uint8_t> image = std::vector<uint8_t>(16 * toy::pixels);
  std::array<const void *, 2> fields = {image.data(), label.data()};
  float loss = 0;
  std::array<uint64_t, 2> dims{};
  nnrt_session *session = nullptr;
};

TEST_F(LibraryTest, LearnsEvaluatesAndPredicts) {
  ASSERT_EQ(create(16), NNRT_OK) << message();
  ASSERT_EQ(nnrt_session_init(session, 1), NNRT_OK) << message();
  ASSERT_EQ(step(16), NNRT_OK) << message();
  const float first = loss;
  for (int i = 0; i < 60; ++i)
    ASSERT_EQ(step(16), NNRT_OK) << message();
  float metric = 0;
  ASSERT_EQ(nnrt_session_eval_step(session, sizes(16), fields.data(), &loss, &metric), NNRT_OK);
  EXPECT_LT(loss, first);
  std::vector<float> logits(16 * toy::classes);
  void *outputs[] = {logits.data()};
  ASSERT_EQ(nnrt_session_predict(session, sizes(16), fields.data(), outputs), NNRT_OK) << message();
  float right = 0;
  for (size_t i = 0; i < 16; ++i) {
    auto row = logits.begin() + i * toy::classes;
    right += std::max_element(row, row + toy::classes) - row == label[i];
  }
  EXPECT_FLOAT_EQ(right / 16, metric);
}

TEST_F(LibraryTest, SavesAndGoesOn) {
  TempFolder folder;
  ASSERT_EQ(create(8), NNRT_OK);
  ASSERT_EQ(nnrt_session_init(session, 4), NNRT_OK);
  for (int i = 0; i < 3; ++i)
    ASSERT_EQ(step(8), NNRT_OK);
  std::string path = folder / "w";
  ASSERT_EQ(nnrt_session_save(session, path.c_str()), NNRT_OK) << message();
  ASSERT_EQ(step(8), NNRT_OK);
  const float expected = loss;
  ASSERT_EQ(create(8), NNRT_OK);
  ASSERT_EQ(nnrt_session_resume(session, path.c_str()), NNRT_OK) << message();
  ASSERT_EQ(step(8), NNRT_OK);
  EXPECT_EQ(loss, expected);
}

TEST_F(LibraryTest, WeightsAloneLeaveTheOptimizerFresh) {
  TempFolder folder;
  std::string path = folder / "w";
  ASSERT_EQ(create(8), NNRT_OK);
  ASSERT_EQ(nnrt_session_init(session, 4), NNRT_OK);
  for (int i = 0; i < 3; ++i)
    ASSERT_EQ(step(8), NNRT_OK);
  ASSERT_EQ(nnrt_session_save(session, path.c_str()), NNRT_OK);
  std::array<float, 2> losses;
  for (float &each : losses) {
    // The second time the session has an optimizer state already.
    ASSERT_EQ(nnrt_session_load(session, path.c_str()), NNRT_OK) << message();
    ASSERT_EQ(step(8), NNRT_OK);
    ASSERT_EQ(step(8), NNRT_OK);
    each = loss;
  }
  EXPECT_EQ(losses[0], losses[1]);
}

TEST_F(LibraryTest, ARefusedFileChangesNothing) {
  TempFolder folder;
  const std::string bad = folder / "bad", before = folder / "before", after = folder / "after";
  // The counter's bytes, taken for truth values, are none once it has counted.
  static constexpr int64_t shape[] = {4};
  static constexpr nnrt_tensor seen = {"seen", NNRT_BOOL, 1, shape, 0};
  nnrt_model model = toy::model;
  model.arenas[NNRT_STATES] = {1, &seen, 64};
  ASSERT_EQ(create(8, model), NNRT_OK) << message();
  ASSERT_EQ(nnrt_session_init(session, 4), NNRT_OK);
  ASSERT_EQ(step(8), NNRT_OK);
  ASSERT_EQ(nnrt_session_save(session, bad.c_str()), NNRT_OK) << message();
  ASSERT_EQ(nnrt_session_init(session, 5), NNRT_OK);
  ASSERT_EQ(nnrt_session_save(session, before.c_str()), NNRT_OK);
  for (auto *refused : {nnrt_session_load, nnrt_session_resume}) {
    EXPECT_EQ(refused(session, bad.c_str()), NNRT_BAD_INPUT);
    EXPECT_HAS(message(), "a truth value is neither 0 nor 1");
    ASSERT_EQ(nnrt_session_save(session, after.c_str()), NNRT_OK);
    EXPECT_EQ(readFile(after), readFile(before));
  }
}

TEST_F(LibraryTest, WeightsKeepTheirSeed) {
  TempFolder folder;
  const std::string path = folder / "w", again = folder / "again";
  ASSERT_EQ(create(8), NNRT_OK);
  ASSERT_EQ(nnrt_session_init(session, 4), NNRT_OK);
  ASSERT_EQ(nnrt_session_save(session, path.c_str()), NNRT_OK);
  ASSERT_EQ(create(8), NNRT_OK);
  ASSERT_EQ(nnrt_session_load(session, path.c_str()), NNRT_OK);
  ASSERT_EQ(nnrt_session_save(session, again.c_str()), NNRT_OK);
  EXPECT_EQ(readFile(again), readFile(path));
}

TEST_F(LibraryTest, ARaggedBatchIsNotTheTrainings) {
  TempFolder folder;
  const std::string path = folder / "w";
  ASSERT_EQ(create(16), NNRT_OK);
  ASSERT_EQ(nnrt_session_init(session, 4), NNRT_OK);
  ASSERT_EQ(step(16), NNRT_OK);
  ASSERT_EQ(step(5), NNRT_OK);
  ASSERT_EQ(nnrt_session_save(session, path.c_str()), NNRT_OK);
  EXPECT_HAS(readFile(path), R"("batch": "16")");
}

TEST_F(LibraryTest, WhatTheRecipeLoadsIsThere) {
  TempFolder folder;
  const std::string path = folder / "first.safetensors", drawn = folder / "drawn";
  ASSERT_EQ(create(8), NNRT_OK);
  ASSERT_EQ(nnrt_session_init(session, 4), NNRT_OK);
  ASSERT_EQ(nnrt_session_save(session, path.c_str()), NNRT_OK);
  std::string recipe =
      toy::changedRecipe(toy::model, R"({"load": [{"file": "first.safetensors", "under": ""}]})");
  nnrt_model model = toy::withRecipe(toy::model, recipe);
  ASSERT_EQ(create(8, model), NNRT_OK);
  EXPECT_EQ(nnrt_session_init(session, 5), NNRT_BAD_INPUT);
  EXPECT_HAS(message(), "'first.safetensors', which the recipe loads, was not found");
  setenv("NN_DATA", folder.path().c_str(), 1);
  ASSERT_EQ(nnrt_session_init(session, 5), NNRT_OK) << message();
  unsetenv("NN_DATA");
  ASSERT_EQ(step(8), NNRT_OK);
  const float loaded = loss;
  ASSERT_EQ(create(8), NNRT_OK);
  ASSERT_EQ(nnrt_session_load(session, path.c_str()), NNRT_OK);
  ASSERT_EQ(step(8), NNRT_OK);
  EXPECT_EQ(loss, loaded);
}

/// Entries that look for their batch in tables get one that is a table by itself.
TEST_F(LibraryTest, ABatchIsATable) {
  std::vector<float> losses, others;
  const nnrt_model tables = toy::inTables(toy::model);
  for (auto &[model, found] : {std::pair(&toy::model, &losses), {&tables, &others}}) {
    ASSERT_EQ(create(16, *model), NNRT_OK) << message();
    ASSERT_EQ(nnrt_session_init(session, 1), NNRT_OK) << message();
    for (uint64_t batch : {16, 3, 8, 16}) {
      ASSERT_EQ(step(batch), NNRT_OK) << message();
      found->push_back(loss);
      float metric = 0;
      ASSERT_EQ(nnrt_session_eval_step(session, sizes(batch), fields.data(), &loss, &metric),
                NNRT_OK);
      found->insert(found->end(), {loss, metric});
    }
  }
  EXPECT_EQ(others, losses);
}

TEST_F(LibraryTest, AStepMayTakeSeveralBatches) {
  // The toy table's first block alone: two batches make an update.
  nlohmann::json changed = nlohmann::json::parse(toy::table.recipe);
  changed["blocks"].erase(1);
  changed["losses"] = {"of_slope"};
  std::string recipe = changed.dump();
  nnrt_model model = toy::withRecipe(toy::table, recipe);
  EXPECT_EQ(create(4, model), NNRT_INTERNAL); // finish gives one result more than the recipe has
  model.num_results = 3;
  ASSERT_EQ(create(4, model), NNRT_OK) << message();
  ASSERT_EQ(nnrt_session_init(session, 1), NNRT_OK);
  std::array<float, 12> features = {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3};
  std::array<float, 4> target = {1, 2, 3, 4}, before = {}, between = {}, after = {};
  const void *batch[] = {features.data(), target.data()}, *inputs[] = {features.data()};
  auto predict = [&](std::array<float, 4> &scores) {
    void *outputs[] = {scores.data()};
    ASSERT_EQ(nnrt_session_predict(session, sizes(4), inputs, outputs), NNRT_OK) << message();
  };
  predict(before);
  // How many steps there are going to be is the data set's affair.
  EXPECT_EQ(nnrt_session_train_step(session, sizes(4), batch, &loss), NNRT_BAD_CALL);
  EXPECT_HAS(message(), "the recipe's `steps` are not known here");
  changed["steps"] = 10;
  recipe = changed.dump();
  model.recipe = recipe.c_str();
  ASSERT_EQ(create(4, model), NNRT_OK) << message();
  ASSERT_EQ(nnrt_session_init(session, 1), NNRT_OK);
  ASSERT_EQ(nnrt_session_train_step(session, sizes(4), batch, &loss), NNRT_OK) << message();
  predict(between);
  EXPECT_EQ(between, before);
  TempFolder folder;
  EXPECT_EQ(nnrt_session_save(session, (folder / "w").c_str()), NNRT_BAD_CALL);
  EXPECT_HAS(message(), "a step has taken 1 of its 2 batches");
  ASSERT_EQ(nnrt_session_train_step(session, sizes(4), batch, &loss), NNRT_OK) << message();
  predict(after);
  EXPECT_NE(after, before);
  EXPECT_EQ(nnrt_session_save(session, (folder / "w").c_str()), NNRT_OK) << message();
  // Both blocks at once would need the batches twice.
  ASSERT_EQ(create(4, toy::table), NNRT_OK) << message();
  ASSERT_EQ(nnrt_session_init(session, 1), NNRT_OK);
  EXPECT_EQ(nnrt_session_train_step(session, sizes(4), batch, &loss), NNRT_BAD_CALL);
}

TEST_F(LibraryTest, WhatCannotBeIsRefused) {
  EXPECT_EQ(create(0), NNRT_BAD_CALL);
  EXPECT_HAS(message(), "max_batch is 0");
  EXPECT_EQ(step(1), NNRT_BAD_CALL);
  ASSERT_EQ(create(8), NNRT_OK);
  EXPECT_EQ(step(8), NNRT_BAD_CALL);
  EXPECT_HAS(message(), "no weights yet");
  ASSERT_EQ(nnrt_session_init(session, 0), NNRT_OK);
  EXPECT_EQ(step(9), NNRT_BAD_CALL);
  EXPECT_HAS(message(), "'batch' is 9, which does not fit");
  label[5] = 10;
  EXPECT_EQ(step(8), NNRT_BAD_INPUT);
  EXPECT_HAS(message(), "'label' is 10 at element 5; expected 0 to 9");
  fields[0] = nullptr;
  EXPECT_EQ(step(4), NNRT_BAD_INPUT);
  EXPECT_HAS(message(), "'image' is a null pointer");
  EXPECT_EQ(nnrt_session_load(session, "/nowhere/w"), NNRT_BAD_INPUT);
  EXPECT_HAS(message(), "/nowhere/w");
}

TEST_F(LibraryTest, AModelWithoutARecipeOnlyPredicts) {
  nnrt_model model = toy::model;
  model.recipe = nullptr;
  model.num_fields = 0;
  ASSERT_EQ(create(8, model), NNRT_OK);
  ASSERT_EQ(nnrt_session_init(session, 0), NNRT_OK);
  EXPECT_EQ(step(8), NNRT_BAD_INPUT);
  std::vector<float> logits(8 * toy::classes);
  void *outputs[] = {logits.data()};
  EXPECT_EQ(nnrt_session_predict(session, sizes(8), fields.data(), outputs), NNRT_OK) << message();
}

TEST_F(LibraryTest, AnotherAbiIsRefused) {
  nnrt_model model = toy::model;
  model.abi_version = 1;
  EXPECT_EQ(create(8, model), NNRT_INTERNAL);
  EXPECT_HAS(message(), "version 1");
}

} // namespace
