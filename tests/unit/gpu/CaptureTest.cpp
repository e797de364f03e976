// The emulator's graphs: what a stream captures is done by launches of the graph and not before,
// and what CUDA forbids meanwhile is refused.
#include "runtime/device/emulator/Emulation.h"
#include "tests/unit/gpu/Kernels.h"

#include <bit>
#include <gtest/gtest.h>
#include <thread>

using namespace nnrt;
using namespace nnrt::test;
using namespace nnrt::gpu;
using namespace nnrt::emulator;

namespace {

constexpr nnrt_site readSite = {"counted", "net.nn:1"}, writeSite = {"counted", "net.nn:2"};

/// (number, increment)
void count(void *const *arguments) {
  auto *number = argument<uint64_t *>(arguments, 0);
  if (threadIndex() == 0)
    store(number, load(number, readSite) + argument<uint64_t>(arguments, 1), writeSite);
}

class CaptureTest : public testing::Test {
protected:
  static constexpr uint32_t bytes[] = {8, 8};
  const Driver &driver = emulatorDriver();
  nnrt_kernel kernel = {.name = "counted",
                        .places = "net.nn:1",
                        .threads = 32,
                        .declared_bytes = 0,
                        .shared_bytes = 0,
                        .is_cooperative = 0,
                        .num_arguments = 2,
                        .argument_bytes = bytes,
                        .emulated = count,
                        .unchecked = nullptr,
                        .waits = 1,
                        .decisive = nullptr,
                        .work = nullptr};
  Stream stream = nullptr, other = nullptr;
  Event event = nullptr;
  Address number = 0;
  static constexpr uint64_t size = 16; ///< of the memory at `number`

