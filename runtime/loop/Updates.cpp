// One update of the recipe: its blocks in turn, each from the step's batches.
#include "runtime/loop/Updates.h"

#include "runtime/support/Text.h"

#include <algorithm>
#include <limits>

namespace nnrt {

uint64_t batchesLeft(uint64_t examples, uint64_t consumed, uint64_t batch) {
  uint64_t left = examples - std::min(consumed, examples);
  return left / batch + (left % batch != 0);
}

Updates::Updates(Session &session, const Recipe &recipe, const Part *part,
                 std::vector<int64_t> dimsOfModel, const TrainingPosition &position)
    : session(session), recipe(recipe), part(part), dims(std::move(dimsOfModel)) {
  const uint64_t most = part ? std::min(position.batch, part->examples) : position.batch;
  if (part)
    batches.emplace(*part, session.device(), most,
                    position.shuffle ? std::optional(position.seed) : std::nullopt);
  setBatch(most);
  size_t next = 0;
  for (const Recipe::Block &block : recipe.blocks) {
    std::string suffix = block.name.empty() ? std::string() : cat(".", block.name);
    Block made = {&block, next, {}, {}, {}};
    auto prepare = [&](Entry &entry, const char *name) {
      entry = session.entry(cat(name, suffix));
      session.reserve(entry, dims);
      session.requireSizes(entry, dims);
    };
    if (recipe.accumulate == 1)
      prepare(made.step, "step");
    else {
      prepare(made.gradient, "gradient");
      prepare(made.update, "update");
    }
    next += block.losses.size();
    ofBatch.resize(std::max(ofBatch.size(), block.losses.size()));
    blocks.push_back(std::move(made));
  }
  lossValues.resize(next);
  ran.resize(blocks.size());
}

bool Updates::hasRun(size_t loss) const {
  for (size_t i = 0; i < blocks.size(); ++i)
    if (loss >= blocks[i].firstLoss && loss < blocks[i].firstLoss + blocks[i].recipe->losses.size())
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
  for (const Block &block : blocks)
    session.requireSizes(recipe.accumulate == 1 ? block.step : block.gradient, dims);
}

std::span<void *const> Updates::fetch(const TrainingPosition &position, uint64_t count) {
  if (!batches)
    return noFields;
  std::span<void *const> fields = batches->get(position.epoch, position.consumed, count);
  batches->prefetch(position.consumed + count, position.batch);
  return fields;
}

void Updates::addLosses(const Block &block) {
  auto read = std::span(ofBatch).first(block.recipe->losses.size());
  session.readLosses(read);
  for (size_t i = 0; i < read.size(); ++i)
    lossValues[block.firstLoss + i] += read[i];
}

void Updates::runBlock(Block &block, const TrainingPosition &start) {
  const uint64_t every = block.recipe->every;
  CallArguments call = {.dims = dims,
                        .step = (start.step + 1) / every,
                        .steps = start.planned / every,
                        .draw = start.step * recipe.accumulate};
  auto losses = std::span(lossValues).subspan(block.firstLoss, block.recipe->losses.size());
  std::fill(losses.begin(), losses.end(), 0);
  const bool isWhole = recipe.accumulate == 1;
  if (!isWhole)
    session.clearGradients();
  TrainingPosition at = start;
  for (uint64_t i = 0; i < recipe.accumulate; ++i) {
    TrainingPosition from = at;
    uint64_t count = advance(at);
    setBatch(count);
    ++call.draw;
    call.fields = fetch(from, count);
    session.run(isWhole ? block.step : block.gradient, call);
    addLosses(block);
  }
  for (double &loss : losses)
    loss /= double(recipe.accumulate);
  if (!isWhole)
    session.run(block.update, call);
}

void Updates::run(TrainingPosition &position) {
  std::fill(lossValues.begin(), lossValues.end(), std::numeric_limits<double>::quiet_NaN());
  for (size_t i = 0; i < blocks.size(); ++i) {
    ran[i] = (position.step + 1) % blocks[i].recipe->every == 0;
    if (ran[i])
      runBlock(blocks[i], position);
  }
  taken = 0;
  for (uint64_t i = 0; i < recipe.accumulate; ++i)
    taken += advance(position);
  ++position.step;
}

} // namespace nnrt
