// Every syntax error: its code, its narrowest range, and nothing that only follows from it.
#include "Parsing.h"

using namespace nnc;
using namespace nnc::test;

static std::string inBody(const std::string &body) { return "fn f(x) {\n" + body + "\n}\n"; }

static void check(const std::string &text, const std::string &expected) {
  Parsed parsed(text);
  EXPECT_EQ(parsed.summary(), expected) << text << "\n" << parsed.rendered();
}

TEST(SyntaxErrors, Tokens) {
  check(inBody("x $$ y"), "E0106 2:3 '$'\n");
  check(inBody("x & y"), "E0106 2:3 '&'\n");
  check(inBody("a && !b || c"), "E0118 2:3 '&&'\nE0118 2:6 '!'\nE0118 2:9 '||'\n");
  check(inBody("x + 1_"), "E0111 2:5 '1_'\n");
  check(inBody("x + 1__0"), "E0111 2:5 '1__0'\n");
  check(inBody("x + .5"), "E0102 2:5 '.'\n");
  check(inBody("x + 1."), "E0101 2:6 '.'\n");
  check(inBody("let s = \"abc\nx"), "E0109 2:9 '\"abc'\n");
  check(inBody("g(\"a\\q\")"), "E0110 2:5 '\\q'\n");
  check(inBody("x + 3x"), "E0111 2:5 '3x'\n");
  check(inBody("x + 1e"), "E0111 2:5 '1e'\n");
  check(inBody("d(99999999999999999999)"), "E0112 2:3 '99999999999999999999'\n");
  check(inBody("x + 1e999"), "E0113 2:5 '1e999'\n");
  check(inBody("9223372036854775807"), "");
}

TEST(SyntaxErrors, Files) {
  check("fn f() = x // \xFF\xFE", "E0107 1:15 '\xFF'\n");
  check("fn f() = x \xED\xA0\x80", "E0107 1:12 '\xED'\n"); // a surrogate
  check("fn f() = \xC0\xAF", "E0107 1:10 '\xC0'\n");       // overlong
  check("fn f() = x \xE2\x82", "E0107 1:12 '\xE2'\n");     // cut short
  check(std::string("fn f() \0= x", 11), std::string("E0108 1:8 '\0'\n", 14));
}

TEST(SyntaxErrors, Declarations) {
  check("hello world", "E0104 1:1 'hello'\n");
  check("modle m(x: f32) { x }\n\nfn g() = 1\n", "E0104 1:1 'modle'\n");
  check("fn f() = x\n}\nfn g() = )\n", "E0104 2:1 '}'\nE0102 3:10 ')'\n");
  check("fn (x) = 3", "E0101 1:4 '('\n");
  check("fn f(state: int) = 3", "E0105 1:6 'state'\n");
  check("layer d(a: int, b: = true)(x: f32[n]) { x }", "E0101 1:20 '='\n");
  check("layer d(x: f32[n) { x }", "E0103 1:17 ')'\n");
  check("import blocks", "E0101 1:8 'blocks'\n");
  check("fn f(x) = x with gradient(dy) = dy", "E0101 1:13 'with'\n");
  check("fn f() = x fn g() = y", "E0101 1:12 'fn'\n");
  check("fn f() =\n\nfn g() = 1", "E0102 1:9 ''\n");
  check("fn f() = x\n- y", "E0104 2:1 '-'\n");
  check("fn f() = x\ngradient(dy) dy", "E0101 2:14 'dy'\n");
  check("fn f(x: [[int]]) = x", "E0101 1:10 '[int]'\n");
  check("let a 3\nlet b = 1", "E0101 1:7 '3'\n");
}

