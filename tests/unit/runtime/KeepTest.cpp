// What is kept of a training whose weights the test sets: the best, through failures, cuts,
// signals.
#include "tests/unit/runtime/Programs.h"

#include "runtime/loop/Interrupt.h"
#include "runtime/loop/Watching.h"

#include <csignal>
#include <filesystem>
#include <limits>

using namespace nnrt;
using namespace nnrt::test;
using nlohmann::json;

namespace {

/// Gives the weight a value after each step, and does what a test wants done then.
class Steering final : public Observer {
public:
  Session *session = nullptr;
  std::vector<float> values; ///< after step 1, 2, ...
  std::function<void(uint64_t step)> also = [](uint64_t) {};

  bool isDueAfter(const TrainingPosition &) const override { return true; }
  void afterStep(const Moment &moment) override {
    const uint64_t step = moment.position.step;
    float value = values.at(step - 1);
    session->write(NNRT_PARAMETERS, 0, std::as_bytes(std::span(&value, 1)));
    also(step);
  }
};

/// The toy model without data, evaluated every 2 steps. Its metric `far` is the weight less about a
/// half.
class KeepTest : public testing::Test {
protected:
  TempFolder folder;
  Steering steering;
  Goal goal = {false, "far"};
  uint64_t planned = 12;
  std::string closing; ///< of the last run
  bool wasKept = true; ///< in it

