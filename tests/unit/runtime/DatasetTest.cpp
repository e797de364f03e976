// Data sets: where they are looked for, and what is checked across files.
#include "runtime/data/Dataset.h"
#include "runtime/data/Locate.h"
#include "tests/unit/runtime/Support.h"
#include "tests/unit/runtime/ToyModel.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

using namespace nnrt;
using namespace nnrt::test;

namespace {
class DatasetTest : public ::testing::Test {
protected:
  TempFolder folder;
  std::string trainImages = folder / "train-images-idx3-ubyte.gz";
  std::string trainLabels = folder / "train-labels-idx1-ubyte.gz";
  std::vector<int64_t> dims = {0};
  DataFacts facts;

  void SetUp() override { writeDigits(folder.path(), 50, 20); }
  Dataset load(const nnrt_model &model = toy::model) {
    return loadFrom(folder.path(), model, {"train", "test"});
  }
  Dataset loadFrom(const std::string &place, const nnrt_model &model,
                   std::vector<std::string> parts) {
    std::unique_ptr<Device> device = makeDevice("cpu", model, 1);
    Recipe recipe = parseRecipe(model.recipe);
    Session session(model, *device, &recipe, false);
    return loadDataset({session, *recipe.data, {place, ""}, std::move(parts)}, dims, facts);
  }
  std::string failure(const nnrt_model &model = toy::model) {
    return errorOf([&] { load(model); });
  }
};
} // namespace

TEST_F(DatasetTest, LoadsBothSplits) {
  Dataset dataset = load();
  const Part *train = dataset.find("train"), *test = dataset.find("test");
  ASSERT_TRUE(train && test);
  EXPECT_EQ(train->examples, 50u);
  EXPECT_EQ(test->examples, 20u);
  EXPECT_EQ(train->table->columns[0].rowBytes, 784u);
  EXPECT_EQ(train->table->columns[1].rowBytes, 1u);
  EXPECT_EQ(dataset.find("validation"), nullptr);
  std::string labels = gunzip(readFile(trainLabels));
  for (size_t i = 0; i < 50; ++i)
    EXPECT_EQ(std::to_integer<char>(train->table->columns[1].memory.data()[i]), labels[8 + i]);
}

TEST_F(DatasetTest, TakesUncompressedFilesOfTheSameName) {
  writeFile(folder / "train-images-idx3-ubyte", gunzip(readFile(trainImages)));
  std::filesystem::remove(trainImages);
  EXPECT_EQ(load().find("train")->examples, 50u);
}

TEST_F(DatasetTest, MissingFolderNamesIt) {
  std::string message =
      errorOf([&] { loadFrom(folder / "no-such-folder", toy::model, {"train"}); });
  EXPECT_HAS(message, "no-such-folder (no such folder)");
  EXPECT_HAS(message, "train-images-idx3-ubyte.gz");
}

/// The hint of the error that locateData() throws.
std::string hintFor(const DataDescription &data, const DataPlaces &places,
                    const std::vector<std::string> &files) {
  try {
    return "found in " + locateData(data, places, files);
  } catch (const Error &error) {
    return error.getHint();
  }
}

TEST_F(DatasetTest, MissingDataSaysHowToGetIt) {
  DataDescription data;
  data.name = "digits";
  data.isLibrary = true;
  EXPECT_HAS(hintFor(data, {}, {"a"}), "`nnc data digits --dir DIR`");
}

TEST_F(DatasetTest, DataOfOnesOwnIsNotFetched) {
  TempFolder work;
  std::string before = std::filesystem::current_path();
  std::filesystem::current_path(work.path());
  DataDescription own;
  own.name = "d";
  EXPECT_EQ(hintFor(own, {}, {"a", "b"}), "pass the folder with its files: --data DIR");
  EXPECT_EQ(hintFor(own, {work.path(), ""}, {"a"}),
            "with --data, files are looked for in that folder alone");
  writeFile("a", "");
  EXPECT_EQ(hintFor(own, {}, {"a", "b"}), "pass the folder with its files: --data DIR");
  writeFile("b.gz", "");
  EXPECT_EQ(hintFor(own, {}, {"a", "b"}), "the files are in the current folder: pass --data .");
  std::filesystem::current_path(before);
}

TEST_F(DatasetTest, NearlyTheNameOfAFile) {
  TempFolder work;
  DataDescription own;
  own.name = "d";
  writeFile(work / "houses.csv", "");
  EXPECT_EQ(hintFor(own, {work.path(), ""}, {"house.csv"}), "did you mean 'houses.csv'?");
  // Another file of the data set is no mistake.
  EXPECT_EQ(hintFor(own, {work.path(), ""}, {"house.csv", "houses.csv"}),
            "found in " + work.path());
  // Where others are there, the file itself is missing.
  writeFile(folder / "train-label-idx1-ubyte.gz", "");
  std::filesystem::remove(trainLabels);
  try {
    load();
    FAIL() << "the labels are read from nowhere";
  } catch (const Error &error) {
    EXPECT_EQ(error.getHint(), "did you mean 'train-label-idx1-ubyte.gz'?");
  }
}

TEST_F(DatasetTest, AFolderThatMayNotBeLookedInto) {
  DataDescription own;
  own.name = "d";
  const uid_t user = geteuid();
  std::filesystem::permissions(folder.path(), std::filesystem::perms::none);
  if (user == 0) // whom nothing is forbidden
    ASSERT_EQ(seteuid(65534), 0);
  std::string message = errorOf([&] { locateData(own, {folder.path(), ""}, {"a"}); });
  ASSERT_EQ(seteuid(user), 0);
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
  EXPECT_HAS(message, folder.path() + " (no permission to look into it)");
}

