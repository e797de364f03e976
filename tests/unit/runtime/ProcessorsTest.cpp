// How many processors a process may use: its affinity mask, and quotas of control groups from laid
// out files.
#include "runtime/device/Processors.h"
#include "tests/unit/runtime/Programs.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <sched.h>

using namespace nnrt;
using namespace nnrt::test;

namespace {

class ProcessorsTest : public testing::Test {
protected:
  TempFolder folder;

  void lay(const std::string &path, std::string_view content) {
    std::string whole = folder.path() + path;
    std::filesystem::create_directories(std::filesystem::path(whole).parent_path());
    writeFile(whole, content);
  }
  std::optional<double> quota() const { return cpuQuota(folder.path()); }
};

/// Lets this thread, and what it starts, run on one processor alone.
class OneProcessor {
public:
  OneProcessor() {
    sched_getaffinity(0, sizeof before, &before);
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int i = 0; i < CPU_SETSIZE && !CPU_COUNT(&one); ++i)
      if (CPU_ISSET(i, &before))
        CPU_SET(i, &one);
    sched_setaffinity(0, sizeof one, &one);
  }
  ~OneProcessor() { sched_setaffinity(0, sizeof before, &before); }
  unsigned allowedBefore() const { return unsigned(CPU_COUNT(&before)); }

private:
  cpu_set_t before;
};

constexpr std::string_view unified =
    "22 1 0:20 / /proc rw shared:5 - proc proc rw\n"
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

} // namespace

TEST_F(ProcessorsTest, NoFilesMeanNoQuota) { EXPECT_EQ(quota(), std::nullopt); }

TEST_F(ProcessorsTest, VersionTwoIsReadFromTheOwnGroup) {
  lay("/proc/self/mountinfo", unified);
  lay("/proc/self/cgroup", "0::/user.slice/job\n");
  EXPECT_EQ(quota(), std::nullopt);
  lay("/sys/fs/cgroup/user.slice/job/cpu.max", "max 100000\n");
  EXPECT_EQ(quota(), std::nullopt);
  lay("/sys/fs/cgroup/user.slice/job/cpu.max", "250000 100000\n");
  EXPECT_EQ(quota(), 2.5);
  lay("/sys/fs/cgroup/user.slice/job/cpu.max", "50000\n");
  EXPECT_EQ(quota(), 0.5) << "the period is 100 ms where none is written";
  lay("/sys/fs/cgroup/another/cpu.max", "10000 100000\n");
  EXPECT_EQ(quota(), 0.5);
}

TEST_F(ProcessorsTest, AGroupAboveLimitsAsWell) {
  lay("/proc/self/mountinfo", unified);
  lay("/proc/self/cgroup", "0::/a/b/c\n");
  lay("/sys/fs/cgroup/a/cpu.max", "150000 50000\n");
  EXPECT_EQ(quota(), 3);
  lay("/sys/fs/cgroup/a/b/c/cpu.max", "800000 100000\n");
  EXPECT_EQ(quota(), 3);
  lay("/sys/fs/cgroup/cpu.max", "20000 10000\n");
  EXPECT_EQ(quota(), 2) << "as a container sees its own group";
  lay("/sys/fs/cgroup/a/b/cpu.max", "100000 100000\n");
  EXPECT_EQ(quota(), 1);
}

