// Layers: where their instances belong, and what they compute.
#include "compiler/sema/Elaborator.h"

#include "llvm/ADT/ScopeExit.h"

namespace nnc::sema {

using namespace ast;

std::string Instance::pathOf(const std::string &base, const Place &place) {
  std::string &segment = segments[{base, place.front()}];
  for (unsigned number = 1; segment.empty(); ++number) {
    std::string candidate = number == 1 ? base : base + "_" + std::to_string(number);
    if (taken.insert(candidate).second)
      segment = candidate;
  }
  std::string result = path.empty() ? segment : path + "." + segment;
  for (size_t i = 1; i < place.size(); ++i)
    result += "." + std::to_string(place[i]);
  return result;
}

Place Elaborator::placeHere(const void *syntax) const {
  Place place{reinterpret_cast<uintptr_t>(syntax)};
  place.insert(place.end(), frame->passes.begin(), frame->passes.end());
  return place;
}

LayerValue Elaborator::makeLayer(const Declaration &decl, std::vector<GivenArgument> arguments,
                                 SourceRange range, const void *place, bool isBare) {
  auto slot = std::make_shared<InstanceSlot>();
  if (frame->instance && frame->instance->ownsParameters)
    slot->parent = frame->instance;
  slot->place = placeHere(place);
  // A layer that was made at this place before, in another version of the body, is this one.
  if (slot->parent)
    if (auto it = slot->parent->childAt.find(slot->place); it != slot->parent->childAt.end())
      slot->instance = it->second;
  return {&decl, std::make_shared<std::vector<GivenArgument>>(std::move(arguments)), range,
          std::move(slot), isBare};
}

Value Elaborator::instantiated(Value value, SourceRange range, const void *place) {
  const DeclValue *decl = value.asDecl();
  if (!decl || !llvm::isa<LayerDeclaration>(decl->decl))
    return value;
  for (const ast::Parameter &parameter : llvm::cast<LayerDeclaration>(decl->decl)->parameters)
    if (!parameter.defaultValue)
      return value;
  return makeLayer(*decl->decl, {}, range, place, /*isBare=*/true);
}

static const Callable &callableOf(const Declaration &decl) {
  if (const auto *model = llvm::dyn_cast<ModelDeclaration>(&decl))
    return *model;
  return *llvm::cast<LayerDeclaration>(&decl);
}

/// Makes the instance that the slot stands for.
static Instance *makeInstance(InstanceSlot &slot, const Declaration &decl, SourceRange range,
                              std::vector<std::unique_ptr<Instance>> &detached) {
  auto made = std::make_unique<Instance>();
  made->layer = decl.name.text;
  made->decl = &decl;
  made->range = range;
  Instance *result = made.get();
  slot.instance = result;
  if (!slot.parent) {
    made->ownsParameters = false;
    made->isDetached = true;
    detached.push_back(std::move(made));
    return result;
  }
  made->path = slot.parent->pathOf(slot.name.empty() ? decl.name.text : slot.name, slot.place);
  made->draws.path = made->path;
  made->depth = slot.parent->depth + 1;
  slot.parent->childAt[slot.place] = result;
  slot.parent->children.push_back(std::move(made));
  return result;
}

/// Whether the instance has parameters, and all of them are frozen.
bool Elaborator::isWhollyFrozen(const Instance &instance) {
  bool hasAny = false;
  std::vector<const Instance *> pending{&instance};
  while (!pending.empty()) {
    const Instance *each = pending.back();
    pending.pop_back();
    for (const auto &tensor : each->tensors) {
      if (tensor->isState)
        continue;
      hasAny = true;
      if (!context.isFrozen(tensor->path))
        return false;
    }
    for (const auto &child : each->children)
      pending.push_back(child.get());
  }
  return hasAny;
}

Value Elaborator::applyLayer(const LayerValue &layer, const std::vector<GivenArgument> &inputs,
                             SourceRange range, const Type *expected, const void *place) {
  const Declaration &decl = *layer.decl;
  const Callable &callable = callableOf(decl);
  if (!mayEnter(decl, range) || !callable.body)
    return Unknown{};
  InstanceSlot &slot = *layer.slot;
  if (!slot.instance)
    makeInstance(slot, decl, range, detached);
  Frame callee;
  callee.decl = &decl;
  callee.callable = &callable;
  callee.site = siteFor(range, decl.name.text);
  callee.place = place;
  return runLayer(*slot.instance, callee, *layer.arguments, layer.range, inputs, range, expected);
}

Value Elaborator::runLayer(Instance &instance, Frame &callee,
                           const std::vector<GivenArgument> &settings, SourceRange settingsRange,
                           const std::vector<GivenArgument> &inputs, SourceRange range,
                           const Type *expected) {
  const Declaration &decl = *callee.decl;
  const Callable &callable = *callee.callable;
  callee.file = decl.name.range.file;
  callee.instance = &instance;
  ++callDepth;
  llvm::scope_exit leave([&] { --callDepth; });
  FrameGuard guard(*this, callee);
  // The settings are checked even where the tensors are not known.
  bool ok =
      bindParameters(callable.parameters, settings, decl.name.text, settingsRange, decl.name.range);
  if (!ok || !bindParameters(callable.inputs, inputs, decl.name.text, range, decl.name.range))
    return Unknown{};
  std::optional<bool> outerTraining = context.training;
  if (context.training == std::optional(true) && context.isFrozen && isWhollyFrozen(instance))
    context.training = false;
  llvm::scope_exit restore([&] { context.training = outerTraining; });

  std::optional<Type> result, wanted;
  if (expected)
    wanted = *expected;
  if (!expectResult(callable, wanted, decl.name.text, range, result))
    return Unknown{};
  const Type *inner = result ? &*result : callable.results.empty() ? expected : nullptr;
  Value value =
      finishResults(evalBlock(*callable.body, inner), *callable.body, inner, decl.name.text);
  if (const Tensor *tensor = value.asTensor(); tensor && !instance.wasApplied) {
    instance.output = tensor->node->type;
    instance.wasApplied = true;
  }
  return value;
}

} // namespace nnc::sema
