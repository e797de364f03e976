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

/// `f32[batch, n]`, `int`, `bool`. A bare element type is a scalar.
struct TypeExpr {
  Name element;
  std::vector<DimExpr> dims;
  bool hasShape = false; ///< whether brackets were written
  SourceRange range;
};

//===-- Expressions --------------------------------------------------------------------------===//

/// An argument of a call: `3` or `kernel: 3`.
struct Argument {
  std::optional<Name> name;
  ExprPtr value;
};

/// An entry of an index: `:`, `i`, `a..b`, `..b`, `a..`.
struct IndexItem {
  ExprPtr first; ///< the index itself where this is not a range
  ExprPtr last;  ///< exclusive end
  bool isRange = false;
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
    Block,
    List,
    Tuple,
    Range,
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
struct NameExpr : ExprOf<Expr::Kind::Name> {
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
/// `x as f32`
struct CastExpr : ExprOf<Expr::Kind::Cast> {
  ExprPtr operand;
  Name element;
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
  ExprPtr repeat; ///< the count of `repeat(n)`, or null
  ExprPtr stage;  ///< a NameExpr or a CallExpr
  SourceRange stageRange;
};
struct IfExpr : ExprOf<Expr::Kind::If> {
  ExprPtr condition;
  std::unique_ptr<Block> thenBlock, elseBlock;
};
struct BlockExpr : ExprOf<Expr::Kind::Block> {
  std::unique_ptr<Block> block;
};
struct ListExpr : ExprOf<Expr::Kind::List> {
  std::vector<ExprPtr> elements;
};
struct TupleExpr : ExprOf<Expr::Kind::Tuple> {
  std::vector<ExprPtr> elements;
};
/// `a..b`, in `for` and in `in 0..10`.
struct RangeExpr : ExprOf<Expr::Kind::Range> {
  ExprPtr first, last;
};
/// Stands where the parser recovered; an error was reported.
struct ErrorExpr : ExprOf<Expr::Kind::Error> {};

//===-- Statements ---------------------------------------------------------------------------===//

struct Statement {
  enum class Kind { Let, Param, State, Assign, For, If };
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

/// `let y = e`, `let (a, b) = e`
struct LetStatement : StatementOf<Statement::Kind::Let> {
  std::vector<Name> names;
  bool isTuple = false;
  std::optional<TypeExpr> type;
  ExprPtr value;
};
/// `param w: f32[n, units] = zeros()`, `buffer mean: f32[n] = zeros()`
struct ParamStatement : StatementOf<Statement::Kind::Param> {
  bool isBuffer = false;
  Name name;
  TypeExpr type;
  ExprPtr init;
};
/// `state m = 0, v = 0` in an optimizer.
struct StateStatement : StatementOf<Statement::Kind::State> {
  struct Entry {
    Name name;
    ExprPtr init;
  };
  std::vector<Entry> entries;
};
/// `h = e`: gives a `let` or a `state` a new value.
struct AssignStatement : StatementOf<Statement::Kind::Assign> {
  Name name;
  ExprPtr value;
};
/// `for i in 0..n { ... }`: unrolled at compile time.
struct ForStatement : StatementOf<Statement::Kind::For> {
  Name variable;
  ExprPtr first, last;
  std::unique_ptr<Block> body;
};

/// An `if` that is not used as a value: its branches have none, and `else` may be absent.
struct IfStatement : StatementOf<Statement::Kind::If> {
  std::unique_ptr<IfExpr> value;
};

/// Statements, then the value (absent in the body of a `for` and in the branches of an
/// IfStatement). The parser sees to it that every other block has one, an ErrorExpr after an error,
/// and that an IfExpr has both branches.
struct Block {
  std::vector<StatementPtr> statements;
  ExprPtr result;
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
  enum class Kind { Import, Fn, Layer, Model, Optimizer, Schedule, Data, Train };
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

/// `import "blocks.nn"`; `name` is the path.
struct ImportDeclaration : DeclarationOf<Declaration::Kind::Import> {};

/// What fn, layer, model, optimizer and schedule share: parameters, perhaps inputs, results, a
/// body.
struct Callable {
  std::vector<Parameter>
      parameters; ///< of a fn: its arguments; of a layer or model: what is settled at compile time
  std::vector<Parameter> inputs; ///< of a layer or model: the tensors
  std::vector<Result> results;
  bool resultsInParens = false;
  std::unique_ptr<Block> body;
  bool bodyIsExpr = false; ///< written `= e`, not `{ e }`
};
struct FnDeclaration : DeclarationOf<Declaration::Kind::Fn>, Callable {};
struct LayerDeclaration : DeclarationOf<Declaration::Kind::Layer>, Callable {};
struct ModelDeclaration : DeclarationOf<Declaration::Kind::Model>, Callable {
  bool hasParameterList = false;
};
struct OptimizerDeclaration : DeclarationOf<Declaration::Kind::Optimizer>, Callable {};
struct ScheduleDeclaration : DeclarationOf<Declaration::Kind::Schedule>, Callable {};

/// `image: "train-images-idx3-ubyte.gz"` in a split of a data set.
struct DataFile {
  Name field;
  StringExpr path;
};
/// `train { ... }`, `test { ... }`
struct DataSplit {
  Name name;
  std::vector<DataFile> files;
  SourceRange range;
};
/// `label: u8 in 0..10`: the type of one example, and the range of its values where one is stated.
struct DataField {
  Name name;
  TypeExpr type;
  ExprPtr low, high;
  SourceRange range;
};
/// `data mnist = idx { image: u8[28, 28]  label: u8 in 0..10  train {...}  test {...} }`
struct DataDeclaration : DeclarationOf<Declaration::Kind::Data> {
  Name format;
  std::vector<DataField> fields;
  std::vector<DataSplit> splits;
};

/// One value of a setting: `pixels = e`, `e for "*.w"`, `e`.
struct SettingEntry {
  std::optional<Name> name; ///< of a named loss or metric
  ExprPtr value;
  std::optional<StringExpr> selectorGlob; ///< `for "*.w"`
  bool selectsRest = false;               ///< `for rest`
};
/// A line of a recipe: `batch 32`, `data mnist(image, label)`, `loss a = e  b = e`.
struct Setting {
  Name key;
  std::vector<SettingEntry> entries;
  bool isEvery = false;       ///< `evaluate every 500`
  std::vector<Name> bindings; ///< `as (token, next)`
  SourceRange range;
};
/// `train mlp { ... }`; `name` is the model's.
struct TrainDeclaration : DeclarationOf<Declaration::Kind::Train> {
  std::vector<Setting> settings;
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
