// The AST as text.
#include "compiler/syntax/Dump.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace nnc::ast;
using llvm::cast;

namespace nnc {

namespace {

class Dumper {
public:
  explicit Dumper(llvm::raw_ostream &os) : os(os) {}

  void declaration(const Declaration &node);
  void expr(const Expr &node);

private:
  void line(llvm::StringRef text) { os.indent(2 * depth) << text; }
  void quoted(llvm::StringRef text) {
    os << '"';
    llvm::printEscapedString(text, os);
    os << '"';
  }
  void type(const TypeExpr &node);
  void parameters(const std::vector<Parameter> &list);
  void callable(const Name &name, const Callable &node);
  void block(const Block &node);
  void statement(const Statement &node);
  void inlineBlock(const Block &node);
  void call(const CallExpr &node);
  void index(const IndexExpr &node);
  void pipe(const PipeExpr &node);
  void pattern(const Pattern &node);
  void arguments(const std::vector<Argument> &list);
  void scan(const ScanExpr &node);
  void typed(llvm::StringRef keyword, const Name &name, const TypeExpr &type, const Expr &init);
  void let(const LetStatement &node);
  void train(const TrainDeclaration &node);
  void entries(const std::vector<Entry> &list);
  void entry(const Entry &node);
  void list(llvm::StringRef head, const std::vector<ExprPtr> &elements);

