// RUN: nn-opt %s --pass-pipeline="builtin.module(func.func(codegen-vectorize-tiles{vector-bits=256 registers=16}),canonicalize,cse)" | FileCheck %s

#mk = affine_map<(m, n, k) -> (m, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>

// Accumulators are values of the loop; rows of one operand are vectors, elements of the other scalars. What follows reads the accumulators.
// CHECK-LABEL: func.func @product
// CHECK: %[[ZERO:.+]] = arith.constant dense<0.000000e+00> : vector<8xf32>
// CHECK: %[[ACC:.+]]:4 = scf.for %[[K:.+]] = %c0 to %c32 step %c1 iter_args({{.+}} = %[[ZERO]],
// CHECK-DAG: vector.transfer_read %arg1[%[[K]], %c0]
// CHECK-DAG: vector.transfer_read %arg1[%[[K]], %c8]
// CHECK-DAG: memref.load %arg0[%c0, %[[K]]]
// CHECK-DAG: memref.load %arg0[%c1, %[[K]]]
// CHECK: scf.yield
// CHECK-NOT: memref.alloc
// CHECK: math.absf %[[ACC]]#0
// CHECK: vector.transfer_write {{.+}}, %arg2[%c0, %c0]
// CHECK: math.absf %[[ACC]]#1
// CHECK-NOT: transfer_read
// CHECK: return
func.func @product(%a: memref<2x32xf32>, %b: memref<32x16xf32>, %out: memref<2x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = memref.alloc() : memref<2x16xf32>
  linalg.fill ins(%zero : f32) outs(%e : memref<2x16xf32>)
  linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : memref<2x32xf32>, memref<32x16xf32>) outs(%e : memref<2x16xf32>) {
    ^bb0(%x: f32, %y: f32, %acc: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.addf %acc, %0 : f32
      linalg.yield %1 : f32
  }
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%e : memref<2x16xf32>) outs(%out : memref<2x16xf32>) {
    ^bb0(%x: f32, %o: f32):
      %0 = math.absf %x : f32
      linalg.yield %0 : f32
  }
  return
}

// A reduction along rows: partial results in vectors, the rest of the row by itself.
// CHECK-LABEL: func.func @rows
// CHECK: scf.for {{.+}} = %c0 to %c40 step %c8 iter_args
// CHECK: arith.maximumf {{.+}} : vector<8xf32>
// CHECK: vector.transfer_read {{.+}}[%c0, %c40]{{.+}} vector<3xf32>
// CHECK: vector.reduction <maximumf>, {{.+}} : vector<8xf32> into f32
// CHECK: vector.reduction <maximumf>, {{.+}} : vector<3xf32> into f32
// CHECK: memref.store
func.func @rows(%x: memref<1x43xf32>, %out: memref<1xf32>) {
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<1x43xf32>) outs(%out : memref<1xf32>) {
    ^bb0(%a: f32, %acc: f32):
      %0 = arith.maximumf %a, %acc : f32
      linalg.yield %0 : f32
  }
  return
}

// A gather has no vector form here.
// CHECK-LABEL: func.func @gather
// CHECK: linalg.generic
func.func @gather(%table: memref<9xf32>, %ids: memref<8xindex>, %out: memref<8xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%ids : memref<8xindex>) outs(%out : memref<8xf32>) {
    ^bb0(%i: index, %o: f32):
      %0 = memref.load %table[%i] : memref<9xf32>
      linalg.yield %0 : f32
  }
  return
}

// A column of the operand is read element by element, and the result is written as a row.
// CHECK-LABEL: func.func @column
// CHECK: %[[A:.+]] = memref.load %arg0[%c0, %c0] : memref<2x2xf32>
// CHECK: %[[B:.+]] = memref.load %arg0[%c1, %c0] : memref<2x2xf32>
// CHECK: %[[V:.+]] = vector.from_elements %[[A]], %[[B]] : vector<2xf32>
// CHECK: vector.transfer_write %[[V]], %arg1[%c0, %c0]
// CHECK: memref.load %arg0[%c0, %c1]
// CHECK: memref.load %arg0[%c1, %c1]
func.func @column(%x: memref<2x2xf32>, %out: memref<2x2xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<2x2xf32>) outs(%out : memref<2x2xf32>) {
    ^bb0(%a: f32, %o: f32):
      linalg.yield %a : f32
  }
  return
}

