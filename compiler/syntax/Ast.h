// The abstract syntax of a .nn file: what was written, with exact ranges, before any name has a
// meaning.
//
// Nodes own their children. The tree holds no types and no resolved names; sema reads it and never
// changes it. Its depth is bounded by the parser (see Limits.h), so that it may be walked
// recursively.
#pragma once

#include "compiler/diagnostics/Source.h"

#include "llvm/Support/Casting.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nnc::ast {

/// A name as written, with the range of its text.
struct Name {
  std::string text;
  SourceRange range;
};

struct Expr;
struct Block;
struct Statement;
using ExprPtr = std::unique_ptr<Expr>;
using StatementPtr = std::unique_ptr<Statement>;

//===-- Types --------------------------------------------------------------------------------===//

/// One entry of a shape: an integer expression (`4 * units`) or a rest (`...s`).
struct DimExpr {
  ExprPtr size;             ///< null where this is a rest
  std::optional<Name> rest; ///< `s` of `...s`
  SourceRange range;
};

/// `f32[batch, n]`, `index(10)[batch]`, `int`, `[int]`. A bare element type is a scalar.
struct TypeExpr {
  Name element;
  ExprPtr argument; ///< `n` of `index(n)`, or null
  std::vector<DimExpr> dims;
  bool hasShape = false; ///< whether brackets were written behind the element
  bool isList = false;   ///< `[int]`: a list of what the rest says
  SourceRange range;
};

//===-- Expressions --------------------------------------------------------------------------===//

/// An argument of a call: `3` or `kernel: 3`.
struct Argument {
  std::optional<Name> name;
  ExprPtr value;
};

/// An entry of an index: `:`, `...`, `new`, `i`, `a..b`, `..b`, `a..`.
struct IndexItem {
  enum class Kind { Index, Range, Rest, New };
  Kind kind = Kind::Index;
  ExprPtr first; ///< the index itself, or the first of a range; null in `:` and `..b`
  ExprPtr last;  ///< exclusive end of a range; null in `:` and `a..`
  SourceRange range;
};

enum class UnaryOp { Negate, Not };
enum class BinaryOp {
  Add,
  Subtract,
  Multiply,
  Divide,
  Modulo,
  MatMul,
  Power,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  And,
  Or
};
/// The operator as written, for messages and the printer.
const char *spelling(BinaryOp op);
const char *spelling(UnaryOp op);

struct Expr {
  enum class Kind {
    Integer,
    Float,
    Bool,
    String,
    Name,
    Unary,
    Binary,
    Cast,
    Call,
    Index,
    Pipe,
    If,
    Scan,
    List,
    Tuple,
    Range,
    Repeat,
    Error
  };
  const Kind kind;
  SourceRange range;          ///< with the parentheses around it, where it has them
  bool parenthesized = false; ///< written `(e)`; the printer keeps them
  virtual ~Expr() = default;

protected:
  explicit Expr(Kind kind) : kind(kind) {}
};

template <Expr::Kind K> struct ExprOf : Expr {
  ExprOf() : Expr(K) {}
  static bool classof(const Expr *e) { return e->kind == K; }
};

