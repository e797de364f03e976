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
