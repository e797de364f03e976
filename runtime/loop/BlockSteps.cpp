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

void BlockSteps::run(const TrainingPosition &at, uint64_t number, CallArguments call) {
  call.step = (at.step + 1) / every;
  call.steps = at.planned / every;
  call.batch = at.batch;
  call.draw = at.step * accumulate + number + 1;
  session.run(accumulate == 1 ? step : gradient, call);
  if (accumulate > 1 && number + 1 == accumulate)
    session.run(update, call);
}

} // namespace nnrt
