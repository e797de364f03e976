// What a person sees of a training: a bar on a terminal, plain lines in a pipe.
#include "runtime/loop/Progress.h"

#include "runtime/support/File.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <sys/ioctl.h>
#include <unistd.h>

namespace nnrt {

static bool isTerminal(int fd) {
  const char *kind = getenv("TERM");
  return isatty(fd) && !(kind && strcmp(kind, "dumb") == 0);
}

static int columnsOf(int fd, int otherwise) {
  winsize size = {};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : otherwise;
}

Progress::Progress(bool quiet)
    : Progress(quiet, STDOUT_FILENO, isTerminal(STDOUT_FILENO), columnsOf(STDOUT_FILENO, 80)) {}

Progress::Progress(bool quiet, int fd, bool terminal, int columns)
    : quiet(quiet), terminal(terminal), fd(fd), columns(columns) {}

bool Progress::due() const {
  constexpr double redraw = 0.1, plainLine = 30;
  return !quiet && secondsSince(last) >= (terminal ? redraw : plainLine);
}

void Progress::write(std::string_view text) {
  // Nobody may be reading any more; training goes on.
  (void)writeFully(fd, std::as_bytes(std::span(text)));
}

static std::string clockTime(double seconds) {
  auto whole = static_cast<uint64_t>(std::llround(seconds));
  char buffer[32];
  if (whole >= 3600)
    snprintf(buffer, sizeof buffer, "%u:%02u:%02u", unsigned(whole / 3600),
             unsigned(whole / 60 % 60), unsigned(whole % 60));
  else
    snprintf(buffer, sizeof buffer, "%u:%02u", unsigned(whole / 60), unsigned(whole % 60));
  return buffer;
}

static std::string figures(const ProgressState &state) {
  std::string out = cat("loss ", fixed(state.loss, 4));
  if (!state.metric.empty())
    out += cat("  ", state.metric, " ", fixed(state.metricValue, 4));
  out += cat("  ", grouped(uint64_t(state.examplesPerSecond)), " examples/s");
  if (state.secondsLeft >= 0 && state.secondsLeft < 1e7)
    out += cat("  ", clockTime(state.secondsLeft), " left");
  return out;
}

static std::string head(const ProgressState &state) {
  if (!state.epoch)
    return state.steps ? cat("step ", state.step, "/", state.steps) : cat("step ", state.step);
  return state.epochs ? cat("epoch ", state.epoch, "/", state.epochs) : cat("epoch ", state.epoch);
}

std::string Progress::bar(const ProgressState &state) const {
  std::string before = head(state), after = figures(state);
  int width = std::min(40, columns - 1 - int(before.size() + after.size()) - 6);
  std::string text = before;
  if (width >= 5) {
    int full = std::clamp(int(state.fraction * width), 0, width);
    std::string cells = std::string(size_t(full), '=') + (full < width ? ">" : "");
    cells.resize(size_t(width), ' ');
    text += cat(" [", cells, "] ");
  } else
    text += "  ";
  text += after;
  return text.substr(0, size_t(std::max(10, columns - 1)));
}

void Progress::draw(const ProgressState &state) {
  if (quiet)
    return;
  last = Clock::now();
  if (terminal) {
    columns = columnsOf(fd, columns); // the window may have changed
    write(cat("\r\033[K", bar(state)));
    drawn = true;
  } else
    write(cat(head(state), state.epoch ? cat("  step ", state.step) : std::string(), "  ",
              figures(state), "\n"));
}

void Progress::line(std::string_view text) {
  if (quiet)
    return;
  clear();
  write(cat(text, "\n"));
  last = Clock::now();
}

void Progress::clear() {
  if (drawn)
    write("\r\033[K");
  drawn = false;
}

} // namespace nnrt
