// Builds one entry function: bound arguments, a body from inlined functions, bound results.
#pragma once

#include "dialects/nn/ir/NnAttributes.h"
#include "dialects/train/ir/TrainOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::train {

/// A name for a new symbol in the module of `op`: `stem`, or one derived from it where that is
/// taken.
std::string getUniqueSymbolName(Operation *op, const Twine &stem);

/// The type in which sums of such tensors are kept: that of narrow floats is f32, as they hold no
/// sum of many.
RankedTensorType getSumType(RankedTensorType type);
/// The numbers of the parameters whose running average moves by less than they can tell: it is kept
/// in f32 among the states of the optimizer, behind all others, and what stands among the averages
/// is that, rounded.
SmallVector<int64_t> getAveragesApart(ModelOp model);

/// The scalar argument of an entry as functions take it: a rank-0 tensor of this type. A `number`
/// has the bits of an f64.
Value buildScalar(ImplicitLocOpBuilder &builder, BindAttr binding, Value argument,
                  RankedTensorType type);

class EntryBuilder {
public:
  /// Begins the entry `name` after the module's last operation. Its arguments are what those of
  /// `callees` are bound to, and `more`, but for `computed`: what the entry itself will set.
  EntryBuilder(ModelOp model, StringRef name, ArrayRef<func::FuncOp> callees,
               ArrayRef<BindAttr> more = {}, ArrayRef<Source> computed = {});

  /// What is bound so in the entry: an argument (a scalar as a rank-0 tensor, a dimension as an
  /// index), or the value that was set.
  Value get(BindAttr binding);
  void set(BindAttr binding, Value value) { values[binding] = value; }

  /// The results of a function for the arguments that it is bound to: its body is cloned here.
  SmallVector<Value> call(func::FuncOp callee);

  /// Adds a result. Where `inPlace`, it takes the place of the argument that is bound alike.
  void addResult(BindAttr binding, Value value, bool inPlace = false);
  /// Ends the function.
  func::FuncOp finish();

  ImplicitLocOpBuilder &getBuilder() { return builder; }
  BindAttr bind(Source source, int64_t index = 0) {
    return BindAttr::get(builder.getContext(), source, index);
  }

private:
  /// The names of the `?` of what is bound so; null where it has none.
  ArrayAttr getDimNames(BindAttr binding);
  void addDimsAttr(SmallVectorImpl<NamedAttribute> &attributes, BindAttr binding);
  void addArgument(BindAttr binding, Type type);
  /// The type of a binding, whether or not a function has it; null where functions alone say it.
  Type getTypeOf(BindAttr binding) const;

  ModelOp model;
  ImplicitLocOpBuilder builder;
  func::FuncOp function;
  llvm::DenseMap<BindAttr, Value> values;
  llvm::DenseMap<BindAttr, unsigned> arguments;
  SmallVector<Type> parameters, states, optimizerStates;
  SmallVector<DictionaryAttr> argumentAttrs, resultAttrs;
  SmallVector<Value> results;
};

} // namespace mlir::train
