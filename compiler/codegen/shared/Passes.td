// The passes that code generation for any target uses, in the order in which they run.
#ifndef NNC_COMPILER_CODEGEN_SHARED_PASSES_TD
#define NNC_COMPILER_CODEGEN_SHARED_PASSES_TD

include "mlir/Pass/PassBase.td"

def PrepareEntries : Pass<"codegen-prepare-entries", "mlir::func::FuncOp"> {
  let summary = "Give entry functions buffers in place of tensors";
  let description = [{
    Turns the tensor arguments and results of a function marked `nn.entry` into memref arguments.
    An argument that a result replaces (`nn.tied`) becomes writable, and the result is written
    there; every other result gets a buffer of its own, after the arguments, in order. What the
    function looks like from outside is then fixed before bufferisation decides where values live.
    Sizes of symbolic dimensions are read from the index argument that `nn.dims` names (or the
    only one) instead of from the tensor.

    A returned value that is an argument, or a view of one, is copied first: two results may swap
    two arguments.

    ```mlir
    func.func private @update(tensor<4xf32>) -> (tensor<4xf32>, tensor<f32>)
    func.func @f(%w: tensor<4xf32>) -> (tensor<4xf32> {nn.tied = 0 : i64}, tensor<f32>)
        attributes {nn.entry = "step"} {
      %new, %loss = call @update(%w) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<f32>)
      return %new, %loss : tensor<4xf32>, tensor<f32>
    }
    ```
    becomes
    ```mlir
    func.func private @update(tensor<4xf32>) -> (tensor<4xf32>, tensor<f32>)
    func.func @f(%w: memref<4xf32>, %result: memref<f32>)
        attributes {nn.entry = "step", nn.arguments = [memref<4xf32>, memref<f32>],
                    nn.argument_dims = [array<i64>, array<i64>]} {
      %old = bufferization.to_tensor %w restrict writable : memref<4xf32> to tensor<4xf32>
      %new, %loss = call @update(%old) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<f32>)
      bufferization.materialize_in_destination %new in restrict writable %w
          : (tensor<4xf32>, memref<4xf32>) -> ()
      bufferization.materialize_in_destination %loss in restrict writable %result
          : (tensor<f32>, memref<f32>) -> ()
      return
    }
    ```
  }];
  let dependentDialects = [
    "mlir::bufferization::BufferizationDialect", "mlir::memref::MemRefDialect"
  ];
  let statistics = [
    Statistic<"numEntries", "entries", "Functions that work on buffers now">,
  ];
}

