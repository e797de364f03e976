// The nn dialect: its definition, its tensor types and the base classes of its operations.
#ifndef NNC_DIALECTS_NN_IR_NNDIALECT
#define NNC_DIALECTS_NN_IR_NNDIALECT

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "dialects/nn/ir/NnInterfaces.td"

def Nn_Dialect : Dialect {
  let name = "nn";
  let cppNamespace = "::mlir::nn";
  let summary = "differentiable tensor computations";
  let description = [{
    Operations on ranked tensors, as a neural network's author means them: no memory, no loops, no
    target. Every operation is pure, so dead code elimination, CSE and differentiation need nothing
    else.

    Rules:

    1. Element types are f64, f32, f16, bf16, i64, i32, ui8 and i1. i64 and i32 are signed, ui8 is
       unsigned, i1 is a truth value. Integer arithmetic wraps.
    2. Shapes are explicit: an elementwise operation wants operands of one type; `nn.broadcast`
       makes them so.
    3. A dimension that isn't known at compile time is `?` in the type and an `index` value in the
       function. Operations whose result size doesn't follow from their operands take *mixed sizes*:
       `static_sizes`, where `?` stands for the next of `dynamic_sizes`.
    4. Two `?` that must be equal are taken to be equal.
    5. NaN is never lost: `nn.maximum`, `nn.minimum` and the reductions propagate it.
    6. Operations with bodies (`nn.scan`) are isolated from above: what a body uses is an operand, or
       an argument in the op's last group of operands, `dims`, where it is an index.
    7. Reverse-mode derivatives come from `NnDifferentiableOpInterface`, scalar code of elementwise
       operations from `NnElementwiseOpInterface`. No pass lists operations by name.
  }];
  let hasConstantMaterializer = 1;
  // What NnAttributes.h declares.
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
                           "::mlir::tensor::TensorDialect"];
}

//===- Types ----------------------------------------------------------------===//

def NN_Float : AnyTypeOf<[F64, F32, F16, BF16], "f64, f32, f16 or bf16">;
def NN_SignedInt : AnyTypeOf<[I64, I32], "i64 or i32">;
def NN_Int : AnyTypeOf<[I64, I32, UI8], "i64, i32 or ui8">;
def NN_SignedNumber : AnyTypeOf<[F64, F32, F16, BF16, I64, I32], "a float type, i64 or i32">;
def NN_Number : AnyTypeOf<[F64, F32, F16, BF16, I64, I32, UI8], "a float type, i64, i32 or ui8">;
def NN_Element : AnyTypeOf<[F64, F32, F16, BF16, I64, I32, UI8, I1],
                           "a float type, i64, i32, ui8 or i1">;

def NN_Tensor : RankedTensorOf<[NN_Element]>;
def NN_FloatTensor : RankedTensorOf<[NN_Float]>;
def NN_SignedTensor : RankedTensorOf<[NN_SignedNumber]>;
def NN_NumberTensor : RankedTensorOf<[NN_Number]>;
def NN_IndexTensor : RankedTensorOf<[NN_SignedInt]>;
def NN_BoolTensor : RankedTensorOf<[I1]>;
def NN_KeyTensor : Type<0DTensorOf<[I64]>.predicate, "rank-0 tensor of i64", "::mlir::RankedTensorType">,
    BuildableType<"::mlir::RankedTensorType::get({}, $_builder.getI64Type())">;
def NN_NumberScalar : 0DTensorOf<[NN_Number]>;

/// A string attribute that is one of a few words.
class NN_WordAttr<list<string> words> : ConfinedAttr<StrAttr, [AttrConstraint<
  CPred<"::llvm::is_contained({" # !interleave(!foreach(word, words, "\"" # word # "\""), ", ") #
        "}, ::llvm::cast<::mlir::StringAttr>($_self).getValue())">,
  "one of " # !interleave(words, ", ")>]>;

//===- Operations -----------------------------------------------------------===//

/// The op says how its result's sizes follow from its operands.
def NN_Sized : DeclareOpInterfaceMethods<NnSizedOpInterface>;
def NN_Differentiable : DeclareOpInterfaceMethods<NnDifferentiableOpInterface>;
/// Differentiable, and some float operand has no gradient.
def NN_PartlyDifferentiable
    : DeclareOpInterfaceMethods<NnDifferentiableOpInterface, ["isDifferentiableWrt"]>;
def NN_Elementwise : DeclareOpInterfaceMethods<NnElementwiseOpInterface>;

/// The op's result type follows from its operands and attributes; a result that knows less (`?`) is
/// accepted.
def NN_InferType : InferTypeOpAdaptorBase<[{
  static bool isCompatibleReturnTypes(::mlir::TypeRange inferred, ::mlir::TypeRange actual) {
    return ::mlir::nn::areCompatible(inferred, actual);
  }
}]>;

/// The result's sizes are those of the named operand.
class NN_SizesOf<string operand> {
  code definition = [{
    ::mlir::nn::SizeOrigin $cppClass::getSizeOrigin(::mlir::OpBuilder &, unsigned,
                                                    int64_t dimension) {
      return ::mlir::nn::SizeOrigin::of(get}] # operand # [{(), dimension);
    }
  }];
}
/// The result's sizes are those that the op is told.
def NN_SizesGiven {
  code definition = [{
    ::mlir::nn::SizeOrigin $cppClass::getSizeOrigin(::mlir::OpBuilder &, unsigned,
                                                    int64_t dimension) {
      return {getMixedSizes()[dimension], {}};
    }
  }];
}

class NN_Op<string mnemonic, list<Trait> traits = []>
    : Op<Nn_Dialect, mnemonic, !listconcat([Pure, NN_Sized], traits)>;

/// An op whose element type is its result's own, and whose shape follows from its operands.
def NN_InferShape : InferShapedTypeOpAdaptorBase<["inferReturnTypeComponents"]>;

/// An op that takes the sizes of its result as mixed sizes.
def NN_MixedSizes : DeclareOpInterfaceMethods<NnMixedSizesOpInterface>;

/// The result is made of elements of the operands, each as it is.
def NN_MovesElements : NativeOpTrait<"NnMovesElements">;

/// Each element of the result is one of the first operand's: an index stays one.
def NN_CarriesIndex : NativeOpTrait<"NnCarriesIndex">;
/// The derivative is 0 wherever there is one.
def NN_Flat : NativeOpTrait<"NnFlat">;

/// Multiplies and adds for each point of the space that the letters of its `equation` span.
def NN_SumsProducts : NativeOpTrait<"NnSumsProducts">;
/// Each element of the first operand is combined with others: an operation for each.
def NN_CombinesElements : NativeOpTrait<"NnCombinesElements">;
/// Its body is run forwards, and then backwards.
def NN_Differentiates : NativeOpTrait<"NnDifferentiates">;

/// Sizes that aren't those of the result.
def NN_MixedSizesOfItsOwn
    : DeclareOpInterfaceMethods<NnMixedSizesOpInterface, ["hasSizesOfResult"]>;
def NN_Body : DeclareOpInterfaceMethods<NnBodyOpInterface>;

#endif // NNC_DIALECTS_NN_IR_NNDIALECT
