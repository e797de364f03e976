// RUN: nn-opt %s --codegen-collapse-elementwise | FileCheck %s

#id = affine_map<(i, j, k) -> (i, j, k)>
#k = affine_map<(i, j, k) -> (k)>

// CHECK-LABEL: func.func @all
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel"]} ins(%{{.+}} : tensor<96xf32>)
func.func @all(%x: tensor<2x6x8xf32>, %e: tensor<2x6x8xf32>) -> tensor<2x6x8xf32> {
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<2x6x8xf32>) outs(%e : tensor<2x6x8xf32>) {
    ^bb0(%a: f32, %o: f32):
      %0 = math.absf %a : f32
      linalg.yield %0 : f32
  } -> tensor<2x6x8xf32>
  return %r : tensor<2x6x8xf32>
}

// A symbolic dimension stays.
// CHECK-LABEL: func.func @symbolic
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel"]} ins(%{{.+}} : tensor<?x48xf32>)
func.func @symbolic(%x: tensor<?x6x8xf32>, %e: tensor<?x6x8xf32>) -> tensor<?x6x8xf32> {
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<?x6x8xf32>) outs(%e : tensor<?x6x8xf32>) {
    ^bb0(%a: f32, %o: f32):
      %0 = math.absf %a : f32
      linalg.yield %0 : f32
  } -> tensor<?x6x8xf32>
  return %r : tensor<?x6x8xf32>
}

// What only some operands have can't be merged with the rest.
// CHECK-LABEL: func.func @broadcast
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "parallel"]}
func.func @broadcast(%x: tensor<2x6x8xf32>, %b: tensor<8xf32>, %e: tensor<2x6x8xf32>) -> tensor<2x6x8xf32> {
  %r = linalg.generic {indexing_maps = [#id, #k, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %b : tensor<2x6x8xf32>, tensor<8xf32>) outs(%e : tensor<2x6x8xf32>) {
    ^bb0(%a: f32, %c: f32, %o: f32):
      %0 = arith.addf %a, %c : f32
      linalg.yield %0 : f32
  } -> tensor<2x6x8xf32>
  return %r : tensor<2x6x8xf32>
}
