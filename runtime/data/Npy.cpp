// Reads .npy files: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#include "runtime/data/InputArray.h"
#include "runtime/support/Errors.h"
#include "runtime/support/File.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include "nnrt/abi.h"

#include <array>
#include <charconv>
#include <cstring>
#include <optional>

namespace nnrt {

namespace {

/// The header is a Python dictionary of three known keys: {'descr': '<f4', 'fortran_order': False,
/// 'shape': (2, 3), }
class HeaderParser {
public:
  HeaderParser(const std::string &path, std::string_view text, uint64_t start)
      : path(path), text(text), start(start) {}

  void parse(InputArray &array);

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
  void parseType(InputArray &array);
  void parseOrder();
  void parseShape(InputArray &array);

  const std::string &path;
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

void HeaderParser::parseType(InputArray &array) {
  struct Type {
    std::string_view name;
    uint32_t dtype;
  };
  static constexpr Type types[] = {{"<f8", NNRT_F64}, {"<f4", NNRT_F32}, {"<f2", NNRT_F16},
                                   {"<i8", NNRT_I64}, {"<i4", NNRT_I32}, {"|u1", NNRT_U8},
                                   {"|b1", NNRT_BOOL}};
  skipBlanks();
  if (at < text.size() && text[at] == '[')
    fail("it holds records; expected one number per element");
  std::string_view name = quoted();
  for (const Type &type : types)
    if (type.name == name) {
      array.dtype = type.dtype;
      return;
    }
  fail(cat("its elements are '", printable(name),
           "'; supported are f2, f4, f8, i4, i8 (little-endian), u1 and b1"));
}

void HeaderParser::parseOrder() {
  skipBlanks();
  std::string_view rest = text.substr(at);
  if (rest.starts_with("True"))
    fail("it is in Fortran order; save np.ascontiguousarray(x) instead");
  if (!rest.starts_with("False"))
    fail("expected True or False after 'fortran_order'");
  at += 5;
}

void HeaderParser::parseShape(InputArray &array) {
  expect('(');
  while (!accept(')')) {
    skipBlanks();
    int64_t size = 0;
    auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), size);
    if (error != std::errc() || size < 0 || array.shape.size() == 32)
      fail("its shape is not a tuple of sizes");
    array.shape.push_back(size);
    at = size_t(end - text.data());
    if (!accept(',')) {
      expect(')');
      break;
    }
  }
}

void HeaderParser::parse(InputArray &array) {
  bool type = false, order = false, shape = false;
  expect('{');
  while (!accept('}')) {
    std::string_view key = quoted();
    expect(':');
    if (key == "descr" && !std::exchange(type, true))
      parseType(array);
    else if (key == "fortran_order" && !std::exchange(order, true))
      parseOrder();
    else if (key == "shape" && !std::exchange(shape, true))
      parseShape(array);
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

InputArray readNpy(const std::string &path) {
  InputFile file(path);
  std::array<std::byte, 12> start = {};
  if (file.size() == 0)
    throw errors::emptyFile(path, "a .npy file");
  size_t got = file.readAt(0, start);
  if (got < 10 || memcmp(start.data(), "\x93NUMPY", 6) != 0)
    throw errors::badNpy(path, 0, "it doesn't start with '\\x93NUMPY'");
  auto byte = [&](size_t i) { return std::to_integer<uint32_t>(start[i]); };
  uint32_t version = byte(6);
  if (version < 1 || version > 3 || (version > 1 && got < 12))
    throw errors::badNpy(path, 6, cat("it has format version ", version, "; expected 1, 2 or 3"));
  uint64_t headerStart = version == 1 ? 10 : 12;
  uint64_t length = byte(8) | byte(9) << 8;
  if (version > 1)
    length |= byte(10) << 16 | uint64_t(byte(11)) << 24;
  constexpr uint64_t mostHeader = 1 << 20;
  if (length > mostHeader || length > file.size() - headerStart)
    throw errors::badNpy(path, 8, cat("it announces a header of ", length, " bytes"));
  std::string header(length, '\0');
  if (file.readAt(headerStart, std::as_writable_bytes(std::span(header))) < length)
    throw errors::badNpy(path, headerStart, "it ends inside its header");
  InputArray array;
  array.path = path;
  HeaderParser(path, header, headerStart).parse(array);
  uint64_t dataStart = headerStart + length;
  std::optional<uint64_t> bytes = denseBytes(array.dtype, array.shape);
  if (!bytes || *bytes != file.size() - dataStart)
    throw errors::badNpy(path, dataStart,
                         cat("its header announces ", typeText(array.dtype, array.shape),
                             bytes ? cat(" (", *bytes, " bytes)") : std::string(), ", but ",
                             file.size() - dataStart, " bytes follow"));
  array.bytes = Memory(*bytes, path);
  if (file.readAt(dataStart, {array.bytes.data(), array.bytes.size()}) < *bytes)
    throw errors::badNpy(path, dataStart, "it became shorter while it was read");
  return array;
}

} // namespace nnrt
