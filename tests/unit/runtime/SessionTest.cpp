// Calls of entries with all that they bring.
#include "runtime/model/Session.h"
#include "tests/unit/runtime/ToyModel.h"

#include <array>
#include <gtest/gtest.h>

using namespace nnrt;

/// A call that brings no order takes the rows as they are, however many, and whatever there was
/// room for before.
TEST(Session, RowsComeAsTheyAreWhereNoOrderIsBrought) {
  const nnrt_model tables = toy::inTables(toy::model);
  std::unique_ptr<Device> device = makeDevice("cpu", tables, 1);
  Session session(tables, *device, nullptr, /*isTraining=*/false);
  session.initialize();
  Entry entry = session.entry("evaluate.0");
  EXPECT_TRUE(entry.takesPasses());
  EXPECT_FALSE(entry.takesFields());
  constexpr uint64_t most = 40;
  Buffer images = device->allocate(most * toy::pixels, "images"),
         labels = device->allocate(most, "labels");
  for (uint64_t i = 0; i < most; ++i) {
    static_cast<uint8_t *>(labels.at())[i] = uint8_t(i % toy::classes);
    static_cast<uint8_t *>(images.at())[i * toy::pixels + i] = 255;
  }
  const std::array<void *, 2> fields = {images.at(), labels.at()};
  std::array<double, 20 * 3> partials{};
  auto run = [&](uint64_t batch, CallArguments call) {
    const std::vector<int64_t> dims = {int64_t(batch), 0};
    call.dims = dims;
    call.fields = fields;
    call.partials = partials.data();
    call.width = 3;
    session.run(entry, call);
  };
  run(2, {.dims = {}});
  const double first = partials[0];
  run(40, {.dims = {}});
  EXPECT_EQ(partials[2], 40);
  const double all = partials[0];
  run(2, {.dims = {}, .passes = 20, .rows = 40});
  EXPECT_EQ(partials[0], first);
  double sum = 0;
  for (size_t pass = 0; pass < 20; ++pass)
    sum += partials[3 * pass];
  EXPECT_NEAR(sum, all, 1e-9);
  const double second = partials[3];
  run(2, {.dims = {}, .place = 2, .rows = 40});
  EXPECT_EQ(partials[0], second);
}

TEST(Session, KnowsWhatEntriesTake) {
  std::unique_ptr<Device> device = makeDevice("cpu", toy::model, 1);
  Session session(toy::model, *device, nullptr, /*isTraining=*/false);
  EXPECT_FALSE(session.entry("evaluate.0").takesPasses());
  EXPECT_TRUE(session.entry("evaluate.0").takesFields());
  EXPECT_FALSE(session.entry("predict").takesFields());
}
