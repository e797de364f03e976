// RUN: nn-opt %s --codegen-reuse-destinations | FileCheck %s

#id = affine_map<(i) -> (i)>

// The old weight is read through the destination.
// CHECK-LABEL: func.func @update
// CHECK: %[[W:.+]] = bufferization.to_tensor %arg0
// CHECK: linalg.generic {{.*}} ins(%arg1 : tensor<8xf32>) outs(%[[W]] : tensor<8xf32>)
// CHECK-NEXT: ^bb0(%[[G:.+]]: f32, %[[OLD:.+]]: f32):
// CHECK-NEXT: arith.subf %[[OLD]], %[[G]]
func.func @update(%buffer: memref<8xf32>, %g: tensor<8xf32>) {
  %w = bufferization.to_tensor %buffer restrict writable : memref<8xf32> to tensor<8xf32>
  %e = tensor.empty() : tensor<8xf32>
  %r = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%w, %g : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %0 = arith.subf %a, %b : f32
      linalg.yield %0 : f32
  } -> tensor<8xf32>
  bufferization.materialize_in_destination %r in restrict writable %buffer : (tensor<8xf32>, memref<8xf32>) -> ()
  return
}

// A buffer that is only written becomes the destination of what fills it.
// CHECK-LABEL: func.func @product
// CHECK: %[[T:.+]] = bufferization.to_tensor %arg2 restrict writable
// CHECK: %[[F:.+]] = linalg.fill {{.*}} outs(%[[T]] : tensor<4x4xf32>)
// CHECK: linalg.matmul {{.*}} outs(%[[F]]
func.func @product(%a: tensor<4x4xf32>, %b: tensor<4x4xf32>, %out: memref<4x4xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x4xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4x4xf32>) -> tensor<4x4xf32>
  %p = linalg.matmul ins(%a, %b : tensor<4x4xf32>, tensor<4x4xf32>) outs(%f : tensor<4x4xf32>) -> tensor<4x4xf32>
  bufferization.materialize_in_destination %p in restrict writable %out : (tensor<4x4xf32>, memref<4x4xf32>) -> ()
  return
}
