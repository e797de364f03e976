// codegen-repeat-batches: lets entries go through several batches, which they find by themselves.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/gpu/KernelWork.h"
#include "compiler/codegen/shared/Counts.h"
#include "dialects/nn/ir/NnAttributes.h"
#include "dialects/train/ir/TrainOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Transforms/LoopInvariantCodeMotionUtils.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_REPEATBATCHES
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;
using train::BindAttr;
using train::Source;

namespace {

/// Adds to and changes what an entry takes, and keeps what is said of it true.
class Signature {
public:
  explicit Signature(func::FuncOp entry)
      : entry(entry), dims(entry->getAttrOfType<ArrayAttr>(nn::kArgumentDimsAttr).getValue()) {}

  BindAttr bindingOf(unsigned argument) {
    return entry.getArgAttrOfType<BindAttr>(argument, train::kBindAttr);
  }
  BlockArgument find(Source source, int64_t index) {
    for (BlockArgument argument : entry.getArguments()) {
      BindAttr binding = bindingOf(argument.getArgNumber());
      if (binding && binding.getSource() == source && binding.getIndex() == index)
        return argument;
    }
    return {};
  }
  SmallVector<BlockArgument> findAll(ArrayRef<Source> sources) {
    SmallVector<BlockArgument> found;
    for (BlockArgument argument : entry.getArguments())
      if (BindAttr binding = bindingOf(argument.getArgNumber());
          binding && llvm::is_contained(sources, binding.getSource()))
        found.push_back(argument);
    return found;
  }

  /// A number behind those that the entry takes already.
  BlockArgument addNumber(Source source, int64_t index = 0) {
    unsigned place = 0;
    while (place < entry.getNumArguments() && entry.getArgumentTypes()[place].isIntOrIndex())
      ++place;
    return insert(place, IndexType::get(entry.getContext()), source, index, {});
  }
  /// A buffer, behind all; `sizes` are the arguments that hold its symbolic sizes.
  BlockArgument addBuffer(MemRefType type, Source source, ArrayRef<int64_t> sizes) {
    return insert(entry.getNumArguments(), type, source, 0, sizes);
  }
  void change(BlockArgument argument, MemRefType type, Source source, ArrayRef<int64_t> sizes) {
    int64_t index = bindingOf(argument.getArgNumber()).getIndex();
    argument.setType(type);
    bind(argument.getArgNumber(), source, index);
    dims[argument.getArgNumber()] = Builder(entry).getDenseI64ArrayAttr(sizes);
  }
  /// The arguments that hold the symbolic sizes of a buffer.
  ArrayRef<int64_t> getSizes(BlockArgument argument) const {
    return cast<DenseI64ArrayAttr>(dims[argument.getArgNumber()]).asArrayRef();
  }

  void finish() {
    Builder builder(entry);
    SmallVector<Type> types(entry.front().getArgumentTypes());
    entry.setFunctionType(builder.getFunctionType(types, {}));
    entry->setAttr(nn::kArgumentsAttr, builder.getTypeArrayAttr(types));
    entry->setAttr(nn::kArgumentDimsAttr, builder.getArrayAttr(dims));
  }

private:
  BlockArgument insert(unsigned place, Type type, Source source, int64_t index,
                       ArrayRef<int64_t> sizes) {
    (void)entry.insertArgument(place, type, /*attributes=*/{}, entry.getLoc());
    dims.insert(dims.begin() + place, Builder(entry).getDenseI64ArrayAttr(sizes));
    bind(place, source, index);
    return entry.getArgument(place);
  }
  void bind(unsigned argument, Source source, int64_t index) {
    entry.setArgAttr(argument, train::kBindAttr, BindAttr::get(entry.getContext(), source, index));
  }

