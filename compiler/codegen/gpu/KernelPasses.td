// The first passes that lead kernels, each by itself, to the threads of a GPU, in the order in which
// they run.
#ifndef NNC_COMPILER_CODEGEN_GPU_KERNELPASSES_TD
#define NNC_COMPILER_CODEGEN_GPU_KERNELPASSES_TD

include "mlir/Pass/PassBase.td"

def CountWork : Pass<"codegen-count-work", "mlir::kernel::FuncOp"> {
  let summary = "Note what a kernel has to do at least";
  let description = [{
    Counts floating-point operations, by the kind of arithmetic (f64, f32, tf32, bf16), and the
    bytes of each argument that are read or written, each once. No code of the kernel can do with
    less, so they bound its time on a machine from below. A kernel of which only a call knows the
    sizes gets no number.
    ```mlir
    kernel.func @f(%x: tensor<4x6xf32>, %out: tensor<4xf32>) -> tensor<4xf32> {
      %sum = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
                             iterator_types = ["parallel", "reduction"]}
          ins(%x : tensor<4x6xf32>) outs(%out : tensor<4xf32>) {
      ^bb0(%a: f32, %o: f32):
        %0 = arith.addf %o, %a : f32
        linalg.yield %0 : f32
      } -> tensor<4xf32>
      kernel.return %sum : tensor<4xf32>
    }
    ```
    becomes
    ```mlir
    kernel.func @f(%x: tensor<4x6xf32> {nnc.bytes = 96 : i64}, %out: tensor<4xf32> {nnc.bytes = 32 : i64})
        -> tensor<4xf32> attributes {nnc.work = array<i64: 128, 0, 24, 0, 0>} {
      %sum = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
                             iterator_types = ["parallel", "reduction"]}
          ins(%x : tensor<4x6xf32>) outs(%out : tensor<4xf32>) {
      ^bb0(%a: f32, %o: f32):
        %0 = arith.addf %o, %a : f32
        linalg.yield %0 : f32
      } -> tensor<4xf32>
      kernel.return %sum : tensor<4xf32>
    }
    ```
  }];
  let options = [
    Option<"precision", "precision", "std::string", /*default=*/"\"f32\"",
           "What f32 is multiplied in: f32, tf32 or bf16">,
  ];
  let statistics = [Statistic<"numCounted", "kernels", "Kernels of which the work is known">];
}

def TileThreads : Pass<"codegen-tile-threads", "mlir::kernel::FuncOp"> {
  let summary = "Give each element of a kernel's results a task of its own";
  let description = [{
    Turns the parallel loops of each operation of a kernel into a loop of tasks (`scf.forall`), one
    for each element. What is reduced for it, and the contractions that it reads at its own loops,
    are computed in its task.
    ```mlir
    kernel.func @f(%x: tensor<4x6xf32>, %out: tensor<4xf32>) -> tensor<4xf32> {
      %sum = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
                             iterator_types = ["parallel", "reduction"]}
          ins(%x : tensor<4x6xf32>) outs(%out : tensor<4xf32>) {
      ^bb0(%a: f32, %o: f32):
        %0 = arith.addf %o, %a : f32
        linalg.yield %0 : f32
      } -> tensor<4xf32>
      kernel.return %sum : tensor<4xf32>
    }
    ```
    becomes
    ```mlir
    kernel.func @f(%x: tensor<4x6xf32>, %out: tensor<4xf32>) -> tensor<4xf32> {
      %sums = scf.forall (%i) in (4) shared_outs(%sum = %out) -> (tensor<4xf32>) {
        %part = tensor.extract_slice %sum[%i] [1] [1] : tensor<4xf32> to tensor<1xf32>
        %row = tensor.extract_slice %x[%i, 0] [1, 6] [1, 1] : tensor<4x6xf32> to tensor<1x6xf32>
        %new = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
                               iterator_types = ["parallel", "reduction"]}
            ins(%row : tensor<1x6xf32>) outs(%part : tensor<1xf32>) {
        ^bb0(%a: f32, %o: f32):
          %0 = arith.addf %o, %a : f32
          linalg.yield %0 : f32
        } -> tensor<1xf32>
        scf.forall.in_parallel {
          tensor.parallel_insert_slice %new into %sum[%i] [1] [1] : tensor<1xf32> into tensor<4xf32>
        }
      }
      kernel.return %sums : tensor<4xf32>
    }
    ```
  }];
  let dependentDialects = [
    "mlir::affine::AffineDialect", "mlir::scf::SCFDialect", "mlir::tensor::TensorDialect"
  ];
  let statistics = [Statistic<"numRoots", "roots", "Operations that became loops of tasks">];
}

def SpreadLoops : Pass<"codegen-spread-loops", "mlir::kernel::FuncOp"> {
  let summary = "Make tasks of what loops that depend on one another do with each element";
  let description = [{
    Where each pass of a loop adds to a row, or changes it otherwise, and only the pass knows which
    row, passes have to come one after the other. But what they do with one element of rows doesn't
    meet what they do with another: each place in a row becomes a task, which goes through all
    passes. So gradients of look-ups are added in the order in which the look-ups stand.
    ```mlir
    kernel.func @f(%places: memref<6xindex>, %x: memref<6x7xf32>, %out: memref<11x7xf32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c6 = arith.constant 6 : index
      scf.for %i = %c0 to %c6 step %c1 {
        %row = memref.load %places[%i] : memref<6xindex>
        %from = memref.subview %x[%i, 0] [1, 7] [1, 1]
            : memref<6x7xf32> to memref<7xf32, strided<[1], offset: ?>>
        %to = memref.subview %out[%row, 0] [1, 7] [1, 1]
            : memref<11x7xf32> to memref<7xf32, strided<[1], offset: ?>>
        linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
                        iterator_types = ["parallel"]}
            ins(%from : memref<7xf32, strided<[1], offset: ?>>)
            outs(%to : memref<7xf32, strided<[1], offset: ?>>) {
        ^bb0(%a: f32, %b: f32):
          %sum = arith.addf %b, %a : f32
          linalg.yield %sum : f32
        }
      }
      kernel.return
    }
    ```
    becomes
    ```mlir
    kernel.func @f(%places: memref<6xindex>, %x: memref<6x7xf32>, %out: memref<11x7xf32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c6 = arith.constant 6 : index
      scf.forall (%j) in (7) {
        scf.for %i = %c0 to %c6 step %c1 {
          %row = memref.load %places[%i] : memref<6xindex>
          %from = memref.subview %x[%i, 0] [1, 7] [1, 1]
              : memref<6x7xf32> to memref<7xf32, strided<[1], offset: ?>>
          %to = memref.subview %out[%row, 0] [1, 7] [1, 1]
              : memref<11x7xf32> to memref<7xf32, strided<[1], offset: ?>>
          %a = memref.load %from[%j] : memref<7xf32, strided<[1], offset: ?>>
          %b = memref.load %to[%j] : memref<7xf32, strided<[1], offset: ?>>
          %sum = arith.addf %b, %a : f32
          memref.store %sum, %to[%j] : memref<7xf32, strided<[1], offset: ?>>
        }
      }
      kernel.return
    }
    ```
  }];
  let dependentDialects = ["mlir::memref::MemRefDialect", "mlir::scf::SCFDialect"];
  let statistics = [Statistic<"numLoops", "loops", "Loops that became tasks">];
}

#endif
