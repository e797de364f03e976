// Kernels as code of the host, which announces what it does to the emulator (nnrt/emulator.h).
#include "compiler/codegen/cpu/Machine.h"
#include "compiler/codegen/gpu/AccessPattern.h"
#include "compiler/codegen/gpu/Gpu.h"
#include "compiler/codegen/gpu/GridBarrier.h"

#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/IntrinsicsNVPTX.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Path.h"
#include "llvm/Transforms/Utils/Cloning.h"

namespace nnc::codegen {

using namespace llvm;

namespace {

/// Rewrites functions of one module.
class Emulation {
public:
  /// `announces`: whether they are to say what they access.
  Emulation(Module &module, bool announces)
      : module(module), announces(announces), context(module.getContext()),
        pointer(PointerType::get(context, 0)), i32(Type::getInt32Ty(context)),
        i64(Type::getInt64Ty(context)), nothing(Type::getVoidTy(context)) {}

  /// Makes a kernel a function of the host, which `void NAME(void *const *arguments)` calls.
  Error run(Function &kernel, const Twine &name) {
    settle(kernel);
    shared = placeSharedMemory(kernel).first;
    if (Error error = rewrite(kernel))
      return error;
    addCaller(kernel, name);
    return Error::success();
  }

private:
  /// A function of the host: without what only the other machine knows, and without promises that
  /// other threads break.
  static void settle(Function &function) {
    function.setCallingConv(CallingConv::C);
    function.setLinkage(GlobalValue::InternalLinkage);
    function.setAttributes({});
    function.addFnAttr(Attribute::NoUnwind);
    function.addFnAttr(Attribute::NoInline);
  }

  FunctionCallee callee(StringRef name, Type *result, ArrayRef<Type *> types) {
    return module.getOrInsertFunction(name, FunctionType::get(result, types, false));
  }

  /// The site of an instruction: one constant for each kernel and line.
  Constant *siteOf(const Instruction &instruction) {
    std::string place;
    // Where the program uses what it calls.
    const DILocation *where = instruction.getDebugLoc();
    while (where && where->getInlinedAt())
      where = where->getInlinedAt();
    if (where)
      place = (sys::path::filename(where->getFilename()) + ":" + Twine(where->getLine())).str();
    GlobalVariable *&site = sites[{instruction.getFunction(), place}];
    if (!site) {
      IRBuilder<> builder(context);
      Constant *texts[] = {
          builder.CreateGlobalString(instruction.getFunction()->getName(), "", 0, &module),
          builder.CreateGlobalString(place, "", 0, &module)};
      Constant *value = ConstantStruct::get(StructType::get(pointer, pointer), texts);
      site = new GlobalVariable(module, value->getType(), /*isConstant=*/true,
                                GlobalValue::PrivateLinkage, value, "site");
    }
    return site;
  }

  /// Whether memory at `address` is the thread's own.
  static bool isOwn(const Value *address) {
    return isa<AllocaInst>(getUnderlyingObject(address, /*MaxLookup=*/0));
  }

  /// Calls `name`, of nnrt/emulator.h, before an access.
  void announce(StringRef name, Instruction &access, Value *address, Value *bytes,
                uint64_t alignment) {
    if (!announces || isOwn(address))
      return;
    IRBuilder<> builder(&access);
    Value *generic = builder.CreateAddrSpaceCast(address, pointer);
    builder.CreateCall(callee(name, nothing, {pointer, i64, i64, pointer}),
                       {generic, bytes, builder.getInt64(alignment), siteOf(access)});
  }

  /// The same of a write of what was read at `from`.
  void announceMove(Instruction &access, Value *address, Value *from, Value *bytes,
                    uint64_t alignment) {
    if (!announces || isOwn(address))
      return;
    IRBuilder<> builder(&access);
    builder.CreateCall(callee("nnrt_emu_move", nothing, {pointer, pointer, i64, i64, pointer}),
                       {builder.CreateAddrSpaceCast(address, pointer),
                        builder.CreateAddrSpaceCast(from, pointer), bytes,
                        builder.getInt64(alignment), siteOf(access)});
  }

