// What the tests of tables share: a file of points and a program that is trained on it.
#pragma once

#include "tests/unit/runtime/Programs.h"

#include <cmath>

namespace nnrt::test {

/// Runs the toy model of a table, its recipe changed where asked for.
class PointsTest : public ProgramTest {
protected:
  std::string points = folder / "points.csv";
  std::string recipeText;
  nnrt_model model = toy::table;

  struct Row {
    float x, y;
    bool isUp;
    float t;
  };
  std::vector<Row> rows;

  void SetUp() override {
    std::string text = "kind,x,y,t,note\n";
    for (int i = 0; i < 27; ++i) {
      Row row = {0.1f * float(i % 7), 0.25f * float(i % 5) - 1, i % 3 == 0, float(i % 11)};
      rows.push_back(row);
      text += std::string(row.isUp ? "up" : "down") + "," + std::to_string(row.x) + "," +
              std::to_string(row.y) + "," + std::to_string(row.t) + ",any\n";
    }
    writeFile(points, text);
  }
  void change(const std::string &recipe) {
    recipeText = toy::changedRecipe(toy::table, recipe);
    model = toy::withRecipe(toy::table, recipeText);
  }
  Result train(std::vector<std::string> more) const {
    more.insert(more.begin(), {"train", "--data", folder.path()});
    return run(model, more);
  }
  Result eval(const std::string &weights, std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"eval", "--data", folder.path(), "--weights", weights});
    return run(model, more);
  }
  static std::vector<float> floatsOf(const std::string &path, const std::string &name) {
    std::string bytes = tensorOf(path, name);
    std::vector<float> values(bytes.size() / sizeof(float));
    memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }
  static nlohmann::json metadataOf(const std::string &path) {
    return headerOf(readFile(path))["__metadata__"];
  }
};

} // namespace nnrt::test
