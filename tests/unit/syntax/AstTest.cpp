// What trees the parser builds, and their ranges.
#include "Parsing.h"

using namespace nnc;
using namespace nnc::test;

TEST(Ast, Precedence) {
  EXPECT_EQ(exprOf("a + b * c"), "(+ a (* b c))");
  EXPECT_EQ(exprOf("a - b - c"), "(- (- a b) c)");
  EXPECT_EQ(exprOf("a ^ b ^ c"), "(^ a (^ b c))");
  EXPECT_EQ(exprOf("-a ^ 2"), "(- (^ a 2))");
  EXPECT_EQ(exprOf("2 ^ -x * y"), "(* (^ 2 (- x)) y)");
  EXPECT_EQ(exprOf("!a == b"), "(== (! a) b)");
  EXPECT_EQ(exprOf("a || b && c == d"), "(|| a (&& b (== c d)))");
  EXPECT_EQ(exprOf("a < b && c >= d"), "(&& (< a b) (>= c d))");
  EXPECT_EQ(exprOf("a @ b + c % d / e"), "(+ (@ a b) (/ (% c d) e))");
  EXPECT_EQ(exprOf("-x as f32 ^ 2"), "(- (^ (as x f32) 2))");
  EXPECT_EQ(exprOf("(a + b) * c"), "(* (+ a b) c)");
  EXPECT_EQ(exprOf("a != b"), "(!= a b)");
  EXPECT_EQ(exprOf("a + b |> f |> g(c)"), "(|> (|> (+ a b) f) (call g c))");
}

TEST(Ast, Primaries) {
  EXPECT_EQ(exprOf("42"), "42");
  EXPECT_EQ(exprOf("1.5e-3"), "1.5e-3");
  EXPECT_EQ(exprOf("1e5"), "1e5");
  EXPECT_EQ(exprOf("true"), "true");
  EXPECT_EQ(exprOf("\"a\\n\\\"\\\\\\tb\""), "\"a\\0A\\22\\\\\\09b\"");
  EXPECT_EQ(exprOf("[1, 2,]"), "(list 1 2)");
  EXPECT_EQ(exprOf("[]"), "(list)");
  EXPECT_EQ(exprOf("(a, b)"), "(tuple a b)");
  EXPECT_EQ(exprOf("((a))"), "a");
}

TEST(Ast, CallsAndIndexes) {
  EXPECT_EQ(exprOf("dense(64)(x)"), "(call (call dense 64) x)");
  EXPECT_EQ(exprOf("f(x, axis: -1)"), "(call f x axis:(- 1))");
  EXPECT_EQ(exprOf("x[:, t]"), "(index x .. t)");
  EXPECT_EQ(exprOf("x[1..2, ..3, 4.., ..]"), "(index x 1..2 ..3 4.. ..)");
  EXPECT_EQ(exprOf("x |> repeat(n + 1) block(h)"), "(|> x repeat:(+ n 1) (call block h))");
  EXPECT_EQ(exprOf("f(x |> g)"), "(call f (|> x g))");
}

TEST(Ast, BracketsThatBeginALineBeginAnExpression) {
  EXPECT_EQ(bodyOf("let y = f\n(a, b)"), "  let y = f\n  (tuple a b)\n");
  EXPECT_EQ(bodyOf("let y = f\n[a]"), "  let y = f\n  (list a)\n");
  EXPECT_EQ(bodyOf("let y = f(\na)\ny"), "  let y = (call f a)\n  y\n");
  EXPECT_EQ(bodyOf("let y = a\n  + b\n  |> f\ny"), "  let y = (|> (+ a b) f)\n  y\n");
}

TEST(Ast, Statements) {
  EXPECT_EQ(bodyOf("let (a, b) = f(x); let c: f32[n, ...s] = a\nc"),
            "  let tuple a b = (call f x)\n  let c: f32[n, ...s] = a\n  c\n");
  EXPECT_EQ(
      bodyOf("param w: f32[2 * n] = zeros()\nbuffer m: f32[] = zeros()\nparam - w"),
      "  param w: f32[(* 2 n)] = (call zeros)\n  buffer m: f32[] = (call zeros)\n  (- param w)\n");
  EXPECT_EQ(bodyOf("state m = 0, v = 1\nm = m + 1\nm"),
            "  state m = 0 v = 1\n  set m = (+ m 1)\n  m\n");
  EXPECT_EQ(bodyOf("for i in 0..n - 1 { x = f(x) }\nx"),
            "  for i 0 (- n 1) {\n    set x = (call f x)\n  }\n  x\n");
}

TEST(Ast, Conditionals) {
  EXPECT_EQ(bodyOf("if a { x } else { y }"), "  (if a {\n    x\n  } {\n    y\n  })\n");
  EXPECT_EQ(bodyOf("if a { x = 1 }\nx"), "  do (if a {\n    set x = 1\n  })\n  x\n");
  EXPECT_EQ(bodyOf("if a { 1 } else if b { 2 } else { 3 }"),
            "  (if a {\n    1\n  } {\n    (if b {\n      2\n    } {\n      3\n    })\n  })\n");
  EXPECT_EQ(
      bodyOf("if a { x = 1 } else if b { x = 2 }\nx"),
      "  do (if a {\n    set x = 1\n  } {\n    do (if b {\n      set x = 2\n    })\n  })\n  x\n");
}