  /// The load whose value `store` moves, at once and nowhere else; null: it computes with it, or
  /// who knows.
  static LoadInst *findMoved(StoreInst &store) {
    auto *load = dyn_cast<LoadInst>(store.getValueOperand());
    if (!load || !load->hasOneUse() || load->getParent() != store.getParent())
      return nullptr;
    for (auto it = std::next(load->getIterator()); it != store.getIterator(); ++it)
      if (it->mayWriteToMemory())
        return nullptr;
    return load;
  }

  Value *sizeOf(Type *type) {
    return ConstantInt::get(i64, module.getDataLayout().getTypeStoreSize(type));
  }

  Error rewrite(Function &function) {
    SmallVector<Instruction *> all;
    for (Instruction &instruction : instructions(function))
      all.push_back(&instruction);
    DenseMap<Instruction *, LoadInst *> moves;
    DenseSet<Instruction *> moved;
    for (Instruction *instruction : all)
      if (auto *store = dyn_cast<StoreInst>(instruction))
        if (LoadInst *load = findMoved(*store)) {
          moves[store] = load;
          moved.insert(load);
        }
    const AccessPattern pattern = announces ? findAccessPattern(function) : AccessPattern();
    for (Instruction *instruction : all) {
      replaceSharedMemory(*instruction);
      if (auto *load = dyn_cast<LoadInst>(instruction)) {
        announce(moved.contains(load) ? "nnrt_emu_peek" : "nnrt_emu_read", *load,
                 load->getPointerOperand(), sizeOf(load->getType()), load->getAlign().value());
        if (auto lookup = pattern.lookups.find(load); lookup != pattern.lookups.end())
          announceLookup(*load, lookup->second);
      } else if (auto *store = dyn_cast<StoreInst>(instruction))
        announceStore(*store, moves.lookup(store));
      else if (auto *call = dyn_cast<CallInst>(instruction))
        if (Error error = replace(*call))
          return error;
    }
    return Error::success();
  }

  /// Tells where else `load` might have read.
  void announceLookup(LoadInst &load, const Lookup &lookup) {
    IRBuilder<> builder(&load);
    auto [first, last] = buildBounds(builder, load, lookup);
    Value *from = builder.CreateAddrSpaceCast(first, pointer);
    Value *bytes =
        builder.CreateSub(builder.CreatePtrToInt(builder.CreateAddrSpaceCast(last, pointer), i64),
                          builder.CreatePtrToInt(from, i64));
    bytes = builder.CreateAdd(bytes, sizeOf(load.getType()));
    builder.CreateCall(callee("nnrt_emu_lookup", nothing, {pointer, i64}), {from, bytes});
  }

  void announceStore(StoreInst &store, LoadInst *from) {
    Value *bytes = sizeOf(store.getValueOperand()->getType());
    // From the stack, which has no account, comes what is known.
    if (from && !isOwn(from->getPointerOperand()))
      announceMove(store, store.getPointerOperand(), from->getPointerOperand(), bytes,
                   store.getAlign().value());
    else
      announce("nnrt_emu_write", store, store.getPointerOperand(), bytes, store.getAlign().value());
  }

  void replaceSharedMemory(Instruction &instruction) {
    for (Use &operand : instruction.operands()) {
      if (!isa<Constant>(operand) || !operand->getType()->isPointerTy())
        continue;
      APInt inVariable(64, 0);
      auto *variable = dyn_cast<GlobalVariable>(operand->stripAndAccumulateConstantOffsets(
          module.getDataLayout(), inVariable, /*AllowNonInbounds=*/true));
      auto found = shared.find(variable);
      if (found == shared.end())
        continue;
      IRBuilder<> builder(
          instruction.getFunction()->getEntryBlock().getFirstNonPHIIt()->getParent(),
          instruction.getFunction()->getEntryBlock().getFirstNonPHIIt());
      Value *base = builder.CreateCall(callee("nnrt_emu_shared", pointer, {}));
      Value *address = builder.CreateConstGEP1_64(builder.getInt8Ty(), base,
                                                  found->second + inVariable.getZExtValue());
      operand.set(builder.CreateAddrSpaceCast(address, operand->getType()));
    }
  }

