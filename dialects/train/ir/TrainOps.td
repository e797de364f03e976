// The operations of the train dialect: a model, its ports and tensors, its recipe, what is built.
#ifndef NNC_DIALECTS_TRAIN_IR_TRAINOPS
#define NNC_DIALECTS_TRAIN_IR_TRAINOPS

include "dialects/train/ir/TrainAttributes.td"
include "mlir/IR/CommonAttrConstraints.td"
include "mlir/IR/CommonTypeConstraints.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"

class Train_Op<string mnemonic, list<Trait> traits = []> : Op<Train_Dialect, mnemonic, traits>;

// An operation whose body lists others.
class Train_ListOp<string mnemonic, list<Trait> traits = []>
    : Train_Op<mnemonic, traits # [SingleBlock, NoTerminator, NoRegionArguments]> {
  let regions = (region SizedRegion<1>:$body);
  code listDeclaration = [{
    /// The operations of a kind in the body, in order.
    template <typename OpTy>
    auto get() { return getBody().front().getOps<OpTy>(); }
  }];
  let extraClassDeclaration = listDeclaration;
}

def Train_Name : ConfinedAttr<StrAttr, [AttrConstraint<
    CPred<"!::llvm::cast<::mlir::StringAttr>($_self).getValue().empty()">, "whose value is not empty">]>;
def Train_TensorTypeAttr : TypeAttrOf<AnyRankedTensor>;
def Train_StaticTensorTypeAttr : TypeAttrOf<AnyStaticShapeTensor>;
def Train_CountAttr : ConfinedAttr<I64Attr, [IntNonNegative]>;

defvar Train_InModel = ParentOneOf<["ModelOp", "ProgramOp"]>;
defvar Train_NamesFunction = DeclareOpInterfaceMethods<SymbolUserOpInterface>;

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

