// The `data` setting of a recipe: which fields it binds, and whether they are what the model takes.
#include "compiler/sema/Recipe.h"

namespace nnc::sema {

using namespace ast;

const DataDeclaration *RecipeElaborator::findData(const Expr &expr,
                                                  const std::vector<Argument> *&arguments) {
  const auto *name = llvm::dyn_cast<NameExpr>(&expr);
  if (const auto *call = llvm::dyn_cast<CallExpr>(&expr)) {
    name = llvm::dyn_cast<NameExpr>(call->callee.get());
    arguments = &call->arguments;
  }
  if (llvm::isa<ErrorExpr>(expr))
    return nullptr;
  if (!name) {
    e.error(Code::SettingValue, expr.range, "'data' takes a data set, as in 'mnist(image, label)'");
    return nullptr;
  }
  const Declaration *found = e.modules.find(e.frame->file, name->name.text);
  if (!found) {
    e.unknownName(name->name);
    return nullptr;
  }
  if (const auto *data = llvm::dyn_cast<DataDeclaration>(found))
    return data;
  e.error(Code::SettingValue, name->name.range,
          "'" + name->name.text + "' is " + Value(DeclValue{found}).describe() +
              ", not a data set");
  return nullptr;
}

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

void RecipeElaborator::bindField(const DeclaredField &field, const Name &binding) {
  for (const auto &[other, name] : bound)
    if (other.binding == binding.text) {
      e.error(Code::DuplicateName, binding.range, "'" + binding.text + "' is bound twice")
          .note(name->range, "it is first bound here");
      return;
    }
  const Port *port = nullptr;
  for (const Port &input : model->inputs)
    if (input.name == binding.text)
      port = &input;
  DataField result{field.name, binding.text, {}, field.bounds};
  if (field.type) {
    result.type.element = field.type->element;
    result.type.shape.push_back(*batch);
    result.type.shape.append(field.type->shape.begin(), field.type->shape.end());
  } else {
    result.type = port ? port->type : Type{Element::U8, {*batch}};
  }
  if (port && !(port->type == result.type))
    e.error(Code::FieldMismatch, binding.range,
            "the field '" + field.name + "' is not what the model '" + model->name + "' takes")
        .detail("the field has type " + result.type.str())
        .detail("the input has type " + port->type.str())
        .note(port->range, "the input is declared here");
  bound.emplace_back(std::move(result), &binding);
}

void RecipeElaborator::checkInputsAreGiven(const Setting &data) {
  for (const Port &input : model->inputs) {
    bool given =
        llvm::any_of(bound, [&](const auto &each) { return each.first.binding == input.name; });
    if (given)
      continue;
    e.error(Code::UnknownField, data.range,
            "the input '" + input.name + "' of the model is given by no field of the data set")
        .note(input.range, "the input is declared here")
        .suggest("name the field '" + input.name + "', or rename one with 'as'");
  }
}

void RecipeElaborator::bindData() {
  const Setting *data = setting("data");
  if (!data || data->entries.empty())
    return;
  const std::vector<Argument> *arguments = nullptr;
  const DataDeclaration *declared = findData(*data->entries.front().value, arguments);
  std::vector<DeclaredField> fields;
  std::vector<const Name *> names;
  if (declared)
    fields = checkData(e, *declared);
  if (arguments)
    names = fieldNames(*arguments);
  const std::vector<Name> &renamed = data->bindings;
  auto declareUnknown = [&](const Name &name) {
    e.frame->root.declare(name.text, {Variable::Kind::Argument, Unknown{}, name.range});
  };
  if (!renamed.empty() && renamed.size() != names.size()) {
    e.error(Code::SettingValue, renamed.front().range,
            "'as' gives " + std::to_string(renamed.size()) + " of " + std::to_string(names.size()) +
                " fields a name; it must name all of them");
    llvm::for_each(renamed, declareUnknown);
    return;
  }
  if (declared) {
    recipe.data.name = declared->name.text;
    recipe.data.format = declared->format.text;
    for (const DataSplit &split : declared->splits)
      for (const DataFile &file : split.files)
        recipe.data.files.push_back({split.name.text, file.field.text, file.path.value});
  }
  if (model && !model->inputs.empty() && !model->inputs.front().type.shape.empty() &&
      model->inputs.front().type.shape.front().asSymbol())
    batch = model->inputs.front().type.shape.front();
  if (model)
    for (const Port &input : model->inputs)
      if (!batch || input.type.shape.empty() || !(input.type.shape.front() == *batch)) {
        batch.reset();
        e.error(Code::NoBatch, input.range,
                "to be trained, a model's inputs must share a leading dimension for the batch")
            .detail("input '" + input.name + "' has type " + input.type.str())
            .suggest("such as f32[batch, 64]");
        break;
      }
  if (arguments && arguments->empty() && declared) {
    e.error(Code::SettingValue, data->entries.front().value->range, "no field is named")
        .suggest("as in '" + declared->name.text + "(" +
                 (fields.empty() ? "" : fields.front().name) + ")'");
    return;
  }
  for (size_t i = 0; i < names.size(); ++i) {
    const Name &binding = renamed.empty() ? *names[i] : renamed[i];
    auto field = llvm::find_if(
        fields, [&](const DeclaredField &each) { return each.name == names[i]->text; });
    if (declared && field == fields.end()) {
      std::vector<std::string> candidates;
      for (const DeclaredField &each : fields)
        candidates.push_back(each.name);
      std::string near = nearest(names[i]->text, candidates);
      e.error(Code::UnknownField, names[i]->range,
              "the data set '" + declared->name.text + "' has no field '" + names[i]->text + "'")
          .suggest(near.empty() ? "" : "did you mean '" + near + "'?");
      continue;
    }
    if (field != fields.end() && batch)
      bindField(*field, binding);
    else
      declareUnknown(binding);
  }
  if (!arguments && declared && batch)
    for (size_t i = 0; i < fields.size(); ++i)
      for (const ast::DataField &each : declared->fields)
        if (each.name.text == fields[i].name)
          bindField(fields[i], each.name);
  if (!batch || !declared)
    return;
  bool namesFit =
      names.size() == (arguments ? arguments->size() : 0) &&
      llvm::all_of(names, [&](const Name *name) {
        return llvm::any_of(fields, [&](const DeclaredField &f) { return f.name == name->text; });
      });
  if (namesFit)
    checkInputsAreGiven(*data);
  // What feeds the model is its input by that name; the other fields are inputs of their own.
  for (auto &[field, name] : bound) {
    if (llvm::any_of(model->inputs, [&](const Port &p) { return p.name == field.binding; }))
      continue;
    e.graph.setPlace(name->range, nullptr);
    const Node *node = e.graph.input(field.type);
    if (!e.frame->root.declare(field.binding,
                               {Variable::Kind::Argument, Tensor{node}, name->range})) {
      e.error(Code::DuplicateName, name->range,
              "'" + field.binding + "' is already an output of the model")
          .suggest("'as (...)' gives the fields other names");
      continue;
    }
    inputs.push_back({Input::Kind::DataField, field.binding, node});
    e.fieldBounds[node] = {&field, field.bounds.has_value(), name->range};
  }
}

/// Follows `index` to the field it comes from, and checks or derives the values that may occur
/// there.
bool Elaborator::requireIndexBelow(const Node *index, int64_t count, SourceRange range) {
  while (index->operands.size() == 1 &&
         (index->op == "cast" || index->op == "reshape" || index->op == "broadcast"))
    index = index->operands.front();
  auto it = fieldBounds.find(index);
  if (it == fieldBounds.end())
    return true;
  auto &[field, declared, where] = it->second;
  if (!declared) {
    int64_t least = field->bounds ? std::min(field->bounds->second, count) : count;
    field->bounds = {0, least};
    return true;
  }
  if (field->bounds->first >= 0 && field->bounds->second <= count)
    return true;
  error(Code::ClassRange, range,
        "values of '" + field->binding + "' lie in " + std::to_string(field->bounds->first) + ".." +
            std::to_string(field->bounds->second) + ", but there are " + std::to_string(count) +
            " classes")
      .note(where, "'" + field->binding + "' is bound here")
      .suggest("as many classes as values are needed");
  return false;
}

} // namespace nnc::sema
