// Reads IDX files, the format of MNIST: http://yann.lecun.com/exdb/mnist, "the IDX file format".
#include "runtime/data/Idx.h"

#include "runtime/support/Endian.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include <array>
#include <cstring>
#include <optional>

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

IdxFile::IdxFile(const std::string &path) : reader(path) {
  name = path;
  readHeader();
}

void IdxFile::readHeader() {
  constexpr size_t mostRank = 8;
  std::array<std::byte, 4 + 4 * mostRank> header;
  if (reader->fileSize() == 0)
    throw errors::emptyFile(path(), "an IDX file");
  size_t got = reader->read(std::span(header).first(4));
  if (got < 4)
    throw errors::truncatedHeader(path(), got, 4);
  uint32_t magic = bigEndian32(header.data());
  uint32_t code = magic >> 8 & 0xff, rank = magic & 0xff;
  std::optional<uint32_t> type = elementTypeOf(code);
  if (magic >> 16 || !type || rank == 0 || rank > mostRank) {
    bool hasRank = rank >= 1 && rank <= mostRank;
    if (!(magic >> 16) && hasRank && (code == 0x09 || code == 0x0b))
      throw errors::idxElements(path(), code == 0x09 ? "signed bytes" : "16-bit integers");
    throw errors::badIdxMagic(path(), magic, 0x0800 | (hasRank ? rank : 1));
  }
  elementType = *type;
  got = reader->read(std::span(header).subspan(4, 4 * rank));
  if (got < 4 * rank)
    throw errors::truncatedHeader(path(), 4 + got, 4 + 4 * rank);
  for (uint32_t i = 0; i < rank; ++i)
    sizes.push_back(bigEndian32(header.data() + 4 + 4 * i));
  if (sizes.front() == 0)
    throw errors::noExamples(path());
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
