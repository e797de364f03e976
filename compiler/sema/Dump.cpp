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
  case Input::Kind::Parameter:
    return "parameter";
  case Input::Kind::Buffer:
    return "buffer";
  case Input::Kind::ModelOutput:
    return "output";
  case Input::Kind::DataField:
    return "field";
  case Input::Kind::State:
    return "state";
  case Input::Kind::Gradient:
    return "gradient";
  case Input::Kind::Step:
    return "step";
  case Input::Kind::Seed:
    return "seed";
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

void dump(const Function &function, llvm::raw_ostream &os) {
  llvm::DenseMap<const Node *, unsigned> numbers;
  auto reference = [&](const Node *node) { os << '%' << numbers.lookup(node); };
  os << "  function " << function.name << "(";
  llvm::interleaveComma(function.inputs, os, [&](const Input &input) {
    numbers.try_emplace(input.node, numbers.size());
    os << '%' << numbers.lookup(input.node) << " = " << kindName(input.kind) << ' ' << input.name
       << ": " << input.node->type.str();
  });
  os << ")\n";
  for (const Node *node : function.nodes) {
    numbers.try_emplace(node, numbers.size());
    os << "    ";
    reference(node);
    os << " = " << node->op << '(';
    llvm::interleaveComma(node->operands, os, reference);
    os << ')';
    if (!node->attributes.empty()) {
      os << " {";
      llvm::interleaveComma(node->attributes, os,
                            [&](const Attribute &attribute) { print(attribute, os); });
      os << '}';
    }
    if (node->op == "from_index")
      os << " of " << node->sizes.front().str();
    os << " : " << node->type.str() << '\n';
  }
  os << "    return ";
  llvm::interleaveComma(function.results, os, [&](const Function::Result &result) {
    os << result.name << " = ";
    reference(result.node);
  });
  os << '\n';
}

static void dump(const Model &model, llvm::raw_ostream &os) {
  os << "model " << model.name << " dims [" << llvm::join(model.dims, ", ") << "]\n";
  for (const Port &port : model.inputs)
    os << "  input " << port.name << ": " << port.type.str() << '\n';
  for (const Port &port : model.outputs)
    os << "  output " << port.name << ": " << port.type.str() << '\n';
  for (const Parameter &parameter : model.parameters)
    os << "  " << (parameter.isBuffer ? "buffer " : "parameter ") << parameter.path << ": "
       << parameter.type.str() << '\n';
  for (const LayerInfo &layer : model.layers)
    os << "  layer " << layer.path << " (" << layer.layer << ", depth " << layer.depth << ") -> "
       << layer.output.str() << '\n';
  dump(model.forward, os);
  for (const Parameter &parameter : model.parameters)
    dump(parameter.init, os);
}

static void dump(const Recipe &recipe, llvm::raw_ostream &os) {
  os << "recipe " << recipe.model << " optimizer \"" << recipe.optimizer << "\" batch "
     << recipe.batch;
  if (recipe.epochs)
    os << " epochs " << *recipe.epochs;
  if (recipe.steps)
    os << " steps " << *recipe.steps;
  os << " seed " << recipe.seed << '\n';
  os << "  data " << recipe.data.name << " = " << recipe.data.format << '\n';
  for (const DataSource::File &file : recipe.data.files)
    os << "  file " << file.split << '.' << file.field << ": \"" << file.path << "\"\n";
  for (const DataField &field : recipe.data.fields) {
    os << "  field " << field.name << " as " << field.binding << ": " << field.type.str();
    if (field.bounds)
      os << " in " << field.bounds->first << ".." << field.bounds->second;
    os << '\n';
  }
  dump(recipe.loss, os);
  dump(recipe.metrics, os);
  for (const Update &update : recipe.updates) {
    os << "  update " << update.parameter << " states [" << llvm::join(update.states, ", ")
       << "]\n";
    dump(update.rule, os);
    for (const Function &init : update.stateInit)
      dump(init, os);
  }
}

void dump(const Program &program, llvm::raw_ostream &os) {
  for (const Model &model : program.models)
    dump(model, os);
  for (const Recipe &recipe : program.recipes)
    dump(recipe, os);
}

} // namespace nnc::sema
