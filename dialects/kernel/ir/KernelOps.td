// The operations of the kernel dialect: a kernel, its phases and its end, and a call of one.
#ifndef NNC_DIALECTS_KERNEL_IR_KERNELOPS
#define NNC_DIALECTS_KERNEL_IR_KERNELOPS

include "dialects/kernel/ir/KernelDialect.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Kernel_Op<string mnemonic, list<Trait> traits = []> : Op<Kernel_Dialect, mnemonic, traits>;

def Kernel_FuncOp : Kernel_Op<"func", [
    AffineScope, AutomaticAllocationScope, FunctionOpInterface, HasParent<"::mlir::ModuleOp">,
    IsolatedFromAbove]> {
  let summary = "A kernel";
  let description = [{
    Computes on what it is given. Its last arguments are its destinations: on tensors one for each
    result, of the result's type, and a result is its destination with new contents; on buffers
    there are no results, and the destinations are written.

    On buffers a kernel may have several phases, which `kernel.sync` parts. Once that has become a
    target's own barrier, the attribute `kernel.shared` of an argument says that a task may read
    there what another one has written.

    `once` marks kernels that run only when training begins: small code is better than fast code.
    `external` marks those whose code is in another module, which is compiled apart: here, their body
    says no more than what memory they need.

    Example:

    ```mlir
    kernel.func @exp(%x: tensor<64xf32>, %out: tensor<64xf32>) -> tensor<64xf32> {
      %y = linalg.exp ins(%x : tensor<64xf32>) outs(%out : tensor<64xf32>) -> tensor<64xf32>
      kernel.return %y : tensor<64xf32>
    }
    ```
  }];
  let arguments = (ins
    SymbolNameAttr:$sym_name,
    TypeAttrOf<FunctionType>:$function_type,
    OptionalAttr<DictArrayAttr>:$arg_attrs,
    OptionalAttr<DictArrayAttr>:$res_attrs,
    UnitAttr:$once,
    UnitAttr:$external
  );
  let regions = (region SizedRegion<1>:$body);
  let builders = [OpBuilder<(ins "llvm::StringRef":$name, "::mlir::FunctionType":$type)>];
  let skipDefaultBuilders = 1;
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Of an argument: tasks read what others write there.
    static constexpr llvm::StringLiteral kSharedAttr = "kernel.shared";
    llvm::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    llvm::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
    ::mlir::Region *getCallableRegion() { return &getBody(); }
  }];
}

def Kernel_ReturnOp : Kernel_Op<"return", [
    HasParent<"FuncOp">, Pure, ReturnLike, Terminator]> {
  let summary = "The end of a kernel";
  let description = [{
    Gives the results: as many, and of the same types, as the kernel says.

    Example: see `kernel.func`.
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$values);
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange()); }]>];
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
  let hasVerifier = 1;
}

def Kernel_SyncOp : Kernel_Op<"sync", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "The end of a kernel's phase";
  let description = [{
    Every task of the phases above ends before any task of those below begins, and these see what
    the tasks above have written. A phase is a loop of tasks (`scf.forall` without results), or what
    stands beside such loops, which is one task. Phases that no `kernel.sync` parts are independent:
    they may run at the same time.

    All tasks wait for one another: on a GPU those of the whole grid, so that all of its blocks have
    to be resident. `block` says that the phases above and below, as far as the next
    `kernel.sync` without it, are few tasks, which a single block runs: its threads alone wait.

    A loop (`scf.for` without results) may have phases in its passes, which all tasks make together:
    its bounds follow from the kernel's arguments. At the end of its body a `kernel.sync` parts the
    last phases of a pass from the first ones of the next; without it they are independent.

    Example:

    ```mlir
    kernel.func @shift(%x: memref<64xf32>, %new: memref<64xf32>, %sum: memref<64xf32>) {
      %c63 = arith.constant 63 : index
      scf.forall (%i) in (64) {
        %0 = memref.load %x[%i] : memref<64xf32>
        memref.store %0, %new[%i] : memref<64xf32>
      }
      kernel.sync
      scf.forall (%i) in (64) {
        %j = arith.subi %c63, %i : index
        %0 = memref.load %new[%j] : memref<64xf32>
        memref.store %0, %sum[%i] : memref<64xf32>
      }
      kernel.return
    }
    ```
  }];
  let arguments = (ins UnitAttr:$block);
  let assemblyFormat = "(`block` $block^)? attr-dict";
  let hasVerifier = 1;
}

def Kernel_CallOp : Kernel_Op<"call", [
    AttrSizedOperandSegments, DestinationStyleOpInterface,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "A call of a kernel";
  let description = [{
    Hands `inputs` and `destinations` to a kernel, in this order. On tensors there is a result for
    each destination: the destination's new contents. Where inputs and destinations are buffers,
    none overlaps a destination.

    Example:

    ```mlir
    kernel.func @exp(%x: tensor<64xf32>, %out: tensor<64xf32>) -> tensor<64xf32> {
      %y = linalg.exp ins(%x : tensor<64xf32>) outs(%out : tensor<64xf32>) -> tensor<64xf32>
      kernel.return %y : tensor<64xf32>
    }
    func.func @f(%x: tensor<64xf32>, %out: tensor<64xf32>) -> tensor<64xf32> {
      %y = kernel.call @exp(%x : tensor<64xf32>) to (%out : tensor<64xf32>) -> tensor<64xf32>
      return %y : tensor<64xf32>
    }
    ```
  }];
  let arguments = (ins
    FlatSymbolRefAttr:$callee,
    Variadic<AnyType>:$inputs,
    Variadic<AnyShaped>:$destinations
  );
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $callee`(` ($inputs^ `:` type($inputs))? `)`
    `to` ` ` `(` ($destinations^ `:` type($destinations))? `)` (`->` type($results)^)? attr-dict
  }];
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getDestinationsMutable(); }
  }];
}

#endif
