// RUN: nn-opt %s --codegen-fuse-elementwise | FileCheck %s
// RUN: nn-opt %s --pass-pipeline='builtin.module(func.func(codegen-fuse-elementwise{max-operations=4}))' \
// RUN:   | FileCheck %s --check-prefix=SHORT

#id = affine_map<(i, j) -> (i, j)>
#col = affine_map<(i, j) -> (j)>
#row = affine_map<(i, j) -> (i)>

// Weight and moment end in one operation with two results.
// CHECK-LABEL: func.func @update
// CHECK: %[[R:.+]]:2 = linalg.generic
// CHECK-NOT: linalg.generic
// CHECK: return %[[R]]#1, %[[R]]#0
func.func @update(%w: tensor<8x8xf32>, %m: tensor<8x8xf32>, %g: tensor<8x8xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>) {
  %e = tensor.empty() : tensor<8x8xf32>
  %m1 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%m, %g : tensor<8x8xf32>, tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %0 = arith.addf %a, %b : f32
      %1 = math.sqrt %0 : f32
      linalg.yield %1 : f32
  } -> tensor<8x8xf32>
  %w1 = linalg.sub ins(%w, %m1 : tensor<8x8xf32>, tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %w1, %m1 : tensor<8x8xf32>, tensor<8x8xf32>
}

