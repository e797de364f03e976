// RUN: nn-opt %s --pass-pipeline='builtin.module(kernel.func(codegen-count-work))' --split-input-file | FileCheck %s
// RUN: nn-opt %s --pass-pipeline='builtin.module(kernel.func(codegen-count-work{precision=tf32}))' --split-input-file | FileCheck %s --check-prefix=TF32
// RUN: nn-opt %s --pass-pipeline='builtin.module(kernel.func(codegen-count-work{precision=bf16}))' --split-input-file | FileCheck %s --check-prefix=BF16
// RUN: not nn-opt %s --pass-pipeline='builtin.module(kernel.func(codegen-count-work{precision=f8}))' 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// UNKNOWN: unknown precision 'f8'

// Products and sums: tensor cores may do both where f32 may be rounded. The result is read and written.
// CHECK-LABEL: kernel.func @product(
// CHECK-SAME: %{{.+}}: tensor<4x6xf32> {nnc.bytes = 96 : i64}, %{{.+}}: tensor<6x8xf32> {nnc.bytes = 192 : i64}, %{{.+}}: tensor<4x8xf32> {nnc.bytes = 256 : i64})
// CHECK-SAME: nnc.work = array<i64: 544, 0, 384, 0, 0>
// TF32-LABEL: kernel.func @product(
// TF32-SAME: nnc.work = array<i64: 544, 0, 0, 384, 0>
// BF16-LABEL: kernel.func @product(
// BF16-SAME: nnc.work = array<i64: 544, 0, 0, 0, 384>
kernel.func @product(%a: tensor<4x6xf32>, %b: tensor<6x8xf32>, %out: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<4x6xf32>, tensor<6x8xf32>) outs(%out : tensor<4x8xf32>) -> tensor<4x8xf32>
  kernel.return %0 : tensor<4x8xf32>
}

// -----

#same = affine_map<(i) -> (i)>

// Each kind by itself; conversions count nothing, and what is only written is counted once.
// CHECK-LABEL: kernel.func @kinds(
// CHECK-SAME: nnc.work = array<i64: 220, 10, 20, 0, 10>
kernel.func @kinds(%x: tensor<10xf64>, %y: tensor<10xf32>, %z: tensor<10xf16>, %out: tensor<10xf64>) -> tensor<10xf64> {
  %0 = linalg.generic {indexing_maps = [#same, #same, #same, #same], iterator_types = ["parallel"]}
      ins(%x, %y, %z : tensor<10xf64>, tensor<10xf32>, tensor<10xf16>) outs(%out : tensor<10xf64>) {
  ^bb0(%a: f64, %b: f32, %c: f16, %o: f64):
    %1 = arith.mulf %c, %c : f16
    %2 = arith.extf %1 : f16 to f32
    %3 = arith.addf %b, %2 : f32
    %4 = math.exp %3 : f32
    %5 = arith.extf %4 : f32 to f64
    %6 = arith.addf %a, %5 : f64
    linalg.yield %6 : f64
  } -> tensor<10xf64>
  kernel.return %0 : tensor<10xf64>
}

// -----

// Of a table, the elements that are looked up.
// CHECK-LABEL: kernel.func @look_up(
// CHECK-SAME: %{{.+}}: tensor<1000xf32> {nnc.bytes = 12 : i64}, %{{.+}}: tensor<3xindex> {nnc.bytes = 24 : i64}, %{{.+}}: tensor<3xf32> {nnc.bytes = 12 : i64})
kernel.func @look_up(%table: tensor<1000xf32>, %places: tensor<3xindex>, %out: tensor<3xf32>) -> tensor<3xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%places : tensor<3xindex>) outs(%out : tensor<3xf32>) {
  ^bb0(%place: index, %o: f32):
    %1 = tensor.extract %table[%place] : tensor<1000xf32>
    linalg.yield %1 : f32
  } -> tensor<3xf32>
  kernel.return %0 : tensor<3xf32>
}

// -----

// Only a call knows it.
// CHECK-LABEL: kernel.func @unknown(
// CHECK-NOT: nnc.work
// CHECK: kernel.return
kernel.func @unknown(%x: tensor<?xf32>, %out: tensor<?xf32>) -> tensor<?xf32> {
  %0 = linalg.exp ins(%x : tensor<?xf32>) outs(%out : tensor<?xf32>) -> tensor<?xf32>
  kernel.return %0 : tensor<?xf32>
}
