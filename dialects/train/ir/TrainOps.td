// The operations of the train dialect: a model, its ports and parameters, its recipe.
#ifndef NNC_DIALECTS_TRAIN_IR_TRAINOPS
#define NNC_DIALECTS_TRAIN_IR_TRAINOPS

include "dialects/train/ir/TrainDialect.td"
include "mlir/IR/CommonAttrConstraints.td"
include "mlir/IR/CommonTypeConstraints.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"

class Train_Op<string mnemonic, list<Trait> traits = []> : Op<Train_Dialect, mnemonic, traits>;

// An operation whose body lists others.
class Train_ListOp<string mnemonic, list<Trait> traits = []>
    : Train_Op<mnemonic, traits # [SingleBlock, NoTerminator, NoRegionArguments]> {
  let regions = (region SizedRegion<1>:$body);
}

def Train_Name : ConfinedAttr<StrAttr, [AttrConstraint<
    CPred<"!::llvm::cast<::mlir::StringAttr>($_self).getValue().empty()">, "whose value is not empty">]>;
def Train_TensorTypeAttr : TypeAttrOf<AnyRankedTensor>;
def Train_StaticTensorTypeAttr : TypeAttrOf<AnyStaticShapeTensor>;
def Train_PositiveAttr : ConfinedAttr<I64Attr, [IntPositive]>;

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

