// Losses and metrics over a whole part of the data.
#include "runtime/loop/Evaluate.h"

#include "runtime/loop/Interrupt.h"
#include "runtime/model/Sizes.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nnrt {

double Results::loss(const Recipe &recipe) const {
  double sum = 0;
  for (size_t i = 0; i < recipe.losses.size(); ++i)
    sum += values[i];
  return sum;
}

double Results::value(const Recipe &recipe, const std::string &name) const {
  if (name == "loss")
    return loss(recipe);
  for (size_t i = 0; i < recipe.losses.size(); ++i)
    if (recipe.losses[i] == name)
      return values[i];
  for (size_t i = 0; i < recipe.metrics.size(); ++i)
    if (recipe.metrics[i] == name && !recipe.tables[i].isTable())
      return values[recipe.resultOf(i)];
  throw Error(cat("'", name, "' is neither a loss nor a metric of one number of the recipe"), {},
              Status::Internal);
}

std::vector<std::pair<std::string, double>> Results::listed(const Recipe &recipe,
                                                            const std::string &total) const {
  std::vector<std::pair<std::string, double>> list = {{total, loss(recipe)}};
  if (recipe.hasNamedLosses())
    for (size_t i = 0; i < recipe.losses.size(); ++i)
      list.emplace_back(recipe.lossKey(i), values[i]);
  for (size_t i = 0; i < recipe.metrics.size(); ++i)
    if (!recipe.tables[i].isTable())
      list.emplace_back(recipe.metrics[i], values[recipe.resultOf(i)]);
  return list;
}

std::span<const double> Results::ofMetric(const Recipe &recipe, size_t metric) const {
  return std::span(values).subspan(recipe.resultOf(metric), recipe.tables[metric].count());
}

/// Batches, of the recipe's size, of one that draws its examples.
static constexpr uint64_t drawnBatches = 16;

Evaluator::Evaluator(Session &session, const Recipe &recipe, const Part *part,
                     std::vector<int64_t> dimsOfModel, uint64_t size, KeptTables *tables)
    : session(session), recipe(recipe), dims(std::move(dimsOfModel)),
      batch(std::max<uint64_t>(1, part ? std::min(size, part->examples) : size)),
      examples(part ? part->examples : recipe.batch * drawnBatches), ownTables(session.device()),
      finishing(session.entry("finish")), partials(session.device(), session.model().num_totals) {
  const int32_t batchDim = session.model().batch_dim;
  if (batchDim >= 0)
    dims[size_t(batchDim)] = int64_t(batch);
  // A part has whole batches and a last one; what the caller brings may be of any size.
  std::vector<int64_t> ofLast = dims;
  if (part && batchDim >= 0 && examples % batch)
    ofLast[size_t(batchDim)] = int64_t(examples % batch);
  auto reserve = [&](const Entry &entry) {
    if (!part)
      return session.reserve(entry, dims);
    session.reserveExactly(entry, dims);
    session.reserveExactly(entry, ofLast);
  };
  size_t count = 0;
  for (size_t i = 0; i < recipe.passes.size(); ++i) {
    passes.push_back(session.entry(cat("evaluate.", i)));
    reserve(passes.back());
    if (part)
      requireSizes(passes.back());
    count += recipe.passes[i].size();
  }
  // Without a part, its examples are those that are drawn, or the one batch of a caller.
  const uint64_t most = std::max(examples, batch);
  whole = dimsOf(most);
  session.reserve(finishing, whole);
  if (part)
    session.requireSizes(finishing, whole);
  allocateRows(most);
  const bool inTables =
      session.device().ahead().passes > 1 &&
      std::none_of(passes.begin(), passes.end(), [](const Entry &e) { return e.takesFields(); });
  // Once there is room for all that the passes need: tables are kept where there is some left.
  if (part)
    batches.emplace(*part, session.device(), batch, std::nullopt,
                    !inTables ? nullptr
                    : tables  ? tables
                              : &ownTables);
  if (count != session.model().num_totals ||
      recipe.resultOf(recipe.metrics.size()) != session.model().num_results)
    throw Error("the recipe's totals and results are not those of the model", {}, Status::Internal);
  totals.resize(count);
  results.values.resize(session.model().num_results);
}

std::vector<int64_t> Evaluator::dimsOf(uint64_t count) const {
  std::vector<int64_t> sizes = dims;
  if (session.model().batch_dim >= 0)
    sizes[size_t(session.model().batch_dim)] = int64_t(count);
  return sizes;
}

void Evaluator::allocateRows(uint64_t count) {
  const nnrt_model &model = session.model();
  for (uint32_t i = 0; i < model.num_collected; ++i)
    rows.push_back(session.device().allocate(
        std::max<uint64_t>(1, batchBytes(model, model.collected[i], dims, count)),
        cat("what metrics need of all ", count, " examples at once")));
  rowAddresses.resize(rows.size());
}

