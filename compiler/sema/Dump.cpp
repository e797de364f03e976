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
    return "layer_state";
  case Input::Kind::Optimizer:
    return "state";
  case Input::Kind::Gradient:
    return "gradient";
  case Input::Kind::Step:
    return "step";
  case Input::Kind::Steps:
    return "steps";
  case Input::Kind::Batch:
    return "batch";
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
  case Input::Kind::Collected:
    return "collected";
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

void print(llvm::StringRef title, const std::vector<Attribute> &attributes, llvm::raw_ostream &os) {
  if (attributes.empty())
    return;
  os << title;
  llvm::interleaveComma(attributes, os, [&](const Attribute &each) { print(each, os); });
}

/// Functions and their bodies, which are numbered on their own and stand deeper.
class FunctionPrinter {
public:
  FunctionPrinter(llvm::raw_ostream &os, unsigned indent) : os(os), indent(indent) {}

  void print(const Function &function) {
    os.indent(indent) << "function " << function.name << "(";
    llvm::interleaveComma(function.inputs, os, [&](const Input &input) {
      reference(input.node);
      os << " = " << kindName(input.kind) << ' ' << input.name << ": " << input.node->type.str();
    });
    os << ")\n";
    for (const Node *node : function.nodes)
      print(*node);
    os.indent(indent + 2) << "return ";
    llvm::interleaveComma(function.results, os, [&](const Function::Result &result) {
      os << result.name << " = ";
      reference(result.node);
    });
    os << '\n';
  }

private:
  void reference(const Node *node) {
    numbers.try_emplace(node, numbers.size());
    os << '%' << numbers.lookup(node);
  }

  void print(const Node &node) {
    os.indent(indent + 2);
    reference(&node);
    os << " = " << node.op << '(';
    llvm::interleaveComma(node.operands, os, [&](const Node *operand) { reference(operand); });
    os << ')';
    if (node.op == "result")
      os << '#' << node.result;
    if (!node.attributes.empty()) {
      sema::print(" {", node.attributes, os);
      os << '}';
    }
    if (!node.segments.empty()) {
      os << " segments [";
      llvm::interleaveComma(node.segments, os);
      os << ']';
    }
    if (node.hasSizes && (node.op == "from_index" || node.op == "scan")) {
      os << " of ";
      llvm::interleaveComma(node.sizes, os, [&](const Dim &dim) { os << dim.str(); });
    }
    os << " : ";
    if (node.resultTypes.size() > 1)
      llvm::interleaveComma(node.resultTypes, os, [&](const Type &type) { os << type.str(); });
    else
      os << node.type.str();
    os << '\n';
    for (const auto &body : node.bodies)
      FunctionPrinter(os, indent + 4).print(*body);
  }

  llvm::raw_ostream &os;
  unsigned indent;
  llvm::DenseMap<const Node *, unsigned> numbers;
};

void print(const Port &port, llvm::StringRef kind, llvm::raw_ostream &os) {
  os << "  " << kind << ' ' << port.name << ": " << port.type.str();
  if (port.limit)
    os << " in 0.." << port.limit->str();
  os << '\n';
}

void dump(const Data &data, llvm::raw_ostream &os) {
  os << "  data " << data.name << '\n';
  for (const DataSource &source : data.sources) {
    os << "    source " << (source.part.empty() ? "from" : source.part) << ' ' << source.reader;
    for (const auto &[column, path] : source.files)
      os << ' ' << column << (column.empty() ? "" : ": ") << '"' << path << '"';
    print(" ", source.options, os);
    for (const std::string &marker : source.missing)
      os << " missing \"" << marker << '"';
    os << '\n';
  }
  for (const Share &share : data.splits)
    os << "    split " << share.part << ' ' << numberText(share.share) << '\n';
  if (data.splitSeed)
    os << "    split seed " << *data.splitSeed << '\n';
  if (data.validShare > 0) {
    os << "    valid " << numberText(data.validShare);
    if (data.validSeed)
      os << " seed " << *data.validSeed;
    os << '\n';
  }
  static constexpr const char *kinds[] = {"array", "numbers", "number", "category",
                                          "text",  "image",   "label"};
  for (const Column &column : data.columns) {
    os << "    column " << kinds[unsigned(column.kind)] << ' ' << column.name << column.first;
    if (!column.last.empty())
      os << " to " << column.last;
    if (column.kind == Column::Kind::Category || column.kind == Column::Kind::Text ||
        column.kind == Column::Kind::Label)
      os << " of " << column.classes.str();
    os << ": " << column.type.str() << '\n';
  }
  for (const ClassRequest &request : data.classes)
    os << "    class \"" << request.name << "\" of column " << request.column << '\n';
  for (const UnsettledSize &size : data.unsettled)
    os << "    unsettled " << size.name << " of \"" << size.file << "\"\n";
  for (const Port &field : data.fields)
    print(field, "field", os);
  if (data.isPrepared) {
    dump(data.fit, os);
    dump(data.prepare, os);
  }
}

