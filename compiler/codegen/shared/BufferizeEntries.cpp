// codegen-bufferize-entries: turns entries into calls over buffers, and gives kernels their types.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/shared/Buffers.h"
#include "compiler/codegen/shared/Entry.h"
#include "dialects/kernel/ir/KernelOps.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Transforms/CSE.h"

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

/// A kernel that copies a tensor of `type`.
kernel::FuncOp createCopyKernel(Location loc, StringRef name, RankedTensorType type) {
  OpBuilder b(type.getContext());
  auto function = kernel::FuncOp::create(b, loc, name, b.getFunctionType({type, type}, {type}));
  b.setInsertionPointToStart(function.addEntryBlock());
  SmallVector<AffineMap> maps(2, b.getMultiDimIdentityMap(type.getRank()));
  SmallVector<utils::IteratorType> iterators(type.getRank(), utils::IteratorType::parallel);
  auto copy =
      linalg::GenericOp::create(b, loc, TypeRange(type), ValueRange(function.getArgument(0)),
                                ValueRange(function.getArgument(1)), maps, iterators,
                                [](OpBuilder &inner, Location at, ValueRange elements) {
                                  linalg::YieldOp::create(inner, at, elements.front());
                                });
  kernel::ReturnOp::create(b, loc, copy->getResults());
  return function;
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
    auto functions = llvm::to_vector(getOperation().getOps<func::FuncOp>());
    for (func::FuncOp func : functions)
      if (failed(bufferization::runOneShotBufferize(func, options, state)))
        return signalPassFailure();
    copies.clear(); // Those of another module.
    for (func::FuncOp func : functions)
      outlineCopies(func);
    bindKernels();
  }

private:
  /// Calls a kernel for each copy between rows with gaps: there is no instruction for it, and as a
  /// loop in the entry it would be compiled anew each time, to worse code.
  void outlineCopies(func::FuncOp func) {
    IRRewriter rewriter(&getContext());
    DominanceInfo dominance(func);
    // A view is equal to itself then, and what is copied to itself has its place already.
    eliminateCommonSubExpressions(rewriter, dominance, func);
    SmallVector<memref::CopyOp> found;
    func.walk([&](memref::CopyOp copy) {
      if (!isContiguous(cast<MemRefType>(copy.getSource().getType())) ||
          !isContiguous(cast<MemRefType>(copy.getTarget().getType())))
        found.push_back(copy);
    });
    for (memref::CopyOp copy : found) {
      rewriter.setInsertionPoint(copy);
      if (copy.getSource() != copy.getTarget())
        kernel::CallOp::create(rewriter, copy.getLoc(), TypeRange(), findCopyKernel(func, copy),
                               copy.getSource(), copy.getTarget());
      rewriter.eraseOp(copy);
    }
  }

  FlatSymbolRefAttr findCopyKernel(func::FuncOp func, memref::CopyOp copy) {
    auto buffer = cast<MemRefType>(copy.getTarget().getType());
    auto type = RankedTensorType::get(buffer.getShape(), buffer.getElementType());
    unsigned isOnce = entry::runsOnce(func);
    kernel::FuncOp &function = copies[{type, isOnce}];
    if (!function) {
      function = createCopyKernel(copy.getLoc(), (func.getName() + ".copy").str(), type);
      function.setOnce(isOnce);
      SymbolTable(getOperation()).insert(function, func->getIterator());
      ++numCopyKernels;
    }
    return FlatSymbolRefAttr::get(function.getSymNameAttr());
  }

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

  DenseMap<std::pair<Type, unsigned>, kernel::FuncOp> copies; // By type, and whether they run once.
};

} // namespace
} // namespace nnc::codegen
