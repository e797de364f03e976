// RUN: nn-opt %s --pass-pipeline="builtin.module(kernel.func(codegen-block-contractions,cse,canonicalize))" | FileCheck %s

// What lies in every third place, as h[:, :, 1] does, is loaded element by element, for the device copies lines of neighbours alone; the other operand still is copied.
// CHECK-LABEL: kernel.func @every_third(
// CHECK-NOT: nvgpu.device_async_copy %arg0
// CHECK: memref.load %arg0
// CHECK-NOT: nvgpu.device_async_copy %arg0
// CHECK: nvgpu.device_async_copy %arg1
kernel.func @every_third(%x: memref<?x256xf32, strided<[768, 3], offset: ?>>, %w: memref<256x64xf32>, %out: memref<?x64xf32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %rows = memref.dim %out, %c0 : memref<?x64xf32>
  scf.forall (%m, %n) in (%rows, 64) {
    %row = memref.subview %x[%m, 0] [1, 256] [1, 1] : memref<?x256xf32, strided<[768, 3], offset: ?>> to memref<1x256xf32, strided<[768, 3], offset: ?>>
    %column = memref.subview %w[0, %n] [256, 1] [1, 1] : memref<256x64xf32> to memref<256x1xf32, strided<[64, 1], offset: ?>>
    %result = memref.subview %out[%m, %n] [1, 1] [1, 1] : memref<?x64xf32> to memref<1x1xf32, strided<[64, 1], offset: ?>>
    linalg.fill ins(%zero : f32) outs(%result : memref<1x1xf32, strided<[64, 1], offset: ?>>)
    linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>],
                    iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%row, %column : memref<1x256xf32, strided<[768, 3], offset: ?>>, memref<256x1xf32, strided<[64, 1], offset: ?>>)
        outs(%result : memref<1x1xf32, strided<[64, 1], offset: ?>>) {
    ^bb0(%a: f32, %c: f32, %s: f32):
      %0 = arith.mulf %a, %c : f32
      %1 = arith.addf %s, %0 : f32
      linalg.yield %1 : f32
    }
  }
  kernel.return
}
