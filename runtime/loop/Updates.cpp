// One update of the recipe: its blocks in turn, each from the step's batches.
#include "runtime/loop/Updates.h"

#include "runtime/model/Sizes.h"

#include <algorithm>
#include <limits>

namespace nnrt {

uint64_t batchesLeft(uint64_t examples, uint64_t consumed, uint64_t batch) {
  uint64_t left = examples - std::min(consumed, examples);
  return left / batch + (left % batch != 0);
}

Updates::Updates(Session &session, const Recipe &recipe, const Part *part, KeptTables &tables,
                 std::vector<int64_t> dimsOfModel, const TrainingPosition &position)
    : session(session), recipe(recipe), part(part), dims(std::move(dimsOfModel)),
      waitsForRuns(session.device().ahead().calls == 1),
      slotsOfStep(recipe.blocks.size() * recipe.accumulate),
      slots(session.device(), recipe.mostLosses(), slotsOfStep) {
  const uint64_t most = part ? std::min(position.batch, part->examples) : position.batch;
  size_t next = 0;
  for (const Recipe::Block &block : recipe.blocks) {
    blocks.push_back({BlockSteps(session, recipe, block), next, block.losses.size()});
    next += block.losses.size();
  }
  reserve(position);
  const unsigned passes = session.device().ahead().passes;
  if (blocks.size() == 1 && blocks[0].steps.takesPasses())
    mostPasses = passes;
  const bool inTables =
      passes > 1 && std::none_of(blocks.begin(), blocks.end(),
                                 [](const Block &each) { return each.steps.takesFields(); });
  // Once there is room for all that the blocks need: tables are kept where there is some left.
  if (part)
    batches.emplace(*part, session.device(), most,
                    position.shuffle ? std::optional(position.seed) : std::nullopt,
                    inTables ? &tables : nullptr);
  lossValues.resize(next);
  ran.resize(blocks.size());
  // A step in which no block is due takes no slot.
  examplesOf.resize(session.device().ahead().calls);
  ranOf.resize(examplesOf.size() * blocks.size());
}

/// Batches are whole but for the last one of an epoch, and of the one that goes on here.
void Updates::reserve(const TrainingPosition &position) {
  const uint64_t most = part ? std::min(position.batch, part->examples) : position.batch;
  for (uint64_t left : {part ? part->examples : 0, part ? part->examples - position.consumed : 0}) {
    setBatch(left % position.batch);
    for (Block &block : blocks)
      if (left % position.batch)
        block.steps.reserveExactly(dims);
  }
  setBatch(most);
  for (Block &block : blocks) {
    block.steps.reserveExactly(dims);
    block.steps.requireSizes(dims);
  }
}

bool Updates::hasRun(size_t loss) const {
  for (size_t i = 0; i < blocks.size(); ++i)
    if (loss >= blocks[i].firstLoss && loss < blocks[i].firstLoss + blocks[i].numLosses)
      return ran[i];
  return false;
}

void Updates::setBatch(uint64_t count) {
  if (session.model().batch_dim >= 0)
    dims[size_t(session.model().batch_dim)] = int64_t(count);
}

uint64_t Updates::advance(TrainingPosition &position) const {
  if (!part)
    return position.batch;
  uint64_t count = std::min(position.batch, part->examples - position.consumed);
  position.consumed += count;
  if (position.consumed == part->examples) {
    position.consumed = 0;
    ++position.epoch;
  }
  return count;
}

void Updates::requireLastBatch(uint64_t batch) {
  const uint64_t rest = part ? part->examples % batch : 0;
  if (!rest)
    return;
  setBatch(rest);
  const std::string source = lastBatchOf(part->examples, batch);
  for (const Block &block : blocks)
    block.steps.requireSizes(dims, source);
}

uint64_t Updates::runBatches(Block &block, const TrainingPosition &start, uint64_t number,
                             TrainingPosition &at, uint64_t most) {
  const TrainingPosition from = at;
  const uint64_t count = advance(at);
  setBatch(count);
  Stretch stretch = {.batches = most};
  if (batches)
    stretch = batches->get(from.epoch, from.consumed, count, most);
  for (uint64_t i = 1; i < stretch.batches; ++i)
    advance(at);
  // What waits in run() is told before, what doesn't has its work by then.
  if (batches && waitsForRuns)
    batches->expect(at.epoch, at.consumed);
  CallArguments call = {
      .dims = dims, .losses = slots.next(stretch.batches), .width = slots.width()};
  stretch.handTo(call);
  block.steps.run(start, number, call);
  if (batches && !waitsForRuns)
    batches->expect(at.epoch, at.consumed);
  return stretch.batches;
}

void Updates::runBlock(Block &block, const TrainingPosition &start) {
  if (recipe.accumulate > 1)
    session.clearGradients();
  TrainingPosition at = start;
  for (uint64_t i = 0; i < recipe.accumulate; ++i)
    runBatches(block, start, i, at, 1);
}

uint64_t Updates::skip(TrainingPosition &position) const {
  uint64_t count = 0;
  for (uint64_t i = 0; i < recipe.accumulate; ++i)
    count += advance(position);
  ++position.step;
  return count;
}

void Updates::note(TrainingPosition &position) {
  examplesOf[unsettled] = skip(position);
  ++unsettled;
}

void Updates::runStep(TrainingPosition &position) {
  for (size_t i = 0; i < blocks.size(); ++i) {
    const bool isDue = blocks[i].steps.isDue(position);
    ranOf[unsettled * blocks.size() + i] = isDue;
    if (isDue)
      runBlock(blocks[i], position);
  }
  note(position);
}

uint64_t Updates::room(const TrainingPosition &position) const {
  if (mostPasses == 1)
    return 1;
  uint64_t steps = std::min({mostPasses, slots.room(), examplesOf.size() - unsettled});
  if (part)
    steps = std::min(steps, (part->examples - position.consumed) / position.batch);
  return std::max<uint64_t>(steps, 1);
}

void Updates::run(TrainingPosition &position, uint64_t steps) {
  if (steps == 1)
    return runStep(position);
  while (steps > 0) {
    TrainingPosition at = position;
    const uint64_t done = runBatches(blocks.front(), position, 0, at, steps);
    for (uint64_t i = 0; i < done; ++i) {
      ranOf[unsettled] = true;
      note(position);
    }
    steps -= done;
  }
}

size_t Updates::take(size_t step, size_t slot) {
  taken = examplesOf[step];
  std::copy_n(&ranOf[step * blocks.size()], blocks.size(), ran.begin());
  std::fill(lossValues.begin(), lossValues.end(), std::numeric_limits<double>::quiet_NaN());
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (!ran[i])
      continue;
    auto losses = std::span(lossValues).subspan(blocks[i].firstLoss, blocks[i].numLosses);
    std::fill(losses.begin(), losses.end(), 0);
    for (uint64_t batch = 0; batch < recipe.accumulate; ++batch, ++slot)
      for (size_t loss = 0; loss < losses.size(); ++loss)
        losses[loss] += slots.slot(slot)[loss];
    for (double &loss : losses)
      loss /= double(recipe.accumulate);
  }
  return slot;
}

} // namespace nnrt
