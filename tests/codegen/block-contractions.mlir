// RUN: nn-opt %s --pass-pipeline="builtin.module(kernel.func(codegen-block-contractions,cse,canonicalize))" | FileCheck %s
// RUN: nn-opt %s --pass-pipeline="builtin.module(kernel.func(codegen-block-contractions{precision=tf32},cse,canonicalize))" | FileCheck %s --check-prefix=TF32
// RUN: nn-opt %s --pass-pipeline="builtin.module(kernel.func(codegen-block-contractions{precision=bf16},cse,canonicalize))" | FileCheck %s --check-prefix=BF16
// RUN: not nn-opt %s --pass-pipeline="builtin.module(kernel.func(codegen-block-contractions{precision=f16}))" 2>&1 | FileCheck %s --check-prefix=PRECISION
// RUN: not nn-opt %s --pass-pipeline="builtin.module(kernel.func(codegen-block-contractions{plan=16x16}))" 2>&1 | FileCheck %s --check-prefix=PLAN
// PRECISION: expected a precision of f32, tf32 or bf16
// PLAN: expected a plan of a block's threads, as 64x64x16x4x4

#mk = affine_map<(m, n, k) -> (m, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(m, n) -> (m, n)>

// Blocks of any number of rows: those beyond it are zeros, and nothing is written for them. The operands lie in pieces of 16 bytes.
// CHECK-LABEL: kernel.func @dense(
// CHECK: %[[ROWS:.+]] = memref.dim %arg2
// CHECK: %[[MORE:.+]] = arith.addi %[[ROWS]]
// CHECK: %[[BLOCKS:.+]] = arith.divui %[[MORE]]
// CHECK: scf.forall (%{{.+}}, %{{.+}}, %{{.+}}) in (1, %[[BLOCKS]], {{[0-9]+}}) {
// CHECK: memref.alloca() {alignment = 16 : i64} : memref<{{.+}}xf32, #gpu.address_space<workgroup>>
// CHECK: %[[INSIDE:.+]] = arith.cmpi ult, %{{.+}}, %[[ROWS]]
// CHECK: %[[USED:.+]] = arith.select %[[INSIDE]], %c4, %c0
// CHECK: nvgpu.device_async_copy %arg0[{{.+}}], %{{.+}}[{{.+}}], 4, %[[USED]] {bypassL1}
// CHECK: nvvm.cp.async.commit.group
// CHECK: scf.for
// CHECK-NEXT: nvvm.cp.async.wait.group
// CHECK-NEXT: gpu.barrier
// CHECK: nvvm.cp.async.commit.group
// CHECK: vector.load {{.*}} {alignment = 16 : i64}
// CHECK: math.fma
// CHECK-NOT: linalg
// CHECK: memref.store
// CHECK: mapping = [#gpu.block<linear_dim_2>, #gpu.block<linear_dim_1>, #gpu.block<linear_dim_0>]
// TF32-LABEL: kernel.func @dense(
// TF32: nvgpu.device_async_copy
// TF32: nvvm.convert.float.to.tf32 %{{.+}} {rnd = #nvvm.fp_rnd_mode<rna>}
// TF32: nvvm.mma.sync {{.*}}multiplicandAPtxType = #nvvm.mma_type<tf32>{{.*}}shape = #nvvm.shape<m = 16, n = 8, k = 8>
// BF16-LABEL: kernel.func @dense(
// BF16: nvvm.convert.f32x2.to.bf16x2 {{.*}} {rnd = #nvvm.fp_rnd_mode<rn>} : vector<2xbf16>
// BF16: nvvm.mma.sync {{.*}}multiplicandAPtxType = #nvvm.mma_type<bf16>{{.*}}shape = #nvvm.shape<m = 16, n = 8, k = 16>
kernel.func @dense(%x: memref<?x256xf32>, %w: memref<256x64xf32>, %out: memref<?x64xf32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %rows = memref.dim %out, %c0 : memref<?x64xf32>
  scf.forall (%m, %n) in (%rows, 64) {
    %row = memref.subview %x[%m, 0] [1, 256] [1, 1] : memref<?x256xf32> to memref<1x256xf32, strided<[256, 1], offset: ?>>
    %column = memref.subview %w[0, %n] [256, 1] [1, 1] : memref<256x64xf32> to memref<256x1xf32, strided<[64, 1], offset: ?>>
    %result = memref.subview %out[%m, %n] [1, 1] [1, 1] : memref<?x64xf32> to memref<1x1xf32, strided<[64, 1], offset: ?>>
    linalg.fill ins(%zero : f32) outs(%result : memref<1x1xf32, strided<[64, 1], offset: ?>>)
    linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%row, %column : memref<1x256xf32, strided<[256, 1], offset: ?>>, memref<256x1xf32, strided<[64, 1], offset: ?>>)
        outs(%result : memref<1x1xf32, strided<[64, 1], offset: ?>>) {
    ^bb0(%a: f32, %c: f32, %s: f32):
      %0 = arith.mulf %a, %c : f32
      %1 = arith.addf %s, %0 : f32
      linalg.yield %1 : f32
    }
  }
  kernel.return
}