  /// Trains to a step, from a checkpoint where one is given, and saves.
  TrainEnd run(uint64_t steps, const std::string &save, const std::string &resume = {}) {
    Recipe recipe = parseRecipe(toy::drawn.recipe);
    std::unique_ptr<Device> device = makeDevice("cpu", toy::drawn, 1);
    Session session(toy::drawn, *device, &recipe, /*isTraining=*/true);
    DataFacts facts;
    TrainingPosition position;
    position.batch = recipe.batch;
    std::optional<SavedTraining> saved;
    if (resume.empty()) {
      session.initialize();
      session.initializeTraining();
    } else {
      saved = loadCheckpoint(resume, session, recipe);
      position = saved->position;
    }
    position.planned = planned;
    position.hasPlan = true;
    steering.session = &session;
    TrainingData data;
    data.dims.resize(1);
    InterruptScope scope;
    Trainer trainer(session, recipe, data, {unlimited, steps}, position);
    EvaluationSchedule schedule(trainer, 2);
    KeepBest keep(trainer, goal, save, facts);
    EarlyStop stop(goal, 3, recipe);
    Saver saver(trainer, save, 0, facts);
    for (Observer *each : std::initializer_list<Observer *>{&steering, &schedule, &keep, &stop})
      trainer.observe(*each);
    trainer.observe(saver);
    if (saved) {
      trainer.restore(MetadataReader(resume, saved->metadata));
      keep.takeOver(resume);
    }
    TrainEnd end = trainer.run();
    closing = keep.closing();
    wasKept = errorOf([&] { keep.check(); }).empty();
    return end;
  }
  static float weightIn(const std::string &path) {
    std::string bytes = ProgramFiles::tensorOf(path, "w");
    float value = 0;
    memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  static json metadataOf(const std::string &path) {
    return ProgramFiles::headerOf(readFile(path))["__metadata__"];
  }
};

TEST_F(KeepTest, TrainingOutlivesABestThatCannotBeWritten) {
  steering.values = {9, 5, 9, 4, 9, 6};
  std::string save = folder / "w.safetensors", best = folder / "w.best.safetensors";
  // Nothing takes the place of a folder.
  std::filesystem::create_directory(best);
  EXPECT_EQ(run(6, save), TrainEnd::Finished);
  EXPECT_EQ(metadataOf(save)["step"], "6");
  EXPECT_HAS(closing, " after step 4, not kept");
  EXPECT_FALSE(wasKept);
  // Tried again at the next that is better than what the file holds, if not than all before.
  steering.also = [&](uint64_t step) {
    if (step == 5)
      std::filesystem::remove(best);
  };
  EXPECT_EQ(run(6, save), TrainEnd::Finished);
  EXPECT_EQ(weightIn(best), 6);
  EXPECT_HAS(closing, " after step 4, not kept; " + best + " holds the weights after step 6");
  EXPECT_TRUE(wasKept);
}

TEST_F(KeepTest, WeightsThatAreNotFiniteAreNeverTheBest) {
  goal.isMax = true;
  steering.values = {9, 5, 9, std::numeric_limits<float>::infinity()};
  EXPECT_HAS(errorOf([&] { run(4, folder / "w"); }), "'w' holds values that are not finite");
  EXPECT_EQ(weightIn(folder / "w.best.safetensors"), 5);
}

TEST_F(KeepTest, ACutIsNoPlaceToKeepFrom) {
  steering.values = {9, 5, 3, 6, 9, 7};
  ASSERT_EQ(run(6, folder / "whole"), TrainEnd::Finished);
  ASSERT_EQ(run(3, folder / "part"), TrainEnd::Finished);
  EXPECT_EQ(weightIn(folder / "part.best.safetensors"), 5);
  EXPECT_HAS(closing, " after step 2, kept in ");
  EXPECT_HAS(closing, "; far is 2.");
  EXPECT_EQ(metadataOf(folder / "part")["keep_step"], "2");
  ASSERT_EQ(run(6, folder / "part", folder / "part"), TrainEnd::Finished);
  for (const char *name : {"", ".best.safetensors"})
    EXPECT_EQ(readFile(folder / (std::string("part") + name)),
              readFile(folder / (std::string("whole") + name)));
  // Before the first evaluation, the end's is the best there is, and gives way to the first.
  ASSERT_EQ(run(1, folder / "part"), TrainEnd::Finished);
  EXPECT_EQ(weightIn(folder / "part.best.safetensors"), 9);
  EXPECT_FALSE(metadataOf(folder / "part").contains("keep_step"));
  steering.values[1] = 11;
  ASSERT_EQ(run(2, folder / "part", folder / "part"), TrainEnd::Finished);
  EXPECT_EQ(weightIn(folder / "part.best.safetensors"), 11);
}

TEST_F(KeepTest, ThePlannedEndIsNoneEither) {
  // Patience counts no evaluation that a longer training would not have made.
  steering.values = {9, 2, 9, 3, 9, 3, 9, 3, 9, 3, 9, 3};
  planned = 5;
  ASSERT_EQ(run(5, folder / "part"), TrainEnd::Finished);
  EXPECT_EQ(metadataOf(folder / "part")["stop_worse"], "1");
  planned = 12;
  ASSERT_EQ(run(12, folder / "part", folder / "part"), TrainEnd::Finished);
  EXPECT_EQ(metadataOf(folder / "part")["step"], "8");
}

TEST_F(KeepTest, TheBestThatIsGoneIsNotSaidToBeKept) {
  steering.values = {9, 5, 9, 6};
  std::string save = folder / "w", best = folder / "w.best.safetensors";
  ASSERT_EQ(run(2, save), TrainEnd::Finished);
  std::filesystem::remove(best);
  testing::internal::CaptureStderr();
  ASSERT_EQ(run(3, folder / "x", save), TrainEnd::Finished);
  EXPECT_HAS(testing::internal::GetCapturedStderr(), "is not there any more");
  EXPECT_EQ(closing.find("kept in"), std::string::npos) << closing;
  // Another training's.
  ASSERT_EQ(run(4, folder / "y"), TrainEnd::Finished);
  writeFile(best, readFile(folder / "y"));
  testing::internal::CaptureStderr();
  ASSERT_EQ(run(3, save, save), TrainEnd::Finished);
  EXPECT_HAS(testing::internal::GetCapturedStderr(), "does not hold the weights after step 2");
}

TEST_F(KeepTest, AnEvaluationThatASignalEndedIsMadeUp) {
  steering.values = {9, 5, 9, 4, 9, 6};
  ASSERT_EQ(run(6, folder / "whole"), TrainEnd::Finished);
  steering.also = [](uint64_t step) {
    if (step == 4)
      raise(SIGINT);
  };
  // One of the schedule's.
  ASSERT_EQ(run(6, folder / "part"), TrainEnd::Interrupted);
  EXPECT_EQ(metadataOf(folder / "part")["evaluation_due"], "true");
  EXPECT_EQ(metadataOf(folder / "part")["keep_step"], "2");
  steering.also = [](uint64_t) {};
  ASSERT_EQ(run(6, folder / "part", folder / "part"), TrainEnd::Finished);
  EXPECT_EQ(readFile(folder / "part"), readFile(folder / "whole"));
  EXPECT_EQ(weightIn(folder / "part.best.safetensors"), 4);
  // The last.
  ASSERT_EQ(run(5, folder / "whole"), TrainEnd::Finished);
  steering.also = [](uint64_t step) {
    if (step == 5)
      raise(SIGINT);
  };
  ASSERT_EQ(run(5, folder / "part"), TrainEnd::Interrupted);
  EXPECT_EQ(metadataOf(folder / "part")["end_evaluation_due"], "true");
  ASSERT_EQ(run(5, folder / "part", folder / "part"), TrainEnd::Finished);
  EXPECT_EQ(readFile(folder / "part"), readFile(folder / "whole"));
}

} // namespace
