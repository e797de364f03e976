// What is drawn on a terminal and what is written into a pipe.
#include "runtime/loop/Progress.h"
#include "tests/unit/runtime/Support.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

using namespace nnrt;
using namespace nnrt::test;

static ProgressState halfway() {
  ProgressState state;
  state.epoch = 2;
  state.epochs = 5;
  state.fraction = 0.5;
  state.step = 1234;
  state.loss = 0.25;
  state.metric = "accuracy";
  state.metricValue = 0.9731;
  state.examplesPerSecond = 151234;
  state.secondsLeft = 75;
  return state;
}

/// What `use` makes of a progress display of this width; 0: a pipe.
static std::string output(int columns, const std::function<void(Progress &)> &use) {
  TempFolder folder;
  int fd = open((folder / "out").c_str(), O_CREAT | O_RDWR, 0600);
  {
    Progress progress(/*quiet=*/false, fd, columns > 0, columns);
    use(progress);
  }
  close(fd);
  return readFile(folder / "out");
}

TEST(Progress, BarOnATerminal) {
  std::string text = output(120, [](Progress &progress) { progress.draw(halfway()); });
  EXPECT_EQ(text, "\r\033[Kepoch 2/5 [====================>                   ] "
                  "loss 0.2500  accuracy 0.9731  151,234 examples/s  1:15 left\r\033[K");
}

TEST(Progress, NarrowTerminalsAreNotWrapped) {
  for (int columns : {1, 20, 60, 80, 100}) {
    std::string text = output(columns, [](Progress &progress) { progress.draw(halfway()); });
    EXPECT_LE(int(text.size()) - 8, std::max(10, columns - 1)) << columns;
  }
}

TEST(Progress, LinesInAPipe) {
  std::string text = output(0, [](Progress &progress) {
    progress.draw(halfway());
    progress.line("done");
  });
  EXPECT_EQ(text, "epoch 2/5  step 1234  loss 0.2500  accuracy 0.9731  151,234 examples/s  1:15 "
                  "left\ndone\n");
}

TEST(Progress, LinesReplaceTheBar) {
  std::string text = output(80, [](Progress &progress) {
    progress.draw(halfway());
    progress.line("done");
  });
  EXPECT_EQ(text.substr(text.size() - 9), "\r\033[Kdone\n");
}
