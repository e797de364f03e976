// Builds one entry function: arguments with their bindings, a body from inlined functions, results.
#pragma once

#include "dialects/nn/ir/NnAttributes.h"
#include "dialects/train/ir/TrainOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"

namespace mlir::train {

using nn::kBatchAttr;
using nn::kBindingAttr;
using nn::kDimsAttr;
using nn::kEntryAttr;
using nn::kTiedAttr;
using nn::kWrtAttr;

/// What an argument or result is, and which one of these.
struct Binding {
  StringRef source;
  int64_t index = 0;
};

/// A name for a new symbol beside the model: `stem`, or one derived from it where that is taken.
std::string getUniqueSymbolName(ModelOp model, const Twine &stem);

class EntryBuilder {
public:
  /// Begins a function of `kind` after the module's last operation.
  EntryBuilder(ModelOp model, const Twine &name, StringRef kind);

  /// Adds the arguments of `model`'s dimensions; they come before all others.
  void addDims();
  /// An i64 argument, as a rank-0 tensor.
  Value addCounter(StringRef source);
  /// A tensor argument. `dims` names its dynamic dimensions.
  Value addTensor(Binding binding, TensorType type, std::optional<ArrayAttr> dims = std::nullopt);

  ValueRange getDims() const { return dims; }
  OpBuilder &getBuilder() { return builder; }
  Location getLoc() { return function.getLoc(); }

  /// The results of a function of the module for these arguments: its body is cloned here.
  SmallVector<Value> call(func::FuncOp callee, ValueRange arguments);

  /// Adds a result. It takes the place of `tied` where that argument is given. `dims` names its
  /// dynamic dimensions.
  void addResult(Binding binding, Value value, Value tied = {},
                 std::optional<ArrayAttr> dims = std::nullopt);
  /// Ends the function.
  func::FuncOp finish();

private:
  ModelOp model;
  OpBuilder builder;
  func::FuncOp function;
  SmallVector<Value> dims;
  SmallVector<DictionaryAttr> argumentAttrs, resultAttrs;
  SmallVector<Value> results;

  NamedAttribute getBindingAttr(Binding binding);
  void addDimsAttr(SmallVectorImpl<NamedAttribute> &attributes, std::optional<ArrayAttr> names);
  Value addArgument(Binding binding, Type type, ArrayRef<NamedAttribute> more = {});
};

} // namespace mlir::train
