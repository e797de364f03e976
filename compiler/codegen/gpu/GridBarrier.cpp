// The barrier of all threads of all blocks of a cooperative launch.
#include "compiler/codegen/gpu/GridBarrier.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicsNVPTX.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/Cloning.h"

namespace nnc::codegen {

using namespace llvm;

namespace {

/// Writes the function.
///
/// One word counts: each block adds one, and the first so much that all together add 2^31. So the
/// highest bit turns when the last block has come, for which the others wait, and the word is ready
/// for the next barrier: nothing has to reset it.
class BarrierEmitter {
public:
  BarrierEmitter(Function &function, StringRef kernel)
      : function(function), kernel(kernel), module(*function.getParent()),
        context(module.getContext()), builder(context),
        device(context.getOrInsertSyncScopeID("device")) {}

  void run() {
    function.setLinkage(GlobalValue::InternalLinkage);
    auto *enter = BasicBlock::Create(context, "enter", &function);
    auto *arrive = BasicBlock::Create(context, "arrive", &function);
    auto *wait = BasicBlock::Create(context, "wait", &function);
    auto *leave = BasicBlock::Create(context, "leave", &function);
    builder.SetInsertPoint(enter);
    waitForBlock();
    builder.CreateCondBr(builder.CreateIsNull(read(Intrinsic::nvvm_read_ptx_sreg_tid_x)), arrive,
                         leave);

    builder.SetInsertPoint(arrive);
    Value *isFirst = builder.CreateIsNull(read(Intrinsic::nvvm_read_ptx_sreg_ctaid_x));
    Value *most = builder.CreateSub(builder.getInt32(0x80000001),
                                    read(Intrinsic::nvvm_read_ptx_sreg_nctaid_x));
    Value *step = builder.CreateSelect(isFirst, most, builder.getInt32(1));
    // LLVM 22 drops the order that an atomicrmw asks for on these machines.
    builder.CreateFence(AtomicOrdering::AcquireRelease, device);
    GlobalVariable *counter = createCounter();
    Value *before = builder.CreateAtomicRMW(AtomicRMWInst::Add, counter, step, Align(4),
                                            AtomicOrdering::Monotonic, device);
    builder.CreateBr(wait);

    builder.SetInsertPoint(wait);
    LoadInst *now = builder.CreateAlignedLoad(builder.getInt32Ty(), counter, Align(4));
    now->setAtomic(AtomicOrdering::Acquire, device);
    Value *turned = builder.CreateXor(before, now);
    Value *isDone = builder.CreateICmpSLT(turned, builder.getInt32(0));
    builder.CreateCondBr(isDone, leave, wait);

    builder.SetInsertPoint(leave);
    waitForBlock();
    builder.CreateRetVoid();
  }

private:
  Value *read(Intrinsic::ID number) { return builder.CreateIntrinsic(number, {}); }

  void waitForBlock() {
    builder.CreateIntrinsic(Intrinsic::nvvm_barrier_cta_sync_aligned_all, {builder.getInt32(0)});
  }

  /// Each kernel has its own: they are compiled apart.
  GlobalVariable *createCounter() {
    auto *counter = new GlobalVariable(module, builder.getInt32Ty(), /*isConstant=*/false,
                                       GlobalValue::InternalLinkage, builder.getInt32(0),
                                       "nnrt_grid_barrier_count_" + kernel, nullptr,
                                       GlobalValue::NotThreadLocal, /*AddressSpace=*/1);
    counter->setAlignment(Align(4));
    return counter;
  }

  Function &function;
  StringRef kernel;
  Module &module;
  LLVMContext &context;
  IRBuilder<> builder;
  SyncScope::ID device;
};

} // namespace

void expandGridBarriers(Module &module) {
  Function *barrier = module.getFunction(kGridBarrier);
  if (!barrier || barrier->use_empty())
    return;
  StringRef kernel = cast<CallBase>(*barrier->user_begin())->getFunction()->getName();
  BarrierEmitter(*barrier, kernel).run();
  for (User *user : make_early_inc_range(barrier->users())) {
    InlineFunctionInfo info;
    InlineFunction(*cast<CallBase>(user), info);
  }
  barrier->eraseFromParent();
}

} // namespace nnc::codegen
