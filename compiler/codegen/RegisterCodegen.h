// Registers what code generation needs: dialects, their interfaces and translations, passes and
// pipelines.
#ifndef NNC_COMPILER_CODEGEN_REGISTERCODEGEN_H
#define NNC_COMPILER_CODEGEN_REGISTERCODEGEN_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace nnc::codegen {

/// Adds dialects and interface models to `registry`, and the passes and pipelines to MLIR's global
/// pass registry.
void registerCodegen(mlir::DialectRegistry &registry);

} // namespace nnc::codegen

#endif
