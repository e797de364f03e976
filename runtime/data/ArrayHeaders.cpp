// What the headers of IDX and .npy files say.
#include "runtime/data/ArrayHeaders.h"

#include "runtime/support/Endian.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Text.h"

#include "nnrt/abi.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

namespace nnrt {

/// The third byte of the magic number; the format's signed bytes and 16-bit integers have no type
/// in the language.
static std::optional<uint32_t> elementTypeOf(uint32_t code) {
  switch (code) {
  case 0x08:
    return NNRT_U8;
  case 0x0c:
    return NNRT_I32;
  case 0x0d:
    return NNRT_F32;
  case 0x0e:
    return NNRT_F64;
  default:
    return std::nullopt;
  }
}

std::optional<Error> readIdxHeader(std::string_view path, const ReadBytes &read,
                                   IdxHeader &header) {
  constexpr size_t mostRank = IdxHeader::mostRank;
  std::array<std::byte, 4 + 4 * mostRank> bytes;
  size_t got = read(std::span(bytes).first(4));
  if (got == 0)
    return errors::emptyFile(path, "an IDX file");
  if (got < 4)
    return errors::truncatedHeader(path, got, 4);
  uint32_t magic = bigEndian32(bytes.data());
  uint32_t code = magic >> 8 & 0xff, rank = magic & 0xff;
  std::optional<uint32_t> type = elementTypeOf(code);
  if (magic >> 16 || !type || rank == 0 || rank > mostRank) {
    bool hasRank = rank >= 1 && rank <= mostRank;
    if (!(magic >> 16) && hasRank && (code == 0x09 || code == 0x0b))
      return errors::idxElements(path, code == 0x09 ? "signed bytes" : "16-bit integers");
    return errors::badIdxMagic(path, magic, 0x0800 | (hasRank ? rank : 1));
  }
  header.dtype = *type;
  got = read(std::span(bytes).subspan(4, 4 * rank));
  if (got < 4 * rank)
    return errors::truncatedHeader(path, 4 + got, 4 + 4 * rank);
  for (uint32_t i = 0; i < rank; ++i)
    header.sizes.push_back(bigEndian32(bytes.data() + 4 + 4 * i));
  if (header.sizes.front() == 0)
    return errors::noExamples(path);
  return std::nullopt;
}

bool NpyElement::isWidened() const {
  return code == "i1" || code == "i2" || (code[0] == 'u' && code != "u1");
}

namespace {

/// The header is a Python dictionary of three known keys: {'descr': '<f4', 'fortran_order': False,
/// 'shape': (2, 3), }
class HeaderParser {
public:
  HeaderParser(std::string_view path, std::string_view text, uint64_t start)
      : path(path), text(text), start(start) {}

  void parse(NpyHeader &header);

private:
  [[noreturn]] void fail(std::string_view why) const {
    throw errors::badNpy(path, start + at, why);
  }
  void skipBlanks() {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t'))
      ++at;
  }
  bool accept(char c) {
    skipBlanks();
    if (at == text.size() || text[at] != c)
      return false;
    ++at;
    return true;
  }
  void expect(char c) {
    if (!accept(c))
      fail(cat("expected '", c, "' in its header"));
  }
  std::string_view quoted();
  void parseType(NpyHeader &header);
  void setElement(std::string_view type, NpyHeader &header) const;
  void parseOrder(NpyHeader &header);
  void parseShape(NpyHeader &header);

