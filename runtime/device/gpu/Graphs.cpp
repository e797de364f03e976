// Graphs of a driver: several passes over a list of launches, given to the device at once.
#include "runtime/device/gpu/Graphs.h"

#include <algorithm>
#include <utility>

namespace nnrt::gpu {

GraphExec Graphs::find(const LaunchList &list) {
  auto found = std::ranges::find(entries, list, &Entry::list);
  if (found == entries.end())
    return nullptr;
  entries.splice(entries.begin(), entries, found);
  return found->graph;
}

void Graphs::add(LaunchList list, GraphExec graph) {
  entries.push_front({std::move(list), graph});
  if (entries.size() > most) {
    driver.graphExecDestroy(entries.back().graph);
    entries.pop_back();
  }
}

void Graphs::clear() {
  for (const Entry &entry : entries)
    driver.graphExecDestroy(entry.graph);
  entries.clear();
}

} // namespace nnrt::gpu