  Error replace(CallInst &call) {
    auto *intrinsic = dyn_cast<IntrinsicInst>(&call);
    if (call.getCalledFunction() && call.getCalledFunction()->getName() == kGridBarrier) {
      IRBuilder<>(&call).CreateCall(callee("nnrt_emu_grid_barrier", nothing, {pointer}),
                                    {siteOf(call)});
      call.eraseFromParent();
      return Error::success();
    }
    if (auto *code = dyn_cast<InlineAsm>(call.getCalledOperand());
        code && code->getAsmString().empty()) { // A value that LLVM wasn't to know.
      call.replaceAllUsesWith(call.getArgOperand(0));
      call.eraseFromParent();
      return Error::success();
    }
    if (!intrinsic)
      return createStringError("the emulator doesn't know '" + call.getCalledOperand()->getName() +
                               "'");
    if (auto *copy = dyn_cast<MemTransferInst>(intrinsic)) {
      announce("nnrt_emu_peek", *copy, copy->getRawSource(), copy->getLength(), 1);
      announceMove(*copy, copy->getRawDest(), copy->getRawSource(), copy->getLength(), 1);
      return Error::success();
    }
    if (auto *fill = dyn_cast<MemSetInst>(intrinsic)) {
      announce("nnrt_emu_write", *fill, fill->getRawDest(), fill->getLength(), 1);
      return Error::success();
    }
    if (!Intrinsic::getBaseName(intrinsic->getIntrinsicID()).starts_with("llvm.nvvm."))
      return Error::success(); // The host has it as well.
    IRBuilder<> builder(&call);
    auto number = [&](StringRef name, unsigned axis) {
      return builder.CreateCall(callee(name, i32, {i32}), {builder.getInt32(axis)});
    };
    Value *result = nullptr;
    switch (intrinsic->getIntrinsicID()) {
    case Intrinsic::nvvm_read_ptx_sreg_tid_x:
      result = number("nnrt_emu_thread", 0);
      break;
    case Intrinsic::nvvm_read_ptx_sreg_ntid_x:
      result = number("nnrt_emu_threads", 0);
      break;
    case Intrinsic::nvvm_read_ptx_sreg_ctaid_x:
      result = number("nnrt_emu_block", 0);
      break;
    case Intrinsic::nvvm_read_ptx_sreg_nctaid_x:
      result = number("nnrt_emu_blocks", 0);
      break;
    case Intrinsic::nvvm_barrier_cta_sync_aligned_all:
      builder.CreateCall(callee("nnrt_emu_barrier", nothing, {pointer}), {siteOf(call)});
      break;
    case Intrinsic::nvvm_cp_async_ca_shared_global_4:
    case Intrinsic::nvvm_cp_async_ca_shared_global_4_s:
      copyAsync(call, 4);
      break;
    case Intrinsic::nvvm_cp_async_ca_shared_global_8:
    case Intrinsic::nvvm_cp_async_ca_shared_global_8_s:
      copyAsync(call, 8);
      break;
    case Intrinsic::nvvm_cp_async_ca_shared_global_16:
    case Intrinsic::nvvm_cp_async_ca_shared_global_16_s:
    case Intrinsic::nvvm_cp_async_cg_shared_global_16:
    case Intrinsic::nvvm_cp_async_cg_shared_global_16_s:
      copyAsync(call, 16);
      break;
    case Intrinsic::nvvm_cp_async_commit_group:
      if (announces)
        builder.CreateCall(callee("nnrt_emu_async_commit", nothing, {}));
      break;
    case Intrinsic::nvvm_cp_async_wait_group:
      if (announces)
        builder.CreateCall(callee("nnrt_emu_async_wait", nothing, {i32}), {call.getArgOperand(0)});
      break;
    case Intrinsic::nvvm_shfl_sync_bfly_i32:
      result =
          builder.CreateCall(callee("nnrt_emu_shuffle", i32, {i32, i32, i32, i32, i32, pointer}),
                             {builder.getInt32(2), call.getArgOperand(0), call.getArgOperand(1),
                              call.getArgOperand(2), call.getArgOperand(3), siteOf(call)});
      break;
    case Intrinsic::nvvm_f2tf32_rna:
      result = roundToTf32(builder, call.getArgOperand(0));
      break;
    case Intrinsic::nvvm_ff2bf16x2_rn:
      result = roundToBf16(builder, call.getArgOperand(0), call.getArgOperand(1));
      result = builder.CreateBitCast(result, call.getType());
      break;
    case Intrinsic::nvvm_mma_m16n8k8_row_col_tf32:
      result = multiply(call, /*kind=*/0);
      break;
    case Intrinsic::nvvm_mma_m16n8k16_row_col_bf16:
      result = multiply(call, /*kind=*/1);
      break;
    default:
      return createStringError("the emulator doesn't know '" + call.getCalledFunction()->getName() +
                               "'");
    }
    if (result)
      call.replaceAllUsesWith(result);
    call.eraseFromParent();
    return Error::success();
  }