  func::FuncOp entry;
  SmallVector<Attribute> dims; ///< of each argument; see nn::kArgumentDimsAttr
};

/// A kernel that fetches a batch of a field from the table: `type` is that of the batch.
kernel::FuncOp createGather(Location loc, StringRef name, MemRefType type, MemRefType table,
                            MemRefType order) {
  OpBuilder b(type.getContext());
  auto kernel = kernel::FuncOp::create(
      b, loc, name, b.getFunctionType({b.getIndexType(), order, table, type}, {}));
  b.setInsertionPointToStart(kernel.addEntryBlock());
  Value place = kernel.getArgument(0), rows = kernel.getArgument(1);
  Value from = kernel.getArgument(2), to = kernel.getArgument(3);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value count = memref::DimOp::create(b, loc, from, 0);
  Value last = arith::SubIOp::create(b, loc, count, one);
  SmallVector<OpFoldResult> zeros(type.getRank(), b.getIndexAttr(0)),
      ones(type.getRank(), b.getIndexAttr(1));
  auto tasks = scf::ForallOp::create(b, loc, zeros, memref::getMixedSizes(b, loc, to), ones,
                                     ValueRange(), /*mapping=*/std::nullopt);
  b.setInsertionPoint(tasks.getTerminator());
  SmallVector<Value> indices(tasks.getInductionVars());
  Value example = arith::AddIOp::create(b, loc, place, indices.front());
  Value row = memref::LoadOp::create(b, loc, rows, example);
  row = arith::IndexCastUIOp::create(b, loc, b.getIndexType(), row);
  // Whatever the order holds: nothing beyond the table is read.
  SmallVector<Value> source(indices);
  source.front() = arith::MinUIOp::create(b, loc, row, last);
  Value element = memref::LoadOp::create(b, loc, from, source);
  memref::StoreOp::create(b, loc, element, to, indices);
  b.setInsertionPointToEnd(&kernel.getBody().front());
  kernel::ReturnOp::create(b, loc);
  if (Count bytes = countBytes(type)) {
    KernelWork work;
    noteBytes(kernel, 2, *bytes);
    noteBytes(kernel, 3, *bytes);
    work.bytes = 2 * *bytes;
    noteWork(kernel, work);
  }
  return kernel;
}

/// Makes a loop over batches of what an entry does for one.
class BatchRepeater {
public:
  BatchRepeater(func::FuncOp entry, train::ProgramOp program, SymbolTable &symbols)
      : entry(entry), program(program), symbols(symbols), signature(entry),
        builder(entry.getContext()), loc(entry.getLoc()) {}

  void run() {
    fields = signature.findAll({Source::Field});
    outputs = signature.findAll({Source::Loss, Source::Partial});
    // Outside of training neither steps nor draws are counted.
    StringRef kind = entry->getAttrOfType<StringAttr>(nn::kEntryAttr).getValue();
    bool isTraining = !kind.starts_with(nn::kEvaluateEntry);
    for (Source source : {Source::Step, Source::Draw, Source::Example})
      if (BlockArgument number = signature.find(source, 0))
        if (isTraining || source == Source::Example)
          numbers.emplace_back(number, source);
    addArguments();
    findBatchSize();
    SmallVector<Operation *> ops;
    for (Operation &op : entry.front().without_terminator())
      ops.push_back(&op);
    builder.setInsertionPoint(entry.front().getTerminator());
    createBuffers();
    fetch(place);
    createLoop(ops);
    signature.finish();
  }

private:
  void addArguments() {
    passes = signature.addNumber(Source::Passes);
    place = signature.addNumber(Source::Place);
    width = signature.addNumber(Source::Width);
    if (fields.empty())
      return;
    int64_t dim = *program.getRows();
    rows = signature.find(Source::Dim, dim);
    if (!rows)
      rows = signature.addNumber(Source::Dim, dim);
  }

  void findBatchSize() {
    builder.setInsertionPointToStart(&entry.front());
    if (fields.empty())
      batch = signature.find(Source::Dim, program.getBatch().value_or(0));
    else
      batch = sizeOf(fields.front(), 0);
    if (!batch) // Nothing that is counted by examples depends on the pass.
      batch = arith::ConstantIndexOp::create(builder, loc, 1);
  }

  Value sizeOf(BlockArgument buffer, unsigned dim) {
    auto type = cast<MemRefType>(buffer.getType());
    if (!type.isDynamicDim(dim))
      return arith::ConstantIndexOp::create(builder, loc, type.getDimSize(dim));
    return entry.getArgument(signature.getSizes(buffer)[type.getDynamicDimIndex(dim)]);
  }

  Value createBuffer(BlockArgument like) {
    auto type = cast<MemRefType>(like.getType());
    SmallVector<Value> sizes;
    for (int64_t argument : signature.getSizes(like))
      sizes.push_back(entry.getArgument(argument));
    return memref::AllocOp::create(builder, loc, type, sizes);
  }

  /// In place of what the entry was given for one batch.
  void createBuffers() {
    for (BlockArgument field : fields) {
      auto type = cast<MemRefType>(field.getType());
      Value buffer = createBuffer(field);
      field.replaceAllUsesWith(buffer);
      SmallVector<int64_t> shape(type.getShape()), sizes(signature.getSizes(field));
      if (std::exchange(shape.front(), ShapedType::kDynamic) == ShapedType::kDynamic)
        sizes.erase(sizes.begin());
      sizes.insert(sizes.begin(), rows.getArgNumber());
      signature.change(field, MemRefType::get(shape, type.getElementType()), Source::Table, sizes);
      batches.push_back(buffer);
    }
    for (BlockArgument output : outputs) {
      Value buffer = createBuffer(output);
      output.replaceAllUsesWith(buffer);
      auto type = MemRefType::get({ShapedType::kDynamic, ShapedType::kDynamic},
                                  cast<MemRefType>(output.getType()).getElementType());
      signature.change(output, type, signature.bindingOf(output.getArgNumber()).getSource(),
                       {passes.getArgNumber(), width.getArgNumber()});
      results.push_back(buffer);
    }
    if (fields.empty())
      return;
    auto type = MemRefType::get({ShapedType::kDynamic}, builder.getI32Type());
    order = signature.addBuffer(type, Source::Order, {rows.getArgNumber()});
  }

