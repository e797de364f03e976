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
  EXPECT_EQ(exprOf("not a == b"), "(not (== a b))");
  EXPECT_EQ(exprOf("not not a and b"), "(and (not (not a)) b)");
  EXPECT_EQ(exprOf("a or b and c == d"), "(or a (and b (== c d)))");
  EXPECT_EQ(exprOf("a < b and not c >= d"), "(and (< a b) (not (>= c d)))");
  EXPECT_EQ(exprOf("a @ b + c % d / e"), "(+ (@ a b) (/ (% c d) e))");
  EXPECT_EQ(exprOf("-x as f32 ^ 2"), "(- (^ (as x f32) 2))");
  EXPECT_EQ(exprOf("step ^ -0.8 ^ 2"), "(^ step (- (^ 0.8 2)))");
  EXPECT_EQ(exprOf("a * -b + c"), "(+ (* a (- b)) c)");
  EXPECT_EQ(exprOf("(a + b) * c"), "(* (+ a b) c)");
  EXPECT_EQ(exprOf("a != b"), "(!= a b)");
  EXPECT_EQ(exprOf("a + b |> f |> g(c)"), "(|> (|> (+ a b) f) (call g c))");
}

TEST(Ast, Primaries) {
  EXPECT_EQ(exprOf("42"), "42");
  EXPECT_EQ(exprOf("20_000"), "20000");
  EXPECT_EQ(exprOf("1_0.2_5e3"), "1_0.2_5e3");
  EXPECT_EQ(exprOf("std.dense"), "std.dense");
  EXPECT_EQ(exprOf("x as index(n + 1)"), "(as x index((+ n 1)))");
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
  EXPECT_EQ(exprOf("x[1..2, ..3, 4.., 0..n / 2]"), "(index x 1..2 ..3 4.. 0..(/ n 2))");
  EXPECT_EQ(exprOf("x[..., new, (new), -1]"), "(index x ... new new (- 1))");
  EXPECT_EQ(exprOf("x |> repeat(n + 1) block(h)"), "(|> x (repeat (+ n 1) (call block h)))");
  EXPECT_EQ(exprOf("x |> repeat(2) repeat(3) f"), "(|> x (repeat 2 (repeat 3 f)))");
  EXPECT_EQ(exprOf("x |> b.f(1)(2)"), "(|> x (call (call b.f 1) 2))");
  EXPECT_EQ(exprOf("f(x |> g)"), "(call f (|> x g))");
}

TEST(Ast, EndsOfLines) {
  // These begin something new.
  EXPECT_EQ(bodyOf("let y = f\n(a, b)"), "  let y = f\n  (tuple a b)\n");
  EXPECT_EQ(bodyOf("let y = f\n[a]"), "  let y = f\n  (list a)\n");
  EXPECT_EQ(bodyOf("let y = f\n-a"), "  let y = f\n  (- a)\n");
  EXPECT_EQ(bodyOf("let y = f\nnot a"), "  let y = f\n  (not a)\n");
  // These go on.
  EXPECT_EQ(bodyOf("let y = f(\na\n- b\n)\ny"), "  let y = (call f (- a b))\n  y\n");
  EXPECT_EQ(bodyOf("let y = a\n  + b\n  |> f\ny"), "  let y = (|> (+ a b) f)\n  y\n");
  EXPECT_EQ(bodyOf("let y =\n a -\n b // c\n  and c\n  or\n d\ny"),
            "  let y = (or (and (- a b) c) d)\n  y\n");
  EXPECT_EQ(bodyOf("if a\n{ x }\nelse\n{ y }"), "  (if a {\n    x\n  } {\n    y\n  })\n");
  EXPECT_EQ(bodyOf("(if a {\n let f = 1\n (x)\n} else { y })"),
            "  (if a {\n    let f = 1\n    x\n  } {\n    y\n  })\n");
  EXPECT_EQ(bodyOf("x\n  as f32"), "  (as x f32)\n");
  EXPECT_EQ(bodyOf("scan i in\n 0\n ..\n n {\n yield i }"),
            "  (scan i (.. 0 n) {\n    yield i\n  })\n");
  EXPECT_EQ(bodyOf("; let a = 1;; ;\n;a;"), "  let a = 1\n  a\n");
}

TEST(Ast, WordsThatMayBeNames) {
  EXPECT_EQ(bodyOf("let data = fn + layer\nmodel = data\nimport(train, new: over, gradient: 1)"),
            "  let data = (+ fn layer)\n  set model = data\n"
            "  (call import train new:over gradient:1)\n");
  EXPECT_EQ(bodyOf("let u = gradient(x, wrt: x)\ngradient(u)"),
            "  let u = (call gradient x wrt:x)\n  (call gradient u)\n");
  Parsed parsed("fn fn(layer, model: int = optimizer) = gradient(gradient)\n"
                "let train = fn(1)\ntrain train {\ndata data(train)\noptimizer optimizer\n"
                "train import\n}\n");
  EXPECT_TRUE(parsed.ok()) << parsed.rendered();
  EXPECT_EQ(parsed.dumped(), R"(fn fn (layer, model: int = optimizer) () =
  (call gradient gradient)
let train = (call fn 1)
train train
  data (call data train)
  optimizer optimizer
  train import
)");
}

