// How functions are handed buffers: by a pointer and what their types don't say.
#ifndef NNC_COMPILER_CODEGEN_CPU_PASSBUFFERS_H
#define NNC_COMPILER_CODEGEN_CPU_PASSBUFFERS_H

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/IR/Builders.h"

namespace nnc::codegen {

/// A buffer goes as the pointer to its first element, followed by its symbolic sizes and then its
/// symbolic strides, as i64; any other value as itself, in the LLVM dialect's type. Upstream hands
/// over a whole descriptor, all of which its type mostly says: 7 values for a matrix.
class PassBuffers {
public:
  explicit PassBuffers(mlir::MLIRContext *context);

  /// Appends the types in which a value of `type` goes.
  void appendTypes(mlir::Type type, llvm::SmallVectorImpl<mlir::Type> &types) const;
  /// Appends the values in which `value` goes, made where `builder` is.
  void append(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value,
              llvm::SmallVectorImpl<mlir::Value> &values) const;
  /// The value of `type` that begins `values`, from which it is taken.
  mlir::Value take(mlir::OpBuilder &builder, mlir::Location loc, mlir::Type type,
                   mlir::ValueRange &values) const;
  /// From now on `buffer` is handed on as `values`, in which it came.
  void note(mlir::Value buffer, mlir::ValueRange values) { came[buffer] = llvm::to_vector(values); }

private:
  mlir::Value findFirstElement(mlir::OpBuilder &builder, mlir::Location loc,
                               mlir::Value value) const;

  mlir::LLVMTypeConverter converter;
  llvm::DenseMap<mlir::Value, llvm::SmallVector<mlir::Value, 3>> came;
};

} // namespace nnc::codegen

#endif
