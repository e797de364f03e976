// What the runtime's tests share: folders, files, small data sets, and programs run in a child
// process.
#pragma once

#include "runtime/data/Dataset.h"
#include "runtime/support/Error.h"

#include "nnrt/abi.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace nnrt::test {

/// A folder that is removed at the end.
class TempFolder {
public:
  TempFolder();
  ~TempFolder();
  std::string operator/(std::string_view name) const;
  const std::string &path() const { return folder; }
  /// The names of all files in it.
  std::vector<std::string> files() const;

private:
  std::string folder;
};

void writeFile(const std::string &path, std::string_view content);
std::string readFile(const std::string &path);
std::string gzip(std::string_view content);
std::string gunzip(std::string_view content);

/// Big-endian.
std::string be32(uint32_t value);
/// A little-endian number of `bytes` bytes.
std::string le(uint64_t value, int bytes);

/// Files of the toy model's data set: `train` and `test` examples whose pixels show their label,
/// with noise.
void writeDigits(const std::string &folder, int train, int test);

/// A part of a table with rows of three bytes, and of one, that hold the row's number; `rows` are
/// those of it, all where it is empty.
Part numberedRows(uint64_t examples, std::vector<uint32_t> rows = {});

/// Rewrites one compressed file: its content goes through `change`.
void rewrite(const std::string &path, const std::function<void(std::string &)> &change);

struct Result {
  int status = -1; ///< exit status, or minus the signal
  std::string out, err;
};

/// A program in a child process.
class Child {
public:
  Child(const nnrt_model &model, const std::vector<std::string> &words);
  pid_t pid() const { return process; }
  Result wait();

private:
  TempFolder folder;
  pid_t process;
};

Result run(const nnrt_model &model, const std::vector<std::string> &words);

/// What `action` throws; empty where nothing.
std::string errorOf(const std::function<void()> &action);

/// Whether `text` holds `part`, for EXPECT_TRUE with a readable failure.
#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << "in: " << (text)

} // namespace nnrt::test
