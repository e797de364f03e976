// Metrics of several numbers, as text and as JSON.
#pragma once

#include "runtime/data/Dataset.h"
#include "runtime/loop/Evaluate.h"
#include "runtime/support/Json.h"

#include <string>

namespace nnrt {

/// Each table of the results: a line with its name, its numbers below it, in columns. Rows and
/// columns have the names of the classes that they are, where `facts` say them, else numbers. Of a
/// table that nobody could read only how many numbers it has.
std::string tablesText(const Recipe &recipe, const Results &results, const DataFacts *facts);

/// The same as fields of an object: arrays, row by row.
void writeTables(JsonWriter &json, const Recipe &recipe, const Results &results);

} // namespace nnrt