// What is few stays with single threads, which multiply the same numbers.
// CHECK-LABEL: kernel.func @few(
// CHECK: scf.forall (%{{.+}}, %{{.+}}) in (4, 4)
// CHECK: arith.mulf %in, %in_{{[0-9]+}} : f32
// TF32-LABEL: kernel.func @few(
// TF32: scf.forall (%{{.+}}, %{{.+}}) in (4, 4)
// TF32-COUNT-2: arith.andi %{{.+}}, %c-8192_i32
// BF16-LABEL: kernel.func @few(
// BF16-COUNT-2: arith.truncf %in{{.*}} : f32 to bf16
// BF16: arith.mulf
kernel.func @few(%x: memref<4x8xf32>, %w: memref<8x4xf32>, %out: memref<4x4xf32>) {
  scf.forall (%m, %n) in (4, 4) {
    %row = memref.subview %x[%m, 0] [1, 8] [1, 1] : memref<4x8xf32> to memref<1x8xf32, strided<[8, 1], offset: ?>>
    %column = memref.subview %w[0, %n] [8, 1] [1, 1] : memref<8x4xf32> to memref<8x1xf32, strided<[4, 1], offset: ?>>
    %result = memref.subview %out[%m, %n] [1, 1] [1, 1] : memref<4x4xf32> to memref<1x1xf32, strided<[4, 1], offset: ?>>
    linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%row, %column : memref<1x8xf32, strided<[8, 1], offset: ?>>, memref<8x1xf32, strided<[4, 1], offset: ?>>)
        outs(%result : memref<1x1xf32, strided<[4, 1], offset: ?>>) {
    ^bb0(%a: f32, %c: f32, %s: f32):
      %0 = arith.mulf %a, %c : f32
      %1 = arith.addf %s, %0 : f32
      linalg.yield %1 : f32
    }
  }
  kernel.return
}

// A thin result of long sums: groups of threads divide each step, and their sums are added in the end, in their order.
// CHECK-LABEL: kernel.func @thin(
// CHECK: scf.for
// CHECK: gpu.barrier
// CHECK: memref.store %{{.+}}, %[[SHARED:alloca]][
// CHECK: gpu.barrier
// CHECK: scf.for
// CHECK: %[[A:.+]] = memref.load %[[SHARED]][
// CHECK: %[[B:.+]] = memref.load %[[SHARED]][
// CHECK: arith.addf %[[A]], %[[B]] : f32
// CHECK: gpu.barrier
kernel.func @thin(%x: memref<32x784xf32>, %w: memref<784x10xf32>, %out: memref<32x10xf32>) {
  %zero = arith.constant 0.0 : f32
  scf.forall (%m, %n) in (32, 10) {
    %row = memref.subview %x[%m, 0] [1, 784] [1, 1] : memref<32x784xf32> to memref<1x784xf32, strided<[784, 1], offset: ?>>
    %column = memref.subview %w[0, %n] [784, 1] [1, 1] : memref<784x10xf32> to memref<784x1xf32, strided<[10, 1], offset: ?>>
    %result = memref.subview %out[%m, %n] [1, 1] [1, 1] : memref<32x10xf32> to memref<1x1xf32, strided<[10, 1], offset: ?>>
    linalg.fill ins(%zero : f32) outs(%result : memref<1x1xf32, strided<[10, 1], offset: ?>>)
    linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%row, %column : memref<1x784xf32, strided<[784, 1], offset: ?>>, memref<784x1xf32, strided<[10, 1], offset: ?>>)
        outs(%result : memref<1x1xf32, strided<[10, 1], offset: ?>>) {
    ^bb0(%a: f32, %c: f32, %s: f32):
      %0 = arith.mulf %a, %c : f32
      %1 = arith.addf %s, %0 : f32
      linalg.yield %1 : f32
    }
  }
  kernel.return
}
