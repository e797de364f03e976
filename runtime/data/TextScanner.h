// Cuts a text into its units: bytes, characters of UTF-8, or words.
//
// The one place that says what a unit is: programs read whole texts with it, the compiler counts
// how many different units there are. It throws nothing, since the compiler is built without
// exceptions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace nnrt {

enum class TextUnit {
  Byte,      ///< any file; there are 256, each its own number
  Character, ///< a code point of UTF-8
  Word       ///< what stands between blanks
};

/// "byte", "character", "word"; nothing for any other name.
std::optional<TextUnit> textUnitNamed(std::string_view name);
std::string_view nameOf(TextUnit unit);
/// Whether words are parted by it: a space, a tab, or what ends or parts lines and pages.
bool isBlank(char c);

/// Goes through the units of a text. A byte order mark at its beginning is none of them, but where
/// units are bytes.
class TextScanner {
public:
  TextScanner(std::string_view text, TextUnit unit);

  /// Goes on to the next unit; false at the end, and where the text is not UTF-8, which bytes need
  /// not be.
  bool next();
  std::string_view unit() const { return text.substr(first, at - first); }
  size_t place() const { return first; } ///< of the unit, in bytes
  /// Why the units end before the text does: it is not UTF-8 at place(); else null.
  const char *fault() const { return found; }
  /// The unit's code point, or byte; of characters and bytes.
  uint32_t code() const { return value; }

private:
  bool nextCharacter();

  std::string_view text;
  TextUnit kind;
  size_t first = 0, at = 0;
  uint32_t value = 0;
  const char *found = nullptr;
};

/// The different units of a text, numbered in the order in which they first come.
class UnitNumbers {
public:
  explicit UnitNumbers(TextUnit unit);

  /// The number of the scanner's unit, a new one where it has none.
  uint32_t of(const TextScanner &scanner);
  size_t size() const { return units.size(); }
  /// Each unit, by number; they lie in the text that was scanned.
  const std::vector<std::string_view> &all() const { return units; }

private:
  TextUnit kind;
  std::vector<uint32_t> ofCode; ///< one more than the number; 0: none yet
  std::unordered_map<std::string_view, uint32_t> ofWord;
  std::vector<std::string_view> units;
};

/// A place in a text as people count it, from 1; columns are bytes.
struct TextPlace {
  uint64_t line = 1, column = 1;
};
TextPlace textPlace(std::string_view text, size_t offset);

} // namespace nnrt
