// The same for any batch and any number of passes.
#mk = affine_map<(m, n, k) -> (m, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#col = affine_map<(i, j) -> (j)>
func.func @lstm(%n: index, %t: index, %x: tensor<?x?x28xf32> {nn.dims = array<i64: 0, 1>}, %w: tensor<124x384xf32>, %b: tensor<384xf32>) -> (tensor<?x?x96xf32> {nn.dims = array<i64: 0, 1>}, tensor<?x?x384xf32> {nn.dims = array<i64: 1, 0>}) attributes {nn.entry = "predict"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %e = tensor.empty(%n) : tensor<?x96xf32>
  %h0 = linalg.fill ins(%zero : f32) outs(%e : tensor<?x96xf32>) -> tensor<?x96xf32>
  %s0 = tensor.empty(%n, %t) : tensor<?x?x96xf32>
  %g0 = tensor.empty(%t, %n) : tensor<?x?x384xf32>
  %r:4 = scf.for %i = %c0 to %t step %c1 iter_args(%h = %h0, %c = %h0, %s = %s0, %gs = %g0) -> (tensor<?x96xf32>, tensor<?x96xf32>, tensor<?x?x96xf32>, tensor<?x?x384xf32>) {
    %xt = tensor.extract_slice %x[0, %i, 0] [%n, 1, 28] [1, 1, 1] : tensor<?x?x28xf32> to tensor<?x28xf32>
    %ec = tensor.empty(%n) : tensor<?x124xf32>
    %cc0 = tensor.insert_slice %xt into %ec[0, 0] [%n, 28] [1, 1] : tensor<?x28xf32> into tensor<?x124xf32>
    %cc = tensor.insert_slice %h into %cc0[0, 28] [%n, 96] [1, 1] : tensor<?x96xf32> into tensor<?x124xf32>
    %ez = tensor.empty(%n) : tensor<?x384xf32>
    %fz = linalg.fill ins(%zero : f32) outs(%ez : tensor<?x384xf32>) -> tensor<?x384xf32>
    %p = linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%cc, %w : tensor<?x124xf32>, tensor<124x384xf32>) outs(%fz : tensor<?x384xf32>) {
      ^bb0(%a: f32, %q: f32, %acc: f32):
        %0 = arith.mulf %a, %q : f32
        %1 = arith.addf %acc, %0 : f32
        linalg.yield %1 : f32
    } -> tensor<?x384xf32>
    %z = linalg.generic {indexing_maps = [#id, #col, #id], iterator_types = ["parallel", "parallel"]}
        ins(%p, %b : tensor<?x384xf32>, tensor<384xf32>) outs(%ez : tensor<?x384xf32>) {
      ^bb0(%a: f32, %q: f32, %o: f32):
        %0 = arith.addf %a, %q : f32
        linalg.yield %0 : f32
    } -> tensor<?x384xf32>
    %zi = tensor.extract_slice %z[0, 0] [%n, 96] [1, 1] : tensor<?x384xf32> to tensor<?x96xf32>
    %zf = tensor.extract_slice %z[0, 96] [%n, 96] [1, 1] : tensor<?x384xf32> to tensor<?x96xf32>
    %zg = tensor.extract_slice %z[0, 192] [%n, 96] [1, 1] : tensor<?x384xf32> to tensor<?x96xf32>
    %zo = tensor.extract_slice %z[0, 288] [%n, 96] [1, 1] : tensor<?x384xf32> to tensor<?x96xf32>
    %c1n = linalg.generic {indexing_maps = [#id, #id, #id, #id, #id], iterator_types = ["parallel", "parallel"]}
        ins(%zi, %zf, %zg, %c : tensor<?x96xf32>, tensor<?x96xf32>, tensor<?x96xf32>, tensor<?x96xf32>) outs(%e : tensor<?x96xf32>) {
      ^bb0(%vi: f32, %vf: f32, %vg: f32, %vc: f32, %o: f32):
        %i0 = arith.negf %vi : f32
        %i1 = math.exp %i0 : f32
        %i2 = arith.addf %i1, %one : f32
        %f0 = arith.negf %vf : f32
        %f1 = math.exp %f0 : f32
        %f2 = arith.addf %f1, %one : f32
        %g = math.tanh %vg : f32
        %a0 = arith.divf %vc, %f2 : f32
        %a1 = arith.divf %g, %i2 : f32
        %a2 = arith.addf %a0, %a1 : f32
        linalg.yield %a2 : f32
    } -> tensor<?x96xf32>
    %h1n = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
        ins(%zo, %c1n : tensor<?x96xf32>, tensor<?x96xf32>) outs(%e : tensor<?x96xf32>) {
      ^bb0(%vo: f32, %vc: f32, %o: f32):
        %f0 = arith.negf %vo : f32
        %f1 = math.exp %f0 : f32
        %f2 = arith.addf %f1, %one : f32
        %g = math.tanh %vc : f32
        %a0 = arith.divf %g, %f2 : f32
        linalg.yield %a0 : f32
    } -> tensor<?x96xf32>
    %s1 = tensor.insert_slice %h1n into %s[0, %i, 0] [%n, 1, 96] [1, 1, 1] : tensor<?x96xf32> into tensor<?x?x96xf32>
    %gs1 = tensor.insert_slice %z into %gs[%i, 0, 0] [1, %n, 384] [1, 1, 1] : tensor<?x384xf32> into tensor<?x?x384xf32>
    scf.yield %h1n, %c1n, %s1, %gs1 : tensor<?x96xf32>, tensor<?x96xf32>, tensor<?x?x96xf32>, tensor<?x?x384xf32>
  }
  return %r#2, %r#3 : tensor<?x?x96xf32>, tensor<?x?x384xf32>
}
