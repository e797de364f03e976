// The headers of idx, npy and csv files, and the arrays that are constants; other rows are the
// program's affair.
#include "compiler/driver/DataFiles.h"

#include "compiler/diagnostics/Diagnostic.h"
#include "nnrt/abi.h"
#include "runtime/data/ArrayHeaders.h"
#include "runtime/data/ClassFolders.h"
#include "runtime/data/CsvScanner.h"
#include "runtime/data/TextScanner.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Path.h"

#include <zlib.h>

using namespace llvm;
using nnc::sema::Element;

namespace nnc::driver {

/// The first row of a table, or a header, is no longer.
static constexpr size_t maxHeader = 1 << 20;
/// Folders in a folder of data that are looked into.
static constexpr unsigned maxFolders = 256;

static Error fault(const Twine &path, const Twine &what) {
  return createStringError(path + ": " + what);
}

static bool isFile(const Twine &path) { return sys::fs::is_regular_file(path); }

DataFiles::DataFiles(StringRef source, StringRef folder) {
  const char *environment = getenv("NN_DATA");
  if (!folder.empty()) {
    folders.push_back(folder.str());
  } else if (environment && *environment) {
    folders.push_back(environment);
  } else {
    SmallString<256> path(source == "-" || source == "<stdin>" ? "." : source);
    if (sys::fs::make_absolute(path))
      return;
    sys::path::remove_dots(path, /*remove_dot_dot=*/true);
    if (source != "-" && source != "<stdin>")
      sys::path::remove_filename(path);
    for (; !path.empty(); sys::path::remove_filename(path)) {
      SmallString<256> data(path);
      sys::path::append(data, "data");
      if (sys::fs::is_directory(data)) {
        folders.push_back(data.str().str());
        break;
      }
      if (path == sys::path::root_path(path))
        break;
    }
  }
}

/// The file in this folder, by its name or with or without ".gz"; "" where there is none.
static std::string findIn(StringRef folder, StringRef file) {
  SmallString<256> path(folder);
  sys::path::append(path, file);
  if (isFile(path))
    return path.str().str();
  SmallString<256> other(path);
  if (file.ends_with(".gz"))
    other.resize(other.size() - 3);
  else
    other += ".gz";
  return isFile(other) ? other.str().str() : std::string();
}

/// The first that `look` finds, in the folders of data or in those that lie in them.
std::string DataFiles::lookFor(Look look, std::vector<std::string> &looked) const {
  for (const std::string &folder : folders) {
    looked.push_back(folder);
    if (std::string path = look(folder); !path.empty())
      return path;
    std::vector<std::string> inner;
    std::error_code code;
    for (sys::fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code))
      if (inner.size() < maxFolders && sys::fs::is_directory(it->path()))
        inner.push_back(it->path());
    llvm::sort(inner); // the order of a folder's entries is chance
    for (const std::string &each : inner)
      if (std::string path = look(each); !path.empty())
        return path;
  }
  return "";
}

std::string DataFiles::find(StringRef file, std::vector<std::string> &looked) const {
  if (sys::path::is_absolute(file))
    return isFile(file) ? file.str() : std::string();
  return lookFor([&](StringRef folder) { return findIn(folder, file); }, looked);
}

std::string DataFiles::findFolder(StringRef name, std::vector<std::string> &looked) const {
  if (sys::path::is_absolute(name))
    return sys::fs::is_directory(name) ? name.str() : std::string();
  return lookFor(
      [&](StringRef folder) {
        SmallString<256> path(folder);
        sys::path::append(path, name);
        return sys::fs::is_directory(path) ? path.str().str() : std::string();
      },
      looked);
}

std::string DataFiles::findSimilar(StringRef file, ArrayRef<std::string> others) const {
  const StringRef inner = sys::path::parent_path(file);
  std::vector<std::string> names, looked;
  auto add = [&](StringRef folder) {
    SmallString<256> path(folder);
    if (sys::path::is_absolute(inner))
      path.clear();
    sys::path::append(path, inner);
    std::error_code code;
    for (sys::fs::directory_iterator it(path, code), end; !code && it != end; it.increment(code)) {
      SmallString<256> name(inner);
      sys::path::append(name, sys::path::filename(it->path()));
      if (!is_contained(others, name.str()))
        names.push_back(name.str().str());
    }
    return std::string();
  };
  lookFor(add, looked);
  llvm::sort(names); // the order of a folder's entries is chance
  return nearest(file, names);
}

