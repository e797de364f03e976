// Slips of users: each gives one error, with the words that help, and nothing that only follows.
#include "tests/unit/sema/Analysis.h"

#include "gtest/gtest.h"

using namespace nnc;

namespace {

const std::string example = R"(model mlp(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] {
  image / 255 |> flatten |> dense(64) |> relu |> dense(10)
}
train mlp {
  data      mnist(image, label)
  loss      cross_entropy(logits, label)
  metric    accuracy(logits, label)
  optimizer adam(lr: 1e-3)
  batch     32
}
)";

/// The messages of `text`, which has exactly one error: `code`.
std::string only(const std::string &text, llvm::StringRef code) {
  test::Analysis analysis(text);
  std::string messages = analysis.messages();
  EXPECT_EQ(analysis.diagnostics.errorCount(), 1u) << text << messages;
  EXPECT_NE(messages.find("error[" + code.str() + "]"), messages.npos) << text << messages;
  return messages;
}

/// The example with `from` written as `to`.
std::string swapped(llvm::StringRef from, llvm::StringRef to) {
  size_t at = example.find(from.str());
  EXPECT_NE(at, example.npos) << from.str();
  std::string text = example;
  return text.replace(at, from.size(), to.str());
}

std::string inModel(const std::string &body) {
  return "model m(x: f32[batch, 4]) -> out: f32[batch, 4] {\n" + body + "\n}\n";
}

#define EXPECT_HAS(text, part)                                                                     \
  do {                                                                                             \
    std::string found = (text);                                                                    \
    EXPECT_NE(found.find(part), found.npos) << found;                                              \
  } while (false)

TEST(UserErrors, TheExampleIsRight) {
  EXPECT_FALSE(test::Analysis(example).diagnostics.hasErrors());
}

TEST(UserErrors, ACalledModelGivesItsOutputsNoNames) {
  std::string text = swapped("loss      cross_entropy(logits, label)",
                             "let z = mlp(image)\n  loss      cross_entropy(z, label)");
  EXPECT_HAS(only(text, "E0201"), "'let logits = mlp(...)'");
}

TEST(UserErrors, AGroupDoesNotSplitByNegativeSizes) {
  EXPECT_HAS(only(inModel("rearrange(x, \"b (h d) -> b (d h)\", h: -2)"), "E0305"),
             "'h' is -2; it must be at least 1");
}

TEST(UserErrors, NoTensorHasMoreDimensionsThanSupported) {
  std::string names, sizes;
  for (int i = 0; i < 17; ++i) {
    names += " a" + std::to_string(i);
    sizes += ", a" + std::to_string(i) + ": " + (i == 0 ? "4" : "1");
  }
  EXPECT_HAS(only(inModel("rearrange(x, \"b (" + names + ") -> b (" + names + ")\"" + sizes + ")"),
                  "E0304"),
             "18 dimensions; at most 16");
}

TEST(UserErrors, LettersThatChangedPlacesAreSuggested) {
  EXPECT_HAS(only(swapped("f32", "f23"), "E0208"), "did you mean 'f32'?");
  EXPECT_HAS(
      only("optimizer o(lr = 0.1)(w: float[...s], grad: float[...s]) { w - lr * gard }", "E0201"),
      "did you mean 'grad'?");
}

TEST(UserErrors, AMisspeltFieldHidesNoOther) {
  EXPECT_HAS(only(swapped("mnist(image", "mnist(imag"), "E0613"), "did you mean 'image'?");
}

TEST(UserErrors, BrokenDataMakesNoNameUnknown) {
  only(swapped("mnist(image, label)", "\"mnist\""), "E0610");
  only(swapped("mnist(image, label)", "mnist()"), "E0610");
  EXPECT_HAS(only(swapped("image, label)", "image label)"), "E0101"), "a ',' is missing");
}

TEST(UserErrors, AMisspeltSettingIsNotMissing) {
  EXPECT_HAS(only(swapped("optimizer", "optimzer"), "E0607"), "did you mean 'optimizer'?");
}

TEST(UserErrors, SettingsAreWrittenWithoutEquals) {
  EXPECT_HAS(only(swapped("batch     32", "batch = 32"), "E0101"), "written 'batch VALUE'");
  EXPECT_HAS(only(swapped("  metric    accuracy(logits, label)", "epochs = 5"), "E0101"),
             "written 'epochs VALUE'");
}

TEST(UserErrors, TrainingTakesAStepAtLeast) {
  only(swapped("batch     32", "epochs 0"), "E0610");
  only(swapped("batch     32", "steps 0"), "E0610");
}

TEST(UserErrors, AModelHasOneRecipe) {
  EXPECT_HAS(only(example + example.substr(example.find("train")), "E0202"), "second recipe");
}

