// The command `predict`.
#include "tests/unit/runtime/Programs.h"

using namespace nnrt;
using namespace nnrt::test;
using nlohmann::json;

namespace {
class PredictTest : public ProgramTest {
protected:
  std::string weights = folder / "w", input = folder / "x.npy";
  std::string images; ///< of the test split

  void SetUp() override {
    ProgramTest::SetUp();
    ASSERT_EQ(train({"--save", weights}).status, 0);
    images = gunzip(readFile(data + "/t10k-images-idx3-ubyte.gz")).substr(16);
  }
  static std::string npy(const std::string &shape, const std::string &bytes,
                         const std::string &type = "|u1") {
    std::string header =
        "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
    return std::string("\x93NUMPY\1\0", 8) + le(header.size(), 2) + header + bytes;
  }
  Result predict(std::vector<std::string> files) const {
    files.insert(files.begin(), {"predict", "--weights", weights});
    return run(toy::model, files);
  }
};
} // namespace

TEST_F(PredictTest, BatchesAndSingleExamples) {
  writeFile(input, npy("(61, 28, 28)", images));
  writeFile(folder / "one.npy", npy("(28, 28)", images.substr(784 * 7, 784)));
  Result result = predict({input, folder / "one.npy"});
  ASSERT_EQ(result.status, 0) << result.err;
  json all = json::parse(result.out);
  ASSERT_EQ(all.size(), 62u);
  EXPECT_EQ(all[7]["file"], input);
  EXPECT_EQ(all[7]["index"], 7);
  EXPECT_EQ(all[61]["file"], folder / "one.npy");
  EXPECT_EQ(all[61]["index"], 0);
  EXPECT_EQ(all[7]["logits"], all[61]["logits"]);
  EXPECT_EQ(all[7]["logits"].size(), 10u);
  // The classes agree with the accuracy that eval reports.
  std::string labels = gunzip(readFile(data + "/t10k-labels-idx1-ubyte.gz")).substr(8);
  int right = 0;
  for (size_t i = 0; i < 61; ++i)
    right += all[i]["class"] == int(labels[i]);
  Result eval = run(toy::model, {"eval", "--weights", weights, "--data", data, "--json"});
  EXPECT_NEAR(json::parse(eval.out)["accuracy"].get<double>(), right / 61.0, 1e-6);
}

TEST_F(PredictTest, MoreExamplesThanFitAtOnce) {
  std::string many;
  for (int i = 0; i < 10; ++i)
    many += images;
  writeFile(input, npy("(610, 28, 28)", many));
  json all = json::parse(predict({input}).out);
  ASSERT_EQ(all.size(), 610u);
  EXPECT_EQ(all[60]["logits"], all[609]["logits"]);
}

TEST_F(PredictTest, WrongInputs) {
  auto failure = [&](const std::string &content) {
    writeFile(input, content);
    Result result = predict({input});
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.out, "");
    EXPECT_HAS(result.err, input);
    return result.err;
  };
  EXPECT_HAS(failure(npy("(2, 14, 56)", std::string(2 * 784, 'x'))),
             "holds u8[2, 14, 56], but input 'image' is u8[batch, 28, 28]");
  EXPECT_HAS(failure(npy("(0, 28, 28)", "")), "holds u8[0, 28, 28]");
  EXPECT_HAS(failure(npy("(784,)", std::string(784, 'x'))), "holds u8[784]");
  EXPECT_HAS(failure(npy("(28, 28)", std::string(784 * 4, 'x'), "<f4")),
             "holds f32 elements, but input 'image' is u8[batch, 28, 28]");
  writeFile(folder / "x.txt", "");
  EXPECT_HAS(predict({folder / "x.txt"}).err, "is not a kind of file that this model takes");
  EXPECT_HAS(predict({folder / "none.npy"}).err, "No such file");
}

TEST_F(PredictTest, ValuesOutOfBoundsAreRefused) {
  nnrt_port bounded[] = {toy::model.inputs[0]};
  bounded[0].low = 0;
  bounded[0].high = 100;
  nnrt_model model = toy::model;
  model.inputs = bounded;
  std::string pixels(784, '\x63');
  writeFile(input, npy("(28, 28)", pixels));
  EXPECT_EQ(run(model, {"predict", "--weights", weights, input}).status, 0);
  pixels[30] = '\x64';
  writeFile(input, npy("(28, 28)", pixels));
  Result result = run(model, {"predict", "--weights", weights, input});
  EXPECT_EQ(result.status, 1);
  EXPECT_HAS(result.err, "input 'image' is 100 at element 30; expected 0 to 99");
}

