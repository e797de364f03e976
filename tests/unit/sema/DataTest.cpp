// Data sets: columns, code over rows, what is fitted and what is done to each row.
#include "tests/unit/sema/Analysis.h"

#include "gtest/gtest.h"

using namespace nnc;
using sema::Column;
using sema::Input;

namespace {

/// A table "t.csv" with columns a, b, c, kind, and an array "x.npy" of 2 x 3, where asked for.
class Files : public sema::DataFiles {
public:
  std::string find(llvm::StringRef file, std::vector<std::string> &looked) const override {
    looked.push_back("data");
    return file == "t.csv" || file == "x.npy" || file == "flowers" ? ("data/" + file).str() : "";
  }
  llvm::Expected<Array> readArray(llvm::StringRef, llvm::StringRef) const override {
    return Array{sema::Element::F32, {10, 2, 3}};
  }
  std::string findBeside(llvm::StringRef, llvm::StringRef file,
                         std::vector<std::string> &looked) const override {
    return find(file, looked);
  }
  llvm::Expected<Values> readValues(llvm::StringRef, uint64_t) const override {
    return Values{{sema::Element::I32, {2}}, std::string("\1\0\0\0\2\0\0\0", 8)};
  }
  llvm::Expected<std::vector<std::string>> readUnits(llvm::StringRef,
                                                     llvm::StringRef) const override {
    return std::vector<std::string>{"a", "b", "c"};
  }
  std::string findFolder(llvm::StringRef folder, std::vector<std::string> &looked) const override {
    return find(folder, looked);
  }
  llvm::Expected<std::vector<std::string>> readClasses(llvm::StringRef) const override {
    return std::vector<std::string>{"daisy", "rose", "tulip"};
  }
  llvm::Expected<Table> readTable(llvm::StringRef, char, bool) const override {
    return Table{{"a", "b", "c", "kind"}, 4};
  }
};

const Files files;

struct WithFiles : test::Analysis {
  explicit WithFiles(std::string text, bool atHand = true)
      : Analysis(std::move(text), "test.nn", atHand ? &files : nullptr) {}
};

std::string table(const std::string &code, const std::string &header = "x: f32[n], t: f32") {
  return "data rows_(" + header + ") {\n  from csv(\"t.csv\", missing: \"\")\n" + code + R"(
  split train: 0.8, test: 0.2, seed: 1
}
model net(x: f32[batch, n]) -> y: f32[batch] = x |> dense(1) |> squeeze
train net {
  data rows_(x, t)
  loss mse(y, t as f32)
  optimizer sgd()
}
)";
}

TEST(Data, SizesComeFromTheHeaderOfTheTable) {
  WithFiles analysis(table("  x = numbers(\"a\", to: \"c\")\n  t = number(\"b\")\n"));
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::Model &model = analysis.program->models.front();
  EXPECT_EQ(model.parameters[0].type.str(), "f32[3, 1]");
  const sema::Data &data = *model.recipe->data;
  EXPECT_FALSE(data.isPrepared) << "fields are columns as they are";
  ASSERT_EQ(data.columns.size(), 2u);
  EXPECT_EQ(data.columns[0].kind, Column::Kind::Numbers);
  EXPECT_EQ(data.columns[0].first, "a");
  EXPECT_EQ(data.columns[0].last, "c");
  EXPECT_EQ(data.columns[1].type.str(), "f32[rows]");
  EXPECT_EQ(data.splits.size(), 2u);
  EXPECT_EQ(data.splitSeed, 1u);
  EXPECT_TRUE(data.unsettled.empty());
}

/// Images of a folder, whose type and number of classes the header says so.
std::string folder(const std::string &image, const std::string &classes,
                   const std::string &options) {
  return "data photos(image: " + image + ", label: index(" + classes +
         ")) {\n  train folder(\"flowers\"" + options + R"()
}
model net(image: u8[batch, ...s], label: index(3)[batch]) -> y: f32[batch] =
  image as f32 |> flatten |> dense(1) |> squeeze
train net {
  data photos(image, label)
  loss mean(y)
  optimizer sgd()
}
)";
}