// Bias and relu become one operation, which a contraction's tile can take in; the contraction stays alone. Its second reader gets a
// result of the fused operation.
// CHECK-LABEL: func.func @dense
// CHECK: %[[P:.+]] = linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction"]
// CHECK: %[[F:.+]]:2 = linalg.generic {{.*}} ins(%[[P]], %{{.+}} : tensor<4x8xf32>, tensor<8xf32>)
// CHECK: arith.addf
// CHECK: arith.maximumf
// CHECK: linalg.generic {{.*}} ins(%[[F]]#0 : tensor<4x8xf32>)
// CHECK: math.absf
func.func @dense(%x: tensor<4x3xf32>, %w: tensor<3x8xf32>, %b: tensor<8xf32>) -> (tensor<4x8xf32>, tensor<8xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  %p = linalg.matmul ins(%x, %w : tensor<4x3xf32>, tensor<3x8xf32>) outs(%f : tensor<4x8xf32>) -> tensor<4x8xf32>
  %bb = linalg.broadcast ins(%b : tensor<8xf32>) outs(%e : tensor<4x8xf32>) dimensions = [0]
  %z = linalg.add ins(%p, %bb : tensor<4x8xf32>, tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  %r = linalg.max ins(%z, %f : tensor<4x8xf32>, tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  %e1 = tensor.empty() : tensor<8xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<8xf32>) -> tensor<8xf32>
  %sum = linalg.generic {indexing_maps = [#id, #col], iterator_types = ["reduction", "parallel"]}
      ins(%z : tensor<4x8xf32>) outs(%f1 : tensor<8xf32>) {
    ^bb0(%a: f32, %o: f32):
      %0 = math.absf %a : f32
      %1 = arith.addf %0, %o : f32
      linalg.yield %1 : f32
  } -> tensor<8xf32>
  return %r, %sum : tensor<4x8xf32>, tensor<8xf32>
}

// What is expensive isn't repeated for every element of a larger space.
// CHECK-LABEL: func.func @rows
// CHECK: %[[L:.+]] = linalg.generic {{.*}} iterator_types = ["parallel"]
// CHECK: math.log
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel"]} ins(%{{.+}}, %[[L]]
// CHECK-NOT: math.log
// CHECK: return
func.func @rows(%x: tensor<4x8xf32>, %s: tensor<4xf32>) -> tensor<4x8xf32> {
  %e1 = tensor.empty() : tensor<4xf32>
  %l = linalg.log ins(%s : tensor<4xf32>) outs(%e1 : tensor<4xf32>) -> tensor<4xf32>
  %e = tensor.empty() : tensor<4x8xf32>
  %b = linalg.broadcast ins(%l : tensor<4xf32>) outs(%e : tensor<4x8xf32>) dimensions = [1]
  %r = linalg.sub ins(%x, %b : tensor<4x8xf32>, tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %r : tensor<4x8xf32>
}

// No buffer holds the windows of a convolution, nor of a pool, whose loops get their sizes from an operand that isn't read.
// CHECK-LABEL: func.func @windows
// CHECK-NOT: tensor<2x10x10x3x3x4xf32>
// CHECK: linalg.generic {{.*}} ins(%arg0, %arg1 :
// CHECK: %[[SIZES:.+]] = tensor.empty() : tensor<3x3xi8>
// CHECK: linalg.generic {{.*}} ins(%arg0, %[[SIZES]] :
func.func @windows(%x: tensor<2x12x12x4xf32>, %f: tensor<3x3x4x8xf32>, %sums: tensor<2x10x10x8xf32>, %pool: tensor<2x10x10x4xf32>)
    -> (tensor<2x10x10x8xf32>, tensor<2x10x10x4xf32>) {
  %e = tensor.empty() : tensor<2x10x10x3x3x4xf32>
  %windows = linalg.generic {indexing_maps = [affine_map<(b, h, w, i, j, c) -> (b, h + i, w + j, c)>,
                                              affine_map<(b, h, w, i, j, c) -> (b, h, w, i, j, c)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%x : tensor<2x12x12x4xf32>) outs(%e : tensor<2x10x10x3x3x4xf32>) {
    ^bb0(%a: f32, %o: f32):
      linalg.yield %a : f32
  } -> tensor<2x10x10x3x3x4xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(b, h, w, k, i, j, c) -> (b, h, w, i, j, c)>,
                                        affine_map<(b, h, w, k, i, j, c) -> (i, j, c, k)>,
                                        affine_map<(b, h, w, k, i, j, c) -> (b, h, w, k)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%windows, %f : tensor<2x10x10x3x3x4xf32>, tensor<3x3x4x8xf32>) outs(%sums : tensor<2x10x10x8xf32>) {
    ^bb0(%a: f32, %b: f32, %sum: f32):
      %0 = arith.mulf %a, %b : f32
      %1 = arith.addf %sum, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<2x10x10x8xf32>
  %m = linalg.generic {indexing_maps = [affine_map<(b, h, w, c, i, j) -> (b, h, w, i, j, c)>,
                                        affine_map<(b, h, w, c, i, j) -> (b, h, w, c)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]}
      ins(%windows : tensor<2x10x10x3x3x4xf32>) outs(%pool : tensor<2x10x10x4xf32>) {
    ^bb0(%a: f32, %max: f32):
      %0 = arith.maximumf %max, %a : f32
      linalg.yield %0 : f32
  } -> tensor<2x10x10x4xf32>
  return %r, %m : tensor<2x10x10x8xf32>, tensor<2x10x10x4xf32>
}

// A chain longer than an operation may be ends in several, which are equal.
// CHECK-LABEL: func.func @chain
// CHECK-COUNT-1: linalg.generic
// CHECK-NOT: linalg.generic
// SHORT-LABEL: func.func @chain
// SHORT: linalg.generic
// SHORT: math.sin
// SHORT-NEXT: math.cos
// SHORT-NEXT: math.sin
// SHORT-NEXT: math.cos
// SHORT-NEXT: linalg.yield
// SHORT: linalg.generic
// SHORT: math.sin
// SHORT-NEXT: math.cos
// SHORT-NEXT: linalg.yield
// SHORT-NOT: linalg.generic
// SHORT: return
func.func @chain(%x: tensor<8xf32>) -> tensor<8xf32> {
  %e = tensor.empty() : tensor<8xf32>
  %sin0 = linalg.map { math.sin } ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>)
  %cos0 = linalg.map { math.cos } ins(%sin0 : tensor<8xf32>) outs(%e : tensor<8xf32>)
  %sin1 = linalg.map { math.sin } ins(%cos0 : tensor<8xf32>) outs(%e : tensor<8xf32>)
  %cos1 = linalg.map { math.cos } ins(%sin1 : tensor<8xf32>) outs(%e : tensor<8xf32>)
  %sin2 = linalg.map { math.sin } ins(%cos1 : tensor<8xf32>) outs(%e : tensor<8xf32>)
  %cos2 = linalg.map { math.cos } ins(%sin2 : tensor<8xf32>) outs(%e : tensor<8xf32>)
  return %cos2 : tensor<8xf32>
}

// An elementwise result in another shape and its only user are one: the user runs over the loops of the first.
// CHECK-LABEL: func.func @other_shape
// CHECK-SAME: (%[[X:.+]]: tensor<?x3x2x5xf32>, %[[MASK:.+]]: tensor<?x6x5xi1>
// CHECK: %[[M:.+]] = tensor.expand_shape %[[MASK]] {{\[}}[0], [1, 2], [3]{{\]}} output_shape [%{{.+}}, 3, 2, 5] : tensor<?x6x5xi1> into tensor<?x3x2x5xi1>
// CHECK: %[[R:.+]] = linalg.generic {{.+}} ins(%[[M]], %[[X]] :
// CHECK: math.absf
// CHECK: arith.select
// CHECK-NOT: linalg.generic
// CHECK: tensor.collapse_shape %[[R]]
func.func @other_shape(%x: tensor<?x3x2x5xf32>, %mask: tensor<?x6x5xi1>, %e: tensor<?x3x2x5xf32>, %out: tensor<?x6x5xf32>) -> tensor<?x6x5xf32> {
  %zero = arith.constant 0.0 : f32
  %a = linalg.generic {indexing_maps = [affine_map<(b, h, i, c) -> (b, h, i, c)>, affine_map<(b, h, i, c) -> (b, h, i, c)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x : tensor<?x3x2x5xf32>) outs(%e : tensor<?x3x2x5xf32>) {
    ^bb0(%v: f32, %o: f32):
      %0 = math.absf %v : f32
      linalg.yield %0 : f32
  } -> tensor<?x3x2x5xf32>
  %flat = tensor.collapse_shape %a [[0], [1, 2], [3]] : tensor<?x3x2x5xf32> into tensor<?x6x5xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(b, h, c) -> (b, h, c)>, affine_map<(b, h, c) -> (b, h, c)>, affine_map<(b, h, c) -> (b, h, c)>], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%mask, %flat : tensor<?x6x5xi1>, tensor<?x6x5xf32>) outs(%out : tensor<?x6x5xf32>) {
    ^bb0(%m: i1, %v: f32, %o: f32):
      %0 = arith.select %m, %v, %zero : f32
      linalg.yield %0 : f32
  } -> tensor<?x6x5xf32>
  return %r : tensor<?x6x5xf32>
}

// What is read where it lies and looked up as well is complete before its reader begins: the two stay apart, also where other
// readers come after. A single cheap operation is computed again where it is read, and looked up where it was.
// CHECK-LABEL: func.func @lookup
// CHECK: %[[H:.+]] = linalg.generic {{.*}} ins(%arg0 : tensor<4x8xf32>)
// CHECK: math.exp
// CHECK: %[[Y:.+]] = linalg.generic {{.*}} ins(%[[H]] : tensor<4x8xf32>)
// CHECK: tensor.extract %[[H]]
// CHECK-NOT: math.sqrt
// CHECK: %[[S:.+]] = linalg.generic {{.*}} ins(%[[H]] : tensor<4x8xf32>)
// CHECK: math.sqrt
// CHECK: %[[N:.+]] = linalg.generic {{.*}} ins(%arg0 : tensor<4x8xf32>)
// CHECK: arith.negf
// CHECK: %[[Z:.+]] = linalg.generic {{.*}} ins(%arg0 : tensor<4x8xf32>)
// CHECK: arith.negf
// CHECK: tensor.extract %[[N]]
// CHECK: return %[[Y]], %[[S]], %[[Z]]
func.func @lookup(%x: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) {
  %seven = arith.constant 7 : index
  %e = tensor.empty() : tensor<4x8xf32>
  %h = linalg.exp ins(%x : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%h : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) {
    ^bb0(%a: f32, %o: f32):
      %i = linalg.index 0 : index
      %j = linalg.index 1 : index
      %k = arith.subi %seven, %j : index
      %0 = tensor.extract %h[%i, %k] : tensor<4x8xf32>
      %1 = arith.addf %a, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<4x8xf32>
  %s = linalg.sqrt ins(%h : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  %n = linalg.negf ins(%x : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  %z = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%n : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) {
    ^bb0(%a: f32, %o: f32):
      %i = linalg.index 0 : index
      %j = linalg.index 1 : index
      %k = arith.subi %seven, %j : index
      %0 = tensor.extract %n[%i, %k] : tensor<4x8xf32>
      %1 = arith.addf %a, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<4x8xf32>
  return %y, %s, %z : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
}

// What is narrow is kept, not what is computed from it in f32: all readers widen `%h`, and both divide again.
// CHECK-LABEL: func.func @narrow
// CHECK: %[[H:.+]] = linalg.generic {{.*}} outs(%{{.+}} : tensor<4x8xbf16>)
// CHECK-NOT: outs({{.*}}tensor<4x8xf32>
// CHECK: linalg.generic {{.*}} ins(%[[H]], %{{.+}} : tensor<4x8xbf16>, tensor<4xf32>)
// CHECK: arith.extf
// CHECK: arith.divf
// CHECK: -> tensor<4xf32>
// CHECK-NOT: outs({{.*}}tensor<4x8xf32>
// CHECK: linalg.generic {{.*}} ins(%[[H]], %{{.+}} : tensor<4x8xbf16>, tensor<4xf32>)
// CHECK: arith.extf
// CHECK: arith.divf
// CHECK: math.exp
// CHECK: -> tensor<4x8xbf16>
// CHECK: return
func.func @narrow(%x: tensor<4x8xbf16>, %s: tensor<4xf32>, %zero: tensor<4xf32>) -> (tensor<4x8xbf16>, tensor<4xf32>, tensor<4x8xbf16>) {
  %e = tensor.empty() : tensor<4x8xbf16>
  %f = tensor.empty() : tensor<4x8xf32>
  %h = linalg.exp ins(%x : tensor<4x8xbf16>) outs(%e : tensor<4x8xbf16>) -> tensor<4x8xbf16>
  %wide = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%h : tensor<4x8xbf16>) outs(%f : tensor<4x8xf32>) {
    ^bb0(%a: bf16, %o: f32):
      %0 = arith.extf %a : bf16 to f32
      linalg.yield %0 : f32
  } -> tensor<4x8xf32>
  %scaled = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%wide, %s : tensor<4x8xf32>, tensor<4xf32>) outs(%f : tensor<4x8xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %0 = arith.divf %a, %b : f32
      linalg.yield %0 : f32
  } -> tensor<4x8xf32>
  %sum = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%scaled : tensor<4x8xf32>) outs(%zero : tensor<4xf32>) {
    ^bb0(%a: f32, %o: f32):
      %0 = arith.addf %a, %o : f32
      linalg.yield %0 : f32
  } -> tensor<4xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%scaled : tensor<4x8xf32>) outs(%e : tensor<4x8xbf16>) {
    ^bb0(%a: f32, %o: bf16):
      %0 = math.exp %a : f32
      %1 = arith.truncf %0 : f32 to bf16
      linalg.yield %1 : bf16
  } -> tensor<4x8xbf16>
  return %h, %sum, %r : tensor<4x8xbf16>, tensor<4xf32>, tensor<4x8xbf16>
}

// A sum in f32 is no wide result of its own: what is narrow and read there alone is no buffer.
// CHECK-LABEL: func.func @narrow_sum
// CHECK-NOT: outs({{.*}}tensor<4x8xbf16>
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "reduction"]} ins(%arg0 : tensor<4x8xbf16>)
// CHECK: math.exp
// CHECK: arith.addf
func.func @narrow_sum(%x: tensor<4x8xbf16>, %y: tensor<4x8xf32>, %zero: tensor<4xf32>) -> tensor<4x8xf32> {
  %e = tensor.empty() : tensor<4x8xbf16>
  %f = tensor.empty() : tensor<4x8xf32>
  %h = linalg.exp ins(%x : tensor<4x8xbf16>) outs(%e : tensor<4x8xbf16>) -> tensor<4x8xbf16>
  %sum = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%h : tensor<4x8xbf16>) outs(%zero : tensor<4xf32>) {
    ^bb0(%a: bf16, %o: f32):
      %0 = arith.extf %a : bf16 to f32
      %1 = arith.addf %0, %o : f32
      linalg.yield %1 : f32
  } -> tensor<4xf32>
  %r = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y, %sum : tensor<4x8xf32>, tensor<4xf32>) outs(%f : tensor<4x8xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %0 = arith.divf %a, %b : f32
      linalg.yield %0 : f32
  } -> tensor<4x8xf32>
  return %r : tensor<4x8xf32>
}