TEST(SyntaxErrors, Brackets) {
  check("model m(x: f32) {\n  x\n\ntrain m {\n  batch 3\n}\n", "E0103 4:1 'train'\n");
  check("train m {\n  batch 3\n", "E0103 2:10 ''\n");
  check(inBody("x |> dense("), "E0103 3:1 '}'\n");
  check(inBody("(x]"), "E0103 2:3 ']'\n");
  check(inBody("[1, 2"), "E0103 3:1 '}'\n");
  check("train m\n  data d(x)\n  batch )\n}\nmodel m(x: f32[n])\n  x\n}\nfn g() = )",
        "E0101 1:8 ''\nE0101 3:9 ')'\nE0101 5:19 ''\nE0102 8:10 ')'\n");
  check("train m {\n  loss f(a, b\n  batch 3\n  steps 3\n}\n", "E0103 2:14 ''\n");
  check(inBody("y = g(1, [2\nz = y\nz"), "E0103 2:12 ''\n");
  check(inBody("if g(x { 1 } else { 2 }"), "E0103 2:8 '{'\n");
  // What follows is read as it is meant.
  check("fn f() {\n  let a = g(1,\n  let b = 2\n  if b {\n  b\n}\n\nfn g() = )\n",
        "E0103 2:15 ''\nE0103 8:1 'fn'\nE0102 8:10 ')'\n");
  check("fn f() {\n  let a = (1\n  let b = )\n  a\n}\ntrain m {\n  batch =\n}\n",
        "E0103 3:3 'let'\nE0102 8:1 '}'\n");
}

TEST(SyntaxErrors, Expressions) {
  check(inBody("let y =\nlet z = )\nz"), "E0102 2:8 ''\nE0102 3:9 ')'\n");
  check(inBody("x |> dense(6 4) |> relu"), "E0101 2:14 '4'\n");
  check(inBody("x |> f + y"), "E0101 2:8 '+'\n");
  check(inBody("x ** 2"), "E0102 2:4 '*'\n");
  check(inBody("x[1:3]"), "E0101 2:4 ':'\n");
  check(inBody("x[..]"), "E0102 2:5 ']'\n");
  check(inBody("g(a = 3)"), "E0101 2:5 '='\n");
  check(inBody("g(a: 3, 4)"), "E0101 2:9 '4'\n");
  check(inBody("g(x,, y)"), "E0102 2:5 ','\n");
  check("fn f(x,, y) = x", "E0101 1:8 ','\n");
  check(inBody("if x = 3 { 1 } else { 2 }"), "E0101 2:6 '='\n");
  check(inBody("a < b < c"), "E0117 2:7 '<'\n");
  check(inBody("(a < b) < c"), "");
  check(inBody("a == not b"), "E0101 2:6 'not'\n");
  check(inBody("a == (not b) and not c"), "");
  check(inBody("let y = 0..3\ny"), "E0101 2:10 '..'\n");
  check(inBody("g(0..3, 1..2..3)"), "E0101 2:4 '..'\nE0101 2:13 '..'\n");
  check(inBody("scan i in x along t { i }"), "E0101 2:13 'along'\n");
  check(inBody("x as f32[3]"), "");
  check(inBody("x |> f as f32"), "E0101 2:8 'as'\n");
}

TEST(SyntaxErrors, Blocks) {
  check(inBody("x\ny\nz"), "E0115 2:1 'x'\nE0115 3:1 'y'\n");
  check(inBody("let a = x\n-a\nx"), "E0115 3:1 '-a'\n");
  check(inBody("x + y\n- z"), "E0115 2:1 'x + y'\n");
  check(inBody("let y = f\n(a, b)\ny"), "E0115 3:1 '(a, b)'\n");
  check(inBody("let y = 3"), "E0116 3:1 '}'\n");
  check(inBody("require(x, \"y\")"), "E0116 3:1 '}'\n");
  check(inBody("let y = if a { 3 }\ny"), "E0116 2:9 'if'\n");
  check(inBody("if a { x } else { let y = 3 }"), "E0116 2:29 '}'\n");
  check(inBody("for i in 0..3 { i }\nx"), "E0115 2:17 'i'\n");
  check(inBody("if a { x } else { y }\nx"), "E0115 2:8 'x'\nE0115 2:19 'y'\n");
  check(inBody("scan i in 0..3 { state h: f32 = x }"), "E0116 2:35 '}'\n");
  check(inBody("lett y = 3\ny"), "E0101 2:6 'y'\n");
  check(inBody("return x"), "E0101 2:8 'x'\n");
  check(inBody("param w = zeros()\nx"), "E0101 2:9 '='\n");
  check(inBody("x y"), "E0101 2:3 'y'\n");
  check(inBody("let y\n  = 3\ny"), "E0101 3:3 '='\n");
  check(inBody("x )\ny"), "E0101 2:3 ')'\n");
}

