// A call goes through several batches, which lie in tables of the device: all is as if they came
// one by one.
#include "runtime/data/Batches.h"
#include "runtime/data/Parts.h"
#include "tests/unit/gpu/FakeDevice.h"
#include "tests/unit/gpu/ToyForms.h"
#include "tests/unit/runtime/Points.h"

#include <array>
#include <csignal>
#include <numeric>
#include <thread>

using namespace nnrt;
using namespace nnrt::test;
using nlohmann::json;

namespace {

//===-- Batches ------------------------------------------------------------------------------===//

/// One entry: takes rows out of tables of three bytes and of one, as an order says.
struct Gathering {
  /// Scalars: examples, the first one's place. Buffers: tables, order, what is taken of them.
  static void gather(nnrt_context *, const int64_t *scalars, void *const *buffers, void *) {
    auto bytes = [&](int i) { return static_cast<uint8_t *>(buffers[i]); };
    const auto *order = static_cast<const int32_t *>(buffers[2]);
    for (int64_t i = 0; i < scalars[0]; ++i) {
      const int32_t row = order[scalars[1] + i];
      std::copy_n(bytes(0) + int64_t(row) * 3, 3, bytes(3) + i * 3);
      bytes(4)[i] = bytes(1)[row];
    }
  }
  static constexpr nnrt_binding scalars[] = {{NNRT_DIM, 0}, {NNRT_PLACE, 0}};
  static constexpr nnrt_binding buffers[] = {
      {NNRT_TABLE, 0}, {NNRT_TABLE, 1}, {NNRT_ORDER, 0}, {NNRT_OUTPUT, 0}, {NNRT_OUTPUT, 1}};
  static constexpr int64_t any[] = {0};
  static constexpr nnrt_entry entry = {"gather", any,     gather,  2, 5,
                                       scalars,  buffers, nullptr, 0, nullptr};
  nnrt_model plain = toy::drawn;
  Gathering() {
    plain.num_entries = 1;
    plain.entries = &entry;
  }
};

class PassesBatchesTest : public FakeDeviceTest {
protected:
  static constexpr uint64_t batch = 16;
  const Gathering gathering;
  const nnrt_model model = toy::deferred(gathering.plain);
  std::vector<uint64_t> stretches; ///< the batches of each