// What is known of a buffer of the tile's own is its rows: a column of it that begins where a row does is read.
// CHECK-LABEL: func.func @row_then_column
// CHECK: %[[ROW:.+]] = math.absf %{{.+}} : vector<2xf32>
// CHECK: vector.transfer_write %[[ROW]], %[[ABS:[^ ]+]][
// CHECK: vector.transfer_write %{{.+}}, %[[ABS]][
// CHECK: %[[A:.+]] = memref.load %[[ABS]][%c0, %c0]
// CHECK: %[[B:.+]] = memref.load %[[ABS]][%c1, %c0]
// CHECK: vector.from_elements %[[A]], %[[B]]
func.func @row_then_column(%x: memref<2x2xf32>, %out: memref<2x2xf32>) {
  %abs = memref.alloc() : memref<2x2xf32>
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<2x2xf32>) outs(%abs : memref<2x2xf32>) {
    ^bb0(%a: f32, %o: f32):
      %0 = math.absf %a : f32
      linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, #id], iterator_types = ["parallel", "parallel"]}
      ins(%abs : memref<2x2xf32>) outs(%out : memref<2x2xf32>) {
    ^bb0(%a: f32, %o: f32):
      linalg.yield %a : f32
  }
  return
}

// Truth values are read and written in vectors like other elements, and used as a mask in between.
// CHECK-LABEL: func.func @truths
// CHECK: %[[MASK:.+]] = vector.transfer_read %arg0[%c0], %{{.+}} {in_bounds = [true]} : memref<2xi1>, vector<2xi1>
// CHECK: %[[X:.+]] = vector.transfer_read %arg1[%c0]
// CHECK: %[[ABOVE:.+]] = arith.cmpf ogt, %[[X]], %{{.+}} : vector<2xf32>
// CHECK: %[[BOTH:.+]] = arith.andi %[[MASK]], %[[ABOVE]] : vector<2xi1>
// CHECK: %[[CHOSEN:.+]] = arith.select %[[BOTH]], %[[X]], %{{.+}} : vector<2xi1>, vector<2xf32>
// CHECK: vector.transfer_write %[[BOTH]], %arg2[%c0] {in_bounds = [true]} : vector<2xi1>, memref<2xi1>
// CHECK: vector.transfer_write %[[CHOSEN]], %arg3[%c0]
func.func @truths(%c: memref<2xi1>, %x: memref<2xf32>, %mask: memref<2xi1>, %out: memref<2xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
                         iterator_types = ["parallel"]}
      ins(%c, %x : memref<2xi1>, memref<2xf32>) outs(%mask, %out : memref<2xi1>, memref<2xf32>) {
    ^bb0(%a: i1, %b: f32, %o0: i1, %o1: f32):
      %0 = arith.cmpf ogt, %b, %zero : f32
      %1 = arith.andi %a, %0 : i1
      %2 = arith.select %1, %b, %zero : f32
      linalg.yield %1, %2 : i1, f32
  }
  return
}

// A row of symbolic size is combined by vectors, then by elements.
// CHECK-LABEL: func.func @symbolic
// CHECK: %[[SIZE:.+]] = memref.dim %arg0, %c1
// CHECK: %[[UNITS:.+]] = arith.divui %[[SIZE]], %c8
// CHECK: %[[WHOLE:.+]] = arith.muli %[[UNITS]], %c8
// CHECK: scf.for {{.+}} = %c0 to %[[WHOLE]] step %c8 iter_args({{.+}}) -> (vector<8xf32>)
// CHECK: scf.for {{.+}} = %[[WHOLE]] to %[[SIZE]] step %c1 iter_args({{.+}}) -> (vector<1xf32>)
// CHECK: memref.store
func.func @symbolic(%x: memref<1x?xf32>, %out: memref<1xf32>) {
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<1x?xf32>) outs(%out : memref<1xf32>) {
    ^bb0(%a: f32, %acc: f32):
      %0 = arith.addf %a, %acc : f32
      linalg.yield %0 : f32
  }
  return
}

