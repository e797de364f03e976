// Numbers that calls of entries leave on the device until the host wants them.
#pragma once

#include "runtime/device/Device.h"

#include <cstddef>
#include <span>
#include <vector>

namespace nnrt {

/// A slot for each call: losses of a batch, or what a batch adds to totals. So the host waits once
/// for many calls. Nothing is allocated after construction.
class ResultSlots {
public:
  /// `width` numbers (f64) a slot. There is room for `least` calls, and for as many as the device
  /// may be behind.
  ResultSlots(Device &device, size_t width, size_t least = 1);

  /// The next call's slot: an address of the device. None must be left where isFull().
  void *next() { return buffer.at(count++ * width * sizeof(double)); }
  /// Whether the host would be too far ahead after so many more calls.
  bool isFull(size_t calls) const { return count + calls > window; }
  /// Waits for the calls since the last time, and says how many there were. Throws Error: something
  /// that was run has failed.
  size_t fetch();
  /// The numbers of one of these calls, from 0, until the next time.
  std::span<const double> slot(size_t call) const {
    return std::span(numbers).subspan(call * width, width);
  }
  /// Nobody wants what was left there.
  void forget() { count = 0; }

private:
  Device &device;
  size_t width, least;
  size_t window, count = 0; ///< slots: to be used before the host waits; used
  Buffer buffer;
  std::vector<double> numbers;
};

} // namespace nnrt
