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
  EXPECT_EQ(format("fn f() = g(b,a:1)[ :,... ,1 .. 2,new ]"),
            "fn f() = g(b, a: 1)[:, ..., 1..2, new]\n");
  EXPECT_EQ(format("fn f() = ((x))"), "fn f() = (x)\n");
  EXPECT_EQ(format("fn f() = not  a and b as index( 3 )|>std . f(1)( 2 )|>repeat( 2 )g"),
            "fn f() = not a and b as index(3) |> std.f(1)(2) |> repeat(2) g\n");
  EXPECT_EQ(format("layer l()(x: f32) { x }"), "layer l(x: f32) { x }\n");
  EXPECT_EQ(format("fn f(w:[ int ],t:index( n )[ b ]) = 1_000"),
            "fn f(w: [int], t: index(n)[b]) = 1_000\n");
  EXPECT_EQ(format("import \"a\"  as b"), "import \"a\" as b\n");
}

TEST(Printer, Loops) {
  EXPECT_EQ(
      format("fn f() { for (a,b) in 0 .. n{}; scan  x in y over t{ state h:f32 = 0; yield h } }"),
      "fn f() { for (a, b) in 0..n {}; scan x in y over t { state h: f32 = 0; yield h } }\n");
  EXPECT_EQ(format("fn f() { scan x in y {\nyield x }\n}"),
            "fn f() {\n  scan x in y {\n    yield x\n  }\n}\n");
}

TEST(Printer, Gradients) {
  EXPECT_EQ(format("fn f(x) = sign(x) gradient(dy)=dy // c"),
            "fn f(x) = sign(x)\n  gradient(dy) = dy // c\n");
  EXPECT_EQ(format("fn f(x) { x } // a\n// b\ngradient(dy) {\ndy\n}"),
            "fn f(x) { x } // a\n  // b\n  gradient(dy) {\n    dy\n  }\n");
}

TEST(Printer, BlankLines) {
  EXPECT_EQ(format("\n\nfn f() = 1\n\n\n\nfn g() = 2\nfn h() { let a = 1\n\n\n  a }\n\n// c\nfn "
                   "i() = 3\n\n"),
            "fn f() = 1\n\nfn g() = 2\n\nfn h() {\n  let a = 1\n\n  a\n}\n\n// c\nfn i() = 3\n");
}

TEST(Printer, Comments) {
  EXPECT_EQ(format("// a\n\n// b\nfn f() { // c\n  // d\n  x   // e\n  // g\n} // h\n// i"),
            "// a\n\n// b\nfn f() { // c\n  // d\n  x   // e\n  // g\n} // h\n// i\n");
  EXPECT_EQ(format("fn f() = g(a, // one\n  b)"), "fn f() =\n  g(\n    a, // one\n    b)\n");
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
            "fn f() =\n  " + name + " +\n    " + name + " +\n    " + name + "\n");
  EXPECT_EQ(format("fn f() { g(" + name + ", " + name + ", " + name + ") }"),
            "fn f() {\n  g(\n    " + name + ",\n    " + name + ",\n    " + name + ")\n}\n");
  EXPECT_EQ(format("layer l(" + name + ")(" + name + ": f32[n]) -> f32[n, n, n] { x }"),
            "layer l(" + name + ")\n       (" + name + ": f32[n]) -> f32[n, n, n] { x }\n");
}

TEST(Printer, RecipesAreAligned) {
  EXPECT_EQ(
      format("train m { batch 3\noptimizer a(1) for \"x\",\"y\"\noptimizer b\nloss p = 1; loss qq "
             "= 2\nloss r\nlet a = 1 // c\n\nstep j every:2{ batch 3\nloss x=1 } }"),
      "train m {\n  batch     3\n  optimizer a(1) for \"x\", \"y\"\n  optimizer b\n"
      "  loss      p  = 1\n  loss      qq = 2\n  loss      r\n  let a = 1 // c\n\n"
      "  step j every: 2 {\n    batch 3\n    loss  x = 1\n  }\n}\n");
  EXPECT_EQ(format("data d( a:f32 ){ from csv(\"a\")\nfeatures=1;split train:0.8,test:0.2 }\ntrain "
                   "a(n:1),b{}"),
            "data d(a: f32) {\n  from     csv(\"a\")\n  features = 1\n"
            "  split    train: 0.8, test: 0.2\n}\n\ntrain a(n: 1), b {}\n");
}

TEST(Printer, KeepsColumns) {
  // Of `=`, where the author has made one; of comments, where there is room.
  std::string aligned =
      "fn f() {\n  let a   = 1\n  let bcd = 2 // c\n  let e = 3       // d\n  e\n}\n";
  EXPECT_EQ(format(aligned), aligned);
  EXPECT_EQ(format("fn f() {\nlet a     = 1\nlet  bcd  =2\nlet e = 3\ne }"),
            "fn f() {\n  let a   = 1\n  let bcd = 2\n  let e = 3\n  e\n}\n");
  EXPECT_EQ(format("fn f() { let a = 1\n  let bcd = 2\n  a\n}"),
            "fn f() {\n  let a = 1\n  let bcd = 2\n  a\n}\n");
  EXPECT_EQ(format("fn f() =x+y// c"), "fn f() = x + y // c\n");
}

TEST(Printer, LinesEndOnlyWhereTheyMay) {
  std::string name(60, 'a');
  EXPECT_EQ(format("fn f() {\n  let x = " + name + " - " + name + "\n  -x\n}"),
            "fn f() {\n  let x = " + name + " -\n    " + name + "\n  -x\n}\n");
  EXPECT_EQ(format("fn f() {\n  let a = 1; -b\n}"), "fn f() {\n  let a = 1\n  -b\n}\n");
  EXPECT_EQ(format("train m {\n  loss " + name + "(" + name + ") - 1, a: 2 for \"x\"\n}"),
            "train m {\n  loss " + name + "(\n         " + name +
                ") -\n         1,\n       a: 2 for \"x\"\n}\n");
}