TEST(UserErrors, OutputsWithoutNamesAreHintedAt) {
  test::Analysis analysis(swapped(" -> logits: f32[batch, 10]", ""));
  EXPECT_HAS(analysis.messages(), "the model names no output");
}

TEST(UserErrors, OptimizersTakeNumbers) {
  only(swapped("1e-3", "[1e-3]"), "E0402");
  only("fn s(step: float, a: float) = step < a\n" + swapped("1e-3", "s(step, 2)"), "E0402");
  EXPECT_HAS(only(swapped("lr:", "rate:"), "E0203"), "its arguments: lr, beta1, beta2, eps");
}

TEST(UserErrors, TrainingHasAMeaningInModels) {
  EXPECT_FALSE(test::Analysis(inModel("if training { x } else { -x }")).diagnostics.hasErrors());
  only("let kept = if training { 1 } else { 2 }\n" + inModel("x * kept"), "E0503");
  EXPECT_FALSE(test::Analysis(inModel("let training = x\ntraining")).diagnostics.hasErrors());
}

TEST(UserErrors, Scans) {
  EXPECT_HAS(only(inModel("scan i in 0..3 { state h: f32[batch, 4] = x\n x = h\n h }"), "E0209"),
             "declared outside");
  EXPECT_HAS(only(inModel("yield x\nx"), "E0626"), "stands in a 'scan'");
  only(inModel("scan c in x { c }"), "E0311");
  only(inModel("scan i in 3..3 { x }"), "E0305");
  only(inModel("scan c in x over time { c }"), "E0201");
  only(inModel("scan i in 0..3 { state h: f32[batch, 4] = x * (i as f32)\n h }"), "E0603");
  only(inModel("scan i in 0..3 { let n = x |> dropout(0.5)\n"
               "state h: f32[batch, 4] = n |> batch_norm\n h }"),
       "E0603");
  EXPECT_HAS(only("fn passed(norm: layer, x: f32[b, 4]) -> f32[b, 4] = norm(x)\n"
                  "  gradient(dy) = dy\n" +
                      inModel("let norm = batch_norm()\npassed(norm, x)"),
                  "E0209"),
             "with a gradient of its own");
}

TEST(UserErrors, Settings) {
  EXPECT_HAS(
      only("layer l(f: fn)(x: f32[batch, 4]) = f(x)\n" + inModel("x |> l(dense(4))"), "E0402"),
      "should be a function");
  EXPECT_HAS(
      only("layer l(f: [int])(x: f32[batch, 4]) = x * f[0]\n" + inModel("x |> l(4)"), "E0402"),
      "should be a list");
}

TEST(UserErrors, NamesOfOtherFiles) {
  EXPECT_HAS(only(inModel("x |> std.rellu"), "E0201"), "did you mean 'relu'?");
  EXPECT_HAS(only(inModel("x |> blocks.f"), "E0201"), "no file is called 'blocks' here");
}

TEST(UserErrors, Numbers) {
  only(inModel("x / 0"), "E0502");
  only(inModel("x % 0"), "E0502");
  only(inModel("x * 1e39"), "E0509");
  EXPECT_FALSE(test::Analysis(inModel("x * 1e38")).diagnostics.hasErrors());
  EXPECT_HAS(only(inModel("x + 1e-60"), "E0509"), "too small for f32");
}

TEST(UserErrors, Signatures) {
  only(inModel("x") + "fn f(x: f32[...s, ...t]) = x\n"
                      "model k(x: f32[batch, 4]) -> out: f32[batch, 4] = f(x)",
       "E0307");
  only("model m(x: f32[batch, 4]) -> x: f32[batch, 4] = x + 1", "E0202");
  only("model m(x: f32[batch, 4], x: f32[batch, 4]) -> out: f32[batch, 4] = x", "E0202");
  only(inModel("param w: f32[4] = zeros()\nparam w: f32[4] = zeros()\nx * w"), "E0202");
  only(inModel("x as int"), "E0208");
}

TEST(UserErrors, ALayerWithoutItsArgumentLacksThat) {
  EXPECT_HAS(only(swapped("dense(64)", "dense"), "E0206"), "argument 'units' of 'dense'");
}

TEST(UserErrors, WhatFollowsFromASyntaxErrorIsSilent) {
  for (llvm::StringRef slip : {"dense(64) relu", "dense(64) | relu", "dense(64) -> relu",
                               "dense(64)) |> relu", "dense 64 |> relu", "dense(64) × 2"}) {
    test::Analysis analysis(swapped("dense(64) |> relu", slip));
    EXPECT_EQ(analysis.diagnostics.errorCount(), 1u) << analysis.messages();
  }
  EXPECT_HAS(only(swapped("(image: u8", "(image u8"), "E0101"), "a type is written 'name: type'");
  EXPECT_HAS(only(swapped("-> logits", "logits"), "E0101"), "written '-> name: type'");
  only(inModel("where(0 < x < 1, x, 0)"), "E0117");
  only("fn s(a: 3) = a", "E0101"); // no unknown type ''
}

