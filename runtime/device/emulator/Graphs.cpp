// The emulator's graphs: what streams were asked to do while they captured, done again and again.
#include "runtime/device/emulator/Emulation.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace nnrt::emulator {

using namespace nnrt::gpu;

/// Puts a graph among others; the handle.
static uint64_t keep(EmulatedGraphs &graphs, std::shared_ptr<const EmulatedGraph> graph) {
  graphs.emplace(++state().numGraphs, std::move(graph));
  return state().numGraphs;
}

static Result forget(EmulatedGraphs &graphs, uint64_t handle) {
  return graphs.erase(handle) ? Result::Success : invalidHandle;
}

Result streamBeginCapture(Stream stream, CaptureMode mode) {
  auto lock = locked();
  EmulatedStream &queue = streamOf(stream);
  if (queue.capture)
    return illegalState;
  if (mode != CaptureMode::ThreadLocal)
    return Result::InvalidValue;
  if (queue.hasFailed())
    return Result::LaunchFailed;
  queue.capture = {
      .id = ++state().numCaptures, .thread = std::this_thread::get_id(), .requests = {}};
  state().capturing.push_back(&queue);
  return Result::Success;
}

Result streamEndCapture(Stream stream, Graph *graph) {
  auto lock = locked();
  EmulatedStream &queue = streamOf(stream);
  *graph = nullptr;
  if (!queue.capture)
    return illegalState;
  if (queue.capture->thread != std::this_thread::get_id())
    return captureWrongThread;
  Capture capture = std::move(*queue.capture);
  queue.capture.reset();
  std::erase(state().capturing, &queue);
  if (capture.isInvalid)
    return captureInvalidated;
  *graph =
      std::bit_cast<Graph>(keep(state().graphs, std::make_shared<const EmulatedGraph>(EmulatedGraph{
                                                    queue.device, std::move(capture.requests)})));
  return Result::Success;
}

Result graphInstantiateWithFlags(GraphExec *executable, Graph graph, unsigned long long flags) {
  auto lock = locked();
  auto found = state().graphs.find(std::bit_cast<uint64_t>(graph));
  if (found == state().graphs.end())
    return invalidHandle;
  if (flags)
    return Result::InvalidValue;
  *executable = std::bit_cast<GraphExec>(keep(state().executables, found->second));
  return Result::Success;
}

/// Each part is looked at again, as if it were asked for now: memory may have gone since.
Result graphLaunch(GraphExec executable, Stream stream) {
  auto lock = locked();
  EmulatedStream &queue = streamOf(stream);
  auto found = state().executables.find(std::bit_cast<uint64_t>(executable));
  if (found == state().executables.end())
    return invalidHandle;
  if (queue.capture)
    return refuse(queue, captureUnsupported); // graphs in graphs are not emulated
  if (found->second->device != queue.device)
    return Result::InvalidValue;
  for (const Request &request : found->second->requests)
    if (Result result = request(queue); result != Result::Success)
      return result;
  return Result::Success;
}

/// What has been launched goes on: the stream has its own copies.
Result graphExecDestroy(GraphExec executable) {
  auto lock = locked();
  return forget(state().executables, std::bit_cast<uint64_t>(executable));
}

Result graphDestroy(Graph graph) {
  auto lock = locked();
  return forget(state().graphs, std::bit_cast<uint64_t>(graph));
}

} // namespace nnrt::emulator
