// A small interpreter of program graphs in f64, to check what they compute.
#pragma once

#include "compiler/sema/Program.h"

#include <map>

namespace nnc::test {

struct Array {
  std::vector<int64_t> shape;
  std::vector<double> data; ///< row by row

  static Array scalar(double value) { return {{}, {value}}; }
  static Array filled(std::vector<int64_t> shape, double value);
};

/// Runs `function`. `inputs` holds one array per input, in order; `dims` the values of symbolic
/// dimensions. Uniform random numbers are all 1, so that a sampled interval shows its upper end.
std::vector<Array> run(const sema::Function &function, const std::vector<Array> &inputs,
                       const std::map<std::string, int64_t> &dims = {});

} // namespace nnc::test