def FuseElementwise : Pass<"codegen-fuse-elementwise", "mlir::func::FuncOp"> {
  let summary = "Merge chains of elementwise operations, also those with several results";
  let description = [{
    Generalises linalg's named ops and fuses each elementwise `linalg.generic` into its first
    user, from top to bottom:

    - A trivial producer (a broadcast, a conversion, one cheap operation) is copied into every
      elementwise user; one that computes nothing, or only combines operands of fewer loops than it
      has itself (as a comparison of each with each), also into one with a larger iteration space.
    - So is one of up to two slow operations whose result has more bits than what it is computed
      from, as `f32` from `bf16`, where all of its users can take it in: what is narrow is kept, and
      what is wide computed again. It takes in nothing itself but what is trivial, so that its
      operands are there for all of its users.
    - Any other producer is fused where producer and user iterate over the same space and the user
      is elementwise; other users, which must come later, then read a further result of the fused
      operation. So an optimizer's weight and moments end in one operation with several results.
    - What the user's body looks up as well (`tensor.extract`, at places of its own choice) isn't
      fused into it, copies aside: all of it must be there before the user begins.
    - A reduction takes in a producer that nothing else reads.
    - A contraction takes in nothing: the work would be repeated for each of its tiles.
    - What only shows its input at sums of loops, as windows are shown, isn't computed: its users
      read the input there themselves.
    - Nothing is fused beyond `max-operands` and `max-operations`: a long chain ends in several
      operations, whose cost to compile is linear in its length, and which may be equal.
    - The only user of an elementwise result in another shape (`tensor.collapse_shape`) runs over
      the loops of that result, so that the two can be one; the shape is collapsed behind it.

    ```mlir
    func.func @f(%w: tensor<8xf32>, %m: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
      %e = tensor.empty() : tensor<8xf32>
      %m1 = linalg.sqrt ins(%m : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
      %w1 = linalg.sub ins(%w, %m1 : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>)
          -> tensor<8xf32>
      return %w1, %m1 : tensor<8xf32>, tensor<8xf32>
    }
    ```
    becomes
    ```mlir
    #id = affine_map<(i) -> (i)>
    func.func @f(%w: tensor<8xf32>, %m: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
      %e = tensor.empty() : tensor<8xf32>
      %r:2 = linalg.generic {indexing_maps = [#id, #id, #id, #id], iterator_types = ["parallel"]}
          ins(%w, %m : tensor<8xf32>, tensor<8xf32>) outs(%e, %e : tensor<8xf32>, tensor<8xf32>) {
      ^bb0(%a: f32, %b: f32, %out0: f32, %out1: f32):
        %0 = math.sqrt %b : f32
        %1 = arith.subf %a, %0 : f32
        linalg.yield %0, %1 : f32, f32
      } -> (tensor<8xf32>, tensor<8xf32>)
      return %r#1, %r#0 : tensor<8xf32>, tensor<8xf32>
    }
    ```
  }];
  let dependentDialects = ["mlir::linalg::LinalgDialect"];
  let options = [
    Option<"maxOperands", "max-operands", "unsigned", "24",
           "Operands that a fused operation may have">,
    Option<"maxOperations", "max-operations", "unsigned", "256",
           "Operations that the body of a fused operation may have">,
  ];
  let statistics = [
    Statistic<"numWindows", "windows", "Readers of windows that read through them">,
    Statistic<"numFused", "fused", "Producers fused into a user">];
}