TEST(Data, FoldersGiveImagesAndLabels) {
  struct Case {
    const char *image, *options, *type;
  };
  for (const Case &each : {Case{"u8[8, 6, 3]", "", "u8[rows, 8, 6, 3]"},
                           Case{"u8[h, w, c]", ", size: [8, 6]", "u8[rows, 8, 6, 3]"},
                           Case{"u8[8, 6]", "", "u8[rows, 8, 6]"},
                           Case{"u8[h, w]", ", size: [8, 6], channels: 1", "u8[rows, 8, 6]"},
                           Case{"u8[8, 6, 1]", ", channels: 1", "u8[rows, 8, 6, 1]"}})
    for (bool atHand : {true, false}) {
      WithFiles analysis(folder(each.image, "3", each.options), atHand);
      ASSERT_TRUE(analysis.program) << analysis.messages();
      const sema::Data &data = *analysis.program->models.front().recipe->data;
      EXPECT_FALSE(data.isPrepared);
      EXPECT_TRUE(data.unsettled.empty());
      ASSERT_EQ(data.columns.size(), 2U);
      EXPECT_EQ(data.columns[0].kind, Column::Kind::Image);
      EXPECT_EQ(data.columns[0].type.str(), each.type);
      EXPECT_EQ(data.columns[1].kind, Column::Kind::Label);
      EXPECT_EQ(data.columns[1].classes, sema::Dim(3));
      EXPECT_EQ(data.sources.front().options.size(), 1U);
    }
  // What the header says and the folder does not.
  for (const char *image : {"u8[8, 8, 3]", "u8[8, 6]", "u8[8, 6, 1]"})
    EXPECT_FALSE(WithFiles(folder(image, "3", ", size: [8, 6], channels: 3")).program) << image;
  EXPECT_FALSE(WithFiles(folder("u8[8, 6, 3]", "2", "")).program);
}

TEST(Data, WithoutTheFileASizeIsASymbol) {
  WithFiles analysis(table("  x = concat(numbers(\"a\", to: \"c\"), one_hot(category(\"kind\", "
                           "classes: 4)))\n  t = number(\"b\")\n"),
                     /*atHand=*/false);
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::Data &data = *analysis.program->models.front().recipe->data;
  ASSERT_EQ(data.unsettled.size(), 1u);
  EXPECT_EQ(data.unsettled[0].file, "t.csv");
  EXPECT_EQ(analysis.program->models.front().parameters[0].type.str(), "f32[a_to_c + 4, 1]");
}

TEST(Data, TheHeaderTellsASizeWhoseFileIsMissing) {
  const std::string code = "  let most = numbers(\"a\", to: \"c\") |> standardize\n"
                           "  x = concat(most, most, one_hot(category(\"kind\", classes: 4)))\n"
                           "  t = number(\"b\")\n";
  WithFiles analysis(table(code, "x: f32[10], t: f32"), /*atHand=*/false);
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::Model &model = analysis.program->models.front();
  const sema::Data &data = *model.recipe->data;
  EXPECT_TRUE(data.unsettled.empty());
  EXPECT_EQ(model.parameters[0].type.str(), "f32[10, 1]");
  EXPECT_EQ(data.columns[0].type.str(), "f32[rows, 3]");
  EXPECT_EQ(data.fit.results[0].node->type.str(), "f32[3]");
  EXPECT_EQ(data.prepare.results[0].node->type.str(), "f32[rows, 10]");

  // The same with the file; nothing else fits either.
  EXPECT_TRUE(WithFiles(table(code, "x: f32[10], t: f32")).program);
  for (const char *size : {"9", "4", "2"})
    for (bool atHand : {false, true}) {
      WithFiles other(table(code, std::string("x: f32[") + size + "], t: f32"), atHand);
      EXPECT_TRUE(other.reports(Code::FieldMismatch)) << size << other.messages();
    }
  // Two columns, two sizes.
  WithFiles both(table("  x = numbers(\"a\", to: \"b\")\n  t = mean(numbers(\"a\", to: \"b\"), "
                       "axis: 1) + 0 * mean(numbers(\"b\", to: \"c\"), axis: 1)\n",
                       "x: f32[2], t: f32"),
                 /*atHand=*/false);
  ASSERT_TRUE(both.program) << both.messages();
  EXPECT_EQ(both.program->models.front().recipe->data->unsettled.size(), 1u);
}

