// The texts that stand beside the tensors in a checkpoint, and their checked reading.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace nnrt {

/// What an object leaves in a checkpoint: key and value.
using Metadata = std::map<std::string, std::string>;

/// The shortest decimal that reads back to the same bits; NaN and infinities, too.
std::string exactText(double value);
std::string exactText(const std::vector<double> &values);

/// Reads values that must be there and valid; throws Error, naming file and key, where they are
/// not.
class MetadataReader {
public:
  MetadataReader(const std::string &file, const Metadata &metadata)
      : file(file), metadata(metadata) {}

  bool has(const std::string &key) const { return metadata.contains(key); }
  const std::string &text(const std::string &key) const;
  uint64_t number(const std::string &key, uint64_t most = UINT64_MAX) const;
  double real(const std::string &key) const;
  /// So many finite numbers, separated by blanks.
  std::vector<double> finite(const std::string &key, size_t count) const;
  bool truth(const std::string &key) const;
  [[noreturn]] void fail(const std::string &key) const;

private:
  const std::string &file;
  const Metadata &metadata;
};

} // namespace nnrt
