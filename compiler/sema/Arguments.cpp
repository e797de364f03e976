// The arguments of a call: which parameter each one is for, and whether it fits.
#include "compiler/sema/Elaborator.h"
#include "compiler/sema/ForeignNames.h"

#include "llvm/ADT/StringExtras.h"

namespace nnc::sema {

std::optional<std::vector<const GivenArgument *>>
Elaborator::matchArguments(const Parameters &parameters, llvm::ArrayRef<GivenArgument> arguments,
                           SourceRange range) {
  std::vector<const GivenArgument *> matched(parameters.names.size());
  bool ok = true;
  bool noteDeclaration = parameters.declared.isValid() && !sources.isStd(parameters.declared.file);
  auto report = [&](Code code, SourceRange where, std::string message) -> Diagnostic & {
    ok = false;
    Diagnostic &diagnostic = error(code, where, std::move(message));
    if (noteDeclaration)
      diagnostic.note(parameters.declared, "'" + parameters.callee + "' is declared here");
    return diagnostic;
  };
  size_t position = 0;
  for (const GivenArgument &argument : arguments) {
    size_t index = position;
    if (argument.name) {
      auto it = llvm::find(parameters.names, argument.name->text);
      if (it == parameters.names.end()) {
        std::string foreign = hintForArgument(argument.name->text, parameters.names);
        std::string near = nearest(argument.name->text, parameters.names);
        report(Code::UnknownArgument, argument.name->range,
               "'" + parameters.callee + "' has no argument '" + argument.name->text + "'")
            .suggest(!foreign.empty() ? foreign
                     : !near.empty()  ? "did you mean '" + near + "'?"
                     : parameters.names.empty()
                         ? "it takes no arguments here"
                         : "its arguments: " + llvm::join(parameters.names, ", "));
        continue;
      }
      index = it - parameters.names.begin();
    } else if (position++ >= parameters.names.size()) {
      size_t takes = parameters.names.size();
      report(Code::TooManyArguments, argument.range,
             "too many arguments: '" + parameters.callee + "' takes " +
                 (takes == 0 ? "none" : std::to_string(takes) + " at most"))
          .suggest(takes == 0 ? "" : "its arguments: " + llvm::join(parameters.names, ", "));
      break;
    }
    if (matched[index] && !argument.name && argument.value.isUnknown())
      continue; // what stands for a broken one may not be one too many
    if (matched[index]) {
      report(Code::DuplicateArgument, argument.name ? argument.name->range : argument.range,
             "argument '" + parameters.names[index] + "' of '" + parameters.callee +
                 "' is given twice")
          .note(matched[index]->range, "it is first given here")
          .suggest("an argument is given by its place or by its name");
      continue;
    }
    matched[index] = &argument;
  }
  if (!ok)
    return std::nullopt;
  bool hasInstance = llvm::any_of(
      arguments, [](const GivenArgument &argument) { return argument.value.asLayer(); });
  for (size_t i = 0; i < matched.size(); ++i)
    if (parameters.required[i] && !matched[i])
      report(Code::MissingArgument, range,
             "argument '" + parameters.names[i] + "' of '" + parameters.callee + "' is missing")
          .suggest(hasInstance
                       ? "a layer that is still to be given its settings is its name alone, "
                         "as in 'bidirectional(lstm, 64)'"
                       : "its arguments: " + llvm::join(parameters.names, ", "));
  if (!ok)
    return std::nullopt;
  return matched;
}

/// A number by its place may be meant for a later parameter: one that is the recipe's `step` unless
/// given, as a schedule's first is, and gets what is the same in each step, says nothing of time.
void Elaborator::warnOfStanding(const ast::Parameter &parameter, const ast::Parameter *next,
                                const GivenArgument &given, const std::string &callee) {
  const auto *standard = llvm::dyn_cast_or_null<ast::NameExpr>(parameter.defaultValue.get());
  if (!context.step || given.name || given.value.isUnknown() || !standard ||
      standard->name.text != "step" || sources.isStd(given.range.file))
    return;
  const Tensor *tensor = given.value.asTensor();
  if (tensor && graph.dependsOn(tensor->node, {context.step}))
    return;
  warning(Code::StandingSchedule, given.range,
          "'" + callee + "' takes the step first, and this is the same in each")
      .suggest("what is no step is given by its name" +
               (next ? ", as in '" + callee + "(" + next->name.text + ": ...)'" : ""));
}

bool Elaborator::bindParameters(llvm::ArrayRef<ast::Parameter> parameters,
                                llvm::ArrayRef<GivenArgument> arguments, const std::string &callee,
                                SourceRange range, SourceRange declared) {
  Parameters description{callee, {}, {}, declared};
  for (const ast::Parameter &parameter : parameters) {
    description.names.push_back(parameter.name.text);
    description.required.push_back(!parameter.defaultValue);
  }
  auto matched = matchArguments(description, arguments, range);
  if (!matched)
    return false;

  // Inputs can be renewed, settings cannot.
  const ast::Callable *callable = frame->callable;
  bool areInputs = callable && (parameters.data() == callable->inputs.data() ||
                                (frame->decl && llvm::isa<ast::FnDeclaration>(frame->decl)));
  Variable::Kind kind = areInputs ? Variable::Kind::Input : Variable::Kind::Argument;
  auto declare = [&](const ast::Parameter &parameter, const Value &value) {
    frame->root.declare(parameter.name.text, {kind, value, parameter.name.range,
                                              parameter.type ? &*parameter.type : nullptr});
    if (const Tensor *tensor = value.asTensor())
      frame->inputNodes[&parameter] = tensor->node;
  };
  // Scalars first: the shapes of tensors may be made of them. An `index(n)` is none of them: it is
  // a tensor, and others may settle n.
  auto isTensor = [](const ast::Parameter &parameter) {
    return parameter.type && (parameter.type->hasShape ||
                              (parameter.type->element.text == "index" && !parameter.type->isList));
  };
  std::vector<Value> values(parameters.size());
  std::vector<TypedValue> tensors;
  bool ok = true;
  for (size_t i = 0; i < parameters.size(); ++i) {
    const ast::Parameter &parameter = parameters[i];
    const GivenArgument *given = (*matched)[i];
    SourceRange where = given ? given->range : parameter.range;
    if (given) {
      values[i] = given->value;
      warnOfStanding(parameter, i + 1 < parameters.size() ? &parameters[i + 1] : nullptr, *given,
                     callee);
    } else {
      Scope *outer = scope;
      scope = &frame->root;
      values[i] = eval(*parameter.defaultValue);
      if (parameter.type && parameter.type->element.text == "layer")
        values[i] = instantiated(values[i], parameter.range, &parameter);
      scope = outer;
    }
    std::string what = "argument '" + parameter.name.text + "' of '" + callee + "'";
    if (isTensor(parameter)) {
      tensors.push_back(
          {&*parameter.type, &values[i], where, what, parameter.type->range, Code::ArgumentShape});
      continue;
    }
    TypedValue typed{parameter.type ? &*parameter.type : nullptr,
                     &values[i],
                     where,
                     what,
                     parameter.range,
                     Code::ArgumentShape};
    if (values[i].isUnknown() || (parameter.type && !fitScalar(typed)))
      ok = false;
    declare(parameter, values[i]);
  }
  if (!ok || !unify(tensors))
    return false;
  for (size_t i = 0; i < parameters.size(); ++i)
    if (isTensor(parameters[i]))
      declare(parameters[i], values[i]);
  return true;
}

} // namespace nnc::sema
