// What a data set makes of its columns before training: fitted once, applied to all rows.
#include "runtime/data/Preparation.h"

#include "runtime/support/Errors.h"
#include "runtime/support/Range.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include <algorithm>

namespace nnrt {

namespace {
/// Columns of some rows, on the device.
class ColumnStage {
public:
  /// Of these columns; the others stay away.
  ColumnStage(Device &device, const Table &columns, uint64_t mostRows,
              const std::vector<bool> &isUsed)
      : device(device), columns(columns), isUsed(isUsed) {
    for (size_t i = 0; i < isUsed.size(); ++i) {
      const uint64_t bytes = isUsed[i] ? mostRows * columns.columns[i].rowBytes : 0;
      staging.push_back(device.stage(std::max<uint64_t>(1, bytes), "the columns of the data set"));
      addresses.push_back(staging.back().device);
    }
  }

  /// Rows [first, first + count) of the table, or of the list `rows`.
  std::span<void *const> bring(std::span<const uint32_t> rows, uint64_t first, uint64_t count) {
    for (size_t i = 0; i < staging.size(); ++i) {
      const Column &column = columns.columns[i];
      const uint64_t each = column.rowBytes;
      if (each == 0 || !isUsed[i])
        continue;
      device.reuse(staging[i]);
      if (rows.empty())
        column.read(first, count, staging[i].host);
      else
        for (uint64_t row = 0; row < count; ++row)
          column.read(rows[first + row], 1, staging[i].host + row * each);
      device.submit(staging[i], count * each);
    }
    return addresses;
  }

private:
  Device &device;
  const Table &columns;
  std::vector<bool> isUsed;
  std::vector<Staging> staging;
  std::vector<void *> addresses;
};
} // namespace

/// The dimensions of a call over so many rows.
static std::vector<int64_t> dimsOfRows(const nnrt_model &model, std::span<const int64_t> dims,
                                       uint64_t rows) {
  std::vector<int64_t> sizes(dims.begin(), dims.end());
  for (int32_t dim : {model.rows_dim, model.batch_dim})
    if (dim >= 0)
      sizes[size_t(dim)] = int64_t(rows);
  return sizes;
}

/// The columns that something is fitted to: all rows of them are looked at at once, so only they
/// have to fit memory.
static std::vector<bool> columnsToFit(const Session &session, const DataDescription &data,
                                      size_t columns) {
  if (data.fits.size() != session.tensors(NNRT_FITTED).size())
    return std::vector<bool>(columns, true); // nothing says which
  std::vector<bool> isUsed(columns, false);
  for (const std::vector<uint32_t> &each : data.fits)
    for (uint32_t column : each)
      isUsed.at(column) = true;
  return isUsed;
}

void fitPreparation(Session &session, const DataDescription &data, const Table &columns,
                    std::span<const uint32_t> rows, std::span<const int64_t> dims) {
  if (!session.has("fit") || session.tensors(NNRT_FITTED).empty())
    return;
  Entry fit = session.entry("fit");
  const uint64_t count = rows.empty() ? columns.examples : rows.size();
  ColumnStage stage(session.device(), columns, count,
                    columnsToFit(session, data, columns.columns.size()));
  std::vector<int64_t> sizes = dimsOfRows(session.model(), dims, count);
  session.run(fit, {.dims = sizes, .columns = stage.bring(rows, 0, count)});
}

/// The first missing value of the column among these rows; all where there are none.
static std::optional<std::pair<uint64_t, uint64_t>> findMissing(const Column &column,
                                                                uint32_t dtype, uint64_t examples,
                                                                std::span<const uint32_t> rows) {
  const uint64_t count = rows.empty() ? examples : rows.size();
  std::vector<std::byte> bytes(column.rowBytes);
  for (uint64_t i = 0; i < count && column.rowBytes; ++i) {
    const uint64_t row = rows.empty() ? i : rows[i];
    column.read(row, 1, bytes.data());
    if (auto element = findNaN(dtype, bytes))
      return std::pair(row, *element);
  }
  return std::nullopt;
}

void checkFitted(const Session &session, const DataDescription &data, const DataReader &reader,
                 const Table &columns, std::span<const uint32_t> rows) {
  std::span<const nnrt_tensor> fitted = session.tensors(NNRT_FITTED);
  std::vector<std::byte> bytes;
  for (uint32_t i = 0; i < fitted.size() && i < data.fits.size(); ++i) {
    bytes.resize(tensorBytes(fitted[i]));
    session.read(NNRT_FITTED, i, 0, bytes);
    if (!findNaN(fitted[i].dtype, bytes))
      continue;
    for (uint32_t column : data.fits[i]) {
      auto missing =
          findMissing(columns.columns[column], session.model().columns[column].tensor.dtype,
                      columns.examples, rows);
      if (!missing)
        continue;
      const std::vector<std::string> names = reader.names(column);
      std::string name = !data.columns[column].name.empty()
                             ? cat("'", data.columns[column].name, "'")
                             : reader.fields()[column].name;
      if (missing->second < names.size())
        name = cat("column '", printable(names[missing->second]), "'");
      throw errors::missingInFit(reader.place(column, missing->first, missing->second), name);
    }
  }
}

Table prepareFields(Session &session, const Table &columns, std::span<const int64_t> dims) {
  constexpr uint64_t mostRows = 4096;
  const nnrt_model &model = session.model();
  Entry prepare = session.entry("prepare");
  const uint64_t chunk = std::min(mostRows, columns.examples);
  ColumnStage stage(session.device(), columns, chunk,
                    std::vector<bool>(columns.columns.size(), true));
  Table fields;
  fields.examples = columns.examples;
  std::vector<Buffer> results;
  std::vector<void *> addresses;
  std::vector<ColumnNeed> needs;
  uint64_t mostBytes = 0;
  for (uint32_t i = 0; i < model.num_fields; ++i) {
    const uint64_t rowBytes = exampleBytes(model.fields[i].tensor, dims);
    needs.push_back({model.fields[i].tensor.name, rowBytes, fields.examples, {}});
    mostBytes = std::max(mostBytes, chunk * rowBytes);
    results.push_back(
        session.device().allocate(std::max<uint64_t>(1, chunk * rowBytes), "the prepared data"));
    addresses.push_back(results.back().at());
  }
  fields.columns = makeColumns(needs, "the prepared data");
  std::vector<std::byte> piece(mostBytes);
  for (uint64_t first = 0; first < fields.examples; first += chunk) {
    uint64_t count = std::min(chunk, fields.examples - first);
    std::vector<int64_t> sizes = dimsOfRows(model, dims, count);
    session.run(prepare,
                {.dims = sizes, .fields = addresses, .columns = stage.bring({}, first, count)});
    for (size_t i = 0; i < results.size(); ++i) {
      Column &field = fields.columns[i];
      const std::span rows = std::span(piece).first(count * field.rowBytes);
      session.device().download(rows, results[i].at());
      if (findNotFinite(model.fields[i].tensor.dtype, rows))
        field.isFinite = false;
      field.write(first, rows);
    }
  }
  return fields;
}

void checkField(const nnrt_port &port, const Table &fields, uint32_t field,
                const std::function<std::string(uint64_t row)> &place) {
  if (port.low >= port.high)
    return;
  const Column &column = fields.columns[field];
  column.forEachPiece(fields.examples, [&](uint64_t first, std::span<const std::byte> rows) {
    if (auto found = findOutOfRange(port.tensor.dtype, port.low, port.high, rows))
      throw errors::valueOutOfRange(
          place(first + found->element * elementSize(port.tensor.dtype) / column.rowBytes),
          port.tensor.name, found->value, port.low, port.high);
  });
}

} // namespace nnrt
