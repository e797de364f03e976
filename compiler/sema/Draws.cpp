// Random numbers: a draw is keyed by the seed, the batch, its place and the element, so that it is
// the same on any device, for any number of threads, in training and in evaluation.
#include "compiler/sema/Elaborator.h"

#include "llvm/Support/xxhash.h"

namespace nnc::sema {

/// The calls that lead to the draw at `range`, up to the instance that owns it.
Place Elaborator::drawPlace(SourceRange range, DrawPlaces *&owner) {
  Place place{range.file.index, range.begin};
  owner = context.draws;
  for (const Frame *each = frame; each; each = each->caller) {
    if (!owner && each->instance && !each->instance->isDetached)
      owner = &each->instance->draws;
    // A layer applied at two places draws twice, so what lies between it and the recipe counts too.
    place.insert(place.end(), each->passes.begin(), each->passes.end());
    if (each->place)
      place.push_back(reinterpret_cast<uintptr_t>(each->place));
  }
  if (!owner)
    owner = &looseDraws;
  return place;
}

/// A number of its own for each draw, made from its owner's path, so that edits elsewhere don't
/// change it.
int64_t Elaborator::siteOf(const DrawPlaces &owner, unsigned number) {
  std::string key = owner.path + "#" + std::to_string(number);
  auto [it, isNew] = sites.try_emplace(key, 0);
  if (!isNew)
    return it->second;
  int64_t site = llvm::xxHash64(key) & 0x7fffffff;
  while (!takenSites.insert(site).second)
    site = (site + 1) & 0x7fffffff;
  return it->second = site;
}

const Node *Elaborator::draw(llvm::StringRef distribution, const Type &type, SourceRange range) {
  if (!isAllowed(type, range))
    return nullptr;
  if (!context.seed) {
    if (isGeneric)
      return graph.input(type);
    error(Code::RandomOutsideInit, range, "no random numbers can be drawn here")
        .suggest("models, layers, initial values and recipes draw; data sets, optimizers and "
                 "constants of a file are the same every time");
    return nullptr;
  }
  DrawPlaces *owner = nullptr;
  Place place = drawPlace(range, owner);
  auto number = static_cast<unsigned>(owner->numbers.size());
  int64_t site = siteOf(*owner, owner->numbers.try_emplace(place, number).first->second);
  std::vector<const Node *> operands{context.seed};
  if (context.draw)
    operands.push_back(context.draw);
  if (context.example)
    operands.push_back(context.example);
  graph.setPlace(range, frame->site);
  Node *node = graph.makeSized("random", operands, type,
                               {{"distribution", distribution.str()}, {"site", site}});
  node->segments = {1, context.draw ? 1u : 0u, context.example ? 1u : 0u};
  return node;
}

Value Elaborator::evalInitial(const ast::Expr &init, const Type &type, const Node *seed,
                              DrawPlaces &places, const std::string &what, SourceRange declared) {
  FunctionContext initial = context;
  initial.seed = seed;
  initial.draw = initial.example = nullptr;
  initial.draws = &places;
  initial.reduce = nullptr;
  ContextGuard guard(*this, std::move(initial));
  return coerce(eval(init, &type), type, init.range, what, Code::ShapeMismatch, declared);
}

} // namespace nnc::sema