// Windows: elements of the operand, each read once for all accumulators that use it.
// CHECK-LABEL: func.func @windows
// CHECK: scf.for %[[I:.+]] = %c0 to %c3 step %c1
// CHECK-DAG: %[[NEXT:.+]] = arith.addi %[[I]], %c1
// CHECK-DAG: memref.load %arg0[%[[I]]]
// CHECK-DAG: memref.load %arg0[%[[NEXT]]]
// CHECK-DAG: vector.transfer_read %arg1[%[[I]], %c0]
// CHECK: scf.yield
func.func @windows(%x: memref<4xf32>, %f: memref<3x8xf32>, %out: memref<2x8xf32>) {
  linalg.generic {indexing_maps = [affine_map<(w, k, i) -> (w + i)>, affine_map<(w, k, i) -> (i, k)>,
                                   affine_map<(w, k, i) -> (w, k)>], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %f : memref<4xf32>, memref<3x8xf32>) outs(%out : memref<2x8xf32>) {
    ^bb0(%a: f32, %b: f32, %acc: f32):
      %0 = arith.mulf %a, %b : f32
      %1 = arith.addf %acc, %0 : f32
      linalg.yield %1 : f32
  }
  return
}

// A square that is read by columns is read by rows and transposed.
// CHECK-LABEL: func.func @transposed
// CHECK-NOT: memref.load
// CHECK-COUNT-8: vector.transfer_read
// CHECK-NOT: memref.load
// CHECK-COUNT-24: vector.shuffle
// CHECK-COUNT-8: vector.transfer_write
func.func @transposed(%a: memref<8x8xf32, strided<[100, 1]>>, %b: memref<8x8xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, #id],
                  iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<8x8xf32, strided<[100, 1]>>) outs(%b : memref<8x8xf32>) {
  ^bb0(%x: f32, %o: f32):
    linalg.yield %x : f32
  }
  return
}

// Dot products side by side: what one row reads, the next one uses. Few rows go in parts, too.
// CHECK-LABEL: func.func @dots
// CHECK: scf.for {{.+}} = %c0 to %c64 step %c16 iter_args
// CHECK-COUNT-2: vector.transfer_read
// CHECK-COUNT-1: arith.mulf
// CHECK-COUNT-1: vector.transfer_read
// CHECK-COUNT-1: arith.mulf
// CHECK-COUNT-2: vector.transfer_read
// CHECK-COUNT-1: arith.mulf
// CHECK-COUNT-1: vector.transfer_read
// CHECK-COUNT-1: arith.mulf
// CHECK-NOT: vector.transfer_read
// CHECK: scf.yield {{.+}} : vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>
// CHECK: arith.addf {{.+}} : vector<8xf32>
// CHECK: vector.reduction <add>, {{.+}} : vector<8xf32> into f32
// CHECK: memref.store
// CHECK: arith.addf {{.+}} : vector<8xf32>
// CHECK: vector.reduction <add>, {{.+}} : vector<8xf32> into f32
// CHECK: memref.store
// CHECK-NOT: vector.reduction
// CHECK: return
func.func @dots(%a: memref<2x64xf32>, %b: memref<64xf32>, %out: memref<2xf32>) {
  linalg.generic {indexing_maps = [#id, affine_map<(i, j) -> (j)>, #row], iterator_types = ["parallel", "reduction"]}
      ins(%a, %b : memref<2x64xf32>, memref<64xf32>) outs(%out : memref<2xf32>) {
    ^bb0(%x: f32, %y: f32, %acc: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.addf %acc, %0 : f32
      linalg.yield %1 : f32
  }
  return
}