// Where a reader needs the wide result itself, here who called, it is kept, and the others read it.
// CHECK-LABEL: func.func @wide
// CHECK: %[[W:.+]] = linalg.generic {{.*}} ins(%arg0, %arg1 : tensor<4x8xbf16>, tensor<4xf32>)
// CHECK: arith.divf
// CHECK: -> tensor<4x8xf32>
// CHECK-NOT: arith.divf
// CHECK: linalg.generic {{.*}} ins(%[[W]] : tensor<4x8xf32>)
// CHECK-NOT: arith.divf
// CHECK: return %[[W]]
func.func @wide(%x: tensor<4x8xbf16>, %s: tensor<4xf32>, %zero: tensor<4xf32>) -> (tensor<4x8xf32>, tensor<4xf32>) {
  %f = tensor.empty() : tensor<4x8xf32>
  %scaled = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x, %s : tensor<4x8xbf16>, tensor<4xf32>) outs(%f : tensor<4x8xf32>) {
    ^bb0(%a: bf16, %b: f32, %o: f32):
      %0 = arith.extf %a : bf16 to f32
      %1 = arith.divf %0, %b : f32
      linalg.yield %1 : f32
  } -> tensor<4x8xf32>
  %sum = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%scaled : tensor<4x8xf32>) outs(%zero : tensor<4xf32>) {
    ^bb0(%a: f32, %o: f32):
      %0 = arith.addf %a, %o : f32
      linalg.yield %0 : f32
  } -> tensor<4xf32>
  return %scaled, %sum : tensor<4x8xf32>, tensor<4xf32>
}

