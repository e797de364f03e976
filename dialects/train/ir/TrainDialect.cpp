// The train dialect: registration, and the attributes it allows on a module.
#include "dialects/train/ir/TrainDialect.h"
#include "dialects/train/ir/TrainOps.h"

using namespace mlir;
using namespace mlir::train;

#include "dialects/train/ir/TrainDialect.cpp.inc"

void TrainDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/train/ir/TrainOps.cpp.inc"
      >();
}

LogicalResult TrainDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  StringRef name = attribute.getName().getValue();
  if (name != "train.source" && name != "train.source_file" && name != "train.source_sha256")
    return op->emitOpError() << "has an unknown attribute '" << name << "' of the train dialect";
  if (!isa<ModuleOp>(op))
    return op->emitOpError() << "has attribute '" << name << "', expected on a module alone";
  if (!isa<StringAttr>(attribute.getValue()))
    return op->emitOpError() << "expected attribute '" << name << "' to be a string, found "
                             << attribute.getValue();
  return success();
}
