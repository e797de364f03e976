// codegen-prepare-entries: fixes what an entry function looks like from outside.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/shared/Entry.h"
#include "compiler/codegen/shared/LinalgUtils.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_PREPAREENTRIES
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// For each argument of an entry, the numbers of the index arguments that hold its symbolic sizes.
static FailureOr<SmallVector<SmallVector<int64_t>>> findSymbolicSizes(func::FuncOp func) {
  SmallVector<int64_t> indexArguments;
  for (BlockArgument argument : func.getArguments())
    if (argument.getType().isIndex())
      indexArguments.push_back(argument.getArgNumber());

  auto resolve = [&](Type type, Attribute given, SmallVector<int64_t> &sizes) -> LogicalResult {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || tensor.hasStaticShape())
      return success();
    if (auto dims = dyn_cast_if_present<DenseI64ArrayAttr>(given)) {
      sizes.assign(dims.asArrayRef().begin(), dims.asArrayRef().end());
      return success();
    }
    if (indexArguments.size() != 1)
      return func.emitOpError("expected one index argument or '")
             << nn::kDimsAttr << "' for the symbolic dimensions of " << type << ", found "
             << indexArguments.size() << " index arguments";
    sizes.assign(tensor.getNumDynamicDims(), indexArguments.front());
    return success();
  };

  SmallVector<SmallVector<int64_t>> all;
  for (BlockArgument argument : func.getArguments()) {
    Attribute given = func.getArgAttr(argument.getArgNumber(), nn::kDimsAttr);
    if (failed(resolve(argument.getType(), given, all.emplace_back())))
      return failure();
  }
  for (auto [i, type] : llvm::enumerate(func.getResultTypes())) {
    if (func.getResultAttr(i, nn::kTiedAttr))
      continue;
    if (failed(resolve(type, func.getResultAttr(i, nn::kDimsAttr), all.emplace_back())))
      return failure();
  }
  return all;
}

/// Whether `value` is an argument or a reshaped one: not computed, so its memory may be overwritten
/// before it is stored.
static bool isViewOfArgument(Value value) {
  Value viewed = findViewed(value);
  return isa<BlockArgument>(viewed) || viewed.getDefiningOp<bufferization::ToTensorOp>();
}

class PrepareEntriesPass : public impl::PrepareEntriesBase<PrepareEntriesPass> {
public:
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (!func->hasAttr(nn::kEntryAttr) || func.isExternal())
      return;
    if (!func.getBody().hasOneBlock()) {
      func.emitOpError("expected an entry of one block");
      return signalPassFailure();
    }
    FailureOr<SmallVector<SmallVector<int64_t>>> sizes = findSymbolicSizes(func);
    if (failed(sizes))
      return signalPassFailure();

    SmallVector<DictionaryAttr> attributes;
    unsigned numArguments = func.getNumArguments();
    SmallVector<bool> written(numArguments, false);
    for (unsigned i = 0; i < func.getNumResults(); ++i)
      if (std::optional<int64_t> tied = tiedArgument(func, i))
        written[*tied] = true;
    for (unsigned i = 0; i < numArguments; ++i) {
      // From here on, the function's kArgumentDims says what kDims did.
      NamedAttrList kept(func.getArgAttrDict(i));
      kept.erase(nn::kDimsAttr);
      attributes.push_back(kept.getDictionary(&getContext()));
    }
    convertArguments(func, written, *sizes);
    convertResults(func, attributes);
    finishSignature(func, attributes, *sizes);
    ++numEntries;
  }

