// How much memory this process may still take.
#include "runtime/support/MemoryLimit.h"

#include "runtime/support/Text.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>
#include <sys/resource.h>

namespace nnrt {

/// What the system says in a file of its own, which has no size; empty where there is none.
static std::string systemText(const std::string &path) {
  std::string text;
  FILE *file = fopen(path.c_str(), "re");
  if (!file)
    return text;
  char piece[4096];
  while (size_t got = fread(piece, 1, sizeof piece, file))
    text.append(piece, got);
  fclose(file);
  return text;
}

/// The number behind `key`, at the start of a line; 0 where there is none.
static uint64_t numberOf(std::string_view text, std::string_view key) {
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with(key))
      continue;
    line.remove_prefix(std::min(line.find_first_not_of(" \t", key.size()), line.size()));
    uint64_t value = 0;
    std::from_chars(line.data(), line.data() + line.size(), value);
    return value;
  }
  return 0;
}

static uint64_t less(uint64_t most, uint64_t held) { return most - std::min(most, held); }

/// Of a control group and those that it lies in: each has a limit, or "max".
static uint64_t leftInGroups(const std::string &root, std::string group, const char *limit,
                             const char *held) {
  uint64_t left = UINT64_MAX;
  while (true) {
    const std::string folder = root + group;
    const std::string most = systemText(cat(folder, "/", limit));
    if (uint64_t bytes = numberOf(most, ""))
      left = std::min(left, less(bytes, numberOf(systemText(folder + "/memory.stat"), held)));
    const size_t slash = group.find_last_of('/');
    if (slash == std::string::npos || group.empty())
      return left;
    group.resize(slash);
  }
}

static uint64_t leftInGroups() {
  const std::string groups = systemText("/proc/self/cgroup");
  uint64_t left = UINT64_MAX;
  for (size_t at = 0; at < groups.size();) {
    const size_t end = std::min(groups.find('\n', at), groups.size());
    const std::string line = groups.substr(at, end - at);
    at = end + 1;
    // "0::/a/b" of the second version, "7:memory:/a/b" of the first.
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos)
      continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string group = line.substr(second + 1);
    if (controllers.empty())
      left = std::min(left, leftInGroups("/sys/fs/cgroup", group, "memory.max", "anon "));
    else if (controllers == "memory")
      left = std::min(left, leftInGroups("/sys/fs/cgroup/memory", group, "memory.limit_in_bytes",
                                         "total_rss "));
  }
  return left;
}

static uint64_t leftOfLimit(decltype(RLIMIT_AS) which, uint64_t held) {
  struct rlimit limit = {};
  if (getrlimit(which, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return UINT64_MAX;
  return less(limit.rlim_cur, held);
}

uint64_t availableMemory() {
  constexpr uint64_t kibibyte = 1024;
  uint64_t left = UINT64_MAX;
  if (uint64_t system = numberOf(systemText("/proc/meminfo"), "MemAvailable:"))
    left = system * kibibyte;
  const std::string status = systemText("/proc/self/status");
  left = std::min(left, leftOfLimit(RLIMIT_AS, numberOf(status, "VmSize:") * kibibyte));
  left = std::min(left, leftOfLimit(RLIMIT_DATA, numberOf(status, "VmData:") * kibibyte));
  return std::min(left, leftInGroups());
}

} // namespace nnrt
