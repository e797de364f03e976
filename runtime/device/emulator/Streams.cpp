// The emulator's streams and events: what was put into a stream is done when somebody waits.
#include "runtime/device/emulator/Emulation.h"
#include "runtime/support/Error.h"

#include <algorithm>
#include <utility>

namespace nnrt::emulator {

using namespace nnrt::gpu;

Emulation &state() {
  static Emulation *only = new Emulation; // outlives whatever static objects still use
  return *only;
}
thread_local EmulatedDevice *currentDevice = nullptr;

Result runUntil(EmulatedStream &stream, uint64_t last) {
  while (!stream.hasFailed() && stream.done < last && !stream.operations.empty()) {
    std::function<void()> operation = std::move(stream.operations.front());
    stream.operations.pop_front();
    ++stream.done;
    try {
      operation();
    } catch (const Error &) {
      return Result::OutOfMemory; // the host's, which the emulator needs for itself
    }
    stream.findings = std::exchange(stream.device->machine.findings, {});
  }
  return stream.hasFailed() ? Result::LaunchFailed : Result::Success;
}

Result add(EmulatedStream &stream, std::function<void()> operation) {
  if (stream.hasFailed())
    return Result::LaunchFailed;
  stream.operations.push_back(std::move(operation));
  ++stream.added;
  // A host that never waits must not fill the memory.
  constexpr size_t most = 4096;
  return stream.operations.size() < most ? Result::Success : runUntil(stream, stream.added);
}

Result submit(EmulatedStream &stream, Request request) {
  if (!stream.capture)
    return request(stream);
  if (stream.capture->isInvalid)
    return captureInvalidated;
  // Tried on a stream that does nothing.
  EmulatedStream trial = {.device = stream.device, .operations = {}, .findings = {}, .capture = {}};
  const Result result = request(trial);
  if (result == Result::Success)
    stream.capture->requests.push_back(std::move(request));
  return result;
}

Result refuse(EmulatedStream &stream, Result why) {
  return std::exchange(stream.capture->isInvalid, true) ? captureInvalidated : why;
}

Result refuseWhileCapturing() {
  Result result = Result::Success;
  for (EmulatedStream *stream : state().capturing)
    if (stream->capture->thread == std::this_thread::get_id())
      result = refuse(*stream, captureUnsupported);
  return result;
}

/// The stream whose capture that is; null: it has ended.
static EmulatedStream *streamOfCapture(uint64_t id) {
  for (EmulatedStream *stream : state().capturing)
    if (stream->capture->id == id)
      return stream;
  return nullptr;
}

Result streamCreate(Stream *stream, unsigned) {
  if (!currentDevice)
    return Result::InvalidValue;
  *stream = reinterpret_cast<Stream>(
      new EmulatedStream{.device = currentDevice, .operations = {}, .findings = {}, .capture = {}});
  return Result::Success;
}

Result streamDestroy(Stream stream) {
  auto lock = locked();
  std::erase(state().capturing, &streamOf(stream));
  delete &streamOf(stream);
  return Result::Success;
}

Result streamSynchronize(Stream stream) {
  auto lock = locked();
  EmulatedStream &queue = streamOf(stream);
  return queue.capture ? refuse(queue, captureUnsupported) : runUntil(queue, queue.added);
}

/// The event is what it is now, whatever is recorded later. Captures of several streams, which
/// wait for one another's events, are not emulated.
Result streamWaitEvent(Stream stream, Event event, unsigned) {
  auto lock = locked();
  EmulatedStream &queue = streamOf(stream);
  const EmulatedEvent mark = eventOf(event);
  if (queue.capture) {
    if (mark.capture != queue.capture->id)
      return refuse(queue, captureIsolation);
    return queue.capture->isInvalid ? captureInvalidated : Result::Success; // it comes before
  }
  if (mark.capture) {
    EmulatedStream *other = streamOfCapture(mark.capture);
    return other ? refuse(*other, captureUnsupported) : capturedEvent;
  }
  return add(queue, [mark] {
    if (mark.stream)
      (void)runUntil(*mark.stream, mark.at); // what fails there is told there
  });
}

std::string streamTakeFindings(Stream stream) {
  auto lock = locked();
  EmulatedStream &queue = streamOf(stream);
  if (!queue.hasFailed())
    return {}; // what it holds is still to be done
  queue.operations.clear();
  queue.done = queue.added;
  return queue.findings.take();
}

Result eventCreate(Event *event, unsigned) {
  *event = reinterpret_cast<Event>(new EmulatedEvent);
  return Result::Success;
}

Result eventDestroy(Event event) {
  delete &eventOf(event);
  return Result::Success;
}

Result eventRecord(Event event, Stream stream) {
  auto lock = locked();
  EmulatedStream &queue = streamOf(stream);
  if (queue.capture && queue.capture->isInvalid)
    return captureInvalidated;
  eventOf(event) = {&queue, queue.added, queue.capture ? queue.capture->id : 0};
  return Result::Success;
}

Result eventSynchronize(Event event) {
  auto lock = locked();
  const EmulatedEvent &mark = eventOf(event);
  if (mark.capture) {
    EmulatedStream *stream = streamOfCapture(mark.capture);
    return stream ? refuse(*stream, capturedEvent) : capturedEvent;
  }
  return mark.stream ? runUntil(*mark.stream, mark.at) : Result::Success;
}

} // namespace nnrt::emulator
