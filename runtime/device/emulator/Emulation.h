// What the emulator's driver keeps: its devices, what was allocated there, and its streams.
#pragma once

#include "runtime/device/emulator/Launch.h"
#include "runtime/device/gpu/Driver.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace nnrt::emulator {

// CUresult: of what the runtime doesn't tell apart, what the emulator gives.
constexpr auto invalidHandle = gpu::Result(400), illegalState = gpu::Result(401),
               launchTooLarge = gpu::Result(720), captureUnsupported = gpu::Result(900),
               captureInvalidated = gpu::Result(901), captureIsolation = gpu::Result(905),
               capturedEvent = gpu::Result(907), captureWrongThread = gpu::Result(908);

struct EmulatedDevice {
  explicit EmulatedDevice(bool checks) : machine(checks) {}
  Machine machine;
  std::map<gpu::Address, Memory> allocations;
};

struct EmulatedStream;

/// What a stream is asked to do: looks whether it can be done, and adds it to the stream.
using Request = std::function<gpu::Result(EmulatedStream &)>;

/// What a stream is asked to do while it captures.
struct Capture {
  uint64_t id = 0;
  std::thread::id thread; ///< that has begun it
  std::vector<Request> requests;
  bool isInvalid = false; ///< since something was asked for that can't be captured
};

struct EmulatedStream {
  EmulatedDevice *device;
  std::deque<std::function<void()>> operations;
  uint64_t added = 0, done = 0; ///< operations
  Findings findings;            ///< of the operation that has failed: nothing is done after it
  std::optional<Capture> capture;
  bool hasFailed() const { return findings.count(); }
};

struct EmulatedEvent {
  EmulatedStream *stream = nullptr;
  uint64_t at = 0;      ///< operations of the stream before it
  uint64_t capture = 0; ///< that it was recorded in; 0: none
};

struct EmulatedGraph {
  EmulatedDevice *device;
  std::vector<Request> requests;
};
/// By handles, none of which is given twice: what was destroyed isn't taken for another one.
using EmulatedGraphs = std::map<uint64_t, std::shared_ptr<const EmulatedGraph>>;

/// One driver in a process, as with a real one.
struct Emulation {
  std::mutex mutex;
  EmulatedDevice checking{true}, fast{false};
  std::map<const std::byte *, size_t> pinned; ///< memory of the host that copies read late
  std::vector<EmulatedStream *> capturing;
  EmulatedGraphs graphs, executables;
  uint64_t numCaptures = 0, numGraphs = 0; ///< that there have been
};
Emulation &state();
inline std::unique_lock<std::mutex> locked() { return std::unique_lock(state().mutex); }

/// The calling thread's; null: none.
extern thread_local EmulatedDevice *currentDevice;

inline EmulatedStream &streamOf(gpu::Stream stream) {
  return *reinterpret_cast<EmulatedStream *>(stream);
}
inline EmulatedEvent &eventOf(gpu::Event event) {
  return *reinterpret_cast<EmulatedEvent *>(event);
}

/// Does what is in the stream, up to operation `last`.
gpu::Result runUntil(EmulatedStream &stream, uint64_t last);

/// Puts something into the stream, whether it captures or not.
gpu::Result add(EmulatedStream &stream, std::function<void()> operation);

/// Has the stream do something, or keeps it where the stream captures. What can't be done is
/// refused in both cases.
gpu::Result submit(EmulatedStream &stream, Request request);

/// Makes the stream's capture, which is under way, invalid, and returns `why`.
gpu::Result refuse(EmulatedStream &stream, gpu::Result why);

/// Makes the calling thread's captures invalid. For what is not to be called meanwhile, since it
/// may wait for a stream that captures. Returns success where there is no such capture.
gpu::Result refuseWhileCapturing();

// The driver's functions of these names.
gpu::Result streamCreate(gpu::Stream *stream, unsigned flags);
gpu::Result streamDestroy(gpu::Stream stream);
gpu::Result streamSynchronize(gpu::Stream stream);
gpu::Result streamWaitEvent(gpu::Stream stream, gpu::Event event, unsigned flags);
std::string streamTakeFindings(gpu::Stream stream);
gpu::Result eventCreate(gpu::Event *event, unsigned flags);
gpu::Result eventDestroy(gpu::Event event);
gpu::Result eventRecord(gpu::Event event, gpu::Stream stream);
gpu::Result eventSynchronize(gpu::Event event);
gpu::Result streamBeginCapture(gpu::Stream stream, gpu::CaptureMode mode);
gpu::Result streamEndCapture(gpu::Stream stream, gpu::Graph *graph);
gpu::Result graphInstantiateWithFlags(gpu::GraphExec *executable, gpu::Graph graph,
                                      unsigned long long flags);
gpu::Result graphLaunch(gpu::GraphExec executable, gpu::Stream stream);
gpu::Result graphExecDestroy(gpu::GraphExec executable);
gpu::Result graphDestroy(gpu::Graph graph);

} // namespace nnrt::emulator
