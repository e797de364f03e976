// Runs functions of nn operations in this process: lowered to plain loops, compiled without
// optimisation.
#pragma once

#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace nnc::test {

/// A tensor of any element type; doubles hold the values of all but the greatest i64 exactly.
struct Array {
  std::string element; ///< as MLIR spells it: `f32`, `ui8`
  std::vector<int64_t> shape;
  std::vector<double> values;

  int64_t size() const;
  /// The value at a multi-index.
  double &at(std::vector<int64_t> place);
};

/// The context that all tests share, with every dialect that the lowering needs.
mlir::MLIRContext &getContext();

/// Parses a module; null, after printing why, where it isn't valid.
mlir::OwningOpRef<mlir::ModuleOp> parse(const std::string &text);
/// Runs a textual pass pipeline over a module.
bool runPasses(mlir::ModuleOp module, const std::string &pipeline);

/// The compiled function `@f` of a module, whose first argument is an `index` and whose others are
/// tensors.
class Jit {
public:
  /// Runs `passes` over the module (`nn-differentiate` for example), lowers and compiles it. Null,
  /// after printing why, where that fails.
  static std::unique_ptr<Jit> compile(const std::string &text, const std::string &passes = "");
  /// As above; `change` may change the module before it is lowered.
  static std::unique_ptr<Jit> compile(mlir::ModuleOp module);

  std::vector<Array> run(int64_t index, const std::vector<Array> &arguments);

private:
  struct ResultType {
    std::string element;
    int64_t rank;
  };
  std::vector<ResultType> results;
  std::unique_ptr<mlir::ExecutionEngine> engine;
};

} // namespace nnc::test
