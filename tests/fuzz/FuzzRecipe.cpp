// Fuzzes the reader of a recipe's JSON.
#include "runtime/model/Recipe.h"
#include "tests/fuzz/FuzzFile.h"

#include <string>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  try {
    (void)nnrt::parseRecipe(std::string(reinterpret_cast<const char *>(bytes), size).c_str());
  } catch (const nnrt::Error &) { // NOLINT(bugprone-empty-catch): what bad input should get
  }
  return 0;
}
