// codegen-outline-parallel: turns loops of tasks into calls of the runtime's parallel loop.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/cpu/LlvmTypes.h"
#include "compiler/codegen/shared/Captures.h"
#include "compiler/codegen/shared/Entry.h"

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Transforms.h"
#include "mlir/Transforms/RegionUtils.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_OUTLINEPARALLEL
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

constexpr llvm::StringLiteral kParallelFor = "nnrt_parallel_for";

/// One loop, on its way out of `parent`.
class Outliner {
public:
  Outliner(func::FuncOp parent, scf::ForallOp loop, Value context, StringRef name)
      : parent(parent), loop(loop), context(context), name(name), loc(loop.getLoc()), builder(loop),
        lower(bound(loop.getMixedLowerBound())), upper(bound(loop.getMixedUpperBound())),
        step(bound(loop.getMixedStep())), converter(loop.getContext()), captures(findCaptures()) {
    convertBf16ToBits(converter);
  }

  void run() {
    SmallVector<Type> fields;
    for (Value value : captures.values)
      fields.push_back(converter.convertType(value.getType()));
    environmentType = LLVM::LLVMStructType::getLiteral(builder.getContext(), fields);
    func::FuncOp body = createBody();
    callRuntime(body);
    loop.erase();
  }

private:
  Value bound(ArrayRef<OpFoldResult> bounds) {
    return getValueOrCreateConstantIndexOp(builder, loc, bounds.front());
  }

  Captures findCaptures() {
    llvm::SetVector<Value> used;
    getUsedValuesDefinedAbove(loop.getRegion(), used);
    used.insert(lower);
    used.insert(step);
    return Captures(used.getArrayRef());
  }

  func::FuncOp createBody() {
    OpBuilder b(parent);
    MLIRContext *context = b.getContext();
    auto pointer = LLVM::LLVMPointerType::get(context);
    auto body =
        func::FuncOp::create(b, loc, name, b.getFunctionType({pointer, b.getI64Type()}, {}));
    body.setPrivate();
    body->setAttr("passthrough", b.getStrArrayAttr(entry::kFlushAttr));
    b.setInsertionPointToStart(body.addEntryBlock());
    IRMapping mapping;
    for (Operation *constant : captures.constants)
      b.clone(*constant, mapping);
    Value environment = LLVM::LoadOp::create(b, loc, environmentType, body.getArgument(0));
    for (auto [i, value] : llvm::enumerate(captures.values)) {
      Value field = LLVM::ExtractValueOp::create(b, loc, environment, i);
      if (field.getType() != value.getType())
        field = UnrealizedConversionCastOp::create(b, loc, value.getType(), field).getResult(0);
      mapping.map(value, field);
    }

    Value task = arith::IndexCastOp::create(b, loc, b.getIndexType(), body.getArgument(1));
    Value distance = arith::MulIOp::create(b, loc, task, mapping.lookup(step));
    mapping.map(loop.getInductionVar(0),
                arith::AddIOp::create(b, loc, mapping.lookup(lower), distance));
    for (Operation &op : loop.getBody()->without_terminator())
      b.clone(op, mapping);
    func::ReturnOp::create(b, loc);
    return body;
  }

  void callRuntime(func::FuncOp body) {
    auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
    Value environment;
    {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(&parent.front());
      Value one = LLVM::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(1));
      environment = LLVM::AllocaOp::create(builder, loc, pointer, environmentType, one);
    }
    Value fields = LLVM::UndefOp::create(builder, loc, environmentType);
    for (auto [i, value] : llvm::enumerate(captures.values)) {
      Value field = value;
      Type type = environmentType.getBody()[i];
      if (type != value.getType())
        field = UnrealizedConversionCastOp::create(builder, loc, type, field).getResult(0);
      fields = LLVM::InsertValueOp::create(builder, loc, fields, field, i);
    }
    LLVM::StoreOp::create(builder, loc, fields, environment);

