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

NpyFile::NpyFile(const std::string &path) : reader(path) {
  name = path;
  readHeader();
}

void NpyFile::readHeader() {
  NpyHeader header;
  if (std::optional<Error> fault = readNpyHeader(
          name, reader->mostBytes(), [&](std::span<std::byte> out) { return reader->read(out); },
          header))
    throw Error(std::move(*fault));
  element = header.element;
  elementType = element->dtype;
  isSwapped = header.isSwapped;
  isFortran = header.isFortran;
  sizes = std::move(header.sizes);
  dataStart = header.bytes;
  checkSize();
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
  if (!element->isWidened()) {
    fetch(first, out);
    return;
  }
  const uint64_t size = elementSize(elementType);
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

std::optional<FilePlace> NpyFile::plainPlace() const {
  if (reader->isCompressed() || isFortran || isSwapped || element->isWidened() ||
      elementType == NNRT_BOOL)
    return std::nullopt;
  return FilePlace{name, dataStart};
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
