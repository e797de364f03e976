// The attributes of the train dialect: what a value is bound to, and kinds.
#ifndef NNC_DIALECTS_TRAIN_IR_TRAINATTRIBUTES
#define NNC_DIALECTS_TRAIN_IR_TRAINATTRIBUTES

include "dialects/train/ir/TrainDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

// Numbered as nnrt_source in runtime/include/nnrt/abi.h; scalars come first.
def Train_Source : I32EnumAttr<"Source", "where a value comes from or goes to", [
    I32EnumAttrCase<"Dim", 0, "dim">,
    I32EnumAttrCase<"Step", 1, "step">,
    I32EnumAttrCase<"Steps", 2, "steps">,
    I32EnumAttrCase<"Batch", 3, "batch">,
    I32EnumAttrCase<"Seed", 4, "seed">,
    I32EnumAttrCase<"Draw", 5, "draw">,
    I32EnumAttrCase<"Example", 6, "example">,
    I32EnumAttrCase<"Number", 7, "number">,
    I32EnumAttrCase<"Class", 8, "class">,
    I32EnumAttrCase<"Passes", 9, "passes">,
    I32EnumAttrCase<"Place", 10, "place">,
    I32EnumAttrCase<"Width", 11, "width">,
    I32EnumAttrCase<"Parameter", 12, "parameter">,
    I32EnumAttrCase<"State", 13, "state">,
    I32EnumAttrCase<"Optimizer", 14, "optimizer">,
    I32EnumAttrCase<"Average", 15, "average">,
    I32EnumAttrCase<"Gradient", 16, "gradient">,
    I32EnumAttrCase<"Fit", 17, "fit">,
    I32EnumAttrCase<"Cache", 18, "cache">,
    I32EnumAttrCase<"Input", 19, "input">,
    I32EnumAttrCase<"Output", 20, "output">,
    I32EnumAttrCase<"Field", 21, "field">,
    I32EnumAttrCase<"Column", 22, "column">,
    I32EnumAttrCase<"Loss", 23, "loss">,
    I32EnumAttrCase<"Total", 24, "total">,
    I32EnumAttrCase<"Partial", 25, "partial">,
    I32EnumAttrCase<"Result", 26, "result">,
    I32EnumAttrCase<"Table", 27, "table">,
    I32EnumAttrCase<"Order", 28, "order">,
    I32EnumAttrCase<"Collected", 29, "collected">]> {
  let cppNamespace = "::mlir::train";
}

// Numbered as nnrt_arena.
def Train_Arena : I32EnumAttr<"Arena", "memory that outlives a call", [
    I32EnumAttrCase<"Parameters", 0, "parameters">,
    I32EnumAttrCase<"States", 1, "states">,
    I32EnumAttrCase<"Optimizer", 2, "optimizer">,
    I32EnumAttrCase<"Averages", 3, "averages">,
    I32EnumAttrCase<"Gradients", 4, "gradients">,
    I32EnumAttrCase<"Fitted", 5, "fitted">,
    I32EnumAttrCase<"Caches", 6, "caches">]> {
  let cppNamespace = "::mlir::train";
}

def Train_Clip : I32EnumAttr<"Clip", "how gradients are clipped", [
    I32EnumAttrCase<"Norm", 0, "norm">,
    I32EnumAttrCase<"Value", 1, "value">]> {
  let cppNamespace = "::mlir::train";
}

def Train_BindAttr : AttrDef<Train_Dialect, "Bind"> {
  let mnemonic = "bind";
  let summary = "What an argument or a result is, and which one of these";
  let description = [{
    ```mlir
    #train.bind<parameter, 2>
    ```
  }];
  let parameters = (ins EnumParameter<Train_Source>:$source, "int64_t":$index);
  let assemblyFormat = "`<` $source `,` $index `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Whether it is a scalar: of type index or i64 in an entry.
    bool isScalar() const { return getSource() <= Source::Width; }
  }];
}

def Train_SizeAttr : AttrDef<Train_Dialect, "Size"> {
  let mnemonic = "size";
  let summary = "A size that is computed from the model's dimensions";
  let description = [{
    A sum of terms: of each its factor, and for each dimension of the model the power of that. The
    text is for people. `2 * n * m - 1` in a model of the dimensions `batch`, `n` and `m`:

    ```mlir
    #train.size<"2 * n * m - 1" [2, -1] [0, 1, 1, 0, 0, 0]>
    ```
  }];
  let parameters = (ins "::mlir::StringAttr":$text, "::mlir::DenseI64ArrayAttr":$factors,
                        "::mlir::DenseI64ArrayAttr":$powers);
  let assemblyFormat = "`<` $text $factors $powers `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The size where each dimension that it depends on is known, and 64 bits hold it; 0 stands for
    /// an unknown one.
    ::std::optional<int64_t> evaluate(::llvm::ArrayRef<int64_t> dims) const;
  }];
}

def Train_NeedAttr : AttrDef<Train_Dialect, "Need"> {
  let mnemonic = "need";
  let summary = "A size that is at least so much in every call";
  let description = [{
    With less, what `place` in the source computes would have no elements, or choose some that are not there.

    ```mlir
    #train.need<#train.size<"n" [1] [0, 1, 0]> from 3 at "net.nn:12">
    ```
  }];
  let parameters = (ins "::mlir::train::SizeAttr":$size, "int64_t":$least,
                        "::mlir::StringAttr":$place);
  let assemblyFormat = "`<` qualified($size) `from` $least `at` $place `>`";
}

#endif
