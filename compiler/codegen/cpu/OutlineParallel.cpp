// codegen-outline-parallel: turns loops of tasks into calls of the runtime's parallel loop.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/cpu/PassBuffers.h"
#include "compiler/codegen/shared/Captures.h"
#include "compiler/codegen/shared/Entry.h"

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

/// The function of the runtime that runs a loop.
StringRef getRunner(scf::ForallOp loop) {
  auto runner = loop->getAttrOfType<StringAttr>(entry::kRunnerAttr);
  return runner ? runner.getValue() : StringRef(kParallelFor);
}

/// One loop, on its way out of `parent`.
class Outliner {
public:
  Outliner(func::FuncOp parent, scf::ForallOp loop, Value context, StringRef name,
           const PassBuffers &passing)
      : parent(parent), loop(loop), context(context), name(name), loc(loop.getLoc()), builder(loop),
        lower(bound(loop.getMixedLowerBound())), upper(bound(loop.getMixedUpperBound())),
        step(bound(loop.getMixedStep())), passing(passing), captures(findCaptures()) {}

  void run() {
    SmallVector<Type> fields;
    for (Value value : captures.values)
      passing.appendTypes(value.getType(), fields);
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
    SmallVector<Value> fields;
    for (int64_t i = 0, count = environmentType.getBody().size(); i < count; ++i)
      fields.push_back(LLVM::ExtractValueOp::create(b, loc, environment, i));
    ValueRange given(fields);
    for (Value value : captures.values)
      mapping.map(value, passing.take(b, loc, value.getType(), given));

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
    SmallVector<Value> values;
    for (Value value : captures.values)
      passing.append(builder, loc, value, values);
    for (auto [i, value] : llvm::enumerate(values))
      fields = LLVM::InsertValueOp::create(builder, loc, fields, value, i);
    LLVM::StoreOp::create(builder, loc, fields, environment);

    Value function =
        func::ConstantOp::create(builder, loc, body.getFunctionType(), body.getSymName());
    function = UnrealizedConversionCastOp::create(builder, loc, pointer, function).getResult(0);
    Value distance = arith::SubIOp::create(builder, loc, upper, lower);
    Value tasks = arith::CeilDivSIOp::create(builder, loc, distance, step);
    tasks = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), tasks);
    func::CallOp::create(builder, loc, getRunner(loop), TypeRange(),
                         ValueRange{context, function, environment, tasks});
  }

  func::FuncOp parent;
  scf::ForallOp loop;
  Value context;
  StringRef name;
  Location loc;
  OpBuilder builder;
  Value lower, upper, step;
  const PassBuffers &passing;
  Captures captures;
  LLVM::LLVMStructType environmentType;
};

class OutlineParallelPass : public impl::OutlineParallelBase<OutlineParallelPass> {
public:
  void runOnOperation() override {
    ModuleOp module = getOperation();
    PassBuffers passing(&getContext());
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
      Value context = findContext(func);
      if (!context) {
        func.emitOpError("has loops of tasks, and expected an argument with '")
            << nn::kContextAttr << "'";
        return signalPassFailure();
      }
      for (auto [i, loop] : llvm::enumerate(loops)) {
        std::string name = (func.getName() + ".parallel." + Twine(i)).str();
        declareRunner(module, getRunner(loop));
        Outliner(func, loop, context, name, passing).run();
        ++numOutlined;
      }
    }
  }

private:
  /// The runtime's context, where the function is handed it.
  static Value findContext(func::FuncOp func) {
    for (BlockArgument argument : func.getArguments())
      if (func.getArgAttr(argument.getArgNumber(), nn::kContextAttr))
        return argument;
    return {};
  }

  static void declareRunner(ModuleOp module, StringRef name) {
    if (module.lookupSymbol(name))
      return;
    OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
    auto pointer = LLVM::LLVMPointerType::get(module.getContext());
    auto type = builder.getFunctionType({pointer, pointer, pointer, builder.getI64Type()}, {});
    func::FuncOp::create(builder, module.getLoc(), name, type).setPrivate();
  }
};

} // namespace
} // namespace nnc::codegen
