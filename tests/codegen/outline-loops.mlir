// RUN: nn-opt %s --codegen-outline-kernels=keep-reads=false | FileCheck %s
// RUN: nn-opt %s --codegen-outline-kernels | FileCheck %s --check-prefix=KEPT

// A loop that reads where it is to add is a kernel where an entry couldn't read; else its body is.
// CHECK: kernel.func @step.kernel.0(
// CHECK: scf.for
// CHECK: tensor.extract
// CHECK: linalg.generic
// CHECK: func.func @step
// CHECK-NOT: scf.for
// CHECK: kernel.call @step.kernel.0
// KEPT: kernel.func @step.kernel.0(
// KEPT-NOT: scf.for
// KEPT: linalg.generic
// KEPT: func.func @step
// KEPT: scf.for
// KEPT: tensor.extract
// KEPT: kernel.call @step.kernel.0
func.func @step(%places: tensor<6xindex>, %x: tensor<6x7xf32>, %out: tensor<11x7xf32>) -> tensor<11x7xf32>
    attributes {nn.entry = "step"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c6 = arith.constant 6 : index
  %sums = scf.for %i = %c0 to %c6 step %c1 iter_args(%sum = %out) -> (tensor<11x7xf32>) {
    %row = tensor.extract %places[%i] : tensor<6xindex>
    %from = tensor.extract_slice %x[%i, 0] [1, 7] [1, 1] : tensor<6x7xf32> to tensor<7xf32>
    %to = tensor.extract_slice %sum[%row, 0] [1, 7] [1, 1] : tensor<11x7xf32> to tensor<7xf32>
    %new = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
                           iterator_types = ["parallel"]}
        ins(%from : tensor<7xf32>) outs(%to : tensor<7xf32>) {
    ^bb0(%a: f32, %b: f32):
      %added = arith.addf %b, %a : f32
      linalg.yield %added : f32
    } -> tensor<7xf32>
    %next = tensor.insert_slice %new into %sum[%row, 0] [1, 7] [1, 1] : tensor<7xf32> into tensor<11x7xf32>
    scf.yield %next : tensor<11x7xf32>
  }
  return %sums : tensor<11x7xf32>
}
