// The text form of a program graph: one line per node, numbered within its function.
#include "compiler/sema/Dump.h"

#include "compiler/sema/Value.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace nnc::sema {

namespace {

const char *kindName(Input::Kind kind) {
  switch (kind) {
  case Input::Kind::ModelInput:
    return "input";
  case Input::Kind::Field:
    return "field";
  case Input::Kind::Parameter:
    return "parameter";
  case Input::Kind::LayerState:
    return "state";
  case Input::Kind::Optimizer:
    return "optimizer";
  case Input::Kind::Gradient:
    return "gradient";
  case Input::Kind::Step:
    return "step";
  case Input::Kind::Steps:
    return "steps";
  case Input::Kind::Seed:
    return "seed";
  case Input::Kind::Draw:
    return "draw";
  case Input::Kind::Example:
    return "example";
  case Input::Kind::Number:
    return "number";
  case Input::Kind::Total:
    return "total";
  case Input::Kind::Column:
    return "column";
  case Input::Kind::Fitted:
    return "fitted";
  case Input::Kind::Class:
    return "class";
  case Input::Kind::Argument:
    return "argument";
  }
  return "";
}

void print(const Attribute &attribute, llvm::raw_ostream &os) {
  os << attribute.name << " = ";
  if (const auto *number = std::get_if<int64_t>(&attribute.value))
    os << *number;
  else if (const auto *fraction = std::get_if<double>(&attribute.value))
    os << numberText(*fraction);
  else if (const auto *truth = std::get_if<bool>(&attribute.value))
    os << (*truth ? "true" : "false");
  else if (const auto *text = std::get_if<std::string>(&attribute.value))
    os << '"' << *text << '"';
  else {
    os << '[';
    llvm::interleaveComma(std::get<std::vector<int64_t>>(attribute.value), os);
    os << ']';
  }
}

} // namespace

/// A function and the bodies of its operations, each indented below its operation.
static void dump(const Function &function, llvm::raw_ostream &os, unsigned indent) {
  llvm::DenseMap<const Node *, unsigned> numbers;
  auto reference = [&](const Node *node) { os << '%' << numbers.lookup(node); };
  os.indent(indent) << (indent > 2 ? "body " : "function ") << function.name << "(";
  llvm::interleaveComma(function.inputs, os, [&](const Input &input) {
    numbers.try_emplace(input.node, numbers.size());
    os << '%' << numbers.lookup(input.node) << " = " << kindName(input.kind);
    if (!input.name.empty())
      os << ' ' << input.name;
    os << ": " << input.node->type.str();
  });
  os << ")\n";
  for (const Node *node : function.nodes) {
    numbers.try_emplace(node, numbers.size());
    os.indent(indent + 2);
    reference(node);
    os << " = " << node->op << '(';
    llvm::interleaveComma(node->operands, os, reference);
    os << ')';
    if (node->op == "result")
      os << " #" << node->result;
    if (!node->attributes.empty()) {
      os << " {";
      llvm::interleaveComma(node->attributes, os,
                            [&](const Attribute &attribute) { print(attribute, os); });
      os << '}';
    }
    if (node->op == "from_index" || node->op == "scan")
      os << " of " << node->sizes.front().str();
    os << " : ";
    if (node->resultTypes.empty())
      os << node->type.str();
    else
      llvm::interleaveComma(node->resultTypes, os, [&](const Type &type) { os << type.str(); });
    os << '\n';
    for (const auto &body : node->bodies)
      dump(*body, os, indent + 4);
  }
  os.indent(indent + 2) << "return ";
  llvm::interleaveComma(function.results, os, [&](const Function::Result &result) {
    if (!result.name.empty())
      os << result.name << " = ";
    reference(result.node);
  });
  os << '\n';
}

void dump(const Function &function, llvm::raw_ostream &os) { dump(function, os, 2); }

static void dump(const Data &data, llvm::raw_ostream &os) {
  os << "  data " << data.name << '\n';
  for (const DataSource &source : data.sources) {
    os << "  source " << source.part << ' ' << source.reader << '\n';
    for (const auto &[column, path] : source.files)
      os << "    file " << column << ": \"" << path << "\"\n";
  }
  for (const Share &share : data.splits)
    os << "  split " << share.part << ' ' << numberText(share.share) << '\n';
  for (const Port &field : data.fields) {
    os << "  field " << field.name << ": " << field.type.str();
    if (field.bounds)
      os << " in " << field.bounds->first << ".." << field.bounds->second;
    os << '\n';
  }
  if (data.isPrepared) {
    dump(data.fit, os);
    dump(data.prepare, os);
  }
}

static void dump(const Recipe &recipe, llvm::raw_ostream &os) {
  os << "recipe optimizer \"" << recipe.optimizer << "\" batch " << recipe.batch;
  if (recipe.epochs)
    os << " epochs " << *recipe.epochs;
  if (recipe.steps)
    os << " steps " << *recipe.steps;
  os << " seed " << recipe.seed << '\n';
  if (recipe.data)
    dump(*recipe.data, os);
  for (const StepBlock &block : recipe.blocks) {
    os << "  step " << block.name << " every " << block.every << '\n';
    dump(block.objective, os);
    for (const Update &update : block.updates) {
      os << "  update " << update.parameter << " states [" << llvm::join(update.states, ", ")
         << "]\n";
      dump(update.rule, os);
      for (const Function &init : update.stateInit)
        dump(init, os);
    }
  }
  for (const Evaluation::Pass &pass : recipe.evaluation.passes)
    dump(pass.accumulate, os);
  dump(recipe.evaluation.finish, os);
}

static void dump(const Model &model, llvm::raw_ostream &os) {
  os << "model " << model.name << " dims [" << llvm::join(model.dims, ", ") << "]\n";
  for (const Port &port : model.inputs) {
    os << "  input " << port.name << ": " << port.type.str();
    if (port.bounds)
      os << " in " << port.bounds->first << ".." << port.bounds->second;
    os << '\n';
  }
  for (const Port &port : model.outputs)
    os << "  output " << port.name << ": " << port.type.str() << '\n';
  for (const Parameter &parameter : model.parameters)
    os << "  parameter " << parameter.path << ": " << parameter.type.str() << '\n';
  for (const Parameter &state : model.states)
    os << "  state " << state.path << ": " << state.type.str() << '\n';
  for (const LayerInfo &layer : model.layers)
    os << "  layer " << layer.path << " (" << layer.layer << ", depth " << layer.depth << ") -> "
       << layer.output.str() << '\n';
  dump(model.predict, os);
  for (const Parameter &parameter : model.parameters)
    dump(parameter.init, os);
  for (const Parameter &state : model.states)
    dump(state.init, os);
  if (model.recipe)
    dump(*model.recipe, os);
}

void dump(const Program &program, llvm::raw_ostream &os) {
  for (const Model &model : program.models)
    dump(model, os);
}

} // namespace nnc::sema
