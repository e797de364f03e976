// Reads IDX files, the format of MNIST: http://yann.lecun.com/exdb/mnist, "the IDX file format".
#include "runtime/data/Idx.h"

#include "runtime/data/ArrayHeaders.h"
#include "runtime/support/Endian.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Tensor.h"

#include <optional>

namespace nnrt {

IdxFile::IdxFile(const std::string &path) : reader(path) {
  name = path;
  readHeader();
}

void IdxFile::readHeader() {
  IdxHeader header;
  if (std::optional<Error> fault =
          readIdxHeader(name, [&](std::span<std::byte> out) { return reader->read(out); }, header))
    throw Error(std::move(*fault));
  elementType = header.dtype;
  sizes = std::move(header.sizes);
  std::optional<uint64_t> bytes = denseBytes(elementType, sizes);
  uint64_t most = reader->mostBytes();
  if (!bytes || *bytes > most)
    throw errors::idxTooMuchAnnounced(path(), examples(), bytes.value_or(UINT64_MAX), most);
  payload = *bytes;
}

void IdxFile::readBytes(uint64_t first, std::span<std::byte> out) {
  if (reader->offset() > headerBytes() + first)
    reader.emplace(name);
  reader->skipTo(headerBytes() + first);
  size_t got = reader->read(out);
  if (got < out.size()) {
    uint64_t each = payload / examples();
    throw errors::idxMissingExamples(path(), examples(), each ? (first + got) / each : 0,
                                     headerBytes() + payload, headerBytes() + first + got);
  }
  std::byte extra;
  if (first + got == payload && reader->read({&extra, 1}) != 0)
    throw errors::trailingBytes(path(), headerBytes() + payload);
  swapBytes(out, elementSize(elementType));
}

std::optional<FilePlace> IdxFile::plainPlace() const {
  // Elements of several bytes have the highest first.
  if (reader->isCompressed() || elementSize(elementType) > 1)
    return std::nullopt;
  return FilePlace{name, headerBytes()};
}

uint64_t IdxFile::offsetOf(uint64_t element) const {
  return headerBytes() + element * elementSize(elementType);
}

std::unique_ptr<DataReader> openIdx(const ReaderRequest &request) {
  std::vector<std::unique_ptr<ArrayFile>> files;
  for (const std::string &path : request.paths)
    files.push_back(std::make_unique<IdxFile>(path));
  return readArrays(request, std::move(files));
}

} // namespace nnrt
