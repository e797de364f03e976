// Tiles are computed in the memory of their results.
// RUN: nn-opt %s --pass-pipeline="builtin.module(kernel.func(codegen-tile-and-fuse{vector-bits=256 registers=16 parallel-flops=1024},cse,codegen-separate-destinations,codegen-bufferize-kernel,cse,canonicalize,cse))" | FileCheck %s

#mk = affine_map<(m, n, k) -> (m, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>

// Rows are left over that are shared by columns: a task's part isn't copied to be written to.
// CHECK-LABEL: kernel.func @rest
// CHECK: scf.forall
// CHECK: scf.forall
// CHECK-NOT: memref.alloc
// CHECK-NOT: memref.copy
kernel.func @rest(%from: memref<34x16xf32>, %weights: memref<16x64xf32>, %to: memref<34x64xf32>) {
  %zero = arith.constant 0.0 : f32
  %x = bufferization.to_tensor %from restrict : memref<34x16xf32> to tensor<34x16xf32>
  %w = bufferization.to_tensor %weights restrict : memref<16x64xf32> to tensor<16x64xf32>
  %out = bufferization.to_tensor %to restrict writable : memref<34x64xf32> to tensor<34x64xf32>
  %start = linalg.fill ins(%zero : f32) outs(%out : tensor<34x64xf32>) -> tensor<34x64xf32>
  %y = linalg.generic {indexing_maps = [#mk, #kn, #mn],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<34x16xf32>, tensor<16x64xf32>) outs(%start : tensor<34x64xf32>) {
  ^bb0(%a: f32, %b: f32, %acc: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %acc, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<34x64xf32>
  bufferization.materialize_in_destination %y in restrict writable %to
      : (tensor<34x64xf32>, memref<34x64xf32>) -> ()
  kernel.return
}