TEST(Ast, Declarations) {
  Parsed parsed(R"(import "blocks.nn"
/// Doc of f,
/// two lines.
fn f(x: f32[...s], k = 2) -> f32[...s] = x
layer d(units: int)(x: f32[n]) -> (a: f32[units], b: f32[n]) { (x, x) }
layer flat(x: f32[n]) -> f32[n] { x }
model m()(x: u8[batch]) -> y: f32[batch] { x }
optimizer sgd(lr = 1e-3) { param - lr * grad }
schedule half(total: int) -> f32 = step / total
)");
  EXPECT_TRUE(parsed.ok()) << parsed.rendered();
  EXPECT_EQ(parsed.dumped(), R"(import blocks.nn
/// Doc of f,
/// two lines.
fn f (x: f32[...s], k = 2) () -> f32[...s] =
  x
layer d (units: int) (x: f32[n]) -> (a: f32[units], b: f32[n])
  (tuple x x)
layer flat () (x: f32[n]) -> f32[n]
  x
model m () (x: u8[batch]) -> y: f32[batch]
  x
optimizer sgd (lr = 1e-3) ()
  (- param (* lr grad))
schedule half (total: int) () -> f32 =
  (/ step total)
)");
  EXPECT_TRUE(
      llvm::cast<ast::ModelDeclaration>(parsed.file->declarations[4].get())->hasParameterList);
}

TEST(Ast, DataAndRecipes) {
  Parsed parsed(R"(data d = idx {
  image: u8[28, 28], label: u8 in 0..10
  train { image: "a", label: "b" }
  test { image: "c" label: "d" }
}
train m {
  data d(image) as (x, y) loss (a + b) * 2
  loss p = f(x)
       q = -g(y)
  optimizer adam(1) for "*.w"
            sgd for "*.b"
            sgd(2) for rest
  batch 32 epochs 5
  evaluate every 500
  keep best
}
)");
  EXPECT_TRUE(parsed.ok()) << parsed.rendered();
  EXPECT_EQ(parsed.dumped(), R"(data d idx
  field image: u8[28, 28]
  field label: u8 in 0 10
  split train image: "a" label: "b"
  split test image: "c" label: "d"
train m
  data (call d image) as x y
  loss (* (+ a b) 2)
  loss p = (call f x) q = (- (call g y))
  optimizer (call adam 1) for "*.w" sgd for "*.b" (call sgd 2) for rest
  batch 32
  epochs 5
  evaluate every 500
  keep best
)");
}

TEST(Ast, Ranges) {
  std::string text = "fn f(x) = (a + b) * g(c, k: 1) |> h // \u00FC\nfn g() = \"\u00FC\" + z\n";
  Parsed parsed(text);
  ASSERT_TRUE(parsed.ok());
  auto written = [&](SourceRange range) { return parsed.sources.text(range).str(); };
  auto *f = llvm::cast<ast::FnDeclaration>(parsed.file->declarations[0].get());
  EXPECT_EQ(written(f->range), "fn f(x) = (a + b) * g(c, k: 1) |> h");
  EXPECT_EQ(written(f->name.range), "f");
  auto *pipe = llvm::cast<ast::PipeExpr>(f->body->result.get());
  EXPECT_EQ(written(pipe->range), "(a + b) * g(c, k: 1) |> h");
  EXPECT_EQ(written(pipe->stageRange), "h");
  auto *product = llvm::cast<ast::BinaryExpr>(pipe->input.get());
  EXPECT_EQ(written(product->opRange), "*");
  EXPECT_EQ(written(product->lhs->range), "(a + b)");
  EXPECT_TRUE(product->lhs->parenthesized);
  auto *call = llvm::cast<ast::CallExpr>(product->rhs.get());
  EXPECT_EQ(written(call->range), "g(c, k: 1)");
  EXPECT_EQ(written(call->argumentsRange), "(c, k: 1)");
  // Behind text of several bytes per character.
  auto *g = llvm::cast<ast::FnDeclaration>(parsed.file->declarations[1].get());
  auto *sum = llvm::cast<ast::BinaryExpr>(g->body->result.get());
  EXPECT_EQ(written(sum->rhs->range), "z");
  LineColumn at = parsed.sources.position(parsed.id, sum->rhs->range.begin);
  EXPECT_EQ(at.line, 2u);
  EXPECT_EQ(at.column, 16u);
}

TEST(Ast, ByteOrderMarkAndLineEnds) {
  Parsed parsed("\xEF\xBB\xBF"
                "fn f() = x\r\nfn g() = y\r\n");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed.sources.text(parsed.file->declarations[1]->range), "fn g() = y");
  EXPECT_EQ(parsed.printed(), "fn f() = x\nfn g() = y\n");
}

TEST(Ast, TreesAreWellFormedAfterErrors) {
  Parsed parsed("fn f(x) {\n  let y = \n  let z = )\n  for i in { }\n  if { }\n}\nfn\nlayer l(x: "
                "{\n x }\ntrain t { a }");
  EXPECT_FALSE(parsed.ok());
  EXPECT_NE(parsed.dumped().find("let y = <error>"), std::string::npos) << parsed.dumped();
}