struct IntegerExpr : ExprOf<Expr::Kind::Integer> {
  int64_t value = 0;
  std::string spelling;
};
struct FloatExpr : ExprOf<Expr::Kind::Float> {
  double value = 0;
  std::string spelling;
};
struct BoolExpr : ExprOf<Expr::Kind::Bool> {
  bool value = false;
};
struct StringExpr : ExprOf<Expr::Kind::String> {
  std::string value; /* escapes resolved */
};
/// `dense`, `std.dense`: a name, with the names before its dots.
struct NameExpr : ExprOf<Expr::Kind::Name> {
  std::vector<Name> qualifiers;
  Name name;
};
struct UnaryExpr : ExprOf<Expr::Kind::Unary> {
  UnaryOp op;
  ExprPtr operand;
};
struct BinaryExpr : ExprOf<Expr::Kind::Binary> {
  BinaryOp op;
  SourceRange opRange;
  ExprPtr lhs, rhs;
};
/// `x as f32`, `x as index(10)`
struct CastExpr : ExprOf<Expr::Kind::Cast> {
  ExprPtr operand;
  TypeExpr type; ///< without a shape
};
/// `f(x, axis: -1)`. A layer is called twice, `dense(64)(x)`, or through a pipe.
struct CallExpr : ExprOf<Expr::Kind::Call> {
  ExprPtr callee;
  std::vector<Argument> arguments;
  SourceRange argumentsRange; ///< from `(` to `)`
};
struct IndexExpr : ExprOf<Expr::Kind::Index> {
  ExprPtr base;
  std::vector<IndexItem> items;
};
/// `x |> dense(64)`, `x |> relu`, `x |> repeat(depth) block(heads)`.
struct PipeExpr : ExprOf<Expr::Kind::Pipe> {
  ExprPtr input;
  ExprPtr stage; ///< a NameExpr, a CallExpr of one (perhaps of a call), or a RepeatExpr
};
/// `repeat(n) stage`, in a pipe alone: the stage, n times, an instance of its own each.
struct RepeatExpr : ExprOf<Expr::Kind::Repeat> {
  ExprPtr count, stage;
};
/// As a value it has both branches. As a statement `elseBlock` may be null. `else if` is a block
/// whose result is an IfExpr and whose `isElseIf` is set.
struct IfExpr : ExprOf<Expr::Kind::If> {
  ExprPtr condition;
  std::unique_ptr<Block> thenBlock, elseBlock;
};
/// One name, or several in parentheses.
struct Pattern {
  std::vector<Name> names;
  bool isTuple = false;
  SourceRange range;
};
/// `scan xt in x over time { ... }`, `scan i in 0..n { ... }`: a loop at run time.
struct ScanExpr : ExprOf<Expr::Kind::Scan> {
  Pattern pattern;
  ExprPtr sequence;         ///< a tensor, a tuple of them, or a RangeExpr
  std::optional<Name> axis; ///< `time`
  std::unique_ptr<Block> body;
};
struct ListExpr : ExprOf<Expr::Kind::List> {
  std::vector<ExprPtr> elements;
};
struct TupleExpr : ExprOf<Expr::Kind::Tuple> {
  std::vector<ExprPtr> elements;
};
/// `a..b`, in `for`, `scan` and indexes.
struct RangeExpr : ExprOf<Expr::Kind::Range> {
  ExprPtr first, last;
};
/// Stands where the parser recovered; an error was reported.
struct ErrorExpr : ExprOf<Expr::Kind::Error> {};

//===-- Statements ---------------------------------------------------------------------------===//

struct Statement {
  enum class Kind { Let, Param, State, Assign, Yield, For, Expr };
  const Kind kind;
  SourceRange range;
  virtual ~Statement() = default;

protected:
  explicit Statement(Kind kind) : kind(kind) {}
};
template <Statement::Kind K> struct StatementOf : Statement {
  StatementOf() : Statement(K) {}
  static bool classof(const Statement *s) { return s->kind == K; }
};

/// `let y = e`, `let (a, b) = e`, `let noise: f32[batch, 64] = normal()`
struct LetStatement : StatementOf<Statement::Kind::Let> {
  Pattern pattern;
  std::optional<TypeExpr> type;
  ExprPtr value;
};
/// `param w: f32[n, units] = zeros()`
struct ParamStatement : StatementOf<Statement::Kind::Param> {
  Name name;
  TypeExpr type;
  ExprPtr init;
};
/// `state h: f32[batch, units] = zeros()`: in a layer and an optimizer kept from step to step, in a
/// scan from pass to pass.
struct StateStatement : StatementOf<Statement::Kind::State> {
  Name name;
  TypeExpr type;
  ExprPtr init;
};
/// `h = e`: gives a `let`, an input or a `state` a new value.
struct AssignStatement : StatementOf<Statement::Kind::Assign> {
  Name name;
  ExprPtr value;
};
/// `yield e`, in a scan: what is stacked.
struct YieldStatement : StatementOf<Statement::Kind::Yield> {
  ExprPtr value;
};
/// `for i in 0..n { ... }`, `for units in widths { ... }`: unrolled at compile time.
struct ForStatement : StatementOf<Statement::Kind::For> {
  Pattern pattern;
  ExprPtr sequence; ///< a RangeExpr, or a list
  std::unique_ptr<Block> body;
};
/// An expression whose value nobody takes: an `if`, or a call of `require`. The parser reports
/// others and puts none in their place.
struct ExprStatement : StatementOf<Statement::Kind::Expr> {
  ExprPtr value;
};

/// Statements, then the value: an expression at the block's end. Null where the block ends
/// otherwise (a `for`'s body, a scan with `yield`, a branch of an `if` that is a statement). A last
/// `if` with an `else` is the value; sema drops it where no value is wanted.
struct Block {
  std::vector<StatementPtr> statements;
  ExprPtr result;
  bool isElseIf = false; ///< of an IfExpr's else: written `else if`, without braces
  SourceRange range;
};

