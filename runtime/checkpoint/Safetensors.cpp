// Reads and writes safetensors: 8 bytes of header length, a JSON header, the tensors' bytes.
#include "runtime/checkpoint/Safetensors.h"

#include "runtime/checkpoint/SafetensorsHeader.h"
#include "runtime/support/Errors.h"
#include "runtime/support/FileKind.h"
#include "runtime/support/Json.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <tuple>

namespace nnrt {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

// The reference implementation's own limit.
static constexpr uint64_t mostHeaderBytes = 100'000'000;

std::string StoredTensor::typeText() const {
  std::string out = dtype;
  for (size_t i = 0; i < shape.size(); ++i)
    out += (i ? ", " : "[") + std::to_string(shape[i]);
  return shape.empty() ? out : out + "]";
}

SafetensorsFile::SafetensorsFile(const std::string &path) : file(path) { readHeader(); }

void SafetensorsFile::readHeader() {
  uint64_t length = 0;
  if (file.size() == 0)
    throw errors::emptyFile(path(), "a safetensors file");
  // The length of the header, then an object: what begins otherwise is another kind of file.
  std::array<std::byte, fileKindBytes> start;
  const size_t got = file.readAt(0, start);
  if (got <= 8 || start[8] != std::byte('{'))
    if (FileKind kind = fileKindOf(std::span(start).first(got)); !kind.name.empty())
      throw errors::otherKindOfFile(path(), kind.name, kind.toWeights);
  if (file.readAt(0, std::as_writable_bytes(std::span(&length, 1))) < 8)
    throw errors::badSafetensors(path(), 0, cat("it has only ", file.size(), " bytes"));
  if (length > mostHeaderBytes || length > file.size() - 8)
    throw errors::badSafetensors(path(), 0,
                                 cat("it announces a header of ", length, " bytes, but ",
                                     length > mostHeaderBytes ? "at most " : "only ",
                                     length > mostHeaderBytes ? mostHeaderBytes : file.size() - 8,
                                     length > mostHeaderBytes ? " are allowed" : " follow"));
  std::string text(length, '\0');
  if (file.readAt(8, std::as_writable_bytes(std::span(text))) < length)
    throw errors::badSafetensors(path(), 8, "it ends inside its header");
  HeaderError error = parseSafetensorsHeader(text, stored, meta);
  if (!error.message.empty())
    throw errors::badSafetensors(path(), 8 + error.offset, error.message);
  checkLayout(8 + length);
}

/// The tensors must cover the bytes behind the header exactly.
void SafetensorsFile::checkLayout(uint64_t dataStart) {
  std::sort(stored.begin(), stored.end(), [](const StoredTensor &a, const StoredTensor &b) {
    return std::tie(a.offset, a.bytes, a.name) < std::tie(b.offset, b.bytes, b.name);
  });
  uint64_t at = 0, available = file.size() - dataStart;
  for (StoredTensor &tensor : stored) {
    if (tensor.offset != at)
      throw errors::badSafetensors(path(), dataStart + at,
                                   cat("tensor '", printable(tensor.name), "' ",
                                       tensor.offset < at ? "overlaps" : "leaves a gap after",
                                       " the tensor before it"));
    if (tensor.bytes > available - at)
      throw errors::badSafetensors(path(), file.size(),
                                   cat("it is cut short: tensor '", printable(tensor.name),
                                       "' should end at byte ", dataStart + at + tensor.bytes));
    at += tensor.bytes;
    tensor.offset += dataStart;
  }
  if (at != available)
    throw errors::badSafetensors(path(), dataStart + at, "data follows the last tensor");
}

const StoredTensor *SafetensorsFile::find(std::string_view name) const {
  for (const StoredTensor &tensor : stored)
    if (tensor.name == name)
      return &tensor;
  return nullptr;
}

void SafetensorsFile::read(const StoredTensor &tensor, std::span<std::byte> out) const {
  if (file.readAt(tensor.offset, out) < out.size())
    throw errors::badSafetensors(path(), file.size(), "it became shorter while it was read");
}

void writeSafetensors(const std::string &path, std::span<const TensorView> tensors,
                      const std::map<std::string, std::string> &metadata) {
  std::string header;
  JsonWriter json(header);
  json.beginObject();
  if (!metadata.empty()) {
    json.key("__metadata__").beginObject();
    for (const auto &[key, value] : metadata)
      json.field(key, std::string_view(value));
    json.endObject();
  }
  uint64_t at = 0;
  for (const TensorView &tensor : tensors) {
    json.key(tensor.name).beginObject().field("dtype", std::string_view(tensor.dtype));
    json.key("shape").beginArray();
    for (int64_t size : tensor.shape)
      json.value(size);
    json.endArray().key("data_offsets").beginArray().value(at);
    json.value(at += tensor.bytes).endArray().endObject();
  }
  json.endObject();
  // Tensors start at a multiple of 8, so that a reader may map them.
  header.append((8 - header.size() % 8) % 8, ' ');
  uint64_t length = header.size();
  AtomicFile file(path);
  file.write(std::as_bytes(std::span(&length, 1)));
  file.write(header);
  std::vector<std::byte> piece(1 << 20);
  for (const TensorView &tensor : tensors)
    for (uint64_t done = 0; done < tensor.bytes; done += piece.size()) {
      auto part = std::span(piece).first(std::min<uint64_t>(piece.size(), tensor.bytes - done));
      tensor.read(done, part);
      file.write(part);
    }
  file.commit();
}

} // namespace nnrt
