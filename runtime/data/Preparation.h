// What a data set makes of its columns before training: fitted once, applied to all rows.
#pragma once

#include "runtime/data/DataReader.h"
#include "runtime/data/Dataset.h"

#include <functional>

namespace nnrt {

/// Fits the preparation to these rows of a table of columns (empty: all of them); the session holds
/// the result. Throws Error: no memory for these rows of the columns that something is fitted to.
void fitPreparation(Session &session, const DataDescription &data, const Table &columns,
                    std::span<const uint32_t> rows, std::span<const int64_t> dims);

/// Throws Error: what has been fitted to these rows is NaN because one of them has a missing value.
void checkFitted(const Session &session, const DataDescription &data, const DataReader &reader,
                 const Table &columns, std::span<const uint32_t> rows);

/// The fields of all rows.
Table prepareFields(Session &session, const Table &columns, std::span<const int64_t> dims);

/// Throws Error: a value of a field out of its bounds. `place` names a row for messages.
void checkField(const nnrt_port &port, const Table &fields, uint32_t field,
                const std::function<std::string(uint64_t row)> &place);

} // namespace nnrt
