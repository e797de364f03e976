// The `data` setting of a recipe: which fields it binds, and whether they are what the model takes.
#include "compiler/sema/Recipe.h"

#include "llvm/ADT/StringExtras.h"

namespace nnc::sema {

using namespace ast;

std::vector<const Name *> RecipeElaborator::fieldNames(const std::vector<Argument> &arguments) {
  std::vector<const Name *> names;
  for (const Argument &argument : arguments) {
    const auto *name = llvm::dyn_cast<NameExpr>(argument.value.get());
    if (name && !argument.name)
      names.push_back(&name->name);
    else if (!llvm::isa<ErrorExpr>(*argument.value))
      e.error(Code::SettingValue, argument.value->range, "a data set is given names of fields")
          .suggest("'as (a, b)' after it gives them other names");
  }
  return names;
}

/// The type of one batch of the field; of an undeclared one, what the model takes.
Type RecipeElaborator::batchType(const DeclaredField &field, const Port *port) const {
  if (!field.type)
    return port ? port->type : Type{Element::U8, {*batch}};
  Type type{field.type->element, {*batch}};
  type.shape.append(field.type->shape.begin(), field.type->shape.end());
  return type;
}

static std::string rangeText(std::pair<int64_t, int64_t> bounds) {
  return std::to_string(bounds.first) + ".." + std::to_string(bounds.second);
}

void RecipeElaborator::bindField(const DeclaredField &field, const Name &binding) {
  for (const BoundField &other : bound)
    if (other.field.binding == binding.text) {
      e.error(Code::DuplicateName, binding.range, "'" + binding.text + "' is bound twice")
          .note(other.name->range, "it is first bound here")
          .suggest("'as (...)' gives each field a name of its own");
      return;
    }
  auto port =
      llvm::find_if(model->inputs, [&](const Port &input) { return input.name == binding.text; });
  bool feeds = port != model->inputs.end();
  DataField result{field.name, binding.text, batchType(field, feeds ? &*port : nullptr),
                   field.bounds};
  if (feeds && !(port->type == result.type)) {
    e.error(Code::FieldMismatch, binding.range,
            "the field '" + field.name + "' is not what the model '" + model->name + "' takes")
        .detail("the field has type " + result.type.str())
        .detail("the input has type " + port->type.str())
        .note(port->range, "the input is declared here")
        .note(field.range, "the field is declared here")
        .suggest(
            "an input takes a field as it is; declare it with the field's type, and convert in "
            "the model");
  } else if (feeds && port->bounds && !result.bounds) {
    result.bounds = port->bounds;
  } else if (feeds && port->bounds &&
             (result.bounds->first < port->bounds->first ||
              result.bounds->second > port->bounds->second)) {
    e.error(Code::ClassRange, binding.range,
            "values of '" + field.name + "' lie in " + rangeText(*result.bounds) +
                ", but the model takes " + rangeText(*port->bounds))
        .note(port->range, "the model uses this input as an index")
        .note(field.range, "the field is declared here")
        .suggest("as many rows as values are needed");
  }
  bound.push_back({std::move(result), &binding, field.bounds.has_value()});
}

void RecipeElaborator::checkInputsAreGiven(const Setting &data) {
  for (const Port &input : model->inputs) {
    bool given = llvm::any_of(
        bound, [&](const BoundField &each) { return each.field.binding == input.name; });
    if (given)
      continue;
    e.error(Code::UnknownField, data.range,
            "the input '" + input.name + "' of the model is given by no field of the data set")
        .note(input.range, "the input is declared here")
        .suggest("name the field '" + input.name + "', or rename one with 'as'");
  }
}

/// The dimension that all inputs begin with.
void RecipeElaborator::findBatch() {
  if (!model || model->inputs.empty())
    return;
  const Shape &first = model->inputs.front().type.shape;
  if (!first.empty() && first.front().asSymbol())
    batch = first.front();
  for (const Port &input : model->inputs)
    if (!batch || input.type.shape.empty() || !(input.type.shape.front() == *batch)) {
      batch.reset();
      e.error(Code::NoBatch, input.range,
              "to be trained, a model's inputs must share a leading dimension for the batch")
          .detail("input '" + input.name + "' has type " + input.type.str())
          .suggest("such as f32[batch, 64]");
      return;
    }
}

void RecipeElaborator::declareUnknownFields(const Setting &data,
                                            const std::vector<Argument> *arguments) {
  for (const Name &name : data.bindings)
    declareUnknownField(name);
  if (!arguments || !data.bindings.empty())
    return;
  for (const Argument &argument : *arguments)
    if (const auto *name = llvm::dyn_cast<NameExpr>(argument.value.get()))
      declareUnknownField(name->name);
}

void RecipeElaborator::bindData() {
  const Setting *data = setting("data");
  if (!data || data->entries.empty())
    return;
  const Expr &value = *data->entries.front().value;
  const auto [declared, arguments] = findDeclaration<DataDeclaration>(value);
  std::vector<DeclaredField> fields;
  std::vector<const Name *> names;
  const std::vector<Name> &renamed = data->bindings;
  if (!declared) { // and so reported: what it would bring is not known
    declareUnknownFields(*data, arguments);
    return;
  }
  fields = checkData(e, *declared);
  if (arguments)
    names = fieldNames(*arguments);
  if (!renamed.empty() && renamed.size() != names.size()) {
    e.error(Code::SettingValue, renamed.front().range,
            "'as' gives " + std::to_string(renamed.size()) + " of " + std::to_string(names.size()) +
                " fields a name; it must name all of them");
    declareUnknownFields(*data, nullptr);
    return;
  }
  recipe.data.name = declared->name.text;
  recipe.data.format = declared->format.text;
  for (const DataSplit &split : declared->splits)
    for (const DataFile &file : split.files)
      recipe.data.files.push_back({split.name.text, file.field.text, file.path.value});
  findBatch();
  if (arguments && arguments->empty()) {
    e.error(Code::SettingValue, value.range, "no field is named")
        .suggest("as in '" + declared->name.text + "(" +
                 (fields.empty() ? "" : fields.front().name) + ")'");
    return;
  }
  bool namesFit = bindNamed(*declared, fields, names, renamed);
  if (!batch)
    return;
  if (!arguments)
    for (size_t i = 0; i < fields.size(); ++i)
      for (const ast::DataField &each : declared->fields)
        if (each.name.text == fields[i].name)
          bindField(fields[i], each.name);
  if (namesFit && names.size() == (arguments ? arguments->size() : 0))
    checkInputsAreGiven(*data);
  declareFields();
}

/// A field of which nothing is known, so that its uses are silent.
void RecipeElaborator::declareUnknownField(const Name &name) {
  e.frame->root.declare(name.text, {Variable::Kind::Argument, Unknown{}, name.range});
}

/// Binds the fields that the setting names; false where one does not exist.
bool RecipeElaborator::bindNamed(const DataDeclaration &declared,
                                 llvm::ArrayRef<DeclaredField> fields,
                                 llvm::ArrayRef<const Name *> names, llvm::ArrayRef<Name> renamed) {
  bool ok = true;
  for (size_t i = 0; i < names.size(); ++i) {
    const Name &binding = renamed.empty() ? *names[i] : renamed[i];
    auto field = llvm::find_if(
        fields, [&](const DeclaredField &each) { return each.name == names[i]->text; });
    if (field != fields.end()) {
      if (batch)
        bindField(*field, binding);
      else
        declareUnknownField(binding);
      continue;
    }
    ok = false;
    std::vector<std::string> candidates;
    for (const DeclaredField &each : fields)
      candidates.push_back(each.name);
    std::string near = nearest(names[i]->text, candidates);
    Diagnostic &diagnostic =
        e.error(Code::UnknownField, names[i]->range,
                "the data set '" + declared.name.text + "' has no field '" + names[i]->text + "'");
    if (!e.sources.isStd(declared.name.range.file))
      diagnostic.note(declared.name.range, "the data set is declared here");
    diagnostic.suggest(near.empty() ? "its fields: " + llvm::join(candidates, ", ")
                                    : "did you mean '" + near + "'?");
  }
  return ok;
}

/// What feeds the model is its input by that name; the other fields are inputs of their own.
void RecipeElaborator::declareFields() {
  for (BoundField &each : bound) {
    const DataField &field = each.field;
    each.node = inputNode(field.binding);
    if (!each.node) {
      e.graph.setPlace(each.name->range, nullptr);
      each.node = e.graph.input(field.type);
      if (!e.frame->root.declare(field.binding,
                                 {Variable::Kind::Argument, Tensor{each.node}, each.name->range})) {
        e.error(Code::DuplicateName, each.name->range,
                "'" + field.binding + "' is already an output of the model")
            .suggest("'as (...)' gives the fields other names");
        continue;
      }
      inputs.push_back({Input::Kind::DataField, field.binding, each.node});
    }
    e.indexBounds[each.node] = {field.binding, field.bounds, each.hasDeclaredBounds,
                                each.name->range};
  }
}

const Node *RecipeElaborator::inputNode(llvm::StringRef name) const {
  for (const Input &input : inputs)
    if (input.kind == Input::Kind::ModelInput && input.name == name)
      return input.node;
  return nullptr;
}

/// Follows `index` to the input it comes from, and checks or derives the values that may occur
/// there.
bool Elaborator::requireIndexBelow(const Node *index, int64_t count, SourceRange range) {
  while (index->operands.size() == 1 &&
         (index->op == "cast" || index->op == "reshape" || index->op == "broadcast"))
    index = index->operands.front();
  auto it = indexBounds.find(index);
  if (it == indexBounds.end() || !isInteger(index->type.element))
    return true;
  auto &[name, bounds, declared, where] = it->second;
  if (!declared) {
    bounds = {0, bounds ? std::min(bounds->second, count) : count};
    return true;
  }
  if (bounds->first >= 0 && bounds->second <= count)
    return true;
  error(Code::ClassRange, range,
        "values of '" + name + "' lie in " + rangeText(*bounds) + ", but there are " +
            std::to_string(count) + " classes")
      .note(where, "'" + name + "' is bound here")
      .suggest("as many classes as values are needed");
  return false;
}

} // namespace nnc::sema