  static std::vector<uint32_t> orderOf(const Part &part, std::optional<uint64_t> seed,
                                       uint64_t epoch) {
    std::vector<uint32_t> order(part.examples);
    std::iota(order.begin(), order.end(), 0u);
    if (seed)
      shuffledOrder(order, *seed, epoch);
    for (uint32_t &each : order)
      each = part.rows.empty() ? each : part.rows[each];
    return order;
  }
  /// Takes all batches of a part, up to `most` at once, epoch by epoch, without waiting.
  void take(const Part &part, Ahead ahead, std::optional<uint64_t> seed, uint64_t epochs,
            uint64_t most, uint64_t begin = 0) {
    std::unique_ptr<Device> device = make(model, ahead);
    const nnrt_entry &entry = device->entries(model)[0];
    KeptTables tables(*device);
    Batches batches(part, *device, batch, seed, &tables);
    Buffer wide = device->allocate(part.examples * epochs * 3, "what was seen"),
           narrow = device->allocate(part.examples * epochs, "what was seen");
    std::vector<uint8_t> expected;
    stretches.clear();
    fake->calls.clear();
    for (uint64_t epoch = 0; epoch < epochs; ++epoch) {
      const std::vector<uint32_t> order = orderOf(part, seed, epoch);
      for (uint64_t first = epoch ? 0 : begin; first < part.examples;) {
        const uint64_t count = std::min(batch, part.examples - first);
        const Stretch found = batches.get(epoch, first, count, most);
        stretches.push_back(found.batches);
        const uint64_t taken = count * found.batches;
        ASSERT_LE(found.batches, most);
        ASSERT_LE(first + taken, part.examples);
        if (part.table->examples != found.rows)
          EXPECT_LE(found.place + taken, found.rows);
        const std::array<int64_t, 2> scalars = {int64_t(taken), int64_t(found.place)};
        const std::array<void *, 5> buffers = {found.fields[0], found.fields[1], found.order,
                                               wide.at(expected.size() * 3),
                                               narrow.at(expected.size())};
        device->run(entry, scalars.data(), buffers.data(), nullptr);
        for (uint64_t i = 0; i < taken; ++i)
          expected.push_back(uint8_t(order[first + i]));
        first += taken;
        batches.expect(first < part.examples ? epoch : epoch + 1,
                       first < part.examples ? first : 0);
      }
    }
    std::vector<uint8_t> seen(expected.size()), rows(expected.size() * 3);
    device->download(std::as_writable_bytes(std::span(seen)), narrow.at());
    device->download(std::as_writable_bytes(std::span(rows)), wide.at());
    EXPECT_EQ(seen, expected);
    for (size_t i = 0; i < expected.size(); ++i)
      ASSERT_EQ(rows[3 * i + 2], expected[i]) << i;
  }
};

std::vector<uint32_t> everyThird(uint32_t examples) {
  std::vector<uint32_t> rows;
  for (uint32_t row = 1; row < examples; row += 3)
    rows.push_back(row);
  return rows;
}

TEST_F(PassesBatchesTest, AreThoseOfTheOrderWhereverTheyLie) {
  const Part all = numberedRows(100), some = numberedRows(250, everyThird(250));
  for (const Part *part : {&all, &some})
    for (std::optional<uint64_t> seed : {std::optional<uint64_t>(), std::optional<uint64_t>(7)})
      for (uint64_t most : {1, 3, 100})
        for (uint64_t begin : {0, 32, 10}) {
          SCOPED_TRACE(std::to_string(part->examples) + " examples, up to " + std::to_string(most) +
                       " batches, from " + std::to_string(begin) + " on" +
                       (seed ? ", shuffled" : ""));
          take(*part, gpu::aheadOfGpu, seed, 5, most, begin);
          for (unsigned blocks : {1, 2, 8})
            for (uint64_t bytes : {0, 130, 300, 5000})
              take(*part, {.calls = 1024, .seconds = 1, .blocks = blocks, .blockBytes = bytes},
                   seed, 5, most, begin);
          take(*part, {.calls = 1024, .seconds = 1, .blocks = 8, .leastBatches = 4}, seed, 5, most,
               begin);
        }
}

TEST_F(PassesBatchesTest, AStretchEndsWithTheEpochAndTheBlock) {
  const Part part = numberedRows(100); // 6 batches and a short one
  take(part, gpu::aheadOfGpu, 7, 2, 100);
  EXPECT_EQ(stretches, (std::vector<uint64_t>{6, 1, 6, 1}));
  take(part, gpu::aheadOfGpu, 7, 1, 4);
  EXPECT_EQ(stretches, (std::vector<uint64_t>{4, 2, 1}));
  take(part, gpu::aheadOfGpu, std::nullopt, 1, 100, 32);
  EXPECT_EQ(stretches, (std::vector<uint64_t>{4, 1}));
  Ahead ahead = gpu::aheadOfGpu;
  ahead.keepsTables = false;
  ahead.blockBytes = 0;
  ahead.leastBatches = 4;
  take(part, ahead, 7, 2, 100);
  EXPECT_EQ(stretches, (std::vector<uint64_t>{4, 2, 1, 4, 2, 1}));
  ahead.leastBatches = 1;
  take(part, ahead, 7, 1, 100);
  EXPECT_EQ(stretches, (std::vector<uint64_t>{1, 1, 1, 1, 1, 1, 1}));
}

TEST_F(PassesBatchesTest, OfAKeptPartOnlyOrdersAreBrought) {
  const Part part = numberedRows(100);
  take(part, gpu::aheadOfGpu, 7, 4, 100);
  EXPECT_EQ(fake->calls["cuMemcpyHtoDAsync"], 5); // with the epoch to come
  take(part, gpu::aheadOfGpu, std::nullopt, 4, 100);
  EXPECT_EQ(fake->calls["cuMemcpyHtoDAsync"], 0);
}

/// The order of the batches that a call is about to take stays, however far ahead somebody looks.
TEST_F(PassesBatchesTest, AnOrderInUseIsNotWrittenOver) {
  const Part part = numberedRows(100);
  std::unique_ptr<Device> device = make(model);
  KeptTables tables(*device);
  Batches batches(part, *device, batch, 7, &tables);
  const Stretch found = batches.get(0, 0, batch);
  for (uint64_t epoch : {1, 2, 3})
    batches.expect(epoch, 0);
  std::vector<uint32_t> order(100);
  device->download(std::as_writable_bytes(std::span(order)), found.order);
  EXPECT_EQ(order, orderOf(part, 7, 0));
}

/// A table that two parts lie in is there once.
TEST_F(PassesBatchesTest, TablesAreKeptWhereTheyTakeHalfOfWhatIsFree) {
  std::unique_ptr<Device> device = make(model);
  const Part part = numberedRows(64); // 192 and 64 bytes
  for (const auto &[free, isKept] : {std::pair(512, true), {511, false}}) {
    fake->free = size_t(free);
    KeptTables tables(*device);
    const std::span<void *const> found = tables.find(part.table);
    EXPECT_EQ(!found.empty(), isKept);
    fake->free = isKept ? 1 : 0; // it is not asked again
    EXPECT_EQ(tables.find(part.table).data(), found.data());
  }
  fake->free = 0;
  Ahead ahead = gpu::aheadOfGpu;
  ahead.keepsTables = false;
  KeptTables none(*(device = make(model, ahead)));
  EXPECT_TRUE(none.find(part.table).empty());
}

//===-- Calls --------------------------------------------------------------------------------===//

class PassesCallsTest : public FakeDeviceTest {};

TEST_F(PassesCallsTest, GoThroughAsManyStepsAsThereIsRoomFor) {
  const nnrt_model model = toy::deferredInTables(toy::drawn);
  Ahead ahead = gpu::aheadOfGpu;
  ahead.calls = 1024;
  ahead.passes = 256;
  ahead.seconds = 1e9;
  std::map<std::string, int> calls = callsOfTraining(model, 5000, ahead);
  // The host waits after 1, 2, 4, ... 512 steps, then after 1024: 3 times, and 905 are left.
  EXPECT_EQ(calls["cuLaunchKernelEx"], 9 + 2 + 3 * 4 + 4);
  EXPECT_EQ(calls["cuStreamSynchronize"], 10 + 4);
  // Where they are slow, it never gets ahead.
  ahead.seconds = 0;
  EXPECT_EQ(callsOfTraining(model, 100, ahead)["cuLaunchKernelEx"], 100);
  ahead.passes = 1;
  ahead.seconds = 1e9;
  EXPECT_EQ(callsOfTraining(model, 100, ahead)["cuLaunchKernelEx"], 100);
}

TEST_F(PassesCallsTest, OfEvaluationsLeaveWhatThereIsRoomFor) {
  const nnrt_model model = toy::deferredInTables(toy::drawn);
  const Recipe recipe = parseRecipe(model.recipe);
  std::vector<std::vector<double>> values;
  InterruptScope scope;
  for (const auto &[slots, calls] : {std::pair(1024u, 6), {6u, 6}}) {
    // 16 batches: 1, 2, 4, 8 and 1, or 1, 2, 4, 6 and 3; and what finishes.
    std::unique_ptr<Device> device = make(model, {.calls = slots, .seconds = 1e9, .passes = 8});
    Session session(model, *device, &recipe, /*isTraining=*/false);
    session.initialize();
    Evaluator evaluator(session, recipe, nullptr, {0}, recipe.batch);
    fake->calls.clear();
    values.push_back(evaluator.run().values);
    EXPECT_EQ(fake->calls["cuLaunchKernelEx"], calls);
  }
  EXPECT_EQ(values[0], values[1]);
}

/// Entries that take the fields of one batch get one, whatever the device can do.
TEST_F(PassesCallsTest, GoThroughOneBatchWhereEntriesTakeNoMore) {
  const nnrt_model model = toy::deferred(toy::drawn);
  Ahead ahead = gpu::aheadOfGpu;
  ahead.seconds = 1e9;
  EXPECT_EQ(callsOfTraining(model, 100, ahead)["cuLaunchKernelEx"], 100);
}

//===-- Whole programs -----------------------------------------------------------------------===//

/// Programs on all devices: tables are kept on emulator:fast, and come in blocks of 2 batches on
/// the emulator.
class PassesProgramTest : public PointsTest {
protected:
  std::string text;
  nnrt_model plain = toy::line;

