// Tables from training to prediction: what is fitted travels with the weights.
#include "tests/unit/runtime/Points.h"

#include <array>

using namespace nnrt;
using namespace nnrt::test;
using nlohmann::json;

namespace {
class TableTest : public PointsTest {
protected:
  std::string weights = folder / "w.safetensors";
  void SetUp() override {
    PointsTest::SetUp();
    ASSERT_EQ(train({"--save", weights}).status, 0);
  }
  /// The scores of a table with this text.
  Result predict(const std::string &text, const std::string &name = "rows.csv") const {
    writeFile(folder / name, text);
    return run(model, {"predict", "--weights", weights, folder / name});
  }
  std::vector<double> scores(const std::string &text) const {
    Result result = predict(text);
    EXPECT_EQ(result.status, 0) << result.err;
    std::vector<double> found;
    if (result.status == 0)
      for (const json &each : json::parse(result.out))
        found.push_back(each["score"]);
    return found;
  }
  std::string failure() const {
    Result result = train({});
    EXPECT_EQ(result.status, 1);
    return result.err;
  }
  void replace(const std::string &from, const std::string &to) {
    std::string text = readFile(points);
    text.replace(text.find(from), from.size(), to);
    writeFile(points, text);
  }
};
} // namespace

TEST_F(TableTest, WhatIsFittedIsSaved) {
  json header = headerOf(readFile(weights));
  EXPECT_EQ(header["data/points.0"]["shape"], json::parse("[2]"));
  EXPECT_EQ(metadataOf(weights)["classes"], R"([[], ["down", "up"], []])");
  EXPECT_EQ(metadataOf(weights)["columns"], R"([["x", "y"], ["kind"], ["t"]])");
  // The means are those of the training part, not of all rows.
  double all = 0;
  for (const Row &row : rows)
    all += double(row.x) / double(rows.size());
  EXPECT_GT(std::fabs(double(floatsOf(weights, "data/points.0")[0]) - all), 1e-4);
}

TEST_F(TableTest, PredictsFromRawColumns) {
  std::vector<double> expected = scores("kind,x,y,t,note\nup,0.3,0.5,1,a\ndown,0.1,-1,2,b\n");
  ASSERT_EQ(expected.size(), 2u);
  std::vector<float> w = floatsOf(weights, "line.w"), mean = floatsOf(weights, "data/points.0");
  double score = double(floatsOf(weights, "line.bias")[0]) +
                 (0.3 - double(mean[0])) * double(w[0]) + (0.5 - double(mean[1])) * double(w[1]) +
                 double(w[2]);
  EXPECT_NEAR(expected[0], score, 1e-6);
  // In another order, and without what only the label needs.
  EXPECT_EQ(scores("y,kind,x\n0.5,up,0.3\n-1,down,0.1\n"), expected);
  EXPECT_EQ(scores("y,kind,t,x\n0.5,up,?,0.3\n-1,down,,0.1\n"), expected);
  // The same numbers, prepared already, as an array.
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }";
  float row[3] = {0.3f - mean[0], 0.5f - mean[1], 1};
  writeFile(folder / "x.npy", std::string("\x93NUMPY\1\0", 8) + le(header.size(), 2) + header +
                                  std::string(reinterpret_cast<char *>(row), sizeof row));
  Result result = run(model, {"predict", "--weights", weights, folder / "x.npy"});
  EXPECT_NEAR(json::parse(result.out)[0]["score"].get<double>(), expected[0], 1e-6);
}

TEST_F(TableTest, WhatAnInputNeedsMustBeThere) {
  EXPECT_HAS(predict("y,kind\n0.5,up\n").err, "no column is called 'x'");
  EXPECT_HAS(predict("x,y\n0.5,1\n").err, "no column is called 'kind'");
  EXPECT_HAS(predict("x,y,kind\n0.5,1,left\n").err,
             "rows.csv:2: 'left' is no class of column 'kind'; expected 'down', 'up'");
  EXPECT_HAS(predict("x,y,kind\n0.5,wide,up\n").err, "rows.csv:2:5: 'wide' is not a number");
  EXPECT_HAS(predict("").err, "is empty");
  EXPECT_HAS(run(toy::model, {"predict", "--weights", weights, folder / "rows.csv"}).err,
             weights); // weights of another model come first
}

