// Graphs of a driver: several passes over a list of launches, given to the device at once.
#pragma once

#include "runtime/device/gpu/Driver.h"
#include "runtime/device/gpu/LaunchList.h"

#include <cstdint>
#include <list>

namespace nnrt::gpu {

/// How many passes a graph makes over a list of that many launches and copies: at least one, a
/// power of two. More launches than this in a graph make it no faster, and dearer to make.
constexpr int64_t passesOfGraph(size_t numParts) {
  constexpr size_t most = 64;
  int64_t passes = 1;
  while (size_t(2 * passes) * numParts <= most)
    passes *= 2;
  return passes;
}

/// The graphs that were used last.
class Graphs {
public:
  explicit Graphs(const Driver &driver) : driver(driver) {}
  ~Graphs() { clear(); }
  Graphs(const Graphs &) = delete;
  Graphs &operator=(const Graphs &) = delete;

  /// Null: there is none for the list.
  GraphExec find(const LaunchList &list);
  /// Where there are too many, that goes which wasn't used for the longest. It is destroyed once
  /// nothing is launched of it any more.
  void add(LaunchList list, GraphExec graph);
  void clear();

private:
  /// A run of a program has one or two lists at a time: a batch that is smaller, a table that is
  /// another one, and buffers that lie elsewhere make new ones.
  static constexpr size_t most = 8;
  struct Entry {
    LaunchList list;
    GraphExec graph;
  };
  const Driver &driver;
  std::list<Entry> entries; ///< what was used last first
};

/// Has the stream capture `passes` passes, of which each is what `pass()` asks of it; false where
/// something of that failed. Null: the driver refuses.
template <typename Pass>
GraphExec captureGraph(const Driver &driver, Stream stream, int64_t passes, Pass pass) {
  // Other threads of the program may obtain memory meanwhile.
  if (driver.streamBeginCapture(stream, CaptureMode::ThreadLocal) != Result::Success)
    return nullptr;
  Graph graph = nullptr;
  bool isWhole = true;
  {
    // It must end, whatever has happened.
    struct End {
      const Driver &driver;
      Stream stream;
      Graph &graph;
      ~End() {
        if (driver.streamEndCapture(stream, &graph) != Result::Success)
          graph = nullptr;
      }
    } end = {driver, stream, graph};
    for (int64_t i = 0; i < passes && isWhole; ++i)
      isWhole = pass();
  }
  if (!graph)
    return nullptr;
  GraphExec executable = nullptr;
  if (isWhole && driver.graphInstantiateWithFlags(&executable, graph, 0) != Result::Success)
    executable = nullptr;
  driver.graphDestroy(graph);
  return executable;
}

} // namespace nnrt::gpu