TEST_F(ProcessorsTest, VersionOneIsReadFromTheCpuControllersGroup) {
  lay("/proc/self/mountinfo",
      "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
      "32 31 0:29 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
      "33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw master:3 propagate_from:2 - cgroup cgroup "
      "rw,cpu,cpuacct\n");
  lay("/proc/self/cgroup", "5:cpuset:/other\n4:cpu,cpuacct:/job/step\n");
  lay("/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "-1\n");
  lay("/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
  lay("/sys/fs/cgroup/cpu,cpuacct/other/cpu.cfs_quota_us", "100000\n");
  lay("/sys/fs/cgroup/cpu,cpuacct/other/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(quota(), std::nullopt);
  lay("/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "400000\n");
  EXPECT_EQ(quota(), 4);
  lay("/sys/fs/cgroup/cpu,cpuacct/job/step/cpu.cfs_quota_us", "150000\n");
  lay("/sys/fs/cgroup/cpu,cpuacct/job/step/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(quota(), 1.5);
}

TEST_F(ProcessorsTest, BothVersionsSideBySideBothLimit) {
  lay("/proc/self/mountinfo",
      std::string(unified) + "33 31 0:30 / /v1/cpu rw - cgroup cgroup rw,cpu\n");
  lay("/proc/self/cgroup", "1:cpu:/job\n0::/\n");
  lay("/v1/cpu/job/cpu.cfs_quota_us", "300000\n");
  lay("/v1/cpu/job/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(quota(), 3);
  lay("/sys/fs/cgroup/cpu.max", "200000 100000\n");
  EXPECT_EQ(quota(), 2);
}

/// A container that has its own view of files but not of groups: the mount is its group, and the
/// group's name is the machine's.
TEST_F(ProcessorsTest, AMountThatIsAGroupItself) {
  lay("/proc/self/mountinfo",
      "33 31 0:30 /docker/1f /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n");
  lay("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "200000\n");
  lay("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  lay("/sys/fs/cgroup/cpu/inner/cpu.cfs_quota_us", "100000\n");
  lay("/sys/fs/cgroup/cpu/inner/cpu.cfs_period_us", "100000\n");
  for (const char *group :
       {"/docker/1f", "/docker/1f/", "/docker/1ff", "/elsewhere", "/../x", ""}) {
    lay("/proc/self/cgroup", std::string("1:cpu:") + group + "\n");
    EXPECT_EQ(quota(), 2) << group;
  }
  lay("/proc/self/cgroup", "1:cpu:/docker/1f/inner\n");
  EXPECT_EQ(quota(), 1);
}

TEST_F(ProcessorsTest, NamesMayHoldSpacesAndColons) {
  lay("/proc/self/mountinfo", "30 23 0:26 / /my\\040groups\\134 rw - cgroup2 cgroup2 rw\n");
  lay("/proc/self/cgroup", "0::/a b:c\n");
  lay("/my groups\\/a b:c/cpu.max", "100000 100000\n");
  EXPECT_EQ(quota(), 1);
}

TEST_F(ProcessorsTest, WhatCannotBeReadLimitsNothing) {
  lay("/proc/self/mountinfo",
      std::string("\nshort\n1 2 3 - \n30 23 0:26 / - cgroup2 x\n- - -\n") + std::string(unified));
  lay("/proc/self/cgroup", "\n:\n0:\n0::/g\n");
  for (const char *text : {"", "\n", "x y\n", "100000 0\n", "0 100000\n", "-1 100000\n", "1 x\n",
                           "100000x 100000\n", "nan 100000\n"}) {
    lay("/sys/fs/cgroup/g/cpu.max", text);
    EXPECT_EQ(quota(), std::nullopt) << text;
  }
}

TEST_F(ProcessorsTest, APartOfAProcessorCountsAsOne) {
  EXPECT_EQ(withinQuota(8, std::nullopt), 8u);
  EXPECT_EQ(withinQuota(8, 2.0), 2u);
  EXPECT_EQ(withinQuota(8, 1.5), 2u);
  EXPECT_EQ(withinQuota(8, 0.1), 1u);
  EXPECT_EQ(withinQuota(2, 64.0), 2u);
  EXPECT_EQ(withinQuota(2, 1e30), 2u);
}

TEST_F(ProcessorsTest, TheAffinityMaskLimits) {
  unsigned before = availableProcessors();
  OneProcessor one;
  EXPECT_EQ(before, withinQuota(one.allowedBefore(), cpuQuota()));
  EXPECT_EQ(availableProcessors(), 1u);
}

TEST_F(ProcessorsTest, AProgramTakesAsManyThreadsAsItMay) {
  writeDigits(folder.path(), 16, 8);
  auto threads = [&](std::vector<std::string> more) {
    std::vector<std::string> words = {"train", "--data", folder.path(), "--epochs",
                                      "1",     "--log",  folder / "log"};
    words.insert(words.end(), more.begin(), more.end());
    std::filesystem::remove(folder / "log");
    Result result = run(toy::model, words);
    EXPECT_EQ(result.status, 0) << result.err;
    return nlohmann::json::parse(
               readFile(folder / "log").substr(0, readFile(folder / "log").find('\n')))
        .at("threads")
        .get<unsigned>();
  };
  EXPECT_EQ(threads({}), availableProcessors());
  OneProcessor one;
  EXPECT_EQ(threads({}), 1u);
  EXPECT_EQ(threads({"--threads", "3"}), 3u) << "what is asked for is given";
}
