// RUN: nn-opt %s --pass-pipeline="builtin.module(kernel.func(codegen-block-reductions,cse,canonicalize))" | FileCheck %s
// RUN: nn-opt %s --pass-pipeline="builtin.module(kernel.func(codegen-block-reductions{plan=results:8:1},cse,canonicalize))" | FileCheck %s --check-prefix=GIVEN
// RUN: not nn-opt %s --pass-pipeline="builtin.module(kernel.func(codegen-block-reductions{plan=results:7:1}))" 2>&1 | FileCheck %s --check-prefix=PLAN
// RUN: nn-opt %s --pass-pipeline="builtin.module(kernel.func(codegen-block-reductions))" '--remarks-filter=codegen.*' --remark-format=emitRemark -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// REMARK-DAG: each result reduced by 32 threads
// REMARK-DAG: each result reduced by 4096 threads
// REMARK-DAG: Reason="what it reduces is little, or its results are many", Remark="not reduced by several threads"
// REMARK-DAG: Reason="its tasks don't combine elements by one operation in any order", Remark="not reduced by several threads"
// REMARK-DAG: Reason="its tasks compute what they reduce", Remark="not reduced by several threads"
// PLAN: expected a plan of a block's threads, as elements:32:1

#ij = affine_map<(i, j) -> (i, j)>
#i = affine_map<(i, j) -> (i)>
#j = affine_map<(i, j) -> (j)>
#none = affine_map<(i, j) -> ()>