TEST_F(TableTest, WhereNothingSaysWhatIsNeededAllOfItIs) {
  json recipe = json::parse(toy::table.recipe);
  recipe["data"].erase("needs");
  recipeText = recipe.dump();
  model = toy::withRecipe(toy::table, recipeText);
  EXPECT_HAS(predict("x,y,kind\n0.5,1,up\n").err, "no column is called 't'");
  EXPECT_EQ(predict("x,y,kind,t\n0.5,1,up,3\n").status, 0);
}

TEST_F(TableTest, WeightsThatWereNotFittedCannotUseATable) {
  changeHeader(weights, [](json &header) { header["__metadata__"].erase("classes"); });
  EXPECT_HAS(predict("x,y,kind\n0.5,1,up\n").err,
             "not what the preparation of the data was fitted");
  EXPECT_HAS(eval(weights).err, "not what the preparation of the data was fitted");
  EXPECT_EQ(train({"--weights", weights, "--steps", "1"}).status, 0);
}

TEST_F(TableTest, EvalAppliesWhatWasFitted) {
  json before = json::parse(eval(weights, {"--json"}).out);
  // Other training rows would have other means; those of the weights count.
  std::string text = readFile(points);
  text += "up,1000,1000,1,any\n";
  std::filesystem::create_directory(folder / "more");
  writeFile(folder / "more/points.csv", text);
  Result result = run(model, {"eval", "--data", folder / "more", "--weights", weights, "--split",
                              "test", "--json"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(json::parse(result.out)["spread"].is_number());
  EXPECT_EQ(before["examples"], 7);
}

TEST_F(TableTest, BrokenTables) {
  const std::string good = readFile(points);
  auto broken = [&](const std::string &from, const std::string &to) {
    writeFile(points, good);
    replace(from, to);
    return failure();
  };
  EXPECT_HAS(broken("down,", "left,"), points + ":4: column 'kind' has 3 classes, expected 2; they "
                                                "are 'down', 'left', 'up'");
  EXPECT_HAS(broken("\nup,", "\n"), points + ":2:");
  EXPECT_HAS(broken("0.000000", "1e999"), points + ":2:4: '1e999' is too large for f32");
  EXPECT_HAS(broken("x,y", "x,v"), "no column is called 'y'");
  writeFile(points, "kind,x,y,t\nup,1,2,3\nup,2,3,4\nup,1,1,1\nup,0,0,0\n");
  EXPECT_HAS(failure(), "column 'kind' has 1 class, expected 2");
  change(R"({"data": {"classes": [{"column": 1, "name": "sideways"}]}})");
  writeFile(points, good);
  EXPECT_HAS(failure(), "column 'kind' has no class 'sideways'");
  std::filesystem::remove(points);
  EXPECT_HAS(failure(), "points.csv");
}

TEST_F(TableTest, AFileForEachPart) {
  // The second has its columns in another order, and only one of the classes.
  writeFile(folder / "test.csv", "t,y,x,kind\n1,0.5,0.3,up\n2,-1,0.1,up\n");
  json recipe = json::parse(toy::table.recipe);
  json &sources = recipe["data"]["sources"];
  sources.push_back(sources[0]);
  sources[0]["part"] = "train";
  sources[1]["part"] = "test";
  sources[1]["files"][0]["path"] = "test.csv";
  recipe["data"].erase("splits");
  recipeText = recipe.dump();
  model = toy::withRecipe(toy::table, recipeText);
  ASSERT_EQ(train({"--save", weights}).status, 0);
  std::vector<double> predicted = scores("x,y,kind\n0.3,0.5,up\n0.1,-1,up\n");
  json shown = json::parse(eval(weights, {"--json"}).out);
  EXPECT_EQ(shown["examples"], 2);
  EXPECT_NEAR(shown["largest"].get<double>(), std::max(predicted[0], predicted[1]), 1e-6);
}

TEST_F(TableTest, MissingNumbersArePrepared) {
  replace("0.100000", "");
  EXPECT_EQ(train({}).status, 0);
  change(R"({"data": {"sources": null}})");
  json recipe = json::parse(toy::table.recipe);
  recipe["data"]["sources"][0]["options"].erase("missing");
  recipeText = recipe.dump();
  model = toy::withRecipe(toy::table, recipeText);
  EXPECT_HAS(failure(), points + ":3:6: a number is missing here");
}

TEST_F(TableTest, EmptyParts) {
  writeFile(points, "kind,x,y,t\nup,1,2,3\n");
  change(R"({"data": {"columns": [{"kind": "numbers", "first": "x", "last": "y"},
             {"kind": "category", "first": "kind"}, {"kind": "number", "first": "t"}]}})");
  EXPECT_HAS(failure(), "of 1 example, none is left for the test part");
}