  /// cp.async of `bytes`, of which the last operand says how many are there, where it has three.
  /// Unannounced, it is done at once.
  void copyAsync(CallInst &call, unsigned bytes) {
    IRBuilder<> builder(&call);
    Value *used = call.arg_size() > 2 ? call.getArgOperand(2) : builder.getInt32(bytes);
    Value *arguments[] = {builder.CreateAddrSpaceCast(call.getArgOperand(0), pointer),
                          builder.CreateAddrSpaceCast(call.getArgOperand(1), pointer),
                          builder.getInt32(bytes), used, siteOf(call)};
    Type *types[] = {pointer, pointer, i32, i32, pointer};
    const size_t count = announces ? 5 : 4;
    builder.CreateCall(callee(announces ? "nnrt_emu_async_copy" : "nnrt_emu_copy", nothing,
                              ArrayRef(types).take_front(count)),
                       ArrayRef(arguments).take_front(count));
  }

  /// cvt.rna.tf32: 10 bits of mantissa, ties away from zero, as the bits of an f32.
  Value *roundToTf32(IRBuilder<> &builder, Value *number) {
    Value *bits = builder.CreateBitCast(number, i32);
    Value *rounded = builder.CreateAnd(builder.CreateAdd(bits, builder.getInt32(0x1000)),
                                       builder.getInt32(0xffffe000));
    return builder.CreateSelect(builder.CreateFCmpUNO(number, number), builder.getInt32(0x7fffffff),
                                rounded);
  }

  /// cvt.rn.bf16x2: the nearest, ties to even, in the halves of a word.
  Value *roundToBf16(IRBuilder<> &builder, Value *high, Value *low) {
    auto round = [&](Value *number) {
      Value *bits = builder.CreateBitCast(number, i32);
      Value *isOdd = builder.CreateAnd(builder.CreateLShr(bits, 16), 1);
      Value *sum = builder.CreateAdd(builder.CreateAdd(bits, builder.getInt32(0x7fff)), isOdd);
      return builder.CreateSelect(builder.CreateFCmpUNO(number, number), builder.getInt32(0x7fff),
                                  builder.CreateLShr(sum, 16));
    };
    return builder.CreateOr(builder.CreateShl(round(high), 16), round(low));
  }

  /// mma.sync: `call` has the words of a, b and c, one after the other.
  Value *multiply(CallInst &call, unsigned kind) {
    constexpr unsigned counts[] = {4, 2, 4};
    BasicBlock &entry = call.getFunction()->getEntryBlock();
    IRBuilder<> begin(&entry, entry.getFirstInsertionPt()), builder(&call);
    Value *words[3];
    unsigned next = 0;
    for (auto [operand, count] : zip_equal(words, counts)) {
      operand = begin.CreateAlloca(ArrayType::get(i32, count));
      for (unsigned i = 0; i < count; ++i)
        builder.CreateStore(builder.CreateBitCast(call.getArgOperand(next++), i32),
                            builder.CreateConstGEP1_32(i32, operand, i));
    }
    auto [a, b, c] = words;
    builder.CreateCall(
        callee("nnrt_emu_mma", nothing, {i32, pointer, pointer, pointer, pointer, pointer}),
        {builder.getInt32(kind), c, a, b, c, siteOf(call)});
    return builder.CreateLoad(call.getType(), c);
  }

