// RUN: nn-opt %s --convert-nn-to-linalg --split-input-file | FileCheck %s

// CHECK-DAG: #[[$LHS:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[$RHS:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-DAG: #[[$OUT:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-LABEL: func @matmul
// CHECK-SAME: (%[[N:.*]]: index
// CHECK: %[[E:.*]] = tensor.empty(%[[N]]) : tensor<?x8xf32>
// CHECK: %[[Z:.*]] = linalg.fill ins(%{{.*}} : f32) outs(%[[E]]
// CHECK: linalg.generic {indexing_maps = [#[[$LHS]], #[[$RHS]], #[[$OUT]]], iterator_types = ["parallel", "parallel", "reduction"]}
// CHECK-SAME: outs(%[[Z]]
// CHECK: ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32, %[[C:.*]]: f32)
// CHECK: %[[P:.*]] = arith.mulf %[[A]], %[[B]]
// CHECK: arith.addf %[[C]], %[[P]]
func.func @matmul(%n: index, %a: tensor<?x4xf32>, %b: tensor<8x4xf32>) -> tensor<?x8xf32> {
  %0 = nn.contract "mk,nk->mn" %a, %b : (tensor<?x4xf32>, tensor<8x4xf32>) -> tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}

// -----

// CHECK-LABEL: func @half
// CHECK: linalg.fill {{.*}} -> tensor<2x2xf32>
// CHECK: arith.extf %{{.*}} : bf16 to f32
// CHECK: arith.extf %{{.*}} : bf16 to f32
// CHECK: arith.addf %{{.*}} : f32
// CHECK: arith.truncf %{{.*}} : f32 to bf16
func.func @half(%a: tensor<2x4xbf16>, %b: tensor<4x2xbf16>) -> tensor<2x2xbf16> {
  %0 = nn.contract "mk,kn->mn" %a, %b : (tensor<2x4xbf16>, tensor<4x2xbf16>) -> tensor<2x2xbf16>
  return %0 : tensor<2x2xbf16>
}

// -----

// CHECK-LABEL: func @batched
// CHECK: iterator_types = ["parallel", "parallel", "parallel", "reduction"]
func.func @batched(%a: tensor<3x2x4xf32>, %b: tensor<3x4x5xf32>) -> tensor<3x2x5xf32> {
  %0 = nn.contract "bij,bjk->bik" %a, %b : (tensor<3x2x4xf32>, tensor<3x4x5xf32>) -> tensor<3x2x5xf32>
  return %0 : tensor<3x2x5xf32>
}

// -----