TEST(Data, AConstantIsReadFromItsFile) {
  const std::string model = "model m(x: i32[batch, 2]) -> y: i32[batch, 2] = x * roads\n";
  WithFiles analysis("let roads: i32[2] = npy(\"x.npy\")\n" + model);
  ASSERT_TRUE(analysis.program) << analysis.messages();
  EXPECT_TRUE(
      WithFiles("let roads: i32[3] = npy(\"x.npy\")\n" + model).reports(Code::ShapeMismatch));
  EXPECT_TRUE(WithFiles("let roads = npy(\"z.npy\")\n" + model).reports(Code::DataFile));
  EXPECT_TRUE(WithFiles("let roads = npy(2)\n" + model).reports(Code::ArgumentType));
  EXPECT_TRUE(WithFiles("model m(x: i32[batch, 2]) -> y: i32[batch, 2] = x * npy(\"x.npy\")\n")
                  .reports(Code::NotCallable));
}

TEST(Data, MeansAreFittedAndRowsArePrepared) {
  WithFiles analysis(
      table("  x = numbers(\"a\", to: \"b\") |> standardize\n  t = number(\"c\") / 2\n"));
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::Data &data = *analysis.program->models.front().recipe->data;
  EXPECT_TRUE(data.isPrepared);
  ASSERT_EQ(data.fit.results.size(), 2u) << "a mean and a deviation";
  EXPECT_EQ(data.fit.results[0].node->type.str(), "f32[2]");
  EXPECT_EQ(data.fit.results[1].node->type.str(), "f32[2]");
  size_t fitted = 0;
  for (const Input &input : data.prepare.inputs)
    fitted += input.kind == Input::Kind::Fitted;
  EXPECT_EQ(fitted, 2u);
  // A row is prepared without a look at others, or at how many there are.
  for (const sema::Node *node : data.prepare.nodes) {
    EXPECT_FALSE(llvm::StringRef(node->op).starts_with("reduce")) << node->op;
    EXPECT_NE(node->op, "from_index");
  }
  EXPECT_EQ(data.prepare.results[0].node->type.str(), "f32[rows, 2]");
  EXPECT_EQ(data.fields[0].type.str(), "f32[batch, 2]");
}

TEST(Data, ACategoryMeetsItsClassByName) {
  WithFiles analysis(table("  x = numbers(\"a\", to: \"b\")\n  t = category(\"kind\", classes: 3) "
                           "== \"M\"\n",
                           "x: f32[n], t: bool"));
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::Data &data = *analysis.program->models.front().recipe->data;
  ASSERT_EQ(data.classes.size(), 1u);
  EXPECT_EQ(data.classes[0].name, "M");
  EXPECT_EQ(data.columns[data.classes[0].column].kind, Column::Kind::Category);
  EXPECT_TRUE(llvm::any_of(data.prepare.inputs,
                           [](const Input &input) { return input.kind == Input::Kind::Class; }));
  EXPECT_EQ(data.fields[1].type.str(), "bool[batch]");
}

TEST(Data, ClassesOfACategoryBoundTheField) {
  WithFiles analysis(R"(
data kinds(x: f32[n], label: index(3)) {
  from csv("t.csv")
  x = numbers("a", to: "b")
  label = category("kind", classes: 3)
}
model net(x: f32[batch, n]) -> y: f32[batch, 3] = x |> dense(3)
train net {
  data kinds(x, label)
  loss cross_entropy(y, label)
  optimizer sgd()
}
)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  EXPECT_EQ(analysis.program->models.front().recipe->data->fields[1].limit, sema::Dim(3));
  // A header with fewer classes than the category has is an error.
  WithFiles fewer(table("  x = numbers(\"a\")\n  t = category(\"kind\", classes: 3)\n",
                        "x: f32[n], t: index(2)"));
  EXPECT_TRUE(fewer.reports(Code::ClassRange)) << fewer.messages();
}

