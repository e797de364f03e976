// Emits one pure function of the program as a private func.func of nn operations.
#pragma once

#include "compiler/sema/Program.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

namespace nnc {
class SourceManager;

namespace emission {

/// The arguments of a function, in order: which input of the program's function each one is.
class Signature {
public:
  /// Begins with one index argument for each dimension.
  Signature(mlir::OpBuilder &builder, llvm::ArrayRef<std::string> dims);

  void add(sema::Input::Kind kind, llvm::StringRef name, mlir::Type type);
  /// Lets an input be the argument that another one already is.
  void alias(sema::Input::Kind kind, llvm::StringRef name, sema::Input::Kind of);

  /// The number of the argument of that kind and name.
  std::optional<unsigned> find(const sema::Input &input) const;
  llvm::ArrayRef<mlir::Type> getTypes() const { return types; }
  llvm::ArrayRef<std::string> getDims() const { return dims; }

private:
  struct Slot {
    sema::Input::Kind kind;
    std::string name;
    unsigned argument;
  };
  llvm::ArrayRef<std::string> dims;
  llvm::SmallVector<mlir::Type> types;
  llvm::SmallVector<Slot> slots;
};

class FunctionEmitter {
public:
  FunctionEmitter(mlir::OpBuilder &builder, const SourceManager &sources)
      : builder(builder), sources(sources) {}

  /// The function, private, at the builder's insertion point. Null after an error.
  mlir::func::FuncOp emit(const sema::Function &function, llvm::StringRef name,
                          const Signature &signature, mlir::Location location);

private:
  mlir::LogicalResult bindInput(const sema::Input &input, const Signature &signature);
  mlir::LogicalResult emitNode(const sema::Node &node);
  mlir::LogicalResult emitSizes(const sema::Node &node, mlir::OperationState &state);
  mlir::Attribute convertAttribute(const sema::Attribute &attribute, mlir::RankedTensorType type);
  /// The value of a dimension as an index; null after an error.
  mlir::Value getDim(const sema::Dim &dim, mlir::Location location);
  mlir::Value computeDim(const sema::Dim &dim, mlir::Location location);
  mlir::Value computeAtom(llvm::StringRef atom, mlir::Location location);
  mlir::Location getLocation(const sema::Node &node);

  mlir::OpBuilder &builder;
  const SourceManager &sources;
  mlir::func::FuncOp function;
  llvm::DenseMap<const sema::Node *, mlir::Value> values;
  llvm::StringMap<mlir::Value> dims; ///< by their text
};

} // namespace emission
} // namespace nnc
