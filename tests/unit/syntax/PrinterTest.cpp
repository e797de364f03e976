// The canonical style.
#include "Corpus.h"
#include "Parsing.h"

#include "llvm/Support/MemoryBuffer.h"

using namespace nnc;
using namespace nnc::test;

static std::string format(const std::string &text) {
  Parsed parsed(text);
  EXPECT_TRUE(parsed.ok()) << text << "\n" << parsed.rendered();
  return parsed.printed();
}

TEST(Printer, CorpusIsStable) {
  for (const char *text : corpus) {
    Parsed parsed(text);
    ASSERT_TRUE(parsed.ok()) << parsed.rendered();
    std::string once = parsed.printed();
    Parsed again(once);
    ASSERT_TRUE(again.ok()) << once << again.rendered();
    EXPECT_EQ(again.dumped(), parsed.dumped());
    EXPECT_EQ(again.printed(), once);
    EXPECT_EQ(again.file->comments.size(), parsed.file->comments.size()) << once;
    for (llvm::StringRef rest = once; !rest.empty();) {
      auto [line, others] = rest.split('\n');
      EXPECT_EQ(line, line.rtrim()) << "space at the end of a line";
      rest = others;
    }
  }
}

TEST(Printer, TheExampleIsFormatted) {
  auto buffer = llvm::MemoryBuffer::getFile(NNC_SOURCE_DIR "/examples/mnist_mlp.nn");
  ASSERT_TRUE(static_cast<bool>(buffer));
  EXPECT_EQ(format((*buffer)->getBuffer().str()), (*buffer)->getBuffer().str());
}

TEST(Printer, Spacing) {
  EXPECT_EQ(format("fn  f( x:f32[ n,...s ],k=2 )->f32[n]=- x*( 1+k )^2 as  f32"),
            "fn f(x: f32[n, ...s], k = 2) -> f32[n] = -x * (1 + k) ^ 2 as f32\n");
  EXPECT_EQ(format("fn f() = g(b,a:1)[ :,.. ,1 .. 2 ]"), "fn f() = g(b, a: 1)[:, :, 1..2]\n");
  EXPECT_EQ(format("fn f() = ((x))"), "fn f() = (x)\n");
  EXPECT_EQ(format("layer l()(x: f32) { x }"), "layer l(x: f32) { x }\n");
  EXPECT_EQ(format("model m()(x: f32) { x }"), "model m()(x: f32) { x }\n");
}

TEST(Printer, BlankLines) {
  EXPECT_EQ(format("\n\nfn f() = 1\n\n\n\nfn g() = 2\nfn h() { let a = 1\n\n\n  a }\n\n// c\nfn "
                   "i() = 3\n\n"),
            "fn f() = 1\n\nfn g() = 2\n\nfn h() {\n  let a = 1\n\n  a\n}\n\n// c\nfn i() = 3\n");
}

TEST(Printer, Comments) {
  EXPECT_EQ(format("// a\n\n// b\nfn f() { // c\n  // d\n  x   // e\n  // g\n} // h\n// i"),
            "// a\n\n// b\nfn f() {  // c\n  // d\n  x  // e\n  // g\n}  // h\n// i\n");
  EXPECT_EQ(format("fn f() = g(a, // one\n  b)"), "fn f() =\n  g(\n    a,  // one\n    b\n  )\n");
  EXPECT_EQ(format("// only a comment"), "// only a comment\n");
  EXPECT_EQ(format(""), "");
}

TEST(Printer, Pipes) {
  EXPECT_EQ(format("fn f(x) { x |> a\n |> b |> c }"), "fn f(x) {\n  x |> a\n    |> b |> c\n}\n");
  std::string stages;
  for (int i = 0; i < 12; ++i)
    stages += " |> stage_of_the_pipe";
  std::string broken = "fn f(x) {\n  x";
  for (int i = 0; i < 12; ++i)
    broken += "\n    |> stage_of_the_pipe";
  EXPECT_EQ(format("fn f(x) {\n  x" + stages + "\n}"), broken + "\n}\n");
}

TEST(Printer, LongLines) {
  std::string name(40, 'a');
  EXPECT_EQ(format("fn f() = " + name + " + " + name + " + " + name),
            "fn f() =\n  " + name + "\n    + " + name + "\n    + " + name + "\n");
  EXPECT_EQ(format("fn f() { g(" + name + ", " + name + ", " + name + ") }"),
            "fn f() {\n  g(\n    " + name + ",\n    " + name + ",\n    " + name + "\n  )\n}\n");
  EXPECT_EQ(format("layer l(" + name + ")(" + name + ": f32[n]) -> f32[n, n, n] { x }"),
            "layer l(" + name + ")\n    (" + name + ": f32[n]) -> f32[n, n, n] { x }\n");
}

TEST(Printer, RecipesAreAligned) {
  EXPECT_EQ(format("train m { batch 3 optimizer a(1) for \"x\" b for rest\nloss p = 1 qq = 2 }"),
            "train m {\n  batch     3\n  optimizer a(1) for \"x\"\n            b for rest\n"
            "  loss      p  = 1\n            qq = 2\n}\n");
}

TEST(Printer, MinusAfterSemicolon) {
  EXPECT_EQ(format("fn f() {\n  let a = 1; -b\n}"), "fn f() {\n  let a = 1;\n  -b\n}\n");
}