TEST(Ast, Statements) {
  EXPECT_EQ(bodyOf("let (a, b) = f(x); let c: f32[n, ...s] = a\nc"),
            "  let (a b) = (call f x)\n  let c: f32[n, ...s] = a\n  c\n");
  EXPECT_EQ(bodyOf("param w: f32[2 * n] = zeros()\nstate m: index(n)[] = zeros()\nw"),
            "  param w: f32[(* 2 n)] = (call zeros)\n  state m: index(n)[] = (call zeros)\n  w\n");
  EXPECT_EQ(bodyOf("for i in 0..n - 1 { x = f(x) }\nx"),
            "  for i (.. 0 (- n 1)) {\n    set x = (call f x)\n  }\n  x\n");
  EXPECT_EQ(bodyOf("for (a, b) in pairs {}\nx"), "  for (a b) pairs {\n  }\n  x\n");
  EXPECT_EQ(bodyOf("require(n > 1, \"why\")\nx"), "  do (call require (> n 1) \"why\")\n  x\n");
}

TEST(Ast, Scans) {
  EXPECT_EQ(bodyOf("scan xt in x over time {\nstate h: f32[n] = zeros()\nh = h + xt\nh\n}"),
            "  (scan xt x over:time {\n    state h: f32[n] = (call zeros)\n"
            "    set h = (+ h xt)\n    h\n  })\n");
  EXPECT_EQ(bodyOf("let (a, b) = scan (l, r) in (x, y) { yield (l, r) }\na"),
            "  let (a b) = (scan (l r) (tuple x y) {\n    yield (tuple l r)\n  })\n  a\n");
  EXPECT_EQ(bodyOf("scan i in 0..3 { if i { yield a } else { yield b } }"),
            "  (scan i (.. 0 3) {\n    do (if i {\n      yield a\n    } {\n      yield b\n"
            "    })\n  })\n");
}

TEST(Ast, Conditionals) {
  EXPECT_EQ(bodyOf("if a { x } else { y }"), "  (if a {\n    x\n  } {\n    y\n  })\n");
  EXPECT_EQ(bodyOf("if a { x = 1 }\nx"), "  do (if a {\n    set x = 1\n  })\n  x\n");
  EXPECT_EQ(bodyOf("if a { 1 } else if b { 2 } else { 3 }"),
            "  (if a {\n    1\n  } {\n    (if b {\n      2\n    } {\n      3\n    })\n  })\n");
  EXPECT_EQ(
      bodyOf("if a { x = 1 } else if b { x = 2 }\nx"),
      "  do (if a {\n    set x = 1\n  } {\n    (if b {\n      set x = 2\n    })\n  })\n  x\n");
}

TEST(Ast, Declarations) {
  Parsed parsed(R"(import "blocks.nn"
import "more.nn" as more
/// Doc of f,
/// two lines.
fn f(x: float[...s], k = 2) -> float[...s] = x
fn g(x: float[n]) -> float[n] = sign(x)

  gradient(dy) = dy
fn h(x) { x } gradient(dy) { dy }
layer d(units: int, widths: [int])
     (x: f32[n]) -> (a: f32[units], b: index(n)[3])
{ (x, x) }
layer flat(x: f32[n]) -> f32[n] { x }
model m()(x: u8[batch]) -> y: f32[batch] = x
optimizer sgd(lr: float = 1e-3)(w: float[...s], g: float[...s]) { w - lr * g }
let (a, b): f32[3] = f(1)
)");
  EXPECT_TRUE(parsed.ok()) << parsed.rendered();
  EXPECT_EQ(parsed.dumped(), R"(import blocks.nn
import more.nn as more
/// Doc of f,
/// two lines.
fn f (x: float[...s], k = 2) () -> float[...s] =
  x
fn g (x: float[n]) () -> float[n] =
  (call sign x)
  gradient (dy) =
    dy
fn h (x) ()
  x
  gradient (dy)
    dy
layer d (units: int, widths: [int]) (x: f32[n]) -> (a: f32[units], b: index(n)[3])
  (tuple x x)
layer flat () (x: f32[n]) -> f32[n]
  x
model m () (x: u8[batch]) -> y: f32[batch] =
  x
optimizer sgd (lr: float = 1e-3) (w: float[...s], g: float[...s])
  (- w (* lr g))
let (a b): f32[3] = (call f 1)
)");
  EXPECT_TRUE(
      llvm::cast<ast::ModelDeclaration>(parsed.file->declarations[7].get())->hasParameterList);
}

TEST(Ast, DataAndRecipes) {
  Parsed parsed(R"(data d(image: u8[28, 28], label: index(10)) {
  train idx(image: "a", label: "b"); test idx(image: "c")
  let raw = numbers("x", to: "y")
  image = raw |> standardize
}
train m(depth: 6), other.critic {
  data d(image, word: label)
  loss (a + b) * 2; loss p = f(x)
  let lr: f32 = 1e-3
  optimizer adam(1) for "*.w", "*.b"
  optimizer sgd
  load "a.st", under: "b"
  stop patience: 5,
       min: loss
  step judge { batch 3 }
  step forge every: 2, offset: 1 {
    loss q
  }
}
)");
  EXPECT_TRUE(parsed.ok()) << parsed.rendered();
  EXPECT_EQ(parsed.dumped(), R"(data d (image: u8[28, 28], label: index(10))
  train (call idx image:"a" label:"b")
  test (call idx image:"c")
  let raw = (call numbers "x" to:"y")
  column image = (|> raw standardize)
train m () depth:6, other.critic
  data (call d image word:label)
  loss (* (+ a b) 2)
  loss p = (call f x)
  let lr: f32 = 1e-3
  optimizer (call adam 1) for "*.w" "*.b"
  optimizer sgd
  load "a.st" under:"b"
  stop patience:5 min:loss
  step judge
    batch 3
  step forge every:2 offset:1
    loss q
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
  EXPECT_EQ(written(pipe->stage->range), "h");
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
