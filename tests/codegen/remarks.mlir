// What passes say of the planner's decisions, at the operations that these are about.
// RUN: nn-opt %s --pass-pipeline='builtin.module(func.func(codegen-fuse-elementwise{max-operands=6}, codegen-pack-contractions), codegen-outline-kernels, kernel.func(codegen-tile-and-fuse))' \
// RUN:   '--remarks-filter=codegen.*' --remark-format=emitRemark --verify-diagnostics -o /dev/null

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>

func.func @chain(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>, %c: tensor<8x8xf32>, %d: tensor<8x8xf32>)
    -> tensor<8x8xf32> attributes {nn.entry = "predict"} {
  %e = tensor.empty() : tensor<8x8xf32>
  // expected-remark@+1 {{"fused into what reads it"}}
  %x = linalg.add ins(%a, %b : tensor<8x8xf32>, tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  // expected-remark@+1 {{Reason="both have more than 6 operands"}}
  %y = linalg.mul ins(%x, %c : tensor<8x8xf32>, tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %z = linalg.sub ins(%y, %d : tensor<8x8xf32>, tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %z : tensor<8x8xf32>
}

func.func @readers(%a: tensor<8xf32>, %b: tensor<8x8xf32>) -> (tensor<8x8xf32>, tensor<8xf32>)
    attributes {nn.entry = "predict"} {
  %zero = arith.constant 0.0 : f32
  %e1 = tensor.empty() : tensor<8xf32>
  %e = tensor.empty() : tensor<8x8xf32>
  // expected-remark@+1 {{Reason="its elements would be computed more than once"}}
  %x = linalg.exp ins(%a : tensor<8xf32>) outs(%e1 : tensor<8xf32>) -> tensor<8xf32>
  %y = linalg.generic {indexing_maps = [#row, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x, %b : tensor<8xf32>, tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) {
    ^bb0(%v: f32, %w: f32, %o: f32):
      %0 = arith.mulf %v, %w : f32
      linalg.yield %0 : f32
  } -> tensor<8x8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e1 : tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{Reason="it reduces"}}
  %s = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%b : tensor<8x8xf32>) outs(%f : tensor<8xf32>) {
    ^bb0(%v: f32, %acc: f32):
      %0 = arith.addf %acc, %v : f32
      linalg.yield %0 : f32
  } -> tensor<8xf32>
  %t = linalg.tanh ins(%s : tensor<8xf32>) outs(%e1 : tensor<8xf32>) -> tensor<8xf32>
  return %y, %t : tensor<8x8xf32>, tensor<8xf32>
}

func.func @lookup(%a: tensor<8xf32>) -> tensor<8xf32> attributes {nn.entry = "predict"} {
  %seven = arith.constant 7 : index
  %e = tensor.empty() : tensor<8xf32>
  // expected-remark@+1 {{Reason="its reader looks its elements up, too"}}
  %x = linalg.exp ins(%a : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) {
    ^bb0(%v: f32, %o: f32):
      %i = linalg.index 0 : index
      %k = arith.subi %seven, %i : index
      %0 = tensor.extract %x[%k] : tensor<8xf32>
      %1 = arith.addf %v, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// The right side is read along its rows: it is copied first. The contraction stays apart from two readers.
func.func @product(%a: tensor<4x3xf32>, %b: tensor<8x3xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>)
    attributes {nn.entry = "predict"} {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  // expected-remark@+3 {{Remark="operand 2 is copied, transposed"}}
  // expected-remark@+2 {{Reason="it has more than one reader"}}
  // expected-remark@+1 {{Blocks="none: its right side fits the first cache", Remark="contraction of 4 x 8 x 3 in tiles of 4 x 8", Threads="one: it is a single tile"}}
  %p = linalg.generic {indexing_maps = [#mk, #nk, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<4x3xf32>, tensor<8x3xf32>) outs(%f : tensor<4x8xf32>) {
    ^bb0(%x: f32, %y: f32, %acc: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.addf %acc, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<4x8xf32>
  %x = linalg.exp ins(%p : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  %y = linalg.tanh ins(%p : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %x, %y : tensor<4x8xf32>, tensor<4x8xf32>
}

// What runs once is not spoken of.
func.func @first(%a: tensor<8x8xf32>) -> tensor<8x8xf32> attributes {nn.entry = "init"} {
  %e = tensor.empty() : tensor<8x8xf32>
  %x = linalg.exp ins(%a : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %y = linalg.tanh ins(%x : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %y : tensor<8x8xf32>
}
