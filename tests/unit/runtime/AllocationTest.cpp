// Steps allocate nothing: of training, logged or not, of evaluation, of the C interface. Counted
// where all of the runtime's memory comes from, the C++ operators.
#include "nnrt/library.h"
#include "runtime/loop/Curves.h"
#include "runtime/loop/Interrupt.h"
#include "runtime/loop/Reports.h"
#include "tests/unit/runtime/Support.h"
#include "tests/unit/runtime/ToyModel.h"

#include <array>
#include <atomic>
#include <cstdlib>
#include <gtest/gtest.h>
#include <new>

using namespace nnrt;
using namespace nnrt::test;

static std::atomic<uint64_t> allocations = 0;

void *operator new(size_t bytes, const std::nothrow_t &) noexcept {
  ++allocations;
  return malloc(bytes ? bytes : 1);
}
void *operator new[](size_t bytes, const std::nothrow_t &) noexcept {
  return operator new(bytes, std::nothrow);
}
void *operator new(size_t bytes) {
  if (void *found = operator new(bytes, std::nothrow))
    return found;
  throw std::bad_alloc();
}
void *operator new[](size_t bytes) { return operator new(bytes); }
void operator delete(void *pointer) noexcept { free(pointer); }
void operator delete[](void *pointer) noexcept { free(pointer); }
void operator delete(void *pointer, size_t) noexcept { free(pointer); }
void operator delete[](void *pointer, size_t) noexcept { free(pointer); }

namespace {

/// Last to be told of a step: what the step and those that look on have allocated.
struct Counting final : Observer {
  std::vector<uint64_t> counts;
  uint64_t before = 0;

  explicit Counting(size_t steps) { counts.reserve(steps); }
  void begin(const Moment &) override { before = allocations; }
  bool isDueAfter(const TrainingPosition &) const override { return true; }
  void afterStep(const Moment &) override {
    counts.push_back(allocations - before);
    before = allocations;
  }
  /// A line for a person is no part of a step.
  void afterEpoch(const Moment &) override { before = allocations; }
};

/// Twenty examples of the toy model's fields.
Part examples() {
  Table table;
  table.examples = 20;
  for (uint64_t rowBytes : {uint64_t(toy::pixels), uint64_t(1)})
    table.columns.push_back({Memory(table.examples * rowBytes, "a test"), rowBytes});
  return {"train", table.examples, std::make_shared<const Table>(std::move(table)), {}};
}

/// What each of six steps allocates, across the ends of epochs where there is a part.
std::vector<uint64_t> countSteps(const nnrt_model &model, bool isLogged,
                                 const Part *part = nullptr) {
  TempFolder folder;
  Recipe recipe = parseRecipe(model.recipe);
  std::unique_ptr<Device> device = makeDevice("cpu", model, 1);
  Session session(model, *device, &recipe, /*isTraining=*/true);
  session.initialize();
  session.initializeTraining();
  TrainingPosition position;
  position.batch = recipe.batch;
  position.planned = 6;
  position.hasPlan = true;
  TrainingData data;
  data.train = part;
  data.isEvaluated = !part;
  data.dims.resize(model.num_dims);
  InterruptScope scope;
  Trainer trainer(session, recipe, data, {unlimited, 6}, position);
  EventLog log;
  if (isLogged)
    log = EventLog(folder / "log", /*append=*/false);
  LogReport logging(trainer, log, 1, Clock::now());
  Progress progress(/*quiet=*/true);
  ProgressReport showing(trainer, progress);
  std::optional<PlotReport> plot;
  std::optional<TensorBoardReport> board;
  if (isLogged) {
    trainer.observe(plot.emplace(trainer, folder / "curves.svg", 1));
    trainer.observe(board.emplace(trainer, folder / "board", 1));
  }
  Counting counting(6);
  for (Observer *each : std::initializer_list<Observer *>{&logging, &showing, &counting})
    trainer.observe(*each);
  trainer.run();
  return counting.counts;
}

const std::vector<uint64_t> nothing(6);

} // namespace

TEST(Allocation, AreCounted) {
  const uint64_t before = allocations;
  std::string text(100, 'a');
  EXPECT_EQ(allocations - before, 1u) << text;
}

TEST(Allocation, StepsOfATraining) {
  EXPECT_EQ(countSteps(toy::drawn, /*isLogged=*/false), nothing);
  EXPECT_EQ(countSteps(toy::drawn, /*isLogged=*/true), nothing);
  // Losses with names are logged under keys of their own.
  std::string recipe = toy::changedRecipe(toy::drawn, R"({"losses": ["distance_to_the_middle"],
                      "blocks": [{"name": "", "every": 1, "losses": ["distance_to_the_middle"]}]})");
  EXPECT_EQ(countSteps(toy::withRecipe(toy::drawn, recipe), /*isLogged=*/true), nothing);
  const Part part = examples();
  EXPECT_EQ(countSteps(toy::model, /*isLogged=*/true, &part), nothing);
}

TEST(Allocation, CallsOfALibrary) {
  nnrt_session *session = nullptr;
  const std::array<uint64_t, 2> dims = {16, 0};
  ASSERT_EQ(nnrt_session_create(&toy::model, dims.data(), 1, &session), NNRT_OK);
  ASSERT_EQ(nnrt_session_init(session, 1), NNRT_OK);
  std::vector<uint8_t> image(16 * toy::pixels), label(16);
  std::vector<float> logits(16 * toy::classes);
  const std::array<const void *, 2> fields = {image.data(), label.data()};
  const std::array<void *, 1> outputs = {logits.data()};
  float loss = 0, metric = 0;
  const uint64_t before = allocations;
  int status = 0;
  for (uint64_t batch : {16, 3, 16}) {
    const std::array<uint64_t, 2> sizes = {batch, 0};
    status |= nnrt_session_train_step(session, sizes.data(), fields.data(), &loss);
    status |= nnrt_session_eval_step(session, sizes.data(), fields.data(), &loss, &metric);
    status |= nnrt_session_predict(session, sizes.data(), fields.data(), outputs.data());
  }
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_EQ(status, NNRT_OK) << nnrt_session_message(session);
  nnrt_session_destroy(session);
}
