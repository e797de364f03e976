// RUN: nn-opt %s --pass-pipeline="builtin.module(func.func(codegen-tile-and-fuse{vector-bits=256 registers=16}),cse)" | FileCheck %s
// RUN: nn-opt %s --pass-pipeline="builtin.module(func.func(codegen-tile-and-fuse{vector-bits=256 registers=16 parallel-flops=1024}))" | FileCheck %s --check-prefix=PARALLEL

#mk = affine_map<(m, n, k) -> (m, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#col = affine_map<(i, j) -> (j)>

// The contraction and its fill are computed within the tile of what follows; nothing of the full size is stored in between.
// CHECK-LABEL: func.func @dense
// CHECK-NOT: tensor.empty() : tensor<32x48xf32>
// CHECK: scf.for
// CHECK: scf.for
// CHECK: tensor.empty() : tensor<4x24xf32>
// CHECK: linalg.fill
// CHECK: linalg.generic {{.*}} "reduction"]} {{.*}} outs(%{{.+}} : tensor<4x24xf32>)
// CHECK: linalg.generic {{.*}} ["parallel", "parallel"]} {{.*}} outs(%{{.+}} : tensor<4x24xf32>)
// CHECK: tensor.insert_slice
// PARALLEL-LABEL: func.func @dense
// PARALLEL: scf.forall (%{{.+}}) = (0) to (32) step (4) shared_outs(%{{.+}} = %arg3)
// PARALLEL: scf.for
// PARALLEL: linalg.fill
// PARALLEL: tensor.parallel_insert_slice {{.*}} [4, 48] [1, 1]
// PARALLEL-NOT: scf.forall
// PARALLEL: return
func.func @dense(%x: tensor<32x96xf32>, %w: tensor<96x48xf32>, %b: tensor<48xf32>, %out: tensor<32x48xf32>) -> tensor<32x48xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<32x48xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<32x48xf32>) -> tensor<32x48xf32>
  %p = linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<32x96xf32>, tensor<96x48xf32>) outs(%f : tensor<32x48xf32>) {
    ^bb0(%a: f32, %c: f32, %acc: f32):
      %0 = arith.mulf %a, %c : f32
      %1 = arith.addf %acc, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<32x48xf32>
  %r = linalg.generic {indexing_maps = [#id, #col, #id], iterator_types = ["parallel", "parallel"]}
      ins(%p, %b : tensor<32x48xf32>, tensor<48xf32>) outs(%out : tensor<32x48xf32>) {
    ^bb0(%a: f32, %c: f32, %o: f32):
      %0 = arith.addf %a, %c : f32
      linalg.yield %0 : f32
  } -> tensor<32x48xf32>
  return %r : tensor<32x48xf32>
}

// Remainders get loops, and shapes, of their own.
// CHECK-LABEL: func.func @remainder
// CHECK: linalg.generic {{.*}} outs(%{{.+}} : tensor<32xf32>)
// CHECK: linalg.generic {{.*}} outs(%{{.+}} : tensor<13xf32>)
func.func @remainder(%x: tensor<45xf32>, %out: tensor<45xf32>) -> tensor<45xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : tensor<45xf32>) outs(%out : tensor<45xf32>) {
    ^bb0(%a: f32, %o: f32):
      %0 = math.absf %a : f32
      linalg.yield %0 : f32
  } -> tensor<45xf32>
  return %r : tensor<45xf32>
}

// Symbolic rows of an elementwise operation are taken one at a time; whether threads share them is decided when it is known.
// PARALLEL-LABEL: func.func @symbolic
// PARALLEL: %[[WORTH:.+]] = arith.cmpi uge
// PARALLEL: %[[STEP:.+]] = arith.select %[[WORTH]]
// PARALLEL: scf.forall (%{{.+}}) = (0) to (%{{.+}}) step (%[[STEP]])
// CHECK-LABEL: func.func @symbolic
// CHECK: scf.for {{.*}} step %c1
// CHECK: linalg.generic {{.*}} outs(%{{.+}} : tensor<1x24xf32>)
func.func @symbolic(%x: tensor<?x24xf32>, %out: tensor<?x24xf32>) -> tensor<?x24xf32> {
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<?x24xf32>) outs(%out : tensor<?x24xf32>) {
    ^bb0(%a: f32, %o: f32):
      %0 = math.absf %a : f32
      linalg.yield %0 : f32
  } -> tensor<?x24xf32>
  return %r : tensor<?x24xf32>
}

