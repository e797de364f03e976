// RUN: nn-opt %s --codegen-vectorize-tiles="vector-bits=256 registers=16" --canonicalize --cse | FileCheck %s

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
// CHECK-DAG: tensor.extract %arg0[%c0, %[[K]]]
// CHECK-DAG: tensor.extract %arg0[%c1, %[[K]]]
// CHECK: scf.yield
// CHECK: math.absf %[[ACC]]#0
// CHECK: vector.transfer_write {{.+}}, %arg2[%c0, %c0]
// CHECK: math.absf %[[ACC]]#1
// CHECK-NOT: transfer_read
// CHECK: return
func.func @product(%a: tensor<2x32xf32>, %b: tensor<32x16xf32>, %out: tensor<2x16xf32>) -> tensor<2x16xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x16xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2x16xf32>) -> tensor<2x16xf32>
  %p = linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<2x32xf32>, tensor<32x16xf32>) outs(%f : tensor<2x16xf32>) {
    ^bb0(%x: f32, %y: f32, %acc: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.addf %acc, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<2x16xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%p : tensor<2x16xf32>) outs(%out : tensor<2x16xf32>) {
    ^bb0(%x: f32, %o: f32):
      %0 = math.absf %x : f32
      linalg.yield %0 : f32
  } -> tensor<2x16xf32>
  return %r : tensor<2x16xf32>
}

// A reduction along rows: partial results in vectors, the rest of the row by itself.
// CHECK-LABEL: func.func @rows
// CHECK: scf.for {{.+}} = %c0 to %c40 step %c8 iter_args
// CHECK: arith.maximumf {{.+}} : vector<8xf32>
// CHECK: vector.transfer_read {{.+}}[%c0, %c40]{{.+}} vector<3xf32>
// CHECK: vector.reduction <maximumf>, {{.+}} : vector<8xf32> into f32
// CHECK: vector.reduction <maximumf>, {{.+}} : vector<3xf32> into f32
// CHECK: tensor.insert
func.func @rows(%x: tensor<1x43xf32>, %out: tensor<1xf32>) -> tensor<1xf32> {
  %r = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<1x43xf32>) outs(%out : tensor<1xf32>) {
    ^bb0(%a: f32, %acc: f32):
      %0 = arith.maximumf %a, %acc : f32
      linalg.yield %0 : f32
  } -> tensor<1xf32>
  return %r : tensor<1xf32>
}

// A gather has no vector form here.
// CHECK-LABEL: func.func @gather
// CHECK: linalg.generic
func.func @gather(%table: tensor<9xf32>, %ids: tensor<8xindex>, %out: tensor<8xf32>) -> tensor<8xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%ids : tensor<8xindex>) outs(%out : tensor<8xf32>) {
    ^bb0(%i: index, %o: f32):
      %0 = tensor.extract %table[%i] : tensor<9xf32>
      linalg.yield %0 : f32
  } -> tensor<8xf32>
  return %r : tensor<8xf32>
}

// A column of the operand is read element by element, and the result is written as a row.
// CHECK-LABEL: func.func @column
// CHECK: %[[A:.+]] = tensor.extract %arg0[%c0, %c0] : tensor<2x2xf32>
// CHECK: %[[B:.+]] = tensor.extract %arg0[%c1, %c0] : tensor<2x2xf32>
// CHECK: %[[V:.+]] = vector.from_elements %[[A]], %[[B]] : vector<2xf32>
// CHECK: vector.transfer_write %[[V]], %arg1[%c0, %c0]
// CHECK: tensor.extract %arg0[%c0, %c1]
// CHECK: tensor.extract %arg0[%c1, %c1]
func.func @column(%x: tensor<2x2xf32>, %out: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<2x2xf32>) outs(%out : tensor<2x2xf32>) {
    ^bb0(%a: f32, %o: f32):
      linalg.yield %a : f32
  } -> tensor<2x2xf32>
  return %r : tensor<2x2xf32>
}

// What is known of a tensor is its rows: a column of it that begins where a row does is read.
// CHECK-LABEL: func.func @row_then_column
// CHECK: %[[ROW:.+]] = math.absf %{{.+}} : vector<2xf32>
// CHECK: %[[W:.+]] = vector.transfer_write %[[ROW]]
// CHECK: %[[ABS:.+]] = vector.transfer_write %{{.+}}, %[[W]]
// CHECK: %[[A:.+]] = tensor.extract %[[ABS]][%c0, %c0]
// CHECK: %[[B:.+]] = tensor.extract %[[ABS]][%c1, %c0]
// CHECK: vector.from_elements %[[A]], %[[B]]
func.func @row_then_column(%x: tensor<2x2xf32>, %abs: tensor<2x2xf32>, %out: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %e = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<2x2xf32>) outs(%abs : tensor<2x2xf32>) {
    ^bb0(%a: f32, %o: f32):
      %0 = math.absf %a : f32
      linalg.yield %0 : f32
  } -> tensor<2x2xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, #id], iterator_types = ["parallel", "parallel"]}
      ins(%e : tensor<2x2xf32>) outs(%out : tensor<2x2xf32>) {
    ^bb0(%a: f32, %o: f32):
      linalg.yield %a : f32
  } -> tensor<2x2xf32>
  return %r : tensor<2x2xf32>
}

// Truth values are bytes in memory and bits in a vector: they are read and written one by one, and used as a mask in between.
// CHECK-LABEL: func.func @truths
// CHECK-NOT: vector.transfer_read %arg0
// CHECK: %[[A:.+]] = tensor.extract %arg0[%c0] : tensor<2xi1>
// CHECK: %[[B:.+]] = tensor.extract %arg0[%c1] : tensor<2xi1>
// CHECK: %[[MASK:.+]] = vector.from_elements %[[A]], %[[B]] : vector<2xi1>
// CHECK: %[[X:.+]] = vector.transfer_read %arg1[%c0]
// CHECK: %[[ABOVE:.+]] = arith.cmpf ogt, %[[X]], %{{.+}} : vector<2xf32>
// CHECK: %[[BOTH:.+]] = arith.andi %[[MASK]], %[[ABOVE]] : vector<2xi1>
// CHECK: %[[CHOSEN:.+]] = arith.select %[[BOTH]], %[[X]], %{{.+}} : vector<2xi1>, vector<2xf32>
// CHECK: %[[FIRST:.+]] = vector.extract %[[BOTH]][0]
// CHECK: tensor.insert %[[FIRST]] into %arg2[%c0] : tensor<2xi1>
// CHECK: tensor.insert {{.+}}[%c1] : tensor<2xi1>
// CHECK: vector.transfer_write %[[CHOSEN]], %arg3[%c0]
func.func @truths(%c: tensor<2xi1>, %x: tensor<2xf32>, %mask: tensor<2xi1>, %out: tensor<2xf32>) -> (tensor<2xi1>, tensor<2xf32>) {
  %zero = arith.constant 0.0 : f32
  %r:2 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
                         iterator_types = ["parallel"]}
      ins(%c, %x : tensor<2xi1>, tensor<2xf32>) outs(%mask, %out : tensor<2xi1>, tensor<2xf32>) {
    ^bb0(%a: i1, %b: f32, %o0: i1, %o1: f32):
      %0 = arith.cmpf ogt, %b, %zero : f32
      %1 = arith.andi %a, %0 : i1
      %2 = arith.select %1, %b, %zero : f32
      linalg.yield %1, %2 : i1, f32
  } -> (tensor<2xi1>, tensor<2xf32>)
  return %r#0, %r#1 : tensor<2xi1>, tensor<2xf32>
}
