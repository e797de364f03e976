// Cuts a text into its units: bytes, characters of UTF-8, or words.
#include "runtime/data/TextScanner.h"

#include <algorithm>

namespace nnrt {

static constexpr std::string_view unitNames[] = {"byte", "character", "word"};
static constexpr uint32_t codePoints = 0x110000;

std::optional<TextUnit> textUnitNamed(std::string_view name) {
  for (size_t i = 0; i < std::size(unitNames); ++i)
    if (name == unitNames[i])
      return TextUnit(i);
  return std::nullopt;
}

std::string_view nameOf(TextUnit unit) { return unitNames[size_t(unit)]; }

bool isBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

TextScanner::TextScanner(std::string_view text, TextUnit unit) : text(text), kind(unit) {
  if (unit != TextUnit::Byte && text.starts_with("\xef\xbb\xbf"))
    first = at = 3;
}

bool TextScanner::next() {
  first = at;
  switch (kind) {
  case TextUnit::Byte:
    if (at == text.size())
      return false;
    value = static_cast<unsigned char>(text[at++]);
    return true;
  case TextUnit::Character:
    return nextCharacter();
  case TextUnit::Word:
    while (first < text.size() && isBlank(text[first]))
      ++first;
    at = first;
    while (at < text.size() && !isBlank(text[at])) {
      const size_t word = first;
      first = at; // where a fault would be
      if (!nextCharacter())
        return false;
      first = word;
    }
    return at > first;
  }
  return false;
}

/// UTF-8 as RFC 3629 has it: no longer form than needed, no surrogates, nothing above U+10FFFF.
bool TextScanner::nextCharacter() {
  if (at == text.size() || found)
    return false;
  auto byte = [&](size_t i) -> uint32_t { return static_cast<unsigned char>(text[at + i]); };
  const uint32_t lead = byte(0);
  if (lead < 0x80) {
    value = lead;
    ++at;
    return true;
  }
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  bool isValid = lead >= 0xc2 && lead <= 0xf4 && at + length <= text.size();
  if (isValid) {
    value = lead & (0xffU >> (length + 1));
    for (size_t i = 1; i < length; ++i) {
      isValid &= (byte(i) & 0xc0) == 0x80;
      value = value << 6 | (byte(i) & 0x3f);
    }
    isValid &= (length != 3 || value >= 0x800) && (length != 4 || value >= 0x10000) &&
               value < codePoints && (value < 0xd800 || value > 0xdfff);
  }
  if (!isValid) {
    found = "this is not UTF-8";
    return false;
  }
  at += length;
  return true;
}

UnitNumbers::UnitNumbers(TextUnit unit) : kind(unit) {
  if (unit != TextUnit::Word)
    ofCode.assign(unit == TextUnit::Byte ? 256 : codePoints, 0);
}

uint32_t UnitNumbers::of(const TextScanner &scanner) {
  auto next = static_cast<uint32_t>(units.size());
  if (kind == TextUnit::Word) {
    auto [it, isNew] = ofWord.try_emplace(scanner.unit(), next);
    if (isNew)
      units.push_back(scanner.unit());
    return it->second;
  }
  uint32_t &number = ofCode[scanner.code()];
  if (number == 0) {
    units.push_back(scanner.unit());
    number = next + 1;
  }
  return number - 1;
}

TextPlace textPlace(std::string_view text, size_t offset) {
  std::string_view before = text.substr(0, offset);
  size_t lineEnd = before.rfind('\n');
  return {1 + static_cast<uint64_t>(std::count(before.begin(), before.end(), '\n')),
          offset - (lineEnd == std::string_view::npos ? 0 : lineEnd + 1) + 1};
}

} // namespace nnrt
