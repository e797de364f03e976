// What a data set makes of its columns before training: fitted once, applied to all rows.
#include "runtime/data/Preparation.h"

#include "runtime/support/Errors.h"
#include "runtime/support/Range.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <cstring>

namespace nnrt {

namespace {
/// Columns of some rows, on the device.
class ColumnStage {
public:
  ColumnStage(Device &device, const Table &columns, uint64_t mostRows)
      : device(device), columns(columns) {
    for (const Column &column : columns.columns) {
      staging.push_back(device.stage(std::max<uint64_t>(1, mostRows * column.rowBytes),
                                     "the columns of the data set"));
      addresses.push_back(staging.back().device);
    }
  }

  /// Rows [first, first + count) of the table, or of the list `rows`.
  std::span<void *const> bring(std::span<const uint32_t> rows, uint64_t first, uint64_t count) {
    for (size_t i = 0; i < staging.size(); ++i) {
      const Column &column = columns.columns[i];
      const uint64_t each = column.rowBytes;
      if (each == 0)
        continue;
      device.reuse(staging[i]);
      if (rows.empty())
        memcpy(staging[i].host, column.memory.data() + first * each, count * each);
      else
        for (uint64_t row = 0; row < count; ++row)
          memcpy(staging[i].host + row * each, column.memory.data() + rows[first + row] * each,
                 each);
      device.submit(staging[i], count * each);
    }
    return addresses;
  }

private:
  Device &device;
  const Table &columns;
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

void fitPreparation(Session &session, const Table &columns, std::span<const uint32_t> rows,
                    std::span<const int64_t> dims) {
  if (!session.has("fit"))
    return;
  Entry fit = session.entry("fit");
  const uint64_t count = rows.empty() ? columns.examples : rows.size();
  ColumnStage stage(session.device(), columns, count);
  std::vector<int64_t> sizes = dimsOfRows(session.model(), dims, count);
  session.run(fit, {.dims = sizes, .columns = stage.bring(rows, 0, count)});
}

/// The first missing value of the column among these rows; all where there are none.
static std::optional<std::pair<uint64_t, uint64_t>> findMissing(const Column &column,
                                                                uint32_t dtype, uint64_t examples,
                                                                std::span<const uint32_t> rows) {
  const uint64_t count = rows.empty() ? examples : rows.size();
  for (uint64_t i = 0; i < count && column.rowBytes; ++i) {
    const uint64_t row = rows.empty() ? i : rows[i];
    if (auto element =
            findNaN(dtype, {column.memory.data() + row * column.rowBytes, column.rowBytes}))
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
  ColumnStage stage(session.device(), columns, chunk);
  Table fields;
  fields.examples = columns.examples;
  std::vector<Buffer> results;
  std::vector<void *> addresses;
  for (uint32_t i = 0; i < model.num_fields; ++i) {
    uint64_t rowBytes = exampleBytes(model.fields[i].tensor, dims), bytes = 0;
    if (__builtin_mul_overflow(rowBytes, fields.examples, &bytes))
      throw errors::outOfMemory(UINT64_MAX, model.fields[i].tensor.name);
    fields.columns.push_back({Memory(bytes, "the prepared data"), rowBytes});
    results.push_back(
        session.device().allocate(std::max<uint64_t>(1, chunk * rowBytes), "the prepared data"));
    addresses.push_back(results.back().at());
  }
  for (uint64_t first = 0; first < fields.examples; first += chunk) {
    uint64_t count = std::min(chunk, fields.examples - first);
    std::vector<int64_t> sizes = dimsOfRows(model, dims, count);
    session.run(prepare,
                {.dims = sizes, .fields = addresses, .columns = stage.bring({}, first, count)});
    for (size_t i = 0; i < results.size(); ++i) {
      Column &field = fields.columns[i];
      session.device().download(
          {field.memory.data() + first * field.rowBytes, count * field.rowBytes}, results[i].at());
    }
  }
  return fields;
}

void checkField(const nnrt_port &port, const Column &field,
                const std::function<std::string(uint64_t row)> &place) {
  std::span data(field.memory.data(), field.memory.size());
  if (auto found = findOutOfRange(port.tensor.dtype, port.low, port.high, data))
    throw errors::valueOutOfRange(
        place(found->element * elementSize(port.tensor.dtype) / field.rowBytes), port.tensor.name,
        found->value, port.low, port.high);
}

} // namespace nnrt
