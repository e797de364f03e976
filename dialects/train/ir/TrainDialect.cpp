// The train dialect: registration, and the attributes it allows on modules and functions.
#include "dialects/train/ir/TrainDialect.h"
#include "dialects/train/ir/TrainOps.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::train;

#include "dialects/train/ir/TrainDialect.cpp.inc"
#include "dialects/train/ir/TrainEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/train/ir/TrainAttributes.cpp.inc"

void TrainDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/train/ir/TrainAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/train/ir/TrainOps.cpp.inc"
      >();
}

LogicalResult BindAttr::verify(function_ref<InFlightDiagnostic()> emitError, Source,
                               int64_t index) {
  if (index < 0)
    return emitError() << "expected a number from 0, found " << index;
  return success();
}

LogicalResult SizeAttr::verify(function_ref<InFlightDiagnostic()> emitError, StringAttr,
                               DenseI64ArrayAttr factors, DenseI64ArrayAttr powers) {
  if (factors.empty() ? !powers.empty() : powers.size() % factors.size() != 0)
    return emitError() << "expected as many powers for each of " << factors.size()
                       << " factors, found " << powers.size();
  if (llvm::any_of(powers.asArrayRef(), [](int64_t power) { return power < 0; }))
    return emitError() << "expected powers from 0, found " << powers;
  return success();
}

std::optional<int64_t> SizeAttr::evaluate(ArrayRef<int64_t> dims) const {
  int64_t sum = 0;
  ArrayRef<int64_t> powers = getPowers();
  for (int64_t product : getFactors().asArrayRef()) {
    for (auto [dim, power] : llvm::zip_equal(dims, powers.take_front(dims.size())))
      for (int64_t i = 0; i < power; ++i)
        if (dim == 0 || llvm::MulOverflow(product, dim, product))
          return std::nullopt;
    powers = powers.drop_front(dims.size());
    if (llvm::AddOverflow(sum, product, sum))
      return std::nullopt;
  }
  return sum;
}

SmallVector<NeedAttr> mlir::train::getNeeds(FunctionOpInterface function) {
  auto needs = function->getAttrOfType<ArrayAttr>(kNeedsAttr);
  return needs ? llvm::to_vector(needs.getAsRange<NeedAttr>()) : SmallVector<NeedAttr>();
}

size_t mlir::train::countTotals(TypeRange results) {
  auto isRow = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && !tensor.hasStaticShape();
  };
  return std::distance(results.begin(), llvm::find_if(results, isRow));
}

bool mlir::train::isTotal(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.hasStaticShape() && tensor.getElementType().isF64();
}

int64_t mlir::train::countNumbers(TypeRange totals) {
  int64_t count = 0;
  for (Type type : totals)
    count += cast<RankedTensorType>(type).getNumElements();
  return count;
}

BindAttr mlir::train::getArgumentBinding(FunctionOpInterface function, unsigned index) {
  return function.getArgAttrOfType<BindAttr>(index, kBindAttr);
}

BindAttr mlir::train::getResultBinding(FunctionOpInterface function, unsigned index) {
  return dyn_cast_or_null<BindAttr>(function.getResultAttr(index, kBindAttr));
}

LogicalResult TrainDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  StringRef name = attribute.getName().getValue();
  if (name == kDimsOfEntryAttr && isa<FunctionOpInterface>(op)) {
    auto dims = dyn_cast<DenseI64ArrayAttr>(attribute.getValue());
    if (!dims || llvm::any_of(dims.asArrayRef(), [](int64_t size) { return size < 0; }))
      return op->emitOpError() << "expected attribute '" << name
                               << "' to be an array of i64 from 0, found " << attribute.getValue();
    return success();
  }
  if (name == kNeedsAttr && isa<FunctionOpInterface>(op)) {
    auto needs = dyn_cast<ArrayAttr>(attribute.getValue());
    if (!needs || !llvm::all_of(needs, llvm::IsaPred<NeedAttr>))
      return op->emitOpError() << "expected attribute '" << name
                               << "' to be an array of #train.need, found " << attribute.getValue();
    return success();
  }
  if (name != "train.source" && name != "train.source_file" && name != "train.source_sha256")
    return op->emitOpError() << "has an unknown attribute '" << name << "' of the train dialect";
  if (!isa<ModuleOp>(op))
    return op->emitOpError() << "has attribute '" << name << "', expected on a module alone";
  if (!isa<StringAttr>(attribute.getValue()))
    return op->emitOpError() << "expected attribute '" << name << "' to be a string, found "
                             << attribute.getValue();
  return success();
}

static LogicalResult verifyBinding(Operation *op, NamedAttribute attribute) {
  if (attribute.getName() != kBindAttr)
    return op->emitOpError() << "has an unknown attribute '" << attribute.getName().getValue()
                             << "' of the train dialect";
  if (!isa<BindAttr>(attribute.getValue()))
    return op->emitOpError() << "expected '" << kBindAttr << "' to be a #train.bind, found "
                             << attribute.getValue();
  return success();
}

LogicalResult TrainDialect::verifyRegionArgAttribute(Operation *op, unsigned, unsigned,
                                                     NamedAttribute attribute) {
  return verifyBinding(op, attribute);
}

LogicalResult TrainDialect::verifyRegionResultAttribute(Operation *op, unsigned, unsigned,
                                                        NamedAttribute attribute) {
  return verifyBinding(op, attribute);
}
