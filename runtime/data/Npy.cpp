// Reads .npy files: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#include "runtime/data/Npy.h"

#include "runtime/data/InputArray.h"
#include "runtime/support/Endian.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include "nnrt/abi.h"

#include <array>
#include <charconv>
#include <cstring>
#include <limits>
#include <utility>

namespace nnrt {

/// An element type of NumPy, and that of the language which holds all of its values.
struct NpyFile::Element {
  std::string_view code; ///< without the byte order: "f4"
  unsigned size;
  uint32_t dtype;
};

/// The elements of `Stored` as elements of `Result`; false where one does not fit.
template <typename Stored, typename Result>
static bool widen(const std::byte *from, std::byte *to, uint64_t elements) {
  for (uint64_t i = 0; i < elements; ++i) {
    Stored stored;
    memcpy(&stored, from + i * sizeof stored, sizeof stored);
    if (!std::in_range<Result>(stored))
      return false;
    // An int8_t is a number here, not a character.
    auto result = Result(stored); // NOLINT(bugprone-signed-char-misuse)
    memcpy(to + i * sizeof result, &result, sizeof result);
  }
  return true;
}

namespace {

struct NpyHeader {
  std::string type; ///< "<f4"
  bool isFortran = false;
  std::vector<int64_t> shape;
};

/// The header is a Python dictionary of three known keys: {'descr': '<f4', 'fortran_order': False,
/// 'shape': (2, 3), }
class HeaderParser {
public:
  HeaderParser(const std::string &path, std::string_view text, uint64_t start)
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
  void parseOrder(NpyHeader &header);
  void parseShape(NpyHeader &header);

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

void HeaderParser::parseType(NpyHeader &header) {
  skipBlanks();
  if (at < text.size() && text[at] == '[')
    fail("it holds records; expected one number per element");
  header.type = quoted();
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
    if (error != std::errc() || size < 0 || header.shape.size() == 32)
      fail("its shape is not a tuple of sizes");
    header.shape.push_back(size);
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

NpyFile::NpyFile(const std::string &path) : reader(path) {
  name = path;
  readHeader();
}

void NpyFile::readHeader() {
  std::array<std::byte, 12> start = {};
  if (reader->fileSize() == 0)
    throw errors::emptyFile(name, "a .npy file");
  size_t got = reader->read(std::span(start).first(10));
  if (got < 10 || memcmp(start.data(), "\x93NUMPY", 6) != 0)
    throw errors::badNpy(name, 0, "it doesn't start with '\\x93NUMPY'");
  auto byte = [&](size_t i) { return std::to_integer<unsigned>(start[i]); };
  const unsigned version = byte(6);
  if (version < 1 || version > 3)
    throw errors::badNpy(name, 6, cat("its version is ", version, ", expected 1, 2 or 3"));
  if (version > 1)
    reader->read(std::span(start).subspan(10));
  const uint64_t headerStart = version == 1 ? 10 : 12;
  uint64_t length = byte(8) | byte(9) << 8;
  if (version > 1)
    length |= byte(10) << 16 | uint64_t(byte(11)) << 24;
  constexpr uint64_t mostHeader = 1 << 20;
  if (length > mostHeader ||
      length > reader->mostBytes() - std::min(headerStart, reader->mostBytes()))
    throw errors::badNpy(name, 8, cat("it announces a header of ", length, " bytes"));
  std::string text(length, '\0');
  if (reader->read(std::as_writable_bytes(std::span(text))) < length)
    throw errors::badNpy(name, headerStart, "it ends inside its header");
  NpyHeader header;
  HeaderParser(name, text, headerStart).parse(header);
  dataStart = headerStart + length;
  sizes = header.shape;
  isFortran = header.isFortran && sizes.size() > 1;
  setElement(header.type);
  checkSize();
}

void NpyFile::setElement(std::string_view type) {
  static constexpr Element elements[] = {
      {"f8", 8, NNRT_F64}, {"f4", 4, NNRT_F32}, {"f2", 2, NNRT_F16}, {"i8", 8, NNRT_I64},
      {"i4", 4, NNRT_I32}, {"i2", 2, NNRT_I32}, {"i1", 1, NNRT_I32}, {"u8", 8, NNRT_I64},
      {"u4", 4, NNRT_I64}, {"u2", 2, NNRT_I32}, {"u1", 1, NNRT_U8},  {"b1", 1, NNRT_BOOL}};
  const bool hasOrder =
      !type.empty() && std::string_view("<>|=").find(type[0]) != std::string_view::npos;
  for (const Element &each : elements)
    if (hasOrder && each.code == type.substr(1))
      element = &each;
  if (!element)
    throw errors::badNpy(name, dataStart,
                         cat("its elements are '", printable(type),
                             "'; supported are f2, f4, f8, i1 to i8, u1 to u8 and b1"));
  isSwapped = type[0] == '>';
  elementType = element->dtype;
}

/// What the header announces must be what is there.
void NpyFile::checkSize() {
  std::optional<uint64_t> elements = denseBytes(NNRT_U8, sizes);
  uint64_t stored = 0, given = 0;
  const uint64_t most = reader->mostBytes() - std::min(dataStart, reader->mostBytes());
  bool fits = elements && !__builtin_mul_overflow(*elements, element->size, &stored) &&
              !__builtin_mul_overflow(*elements, elementSize(elementType), &given);
  if (!fits || (reader->isCompressed() ? stored > most : stored != most))
    throw errors::badNpy(name, dataStart,
                         cat("its header announces ", typeText(elementType, sizes),
                             fits ? cat(" (", stored, " bytes)") : std::string(), ", but ",
                             reader->isCompressed() ? "at most " : "", most, " bytes follow"));
  storedBytes = stored;
  payload = given;
}

/// The stored bytes from `first` on, in the machine's order.
void NpyFile::readStored(uint64_t first, std::span<std::byte> out) {
  if (reader->offset() > dataStart + first)
    reader.emplace(name);
  reader->skipTo(dataStart + first);
  size_t got = reader->read(out);
  if (got < out.size())
    throw errors::badNpy(name, dataStart + first + got,
                         cat("it is cut short: its header announces ", storedBytes, " bytes"));
  std::byte extra;
  if (first + got == storedBytes && reader->read({&extra, 1}) != 0)
    throw errors::trailingBytes(name, dataStart + storedBytes);
  if (isSwapped)
    swapBytes(out, element->size);
  // Compiled code takes a truth value for one bit.
  if (elementType == NNRT_BOOL)
    for (size_t i = 0; i < out.size(); ++i)
      if (std::to_integer<unsigned>(out[i]) > 1)
        throw errors::badNpy(name, dataStart + first + i, "a truth value is neither 0 nor 1");
}

/// Columns first becomes rows first, once and for all.
void NpyFile::transpose() {
  Memory columns(storedBytes, name), result(storedBytes, name);
  readStored(0, {columns.data(), columns.size()});
  const uint64_t size = element->size;
  std::vector<uint64_t> index(sizes.size()), steps(sizes.size());
  uint64_t step = 1;
  for (size_t axis = 0; axis < sizes.size(); ++axis) {
    steps[axis] = step * size;
    step *= uint64_t(sizes[axis]);
  }
  uint64_t from = 0;
  for (uint64_t to = 0; to < storedBytes; to += size) {
    memcpy(result.data() + to, columns.data() + from, size);
    for (size_t axis = sizes.size(); axis-- > 0;) {
      from += steps[axis];
      if (++index[axis] < uint64_t(sizes[axis]))
        break;
      from -= steps[axis] * uint64_t(sizes[axis]);
      index[axis] = 0;
    }
  }
  rowsFirst = std::move(result);
}

void NpyFile::readBytes(uint64_t first, std::span<std::byte> out) {
  if (isFortran && rowsFirst.size() == 0)
    transpose();
  auto fetch = [&](uint64_t at, std::span<std::byte> bytes) {
    if (isFortran)
      memcpy(bytes.data(), rowsFirst.data() + at, bytes.size());
    else
      readStored(at, bytes);
  };
  const uint64_t size = elementSize(elementType);
  if (size == element->size && element->code[0] != 'u') {
    fetch(first, out);
    return;
  }
  if (element->code == "u1") {
    fetch(first, out);
    return;
  }
  std::vector<std::byte> piece(1 << 16);
  const uint64_t perPiece = piece.size() / element->size;
  for (uint64_t done = 0, all = out.size() / size; done < all;) {
    uint64_t count = std::min(perPiece, all - done);
    fetch((first / size + done) * element->size, std::span(piece).first(count * element->size));
    if (!convert(piece.data(), out.data() + done * size, count))
      throw errors::badNpy(name, dataStart, "a number is too large for 64 bits with a sign");
    done += count;
  }
}

bool NpyFile::convert(const std::byte *from, std::byte *to, uint64_t elements) const {
  if (element->code == "i1")
    return widen<int8_t, int32_t>(from, to, elements);
  if (element->code == "i2")
    return widen<int16_t, int32_t>(from, to, elements);
  if (element->code == "u2")
    return widen<uint16_t, int32_t>(from, to, elements);
  if (element->code == "u4")
    return widen<uint32_t, int64_t>(from, to, elements);
  return widen<uint64_t, int64_t>(from, to, elements);
}

uint64_t NpyFile::offsetOf(uint64_t at) const {
  if (!isFortran)
    return dataStart + at * element->size;
  // The place of the element where the first index runs fastest.
  uint64_t offset = 0, step = 1;
  std::vector<uint64_t> index(sizes.size());
  for (size_t axis = sizes.size(); axis-- > 0; at /= uint64_t(sizes[axis]))
    index[axis] = at % uint64_t(sizes[axis]);
  for (size_t axis = 0; axis < sizes.size(); step *= uint64_t(sizes[axis++]))
    offset += index[axis] * step;
  return dataStart + offset * element->size;
}

InputArray readNpy(const std::string &path) {
  NpyFile file(path);
  InputArray array;
  array.path = path;
  array.dtype = file.dtype();
  array.shape = file.shape();
  array.bytes = Memory(file.dataBytes(), path);
  file.readBytes(0, {array.bytes.data(), array.bytes.size()});
  return array;
}

std::unique_ptr<DataReader> openNpy(const ReaderRequest &request) {
  std::vector<std::unique_ptr<ArrayFile>> files;
  for (const std::string &path : request.paths)
    files.push_back(std::make_unique<NpyFile>(path));
  return readArrays(request, std::move(files));
}

} // namespace nnrt
