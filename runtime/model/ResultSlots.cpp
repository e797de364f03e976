// Numbers that calls of entries leave on the device until the host wants them.
#include "runtime/model/ResultSlots.h"

#include "runtime/support/Clock.h"

#include <algorithm>
#include <utility>

namespace nnrt {

ResultSlots::ResultSlots(Device &device, size_t numbersPerCall, size_t leastCalls)
    : device(device), width(std::max<size_t>(numbersPerCall, 1)),
      least(std::max<size_t>(leastCalls, 1)), window(least) {
  numbers.resize(std::max<size_t>(least, device.ahead().calls) * width);
  buffer = device.allocate(numbers.size() * sizeof(double), "losses and metrics");
}

/// The host gets further ahead as long as it doesn't wait for long: somebody may want to end the
/// training, or a loss may not be finite, and neither is to be noticed late.
size_t ResultSlots::fetch() {
  constexpr double longWait = 0.05; // seconds
  if (!count)
    return 0;
  const size_t most = numbers.size() / width;
  const auto found = std::as_writable_bytes(std::span(numbers).first(count * width));
  if (most == least) {
    device.download(found, buffer.at());
  } else {
    const bool wasFull = isFull(least);
    const Clock::time_point begin = Clock::now();
    device.download(found, buffer.at());
    if (secondsSince(begin) > longWait)
      window = std::max(least, window / 2);
    else if (wasFull)
      window = std::min(2 * window, most);
  }
  return std::exchange(count, 0);
}

} // namespace nnrt
