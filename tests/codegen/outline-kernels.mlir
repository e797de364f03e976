// RUN: nn-opt %s --codegen-outline-kernels --split-input-file | FileCheck %s
// RUN: nn-opt %s --codegen-outline-kernels=fold=false --split-input-file | FileCheck %s --check-prefix=ALONE

// Equal operations on different tensors are one kernel; another power of two makes another.
// CHECK-LABEL: kernel.func @step.kernel.0(
// CHECK-SAME: %[[X:[^:]+]]: tensor<64xf32>, %[[OUT:[^:]+]]: tensor<64xf32>) -> tensor<64xf32> {
// CHECK: %[[TWO:.+]] = arith.constant 2.0
// CHECK: linalg.generic {{.*}} ins(%[[X]] : {{.*}} outs(%[[OUT]] :
// CHECK: arith.mulf %{{.+}}, %[[TWO]]
// CHECK-LABEL: kernel.func @step.kernel.1(
// CHECK: arith.constant 4.0
// CHECK-LABEL: func.func @step(
// CHECK-SAME: %[[X:[^:]+]]: tensor<64xf32>, %[[Y:[^:]+]]: tensor<64xf32>
// CHECK-NOT: linalg.generic
// CHECK: %[[A:.+]] = kernel.call @step.kernel.0(%[[X]] :
// CHECK: %[[B:.+]] = kernel.call @step.kernel.0(%[[Y]] :
// CHECK: %[[C:.+]] = kernel.call @step.kernel.1(%[[B]] :
// CHECK: return %[[A]], %[[C]]
// ALONE-LABEL: func.func @step(
// ALONE: kernel.call @step.kernel.0(
// ALONE: kernel.call @step.kernel.1(
// ALONE: kernel.call @step.kernel.2(
#id = affine_map<(i) -> (i)>
func.func @step(%x: tensor<64xf32>, %y: tensor<64xf32>) -> (tensor<64xf32>, tensor<64xf32>)
    attributes {nn.entry = "step"} {
  %two = arith.constant 2.0 : f32
  %four = arith.constant 4.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<64xf32>) outs(%e : tensor<64xf32>) {
  ^bb0(%v: f32, %o: f32):
    %0 = arith.mulf %v, %two : f32
    linalg.yield %0 : f32
  } -> tensor<64xf32>
  %b = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%y : tensor<64xf32>) outs(%e : tensor<64xf32>) {
  ^bb0(%v: f32, %o: f32):
    %0 = arith.mulf %v, %two : f32
    linalg.yield %0 : f32
  } -> tensor<64xf32>
  %c = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%b : tensor<64xf32>) outs(%e : tensor<64xf32>) {
  ^bb0(%v: f32, %o: f32):
    %0 = arith.mulf %v, %four : f32
    linalg.yield %0 : f32
  } -> tensor<64xf32>
  return %a, %c : tensor<64xf32>, tensor<64xf32>
}

// -----

// Other numbers are handed over, each use by itself: two that differ are one kernel, and it makes no
// difference whether a number happens to be another one as well. What an exponent is stays known.
// CHECK-LABEL: kernel.func @update.kernel.0(
// CHECK-SAME: %[[W:[^:]+]]: tensor<64xf32>, %[[RATE:[^:]+]]: f32, %[[DECAY:[^:]+]]: f32, %[[OUT:[^:]+]]: tensor<64xf32>)
// CHECK-NEXT: %[[FIVE:.+]] = arith.constant 5.0
// CHECK-NEXT: linalg.generic
// CHECK: %[[A:.+]] = arith.mulf %{{.+}}, %[[RATE]]
// CHECK: %[[B:.+]] = arith.subf %[[A]], %[[DECAY]]
// CHECK: math.powf %[[B]], %[[FIVE]]
// CHECK-NOT: kernel.func
// CHECK-LABEL: func.func @update(
// CHECK: kernel.call @update.kernel.0(%{{.+}}, %[[THREE:cst[_0-9]*]], %[[NEXT:cst[_0-9]*]] :
// CHECK: kernel.call @update.kernel.0(
#id = affine_map<(i) -> (i)>
func.func @update(%x: tensor<64xf32>, %y: tensor<64xf32>) -> (tensor<64xf32>, tensor<64xf32>)
    attributes {nn.entry = "step"} {
  %three = arith.constant 3.0 : f32
  %five = arith.constant 5.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<64xf32>) outs(%e : tensor<64xf32>) {
  ^bb0(%v: f32, %o: f32):
    %0 = arith.mulf %v, %three : f32
    %1 = arith.subf %0, %three : f32
    %2 = math.powf %1, %five : f32
    linalg.yield %2 : f32
  } -> tensor<64xf32>
  %b = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%y : tensor<64xf32>) outs(%e : tensor<64xf32>) {
  ^bb0(%v: f32, %o: f32):
    %0 = arith.mulf %v, %five : f32
    %1 = arith.subf %0, %three : f32
    %2 = math.powf %1, %five : f32
    linalg.yield %2 : f32
  } -> tensor<64xf32>
  return %a, %b : tensor<64xf32>, tensor<64xf32>
}

// -----