TEST_F(DatasetTest, MissingFileNamesIt) {
  std::filesystem::remove(trainLabels);
  EXPECT_HAS(failure(), trainLabels + ": no such file; it holds 'label' of the train split");
}

TEST_F(DatasetTest, LooksInTheEnvironmentsFolderThenBelowData) {
  TempFolder work;
  std::string before = std::filesystem::current_path();
  std::filesystem::current_path(work.path());
  std::vector<std::string> files = {"a"};
  DataDescription own;
  own.name = "digits";
  EXPECT_HAS(errorOf([&] { locateData(own, {"", "/nn/data"}, files); }),
             "/nn/data (no such folder) (from $NN_DATA)");
  std::filesystem::create_directories("data/digits");
  writeFile("data/a", "");
  EXPECT_EQ(locateData(own, {}, files), "./data");
  writeFile("data/digits/a", "");
  EXPECT_EQ(locateData(own, {}, files), "./data/digits");
  writeFile(folder / "a", "");
  EXPECT_EQ(locateData(own, {"", folder.path()}, files), folder.path());
  EXPECT_NE(errorOf([&] { locateData(own, {work.path(), folder.path()}, files); }), "");
  std::filesystem::current_path(before);
}

TEST_F(DatasetTest, CountsDisagree) {
  rewrite(trainLabels, [](std::string &raw) { raw = be32(0x801) + be32(49) + raw.substr(8, 49); });
  std::string message = failure();
  EXPECT_HAS(message, "holds 49 examples of 'label'");
  EXPECT_HAS(message, "holds 50 of 'image'");
}

TEST_F(DatasetTest, ImagesOfAnotherSize) {
  rewrite(trainImages, [](std::string &raw) { raw.replace(8, 8, be32(14) + be32(56)); });
  EXPECT_HAS(failure(), "holds u8[50, 14, 56], but field 'image' is u8[batch, 28, 28]");
}

TEST_F(DatasetTest, ElementsOfAnotherType) {
  writeFile(trainLabels, be32(0xd01) + be32(50) + std::string(200, '\0'));
  EXPECT_HAS(failure(), "holds elements of type f32, but field 'label' is u8");
  // Integers are taken as long as they fit.
  writeFile(trainLabels, be32(0xc01) + be32(50) + std::string(199, '\0') + "\7");
  EXPECT_EQ(std::to_integer<int>(load().find("train")->table->columns[1].memory.data()[49]), 7);
  writeFile(trainLabels, be32(0xc01) + be32(50) + std::string(198, '\0') + "\1\7");
  EXPECT_HAS(failure(), "at byte 204: example 49: label is 263, expected a value from 0 to 9");
}

TEST_F(DatasetTest, LabelOutOfRange) {
  rewrite(trainLabels, [](std::string &raw) { raw[8 + 17] = 10; });
  EXPECT_HAS(failure(), "at byte 25: example 17: label is 10, expected a value from 0 to 9");
}

TEST_F(DatasetTest, TheFirstBadFileOfTheRecipeIsReported) {
  rewrite(trainLabels, [](std::string &raw) { raw[8 + 17] = 10; });
  std::string whole = readFile(trainImages);
  writeFile(trainImages, whole.substr(0, whole.size() - 200));
  for (int i = 0; i < 5; ++i)
    EXPECT_HAS(failure(), trainImages);
}

TEST_F(DatasetTest, UnknownFormatIsAFaultOfTheCompiler) {
  nlohmann::json recipe = nlohmann::json::parse(toy::model.recipe);
  recipe["data"]["sources"][0]["reader"] = "parquet";
  std::string text = recipe.dump();
  EXPECT_HAS(failure(toy::withRecipe(toy::model, text)),
             "has format 'parquet', which this runtime cannot read; it reads idx, npy, csv");
}

TEST_F(DatasetTest, FieldWithoutFile) {
  nlohmann::json recipe = nlohmann::json::parse(toy::model.recipe);
  recipe["data"]["sources"][1]["files"].erase(1);
  std::string text = recipe.dump();
  EXPECT_HAS(failure(toy::withRecipe(toy::model, text)),
             "the test split names no file for field 'label'");
}

TEST_F(DatasetTest, SymbolicDimensionsComeFromTheFiles) {
  const int64_t shape[] = {~int64_t(0), ~int64_t(1), 28};
  const char *names[] = {"batch", "height"};
  nnrt_port fields[] = {toy::model.fields[0], toy::model.fields[1]};
  fields[0].tensor.shape = shape;
  nnrt_model model = toy::model;
  model.fields = fields;
  model.dims = names;
  model.num_dims = 2;
  dims = {0, 0};
  load(model);
  EXPECT_EQ(dims[1], 28);
  writeFile(folder / "t10k-images-idx3-ubyte.gz",
            gzip(be32(0x803) + be32(20) + be32(14) + be32(28) + std::string(20 * 14 * 28, 'x')));
  dims = {0, 0};
  EXPECT_HAS(failure(model), "field 'image' has height = 14, but it was 28");
}

TEST_F(DatasetTest, ValidationIsNotTrainedOn) {
  std::string text = toy::changedRecipe(toy::model, R"({"data": {"valid": {"share": 0.2}}})");
  Dataset dataset =
      loadFrom(folder.path(), toy::withRecipe(toy::model, text), {"train", "valid", "test"});
  EXPECT_EQ(dataset.find("train")->examples, 40u);
  EXPECT_EQ(dataset.find("valid")->examples, 10u);
  EXPECT_EQ(dataset.find("valid")->rows.front(), 40u);
  EXPECT_EQ(dataset.find("valid")->table, dataset.find("train")->table);
}
