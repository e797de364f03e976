// An LSTM as a loop: what each pass computes is carried and stacked.
#mk = affine_map<(m, n, k) -> (m, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#col = affine_map<(i, j) -> (j)>
func.func @lstm(%x: tensor<64x28x28xf32>, %w: tensor<124x384xf32>, %b: tensor<384xf32>) -> (tensor<64x28x96xf32>, tensor<28x64x384xf32>) attributes {nn.entry = "predict"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %t = arith.constant 28 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %e = tensor.empty() : tensor<64x96xf32>
  %h0 = linalg.fill ins(%zero : f32) outs(%e : tensor<64x96xf32>) -> tensor<64x96xf32>
  %s0 = tensor.empty() : tensor<64x28x96xf32>
  %g0 = tensor.empty() : tensor<28x64x384xf32>
  %r:4 = scf.for %i = %c0 to %t step %c1 iter_args(%h = %h0, %c = %h0, %s = %s0, %gs = %g0) -> (tensor<64x96xf32>, tensor<64x96xf32>, tensor<64x28x96xf32>, tensor<28x64x384xf32>) {
    %xt = tensor.extract_slice %x[0, %i, 0] [64, 1, 28] [1, 1, 1] : tensor<64x28x28xf32> to tensor<64x28xf32>
    %ec = tensor.empty() : tensor<64x124xf32>
    %cc0 = tensor.insert_slice %xt into %ec[0, 0] [64, 28] [1, 1] : tensor<64x28xf32> into tensor<64x124xf32>
    %cc = tensor.insert_slice %h into %cc0[0, 28] [64, 96] [1, 1] : tensor<64x96xf32> into tensor<64x124xf32>
    %ez = tensor.empty() : tensor<64x384xf32>
    %fz = linalg.fill ins(%zero : f32) outs(%ez : tensor<64x384xf32>) -> tensor<64x384xf32>
    %p = linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%cc, %w : tensor<64x124xf32>, tensor<124x384xf32>) outs(%fz : tensor<64x384xf32>) {
      ^bb0(%a: f32, %q: f32, %acc: f32):
        %0 = arith.mulf %a, %q : f32
        %1 = arith.addf %acc, %0 : f32
        linalg.yield %1 : f32
    } -> tensor<64x384xf32>
    %z = linalg.generic {indexing_maps = [#id, #col, #id], iterator_types = ["parallel", "parallel"]}
        ins(%p, %b : tensor<64x384xf32>, tensor<384xf32>) outs(%ez : tensor<64x384xf32>) {
      ^bb0(%a: f32, %q: f32, %o: f32):
        %0 = arith.addf %a, %q : f32
        linalg.yield %0 : f32
    } -> tensor<64x384xf32>
    %zi = tensor.extract_slice %z[0, 0] [64, 96] [1, 1] : tensor<64x384xf32> to tensor<64x96xf32>
    %zf = tensor.extract_slice %z[0, 96] [64, 96] [1, 1] : tensor<64x384xf32> to tensor<64x96xf32>
    %zg = tensor.extract_slice %z[0, 192] [64, 96] [1, 1] : tensor<64x384xf32> to tensor<64x96xf32>
    %zo = tensor.extract_slice %z[0, 288] [64, 96] [1, 1] : tensor<64x384xf32> to tensor<64x96xf32>
    %c1n = linalg.generic {indexing_maps = [#id, #id, #id, #id, #id], iterator_types = ["parallel", "parallel"]}
        ins(%zi, %zf, %zg, %c : tensor<64x96xf32>, tensor<64x96xf32>, tensor<64x96xf32>, tensor<64x96xf32>) outs(%e : tensor<64x96xf32>) {
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
    } -> tensor<64x96xf32>
    %h1n = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
        ins(%zo, %c1n : tensor<64x96xf32>, tensor<64x96xf32>) outs(%e : tensor<64x96xf32>) {
      ^bb0(%vo: f32, %vc: f32, %o: f32):
        %f0 = arith.negf %vo : f32
        %f1 = math.exp %f0 : f32
        %f2 = arith.addf %f1, %one : f32
        %g = math.tanh %vc : f32
        %a0 = arith.divf %g, %f2 : f32
        linalg.yield %a0 : f32
    } -> tensor<64x96xf32>
    %s1 = tensor.insert_slice %h1n into %s[0, %i, 0] [64, 1, 96] [1, 1, 1] : tensor<64x96xf32> into tensor<64x28x96xf32>
    %gs1 = tensor.insert_slice %z into %gs[%i, 0, 0] [1, 64, 384] [1, 1, 1] : tensor<64x384xf32> into tensor<28x64x384xf32>
    scf.yield %h1n, %c1n, %s1, %gs1 : tensor<64x96xf32>, tensor<64x96xf32>, tensor<64x28x96xf32>, tensor<28x64x384xf32>
  }
  return %r#2, %r#3 : tensor<64x28x96xf32>, tensor<28x64x384xf32>
}