  /// Calls what fetches the batch that begins at `from`.
  void fetch(Value from) {
    for (auto [i, field] : llvm::enumerate(fields)) {
      if (gathers.size() == i) {
        gathers.push_back(createGather(
            loc, (entry.getName() + ".gather").str(), cast<MemRefType>(batches[i].getType()),
            cast<MemRefType>(field.getType()), cast<MemRefType>(order.getType())));
        symbols.insert(gathers[i], entry->getIterator());
      }
      kernel::CallOp::create(builder, loc, TypeRange(),
                             FlatSymbolRefAttr::get(gathers[i].getSymNameAttr()),
                             ValueRange{from, order, field}, ValueRange(batches[i]));
    }
  }

  void createLoop(ArrayRef<Operation *> ops) {
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    Value one = arith::ConstantIndexOp::create(builder, loc, 1);
    Value last = arith::SubIOp::create(builder, loc, passes, one);
    auto loop = scf::ForOp::create(builder, loc, zero, passes, one);
    loop->setAttr(kBatchesAttr, builder.getUnitAttr());
    builder.setInsertionPoint(loop.getBody()->getTerminator());
    Value pass = loop.getInductionVar();
    for (auto [number, source] : numbers)
      replaceNumber(number, source, pass);
    for (Operation *op : ops)
      op->moveBefore(loop.getBody()->getTerminator());
    builder.setInsertionPoint(loop.getBody()->getTerminator());
    for (auto [output, result] : llvm::zip_equal(outputs, results)) {
      SmallVector<OpFoldResult> at = {pass, builder.getIndexAttr(0)},
                                ones(2, builder.getIndexAttr(1));
      auto element = cast<MemRefType>(output.getType()).getElementType();
      auto type = MemRefType::get(
          {}, element, StridedLayoutAttr::get(builder.getContext(), ShapedType::kDynamic, {}));
      Value slot = memref::SubViewOp::create(builder, loc, type, output, at, ones, ones);
      memref::CopyOp::create(builder, loc, result, slot);
    }
    // Beside the rest of this pass, so that the next one needn't wait.
    if (!fields.empty()) {
      Value next = arith::AddIOp::create(builder, loc, pass, one);
      next = arith::MinUIOp::create(builder, loc, next, last);
      next = arith::MulIOp::create(builder, loc, next, batch);
      fetch(arith::AddIOp::create(builder, loc, place, next));
    }
    moveLoopInvariantCode(loop);
  }

  void replaceNumber(BlockArgument number, Source source, Value pass) {
    Value more = pass;
    if (source == Source::Example)
      more = arith::MulIOp::create(builder, loc, pass, batch);
    more = arith::IndexCastOp::create(builder, loc, number.getType(), more);
    auto sum = arith::AddIOp::create(builder, loc, number, more);
    number.replaceAllUsesExcept(sum, sum);
  }

  func::FuncOp entry;
  train::ProgramOp program;
  SymbolTable &symbols;
  Signature signature;
  OpBuilder builder;
  Location loc;
  SmallVector<BlockArgument> fields, outputs;
  SmallVector<std::pair<BlockArgument, Source>> numbers;
  BlockArgument passes, place, width, rows, order;
  Value batch;                         ///< examples of one
  SmallVector<Value> batches, results; ///< of each field, of each output
  SmallVector<kernel::FuncOp> gathers; ///< of each field
};

class RepeatBatchesPass : public impl::RepeatBatchesBase<RepeatBatchesPass> {
public:
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    for (auto program : getOperation().getOps<train::ProgramOp>())
      for (auto name : program.getEntriesAttr().getAsRange<FlatSymbolRefAttr>())
        if (auto entry = symbols.lookup<func::FuncOp>(name.getAttr());
            takesBatches(entry, program)) {
          BatchRepeater(entry, program, symbols).run();
          ++numEntries;
        }
  }

private:
  static bool takesBatches(func::FuncOp entry, train::ProgramOp program) {
    auto name = entry->getAttrOfType<StringAttr>(nn::kEntryAttr);
    StringRef kind = name ? name.getValue().split('.').first : StringRef();
    // What a pass collects lies in rows as long as it says, not NNRT_WIDTH numbers apart, and a
    // total that is a table has a kernel of its own write it where it stays.
    auto isTable = [](BlockArgument argument) {
      return cast<MemRefType>(argument.getType()).getRank() != 0;
    };
    return llvm::is_contained({nn::kStepEntry, nn::kGradientEntry, nn::kEvaluateEntry}, kind) &&
           Signature(entry).findAll({Source::Collected}).empty() &&
           llvm::none_of(Signature(entry).findAll({Source::Partial}), isTable) &&
           (program.getRows() || Signature(entry).findAll({Source::Field}).empty());
  }
};

} // namespace
} // namespace nnc::codegen