def SimplifyArithmetic : Pass<"codegen-simplify-arithmetic", "mlir::func::FuncOp"> {
  let summary = "Multiply by the reciprocal of a scalar, and allow fused multiply-add";
  let description = [{
    Two changes with a bound on the error, the only ones that code generation makes:

    - An elementwise division by a rank-0 tensor, or by a value computed from such tensors and
      constants alone, becomes a multiplication by its reciprocal, computed once. The result is
      within 1 ulp of the quotient's neighbours (two roundings in place of one). Where that would
      show, it stays a division, unless the reciprocal is exact: where a floor, a conversion to
      integers, a remainder or a comparison sees the quotient, or what is computed from it but by a
      contraction. So that the bound holds
      for divisors whose reciprocal overflows or is denormal too, both sides are multiplied by a
      power of two first, which is 1 for all others. Constants of that kind stay divisions.
    - f32 and f64 additions, subtractions and multiplications get the `contract` flag: a product
      that feeds a sum may be kept unrounded.

    ```mlir
    func.func @f(%x: tensor<8xf32>, %s: f32) -> tensor<8xf32> {
      %e = tensor.empty() : tensor<8xf32>
      %y = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>,
                                            affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
          ins(%x, %s : tensor<8xf32>, f32) outs(%e : tensor<8xf32>) {
      ^bb0(%a: f32, %b: f32, %out: f32):
        %0 = arith.divf %a, %b : f32
        linalg.yield %0 : f32
      } -> tensor<8xf32>
      return %y : tensor<8xf32>
    }
    ```
    becomes
    ```mlir
    func.func @f(%x: tensor<8xf32>, %s: f32) -> tensor<8xf32> {
      %big = arith.constant 0x4B800000 : f32 // 2 ^ 24
      %quarter = arith.constant 0.25 : f32
      %one = arith.constant 1.0 : f32
      %greatest = arith.constant 8.50705917E+37 : f32 // 2 ^ 126
      %least = arith.constant 1.17549435E-38 : f32 // 2 ^ -126
      %e = tensor.empty() : tensor<8xf32>
      %size = math.absf %s : f32
      %isDenormal = arith.cmpf olt, %size, %least : f32
      %isHuge = arith.cmpf ogt, %size, %greatest : f32
      %small = arith.select %isHuge, %quarter, %one : f32
      %power = arith.select %isDenormal, %big, %small : f32
      %scaled = arith.mulf %s, %power fastmath<contract> : f32
      %inverse = arith.divf %one, %scaled : f32
      %y = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>,
                                            affine_map<(i) -> ()>, affine_map<(i) -> ()>,
                                            affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
          ins(%x, %s, %power, %inverse : tensor<8xf32>, f32, f32, f32) outs(%e : tensor<8xf32>) {
      ^bb0(%a: f32, %b: f32, %p: f32, %r: f32, %out: f32):
        %0 = arith.mulf %a, %p fastmath<contract> : f32
        %1 = arith.mulf %0, %r fastmath<contract> : f32
        linalg.yield %1 : f32
      } -> tensor<8xf32>
      return %y : tensor<8xf32>
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::linalg::LinalgDialect", "mlir::math::MathDialect"
  ];
  let statistics = [
    Statistic<"numReciprocals", "reciprocals", "Divisions turned into multiplications">,
  ];
}

def RoundOperands : Pass<"codegen-round-operands", "mlir::func::FuncOp"> {
  let summary = "Round what products of matrices multiply to fewer bits";
  let description = [{
    Lets products of matrices of f32, those where each operand has a dimension of the result for
    itself, multiply numbers of 10 (tf32) or 7 (bf16) bits after the point, as tensor cores do. Sums
    stay f32, and so does all else.
    ```mlir
    func.func @f(%x: tensor<4x6xf32>, %y: tensor<6x5xf32>, %out: tensor<4x5xf32>) -> tensor<4x5xf32> {
      %0 = linalg.matmul ins(%x, %y : tensor<4x6xf32>, tensor<6x5xf32>)
                         outs(%out : tensor<4x5xf32>) -> tensor<4x5xf32>
      return %0 : tensor<4x5xf32>
    }
    ```
    becomes, with `precision=bf16`,
    ```mlir
    #id = affine_map<(d0, d1) -> (d0, d1)>
    func.func @f(%x: tensor<4x6xf32>, %y: tensor<6x5xf32>, %out: tensor<4x5xf32>) -> tensor<4x5xf32> {
      %0 = tensor.empty() : tensor<4x6xf32>
      %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
          ins(%x : tensor<4x6xf32>) outs(%0 : tensor<4x6xf32>) {
      ^bb0(%a: f32, %o: f32):
        %5 = arith.truncf %a : f32 to bf16
        %6 = arith.extf %5 : bf16 to f32
        linalg.yield %6 : f32
      } -> tensor<4x6xf32>
      %2 = tensor.empty() : tensor<6x5xf32>
      %3 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
          ins(%y : tensor<6x5xf32>) outs(%2 : tensor<6x5xf32>) {
      ^bb0(%a: f32, %o: f32):
        %5 = arith.truncf %a : f32 to bf16
        %6 = arith.extf %5 : bf16 to f32
        linalg.yield %6 : f32
      } -> tensor<6x5xf32>
      %4 = linalg.matmul ins(%1, %3 : tensor<4x6xf32>, tensor<6x5xf32>)
                         outs(%out : tensor<4x5xf32>) -> tensor<4x5xf32>
      return %4 : tensor<4x5xf32>
    }
    ```
  }];
  let options = [Option<"precision", "precision", "std::string", /*default=*/"\"f32\"",
                        "What is multiplied: f32, tf32 or bf16">];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::linalg::LinalgDialect", "mlir::tensor::TensorDialect"
  ];
  let statistics = [Statistic<"numOperands", "operands", "Operands that are rounded">];
}

def FillConstants : Pass<"codegen-fill-constants", "mlir::func::FuncOp"> {
  let summary = "Make large constants of one value where they are read";
  let description = [{
    A constant tensor becomes data of the program, as large as it is. Where all its elements are
    equal and it takes more than `least-bytes`, each use gets an empty tensor filled with the value
    instead, before the loops that the use stands in.

    ```mlir
    func.func @f(%out: memref<4096x4096xf32>) {
      %c = arith.constant dense<1.0> : tensor<4096x4096xf32>
      bufferization.materialize_in_destination %c in restrict writable %out
          : (tensor<4096x4096xf32>, memref<4096x4096xf32>) -> ()
      return
    }
    ```
    becomes
    ```mlir
    func.func @f(%out: memref<4096x4096xf32>) {
      %one = arith.constant 1.0 : f32
      %e = tensor.empty() : tensor<4096x4096xf32>
      %c = linalg.fill ins(%one : f32) outs(%e : tensor<4096x4096xf32>) -> tensor<4096x4096xf32>
      bufferization.materialize_in_destination %c in restrict writable %out
          : (tensor<4096x4096xf32>, memref<4096x4096xf32>) -> ()
      return
    }
    ```
  }];
  let options = [
    Option<"leastBytes", "least-bytes", "int64_t", "4096",
           "Bytes up to which a constant stays as it is">
  ];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::linalg::LinalgDialect", "mlir::tensor::TensorDialect"
  ];
  let statistics = [
    Statistic<"numFilled", "filled", "Constants that are filled when they are read">
  ];
}

def ReuseDestinations : Pass<"codegen-reuse-destinations", "mlir::func::FuncOp"> {
  let summary = "Compute results in the buffers they go to";
  let description = [{
    Where an operation's result goes to a buffer (`bufferization.materialize_in_destination`),
    makes that buffer's tensor the operation's destination in place of an empty one. An
    elementwise operation that reads the buffer's old value at the index where it writes reads it
    through the destination then, so that bufferisation updates it in place.

    A loop carries each tensor in one buffer: the next value is computed in the place of the last
    one, or put there at the end of the pass. What would then be read too late is copied before:
    values that change places, and a carried value that another loop in the body begins with.

    The parts of a new tensor (`tensor.insert_slice` one after the other) are computed in it, in
    whatever order they lie there. Each of those that begin to write in one fill gets its own.

    Upstream's empty tensor elimination isn't used: it makes a second tensor of the same buffer,
    which bufferisation takes for one that doesn't alias the first.

    ```mlir
    func.func @f(%buffer: memref<8xf32>, %g: tensor<8xf32>) {
      %w = bufferization.to_tensor %buffer restrict writable : memref<8xf32> to tensor<8xf32>
      %e = tensor.empty() : tensor<8xf32>
      %w1 = linalg.map { arith.subf } ins(%w, %g : tensor<8xf32>, tensor<8xf32>)
          outs(%e : tensor<8xf32>)
      bufferization.materialize_in_destination %w1 in restrict writable %buffer
          : (tensor<8xf32>, memref<8xf32>) -> ()
      return
    }
    ```
    becomes
    ```mlir
    func.func @f(%buffer: memref<8xf32>, %g: tensor<8xf32>) {
      %w = bufferization.to_tensor %buffer restrict writable : memref<8xf32> to tensor<8xf32>
      %w1 = linalg.map { arith.subf } ins(%w, %g : tensor<8xf32>, tensor<8xf32>)
          outs(%w : tensor<8xf32>)
      bufferization.materialize_in_destination %w1 in restrict writable %buffer
          : (tensor<8xf32>, memref<8xf32>) -> ()
      return
    }
    ```
  }];
  let dependentDialects = [
    "mlir::bufferization::BufferizationDialect", "mlir::linalg::LinalgDialect"
  ];
  let statistics = [Statistic<"numReused", "reused", "Results computed in place">];
}

def CollapseElementwise : Pass<"codegen-collapse-elementwise", "mlir::func::FuncOp"> {
  let summary = "Treat contiguous tensors of an elementwise operation as vectors";
  let description = [{
    Merges the innermost dimensions of an elementwise `linalg.generic` that all its operands walk
    through in the same order, so that a `[32, 28, 28]` tensor is processed as one row of 25088
    elements, with one remainder instead of 896.

    ```mlir
    #id = affine_map<(i, j) -> (i, j)>
    func.func @f(%x: tensor<4x6xf32>, %out: tensor<4x6xf32>) -> tensor<4x6xf32> {
      %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
          ins(%x : tensor<4x6xf32>) outs(%out : tensor<4x6xf32>) {
      ^bb0(%a: f32, %o: f32):
        %0 = math.absf %a : f32
        linalg.yield %0 : f32
      } -> tensor<4x6xf32>
      return %y : tensor<4x6xf32>
    }
    ```
    becomes
    ```mlir
    #id = affine_map<(i) -> (i)>
    func.func @f(%x: tensor<4x6xf32>, %out: tensor<4x6xf32>) -> tensor<4x6xf32> {
      %row = tensor.collapse_shape %x [[0, 1]] : tensor<4x6xf32> into tensor<24xf32>
      %rowOut = tensor.collapse_shape %out [[0, 1]] : tensor<4x6xf32> into tensor<24xf32>
      %flat = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
          ins(%row : tensor<24xf32>) outs(%rowOut : tensor<24xf32>) {
      ^bb0(%a: f32, %o: f32):
        %0 = math.absf %a : f32
        linalg.yield %0 : f32
      } -> tensor<24xf32>
      %y = tensor.expand_shape %flat [[0, 1]] output_shape [4, 6] : tensor<24xf32> into tensor<4x6xf32>
      return %y : tensor<4x6xf32>
    }
    ```
  }];
  let dependentDialects = ["mlir::linalg::LinalgDialect", "mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numCollapsed", "collapsed", "Operations with fewer dimensions now">,
  ];
}

def SeparateDestinations : InterfacePass<"codegen-separate-destinations", "mlir::FunctionOpInterface"> {
  let summary = "Give each operation an empty tensor of its own to write to";
  let description = [{
    An empty tensor that several operations share, or that stands outside of the loop in which it is
    written, would be one buffer for all of them. Each use gets an empty tensor of its own, right
    before it: what is needed in one iteration is allocated there, and its memory can be planned.

    ```mlir
    func.func @f(%x: tensor<8xf32>, %n: index) -> tensor<8xf32> {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %e = tensor.empty() : tensor<8xf32>
      %r = scf.for %t = %c0 to %n step %c1 iter_args(%h = %x) -> (tensor<8xf32>) {
        %a = linalg.exp ins(%h : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
        scf.yield %a : tensor<8xf32>
      }
      return %r : tensor<8xf32>
    }
    ```
    becomes
    ```mlir
    func.func @f(%x: tensor<8xf32>, %n: index) -> tensor<8xf32> {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %r = scf.for %t = %c0 to %n step %c1 iter_args(%h = %x) -> (tensor<8xf32>) {
        %e = tensor.empty() : tensor<8xf32>
        %a = linalg.exp ins(%h : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
        scf.yield %a : tensor<8xf32>
      }
      return %r : tensor<8xf32>
    }
    ```
  }];
  let dependentDialects = ["mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"numSeparated", "separated", "Empty tensors made">];
}

def PlanWorkspace : Pass<"codegen-plan-workspace", "mlir::ModuleOp"> {
  let summary = "Lay out all temporaries in one workspace by live range";
  let description = [{
    Replaces every `memref.alloc` of an entry function by a view into a new last argument, the
    workspace. Two buffers share memory when their live ranges (spans of operations in program order;
    within a loop of one iteration, where the buffer stays in it) are disjoint: static buffers by best fit over offsets, buffers of
    symbolic size by whole slots of equal size.

    For each entry `@f` makes `@f.workspace`: the bytes needed, from the same scalars.

    ```mlir
    func.func @f(%x: memref<64xf32>) attributes {nn.entry = "step"} {
      %a = memref.alloc() : memref<64xf32>
      linalg.exp ins(%x : memref<64xf32>) outs(%a : memref<64xf32>)
      %b = memref.alloc() : memref<64xf32>
      linalg.log ins(%a : memref<64xf32>) outs(%b : memref<64xf32>)
      %c = memref.alloc() : memref<64xf32>
      linalg.exp ins(%b : memref<64xf32>) outs(%c : memref<64xf32>)
      linalg.log ins(%c : memref<64xf32>) outs(%x : memref<64xf32>)
      return
    }
    ```
    becomes
    ```mlir
    func.func private @f.workspace() -> index {
      %bytes = arith.constant 512 : index
      return %bytes : index
    }
    func.func @f(%x: memref<64xf32>, %workspace: memref<?xi8>)
        attributes {nn.entry = "step", nn.workspace_bytes = 512 : i64} {
      %c256 = arith.constant 256 : index
      %c0 = arith.constant 0 : index
      %ac = memref.view %workspace[%c0][] : memref<?xi8> to memref<64xf32>
      %b = memref.view %workspace[%c256][] : memref<?xi8> to memref<64xf32>
      linalg.exp ins(%x : memref<64xf32>) outs(%ac : memref<64xf32>)
      linalg.log ins(%ac : memref<64xf32>) outs(%b : memref<64xf32>)
      linalg.exp ins(%b : memref<64xf32>) outs(%ac : memref<64xf32>)
      linalg.log ins(%ac : memref<64xf32>) outs(%x : memref<64xf32>)
      return
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::memref::MemRefDialect", "mlir::func::FuncDialect"
  ];
  let statistics = [
    Statistic<"workspaceBytes", "static-bytes", "Static workspace of all entries">,
    Statistic<"requestedBytes", "requested-bytes", "The same without sharing">,
  ];
}

def EmitEntries : Pass<"codegen-emit-entries", "mlir::ModuleOp"> {
  let summary = "Add the C functions by which entries are called";
  let description = [{
    For each entry `@f.body` in the LLVM dialect, adds `@f(context, scalars, buffers, workspace)`
    and `@f_workspace(scalars)` as in nnrt/abi.h, which unpack the arrays. The body takes each
    buffer as a pointer and its symbolic sizes. It becomes private and its buffers `noalias`. The
    first are marked for the target to flush denormal numbers in: these cost more than a hundred
    times what others do, and a moment of Adam's that has become one stays one.

    ```mlir
    llvm.func @f.workspace() -> i64 attributes {sym_visibility = "private"} {
      %bytes = llvm.mlir.constant(0 : i64) : i64
      llvm.return %bytes : i64
    }
    llvm.func @f(%n: i64, %workspace: !llvm.ptr, %size: i64)
        attributes {nn.entry = "predict", nn.arguments = [index], nn.argument_dims = [array<i64>]} {
      llvm.return
    }
    ```
    becomes
    ```mlir
    llvm.func internal @f.workspace() -> i64 attributes {sym_visibility = "private"} {
      %bytes = llvm.mlir.constant(0 : i64) : i64
      llvm.return %bytes : i64
    }
    llvm.func @f(%context: !llvm.ptr, %scalars: !llvm.ptr, %buffers: !llvm.ptr,
                 %workspace: !llvm.ptr) attributes {passthrough = ["nnc-flush-denormals"]} {
      %n = llvm.load %scalars : !llvm.ptr -> i64
      %size = llvm.mlir.constant(9223372036854775807 : i64) : i64
      llvm.call @f.body(%n, %workspace, %size) : (i64, !llvm.ptr, i64) -> ()
      llvm.return
    }
    llvm.func @f_workspace(%scalars: !llvm.ptr) -> i64 {
      %bytes = llvm.call @f.workspace() : () -> i64
      llvm.return %bytes : i64
    }
    llvm.func internal @f.body(%n: i64, %workspace: !llvm.ptr {llvm.noalias}, %size: i64)
        attributes {sym_visibility = "private"} {
      llvm.return
    }
    ```
  }];
  let dependentDialects = ["mlir::LLVM::LLVMDialect"];
  let statistics = [Statistic<"numEntries", "entries", "Entries that got C functions">];
}

#endif
