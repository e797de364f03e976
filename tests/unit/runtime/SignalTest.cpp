// Training that is stopped from outside.
#include "tests/unit/runtime/Programs.h"

#include "runtime/loop/Interrupt.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

using namespace nnrt;
using namespace nnrt::test;
using nlohmann::json;

namespace {
class SignalTest : public ProgramTest {
protected:
  std::string saved = folder / "w";

  /// Waits until a file is there and not empty.
  static bool appears(const std::string &path) {
    for (int i = 0; i < 20000; ++i, std::this_thread::sleep_for(std::chrono::milliseconds(1)))
      if (std::filesystem::exists(path) && std::filesystem::file_size(path))
        return true;
    return false;
  }
};
} // namespace

TEST_F(SignalTest, InterruptFinishesTheStepAndSaves) {
  for (int number : {SIGINT, SIGTERM, SIGHUP}) {
    std::string log = folder / "log";
    Child child(toy::model,
                trainWords({"--seed", "5", "--steps", "100000000", "--save", saved, "--log", log}));
    ASSERT_TRUE(appears(log));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    kill(child.pid(), number);
    Result result = child.wait();
    EXPECT_EQ(result.status, 130) << result.err;
    EXPECT_HAS(result.out, "stopped by a signal after step ");
    ASSERT_TRUE(std::filesystem::exists(saved));
    // What was saved goes on like a training that was never stopped.
    std::string step = headerOf(readFile(saved))["__metadata__"]["step"];
    std::string end = std::to_string(std::stoull(step) + 30);
    ASSERT_EQ(train({"--resume", saved, "--steps", end, "--save", folder / "a"}).status, 0);
    ASSERT_EQ(train({"--seed", "5", "--steps", end, "--save", folder / "b"}).status, 0);
    EXPECT_EQ(readFile(folder / "a"), readFile(folder / "b"));
    std::remove(saved.c_str());
    std::remove(log.c_str());
  }
}

TEST_F(SignalTest, KillLeavesAWholeCheckpoint) {
  for (int i = 0; i < 5; ++i) {
    Child child(toy::model,
                trainWords({"--seed", "5", "--steps", "100000000", "--save", saved, "--save-every",
                            "1", "--quiet", "--log", folder / "log", "--log-every", "1"}));
    ASSERT_TRUE(appears(saved));
    std::this_thread::sleep_for(std::chrono::milliseconds(3 + 5 * i));
    kill(child.pid(), SIGKILL);
    EXPECT_EQ(child.wait().status, -SIGKILL);
    uint64_t step =
        std::stoull(headerOf(readFile(saved))["__metadata__"]["step"].get<std::string>());
    // The log is not behind it.
    std::string log = readFile(folder / "log");
    EXPECT_HAS(log, "\"step\": " + std::to_string(step) + ",");
    std::string end = std::to_string(step + 5);
    ASSERT_EQ(train({"--resume", saved, "--steps", end, "--save", folder / "a"}).status, 0);
    ASSERT_EQ(train({"--seed", "5", "--steps", end, "--save", folder / "b"}).status, 0);
    EXPECT_EQ(readFile(folder / "a"), readFile(folder / "b"));
    std::remove(saved.c_str());
  }
}

TEST(InterruptScope, TheSecondSignalActsAsUsual) {
  {
    InterruptScope scope;
    EXPECT_FALSE(interrupted());
    raise(SIGINT);
    EXPECT_TRUE(interrupted());
    struct sigaction action;
    for (int number : {SIGINT, SIGTERM, SIGHUP}) {
      sigaction(number, nullptr, &action);
      EXPECT_EQ(action.sa_handler, SIG_DFL);
    }
  }
  EXPECT_FALSE(interrupted());
}

TEST(InterruptScope, IgnoredSignalsStayIgnored) {
  signal(SIGINT, SIG_IGN);
  {
    InterruptScope scope;
    raise(SIGINT);
    EXPECT_FALSE(interrupted());
  }
  struct sigaction action;
  sigaction(SIGINT, nullptr, &action);
  EXPECT_EQ(action.sa_handler, SIG_IGN);
  signal(SIGINT, SIG_DFL);
}