  /// As nnrt/gpu.h describes it.
  void addCaller(Function &kernel, const Twine &name) {
    auto *caller = Function::Create(FunctionType::get(nothing, {pointer}, false),
                                    GlobalValue::ExternalLinkage, name, module);
    caller->setVisibility(GlobalValue::HiddenVisibility);
    IRBuilder<> builder(BasicBlock::Create(context, "", caller));
    SmallVector<Value *> arguments;
    for (Argument &argument : kernel.args()) {
      Value *place = builder.CreateConstGEP1_32(pointer, caller->getArg(0), argument.getArgNo());
      arguments.push_back(
          builder.CreateLoad(argument.getType(), builder.CreateLoad(pointer, place)));
    }
    builder.CreateCall(&kernel, arguments);
    builder.CreateRetVoid();
  }

  Module &module;
  const bool announces;
  LLVMContext &context;
  PointerType *pointer;
  Type *i32, *i64, *nothing;
  DenseMap<const GlobalVariable *, uint64_t> shared; ///< of the kernel at hand
  std::map<std::pair<const Function *, std::string>, GlobalVariable *> sites;
};

} // namespace

/// Whether a function uses `value`, through constant expressions too.
static bool isUsedIn(const Value &value, const Function &function) {
  return any_of(value.users(), [&](const User *user) {
    if (const auto *instruction = dyn_cast<Instruction>(user))
      return instruction->getFunction() == &function;
    return isUsedIn(*user, function);
  });
}

std::pair<DenseMap<const GlobalVariable *, uint64_t>, uint64_t>
placeSharedMemory(const Function &kernel) {
  DenseMap<const GlobalVariable *, uint64_t> places;
  uint64_t offset = 0;
  for (const GlobalVariable &variable : kernel.getParent()->globals()) {
    if (variable.getAddressSpace() != 3 || !isUsedIn(variable, kernel))
      continue;
    offset = alignTo(offset, std::max<uint64_t>(16, variable.getAlign().valueOrOne().value()));
    places[&variable] = offset;
    offset += kernel.getDataLayout().getTypeAllocSize(variable.getValueType());
  }
  return {places, offset};
}

Error emulateKernels(Module &kernels, const TargetOptions &host, raw_pwrite_stream &object) {
  SmallVector<Function *> all;
  for (Function &function : kernels)
    if (!function.isDeclaration())
      all.push_back(&function);
  Emulation announcing(kernels, /*announces=*/true), silent(kernels, /*announces=*/false);
  for (Function *kernel : all) {
    const std::string name = kernel->getName().str();
    ValueToValueMapTy values;
    Function *copy = CloneFunction(kernel, values);
    copy->setName(name + ".silent");
    if (Error error = silent.run(*copy, name + ".unchecked"))
      return error;
    if (Error error = announcing.run(*kernel, name + ".emulated"))
      return error;
  }
  StripDebugInfo(kernels);
  auto machine = createTargetMachine(host);
  if (!machine)
    return machine.takeError();
  kernels.setTargetTriple((*machine)->getTargetTriple());
  kernels.setDataLayout((*machine)->createDataLayout());
  kernels.setPICLevel(PICLevel::BigPIC);
  for (Function &function : kernels)
    if (!function.isDeclaration()) {
      function.addFnAttr("target-cpu", (*machine)->getTargetCPU());
      function.addFnAttr("target-features", (*machine)->getTargetFeatureString());
    }
  return emitObject(kernels, host, object);
}

} // namespace nnc::codegen
