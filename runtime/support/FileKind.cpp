// The signatures that files begin with.
#include "runtime/support/FileKind.h"

#include <algorithm>

namespace nnrt {

using std::string_view;

static constexpr string_view fromArrays =
    "in Python: safetensors.numpy.save_file({\"dense.w\": w, \"dense.b\": b}, "
    "\"weights.safetensors\"); `info` lists the names";
static constexpr string_view fromTorch =
    "in Python: safetensors.torch.save_file(model.state_dict(), \"weights.safetensors\"), under "
    "the "
    "names that `info` lists";

static constexpr struct {
  string_view signature;
  FileKind kind;
} signatures[] = {
    {"\x93NUMPY", {"a NumPy array (.npy)", fromArrays}},
    {"\x1f\x8b", {"compressed by gzip (.gz)", "unpack it first: gunzip FILE"}},
    {"\x89PNG", {"an image (.png)", ""}},
    {"\xff\xd8\xff", {"an image (.jpg)", ""}},
    {"\x89HDF", {"an HDF5 file (.h5)", fromArrays}},
    {"GGUF", {"a GGUF file", fromArrays}},
    {"\x7f"
     "ELF",
     {"a program", ""}},
    {"%PDF", {"a PDF document", ""}},
    {"\x28\xb5\x2f\xfd", {"compressed by zstd (.zst)", "unpack it first: unzstd FILE"}},
    {"BZh", {"compressed by bzip2 (.bz2)", "unpack it first: bunzip2 FILE"}},
    {"\xfd"
     "7zXZ",
     {"compressed by xz (.xz)", "unpack it first: unxz FILE"}},
};

/// A zip archive by its first member: PyTorch and NumPy write such.
static FileKind zipKindOf(string_view text) {
  constexpr size_t lengthAt = 26, nameAt = 30;
  string_view member;
  if (text.size() > nameAt)
    member = text.substr(nameAt, static_cast<unsigned char>(text[lengthAt]));
  if (member.ends_with(".npy"))
    return {"an archive of NumPy arrays (.npz)", fromArrays};
  if (member.ends_with("data.pkl") || member.ends_with("/version"))
    return {"a PyTorch file (.pt)", fromTorch};
  return {"a zip archive", ""};
}

/// Whether it begins like text in UTF-8; the last character may be cut off.
static bool isTextBegin(string_view text) {
  size_t following = 0;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool follows = (byte & 0xC0) == 0x80;
    if (follows != (following > 0))
      return false;
    if (follows)
      --following;
    else if (byte >= 0xC2 && byte <= 0xF4)
      following = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
    else if (byte >= 0x80 || (byte < 32 && c != '\n' && c != '\r' && c != '\t'))
      return false;
  }
  return !text.empty();
}

FileKind fileKindOf(std::span<const std::byte> start) {
  const string_view text(reinterpret_cast<const char *>(start.data()), start.size());
  for (const auto &each : signatures)
    if (text.starts_with(each.signature))
      return each.kind;
  if (text.starts_with("PK\x03\x04"))
    return zipKindOf(text);
  // Pickles of protocols 2 to 5.
  if (text.size() > 2 && text[0] == '\x80' && text[1] >= 2 && text[1] <= 5)
    return {"a Python pickle, perhaps of PyTorch (.pt, .pkl)", fromTorch};
  const bool isIdx = text.size() > 4 && text[0] == 0 && text[1] == 0 && text[2] >= 8 &&
                     text[2] <= 14 && text[3] > 0 && text[3] <= 8;
  if (isIdx)
    return {"an IDX file of examples", ""};
  const bool isText = isTextBegin(text);
  if (!isText)
    return {};
  const char first = text[std::min(text.find_first_not_of(" \t\r\n"), text.size() - 1)];
  if (first == '{' || first == '[')
    return {"JSON text", fromArrays};
  return {"text", ""};
}

} // namespace nnrt
