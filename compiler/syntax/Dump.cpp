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
  void callable(const Callable &node);
  void block(const Block &node);
  void statement(const Statement &node);
  void inlineBlock(const Block &node);
  void call(const CallExpr &node);
  void index(const IndexExpr &node);
  void pipe(const PipeExpr &node);
  void data(const DataDeclaration &node);
  void setting(const Setting &node);
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

void Dumper::call(const CallExpr &node) {
  os << "(call ";
  expr(*node.callee);
  for (const Argument &argument : node.arguments) {
    os << ' ';
    if (argument.name)
      os << argument.name->text << ':';
    expr(*argument.value);
  }
  os << ')';
}

void Dumper::index(const IndexExpr &node) {
  os << "(index ";
  expr(*node.base);
  for (const IndexItem &item : node.items) {
    os << ' ';
    if (item.first)
      expr(*item.first);
    if (item.isRange)
      os << "..";
    if (item.last)
      expr(*item.last);
  }
  os << ')';
}

void Dumper::pipe(const PipeExpr &node) {
  os << "(|> ";
  expr(*node.input);
  if (node.repeat) {
    os << " repeat:";
    expr(*node.repeat);
  }
  os << ' ';
  expr(*node.stage);
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
    os << ' ' << cast<CastExpr>(&node)->element.text << ')';
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
  case Expr::Kind::Block:
    inlineBlock(*cast<BlockExpr>(&node)->block);
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
  os << node.element.text;
  if (!node.hasShape)
    return;
  os << '[';
  llvm::interleaveComma(node.dims, os, [&](const DimExpr &dim) {
    if (dim.rest)
      os << "..." << dim.rest->text;
    else
      expr(*dim.size);
  });
  os << ']';
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

void Dumper::statement(const Statement &node) {
  switch (node.kind) {
  case Statement::Kind::Let: {
    auto &let = *cast<LetStatement>(&node);
    line(let.isTuple ? "let tuple" : "let");
    for (const Name &name : let.names)
      os << ' ' << name.text;
    if (let.type) {
      os << ": ";
      type(*let.type);
    }
    os << " = ";
    expr(*let.value);
    break;
  }
  case Statement::Kind::Param: {
    auto &param = *cast<ParamStatement>(&node);
    line(param.isBuffer ? "buffer " : "param ");
    os << param.name.text << ": ";
    type(param.type);
    os << " = ";
    expr(*param.init);
    break;
  }
  case Statement::Kind::State:
    line("state");
    for (const StateStatement::Entry &entry : cast<StateStatement>(&node)->entries) {
      os << ' ' << entry.name.text << " = ";
      expr(*entry.init);
    }
    break;
  case Statement::Kind::Assign:
    line("set ");
    os << cast<AssignStatement>(&node)->name.text << " = ";
    expr(*cast<AssignStatement>(&node)->value);
    break;
  case Statement::Kind::For: {
    auto &loop = *cast<ForStatement>(&node);
    line("for ");
    os << loop.variable.text << ' ';
    expr(*loop.first);
    os << ' ';
    expr(*loop.last);
    os << ' ';
    inlineBlock(*loop.body);
    break;
  }
  case Statement::Kind::If:
    line("do ");
    expr(*cast<IfStatement>(&node)->value);
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

void Dumper::callable(const Callable &node) {
  os << ' ';
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

void Dumper::data(const DataDeclaration &node) {
  os << ' ' << node.format.text << '\n';
  for (const DataField &field : node.fields) {
    os << "  field " << field.name.text << ": ";
    type(field.type);
    if (field.low) {
      os << " in ";
      expr(*field.low);
      os << ' ';
      expr(*field.high);
    }
    os << '\n';
  }
  for (const DataSplit &split : node.splits) {
    os << "  split " << split.name.text;
    for (const DataFile &file : split.files) {
      os << ' ' << file.field.text << ": ";
      quoted(file.path.value);
    }
    os << '\n';
  }
}

void Dumper::setting(const Setting &node) {
  os << "  " << node.key.text << (node.isEvery ? " every" : "");
  for (const SettingEntry &entry : node.entries) {
    os << ' ';
    if (entry.name)
      os << entry.name->text << " = ";
    expr(*entry.value);
    if (entry.selectsRest)
      os << " for rest";
    if (entry.selectorGlob) {
      os << " for ";
      quoted(entry.selectorGlob->value);
    }
  }
  if (!node.bindings.empty()) {
    os << " as";
    for (const Name &name : node.bindings)
      os << ' ' << name.text;
  }
  os << '\n';
}

void Dumper::declaration(const Declaration &node) {
  static constexpr const char *kinds[] = {"import",    "fn",       "layer", "model",
                                          "optimizer", "schedule", "data",  "train"};
  for (llvm::StringRef rest = node.doc; !rest.empty();) {
    auto [first, others] = rest.split('\n');
    os << "/// " << first << '\n';
    rest = others;
  }
  os << kinds[static_cast<size_t>(node.kind)] << ' ' << node.name.text;
  switch (node.kind) {
  case Declaration::Kind::Import:
    os << '\n';
    break;
  case Declaration::Kind::Fn:
    callable(*cast<FnDeclaration>(&node));
    break;
  case Declaration::Kind::Layer:
    callable(*cast<LayerDeclaration>(&node));
    break;
  case Declaration::Kind::Model:
    callable(*cast<ModelDeclaration>(&node));
    break;
  case Declaration::Kind::Optimizer:
    callable(*cast<OptimizerDeclaration>(&node));
    break;
  case Declaration::Kind::Schedule:
    callable(*cast<ScheduleDeclaration>(&node));
    break;
  case Declaration::Kind::Data:
    data(*cast<DataDeclaration>(&node));
    break;
  case Declaration::Kind::Train:
    os << '\n';
    for (const Setting &entry : cast<TrainDeclaration>(&node)->settings)
      setting(entry);
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