  void use(const nnrt_model &base, const std::string &change = "{}") {
    text = toy::changedRecipe(base, change);
    plain = toy::withRecipe(base, text);
    model = toy::deferredInTables(plain);
  }
  /// All that a training saves, logs and prints, and what an evaluation prints.
  std::string trained(const std::string &device, std::vector<std::string> more) {
    const std::string name = device + ".w", path = folder / name;
    const std::string log = device + ".log";
    std::filesystem::remove(folder / log);
    more.insert(more.end(), {"--device", device, "--save", path, "--log", folder / log});
    Result result = plain.num_fields ? train(more) : drawn(more);
    EXPECT_EQ(result.status, 0) << result.err;
    std::string all = readFile(path);
    for (const char *kind : {"step", "eval", "epoch", "end"})
      for (json each : events(log.c_str(), kind)) {
        for (const char *key :
             {"seconds", "train_seconds", "examples_per_second", "peak_rss_bytes"})
          each.erase(key);
        all += each.dump() + "\n";
      }
    return all;
  }
  Result drawn(std::vector<std::string> more) const {
    more.insert(more.begin(), "train");
    return run(model, more);
  }
  void expectSame(const std::vector<std::string> &more) {
    const std::string expected = trained("cpu", more);
    for (const char *device : {"emulator:fast", "emulator"})
      EXPECT_EQ(trained(device, more), expected) << device << " " << json(more).dump();
  }
};

TEST_F(PassesProgramTest, OneBlockOfOneBatch) {
  // 20 of 27 rows are trained on, 7 tested: 5 batches, or 6 and a short one.
  for (const char *batch : {"4", "3", "1", "20", "100"}) {
    use(toy::line);
    expectSame({"--batch", batch, "--epochs", "6"});
    expectSame({"--batch", batch, "--epochs", "3", "--no-shuffle"});
  }
  for (const char *every : {"1", "2", "7", "1000"})
    expectSame({"--log-every", every, "--epochs", "6", "--save-every", "4"});
  for (const char *steps : {"1", "3", "5", "6", "23"})
    expectSame({"--steps", steps, "--batch", "3", "--log-every", "2"});
}

TEST_F(PassesProgramTest, WatchedOnTheWay) {
  use(toy::line, R"({"evaluate_every": 3, "keep": {"goal": "min", "of": "loss"},
                     "stop": {"goal": "max", "of": "spread", "patience": 4},
                     "data": {"valid": {"share": 0.2, "seed": 3}}})");
  expectSame({"--epochs", "9"});
  expectSame({"--epochs", "9", "--batch", "3", "--set", "rate=0.3", "--log-every", "2"});
}

