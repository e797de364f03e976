// How many processors this process may use.
#pragma once

#include <optional>
#include <string>

namespace nnrt {

/// The processors that this process may run on, and no more than its CPU quota pays for: how many
/// threads work at once, not how many processors the machine has.
unsigned availableProcessors();

/// The smallest CPU quota, in processors, that a control group sets: this process's own or one
/// above it, as far as it sees them; empty where none does. Reads cpu.max of version 2, and
/// cpu.cfs_quota_us and cpu.cfs_period_us of version 1. All paths begin with `root`, so that tests
/// can lay out a system of their own; what cannot be read sets no limit.
std::optional<double> cpuQuota(const std::string &root = "");

/// `processors`, or fewer where `quota` is less: a part of a processor counts as one, since a
/// thread that stops now and then does more than none. At least 1.
unsigned withinQuota(unsigned processors, std::optional<double> quota);

} // namespace nnrt
