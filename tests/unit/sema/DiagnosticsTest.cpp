// Every registered code has a file that provokes it, and the file does.
#include "tests/unit/sema/Analysis.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

#include "gtest/gtest.h"

using namespace nnc;

namespace {

/// The test that shows all of what is said: of a program, but for what no checked program provokes.
std::string pathOf(Code code) {
  std::string tests = std::string(NNC_SOURCE_DIR) + "/tests/";
  return code == Code::RefusedOperation ? tests + "unit/driver/MlirDiagnosticsTest.cpp"
                                        : tests + "diagnostics/" + codeName(code) + ".nn";
}

TEST(SemaDiagnostics, EachCodeHasAFileThatProvokesIt) {
  for (Code code : allCodes()) {
    auto buffer = llvm::MemoryBuffer::getFile(pathOf(code));
    ASSERT_TRUE(!!buffer) << "no test for " << codeName(code) << ": " << pathOf(code);
    llvm::StringRef text = (*buffer)->getBuffer();
    EXPECT_TRUE(text.contains("error[" + codeName(code) + "]: ") ||
                text.contains("warning[" + codeName(code) + "]: "))
        << pathOf(code) << " expects no " << codeName(code);
    // Others make the file that they check.
    if (!text.contains("nnc check %s "))
      continue;
    test::Analysis analysis((*buffer)->getBuffer().str(), pathOf(code));
    EXPECT_TRUE(analysis.reports(code)) << codeName(code) << ", but got:\n" << analysis.messages();
    for (const auto &each : analysis.diagnostics.all()) {
      EXPECT_TRUE(each->range.isValid()) << codeName(each->code);
      EXPECT_FALSE(analysis.sources.isStd(each->range.file))
          << "an error of the user's shows in the library: " << each->message;
    }
    // A file about one code shows no other.
    for (const auto &each : analysis.diagnostics.all())
      EXPECT_EQ(codeName(each->code), codeName(code)) << analysis.messages();
  }
}

TEST(SemaDiagnostics, AreInOrderOfPlaceWhateverPhaseFindsThem) {
  // A recipe's error is found last, an unknown name before it, a bad token first.
  test::Analysis analysis(R"(train m { dat 3 }
model m(x: f32[batch, 4]) -> y: f32[batch, 4] = x |> rellu
fn f(x: f32[n], y: f32[k]) -> f32[n] = x + y
fn g(x) = x & x
)");
  std::vector<uint32_t> places;
  for (const auto &each : analysis.diagnostics.all())
    places.push_back(each->range.begin);
  EXPECT_GE(places.size(), 4u);
  EXPECT_TRUE(std::is_sorted(places.begin(), places.end())) << analysis.messages();
}

TEST(SemaDiagnostics, IndependentErrorsAreReportedTogether) {
  test::Analysis analysis(R"(
model m(x: f32[batch, 4]) -> y: f32[batch, 4] = x |> rellu
fn unused(x: f32[n], y: f32[m]) -> f32[n] = x + y
train m { dat 3 }
)");
  EXPECT_TRUE(analysis.reports(Code::UnknownName));
  EXPECT_TRUE(analysis.reports(Code::ShapeMismatch));
  EXPECT_TRUE(analysis.reports(Code::UnknownSetting));
  EXPECT_FALSE(analysis.program);
}

TEST(SemaDiagnostics, ShapeMismatchShowsBothSidesAndPlaces) {
  test::Analysis analysis(R"(layer wrong(units: int)(x: f32[...s, n]) -> f32[...s, units] {
  param w: f32[128, units] = glorot_uniform()
  x @ w
}
model m(x: f32[batch, 64]) -> y: f32[batch, 10] = x |> wrong(10)
)");
  std::string text = analysis.messages();
  EXPECT_NE(text.find("test.nn:3:3: error[E0301]: shapes do not match in 'x @ w'"), text.npos)
      << text;
  EXPECT_NE(text.find("left operand has shape  f32[batch, 64]"), text.npos) << text;
  EXPECT_NE(text.find("right operand has shape f32[128, 10]"), text.npos) << text;
  EXPECT_NE(text.find("test.nn:2:9: note: 'w' is declared here"), text.npos) << text;
  EXPECT_NE(text.find("test.nn:5:56: note: in 'wrong', called here"), text.npos) << text;
  EXPECT_NE(text.find("hint: the inner dimensions of a matrix product must be equal"), text.npos);
}

TEST(SemaDiagnostics, ASignatureGivesEachNameOneMeaning) {
  EXPECT_TRUE(
      test::Analysis("fn f(x: f32[n], x: f32[n]) -> f32[n] = x").reports(Code::DuplicateName));
  EXPECT_TRUE(test::Analysis("fn f(x: f32[x]) -> f32[x] = x").reports(Code::DuplicateName));
  EXPECT_FALSE(test::Analysis("fn f(k: int, x: f32[k]) -> f32[k] = x").diagnostics.hasErrors());
}

TEST(SemaDiagnostics, NothingFalseIsSaidOfUnusedDeclarations) {
  test::Analysis analysis(R"(
layer residual(channels: int, stride: int = 1)(x: f32[batch, c]) -> f32[batch, channels] {
  let y = x |> dense(channels) |> relu
  let skip = if stride == 1 and c == channels { x } else { x |> dense(channels, bias: false) }
  relu(y + skip)
}
fn last(x: f32[...s, n]) -> f32[...s] = sum(x, axis: -1)
fn first(x: f32[...s]) -> f32 = x[0, 0]
fn scaled(x: f32[...s], by: float = 2, flag: bool = true) -> f32[...s] = if flag { x * by } else { x }
fn my_init(a: float = 1) -> f32[...r, n, m] = uniform(-a / sqrt(n), a / sqrt(n))
fn tower(x: f32[b, n], depth: int) -> f32[b, n] {
  let y = x
  for i in 0..depth { y = y + i }
  y
}
layer deep(widths: [int], act: fn = relu, last: layer = dense(4))(x: float[batch, n]) {
  for units in widths { x = x |> dense(units) |> act }
  x |> last
}
layer pyramid(n: int)(x: float[batch, w]) -> float[batch, 2] {
  if n == 0 { x |> dense(2) } else { x |> dense(8) |> pyramid(n - 1) }
}
layer running(x: float[batch, time, n]) -> float[batch, time, n] {
  state seen: float[n] = zeros()
  if training { seen = mean(x[:, 0], axis: 0) }
  scan xt in x over time {
    state h: float[batch, n] = zeros()
    h = h + xt - seen
    yield h
  }
}
fn loss(x: float[...s, classes], label: index(classes)[...s]) -> float[...s] =
  cross_entropy(x, label) + pick(x, label)
fn windows_of(x: float[batch, h, w, c], by: int) -> float[batch, h / by, w / by, c] =
  max(windows(x, size: [by, by], stride: by), axis: [3, 4])
optimizer sign_descent(lr: float)(w: float[...s], g: float[...s]) { w - lr * sign(g) }
optimizer factored(lr: float)(w: float[...s], g: float[...s]) {
  if rank(w) == 2 {
    state r: float[shape(w)[0], 1] = zeros()
    r = r + mean(g ^ 2, axis: 1, keep: true)
    w - lr * g * rsqrt(r) / step
  } else {
    w - lr * g
  }
}
fn ramp(step: float, peak: float, total: int) -> float = peak * minimum(step / total, 1)
)");
  EXPECT_EQ(analysis.diagnostics.errorCount(), 0u) << analysis.messages();
}

} // namespace
