// The texts that stand beside the tensors in a checkpoint, and their checked reading.
#include "runtime/checkpoint/Metadata.h"

#include "runtime/support/Errors.h"
#include "runtime/support/Text.h"

#include <charconv>
#include <cmath>
#include <optional>

namespace nnrt {

std::string exactText(double value) {
  char buffer[64];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

std::string exactText(const std::vector<double> &values) {
  std::string text;
  for (double value : values)
    text += cat(text.empty() ? "" : " ", exactText(value));
  return text;
}

template <typename T> static std::optional<T> parse(std::string_view text) {
  T result = {};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return result;
}

void MetadataReader::fail(const std::string &key) const {
  throw errors::badMetadata(file, key, text(key));
}

const std::string &MetadataReader::text(const std::string &key) const {
  auto found = metadata.find(key);
  if (found == metadata.end())
    throw errors::notResumable(file, cat("'", key, "' in its metadata"));
  return found->second;
}

uint64_t MetadataReader::number(const std::string &key, uint64_t most) const {
  std::optional<uint64_t> value = parse<uint64_t>(text(key));
  if (!value || *value > most)
    fail(key);
  return *value;
}

double MetadataReader::real(const std::string &key) const {
  std::optional<double> value = parse<double>(text(key));
  if (!value)
    fail(key);
  return *value;
}

std::vector<double> MetadataReader::finite(const std::string &key, size_t count) const {
  std::vector<double> values;
  std::string_view rest = text(key);
  while (!rest.empty()) {
    std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    std::optional<double> value = parse<double>(word);
    if (!value || !std::isfinite(*value))
      fail(key);
    values.push_back(*value);
  }
  if (values.size() != count)
    fail(key);
  return values;
}

bool MetadataReader::truth(const std::string &key) const {
  const std::string &value = text(key);
  if (value != "true" && value != "false")
    fail(key);
  return value == "true";
}

} // namespace nnrt
