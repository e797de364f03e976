// The host is ahead of a GPU: it waits neither for each step nor for each batch, and all is as if
// it had.
#include "runtime/data/Batches.h"
#include "runtime/data/Parts.h"
#include "runtime/support/Error.h"
#include "tests/unit/gpu/FakeDevice.h"
#include "tests/unit/gpu/ToyForms.h"
#include "tests/unit/runtime/Points.h"

#include <array>
#include <bit>
#include <cmath>
#include <csignal>
#include <numeric>
#include <thread>

using namespace nnrt;
using namespace nnrt::test;
using nlohmann::json;

namespace {

/// toy::drawn in a form for GPUs, with a loss that is not finite in step 7.
struct Failing {
  static constexpr int64_t failingStep = 7;
  std::vector<nnrt_entry> entries{toy::drawn.entries, toy::drawn.entries + toy::drawn.num_entries};
  nnrt_model plain = toy::drawn;

  Failing() {
    for (nnrt_entry &entry : entries)
      if (std::string_view(entry.name) == "step")
        entry.function = [](nnrt_context *context, const int64_t *scalars, void *const *buffers,
                            void *workspace) {
          original()(context, scalars, buffers, workspace);
          if (scalars[1] == failingStep)
            *static_cast<double *>(buffers[1]) = std::nan("");
        };
    plain.entries = entries.data();
  }
  static nnrt_function original() { return toy::drawn.entries[1].function; }
};

class AheadTest : public FakeDeviceTest {
protected:
  nnrt_model model = toy::deferred(toy::drawn);
};

//===-- Losses -------------------------------------------------------------------------------===//

/// ... but for a few times until the host knows that steps are quick, and where all slots are full.
TEST_F(AheadTest, WaitsDoNotGrowWithSteps) {
  auto callsOf = [&](uint64_t steps, double seconds) {
    Ahead ahead = gpu::aheadOfGpu;
    ahead.seconds = seconds;
    ahead.calls = 1024;
    return callsOfTraining(model, steps, ahead);
  };
  std::map<std::string, int> calls = callsOf(100, 1e9);
  EXPECT_EQ(calls["cuLaunchKernelEx"], 100);
  EXPECT_EQ(calls["cuStreamSynchronize"], 7); // after 1, 2, 4, ... 32 steps, and at the end
  calls = callsOf(5000, 1e9);
  EXPECT_EQ(calls["cuLaunchKernelEx"], 5000);
  EXPECT_EQ(calls["cuStreamSynchronize"], 10 + 4); // of 1024 slots
  // Where they are slow, it never gets ahead.
  calls = callsOf(100, 0);
  EXPECT_EQ(calls["cuStreamSynchronize"], 100);
}

//===-- Batches ------------------------------------------------------------------------------===//

/// Batches as an entry sees them that runs as late as it may.
class AheadBatchesTest : public AheadTest {
protected:
  static constexpr uint64_t examples = 100, batch = 16;
  const Part part = numberedRows(examples);
  std::vector<uint8_t> seen, expected;