void dump(const Goal &goal, llvm::raw_ostream &os) {
  os << (goal.isMax ? " max " : " min ") << goal.of;
}

void dumpSettings(const Recipe &recipe, llvm::raw_ostream &os) {
  os << "recipe optimizer \"" << recipe.optimizer << "\" batch " << recipe.batch;
  if (recipe.epochs)
    os << " epochs " << *recipe.epochs;
  if (recipe.steps)
    os << " steps " << *recipe.steps;
  os << " seed " << recipe.seed;
  if (!recipe.shuffle)
    os << " unshuffled";
  if (recipe.accumulate != 1)
    os << " accumulate " << recipe.accumulate;
  if (recipe.average)
    os << " ema " << numberText(*recipe.average);
  if (recipe.evaluateEvery)
    os << " evaluate every " << *recipe.evaluateEvery;
  if (recipe.budgetBytes)
    os << " budget " << *recipe.budgetBytes;
  os << '\n';
  if (recipe.keep) {
    os << "  keep";
    dump(*recipe.keep, os);
    os << '\n';
  }
  if (recipe.stop) {
    os << "  stop patience " << recipe.patience;
    dump(*recipe.stop, os);
    os << '\n';
  }
  for (const Recipe::Load &load : recipe.loads)
    os << "  load \"" << load.file << "\" under \"" << load.under << "\"\n";
  for (const Recipe::Number &number : recipe.numbers)
    os << "  number " << number.name << " = " << numberText(number.value) << '\n';
  for (const std::string &path : recipe.frozen)
    os << "  frozen " << path << '\n';
}

void dump(const Recipe &recipe, llvm::raw_ostream &os) {
  dumpSettings(recipe, os);
  if (recipe.data)
    dump(*recipe.data, os);
  for (const StepBlock &block : recipe.blocks) {
    os << "  block " << (block.name.empty() ? "" : block.name + " ") << "every " << block.every
       << " losses [" << llvm::join(block.losses, ", ") << "]\n";
    dump(block.objective, os);
    if (block.clip) {
      os << "  clip " << (block.clip->kind == Clip::Kind::Norm ? "norm" : "value") << '\n';
      dump(block.clip->limit, os);
    }
    for (const Update &update : block.updates) {
      os << "  update " << update.parameter << " states [" << llvm::join(update.states, ", ")
         << "]\n";
      dump(update.rule, os);
      for (const Function &init : update.stateInit)
        dump(init, os);
    }
  }
  const Evaluation &evaluation = recipe.evaluation;
  os << "  evaluation losses [" << llvm::join(evaluation.losses, ", ") << "] metrics ["
     << llvm::join(evaluation.metrics, ", ") << "]\n";
  static constexpr const char *combines[] = {"sum", "max", "min"};
  for (const Evaluation::Pass &pass : evaluation.passes) {
    os << "  pass [";
    llvm::interleaveComma(pass.combine, os,
                          [&](Evaluation::Combine combine) { os << combines[unsigned(combine)]; });
    os << "]\n";
    dump(pass.accumulate, os);
  }
  dump(evaluation.finish, os);
}

void dump(const Model &model, llvm::raw_ostream &os) {
  os << "model " << model.name << " of [" << llvm::join(model.networks, ", ") << "] dims ["
     << llvm::join(model.dims, ", ") << "]";
  if (!model.batchDim.empty())
    os << " batch " << model.batchDim;
  os << '\n';
  for (const Port &port : model.inputs)
    print(port, "input", os);
  for (const Port &port : model.outputs)
    print(port, "output", os);
  auto printTensor = [&](const Parameter &tensor, llvm::StringRef kind) {
    os << "  " << kind << ' ' << tensor.path << ": " << tensor.type.str()
       << (tensor.hasDeclaredGradient ? " declared" : "") << '\n';
  };
  for (const Parameter &parameter : model.parameters)
    printTensor(parameter, "parameter");
  for (const Parameter &state : model.states)
    printTensor(state, "state");
  for (const LayerInfo &layer : model.layers)
    os << "  layer " << layer.path << " (" << layer.layer << ", depth " << layer.depth << ") -> "
       << layer.output.str() << '\n';
  dump(model.predict, os);
  for (const auto *list : {&model.parameters, &model.states})
    for (const Parameter &tensor : *list)
      dump(tensor.init, os);
  if (model.recipe)
    dump(*model.recipe, os);
}

} // namespace

void dump(const Function &function, llvm::raw_ostream &os) {
  FunctionPrinter(os, 2).print(function);
}

void dump(const Program &program, llvm::raw_ostream &os) {
  for (const Model &model : program.models)
    dump(model, os);
}

} // namespace nnc::sema
