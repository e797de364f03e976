// Emits one pure function of the program as a private func.func of nn operations.
#pragma once

#include "compiler/sema/Program.h"
#include "dialects/train/ir/TrainOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringMap.h"

#include <set>

namespace nnc {
class SourceManager;

namespace emission {

/// Names of dimensions, each once, in the order in which they were met.
using Symbols = llvm::SetVector<std::string, std::vector<std::string>, std::set<std::string>>;

/// Says what an input of a function is bound to; null after an error.
using Binder = llvm::function_ref<mlir::train::BindAttr(const sema::Input &)>;

class FunctionEmitter {
public:
  FunctionEmitter(mlir::OpBuilder &builder, const SourceManager &sources)
      : builder(builder), sources(sources) {}

  /// The function, private, at the builder's insertion point. Its arguments are the dimensions
  /// among `dims` that it needs, then its inputs, each bound to what it is. Null after an error.
  mlir::func::FuncOp emit(const sema::Function &function, llvm::StringRef name,
                          llvm::ArrayRef<std::string> dims, Binder bind, mlir::Location location);

private:
  /// What a region sees: its own values alone.
  struct Scope {
    llvm::DenseMap<const sema::Node *, mlir::Value> values;
    llvm::StringMap<mlir::Value> dims; ///< by their text
  };

  mlir::LogicalResult addArguments(const sema::Function &source, const Symbols &symbols,
                                   llvm::ArrayRef<std::string> dims, Binder bind,
                                   mlir::func::FuncOp function);
  mlir::LogicalResult setNeeds(const sema::Function &source, llvm::ArrayRef<std::string> dims,
                               mlir::func::FuncOp function);
  mlir::LogicalResult emitNodes(const sema::Function &source);
  mlir::LogicalResult emitNode(const sema::Node &node);
  mlir::LogicalResult emitResult(const sema::Node &node);
  mlir::LogicalResult addSizes(const sema::Node &node, mlir::OperationState &state);
  mlir::LogicalResult addBodies(const sema::Node &node, mlir::OperationState &state);
  mlir::LogicalResult emitBody(const sema::Function &body, const Symbols &symbols,
                               mlir::Region &region, mlir::Location location);
  mlir::FailureOr<llvm::SmallVector<mlir::Value>> getResults(const sema::Function &source,
                                                             mlir::Location location);
  /// The value of a dimension as an index; null after an error.
  mlir::Value getDim(const sema::Dim &dim, mlir::Location location);
  mlir::Value computeDim(const sema::Dim &dim, mlir::Location location);
  mlir::Value computeAtom(llvm::StringRef atom, mlir::Location location);
  mlir::Location getLocation(const sema::Node &node);

  mlir::OpBuilder &builder;
  const SourceManager &sources;
  std::string name; ///< of the function, for messages
  Scope scope;
};

} // namespace emission
} // namespace nnc
