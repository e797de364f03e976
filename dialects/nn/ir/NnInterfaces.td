// The op interfaces that passes use instead of knowing operations by name.
#ifndef NNC_DIALECTS_NN_IR_NNINTERFACES
#define NNC_DIALECTS_NN_IR_NNINTERFACES

include "mlir/IR/OpBase.td"

def NnElementwiseOpInterface : OpInterface<"NnElementwiseOpInterface"> {
  let cppNamespace = "::mlir::nn";
  let description = [{
    An operation that computes each element of its one result from the elements at the same place of
    its operands. One lowering pattern serves all of them.
  }];
  let methods = [
    InterfaceMethod<[{
      Builds the code of one element. `scalars` has one signless scalar per operand (i8 for ui8, whose
      signedness is found in the operation's own types); the result is a signless scalar of the
      result's element type.
    }], "::mlir::Value", "buildScalar",
    (ins "::mlir::ImplicitLocOpBuilder &":$builder, "::mlir::ValueRange":$scalars)>,
  ];
  let verify = [{ return ::mlir::nn::detail::verifyElementwise($_op); }];
}

def NnSizedOpInterface : OpInterface<"NnSizedOpInterface"> {
  let cppNamespace = "::mlir::nn";
  let description = [{
    An operation that says of each size of its results where it comes from, one step back: so that
    finding a size is a walk along one path, however the operations are connected.
  }];
  let methods = [
    InterfaceMethod<[{
      Where the size of a result along a dimension comes from. Only asked where the result's type has
      `?`. The builder stands where the size is wanted.
    }], "::mlir::nn::SizeOrigin", "getSizeOrigin",
    (ins "::mlir::OpBuilder &":$builder, "unsigned":$result, "int64_t":$dimension)>,
  ];
}

def NnDifferentiableOpInterface : OpInterface<"NnDifferentiableOpInterface"> {
  let cppNamespace = "::mlir::nn";
  let description = [{
    An operation with a vector-Jacobian product: from the cotangents of its results (gradients of the
    loss with respect to them) to those of its operands.
  }];
  let methods = [
    InterfaceMethod<[{
      Builds the cotangents of the operands at the builder's insertion point and location.
      `resultCotangents` has one value per result, of the result's type, or null where it is zero; at
      least one isn't null. `operandIsWanted` has one flag per operand; those that aren't
      `isDifferentiableWrt` are never wanted. The answer has one value per operand, of the operand's
      type, or null where none is wanted or it is zero; operands at the end, such as sizes, may be left
      off.
    }], "::llvm::SmallVector<::mlir::Value>", "vjp",
    (ins "::mlir::ImplicitLocOpBuilder &":$builder, "::mlir::ValueRange":$resultCotangents,
         "::llvm::ArrayRef<bool>":$operandIsWanted)>,
    InterfaceMethod<[{
      Whether a change of this operand can change a result smoothly. Without it the path from an
      argument to the loss ends here, and the gradient is zero: truth values and integers, `nn.sign`,
      `nn.floor`, `nn.stop_gradient`. By default: whether operand and result are floats.
    }], "bool", "isDifferentiableWrt", (ins "unsigned":$operand), "", [{
      return ::mlir::nn::detail::isFloatToFloat($_op, operand);
    }]>,
  ];
}

def NnMixedSizesOpInterface : OpInterface<"NnMixedSizesOpInterface"> {
  let cppNamespace = "::mlir::nn";
  let description = [{
    An operation that is told the sizes of its result: constants in `static_sizes`, where
    `ShapedType::kDynamic` stands for the next value of `dynamic_sizes`.
  }];
  let methods = [
    InterfaceMethod<"The sizes; dynamic ones are kDynamic.", "::llvm::ArrayRef<int64_t>",
                    "getStaticSizes">,
    InterfaceMethod<"The values of the dynamic sizes.", "::mlir::OperandRange", "getDynamicSizes">,
    InterfaceMethod<"The values of the dynamic sizes, to be changed.",
                    "::mlir::MutableOperandRange", "getDynamicSizesMutable">,
    InterfaceMethod<"Replaces the static sizes.", "void", "setStaticSizes",
                    (ins "::llvm::ArrayRef<int64_t>":$sizes)>,
    InterfaceMethod<"Whether the sizes are those of result 0; `nn.scan` means its passes by them.",
                    "bool", "hasSizesOfResult", (ins), "", [{ return true; }]>,
  ];
  let extraSharedClassDeclaration = [{
    /// Static and dynamic sizes in one list, one per dimension of the result.
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedSizes() {
      return ::mlir::getMixedValues($_op.getStaticSizes(), $_op.getDynamicSizes(),
                                    $_op.getContext());
    }
  }];
  let extraClassDeclaration = [{
    /// Makes dynamic sizes that are constants static; the result type isn't touched. Whether there
    /// were any.
    bool foldConstantSizes();
  }];
  let verify = [{ return ::mlir::nn::detail::verifyMixedSizes($_op); }];
}

def NnBodyOpInterface : OpInterface<"NnBodyOpInterface"> {
  let cppNamespace = "::mlir::nn";
  let description = [{
    An operation with bodies of nn operations, isolated from above, that end in `nn.yield`.
  }];
  let methods = [
    InterfaceMethod<[{
      The types of a body's arguments as the operands have them; those of the body know as much, or
      less.
    }], "::llvm::SmallVector<::mlir::Type>", "getBodyArgumentTypes", (ins "unsigned":$body)>,
    InterfaceMethod<[{
      The operand that a body's argument is from first to last, and is at the start; null where it is
      part of one, or made by the op.
    }], "::mlir::Value", "getBodyOperand", (ins "unsigned":$body, "unsigned":$argument)>,
  ];
  let verify = [{ return ::mlir::nn::detail::verifyBodies($_op); }];
  let verifyWithRegions = 1;
}

#endif // NNC_DIALECTS_NN_IR_NNINTERFACES