TEST(Data, EachRowIsPreparedByItself) {
  auto program = [](const std::string &x) {
    return R"(
data d(x: f32[2, 3]) {
  train npy(raw: "x.npy")
  let r: f32[rows, h, w] = raw
  x = )" + x +
           R"(
}
model net(x: f32[batch, 2, 3]) -> y: f32[batch] = x |> flatten |> dense(1) |> squeeze
train net {
  data d(x)
  loss y ^ 2
  optimizer sgd()
}
)";
  };
  for (const char *line : {
           "transpose(transpose(raw, [1, 2, 0]) * 2, [2, 0, 1])",
           "reshape(reshape(raw, [rows * 2, 3]) * 2, [rows, 2, 3])",
           "scan xt in r over h { state s: f32[rows, w] = zeros() ; s = s + xt; yield s }",
           "zeros([rows, 2, 3])",
           "raw - mean(raw[:, 0] @ transpose(raw[:, 1]))",
           "raw - mean(raw, axis: 0)",
       }) {
    WithFiles each(program(line));
    EXPECT_TRUE(each.program) << line << each.messages();
  }
  for (const char *line : {
           "raw * (iota(rows) as f32)[:, new, new]",
           "reshape(transpose(raw, [1, 0, 2]), [rows, 2, 3])",
           "raw * sum(raw[:, 0] @ transpose(raw[:, 1]), axis: 1)[:, new, new]",
           "scan xt in r over rows { state s: f32[h, w] = zeros() ; s = s + xt; yield s }",
           "concat(raw[1..], raw[..1], axis: 0)",
       }) {
    WithFiles each(program(line));
    EXPECT_TRUE(each.reports(Code::MixedRows)) << line << each.messages();
  }
}

TEST(Data, ArraysHaveTheSizesOfTheirFiles) {
  auto program = [](const char *header, const char *input) {
    return std::string("data d(") + header + R"() { train npy(x: "x.npy") }
model net(x: )" +
           input +
           R"() -> y: f32[batch] = x |> flatten |> dense(1) |> squeeze
train net {
  data d(x)
  loss y ^ 2
  optimizer sgd()
}
)";
  };
  WithFiles named(program("x: f32[h, w]", "f32[batch, h, w]"));
  ASSERT_TRUE(named.program) << named.messages();
  EXPECT_EQ(named.program->models.front().parameters[0].type.str(), "f32[6, 1]");
  WithFiles wrong(program("x: f32[2, 4]", "f32[batch, h, w]"));
  EXPECT_TRUE(wrong.reports(Code::DataFile)) << wrong.messages();
  EXPECT_NE(wrong.messages().find("f32[2, 3]"), std::string::npos) << wrong.messages();
}

TEST(Data, ElementsOfFilesAreThoseOfTheirColumns) {
  auto program = [](const std::string &element, const std::string &bound, const char *file) {
    return "data d(x: " + element + "[2, 3], z: f32) { train npy(x: \"" + file + R"(", z: "z.npy") }
model net(x: )" +
           element + R"([batch, 2, 3]) -> y: f32[batch] = x as f32 |> flatten |> dense(1) |> squeeze
train net {
  data d()" +
           bound +
           R"()
  loss y ^ 2
  optimizer sgd()
}
)";
  };
  for (const char *element : {"f32", "f64"}) {
    WithFiles fits(program(element, "x", "x.npy"));
    EXPECT_TRUE(fits.program) << fits.messages();
  }
  for (const char *element : {"f16", "i32", "u8"}) {
    WithFiles wrong(program(element, "x", "x.npy"));
    EXPECT_TRUE(wrong.reports(Code::DataFile)) << element;
    EXPECT_NE(wrong.messages().find(std::string("data/x.npy: holds elements of type f32, but "
                                                "field 'x' is ") +
                                    element),
              std::string::npos)
        << wrong.messages();
  }
  // As when it is loaded: by the recipe's name, and only what is loaded.
  std::string renamed = program("u8", "pixels: x", "x.npy");
  renamed.replace(renamed.find("loss y"), 6, "loss net(pixels)");
  WithFiles wrong(renamed);
  EXPECT_NE(wrong.messages().find("but field 'pixels' is u8"), std::string::npos)
      << wrong.messages();
  WithFiles unread(
      "data d(x: f32[2, 3], z: i32[2, 3]) { train npy(x: \"x.npy\", z: \"x.npy\") }\n" +
      program("f32", "x", "x.npy").erase(0, program("f32", "x", "x.npy").find("model")));
  EXPECT_TRUE(unread.program) << unread.messages();
}

TEST(Data, OnlyTheBoundColumnsAreRead) {
  test::Analysis analysis(R"(
model net(image: u8[batch, 28, 28]) -> y: f32[batch] = image / 255 |> flatten |> dense(1) |> squeeze
train net {
  data mnist(pixels: image)
  loss net(pixels) ^ 2
  optimizer sgd()
}
)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::Data &data = *analysis.program->models.front().recipe->data;
  ASSERT_EQ(data.columns.size(), 1u);
  EXPECT_EQ(data.sources[0].files.size(), 1u);
  EXPECT_EQ(data.fields[0].name, "pixels");
}

} // namespace