// A warp for each of any number of rows: all lanes take part, and those without a row have no elements.
// CHECK-LABEL: kernel.func @rows(
// CHECK-DAG: %[[NEUTRAL:.+]] = arith.constant 0xFF800000 : f32
// CHECK: %[[ROWS:.+]] = memref.dim %arg0
// CHECK: %[[MORE:.+]] = arith.addi %[[ROWS]], %c7
// CHECK: %[[BLOCKS:.+]] = arith.divui %[[MORE]], %c8
// CHECK: scf.forall (%{{.+}}) in (%[[BLOCKS]]) {
// CHECK: %[[LANE:.+]] = arith.remui %{{.+}}, %c32
// CHECK: %[[IS_IN:.+]] = arith.cmpi ult, %{{.+}}, %[[ROWS]]
// CHECK: %[[END:.+]] = arith.select %[[IS_IN]], %c67, %c0
// CHECK: scf.for %[[K:.+]] = %[[LANE]] to %[[END]] step %c32 iter_args(%[[MAX:.+]] = %[[NEUTRAL]])
// CHECK: %[[X:.+]] = memref.load %{{.+}}[%c0, %[[K]]]
// CHECK: %[[Y:.+]] = arith.mulf %[[X]], %[[X]]
// CHECK: arith.maximumf %[[MAX]], %[[Y]]
// CHECK: scf.for {{.*}} to %c5
// CHECK: nvvm.shfl.sync  bfly %c-1_i32, %{{.+}}, %{{.+}}, %c31_i32
// CHECK: arith.maximumf
// CHECK: %[[IS_FIRST:.+]] = arith.cmpi eq, %[[LANE]], %c0
// CHECK: %[[WRITES:.+]] = arith.andi %[[IS_FIRST]], %[[IS_IN]]
// CHECK: scf.if %[[WRITES]] {
// CHECK: memref.store
// CHECK: mapping = [#gpu.block<linear_dim_0>]
// GIVEN-LABEL: kernel.func @rows(
// GIVEN: memref.alloca() {alignment = 16 : i64} : memref<256xf32, #gpu.address_space<workgroup>>
kernel.func @rows(%x: memref<?x67xf32>, %out: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %start = arith.constant 0xFF800000 : f32
  %rows = memref.dim %x, %c0 : memref<?x67xf32>
  scf.forall (%i) in (%rows) {
    %row = memref.subview %x[%i, 0] [1, 67] [1, 1] : memref<?x67xf32> to memref<1x67xf32, strided<[67, 1], offset: ?>>
    %to = memref.subview %out[%i] [1] [1] : memref<?xf32> to memref<1xf32, strided<[1], offset: ?>>
    linalg.fill ins(%start : f32) outs(%to : memref<1xf32, strided<[1], offset: ?>>)
    linalg.generic {indexing_maps = [#ij, #i], iterator_types = ["parallel", "reduction"]}
        ins(%row : memref<1x67xf32, strided<[67, 1], offset: ?>>) outs(%to : memref<1xf32, strided<[1], offset: ?>>) {
    ^bb0(%a: f32, %o: f32):
      %0 = arith.mulf %a, %a : f32
      %1 = arith.maximumf %o, %0 : f32
      linalg.yield %1 : f32
    }
  }
  kernel.return
}

// Sums over rows: neighbouring threads have neighbouring columns, 16 of which are the fewest for 10, and 16 threads share a column.
// CHECK-LABEL: kernel.func @columns(
// CHECK: scf.forall (%{{.+}}) in (1) {
// CHECK: %[[THREAD:.+]] = gpu.thread_id  x
// CHECK: %[[COLUMN:.+]] = arith.remui %[[THREAD]], %c16
// CHECK: %[[PART:.+]] = arith.divui %[[THREAD]], %c16
// CHECK: %[[IS_IN:.+]] = arith.cmpi ult, %[[COLUMN]], %c10
// CHECK: %[[ROWS:.+]] = memref.dim
// CHECK: %[[END:.+]] = arith.select %[[IS_IN]], %[[ROWS]], %c0
// CHECK: scf.for %{{.+}} = %[[PART]] to %[[END]] step %c16 iter_args(%{{.+}} = %cst) -> (f64) {
// CHECK: arith.extf
// CHECK: loop_annotation
// CHECK: memref.store %{{.+}}, %[[SHARED:.+]][%[[THREAD]]] : memref<256xf64, #gpu.address_space<workgroup>>
// CHECK-NEXT: gpu.barrier
// CHECK: memref.load %[[SHARED]][%[[COLUMN]]]
// CHECK: scf.for %{{.+}} = %c1 to %c16 step %c1
// CHECK: gpu.barrier
// CHECK: scf.if
kernel.func @columns(%x: memref<?x10xf32>, %out: memref<10xf64>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f64
  scf.forall (%j) in (10) {
    %rows = memref.dim %x, %c0 : memref<?x10xf32>
    %column = memref.subview %x[0, %j] [%rows, 1] [1, 1] : memref<?x10xf32> to memref<?x1xf32, strided<[10, 1], offset: ?>>
    %to = memref.subview %out[%j] [1] [1] : memref<10xf64> to memref<1xf64, strided<[1], offset: ?>>
    linalg.fill ins(%zero : f64) outs(%to : memref<1xf64, strided<[1], offset: ?>>)
    linalg.generic {indexing_maps = [#ij, #j], iterator_types = ["reduction", "parallel"]}
        ins(%column : memref<?x1xf32, strided<[10, 1], offset: ?>>) outs(%to : memref<1xf64, strided<[1], offset: ?>>) {
    ^bb0(%a: f32, %o: f64):
      %0 = arith.extf %a : f32 to f64
      %1 = arith.addf %o, %0 : f64
      linalg.yield %1 : f64
    }
  }
  kernel.return
}

// One result, which one thread would compute: a block's 256 threads do, warps through shared memory. What is made of it belongs to its task.
// Loops over what lies in one piece are one.
// CHECK-LABEL: kernel.func @total(
// CHECK: scf.forall (%{{.+}}) in (1) {
// CHECK: %[[THREAD:.+]] = gpu.thread_id  x
// CHECK: %[[FLAT:.+]] = memref.collapse_shape %arg0
// CHECK: scf.for %[[K:.+]] = %[[THREAD]] to %c5250 step %c256
// CHECK: memref.load %[[FLAT]][%[[K]]]
// CHECK: nvvm.shfl.sync
// CHECK: scf.if
// CHECK: memref.store %{{.+}}, %{{.+}} : memref<8xf32, #gpu.address_space<workgroup>>
// CHECK: gpu.barrier
// CHECK: gpu.barrier
// CHECK: scf.if
// CHECK: arith.addf
// CHECK: math.sqrt
// CHECK-NOT: kernel.sync
kernel.func @total(%x: memref<70x75xf32>, %sum: memref<f32>, %root: memref<f32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%sum : memref<f32>)
  linalg.generic {indexing_maps = [#ij, #none], iterator_types = ["reduction", "reduction"]}
      ins(%x : memref<70x75xf32>) outs(%sum : memref<f32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.addf %o, %a : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []}
      ins(%sum : memref<f32>) outs(%root : memref<f32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = math.sqrt %a : f32
    linalg.yield %0 : f32
  }
  kernel.return
}

// Very many elements: several blocks, whose results a second round combines. What comes before stays before.
// CHECK-LABEL: kernel.func @norm(
// CHECK: memref.store %{{.+}}, %arg2[]
// CHECK: kernel.sync
// CHECK: %[[PARTS:.+]] = memref.alloc() : memref<16x1xf64>
// CHECK: scf.forall (%[[CHUNK:.+]], %{{.+}}) in (16, 1) {
// CHECK: step %c4096
// CHECK: memref.store %{{.+}}, %[[PARTS]][%[[CHUNK]], %c0]
// CHECK: mapping = [#gpu.block<linear_dim_1>, #gpu.block<linear_dim_0>]
// CHECK: kernel.sync
// CHECK: scf.forall (%{{.+}}) in (1) {
// CHECK: memref.load %[[PARTS]]
// CHECK: memref.store %{{.+}}, %arg1[]
kernel.func @norm(%x: memref<300x300xf32>, %out: memref<f64>, %count: memref<f64>) {
  %zero = arith.constant 0.0 : f64
  memref.store %zero, %count[] : memref<f64>
  linalg.fill ins(%zero : f64) outs(%out : memref<f64>)
  linalg.generic {indexing_maps = [#ij, #none], iterator_types = ["reduction", "reduction"]}
      ins(%x : memref<300x300xf32>) outs(%out : memref<f64>) {
  ^bb0(%a: f32, %o: f64):
    %0 = arith.extf %a : f32 to f64
    %1 = arith.addf %o, %0 : f64
    linalg.yield %1 : f64
  }
  kernel.return
}

// Few elements are one thread's.
// CHECK-LABEL: kernel.func @few(
// CHECK-NOT: gpu.thread_id
// CHECK: linalg.generic
kernel.func @few(%x: memref<60xf32>, %out: memref<f32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%out : memref<f32>)
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>], iterator_types = ["reduction"]}
      ins(%x : memref<60xf32>) outs(%out : memref<f32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.addf %o, %a : f32
    linalg.yield %0 : f32
  }
  kernel.return
}

// The place of the largest: nothing says how two of them are combined.
// CHECK-LABEL: kernel.func @place(
// CHECK-NOT: gpu.thread_id
// CHECK: linalg.generic
kernel.func @place(%x: memref<700xf32>, %max: memref<f32>, %out: memref<i32>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>, affine_map<(i) -> ()>], iterator_types = ["reduction"]}
      ins(%x : memref<700xf32>) outs(%max, %out : memref<f32>, memref<i32>) {
  ^bb0(%a: f32, %m: f32, %o: i32):
    %0 = linalg.index 0 : index
    %1 = arith.index_cast %0 : index to i32
    %2 = arith.cmpf ogt, %a, %m : f32
    %3 = arith.select %2, %a, %m : f32
    %4 = arith.select %2, %1, %o : i32
    linalg.yield %3, %4 : f32, i32
  }
  kernel.return
}

// A task that reduces what it has written itself.
// CHECK-LABEL: kernel.func @own(
// CHECK-NOT: gpu.thread_id
// CHECK: linalg.generic
kernel.func @own(%x: memref<9x100xf32>, %out: memref<9xf32>) {
  %zero = arith.constant 0.0 : f32
  scf.forall (%i) in (9) {
    %row = memref.subview %x[%i, 0] [1, 100] [1, 1] : memref<9x100xf32> to memref<1x100xf32, strided<[100, 1], offset: ?>>
    %first = memref.subview %x[%i, 0] [1, 1] [1, 1] : memref<9x100xf32> to memref<1x1xf32, strided<[100, 1], offset: ?>>
    %to = memref.subview %out[%i] [1] [1] : memref<9xf32> to memref<1xf32, strided<[1], offset: ?>>
    linalg.fill ins(%zero : f32) outs(%to : memref<1xf32, strided<[1], offset: ?>>)
    linalg.fill ins(%zero : f32) outs(%first : memref<1x1xf32, strided<[100, 1], offset: ?>>)
    linalg.generic {indexing_maps = [#ij, #i], iterator_types = ["parallel", "reduction"]}
        ins(%row : memref<1x100xf32, strided<[100, 1], offset: ?>>) outs(%to : memref<1xf32, strided<[1], offset: ?>>) {
    ^bb0(%a: f32, %o: f32):
      %0 = arith.addf %o, %a : f32
      linalg.yield %0 : f32
    }
  }
  kernel.return
}
