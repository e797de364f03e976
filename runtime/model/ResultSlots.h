// Numbers that calls of entries leave on the device until the host wants them.
#pragma once

#include "runtime/device/Device.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace nnrt {

/// A slot for each call: losses of a batch, or what a batch adds to totals. So the host waits once
/// for many calls. Nothing is allocated after construction.
class ResultSlots {
public:
  /// `width` numbers (f64) a slot, at least one. There is room for `least` calls, and for as many
  /// as the device may be behind.
  ResultSlots(Device &device, size_t width, size_t least = 1);

  /// The next call's slot, or the first of as many in a row: an address of the device. So many must
  /// be left: room().
  void *next(size_t calls = 1) {
    return buffer.at(std::exchange(count, count + calls) * perSlot * sizeof(double));
  }
  size_t width() const { return perSlot; }
  /// Whether the host would be too far ahead after so many more calls.
  bool isFull(size_t calls) const { return count + calls > window; }
  /// Calls after which it is as far ahead as it may be.
  size_t room() const { return window - std::min(count, window); }
  /// Waits for the calls since the last time, and says how many there were. Throws Error: something
  /// that was run has failed.
  size_t fetch();
  /// The numbers of one of these calls, from 0, until the next time.
  std::span<const double> slot(size_t call) const {
    return std::span(numbers).subspan(call * perSlot, perSlot);
  }
  /// Nobody wants what was left there.
  void forget() { count = 0; }

private:
  Device &device;
  size_t perSlot, least;
  size_t window, count = 0; ///< slots: to be used before the host waits; used
  Buffer buffer;
  std::vector<double> numbers;
};

} // namespace nnrt
