// The headers of idx, npy and csv files, and the arrays that are constants; other rows are the
// program's affair.
#include "compiler/driver/DataFiles.h"

#include "compiler/sema/Types.h"
#include "runtime/data/CsvScanner.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
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

std::string DataFiles::find(StringRef file, std::vector<std::string> &looked) const {
  if (sys::path::is_absolute(file))
    return isFile(file) ? file.str() : std::string();
  for (const std::string &folder : folders) {
    looked.push_back(folder);
    if (std::string path = findIn(folder, file); !path.empty())
      return path;
    std::vector<std::string> inner;
    std::error_code code;
    for (sys::fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code))
      if (inner.size() < maxFolders && sys::fs::is_directory(it->path()))
        inner.push_back(it->path());
    llvm::sort(inner); // the order of a folder's entries is chance
    for (const std::string &each : inner)
      if (std::string path = findIn(each, file); !path.empty())
        return path;
  }
  return "";
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

/// The first bytes of a file, unpacked where it is packed: as many as there are, up to `most`.
static Expected<std::string> readStart(StringRef path, size_t most) {
  gzFile file = gzopen(path.str().c_str(), "rb");
  if (!file)
    return fault(path, "cannot read the file: " + std::generic_category().message(errno));
  auto close = scope_exit([&] { gzclose(file); });
  std::string text(most, '\0');
  size_t size = 0;
  while (size < most) {
    int count = gzread(file, text.data() + size, static_cast<unsigned>(most - size));
    if (count < 0)
      return fault(path, "cannot read the file: it is damaged");
    if (count == 0)
      break;
    size += static_cast<size_t>(count);
  }
  text.resize(size);
  return text;
}

static uint32_t bigEndian(StringRef text, size_t at) {
  auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(text[at + i])); };
  return byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
}

static Expected<DataFiles::Array> readIdx(StringRef path) {
  Expected<std::string> text = readStart(path, 4 + 4 * 255);
  if (!text)
    return text.takeError();
  if (text->size() < 4 || (*text)[0] || (*text)[1])
    return fault(path, "this is not an IDX file");
  DataFiles::Array array;
  switch (static_cast<uint8_t>((*text)[2])) {
  case 0x08:
    array.element = Element::U8;
    break;
  case 0x0C:
    array.element = Element::I32;
    break;
  case 0x0D:
    array.element = Element::F32;
    break;
  case 0x0E:
    array.element = Element::F64;
    break;
  default:
    return fault(path, "IDX elements of kind 0x" + utohexstr(static_cast<uint8_t>((*text)[2])) +
                           " are not supported");
  }
  size_t rank = static_cast<uint8_t>((*text)[3]);
  if (text->size() < 4 + 4 * rank)
    return fault(path, "the IDX header is cut off");
  for (size_t i = 0; i < rank; ++i)
    array.sizes.push_back(bigEndian(*text, 4 + 4 * i));
  return array;
}

/// What the header of an npy file says, and where the elements begin.
namespace {
struct NpyHeader {
  DataFiles::Array array;
  bool isByColumn = false;
  /// Whether elements lie in the file as in memory: not widened, and in this order of bytes.
  bool isPlain = true;
  size_t size = 0;
};
} // namespace

/// A header is no longer.
static constexpr size_t maxNpyHeader = 1 << 20;

/// `{'descr': '<f4', 'fortran_order': False, 'shape': (60, 6), }`
static Expected<NpyHeader> parseNpy(StringRef path, StringRef text) {
  if (text.size() < 12 || !text.starts_with("\x93NUMPY"))
    return fault(path, "this is not a NumPy array file");
  auto byte = [&](size_t i) { return static_cast<size_t>(static_cast<uint8_t>(text[i])); };
  bool isFirst = byte(6) == 1;
  size_t size =
      isFirst ? byte(8) | byte(9) << 8 : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
  NpyHeader header;
  header.size = (isFirst ? 10 : 12) + size;
  if (header.size > text.size()) // as much as there is, up to maxNpyHeader
    return fault(path, text.size() < maxNpyHeader ? "the header of the array is cut off"
                                                  : "the header of the array is too long");
  text = text.substr(isFirst ? 10 : 12, size);
  header.isByColumn = text.split("'fortran_order'").second.ltrim(": ").starts_with("True");
  StringRef kind = text.split("'descr'").second.split('\'').second.split('\'').first;
  DataFiles::Array &array = header.array;
  // A program widens what the language has no type for.
  auto [order, code] = std::pair(kind.take_front(), kind.drop_front());
  auto element = StringSwitch<std::optional<Element>>(code)
                     .Case("f8", Element::F64)
                     .Case("f4", Element::F32)
                     .Case("f2", Element::F16)
                     .Cases({"i8", "u8", "u4"}, Element::I64)
                     .Cases({"i4", "i2", "i1", "u2"}, Element::I32)
                     .Case("u1", Element::U8)
                     .Case("b1", Element::Bool)
                     .Default(std::nullopt);
  header.isPlain = order != ">" && StringRef("f8 f4 f2 i8 i4 u1 b1").contains(code);
  if (order.empty() || !StringRef("<>|=").contains(order))
    element.reset();
  if (!element)
    return fault(path, "NumPy elements '" + kind + "' are not supported");
  array.element = *element;
  SmallVector<StringRef, 8> sizes;
  text.split("'shape'").second.split('(').second.split(')').first.split(sizes, ',', -1,
                                                                        /*KeepEmpty=*/false);
  for (StringRef each : sizes) {
    int64_t number = 0;
    if (each.trim().empty())
      continue;
    if (each.trim().getAsInteger(10, number) || number < 0)
      return fault(path, "the header of the array is malformed");
    array.sizes.push_back(number);
  }
  return header;
}

static Expected<DataFiles::Array> readNpy(StringRef path) {
  Expected<std::string> start = readStart(path, maxNpyHeader);
  if (!start)
    return start.takeError();
  Expected<NpyHeader> header = parseNpy(path, *start);
  if (!header)
    return header.takeError();
  return std::move(header->array);
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
  Expected<std::string> text = readStart(path, maxNpyHeader);
  if (!text)
    return text.takeError();
  Expected<NpyHeader> header = parseNpy(path, *text);
  if (!header)
    return header.takeError();
  if (!header->isPlain)
    return fault(path, "a constant's elements are f2, f4, f8, i4, i8 or u1, lowest byte first");
  sema::Type type{header->array.element, {}};
  uint64_t width = sema::tensorBytes(type).value_or(0), bytes = width;
  for (int64_t size : header->array.sizes) {
    bool isOver = false;
    bytes = SaturatingMultiply(bytes, static_cast<uint64_t>(size), &isOver);
    if (isOver || bytes > most)
      return fault(path, "the array is larger than " + Twine(most >> 20) + " MiB");
  }
  // One byte more, to see that there is none.
  text = readStart(path, header->size + bytes + 1);
  if (!text)
    return text.takeError();
  if (text->size() != header->size + bytes)
    return fault(path, text->size() < header->size + bytes ? "the array is cut off"
                                                           : "something follows the array");
  text->erase(0, header->size);
  if (header->isByColumn)
    *text = toRows(*text, header->array.sizes, width);
  return Values{std::move(header->array), std::move(*text)};
}

Expected<DataFiles::Array> DataFiles::readArray(StringRef reader, StringRef path) const {
  return reader == "idx" ? readIdx(path) : readNpy(path);
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
  if (const std::optional<nnrt::CsvFault> &found = scanner.fault())
    return fault(path + ":" + Twine(found->line) + ":" + Twine(found->column), found->why);
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