TEST_F(PredictTest, BoundsMayDependOnSizes) {
  // batch + 97, of calls with up to 256 examples.
  static constexpr int64_t factors[] = {1, 97};
  static constexpr uint32_t powers[] = {1, 0};
  const nnrt_size limit = {"batch + 97", 2, factors, powers};
  nnrt_port bounded[] = {toy::model.inputs[0]};
  bounded[0].limit = &limit;
  nnrt_model model = toy::model;
  model.inputs = bounded;
  std::string pixels(784, '\x61');
  writeFile(input, npy("(28, 28)", pixels));
  EXPECT_EQ(run(model, {"predict", "--weights", weights, input}).status, 0);
  pixels[30] = '\x62';
  writeFile(input, npy("(28, 28)", pixels));
  Result result = run(model, {"predict", "--weights", weights, input});
  EXPECT_EQ(result.status, 1);
  EXPECT_HAS(result.err, "input 'image' is 98 at element 30; expected 0 to 97");
  // The last call has one example, and so a lower bound than the one before.
  std::string many(257 * 784, '\x62');
  writeFile(input, npy("(257, 28, 28)", many));
  EXPECT_HAS(run(model, {"predict", "--weights", weights, input}).err,
             "input 'image' is 98 at element 200704; expected 0 to 97");
}

TEST_F(PredictTest, SizesThatAreTooSmallAreRefused) {
  static constexpr int64_t factors[] = {1};
  static constexpr uint32_t powers[] = {1};
  const nnrt_need need = {{"batch", 1, factors, powers}, 2, "toy.nn:3"};
  std::vector<nnrt_entry> entries(toy::model.entries, toy::model.entries + toy::model.num_entries);
  for (nnrt_entry &entry : entries) {
    entry.num_needs = entry.name == std::string_view("predict") ? 1 : 0;
    entry.needs = &need;
  }
  nnrt_model model = toy::model;
  model.entries = entries.data();
  writeFile(input, npy("(2, 28, 28)", images.substr(0, 2 * 784)));
  EXPECT_EQ(run(model, {"predict", "--weights", weights, input}).status, 0);
  writeFile(input, npy("(28, 28)", images.substr(0, 784)));
  Result result = run(model, {"predict", "--weights", weights, input});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.out, "");
  EXPECT_HAS(result.err,
             input + ": 'batch' of input 'image' is 1, but the program needs at least 2");
  EXPECT_HAS(result.err, "else toy.nn:3 would find no elements");
}

TEST_F(PredictTest, SeveralInputsAreNamed) {
  nnrt_port named[] = {toy::model.inputs[0], toy::model.inputs[0]};
  named[1].tensor.name = "mask";
  nnrt_model model = toy::model;
  model.inputs = named;
  model.num_inputs = 2;
  writeFile(input, npy("(61, 28, 28)", images));
  auto words = [&](std::vector<std::string> files) {
    files.insert(files.begin(), {"predict", "--weights", weights});
    return files;
  };
  EXPECT_EQ(run(model, words({"mask=" + input, "image=" + input})).status, 0);
  EXPECT_HAS(run(model, words({input})).err, "give each as NAME=FILE: image=FILE mask=FILE");
  EXPECT_HAS(run(model, words({"image=" + input})).err, "no file is given for input 'mask'");
  writeFile(folder / "y.npy", npy("(28, 28)", images.substr(0, 784)));
  EXPECT_HAS(run(model, words({"image=" + input, "mask=" + (folder / "y.npy")})).err,
             "holds 1 examples, but " + input + " holds 61");
}

TEST_F(PredictTest, ExamplesComeFirstOrNotAtAll) {
  writeFile(input, npy("(28, 28)", images.substr(0, 784)));
  const int64_t batch = ~int64_t(toy::model.batch_dim), across[] = {28, batch, 28},
                twice[] = {batch, batch};
  nnrt_port turned[] = {toy::model.inputs[0]};
  turned[0].tensor.shape = across;
  nnrt_model model = toy::model;
  model.inputs = turned;
  EXPECT_HAS(run(model, {"predict", "--weights", weights, input}).err,
             "'image' is u8[28, batch, 28]: predict needs 'batch' as the first dimension of every "
             "output, and of each input that has it, and nowhere else");
  nnrt_tensor outputs[] = {toy::model.outputs[0]};
  outputs[0].shape = twice;
  model = toy::model;
  model.outputs = outputs;
  EXPECT_HAS(run(model, {"predict", "--weights", weights, input}).err, "[batch, batch]: predict");
  outputs[0].rank = 0; // nothing of an example
  EXPECT_HAS(run(model, {"predict", "--weights", weights, input}).err, "is f32: predict");
}
