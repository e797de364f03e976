// Registers the train dialect and its passes.
#pragma once

namespace mlir {
class DialectRegistry;
namespace train {
void registerTrain(DialectRegistry &registry);
} // namespace train
} // namespace mlir