//===-- Arrays that are prepared -------------------------------------------------------------===//

namespace {
/// The same points as arrays: pos f32[2], kind i32 (7 is what "up" was), t f32.
class PreparedArraysTest : public PointsTest {
protected:
  std::vector<nnrt_entry> entries;
  std::string weights = folder / "w";
  static constexpr nnrt_binding scalars[] = {{NNRT_DIM, 1}, {NNRT_SEED, 0}};

  static std::string npy(const std::string &type, const std::string &shape,
                         const std::string &bytes) {
    std::string header =
        "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + "}";
    return std::string("\x93NUMPY\1\0", 8) + le(header.size(), 2) + header + bytes;
  }
  template <typename T> static std::string bytesOf(T value) {
    return {reinterpret_cast<const char *>(&value), sizeof value};
  }
  void SetUp() override {
    PointsTest::SetUp();
    json recipe = json::parse(toy::table.recipe);
    json files = json::array();
    json columns = json::array();
    for (const char *name : {"pos", "kind", "t"}) {
      files.push_back({{"column", name}, {"path", std::string(name) + ".npy"}});
      columns.push_back({{"kind", "array"}, {"name", name}});
    }
    recipe["data"]["sources"] = {{{"part", ""}, {"reader", "npy"}, {"files", files}}};
    recipe["data"]["columns"] = columns;
    recipe["data"]["classes"] = json::array();
    recipeText = recipe.dump();
    model = toy::withRecipe(toy::table, recipeText);
    entries.assign(model.entries, model.entries + model.num_entries);
    for (nnrt_entry &entry : entries)
      if (std::string_view(entry.name) == "prepare")
        entry.scalars = scalars;
    model.entries = entries.data();
    std::string pos, kind, t;
    for (const Row &row : rows) {
      pos += bytesOf(row.x) + bytesOf(row.y);
      kind += bytesOf(int64_t(row.isUp ? 7 : 1));
      t += bytesOf(row.t);
    }
    const std::string count = std::to_string(rows.size());
    writeFile(folder / "pos.npy", npy("<f4", "(" + count + ", 2)", pos));
    writeFile(folder / "kind.npy", npy("<i8", "(" + count + ",)", kind));
    writeFile(folder / "t.npy", npy("<f4", "(" + count + ",)", t));
    Result result = train({"--save", weights});
    ASSERT_EQ(result.status, 0) << result.err;
  }
  Result predict(std::vector<std::string> more) const {
    more.insert(more.begin(), {"predict", "--weights", weights});
    return run(model, more);
  }
};
} // namespace

TEST_F(PreparedArraysTest, TrainLikeATable) {
  model = toy::table;
  ASSERT_EQ(train({"--save", folder / "of_table"}).status, 0);
  EXPECT_EQ(tensorOf(weights, "line.w"), tensorOf(folder / "of_table", "line.w"));
  EXPECT_EQ(tensorOf(weights, "data/points.0"), tensorOf(folder / "of_table", "data/points.0"));
}

TEST_F(PreparedArraysTest, RawArraysArePreparedForPrediction) {
  Result result = predict({"pos=" + (folder / "pos.npy"), "kind=" + (folder / "kind.npy")});
  ASSERT_EQ(result.status, 0) << result.err;
  json all = json::parse(result.out);
  ASSERT_EQ(all.size(), rows.size());
  std::vector<float> w = floatsOf(weights, "line.w"), mean = floatsOf(weights, "data/points.0");
  for (size_t i = 0; i < rows.size(); ++i)
    EXPECT_NEAR(all[i]["score"].get<double>(),
                double(floatsOf(weights, "line.bias")[0] + (rows[i].x - mean[0]) * w[0] +
                       (rows[i].y - mean[1]) * w[1] + (rows[i].isUp ? w[2] : 0)),
                1e-6);
  // Two columns make the input: a file has to say which it is.
  EXPECT_HAS(predict({folder / "pos.npy"}).err, "does not say which input it is");
  EXPECT_HAS(predict({"pos=" + (folder / "pos.npy")}).err, "no file is given for column 'kind'");
  // An input under its own name is taken as it is.
  writeFile(folder / "x.npy", npy("<f4", "(3,)", bytesOf(std::array<float, 3>{1, 2, 3})));
  result = predict({"features=" + (folder / "x.npy")});
  EXPECT_NEAR(json::parse(result.out)[0]["score"].get<double>(),
              double(floatsOf(weights, "line.bias")[0] + w[0] + 2 * w[1] + 3 * w[2]), 1e-5);
}