private:
  static std::optional<int64_t> tiedArgument(func::FuncOp func, unsigned result) {
    if (auto tied = func.getResultAttrOfType<IntegerAttr>(result, nn::kTiedAttr))
      return tied.getInt();
    return std::nullopt;
  }

  static MemRefType bufferType(Type tensor) {
    auto type = cast<RankedTensorType>(tensor);
    return MemRefType::get(type.getShape(), type.getElementType());
  }

  static void convertArguments(func::FuncOp func, ArrayRef<bool> written,
                               ArrayRef<SmallVector<int64_t>> sizes) {
    Block &body = func.front();
    OpBuilder builder = OpBuilder::atBlockBegin(&body);
    for (BlockArgument argument : body.getArguments()) {
      auto type = dyn_cast<RankedTensorType>(argument.getType());
      if (!type)
        continue;
      argument.setType(bufferType(type));
      auto tensor = bufferization::ToTensorOp::create(builder, argument.getLoc(), type, argument);
      tensor.setRestrict(true);
      tensor.setWritable(written[argument.getArgNumber()]);
      argument.replaceAllUsesExcept(tensor, tensor);
      replaceSizes(body, tensor, sizes[argument.getArgNumber()]);
    }
  }

  /// Reads symbolic sizes of `tensor` from the arguments that hold them.
  static void replaceSizes(Block &body, bufferization::ToTensorOp tensor, ArrayRef<int64_t> sizes) {
    auto type = cast<RankedTensorType>(tensor.getType());
    for (Operation *user : llvm::make_early_inc_range(tensor->getUsers())) {
      auto dim = dyn_cast<tensor::DimOp>(user);
      if (!dim || !dim.getConstantIndex() || !type.isDynamicDim(*dim.getConstantIndex()))
        continue;
      unsigned nth = type.getDynamicDimIndex(*dim.getConstantIndex());
      dim.replaceAllUsesWith(Value(body.getArgument(sizes[nth])));
      dim.erase();
    }
  }

  /// Writes results to their buffers; `attributes` gets those of new arguments.
  static void convertResults(func::FuncOp func, SmallVectorImpl<DictionaryAttr> &attributes) {
    Block &body = func.front();
    auto ret = cast<func::ReturnOp>(body.getTerminator());
    OpBuilder builder(ret);
    SmallVector<Value> values, buffers;
    for (auto [i, value] : llvm::enumerate(ret.getOperands())) {
      Location loc = value.getLoc();
      Value buffer;
      if (std::optional<int64_t> tied = tiedArgument(func, i)) {
        buffer = body.getArgument(*tied);
        auto tensor = value.getDefiningOp<bufferization::ToTensorOp>();
        if (tensor && tensor.getBuffer() == buffer)
          continue; // Unchanged.
      } else {
        buffer = body.addArgument(bufferType(value.getType()), loc);
        NamedAttrList kept(func.getResultAttrDict(i));
        kept.erase(nn::kDimsAttr);
        attributes.push_back(kept.getDictionary(func.getContext()));
      }
      if (isViewOfArgument(value)) {
        auto type = cast<RankedTensorType>(value.getType());
        auto copy = bufferization::AllocTensorOp::create(builder, loc, type, ValueRange{}, value);
        value = copy.getResult();
      }
      values.push_back(value);
      buffers.push_back(buffer);
    }
    for (auto [value, buffer] : llvm::zip_equal(values, buffers)) {
      auto write = bufferization::MaterializeInDestinationOp::create(
          builder, value.getLoc(), /*result=*/Type(), value, buffer);
      write.setRestrict(true);
      write.setWritable(true);
    }
    ret->setOperands(ValueRange{});
  }

  static void finishSignature(func::FuncOp func, ArrayRef<DictionaryAttr> attributes,
                              ArrayRef<SmallVector<int64_t>> sizes) {
    Builder builder(func.getContext());
    SmallVector<Type> types(func.front().getArgumentTypes());
    func.setFunctionType(builder.getFunctionType(types, {}));
    func.removeResAttrsAttr();
    func.setAllArgAttrs(attributes);
    SmallVector<Attribute> argumentSizes;
    for (const SmallVector<int64_t> &numbers : sizes)
      argumentSizes.push_back(builder.getDenseI64ArrayAttr(numbers));
    func->setAttr(nn::kArgumentsAttr, builder.getTypeArrayAttr(types));
    func->setAttr(nn::kArgumentDimsAttr, builder.getArrayAttr(argumentSizes));
  }
};

} // namespace
} // namespace nnc::codegen