std::string DataFiles::findBeside(StringRef source, StringRef file,
                                  std::vector<std::string> &looked) const {
  if (!sys::path::is_absolute(file)) {
    bool isText = source == "-" || source == "<stdin>";
    StringRef folder = isText ? StringRef() : sys::path::parent_path(source);
    looked.push_back(folder.empty() ? "." : folder.str());
    if (std::string path = findIn(looked.back(), file); !path.empty())
      return path;
  }
  return find(file, looked);
}

/// The bytes of a file, unpacked where it is packed: all, or the first `most`.
static Expected<std::string> readStart(StringRef path, size_t most = SIZE_MAX) {
  gzFile file = gzopen(path.str().c_str(), "rb");
  if (!file)
    return fault(path, "cannot read the file: " + std::generic_category().message(errno));
  auto close = scope_exit([&] { gzclose(file); });
  constexpr size_t piece = 1 << 20;
  std::string text;
  for (bool isAtEnd = false; !isAtEnd && text.size() < most;) {
    const size_t before = text.size(), wanted = std::min(piece, most - before);
    text.resize(before + wanted);
    int count = gzread(file, text.data() + before, static_cast<unsigned>(wanted));
    if (count < 0)
      return fault(path, "cannot read the file: it is damaged");
    text.resize(before + static_cast<size_t>(count));
    isAtEnd = count == 0;
  }
  int code = Z_OK;
  (void)gzerror(file, &code);
  if (code == Z_BUF_ERROR)
    return fault(path, "the gzip data is cut short");
  return text;
}

/// The element type of a number of the ABI.
static Element elementOf(uint32_t dtype) {
  switch (dtype) {
  case NNRT_F64:
    return Element::F64;
  case NNRT_F32:
    return Element::F32;
  case NNRT_F16:
    return Element::F16;
  case NNRT_I64:
    return Element::I64;
  case NNRT_I32:
    return Element::I32;
  case NNRT_U8:
    return Element::U8;
  case NNRT_BOOL:
    return Element::Bool;
  default:
    llvm_unreachable("no array has elements of this type");
  }
}

/// Reads from the front of a text.
static nnrt::ReadBytes reading(StringRef text) {
  return [text](std::span<std::byte> out) mutable {
    size_t count = std::min(out.size(), text.size());
    memcpy(out.data(), text.data(), count);
    text = text.drop_front(count);
    return count;
  };
}

static Error faultOf(const nnrt::Error &fault) {
  StringRef hint = fault.getHint();
  return createStringError(Twine(fault.what()) + (hint.empty() ? "" : "; ") + hint);
}

static Expected<DataFiles::Array> readIdx(StringRef path) {
  Expected<std::string> text = readStart(path, 4 + 4 * nnrt::IdxHeader::mostRank);
  if (!text)
    return text.takeError();
  nnrt::IdxHeader header;
  if (std::optional<nnrt::Error> fault = nnrt::readIdxHeader(path, reading(*text), header))
    return faultOf(*fault);
  return DataFiles::Array{elementOf(header.dtype), std::move(header.sizes)};
}

static Expected<nnrt::NpyHeader> readNpyHeader(StringRef path) {
  Expected<std::string> text = readStart(path, nnrt::NpyHeader::mostBytes);
  if (!text)
    return text.takeError();
  nnrt::NpyHeader header;
  if (std::optional<nnrt::Error> fault =
          nnrt::readNpyHeader(path, text->size(), reading(*text), header))
    return faultOf(*fault);
  return header;
}

static Expected<DataFiles::Array> readNpy(StringRef path) {
  Expected<nnrt::NpyHeader> header = readNpyHeader(path);
  if (!header)
    return header.takeError();
  return DataFiles::Array{elementOf(header->element->dtype), std::move(header->sizes)};
}

