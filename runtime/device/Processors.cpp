// How many processors this process may use.
#include "runtime/device/Processors.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sched.h>
#include <string_view>
#include <thread>
#include <vector>

namespace nnrt {

/// The lines of a file; none where it can't be read. Files of /proc have no size to ask for.
static std::vector<std::string> linesOf(const std::string &path) {
  std::vector<std::string> lines;
  std::unique_ptr<FILE, int (*)(FILE *)> file(fopen(path.c_str(), "re"), fclose);
  if (!file)
    return lines;
  char *line = nullptr;
  size_t capacity = 0;
  for (ssize_t length; (length = getline(&line, &capacity, file.get())) >= 0;) {
    while (length > 0 && line[length - 1] == '\n')
      --length;
    lines.emplace_back(line, size_t(length));
  }
  free(line); // NOLINT(cppcoreguidelines-no-malloc): it is getline's
  return lines;
}

static std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t begin = 0;;) {
    size_t end = text.find(separator, begin);
    parts.push_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos)
      return parts;
    begin = end + 1;
  }
}
/// Not of a temporary, in which the parts would lie.
static std::vector<std::string_view> split(std::string &&text, char separator) = delete;

/// A path as the kernel writes it in mountinfo: \040 for a space, and so on.
static std::string unescaped(std::string_view text) {
  auto octal = [&](size_t at) { return text[at] >= '0' && text[at] <= '7'; };
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    bool isCode =
        text[i] == '\\' && i + 3 < text.size() && octal(i + 1) && octal(i + 2) && octal(i + 3);
    if (isCode) {
      out += char((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

namespace {
/// A hierarchy of control groups that may limit processors.
struct Hierarchy {
  std::string mount; ///< the folder where it is seen
  std::string top;   ///< the group that this folder is
  bool isUnified;    ///< version 2
};
} // namespace

/// The hierarchies that are mounted, from lines like
///   31 23 0:28 /docker/1f /sys/fs/cgroup/cpu rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct
static std::vector<Hierarchy> mountedHierarchies(const std::string &root) {
  std::vector<Hierarchy> found;
  for (const std::string &line : linesOf(root + "/proc/self/mountinfo")) {
    std::vector<std::string_view> words = split(line, ' ');
    auto dash = std::find(words.begin(), words.end(), "-");
    if (words.size() < 5 || words.end() - dash < 4)
      continue;
    std::string_view kind = dash[1];
    std::vector<std::string_view> options = split(dash[3], ',');
    bool isUnified = kind == "cgroup2";
    bool isCpu =
        kind == "cgroup" && std::find(options.begin(), options.end(), "cpu") != options.end();
    if (isUnified || isCpu)
      found.push_back({unescaped(words[4]), unescaped(words[3]), isUnified});
  }
  return found;
}

/// This process's group in version 2 ("0::/user.slice") or in that of the CPU controller in version
/// 1 ("4:cpu,cpuacct:/user.slice"); empty where it is in none.
static std::string ownGroup(const std::string &root, bool isUnified) {
  for (const std::string &line : linesOf(root + "/proc/self/cgroup")) {
    std::string_view text = line;
    size_t first = text.find(':');
    size_t second = first == std::string_view::npos ? first : text.find(':', first + 1);
    if (second == std::string_view::npos)
      continue;
    std::string_view controllers = text.substr(first + 1, second - first - 1);
    std::vector<std::string_view> names = split(controllers, ',');
    if (isUnified ? controllers.empty()
                  : std::find(names.begin(), names.end(), "cpu") != names.end())
      return std::string(text.substr(second + 1));
  }
  return "";
}

static std::optional<double> number(std::string_view text) {
  std::string copy(text);
  char *end = nullptr;
  double value = strtod(copy.c_str(), &end);
  if (copy.empty() || *end)
    return std::nullopt;
  return value;
}

/// The quota that the group in `folder` sets itself; empty for "max", -1 and no file.
static std::optional<double> quotaOf(const std::string &folder, bool isUnified) {
  std::optional<double> quota, period;
  if (isUnified) {
    std::vector<std::string> lines = linesOf(folder + "/cpu.max");
    if (lines.empty())
      return std::nullopt;
    std::vector<std::string_view> words = split(lines.front(), ' ');
    quota = number(words[0]);
    period = words.size() > 1 ? number(words[1]) : 100000;
  } else {
    auto read = [&](const char *name) -> std::optional<double> {
      std::vector<std::string> lines = linesOf(folder + name);
      return lines.empty() ? std::nullopt : number(lines.front());
    };
    quota = read("/cpu.cfs_quota_us");
    period = read("/cpu.cfs_period_us");
  }
  if (!quota || !period || !(*quota > 0) || !(*period > 0))
    return std::nullopt;
  return *quota / *period;
}

std::optional<double> cpuQuota(const std::string &root) {
  std::optional<double> least;
  for (const Hierarchy &hierarchy : mountedHierarchies(root)) {
    std::string group = ownGroup(root, hierarchy.isUnified);
    // What is below the mount. In a container whose mount begins at another group than its own name
    // says, all that can be seen is the mount itself.
    std::string top = hierarchy.top == "/" ? "" : hierarchy.top;
    std::string below;
    if (group.starts_with(top + "/") && group.find("/..") == std::string::npos)
      below = group.substr(top.size());
    for (;;) {
      while (below.ends_with('/'))
        below.pop_back();
      std::string folder = root;
      folder.append(hierarchy.mount).append(below);
      if (std::optional<double> quota = quotaOf(folder, hierarchy.isUnified))
        least = least ? std::min(*least, *quota) : *quota;
      if (below.empty())
        break;
      below.resize(below.rfind('/'));
    }
  }
  return least;
}

unsigned withinQuota(unsigned processors, std::optional<double> quota) {
  double allowed = quota ? std::ceil(*quota) : double(processors);
  return unsigned(std::max(1.0, std::min(double(processors), allowed)));
}

/// The processors of the affinity mask.
static unsigned processorsOfMask() {
  // A mask that is smaller than the kernel's is refused: a machine may have more than 1024.
  for (int size = CPU_SETSIZE; size <= CPU_SETSIZE * 64; size *= 2) {
    std::unique_ptr<cpu_set_t, void (*)(cpu_set_t *)> set(CPU_ALLOC(size),
                                                          [](cpu_set_t *it) { CPU_FREE(it); });
    size_t bytes = CPU_ALLOC_SIZE(size);
    if (!set)
      break;
    if (sched_getaffinity(0, bytes, set.get()) == 0)
      return unsigned(std::max(1, CPU_COUNT_S(bytes, set.get())));
    if (errno != EINVAL)
      break;
  }
  return std::max(1u, std::thread::hardware_concurrency());
}

unsigned availableProcessors() { return withinQuota(processorsOfMask(), cpuQuota()); }

} // namespace nnrt
