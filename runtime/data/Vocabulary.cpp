// The units of the text that a model was trained on, and their numbers.
#include "runtime/data/Vocabulary.h"

#include "runtime/support/Errors.h"
#include "runtime/support/Text.h"

#include <algorithm>

namespace nnrt {

std::vector<int32_t> Vocabulary::encode(std::string_view text) const {
  std::vector<int32_t> numbers;
  TextScanner scanner(text, kind);
  while (scanner.next()) {
    if (kind == TextUnit::Byte) {
      numbers.push_back(int32_t(scanner.code()));
      continue;
    }
    auto found = std::lower_bound(names.begin(), names.end(), scanner.unit());
    if (found == names.end() || *found != scanner.unit())
      throw errors::usage(cat("the prompt has the ", nameOf(kind), " '", printable(scanner.unit()),
                              "', which the text that the model was trained on has not"));
    numbers.push_back(int32_t(found - names.begin()));
  }
  if (scanner.fault())
    throw errors::usage(cat("the prompt is not UTF-8 at byte ", scanner.place()));
  return numbers;
}

std::string Vocabulary::decode(int32_t number, std::string_view before) const {
  if (kind == TextUnit::Byte)
    return std::string(1, char(number));
  const std::string &name = names[size_t(number)];
  const bool isParted = kind != TextUnit::Word || before.empty() || isBlank(before.back());
  return isParted ? name : cat(" ", name);
}

} // namespace nnrt