// A contraction that only the elementwise operation reads is computed with it, from its fill on; scalars are inputs.
// CHECK-LABEL: kernel.func @predict.kernel.0(
// CHECK-SAME: %[[A:[^:]+]]: tensor<4x8xf32>, %[[B:[^:]+]]: tensor<8x16xf32>, %[[S:[^:]+]]: f32, %[[OUT:[^:]+]]: tensor<4x16xf32>)
// CHECK: %[[E:.+]] = tensor.empty() : tensor<4x16xf32>
// CHECK: %[[Z:.+]] = linalg.fill {{.*}} outs(%[[E]] :
// CHECK: %[[M:.+]] = linalg.matmul ins(%[[A]], %[[B]] : {{.*}} outs(%[[Z]] :
// CHECK: linalg.generic {{.*}} ins(%[[M]] : {{.*}} outs(%[[OUT]] :
// CHECK: arith.mulf %{{.+}}, %[[S]]
// CHECK-LABEL: func.func @predict(
// CHECK-NOT: linalg
// CHECK: kernel.call
// CHECK-NOT: kernel.call
#id2 = affine_map<(i, j) -> (i, j)>
func.func @predict(%a: tensor<4x8xf32>, %b: tensor<8x16xf32>, %s: f32) -> tensor<4x16xf32>
    attributes {nn.entry = "predict"} {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x16xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4x16xf32>) -> tensor<4x16xf32>
  %m = linalg.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x16xf32>) outs(%f : tensor<4x16xf32>) -> tensor<4x16xf32>
  %r = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]}
      ins(%m : tensor<4x16xf32>) outs(%e : tensor<4x16xf32>) {
  ^bb0(%v: f32, %o: f32):
    %0 = arith.mulf %v, %s : f32
    linalg.yield %0 : f32
  } -> tensor<4x16xf32>
  return %r : tensor<4x16xf32>
}

// -----

// A loop of the program stays, as a loop of calls; one that moves elements alone is a kernel. What training begins with
// runs once.
// CHECK-LABEL: kernel.func @init.kernel.0(
// CHECK-SAME: attributes {once}
// CHECK: linalg.exp
// CHECK-LABEL: kernel.func @init.kernel.1(
// CHECK-SAME: attributes {once}
// CHECK: scf.for
// CHECK: tensor.insert
// CHECK-LABEL: func.func @init(
// CHECK: scf.for
// CHECK: kernel.call @init.kernel.0(
// CHECK: kernel.call @init.kernel.1(
func.func @init(%x: tensor<8xf32>, %v: f32, %n: index) -> tensor<8xf32> attributes {nn.entry = "init"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.empty() : tensor<8xf32>
  %r = scf.for %t = %c0 to %n step %c1 iter_args(%h = %x) -> (tensor<8xf32>) {
    %a = linalg.exp ins(%h : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
    scf.yield %a : tensor<8xf32>
  }
  %s = scf.for %t = %c0 to %n step %c1 iter_args(%h = %r) -> (tensor<8xf32>) {
    %a = tensor.insert %v into %h[%t] : tensor<8xf32>
    scf.yield %a : tensor<8xf32>
  }
  return %s : tensor<8xf32>
}

// -----

// In what runs once, whole numbers in which kernels differ are inputs; those in which they agree aren't.
// CHECK-LABEL: kernel.func @draw.kernel.0(
// CHECK-SAME: %{{.+}}: tensor<8xi32>, %[[KEY:.+]]: i32, %{{.+}}: tensor<8xi32>) -> tensor<8xi32> attributes {once}
// CHECK-NEXT: %[[SEVEN:.+]] = arith.constant 7 : i32
// CHECK-NEXT: linalg.generic
// CHECK: arith.xori %{{.+}}, %[[KEY]]
// CHECK: arith.muli %{{.+}}, %[[SEVEN]]
// CHECK-NOT: kernel.func
// CHECK-LABEL: func.func @draw(
// CHECK: kernel.call @draw.kernel.0(%{{.+}}, %c11_i32{{[_0-9]*}} : tensor<8xi32>, i32) to
// CHECK: kernel.call @draw.kernel.0(%{{.+}}, %c12_i32{{[_0-9]*}} : tensor<8xi32>, i32) to
#id = affine_map<(i) -> (i)>
func.func @draw(%x: tensor<8xi32>) -> (tensor<8xi32>, tensor<8xi32>) attributes {nn.entry = "init"} {
  %seven = arith.constant 7 : i32
  %c11 = arith.constant 11 : i32
  %c12 = arith.constant 12 : i32
  %e = tensor.empty() : tensor<8xi32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<8xi32>) outs(%e : tensor<8xi32>) {
  ^bb0(%v: i32, %o: i32):
    %0 = arith.xori %v, %c11 : i32
    %1 = arith.muli %0, %seven : i32
    linalg.yield %1 : i32
  } -> tensor<8xi32>
  %b = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<8xi32>) outs(%e : tensor<8xi32>) {
  ^bb0(%v: i32, %o: i32):
    %0 = arith.xori %v, %c12 : i32
    %1 = arith.muli %0, %seven : i32
    linalg.yield %1 : i32
  } -> tensor<8xi32>
  return %a, %b : tensor<8xi32>, tensor<8xi32>
}
