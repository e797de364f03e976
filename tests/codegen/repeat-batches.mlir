// RUN: nn-opt %s --codegen-repeat-batches | FileCheck %s

// What one entry does for a batch, it does for several; what fetches a batch doesn't read beyond
// the table.
train.program @m dims ["batch", "rows", "width"] batch 0 rows 1
    entries [@m.step, @m.evaluate.0, @m.evaluate.1, @m.drawn, @m.update, @m.prepare] totals 2 results 0 {
  train.field "x" : tensor<?x?xf32> dims ["batch", "width"]
  train.field "label" : tensor<?xi32> dims ["batch"]
  train.collected "0" : tensor<?xi32> dims ["batch"]
}

kernel.func @use(%step: i64, %draw: i64, %x: memref<?x?xf32>, %label: memref<?xi32>, %loss: memref<f64>) {
  kernel.return
}
kernel.func @add(%example: i64, %label: memref<4xi32>, %a: memref<f64>, %b: memref<f64>) {
  kernel.return
}

// Symbolic sizes stay with the arguments that hold them; that of all rows is new.
// CHECK-LABEL: func.func @m.step(
// CHECK-SAME: %[[BATCH:.+]]: index {train.bind = #train.bind<dim, 0>}, %[[WIDE:.+]]: index {train.bind = #train.bind<dim, 2>},
// CHECK-SAME: %[[STEP:.+]]: i64 {{.*}}<step, 0>}, %[[DRAW:.+]]: i64 {{.*}}<draw, 0>}, %[[PASSES:.+]]: index {{.*}}<passes, 0>},
// CHECK-SAME: %[[PLACE:.+]]: index {{.*}}<place, 0>}, %{{.+}}: index {{.*}}<width, 0>}, %{{.+}}: index {{.*}}<dim, 1>},
// CHECK-SAME: %[[X:.+]]: memref<?x?xf32> {{.*}}<table, 0>}, %[[LABEL:.+]]: memref<?xi32> {{.*}}<table, 1>},
// CHECK-SAME: %[[LOSSES:.+]]: memref<?x?xf64> {{.*}}<loss, 0>}, %[[ORDER:.+]]: memref<?xi32> {{.*}}<order, 0>})
// CHECK-SAME: nn.argument_dims = [array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64: 7, 1>, array<i64: 7>, array<i64: 4, 6>, array<i64: 7>]
// CHECK-DAG: %[[XS:.+]] = memref.alloc(%[[BATCH]], %[[WIDE]])
// CHECK-DAG: %[[LABELS:.+]] = memref.alloc(%[[BATCH]])
// CHECK: kernel.call @m.step.gather(%[[PLACE]], %[[ORDER]], %[[X]] : {{.*}}) to (%[[XS]] :
// CHECK: kernel.call @m.step.gather_0(%[[PLACE]], %[[ORDER]], %[[LABEL]] : {{.*}}) to (%[[LABELS]] :
// CHECK: scf.for %[[PASS:.+]] = %{{.+}} to %[[PASSES]]
// CHECK: %[[NUMBER:.+]] = arith.addi %[[STEP]],
// CHECK: %[[NEXT:.+]] = arith.addi %[[DRAW]],
// CHECK: kernel.call @use(%[[NUMBER]], %[[NEXT]], %[[XS]], %[[LABELS]] :
// CHECK: %[[SLOT:.+]] = memref.subview %[[LOSSES]][%[[PASS]], 0] [1, 1] [1, 1]
// CHECK: memref.copy %{{.+}}, %[[SLOT]]
// CHECK: arith.minui
// CHECK: arith.muli %{{.+}}, %[[BATCH]]
// CHECK: kernel.call @m.step.gather(
// CHECK: kernel.call @m.step.gather_0(
// CHECK: {nnc.batches}
func.func @m.step(%n: index {train.bind = #train.bind<dim, 0>}, %w: index {train.bind = #train.bind<dim, 2>},
                  %step: i64 {train.bind = #train.bind<step, 0>}, %draw: i64 {train.bind = #train.bind<draw, 0>},
                  %x: memref<?x?xf32> {train.bind = #train.bind<field, 0>}, %label: memref<?xi32> {train.bind = #train.bind<field, 1>},
                  %loss: memref<f64> {train.bind = #train.bind<loss, 0>})
    attributes {nn.entry = "step", nn.argument_dims = [array<i64>, array<i64>, array<i64>, array<i64>, array<i64: 0, 1>, array<i64: 0>, array<i64>]} {
  kernel.call @use(%step, %draw, %x, %label : i64, i64, memref<?x?xf32>, memref<?xi32>) to (%loss : memref<f64>)
  return
}

// The first example of a batch is a batch further on in each pass; totals have a row each.
// CHECK-LABEL: func.func @m.evaluate.0(
// CHECK-SAME: memref<?x?xf64> {train.bind = #train.bind<partial, 0>}, %{{.+}}: memref<?x?xf64> {train.bind = #train.bind<partial, 1>}
// CHECK-DAG: %[[FOUR:.+]] = arith.constant 4 : index
// CHECK: scf.for %[[PASS:.+]] =
// CHECK: %[[BEFORE:.+]] = arith.muli %[[PASS]], %[[FOUR]] : index
// CHECK: arith.index_cast %[[BEFORE]] : index to i64
// CHECK: kernel.call @add(
// CHECK-COUNT-2: memref.copy
func.func @m.evaluate.0(%example: i64 {train.bind = #train.bind<example, 0>}, %label: memref<4xi32> {train.bind = #train.bind<field, 1>},
                        %a: memref<f64> {train.bind = #train.bind<partial, 0>}, %b: memref<f64> {train.bind = #train.bind<partial, 1>})
    attributes {nn.entry = "evaluate.0", train.dims = array<i64: 4, 0, 0>, nn.argument_dims = [array<i64>, array<i64>, array<i64>, array<i64>]} {
  kernel.call @add(%example, %label : i64, memref<4xi32>) to (%a, %b : memref<f64>, memref<f64>)
  return
}

// What is collected lies in rows of its own length: batch by batch.
// CHECK-LABEL: func.func @m.evaluate.1(
// CHECK-SAME: memref<4xi32> {train.bind = #train.bind<collected, 0>})
// CHECK-NOT: scf.for
func.func @m.evaluate.1(%label: memref<4xi32> {train.bind = #train.bind<field, 1>}, %rows: memref<4xi32> {train.bind = #train.bind<collected, 0>})
    attributes {nn.entry = "evaluate.1", train.dims = array<i64: 4, 0, 0>, nn.argument_dims = [array<i64>, array<i64>]} {
  memref.copy %label, %rows : memref<4xi32> to memref<4xi32>
  return
}

// Without fields there is nothing to fetch.
// CHECK-LABEL: func.func @m.drawn(
// CHECK-NOT: order
// CHECK: scf.for
// CHECK-NOT: gather
// CHECK: {nnc.batches}
func.func @m.drawn(%n: index {train.bind = #train.bind<dim, 0>}, %step: i64 {train.bind = #train.bind<step, 0>}, %loss: memref<f64> {train.bind = #train.bind<loss, 0>})
    attributes {nn.entry = "step.drawn", nn.argument_dims = [array<i64>, array<i64>, array<i64>]} {
  %x = memref.alloc() : memref<4xi32>
  kernel.call @add(%step, %x : i64, memref<4xi32>) to (%loss, %loss : memref<f64>, memref<f64>)
  return
}

// Others are as they were.
// CHECK-LABEL: func.func @m.update(
// CHECK-NOT: scf.for
func.func @m.update(%step: i64 {train.bind = #train.bind<step, 0>}) attributes {nn.entry = "update", nn.argument_dims = [array<i64>]} {
  return
}
// CHECK-LABEL: func.func @m.prepare(
// CHECK-SAME: memref<4xf32> {train.bind = #train.bind<field, 0>}
func.func @m.prepare(%x: memref<4xf32> {train.bind = #train.bind<field, 0>}) attributes {nn.entry = "prepare", nn.argument_dims = [array<i64>]} {
  return
}