// A comparison of each with each is made where it is read, for each row of a batch again; a square root isn't.
// CHECK-LABEL: func.func @pairs
// CHECK-NOT: tensor<8x8xi1>
// CHECK: %[[ROOTS:.+]] = linalg.generic {{.*}} outs(%{{.+}} : tensor<8x8xf32>)
// CHECK-NOT: tensor<8x8xi1>
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction"]} ins(%arg0, %arg0, %[[ROOTS]], %arg1 :
// CHECK: arith.cmpf
func.func @pairs(%i: tensor<8xf32>, %x: tensor<4x8xf32>, %zero: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %e = tensor.empty() : tensor<8x8xi1>
  %f = tensor.empty() : tensor<8x8xf32>
  %comes = linalg.generic {indexing_maps = [#row, #col, #id], iterator_types = ["parallel", "parallel"]}
      ins(%i, %i : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8x8xi1>) {
    ^bb0(%a: f32, %b: f32, %o: i1):
      %0 = arith.cmpf olt, %a, %b : f32
      linalg.yield %0 : i1
  } -> tensor<8x8xi1>
  %roots = linalg.generic {indexing_maps = [#row, #col, #id], iterator_types = ["parallel", "parallel"]}
      ins(%i, %i : tensor<8xf32>, tensor<8xf32>) outs(%f : tensor<8x8xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %0 = arith.mulf %a, %b : f32
      %1 = math.sqrt %0 : f32
      linalg.yield %1 : f32
  } -> tensor<8x8xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(b, i, j) -> (i, j)>, affine_map<(b, i, j) -> (i, j)>, affine_map<(b, i, j) -> (b, j)>,
                                        affine_map<(b, i, j) -> (b, i)>], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%comes, %roots, %x : tensor<8x8xi1>, tensor<8x8xf32>, tensor<4x8xf32>) outs(%zero : tensor<4x8xf32>) {
    ^bb0(%flag: i1, %root: f32, %a: f32, %o: f32):
      %0 = arith.select %flag, %a, %root : f32
      %1 = arith.addf %o, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<4x8xf32>
  return %r : tensor<4x8xf32>
}

// What is computed in one dimension of size 1 less is broadcast from there: `%x` keeps its own shape, and `%a`, which reads it
// element by element, is fused.
// CHECK-LABEL: func.func @unit_dimension
// CHECK-NOT: tensor<4x1x8xf32>
// CHECK: %[[ROWS:.+]] = tensor.collapse_shape
// CHECK: linalg.generic {{.*}} ins(%arg0, %[[ROWS]] : tensor<4x8xf32>, tensor<4xf32>)
// CHECK: math.absf
// CHECK: arith.mulf
func.func @unit_dimension(%x: tensor<4x8xf32>, %s: tensor<4x1xf32>) -> tensor<4x8xf32> {
  %small = tensor.empty() : tensor<4x1xf32>
  %e = tensor.empty() : tensor<4x8xf32>
  %root = linalg.sqrt ins(%s : tensor<4x1xf32>) outs(%small : tensor<4x1xf32>) -> tensor<4x1xf32>
  %rows = tensor.collapse_shape %root [[0, 1]] : tensor<4x1xf32> into tensor<4xf32>
  %a = linalg.abs ins(%x : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  %r = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a, %rows : tensor<4x8xf32>, tensor<4xf32>) outs(%e : tensor<4x8xf32>) {
    ^bb0(%v: f32, %by: f32, %o: f32):
      %0 = arith.mulf %v, %by : f32
      linalg.yield %0 : f32
  } -> tensor<4x8xf32>
  return %r : tensor<4x8xf32>
}
