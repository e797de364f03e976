// Denormal numbers are zero in compiled code.
#ifndef NNC_COMPILER_CODEGEN_CPU_FLUSHDENORMALS_H
#define NNC_COMPILER_CODEGEN_CPU_FLUSHDENORMALS_H

namespace llvm {
class Module;
}

namespace nnc::codegen {

/// Switches to flushing where functions that are marked for it (entry::kFlushAttr) begin, and back
/// where they end; tells LLVM that all code runs so. Nothing on machines of which it knows no mode.
void flushDenormals(llvm::Module &module);

} // namespace nnc::codegen

#endif