  /// Takes the rows of so many epochs, `again` times each pair of batches in turn, as blocks of a
  /// recipe do.
  void look(Ahead ahead, std::optional<uint64_t> seed, uint64_t epochs, int again = 1) {
    std::unique_ptr<Device> device = make(model, ahead);
    Batches batches(part, *device, batch, seed);
    Buffer found = device->allocate(examples * epochs * uint64_t(again) * 2, "what was seen");
    nnrt_entry entry = {};
    entry.function = [](nnrt_context *context, const int64_t *count, void *const *buffers, void *) {
      nnrt_copy(context, buffers[0], buffers[2], uint64_t(*count));
      nnrt_copy(context, buffers[1], buffers[3], 1); // of the first row
    };
    seen.clear();
    expected.clear();
    fake->calls.clear();
    for (uint64_t epoch = 0; epoch < epochs; ++epoch) {
      std::vector<uint32_t> order(examples);
      std::iota(order.begin(), order.end(), 0u);
      if (seed)
        shuffledOrder(order, *seed, epoch);
      for (uint64_t pair = 0; pair < examples; pair += 2 * batch)
        for (int turn = 0; turn < again; ++turn)
          for (uint64_t first = pair; first < std::min(pair + 2 * batch, examples);
               first += batch) {
            const auto count = int64_t(std::min(batch, examples - first));
            std::span<void *const> fields = batches.get(epoch, first, uint64_t(count)).fields;
            for (void *address : fields)
              EXPECT_EQ(std::bit_cast<uint64_t>(address) % 64, 0u);
            const bool isLast = first + batch >= examples;
            batches.expect(epoch + isLast, isLast ? 0 : first + batch);
            const std::array<void *, 4> buffers = {found.at(expected.size()),
                                                   found.at(expected.size() + uint64_t(count)),
                                                   fields[1], fields[0]};
            device->run(entry, &count, buffers.data(), nullptr);
            for (uint64_t i = 0; i < uint64_t(count); ++i)
              expected.push_back(uint8_t(order[first + i]));
            expected.push_back(uint8_t(order[first]));
          }
    }
    seen.resize(expected.size());
    device->download(std::as_writable_bytes(std::span(seen)), found.at());
    EXPECT_EQ(seen, expected);
  }
};

TEST_F(AheadBatchesTest, AreThoseOfTheOrderHoweverManyLieInABlock) {
  for (unsigned blocks : {1, 2, 3, 8})
    for (uint64_t bytes : {0, 130, 300, 5000})
      for (std::optional<uint64_t> seed : {std::optional<uint64_t>(), std::optional<uint64_t>(7)})
        for (int again : {1, 3}) {
          SCOPED_TRACE(std::to_string(blocks) + " blocks of " + std::to_string(bytes) + " bytes, " +
                       std::to_string(again) + " times");
          look({.calls = 1024, .seconds = 1, .blocks = blocks, .blockBytes = bytes}, seed, 4,
               again);
        }
}

TEST_F(AheadBatchesTest, ComeInFewCopies) {
  look(gpu::aheadOfGpu, 7, 4);
  EXPECT_EQ(fake->calls["cuMemcpyHtoDAsync"], 2 * 5); // with the epoch to come
  look(gpu::aheadOfGpu, std::nullopt, 4);
  EXPECT_EQ(fake->calls["cuMemcpyHtoDAsync"], 2); // they are still there
}

//===-- Whole programs -----------------------------------------------------------------------===//

class AheadProgramTest : public PointsTest {};

TEST_F(AheadProgramTest, ALossThatIsNotFiniteIsNamedRight) {
  const Failing failing;
  for (const auto &[device, form] :
       {std::pair<const char *, decltype(&toy::deferred)>("cpu", &toy::deferred),
        {"emulator:fast", &toy::deferred},
        {"emulator:fast", &toy::deferredInTables},
        {"emulator", &toy::deferredInTables}}) {
    const nnrt_model model = form(failing.plain);
    const std::string saved = folder / device, log = saved + ".log";
    std::filesystem::remove(log);
    Result result = run(model, {"train", "--device", device, "--save", saved, "--save-every", "5",
                                "--log", log, "--log-every", "4"});
    EXPECT_EQ(result.status, 1);
    EXPECT_HAS(result.err, "the loss is not finite (NaN) at step 7; training stopped; the last "
                           "good checkpoint is kept: " +
                               saved);
    EXPECT_EQ(headerOf(readFile(saved))["__metadata__"]["step"], "5");
    const std::string name = std::string(device) + ".log";
    EXPECT_EQ(events(name.c_str(), "error").at(0)["step"], 7);
    EXPECT_EQ(events(name.c_str(), "step").size(), 1u);
  }
}

/// How often somebody looks changes no bit of what is summed up.
TEST_F(AheadProgramTest, MeansAreTheSameHoweverOftenTheyAreLookedAt) {
  model = toy::deferred(toy::table); // accumulates, and has a block every 2
  std::vector<std::vector<json>> epochs;
  std::vector<std::string> saved;
  for (const char *device : {"cpu", "emulator:fast"})
    for (const char *every : {"1", "3", "1000"}) {
      Result result = train({"--device", device, "--save", folder / "w", "--log", folder / "log",
                             "--log-every", every, "--epochs", "7"});
      ASSERT_EQ(result.status, 0) << result.err;
      epochs.push_back(events("log", "epoch"));
      for (json &each : epochs.back()) {
        each.erase("seconds");
        each.erase("examples_per_second");
      }
      saved.push_back(readFile(folder / "w"));
    }
  for (size_t i = 1; i < epochs.size(); ++i) {
    EXPECT_EQ(epochs[i], epochs[0]);
    EXPECT_EQ(saved[i], saved[0]);
  }
}

TEST_F(AheadProgramTest, ASignalLeavesWhatGoesOn) {
  writeDigits(data, 203, 61);
  const nnrt_model &model = toy::onGpu;
  const std::string half = folder / "half", log = folder / "log";
  Child child(model, trainWords({"--device", "emulator:fast", "--steps", "100000000", "--save",
                                 half, "--log", log}));
  for (int i = 0; i < 20000 && events("log", "epoch").empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  kill(child.pid(), SIGINT);
  ASSERT_EQ(child.wait().status, 130);
  const std::string step = headerOf(readFile(half))["__metadata__"]["step"];
  const std::string end = std::to_string(std::stoull(step) + 30);
  Result result = run(model, trainWords({"--device", "emulator:fast", "--resume", half, "--steps",
                                         end, "--save", folder / "a"}));
  ASSERT_EQ(result.status, 0) << result.err;
  ASSERT_EQ(
      run(model, trainWords({"--device", "cpu", "--steps", end, "--save", folder / "b"})).status,
      0);
  EXPECT_EQ(readFile(folder / "a"), readFile(folder / "b"));
}

} // namespace