    Value function =
        func::ConstantOp::create(builder, loc, body.getFunctionType(), body.getSymName());
    function = UnrealizedConversionCastOp::create(builder, loc, pointer, function).getResult(0);
    Value distance = arith::SubIOp::create(builder, loc, upper, lower);
    Value tasks = arith::CeilDivSIOp::create(builder, loc, distance, step);
    tasks = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), tasks);
    func::CallOp::create(builder, loc, kParallelFor, TypeRange(),
                         ValueRange{context, function, environment, tasks});
  }

  func::FuncOp parent;
  scf::ForallOp loop;
  Value context;
  StringRef name;
  Location loc;
  OpBuilder builder;
  Value lower, upper, step;
  LLVMTypeConverter converter;
  Captures captures;
  LLVM::LLVMStructType environmentType;
};

class OutlineParallelPass : public impl::OutlineParallelBase<OutlineParallelPass> {
public:
  void runOnOperation() override {
    ModuleOp module = getOperation();
    llvm::MapVector<StringAttr, Value> contexts; // Of the functions that have loops of tasks.
    for (auto func : llvm::to_vector(module.getOps<func::FuncOp>())) {
      SmallVector<scf::ForallOp> loops, others;
      func.walk([&](scf::ForallOp loop) {
        bool isNested = loop->getParentOfType<scf::ForallOp>() != nullptr;
        bool isTasks = loop.getRank() == 1 && loop.getNumResults() == 0 && !isNested;
        (isTasks ? loops : others).push_back(loop);
      });
      // Whoever runs a task is one thread.
      IRRewriter rewriter(&getContext());
      for (scf::ForallOp loop : others) {
        rewriter.setInsertionPoint(loop);
        if (failed(scf::forallToForLoop(rewriter, loop)))
          return signalPassFailure();
      }
      if (loops.empty())
        continue;
      Value context = contexts[func.getSymNameAttr()] = addContext(func);
      for (auto [i, loop] : llvm::enumerate(loops)) {
        std::string name = (func.getName() + ".parallel." + Twine(i)).str();
        Outliner(func, loop, context, name).run();
        ++numOutlined;
      }
    }
    if (contexts.empty())
      return;
    passContexts(contexts);
    declareRuntime(module);
  }

private:
  /// The runtime's context becomes the last argument.
  static Value addContext(func::FuncOp func) {
    Builder builder(func.getContext());
    Value context =
        func.front().addArgument(LLVM::LLVMPointerType::get(func.getContext()), func.getLoc());
    SmallVector<Attribute> attributes;
    if (ArrayAttr known = func.getArgAttrsAttr()) {
      attributes.assign(known.begin(), known.end());
      attributes.push_back(builder.getDictionaryAttr({}));
      func.setArgAttrsAttr(builder.getArrayAttr(attributes));
    }
    func.setFunctionType(builder.getFunctionType(func.front().getArgumentTypes(), {}));
    return context;
  }

  /// Hands the context to the functions that need it. These are kernels, which call none, and are
  /// called by entries alone.
  void passContexts(llvm::MapVector<StringAttr, Value> &contexts) {
    getOperation().walk([&](func::CallOp call) {
      auto callee = call.getCalleeAttr().getAttr();
      if (callee == kParallelFor || !contexts.contains(callee))
        return;
      auto caller = call->getParentOfType<func::FuncOp>();
      Value &context = contexts[caller.getSymNameAttr()];
      if (!context)
        context = addContext(caller);
      call.getOperandsMutable().append(context);
    });
  }

  static void declareRuntime(ModuleOp module) {
    if (module.lookupSymbol(kParallelFor))
      return;
    OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
    auto pointer = LLVM::LLVMPointerType::get(module.getContext());
    auto type = builder.getFunctionType({pointer, pointer, pointer, builder.getI64Type()}, {});
    func::FuncOp::create(builder, module.getLoc(), kParallelFor, type).setPrivate();
  }
};

} // namespace
} // namespace nnc::codegen