TEST_F(PassesProgramTest, SeveralBatchesAStepAndSeveralBlocks) {
  use(toy::table);
  expectSame({"--epochs", "5", "--log-every", "1"});
  expectSame({"--epochs", "5", "--batch", "3", "--no-shuffle"});
}

TEST_F(PassesProgramTest, WithoutData) {
  use(toy::drawn, R"({"steps": 100})");
  expectSame({"--log-every", "7"});
  expectSame({"--steps", "60"});
}

TEST_F(PassesProgramTest, Evaluates) {
  use(toy::line);
  const std::string weights = folder / "w";
  ASSERT_EQ(train({"--device", "cpu", "--save", weights}).status, 0);
  for (const char *batch : {"1", "2", "3", "7", "100"})
    for (const char *part : {"train", "test"}) {
      const std::vector<std::string> words = {"--split", part, "--json", "--batch", batch};
      auto on = [&](const char *device) {
        std::vector<std::string> more = words;
        more.insert(more.end(), {"--device", device});
        Result result = eval(weights, more);
        EXPECT_EQ(result.status, 0) << result.err;
        return result.out;
      };
      EXPECT_EQ(on("emulator:fast"), on("cpu"));
      EXPECT_EQ(on("emulator"), on("cpu"));
    }
}

TEST_F(PassesProgramTest, ResumedInTheMiddleOfAnEpoch) {
  use(toy::line);
  const std::vector<std::string> all = {"--epochs", "4", "--batch", "3"};
  const std::string whole = folder / "whole", half = folder / "half", rest = folder / "rest";
  auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), all.begin(), all.end());
    Result result = train(more);
    EXPECT_EQ(result.status, 0) << result.err;
  };
  with({"--device", "cpu", "--save", whole});
  for (const char *device : {"emulator:fast", "emulator"})
    for (const char *steps : {"1", "2", "6", "7", "8", "13"}) {
      with({"--device", device, "--save", half, "--steps", steps});
      with({"--device", device, "--save", rest, "--resume", half});
      EXPECT_EQ(readFile(rest), readFile(whole)) << device << " after step " << steps;
    }
}

/// A batch of another size leaves an epoch that goes on at a place that is no multiple of it.
TEST_F(PassesProgramTest, ResumedWithAnotherBatch) {
  use(toy::line);
  const std::string half = folder / "half";
  ASSERT_EQ(train({"--device", "cpu", "--save", half, "--steps", "4", "--batch", "3"}).status, 0);
  expectSame({"--resume", half, "--batch", "5", "--steps", "20"});
}

TEST_F(PassesProgramTest, ASignalLeavesWhatGoesOn) {
  use(toy::line);
  const std::string half = folder / "half", log = folder / "log";
  Child child(model, {"train", "--data", folder.path(), "--device", "emulator:fast", "--steps",
                      "100000000", "--set", "rate=1e-9", "--save", half, "--log", log});
  for (int i = 0; i < 20000 && events("log", "epoch").empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  kill(child.pid(), SIGINT);
  const Result stopped = child.wait();
  ASSERT_EQ(stopped.status, 130) << stopped.err;
  const std::string step = metadataOf(half)["step"];
  for (const char *device : {"emulator:fast", "cpu"}) {
    Result result = train({"--device", device, "--resume", half, "--steps",
                           std::to_string(std::stoull(step) + 30), "--save", folder / device});
    ASSERT_EQ(result.status, 0) << result.err;
  }
  EXPECT_EQ(readFile(folder / "emulator:fast"), readFile(folder / "cpu"));
}

} // namespace