def Train_ModelOp : Train_ListOp<"model", [
    Symbol, HasParent<"::mlir::ModuleOp">, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "A model: what it is made of, and by which functions";
  let description = [{
    Lists, in this order of kinds, the inputs, outputs, parameters and buffers of a model, and its
    recipe where it has one. `dims` are the names of its symbolic dimensions, the batch first. Names
    are unique among inputs, among outputs, and among parameters and buffers together.

    Example, described; the operations below show parts of it:

    ```mlir
    train.model @net dims ["batch"] forward @net.forward {
      train.input "image" : tensor<?x28x28xui8> dims ["batch"]
      train.output "logits" : tensor<?x10xf32> dims ["batch"]
      train.parameter "dense.w" : tensor<784x10xf32> init @net.init.dense.w
      train.parameter buffer "norm.mean" : tensor<10xf32> init @net.init.norm.mean
      train.recipe optimizer "adam(lr: 0.001)" batch 32 epochs 5 seed 0
          loss @net.loss metrics ["accuracy"] @net.metrics {
        train.data "mnist" format "idx" {
          train.field "image" : tensor<?x28x28xui8> dims ["batch"]
          train.field "label" as "target" : tensor<?xui8> dims ["batch"] in 0 to 10
          train.file "train" of "image" path "train-images-idx3-ubyte.gz"
          train.file "train" of "label" path "train-labels-idx1-ubyte.gz"
        }
        train.update "dense.w" rule @net.update.dense.w {
          train.state "m" : tensor<784x10xf32> init @net.state.dense.w.m
          train.state "v" : tensor<784x10xf32> init @net.state.dense.w.v
        }
      }
    }
    func.func private @net.forward(index, tensor<?x28x28xui8>, tensor<784x10xf32>, tensor<10xf32>)
        -> (tensor<?x10xf32>, tensor<10xf32>)
    func.func private @net.init.dense.w(tensor<i64>) -> tensor<784x10xf32>
    func.func private @net.init.norm.mean(tensor<i64>) -> tensor<10xf32>
    func.func private @net.loss(index, tensor<?x10xf32>, tensor<?x28x28xui8>, tensor<?xui8>)
        -> tensor<f32>
    func.func private @net.metrics(index, tensor<?x10xf32>, tensor<?x28x28xui8>, tensor<?xui8>)
        -> tensor<f32>
    func.func private @net.update.dense.w(tensor<784x10xf32>, tensor<784x10xf32>,
        tensor<784x10xf32>, tensor<784x10xf32>, tensor<i64>)
        -> (tensor<784x10xf32>, tensor<784x10xf32>, tensor<784x10xf32>)
    func.func private @net.state.dense.w.m(tensor<i64>, tensor<784x10xf32>) -> tensor<784x10xf32>
    func.func private @net.state.dense.w.v(tensor<i64>, tensor<784x10xf32>) -> tensor<784x10xf32>
    ```

    and a model without a recipe, built:

    ```mlir
    train.model @tiny dims ["batch"] entries [@tiny.init, @tiny.predict_any] {
      train.input "x" : tensor<?x4xf32> dims ["batch"]
      train.output "y" : tensor<?x2xf32> dims ["batch"]
      train.parameter "w" : tensor<4x2xf32>
    }
    func.func private @tiny.init(i64) -> tensor<4x2xf32>
    func.func private @tiny.predict_any(index, tensor<?x4xf32>, tensor<4x2xf32>) -> tensor<?x2xf32>
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrArrayAttr:$dims,
                       OptionalAttr<FlatSymbolRefAttr>:$forward,
                       OptionalAttr<FlatSymbolRefArrayAttr>:$entries,
                       OptionalAttr<StrAttr>:$doc);
  let assemblyFormat = [{
    $sym_name `dims` $dims (`forward` $forward^)? (`entries` $entries^)? (`doc` $doc^)?
    attr-dict-with-keyword $body
  }];
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// The operations of a kind in the body, in order.
    template <typename OpTy>
    auto get() { return getBody().front().getOps<OpTy>(); }
    /// Null where the model has none.
    RecipeOp getRecipe();
    /// Whether the functions are named, and the entries yet to be built.
    bool isDescribed() { return getForwardAttr() != nullptr; }
    /// The signature that `forward` must have.
    ::mlir::FunctionType getForwardType();
    /// The arguments of `loss` and `metrics`.
    ::llvm::SmallVector<::mlir::Type> getLossArgumentTypes();
    /// One index type per symbolic dimension.
    ::llvm::SmallVector<::mlir::Type> getDimTypes();
  }];
}

//===----------------------------------------------------------------------===//
// Ports
//===----------------------------------------------------------------------===//

class Train_PortOp<string mnemonic, list<Trait> traits> : Train_Op<mnemonic, traits> {
  let arguments = (ins Train_Name:$name, Train_TensorTypeAttr:$type,
                       OptionalAttr<StrArrayAttr>:$dims);
  let assemblyFormat = "$name `:` $type (`dims` $dims^)? attr-dict";
  let hasVerifier = 1;
}

def Train_InputOp : Train_PortOp<"input", [HasParent<"ModelOp">]> {
  let summary = "An input of the model";
  let description = [{
    `dims` names the dimension of each `?` of the type, from the left. The model uses an input with
    bounds as an index: values must lie in [`low`, `high`).

    ```mlir
    train.input "image" : tensor<?x28x28xui8> dims ["batch"]
    ```
  }];
  let arguments = (ins Train_Name:$name, Train_TensorTypeAttr:$type,
                       OptionalAttr<StrArrayAttr>:$dims, OptionalAttr<I64Attr>:$low,
                       OptionalAttr<I64Attr>:$high);
  let assemblyFormat = [{
    $name `:` $type (`dims` $dims^)? (`in` $low^ `to` $high)? attr-dict
  }];
  let extraClassDeclaration = [{
    /// [first, second).
    ::std::optional<::std::pair<int64_t, int64_t>> getBounds();
  }];
}

def Train_OutputOp : Train_PortOp<"output", [HasParent<"ModelOp">]> {
  let summary = "An output of the model";
  let description = [{
    `dims` names the dimension of each `?` of the type, from the left.

    ```mlir
    train.output "logits" : tensor<?x10xf32> dims ["batch"]
    ```
  }];
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

def Train_ParameterOp : Train_Op<"parameter", [HasParent<"ModelOp">,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "A tensor that the model owns: a parameter, or a buffer";
  let description = [{
    A parameter is trained. A buffer is kept, but no optimizer updates it: `forward` takes its value
    and gives the new one. Buffers come after all parameters.

    ```mlir
    train.parameter "dense.w" : tensor<784x10xf32> init @net.init.dense.w
    train.parameter buffer "norm.mean" : tensor<10xf32> init @net.init.norm.mean
    ```
  }];
  let arguments = (ins UnitAttr:$buffer, Train_Name:$name, Train_StaticTensorTypeAttr:$type,
                       OptionalAttr<FlatSymbolRefAttr>:$init);
  let assemblyFormat = "(`buffer` $buffer^)? $name `:` $type (`init` $init^)? attr-dict";
}

//===----------------------------------------------------------------------===//
// The recipe
//===----------------------------------------------------------------------===//

def Train_RecipeOp : Train_ListOp<"recipe", [HasParent<"ModelOp">,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "How the model is trained";
  let description = [{
    The sum of the results of `loss` is minimised. `metrics` are named in the order of that
    function's results. A recipe holds one `train.data` and a `train.update` for each parameter that
    is trained; `optimizer` is for people.

    ```mlir
    train.recipe optimizer "adam(lr: 0.001)" batch 32 epochs 5 seed 0
        loss @net.loss metrics ["accuracy"] @net.metrics {
      train.data "mnist" format "idx" {
        train.field "image" : tensor<?x28x28xui8> dims ["batch"]
        train.field "label" as "target" : tensor<?xui8> dims ["batch"] in 0 to 10
        train.file "train" of "image" path "train-images-idx3-ubyte.gz"
        train.file "train" of "label" path "train-labels-idx1-ubyte.gz"
      }
      train.update "dense.w" rule @net.update.dense.w {
        train.state "m" : tensor<784x10xf32> init @net.state.dense.w.m
        train.state "v" : tensor<784x10xf32> init @net.state.dense.w.v
      }
    }
    ```
  }];
  let arguments = (ins StrAttr:$optimizer, Train_PositiveAttr:$batch,
                       OptionalAttr<Train_PositiveAttr>:$epochs,
                       OptionalAttr<Train_PositiveAttr>:$steps,
                       I64Attr:$seed,
                       OptionalAttr<FlatSymbolRefAttr>:$loss,
                       StrArrayAttr:$metrics,
                       OptionalAttr<FlatSymbolRefAttr>:$metricsFunction);
  let assemblyFormat = [{
    `optimizer` $optimizer `batch` $batch (`epochs` $epochs^)? (`steps` $steps^)? `seed` $seed
    (`loss` $loss^)? `metrics` $metrics ($metricsFunction^)? attr-dict-with-keyword $body
  }];
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    template <typename OpTy>
    auto get() { return getBody().front().getOps<OpTy>(); }
    DataOp getData();
    /// The states of every update, in order: the order of their arena.
    ::std::vector<StateOp> getStates();
  }];
}

def Train_DataOp : Train_ListOp<"data", [HasParent<"RecipeOp">]> {
  let summary = "The data set of a recipe: its fields and files";
  let description = [{
    `format` says how the files are read.

    ```mlir
    train.data "mnist" format "idx" {
      train.field "image" : tensor<?x28x28xui8> dims ["batch"]
      train.field "label" as "target" : tensor<?xui8> dims ["batch"] in 0 to 10
      train.file "train" of "image" path "train-images-idx3-ubyte.gz"
      train.file "train" of "label" path "train-labels-idx1-ubyte.gz"
    }
    ```
  }];
  let arguments = (ins Train_Name:$name, StrAttr:$format);
  let assemblyFormat = "$name `format` $format attr-dict-with-keyword $body";
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    template <typename OpTy>
    auto get() { return getBody().front().getOps<OpTy>(); }
  }];
}

def Train_FieldOp : Train_Op<"field", [HasParent<"DataOp">]> {
  let summary = "A field of the data set, one batch of it";
  let description = [{
    Its leading dimension is the batch, the first of the model's dimensions where it is symbolic. A
    field whose binding (its name in the recipe, that of the field where none is given) is the name
    of a model input feeds that input. Values lie in [`low`, `high`) where these are given.

    ```mlir
    train.field "image" : tensor<?x28x28xui8> dims ["batch"]
    train.field "label" as "target" : tensor<?xui8> dims ["batch"] in 0 to 10
    ```
  }];
  let arguments = (ins Train_Name:$name, OptionalAttr<Train_Name>:$binding,
                       Train_TensorTypeAttr:$type, OptionalAttr<StrArrayAttr>:$dims,
                       OptionalAttr<I64Attr>:$low, OptionalAttr<I64Attr>:$high);
  let assemblyFormat = [{
    $name (`as` $binding^)? `:` $type (`dims` $dims^)? (`in` $low^ `to` $high)? attr-dict
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Its name in the recipe.
    ::llvm::StringRef getBoundName() { return getBinding().value_or(getName()); }
    /// [first, second).
    ::std::optional<::std::pair<int64_t, int64_t>> getBounds();
  }];
}

def Train_FileOp : Train_Op<"file", [HasParent<"DataOp">]> {
  let summary = "A file that holds a split of a field";
  let description = [{
    The path is relative to the data directory.

    ```mlir
    train.file "train" of "label" path "train-labels-idx1-ubyte.gz"
    ```
  }];
  let arguments = (ins Train_Name:$split, Train_Name:$field, Train_Name:$path);
  let assemblyFormat = "$split `of` $field `path` $path attr-dict";
}

def Train_UpdateOp : Train_ListOp<"update", [HasParent<"RecipeOp">,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "How one parameter is updated";
  let description = [{
    ```mlir
    train.update "dense.w" rule @net.update.dense.w {
      train.state "m" : tensor<784x10xf32> init @net.state.dense.w.m
      train.state "v" : tensor<784x10xf32> init @net.state.dense.w.v
    }
    ```
  }];
  let arguments = (ins Train_Name:$parameter, OptionalAttr<FlatSymbolRefAttr>:$rule);
  let assemblyFormat = "$parameter (`rule` $rule^)? attr-dict-with-keyword $body";
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    template <typename OpTy>
    auto get() { return getBody().front().getOps<OpTy>(); }
    /// The parameter that it names; null where the model has none of that name.
    ParameterOp getParameterOp();
  }];
}

def Train_StateOp : Train_Op<"state", [HasParent<"UpdateOp">,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "A tensor that the optimizer keeps beside a parameter";
  let description = [{
    ```mlir
    train.state "m" : tensor<784x10xf32> init @net.state.dense.w.m
    ```
  }];
  let arguments = (ins Train_Name:$name, Train_StaticTensorTypeAttr:$type,
                       OptionalAttr<FlatSymbolRefAttr>:$init);
  let assemblyFormat = "$name `:` $type (`init` $init^)? attr-dict";
}

#endif