TEST(SyntaxErrors, Recipes) {
  check("train m {\n  batch = 32\n  epochs: 5\n  steps 3\n}\n", "E0101 2:9 '='\nE0101 3:9 ':'\n");
  check("train m {\n  batch 32 epochs 5\n  steps 3\n}\n", "E0101 2:12 'epochs'\n");
  check("train m {\n  min: 3,\n  4 x\n  -1\n  steps )\n}\n",
        "E0101 2:6 ':'\nE0101 4:3 '-'\nE0101 5:9 ')'\n");
  check("data d(a: int) {\n  image u8 c\n  train { image \"a\" }\n  test idx(\n}",
        "E0101 2:13 ''\nE0118 3:9 '{'\nE0103 5:1 '}'\n");
}

TEST(SyntaxErrors, EachStatementHasItsOwn) {
  check(inBody("let = 3\nlet q 3\nstate b: = 3\nlet ok = 1\nlet r = (1\nlet t = 2 +\nok"),
        "E0101 2:5 '='\nE0101 3:7 '3'\nE0101 4:10 '='\nE0103 6:11 ''\n");
  // A word that cannot be a name begins no statement there.
  check(inBody("let let = x\nparam let = x\nlet (let, b) = x\nstate state: f32 = x\nx"),
        "E0105 2:5 'let'\nE0105 3:7 'let'\nE0105 4:6 'let'\nE0105 5:7 'state'\n");
}

TEST(SyntaxErrors, OldSpellings) {
  check("layer l(x: f32) {\n  buffer m: f32 = zeros()\n  x\n}", "E0118 2:3 'buffer'\n");
  check("schedule s(n: int) -> f32 = step / n\nfn f() = 1", "E0118 1:1 'schedule'\n");
  check("data d = idx {\n  image: u8[28, 28]\n  train { image: \"a\" }\n}\nfn f() = )",
        "E0118 1:8 '='\nE0102 5:10 ')'\n");
  check("data d(image: u8) {\n  label: u8 in 0..10\n  train { image: \"a\" }\n}",
        "E0118 2:8 ':'\nE0118 3:9 '{'\n");
  check("train m {\n  data d(x) as (a, b)\n  optimizer sgd for rest\n  evaluate every 500\n}",
        "E0118 2:13 'as'\nE0118 3:21 'rest'\nE0118 4:18 '500'\n");
  check("optimizer sgd(lr = 1) { param - lr * grad }", "E0118 1:23 '{'\n");
  check("optimizer sgd(lr = 1)(w: f32, g: f32) {\n  state m = 0, v = 0\n  param - lr * g\n}",
        "E0118 2:11 '='\nE0118 3:3 'param'\n");
}

TEST(SyntaxErrors, Hints) {
  auto hint = [](const std::string &text) {
    Parsed parsed(text);
    return parsed.diagnostics.all().empty() ? "" : parsed.diagnostics.all().front()->hint;
  };
  EXPECT_EQ(hint("modle m(x: f32) { x }"), "did you mean 'model'?");
  EXPECT_EQ(hint(inBody("lett y = 3\ny")), "did you mean 'let'?");
  EXPECT_EQ(hint(inBody("x ** 2")), "a power is written '^'");
  EXPECT_EQ(hint(inBody("x[1:3]")), "a range is written 'first..last'");
  EXPECT_EQ(hint(inBody("x[..]")), "all of an axis is written ':'");
  EXPECT_EQ(hint(inBody("g(a = 3)")), "a named argument is written 'name: value'");
  EXPECT_EQ(hint(inBody("x + .5")), "a number needs digits on both sides of its point: 0.5");
  EXPECT_EQ(hint(inBody("x + 1.")), "a number needs digits on both sides of its point: 0.5");
  EXPECT_EQ(hint(inBody("a && b")), "write 'and'");
  EXPECT_EQ(hint(inBody("let a = 1\n-a\nx")),
            "a '-' that opens a line begins a new value; put it at the end of the line above to "
            "go on");
  EXPECT_EQ(hint(inBody("x\n- a")), "put the '-' at the end of this line to go on");
  EXPECT_EQ(hint("fn f(x: f32)\n = x"), "put the '=' at the end of the line above");
  EXPECT_EQ(hint("train m { batch = 3 }"),
            "a setting is written 'batch VALUE', a value of your own 'let batch = VALUE'");
  EXPECT_EQ(hint("def f(x) = x"), "functions begin with 'fn'");
}
