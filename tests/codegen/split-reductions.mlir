// RUN: nn-opt %s --codegen-split-reductions=least-work=1024 --split-input-file | FileCheck %s

// A sum to few results becomes one of a part each, and one of the parts; what is fused into it stays.
// CHECK-DAG: #[[$WHOLE:.+]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-DAG: #[[$PART:.+]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-LABEL: func.func @sum
// CHECK-SAME: (%[[X:.+]]: tensor<9x67x5xf32>, %[[Y:.+]]: tensor<5xf64>)
// CHECK: %[[E:.+]] = tensor.empty() : tensor<9x5xf64>
// CHECK: %[[Z:.+]] = linalg.fill ins(%{{.+}} : f64) outs(%[[E]] : tensor<9x5xf64>)
// CHECK: %[[P:.+]] = linalg.generic {indexing_maps = [#[[$WHOLE]], #[[$PART]]], iterator_types = ["parallel", "reduction", "parallel"]} ins(%[[X]] : tensor<9x67x5xf32>) outs(%[[Z]] : tensor<9x5xf64>)
// CHECK: arith.extf
// CHECK: %[[T:.+]] = linalg.generic {{.+}} iterator_types = ["reduction", "parallel"]} ins(%[[P]] : tensor<9x5xf64>) outs(%[[Y]] : tensor<5xf64>)
// CHECK-NOT: arith.extf
// CHECK: return %[[T]]
func.func @sum(%x: tensor<9x67x5xf32>, %y: tensor<5xf64>) -> tensor<5xf64> {
  %0 = linalg.generic {indexing_maps = [affine_map<(b, p, c) -> (b, p, c)>, affine_map<(b, p, c) -> (c)>], iterator_types = ["reduction", "reduction", "parallel"]}
      ins(%x : tensor<9x67x5xf32>) outs(%y : tensor<5xf64>) {
    ^bb0(%a: f32, %o: f64):
      %1 = arith.extf %a : f32 to f64
      %2 = arith.addf %o, %1 : f64
      linalg.yield %2 : f64
  } -> tensor<5xf64>
  return %0 : tensor<5xf64>
}

// -----

// The gradient of a small filter, of a number of images that isn't known: the images' loop goes outermost.
// CHECK-DAG: #[[$WINDOW:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1 + d3, d4)>
// CHECK-DAG: #[[$PLACE:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d3, d2)>
// CHECK-DAG: #[[$FILTER:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>
// CHECK-LABEL: func.func @filter
// CHECK: %[[N:.+]] = tensor.dim %arg0, %c0
// CHECK: tensor.empty(%[[N]]) : tensor<?x3x7xf32>
// CHECK: linalg.generic {indexing_maps = [#[[$WINDOW]], #[[$PLACE]], #[[$FILTER]]], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]}
// CHECK: linalg.generic {{.+}} iterator_types = ["reduction", "parallel", "parallel"]}
func.func @filter(%x: tensor<?x131x1xf32>, %dy: tensor<?x129x7xf32>, %df: tensor<3x7xf32>) -> tensor<3x7xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(i, k, b, p, c) -> (b, p + i, c)>, affine_map<(i, k, b, p, c) -> (b, p, k)>, affine_map<(i, k, b, p, c) -> (i, k)>],
                       iterator_types = ["parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%x, %dy : tensor<?x131x1xf32>, tensor<?x129x7xf32>) outs(%df : tensor<3x7xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %1 = arith.mulf %a, %b : f32
      %2 = arith.addf %o, %1 : f32
      linalg.yield %2 : f32
  } -> tensor<3x7xf32>
  return %0 : tensor<3x7xf32>
}

// -----

#in = affine_map<(b, p, c) -> (b, p, c)>
#out = affine_map<(b, p, c) -> (c)>

// Few parts, parts of few terms, and many results stay as they are; so does one loop.
// CHECK-LABEL: func.func @stay
// CHECK-COUNT-4: linalg.generic
// CHECK-NOT: linalg.generic
func.func @stay(%few: tensor<7x67x5xf32>, %thin: tensor<9x63x67xf32>, %wide: tensor<9x67x1025xf32>, %one: tensor<10007xf32>,
                %a: tensor<5xf32>, %b: tensor<67xf32>, %c: tensor<1025xf32>, %d: tensor<f32>)
    -> (tensor<5xf32>, tensor<67xf32>, tensor<1025xf32>, tensor<f32>) {
  %0 = linalg.generic {indexing_maps = [#in, #out], iterator_types = ["reduction", "reduction", "parallel"]}
      ins(%few : tensor<7x67x5xf32>) outs(%a : tensor<5xf32>) {
    ^bb0(%x: f32, %o: f32):
      %s = arith.addf %o, %x : f32
      linalg.yield %s : f32
  } -> tensor<5xf32>
  %1 = linalg.generic {indexing_maps = [#in, #out], iterator_types = ["reduction", "reduction", "parallel"]}
      ins(%thin : tensor<9x63x67xf32>) outs(%b : tensor<67xf32>) {
    ^bb0(%x: f32, %o: f32):
      %s = arith.addf %o, %x : f32
      linalg.yield %s : f32
  } -> tensor<67xf32>
  %2 = linalg.generic {indexing_maps = [#in, #out], iterator_types = ["reduction", "reduction", "parallel"]}
      ins(%wide : tensor<9x67x1025xf32>) outs(%c : tensor<1025xf32>) {
    ^bb0(%x: f32, %o: f32):
      %s = arith.addf %o, %x : f32
      linalg.yield %s : f32
  } -> tensor<1025xf32>
  %3 = linalg.generic {indexing_maps = [affine_map<(p) -> (p)>, affine_map<(p) -> ()>], iterator_types = ["reduction"]}
      ins(%one : tensor<10007xf32>) outs(%d : tensor<f32>) {
    ^bb0(%x: f32, %o: f32):
      %s = arith.addf %o, %x : f32
      linalg.yield %s : f32
  } -> tensor<f32>
  return %0, %1, %2, %3 : tensor<5xf32>, tensor<67xf32>, tensor<1025xf32>, tensor<f32>
}
