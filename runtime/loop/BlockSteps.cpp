// A block of the recipe: what it runs for a batch, and in which steps.
#include "runtime/loop/BlockSteps.h"

#include "runtime/support/Text.h"

namespace nnrt {

BlockSteps::BlockSteps(Session &session, const Recipe &recipe, const Recipe::Block &block)
    : session(session), every(block.every), accumulate(recipe.accumulate) {
  auto find = [&](const char *name) {
    return session.entry(block.name.empty() ? std::string(name) : cat(name, ".", block.name));
  };
  if (accumulate == 1) {
    step = find("step");
  } else {
    gradient = find("gradient");
    update = find("update");
  }
}

void BlockSteps::reserve(std::span<const int64_t> dims) {
  if (accumulate == 1)
    return session.reserve(step, dims);
  session.reserve(gradient, dims);
  session.reserve(update, dims);
}

void BlockSteps::reserveExactly(std::span<const int64_t> dims) {
  if (accumulate == 1)
    return session.reserveExactly(step, dims);
  session.reserveExactly(gradient, dims);
  session.reserveExactly(update, dims);
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