//===-- Declarations -------------------------------------------------------------------------===//

/// A parameter of a declaration: `units: int`, `bias: bool = true`, `lr = 1e-3`, `x: f32[...s, n]`.
struct Parameter {
  Name name;
  std::optional<TypeExpr> type;
  ExprPtr defaultValue;
  SourceRange range;
};

/// `-> f32[n]`, `-> logits: f32[batch, 10]`, `-> (a: f32[n], b: f32[n])`
struct Result {
  std::optional<Name> name;
  TypeExpr type;
};

struct Declaration {
  enum class Kind { Import, Let, Fn, Layer, Model, Optimizer, Data, Train };
  const Kind kind;
  Name name;
  std::string doc; ///< the text of its `///` comments, without the slashes
  SourceRange range;
  virtual ~Declaration() = default;

protected:
  explicit Declaration(Kind kind) : kind(kind) {}
};
template <Declaration::Kind K> struct DeclarationOf : Declaration {
  DeclarationOf() : Declaration(K) {}
  static bool classof(const Declaration *d) { return d->kind == K; }
};

/// `import "blocks.nn"`, `import "blocks.nn" as blocks`; `name` is the path.
struct ImportDeclaration : DeclarationOf<Declaration::Kind::Import> {
  std::optional<Name> alias;
};

/// `let alpha = 0.1` at the level of the file; `name` is the first of the pattern.
struct LetDeclaration : DeclarationOf<Declaration::Kind::Let> {
  LetStatement let;
};

/// What fn, layer, model and optimizer share: parameters, perhaps inputs, results, a body.
struct Callable {
  std::vector<Parameter>
      parameters; ///< of a fn: its arguments; of the others: what is settled at compile time
  std::vector<Parameter> inputs; ///< of a layer or model: the tensors; of an optimizer: w and g
  std::vector<Result> results;
  bool resultsInParens = false;
  bool hasParameterList = false; ///< whether a first list stands before the inputs
  std::unique_ptr<Block> body;
  bool bodyIsExpr = false; ///< written `= e`, not `{ e }`
};
/// `gradient(dy) = ...` of a function: from the cotangents of its results a value per input.
struct GradientClause {
  std::vector<Parameter> parameters;
  std::unique_ptr<Block> body;
  bool bodyIsExpr = false;
  SourceRange range;
};
struct FnDeclaration : DeclarationOf<Declaration::Kind::Fn>, Callable {
  std::optional<GradientClause> gradient;
};
struct LayerDeclaration : DeclarationOf<Declaration::Kind::Layer>, Callable {};
struct ModelDeclaration : DeclarationOf<Declaration::Kind::Model>, Callable {};
struct OptimizerDeclaration : DeclarationOf<Declaration::Kind::Optimizer>, Callable {};

/// A line of a data set or recipe.
///
///   Let      `let lr = 1e-3`
///   Column   `features = concat(a, b)`                  name, value
///   Named    `loss fit = e`, `augment image = e`        key, name, value
///   Line     `batch 32`, `keep max: loss`, `optimizer adam() for "*.w", "*.b"`
///                                                       key, arguments, selectors
///   Section  `step forge every: 5 { ... }`              key, name, arguments, entries
struct Entry {
  enum class Kind { Let, Column, Named, Line, Section };
  Kind kind = Kind::Line;
  std::unique_ptr<LetStatement> let;
  Name key;
  Name name;
  ExprPtr value;
  std::vector<Argument> arguments;
  std::vector<std::unique_ptr<StringExpr>> selectors;
  std::vector<Entry> entries;
  SourceRange range;
};

/// `data mnist(image: u8[28, 28], label: index(10)) { ... }`
struct DataDeclaration : DeclarationOf<Declaration::Kind::Data> {
  std::vector<Parameter> columns;
  std::vector<Entry> entries;
};

/// `train gpt(depth: 6) { ... }`, `train maker, critic { ... }`; `name` is the first model's.
struct TrainDeclaration : DeclarationOf<Declaration::Kind::Train> {
  struct Model {
    std::unique_ptr<NameExpr> path;
    std::vector<Argument> arguments;
    bool hasArguments = false; ///< whether parentheses were written
    SourceRange range;
  };
  std::vector<Model> models;
  std::vector<Entry> entries;
};

/// A parsed file. Comments stay with their places so that the printer loses none.
struct Comment {
  SourceRange range;
  bool isDoc = false;
  bool ownLine = false;
};
struct File {
  FileId id;
  std::vector<std::unique_ptr<Declaration>> declarations;
  std::vector<Comment> comments;
};

} // namespace nnc::ast