  std::string_view path;
  std::string_view text;
  uint64_t start;
  size_t at = 0;
};

} // namespace

std::string_view HeaderParser::quoted() {
  skipBlanks();
  char quote = at < text.size() ? text[at] : '\0';
  size_t end = quote == '\'' || quote == '"' ? text.find(quote, at + 1) : std::string_view::npos;
  if (end == std::string_view::npos)
    fail("expected a quoted word in its header");
  std::string_view word = text.substr(at + 1, end - at - 1);
  at = end + 1;
  return word;
}

void HeaderParser::parseType(NpyHeader &header) {
  skipBlanks();
  if (at < text.size() && text[at] == '[')
    fail("it holds records; expected one number per element");
  setElement(quoted(), header);
}

void HeaderParser::setElement(std::string_view type, NpyHeader &header) const {
  static constexpr NpyElement elements[] = {
      {"f8", 8, NNRT_F64}, {"f4", 4, NNRT_F32}, {"f2", 2, NNRT_F16}, {"i8", 8, NNRT_I64},
      {"i4", 4, NNRT_I32}, {"i2", 2, NNRT_I32}, {"i1", 1, NNRT_I32}, {"u8", 8, NNRT_I64},
      {"u4", 4, NNRT_I64}, {"u2", 2, NNRT_I32}, {"u1", 1, NNRT_U8},  {"b1", 1, NNRT_BOOL}};
  const bool hasOrder =
      !type.empty() && std::string_view("<>|=").find(type[0]) != std::string_view::npos;
  for (const NpyElement &each : elements)
    if (hasOrder && each.code == type.substr(1))
      header.element = &each;
  if (!header.element)
    fail(cat("its elements are '", printable(type),
             "'; supported are f2, f4, f8, i1 to i8, u1 to u8 and b1"));
  header.isSwapped = type[0] == '>';
}

void HeaderParser::parseOrder(NpyHeader &header) {
  skipBlanks();
  std::string_view rest = text.substr(at);
  header.isFortran = rest.starts_with("True");
  if (!header.isFortran && !rest.starts_with("False"))
    fail("expected True or False after 'fortran_order'");
  at += header.isFortran ? 4 : 5;
}

void HeaderParser::parseShape(NpyHeader &header) {
  expect('(');
  while (!accept(')')) {
    skipBlanks();
    int64_t size = 0;
    auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), size);
    if (error != std::errc() || size < 0 || header.sizes.size() == 32)
      fail("its shape is not a tuple of sizes");
    header.sizes.push_back(size);
    at = size_t(end - text.data());
    if (!accept(',')) {
      expect(')');
      break;
    }
  }
}

void HeaderParser::parse(NpyHeader &header) {
  bool type = false, order = false, shape = false;
  expect('{');
  while (!accept('}')) {
    std::string_view key = quoted();
    expect(':');
    if (key == "descr" && !std::exchange(type, true))
      parseType(header);
    else if (key == "fortran_order" && !std::exchange(order, true))
      parseOrder(header);
    else if (key == "shape" && !std::exchange(shape, true))
      parseShape(header);
    else
      fail(cat("unexpected key '", printable(key), "' in its header"));
    if (!accept(',')) {
      expect('}');
      break;
    }
  }
  skipBlanks();
  if (at != text.size() || !type || !order || !shape)
    fail("its header is incomplete");
}

std::optional<Error> readNpyHeader(std::string_view path, uint64_t mostBytes, const ReadBytes &read,
                                   NpyHeader &header) {
  std::array<std::byte, 12> start = {};
  size_t got = read(std::span(start).first(10));
  if (got == 0)
    return errors::emptyFile(path, "a .npy file");
  if (got < 10 || memcmp(start.data(), "\x93NUMPY", 6) != 0)
    return errors::badNpy(path, 0, "it doesn't start with '\\x93NUMPY'");
  auto byte = [&](size_t i) { return std::to_integer<unsigned>(start[i]); };
  const unsigned version = byte(6);
  if (version < 1 || version > 3)
    return errors::badNpy(path, 6, cat("its version is ", version, ", expected 1, 2 or 3"));
  if (version > 1)
    read(std::span(start).subspan(10));
  const uint64_t headerStart = version == 1 ? 10 : 12;
  uint64_t length = byte(8) | byte(9) << 8;
  if (version > 1)
    length |= byte(10) << 16 | uint64_t(byte(11)) << 24;
  if (length > NpyHeader::mostBytes - 12 || length > mostBytes - std::min(headerStart, mostBytes))
    return errors::badNpy(path, 8, cat("it announces a header of ", length, " bytes"));
  std::string text(length, '\0');
  if (read(std::as_writable_bytes(std::span(text))) < length)
    return errors::badNpy(path, headerStart, "it ends inside its header");
  header.bytes = headerStart + length;
  try {
    HeaderParser(path, text, headerStart).parse(header);
  } catch (Error &fault) {
    return std::move(fault);
  }
  header.isFortran &= header.sizes.size() > 1;
  return std::nullopt;
}

} // namespace nnrt