/// Every batch must be large enough, the last of the part too.
void Evaluator::requireSizes(const Entry &pass) const {
  session.requireSizes(pass, dims);
  if (session.model().batch_dim < 0 || examples % batch == 0)
    return;
  session.requireSizes(pass, dimsOf(examples % batch), lastBatchOf(examples, batch));
}

static double neutral(Recipe::Combine combine) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return combine == Recipe::Combine::Sum   ? 0
         : combine == Recipe::Combine::Max ? -infinity
                                           : infinity;
}

/// NaN stays: a total that has met one is no number any more.
static double combined(Recipe::Combine combine, double total, double partial) {
  if (combine == Recipe::Combine::Sum)
    return total + partial;
  if (std::isnan(total) || std::isnan(partial))
    return std::numeric_limits<double>::quiet_NaN();
  return combine == Recipe::Combine::Max ? std::max(total, partial) : std::min(total, partial);
}

void Evaluator::clearTotals() {
  partials.forget(); // of one that was interrupted
  size_t next = 0;
  for (const std::vector<Recipe::Combine> &pass : recipe.passes)
    for (Recipe::Combine combine : pass)
      totals[next++] = neutral(combine);
}

void Evaluator::addBatches(size_t pass, uint32_t firstTotal, const Stretch &stretch,
                           uint64_t example, uint64_t count) {
  if (session.model().batch_dim >= 0)
    dims[size_t(session.model().batch_dim)] = int64_t(count);
  CallArguments call = {.dims = dims,
                        .example = example,
                        .partials = partials.next(stretch.batches),
                        .collected = placesOf(example),
                        .width = partials.width()};
  stretch.handTo(call);
  session.run(passes[pass], call);
  if (partials.isFull(1))
    combine(pass, firstTotal);
}

std::span<void *const> Evaluator::placesOf(uint64_t example) {
  const nnrt_model &model = session.model();
  for (size_t i = 0; i < rows.size(); ++i)
    rowAddresses[i] = rows[i].at(example * rowBytes(model, model.collected[i], dims));
  return rowAddresses;
}

void Evaluator::combine(size_t pass, uint32_t firstTotal) {
  const std::vector<Recipe::Combine> &combines = recipe.passes[pass];
  const size_t batches = partials.fetch();
  for (size_t batch = 0; batch < batches; ++batch)
    for (size_t i = firstTotal; i < firstTotal + combines.size(); ++i)
      totals[i] = combined(combines[i - firstTotal], totals[i], partials.slot(batch)[i]);
}

uint64_t Evaluator::room(size_t pass) const {
  if (!passes[pass].takesPasses())
    return 1;
  return std::min<uint64_t>(session.device().ahead().passes, partials.room());
}

bool Evaluator::runPass(size_t pass, uint32_t firstTotal) {
  for (uint64_t first = 0; first < examples;) {
    if (interrupted())
      return false;
    const uint64_t count = std::min(batch, examples - first);
    const uint64_t most = std::clamp<uint64_t>((examples - first) / count, 1, room(pass));
    Stretch stretch = {.batches = most};
    if (batches)
      stretch = batches->get(0, first, count, most);
    addBatches(pass, firstTotal, stretch, first, count);
    first += stretch.batches * count;
  }
  combine(pass, firstTotal);
  return true;
}

const Results &Evaluator::finish(uint64_t count) {
  whole.assign(dims.begin(), dims.end());
  if (session.model().batch_dim >= 0)
    whole[size_t(session.model().batch_dim)] = int64_t(count);
  session.run(finishing, {.dims = whole, .collected = placesOf(0)});
  results.examples = count;
  session.readFinished(results.values);
  return results;
}

const Results &Evaluator::run() {
  results.examples = 0;
  clearTotals();
  uint32_t next = 0;
  for (size_t pass = 0; pass < passes.size(); ++pass) {
    session.writeTotals(totals);
    if (!runPass(pass, next))
      return results;
    next += uint32_t(recipe.passes[pass].size());
  }
  session.writeTotals(totals);
  return finish(examples);
}

const Results &Evaluator::runOn(std::span<void *const> fields, std::span<const int64_t> dimsOfModel,
                                uint64_t count) {
  dims.assign(dimsOfModel.begin(), dimsOfModel.end());
  clearTotals();
  uint32_t next = 0;
  for (size_t pass = 0; pass < passes.size(); ++pass) {
    session.writeTotals(totals);
    addBatches(pass, next, {.fields = fields}, 0, count);
    combine(pass, next);
    next += uint32_t(recipe.passes[pass].size());
  }
  session.writeTotals(totals);
  return finish(count);
}

} // namespace nnrt
