// codegen-emit-entries: adds the C functions by which entries are called.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/shared/Entry.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_EMITENTRIES
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// Builds the C functions of one entry.
class EntryEmitter {
public:
  EntryEmitter(LLVM::LLVMFuncOp body, StringRef name)
      : body(body), name(name), loc(body.getLoc()), builder(body),
        pointer(LLVM::LLVMPointerType::get(body.getContext())), i64(builder.getI64Type()) {}

  void emitEntry() {
    auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(builder.getContext()),
                                            {pointer, pointer, pointer, pointer});
    auto function = LLVM::LLVMFuncOp::create(builder, loc, name, type);
    function.setPassthroughAttr(builder.getStrArrayAttr(entry::kFlushAttr));
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(function.addEntryBlock(builder));
    Value context = function.getArgument(0), scalars = function.getArgument(1);
    Value buffers = function.getArgument(2), workspace = function.getArgument(3);

    auto types = body->getAttrOfType<ArrayAttr>(nn::kArgumentsAttr).getAsValueRange<TypeAttr>();
    auto sizes = body->getAttrOfType<ArrayAttr>(nn::kArgumentDimsAttr);
    SmallVector<Value> arguments, symbols;
    int64_t numScalars = 0, numBuffers = 0;
    for (auto [i, argumentType] : llvm::enumerate(types)) {
      if (!isa<MemRefType>(argumentType)) {
        arguments.push_back(loadElement(scalars, i64, numScalars++));
        symbols.push_back(arguments.back());
        continue;
      }
      markNoAlias(arguments.size());
      arguments.push_back(loadElement(buffers, pointer, numBuffers++));
      symbols.push_back(Value());
      for (int64_t number : cast<DenseI64ArrayAttr>(sizes[i]).asArrayRef())
        arguments.push_back(symbols[number]);
    }
    markNoAlias(arguments.size());
    arguments.append({workspace, constant(std::numeric_limits<int64_t>::max())});
    if (arguments.size() < body.getNumArguments())
      arguments.push_back(context);
    LLVM::CallOp::create(builder, loc, body, arguments);
    LLVM::ReturnOp::create(builder, loc, ValueRange());
  }

  void emitWorkspace(LLVM::LLVMFuncOp size) {
    auto type = LLVM::LLVMFunctionType::get(i64, {pointer});
    auto function = LLVM::LLVMFuncOp::create(builder, loc, (name + "_workspace").str(), type);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(function.addEntryBlock(builder));
    SmallVector<Value> arguments;
    for (unsigned i = 0; i < size.getNumArguments(); ++i)
      arguments.push_back(loadElement(function.getArgument(0), i64, i));
    auto call = LLVM::CallOp::create(builder, loc, size, arguments);
    LLVM::ReturnOp::create(builder, loc, call.getResult());
  }

private:
  Value constant(int64_t value) {
    return LLVM::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(value));
  }

  Value loadElement(Value array, Type type, int64_t index) {
    Value address = LLVM::GEPOp::create(builder, loc, pointer, type, array,
                                        ArrayRef<LLVM::GEPArg>{int32_t(index)});
    return LLVM::LoadOp::create(builder, loc, type, address);
  }

  /// Entries are given distinct buffers.
  void markNoAlias(unsigned argument) {
    body.setArgAttr(argument, LLVM::LLVMDialect::getNoAliasAttrName(), builder.getUnitAttr());
  }

  LLVM::LLVMFuncOp body;
  StringRef name;
  Location loc;
  OpBuilder builder;
  Type pointer;
  Type i64;
};

/// Removes what only this compiler understands.
static void stripAttributes(LLVM::LLVMFuncOp func) {
  auto isOurs = [](NamedAttribute attribute) {
    return attribute.getName().strref().starts_with("nn.");
  };
  for (NamedAttribute attribute : llvm::to_vector(func->getDiscardableAttrs()))
    if (isOurs(attribute))
      func->removeDiscardableAttr(attribute.getName());
  for (unsigned i = 0; i < func.getNumArguments(); ++i)
    if (DictionaryAttr attributes = func.getArgAttrDict(i))
      for (NamedAttribute attribute : attributes)
        if (isOurs(attribute))
          func.removeArgAttr(i, attribute.getName());
}

/// Only what is called from other object files can be seen there, and only from those of the same
/// program.
static void settleLinkage(LLVM::LLVMFuncOp func) {
  if (func->hasAttr(nn::kHiddenAttr))
    func.setVisibility_(LLVM::Visibility::Hidden);
  else if (!func.isExternal() && func.isPrivate())
    func.setLinkage(LLVM::Linkage::Internal);
}

/// Where a program called what `loc` is in: a function of its own is no longer part of a call, and
/// upstream's debug scopes don't expect one.
static Location findCaller(Location loc) {
  while (auto call = dyn_cast<CallSiteLoc>(loc))
    loc = call.getCaller();
  return loc;
}

class EmitEntriesPass : public impl::EmitEntriesBase<EmitEntriesPass> {
public:
  void runOnOperation() override {
    ModuleOp module = getOperation();
    for (auto body : llvm::to_vector(module.getOps<LLVM::LLVMFuncOp>())) {
      if (body->hasAttr(nn::kEntryAttr) && !body.isExternal()) {
        if (failed(emit(module, body)))
          return signalPassFailure();
        ++numEntries;
      }
    }
    for (Operation &op : module.getOps()) {
      op.setLoc(findCaller(op.getLoc()));
      if (!isa<LLVM::LLVMFuncOp>(op)) // A constant, and what it begins with.
        op.walk([](Operation *inner) { inner->setLoc(findCaller(inner->getLoc())); });
    }
    for (auto func : module.getOps<LLVM::LLVMFuncOp>()) {
      settleLinkage(func);
      stripAttributes(func);
    }
  }

private:
  static LogicalResult emit(ModuleOp module, LLVM::LLVMFuncOp body) {
    std::string name = body.getName().str();
    auto size = module.lookupSymbol<LLVM::LLVMFuncOp>(name + entry::kWorkspaceSuffix.str());
    if (!size || !body->hasAttr(nn::kArgumentsAttr) || !body->hasAttr(nn::kArgumentDimsAttr))
      return body.emitOpError("expected an entry whose arguments and workspace are planned");
    body.setName((name + entry::kBodySuffix).str());
    body.setPrivate();
    EntryEmitter emitter(body, name);
    emitter.emitEntry();
    emitter.emitWorkspace(size);
    return success();
  }
};

} // namespace
} // namespace nnc::codegen
