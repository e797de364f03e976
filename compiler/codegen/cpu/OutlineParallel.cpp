// codegen-outline-parallel: turns marked loops into calls of the runtime's parallel loop.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/shared/Captures.h"
#include "compiler/codegen/shared/Entry.h"

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Transforms/RegionUtils.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_OUTLINEPARALLEL
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

constexpr llvm::StringLiteral kParallelFor = "nnrt_parallel_for";

/// One marked loop, on its way out of `parent`.
class Outliner {
public:
  Outliner(func::FuncOp parent, scf::ForOp loop, Value context, StringRef name)
      : parent(parent), loop(loop), context(context), name(name), loc(loop.getLoc()), builder(loop),
        converter(loop.getContext()), captures(findCaptures(loop)) {}

  void run() {
    grain = loop->getAttrOfType<IntegerAttr>(nn::kParallelAttr).getInt();
    SmallVector<Type> fields;
    for (Value value : captures.values)
      fields.push_back(converter.convertType(value.getType()));
    environmentType = LLVM::LLVMStructType::getLiteral(builder.getContext(), fields);
    func::FuncOp body = createBody();
    callRuntime(body);
    loop.erase();
  }

private:
  static Captures findCaptures(scf::ForOp loop) {
    llvm::SetVector<Value> used;
    getUsedValuesDefinedAbove(loop.getRegion(), used);
    for (Value bound : {loop.getLowerBound(), loop.getUpperBound(), loop.getStep()})
      used.insert(bound);
    return Captures(used.getArrayRef());
  }

  /// The number of iterations.
  static Value countTrips(OpBuilder &b, Location loc, Value lower, Value upper, Value step) {
    Value distance = arith::SubIOp::create(b, loc, upper, lower);
    return arith::CeilDivSIOp::create(b, loc, distance, step);
  }

  func::FuncOp createBody() {
    OpBuilder b(parent);
    MLIRContext *context = b.getContext();
    auto pointer = LLVM::LLVMPointerType::get(context);
    auto body =
        func::FuncOp::create(b, loc, name, b.getFunctionType({pointer, b.getI64Type()}, {}));
    body.setPrivate();
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

    Value lower = mapping.lookup(loop.getLowerBound());
    Value upper = mapping.lookup(loop.getUpperBound());
    Value step = mapping.lookup(loop.getStep());
    Value size = arith::ConstantIndexOp::create(b, loc, grain);
    Value one = arith::ConstantIndexOp::create(b, loc, 1);
    Value task = arith::IndexCastOp::create(b, loc, b.getIndexType(), body.getArgument(1));
    Value first = arith::MulIOp::create(b, loc, task, size);
    Value end = arith::AddIOp::create(b, loc, first, size);
    end = arith::MinSIOp::create(b, loc, end, countTrips(b, loc, lower, upper, step));
    auto trips = scf::ForOp::create(b, loc, first, end, one);
    func::ReturnOp::create(b, loc);

    b.setInsertionPointToStart(trips.getBody());
    Value distance = arith::MulIOp::create(b, loc, trips.getInductionVar(), step);
    mapping.map(loop.getInductionVar(), arith::AddIOp::create(b, loc, lower, distance));
    for (Operation &op : loop.getBody()->without_terminator())
      b.clone(op, mapping);
    // A tile's scratch memory is needed once per task, not once per iteration.
    for (auto scratch : llvm::make_early_inc_range(trips.getBody()->getOps<memref::AllocaOp>()))
      scratch->moveBefore(&body.front(), body.front().begin());
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
    Value trips =
        countTrips(builder, loc, loop.getLowerBound(), loop.getUpperBound(), loop.getStep());
    Value size = arith::ConstantIndexOp::create(builder, loc, grain);
    Value tasks = arith::CeilDivSIOp::create(builder, loc, trips, size);
    tasks = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), tasks);
    func::CallOp::create(builder, loc, kParallelFor, TypeRange(),
                         ValueRange{context, function, environment, tasks});
  }

  func::FuncOp parent;
  scf::ForOp loop;
  Value context;
  StringRef name;
  Location loc;
  OpBuilder builder;
  LLVMTypeConverter converter;
  int64_t grain = 1;
  Captures captures;
  LLVM::LLVMStructType environmentType;
};

class OutlineParallelPass : public impl::OutlineParallelBase<OutlineParallelPass> {
public:
  void runOnOperation() override {
    ModuleOp module = getOperation();
    bool any = false;
    for (auto func : llvm::to_vector(module.getOps<func::FuncOp>())) {
      SmallVector<scf::ForOp> loops;
      func.walk([&](scf::ForOp loop) {
        bool nested = loop->getParentOfType<scf::ForOp>() != nullptr;
        if (loop->hasAttr(nn::kParallelAttr) && loop.getNumResults() == 0 && !nested)
          loops.push_back(loop);
      });
      if (loops.empty() || !func->hasAttr(nn::kEntryAttr))
        continue;
      any = true;
      Value context = addContext(func);
      for (auto [i, loop] : llvm::enumerate(loops)) {
        std::string name = (func.getName() + ".parallel." + Twine(i)).str();
        Outliner(func, loop, context, name).run();
        ++numOutlined;
      }
    }
    if (any)
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
