// The units of the text that a model was trained on, and their numbers.
#pragma once

#include "runtime/data/TextScanner.h"
#include "runtime/model/Recipe.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nnrt {

class Vocabulary {
public:
  /// `names`, sorted, are the units by number, as the weights hold them; of bytes there are none.
  Vocabulary(TextUnit unit, std::vector<std::string> names) : kind(unit), names(std::move(names)) {}

  TextUnit unit() const { return kind; }
  size_t size() const { return kind == TextUnit::Byte ? 256 : names.size(); }
  /// The numbers of a text's units. Throws Error (usage): not UTF-8, or a unit that there is not.
  std::vector<int32_t> encode(std::string_view text) const;
  /// What one more unit adds to a text that ends with `before`: a word is parted from it by a
  /// blank.
  std::string decode(int32_t number, std::string_view before) const;

private:
  TextUnit kind;
  std::vector<std::string> names;
};

} // namespace nnrt