  llvm::raw_ostream &os;
  unsigned depth = 0;
};

} // namespace

void Dumper::list(llvm::StringRef head, const std::vector<ExprPtr> &elements) {
  os << '(' << head;
  for (const ExprPtr &element : elements) {
    os << ' ';
    expr(*element);
  }
  os << ')';
}

void Dumper::arguments(const std::vector<Argument> &list) {
  for (const Argument &argument : list) {
    os << ' ';
    if (argument.name)
      os << argument.name->text << ':';
    expr(*argument.value);
  }
}

void Dumper::call(const CallExpr &node) {
  os << "(call ";
  expr(*node.callee);
  arguments(node.arguments);
  os << ')';
}

void Dumper::index(const IndexExpr &node) {
  os << "(index ";
  expr(*node.base);
  for (const IndexItem &item : node.items) {
    os << ' ';
    if (item.kind == IndexItem::Kind::Rest)
      os << "...";
    else if (item.kind == IndexItem::Kind::New)
      os << "new";
    if (item.first)
      expr(*item.first);
    if (item.kind == IndexItem::Kind::Range)
      os << "..";
    if (item.last)
      expr(*item.last);
  }
  os << ')';
}

void Dumper::pipe(const PipeExpr &node) {
  os << "(|> ";
  expr(*node.input);
  os << ' ';
  expr(*node.stage);
  os << ')';
}

void Dumper::pattern(const Pattern &node) {
  os << (node.isTuple ? "(" : "");
  llvm::interleave(node.names, os, [&](const Name &name) { os << name.text; }, " ");
  os << (node.isTuple ? ")" : "");
}

void Dumper::scan(const ScanExpr &node) {
  os << "(scan ";
  pattern(node.pattern);
  os << ' ';
  expr(*node.sequence);
  if (node.axis)
    os << " over:" << node.axis->text;
  os << ' ';
  inlineBlock(*node.body);
  os << ')';
}

/// A branch inside an expression: its statements and value in braces.
void Dumper::inlineBlock(const Block &node) {
  os << "{\n";
  ++depth;
  block(node);
  --depth;
  line("}");
}

void Dumper::expr(const Expr &node) {
  switch (node.kind) {
  case Expr::Kind::Integer:
    os << cast<IntegerExpr>(&node)->value;
    break;
  case Expr::Kind::Float:
    os << cast<FloatExpr>(&node)->spelling;
    break;
  case Expr::Kind::Bool:
    os << (cast<BoolExpr>(&node)->value ? "true" : "false");
    break;
  case Expr::Kind::String:
    quoted(cast<StringExpr>(&node)->value);
    break;
  case Expr::Kind::Name:
    for (const Name &qualifier : cast<NameExpr>(&node)->qualifiers)
      os << qualifier.text << '.';
    os << cast<NameExpr>(&node)->name.text;
    break;
  case Expr::Kind::Unary:
    os << '(' << spelling(cast<UnaryExpr>(&node)->op) << ' ';
    expr(*cast<UnaryExpr>(&node)->operand);
    os << ')';
    break;
  case Expr::Kind::Binary:
    os << '(' << spelling(cast<BinaryExpr>(&node)->op) << ' ';
    expr(*cast<BinaryExpr>(&node)->lhs);
    os << ' ';
    expr(*cast<BinaryExpr>(&node)->rhs);
    os << ')';
    break;
  case Expr::Kind::Cast:
    os << "(as ";
    expr(*cast<CastExpr>(&node)->operand);
    os << ' ';
    type(cast<CastExpr>(&node)->type);
    os << ')';
    break;
  case Expr::Kind::Call:
    call(*cast<CallExpr>(&node));
    break;
  case Expr::Kind::Index:
    index(*cast<IndexExpr>(&node));
    break;
  case Expr::Kind::Pipe:
    pipe(*cast<PipeExpr>(&node));
    break;
  case Expr::Kind::If:
    os << "(if ";
    expr(*cast<IfExpr>(&node)->condition);
    os << ' ';
    inlineBlock(*cast<IfExpr>(&node)->thenBlock);
    if (cast<IfExpr>(&node)->elseBlock) {
      os << ' ';
      inlineBlock(*cast<IfExpr>(&node)->elseBlock);
    }
    os << ')';
    break;
  case Expr::Kind::Scan:
    scan(*cast<ScanExpr>(&node));
    break;
  case Expr::Kind::Repeat:
    os << "(repeat ";
    expr(*cast<RepeatExpr>(&node)->count);
    os << ' ';
    expr(*cast<RepeatExpr>(&node)->stage);
    os << ')';
    break;
  case Expr::Kind::List:
    list("list", cast<ListExpr>(&node)->elements);
    break;
  case Expr::Kind::Tuple:
    list("tuple", cast<TupleExpr>(&node)->elements);
    break;
  case Expr::Kind::Range:
    os << "(.. ";
    expr(*cast<RangeExpr>(&node)->first);
    os << ' ';
    expr(*cast<RangeExpr>(&node)->last);
    os << ')';
    break;
  case Expr::Kind::Error:
    os << "<error>";
    break;
  }
}

void Dumper::type(const TypeExpr &node) {
  if (node.isList)
    os << '[';
  os << node.element.text;
  if (node.argument) {
    os << '(';
    expr(*node.argument);
    os << ')';
  }
  if (!node.hasShape) {
    os << (node.isList ? "]" : "");
    return;
  }
  os << '[';
  llvm::interleaveComma(node.dims, os, [&](const DimExpr &dim) {
    if (dim.rest)
      os << "..." << dim.rest->text;
    else
      expr(*dim.size);
  });
  os << (node.isList ? "]]" : "]");
}

void Dumper::parameters(const std::vector<Parameter> &list) {
  os << '(';
  llvm::interleaveComma(list, os, [&](const Parameter &parameter) {
    os << parameter.name.text;
    if (parameter.type) {
      os << ": ";
      type(*parameter.type);
    }
    if (parameter.defaultValue) {
      os << " = ";
      expr(*parameter.defaultValue);
    }
  });
  os << ')';
}

void Dumper::let(const LetStatement &node) {
  os << "let ";
  pattern(node.pattern);
  if (node.type) {
    os << ": ";
    type(*node.type);
  }
  os << " = ";
  expr(*node.value);
}

void Dumper::typed(llvm::StringRef keyword, const Name &name, const TypeExpr &type,
                   const Expr &init) {
  os << keyword << ' ' << name.text << ": ";
  this->type(type);
  os << " = ";
  expr(init);
}

void Dumper::statement(const Statement &node) {
  line("");
  switch (node.kind) {
  case Statement::Kind::Let:
    let(*cast<LetStatement>(&node));
    break;
  case Statement::Kind::Param: {
    auto &param = *cast<ParamStatement>(&node);
    typed("param", param.name, param.type, *param.init);
    break;
  }
  case Statement::Kind::State: {
    auto &state = *cast<StateStatement>(&node);
    typed("state", state.name, state.type, *state.init);
    break;
  }
  case Statement::Kind::Assign:
    os << "set " << cast<AssignStatement>(&node)->name.text << " = ";
    expr(*cast<AssignStatement>(&node)->value);
    break;
  case Statement::Kind::Yield:
    os << "yield ";
    expr(*cast<YieldStatement>(&node)->value);
    break;
  case Statement::Kind::For: {
    auto &loop = *cast<ForStatement>(&node);
    os << "for ";
    pattern(loop.pattern);
    os << ' ';
    expr(*loop.sequence);
    os << ' ';
    inlineBlock(*loop.body);
    break;
  }
  case Statement::Kind::Expr:
    os << "do ";
    expr(*cast<ExprStatement>(&node)->value);
    break;
  }
  os << '\n';
}

void Dumper::block(const Block &node) {
  for (const StatementPtr &child : node.statements)
    statement(*child);
  if (node.result) {
    line("");
    expr(*node.result);
    os << '\n';
  }
}

void Dumper::callable(const Name &name, const Callable &node) {
  os << name.text << ' ';
  parameters(node.parameters);
  os << ' ';
  parameters(node.inputs);
  if (!node.results.empty()) {
    os << " -> " << (node.resultsInParens ? "(" : "");
    llvm::interleaveComma(node.results, os, [&](const Result &result) {
      if (result.name)
        os << result.name->text << ": ";
      type(result.type);
    });
    os << (node.resultsInParens ? ")" : "");
  }
  os << (node.bodyIsExpr ? " =\n" : "\n");
  ++depth;
  block(*node.body);
  --depth;
}

void Dumper::entries(const std::vector<Entry> &list) {
  ++depth;
  for (const Entry &each : list)
    entry(each);
  --depth;
}

void Dumper::entry(const Entry &node) {
  line("");
  switch (node.kind) {
  case Entry::Kind::Let:
    let(*node.let);
    break;
  case Entry::Kind::Column:
    os << "column " << node.name.text << " = ";
    expr(*node.value);
    break;
  case Entry::Kind::Named:
    os << node.key.text << ' ' << node.name.text << " = ";
    expr(*node.value);
    break;
  case Entry::Kind::Line:
    os << node.key.text;
    arguments(node.arguments);
    for (const auto &selector : node.selectors) {
      os << (&selector == &node.selectors.front() ? " for " : " ");
      quoted(selector->value);
    }
    break;
  case Entry::Kind::Section:
    os << node.key.text << ' ' << node.name.text;
    arguments(node.arguments);
    os << '\n';
    entries(node.entries);
    return;
  }
  os << '\n';
}

/// The name of the first model is written already.
void Dumper::train(const TrainDeclaration &node) {
  for (const TrainDeclaration::Model &model : node.models) {
    if (&model != &node.models.front()) {
      os << ", ";
      expr(*model.path);
    }
    os << (model.hasArguments ? " ()" : "");
    arguments(model.arguments);
  }
  os << '\n';
  entries(node.entries);
}

void Dumper::declaration(const Declaration &node) {
  static constexpr const char *kinds[] = {"import", "let",       "fn",   "layer",
                                          "model",  "optimizer", "data", "train"};
  for (llvm::StringRef rest = node.doc; !rest.empty();) {
    auto [first, others] = rest.split('\n');
    os << "/// " << first << '\n';
    rest = others;
  }
  if (node.kind != Declaration::Kind::Let)
    os << kinds[static_cast<size_t>(node.kind)] << ' ';
  switch (node.kind) {
  case Declaration::Kind::Import: {
    auto &import = *cast<ImportDeclaration>(&node);
    os << node.name.text;
    if (import.alias)
      os << " as " << import.alias->text;
    os << '\n';
    break;
  }
  case Declaration::Kind::Let:
    let(cast<LetDeclaration>(&node)->let);
    os << '\n';
    break;
  case Declaration::Kind::Fn: {
    auto &fn = *cast<FnDeclaration>(&node);
    callable(node.name, fn);
    if (!fn.gradient)
      break;
    os << "  gradient ";
    parameters(fn.gradient->parameters);
    os << (fn.gradient->bodyIsExpr ? " =\n" : "\n");
    depth += 2;
    block(*fn.gradient->body);
    depth -= 2;
    break;
  }
  case Declaration::Kind::Layer:
    callable(node.name, *cast<LayerDeclaration>(&node));
    break;
  case Declaration::Kind::Model:
    callable(node.name, *cast<ModelDeclaration>(&node));
    break;
  case Declaration::Kind::Optimizer:
    callable(node.name, *cast<OptimizerDeclaration>(&node));
    break;
  case Declaration::Kind::Data:
    os << node.name.text << ' ';
    parameters(cast<DataDeclaration>(&node)->columns);
    os << '\n';
    entries(cast<DataDeclaration>(&node)->entries);
    break;
  case Declaration::Kind::Train:
    expr(*cast<TrainDeclaration>(&node)->models.front().path);
    train(*cast<TrainDeclaration>(&node));
    break;
  }
}

std::string dump(const File &file) {
  std::string text;
  llvm::raw_string_ostream os(text);
  for (const auto &node : file.declarations)
    Dumper(os).declaration(*node);
  return text;
}

std::string dump(const Expr &expr) {
  std::string text;
  llvm::raw_string_ostream os(text);
  Dumper(os).expr(expr);
  return text;
}

} // namespace nnc
