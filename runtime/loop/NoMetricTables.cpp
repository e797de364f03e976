// What programs whose metrics are single numbers have in place of tables of them.
#include "runtime/loop/MetricTables.h"

namespace nnrt {

std::string tablesText(const Recipe &, const Results &, const DataFacts *) { return {}; }
void writeTables(JsonWriter &, const Recipe &, const Results &) {}

} // namespace nnrt