/// Elements of `width` bytes that lie column by column, row by row.
static std::string toRows(StringRef bytes, ArrayRef<int64_t> sizes, size_t width) {
  std::string rows;
  rows.reserve(bytes.size());
  SmallVector<int64_t> place(sizes.size(), 0);
  while (rows.size() < bytes.size()) {
    size_t from = 0, stride = width;
    for (auto [at, size] : zip_equal(place, sizes)) {
      from += static_cast<size_t>(at) * stride;
      stride *= static_cast<size_t>(size);
    }
    rows += bytes.substr(from, width);
    for (size_t i = sizes.size(); i-- > 0 && ++place[i] == sizes[i];)
      place[i] = 0;
  }
  return rows;
}

Expected<DataFiles::Values> DataFiles::readValues(StringRef path, uint64_t most) const {
  Expected<nnrt::NpyHeader> header = readNpyHeader(path);
  if (!header)
    return header.takeError();
  if (header->isSwapped || header->element->isWidened())
    return fault(path, "a constant's elements are f2, f4, f8, i4, i8 or u1, lowest byte first");
  uint64_t width = header->element->size, bytes = width;
  for (int64_t size : header->sizes) {
    bool isOver = false;
    bytes = SaturatingMultiply(bytes, static_cast<uint64_t>(size), &isOver);
    if (isOver || bytes > most)
      return fault(path, "the array is larger than " + Twine(most >> 20) + " MiB");
  }
  // One byte more, to see that there is none.
  Expected<std::string> text = readStart(path, header->bytes + bytes + 1);
  if (!text)
    return text.takeError();
  if (text->size() != header->bytes + bytes)
    return fault(path, text->size() < header->bytes + bytes ? "the array is cut off"
                                                            : "something follows the array");
  text->erase(0, header->bytes);
  if (header->isFortran)
    *text = toRows(*text, header->sizes, width);
  return Values{{elementOf(header->element->dtype), std::move(header->sizes)}, std::move(*text)};
}

Expected<DataFiles::Array> DataFiles::readArray(StringRef reader, StringRef path) const {
  return reader == "idx" ? readIdx(path) : readNpy(path);
}

Expected<std::vector<std::string>> DataFiles::readUnits(StringRef path, StringRef unit) const {
  Expected<std::string> text = readStart(path);
  if (!text)
    return text.takeError();
  const nnrt::TextUnit kind = *nnrt::textUnitNamed(unit);
  nnrt::TextScanner scanner(*text, kind);
  nnrt::UnitNumbers units(kind);
  while (scanner.next())
    units.of(scanner);
  if (const char *found = scanner.fault()) {
    const nnrt::TextPlace at = nnrt::textPlace(*text, scanner.place());
    return fault(path + ":" + Twine(at.line) + ":" + Twine(at.column), found);
  }
  return std::vector<std::string>(units.all().begin(), units.all().end());
}

Expected<std::vector<std::string>> DataFiles::readClasses(StringRef path) const {
  std::vector<std::string> names;
  if (std::optional<nnrt::Error> error = nnrt::findClassFolders(path.str(), names))
    return faultOf(*error);
  return names;
}

Expected<DataFiles::Table> DataFiles::readTable(StringRef path, char separator,
                                                bool hasHeader) const {
  Expected<std::string> start = readStart(path, maxHeader);
  if (!start)
    return start.takeError();
  nnrt::CsvScanner scanner(*start, separator);
  bool hasRow = scanner.next();
  // What was read may have been cut off in the midst of the row.
  if (start->size() == maxHeader && scanner.isAtEnd())
    return fault(path, "the first row of the table doesn't end within 1 MiB");
  if (const std::optional<nnrt::CsvFault> &found = scanner.fault()) {
    std::string why(found->why);
    if (!found->hint.empty())
      why.append("; ").append(found->hint);
    return fault(path + ":" + Twine(found->line) + ":" + Twine(found->column), why);
  }
  if (!hasRow)
    return fault(path, "the table is empty");
  Table table;
  for (const nnrt::CsvField &field : scanner.fields())
    table.names.emplace_back(field.text);
  table.columns = table.names.size();
  if (!hasHeader)
    table.names.clear();
  return table;
}

} // namespace nnc::driver
