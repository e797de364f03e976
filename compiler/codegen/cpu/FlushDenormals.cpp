// Denormal numbers are zero in compiled code: on every thread, and only there.
#include "compiler/codegen/cpu/FlushDenormals.h"
#include "compiler/codegen/shared/Entry.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicsAArch64.h"
#include "llvm/IR/IntrinsicsX86.h"
#include "llvm/IR/Module.h"
#include "llvm/TargetParser/Triple.h"

namespace nnc::codegen {

using namespace llvm;

/// x86: bit 15 makes results zero, bit 6 operands.
static void wrapX86(Function &function) {
  constexpr uint32_t kFlush = 1u << 15 | 1u << 6;
  IRBuilder<> builder(&function.getEntryBlock(), function.getEntryBlock().begin());
  Value *before = builder.CreateAlloca(builder.getInt32Ty());
  Value *during = builder.CreateAlloca(builder.getInt32Ty());
  builder.CreateIntrinsic(Intrinsic::x86_sse_stmxcsr, before);
  Value *mode = builder.CreateLoad(builder.getInt32Ty(), before);
  builder.CreateStore(builder.CreateOr(mode, kFlush), during);
  builder.CreateIntrinsic(Intrinsic::x86_sse_ldmxcsr, during);
  for (BasicBlock &block : function)
    if (auto *ret = dyn_cast<ReturnInst>(block.getTerminator())) {
      builder.SetInsertPoint(ret);
      builder.CreateIntrinsic(Intrinsic::x86_sse_ldmxcsr, before);
    }
}

/// AArch64: bit 24 of the control register does both.
static void wrapAArch64(Function &function) {
  constexpr uint64_t kFlush = uint64_t{1} << 24;
  IRBuilder<> builder(&function.getEntryBlock(), function.getEntryBlock().begin());
  Value *before = builder.CreateIntrinsic(builder.getInt64Ty(), Intrinsic::aarch64_get_fpcr, {});
  builder.CreateIntrinsic(Intrinsic::aarch64_set_fpcr, builder.CreateOr(before, kFlush));
  for (BasicBlock &block : function)
    if (auto *ret = dyn_cast<ReturnInst>(block.getTerminator())) {
      builder.SetInsertPoint(ret);
      builder.CreateIntrinsic(Intrinsic::aarch64_set_fpcr, before);
    }
}

void flushDenormals(Module &module) {
  const Triple &triple = module.getTargetTriple();
  bool isX86 = triple.getArch() == Triple::x86_64, isAArch64 = triple.isAArch64();
  for (Function &function : module) {
    bool isMarked = function.hasFnAttribute(entry::kFlushAttr);
    function.removeFnAttr(entry::kFlushAttr);
    if (function.isDeclaration() || (!isX86 && !isAArch64))
      continue;
    function.addFnAttr("denormal-fp-math", "preserve-sign,preserve-sign");
    // Code of a mode of its own isn't moved into code of another.
    if (!isMarked)
      continue;
    function.addFnAttr(Attribute::NoInline);
    isX86 ? wrapX86(function) : wrapAArch64(function);
  }
}

} // namespace nnc::codegen
