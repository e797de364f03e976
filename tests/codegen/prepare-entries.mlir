// RUN: nn-opt %s --allow-unregistered-dialect --codegen-prepare-entries | FileCheck %s

// Arguments and results become buffers; a tied result is written where its argument was.
// CHECK-LABEL: func.func @step(
// CHECK-SAME: %[[N:.+]]: index {train.bind = #train.bind<dim, 0>},
// CHECK-SAME: %[[X:.+]]: memref<?x4xf32>, %[[W:.+]]: memref<4xf32>, %[[LOSS:.+]]: memref<f32> {train.bind = #train.bind<loss, 0>})
// CHECK-SAME: nn.argument_dims = [array<i64>, array<i64: 0>, array<i64>, array<i64>]
// CHECK-SAME: nn.arguments = [index, memref<?x4xf32>, memref<4xf32>, memref<f32>]
// CHECK: bufferization.to_tensor %[[X]] restrict : memref<?x4xf32>
// CHECK: %[[OLD:.+]] = bufferization.to_tensor %[[W]] restrict writable
// CHECK-NOT: tensor.dim
// CHECK: %[[NEW:.+]] = linalg.add
// CHECK: tensor.empty(%[[N]])
// CHECK: materialize_in_destination %[[NEW]] in restrict writable %[[W]]
// CHECK: materialize_in_destination %{{.+}} in restrict writable %[[LOSS]]
// CHECK: return{{$}}
func.func @step(%n: index {train.bind = #train.bind<dim, 0>}, %x: tensor<?x4xf32>, %w: tensor<4xf32>)
    -> (tensor<4xf32> {nn.tied = 2 : i64}, tensor<f32> {train.bind = #train.bind<loss, 0>}) attributes {nn.entry = "step"} {
  %e = tensor.empty() : tensor<4xf32>
  %w1 = linalg.add ins(%w, %w : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %c0 = arith.constant 0 : index
  %rows = tensor.dim %x, %c0 : tensor<?x4xf32>
  %t = tensor.empty(%rows) : tensor<?xf32>
  "test.use"(%t) : (tensor<?xf32>) -> ()
  %one = arith.constant 1.0 : f32
  %loss = tensor.from_elements %one : tensor<f32>
  return %w1, %loss : tensor<4xf32>, tensor<f32>
}

// What is returned as it came is copied first: the two may be swapped.
// CHECK-LABEL: func.func @swap
// CHECK-DAG: %[[A:.+]] = bufferization.to_tensor %arg0
// CHECK-DAG: %[[B:.+]] = bufferization.to_tensor %arg1
// CHECK: %[[COPY_B:.+]] = bufferization.alloc_tensor() copy(%[[B]])
// CHECK: %[[COPY_A:.+]] = bufferization.alloc_tensor() copy(%[[A]])
// CHECK: materialize_in_destination %[[COPY_B]] in restrict writable %arg0
// CHECK: materialize_in_destination %[[COPY_A]] in restrict writable %arg1
func.func @swap(%a: tensor<4xf32>, %b: tensor<4xf32>)
    -> (tensor<4xf32> {nn.tied = 0 : i64}, tensor<4xf32> {nn.tied = 1 : i64}) attributes {nn.entry = "step"} {
  return %b, %a : tensor<4xf32>, tensor<4xf32>
}

// An argument that stays is not written.
// CHECK-LABEL: func.func @same
// CHECK-NOT: materialize
func.func @same(%a: tensor<4xf32>) -> (tensor<4xf32> {nn.tied = 0 : i64}) attributes {nn.entry = "step"} {
  return %a : tensor<4xf32>
}

// CHECK-LABEL: func.func private @helper(%arg0: tensor<4xf32>) -> tensor<4xf32>
func.func private @helper(%a: tensor<4xf32>) -> tensor<4xf32> {
  return %a : tensor<4xf32>
}
