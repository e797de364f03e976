// One training step of 784-64(relu)-10 with softmax cross-entropy and Adam, as the nn dialect's lowering leaves it:
// many small operations. Twice: for a batch of 32, and for any.
#id0 = affine_map<() -> ()>
#id1 = affine_map<(d0) -> (d0)>
#id2 = affine_map<(d0, d1) -> (d0, d1)>
#id3 = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#s1 = affine_map<(d0) -> ()>
#s2 = affine_map<(d0, d1) -> ()>
#s3 = affine_map<(d0, d1, d2) -> ()>
#n1 = affine_map<(d0) -> ()>
#r2 = affine_map<(d0, d1) -> (d0)>
#c2 = affine_map<(d0, d1) -> (d1)>
#kc = affine_map<(d0, d1) -> (d1, d0)>
#cc = affine_map<(d0, d1) -> (d0)>
#mk = affine_map<(d0, d1, d2) -> (d0, d2)>
#kn = affine_map<(d0, d1, d2) -> (d2, d1)>
#km = affine_map<(d0, d1, d2) -> (d2, d0)>
#nk = affine_map<(d0, d1, d2) -> (d1, d2)>
#mn = affine_map<(d0, d1, d2) -> (d0, d1)>

func.func @mlp_step(%step: i64 {nn.binding = ["step", 0 : i64]}, %image: tensor<32x28x28xi8> {nn.binding = ["field", 0 : i64]}, %label: tensor<32xi8> {nn.binding = ["field", 1 : i64]}, %w1: tensor<784x64xf32> {nn.binding = ["parameter", 0 : i64]}, %b1: tensor<64xf32> {nn.binding = ["parameter", 1 : i64]}, %w2: tensor<64x10xf32> {nn.binding = ["parameter", 2 : i64]}, %b2: tensor<10xf32> {nn.binding = ["parameter", 3 : i64]}, %m_w1: tensor<784x64xf32> {nn.binding = ["state", 0 : i64]}, %v_w1: tensor<784x64xf32> {nn.binding = ["state", 1 : i64]}, %m_b1: tensor<64xf32> {nn.binding = ["state", 2 : i64]}, %v_b1: tensor<64xf32> {nn.binding = ["state", 3 : i64]}, %m_w2: tensor<64x10xf32> {nn.binding = ["state", 4 : i64]}, %v_w2: tensor<64x10xf32> {nn.binding = ["state", 5 : i64]}, %m_b2: tensor<10xf32> {nn.binding = ["state", 6 : i64]}, %v_b2: tensor<10xf32> {nn.binding = ["state", 7 : i64]})
    -> (tensor<784x64xf32> {nn.binding = ["parameter", 0 : i64], nn.tied = 3 : i64}, tensor<64xf32> {nn.binding = ["parameter", 1 : i64], nn.tied = 4 : i64}, tensor<64x10xf32> {nn.binding = ["parameter", 2 : i64], nn.tied = 5 : i64}, tensor<10xf32> {nn.binding = ["parameter", 3 : i64], nn.tied = 6 : i64}, tensor<784x64xf32> {nn.binding = ["state", 0 : i64], nn.tied = 7 : i64}, tensor<784x64xf32> {nn.binding = ["state", 1 : i64], nn.tied = 8 : i64}, tensor<64xf32> {nn.binding = ["state", 2 : i64], nn.tied = 9 : i64}, tensor<64xf32> {nn.binding = ["state", 3 : i64], nn.tied = 10 : i64}, tensor<64x10xf32> {nn.binding = ["state", 4 : i64], nn.tied = 11 : i64}, tensor<64x10xf32> {nn.binding = ["state", 5 : i64], nn.tied = 12 : i64}, tensor<10xf32> {nn.binding = ["state", 6 : i64], nn.tied = 13 : i64}, tensor<10xf32> {nn.binding = ["state", 7 : i64], nn.tied = 14 : i64}, tensor<f32> {nn.binding = ["loss", 0 : i64]}) attributes {nn.entry = "step"} {
  %zero = arith.constant 0.0 : f32
  %lowest = arith.constant 0xFF800000 : f32
  %t2 = tensor.empty() : tensor<32x28x28xf32>
  %t1 = linalg.generic {indexing_maps = [#id3, #id3], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%image : tensor<32x28x28xi8>) outs(%t2 : tensor<32x28x28xf32>) {
  ^bb0(%x0: i8, %o: f32):
    %u = arith.uitofp %x0 : i8 to f32
    linalg.yield %u : f32
  } -> tensor<32x28x28xf32>
  %t3 = arith.constant dense<255.0> : tensor<f32>
  %t5 = tensor.empty() : tensor<32x28x28xf32>
  %t4 = linalg.generic {indexing_maps = [#s3, #id3], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%t3 : tensor<f32>) outs(%t5 : tensor<32x28x28xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<32x28x28xf32>
  %t7 = tensor.empty() : tensor<32x28x28xf32>
  %t6 = linalg.generic {indexing_maps = [#id3, #id3, #id3], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%t1, %t4 : tensor<32x28x28xf32>, tensor<32x28x28xf32>) outs(%t7 : tensor<32x28x28xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<32x28x28xf32>
  %flat = tensor.collapse_shape %t6 [[0], [1, 2]] : tensor<32x28x28xf32> into tensor<32x784xf32>
  %t8 = tensor.empty() : tensor<32x64xf32>
  %t9 = linalg.fill ins(%zero : f32) outs(%t8 : tensor<32x64xf32>) -> tensor<32x64xf32>
  %t10 = linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%flat, %w1 : tensor<32x784xf32>, tensor<784x64xf32>) outs(%t9 : tensor<32x64xf32>) {
  ^bb0(%x: f32, %y: f32, %acc: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<32x64xf32>
  %t12 = tensor.empty() : tensor<32x64xf32>
  %t11 = linalg.generic {indexing_maps = [#c2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%b1 : tensor<64xf32>) outs(%t12 : tensor<32x64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<32x64xf32>
  %t14 = tensor.empty() : tensor<32x64xf32>
  %t13 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t10, %t11 : tensor<32x64xf32>, tensor<32x64xf32>) outs(%t14 : tensor<32x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<32x64xf32>
  %t15 = arith.constant dense<0.0> : tensor<f32>
  %t17 = tensor.empty() : tensor<32x64xf32>
  %t16 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t15 : tensor<f32>) outs(%t17 : tensor<32x64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<32x64xf32>
  %t19 = tensor.empty() : tensor<32x64xf32>
  %t18 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t13, %t16 : tensor<32x64xf32>, tensor<32x64xf32>) outs(%t19 : tensor<32x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.maximumf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<32x64xf32>
  %t20 = tensor.empty() : tensor<32x10xf32>
  %t21 = linalg.fill ins(%zero : f32) outs(%t20 : tensor<32x10xf32>) -> tensor<32x10xf32>
  %t22 = linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%t18, %w2 : tensor<32x64xf32>, tensor<64x10xf32>) outs(%t21 : tensor<32x10xf32>) {
  ^bb0(%x: f32, %y: f32, %acc: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<32x10xf32>
  %t24 = tensor.empty() : tensor<32x10xf32>
  %t23 = linalg.generic {indexing_maps = [#c2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%b2 : tensor<10xf32>) outs(%t24 : tensor<32x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<32x10xf32>
  %t26 = tensor.empty() : tensor<32x10xf32>
  %t25 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t22, %t23 : tensor<32x10xf32>, tensor<32x10xf32>) outs(%t26 : tensor<32x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<32x10xf32>
  %t27 = tensor.empty() : tensor<32xf32>
  %t28 = linalg.fill ins(%lowest : f32) outs(%t27 : tensor<32xf32>) -> tensor<32xf32>
  %t29 = linalg.generic {indexing_maps = [#id2, #r2], iterator_types = ["parallel", "reduction"]}
    ins(%t25 : tensor<32x10xf32>) outs(%t28 : tensor<32xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %s = arith.maximumf %x, %acc : f32
    linalg.yield %s : f32
  } -> tensor<32xf32>
  %t31 = tensor.empty() : tensor<32x10xf32>
  %t30 = linalg.generic {indexing_maps = [#r2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t29 : tensor<32xf32>) outs(%t31 : tensor<32x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<32x10xf32>
  %t33 = tensor.empty() : tensor<32x10xf32>
  %t32 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t25, %t30 : tensor<32x10xf32>, tensor<32x10xf32>) outs(%t33 : tensor<32x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<32x10xf32>
  %t35 = tensor.empty() : tensor<32x10xf32>
  %t34 = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t32 : tensor<32x10xf32>) outs(%t35 : tensor<32x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    %r = math.exp %x0 : f32
    linalg.yield %r : f32
  } -> tensor<32x10xf32>
  %t36 = tensor.empty() : tensor<32xf32>
  %t37 = linalg.fill ins(%zero : f32) outs(%t36 : tensor<32xf32>) -> tensor<32xf32>
  %t38 = linalg.generic {indexing_maps = [#id2, #r2], iterator_types = ["parallel", "reduction"]}
    ins(%t34 : tensor<32x10xf32>) outs(%t37 : tensor<32xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %s = arith.addf %x, %acc : f32
    linalg.yield %s : f32
  } -> tensor<32xf32>
  %t40 = tensor.empty() : tensor<32xf32>
  %t39 = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]}
    ins(%t38 : tensor<32xf32>) outs(%t40 : tensor<32xf32>) {
  ^bb0(%x0: f32, %o: f32):
    %r = math.log %x0 : f32
    linalg.yield %r : f32
  } -> tensor<32xf32>
  %t42 = tensor.empty() : tensor<32x10xf32>
  %t41 = linalg.generic {indexing_maps = [#r2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t39 : tensor<32xf32>) outs(%t42 : tensor<32x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<32x10xf32>
  %t44 = tensor.empty() : tensor<32x10xf32>
  %t43 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t32, %t41 : tensor<32x10xf32>, tensor<32x10xf32>) outs(%t44 : tensor<32x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<32x10xf32>
  %t46 = tensor.empty() : tensor<32x10xf32>
  %t45 = linalg.generic {indexing_maps = [#r2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%label : tensor<32xi8>) outs(%t46 : tensor<32x10xf32>) {
  ^bb0(%x0: i8, %o: f32):
    %i = linalg.index 1 : index
    %j = arith.extui %x0 : i8 to i64
    %k = arith.index_cast %i : index to i64
    %e = arith.cmpi eq, %j, %k : i64
    %f = arith.uitofp %e : i1 to f32
    linalg.yield %f : f32
  } -> tensor<32x10xf32>
  %t48 = tensor.empty() : tensor<32x10xf32>
  %t47 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t43, %t45 : tensor<32x10xf32>, tensor<32x10xf32>) outs(%t48 : tensor<32x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<32x10xf32>
  %t49 = tensor.empty() : tensor<32xf32>
  %t50 = linalg.fill ins(%zero : f32) outs(%t49 : tensor<32xf32>) -> tensor<32xf32>
  %t51 = linalg.generic {indexing_maps = [#id2, #r2], iterator_types = ["parallel", "reduction"]}
    ins(%t47 : tensor<32x10xf32>) outs(%t50 : tensor<32xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %s = arith.addf %x, %acc : f32
    linalg.yield %s : f32
  } -> tensor<32xf32>
  %t52 = tensor.empty() : tensor<f32>
  %t53 = linalg.fill ins(%zero : f32) outs(%t52 : tensor<f32>) -> tensor<f32>
  %t54 = linalg.generic {indexing_maps = [#id1, #n1], iterator_types = ["reduction"]}
    ins(%t51 : tensor<32xf32>) outs(%t53 : tensor<f32>) {
  ^bb0(%x: f32, %acc: f32):
    %s = arith.addf %x, %acc : f32
    linalg.yield %s : f32
  } -> tensor<f32>
  %nf = arith.constant 32.0 : f32
  %cnt = tensor.from_elements %nf : tensor<f32>
  %t56 = tensor.empty() : tensor<f32>
  %t55 = linalg.generic {indexing_maps = [#id0, #id0], iterator_types = []}
    ins(%t54 : tensor<f32>) outs(%t56 : tensor<f32>) {
  ^bb0(%x0: f32, %o: f32):
    %r = arith.negf %x0 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t58 = tensor.empty() : tensor<f32>
  %t57 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t55, %cnt : tensor<f32>, tensor<f32>) outs(%t58 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t60 = tensor.empty() : tensor<32x10xf32>
  %t59 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%cnt : tensor<f32>) outs(%t60 : tensor<32x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<32x10xf32>
  %t62 = tensor.empty() : tensor<32x10xf32>
  %t61 = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t43 : tensor<32x10xf32>) outs(%t62 : tensor<32x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    %r = math.exp %x0 : f32
    linalg.yield %r : f32
  } -> tensor<32x10xf32>
  %t64 = tensor.empty() : tensor<32x10xf32>
  %t63 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t61, %t45 : tensor<32x10xf32>, tensor<32x10xf32>) outs(%t64 : tensor<32x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<32x10xf32>
  %t66 = tensor.empty() : tensor<32x10xf32>
  %t65 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t63, %t59 : tensor<32x10xf32>, tensor<32x10xf32>) outs(%t66 : tensor<32x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<32x10xf32>
  %t67 = tensor.empty() : tensor<64x10xf32>
  %t68 = linalg.fill ins(%zero : f32) outs(%t67 : tensor<64x10xf32>) -> tensor<64x10xf32>
  %t69 = linalg.generic {indexing_maps = [#km, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%t18, %t65 : tensor<32x64xf32>, tensor<32x10xf32>) outs(%t68 : tensor<64x10xf32>) {
  ^bb0(%x: f32, %y: f32, %acc: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<64x10xf32>
  %t70 = tensor.empty() : tensor<10xf32>
  %t71 = linalg.fill ins(%zero : f32) outs(%t70 : tensor<10xf32>) -> tensor<10xf32>
  %t72 = linalg.generic {indexing_maps = [#kc, #cc], iterator_types = ["parallel", "reduction"]}
    ins(%t65 : tensor<32x10xf32>) outs(%t71 : tensor<10xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %s = arith.addf %x, %acc : f32
    linalg.yield %s : f32
  } -> tensor<10xf32>
  %t73 = tensor.empty() : tensor<32x64xf32>
  %t74 = linalg.fill ins(%zero : f32) outs(%t73 : tensor<32x64xf32>) -> tensor<32x64xf32>
  %t75 = linalg.generic {indexing_maps = [#mk, #nk, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%t65, %w2 : tensor<32x10xf32>, tensor<64x10xf32>) outs(%t74 : tensor<32x64xf32>) {
  ^bb0(%x: f32, %y: f32, %acc: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<32x64xf32>
  %t77 = tensor.empty() : tensor<32x64xi1>
  %t76 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t13, %t16 : tensor<32x64xf32>, tensor<32x64xf32>) outs(%t77 : tensor<32x64xi1>) {
  ^bb0(%x0: f32, %x1: f32, %o: i1):
    %c = arith.cmpf ogt, %x0, %x1 : f32
    linalg.yield %c : i1
  } -> tensor<32x64xi1>
  %t79 = tensor.empty() : tensor<32x64xf32>
  %t78 = linalg.generic {indexing_maps = [#id2, #id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t76, %t75, %t16 : tensor<32x64xi1>, tensor<32x64xf32>, tensor<32x64xf32>) outs(%t79 : tensor<32x64xf32>) {
  ^bb0(%x0: i1, %x1: f32, %x2: f32, %o: f32):
    %r = arith.select %x0, %x1, %x2 : f32
    linalg.yield %r : f32
  } -> tensor<32x64xf32>
  %t80 = tensor.empty() : tensor<784x64xf32>
  %t81 = linalg.fill ins(%zero : f32) outs(%t80 : tensor<784x64xf32>) -> tensor<784x64xf32>
  %t82 = linalg.generic {indexing_maps = [#km, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%flat, %t78 : tensor<32x784xf32>, tensor<32x64xf32>) outs(%t81 : tensor<784x64xf32>) {
  ^bb0(%x: f32, %y: f32, %acc: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<784x64xf32>
  %t83 = tensor.empty() : tensor<64xf32>
  %t84 = linalg.fill ins(%zero : f32) outs(%t83 : tensor<64xf32>) -> tensor<64xf32>
  %t85 = linalg.generic {indexing_maps = [#kc, #cc], iterator_types = ["parallel", "reduction"]}
    ins(%t78 : tensor<32x64xf32>) outs(%t84 : tensor<64xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %s = arith.addf %x, %acc : f32
    linalg.yield %s : f32
  } -> tensor<64xf32>
  %stepf = arith.sitofp %step : i64 to f32
  %stept = tensor.from_elements %stepf : tensor<f32>
  %t86 = arith.constant dense<0.9> : tensor<f32>
  %t87 = arith.constant dense<0.999> : tensor<f32>
  %t88 = arith.constant dense<1.0> : tensor<f32>
  %t90 = tensor.empty() : tensor<f32>
  %t89 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t86, %stept : tensor<f32>, tensor<f32>) outs(%t90 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = math.powf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t92 = tensor.empty() : tensor<f32>
  %t91 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t88, %t89 : tensor<f32>, tensor<f32>) outs(%t92 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t94 = tensor.empty() : tensor<f32>
  %t93 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t87, %stept : tensor<f32>, tensor<f32>) outs(%t94 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = math.powf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t96 = tensor.empty() : tensor<f32>
  %t95 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t88, %t93 : tensor<f32>, tensor<f32>) outs(%t96 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t98 = tensor.empty() : tensor<784x64xf32>
  %t97 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t86 : tensor<f32>) outs(%t98 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<784x64xf32>
  %t100 = tensor.empty() : tensor<784x64xf32>
  %t99 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t87 : tensor<f32>) outs(%t100 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<784x64xf32>
  %t102 = tensor.empty() : tensor<f32>
  %t101 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t88, %t86 : tensor<f32>, tensor<f32>) outs(%t102 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t104 = tensor.empty() : tensor<784x64xf32>
  %t103 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t101 : tensor<f32>) outs(%t104 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<784x64xf32>
  %t106 = tensor.empty() : tensor<f32>
  %t105 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t88, %t87 : tensor<f32>, tensor<f32>) outs(%t106 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t108 = tensor.empty() : tensor<784x64xf32>
  %t107 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t105 : tensor<f32>) outs(%t108 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<784x64xf32>
  %t110 = tensor.empty() : tensor<784x64xf32>
  %t109 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t97, %m_w1 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t110 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t112 = tensor.empty() : tensor<784x64xf32>
  %t111 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t103, %t82 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t112 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t114 = tensor.empty() : tensor<784x64xf32>
  %t113 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t109, %t111 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t114 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t116 = tensor.empty() : tensor<784x64xf32>
  %t115 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t99, %v_w1 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t116 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t118 = tensor.empty() : tensor<784x64xf32>
  %t117 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t82, %t82 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t118 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t120 = tensor.empty() : tensor<784x64xf32>
  %t119 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t107, %t117 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t120 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t122 = tensor.empty() : tensor<784x64xf32>
  %t121 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t115, %t119 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t122 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t124 = tensor.empty() : tensor<784x64xf32>
  %t123 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t91 : tensor<f32>) outs(%t124 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<784x64xf32>
  %t126 = tensor.empty() : tensor<784x64xf32>
  %t125 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t113, %t123 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t126 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t128 = tensor.empty() : tensor<784x64xf32>
  %t127 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t95 : tensor<f32>) outs(%t128 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<784x64xf32>
  %t130 = tensor.empty() : tensor<784x64xf32>
  %t129 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t121, %t127 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t130 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t132 = tensor.empty() : tensor<784x64xf32>
  %t131 = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t129 : tensor<784x64xf32>) outs(%t132 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    %r = math.sqrt %x0 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t133 = arith.constant dense<1.0e-8> : tensor<f32>
  %t135 = tensor.empty() : tensor<784x64xf32>
  %t134 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t133 : tensor<f32>) outs(%t135 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<784x64xf32>
  %t137 = tensor.empty() : tensor<784x64xf32>
  %t136 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t131, %t134 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t137 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t138 = arith.constant dense<1.0e-3> : tensor<f32>
  %t140 = tensor.empty() : tensor<784x64xf32>
  %t139 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t138 : tensor<f32>) outs(%t140 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<784x64xf32>
  %t142 = tensor.empty() : tensor<784x64xf32>
  %t141 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t139, %t125 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t142 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t144 = tensor.empty() : tensor<784x64xf32>
  %t143 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t141, %t136 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t144 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t146 = tensor.empty() : tensor<784x64xf32>
  %t145 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%w1, %t143 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t146 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t148 = tensor.empty() : tensor<64xf32>
  %t147 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t86 : tensor<f32>) outs(%t148 : tensor<64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64xf32>
  %t150 = tensor.empty() : tensor<64xf32>
  %t149 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t87 : tensor<f32>) outs(%t150 : tensor<64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64xf32>
  %t152 = tensor.empty() : tensor<f32>
  %t151 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t88, %t86 : tensor<f32>, tensor<f32>) outs(%t152 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t154 = tensor.empty() : tensor<64xf32>
  %t153 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t151 : tensor<f32>) outs(%t154 : tensor<64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64xf32>
  %t156 = tensor.empty() : tensor<f32>
  %t155 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t88, %t87 : tensor<f32>, tensor<f32>) outs(%t156 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t158 = tensor.empty() : tensor<64xf32>
  %t157 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t155 : tensor<f32>) outs(%t158 : tensor<64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64xf32>
  %t160 = tensor.empty() : tensor<64xf32>
  %t159 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t147, %m_b1 : tensor<64xf32>, tensor<64xf32>) outs(%t160 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t162 = tensor.empty() : tensor<64xf32>
  %t161 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t153, %t85 : tensor<64xf32>, tensor<64xf32>) outs(%t162 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t164 = tensor.empty() : tensor<64xf32>
  %t163 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t159, %t161 : tensor<64xf32>, tensor<64xf32>) outs(%t164 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t166 = tensor.empty() : tensor<64xf32>
  %t165 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t149, %v_b1 : tensor<64xf32>, tensor<64xf32>) outs(%t166 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t168 = tensor.empty() : tensor<64xf32>
  %t167 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t85, %t85 : tensor<64xf32>, tensor<64xf32>) outs(%t168 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t170 = tensor.empty() : tensor<64xf32>
  %t169 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t157, %t167 : tensor<64xf32>, tensor<64xf32>) outs(%t170 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t172 = tensor.empty() : tensor<64xf32>
  %t171 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t165, %t169 : tensor<64xf32>, tensor<64xf32>) outs(%t172 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t174 = tensor.empty() : tensor<64xf32>
  %t173 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t91 : tensor<f32>) outs(%t174 : tensor<64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64xf32>
  %t176 = tensor.empty() : tensor<64xf32>
  %t175 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t163, %t173 : tensor<64xf32>, tensor<64xf32>) outs(%t176 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t178 = tensor.empty() : tensor<64xf32>
  %t177 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t95 : tensor<f32>) outs(%t178 : tensor<64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64xf32>
  %t180 = tensor.empty() : tensor<64xf32>
  %t179 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t171, %t177 : tensor<64xf32>, tensor<64xf32>) outs(%t180 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t182 = tensor.empty() : tensor<64xf32>
  %t181 = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]}
    ins(%t179 : tensor<64xf32>) outs(%t182 : tensor<64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    %r = math.sqrt %x0 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t183 = arith.constant dense<1.0e-8> : tensor<f32>
  %t185 = tensor.empty() : tensor<64xf32>
  %t184 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t183 : tensor<f32>) outs(%t185 : tensor<64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64xf32>
  %t187 = tensor.empty() : tensor<64xf32>
  %t186 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t181, %t184 : tensor<64xf32>, tensor<64xf32>) outs(%t187 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t188 = arith.constant dense<1.0e-3> : tensor<f32>
  %t190 = tensor.empty() : tensor<64xf32>
  %t189 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t188 : tensor<f32>) outs(%t190 : tensor<64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64xf32>
  %t192 = tensor.empty() : tensor<64xf32>
  %t191 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t189, %t175 : tensor<64xf32>, tensor<64xf32>) outs(%t192 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t194 = tensor.empty() : tensor<64xf32>
  %t193 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t191, %t186 : tensor<64xf32>, tensor<64xf32>) outs(%t194 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t196 = tensor.empty() : tensor<64xf32>
  %t195 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%b1, %t193 : tensor<64xf32>, tensor<64xf32>) outs(%t196 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t198 = tensor.empty() : tensor<64x10xf32>
  %t197 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t86 : tensor<f32>) outs(%t198 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64x10xf32>
  %t200 = tensor.empty() : tensor<64x10xf32>
  %t199 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t87 : tensor<f32>) outs(%t200 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64x10xf32>
  %t202 = tensor.empty() : tensor<f32>
  %t201 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t88, %t86 : tensor<f32>, tensor<f32>) outs(%t202 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t204 = tensor.empty() : tensor<64x10xf32>
  %t203 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t201 : tensor<f32>) outs(%t204 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64x10xf32>
  %t206 = tensor.empty() : tensor<f32>
  %t205 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t88, %t87 : tensor<f32>, tensor<f32>) outs(%t206 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t208 = tensor.empty() : tensor<64x10xf32>
  %t207 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t205 : tensor<f32>) outs(%t208 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64x10xf32>
  %t210 = tensor.empty() : tensor<64x10xf32>
  %t209 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t197, %m_w2 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t210 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t212 = tensor.empty() : tensor<64x10xf32>
  %t211 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t203, %t69 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t212 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t214 = tensor.empty() : tensor<64x10xf32>
  %t213 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t209, %t211 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t214 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t216 = tensor.empty() : tensor<64x10xf32>
  %t215 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t199, %v_w2 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t216 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t218 = tensor.empty() : tensor<64x10xf32>
  %t217 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t69, %t69 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t218 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t220 = tensor.empty() : tensor<64x10xf32>
  %t219 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t207, %t217 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t220 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t222 = tensor.empty() : tensor<64x10xf32>
  %t221 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t215, %t219 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t222 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t224 = tensor.empty() : tensor<64x10xf32>
  %t223 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t91 : tensor<f32>) outs(%t224 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64x10xf32>
  %t226 = tensor.empty() : tensor<64x10xf32>
  %t225 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t213, %t223 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t226 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t228 = tensor.empty() : tensor<64x10xf32>
  %t227 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t95 : tensor<f32>) outs(%t228 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64x10xf32>
  %t230 = tensor.empty() : tensor<64x10xf32>
  %t229 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t221, %t227 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t230 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t232 = tensor.empty() : tensor<64x10xf32>
  %t231 = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t229 : tensor<64x10xf32>) outs(%t232 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    %r = math.sqrt %x0 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t233 = arith.constant dense<1.0e-8> : tensor<f32>
  %t235 = tensor.empty() : tensor<64x10xf32>
  %t234 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t233 : tensor<f32>) outs(%t235 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64x10xf32>
  %t237 = tensor.empty() : tensor<64x10xf32>
  %t236 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t231, %t234 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t237 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t238 = arith.constant dense<1.0e-3> : tensor<f32>
  %t240 = tensor.empty() : tensor<64x10xf32>
  %t239 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t238 : tensor<f32>) outs(%t240 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64x10xf32>
  %t242 = tensor.empty() : tensor<64x10xf32>
  %t241 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t239, %t225 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t242 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t244 = tensor.empty() : tensor<64x10xf32>
  %t243 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t241, %t236 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t244 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t246 = tensor.empty() : tensor<64x10xf32>
  %t245 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%w2, %t243 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t246 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t248 = tensor.empty() : tensor<10xf32>
  %t247 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t86 : tensor<f32>) outs(%t248 : tensor<10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<10xf32>
  %t250 = tensor.empty() : tensor<10xf32>
  %t249 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t87 : tensor<f32>) outs(%t250 : tensor<10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<10xf32>
  %t252 = tensor.empty() : tensor<f32>
  %t251 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t88, %t86 : tensor<f32>, tensor<f32>) outs(%t252 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t254 = tensor.empty() : tensor<10xf32>
  %t253 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t251 : tensor<f32>) outs(%t254 : tensor<10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<10xf32>
  %t256 = tensor.empty() : tensor<f32>
  %t255 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t88, %t87 : tensor<f32>, tensor<f32>) outs(%t256 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t258 = tensor.empty() : tensor<10xf32>
  %t257 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t255 : tensor<f32>) outs(%t258 : tensor<10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<10xf32>
  %t260 = tensor.empty() : tensor<10xf32>
  %t259 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t247, %m_b2 : tensor<10xf32>, tensor<10xf32>) outs(%t260 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t262 = tensor.empty() : tensor<10xf32>
  %t261 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t253, %t72 : tensor<10xf32>, tensor<10xf32>) outs(%t262 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t264 = tensor.empty() : tensor<10xf32>
  %t263 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t259, %t261 : tensor<10xf32>, tensor<10xf32>) outs(%t264 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t266 = tensor.empty() : tensor<10xf32>
  %t265 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t249, %v_b2 : tensor<10xf32>, tensor<10xf32>) outs(%t266 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t268 = tensor.empty() : tensor<10xf32>
  %t267 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t72, %t72 : tensor<10xf32>, tensor<10xf32>) outs(%t268 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t270 = tensor.empty() : tensor<10xf32>
  %t269 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t257, %t267 : tensor<10xf32>, tensor<10xf32>) outs(%t270 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t272 = tensor.empty() : tensor<10xf32>
  %t271 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t265, %t269 : tensor<10xf32>, tensor<10xf32>) outs(%t272 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t274 = tensor.empty() : tensor<10xf32>
  %t273 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t91 : tensor<f32>) outs(%t274 : tensor<10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<10xf32>
  %t276 = tensor.empty() : tensor<10xf32>
  %t275 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t263, %t273 : tensor<10xf32>, tensor<10xf32>) outs(%t276 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t278 = tensor.empty() : tensor<10xf32>
  %t277 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t95 : tensor<f32>) outs(%t278 : tensor<10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<10xf32>
  %t280 = tensor.empty() : tensor<10xf32>
  %t279 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t271, %t277 : tensor<10xf32>, tensor<10xf32>) outs(%t280 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t282 = tensor.empty() : tensor<10xf32>
  %t281 = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]}
    ins(%t279 : tensor<10xf32>) outs(%t282 : tensor<10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    %r = math.sqrt %x0 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t283 = arith.constant dense<1.0e-8> : tensor<f32>
  %t285 = tensor.empty() : tensor<10xf32>
  %t284 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t283 : tensor<f32>) outs(%t285 : tensor<10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<10xf32>
  %t287 = tensor.empty() : tensor<10xf32>
  %t286 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t281, %t284 : tensor<10xf32>, tensor<10xf32>) outs(%t287 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t288 = arith.constant dense<1.0e-3> : tensor<f32>
  %t290 = tensor.empty() : tensor<10xf32>
  %t289 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t288 : tensor<f32>) outs(%t290 : tensor<10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<10xf32>
  %t292 = tensor.empty() : tensor<10xf32>
  %t291 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t289, %t275 : tensor<10xf32>, tensor<10xf32>) outs(%t292 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t294 = tensor.empty() : tensor<10xf32>
  %t293 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t291, %t286 : tensor<10xf32>, tensor<10xf32>) outs(%t294 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t296 = tensor.empty() : tensor<10xf32>
  %t295 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%b2, %t293 : tensor<10xf32>, tensor<10xf32>) outs(%t296 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  return %t145, %t195, %t245, %t295, %t113, %t121, %t163, %t171, %t213, %t221, %t263, %t271, %t57 : tensor<784x64xf32>, tensor<64xf32>, tensor<64x10xf32>, tensor<10xf32>, tensor<784x64xf32>, tensor<784x64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64x10xf32>, tensor<64x10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<f32>
}

func.func @mlp_step_any(%n: index {nn.binding = ["dim", 0 : i64]}, %step: i64 {nn.binding = ["step", 0 : i64]}, %image: tensor<?x28x28xi8> {nn.binding = ["field", 0 : i64]}, %label: tensor<?xi8> {nn.binding = ["field", 1 : i64]}, %w1: tensor<784x64xf32> {nn.binding = ["parameter", 0 : i64]}, %b1: tensor<64xf32> {nn.binding = ["parameter", 1 : i64]}, %w2: tensor<64x10xf32> {nn.binding = ["parameter", 2 : i64]}, %b2: tensor<10xf32> {nn.binding = ["parameter", 3 : i64]}, %m_w1: tensor<784x64xf32> {nn.binding = ["state", 0 : i64]}, %v_w1: tensor<784x64xf32> {nn.binding = ["state", 1 : i64]}, %m_b1: tensor<64xf32> {nn.binding = ["state", 2 : i64]}, %v_b1: tensor<64xf32> {nn.binding = ["state", 3 : i64]}, %m_w2: tensor<64x10xf32> {nn.binding = ["state", 4 : i64]}, %v_w2: tensor<64x10xf32> {nn.binding = ["state", 5 : i64]}, %m_b2: tensor<10xf32> {nn.binding = ["state", 6 : i64]}, %v_b2: tensor<10xf32> {nn.binding = ["state", 7 : i64]})
    -> (tensor<784x64xf32> {nn.binding = ["parameter", 0 : i64], nn.tied = 4 : i64}, tensor<64xf32> {nn.binding = ["parameter", 1 : i64], nn.tied = 5 : i64}, tensor<64x10xf32> {nn.binding = ["parameter", 2 : i64], nn.tied = 6 : i64}, tensor<10xf32> {nn.binding = ["parameter", 3 : i64], nn.tied = 7 : i64}, tensor<784x64xf32> {nn.binding = ["state", 0 : i64], nn.tied = 8 : i64}, tensor<784x64xf32> {nn.binding = ["state", 1 : i64], nn.tied = 9 : i64}, tensor<64xf32> {nn.binding = ["state", 2 : i64], nn.tied = 10 : i64}, tensor<64xf32> {nn.binding = ["state", 3 : i64], nn.tied = 11 : i64}, tensor<64x10xf32> {nn.binding = ["state", 4 : i64], nn.tied = 12 : i64}, tensor<64x10xf32> {nn.binding = ["state", 5 : i64], nn.tied = 13 : i64}, tensor<10xf32> {nn.binding = ["state", 6 : i64], nn.tied = 14 : i64}, tensor<10xf32> {nn.binding = ["state", 7 : i64], nn.tied = 15 : i64}, tensor<f32> {nn.binding = ["loss", 0 : i64]}) attributes {nn.entry = "step"} {
  %zero = arith.constant 0.0 : f32
  %lowest = arith.constant 0xFF800000 : f32
  %t2 = tensor.empty(%n) : tensor<?x28x28xf32>
  %t1 = linalg.generic {indexing_maps = [#id3, #id3], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%image : tensor<?x28x28xi8>) outs(%t2 : tensor<?x28x28xf32>) {
  ^bb0(%x0: i8, %o: f32):
    %u = arith.uitofp %x0 : i8 to f32
    linalg.yield %u : f32
  } -> tensor<?x28x28xf32>
  %t3 = arith.constant dense<255.0> : tensor<f32>
  %t5 = tensor.empty(%n) : tensor<?x28x28xf32>
  %t4 = linalg.generic {indexing_maps = [#s3, #id3], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%t3 : tensor<f32>) outs(%t5 : tensor<?x28x28xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<?x28x28xf32>
  %t7 = tensor.empty(%n) : tensor<?x28x28xf32>
  %t6 = linalg.generic {indexing_maps = [#id3, #id3, #id3], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%t1, %t4 : tensor<?x28x28xf32>, tensor<?x28x28xf32>) outs(%t7 : tensor<?x28x28xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<?x28x28xf32>
  %flat = tensor.collapse_shape %t6 [[0], [1, 2]] : tensor<?x28x28xf32> into tensor<?x784xf32>
  %t8 = tensor.empty(%n) : tensor<?x64xf32>
  %t9 = linalg.fill ins(%zero : f32) outs(%t8 : tensor<?x64xf32>) -> tensor<?x64xf32>
  %t10 = linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%flat, %w1 : tensor<?x784xf32>, tensor<784x64xf32>) outs(%t9 : tensor<?x64xf32>) {
  ^bb0(%x: f32, %y: f32, %acc: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<?x64xf32>
  %t12 = tensor.empty(%n) : tensor<?x64xf32>
  %t11 = linalg.generic {indexing_maps = [#c2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%b1 : tensor<64xf32>) outs(%t12 : tensor<?x64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<?x64xf32>
  %t14 = tensor.empty(%n) : tensor<?x64xf32>
  %t13 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t10, %t11 : tensor<?x64xf32>, tensor<?x64xf32>) outs(%t14 : tensor<?x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<?x64xf32>
  %t15 = arith.constant dense<0.0> : tensor<f32>
  %t17 = tensor.empty(%n) : tensor<?x64xf32>
  %t16 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t15 : tensor<f32>) outs(%t17 : tensor<?x64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<?x64xf32>
  %t19 = tensor.empty(%n) : tensor<?x64xf32>
  %t18 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t13, %t16 : tensor<?x64xf32>, tensor<?x64xf32>) outs(%t19 : tensor<?x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.maximumf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<?x64xf32>
  %t20 = tensor.empty(%n) : tensor<?x10xf32>
  %t21 = linalg.fill ins(%zero : f32) outs(%t20 : tensor<?x10xf32>) -> tensor<?x10xf32>
  %t22 = linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%t18, %w2 : tensor<?x64xf32>, tensor<64x10xf32>) outs(%t21 : tensor<?x10xf32>) {
  ^bb0(%x: f32, %y: f32, %acc: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<?x10xf32>
  %t24 = tensor.empty(%n) : tensor<?x10xf32>
  %t23 = linalg.generic {indexing_maps = [#c2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%b2 : tensor<10xf32>) outs(%t24 : tensor<?x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<?x10xf32>
  %t26 = tensor.empty(%n) : tensor<?x10xf32>
  %t25 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t22, %t23 : tensor<?x10xf32>, tensor<?x10xf32>) outs(%t26 : tensor<?x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<?x10xf32>
  %t27 = tensor.empty(%n) : tensor<?xf32>
  %t28 = linalg.fill ins(%lowest : f32) outs(%t27 : tensor<?xf32>) -> tensor<?xf32>
  %t29 = linalg.generic {indexing_maps = [#id2, #r2], iterator_types = ["parallel", "reduction"]}
    ins(%t25 : tensor<?x10xf32>) outs(%t28 : tensor<?xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %s = arith.maximumf %x, %acc : f32
    linalg.yield %s : f32
  } -> tensor<?xf32>
  %t31 = tensor.empty(%n) : tensor<?x10xf32>
  %t30 = linalg.generic {indexing_maps = [#r2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t29 : tensor<?xf32>) outs(%t31 : tensor<?x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<?x10xf32>
  %t33 = tensor.empty(%n) : tensor<?x10xf32>
  %t32 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t25, %t30 : tensor<?x10xf32>, tensor<?x10xf32>) outs(%t33 : tensor<?x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<?x10xf32>
  %t35 = tensor.empty(%n) : tensor<?x10xf32>
  %t34 = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t32 : tensor<?x10xf32>) outs(%t35 : tensor<?x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    %r = math.exp %x0 : f32
    linalg.yield %r : f32
  } -> tensor<?x10xf32>
  %t36 = tensor.empty(%n) : tensor<?xf32>
  %t37 = linalg.fill ins(%zero : f32) outs(%t36 : tensor<?xf32>) -> tensor<?xf32>
  %t38 = linalg.generic {indexing_maps = [#id2, #r2], iterator_types = ["parallel", "reduction"]}
    ins(%t34 : tensor<?x10xf32>) outs(%t37 : tensor<?xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %s = arith.addf %x, %acc : f32
    linalg.yield %s : f32
  } -> tensor<?xf32>
  %t40 = tensor.empty(%n) : tensor<?xf32>
  %t39 = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]}
    ins(%t38 : tensor<?xf32>) outs(%t40 : tensor<?xf32>) {
  ^bb0(%x0: f32, %o: f32):
    %r = math.log %x0 : f32
    linalg.yield %r : f32
  } -> tensor<?xf32>
  %t42 = tensor.empty(%n) : tensor<?x10xf32>
  %t41 = linalg.generic {indexing_maps = [#r2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t39 : tensor<?xf32>) outs(%t42 : tensor<?x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<?x10xf32>
  %t44 = tensor.empty(%n) : tensor<?x10xf32>
  %t43 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t32, %t41 : tensor<?x10xf32>, tensor<?x10xf32>) outs(%t44 : tensor<?x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<?x10xf32>
  %t46 = tensor.empty(%n) : tensor<?x10xf32>
  %t45 = linalg.generic {indexing_maps = [#r2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%label : tensor<?xi8>) outs(%t46 : tensor<?x10xf32>) {
  ^bb0(%x0: i8, %o: f32):
    %i = linalg.index 1 : index
    %j = arith.extui %x0 : i8 to i64
    %k = arith.index_cast %i : index to i64
    %e = arith.cmpi eq, %j, %k : i64
    %f = arith.uitofp %e : i1 to f32
    linalg.yield %f : f32
  } -> tensor<?x10xf32>
  %t48 = tensor.empty(%n) : tensor<?x10xf32>
  %t47 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t43, %t45 : tensor<?x10xf32>, tensor<?x10xf32>) outs(%t48 : tensor<?x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<?x10xf32>
  %t49 = tensor.empty(%n) : tensor<?xf32>
  %t50 = linalg.fill ins(%zero : f32) outs(%t49 : tensor<?xf32>) -> tensor<?xf32>
  %t51 = linalg.generic {indexing_maps = [#id2, #r2], iterator_types = ["parallel", "reduction"]}
    ins(%t47 : tensor<?x10xf32>) outs(%t50 : tensor<?xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %s = arith.addf %x, %acc : f32
    linalg.yield %s : f32
  } -> tensor<?xf32>
  %t52 = tensor.empty() : tensor<f32>
  %t53 = linalg.fill ins(%zero : f32) outs(%t52 : tensor<f32>) -> tensor<f32>
  %t54 = linalg.generic {indexing_maps = [#id1, #n1], iterator_types = ["reduction"]}
    ins(%t51 : tensor<?xf32>) outs(%t53 : tensor<f32>) {
  ^bb0(%x: f32, %acc: f32):
    %s = arith.addf %x, %acc : f32
    linalg.yield %s : f32
  } -> tensor<f32>
  %ni = arith.index_cast %n : index to i64
  %nf = arith.sitofp %ni : i64 to f32
  %cnt = tensor.from_elements %nf : tensor<f32>
  %t56 = tensor.empty() : tensor<f32>
  %t55 = linalg.generic {indexing_maps = [#id0, #id0], iterator_types = []}
    ins(%t54 : tensor<f32>) outs(%t56 : tensor<f32>) {
  ^bb0(%x0: f32, %o: f32):
    %r = arith.negf %x0 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t58 = tensor.empty() : tensor<f32>
  %t57 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t55, %cnt : tensor<f32>, tensor<f32>) outs(%t58 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t60 = tensor.empty(%n) : tensor<?x10xf32>
  %t59 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%cnt : tensor<f32>) outs(%t60 : tensor<?x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<?x10xf32>
  %t62 = tensor.empty(%n) : tensor<?x10xf32>
  %t61 = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t43 : tensor<?x10xf32>) outs(%t62 : tensor<?x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    %r = math.exp %x0 : f32
    linalg.yield %r : f32
  } -> tensor<?x10xf32>
  %t64 = tensor.empty(%n) : tensor<?x10xf32>
  %t63 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t61, %t45 : tensor<?x10xf32>, tensor<?x10xf32>) outs(%t64 : tensor<?x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<?x10xf32>
  %t66 = tensor.empty(%n) : tensor<?x10xf32>
  %t65 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t63, %t59 : tensor<?x10xf32>, tensor<?x10xf32>) outs(%t66 : tensor<?x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<?x10xf32>
  %t67 = tensor.empty() : tensor<64x10xf32>
  %t68 = linalg.fill ins(%zero : f32) outs(%t67 : tensor<64x10xf32>) -> tensor<64x10xf32>
  %t69 = linalg.generic {indexing_maps = [#km, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%t18, %t65 : tensor<?x64xf32>, tensor<?x10xf32>) outs(%t68 : tensor<64x10xf32>) {
  ^bb0(%x: f32, %y: f32, %acc: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<64x10xf32>
  %t70 = tensor.empty() : tensor<10xf32>
  %t71 = linalg.fill ins(%zero : f32) outs(%t70 : tensor<10xf32>) -> tensor<10xf32>
  %t72 = linalg.generic {indexing_maps = [#kc, #cc], iterator_types = ["parallel", "reduction"]}
    ins(%t65 : tensor<?x10xf32>) outs(%t71 : tensor<10xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %s = arith.addf %x, %acc : f32
    linalg.yield %s : f32
  } -> tensor<10xf32>
  %t73 = tensor.empty(%n) : tensor<?x64xf32>
  %t74 = linalg.fill ins(%zero : f32) outs(%t73 : tensor<?x64xf32>) -> tensor<?x64xf32>
  %t75 = linalg.generic {indexing_maps = [#mk, #nk, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%t65, %w2 : tensor<?x10xf32>, tensor<64x10xf32>) outs(%t74 : tensor<?x64xf32>) {
  ^bb0(%x: f32, %y: f32, %acc: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<?x64xf32>
  %t77 = tensor.empty(%n) : tensor<?x64xi1>
  %t76 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t13, %t16 : tensor<?x64xf32>, tensor<?x64xf32>) outs(%t77 : tensor<?x64xi1>) {
  ^bb0(%x0: f32, %x1: f32, %o: i1):
    %c = arith.cmpf ogt, %x0, %x1 : f32
    linalg.yield %c : i1
  } -> tensor<?x64xi1>
  %t79 = tensor.empty(%n) : tensor<?x64xf32>
  %t78 = linalg.generic {indexing_maps = [#id2, #id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t76, %t75, %t16 : tensor<?x64xi1>, tensor<?x64xf32>, tensor<?x64xf32>) outs(%t79 : tensor<?x64xf32>) {
  ^bb0(%x0: i1, %x1: f32, %x2: f32, %o: f32):
    %r = arith.select %x0, %x1, %x2 : f32
    linalg.yield %r : f32
  } -> tensor<?x64xf32>
  %t80 = tensor.empty() : tensor<784x64xf32>
  %t81 = linalg.fill ins(%zero : f32) outs(%t80 : tensor<784x64xf32>) -> tensor<784x64xf32>
  %t82 = linalg.generic {indexing_maps = [#km, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%flat, %t78 : tensor<?x784xf32>, tensor<?x64xf32>) outs(%t81 : tensor<784x64xf32>) {
  ^bb0(%x: f32, %y: f32, %acc: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<784x64xf32>
  %t83 = tensor.empty() : tensor<64xf32>
  %t84 = linalg.fill ins(%zero : f32) outs(%t83 : tensor<64xf32>) -> tensor<64xf32>
  %t85 = linalg.generic {indexing_maps = [#kc, #cc], iterator_types = ["parallel", "reduction"]}
    ins(%t78 : tensor<?x64xf32>) outs(%t84 : tensor<64xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %s = arith.addf %x, %acc : f32
    linalg.yield %s : f32
  } -> tensor<64xf32>
  %stepf = arith.sitofp %step : i64 to f32
  %stept = tensor.from_elements %stepf : tensor<f32>
  %t86 = arith.constant dense<0.9> : tensor<f32>
  %t87 = arith.constant dense<0.999> : tensor<f32>
  %t88 = arith.constant dense<1.0> : tensor<f32>
  %t90 = tensor.empty() : tensor<f32>
  %t89 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t86, %stept : tensor<f32>, tensor<f32>) outs(%t90 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = math.powf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t92 = tensor.empty() : tensor<f32>
  %t91 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t88, %t89 : tensor<f32>, tensor<f32>) outs(%t92 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t94 = tensor.empty() : tensor<f32>
  %t93 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t87, %stept : tensor<f32>, tensor<f32>) outs(%t94 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = math.powf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t96 = tensor.empty() : tensor<f32>
  %t95 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t88, %t93 : tensor<f32>, tensor<f32>) outs(%t96 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t98 = tensor.empty() : tensor<784x64xf32>
  %t97 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t86 : tensor<f32>) outs(%t98 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<784x64xf32>
  %t100 = tensor.empty() : tensor<784x64xf32>
  %t99 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t87 : tensor<f32>) outs(%t100 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<784x64xf32>
  %t102 = tensor.empty() : tensor<f32>
  %t101 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t88, %t86 : tensor<f32>, tensor<f32>) outs(%t102 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t104 = tensor.empty() : tensor<784x64xf32>
  %t103 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t101 : tensor<f32>) outs(%t104 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<784x64xf32>
  %t106 = tensor.empty() : tensor<f32>
  %t105 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t88, %t87 : tensor<f32>, tensor<f32>) outs(%t106 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t108 = tensor.empty() : tensor<784x64xf32>
  %t107 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t105 : tensor<f32>) outs(%t108 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<784x64xf32>
  %t110 = tensor.empty() : tensor<784x64xf32>
  %t109 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t97, %m_w1 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t110 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t112 = tensor.empty() : tensor<784x64xf32>
  %t111 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t103, %t82 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t112 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t114 = tensor.empty() : tensor<784x64xf32>
  %t113 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t109, %t111 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t114 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t116 = tensor.empty() : tensor<784x64xf32>
  %t115 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t99, %v_w1 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t116 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t118 = tensor.empty() : tensor<784x64xf32>
  %t117 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t82, %t82 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t118 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t120 = tensor.empty() : tensor<784x64xf32>
  %t119 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t107, %t117 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t120 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t122 = tensor.empty() : tensor<784x64xf32>
  %t121 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t115, %t119 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t122 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t124 = tensor.empty() : tensor<784x64xf32>
  %t123 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t91 : tensor<f32>) outs(%t124 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<784x64xf32>
  %t126 = tensor.empty() : tensor<784x64xf32>
  %t125 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t113, %t123 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t126 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t128 = tensor.empty() : tensor<784x64xf32>
  %t127 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t95 : tensor<f32>) outs(%t128 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<784x64xf32>
  %t130 = tensor.empty() : tensor<784x64xf32>
  %t129 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t121, %t127 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t130 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t132 = tensor.empty() : tensor<784x64xf32>
  %t131 = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t129 : tensor<784x64xf32>) outs(%t132 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    %r = math.sqrt %x0 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t133 = arith.constant dense<1.0e-8> : tensor<f32>
  %t135 = tensor.empty() : tensor<784x64xf32>
  %t134 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t133 : tensor<f32>) outs(%t135 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<784x64xf32>
  %t137 = tensor.empty() : tensor<784x64xf32>
  %t136 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t131, %t134 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t137 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t138 = arith.constant dense<1.0e-3> : tensor<f32>
  %t140 = tensor.empty() : tensor<784x64xf32>
  %t139 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t138 : tensor<f32>) outs(%t140 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<784x64xf32>
  %t142 = tensor.empty() : tensor<784x64xf32>
  %t141 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t139, %t125 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t142 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t144 = tensor.empty() : tensor<784x64xf32>
  %t143 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t141, %t136 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t144 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t146 = tensor.empty() : tensor<784x64xf32>
  %t145 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%w1, %t143 : tensor<784x64xf32>, tensor<784x64xf32>) outs(%t146 : tensor<784x64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<784x64xf32>
  %t148 = tensor.empty() : tensor<64xf32>
  %t147 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t86 : tensor<f32>) outs(%t148 : tensor<64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64xf32>
  %t150 = tensor.empty() : tensor<64xf32>
  %t149 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t87 : tensor<f32>) outs(%t150 : tensor<64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64xf32>
  %t152 = tensor.empty() : tensor<f32>
  %t151 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t88, %t86 : tensor<f32>, tensor<f32>) outs(%t152 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t154 = tensor.empty() : tensor<64xf32>
  %t153 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t151 : tensor<f32>) outs(%t154 : tensor<64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64xf32>
  %t156 = tensor.empty() : tensor<f32>
  %t155 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t88, %t87 : tensor<f32>, tensor<f32>) outs(%t156 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t158 = tensor.empty() : tensor<64xf32>
  %t157 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t155 : tensor<f32>) outs(%t158 : tensor<64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64xf32>
  %t160 = tensor.empty() : tensor<64xf32>
  %t159 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t147, %m_b1 : tensor<64xf32>, tensor<64xf32>) outs(%t160 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t162 = tensor.empty() : tensor<64xf32>
  %t161 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t153, %t85 : tensor<64xf32>, tensor<64xf32>) outs(%t162 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t164 = tensor.empty() : tensor<64xf32>
  %t163 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t159, %t161 : tensor<64xf32>, tensor<64xf32>) outs(%t164 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t166 = tensor.empty() : tensor<64xf32>
  %t165 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t149, %v_b1 : tensor<64xf32>, tensor<64xf32>) outs(%t166 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t168 = tensor.empty() : tensor<64xf32>
  %t167 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t85, %t85 : tensor<64xf32>, tensor<64xf32>) outs(%t168 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t170 = tensor.empty() : tensor<64xf32>
  %t169 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t157, %t167 : tensor<64xf32>, tensor<64xf32>) outs(%t170 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t172 = tensor.empty() : tensor<64xf32>
  %t171 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t165, %t169 : tensor<64xf32>, tensor<64xf32>) outs(%t172 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t174 = tensor.empty() : tensor<64xf32>
  %t173 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t91 : tensor<f32>) outs(%t174 : tensor<64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64xf32>
  %t176 = tensor.empty() : tensor<64xf32>
  %t175 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t163, %t173 : tensor<64xf32>, tensor<64xf32>) outs(%t176 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t178 = tensor.empty() : tensor<64xf32>
  %t177 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t95 : tensor<f32>) outs(%t178 : tensor<64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64xf32>
  %t180 = tensor.empty() : tensor<64xf32>
  %t179 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t171, %t177 : tensor<64xf32>, tensor<64xf32>) outs(%t180 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t182 = tensor.empty() : tensor<64xf32>
  %t181 = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]}
    ins(%t179 : tensor<64xf32>) outs(%t182 : tensor<64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    %r = math.sqrt %x0 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t183 = arith.constant dense<1.0e-8> : tensor<f32>
  %t185 = tensor.empty() : tensor<64xf32>
  %t184 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t183 : tensor<f32>) outs(%t185 : tensor<64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64xf32>
  %t187 = tensor.empty() : tensor<64xf32>
  %t186 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t181, %t184 : tensor<64xf32>, tensor<64xf32>) outs(%t187 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t188 = arith.constant dense<1.0e-3> : tensor<f32>
  %t190 = tensor.empty() : tensor<64xf32>
  %t189 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t188 : tensor<f32>) outs(%t190 : tensor<64xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64xf32>
  %t192 = tensor.empty() : tensor<64xf32>
  %t191 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t189, %t175 : tensor<64xf32>, tensor<64xf32>) outs(%t192 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t194 = tensor.empty() : tensor<64xf32>
  %t193 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t191, %t186 : tensor<64xf32>, tensor<64xf32>) outs(%t194 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t196 = tensor.empty() : tensor<64xf32>
  %t195 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%b1, %t193 : tensor<64xf32>, tensor<64xf32>) outs(%t196 : tensor<64xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %t198 = tensor.empty() : tensor<64x10xf32>
  %t197 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t86 : tensor<f32>) outs(%t198 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64x10xf32>
  %t200 = tensor.empty() : tensor<64x10xf32>
  %t199 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t87 : tensor<f32>) outs(%t200 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64x10xf32>
  %t202 = tensor.empty() : tensor<f32>
  %t201 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t88, %t86 : tensor<f32>, tensor<f32>) outs(%t202 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t204 = tensor.empty() : tensor<64x10xf32>
  %t203 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t201 : tensor<f32>) outs(%t204 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64x10xf32>
  %t206 = tensor.empty() : tensor<f32>
  %t205 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t88, %t87 : tensor<f32>, tensor<f32>) outs(%t206 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t208 = tensor.empty() : tensor<64x10xf32>
  %t207 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t205 : tensor<f32>) outs(%t208 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64x10xf32>
  %t210 = tensor.empty() : tensor<64x10xf32>
  %t209 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t197, %m_w2 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t210 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t212 = tensor.empty() : tensor<64x10xf32>
  %t211 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t203, %t69 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t212 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t214 = tensor.empty() : tensor<64x10xf32>
  %t213 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t209, %t211 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t214 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t216 = tensor.empty() : tensor<64x10xf32>
  %t215 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t199, %v_w2 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t216 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t218 = tensor.empty() : tensor<64x10xf32>
  %t217 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t69, %t69 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t218 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t220 = tensor.empty() : tensor<64x10xf32>
  %t219 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t207, %t217 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t220 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t222 = tensor.empty() : tensor<64x10xf32>
  %t221 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t215, %t219 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t222 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t224 = tensor.empty() : tensor<64x10xf32>
  %t223 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t91 : tensor<f32>) outs(%t224 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64x10xf32>
  %t226 = tensor.empty() : tensor<64x10xf32>
  %t225 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t213, %t223 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t226 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t228 = tensor.empty() : tensor<64x10xf32>
  %t227 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t95 : tensor<f32>) outs(%t228 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64x10xf32>
  %t230 = tensor.empty() : tensor<64x10xf32>
  %t229 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t221, %t227 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t230 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t232 = tensor.empty() : tensor<64x10xf32>
  %t231 = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t229 : tensor<64x10xf32>) outs(%t232 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    %r = math.sqrt %x0 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t233 = arith.constant dense<1.0e-8> : tensor<f32>
  %t235 = tensor.empty() : tensor<64x10xf32>
  %t234 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t233 : tensor<f32>) outs(%t235 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64x10xf32>
  %t237 = tensor.empty() : tensor<64x10xf32>
  %t236 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t231, %t234 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t237 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t238 = arith.constant dense<1.0e-3> : tensor<f32>
  %t240 = tensor.empty() : tensor<64x10xf32>
  %t239 = linalg.generic {indexing_maps = [#s2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t238 : tensor<f32>) outs(%t240 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<64x10xf32>
  %t242 = tensor.empty() : tensor<64x10xf32>
  %t241 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t239, %t225 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t242 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t244 = tensor.empty() : tensor<64x10xf32>
  %t243 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%t241, %t236 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t244 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t246 = tensor.empty() : tensor<64x10xf32>
  %t245 = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%w2, %t243 : tensor<64x10xf32>, tensor<64x10xf32>) outs(%t246 : tensor<64x10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<64x10xf32>
  %t248 = tensor.empty() : tensor<10xf32>
  %t247 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t86 : tensor<f32>) outs(%t248 : tensor<10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<10xf32>
  %t250 = tensor.empty() : tensor<10xf32>
  %t249 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t87 : tensor<f32>) outs(%t250 : tensor<10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<10xf32>
  %t252 = tensor.empty() : tensor<f32>
  %t251 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t88, %t86 : tensor<f32>, tensor<f32>) outs(%t252 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t254 = tensor.empty() : tensor<10xf32>
  %t253 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t251 : tensor<f32>) outs(%t254 : tensor<10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<10xf32>
  %t256 = tensor.empty() : tensor<f32>
  %t255 = linalg.generic {indexing_maps = [#id0, #id0, #id0], iterator_types = []}
    ins(%t88, %t87 : tensor<f32>, tensor<f32>) outs(%t256 : tensor<f32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %t258 = tensor.empty() : tensor<10xf32>
  %t257 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t255 : tensor<f32>) outs(%t258 : tensor<10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<10xf32>
  %t260 = tensor.empty() : tensor<10xf32>
  %t259 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t247, %m_b2 : tensor<10xf32>, tensor<10xf32>) outs(%t260 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t262 = tensor.empty() : tensor<10xf32>
  %t261 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t253, %t72 : tensor<10xf32>, tensor<10xf32>) outs(%t262 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t264 = tensor.empty() : tensor<10xf32>
  %t263 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t259, %t261 : tensor<10xf32>, tensor<10xf32>) outs(%t264 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t266 = tensor.empty() : tensor<10xf32>
  %t265 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t249, %v_b2 : tensor<10xf32>, tensor<10xf32>) outs(%t266 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t268 = tensor.empty() : tensor<10xf32>
  %t267 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t72, %t72 : tensor<10xf32>, tensor<10xf32>) outs(%t268 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t270 = tensor.empty() : tensor<10xf32>
  %t269 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t257, %t267 : tensor<10xf32>, tensor<10xf32>) outs(%t270 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t272 = tensor.empty() : tensor<10xf32>
  %t271 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t265, %t269 : tensor<10xf32>, tensor<10xf32>) outs(%t272 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t274 = tensor.empty() : tensor<10xf32>
  %t273 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t91 : tensor<f32>) outs(%t274 : tensor<10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<10xf32>
  %t276 = tensor.empty() : tensor<10xf32>
  %t275 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t263, %t273 : tensor<10xf32>, tensor<10xf32>) outs(%t276 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t278 = tensor.empty() : tensor<10xf32>
  %t277 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t95 : tensor<f32>) outs(%t278 : tensor<10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<10xf32>
  %t280 = tensor.empty() : tensor<10xf32>
  %t279 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t271, %t277 : tensor<10xf32>, tensor<10xf32>) outs(%t280 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t282 = tensor.empty() : tensor<10xf32>
  %t281 = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]}
    ins(%t279 : tensor<10xf32>) outs(%t282 : tensor<10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    %r = math.sqrt %x0 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t283 = arith.constant dense<1.0e-8> : tensor<f32>
  %t285 = tensor.empty() : tensor<10xf32>
  %t284 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t283 : tensor<f32>) outs(%t285 : tensor<10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<10xf32>
  %t287 = tensor.empty() : tensor<10xf32>
  %t286 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t281, %t284 : tensor<10xf32>, tensor<10xf32>) outs(%t287 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.addf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t288 = arith.constant dense<1.0e-3> : tensor<f32>
  %t290 = tensor.empty() : tensor<10xf32>
  %t289 = linalg.generic {indexing_maps = [#s1, #id1], iterator_types = ["parallel"]}
    ins(%t288 : tensor<f32>) outs(%t290 : tensor<10xf32>) {
  ^bb0(%x0: f32, %o: f32):
    linalg.yield %x0 : f32
  } -> tensor<10xf32>
  %t292 = tensor.empty() : tensor<10xf32>
  %t291 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t289, %t275 : tensor<10xf32>, tensor<10xf32>) outs(%t292 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.mulf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t294 = tensor.empty() : tensor<10xf32>
  %t293 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%t291, %t286 : tensor<10xf32>, tensor<10xf32>) outs(%t294 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.divf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  %t296 = tensor.empty() : tensor<10xf32>
  %t295 = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
    ins(%b2, %t293 : tensor<10xf32>, tensor<10xf32>) outs(%t296 : tensor<10xf32>) {
  ^bb0(%x0: f32, %x1: f32, %o: f32):
    %r = arith.subf %x0, %x1 : f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  return %t145, %t195, %t245, %t295, %t113, %t121, %t163, %t171, %t213, %t221, %t263, %t271, %t57 : tensor<784x64xf32>, tensor<64xf32>, tensor<64x10xf32>, tensor<10xf32>, tensor<784x64xf32>, tensor<784x64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64x10xf32>, tensor<64x10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<f32>
}
