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
  check("fn f(data: int) = 3", "E0101 1:6 'data'\n");
  check("layer d(a: int, b: = true)(x: f32[n]) { x }", "E0101 1:20 '='\n");
  check("layer d(x: f32[n) { x }", "E0103 1:17 ')'\n");
  check("import blocks", "E0101 1:8 'blocks'\n");
  check("fn f(x) = x with gradient(dy) = dy", "E0105 1:13 'with'\n");
}

TEST(SyntaxErrors, Brackets) {
  check("model m(x: f32) {\n  x\n\ntrain m {\n  batch 3\n}\n", "E0103 4:1 'train'\n");
  check("train m {\n  batch 3\n", "E0103 2:10 ''\n");
  check(inBody("x |> dense("), "E0103 3:1 '}'\n");
  check(inBody("(x]"), "E0103 2:3 ']'\n");
  check(inBody("[1, 2"), "E0103 3:1 '}'\n");
}

TEST(SyntaxErrors, Expressions) {
  check(inBody("let y =\nlet z = )\nz"), "E0102 3:1 'let'\nE0102 3:9 ')'\n");
  check(inBody("x |> dense(6 4) |> relu"), "E0101 2:14 '4'\n");
  check(inBody("x |> f + y"), "E0101 2:8 '+'\n");
  check(inBody("x ** 2"), "E0102 2:4 '*'\n");
  check(inBody("x[1:3]"), "E0101 2:4 ':'\n");
  check(inBody("g(a = 3)"), "E0101 2:5 '='\n");
  check(inBody("g(x,, y)"), "E0102 2:5 ','\n");
  check("fn f(x,, y) = x", "E0101 1:8 ','\n");
  check(inBody("if x = 3 { 1 } else { 2 }"), "E0101 2:6 '='\n");
  check(inBody("a < b < c"), "E0117 2:7 '<'\n");
  check(inBody("(a < b) < c"), "");
}

TEST(SyntaxErrors, Blocks) {
  check(inBody("x\ny\nz"), "E0115 2:1 'x'\nE0115 3:1 'y'\n");
  check(inBody("let y = 3"), "E0116 3:1 '}'\n");
  check(inBody("let y = if a { 3 }\ny"), "E0116 2:9 'if'\n");
  check(inBody("if a { x } else { let y = 3 }"), "E0116 2:29 '}'\n");
  check(inBody("for i in 0..3 { i }\nx"), "E0115 2:17 'i'\n");
  check(inBody("lett y = 3\ny"), "E0101 2:6 'y'\n");
  check(inBody("return x"), "E0101 2:8 'x'\n");
  check(inBody("param w = zeros()\nx"), "E0101 2:9 '='\n");
  check(inBody("scan t in 0..n with (h = 3) {\n  yield h\n}\nx"), "E0105 2:1 'scan'\n");
}

TEST(SyntaxErrors, Recipes) {
  check("train m {\n  batch = 32\n  epochs: 5\n  steps 3\n}\n", "E0102 2:9 '='\nE0102 3:9 ':'\n");
  check("train m {\n  optimizer adam() for all\n}\n", "E0101 2:24 'all'\n");
  check("data d = idx {\n  image u8\n  train { image \"a\" }\n}",
        "E0101 2:9 'u8'\nE0101 3:17 '\"a\"'\n");
}

TEST(SyntaxErrors, EachStatementHasItsOwn) {
  check(inBody("let = 3\nlet q 3\nbuffer b: = 3\nlet ok = 1\nlet r = (1\nlet t = 2 +\nok"),
        "E0101 2:5 '='\nE0101 3:7 '3'\nE0101 4:11 '='\nE0103 7:1 'let'\n");
  // A word that cannot be a name begins no statement there.
  check(inBody("let let = x\nstate let = x\nlet (let, b) = x\nbuffer buffer: f32 = x\nx"),
        "E0101 2:5 'let'\nE0101 3:7 'let'\nE0101 4:6 'let'\nE0101 5:8 'buffer'\n");
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
  EXPECT_EQ(hint(inBody("g(a = 3)")), "a named argument is written 'name: value'");
  EXPECT_EQ(hint("train m { batch = 3 }"), "a setting is written without '='");
  EXPECT_EQ(hint("def f(x) = x"), "functions begin with 'fn'");
}
