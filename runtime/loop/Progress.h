// What a person sees of a training: a bar on a terminal, plain lines in a pipe.
#pragma once

#include "runtime/support/Clock.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace nnrt {

/// A moment of training.
struct ProgressState {
  uint64_t epoch = 0;  ///< from 1; 0: there are none
  uint64_t epochs = 0; ///< 0: not known
  double fraction = 0; ///< of this epoch, or of all steps, 0 to 1
  uint64_t step = 0;
  uint64_t steps = 0;      ///< 0: not known
  double loss = 0;         ///< mean over the epoch so far
  std::string_view metric; ///< empty: none
  double metricValue = 0;
  double examplesPerSecond = 0;
  double secondsLeft = -1; ///< below 0: not known
};

class Progress {
public:
  /// Writes to standard output; nothing at all where `quiet`.
  explicit Progress(bool quiet);
  Progress(bool quiet, int fd, bool terminal, int columns);
  ~Progress() { clear(); }

  /// Whether the bar (or, in a pipe, the line of a long epoch) is due; costs a look at the clock.
  bool due() const;
  void draw(const ProgressState &state);
  /// A line that stays.
  void line(std::string_view text);
  /// Takes the bar away, before something else is written to the terminal.
  void clear();

private:
  void write(std::string_view text);
  std::string bar(const ProgressState &state) const;

  bool quiet, terminal;
  int fd, columns;
  bool drawn = false;
  Clock::time_point last = Clock::now();
};

} // namespace nnrt
