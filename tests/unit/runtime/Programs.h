// What the tests of whole commands share: the toy model's program with a small data set.
#pragma once

#include "tests/unit/runtime/Support.h"
#include "tests/unit/runtime/ToyModel.h"

#include <algorithm>
#include <cstring>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>

namespace nnrt::test {

/// What tests look at in files of safetensors, and change there.
struct ProgramFiles {
  static nlohmann::json headerOf(const std::string &bytes) {
    uint64_t length = 0;
    memcpy(&length, bytes.data(), 8);
    return nlohmann::json::parse(bytes.substr(8, length));
  }
  /// The bytes of a tensor.
  static std::string tensorOf(const std::string &path, const std::string &name) {
    std::string bytes = readFile(path);
    uint64_t length = 0;
    memcpy(&length, bytes.data(), 8);
    nlohmann::json offsets = headerOf(bytes)[name]["data_offsets"];
    return bytes.substr(8 + length + offsets[0].get<size_t>(),
                        offsets[1].get<size_t>() - offsets[0].get<size_t>());
  }
  /// Rewrites the header, and the data if given, of a safetensors file.
  static void changeHeader(const std::string &path,
                           const std::function<void(nlohmann::json &)> &change) {
    std::string bytes = readFile(path);
    uint64_t length = 0;
    memcpy(&length, bytes.data(), 8);
    nlohmann::json header = headerOf(bytes);
    change(header);
    std::string text = header.dump();
    writeFile(path, le(text.size(), 8) + text + bytes.substr(8 + length));
  }
  /// Makes all numbers of a tensor NaN.
  static void poison(const std::string &path, const std::string &name) {
    std::string bytes = readFile(path);
    uint64_t length = 0;
    memcpy(&length, bytes.data(), 8);
    nlohmann::json offsets = headerOf(bytes)[name]["data_offsets"];
    for (size_t i = offsets[0]; i < offsets[1].get<size_t>(); ++i)
      bytes[8 + length + i] = char(0xff);
    writeFile(path, bytes);
  }
};

class ProgramTest : public ::testing::Test, protected ProgramFiles {
protected:
  TempFolder folder;
  std::string data = folder / "data";

  void SetUp() override { writeDigits(data, 203, 61); }

  std::vector<std::string> trainWords(std::vector<std::string> more) const {
    std::vector<std::string> words = {"train"};
    if (std::find(more.begin(), more.end(), "--data") == more.end())
      words.insert(words.end(), {"--data", data});
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Result train(std::vector<std::string> more) const { return run(toy::model, trainWords(more)); }

  /// The events of one kind in a log.
  std::vector<nlohmann::json> events(const char *log, const char *kind) const {
    std::vector<nlohmann::json> found;
    std::istringstream lines(readFile(folder / log));
    for (std::string line; std::getline(lines, line);)
      if (nlohmann::json event = nlohmann::json::parse(line); event["event"] == kind)
        found.push_back(event);
    return found;
  }
};

} // namespace nnrt::test
