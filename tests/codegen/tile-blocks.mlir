// Products of matrices that exceed the caches are computed in blocks, from packed operands.
// RUN: nn-opt %s --pass-pipeline="builtin.module(kernel.func(codegen-tile-and-fuse{vector-bits=256 registers=16 parallel-flops=1024},cse,codegen-separate-destinations,codegen-bufferize-kernel,cse,canonicalize,cse))" | FileCheck %s

#mk = affine_map<(m, n, k) -> (m, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>

// A task has 64 columns, in parts of 512: panels of 16 columns, then strips of rows; the sums stay in the result, which nothing else is copied to.
// CHECK-LABEL: kernel.func @product(
// CHECK-SAME: %[[X:[^:]+]]: memref<256x1024xf32>, %[[W:[^:]+]]: memref<1024x128xf32>, %[[TO:[^:]+]]: memref<256x128xf32>)
// CHECK: scf.forall (%{{.+}}) in (
// CHECK: scf.for %{{.+}} = %c0 to %c1024 step %c512
// CHECK: %[[PANELS:.+]] = memref.alloc() {{.*}} : memref<4x512x16xf32>
// CHECK: %[[STRIP:.+]] = memref.alloc() {{.*}} : memref<1x6x520xf32>
// CHECK: memref.subview %[[PANELS]]{{.*}} to memref<512x16xf32
// CHECK: iterator_types = ["parallel", "parallel", "reduction"]
// CHECK-NOT: memref.copy
// CHECK: kernel.return
kernel.func @product(%from: memref<256x1024xf32>, %weights: memref<1024x128xf32>,
                     %to: memref<256x128xf32>) {
  %zero = arith.constant 0.0 : f32
  %x = bufferization.to_tensor %from restrict : memref<256x1024xf32> to tensor<256x1024xf32>
  %w = bufferization.to_tensor %weights restrict : memref<1024x128xf32> to tensor<1024x128xf32>
  %out = bufferization.to_tensor %to restrict writable : memref<256x128xf32> to tensor<256x128xf32>
  %start = linalg.fill ins(%zero : f32) outs(%out : tensor<256x128xf32>) -> tensor<256x128xf32>
  %y = linalg.generic {indexing_maps = [#mk, #kn, #mn],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<256x1024xf32>, tensor<1024x128xf32>) outs(%start : tensor<256x128xf32>) {
  ^bb0(%a: f32, %b: f32, %acc: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %acc, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<256x128xf32>
  bufferization.materialize_in_destination %y in restrict writable %to
      : (tensor<256x128xf32>, memref<256x128xf32>) -> ()
  kernel.return
}

// A right side that lies transposed is copied to panels along its rows, in squares, and nowhere else.
// CHECK-LABEL: kernel.func @transposed(
// CHECK-SAME: %[[X:[^:]+]]: memref<252x512xf32>, %[[W:[^:]+]]: memref<256x512xf32>, %[[TO:[^:]+]]: memref<252x256xf32>)
// CHECK: %[[PANELS:.+]] = memref.alloc() {{.*}} : memref<4x512x16xf32>
// CHECK: %[[PART:.+]] = memref.subview %[[W]][{{.+}}] [64, 512] [1, 1]
// CHECK: memref.subview %[[PART]][{{.+}}] [8, 8] [1, 1]
// CHECK: memref.subview %[[PANELS]][{{.+}}] [1, 8, 8] [1, 1, 1]
// CHECK: iterator_types = ["parallel", "parallel", "parallel"]
// CHECK: memref.subview %[[PANELS]]{{.*}} to memref<512x16xf32
// CHECK: iterator_types = ["parallel", "parallel", "reduction"]
// CHECK-NOT: memref.copy
// CHECK: kernel.return
kernel.func @transposed(%from: memref<252x512xf32>, %weights: memref<256x512xf32>,
                        %to: memref<252x256xf32>) {
  %zero = arith.constant 0.0 : f32
  %x = bufferization.to_tensor %from restrict : memref<252x512xf32> to tensor<252x512xf32>
  %w = bufferization.to_tensor %weights restrict : memref<256x512xf32> to tensor<256x512xf32>
  %out = bufferization.to_tensor %to restrict writable : memref<252x256xf32> to tensor<252x256xf32>
  %start = linalg.fill ins(%zero : f32) outs(%out : tensor<252x256xf32>) -> tensor<252x256xf32>
  %y = linalg.generic {indexing_maps = [#mk, affine_map<(m, n, k) -> (n, k)>, #mn],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<252x512xf32>, tensor<256x512xf32>) outs(%start : tensor<252x256xf32>) {
  ^bb0(%a: f32, %b: f32, %acc: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %acc, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<252x256xf32>
  bufferization.materialize_in_destination %y in restrict writable %to
      : (tensor<252x256xf32>, memref<252x256xf32>) -> ()
  kernel.return
}

// Dot products read along the rows of both sides: no blocks.
// CHECK-LABEL: kernel.func @dots(
// CHECK-NOT: memref.alloc
// CHECK: iterator_types = ["parallel", "parallel", "reduction"]
// CHECK-NOT: memref.alloc
// CHECK: kernel.return
kernel.func @dots(%from: memref<2048x2048xf32>, %weights: memref<8x2048xf32>,
                  %to: memref<2048x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %x = bufferization.to_tensor %from restrict : memref<2048x2048xf32> to tensor<2048x2048xf32>
  %w = bufferization.to_tensor %weights restrict : memref<8x2048xf32> to tensor<8x2048xf32>
  %out = bufferization.to_tensor %to restrict writable : memref<2048x8xf32> to tensor<2048x8xf32>
  %start = linalg.fill ins(%zero : f32) outs(%out : tensor<2048x8xf32>) -> tensor<2048x8xf32>
  %y = linalg.generic {indexing_maps = [#mk, affine_map<(m, n, k) -> (n, k)>, #mn],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<2048x2048xf32>, tensor<8x2048xf32>) outs(%start : tensor<2048x8xf32>) {
  ^bb0(%a: f32, %b: f32, %acc: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %acc, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<2048x8xf32>
  bufferization.materialize_in_destination %y in restrict writable %to
      : (tensor<2048x8xf32>, memref<2048x8xf32>) -> ()
  kernel.return
}
