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
    I32EnumAttrCase<"Parameter", 9, "parameter">,
    I32EnumAttrCase<"State", 10, "state">,
    I32EnumAttrCase<"Optimizer", 11, "optimizer">,
    I32EnumAttrCase<"Average", 12, "average">,
    I32EnumAttrCase<"Gradient", 13, "gradient">,
    I32EnumAttrCase<"Fit", 14, "fit">,
    I32EnumAttrCase<"Input", 15, "input">,
    I32EnumAttrCase<"Output", 16, "output">,
    I32EnumAttrCase<"Field", 17, "field">,
    I32EnumAttrCase<"Column", 18, "column">,
    I32EnumAttrCase<"Loss", 19, "loss">,
    I32EnumAttrCase<"Total", 20, "total">,
    I32EnumAttrCase<"Partial", 21, "partial">,
    I32EnumAttrCase<"Result", 22, "result">]> {
  let cppNamespace = "::mlir::train";
}

// Numbered as nnrt_arena.
def Train_Arena : I32EnumAttr<"Arena", "memory that outlives a call", [
    I32EnumAttrCase<"Parameters", 0, "parameters">,
    I32EnumAttrCase<"States", 1, "states">,
    I32EnumAttrCase<"Optimizer", 2, "optimizer">,
    I32EnumAttrCase<"Averages", 3, "averages">,
    I32EnumAttrCase<"Gradients", 4, "gradients">,
    I32EnumAttrCase<"Fitted", 5, "fitted">]> {
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
    bool isScalar() const { return getSource() <= Source::Class; }
  }];
}

#endif