  void SetUp() override {
    Context context = nullptr;
    driver.devicePrimaryCtxRetain(&context, checkingDevice);
    driver.ctxSetCurrent(context);
    driver.streamCreate(&stream, streamNonBlocking);
    driver.streamCreate(&other, streamNonBlocking);
    driver.eventCreate(&event, eventWithoutTiming);
    ASSERT_EQ(driver.memAlloc(&number, size), Result::Success);
    ASSERT_EQ(driver.memsetD8Async(number, 0, size, stream), Result::Success);
  }
  void TearDown() override {
    driver.streamDestroy(stream);
    driver.streamDestroy(other);
    driver.eventDestroy(event);
    if (number)
      driver.memFree(number);
  }
  Result begin() { return driver.streamBeginCapture(stream, CaptureMode::ThreadLocal); }
  Result launch(uint64_t increment, int64_t offset = 0) {
    Address address = number + uint64_t(offset);
    void *arguments[] = {&address, &increment};
    const LaunchConfig config = {.blocks = {1, 1, 1},
                                 .threads = {32, 1, 1},
                                 .sharedBytes = 0,
                                 .stream = stream,
                                 .attributes = nullptr,
                                 .numAttributes = 0};
    return driver.launchKernelEx(&config, std::bit_cast<Function>(&kernel), arguments, nullptr);
  }
  /// Ends a capture that nothing has made invalid.
  GraphExec finish() {
    Graph graph = nullptr;
    GraphExec executable = nullptr;
    EXPECT_EQ(driver.streamEndCapture(stream, &graph), Result::Success);
    EXPECT_EQ(driver.graphInstantiateWithFlags(&executable, graph, 0), Result::Success);
    EXPECT_EQ(driver.graphDestroy(graph), Result::Success);
    return executable;
  }
  uint64_t read(int64_t offset = 0) {
    uint64_t value = 0;
    EXPECT_EQ(driver.memcpyDtoHAsync(&value, number + uint64_t(offset), sizeof value, stream),
              Result::Success);
    EXPECT_EQ(driver.streamSynchronize(stream), Result::Success);
    return value;
  }
  /// What is asked for while the stream captures is refused, and then so is all else until the end.
  void expectRefused(Result why, const std::function<Result()> &action) {
    ASSERT_EQ(begin(), Result::Success);
    ASSERT_EQ(launch(1), Result::Success);
    EXPECT_EQ(action(), why);
    EXPECT_EQ(launch(1), captureInvalidated);
    Graph graph = std::bit_cast<Graph>(uint64_t(1));
    EXPECT_EQ(driver.streamEndCapture(stream, &graph), captureInvalidated);
    EXPECT_EQ(graph, nullptr);
    EXPECT_EQ(launch(1), Result::Success); // the stream is as it was
  }
};

TEST_F(CaptureTest, WhatIsCapturedIsDoneByEachLaunchOfTheGraph) {
  ASSERT_EQ(begin(), Result::Success);
  EXPECT_EQ(launch(3), Result::Success);
  EXPECT_EQ(driver.memcpyDtoDAsync(number + 8, number, 8, stream), Result::Success);
  EXPECT_EQ(driver.memsetD8Async(number + 15, 1, 1, stream), Result::Success);
  GraphExec executable = finish();
  EXPECT_EQ(read(), 0u);
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(driver.graphLaunch(executable, stream), Result::Success);
  // What is launched goes on whatever becomes of the graph.
  EXPECT_EQ(driver.graphExecDestroy(executable), Result::Success);
  EXPECT_EQ(read(), 12u);
  EXPECT_EQ(read(8), 12 + (uint64_t(1) << 56));
}

TEST_F(CaptureTest, CopiesOfPinnedMemoryReadItEachTime) {
  void *host = nullptr;
  ASSERT_EQ(driver.memHostAlloc(&host, 8, 0), Result::Success);
  auto *value = static_cast<uint64_t *>(host);
  ASSERT_EQ(begin(), Result::Success);
  EXPECT_EQ(driver.memcpyHtoDAsync(number, host, 8, stream), Result::Success);
  EXPECT_EQ(launch(1), Result::Success);
  GraphExec upload = finish();
  ASSERT_EQ(begin(), Result::Success);
  EXPECT_EQ(driver.memcpyDtoHAsync(host, number, 8, stream), Result::Success);
  GraphExec download = finish();
  *value = 5;
  for (GraphExec each : {upload, download, upload, download})
    EXPECT_EQ(driver.graphLaunch(each, stream), Result::Success);
  EXPECT_EQ(read(), 7u);
  EXPECT_EQ(*value, 7u);
  EXPECT_EQ(driver.memFreeHost(host), Result::Success);
  for (GraphExec each : {upload, download}) {
    EXPECT_EQ(driver.graphLaunch(each, stream), Result::InvalidValue); // the memory has gone
    EXPECT_EQ(driver.graphExecDestroy(each), Result::Success);
  }
}

TEST_F(CaptureTest, GraphsThatAreGone) {
  ASSERT_EQ(begin(), Result::Success);
  Graph graph = nullptr;
  ASSERT_EQ(driver.streamEndCapture(stream, &graph), Result::Success);
  GraphExec executable = nullptr;
  ASSERT_EQ(driver.graphInstantiateWithFlags(&executable, graph, 0), Result::Success);
  EXPECT_EQ(driver.graphDestroy(graph), Result::Success);
  EXPECT_EQ(driver.graphDestroy(graph), invalidHandle);
  GraphExec again = nullptr;
  EXPECT_EQ(driver.graphInstantiateWithFlags(&again, graph, 0), invalidHandle);
  EXPECT_EQ(driver.graphLaunch(executable, stream), Result::Success);
  EXPECT_EQ(driver.graphExecDestroy(executable), Result::Success);
  EXPECT_EQ(driver.graphExecDestroy(executable), invalidHandle);
  EXPECT_EQ(driver.graphLaunch(executable, stream), invalidHandle);
  const char *text = nullptr;
  driver.getErrorString(invalidHandle, &text);
  EXPECT_STREQ(text, "there is no such graph, or none any more");
}

/// Memory that has gone isn't taken for what has come in its place.
TEST_F(CaptureTest, MemoryThatIsGone) {
  ASSERT_EQ(begin(), Result::Success);
  EXPECT_EQ(driver.memsetD8Async(number, 1, size, stream), Result::Success);
  GraphExec executable = finish();
  EXPECT_EQ(driver.streamSynchronize(stream), Result::Success);
  EXPECT_EQ(driver.memFree(std::exchange(number, 0)), Result::Success);
  EXPECT_EQ(driver.graphLaunch(executable, stream), Result::InvalidValue);
  EXPECT_EQ(driver.graphExecDestroy(executable), Result::Success);
}

TEST_F(CaptureTest, FaultsAreFoundInLaunchesOfAGraph) {
  ASSERT_EQ(begin(), Result::Success);
  EXPECT_EQ(launch(1, int64_t(size)), Result::Success);
  GraphExec executable = finish();
  EXPECT_EQ(driver.streamSynchronize(stream), Result::Success); // nothing was done as yet
  EXPECT_EQ(driver.graphLaunch(executable, stream), Result::Success);
  EXPECT_EQ(driver.streamSynchronize(stream), Result::LaunchFailed);
  const std::string found = driver.streamTakeFindings(stream);
  EXPECT_TRUE(finds(found, "out of bounds", "net.nn:1")) << found;
  EXPECT_EQ(driver.graphExecDestroy(executable), Result::Success);
}

/// Where nothing is found, what the stream holds is still done.
TEST_F(CaptureTest, FindingsThatThereAreNone) {
  EXPECT_EQ(launch(1), Result::Success);
  EXPECT_EQ(driver.streamTakeFindings(stream), "");
  EXPECT_EQ(read(), 1u);
}

TEST_F(CaptureTest, WhatCannotBeDoneIsNotCaptured) {
  ASSERT_EQ(begin(), Result::Success);
  EXPECT_EQ(driver.memsetD8Async(number, 0, size + 1, stream), Result::InvalidValue);
  EXPECT_EQ(launch(1), Result::Success);
  GraphExec executable = finish();
  EXPECT_EQ(driver.graphLaunch(executable, stream), Result::Success);
  EXPECT_EQ(read(), 1u);
  EXPECT_EQ(driver.graphExecDestroy(executable), Result::Success);
}

TEST_F(CaptureTest, WhatWaitsIsRefused) {
  expectRefused(captureUnsupported, [&] { return driver.streamSynchronize(stream); });
  EXPECT_EQ(driver.eventRecord(event, other), Result::Success);
  expectRefused(captureIsolation, [&] { return driver.streamWaitEvent(stream, event, 0); });
  expectRefused(capturedEvent, [&] {
    EXPECT_EQ(driver.eventRecord(event, stream), Result::Success);
    EXPECT_EQ(driver.streamWaitEvent(stream, event, 0), Result::Success); // it comes before anyhow
    return driver.eventSynchronize(event);
  });
  EXPECT_EQ(driver.eventSynchronize(event), capturedEvent); // nothing will ever reach it
  EXPECT_EQ(driver.streamWaitEvent(other, event, 0), capturedEvent);
  expectRefused(captureUnsupported, [&] {
    EXPECT_EQ(driver.eventRecord(event, stream), Result::Success);
    return driver.streamWaitEvent(other, event, 0);
  });
  EXPECT_EQ(driver.eventRecord(event, stream), Result::Success);
  EXPECT_EQ(driver.eventSynchronize(event), Result::Success);
}

TEST_F(CaptureTest, MemoryOfTheHostThatIsNotPinnedIsRefused) {
  uint64_t value = 1;
  expectRefused(captureUnsupported,
                [&] { return driver.memcpyHtoDAsync(number, &value, sizeof value, stream); });
  expectRefused(captureUnsupported,
                [&] { return driver.memcpyDtoHAsync(&value, number, sizeof value, stream); });
}

TEST_F(CaptureTest, MemoryIsNotObtainedByTheThreadThatCaptures) {
  Address more = 0;
  void *host = nullptr;
  expectRefused(captureUnsupported, [&] { return driver.memAlloc(&more, 16); });
  expectRefused(captureUnsupported, [&] { return driver.memFree(number); });
  expectRefused(captureUnsupported, [&] { return driver.memHostAlloc(&host, 16, 0); });
  ASSERT_EQ(begin(), Result::Success);
  std::thread([&] { EXPECT_EQ(driver.memHostAlloc(&host, 16, 0), Result::Success); }).join();
  EXPECT_EQ(launch(2), Result::Success);
  EXPECT_EQ(driver.graphExecDestroy(finish()), Result::Success);
  EXPECT_EQ(driver.memFreeHost(host), Result::Success);
}

TEST_F(CaptureTest, AStreamThatGoesTakesItsCaptureAlong) {
  Stream gone = nullptr;
  ASSERT_EQ(driver.streamCreate(&gone, streamNonBlocking), Result::Success);
  ASSERT_EQ(driver.streamBeginCapture(gone, CaptureMode::ThreadLocal), Result::Success);
  EXPECT_EQ(driver.streamDestroy(gone), Result::Success);
  EXPECT_TRUE(state().capturing.empty());
  Address more = 0;
  EXPECT_EQ(driver.memAlloc(&more, 16), Result::Success);
  EXPECT_EQ(driver.memFree(more), Result::Success);
}

TEST_F(CaptureTest, StreamsThatDoNotMatch) {
  Graph graph = nullptr;
  EXPECT_EQ(driver.streamEndCapture(stream, &graph), illegalState);
  ASSERT_EQ(begin(), Result::Success);
  EXPECT_EQ(begin(), illegalState);
  EXPECT_EQ(driver.streamEndCapture(other, &graph), illegalState);
  std::thread([&] {
    EXPECT_EQ(driver.streamEndCapture(stream, &graph), captureWrongThread);
  }).join();
  EXPECT_EQ(launch(1), Result::Success);
  GraphExec executable = finish();
  expectRefused(captureUnsupported, [&] { return driver.graphLaunch(executable, stream); });
  // A graph is of its device.
  Context context = nullptr;
  Stream elsewhere = nullptr;
  driver.devicePrimaryCtxRetain(&context, fastDevice);
  driver.ctxSetCurrent(context);
  driver.streamCreate(&elsewhere, streamNonBlocking);
  EXPECT_EQ(driver.graphLaunch(executable, elsewhere), Result::InvalidValue);
  driver.streamDestroy(elsewhere);
  EXPECT_EQ(driver.graphExecDestroy(executable), Result::Success);
}

} // namespace