def Train_ModelOp : Train_ListOp<"model", [Symbol, HasParent<"::mlir::ModuleOp">, Train_NamesFunction]> {
  let summary = "A model as it is described: what it is made of, and by which functions";
  let description = [{
    Lists the ports and tensors of a model, and its recipe where it has one. `dims` are the names of
    its symbolic dimensions; `batch` is the number of that along which examples lie, `rows` that of
    all rows of a part of the data. Names are unique within each kind.

    Example; the operations below show parts of it:

    ```mlir
    train.model @net dims ["batch", "rows"] batch 0 rows 1 predict @net.predict {
      train.input "image" : tensor<?x28x28xui8> dims ["batch"]
      train.output "logits" : tensor<?x10xf32> dims ["batch"]
      train.column "0" : tensor<?x28x28xui8> dims ["rows"]
      train.column "1" : tensor<?xui8> dims ["rows"]
      train.field "image" : tensor<?x28x28xui8> dims ["batch"]
      train.field "label" : tensor<?xui8> dims ["batch"] in 0 to 10
      train.collected "0" : tensor<?xf32> dims ["batch"]
      train.parameter "w" : tensor<784x10xf32> init @net.init.w
      train.state "centre" : tensor<10xf32> init @net.init.centre
      train.fitted "mnist.0" : tensor<f32>
      train.recipe settings {batch = 32, numbers = [{name = "lr", value = 0.1 : f64} ]} finish @net.finish {
        train.block "" objective @net.objective clip norm @net.limit {
          train.update "w" rule @net.update.w {
            train.optimizer_state "w.m" : tensor<784x10xf32> init @net.optimizer.w.m
          }
        }
        train.pass accumulate @net.pass
        train.preparation fit @net.fit prepare @net.prepare
      }
    }
    func.func private @net.predict(
        index {train.bind = #train.bind<dim, 0>},
        tensor<?x28x28xui8> {train.bind = #train.bind<input, 0>},
        tensor<784x10xf32> {train.bind = #train.bind<parameter, 0>}) -> tensor<?x10xf32>
    func.func private @net.init.w(tensor<i64> {train.bind = #train.bind<seed, 0>}) -> tensor<784x10xf32>
    func.func private @net.init.centre() -> tensor<10xf32>
    func.func private @net.objective(
        index {train.bind = #train.bind<dim, 0>},
        tensor<?x28x28xui8> {train.bind = #train.bind<field, 0>},
        tensor<?xui8> {train.bind = #train.bind<field, 1>},
        tensor<784x10xf32> {train.bind = #train.bind<parameter, 0>},
        tensor<10xf32> {train.bind = #train.bind<state, 0>}) -> (tensor<f32>, tensor<10xf32>)
    func.func private @net.limit() -> tensor<f64>
    func.func private @net.update.w(
        tensor<784x10xf32> {train.bind = #train.bind<parameter, 0>},
        tensor<784x10xf32> {train.bind = #train.bind<gradient, 0>},
        tensor<784x10xf32> {train.bind = #train.bind<optimizer, 0>},
        tensor<f64> {train.bind = #train.bind<number, 0>}) -> (tensor<784x10xf32>, tensor<784x10xf32>)
    func.func private @net.optimizer.w.m() -> tensor<784x10xf32>
    func.func private @net.pass(
        index {train.bind = #train.bind<dim, 0>},
        tensor<?xui8> {train.bind = #train.bind<field, 1>}) -> (tensor<f64>, tensor<f64>, tensor<?xf32>)
    func.func private @net.finish(
        index {train.bind = #train.bind<dim, 0>},
        tensor<f64> {train.bind = #train.bind<total, 0>},
        tensor<f64> {train.bind = #train.bind<total, 1>},
        tensor<?xf32> {train.bind = #train.bind<collected, 0>}) -> (tensor<f64>, tensor<f64>)
    func.func private @net.fit(
        index {train.bind = #train.bind<dim, 1>},
        tensor<?x28x28xui8> {train.bind = #train.bind<column, 0>}) -> tensor<f32>
    func.func private @net.prepare(
        index {train.bind = #train.bind<dim, 1>},
        tensor<?x28x28xui8> {train.bind = #train.bind<column, 0>},
        tensor<?xui8> {train.bind = #train.bind<column, 1>},
        tensor<f32> {train.bind = #train.bind<fit, 0>}) -> (tensor<?x28x28xui8>, tensor<?xui8>)
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrArrayAttr:$dims,
                       OptionalAttr<Train_CountAttr>:$batch, OptionalAttr<Train_CountAttr>:$rows,
                       FlatSymbolRefAttr:$predict, OptionalAttr<StrAttr>:$doc);
  let assemblyFormat = [{
    $sym_name `dims` $dims (`batch` $batch^)? (`rows` $rows^)? `predict` $predict (`doc` $doc^)?
    attr-dict-with-keyword $body
  }];
  let hasRegionVerifier = 1;
  let extraClassDeclaration = listDeclaration # [{
    /// Null where the model has none.
    RecipeOp getRecipe();
    /// The states of the optimizer in every update of every block: the order of their arena.
    ::std::vector<OptimizerStateOp> getOptimizerStates();
  }];
}

def Train_ProgramOp : Train_ListOp<"program", [Symbol, HasParent<"::mlir::ModuleOp">, Train_NamesFunction]> {
  let summary = "A model as it is built: its tensors, and the entries that are compiled";
  let description = [{
    Has the ports of the `train.model` that it was built from, the tensors of every arena, the number
    of totals and results of its evaluation, and the recipe's settings. `entries` are functions with
    the attribute `nn.entry`, their name in the descriptor.

    ```mlir
    train.program @tiny dims ["batch"] batch 0 entries [@tiny.init, @tiny.predict_any] totals 0 results 0 {
      train.input "x" : tensor<?x4xf32> dims ["batch"]
      train.output "y" : tensor<?x4xf32> dims ["batch"]
      train.tensor parameters "w" : tensor<4xf32>
    }
    func.func private @tiny.init(i64 {train.bind = #train.bind<seed, 0>})
        -> (tensor<4xf32> {train.bind = #train.bind<parameter, 0>}) attributes {nn.entry = "init"}
    func.func private @tiny.predict_any(
        index {train.bind = #train.bind<dim, 0>},
        tensor<4xf32> {train.bind = #train.bind<parameter, 0>},
        tensor<?x4xf32> {nn.dims = array<i64: 0>, train.bind = #train.bind<input, 0>})
        -> (tensor<?x4xf32> {nn.dims = array<i64: 0>, train.bind = #train.bind<output, 0>})
        attributes {nn.entry = "predict"}
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrArrayAttr:$dims,
                       OptionalAttr<Train_CountAttr>:$batch, OptionalAttr<Train_CountAttr>:$rows,
                       FlatSymbolRefArrayAttr:$entries, Train_CountAttr:$totals,
                       Train_CountAttr:$results, OptionalAttr<DictionaryAttr>:$settings,
                       OptionalAttr<StrAttr>:$doc);
  let assemblyFormat = [{
    $sym_name `dims` $dims (`batch` $batch^)? (`rows` $rows^)? `entries` $entries
    `totals` $totals `results` $results (`settings` $settings^)? (`doc` $doc^)?
    attr-dict-with-keyword $body
  }];
  let hasRegionVerifier = 1;
  let extraClassDeclaration = listDeclaration # [{
    /// The tensors of an arena, in order.
    ::std::vector<TensorOp> getTensors(Arena arena);
    /// The batch of the recipe's settings; none without a recipe.
    ::std::optional<int64_t> getBatchSize();
  }];
}

//===----------------------------------------------------------------------===//
// Ports
//===----------------------------------------------------------------------===//

class Train_PortOp<string mnemonic> : Train_Op<mnemonic, [Train_InModel]> {
  let arguments = (ins Train_Name:$name, Train_TensorTypeAttr:$type,
                       OptionalAttr<StrArrayAttr>:$dims, OptionalAttr<I64Attr>:$low,
                       OptionalAttr<I64Attr>:$high, OptionalAttr<Train_SizeAttr>:$limit);
  let assemblyFormat = [{
    $name `:` $type (`dims` $dims^)? (`in` $low^ `to` $high)? (`below` $limit^)? attr-dict
  }];
  let hasVerifier = 1;
}

def Train_InputOp : Train_PortOp<"input"> {
  let summary = "An input of predict";
  let description = [{
    `dims` names the dimension of each `?` of the type, from the left. The model uses an input with
    bounds as an index: values must lie in [`low`, `high`), or, where a call's dimensions tell the
    upper one, in [0, `limit`).

    ```mlir
    train.input "image" : tensor<?x28x28xui8> dims ["batch"]
    ```
  }];
}

def Train_OutputOp : Train_PortOp<"output"> {
  let summary = "An output of predict";
  let description = [{
    ```mlir
    train.output "logits" : tensor<?x10xf32> dims ["batch"]
    ```
  }];
}

def Train_FieldOp : Train_PortOp<"field"> {
  let summary = "A field of the data set, one batch of it";
  let description = [{
    Its name is that in the recipe; its leading dimension is the batch.

    ```mlir
    train.field "label" : tensor<?xui8> dims ["batch"] in 0 to 10
    ```
  }];
}

def Train_ColumnOp : Train_PortOp<"column"> {
  let summary = "What a reader gives, all rows of a part of the data";
  let description = [{
    ```mlir
    train.column "1" : tensor<?xui8> dims ["rows"]
    ```
  }];
}

def Train_CollectedOp : Train_PortOp<"collected"> {
  let summary = "What metrics need of all examples of a part at once";
  let description = [{
    Its leading dimension is the batch. Passes compute it batch by batch, and `finish` is given all
    of it, with the number of examples of the part in place of the batch. It is numbered through all
    passes, and goes by its number.

    ```mlir
    train.collected "0" : tensor<?xf32> dims ["batch"]
    ```
  }];
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

class Train_OwnedOp<string mnemonic, string parent> : Train_Op<mnemonic, [HasParent<parent>]> {
  let arguments = (ins Train_Name:$name, Train_StaticTensorTypeAttr:$type, FlatSymbolRefAttr:$init);
  let assemblyFormat = "$name `:` $type `init` $init attr-dict";
}

def Train_ParameterOp : Train_OwnedOp<"parameter", "ModelOp"> {
  let summary = "A tensor that is trained, or frozen";
  let description = [{
    ```mlir
    train.parameter "w" : tensor<784x10xf32> init @net.init.w
    ```
  }];
}

def Train_StateOp : Train_OwnedOp<"state", "ModelOp"> {
  let summary = "Memory of a layer that no optimizer updates: each step renews it";
  let description = [{
    ```mlir
    train.state "centre" : tensor<10xf32> init @net.init.centre
    ```
  }];
}

def Train_OptimizerStateOp : Train_OwnedOp<"optimizer_state", "UpdateOp"> {
  let summary = "A tensor that the optimizer keeps beside a parameter";
  let description = [{
    ```mlir
    train.optimizer_state "w.m" : tensor<784x10xf32> init @net.optimizer.w.m
    ```
  }];
}

def Train_FittedOp : Train_Op<"fitted", [HasParent<"ModelOp">]> {
  let summary = "What preparation fits on the training part";
  let description = [{
    ```mlir
    train.fitted "mnist.0" : tensor<f32>
    ```
  }];
  let arguments = (ins Train_Name:$name, Train_StaticTensorTypeAttr:$type);
  let assemblyFormat = "$name `:` $type attr-dict";
}

def Train_TensorOp : Train_Op<"tensor", [HasParent<"ProgramOp">]> {
  let summary = "A tensor of an arena of a built model";
  let description = [{
    ```mlir
    train.tensor parameters "w" : tensor<4xf32>
    ```
  }];
  let arguments = (ins Train_Arena:$arena, Train_Name:$name, Train_StaticTensorTypeAttr:$type);
  let assemblyFormat = "$arena $name `:` $type attr-dict";
}

//===----------------------------------------------------------------------===//
// The recipe
//===----------------------------------------------------------------------===//

def Train_RecipeOp : Train_ListOp<"recipe", [HasParent<"ModelOp">]> {
  let summary = "How the model is trained";
  let description = [{
    Lists the blocks of a step, the passes of an evaluation, and the preparation of the data where
    there is one. `settings` is the recipe as whoever runs the program reads it, as JSON
    (runtime/model/Recipe.h). The compiler itself reads from it `batch`, `accumulate`, `average`, and
    how many `numbers`, and `classes` of `data`, there are, and whether a column of `data` is a text.

    ```mlir
    train.recipe settings {batch = 32, numbers = [{name = "lr", value = 0.1 : f64} ]} finish @net.finish {
      train.block "" objective @net.objective clip norm @net.limit {
        train.update "w" rule @net.update.w {
          train.optimizer_state "w.m" : tensor<784x10xf32> init @net.optimizer.w.m
        }
      }
      train.pass accumulate @net.pass
      train.preparation fit @net.fit prepare @net.prepare
    }
    ```
  }];
  let arguments = (ins DictionaryAttr:$settings, FlatSymbolRefAttr:$finish);
  let assemblyFormat = "`settings` $settings `finish` $finish attr-dict-with-keyword $body";
  let hasRegionVerifier = 1;
  let extraClassDeclaration = listDeclaration # [{
    /// Null where the fields are the columns.
    PreparationOp getPreparation();
    int64_t getBatchSize();
    /// How many batches a step takes.
    int64_t getAccumulate();
    /// The decay of averaged parameters.
    ::std::optional<double> getAverage();
    size_t getNumNumbers();
    size_t getNumClasses();
  }];
}

def Train_BlockOp : Train_ListOp<"block", [HasParent<"RecipeOp">]> {
  let summary = "What one update takes";
  let description = [{
    The sum of the losses of `objective` is minimised; gradients are clipped by their common norm or
    each by its value, where `clip` and `limit` say so, and updates follow. A recipe has one block without a name, or several.

    ```mlir
    train.block "" objective @net.objective clip norm @net.limit {
      train.update "w" rule @net.update.w {
        train.optimizer_state "w.m" : tensor<784x10xf32> init @net.optimizer.w.m
      }
    }
    ```
  }];
  let arguments = (ins StrAttr:$name, FlatSymbolRefAttr:$objective,
                       OptionalAttr<Train_Clip>:$clip, OptionalAttr<FlatSymbolRefAttr>:$limit);
  let assemblyFormat = [{
    $name `objective` $objective (`clip` $clip^ $limit)? attr-dict-with-keyword $body
  }];
  let hasRegionVerifier = 1;
}

def Train_UpdateOp : Train_ListOp<"update", [HasParent<"BlockOp">]> {
  let summary = "How one parameter is updated";
  let description = [{
    `rule` may read any parameter and state of the optimizer, but of gradients the parameter's own
    alone: others are of other updates.

    ```mlir
    train.update "w" rule @net.update.w {
      train.optimizer_state "w.m" : tensor<784x10xf32> init @net.optimizer.w.m
    }
    ```
  }];
  let arguments = (ins Train_Name:$parameter, FlatSymbolRefAttr:$rule);
  let assemblyFormat = "$parameter `rule` $rule attr-dict-with-keyword $body";
  let hasRegionVerifier = 1;
  let extraClassDeclaration = listDeclaration # [{
    /// The number of the parameter in the model; none where it has none of that name.
    ::std::optional<int64_t> getParameterNumber();
  }];
}

def Train_PassOp : Train_Op<"pass", [HasParent<"RecipeOp">]> {
  let summary = "A pass of evaluation over a part of the data";
  let description = [{
    What each batch adds to totals, and then its rows of what is collected. A total is a number or a
    table of them, f64. Each goes by its first number, counted through all passes. A pass may use the
    totals of earlier ones.

    ```mlir
    train.pass accumulate @net.pass
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$accumulate);
  let assemblyFormat = "`accumulate` $accumulate attr-dict";
}

def Train_PreparationOp : Train_Op<"preparation", [HasParent<"RecipeOp">]> {
  let summary = "How fields come from columns";
  let description = [{
    ```mlir
    train.preparation fit @net.fit prepare @net.prepare
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$fit, FlatSymbolRefAttr:$prepare);
  let assemblyFormat = "`fit` $fit `prepare` $prepare attr-dict";
}

#endif