TEST(UserErrors, ArgumentsByPlaceComeFirst) {
  only(inModel("x |> dense(bias: false, 4)"), "E0101");
  only(swapped("lr: 1e-3", "lr: 1e-3, 2"), "E0101");
}

TEST(UserErrors, RestsAreCalledByTheirName) {
  std::string messages = only("fn f(x: f32[...s, n], y: f32[...s, k]) = x + y", "E0301");
  EXPECT_HAS(messages, "f32[...s, n]");
  EXPECT_EQ(messages.find('$'), messages.npos) << messages;
}

TEST(UserErrors, NoTensorHasADimensionBelowOneOrIsTooLarge) {
  EXPECT_HAS(only(inModel("let h: f32[-3] = zeros()\nx + sum(h)"), "E0305"), "is -3");
  EXPECT_HAS(only(inModel("let h: f32[-3] = normal()\nx + sum(h)"), "E0305"), "is -3");
  EXPECT_HAS(only(inModel("x + sum(zeros([-3]))"), "E0305"), "is -3");
  EXPECT_HAS(only(inModel("let h: f32[0, 4] = ones()\nx + sum(h)"), "E0305"), "is 0");
  EXPECT_HAS(only(inModel("let h: f32[10000000, 10000000] = ones()\nx + sum(h)"), "E0304"),
             "more than 2^40 bytes");
  EXPECT_HAS(
      only("fn f(h: float[n], k: int) -> float[n - k] = 1\n" + inModel("x + sum(f(x[0], 9))"),
           "E0305"),
      "is -5");
}

TEST(UserErrors, AKnownIndexLiesBelowItsLimit) {
  EXPECT_HAS(only("model m(x: f32[batch, 4]) -> y: f32[batch] = x[:, 5 as index(4)]", "E0615"),
             "is 5, but lies in 0..4");
  const std::string at = "fn at(x: f32[batch, n], w: index(n)) -> f32[batch] = x[:, w]\n";
  EXPECT_HAS(only(at + "model m(x: f32[batch, 4]) -> y: f32[batch] = at(x, 7)", "E0615"),
             "argument 'w' of 'at' is 7, but lies in 0..4");
  EXPECT_FALSE(test::Analysis(at + "model m(x: f32[batch, 4]) -> y: f32[batch] = at(x, 3)")
                   .diagnostics.hasErrors());
  auto symbolic = [](const std::string &index) {
    return "model m(x: f32[batch, time]) -> y: f32[batch, 3] {\n"
           "  let i: index(time)[3] = " +
           index + "\n  x[:, i]\n}\n";
  };
  EXPECT_HAS(only(symbolic("1000000"), "E0615"), "not known before the program runs");
  EXPECT_FALSE(test::Analysis(symbolic("0")).diagnostics.hasErrors());
  EXPECT_FALSE(test::Analysis(symbolic("time - 1")).diagnostics.hasErrors());
}

TEST(UserErrors, AnAxisOfWhichThereAreTwoIsNotGuessed) {
  EXPECT_HAS(only("model m(x: f32[batch, n, n]) -> y: f32[batch, n] {\n"
                  "  scan r in x over n {\n"
                  "    state h: f32[batch, n] = zeros()\n"
                  "    h = 2 * h + r\n"
                  "    h\n"
                  "  }\n"
                  "}\n",
                  "E0311"),
             "several dimensions of 'x' have the size of 'n'");
}

TEST(UserErrors, WhatIsWrongWithAConstantIsToldWhoeverNamesItFirst) {
  const std::string fn = "fn f(x: f32[4]) -> f32[4] = x * a\n", let = "let a = 1 / 0\n";
  EXPECT_HAS(only(fn + let + inModel("x"), "E0502"), "division by zero");
  EXPECT_HAS(only(let + fn + inModel("x"), "E0502"), "division by zero");
  EXPECT_HAS(only(fn + let + inModel("x * a"), "E0502"), "division by zero");
}

TEST(UserErrors, ManyOpenBranchesHideNothingBehindThem) {
  std::string text = "fn f0(x: f32[4], n: int) -> f32[4] = x * n\n";
  for (int i = 1; i <= 22; ++i) {
    std::string inner = "f" + std::to_string(i - 1) + "(x, n)";
    text += "fn f" + std::to_string(i) + "(x: f32[4], n: int) -> f32[4] = if n > " +
            std::to_string(i) + " { " + inner + " * 2 } else { " + inner + " + 1 }\n";
  }
  text += "fn loop(x: f32[4], n: int) -> f32[4] {\n"
          "  if n > 3 {\n    for i in 0..20000 { x = x + i }\n  }\n  x\n}\n";
  EXPECT_HAS(only(text + "fn broken(x: f32[4]) -> f32[5] = x\n" + inModel("x"), "E0303"),
             "'broken'");
}

