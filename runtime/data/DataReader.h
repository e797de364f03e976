// What a format of data gives: columns of examples. One file per format, one line of registration.
#pragma once

#include "runtime/data/RowFile.h"
#include "runtime/model/Recipe.h"
#include "runtime/support/Error.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nnrt {

/// A column: the type and the size of an example of it.
struct DataField {
  std::string name; ///< for messages: "image", "'longitude' to 'total_rooms'"
  uint32_t dtype = 0;
  std::vector<int64_t> shape; ///< of one example
  std::string file;           ///< that it comes from
};

/// A class of a category or of images, or a unit of a text, and the first example or unit that is
/// one.
struct ClassPlace {
  std::string name;
  uint64_t first = 0;
};

/// A data source, opened and its form checked; the examples come with read().
class DataReader {
public:
  virtual ~DataReader();

  /// One per column of the data, in their order.
  const std::vector<DataField> &fields() const { return columns; }
  uint64_t examples() const { return count; }

  /// Fills `out` with the examples from `first` on of a column. Fastest front to back; different
  /// columns may be read by different threads. Throws Error: the data ends early, or does not end.
  virtual void read(uint32_t column, uint64_t first, std::span<std::byte> out) = 0;

  /// Where the rows of a column lie in a file just as read() gives them, one behind the other;
  /// nothing where they don't, or not every byte of them may be anything.
  virtual std::optional<FilePlace> rowsPlace(uint32_t column) const;

  /// Where a value stands: "labels.gz: at byte 25: example 17", "housing.csv:18:3".
  virtual std::string place(uint32_t column, uint64_t example, uint64_t element) const = 0;

  /// An example, for messages: "images.npy: example 17", "housing.csv:18".
  virtual std::string example(uint64_t number) const = 0;

  /// The names in the header of what makes up a column of a table; none where there is no header.
  virtual std::vector<std::string> names(uint32_t column) const;
  /// The classes in a column of categories or of labels, or the units of a text, in the order in
  /// which they first come.
  virtual std::vector<ClassPlace> classes(uint32_t column) const;
  /// Where that first one stands, for messages.
  virtual std::string classPlace(uint32_t column, uint64_t first) const;
  /// Says which number each class has: its place in `names`. Throws Error: there is another class,
  /// with the place of its first example.
  virtual void setClasses(uint32_t column, std::span<const std::string> names);

  /// Why a column cannot be read, where it was asked to bear that; null where it can.
  virtual const Error *missing(uint32_t column) const;

protected:
  std::vector<DataField> columns;
  uint64_t count = 0;
};

/// What a reader is opened with.
struct ReaderRequest {
  const DataDescription &data;
  const DataDescription::Source &source;
  /// The path of each of the source's files.
  std::vector<std::string> paths;
  /// What the columns of a table were in training, by the names of its header: they may stand in
  /// another order now. Empty: what the data set says.
  /// (-Wextra wants the initializer where a use leaves the field out.)
  // NOLINTNEXTLINE(readability-redundant-member-init)
  std::span<const std::vector<std::string>> names = {};
  /// Whether columns that are not there, or hold what they should not, are borne: their examples
  /// are zeros, and missing() says why.
  bool isLenient = false;
};

/// Opens a source with the reader of its format. Throws Error: its file cannot be read or is not of
/// the form that the data set states.
std::unique_ptr<DataReader> openReader(const ReaderRequest &request);

/// How the formats are opened.
std::unique_ptr<DataReader> openIdx(const ReaderRequest &request);
std::unique_ptr<DataReader> openNpy(const ReaderRequest &request);
std::unique_ptr<DataReader> openCsv(const ReaderRequest &request);
std::unique_ptr<DataReader> openText(const ReaderRequest &request);
std::unique_ptr<DataReader> openFolder(const ReaderRequest &request);

} // namespace nnrt