// An inner product of any length is summed in f64.
// CHECK-LABEL: func @inner
// CHECK: linalg.fill {{.*}} -> tensor<2xf64>
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "reduction"]
// CHECK: arith.extf %{{.*}} : f32 to f64
// CHECK: arith.extf %{{.*}} : f32 to f64
// CHECK: arith.addf %{{.*}} : f64
// CHECK: arith.truncf %{{.*}} : f64 to f32
func.func @inner(%n: index, %a: tensor<2x?xf32>, %b: tensor<2x?xf32>) -> tensor<2xf32> {
  %0 = nn.contract "bn,bn->b" %a, %b : (tensor<2x?xf32>, tensor<2x?xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

// A short one is not.
// CHECK-LABEL: func @short
// CHECK-NOT: f64
func.func @short(%a: tensor<2x4096xf32>, %b: tensor<2x4096xf32>) -> tensor<2xf32> {
  %0 = nn.contract "bn,bn->b" %a, %b : (tensor<2x4096xf32>, tensor<2x4096xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

// A long dimension in blocks of equal sizes, whose sums are added in f64.
// CHECK-LABEL: func @long
// CHECK-NOT: extract_slice
// CHECK: %[[A:.*]] = tensor.expand_shape %{{.*}} {{\[}}[0, 1], [2]] {{.*}} into tensor<60x1000x3xf32>
// CHECK: %[[B:.*]] = tensor.expand_shape %{{.*}} {{\[}}[0, 1], [2]] {{.*}} into tensor<60x1000x5xf32>
// CHECK: %[[P:.*]] = linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%[[A]], %[[B]]
// CHECK: -> tensor<60x3x5xf32>
// CHECK: %[[T:.*]] = linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction"]} ins(%[[P]]
// CHECK: arith.extf %{{.*}} : f32 to f64
// CHECK: arith.addf %{{.*}} : f64
// CHECK: linalg.generic {{.*}} ins(%[[T]]
// CHECK: arith.truncf %{{.*}} : f64 to f32
func.func @long(%a: tensor<60000x3xf32>, %b: tensor<60000x5xf32>) -> tensor<3x5xf32> {
  %0 = nn.contract "km,kn->mn" %a, %b : (tensor<60000x3xf32>, tensor<60000x5xf32>) -> tensor<3x5xf32>
  return %0 : tensor<3x5xf32>
}

// -----

// What no nearby count divides leaves a rest. A dynamic size stays what it is.
// CHECK-LABEL: func @rest
// CHECK-SAME: (%[[N:.*]]: index, %[[A:.*]]: tensor<?x10007xbf16>, %[[B:.*]]: tensor<10007x5xbf16>
// CHECK-DAG: %[[RA:.*]] = tensor.extract_slice %[[A]][0, 9216] [%{{.*}}, 791] [1, 1]
// CHECK-DAG: %[[RB:.*]] = tensor.extract_slice %[[B]][9216, 0] [791, 5] [1, 1]
// CHECK-DAG: tensor.expand_shape %{{.*}} into tensor<?x9x1024xbf16>
// CHECK-DAG: tensor.expand_shape %{{.*}} into tensor<9x1024x5xbf16>
// CHECK: -> tensor<9x?x5xf32>
// CHECK: linalg.generic {{.*}} ins(%[[RA]], %[[RB]]
// CHECK: arith.truncf %{{.*}} : f64 to bf16
func.func @rest(%n: index, %a: tensor<?x10007xbf16>, %b: tensor<10007x5xbf16>) -> tensor<?x5xbf16> {
  %0 = nn.contract "mk,kn->mn" %a, %b : (tensor<?x10007xbf16>, tensor<10007x5xbf16>) -> tensor<?x5xbf16>
  return %0 : tensor<?x5xbf16>
}

// -----

// Where nothing is summed it is elementwise code, from no zeros.
// CHECK-LABEL: func @scaled
// CHECK-NOT: linalg.fill
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel"]
// CHECK: %[[P:.*]] = arith.mulf
// CHECK-NEXT: linalg.yield %[[P]]
func.func @scaled(%a: tensor<3x4xf32>, %b: tensor<4xf32>) -> tensor<3x4xf32> {
  %0 = nn.contract "bi,i->bi" %a, %b : (tensor<3x4xf32>, tensor<4xf32>) -> tensor<3x4xf32>
  return %0 : tensor<3x4xf32>
}

// -----

// What may be long is cut into blocks of a size that is known, and what is left.
// CHECK-LABEL: func @any
// CHECK-SAME: (%[[N:.*]]: index, %[[A:.*]]: tensor<?x3xf32>, %[[B:.*]]: tensor<?x5xf32>)
// CHECK: %[[REST:.*]] = arith.remui %[[N]], %{{.*}}
// CHECK: %[[COVERED:.*]] = arith.subi %[[N]], %[[REST]]
// CHECK: %[[T:.*]] = scf.for %[[I:.*]] = %{{.*}} to %[[COVERED]] {{.*}} -> (tensor<3x5xf64>)
// CHECK: tensor.extract_slice %[[A]][%[[I]], 0] [1024, 3] [1, 1]
// CHECK: arith.extf %{{.*}} : f32 to f64
// CHECK: scf.yield %{{.*}} : tensor<3x5xf64>
// CHECK: tensor.extract_slice %[[A]][%[[COVERED]], 0] [%[[REST]], 3] [1, 1]
// CHECK: linalg.generic {{.*}} ins(%[[T]], %{{.*}} : tensor<3x5xf64>, tensor<3x5xf32>)
// CHECK: arith.truncf %{{.*}} : f64 to f32
func.func @any(%n: index, %a: tensor<?x3xf32>, %b: tensor<?x5xf32>) -> tensor<3x5xf32> {
  %0 = nn.contract "km,kn->mn" %a, %b : (tensor<?x3xf32>, tensor<?x5xf32>) -> tensor<3x5xf32>
  return %0 : tensor<3x5xf32>
}

// -----

// Of two such dimensions, a block has as many of the one as make it of about the same size with the other.
// CHECK-LABEL: func @both
// CHECK: scf.for
// CHECK: arith.minui
// CHECK: scf.for
// CHECK: arith.minui
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction", "reduction"]
func.func @both(%n: index, %t: index, %a: tensor<?x?x3xf32>, %b: tensor<?x?x5xf32>) -> tensor<3x5xf32> {
  %0 = nn.contract "btm,btn->mn" %a, %b : (tensor<?x?x3xf32>, tensor<?x?x5xf32>) -> tensor<3x5xf32>
  return %0 : tensor<3x5xf32>
}

// -----

// What counts is the number of products, however many dimensions they are over.
// CHECK-LABEL: func @several
// CHECK: %[[A:.*]] = tensor.expand_shape %{{.*}} {{\[}}[0, 1], [2], [3]] {{.*}} into tensor<20x10x100x3xf32>
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%[[A]],
// CHECK: -> tensor<20x3x5xf32>
// CHECK: arith.extf %{{.*}} : f32 to f64
func.func @several(%a: tensor<200x100x3xf32>, %b: tensor<200x100x5xf32>) -> tensor<3x5xf32> {
  %0 = nn.contract "tkm,tkn->mn" %a, %b : (tensor<200x100x3xf32>, tensor<200x100x5xf32>) -> tensor<3x5xf32>
  return %0 : tensor<3x5xf32>
}

// -----

// CHECK-LABEL: func @several_short
// CHECK-NOT: f64
func.func @several_short(%a: tensor<64x64x3xf32>, %b: tensor<64x64x5xf32>) -> tensor<3x5xf32> {
  %0 = nn.contract "tkm,tkn->mn" %a, %b : (tensor<64x64x3xf32>, tensor<64x64x5xf32>) -> tensor<3x5xf32>
  return %0 : tensor<3x5xf32>
}

// -----

// Sums of so many blocks that they would take much memory are added one after the other.
// CHECK-LABEL: func @large
// CHECK: scf.for {{.*}} -> (tensor<900x900xf64>)
// CHECK: tensor.extract_slice {{.*}} [10, 100, 900] [1, 1, 1]
func.func @large(%a: tensor<200x100x900xf32>, %b: tensor<200x100x900xf32>) -> tensor<900x900xf32> {
  %0 = nn.contract "tkm,tkn->mn" %a, %b : (tensor<200x100x900xf32>, tensor<200x100x900xf32>) -> tensor<900x900xf32>
  return %0 : tensor<900x900xf32>
}

// -----

// Where the products beside a dimension are still many, that beside it is cut, too.
// CHECK-LABEL: func @nested
// CHECK: scf.for
// CHECK: scf.for
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction", "reduction"]
func.func @nested(%a: tensor<6000x5000x3xf32>, %b: tensor<6000x5000x5xf32>) -> tensor<3x5xf32> {
  %0 = nn.contract "tkm,tkn->mn" %a, %b : (tensor<6000x5000x3xf32>, tensor<6000x5000x5xf32>) -> tensor<3x5xf32>
  return %0 : tensor<3x5xf32>
}
