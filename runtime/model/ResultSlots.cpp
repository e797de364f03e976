// Numbers that calls of entries leave on the device until the host wants them.
#include "runtime/model/ResultSlots.h"

#include "runtime/support/Clock.h"

namespace nnrt {

ResultSlots::ResultSlots(Device &device, size_t numbersPerCall, size_t leastCalls)
    : device(device), perSlot(std::max<size_t>(numbersPerCall, 1)),
      least(std::max<size_t>(leastCalls, 1)), window(least) {
  constexpr size_t mostNumbers = size_t(1) << 23; // 64 MiB, where one call hasn't more
  const size_t calls = std::min<size_t>(device.ahead().calls, mostNumbers / perSlot);
  numbers.resize(std::max(least, calls) * perSlot);
  buffer = device.allocate(numbers.size() * sizeof(double), "losses and metrics");
}

/// How long calls take is not known beforehand: the host gets further ahead as long as it doesn't
/// wait for long.
size_t ResultSlots::fetch() {
  if (!count)
    return 0;
  const size_t most = numbers.size() / perSlot;
  const auto found = std::as_writable_bytes(std::span(numbers).first(count * perSlot));
  if (most == least) {
    device.download(found, buffer.at());
  } else {
    const bool wasFull = isFull(least);
    const Clock::time_point begin = Clock::now();
    device.download(found, buffer.at());
    const double waited = secondsSince(begin), longest = device.ahead().seconds;
    if (waited > longest)
      window = std::max(least, window / 2);
    else if (wasFull && 2 * waited <= longest)
      window = std::min(2 * window, most);
  }
  return std::exchange(count, 0);
}

} // namespace nnrt
