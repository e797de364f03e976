// A block of the recipe: what it runs for a batch, and in which steps.
#include "runtime/loop/BlockSteps.h"

#include "runtime/support/Text.h"

namespace nnrt {

BlockSteps::BlockSteps(Session &session, const Recipe &recipe, const Recipe::Block &block,
                       std::span<const int64_t> dims)
    : session(session), every(block.every), accumulate(recipe.accumulate) {
  auto prepare = [&](Entry &entry, const char *name) {
    entry = session.entry(block.name.empty() ? std::string(name) : cat(name, ".", block.name));
    session.reserve(entry, dims);
  };
  if (accumulate == 1) {
    prepare(step, "step");
  } else {
    prepare(gradient, "gradient");
    prepare(update, "update");
  }
}

void BlockSteps::run(const TrainingPosition &at, uint64_t number, std::span<const int64_t> dims,
                     std::span<void *const> fields, void *losses) {
  const CallArguments call = {.dims = dims,
                              .step = (at.step + 1) / every,
                              .steps = at.planned / every,
                              .batch = at.batch,
                              .draw = at.step * accumulate + number + 1,
                              .fields = fields,
                              .losses = losses};
  session.run(accumulate == 1 ? step : gradient, call);
  if (accumulate > 1 && number + 1 == accumulate)
    session.run(update, call);
}

} // namespace nnrt
