// Reads a file front to back, decompressing it where it is gzip.
#include "runtime/data/ByteReader.h"

#include "runtime/support/Errors.h"

#include <algorithm>
#include <array>
#include <new>
#include <zlib.h>

namespace nnrt {

struct ByteReader::Inflater {
  z_stream stream = {};
  std::array<std::byte, 1 << 16> input;
  bool betweenMembers = false; ///< a gzip file may hold several, one after the other

  Inflater() {
    // 16: expect a gzip header, verify its checksum.
    if (inflateInit2(&stream, 15 + 16) != Z_OK)
      throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream); }
};

ByteReader::ByteReader(const std::string &path) : file(path) {
  std::array<std::byte, 2> magic = {};
  if (file.readAt(0, magic) == 2 && magic[0] == std::byte(0x1f) && magic[1] == std::byte(0x8b))
    inflater = std::make_unique<Inflater>();
}

ByteReader::~ByteReader() = default;
ByteReader::ByteReader(ByteReader &&) noexcept = default;

uint64_t ByteReader::mostBytes() const {
  // Deflate codes 258 bytes in 2 bits at best: a factor of 1032 (zlib's own technical notes).
  constexpr uint64_t mostExpansion = 1032;
  if (!inflater)
    return file.size();
  return file.size() > UINT64_MAX / mostExpansion ? UINT64_MAX : file.size() * mostExpansion;
}

/// Brings more compressed bytes; false at the end of the file.
bool ByteReader::refill() {
  z_stream &stream = inflater->stream;
  if (stream.avail_in)
    return true;
  size_t got = file.readAt(consumed, inflater->input);
  consumed += got;
  stream.next_in = reinterpret_cast<Bytef *>(inflater->input.data());
  stream.avail_in = uInt(got);
  return got != 0;
}

/// Zeros behind the last member, to the end of the file.
void ByteReader::skipPadding() {
  z_stream &stream = inflater->stream;
  while (refill()) {
    for (; stream.avail_in && *stream.next_in == 0; ++stream.next_in)
      --stream.avail_in;
    if (stream.avail_in)
      throw errors::corruptGzip(path(), consumed - stream.avail_in,
                                "zeros are followed by other bytes");
  }
}

void ByteReader::skipTo(uint64_t offset) {
  if (!inflater) {
    produced = std::min(offset, file.size());
    return;
  }
  std::array<std::byte, 1 << 14> ignored;
  while (produced < offset) {
    auto left = size_t(std::min<uint64_t>(ignored.size(), offset - produced));
    if (read(std::span(ignored).first(left)) < left)
      return;
  }
}

size_t ByteReader::read(std::span<std::byte> out) {
  if (!inflater) {
    size_t got = file.readAt(produced, out);
    produced += got;
    return got;
  }
  z_stream &stream = inflater->stream;
  size_t done = 0;
  while (done < out.size()) {
    if (!refill()) {
      if (inflater->betweenMembers)
        break;
      throw errors::truncatedGzip(path(), file.size(), produced);
    }
    if (inflater->betweenMembers) {
      // Tapes and some servers fill up with zeros: gzip itself takes that for the end.
      if (*stream.next_in == 0) {
        skipPadding();
        break;
      }
      inflateReset(&stream);
      inflater->betweenMembers = false;
    }
    auto room = uInt(std::min<size_t>(out.size() - done, 1 << 30));
    stream.next_out = reinterpret_cast<Bytef *>(out.data() + done);
    stream.avail_out = room;
    int status = inflate(&stream, Z_NO_FLUSH);
    done += room - stream.avail_out;
    produced += room - stream.avail_out;
    if (status == Z_STREAM_END)
      inflater->betweenMembers = true;
    else if (status == Z_MEM_ERROR)
      throw std::bad_alloc();
    else if (status != Z_OK && status != Z_BUF_ERROR)
      throw errors::corruptGzip(path(), consumed - stream.avail_in,
                                stream.msg ? stream.msg : "unexpected bytes");
  }
  return done;
}

std::string readText(ByteReader &reader) {
  std::string text;
  size_t piece = 1 << 20;
  if (!reader.isCompressed()) {
    piece = std::min<size_t>(piece, reader.fileSize() + 1); // small files take little
    text.reserve(reader.fileSize() + piece);
  }
  for (size_t got = piece; got == piece;) {
    size_t before = text.size();
    text.resize(before + piece);
    got = reader.read(std::as_writable_bytes(std::span(text).subspan(before)));
    text.resize(before + got);
  }
  return text;
}

} // namespace nnrt
