// Whether this processor has what a model was compiled for.
#include "runtime/device/CpuFeatures.h"

#include <cstdint>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace nnrt {

#if defined(__x86_64__)

/// The x86-64 micro-architecture level (psABI) that code for a target may use; 1 where unknown.
static int levelOf(std::string_view target) {
  struct Family {
    std::string_view prefix;
    int level;
  };
  // The first prefix that fits counts.
  static constexpr Family families[] = {
      {"x86-64-v4", 4},     {"x86-64-v3", 3},     {"x86-64-v2", 2},  {"skylake-avx512", 4},
      {"skx", 4},           {"cascadelake", 4},   {"cooperlake", 4}, {"cannonlake", 4},
      {"icelake", 4},       {"rocketlake", 4},    {"tigerlake", 4},  {"sapphirerapids", 4},
      {"emeraldrapids", 4}, {"graniterapids", 4}, {"znver4", 4},     {"znver5", 4},
      {"haswell", 3},       {"broadwell", 3},     {"skylake", 3},    {"alderlake", 3},
      {"raptorlake", 3},    {"meteorlake", 3},    {"arrowlake", 3},  {"lunarlake", 3},
      {"znver", 3},         {"nehalem", 2},       {"westmere", 2},   {"sandybridge", 2},
      {"ivybridge", 2},
  };
  for (const Family &family : families)
    if (target.substr(0, family.prefix.size()) == family.prefix)
      return family.level;
  return 1;
}

namespace {
struct CpuId {
  uint32_t leaf1c = 0, leaf7b = 0, xcr0 = 0;
  CpuId() {
    uint32_t a, b, c, d;
    if (__get_cpuid(1, &a, &b, &c, &d))
      leaf1c = c;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d))
      leaf7b = b;
    if (leaf1c & bit_OSXSAVE)
      asm volatile("xgetbv" : "=a"(xcr0), "=d"(d) : "c"(0));
  }
};
struct Feature {
  int level;
  const char *name;
  bool present;
};
} // namespace

std::string missingCpuFeatures(std::string_view target) {
  int level = levelOf(target);
  CpuId id;
  // The system must save the wide registers, too.
  bool ymm = (id.xcr0 & 0x06) == 0x06, zmm = (id.xcr0 & 0xe6) == 0xe6;
  const Feature features[] = {
      {2, "SSE4.2", (id.leaf1c & bit_SSE4_2) != 0},
      {2, "POPCNT", (id.leaf1c & bit_POPCNT) != 0},
      {3, "AVX2", ymm && (id.leaf7b & bit_AVX2)},
      {3, "FMA", ymm && (id.leaf1c & bit_FMA)},
      {3, "F16C", ymm && (id.leaf1c & bit_F16C)},
      {3, "BMI2", (id.leaf7b & bit_BMI2) != 0},
      {4, "AVX-512",
       zmm && (id.leaf7b & bit_AVX512F) && (id.leaf7b & bit_AVX512BW) &&
           (id.leaf7b & bit_AVX512DQ) && (id.leaf7b & bit_AVX512VL)},
  };
  std::string missing;
  for (const Feature &feature : features)
    if (feature.level <= level && !feature.present)
      missing += (missing.empty() ? "" : ", ") + std::string(feature.name);
  return missing;
}

#else

std::string missingCpuFeatures(std::string_view) { return {}; }

#endif

} // namespace nnrt
