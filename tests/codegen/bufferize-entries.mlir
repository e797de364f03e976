// RUN: nn-opt %s --codegen-bufferize-entries --split-input-file | FileCheck %s

// Parts of a buffer that begin elsewhere are the same to a kernel; rows with gaps have a kernel of their own.
// CHECK-LABEL: kernel.func @exp(
// CHECK-SAME: %{{.+}}: memref<4xf32, strided<[1], offset: ?>>, %{{.+}}: memref<4xf32>) {
// CHECK: bufferization.materialize_in_destination
// CHECK: kernel.return{{$}}
// CHECK-LABEL: kernel.func @exp_0(
// CHECK-SAME: %{{.+}}: memref<4xf32, strided<[2], offset: ?>>
// CHECK-LABEL: func.func @f(
// CHECK: kernel.call @exp(
// CHECK: kernel.call @exp(
// CHECK: kernel.call @exp_0(
kernel.func @exp(%x: tensor<4xf32>, %out: tensor<4xf32>) -> tensor<4xf32> {
  %y = linalg.exp ins(%x : tensor<4xf32>) outs(%out : tensor<4xf32>) -> tensor<4xf32>
  kernel.return %y : tensor<4xf32>
}
func.func @f(%buffer: memref<16xf32>, %i: index, %a: memref<4xf32>, %b: memref<4xf32>, %c: memref<4xf32>) {
  %x = bufferization.to_tensor %buffer restrict : memref<16xf32> to tensor<16xf32>
  %x0 = tensor.extract_slice %x[4] [4] [1] : tensor<16xf32> to tensor<4xf32>
  %x1 = tensor.extract_slice %x[%i] [4] [1] : tensor<16xf32> to tensor<4xf32>
  %x2 = tensor.extract_slice %x[8] [4] [2] : tensor<16xf32> to tensor<4xf32>
  %ta = bufferization.to_tensor %a restrict writable : memref<4xf32> to tensor<4xf32>
  %tb = bufferization.to_tensor %b restrict writable : memref<4xf32> to tensor<4xf32>
  %tc = bufferization.to_tensor %c restrict writable : memref<4xf32> to tensor<4xf32>
  %y0 = kernel.call @exp(%x0 : tensor<4xf32>) to (%ta : tensor<4xf32>) -> tensor<4xf32>
  %y1 = kernel.call @exp(%x1 : tensor<4xf32>) to (%tb : tensor<4xf32>) -> tensor<4xf32>
  %y2 = kernel.call @exp(%x2 : tensor<4xf32>) to (%tc : tensor<4xf32>) -> tensor<4xf32>
  bufferization.materialize_in_destination %y0 in restrict writable %a : (tensor<4xf32>, memref<4xf32>) -> ()
  bufferization.materialize_in_destination %y1 in restrict writable %b : (tensor<4xf32>, memref<4xf32>) -> ()
  bufferization.materialize_in_destination %y2 in restrict writable %c : (tensor<4xf32>, memref<4xf32>) -> ()
  return
}

// -----

// What a call reads is not where it writes: the old value is copied where it is read at other places.
// CHECK-LABEL: func.func @g(
// CHECK-SAME: %[[W:.+]]: memref<4xf32>)
// CHECK: %[[COPY:.+]] = memref.alloc
// CHECK: memref.copy %[[W]], %[[COPY]]
// CHECK: kernel.call @reverse(%[[W]] : memref<4xf32>) to (%[[COPY]] : memref<4xf32>)
// CHECK: memref.copy %[[COPY]], %[[W]]
kernel.func @reverse(%x: tensor<4xf32>, %out: tensor<4xf32>) -> tensor<4xf32> {
  %y = linalg.generic {indexing_maps = [affine_map<(i) -> (3 - i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : tensor<4xf32>) outs(%out : tensor<4xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<4xf32>
  kernel.return %y : tensor<4xf32>
}
func.func @g(%buffer: memref<4xf32>) {
  %w = bufferization.to_tensor %buffer restrict writable : memref<4xf32> to tensor<4xf32>
  %y = kernel.call @reverse(%w : tensor<4xf32>) to (%w : tensor<4xf32>) -> tensor<4xf32>
  bufferization.materialize_in_destination %y in restrict writable %buffer : (tensor<4xf32>, memref<4xf32>) -> ()
  return
}

// -----

// A copy between rows with gaps is a call of a kernel, which copies of the same shape share; one without gaps is left.
// CHECK-LABEL: kernel.func @h.copy(
// CHECK-SAME: %{{.+}}: memref<4x2xf32, strided<[2, 1], offset: ?>>, %{{.+}}: memref<4x2xf32, strided<[8, 1], offset: ?>>) {
// CHECK: linalg.generic
// CHECK-LABEL: func.func @h(
// CHECK-NOT: memref.copy
// CHECK: kernel.call @h.copy(
// CHECK: kernel.call @h.copy(
// CHECK: memref.copy %{{.+}}, %{{.+}} : memref<2x8xf32> to memref<2x8xf32, strided<[8, 1], offset: 16>>
func.func @h(%from: memref<8x2xf32>, %rows: memref<2x8xf32>, %to: memref<4x8xf32>) {
  %x = bufferization.to_tensor %from restrict : memref<8x2xf32> to tensor<8x2xf32>
  %r = bufferization.to_tensor %rows restrict : memref<2x8xf32> to tensor<2x8xf32>
  %y = bufferization.to_tensor %to restrict writable : memref<4x8xf32> to tensor<4x8xf32>
  %x0 = tensor.extract_slice %x[4, 0] [4, 2] [1, 1] : tensor<8x2xf32> to tensor<4x2xf32>
  %y0 = tensor.insert_slice %x0 into %y[0, 1] [4, 2] [1, 1] : tensor<4x2xf32> into tensor<4x8xf32>
  %y1 = tensor.insert_slice %x0 into %y0[0, 5] [4, 2] [1, 1] : tensor<4x2xf32> into tensor<4x8xf32>
  %y2 = tensor.insert_slice %r into %y1[2, 0] [2, 8] [1, 1] : tensor<2x8xf32> into tensor<4x8xf32>
  bufferization.materialize_in_destination %y2 in restrict writable %to : (tensor<4x8xf32>, memref<4x8xf32>) -> ()
  return
}