// A symbolic row is taken by tiles, by vectors, by elements.
// CHECK-LABEL: func.func @symbolicRow
// CHECK: linalg.generic {{.*}} outs(%{{.+}} : tensor<32xf32>)
// CHECK: linalg.generic {{.*}} outs(%{{.+}} : tensor<8xf32>)
// CHECK: linalg.generic {{.*}} outs(%{{.+}} : tensor<1xf32>)
func.func @symbolicRow(%x: tensor<?xf32>, %out: tensor<?xf32>) -> tensor<?xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : tensor<?xf32>) outs(%out : tensor<?xf32>) {
    ^bb0(%a: f32, %o: f32):
      %0 = math.absf %a : f32
      linalg.yield %0 : f32
  } -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// Within a loop of the program, as around it.
// CHECK-LABEL: func.func @loop
// CHECK: scf.for
// CHECK-NOT: tensor<64x64xf32>) outs
// CHECK: scf.for
// CHECK: linalg.generic {{.*}} outs(%{{.+}} : tensor<1x32xf32>)
func.func @loop(%x: tensor<64x64xf32>, %n: index) -> tensor<64x64xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %t = %c0 to %n step %c1 iter_args(%h = %x) -> (tensor<64x64xf32>) {
    %next = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]} outs(%h : tensor<64x64xf32>) {
      ^bb0(%o: f32):
        %0 = math.absf %o : f32
        linalg.yield %0 : f32
    } -> tensor<64x64xf32>
    scf.yield %next : tensor<64x64xf32>
  }
  return %r : tensor<64x64xf32>
}

// Windows: a tile reads what all of its windows cover.
// CHECK-LABEL: func.func @convolution
// CHECK: scf.for
// CHECK: tensor.extract_slice %arg0[%{{.+}}, %{{.+}}, %{{.+}}, 0] [1, 3, 7, 3]
// CHECK: linalg.generic {{.*}} outs(%{{.+}} : tensor<1x1x5x16xf32>)
func.func @convolution(%x: tensor<2x12x12x3xf32>, %f: tensor<3x3x3x16xf32>, %out: tensor<2x10x10x16xf32>) -> tensor<2x10x10x16xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(b, h, w, k, i, j, c) -> (b, h + i, w + j, c)>,
                                        affine_map<(b, h, w, k, i, j, c) -> (i, j, c, k)>,
                                        affine_map<(b, h, w, k, i, j, c) -> (b, h, w, k)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%x, %f : tensor<2x12x12x3xf32>, tensor<3x3x3x16xf32>) outs(%out : tensor<2x10x10x16xf32>) {
    ^bb0(%a: f32, %b: f32, %sum: f32):
      %0 = arith.mulf %a, %b : f32
      %1 = arith.addf %sum, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<2x10x10x16xf32>
  return %r : tensor<2x10x10x16xf32>
}

// What moves many bytes is shared, however little it computes: 64 elements of 8 bytes.
// PARALLEL-LABEL: func.func @moved
// PARALLEL: scf.forall (%{{.+}}) in (16)
func.func @moved(%x: tensor<16x4xf32>, %out: tensor<16x4xf32>) -> tensor<16x4xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<16x4xf32>) outs(%out : tensor<16x4xf32>) {
    ^bb0(%a: f32, %o: f32):
      %1 = arith.negf %a : f32
      linalg.yield %1 : f32
  } -> tensor<16x4xf32>
  return %0 : tensor<16x4xf32>
}

// The same loops, but no operand that has them all: only the operations count.
// PARALLEL-LABEL: func.func @stays
// PARALLEL-NOT: scf.forall
// PARALLEL: return
func.func @stays(%x: tensor<16xf32>, %y: tensor<4xf32>, %out: tensor<16xf32>) -> tensor<16xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%x, %y : tensor<16xf32>, tensor<4xf32>) outs(%out : tensor<16xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %1 = arith.maximumf %a, %b : f32
      %2 = arith.maximumf %o, %1 : f32
      linalg.yield %2 : f32
  } -> tensor<16xf32>
  return %0 : tensor<16xf32>
}
