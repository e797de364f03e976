// codegen-bufferize-entries: turns entries into calls over buffers, and gives kernels their types.
#include "compiler/codegen/Passes.h"
#include "dialects/kernel/ir/KernelOps.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_BUFFERIZEENTRIES
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// The type in which a kernel is handed a buffer of `type`: where it begins is none of the kernel's
/// concern, or the parts of a tensor would have a kernel each.
static Type toArgumentType(Type type) {
  auto buffer = dyn_cast<MemRefType>(type);
  if (!buffer)
    return type;
  auto [strides, offset] = buffer.getStridesAndOffset();
  if (offset == 0)
    return type;
  auto layout = StridedLayoutAttr::get(type.getContext(), ShapedType::kDynamic, strides);
  return MemRefType::get(buffer.getShape(), buffer.getElementType(), layout,
                         buffer.getMemorySpace());
}

/// Lets `function` work on buffers of `types`, which hold the tensors it worked on.
static void takeBuffers(kernel::FuncOp function, ArrayRef<Type> types) {
  Block &body = function.getBody().front();
  OpBuilder builder = OpBuilder::atBlockBegin(&body);
  unsigned numResults = function.getResultTypes().size();
  unsigned firstDestination = types.size() - numResults;
  for (BlockArgument argument : body.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!type)
      continue;
    argument.setType(types[argument.getArgNumber()]);
    auto tensor = bufferization::ToTensorOp::create(builder, argument.getLoc(), type, argument);
    tensor.setRestrict(true);
    tensor.setWritable(argument.getArgNumber() >= firstDestination);
    argument.replaceAllUsesExcept(tensor, tensor);
  }
  auto end = cast<kernel::ReturnOp>(body.getTerminator());
  builder.setInsertionPoint(end);
  for (auto [i, value] : llvm::enumerate(end.getValues())) {
    auto write = bufferization::MaterializeInDestinationOp::create(
        builder, value.getLoc(), /*result=*/Type(), value, body.getArgument(firstDestination + i));
    write.setRestrict(true);
    write.setWritable(true);
  }
  end->setOperands({});
  function.setFunctionType(builder.getFunctionType(types, {}));
}

/// A kernel for calls that hand over buffers of `types`.
struct Variant {
  SmallVector<Type> types;
  kernel::FuncOp function;
};

class BufferizeEntriesPass : public impl::BufferizeEntriesBase<BufferizeEntriesPass> {
public:
  void runOnOperation() override {
    bufferization::OneShotBufferizationOptions options;
    bufferization::BufferizationState state;
    for (auto func : llvm::to_vector(getOperation().getOps<func::FuncOp>()))
      if (failed(bufferization::runOneShotBufferize(func, options, state)))
        return signalPassFailure();
    bindKernels();
  }

private:
  /// Gives each kernel the types of its calls; where they differ, each has a kernel of its own.
  void bindKernels() {
    SymbolTable symbols(getOperation());
    llvm::MapVector<Operation *, SmallVector<Variant, 1>> kernels;
    getOperation().walk([&](kernel::CallOp call) {
      auto types = llvm::map_to_vector(call->getOperandTypes(), toArgumentType);
      auto function = symbols.lookup<kernel::FuncOp>(call.getCallee());
      SmallVector<Variant, 1> &variants = kernels[function];
      auto *variant = llvm::find_if(variants, [&](auto &known) { return known.types == types; });
      if (variant == variants.end()) {
        bool isFirst = variants.empty();
        variants.push_back({types, isFirst ? function : function.clone()});
        variant = &variants.back();
        if (!isFirst) {
          symbols.insert(variant->function, std::next(function->getIterator()));
          ++numVariants;
        }
      }
      call.setCalleeAttr(FlatSymbolRefAttr::get(variant->function.getSymNameAttr()));
      OpBuilder builder(call);
      for (auto [operand, type] : llvm::zip_equal(call->getOpOperands(), types))
        if (operand.get().getType() != type)
          operand.set(memref::CastOp::create(builder, call.getLoc(), type, operand.get()));
    });
    for (auto &variants : llvm::make_second_range(kernels))
      for (Variant &variant : variants)
        takeBuffers(variant.function, variant.types);
  }
};

} // namespace
} // namespace nnc::codegen