TEST(UserErrors, ANumberIsConvertedToWhatHoldsIt) {
  EXPECT_HAS(only(inModel("x * (300 as u8)"), "E0401"), "300 does not fit in u8");
  EXPECT_HAS(only(inModel("x * (300.5 as u8)"), "E0401"), "300 does not fit in u8");
  EXPECT_HAS(only(inModel("x * (5_000_000_000 as i32)"), "E0401"), "does not fit in i32");
  EXPECT_HAS(only(inModel("x * (1e39 as f32)"), "E0509"), "beyond the range of f32");
  std::string program = test::Analysis(inModel("x * (0.1 as f16)")).dumped();
  EXPECT_NE(program.find("0.0999755859375"), program.npos) << program;
}

TEST(UserErrors, WhatWindowsAreFilledWithIsAnElement) {
  auto windows = [](const std::string &fill) {
    return "model m(x: u8[batch, 8, 3]) -> y: u8[batch, 7, 2, 3] = windows(x, size: 2, fill: " +
           fill + ")\n";
  };
  EXPECT_HAS(only(windows("300"), "E0401"), "300 does not fit in u8");
  EXPECT_HAS(only(windows("-0.5"), "E0401"), "a fraction does not convert to u8");
  EXPECT_FALSE(test::Analysis(windows("7")).diagnostics.hasErrors());
}

TEST(UserErrors, AnUnusedLetOfAStepIsChecked) {
  EXPECT_HAS(only(swapped("  loss      cross_entropy(logits, label)\n"
                          "  metric    accuracy(logits, label)\n"
                          "  optimizer adam(lr: 1e-3)\n",
                          "  step a {\n"
                          "    let z = logits @ logits\n"
                          "    loss      cross_entropy(logits, label)\n"
                          "    optimizer adam()\n"
                          "  }\n"),
                  "E0301"),
             "logits @ logits");
}

TEST(UserErrors, NothingIsAcceptedAndIgnored) {
  EXPECT_HAS(only(inModel("x * ((x > 0) as f32(10))"), "E0208"), "'f32' takes no argument");
  EXPECT_HAS(only(inModel("x * ((x > 0) as index as f32)"), "E0208"),
             "how many values an index can have is not said");
  EXPECT_HAS(only(inModel("max(x, 2 * x, keep: true)"), "E0205"), "not both");
  EXPECT_HAS(only(inModel("x |> dropout(5)"), "E0510"), "at least 0, below 1");
  EXPECT_HAS(only(inModel("x |> dropout(-1)"), "E0510"), "at least 0, below 1");
  EXPECT_HAS(only(swapped("  loss      cross_entropy(logits, label)\n"
                          "  metric    accuracy(logits, label)\n"
                          "  optimizer adam(lr: 1e-3)\n",
                          "  clip norm: 2.0\n"
                          "  step a {\n"
                          "    loss      cross_entropy(logits, label)\n"
                          "    optimizer adam()\n"
                          "    clip      norm: 1.0\n"
                          "  }\n"),
                  "E0641"),
             "every step has a 'clip' of its own");
  EXPECT_HAS(
      only("data d(x: f32[2]) {\n  from npy(x: \"x.npy\")\n  split\n}\n" + inModel("x"), "E0610"),
      "'split' says no shares");
}

TEST(UserErrors, NumbersAreExactAndFinite) {
  EXPECT_HAS(only(inModel("x * (-8.0) ^ 0.5"), "E0509"), "is not a finite number");
  std::string program =
      test::Analysis("model m(x: i64[batch]) -> y: i64[batch] = x + abs(-9007199254740993)\n")
          .dumped();
  EXPECT_NE(program.find("9007199254740993"), program.npos) << program;
}

TEST(UserErrors, ALineThatIsNoneIsToldThoseThereAre) {
  EXPECT_HAS(
      only(swapped("  batch     32\n", "  batch     32\n  zzzzzzzz  1\n"), "E0607"),
      "a recipe has: data split augment load freeze loss metric optimizer clip accumulate ema "
      "batch epochs steps seed shuffle evaluate keep stop predict budget precision step let");
}

TEST(UserErrors, AnUnknownEscapeIsAWholeCharacter) {
  EXPECT_HAS(only(inModel("require(true, \"\\\xc3\xa9\")\nx"), "E0110"), "'\\\xc3\xa9'");
}

} // namespace
