#map = affine_map<(d0, d1) -> (d0, d1)>
#map1 = affine_map<(d0, d1, d2) -> (d0, d2)>
#map2 = affine_map<(d0, d1, d2) -> (d2, d1)>
#map3 = affine_map<(d0, d1, d2) -> (d0, d1)>
#map4 = affine_map<(d0, d1) -> (d1)>
#map5 = affine_map<(d0) -> (d0)>
#map6 = affine_map<(d0, d1) -> (d0)>
#map7 = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#map8 = affine_map<(d0) -> ()>
#map9 = affine_map<() -> ()>
#map10 = affine_map<(d0, d1) -> (d1, d0)>
#map11 = affine_map<(d0, d1, d2) -> (d2, d0)>
#map12 = affine_map<(d0, d1) -> ()>
module attributes {train.source = "/// The network of \22Rust vs. Python\22: 784 -> 64 -> 10.\0Amodel mlp(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] {\0A  image / 255 |> flatten |> dense(64) |> relu |> dense(10)\0A}\0A\0Atrain mlp {\0A  data      mnist(image, label)\0A  loss      cross_entropy(logits, label)\0A  metric    accuracy(logits, label)\0A  optimizer adam(lr: 1e-3)\0A  batch     32\0A  epochs    5\0A}\0A", train.source_file = "examples/mnist_mlp.nn", train.source_sha256 = "0b8e6728fc6bc413c2f7864b0c8f322a915297f029384a2911446e567630c1c3"} {
  train.program @mlp dims ["batch", "rows"] batch 0 rows 1 entries [@mlp.init, @mlp.predict_any, @mlp.init_training, @mlp.step_any, @mlp.evaluate.0_any, @mlp.finish, @mlp.predict, @mlp.step, @mlp.evaluate.0] totals 3 results 2 settings {accumulate = 1 : i64, batch = 32 : i64, blocks = [{every = 1 : i64, losses = ["loss"], name = "", trains = [0, 1, 2, 3]}], data = {classes = [], columns = [{kind = "array", name = "image"}, {kind = "array", name = "label"}], library = true, name = "mnist", prepared = false, sources = [{files = [{column = "image", path = "train-images-idx3-ubyte.gz"}, {column = "label", path = "train-labels-idx1-ubyte.gz"}], options = {}, part = "train", reader = "idx"}, {files = [{column = "image", path = "t10k-images-idx3-ubyte.gz"}, {column = "label", path = "t10k-labels-idx1-ubyte.gz"}], options = {}, part = "test", reader = "idx"}], splits = []}, epochs = 5 : i64, frozen = [], load = [], losses = ["loss"], metrics = ["accuracy"], models = ["mlp"], numbers = [], optimizer = "adam(lr: 1e-3)", passes = [["sum", "sum", "sum"]], seed = 0 : ui64, shuffle = true} doc "The network of \22Rust vs. Python\22: 784 -> 64 -> 10." {
    train.input "image" : tensor<?x28x28xui8> dims ["batch"]
    train.output "logits" : tensor<?x10xf32> dims ["batch"]
    train.column "image" : tensor<?x28x28xui8> dims ["rows"]
    train.column "label" : tensor<?xi32> dims ["rows"] in 0 to 10
    train.field "image" : tensor<?x28x28xui8> dims ["batch"]
    train.field "label" : tensor<?xi32> dims ["batch"] in 0 to 10
    train.tensor parameters "dense.w" : tensor<784x64xf32>
    train.tensor parameters "dense.b" : tensor<64xf32>
    train.tensor parameters "dense_2.w" : tensor<64x10xf32>
    train.tensor parameters "dense_2.b" : tensor<10xf32>
    train.tensor optimizer "dense.w.m" : tensor<784x64xf32>
    train.tensor optimizer "dense.w.v" : tensor<784x64xf32>
    train.tensor optimizer "dense.b.m" : tensor<64xf32>
    train.tensor optimizer "dense.b.v" : tensor<64xf32>
    train.tensor optimizer "dense_2.w.m" : tensor<64x10xf32>
    train.tensor optimizer "dense_2.w.v" : tensor<64x10xf32>
    train.tensor optimizer "dense_2.b.m" : tensor<10xf32>
    train.tensor optimizer "dense_2.b.v" : tensor<10xf32>
  }
  kernel.func @mlp.init.kernel.0(%arg0: i32, %arg1: i32, %arg2: i32, %arg3: f32, %arg4: f32, %arg5: tensor<784x64xf32>) -> tensor<784x64xf32> attributes {once} {
    %c64_i64 = arith.constant 64 : i64
    %c2_i64 = arith.constant 2 : i64
    %c32_i64 = arith.constant 32 : i64
    %c3528531795_i64 = arith.constant 3528531795 : i64
    %c-1640531527_i32 = arith.constant -1640531527 : i32
    %c-1150833019_i32 = arith.constant -1150833019 : i32
    %c3449720151_i64 = arith.constant 3449720151 : i64
    %c1013904242_i32 = arith.constant 1013904242 : i32
    %c1993301258_i32 = arith.constant 1993301258 : i32
    %c-626627285_i32 = arith.constant -626627285 : i32
    %c842468239_i32 = arith.constant 842468239 : i32
    %c2027808484_i32 = arith.constant 2027808484 : i32
    %c-308364780_i32 = arith.constant -308364780 : i32
    %c387276957_i32 = arith.constant 387276957 : i32
    %c-1459197799_i32 = arith.constant -1459197799 : i32
    %c-1253254570_i32 = arith.constant -1253254570 : i32
    %c1684936478_i32 = arith.constant 1684936478 : i32
    %c1401181199_i32 = arith.constant 1401181199 : i32
    %c534103459_i32 = arith.constant 534103459 : i32
    %c-239350328_i32 = arith.constant -239350328 : i32
    %c-616729560_i32 = arith.constant -616729560 : i32
    %c-1879881855_i32 = arith.constant -1879881855 : i32
    %c-1767562579_i32 = arith.constant -1767562579 : i32
    %c1_i64 = arith.constant 1 : i64
    %c0_i64 = arith.constant 0 : i64
    %c8_i32 = arith.constant 8 : i32
    %cst = arith.constant 5.96046448E-8 : f32
    %0 = linalg.generic {indexing_maps = [#map], iterator_types = ["parallel", "parallel"]} outs(%arg5 : tensor<784x64xf32>) {
    ^bb0(%out: f32):
      %1 = linalg.index 0 : index
      %2 = linalg.index 1 : index
      %3 = arith.index_cast %1 : index to i64
      %4 = arith.index_cast %2 : index to i64
      %5 = arith.muli %3, %c64_i64 : i64
      %6 = arith.addi %5, %4 : i64
      %7 = arith.shrui %6, %c2_i64 : i64
      %8 = arith.trunci %7 : i64 to i32
      %9 = arith.shrui %7, %c32_i64 : i64
      %10 = arith.trunci %9 : i64 to i32
      %11 = arith.extui %8 : i32 to i64
      %12 = arith.muli %11, %c3528531795_i64 : i64
      %13 = arith.shrui %12, %c32_i64 : i64
      %14 = arith.trunci %13 : i64 to i32
      %15 = arith.trunci %12 : i64 to i32
      %16 = arith.xori %10, %arg0 : i32
      %17 = arith.xori %14, %arg1 : i32
      %18 = arith.addi %arg0, %c-1640531527_i32 : i32
      %19 = arith.addi %arg2, %c-1150833019_i32 : i32
      %20 = arith.extui %16 : i32 to i64
      %21 = arith.muli %20, %c3528531795_i64 : i64
      %22 = arith.shrui %21, %c32_i64 : i64
      %23 = arith.trunci %22 : i64 to i32
      %24 = arith.trunci %21 : i64 to i32
      %25 = arith.extui %17 : i32 to i64
      %26 = arith.muli %25, %c3449720151_i64 : i64
      %27 = arith.shrui %26, %c32_i64 : i64
      %28 = arith.trunci %27 : i64 to i32
      %29 = arith.trunci %26 : i64 to i32
      %30 = arith.xori %28, %18 : i32
      %31 = arith.xori %23, %15 : i32
      %32 = arith.xori %31, %19 : i32
      %33 = arith.addi %arg0, %c1013904242_i32 : i32
      %34 = arith.addi %arg2, %c1993301258_i32 : i32
      %35 = arith.extui %30 : i32 to i64
      %36 = arith.muli %35, %c3528531795_i64 : i64
      %37 = arith.shrui %36, %c32_i64 : i64
      %38 = arith.trunci %37 : i64 to i32
      %39 = arith.trunci %36 : i64 to i32
      %40 = arith.extui %32 : i32 to i64
      %41 = arith.muli %40, %c3449720151_i64 : i64
      %42 = arith.shrui %41, %c32_i64 : i64
      %43 = arith.trunci %42 : i64 to i32
      %44 = arith.trunci %41 : i64 to i32
      %45 = arith.xori %43, %29 : i32
      %46 = arith.xori %45, %33 : i32
      %47 = arith.xori %38, %24 : i32
      %48 = arith.xori %47, %34 : i32
      %49 = arith.addi %arg0, %c-626627285_i32 : i32
      %50 = arith.addi %arg2, %c842468239_i32 : i32
      %51 = arith.extui %46 : i32 to i64
      %52 = arith.muli %51, %c3528531795_i64 : i64
      %53 = arith.shrui %52, %c32_i64 : i64
      %54 = arith.trunci %53 : i64 to i32
      %55 = arith.trunci %52 : i64 to i32
      %56 = arith.extui %48 : i32 to i64
      %57 = arith.muli %56, %c3449720151_i64 : i64
      %58 = arith.shrui %57, %c32_i64 : i64
      %59 = arith.trunci %58 : i64 to i32
      %60 = arith.trunci %57 : i64 to i32
      %61 = arith.xori %59, %44 : i32
      %62 = arith.xori %61, %49 : i32
      %63 = arith.xori %54, %39 : i32
      %64 = arith.xori %63, %50 : i32
      %65 = arith.addi %arg0, %c2027808484_i32 : i32
      %66 = arith.addi %arg2, %c-308364780_i32 : i32
      %67 = arith.extui %62 : i32 to i64
      %68 = arith.muli %67, %c3528531795_i64 : i64
      %69 = arith.shrui %68, %c32_i64 : i64
      %70 = arith.trunci %69 : i64 to i32
      %71 = arith.trunci %68 : i64 to i32
      %72 = arith.extui %64 : i32 to i64
      %73 = arith.muli %72, %c3449720151_i64 : i64
      %74 = arith.shrui %73, %c32_i64 : i64
      %75 = arith.trunci %74 : i64 to i32
      %76 = arith.trunci %73 : i64 to i32
      %77 = arith.xori %75, %60 : i32
      %78 = arith.xori %77, %65 : i32
      %79 = arith.xori %70, %55 : i32
      %80 = arith.xori %79, %66 : i32
      %81 = arith.addi %arg0, %c387276957_i32 : i32
      %82 = arith.addi %arg2, %c-1459197799_i32 : i32
      %83 = arith.extui %78 : i32 to i64
      %84 = arith.muli %83, %c3528531795_i64 : i64
      %85 = arith.shrui %84, %c32_i64 : i64
      %86 = arith.trunci %85 : i64 to i32
      %87 = arith.trunci %84 : i64 to i32
      %88 = arith.extui %80 : i32 to i64
      %89 = arith.muli %88, %c3449720151_i64 : i64
      %90 = arith.shrui %89, %c32_i64 : i64
      %91 = arith.trunci %90 : i64 to i32
      %92 = arith.trunci %89 : i64 to i32
      %93 = arith.xori %91, %76 : i32
      %94 = arith.xori %93, %81 : i32
      %95 = arith.xori %86, %71 : i32
      %96 = arith.xori %95, %82 : i32
      %97 = arith.addi %arg0, %c-1253254570_i32 : i32
      %98 = arith.addi %arg2, %c1684936478_i32 : i32
      %99 = arith.extui %94 : i32 to i64
      %100 = arith.muli %99, %c3528531795_i64 : i64
      %101 = arith.shrui %100, %c32_i64 : i64
      %102 = arith.trunci %101 : i64 to i32
      %103 = arith.trunci %100 : i64 to i32
      %104 = arith.extui %96 : i32 to i64
      %105 = arith.muli %104, %c3449720151_i64 : i64
      %106 = arith.shrui %105, %c32_i64 : i64
      %107 = arith.trunci %106 : i64 to i32
      %108 = arith.trunci %105 : i64 to i32
      %109 = arith.xori %107, %92 : i32
      %110 = arith.xori %109, %97 : i32
      %111 = arith.xori %102, %87 : i32
      %112 = arith.xori %111, %98 : i32
      %113 = arith.addi %arg0, %c1401181199_i32 : i32
      %114 = arith.addi %arg2, %c534103459_i32 : i32
      %115 = arith.extui %110 : i32 to i64
      %116 = arith.muli %115, %c3528531795_i64 : i64
      %117 = arith.shrui %116, %c32_i64 : i64
      %118 = arith.trunci %117 : i64 to i32
      %119 = arith.trunci %116 : i64 to i32
      %120 = arith.extui %112 : i32 to i64
      %121 = arith.muli %120, %c3449720151_i64 : i64
      %122 = arith.shrui %121, %c32_i64 : i64
      %123 = arith.trunci %122 : i64 to i32
      %124 = arith.trunci %121 : i64 to i32
      %125 = arith.xori %123, %108 : i32
      %126 = arith.xori %125, %113 : i32
      %127 = arith.xori %118, %103 : i32
      %128 = arith.xori %127, %114 : i32
      %129 = arith.addi %arg0, %c-239350328_i32 : i32
      %130 = arith.addi %arg2, %c-616729560_i32 : i32
      %131 = arith.extui %126 : i32 to i64
      %132 = arith.muli %131, %c3528531795_i64 : i64
      %133 = arith.shrui %132, %c32_i64 : i64
      %134 = arith.trunci %133 : i64 to i32
      %135 = arith.trunci %132 : i64 to i32
      %136 = arith.extui %128 : i32 to i64
      %137 = arith.muli %136, %c3449720151_i64 : i64
      %138 = arith.shrui %137, %c32_i64 : i64
      %139 = arith.trunci %138 : i64 to i32
      %140 = arith.trunci %137 : i64 to i32
      %141 = arith.xori %139, %124 : i32
      %142 = arith.xori %141, %129 : i32
      %143 = arith.xori %134, %119 : i32
      %144 = arith.xori %143, %130 : i32
      %145 = arith.addi %arg0, %c-1879881855_i32 : i32
      %146 = arith.addi %arg2, %c-1767562579_i32 : i32
      %147 = arith.extui %142 : i32 to i64
      %148 = arith.muli %147, %c3528531795_i64 : i64
      %149 = arith.shrui %148, %c32_i64 : i64
      %150 = arith.trunci %149 : i64 to i32
      %151 = arith.trunci %148 : i64 to i32
      %152 = arith.extui %144 : i32 to i64
      %153 = arith.muli %152, %c3449720151_i64 : i64
      %154 = arith.shrui %153, %c32_i64 : i64
      %155 = arith.trunci %154 : i64 to i32
      %156 = arith.trunci %153 : i64 to i32
      %157 = arith.xori %155, %140 : i32
      %158 = arith.xori %157, %145 : i32
      %159 = arith.xori %150, %135 : i32
      %160 = arith.xori %159, %146 : i32
      %161 = arith.andi %6, %c1_i64 : i64
      %162 = arith.cmpi ne, %161, %c0_i64 : i64
      %163 = arith.andi %6, %c2_i64 : i64
      %164 = arith.cmpi ne, %163, %c0_i64 : i64
      %165 = arith.select %164, %160, %158 : i32
      %166 = arith.select %164, %151, %156 : i32
      %167 = arith.select %162, %166, %165 : i32
      %168 = arith.shrui %167, %c8_i32 : i32
      %169 = arith.sitofp %168 : i32 to f32
      %170 = arith.mulf %169, %cst fastmath<contract> : f32
      %171 = arith.mulf %170, %arg3 fastmath<contract> : f32
      %172 = arith.addf %171, %arg4 fastmath<contract> : f32
      linalg.yield %172 : f32
    } -> tensor<784x64xf32>
    kernel.return %0 : tensor<784x64xf32>
  }
  kernel.func @mlp.init.kernel.1(%arg0: i32, %arg1: i32, %arg2: i32, %arg3: f32, %arg4: f32, %arg5: tensor<64x10xf32>) -> tensor<64x10xf32> attributes {once} {
    %c10_i64 = arith.constant 10 : i64
    %c2_i64 = arith.constant 2 : i64
    %c32_i64 = arith.constant 32 : i64
    %c3528531795_i64 = arith.constant 3528531795 : i64
    %c-1640531527_i32 = arith.constant -1640531527 : i32
    %c-1150833019_i32 = arith.constant -1150833019 : i32
    %c3449720151_i64 = arith.constant 3449720151 : i64
    %c1013904242_i32 = arith.constant 1013904242 : i32
    %c1993301258_i32 = arith.constant 1993301258 : i32
    %c-626627285_i32 = arith.constant -626627285 : i32
    %c842468239_i32 = arith.constant 842468239 : i32
    %c2027808484_i32 = arith.constant 2027808484 : i32
    %c-308364780_i32 = arith.constant -308364780 : i32
    %c387276957_i32 = arith.constant 387276957 : i32
    %c-1459197799_i32 = arith.constant -1459197799 : i32
    %c-1253254570_i32 = arith.constant -1253254570 : i32
    %c1684936478_i32 = arith.constant 1684936478 : i32
    %c1401181199_i32 = arith.constant 1401181199 : i32
    %c534103459_i32 = arith.constant 534103459 : i32
    %c-239350328_i32 = arith.constant -239350328 : i32
    %c-616729560_i32 = arith.constant -616729560 : i32
    %c-1879881855_i32 = arith.constant -1879881855 : i32
    %c-1767562579_i32 = arith.constant -1767562579 : i32
    %c1_i64 = arith.constant 1 : i64
    %c0_i64 = arith.constant 0 : i64
    %c8_i32 = arith.constant 8 : i32
    %cst = arith.constant 5.96046448E-8 : f32
    %0 = linalg.generic {indexing_maps = [#map], iterator_types = ["parallel", "parallel"]} outs(%arg5 : tensor<64x10xf32>) {
    ^bb0(%out: f32):
      %1 = linalg.index 0 : index
      %2 = linalg.index 1 : index
      %3 = arith.index_cast %1 : index to i64
      %4 = arith.index_cast %2 : index to i64
      %5 = arith.muli %3, %c10_i64 : i64
      %6 = arith.addi %5, %4 : i64
      %7 = arith.shrui %6, %c2_i64 : i64
      %8 = arith.trunci %7 : i64 to i32
      %9 = arith.shrui %7, %c32_i64 : i64
      %10 = arith.trunci %9 : i64 to i32
      %11 = arith.extui %8 : i32 to i64
      %12 = arith.muli %11, %c3528531795_i64 : i64
      %13 = arith.shrui %12, %c32_i64 : i64
      %14 = arith.trunci %13 : i64 to i32
      %15 = arith.trunci %12 : i64 to i32
      %16 = arith.xori %10, %arg0 : i32
      %17 = arith.xori %14, %arg1 : i32
      %18 = arith.addi %arg0, %c-1640531527_i32 : i32
      %19 = arith.addi %arg2, %c-1150833019_i32 : i32
      %20 = arith.extui %16 : i32 to i64
      %21 = arith.muli %20, %c3528531795_i64 : i64
      %22 = arith.shrui %21, %c32_i64 : i64
      %23 = arith.trunci %22 : i64 to i32
      %24 = arith.trunci %21 : i64 to i32
      %25 = arith.extui %17 : i32 to i64
      %26 = arith.muli %25, %c3449720151_i64 : i64
      %27 = arith.shrui %26, %c32_i64 : i64
      %28 = arith.trunci %27 : i64 to i32
      %29 = arith.trunci %26 : i64 to i32
      %30 = arith.xori %28, %18 : i32
      %31 = arith.xori %23, %15 : i32
      %32 = arith.xori %31, %19 : i32
      %33 = arith.addi %arg0, %c1013904242_i32 : i32
      %34 = arith.addi %arg2, %c1993301258_i32 : i32
      %35 = arith.extui %30 : i32 to i64
      %36 = arith.muli %35, %c3528531795_i64 : i64
      %37 = arith.shrui %36, %c32_i64 : i64
      %38 = arith.trunci %37 : i64 to i32
      %39 = arith.trunci %36 : i64 to i32
      %40 = arith.extui %32 : i32 to i64
      %41 = arith.muli %40, %c3449720151_i64 : i64
      %42 = arith.shrui %41, %c32_i64 : i64
      %43 = arith.trunci %42 : i64 to i32
      %44 = arith.trunci %41 : i64 to i32
      %45 = arith.xori %43, %29 : i32
      %46 = arith.xori %45, %33 : i32
      %47 = arith.xori %38, %24 : i32
      %48 = arith.xori %47, %34 : i32
      %49 = arith.addi %arg0, %c-626627285_i32 : i32
      %50 = arith.addi %arg2, %c842468239_i32 : i32
      %51 = arith.extui %46 : i32 to i64
      %52 = arith.muli %51, %c3528531795_i64 : i64
      %53 = arith.shrui %52, %c32_i64 : i64
      %54 = arith.trunci %53 : i64 to i32
      %55 = arith.trunci %52 : i64 to i32
      %56 = arith.extui %48 : i32 to i64
      %57 = arith.muli %56, %c3449720151_i64 : i64
      %58 = arith.shrui %57, %c32_i64 : i64
      %59 = arith.trunci %58 : i64 to i32
      %60 = arith.trunci %57 : i64 to i32
      %61 = arith.xori %59, %44 : i32
      %62 = arith.xori %61, %49 : i32
      %63 = arith.xori %54, %39 : i32
      %64 = arith.xori %63, %50 : i32
      %65 = arith.addi %arg0, %c2027808484_i32 : i32
      %66 = arith.addi %arg2, %c-308364780_i32 : i32
      %67 = arith.extui %62 : i32 to i64
      %68 = arith.muli %67, %c3528531795_i64 : i64
      %69 = arith.shrui %68, %c32_i64 : i64
      %70 = arith.trunci %69 : i64 to i32
      %71 = arith.trunci %68 : i64 to i32
      %72 = arith.extui %64 : i32 to i64
      %73 = arith.muli %72, %c3449720151_i64 : i64
      %74 = arith.shrui %73, %c32_i64 : i64
      %75 = arith.trunci %74 : i64 to i32
      %76 = arith.trunci %73 : i64 to i32
      %77 = arith.xori %75, %60 : i32
      %78 = arith.xori %77, %65 : i32
      %79 = arith.xori %70, %55 : i32
      %80 = arith.xori %79, %66 : i32
      %81 = arith.addi %arg0, %c387276957_i32 : i32
      %82 = arith.addi %arg2, %c-1459197799_i32 : i32
      %83 = arith.extui %78 : i32 to i64
      %84 = arith.muli %83, %c3528531795_i64 : i64
      %85 = arith.shrui %84, %c32_i64 : i64
      %86 = arith.trunci %85 : i64 to i32
      %87 = arith.trunci %84 : i64 to i32
      %88 = arith.extui %80 : i32 to i64
      %89 = arith.muli %88, %c3449720151_i64 : i64
      %90 = arith.shrui %89, %c32_i64 : i64
      %91 = arith.trunci %90 : i64 to i32
      %92 = arith.trunci %89 : i64 to i32
      %93 = arith.xori %91, %76 : i32
      %94 = arith.xori %93, %81 : i32
      %95 = arith.xori %86, %71 : i32
      %96 = arith.xori %95, %82 : i32
      %97 = arith.addi %arg0, %c-1253254570_i32 : i32
      %98 = arith.addi %arg2, %c1684936478_i32 : i32
      %99 = arith.extui %94 : i32 to i64
      %100 = arith.muli %99, %c3528531795_i64 : i64
      %101 = arith.shrui %100, %c32_i64 : i64
      %102 = arith.trunci %101 : i64 to i32
      %103 = arith.trunci %100 : i64 to i32
      %104 = arith.extui %96 : i32 to i64
      %105 = arith.muli %104, %c3449720151_i64 : i64
      %106 = arith.shrui %105, %c32_i64 : i64
      %107 = arith.trunci %106 : i64 to i32
      %108 = arith.trunci %105 : i64 to i32
      %109 = arith.xori %107, %92 : i32
      %110 = arith.xori %109, %97 : i32
      %111 = arith.xori %102, %87 : i32
      %112 = arith.xori %111, %98 : i32
      %113 = arith.addi %arg0, %c1401181199_i32 : i32
      %114 = arith.addi %arg2, %c534103459_i32 : i32
      %115 = arith.extui %110 : i32 to i64
      %116 = arith.muli %115, %c3528531795_i64 : i64
      %117 = arith.shrui %116, %c32_i64 : i64
      %118 = arith.trunci %117 : i64 to i32
      %119 = arith.trunci %116 : i64 to i32
      %120 = arith.extui %112 : i32 to i64
      %121 = arith.muli %120, %c3449720151_i64 : i64
      %122 = arith.shrui %121, %c32_i64 : i64
      %123 = arith.trunci %122 : i64 to i32
      %124 = arith.trunci %121 : i64 to i32
      %125 = arith.xori %123, %108 : i32
      %126 = arith.xori %125, %113 : i32
      %127 = arith.xori %118, %103 : i32
      %128 = arith.xori %127, %114 : i32
      %129 = arith.addi %arg0, %c-239350328_i32 : i32
      %130 = arith.addi %arg2, %c-616729560_i32 : i32
      %131 = arith.extui %126 : i32 to i64
      %132 = arith.muli %131, %c3528531795_i64 : i64
      %133 = arith.shrui %132, %c32_i64 : i64
      %134 = arith.trunci %133 : i64 to i32
      %135 = arith.trunci %132 : i64 to i32
      %136 = arith.extui %128 : i32 to i64
      %137 = arith.muli %136, %c3449720151_i64 : i64
      %138 = arith.shrui %137, %c32_i64 : i64
      %139 = arith.trunci %138 : i64 to i32
      %140 = arith.trunci %137 : i64 to i32
      %141 = arith.xori %139, %124 : i32
      %142 = arith.xori %141, %129 : i32
      %143 = arith.xori %134, %119 : i32
      %144 = arith.xori %143, %130 : i32
      %145 = arith.addi %arg0, %c-1879881855_i32 : i32
      %146 = arith.addi %arg2, %c-1767562579_i32 : i32
      %147 = arith.extui %142 : i32 to i64
      %148 = arith.muli %147, %c3528531795_i64 : i64
      %149 = arith.shrui %148, %c32_i64 : i64
      %150 = arith.trunci %149 : i64 to i32
      %151 = arith.trunci %148 : i64 to i32
      %152 = arith.extui %144 : i32 to i64
      %153 = arith.muli %152, %c3449720151_i64 : i64
      %154 = arith.shrui %153, %c32_i64 : i64
      %155 = arith.trunci %154 : i64 to i32
      %156 = arith.trunci %153 : i64 to i32
      %157 = arith.xori %155, %140 : i32
      %158 = arith.xori %157, %145 : i32
      %159 = arith.xori %150, %135 : i32
      %160 = arith.xori %159, %146 : i32
      %161 = arith.andi %6, %c1_i64 : i64
      %162 = arith.cmpi ne, %161, %c0_i64 : i64
      %163 = arith.andi %6, %c2_i64 : i64
      %164 = arith.cmpi ne, %163, %c0_i64 : i64
      %165 = arith.select %164, %160, %158 : i32
      %166 = arith.select %164, %151, %156 : i32
      %167 = arith.select %162, %166, %165 : i32
      %168 = arith.shrui %167, %c8_i32 : i32
      %169 = arith.sitofp %168 : i32 to f32
      %170 = arith.mulf %169, %cst fastmath<contract> : f32
      %171 = arith.mulf %170, %arg3 fastmath<contract> : f32
      %172 = arith.addf %171, %arg4 fastmath<contract> : f32
      linalg.yield %172 : f32
    } -> tensor<64x10xf32>
    kernel.return %0 : tensor<64x10xf32>
  }
  func.func @mlp.init(%arg0: i64 {train.bind = #train.bind<seed, 0>}, %arg1: memref<784x64xf32> {train.bind = #train.bind<parameter, 0>}, %arg2: memref<64xf32> {train.bind = #train.bind<parameter, 1>}, %arg3: memref<64x10xf32> {train.bind = #train.bind<parameter, 2>}, %arg4: memref<10xf32> {train.bind = #train.bind<parameter, 3>}) attributes {nn.argument_dims = [array<i64>, array<i64>, array<i64>, array<i64>, array<i64>], nn.arguments = [i64, memref<784x64xf32>, memref<64xf32>, memref<64x10xf32>, memref<10xf32>], nn.entry = "init"} {
    %c10_i64 = arith.constant 10 : i64
    %c-1767562579_i32 = arith.constant -1767562579 : i32
    %c-1879881855_i32 = arith.constant -1879881855 : i32
    %c-616729560_i32 = arith.constant -616729560 : i32
    %c-239350328_i32 = arith.constant -239350328 : i32
    %c534103459_i32 = arith.constant 534103459 : i32
    %c1401181199_i32 = arith.constant 1401181199 : i32
    %c1684936478_i32 = arith.constant 1684936478 : i32
    %c-1253254570_i32 = arith.constant -1253254570 : i32
    %c-1459197799_i32 = arith.constant -1459197799 : i32
    %c387276957_i32 = arith.constant 387276957 : i32
    %c-308364780_i32 = arith.constant -308364780 : i32
    %c2027808484_i32 = arith.constant 2027808484 : i32
    %c842468239_i32 = arith.constant 842468239 : i32
    %c-626627285_i32 = arith.constant -626627285 : i32
    %c1993301258_i32 = arith.constant 1993301258 : i32
    %c1013904242_i32 = arith.constant 1013904242 : i32
    %c64_i64 = arith.constant 64 : i64
    %cst = arith.constant dense<0.000000e+00> : tensor<64xf32>
    %cst_0 = arith.constant dense<0.000000e+00> : tensor<10xf32>
    %c32_i64 = arith.constant 32 : i64
    %c1345274199_i32 = arith.constant 1345274199 : i32
    %c2_i64 = arith.constant 2 : i64
    %c3528531795_i64 = arith.constant 3528531795 : i64
    %c3449720151_i64 = arith.constant 3449720151 : i64
    %c-1640531527_i32 = arith.constant -1640531527 : i32
    %c-1150833019_i32 = arith.constant -1150833019 : i32
    %c1_i64 = arith.constant 1 : i64
    %c0_i64 = arith.constant 0 : i64
    %c8_i32 = arith.constant 8 : i32
    %cst_1 = arith.constant 5.96046448E-8 : f32
    %cst_2 = arith.constant 0.168231651 : f32
    %cst_3 = arith.constant -0.0841158255 : f32
    %c1150424164_i32 = arith.constant 1150424164 : i32
    %cst_4 = arith.constant 0.569494784 : f32
    %cst_5 = arith.constant -0.284747392 : f32
    %0 = bufferization.to_tensor %arg3 restrict writable : memref<64x10xf32> to tensor<64x10xf32>
    %1 = bufferization.to_tensor %arg1 restrict writable : memref<784x64xf32> to tensor<784x64xf32>
    %2 = arith.trunci %arg0 : i64 to i32
    %3 = arith.shrui %arg0, %c32_i64 : i64
    %4 = arith.trunci %3 : i64 to i32
    %5 = arith.xori %4, %c1345274199_i32 : i32
    %cst_6 = arith.constant 0.168231651 : f32
    %cst_7 = arith.constant -0.0841158255 : f32
    %6 = kernel.call @mlp.init.kernel.0(%2, %5, %4, %cst_6, %cst_7 : i32, i32, i32, f32, f32) to (%1 : tensor<784x64xf32>) -> tensor<784x64xf32>
    %7 = arith.xori %4, %c1150424164_i32 : i32
    %cst_8 = arith.constant 0.569494784 : f32
    %cst_9 = arith.constant -0.284747392 : f32
    %8 = kernel.call @mlp.init.kernel.1(%2, %7, %4, %cst_8, %cst_9 : i32, i32, i32, f32, f32) to (%0 : tensor<64x10xf32>) -> tensor<64x10xf32>
    bufferization.materialize_in_destination %6 in restrict writable %arg1 : (tensor<784x64xf32>, memref<784x64xf32>) -> ()
    bufferization.materialize_in_destination %cst in restrict writable %arg2 : (tensor<64xf32>, memref<64xf32>) -> ()
    bufferization.materialize_in_destination %8 in restrict writable %arg3 : (tensor<64x10xf32>, memref<64x10xf32>) -> ()
    bufferization.materialize_in_destination %cst_0 in restrict writable %arg4 : (tensor<10xf32>, memref<10xf32>) -> ()
    return
  }
  kernel.func @mlp.predict_any.kernel.0(%arg0: tensor<?x784xi8>, %arg1: f32, %arg2: tensor<?x784xf32>) -> tensor<?x784xf32> {
    %0 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]} ins(%arg0 : tensor<?x784xi8>) outs(%arg2 : tensor<?x784xf32>) {
    ^bb0(%in: i8, %out: f32):
      %1 = arith.uitofp %in : i8 to f32
      %2 = arith.mulf %1, %arg1 fastmath<contract> : f32
      linalg.yield %2 : f32
    } -> tensor<?x784xf32>
    kernel.return %0 : tensor<?x784xf32>
  }
  kernel.func @mlp.predict_any.kernel.1(%arg0: index, %arg1: tensor<?x784xf32>, %arg2: tensor<784x64xf32>, %arg3: tensor<64xf32>, %arg4: tensor<?x64xf32>) -> tensor<?x64xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = tensor.empty(%arg0) : tensor<?x64xf32>
    %1 = linalg.fill ins(%cst : f32) outs(%0 : tensor<?x64xf32>) -> tensor<?x64xf32>
    %2 = linalg.generic {indexing_maps = [#map1, #map2, #map3], iterator_types = ["parallel", "parallel", "reduction"]} ins(%arg1, %arg2 : tensor<?x784xf32>, tensor<784x64xf32>) outs(%1 : tensor<?x64xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %4 = arith.mulf %in, %in_0 fastmath<contract> : f32
      %5 = arith.addf %out, %4 fastmath<contract> : f32
      linalg.yield %5 : f32
    } -> tensor<?x64xf32>
    %3 = linalg.generic {indexing_maps = [#map, #map4, #map], iterator_types = ["parallel", "parallel"]} ins(%2, %arg3 : tensor<?x64xf32>, tensor<64xf32>) outs(%arg4 : tensor<?x64xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %4 = arith.addf %in, %in_0 fastmath<contract> : f32
      %5 = arith.cmpf ole, %4, %cst : f32
      %6 = arith.select %5, %cst, %4 : f32
      linalg.yield %6 : f32
    } -> tensor<?x64xf32>
    kernel.return %3 : tensor<?x64xf32>
  }
  kernel.func @mlp.predict_any.kernel.2(%arg0: index, %arg1: tensor<?x64xf32>, %arg2: tensor<64x10xf32>, %arg3: tensor<10xf32>, %arg4: tensor<?x10xf32>) -> tensor<?x10xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = tensor.empty(%arg0) : tensor<?x10xf32>
    %1 = linalg.fill ins(%cst : f32) outs(%0 : tensor<?x10xf32>) -> tensor<?x10xf32>
    %2 = linalg.generic {indexing_maps = [#map1, #map2, #map3], iterator_types = ["parallel", "parallel", "reduction"]} ins(%arg1, %arg2 : tensor<?x64xf32>, tensor<64x10xf32>) outs(%1 : tensor<?x10xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %4 = arith.mulf %in, %in_0 fastmath<contract> : f32
      %5 = arith.addf %out, %4 fastmath<contract> : f32
      linalg.yield %5 : f32
    } -> tensor<?x10xf32>
    %3 = linalg.generic {indexing_maps = [#map, #map4, #map], iterator_types = ["parallel", "parallel"]} ins(%2, %arg3 : tensor<?x10xf32>, tensor<10xf32>) outs(%arg4 : tensor<?x10xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %4 = arith.addf %in, %in_0 fastmath<contract> : f32
      linalg.yield %4 : f32
    } -> tensor<?x10xf32>
    kernel.return %3 : tensor<?x10xf32>
  }
  func.func @mlp.predict_any(%arg0: index {train.bind = #train.bind<dim, 0>}, %arg1: memref<784x64xf32> {train.bind = #train.bind<parameter, 0>}, %arg2: memref<64xf32> {train.bind = #train.bind<parameter, 1>}, %arg3: memref<64x10xf32> {train.bind = #train.bind<parameter, 2>}, %arg4: memref<10xf32> {train.bind = #train.bind<parameter, 3>}, %arg5: memref<?x28x28xi8> {train.bind = #train.bind<input, 0>}, %arg6: memref<?x10xf32> {train.bind = #train.bind<output, 0>}) attributes {nn.argument_dims = [array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64: 0>, array<i64: 0>], nn.arguments = [index, memref<784x64xf32>, memref<64xf32>, memref<64x10xf32>, memref<10xf32>, memref<?x28x28xi8>, memref<?x10xf32>], nn.entry = "predict"} {
    %cst = arith.constant 0.00392156886 : f32
    %cst_0 = arith.constant 0.000000e+00 : f32
    %0 = bufferization.to_tensor %arg6 restrict writable : memref<?x10xf32> to tensor<?x10xf32>
    %1 = bufferization.to_tensor %arg1 restrict : memref<784x64xf32> to tensor<784x64xf32>
    %2 = bufferization.to_tensor %arg2 restrict : memref<64xf32> to tensor<64xf32>
    %3 = bufferization.to_tensor %arg3 restrict : memref<64x10xf32> to tensor<64x10xf32>
    %4 = bufferization.to_tensor %arg4 restrict : memref<10xf32> to tensor<10xf32>
    %5 = bufferization.to_tensor %arg5 restrict : memref<?x28x28xi8> to tensor<?x28x28xi8>
    %6 = tensor.empty(%arg0) : tensor<?x28x28xf32>
    %collapsed = tensor.collapse_shape %5 [[0], [1, 2]] : tensor<?x28x28xi8> into tensor<?x784xi8>
    %collapsed_1 = tensor.collapse_shape %6 [[0], [1, 2]] : tensor<?x28x28xf32> into tensor<?x784xf32>
    %cst_2 = arith.constant 0.00392156886 : f32
    %7 = kernel.call @mlp.predict_any.kernel.0(%collapsed, %cst_2 : tensor<?x784xi8>, f32) to (%collapsed_1 : tensor<?x784xf32>) -> tensor<?x784xf32>
    %8 = tensor.empty(%arg0) : tensor<?x64xf32>
    %9 = kernel.call @mlp.predict_any.kernel.1(%arg0, %7, %1, %2 : index, tensor<?x784xf32>, tensor<784x64xf32>, tensor<64xf32>) to (%8 : tensor<?x64xf32>) -> tensor<?x64xf32>
    %10 = tensor.empty(%arg0) : tensor<?x10xf32>
    %11 = kernel.call @mlp.predict_any.kernel.2(%arg0, %9, %3, %4 : index, tensor<?x64xf32>, tensor<64x10xf32>, tensor<10xf32>) to (%0 : tensor<?x10xf32>) -> tensor<?x10xf32>
    bufferization.materialize_in_destination %11 in restrict writable %arg6 : (tensor<?x10xf32>, memref<?x10xf32>) -> ()
    return
  }
  kernel.func @mlp.predict.kernel.0(%arg0: tensor<25088xi8>, %arg1: f32, %arg2: tensor<25088xf32>) -> tensor<25088xf32> {
    %0 = linalg.generic {indexing_maps = [#map5, #map5], iterator_types = ["parallel"]} ins(%arg0 : tensor<25088xi8>) outs(%arg2 : tensor<25088xf32>) {
    ^bb0(%in: i8, %out: f32):
      %1 = arith.uitofp %in : i8 to f32
      %2 = arith.mulf %1, %arg1 fastmath<contract> : f32
      linalg.yield %2 : f32
    } -> tensor<25088xf32>
    kernel.return %0 : tensor<25088xf32>
  }
  kernel.func @mlp.predict.kernel.1(%arg0: tensor<32x784xf32>, %arg1: tensor<784x64xf32>, %arg2: tensor<64xf32>, %arg3: tensor<32x64xf32>) -> tensor<32x64xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = tensor.empty() : tensor<32x64xf32>
    %1 = linalg.fill ins(%cst : f32) outs(%0 : tensor<32x64xf32>) -> tensor<32x64xf32>
    %2 = linalg.generic {indexing_maps = [#map1, #map2, #map3], iterator_types = ["parallel", "parallel", "reduction"]} ins(%arg0, %arg1 : tensor<32x784xf32>, tensor<784x64xf32>) outs(%1 : tensor<32x64xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %4 = arith.mulf %in, %in_0 fastmath<contract> : f32
      %5 = arith.addf %out, %4 fastmath<contract> : f32
      linalg.yield %5 : f32
    } -> tensor<32x64xf32>
    %3 = linalg.generic {indexing_maps = [#map, #map4, #map], iterator_types = ["parallel", "parallel"]} ins(%2, %arg2 : tensor<32x64xf32>, tensor<64xf32>) outs(%arg3 : tensor<32x64xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %4 = arith.addf %in, %in_0 fastmath<contract> : f32
      %5 = arith.cmpf ole, %4, %cst : f32
      %6 = arith.select %5, %cst, %4 : f32
      linalg.yield %6 : f32
    } -> tensor<32x64xf32>
    kernel.return %3 : tensor<32x64xf32>
  }
  kernel.func @mlp.predict.kernel.2(%arg0: tensor<32x64xf32>, %arg1: tensor<64x10xf32>, %arg2: tensor<10xf32>, %arg3: tensor<32x10xf32>) -> tensor<32x10xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = tensor.empty() : tensor<32x10xf32>
    %1 = linalg.fill ins(%cst : f32) outs(%0 : tensor<32x10xf32>) -> tensor<32x10xf32>
    %2 = linalg.generic {indexing_maps = [#map1, #map2, #map3], iterator_types = ["parallel", "parallel", "reduction"]} ins(%arg0, %arg1 : tensor<32x64xf32>, tensor<64x10xf32>) outs(%1 : tensor<32x10xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %4 = arith.mulf %in, %in_0 fastmath<contract> : f32
      %5 = arith.addf %out, %4 fastmath<contract> : f32
      linalg.yield %5 : f32
    } -> tensor<32x10xf32>
    %3 = linalg.generic {indexing_maps = [#map, #map4, #map], iterator_types = ["parallel", "parallel"]} ins(%2, %arg2 : tensor<32x10xf32>, tensor<10xf32>) outs(%arg3 : tensor<32x10xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %4 = arith.addf %in, %in_0 fastmath<contract> : f32
      linalg.yield %4 : f32
    } -> tensor<32x10xf32>
    kernel.return %3 : tensor<32x10xf32>
  }
  func.func @mlp.predict(%arg0: index {train.bind = #train.bind<dim, 0>}, %arg1: memref<784x64xf32> {train.bind = #train.bind<parameter, 0>}, %arg2: memref<64xf32> {train.bind = #train.bind<parameter, 1>}, %arg3: memref<64x10xf32> {train.bind = #train.bind<parameter, 2>}, %arg4: memref<10xf32> {train.bind = #train.bind<parameter, 3>}, %arg5: memref<32x28x28xi8> {train.bind = #train.bind<input, 0>}, %arg6: memref<32x10xf32> {train.bind = #train.bind<output, 0>}) attributes {nn.argument_dims = [array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>], nn.arguments = [index, memref<784x64xf32>, memref<64xf32>, memref<64x10xf32>, memref<10xf32>, memref<32x28x28xi8>, memref<32x10xf32>], nn.entry = "predict", train.dims = array<i64: 32, 0>} {
    %cst = arith.constant 0.00392156886 : f32
    %cst_0 = arith.constant 0.000000e+00 : f32
    %0 = bufferization.to_tensor %arg6 restrict writable : memref<32x10xf32> to tensor<32x10xf32>
    %1 = bufferization.to_tensor %arg1 restrict : memref<784x64xf32> to tensor<784x64xf32>
    %2 = bufferization.to_tensor %arg2 restrict : memref<64xf32> to tensor<64xf32>
    %3 = bufferization.to_tensor %arg3 restrict : memref<64x10xf32> to tensor<64x10xf32>
    %4 = bufferization.to_tensor %arg4 restrict : memref<10xf32> to tensor<10xf32>
    %5 = bufferization.to_tensor %arg5 restrict : memref<32x28x28xi8> to tensor<32x28x28xi8>
    %6 = tensor.empty() : tensor<32x28x28xf32>
    %collapsed = tensor.collapse_shape %5 [[0, 1, 2]] : tensor<32x28x28xi8> into tensor<25088xi8>
    %collapsed_1 = tensor.collapse_shape %6 [[0, 1, 2]] : tensor<32x28x28xf32> into tensor<25088xf32>
    %cst_2 = arith.constant 0.00392156886 : f32
    %7 = kernel.call @mlp.predict.kernel.0(%collapsed, %cst_2 : tensor<25088xi8>, f32) to (%collapsed_1 : tensor<25088xf32>) -> tensor<25088xf32>
    %expanded = tensor.expand_shape %7 [[0, 1]] output_shape [32, 784] : tensor<25088xf32> into tensor<32x784xf32>
    %8 = tensor.empty() : tensor<32x64xf32>
    %9 = kernel.call @mlp.predict.kernel.1(%expanded, %1, %2 : tensor<32x784xf32>, tensor<784x64xf32>, tensor<64xf32>) to (%8 : tensor<32x64xf32>) -> tensor<32x64xf32>
    %10 = tensor.empty() : tensor<32x10xf32>
    %11 = kernel.call @mlp.predict.kernel.2(%9, %3, %4 : tensor<32x64xf32>, tensor<64x10xf32>, tensor<10xf32>) to (%0 : tensor<32x10xf32>) -> tensor<32x10xf32>
    bufferization.materialize_in_destination %11 in restrict writable %arg6 : (tensor<32x10xf32>, memref<32x10xf32>) -> ()
    return
  }
  kernel.func @mlp.init_training.kernel.0(%arg0: tensor<784x64xf32>) -> tensor<784x64xf32> attributes {once} {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = linalg.fill ins(%cst : f32) outs(%arg0 : tensor<784x64xf32>) -> tensor<784x64xf32>
    kernel.return %0 : tensor<784x64xf32>
  }
  func.func @mlp.init_training(%arg0: i64 {train.bind = #train.bind<seed, 0>}, %arg1: memref<784x64xf32> {train.bind = #train.bind<optimizer, 0>}, %arg2: memref<784x64xf32> {train.bind = #train.bind<optimizer, 1>}, %arg3: memref<64xf32> {train.bind = #train.bind<optimizer, 2>}, %arg4: memref<64xf32> {train.bind = #train.bind<optimizer, 3>}, %arg5: memref<64x10xf32> {train.bind = #train.bind<optimizer, 4>}, %arg6: memref<64x10xf32> {train.bind = #train.bind<optimizer, 5>}, %arg7: memref<10xf32> {train.bind = #train.bind<optimizer, 6>}, %arg8: memref<10xf32> {train.bind = #train.bind<optimizer, 7>}) attributes {nn.argument_dims = [array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>], nn.arguments = [i64, memref<784x64xf32>, memref<784x64xf32>, memref<64xf32>, memref<64xf32>, memref<64x10xf32>, memref<64x10xf32>, memref<10xf32>, memref<10xf32>], nn.entry = "init_training"} {
    %cst = arith.constant 0.000000e+00 : f32
    %cst_0 = arith.constant dense<0.000000e+00> : tensor<64xf32>
    %cst_1 = arith.constant dense<0.000000e+00> : tensor<64x10xf32>
    %cst_2 = arith.constant dense<0.000000e+00> : tensor<10xf32>
    %0 = bufferization.to_tensor %arg2 restrict writable : memref<784x64xf32> to tensor<784x64xf32>
    %1 = bufferization.to_tensor %arg1 restrict writable : memref<784x64xf32> to tensor<784x64xf32>
    %2 = kernel.call @mlp.init_training.kernel.0() to (%1 : tensor<784x64xf32>) -> tensor<784x64xf32>
    bufferization.materialize_in_destination %2 in restrict writable %arg1 : (tensor<784x64xf32>, memref<784x64xf32>) -> ()
    %3 = kernel.call @mlp.init_training.kernel.0() to (%0 : tensor<784x64xf32>) -> tensor<784x64xf32>
    bufferization.materialize_in_destination %3 in restrict writable %arg2 : (tensor<784x64xf32>, memref<784x64xf32>) -> ()
    bufferization.materialize_in_destination %cst_0 in restrict writable %arg3 : (tensor<64xf32>, memref<64xf32>) -> ()
    bufferization.materialize_in_destination %cst_0 in restrict writable %arg4 : (tensor<64xf32>, memref<64xf32>) -> ()
    bufferization.materialize_in_destination %cst_1 in restrict writable %arg5 : (tensor<64x10xf32>, memref<64x10xf32>) -> ()
    bufferization.materialize_in_destination %cst_1 in restrict writable %arg6 : (tensor<64x10xf32>, memref<64x10xf32>) -> ()
    bufferization.materialize_in_destination %cst_2 in restrict writable %arg7 : (tensor<10xf32>, memref<10xf32>) -> ()
    bufferization.materialize_in_destination %cst_2 in restrict writable %arg8 : (tensor<10xf32>, memref<10xf32>) -> ()
    return
  }
  kernel.func @mlp.step_any.kernel.0(%arg0: index, %arg1: tensor<?x784xf32>, %arg2: tensor<784x64xf32>, %arg3: tensor<64xf32>, %arg4: tensor<?x64xi1>, %arg5: tensor<?x64xf32>) -> (tensor<?x64xi1>, tensor<?x64xf32>) {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = tensor.empty(%arg0) : tensor<?x64xf32>
    %1 = linalg.fill ins(%cst : f32) outs(%0 : tensor<?x64xf32>) -> tensor<?x64xf32>
    %2 = linalg.generic {indexing_maps = [#map1, #map2, #map3], iterator_types = ["parallel", "parallel", "reduction"]} ins(%arg1, %arg2 : tensor<?x784xf32>, tensor<784x64xf32>) outs(%1 : tensor<?x64xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %4 = arith.mulf %in, %in_0 fastmath<contract> : f32
      %5 = arith.addf %out, %4 fastmath<contract> : f32
      linalg.yield %5 : f32
    } -> tensor<?x64xf32>
    %3:2 = linalg.generic {indexing_maps = [#map, #map4, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%2, %arg3 : tensor<?x64xf32>, tensor<64xf32>) outs(%arg4, %arg5 : tensor<?x64xi1>, tensor<?x64xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: i1, %out_1: f32):
      %4 = arith.addf %in, %in_0 fastmath<contract> : f32
      %5 = arith.cmpf ole, %4, %cst : f32
      %6 = arith.select %5, %cst, %4 : f32
      linalg.yield %5, %6 : i1, f32
    } -> (tensor<?x64xi1>, tensor<?x64xf32>)
    kernel.return %3#0, %3#1 : tensor<?x64xi1>, tensor<?x64xf32>
  }
  kernel.func @mlp.step_any.kernel.1(%arg0: tensor<?x10xf32>, %arg1: tensor<?xf32>) -> tensor<?xf32> {
    %cst = arith.constant 0xFF800000 : f32
    %0 = linalg.fill ins(%cst : f32) outs(%arg1 : tensor<?xf32>) -> tensor<?xf32>
    %1 = linalg.generic {indexing_maps = [#map, #map6], iterator_types = ["parallel", "reduction"]} ins(%arg0 : tensor<?x10xf32>) outs(%0 : tensor<?xf32>) {
    ^bb0(%in: f32, %out: f32):
      %2 = arith.maximumf %out, %in : f32
      linalg.yield %2 : f32
    } -> tensor<?xf32>
    kernel.return %1 : tensor<?xf32>
  }
  kernel.func @mlp.step_any.kernel.2(%arg0: tensor<?x10xf32>, %arg1: tensor<?xf32>, %arg2: tensor<?x10xf32>) -> tensor<?x10xf32> {
    %0 = linalg.generic {indexing_maps = [#map, #map6, #map], iterator_types = ["parallel", "parallel"]} ins(%arg0, %arg1 : tensor<?x10xf32>, tensor<?xf32>) outs(%arg2 : tensor<?x10xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %1 = arith.subf %in, %in_0 fastmath<contract> : f32
      linalg.yield %1 : f32
    } -> tensor<?x10xf32>
    kernel.return %0 : tensor<?x10xf32>
  }
  kernel.func @mlp.step_any.kernel.3(%arg0: tensor<?x10xf32>, %arg1: tensor<?xf32>, %arg2: tensor<?x10xf32>) -> tensor<?x10xf32> {
    %0 = linalg.generic {indexing_maps = [#map, #map6, #map], iterator_types = ["parallel", "parallel"]} ins(%arg0, %arg1 : tensor<?x10xf32>, tensor<?xf32>) outs(%arg2 : tensor<?x10xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %1 = arith.subf %in, %in_0 fastmath<contract> : f32
      %2 = math.exp %1 : f32
      linalg.yield %2 : f32
    } -> tensor<?x10xf32>
    kernel.return %0 : tensor<?x10xf32>
  }
  kernel.func @mlp.step_any.kernel.4(%arg0: tensor<?x10xf32>, %arg1: tensor<?xf32>) -> tensor<?xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = linalg.fill ins(%cst : f32) outs(%arg1 : tensor<?xf32>) -> tensor<?xf32>
    %1 = linalg.generic {indexing_maps = [#map, #map6], iterator_types = ["parallel", "reduction"]} ins(%arg0 : tensor<?x10xf32>) outs(%0 : tensor<?xf32>) {
    ^bb0(%in: f32, %out: f32):
      %2 = arith.addf %out, %in fastmath<contract> : f32
      linalg.yield %2 : f32
    } -> tensor<?xf32>
    kernel.return %1 : tensor<?xf32>
  }
  kernel.func @mlp.step_any.kernel.5(%arg0: tensor<?x1xf32>, %arg1: tensor<?x1xf32>) -> tensor<?x1xf32> {
    %0 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]} ins(%arg0 : tensor<?x1xf32>) outs(%arg1 : tensor<?x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      %1 = math.log %in : f32
      linalg.yield %1 : f32
    } -> tensor<?x1xf32>
    kernel.return %0 : tensor<?x1xf32>
  }
  kernel.func @mlp.step_any.kernel.6(%arg0: tensor<?x1x10xf32>, %arg1: tensor<?x1xf32>, %arg2: tensor<?x1x10xf32>) -> tensor<?x1x10xf32> {
    %0 = linalg.generic {indexing_maps = [#map7, #map3, #map7], iterator_types = ["parallel", "parallel", "parallel"]} ins(%arg0, %arg1 : tensor<?x1x10xf32>, tensor<?x1xf32>) outs(%arg2 : tensor<?x1x10xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %1 = arith.subf %in, %in_0 fastmath<contract> : f32
      linalg.yield %1 : f32
    } -> tensor<?x1x10xf32>
    kernel.return %0 : tensor<?x1x10xf32>
  }
  kernel.func @mlp.step_any.kernel.7(%arg0: tensor<?xi32>, %arg1: tensor<?x10xf32>, %arg2: tensor<f64>) -> tensor<f64> {
    %cst = arith.constant 0.000000e+00 : f64
    %c9 = arith.constant 9 : index
    %c0 = arith.constant 0 : index
    %0 = linalg.fill ins(%cst : f64) outs(%arg2 : tensor<f64>) -> tensor<f64>
    %1 = linalg.generic {indexing_maps = [#map5, #map8], iterator_types = ["reduction"]} ins(%arg0 : tensor<?xi32>) outs(%0 : tensor<f64>) {
    ^bb0(%in: i32, %out: f64):
      %2 = linalg.index 0 : index
      %3 = arith.index_cast %in : i32 to index
      %4 = arith.minsi %3, %c9 : index
      %5 = arith.maxsi %4, %c0 : index
      %extracted = tensor.extract %arg1[%2, %5] : tensor<?x10xf32>
      %6 = arith.negf %extracted : f32
      %7 = arith.extf %6 : f32 to f64
      %8 = arith.addf %out, %7 fastmath<contract> : f64
      linalg.yield %8 : f64
    } -> tensor<f64>
    kernel.return %1 : tensor<f64>
  }
  kernel.func @mlp.step_any.kernel.8(%arg0: tensor<f64>, %arg1: tensor<f32>) -> tensor<f32> {
    %cst = arith.constant 1.000000e+00 : f32
    %0 = linalg.generic {indexing_maps = [#map9, #map9], iterator_types = []} ins(%arg0 : tensor<f64>) outs(%arg1 : tensor<f32>) {
    ^bb0(%in: f64, %out: f32):
      %1 = arith.truncf %in : f64 to f32
      %2 = arith.divf %cst, %1 : f32
      linalg.yield %2 : f32
    } -> tensor<f32>
    kernel.return %0 : tensor<f32>
  }
  kernel.func @mlp.step_any.kernel.9(%arg0: tensor<f32>, %arg1: tensor<?xf32>) -> tensor<?xf32> {
    %0 = linalg.generic {indexing_maps = [#map8, #map5], iterator_types = ["parallel"]} ins(%arg0 : tensor<f32>) outs(%arg1 : tensor<?xf32>) {
    ^bb0(%in: f32, %out: f32):
      %1 = arith.negf %in : f32
      linalg.yield %1 : f32
    } -> tensor<?xf32>
    kernel.return %0 : tensor<?xf32>
  }
  kernel.func @mlp.step_any.kernel.10(%arg0: tensor<?xf32>, %arg1: tensor<?xi32>, %arg2: tensor<?x10xf32>, %arg3: tensor<?x10xf32>) -> (tensor<?x10xf32>, tensor<?x10xf32>) {
    %c9 = arith.constant 9 : index
    %c0 = arith.constant 0 : index
    %cst = arith.constant 0.000000e+00 : f32
    %0:2 = linalg.generic {indexing_maps = [#map6, #map6, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%arg0, %arg1 : tensor<?xf32>, tensor<?xi32>) outs(%arg2, %arg3 : tensor<?x10xf32>, tensor<?x10xf32>) {
    ^bb0(%in: f32, %in_0: i32, %out: f32, %out_1: f32):
      %1 = linalg.index 1 : index
      %2 = arith.index_cast %in_0 : i32 to index
      %3 = arith.minsi %2, %c9 : index
      %4 = arith.maxsi %3, %c0 : index
      %5 = arith.cmpi eq, %4, %1 : index
      %6 = arith.select %5, %in, %cst : f32
      %7 = arith.negf %6 : f32
      linalg.yield %6, %7 : f32, f32
    } -> (tensor<?x10xf32>, tensor<?x10xf32>)
    kernel.return %0#0, %0#1 : tensor<?x10xf32>, tensor<?x10xf32>
  }
  kernel.func @mlp.step_any.kernel.11(%arg0: tensor<?x1xf32>, %arg1: tensor<?x1xf32>, %arg2: tensor<?x1xf32>) -> tensor<?x1xf32> {
    %0 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%arg0, %arg1 : tensor<?x1xf32>, tensor<?x1xf32>) outs(%arg2 : tensor<?x1xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %1 = arith.divf %in, %in_0 : f32
      linalg.yield %1 : f32
    } -> tensor<?x1xf32>
    kernel.return %0 : tensor<?x1xf32>
  }
  kernel.func @mlp.step_any.kernel.12(%arg0: tensor<?x1x10xf32>, %arg1: tensor<?x1xf32>, %arg2: tensor<?x1x10xf32>, %arg3: tensor<?x1x10xf32>) -> tensor<?x1x10xf32> {
    %0 = linalg.generic {indexing_maps = [#map7, #map3, #map7, #map7], iterator_types = ["parallel", "parallel", "parallel"]} ins(%arg0, %arg1, %arg2 : tensor<?x1x10xf32>, tensor<?x1xf32>, tensor<?x1x10xf32>) outs(%arg3 : tensor<?x1x10xf32>) {
    ^bb0(%in: f32, %in_0: f32, %in_1: f32, %out: f32):
      %1 = arith.mulf %in_0, %in_1 fastmath<contract> : f32
      %2 = arith.addf %in, %1 fastmath<contract> : f32
      linalg.yield %2 : f32
    } -> tensor<?x1x10xf32>
    kernel.return %0 : tensor<?x1x10xf32>
  }
  kernel.func @mlp.step_any.kernel.13(%arg0: tensor<?x10xf32>, %arg1: tensor<10xf64>) -> tensor<10xf64> {
    %cst = arith.constant 0.000000e+00 : f64
    %0 = linalg.fill ins(%cst : f64) outs(%arg1 : tensor<10xf64>) -> tensor<10xf64>
    %1 = linalg.generic {indexing_maps = [#map, #map4], iterator_types = ["reduction", "parallel"]} ins(%arg0 : tensor<?x10xf32>) outs(%0 : tensor<10xf64>) {
    ^bb0(%in: f32, %out: f64):
      %2 = arith.extf %in : f32 to f64
      %3 = arith.addf %out, %2 fastmath<contract> : f64
      linalg.yield %3 : f64
    } -> tensor<10xf64>
    kernel.return %1 : tensor<10xf64>
  }
  kernel.func @mlp.step_any.kernel.14(%arg0: tensor<64x10xf32>, %arg1: tensor<10x64xf32>) -> tensor<10x64xf32> {
    %0 = linalg.generic {indexing_maps = [#map10, #map], iterator_types = ["parallel", "parallel"]} ins(%arg0 : tensor<64x10xf32>) outs(%arg1 : tensor<10x64xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<10x64xf32>
    kernel.return %0 : tensor<10x64xf32>
  }
  kernel.func @mlp.step_any.kernel.15(%arg0: tensor<1024x64xf32>, %arg1: tensor<1024x10xf32>, %arg2: tensor<64x10xf32>, %arg3: tensor<64x10xf64>) -> tensor<64x10xf64> {
    %0 = linalg.generic {indexing_maps = [#map11, #map2, #map3], iterator_types = ["parallel", "parallel", "reduction"]} ins(%arg0, %arg1 : tensor<1024x64xf32>, tensor<1024x10xf32>) outs(%arg2 : tensor<64x10xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %2 = arith.mulf %in, %in_0 fastmath<contract> : f32
      %3 = arith.addf %out, %2 fastmath<contract> : f32
      linalg.yield %3 : f32
    } -> tensor<64x10xf32>
    %1 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<64x10xf32>) outs(%arg3 : tensor<64x10xf64>) {
    ^bb0(%in: f32, %out: f64):
      %2 = arith.extf %in : f32 to f64
      %3 = arith.addf %out, %2 fastmath<contract> : f64
      linalg.yield %3 : f64
    } -> tensor<64x10xf64>
    kernel.return %1 : tensor<64x10xf64>
  }
  kernel.func @mlp.step_any.kernel.16(%arg0: index, %arg1: tensor<?x10xf32>, %arg2: tensor<10x64xf32>, %arg3: tensor<?x64xi1>, %arg4: tensor<?x64xf32>) -> tensor<?x64xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = tensor.empty(%arg0) : tensor<?x64xf32>
    %1 = linalg.fill ins(%cst : f32) outs(%0 : tensor<?x64xf32>) -> tensor<?x64xf32>
    %2 = linalg.generic {indexing_maps = [#map1, #map2, #map3], iterator_types = ["parallel", "parallel", "reduction"]} ins(%arg1, %arg2 : tensor<?x10xf32>, tensor<10x64xf32>) outs(%1 : tensor<?x64xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %4 = arith.mulf %in, %in_0 fastmath<contract> : f32
      %5 = arith.addf %out, %4 fastmath<contract> : f32
      linalg.yield %5 : f32
    } -> tensor<?x64xf32>
    %3 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%arg3, %2 : tensor<?x64xi1>, tensor<?x64xf32>) outs(%arg4 : tensor<?x64xf32>) {
    ^bb0(%in: i1, %in_0: f32, %out: f32):
      %4 = arith.select %in, %cst, %in_0 : f32
      linalg.yield %4 : f32
    } -> tensor<?x64xf32>
    kernel.return %3 : tensor<?x64xf32>
  }
  kernel.func @mlp.step_any.kernel.17(%arg0: tensor<?x64xf32>, %arg1: tensor<64xf64>) -> tensor<64xf64> {
    %cst = arith.constant 0.000000e+00 : f64
    %0 = linalg.fill ins(%cst : f64) outs(%arg1 : tensor<64xf64>) -> tensor<64xf64>
    %1 = linalg.generic {indexing_maps = [#map, #map4], iterator_types = ["reduction", "parallel"]} ins(%arg0 : tensor<?x64xf32>) outs(%0 : tensor<64xf64>) {
    ^bb0(%in: f32, %out: f64):
      %2 = arith.extf %in : f32 to f64
      %3 = arith.addf %out, %2 fastmath<contract> : f64
      linalg.yield %3 : f64
    } -> tensor<64xf64>
    kernel.return %1 : tensor<64xf64>
  }
  kernel.func @mlp.step_any.kernel.18(%arg0: tensor<1024x784xf32>, %arg1: tensor<1024x64xf32>, %arg2: tensor<784x64xf32>, %arg3: tensor<784x64xf64>) -> tensor<784x64xf64> {
    %0 = linalg.generic {indexing_maps = [#map11, #map2, #map3], iterator_types = ["parallel", "parallel", "reduction"]} ins(%arg0, %arg1 : tensor<1024x784xf32>, tensor<1024x64xf32>) outs(%arg2 : tensor<784x64xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %2 = arith.mulf %in, %in_0 fastmath<contract> : f32
      %3 = arith.addf %out, %2 fastmath<contract> : f32
      linalg.yield %3 : f32
    } -> tensor<784x64xf32>
    %1 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<784x64xf32>) outs(%arg3 : tensor<784x64xf64>) {
    ^bb0(%in: f32, %out: f64):
      %2 = arith.extf %in : f32 to f64
      %3 = arith.addf %out, %2 fastmath<contract> : f64
      linalg.yield %3 : f64
    } -> tensor<784x64xf64>
    kernel.return %1 : tensor<784x64xf64>
  }
  kernel.func @mlp.step_any.kernel.19(%arg0: tensor<f64>, %arg1: tensor<f64>, %arg2: tensor<f64>) -> tensor<f64> {
    %0 = linalg.generic {indexing_maps = [#map9, #map9, #map9], iterator_types = []} ins(%arg0, %arg1 : tensor<f64>, tensor<f64>) outs(%arg2 : tensor<f64>) {
    ^bb0(%in: f64, %in_0: f64, %out: f64):
      %1 = arith.truncf %in_0 : f64 to f32
      %2 = arith.truncf %in : f64 to f32
      %3 = arith.divf %2, %1 : f32
      %4 = arith.extf %3 : f32 to f64
      linalg.yield %4 : f64
    } -> tensor<f64>
    kernel.return %0 : tensor<f64>
  }
  kernel.func @mlp.step_any.kernel.20(%arg0: tensor<f64>, %arg1: tensor<f32>) -> tensor<f32> {
    %cst = arith.constant 9.000000e-01 : f64
    %cst_0 = arith.constant 1.000000e+00 : f64
    %0 = linalg.generic {indexing_maps = [#map9, #map9], iterator_types = []} ins(%arg0 : tensor<f64>) outs(%arg1 : tensor<f32>) {
    ^bb0(%in: f64, %out: f32):
      %1 = math.powf %cst, %in : f64
      %2 = arith.subf %cst_0, %1 fastmath<contract> : f64
      %3 = arith.truncf %2 : f64 to f32
      linalg.yield %3 : f32
    } -> tensor<f32>
    kernel.return %0 : tensor<f32>
  }
  kernel.func @mlp.step_any.kernel.21(%arg0: tensor<f64>, %arg1: tensor<f32>) -> tensor<f32> {
    %cst = arith.constant 0.99899999999999999 : f64
    %cst_0 = arith.constant 1.000000e+00 : f64
    %0 = linalg.generic {indexing_maps = [#map9, #map9], iterator_types = []} ins(%arg0 : tensor<f64>) outs(%arg1 : tensor<f32>) {
    ^bb0(%in: f64, %out: f32):
      %1 = math.powf %cst, %in : f64
      %2 = arith.subf %cst_0, %1 fastmath<contract> : f64
      %3 = arith.truncf %2 : f64 to f32
      linalg.yield %3 : f32
    } -> tensor<f32>
    kernel.return %0 : tensor<f32>
  }
  kernel.func @mlp.step_any.kernel.22(%arg0: tensor<f32>, %arg1: tensor<f32>, %arg2: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
    %cst = arith.constant 1.17549435E-38 : f32
    %cst_0 = arith.constant 8.50705917E+37 : f32
    %cst_1 = arith.constant 2.500000e-01 : f32
    %cst_2 = arith.constant 1.000000e+00 : f32
    %cst_3 = arith.constant 0x4B800000 : f32
    %0:2 = linalg.generic {indexing_maps = [#map9, #map9, #map9], iterator_types = []} ins(%arg0 : tensor<f32>) outs(%arg1, %arg2 : tensor<f32>, tensor<f32>) {
    ^bb0(%in: f32, %out: f32, %out_4: f32):
      %1 = math.absf %in : f32
      %2 = arith.cmpf olt, %1, %cst : f32
      %3 = arith.cmpf ogt, %1, %cst_0 : f32
      %4 = arith.select %3, %cst_1, %cst_2 : f32
      %5 = arith.select %2, %cst_3, %4 : f32
      %6 = arith.mulf %in, %5 fastmath<contract> : f32
      %7 = arith.divf %cst_2, %6 : f32
      linalg.yield %5, %7 : f32, f32
    } -> (tensor<f32>, tensor<f32>)
    kernel.return %0#0, %0#1 : tensor<f32>, tensor<f32>
  }
  kernel.func @mlp.step_any.kernel.23(%arg0: tensor<?x784xf32>, %arg1: tensor<?x64xf32>, %arg2: tensor<784x64xf64>, %arg3: tensor<f32>, %arg4: tensor<f32>, %arg5: tensor<f32>, %arg6: tensor<f32>, %arg7: tensor<f32>, %arg8: tensor<f32>, %arg9: f32, %arg10: f32, %arg11: f32, %arg12: f32, %arg13: f32, %arg14: f32, %arg15: tensor<784x64xf32>, %arg16: tensor<784x64xf32>, %arg17: tensor<784x64xf32>) -> (tensor<784x64xf32>, tensor<784x64xf32>, tensor<784x64xf32>) {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = tensor.empty() : tensor<784x64xf32>
    %1 = linalg.fill ins(%cst : f32) outs(%0 : tensor<784x64xf32>) -> tensor<784x64xf32>
    %2 = linalg.generic {indexing_maps = [#map11, #map2, #map3], iterator_types = ["parallel", "parallel", "reduction"]} ins(%arg0, %arg1 : tensor<?x784xf32>, tensor<?x64xf32>) outs(%1 : tensor<784x64xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %4 = arith.mulf %in, %in_0 fastmath<contract> : f32
      %5 = arith.addf %out, %4 fastmath<contract> : f32
      linalg.yield %5 : f32
    } -> tensor<784x64xf32>
    %3:3 = linalg.generic {indexing_maps = [#map, #map, #map12, #map12, #map12, #map12, #map12, #map12, #map, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%arg2, %2, %arg3, %arg4, %arg5, %arg6, %arg7, %arg8 : tensor<784x64xf64>, tensor<784x64xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) outs(%arg15, %arg16, %arg17 : tensor<784x64xf32>, tensor<784x64xf32>, tensor<784x64xf32>) {
    ^bb0(%in: f64, %in_0: f32, %in_1: f32, %in_2: f32, %in_3: f32, %in_4: f32, %in_5: f32, %in_6: f32, %out: f32, %out_7: f32, %out_8: f32):
      %4 = arith.extf %in_0 : f32 to f64
      %5 = arith.addf %in, %4 fastmath<contract> : f64
      %6 = arith.truncf %5 : f64 to f32
      %7 = arith.mulf %6, %6 fastmath<contract> : f32
      %8 = arith.mulf %7, %arg9 fastmath<contract> : f32
      %9 = arith.mulf %out_7, %arg10 fastmath<contract> : f32
      %10 = arith.addf %9, %8 fastmath<contract> : f32
      %11 = arith.mulf %10, %in_3 fastmath<contract> : f32
      %12 = arith.mulf %11, %in_4 fastmath<contract> : f32
      %13 = math.sqrt %12 : f32
      %14 = arith.addf %13, %arg11 fastmath<contract> : f32
      %15 = arith.mulf %6, %arg12 fastmath<contract> : f32
      %16 = arith.mulf %out, %arg13 fastmath<contract> : f32
      %17 = arith.addf %16, %15 fastmath<contract> : f32
      %18 = arith.mulf %17, %in_5 fastmath<contract> : f32
      %19 = arith.mulf %18, %in_6 fastmath<contract> : f32
      %20 = arith.mulf %19, %arg14 fastmath<contract> : f32
      %21 = arith.divf %20, %14 : f32
      %22 = arith.subf %out_8, %21 fastmath<contract> : f32
      linalg.yield %17, %10, %22 : f32, f32, f32
    } -> (tensor<784x64xf32>, tensor<784x64xf32>, tensor<784x64xf32>)
    kernel.return %3#0, %3#1, %3#2 : tensor<784x64xf32>, tensor<784x64xf32>, tensor<784x64xf32>
  }
  kernel.func @mlp.step_any.kernel.24(%arg0: tensor<64xf64>, %arg1: tensor<f32>, %arg2: tensor<f32>, %arg3: tensor<f32>, %arg4: tensor<f32>, %arg5: tensor<f32>, %arg6: tensor<f32>, %arg7: f32, %arg8: f32, %arg9: f32, %arg10: f32, %arg11: f32, %arg12: f32, %arg13: tensor<64xf32>, %arg14: tensor<64xf32>, %arg15: tensor<64xf32>) -> (tensor<64xf32>, tensor<64xf32>, tensor<64xf32>) {
    %0:3 = linalg.generic {indexing_maps = [#map5, #map8, #map8, #map8, #map8, #map8, #map8, #map5, #map5, #map5], iterator_types = ["parallel"]} ins(%arg0, %arg1, %arg2, %arg3, %arg4, %arg5, %arg6 : tensor<64xf64>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) outs(%arg13, %arg14, %arg15 : tensor<64xf32>, tensor<64xf32>, tensor<64xf32>) {
    ^bb0(%in: f64, %in_0: f32, %in_1: f32, %in_2: f32, %in_3: f32, %in_4: f32, %in_5: f32, %out: f32, %out_6: f32, %out_7: f32):
      %1 = arith.truncf %in : f64 to f32
      %2 = arith.mulf %1, %1 fastmath<contract> : f32
      %3 = arith.mulf %2, %arg7 fastmath<contract> : f32
      %4 = arith.mulf %out, %arg8 fastmath<contract> : f32
      %5 = arith.addf %4, %3 fastmath<contract> : f32
      %6 = arith.mulf %5, %in_2 fastmath<contract> : f32
      %7 = arith.mulf %6, %in_3 fastmath<contract> : f32
      %8 = math.sqrt %7 : f32
      %9 = arith.addf %8, %arg9 fastmath<contract> : f32
      %10 = arith.mulf %1, %arg10 fastmath<contract> : f32
      %11 = arith.mulf %out_6, %arg11 fastmath<contract> : f32
      %12 = arith.addf %11, %10 fastmath<contract> : f32
      %13 = arith.mulf %12, %in_4 fastmath<contract> : f32
      %14 = arith.mulf %13, %in_5 fastmath<contract> : f32
      %15 = arith.mulf %14, %arg12 fastmath<contract> : f32
      %16 = arith.divf %15, %9 : f32
      %17 = arith.subf %out_7, %16 fastmath<contract> : f32
      linalg.yield %5, %12, %17 : f32, f32, f32
    } -> (tensor<64xf32>, tensor<64xf32>, tensor<64xf32>)
    kernel.return %0#0, %0#1, %0#2 : tensor<64xf32>, tensor<64xf32>, tensor<64xf32>
  }
  kernel.func @mlp.step_any.kernel.25(%arg0: tensor<?x64xf32>, %arg1: tensor<?x10xf32>, %arg2: tensor<64x10xf64>, %arg3: tensor<f32>, %arg4: tensor<f32>, %arg5: tensor<f32>, %arg6: tensor<f32>, %arg7: tensor<f32>, %arg8: tensor<f32>, %arg9: f32, %arg10: f32, %arg11: f32, %arg12: f32, %arg13: f32, %arg14: f32, %arg15: tensor<64x10xf32>, %arg16: tensor<64x10xf32>, %arg17: tensor<64x10xf32>) -> (tensor<64x10xf32>, tensor<64x10xf32>, tensor<64x10xf32>) {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = tensor.empty() : tensor<64x10xf32>
    %1 = linalg.fill ins(%cst : f32) outs(%0 : tensor<64x10xf32>) -> tensor<64x10xf32>
    %2 = linalg.generic {indexing_maps = [#map11, #map2, #map3], iterator_types = ["parallel", "parallel", "reduction"]} ins(%arg0, %arg1 : tensor<?x64xf32>, tensor<?x10xf32>) outs(%1 : tensor<64x10xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %4 = arith.mulf %in, %in_0 fastmath<contract> : f32
      %5 = arith.addf %out, %4 fastmath<contract> : f32
      linalg.yield %5 : f32
    } -> tensor<64x10xf32>
    %3:3 = linalg.generic {indexing_maps = [#map, #map, #map12, #map12, #map12, #map12, #map12, #map12, #map, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%arg2, %2, %arg3, %arg4, %arg5, %arg6, %arg7, %arg8 : tensor<64x10xf64>, tensor<64x10xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) outs(%arg15, %arg16, %arg17 : tensor<64x10xf32>, tensor<64x10xf32>, tensor<64x10xf32>) {
    ^bb0(%in: f64, %in_0: f32, %in_1: f32, %in_2: f32, %in_3: f32, %in_4: f32, %in_5: f32, %in_6: f32, %out: f32, %out_7: f32, %out_8: f32):
      %4 = arith.extf %in_0 : f32 to f64
      %5 = arith.addf %in, %4 fastmath<contract> : f64
      %6 = arith.truncf %5 : f64 to f32
      %7 = arith.mulf %6, %6 fastmath<contract> : f32
      %8 = arith.mulf %7, %arg9 fastmath<contract> : f32
      %9 = arith.mulf %out_7, %arg10 fastmath<contract> : f32
      %10 = arith.addf %9, %8 fastmath<contract> : f32
      %11 = arith.mulf %10, %in_3 fastmath<contract> : f32
      %12 = arith.mulf %11, %in_4 fastmath<contract> : f32
      %13 = math.sqrt %12 : f32
      %14 = arith.addf %13, %arg11 fastmath<contract> : f32
      %15 = arith.mulf %6, %arg12 fastmath<contract> : f32
      %16 = arith.mulf %out, %arg13 fastmath<contract> : f32
      %17 = arith.addf %16, %15 fastmath<contract> : f32
      %18 = arith.mulf %17, %in_5 fastmath<contract> : f32
      %19 = arith.mulf %18, %in_6 fastmath<contract> : f32
      %20 = arith.mulf %19, %arg14 fastmath<contract> : f32
      %21 = arith.divf %20, %14 : f32
      %22 = arith.subf %out_8, %21 fastmath<contract> : f32
      linalg.yield %17, %10, %22 : f32, f32, f32
    } -> (tensor<64x10xf32>, tensor<64x10xf32>, tensor<64x10xf32>)
    kernel.return %3#0, %3#1, %3#2 : tensor<64x10xf32>, tensor<64x10xf32>, tensor<64x10xf32>
  }
  kernel.func @mlp.step_any.kernel.26(%arg0: tensor<10xf64>, %arg1: tensor<f32>, %arg2: tensor<f32>, %arg3: tensor<f32>, %arg4: tensor<f32>, %arg5: tensor<f32>, %arg6: tensor<f32>, %arg7: f32, %arg8: f32, %arg9: f32, %arg10: f32, %arg11: f32, %arg12: f32, %arg13: tensor<10xf32>, %arg14: tensor<10xf32>, %arg15: tensor<10xf32>) -> (tensor<10xf32>, tensor<10xf32>, tensor<10xf32>) {
    %0:3 = linalg.generic {indexing_maps = [#map5, #map8, #map8, #map8, #map8, #map8, #map8, #map5, #map5, #map5], iterator_types = ["parallel"]} ins(%arg0, %arg1, %arg2, %arg3, %arg4, %arg5, %arg6 : tensor<10xf64>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) outs(%arg13, %arg14, %arg15 : tensor<10xf32>, tensor<10xf32>, tensor<10xf32>) {
    ^bb0(%in: f64, %in_0: f32, %in_1: f32, %in_2: f32, %in_3: f32, %in_4: f32, %in_5: f32, %out: f32, %out_6: f32, %out_7: f32):
      %1 = arith.truncf %in : f64 to f32
      %2 = arith.mulf %1, %1 fastmath<contract> : f32
      %3 = arith.mulf %2, %arg7 fastmath<contract> : f32
      %4 = arith.mulf %out, %arg8 fastmath<contract> : f32
      %5 = arith.addf %4, %3 fastmath<contract> : f32
      %6 = arith.mulf %5, %in_2 fastmath<contract> : f32
      %7 = arith.mulf %6, %in_3 fastmath<contract> : f32
      %8 = math.sqrt %7 : f32
      %9 = arith.addf %8, %arg9 fastmath<contract> : f32
      %10 = arith.mulf %1, %arg10 fastmath<contract> : f32
      %11 = arith.mulf %out_6, %arg11 fastmath<contract> : f32
      %12 = arith.addf %11, %10 fastmath<contract> : f32
      %13 = arith.mulf %12, %in_4 fastmath<contract> : f32
      %14 = arith.mulf %13, %in_5 fastmath<contract> : f32
      %15 = arith.mulf %14, %arg12 fastmath<contract> : f32
      %16 = arith.divf %15, %9 : f32
      %17 = arith.subf %out_7, %16 fastmath<contract> : f32
      linalg.yield %5, %12, %17 : f32, f32, f32
    } -> (tensor<10xf32>, tensor<10xf32>, tensor<10xf32>)
    kernel.return %0#0, %0#1, %0#2 : tensor<10xf32>, tensor<10xf32>, tensor<10xf32>
  }
  kernel.func @mlp.step_any.kernel.27(%arg0: tensor<64x10xf64>) -> tensor<64x10xf64> {
    %cst = arith.constant 0.000000e+00 : f64
    %0 = linalg.fill ins(%cst : f64) outs(%arg0 : tensor<64x10xf64>) -> tensor<64x10xf64>
    kernel.return %0 : tensor<64x10xf64>
  }
  kernel.func @mlp.step_any.kernel.28(%arg0: tensor<64x10xf32>) -> tensor<64x10xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = linalg.fill ins(%cst : f32) outs(%arg0 : tensor<64x10xf32>) -> tensor<64x10xf32>
    kernel.return %0 : tensor<64x10xf32>
  }
  kernel.func @mlp.step_any.kernel.29(%arg0: tensor<784x64xf64>) -> tensor<784x64xf64> {
    %cst = arith.constant 0.000000e+00 : f64
    %0 = linalg.fill ins(%cst : f64) outs(%arg0 : tensor<784x64xf64>) -> tensor<784x64xf64>
    kernel.return %0 : tensor<784x64xf64>
  }
  kernel.func @mlp.step_any.kernel.30(%arg0: tensor<784x64xf32>) -> tensor<784x64xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = linalg.fill ins(%cst : f32) outs(%arg0 : tensor<784x64xf32>) -> tensor<784x64xf32>
    kernel.return %0 : tensor<784x64xf32>
  }
  func.func @mlp.step_any(%arg0: index {train.bind = #train.bind<dim, 0>}, %arg1: i64 {train.bind = #train.bind<step, 0>}, %arg2: memref<784x64xf32> {train.bind = #train.bind<parameter, 0>}, %arg3: memref<64xf32> {train.bind = #train.bind<parameter, 1>}, %arg4: memref<64x10xf32> {train.bind = #train.bind<parameter, 2>}, %arg5: memref<10xf32> {train.bind = #train.bind<parameter, 3>}, %arg6: memref<784x64xf32> {train.bind = #train.bind<optimizer, 0>}, %arg7: memref<784x64xf32> {train.bind = #train.bind<optimizer, 1>}, %arg8: memref<64xf32> {train.bind = #train.bind<optimizer, 2>}, %arg9: memref<64xf32> {train.bind = #train.bind<optimizer, 3>}, %arg10: memref<64x10xf32> {train.bind = #train.bind<optimizer, 4>}, %arg11: memref<64x10xf32> {train.bind = #train.bind<optimizer, 5>}, %arg12: memref<10xf32> {train.bind = #train.bind<optimizer, 6>}, %arg13: memref<10xf32> {train.bind = #train.bind<optimizer, 7>}, %arg14: memref<?x28x28xi8> {train.bind = #train.bind<field, 0>}, %arg15: memref<?xi32> {train.bind = #train.bind<field, 1>}, %arg16: memref<f64> {train.bind = #train.bind<loss, 0>}) attributes {nn.argument_dims = [array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64: 0>, array<i64: 0>, array<i64>], nn.arguments = [index, i64, memref<784x64xf32>, memref<64xf32>, memref<64x10xf32>, memref<10xf32>, memref<784x64xf32>, memref<784x64xf32>, memref<64xf32>, memref<64xf32>, memref<64x10xf32>, memref<64x10xf32>, memref<10xf32>, memref<10xf32>, memref<?x28x28xi8>, memref<?xi32>, memref<f64>], nn.entry = "step"} {
    %cst = arith.constant 0x4B800000 : f32
    %cst_0 = arith.constant 2.500000e-01 : f32
    %cst_1 = arith.constant 8.50705917E+37 : f32
    %cst_2 = arith.constant 1.17549435E-38 : f32
    %c9 = arith.constant 9 : index
    %cst_3 = arith.constant 0.00392156886 : f32
    %cst_4 = arith.constant 0.000000e+00 : f32
    %cst_5 = arith.constant 0xFF800000 : f32
    %c0 = arith.constant 0 : index
    %cst_6 = arith.constant 0.000000e+00 : f64
    %cst_7 = arith.constant 1.000000e+00 : f32
    %c1024 = arith.constant 1024 : index
    %cst_8 = arith.constant 0.899999976 : f32
    %cst_9 = arith.constant 1.000000e-01 : f32
    %cst_10 = arith.constant 9.990000e-01 : f32
    %cst_11 = arith.constant 1.000000e-03 : f32
    %cst_12 = arith.constant 9.000000e-01 : f64
    %cst_13 = arith.constant 1.000000e+00 : f64
    %cst_14 = arith.constant 0.99899999999999999 : f64
    %cst_15 = arith.constant 9.99999993E-9 : f32
    %0 = bufferization.to_tensor %arg16 restrict writable : memref<f64> to tensor<f64>
    %1 = bufferization.to_tensor %arg2 restrict writable : memref<784x64xf32> to tensor<784x64xf32>
    %2 = bufferization.to_tensor %arg3 restrict writable : memref<64xf32> to tensor<64xf32>
    %3 = bufferization.to_tensor %arg4 restrict writable : memref<64x10xf32> to tensor<64x10xf32>
    %4 = bufferization.to_tensor %arg5 restrict writable : memref<10xf32> to tensor<10xf32>
    %5 = bufferization.to_tensor %arg6 restrict writable : memref<784x64xf32> to tensor<784x64xf32>
    %6 = bufferization.to_tensor %arg7 restrict writable : memref<784x64xf32> to tensor<784x64xf32>
    %7 = bufferization.to_tensor %arg8 restrict writable : memref<64xf32> to tensor<64xf32>
    %8 = bufferization.to_tensor %arg9 restrict writable : memref<64xf32> to tensor<64xf32>
    %9 = bufferization.to_tensor %arg10 restrict writable : memref<64x10xf32> to tensor<64x10xf32>
    %10 = bufferization.to_tensor %arg11 restrict writable : memref<64x10xf32> to tensor<64x10xf32>
    %11 = bufferization.to_tensor %arg12 restrict writable : memref<10xf32> to tensor<10xf32>
    %12 = bufferization.to_tensor %arg13 restrict writable : memref<10xf32> to tensor<10xf32>
    %13 = bufferization.to_tensor %arg14 restrict : memref<?x28x28xi8> to tensor<?x28x28xi8>
    %14 = bufferization.to_tensor %arg15 restrict : memref<?xi32> to tensor<?xi32>
    %15 = arith.sitofp %arg1 : i64 to f64
    %from_elements = tensor.from_elements %15 : tensor<f64>
    %16 = tensor.empty(%arg0) : tensor<?x28x28xf32>
    %collapsed = tensor.collapse_shape %13 [[0], [1, 2]] : tensor<?x28x28xi8> into tensor<?x784xi8>
    %collapsed_16 = tensor.collapse_shape %16 [[0], [1, 2]] : tensor<?x28x28xf32> into tensor<?x784xf32>
    %cst_17 = arith.constant 0.00392156886 : f32
    %17 = kernel.call @mlp.predict_any.kernel.0(%collapsed, %cst_17 : tensor<?x784xi8>, f32) to (%collapsed_16 : tensor<?x784xf32>) -> tensor<?x784xf32>
    %18 = tensor.empty(%arg0) : tensor<?x64xf32>
    %19 = tensor.empty(%arg0) : tensor<?x64xi1>
    %20:2 = kernel.call @mlp.step_any.kernel.0(%arg0, %17, %1, %2 : index, tensor<?x784xf32>, tensor<784x64xf32>, tensor<64xf32>) to (%19, %18 : tensor<?x64xi1>, tensor<?x64xf32>) -> tensor<?x64xi1>, tensor<?x64xf32>
    %21 = tensor.empty(%arg0) : tensor<?x10xf32>
    %22 = kernel.call @mlp.predict_any.kernel.2(%arg0, %20#1, %3, %4 : index, tensor<?x64xf32>, tensor<64x10xf32>, tensor<10xf32>) to (%21 : tensor<?x10xf32>) -> tensor<?x10xf32>
    %23 = tensor.empty(%arg0) : tensor<?xf32>
    %24 = kernel.call @mlp.step_any.kernel.1(%22 : tensor<?x10xf32>) to (%23 : tensor<?xf32>) -> tensor<?xf32>
    %25 = kernel.call @mlp.step_any.kernel.2(%22, %24 : tensor<?x10xf32>, tensor<?xf32>) to (%21 : tensor<?x10xf32>) -> tensor<?x10xf32>
    %26 = kernel.call @mlp.step_any.kernel.3(%22, %24 : tensor<?x10xf32>, tensor<?xf32>) to (%21 : tensor<?x10xf32>) -> tensor<?x10xf32>
    %27 = kernel.call @mlp.step_any.kernel.4(%26 : tensor<?x10xf32>) to (%23 : tensor<?xf32>) -> tensor<?xf32>
    %expanded = tensor.expand_shape %27 [[0, 1]] output_shape [%arg0, 1] : tensor<?xf32> into tensor<?x1xf32>
    %28 = tensor.empty(%arg0) : tensor<?x1xf32>
    %29 = kernel.call @mlp.step_any.kernel.5(%expanded : tensor<?x1xf32>) to (%28 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %expanded_18 = tensor.expand_shape %25 [[0, 1], [2]] output_shape [%arg0, 1, 10] : tensor<?x10xf32> into tensor<?x1x10xf32>
    %expanded_19 = tensor.expand_shape %21 [[0, 1], [2]] output_shape [%arg0, 1, 10] : tensor<?x10xf32> into tensor<?x1x10xf32>
    %dim = tensor.dim %expanded_19, %c0 : tensor<?x1x10xf32>
    %30 = tensor.empty(%dim) : tensor<?x1x10xf32>
    %31 = kernel.call @mlp.step_any.kernel.6(%expanded_18, %29 : tensor<?x1x10xf32>, tensor<?x1xf32>) to (%30 : tensor<?x1x10xf32>) -> tensor<?x1x10xf32>
    %collapsed_20 = tensor.collapse_shape %31 [[0, 1], [2]] : tensor<?x1x10xf32> into tensor<?x10xf32>
    %32 = tensor.empty() : tensor<f64>
    %33 = kernel.call @mlp.step_any.kernel.7(%14, %collapsed_20 : tensor<?xi32>, tensor<?x10xf32>) to (%32 : tensor<f64>) -> tensor<f64>
    %34 = tensor.empty() : tensor<f32>
    %35 = arith.index_cast %arg0 : index to i64
    %36 = arith.sitofp %35 : i64 to f64
    %from_elements_21 = tensor.from_elements %36 : tensor<f64>
    %37 = kernel.call @mlp.step_any.kernel.8(%from_elements_21 : tensor<f64>) to (%34 : tensor<f32>) -> tensor<f32>
    %38 = kernel.call @mlp.step_any.kernel.9(%37 : tensor<f32>) to (%23 : tensor<?xf32>) -> tensor<?xf32>
    %39:2 = kernel.call @mlp.step_any.kernel.10(%38, %14 : tensor<?xf32>, tensor<?xi32>) to (%21, %21 : tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>, tensor<?x10xf32>
    %40 = kernel.call @mlp.step_any.kernel.4(%39#1 : tensor<?x10xf32>) to (%23 : tensor<?xf32>) -> tensor<?xf32>
    %expanded_22 = tensor.expand_shape %40 [[0, 1]] output_shape [%arg0, 1] : tensor<?xf32> into tensor<?x1xf32>
    %41 = kernel.call @mlp.step_any.kernel.11(%expanded_22, %expanded : tensor<?x1xf32>, tensor<?x1xf32>) to (%28 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %expanded_23 = tensor.expand_shape %26 [[0, 1], [2]] output_shape [%arg0, 1, 10] : tensor<?x10xf32> into tensor<?x1x10xf32>
    %expanded_24 = tensor.expand_shape %39#0 [[0, 1], [2]] output_shape [%arg0, 1, 10] : tensor<?x10xf32> into tensor<?x1x10xf32>
    %42 = kernel.call @mlp.step_any.kernel.12(%expanded_24, %41, %expanded_23 : tensor<?x1x10xf32>, tensor<?x1xf32>, tensor<?x1x10xf32>) to (%30 : tensor<?x1x10xf32>) -> tensor<?x1x10xf32>
    %collapsed_25 = tensor.collapse_shape %42 [[0, 1], [2]] : tensor<?x1x10xf32> into tensor<?x10xf32>
    %43 = tensor.empty() : tensor<10xf64>
    %44 = kernel.call @mlp.step_any.kernel.13(%collapsed_25 : tensor<?x10xf32>) to (%43 : tensor<10xf64>) -> tensor<10xf64>
    %45 = tensor.empty() : tensor<10x64xf32>
    %46 = kernel.call @mlp.step_any.kernel.14(%3 : tensor<64x10xf32>) to (%45 : tensor<10x64xf32>) -> tensor<10x64xf32>
    %47 = tensor.empty() : tensor<64x10xf64>
    %48 = kernel.call @mlp.step_any.kernel.27() to (%47 : tensor<64x10xf64>) -> tensor<64x10xf64>
    %49 = arith.remui %arg0, %c1024 : index
    %50 = arith.subi %arg0, %49 : index
    %51 = tensor.empty() : tensor<64x10xf32>
    %52 = kernel.call @mlp.step_any.kernel.28() to (%51 : tensor<64x10xf32>) -> tensor<64x10xf32>
    %53 = scf.for %arg17 = %c0 to %50 step %c1024 iter_args(%arg18 = %48) -> (tensor<64x10xf64>) {
      %extracted_slice_53 = tensor.extract_slice %20#1[%arg17, 0] [1024, 64] [1, 1] : tensor<?x64xf32> to tensor<1024x64xf32>
      %extracted_slice_54 = tensor.extract_slice %collapsed_25[%arg17, 0] [1024, 10] [1, 1] : tensor<?x10xf32> to tensor<1024x10xf32>
      %73 = kernel.call @mlp.step_any.kernel.15(%extracted_slice_53, %extracted_slice_54, %52 : tensor<1024x64xf32>, tensor<1024x10xf32>, tensor<64x10xf32>) to (%arg18 : tensor<64x10xf64>) -> tensor<64x10xf64>
      scf.yield %73 : tensor<64x10xf64>
    }
    %extracted_slice = tensor.extract_slice %20#1[%50, 0] [%49, 64] [1, 1] : tensor<?x64xf32> to tensor<?x64xf32>
    %extracted_slice_26 = tensor.extract_slice %collapsed_25[%50, 0] [%49, 10] [1, 1] : tensor<?x10xf32> to tensor<?x10xf32>
    %54 = kernel.call @mlp.step_any.kernel.16(%arg0, %collapsed_25, %46, %20#0 : index, tensor<?x10xf32>, tensor<10x64xf32>, tensor<?x64xi1>) to (%18 : tensor<?x64xf32>) -> tensor<?x64xf32>
    %55 = tensor.empty() : tensor<64xf64>
    %56 = kernel.call @mlp.step_any.kernel.17(%54 : tensor<?x64xf32>) to (%55 : tensor<64xf64>) -> tensor<64xf64>
    %57 = tensor.empty() : tensor<784x64xf64>
    %58 = kernel.call @mlp.step_any.kernel.29() to (%57 : tensor<784x64xf64>) -> tensor<784x64xf64>
    %59 = tensor.empty() : tensor<784x64xf32>
    %60 = kernel.call @mlp.step_any.kernel.30() to (%59 : tensor<784x64xf32>) -> tensor<784x64xf32>
    %61 = scf.for %arg17 = %c0 to %50 step %c1024 iter_args(%arg18 = %58) -> (tensor<784x64xf64>) {
      %extracted_slice_53 = tensor.extract_slice %17[%arg17, 0] [1024, 784] [1, 1] : tensor<?x784xf32> to tensor<1024x784xf32>
      %extracted_slice_54 = tensor.extract_slice %54[%arg17, 0] [1024, 64] [1, 1] : tensor<?x64xf32> to tensor<1024x64xf32>
      %73 = kernel.call @mlp.step_any.kernel.18(%extracted_slice_53, %extracted_slice_54, %60 : tensor<1024x784xf32>, tensor<1024x64xf32>, tensor<784x64xf32>) to (%arg18 : tensor<784x64xf64>) -> tensor<784x64xf64>
      scf.yield %73 : tensor<784x64xf64>
    }
    %extracted_slice_27 = tensor.extract_slice %17[%50, 0] [%49, 784] [1, 1] : tensor<?x784xf32> to tensor<?x784xf32>
    %extracted_slice_28 = tensor.extract_slice %54[%50, 0] [%49, 64] [1, 1] : tensor<?x64xf32> to tensor<?x64xf32>
    %62 = kernel.call @mlp.step_any.kernel.19(%33, %from_elements_21 : tensor<f64>, tensor<f64>) to (%0 : tensor<f64>) -> tensor<f64>
    %63 = kernel.call @mlp.step_any.kernel.20(%from_elements : tensor<f64>) to (%34 : tensor<f32>) -> tensor<f32>
    %64 = kernel.call @mlp.step_any.kernel.21(%from_elements : tensor<f64>) to (%34 : tensor<f32>) -> tensor<f32>
    %65 = tensor.empty() : tensor<f32>
    %66:2 = kernel.call @mlp.step_any.kernel.22(%64 : tensor<f32>) to (%65, %65 : tensor<f32>, tensor<f32>) -> tensor<f32>, tensor<f32>
    %67 = tensor.empty() : tensor<f32>
    %68:2 = kernel.call @mlp.step_any.kernel.22(%63 : tensor<f32>) to (%67, %67 : tensor<f32>, tensor<f32>) -> tensor<f32>, tensor<f32>
    %cst_29 = arith.constant 1.000000e-03 : f32
    %cst_30 = arith.constant 9.990000e-01 : f32
    %cst_31 = arith.constant 9.99999993E-9 : f32
    %cst_32 = arith.constant 1.000000e-01 : f32
    %cst_33 = arith.constant 0.899999976 : f32
    %cst_34 = arith.constant 1.000000e-03 : f32
    %69:3 = kernel.call @mlp.step_any.kernel.23(%extracted_slice_27, %extracted_slice_28, %61, %63, %64, %66#0, %66#1, %68#0, %68#1, %cst_29, %cst_30, %cst_31, %cst_32, %cst_33, %cst_34 : tensor<?x784xf32>, tensor<?x64xf32>, tensor<784x64xf64>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, f32, f32, f32, f32, f32, f32) to (%5, %6, %1 : tensor<784x64xf32>, tensor<784x64xf32>, tensor<784x64xf32>) -> tensor<784x64xf32>, tensor<784x64xf32>, tensor<784x64xf32>
    %cst_35 = arith.constant 1.000000e-03 : f32
    %cst_36 = arith.constant 9.990000e-01 : f32
    %cst_37 = arith.constant 9.99999993E-9 : f32
    %cst_38 = arith.constant 1.000000e-01 : f32
    %cst_39 = arith.constant 0.899999976 : f32
    %cst_40 = arith.constant 1.000000e-03 : f32
    %70:3 = kernel.call @mlp.step_any.kernel.24(%56, %63, %64, %66#0, %66#1, %68#0, %68#1, %cst_35, %cst_36, %cst_37, %cst_38, %cst_39, %cst_40 : tensor<64xf64>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, f32, f32, f32, f32, f32, f32) to (%8, %7, %2 : tensor<64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>, tensor<64xf32>, tensor<64xf32>
    %cst_41 = arith.constant 1.000000e-03 : f32
    %cst_42 = arith.constant 9.990000e-01 : f32
    %cst_43 = arith.constant 9.99999993E-9 : f32
    %cst_44 = arith.constant 1.000000e-01 : f32
    %cst_45 = arith.constant 0.899999976 : f32
    %cst_46 = arith.constant 1.000000e-03 : f32
    %71:3 = kernel.call @mlp.step_any.kernel.25(%extracted_slice, %extracted_slice_26, %53, %63, %64, %66#0, %66#1, %68#0, %68#1, %cst_41, %cst_42, %cst_43, %cst_44, %cst_45, %cst_46 : tensor<?x64xf32>, tensor<?x10xf32>, tensor<64x10xf64>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, f32, f32, f32, f32, f32, f32) to (%9, %10, %3 : tensor<64x10xf32>, tensor<64x10xf32>, tensor<64x10xf32>) -> tensor<64x10xf32>, tensor<64x10xf32>, tensor<64x10xf32>
    %cst_47 = arith.constant 1.000000e-03 : f32
    %cst_48 = arith.constant 9.990000e-01 : f32
    %cst_49 = arith.constant 9.99999993E-9 : f32
    %cst_50 = arith.constant 1.000000e-01 : f32
    %cst_51 = arith.constant 0.899999976 : f32
    %cst_52 = arith.constant 1.000000e-03 : f32
    %72:3 = kernel.call @mlp.step_any.kernel.26(%44, %63, %64, %66#0, %66#1, %68#0, %68#1, %cst_47, %cst_48, %cst_49, %cst_50, %cst_51, %cst_52 : tensor<10xf64>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, f32, f32, f32, f32, f32, f32) to (%12, %11, %4 : tensor<10xf32>, tensor<10xf32>, tensor<10xf32>) -> tensor<10xf32>, tensor<10xf32>, tensor<10xf32>
    bufferization.materialize_in_destination %62 in restrict writable %arg16 : (tensor<f64>, memref<f64>) -> ()
    bufferization.materialize_in_destination %69#2 in restrict writable %arg2 : (tensor<784x64xf32>, memref<784x64xf32>) -> ()
    bufferization.materialize_in_destination %69#0 in restrict writable %arg6 : (tensor<784x64xf32>, memref<784x64xf32>) -> ()
    bufferization.materialize_in_destination %69#1 in restrict writable %arg7 : (tensor<784x64xf32>, memref<784x64xf32>) -> ()
    bufferization.materialize_in_destination %70#2 in restrict writable %arg3 : (tensor<64xf32>, memref<64xf32>) -> ()
    bufferization.materialize_in_destination %70#1 in restrict writable %arg8 : (tensor<64xf32>, memref<64xf32>) -> ()
    bufferization.materialize_in_destination %70#0 in restrict writable %arg9 : (tensor<64xf32>, memref<64xf32>) -> ()
    bufferization.materialize_in_destination %71#2 in restrict writable %arg4 : (tensor<64x10xf32>, memref<64x10xf32>) -> ()
    bufferization.materialize_in_destination %71#0 in restrict writable %arg10 : (tensor<64x10xf32>, memref<64x10xf32>) -> ()
    bufferization.materialize_in_destination %71#1 in restrict writable %arg11 : (tensor<64x10xf32>, memref<64x10xf32>) -> ()
    bufferization.materialize_in_destination %72#2 in restrict writable %arg5 : (tensor<10xf32>, memref<10xf32>) -> ()
    bufferization.materialize_in_destination %72#1 in restrict writable %arg12 : (tensor<10xf32>, memref<10xf32>) -> ()
    bufferization.materialize_in_destination %72#0 in restrict writable %arg13 : (tensor<10xf32>, memref<10xf32>) -> ()
    return
  }
  kernel.func @mlp.step.kernel.0(%arg0: tensor<32x784xf32>, %arg1: tensor<784x64xf32>, %arg2: tensor<64xf32>, %arg3: tensor<32x64xi1>, %arg4: tensor<32x64xf32>) -> (tensor<32x64xi1>, tensor<32x64xf32>) {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = tensor.empty() : tensor<32x64xf32>
    %1 = linalg.fill ins(%cst : f32) outs(%0 : tensor<32x64xf32>) -> tensor<32x64xf32>
    %2 = linalg.generic {indexing_maps = [#map1, #map2, #map3], iterator_types = ["parallel", "parallel", "reduction"]} ins(%arg0, %arg1 : tensor<32x784xf32>, tensor<784x64xf32>) outs(%1 : tensor<32x64xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %4 = arith.mulf %in, %in_0 fastmath<contract> : f32
      %5 = arith.addf %out, %4 fastmath<contract> : f32
      linalg.yield %5 : f32
    } -> tensor<32x64xf32>
    %3:2 = linalg.generic {indexing_maps = [#map, #map4, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%2, %arg2 : tensor<32x64xf32>, tensor<64xf32>) outs(%arg3, %arg4 : tensor<32x64xi1>, tensor<32x64xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: i1, %out_1: f32):
      %4 = arith.addf %in, %in_0 fastmath<contract> : f32
      %5 = arith.cmpf ole, %4, %cst : f32
      %6 = arith.select %5, %cst, %4 : f32
      linalg.yield %5, %6 : i1, f32
    } -> (tensor<32x64xi1>, tensor<32x64xf32>)
    kernel.return %3#0, %3#1 : tensor<32x64xi1>, tensor<32x64xf32>
  }
  kernel.func @mlp.step.kernel.1(%arg0: tensor<32x10xf32>, %arg1: tensor<32xf32>) -> tensor<32xf32> {
    %cst = arith.constant 0xFF800000 : f32
    %0 = linalg.fill ins(%cst : f32) outs(%arg1 : tensor<32xf32>) -> tensor<32xf32>
    %1 = linalg.generic {indexing_maps = [#map, #map6], iterator_types = ["parallel", "reduction"]} ins(%arg0 : tensor<32x10xf32>) outs(%0 : tensor<32xf32>) {
    ^bb0(%in: f32, %out: f32):
      %2 = arith.maximumf %out, %in : f32
      linalg.yield %2 : f32
    } -> tensor<32xf32>
    kernel.return %1 : tensor<32xf32>
  }
  kernel.func @mlp.step.kernel.2(%arg0: tensor<32x10xf32>, %arg1: tensor<32xf32>, %arg2: tensor<32x10xf32>) -> tensor<32x10xf32> {
    %0 = linalg.generic {indexing_maps = [#map, #map6, #map], iterator_types = ["parallel", "parallel"]} ins(%arg0, %arg1 : tensor<32x10xf32>, tensor<32xf32>) outs(%arg2 : tensor<32x10xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %1 = arith.subf %in, %in_0 fastmath<contract> : f32
      linalg.yield %1 : f32
    } -> tensor<32x10xf32>
    kernel.return %0 : tensor<32x10xf32>
  }
  kernel.func @mlp.step.kernel.3(%arg0: tensor<32x10xf32>, %arg1: tensor<32xf32>, %arg2: tensor<32x10xf32>) -> tensor<32x10xf32> {
    %0 = linalg.generic {indexing_maps = [#map, #map6, #map], iterator_types = ["parallel", "parallel"]} ins(%arg0, %arg1 : tensor<32x10xf32>, tensor<32xf32>) outs(%arg2 : tensor<32x10xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %1 = arith.subf %in, %in_0 fastmath<contract> : f32
      %2 = math.exp %1 : f32
      linalg.yield %2 : f32
    } -> tensor<32x10xf32>
    kernel.return %0 : tensor<32x10xf32>
  }
  kernel.func @mlp.step.kernel.4(%arg0: tensor<32x10xf32>, %arg1: tensor<32xf32>) -> tensor<32xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = linalg.fill ins(%cst : f32) outs(%arg1 : tensor<32xf32>) -> tensor<32xf32>
    %1 = linalg.generic {indexing_maps = [#map, #map6], iterator_types = ["parallel", "reduction"]} ins(%arg0 : tensor<32x10xf32>) outs(%0 : tensor<32xf32>) {
    ^bb0(%in: f32, %out: f32):
      %2 = arith.addf %out, %in fastmath<contract> : f32
      linalg.yield %2 : f32
    } -> tensor<32xf32>
    kernel.return %1 : tensor<32xf32>
  }
  kernel.func @mlp.step.kernel.5(%arg0: tensor<32xf32>, %arg1: tensor<32xf32>) -> tensor<32xf32> {
    %0 = linalg.generic {indexing_maps = [#map5, #map5], iterator_types = ["parallel"]} ins(%arg0 : tensor<32xf32>) outs(%arg1 : tensor<32xf32>) {
    ^bb0(%in: f32, %out: f32):
      %1 = math.log %in : f32
      linalg.yield %1 : f32
    } -> tensor<32xf32>
    kernel.return %0 : tensor<32xf32>
  }
  kernel.func @mlp.step.kernel.6(%arg0: tensor<32x1x10xf32>, %arg1: tensor<32x1xf32>, %arg2: tensor<32x1x10xf32>) -> tensor<32x1x10xf32> {
    %0 = linalg.generic {indexing_maps = [#map7, #map3, #map7], iterator_types = ["parallel", "parallel", "parallel"]} ins(%arg0, %arg1 : tensor<32x1x10xf32>, tensor<32x1xf32>) outs(%arg2 : tensor<32x1x10xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %1 = arith.subf %in, %in_0 fastmath<contract> : f32
      linalg.yield %1 : f32
    } -> tensor<32x1x10xf32>
    kernel.return %0 : tensor<32x1x10xf32>
  }
  kernel.func @mlp.step.kernel.7(%arg0: tensor<32xi32>, %arg1: tensor<32x10xf32>, %arg2: tensor<f32>) -> tensor<f32> {
    %cst = arith.constant 0.000000e+00 : f32
    %c9 = arith.constant 9 : index
    %c0 = arith.constant 0 : index
    %0 = linalg.fill ins(%cst : f32) outs(%arg2 : tensor<f32>) -> tensor<f32>
    %1 = linalg.generic {indexing_maps = [#map5, #map8], iterator_types = ["reduction"]} ins(%arg0 : tensor<32xi32>) outs(%0 : tensor<f32>) {
    ^bb0(%in: i32, %out: f32):
      %2 = linalg.index 0 : index
      %3 = arith.index_cast %in : i32 to index
      %4 = arith.minsi %3, %c9 : index
      %5 = arith.maxsi %4, %c0 : index
      %extracted = tensor.extract %arg1[%2, %5] : tensor<32x10xf32>
      %6 = arith.negf %extracted : f32
      %7 = arith.addf %out, %6 fastmath<contract> : f32
      linalg.yield %7 : f32
    } -> tensor<f32>
    kernel.return %1 : tensor<f32>
  }
  kernel.func @mlp.step.kernel.8(%arg0: tensor<32xi32>, %arg1: tensor<32x10xf32>, %arg2: tensor<32x10xf32>) -> (tensor<32x10xf32>, tensor<32x10xf32>) {
    %c9 = arith.constant 9 : index
    %c0 = arith.constant 0 : index
    %cst = arith.constant -3.125000e-02 : f32
    %cst_0 = arith.constant 0.000000e+00 : f32
    %0:2 = linalg.generic {indexing_maps = [#map6, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%arg0 : tensor<32xi32>) outs(%arg1, %arg2 : tensor<32x10xf32>, tensor<32x10xf32>) {
    ^bb0(%in: i32, %out: f32, %out_1: f32):
      %1 = linalg.index 1 : index
      %2 = arith.index_cast %in : i32 to index
      %3 = arith.minsi %2, %c9 : index
      %4 = arith.maxsi %3, %c0 : index
      %5 = arith.cmpi eq, %4, %1 : index
      %6 = arith.select %5, %cst, %cst_0 : f32
      %7 = arith.negf %6 : f32
      linalg.yield %6, %7 : f32, f32
    } -> (tensor<32x10xf32>, tensor<32x10xf32>)
    kernel.return %0#0, %0#1 : tensor<32x10xf32>, tensor<32x10xf32>
  }
  kernel.func @mlp.step.kernel.9(%arg0: tensor<32xf32>, %arg1: tensor<32xf32>, %arg2: tensor<32xf32>) -> tensor<32xf32> {
    %0 = linalg.generic {indexing_maps = [#map5, #map5, #map5], iterator_types = ["parallel"]} ins(%arg0, %arg1 : tensor<32xf32>, tensor<32xf32>) outs(%arg2 : tensor<32xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %1 = arith.divf %in, %in_0 : f32
      linalg.yield %1 : f32
    } -> tensor<32xf32>
    kernel.return %0 : tensor<32xf32>
  }
  kernel.func @mlp.step.kernel.10(%arg0: tensor<32x1x10xf32>, %arg1: tensor<32x1xf32>, %arg2: tensor<32x1x10xf32>, %arg3: tensor<32x1x10xf32>) -> tensor<32x1x10xf32> {
    %0 = linalg.generic {indexing_maps = [#map7, #map3, #map7, #map7], iterator_types = ["parallel", "parallel", "parallel"]} ins(%arg0, %arg1, %arg2 : tensor<32x1x10xf32>, tensor<32x1xf32>, tensor<32x1x10xf32>) outs(%arg3 : tensor<32x1x10xf32>) {
    ^bb0(%in: f32, %in_0: f32, %in_1: f32, %out: f32):
      %1 = arith.mulf %in_0, %in_1 fastmath<contract> : f32
      %2 = arith.addf %in, %1 fastmath<contract> : f32
      linalg.yield %2 : f32
    } -> tensor<32x1x10xf32>
    kernel.return %0 : tensor<32x1x10xf32>
  }
  kernel.func @mlp.step.kernel.11(%arg0: tensor<32x10xf32>, %arg1: tensor<10xf32>) -> tensor<10xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = linalg.fill ins(%cst : f32) outs(%arg1 : tensor<10xf32>) -> tensor<10xf32>
    %1 = linalg.generic {indexing_maps = [#map, #map4], iterator_types = ["reduction", "parallel"]} ins(%arg0 : tensor<32x10xf32>) outs(%0 : tensor<10xf32>) {
    ^bb0(%in: f32, %out: f32):
      %2 = arith.addf %out, %in fastmath<contract> : f32
      linalg.yield %2 : f32
    } -> tensor<10xf32>
    kernel.return %1 : tensor<10xf32>
  }
  kernel.func @mlp.step.kernel.12(%arg0: tensor<32x10xf32>, %arg1: tensor<10x64xf32>, %arg2: tensor<32x64xi1>, %arg3: tensor<32x64xf32>) -> tensor<32x64xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = tensor.empty() : tensor<32x64xf32>
    %1 = linalg.fill ins(%cst : f32) outs(%0 : tensor<32x64xf32>) -> tensor<32x64xf32>
    %2 = linalg.generic {indexing_maps = [#map1, #map2, #map3], iterator_types = ["parallel", "parallel", "reduction"]} ins(%arg0, %arg1 : tensor<32x10xf32>, tensor<10x64xf32>) outs(%1 : tensor<32x64xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %4 = arith.mulf %in, %in_0 fastmath<contract> : f32
      %5 = arith.addf %out, %4 fastmath<contract> : f32
      linalg.yield %5 : f32
    } -> tensor<32x64xf32>
    %3 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%arg2, %2 : tensor<32x64xi1>, tensor<32x64xf32>) outs(%arg3 : tensor<32x64xf32>) {
    ^bb0(%in: i1, %in_0: f32, %out: f32):
      %4 = arith.select %in, %cst, %in_0 : f32
      linalg.yield %4 : f32
    } -> tensor<32x64xf32>
    kernel.return %3 : tensor<32x64xf32>
  }
  kernel.func @mlp.step.kernel.13(%arg0: tensor<32x64xf32>, %arg1: tensor<64xf32>) -> tensor<64xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = linalg.fill ins(%cst : f32) outs(%arg1 : tensor<64xf32>) -> tensor<64xf32>
    %1 = linalg.generic {indexing_maps = [#map, #map4], iterator_types = ["reduction", "parallel"]} ins(%arg0 : tensor<32x64xf32>) outs(%0 : tensor<64xf32>) {
    ^bb0(%in: f32, %out: f32):
      %2 = arith.addf %out, %in fastmath<contract> : f32
      linalg.yield %2 : f32
    } -> tensor<64xf32>
    kernel.return %1 : tensor<64xf32>
  }
  kernel.func @mlp.step.kernel.14(%arg0: tensor<f32>, %arg1: tensor<f64>) -> tensor<f64> {
    %cst = arith.constant 3.200000e+01 : f32
    %0 = linalg.generic {indexing_maps = [#map9, #map9], iterator_types = []} ins(%arg0 : tensor<f32>) outs(%arg1 : tensor<f64>) {
    ^bb0(%in: f32, %out: f64):
      %1 = arith.divf %in, %cst : f32
      %2 = arith.extf %1 : f32 to f64
      linalg.yield %2 : f64
    } -> tensor<f64>
    kernel.return %0 : tensor<f64>
  }
  kernel.func @mlp.step.kernel.15(%arg0: tensor<32x784xf32>, %arg1: tensor<32x64xf32>, %arg2: tensor<f32>, %arg3: tensor<f32>, %arg4: tensor<f32>, %arg5: tensor<f32>, %arg6: tensor<f32>, %arg7: tensor<f32>, %arg8: f32, %arg9: f32, %arg10: f32, %arg11: f32, %arg12: f32, %arg13: f32, %arg14: tensor<784x64xf32>, %arg15: tensor<784x64xf32>, %arg16: tensor<784x64xf32>) -> (tensor<784x64xf32>, tensor<784x64xf32>, tensor<784x64xf32>) {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = tensor.empty() : tensor<784x64xf32>
    %1 = linalg.fill ins(%cst : f32) outs(%0 : tensor<784x64xf32>) -> tensor<784x64xf32>
    %2 = linalg.generic {indexing_maps = [#map11, #map2, #map3], iterator_types = ["parallel", "parallel", "reduction"]} ins(%arg0, %arg1 : tensor<32x784xf32>, tensor<32x64xf32>) outs(%1 : tensor<784x64xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %4 = arith.mulf %in, %in_0 fastmath<contract> : f32
      %5 = arith.addf %out, %4 fastmath<contract> : f32
      linalg.yield %5 : f32
    } -> tensor<784x64xf32>
    %3:3 = linalg.generic {indexing_maps = [#map, #map12, #map12, #map12, #map12, #map12, #map12, #map, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%2, %arg2, %arg3, %arg4, %arg5, %arg6, %arg7 : tensor<784x64xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) outs(%arg14, %arg15, %arg16 : tensor<784x64xf32>, tensor<784x64xf32>, tensor<784x64xf32>) {
    ^bb0(%in: f32, %in_0: f32, %in_1: f32, %in_2: f32, %in_3: f32, %in_4: f32, %in_5: f32, %out: f32, %out_6: f32, %out_7: f32):
      %4 = arith.mulf %in, %in fastmath<contract> : f32
      %5 = arith.mulf %4, %arg8 fastmath<contract> : f32
      %6 = arith.mulf %out, %arg9 fastmath<contract> : f32
      %7 = arith.addf %6, %5 fastmath<contract> : f32
      %8 = arith.mulf %7, %in_2 fastmath<contract> : f32
      %9 = arith.mulf %8, %in_3 fastmath<contract> : f32
      %10 = math.sqrt %9 : f32
      %11 = arith.addf %10, %arg10 fastmath<contract> : f32
      %12 = arith.mulf %in, %arg11 fastmath<contract> : f32
      %13 = arith.mulf %out_6, %arg12 fastmath<contract> : f32
      %14 = arith.addf %13, %12 fastmath<contract> : f32
      %15 = arith.mulf %14, %in_4 fastmath<contract> : f32
      %16 = arith.mulf %15, %in_5 fastmath<contract> : f32
      %17 = arith.mulf %16, %arg13 fastmath<contract> : f32
      %18 = arith.divf %17, %11 : f32
      %19 = arith.subf %out_7, %18 fastmath<contract> : f32
      linalg.yield %7, %14, %19 : f32, f32, f32
    } -> (tensor<784x64xf32>, tensor<784x64xf32>, tensor<784x64xf32>)
    kernel.return %3#0, %3#1, %3#2 : tensor<784x64xf32>, tensor<784x64xf32>, tensor<784x64xf32>
  }
  kernel.func @mlp.step.kernel.16(%arg0: tensor<64xf32>, %arg1: tensor<f32>, %arg2: tensor<f32>, %arg3: tensor<f32>, %arg4: tensor<f32>, %arg5: tensor<f32>, %arg6: tensor<f32>, %arg7: f32, %arg8: f32, %arg9: f32, %arg10: f32, %arg11: f32, %arg12: f32, %arg13: tensor<64xf32>, %arg14: tensor<64xf32>, %arg15: tensor<64xf32>) -> (tensor<64xf32>, tensor<64xf32>, tensor<64xf32>) {
    %0:3 = linalg.generic {indexing_maps = [#map5, #map8, #map8, #map8, #map8, #map8, #map8, #map5, #map5, #map5], iterator_types = ["parallel"]} ins(%arg0, %arg1, %arg2, %arg3, %arg4, %arg5, %arg6 : tensor<64xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) outs(%arg13, %arg14, %arg15 : tensor<64xf32>, tensor<64xf32>, tensor<64xf32>) {
    ^bb0(%in: f32, %in_0: f32, %in_1: f32, %in_2: f32, %in_3: f32, %in_4: f32, %in_5: f32, %out: f32, %out_6: f32, %out_7: f32):
      %1 = arith.mulf %in, %in fastmath<contract> : f32
      %2 = arith.mulf %1, %arg7 fastmath<contract> : f32
      %3 = arith.mulf %out, %arg8 fastmath<contract> : f32
      %4 = arith.addf %3, %2 fastmath<contract> : f32
      %5 = arith.mulf %4, %in_2 fastmath<contract> : f32
      %6 = arith.mulf %5, %in_3 fastmath<contract> : f32
      %7 = math.sqrt %6 : f32
      %8 = arith.addf %7, %arg9 fastmath<contract> : f32
      %9 = arith.mulf %in, %arg10 fastmath<contract> : f32
      %10 = arith.mulf %out_6, %arg11 fastmath<contract> : f32
      %11 = arith.addf %10, %9 fastmath<contract> : f32
      %12 = arith.mulf %11, %in_4 fastmath<contract> : f32
      %13 = arith.mulf %12, %in_5 fastmath<contract> : f32
      %14 = arith.mulf %13, %arg12 fastmath<contract> : f32
      %15 = arith.divf %14, %8 : f32
      %16 = arith.subf %out_7, %15 fastmath<contract> : f32
      linalg.yield %4, %11, %16 : f32, f32, f32
    } -> (tensor<64xf32>, tensor<64xf32>, tensor<64xf32>)
    kernel.return %0#0, %0#1, %0#2 : tensor<64xf32>, tensor<64xf32>, tensor<64xf32>
  }
  kernel.func @mlp.step.kernel.17(%arg0: tensor<32x64xf32>, %arg1: tensor<32x10xf32>, %arg2: tensor<f32>, %arg3: tensor<f32>, %arg4: tensor<f32>, %arg5: tensor<f32>, %arg6: tensor<f32>, %arg7: tensor<f32>, %arg8: f32, %arg9: f32, %arg10: f32, %arg11: f32, %arg12: f32, %arg13: f32, %arg14: tensor<64x10xf32>, %arg15: tensor<64x10xf32>, %arg16: tensor<64x10xf32>) -> (tensor<64x10xf32>, tensor<64x10xf32>, tensor<64x10xf32>) {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = tensor.empty() : tensor<64x10xf32>
    %1 = linalg.fill ins(%cst : f32) outs(%0 : tensor<64x10xf32>) -> tensor<64x10xf32>
    %2 = linalg.generic {indexing_maps = [#map11, #map2, #map3], iterator_types = ["parallel", "parallel", "reduction"]} ins(%arg0, %arg1 : tensor<32x64xf32>, tensor<32x10xf32>) outs(%1 : tensor<64x10xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %4 = arith.mulf %in, %in_0 fastmath<contract> : f32
      %5 = arith.addf %out, %4 fastmath<contract> : f32
      linalg.yield %5 : f32
    } -> tensor<64x10xf32>
    %3:3 = linalg.generic {indexing_maps = [#map, #map12, #map12, #map12, #map12, #map12, #map12, #map, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%2, %arg2, %arg3, %arg4, %arg5, %arg6, %arg7 : tensor<64x10xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) outs(%arg14, %arg15, %arg16 : tensor<64x10xf32>, tensor<64x10xf32>, tensor<64x10xf32>) {
    ^bb0(%in: f32, %in_0: f32, %in_1: f32, %in_2: f32, %in_3: f32, %in_4: f32, %in_5: f32, %out: f32, %out_6: f32, %out_7: f32):
      %4 = arith.mulf %in, %in fastmath<contract> : f32
      %5 = arith.mulf %4, %arg8 fastmath<contract> : f32
      %6 = arith.mulf %out, %arg9 fastmath<contract> : f32
      %7 = arith.addf %6, %5 fastmath<contract> : f32
      %8 = arith.mulf %7, %in_2 fastmath<contract> : f32
      %9 = arith.mulf %8, %in_3 fastmath<contract> : f32
      %10 = math.sqrt %9 : f32
      %11 = arith.addf %10, %arg10 fastmath<contract> : f32
      %12 = arith.mulf %in, %arg11 fastmath<contract> : f32
      %13 = arith.mulf %out_6, %arg12 fastmath<contract> : f32
      %14 = arith.addf %13, %12 fastmath<contract> : f32
      %15 = arith.mulf %14, %in_4 fastmath<contract> : f32
      %16 = arith.mulf %15, %in_5 fastmath<contract> : f32
      %17 = arith.mulf %16, %arg13 fastmath<contract> : f32
      %18 = arith.divf %17, %11 : f32
      %19 = arith.subf %out_7, %18 fastmath<contract> : f32
      linalg.yield %7, %14, %19 : f32, f32, f32
    } -> (tensor<64x10xf32>, tensor<64x10xf32>, tensor<64x10xf32>)
    kernel.return %3#0, %3#1, %3#2 : tensor<64x10xf32>, tensor<64x10xf32>, tensor<64x10xf32>
  }
  kernel.func @mlp.step.kernel.18(%arg0: tensor<10xf32>, %arg1: tensor<f32>, %arg2: tensor<f32>, %arg3: tensor<f32>, %arg4: tensor<f32>, %arg5: tensor<f32>, %arg6: tensor<f32>, %arg7: f32, %arg8: f32, %arg9: f32, %arg10: f32, %arg11: f32, %arg12: f32, %arg13: tensor<10xf32>, %arg14: tensor<10xf32>, %arg15: tensor<10xf32>) -> (tensor<10xf32>, tensor<10xf32>, tensor<10xf32>) {
    %0:3 = linalg.generic {indexing_maps = [#map5, #map8, #map8, #map8, #map8, #map8, #map8, #map5, #map5, #map5], iterator_types = ["parallel"]} ins(%arg0, %arg1, %arg2, %arg3, %arg4, %arg5, %arg6 : tensor<10xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) outs(%arg13, %arg14, %arg15 : tensor<10xf32>, tensor<10xf32>, tensor<10xf32>) {
    ^bb0(%in: f32, %in_0: f32, %in_1: f32, %in_2: f32, %in_3: f32, %in_4: f32, %in_5: f32, %out: f32, %out_6: f32, %out_7: f32):
      %1 = arith.mulf %in, %in fastmath<contract> : f32
      %2 = arith.mulf %1, %arg7 fastmath<contract> : f32
      %3 = arith.mulf %out, %arg8 fastmath<contract> : f32
      %4 = arith.addf %3, %2 fastmath<contract> : f32
      %5 = arith.mulf %4, %in_2 fastmath<contract> : f32
      %6 = arith.mulf %5, %in_3 fastmath<contract> : f32
      %7 = math.sqrt %6 : f32
      %8 = arith.addf %7, %arg9 fastmath<contract> : f32
      %9 = arith.mulf %in, %arg10 fastmath<contract> : f32
      %10 = arith.mulf %out_6, %arg11 fastmath<contract> : f32
      %11 = arith.addf %10, %9 fastmath<contract> : f32
      %12 = arith.mulf %11, %in_4 fastmath<contract> : f32
      %13 = arith.mulf %12, %in_5 fastmath<contract> : f32
      %14 = arith.mulf %13, %arg12 fastmath<contract> : f32
      %15 = arith.divf %14, %8 : f32
      %16 = arith.subf %out_7, %15 fastmath<contract> : f32
      linalg.yield %4, %11, %16 : f32, f32, f32
    } -> (tensor<10xf32>, tensor<10xf32>, tensor<10xf32>)
    kernel.return %0#0, %0#1, %0#2 : tensor<10xf32>, tensor<10xf32>, tensor<10xf32>
  }
  func.func @mlp.step(%arg0: index {train.bind = #train.bind<dim, 0>}, %arg1: i64 {train.bind = #train.bind<step, 0>}, %arg2: memref<784x64xf32> {train.bind = #train.bind<parameter, 0>}, %arg3: memref<64xf32> {train.bind = #train.bind<parameter, 1>}, %arg4: memref<64x10xf32> {train.bind = #train.bind<parameter, 2>}, %arg5: memref<10xf32> {train.bind = #train.bind<parameter, 3>}, %arg6: memref<784x64xf32> {train.bind = #train.bind<optimizer, 0>}, %arg7: memref<784x64xf32> {train.bind = #train.bind<optimizer, 1>}, %arg8: memref<64xf32> {train.bind = #train.bind<optimizer, 2>}, %arg9: memref<64xf32> {train.bind = #train.bind<optimizer, 3>}, %arg10: memref<64x10xf32> {train.bind = #train.bind<optimizer, 4>}, %arg11: memref<64x10xf32> {train.bind = #train.bind<optimizer, 5>}, %arg12: memref<10xf32> {train.bind = #train.bind<optimizer, 6>}, %arg13: memref<10xf32> {train.bind = #train.bind<optimizer, 7>}, %arg14: memref<32x28x28xi8> {train.bind = #train.bind<field, 0>}, %arg15: memref<32xi32> {train.bind = #train.bind<field, 1>}, %arg16: memref<f64> {train.bind = #train.bind<loss, 0>}) attributes {nn.argument_dims = [array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>], nn.arguments = [index, i64, memref<784x64xf32>, memref<64xf32>, memref<64x10xf32>, memref<10xf32>, memref<784x64xf32>, memref<784x64xf32>, memref<64xf32>, memref<64xf32>, memref<64x10xf32>, memref<64x10xf32>, memref<10xf32>, memref<10xf32>, memref<32x28x28xi8>, memref<32xi32>, memref<f64>], nn.entry = "step", train.dims = array<i64: 32, 0>} {
    %cst = arith.constant 0x4B800000 : f32
    %cst_0 = arith.constant 2.500000e-01 : f32
    %cst_1 = arith.constant 1.000000e+00 : f32
    %cst_2 = arith.constant 8.50705917E+37 : f32
    %cst_3 = arith.constant 1.17549435E-38 : f32
    %cst_4 = arith.constant -3.125000e-02 : f32
    %c9 = arith.constant 9 : index
    %cst_5 = arith.constant 0.00392156886 : f32
    %cst_6 = arith.constant 0.000000e+00 : f32
    %cst_7 = arith.constant 0xFF800000 : f32
    %c0 = arith.constant 0 : index
    %cst_8 = arith.constant 3.200000e+01 : f32
    %cst_9 = arith.constant 0.899999976 : f32
    %cst_10 = arith.constant 1.000000e-01 : f32
    %cst_11 = arith.constant 9.990000e-01 : f32
    %cst_12 = arith.constant 1.000000e-03 : f32
    %cst_13 = arith.constant 9.000000e-01 : f64
    %cst_14 = arith.constant 1.000000e+00 : f64
    %cst_15 = arith.constant 0.99899999999999999 : f64
    %cst_16 = arith.constant 9.99999993E-9 : f32
    %0 = bufferization.to_tensor %arg16 restrict writable : memref<f64> to tensor<f64>
    %1 = bufferization.to_tensor %arg2 restrict writable : memref<784x64xf32> to tensor<784x64xf32>
    %2 = bufferization.to_tensor %arg3 restrict writable : memref<64xf32> to tensor<64xf32>
    %3 = bufferization.to_tensor %arg4 restrict writable : memref<64x10xf32> to tensor<64x10xf32>
    %4 = bufferization.to_tensor %arg5 restrict writable : memref<10xf32> to tensor<10xf32>
    %5 = bufferization.to_tensor %arg6 restrict writable : memref<784x64xf32> to tensor<784x64xf32>
    %6 = bufferization.to_tensor %arg7 restrict writable : memref<784x64xf32> to tensor<784x64xf32>
    %7 = bufferization.to_tensor %arg8 restrict writable : memref<64xf32> to tensor<64xf32>
    %8 = bufferization.to_tensor %arg9 restrict writable : memref<64xf32> to tensor<64xf32>
    %9 = bufferization.to_tensor %arg10 restrict writable : memref<64x10xf32> to tensor<64x10xf32>
    %10 = bufferization.to_tensor %arg11 restrict writable : memref<64x10xf32> to tensor<64x10xf32>
    %11 = bufferization.to_tensor %arg12 restrict writable : memref<10xf32> to tensor<10xf32>
    %12 = bufferization.to_tensor %arg13 restrict writable : memref<10xf32> to tensor<10xf32>
    %13 = bufferization.to_tensor %arg14 restrict : memref<32x28x28xi8> to tensor<32x28x28xi8>
    %14 = bufferization.to_tensor %arg15 restrict : memref<32xi32> to tensor<32xi32>
    %15 = arith.sitofp %arg1 : i64 to f64
    %from_elements = tensor.from_elements %15 : tensor<f64>
    %16 = tensor.empty() : tensor<32x28x28xf32>
    %collapsed = tensor.collapse_shape %13 [[0, 1, 2]] : tensor<32x28x28xi8> into tensor<25088xi8>
    %collapsed_17 = tensor.collapse_shape %16 [[0, 1, 2]] : tensor<32x28x28xf32> into tensor<25088xf32>
    %cst_18 = arith.constant 0.00392156886 : f32
    %17 = kernel.call @mlp.predict.kernel.0(%collapsed, %cst_18 : tensor<25088xi8>, f32) to (%collapsed_17 : tensor<25088xf32>) -> tensor<25088xf32>
    %expanded = tensor.expand_shape %17 [[0, 1]] output_shape [32, 784] : tensor<25088xf32> into tensor<32x784xf32>
    %18 = tensor.empty() : tensor<32x64xf32>
    %19 = tensor.empty() : tensor<32x64xi1>
    %20:2 = kernel.call @mlp.step.kernel.0(%expanded, %1, %2 : tensor<32x784xf32>, tensor<784x64xf32>, tensor<64xf32>) to (%19, %18 : tensor<32x64xi1>, tensor<32x64xf32>) -> tensor<32x64xi1>, tensor<32x64xf32>
    %21 = tensor.empty() : tensor<32x10xf32>
    %22 = kernel.call @mlp.predict.kernel.2(%20#1, %3, %4 : tensor<32x64xf32>, tensor<64x10xf32>, tensor<10xf32>) to (%21 : tensor<32x10xf32>) -> tensor<32x10xf32>
    %23 = tensor.empty() : tensor<32xf32>
    %24 = kernel.call @mlp.step.kernel.1(%22 : tensor<32x10xf32>) to (%23 : tensor<32xf32>) -> tensor<32xf32>
    %25 = kernel.call @mlp.step.kernel.2(%22, %24 : tensor<32x10xf32>, tensor<32xf32>) to (%21 : tensor<32x10xf32>) -> tensor<32x10xf32>
    %26 = kernel.call @mlp.step.kernel.3(%22, %24 : tensor<32x10xf32>, tensor<32xf32>) to (%21 : tensor<32x10xf32>) -> tensor<32x10xf32>
    %27 = kernel.call @mlp.step.kernel.4(%26 : tensor<32x10xf32>) to (%23 : tensor<32xf32>) -> tensor<32xf32>
    %28 = tensor.empty() : tensor<32x1xf32>
    %collapsed_19 = tensor.collapse_shape %28 [[0, 1]] : tensor<32x1xf32> into tensor<32xf32>
    %29 = kernel.call @mlp.step.kernel.5(%27 : tensor<32xf32>) to (%collapsed_19 : tensor<32xf32>) -> tensor<32xf32>
    %expanded_20 = tensor.expand_shape %29 [[0, 1]] output_shape [32, 1] : tensor<32xf32> into tensor<32x1xf32>
    %expanded_21 = tensor.expand_shape %25 [[0, 1], [2]] output_shape [32, 1, 10] : tensor<32x10xf32> into tensor<32x1x10xf32>
    %30 = tensor.empty() : tensor<32x1x10xf32>
    %31 = kernel.call @mlp.step.kernel.6(%expanded_21, %expanded_20 : tensor<32x1x10xf32>, tensor<32x1xf32>) to (%30 : tensor<32x1x10xf32>) -> tensor<32x1x10xf32>
    %collapsed_22 = tensor.collapse_shape %31 [[0, 1], [2]] : tensor<32x1x10xf32> into tensor<32x10xf32>
    %32 = tensor.empty() : tensor<f32>
    %33 = kernel.call @mlp.step.kernel.7(%14, %collapsed_22 : tensor<32xi32>, tensor<32x10xf32>) to (%32 : tensor<f32>) -> tensor<f32>
    %34:2 = kernel.call @mlp.step.kernel.8(%14 : tensor<32xi32>) to (%21, %21 : tensor<32x10xf32>, tensor<32x10xf32>) -> tensor<32x10xf32>, tensor<32x10xf32>
    %35 = kernel.call @mlp.step.kernel.4(%34#1 : tensor<32x10xf32>) to (%23 : tensor<32xf32>) -> tensor<32xf32>
    %collapsed_23 = tensor.collapse_shape %28 [[0, 1]] : tensor<32x1xf32> into tensor<32xf32>
    %36 = kernel.call @mlp.step.kernel.9(%35, %27 : tensor<32xf32>, tensor<32xf32>) to (%collapsed_23 : tensor<32xf32>) -> tensor<32xf32>
    %expanded_24 = tensor.expand_shape %36 [[0, 1]] output_shape [32, 1] : tensor<32xf32> into tensor<32x1xf32>
    %expanded_25 = tensor.expand_shape %26 [[0, 1], [2]] output_shape [32, 1, 10] : tensor<32x10xf32> into tensor<32x1x10xf32>
    %expanded_26 = tensor.expand_shape %34#0 [[0, 1], [2]] output_shape [32, 1, 10] : tensor<32x10xf32> into tensor<32x1x10xf32>
    %37 = kernel.call @mlp.step.kernel.10(%expanded_26, %expanded_24, %expanded_25 : tensor<32x1x10xf32>, tensor<32x1xf32>, tensor<32x1x10xf32>) to (%30 : tensor<32x1x10xf32>) -> tensor<32x1x10xf32>
    %collapsed_27 = tensor.collapse_shape %37 [[0, 1], [2]] : tensor<32x1x10xf32> into tensor<32x10xf32>
    %38 = tensor.empty() : tensor<10xf32>
    %39 = kernel.call @mlp.step.kernel.11(%collapsed_27 : tensor<32x10xf32>) to (%38 : tensor<10xf32>) -> tensor<10xf32>
    %40 = tensor.empty() : tensor<10x64xf32>
    %41 = kernel.call @mlp.step_any.kernel.14(%3 : tensor<64x10xf32>) to (%40 : tensor<10x64xf32>) -> tensor<10x64xf32>
    %42 = tensor.empty() : tensor<64x10xf32>
    %43 = kernel.call @mlp.step.kernel.12(%collapsed_27, %41, %20#0 : tensor<32x10xf32>, tensor<10x64xf32>, tensor<32x64xi1>) to (%18 : tensor<32x64xf32>) -> tensor<32x64xf32>
    %44 = tensor.empty() : tensor<64xf32>
    %45 = kernel.call @mlp.step.kernel.13(%43 : tensor<32x64xf32>) to (%44 : tensor<64xf32>) -> tensor<64xf32>
    %46 = tensor.empty() : tensor<784x64xf32>
    %47 = kernel.call @mlp.step.kernel.14(%33 : tensor<f32>) to (%0 : tensor<f64>) -> tensor<f64>
    %48 = kernel.call @mlp.step_any.kernel.20(%from_elements : tensor<f64>) to (%32 : tensor<f32>) -> tensor<f32>
    %49 = kernel.call @mlp.step_any.kernel.21(%from_elements : tensor<f64>) to (%32 : tensor<f32>) -> tensor<f32>
    %50 = tensor.empty() : tensor<f32>
    %51:2 = kernel.call @mlp.step_any.kernel.22(%49 : tensor<f32>) to (%50, %50 : tensor<f32>, tensor<f32>) -> tensor<f32>, tensor<f32>
    %52 = tensor.empty() : tensor<f32>
    %53:2 = kernel.call @mlp.step_any.kernel.22(%48 : tensor<f32>) to (%52, %52 : tensor<f32>, tensor<f32>) -> tensor<f32>, tensor<f32>
    %cst_28 = arith.constant 1.000000e-03 : f32
    %cst_29 = arith.constant 9.990000e-01 : f32
    %cst_30 = arith.constant 9.99999993E-9 : f32
    %cst_31 = arith.constant 1.000000e-01 : f32
    %cst_32 = arith.constant 0.899999976 : f32
    %cst_33 = arith.constant 1.000000e-03 : f32
    %54:3 = kernel.call @mlp.step.kernel.15(%expanded, %43, %48, %49, %51#0, %51#1, %53#0, %53#1, %cst_28, %cst_29, %cst_30, %cst_31, %cst_32, %cst_33 : tensor<32x784xf32>, tensor<32x64xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, f32, f32, f32, f32, f32, f32) to (%6, %5, %1 : tensor<784x64xf32>, tensor<784x64xf32>, tensor<784x64xf32>) -> tensor<784x64xf32>, tensor<784x64xf32>, tensor<784x64xf32>
    %cst_34 = arith.constant 1.000000e-03 : f32
    %cst_35 = arith.constant 9.990000e-01 : f32
    %cst_36 = arith.constant 9.99999993E-9 : f32
    %cst_37 = arith.constant 1.000000e-01 : f32
    %cst_38 = arith.constant 0.899999976 : f32
    %cst_39 = arith.constant 1.000000e-03 : f32
    %55:3 = kernel.call @mlp.step.kernel.16(%45, %48, %49, %51#0, %51#1, %53#0, %53#1, %cst_34, %cst_35, %cst_36, %cst_37, %cst_38, %cst_39 : tensor<64xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, f32, f32, f32, f32, f32, f32) to (%8, %7, %2 : tensor<64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>, tensor<64xf32>, tensor<64xf32>
    %cst_40 = arith.constant 1.000000e-03 : f32
    %cst_41 = arith.constant 9.990000e-01 : f32
    %cst_42 = arith.constant 9.99999993E-9 : f32
    %cst_43 = arith.constant 1.000000e-01 : f32
    %cst_44 = arith.constant 0.899999976 : f32
    %cst_45 = arith.constant 1.000000e-03 : f32
    %56:3 = kernel.call @mlp.step.kernel.17(%20#1, %collapsed_27, %48, %49, %51#0, %51#1, %53#0, %53#1, %cst_40, %cst_41, %cst_42, %cst_43, %cst_44, %cst_45 : tensor<32x64xf32>, tensor<32x10xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, f32, f32, f32, f32, f32, f32) to (%10, %9, %3 : tensor<64x10xf32>, tensor<64x10xf32>, tensor<64x10xf32>) -> tensor<64x10xf32>, tensor<64x10xf32>, tensor<64x10xf32>
    %cst_46 = arith.constant 1.000000e-03 : f32
    %cst_47 = arith.constant 9.990000e-01 : f32
    %cst_48 = arith.constant 9.99999993E-9 : f32
    %cst_49 = arith.constant 1.000000e-01 : f32
    %cst_50 = arith.constant 0.899999976 : f32
    %cst_51 = arith.constant 1.000000e-03 : f32
    %57:3 = kernel.call @mlp.step.kernel.18(%39, %48, %49, %51#0, %51#1, %53#0, %53#1, %cst_46, %cst_47, %cst_48, %cst_49, %cst_50, %cst_51 : tensor<10xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, f32, f32, f32, f32, f32, f32) to (%12, %11, %4 : tensor<10xf32>, tensor<10xf32>, tensor<10xf32>) -> tensor<10xf32>, tensor<10xf32>, tensor<10xf32>
    bufferization.materialize_in_destination %47 in restrict writable %arg16 : (tensor<f64>, memref<f64>) -> ()
    bufferization.materialize_in_destination %54#2 in restrict writable %arg2 : (tensor<784x64xf32>, memref<784x64xf32>) -> ()
    bufferization.materialize_in_destination %54#1 in restrict writable %arg6 : (tensor<784x64xf32>, memref<784x64xf32>) -> ()
    bufferization.materialize_in_destination %54#0 in restrict writable %arg7 : (tensor<784x64xf32>, memref<784x64xf32>) -> ()
    bufferization.materialize_in_destination %55#2 in restrict writable %arg3 : (tensor<64xf32>, memref<64xf32>) -> ()
    bufferization.materialize_in_destination %55#1 in restrict writable %arg8 : (tensor<64xf32>, memref<64xf32>) -> ()
    bufferization.materialize_in_destination %55#0 in restrict writable %arg9 : (tensor<64xf32>, memref<64xf32>) -> ()
    bufferization.materialize_in_destination %56#2 in restrict writable %arg4 : (tensor<64x10xf32>, memref<64x10xf32>) -> ()
    bufferization.materialize_in_destination %56#1 in restrict writable %arg10 : (tensor<64x10xf32>, memref<64x10xf32>) -> ()
    bufferization.materialize_in_destination %56#0 in restrict writable %arg11 : (tensor<64x10xf32>, memref<64x10xf32>) -> ()
    bufferization.materialize_in_destination %57#2 in restrict writable %arg5 : (tensor<10xf32>, memref<10xf32>) -> ()
    bufferization.materialize_in_destination %57#1 in restrict writable %arg12 : (tensor<10xf32>, memref<10xf32>) -> ()
    bufferization.materialize_in_destination %57#0 in restrict writable %arg13 : (tensor<10xf32>, memref<10xf32>) -> ()
    return
  }
  kernel.func @mlp.evaluate.0_any.kernel.0(%arg0: tensor<?x10xf32>, %arg1: tensor<?xf32>, %arg2: tensor<?xf32>) -> tensor<?xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = linalg.fill ins(%cst : f32) outs(%arg2 : tensor<?xf32>) -> tensor<?xf32>
    %1 = linalg.generic {indexing_maps = [#map, #map6, #map6], iterator_types = ["parallel", "reduction"]} ins(%arg0, %arg1 : tensor<?x10xf32>, tensor<?xf32>) outs(%0 : tensor<?xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %2 = arith.subf %in, %in_0 fastmath<contract> : f32
      %3 = math.exp %2 : f32
      %4 = arith.addf %out, %3 fastmath<contract> : f32
      linalg.yield %4 : f32
    } -> tensor<?xf32>
    kernel.return %1 : tensor<?xf32>
  }
  kernel.func @mlp.evaluate.0_any.kernel.1(%arg0: index, %arg1: tensor<?x10xf32>, %arg2: tensor<?xi32>) -> tensor<?xi32> {
    %cst = arith.constant 0xFF800000 : f32
    %c0_i32 = arith.constant 0 : i32
    %0 = tensor.empty(%arg0) : tensor<?xf32>
    %1 = linalg.fill ins(%cst : f32) outs(%0 : tensor<?xf32>) -> tensor<?xf32>
    %2 = linalg.fill ins(%c0_i32 : i32) outs(%arg2 : tensor<?xi32>) -> tensor<?xi32>
    %3:2 = linalg.generic {indexing_maps = [#map, #map6, #map6], iterator_types = ["parallel", "reduction"]} ins(%arg1 : tensor<?x10xf32>) outs(%1, %2 : tensor<?xf32>, tensor<?xi32>) {
    ^bb0(%in: f32, %out: f32, %out_0: i32):
      %4 = linalg.index 1 : index
      %5 = arith.index_cast %4 : index to i32
      %6 = arith.cmpf ugt, %in, %out : f32
      %7 = arith.cmpf ord, %out, %out : f32
      %8 = arith.andi %6, %7 : i1
      %9 = arith.select %8, %in, %out : f32
      %10 = arith.select %8, %5, %out_0 : i32
      linalg.yield %9, %10 : f32, i32
    } -> (tensor<?xf32>, tensor<?xi32>)
    kernel.return %3#1 : tensor<?xi32>
  }
  kernel.func @mlp.evaluate.0_any.kernel.2(%arg0: tensor<?xi32>, %arg1: tensor<?xi32>, %arg2: tensor<f64>) -> tensor<f64> {
    %cst = arith.constant 0.000000e+00 : f64
    %0 = linalg.fill ins(%cst : f64) outs(%arg2 : tensor<f64>) -> tensor<f64>
    %1 = linalg.generic {indexing_maps = [#map5, #map5, #map8], iterator_types = ["reduction"]} ins(%arg0, %arg1 : tensor<?xi32>, tensor<?xi32>) outs(%0 : tensor<f64>) {
    ^bb0(%in: i32, %in_0: i32, %out: f64):
      %2 = arith.cmpi eq, %in, %in_0 : i32
      %3 = arith.uitofp %2 : i1 to f64
      %4 = arith.addf %out, %3 fastmath<contract> : f64
      linalg.yield %4 : f64
    } -> tensor<f64>
    kernel.return %1 : tensor<f64>
  }
  func.func @mlp.evaluate.0_any(%arg0: index {train.bind = #train.bind<dim, 0>}, %arg1: memref<784x64xf32> {train.bind = #train.bind<parameter, 0>}, %arg2: memref<64xf32> {train.bind = #train.bind<parameter, 1>}, %arg3: memref<64x10xf32> {train.bind = #train.bind<parameter, 2>}, %arg4: memref<10xf32> {train.bind = #train.bind<parameter, 3>}, %arg5: memref<?x28x28xi8> {train.bind = #train.bind<field, 0>}, %arg6: memref<?xi32> {train.bind = #train.bind<field, 1>}, %arg7: memref<f64> {train.bind = #train.bind<partial, 0>}, %arg8: memref<f64> {train.bind = #train.bind<partial, 1>}, %arg9: memref<f64> {train.bind = #train.bind<partial, 2>}) attributes {nn.argument_dims = [array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64: 0>, array<i64: 0>, array<i64>, array<i64>, array<i64>], nn.arguments = [index, memref<784x64xf32>, memref<64xf32>, memref<64x10xf32>, memref<10xf32>, memref<?x28x28xi8>, memref<?xi32>, memref<f64>, memref<f64>, memref<f64>], nn.entry = "evaluate.0"} {
    %c9 = arith.constant 9 : index
    %cst = arith.constant 0.00392156886 : f32
    %cst_0 = arith.constant 0.000000e+00 : f32
    %cst_1 = arith.constant 0xFF800000 : f32
    %c0 = arith.constant 0 : index
    %cst_2 = arith.constant 0.000000e+00 : f64
    %c0_i32 = arith.constant 0 : i32
    %0 = bufferization.to_tensor %arg9 restrict writable : memref<f64> to tensor<f64>
    %1 = bufferization.to_tensor %arg7 restrict writable : memref<f64> to tensor<f64>
    %2 = bufferization.to_tensor %arg1 restrict : memref<784x64xf32> to tensor<784x64xf32>
    %3 = bufferization.to_tensor %arg2 restrict : memref<64xf32> to tensor<64xf32>
    %4 = bufferization.to_tensor %arg3 restrict : memref<64x10xf32> to tensor<64x10xf32>
    %5 = bufferization.to_tensor %arg4 restrict : memref<10xf32> to tensor<10xf32>
    %6 = bufferization.to_tensor %arg5 restrict : memref<?x28x28xi8> to tensor<?x28x28xi8>
    %7 = bufferization.to_tensor %arg6 restrict : memref<?xi32> to tensor<?xi32>
    %8 = tensor.empty(%arg0) : tensor<?x28x28xf32>
    %collapsed = tensor.collapse_shape %6 [[0], [1, 2]] : tensor<?x28x28xi8> into tensor<?x784xi8>
    %collapsed_3 = tensor.collapse_shape %8 [[0], [1, 2]] : tensor<?x28x28xf32> into tensor<?x784xf32>
    %cst_4 = arith.constant 0.00392156886 : f32
    %9 = kernel.call @mlp.predict_any.kernel.0(%collapsed, %cst_4 : tensor<?x784xi8>, f32) to (%collapsed_3 : tensor<?x784xf32>) -> tensor<?x784xf32>
    %10 = tensor.empty(%arg0) : tensor<?x64xf32>
    %11 = kernel.call @mlp.predict_any.kernel.1(%arg0, %9, %2, %3 : index, tensor<?x784xf32>, tensor<784x64xf32>, tensor<64xf32>) to (%10 : tensor<?x64xf32>) -> tensor<?x64xf32>
    %12 = tensor.empty(%arg0) : tensor<?x10xf32>
    %13 = kernel.call @mlp.predict_any.kernel.2(%arg0, %11, %4, %5 : index, tensor<?x64xf32>, tensor<64x10xf32>, tensor<10xf32>) to (%12 : tensor<?x10xf32>) -> tensor<?x10xf32>
    %14 = tensor.empty(%arg0) : tensor<?xf32>
    %15 = kernel.call @mlp.step_any.kernel.1(%13 : tensor<?x10xf32>) to (%14 : tensor<?xf32>) -> tensor<?xf32>
    %16 = kernel.call @mlp.step_any.kernel.2(%13, %15 : tensor<?x10xf32>, tensor<?xf32>) to (%12 : tensor<?x10xf32>) -> tensor<?x10xf32>
    %17 = kernel.call @mlp.evaluate.0_any.kernel.0(%13, %15 : tensor<?x10xf32>, tensor<?xf32>) to (%14 : tensor<?xf32>) -> tensor<?xf32>
    %expanded = tensor.expand_shape %17 [[0, 1]] output_shape [%arg0, 1] : tensor<?xf32> into tensor<?x1xf32>
    %18 = tensor.empty(%arg0) : tensor<?x1xf32>
    %19 = kernel.call @mlp.step_any.kernel.5(%expanded : tensor<?x1xf32>) to (%18 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %expanded_5 = tensor.expand_shape %16 [[0, 1], [2]] output_shape [%arg0, 1, 10] : tensor<?x10xf32> into tensor<?x1x10xf32>
    %expanded_6 = tensor.expand_shape %12 [[0, 1], [2]] output_shape [%arg0, 1, 10] : tensor<?x10xf32> into tensor<?x1x10xf32>
    %dim = tensor.dim %expanded_6, %c0 : tensor<?x1x10xf32>
    %20 = tensor.empty(%dim) : tensor<?x1x10xf32>
    %21 = kernel.call @mlp.step_any.kernel.6(%expanded_5, %19 : tensor<?x1x10xf32>, tensor<?x1xf32>) to (%20 : tensor<?x1x10xf32>) -> tensor<?x1x10xf32>
    %collapsed_7 = tensor.collapse_shape %21 [[0, 1], [2]] : tensor<?x1x10xf32> into tensor<?x10xf32>
    %22 = kernel.call @mlp.step_any.kernel.7(%7, %collapsed_7 : tensor<?xi32>, tensor<?x10xf32>) to (%1 : tensor<f64>) -> tensor<f64>
    %23 = arith.index_cast %arg0 : index to i64
    %24 = arith.sitofp %23 : i64 to f64
    %from_elements = tensor.from_elements %24 : tensor<f64>
    %25 = tensor.empty(%arg0) : tensor<?xi32>
    %26 = kernel.call @mlp.evaluate.0_any.kernel.1(%arg0, %13 : index, tensor<?x10xf32>) to (%25 : tensor<?xi32>) -> tensor<?xi32>
    %27 = kernel.call @mlp.evaluate.0_any.kernel.2(%26, %7 : tensor<?xi32>, tensor<?xi32>) to (%0 : tensor<f64>) -> tensor<f64>
    bufferization.materialize_in_destination %22 in restrict writable %arg7 : (tensor<f64>, memref<f64>) -> ()
    bufferization.materialize_in_destination %from_elements in restrict writable %arg8 : (tensor<f64>, memref<f64>) -> ()
    bufferization.materialize_in_destination %27 in restrict writable %arg9 : (tensor<f64>, memref<f64>) -> ()
    return
  }
  kernel.func @mlp.evaluate.0.kernel.0(%arg0: tensor<32x10xf32>, %arg1: tensor<32xf32>, %arg2: tensor<32xf32>) -> tensor<32xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = linalg.fill ins(%cst : f32) outs(%arg2 : tensor<32xf32>) -> tensor<32xf32>
    %1 = linalg.generic {indexing_maps = [#map, #map6, #map6], iterator_types = ["parallel", "reduction"]} ins(%arg0, %arg1 : tensor<32x10xf32>, tensor<32xf32>) outs(%0 : tensor<32xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %2 = arith.subf %in, %in_0 fastmath<contract> : f32
      %3 = math.exp %2 : f32
      %4 = arith.addf %out, %3 fastmath<contract> : f32
      linalg.yield %4 : f32
    } -> tensor<32xf32>
    kernel.return %1 : tensor<32xf32>
  }
  kernel.func @mlp.evaluate.0.kernel.1(%arg0: tensor<32xi32>, %arg1: tensor<32x10xf32>, %arg2: tensor<f64>) -> tensor<f64> {
    %cst = arith.constant 0.000000e+00 : f64
    %c9 = arith.constant 9 : index
    %c0 = arith.constant 0 : index
    %0 = linalg.fill ins(%cst : f64) outs(%arg2 : tensor<f64>) -> tensor<f64>
    %1 = linalg.generic {indexing_maps = [#map5, #map8], iterator_types = ["reduction"]} ins(%arg0 : tensor<32xi32>) outs(%0 : tensor<f64>) {
    ^bb0(%in: i32, %out: f64):
      %2 = linalg.index 0 : index
      %3 = arith.index_cast %in : i32 to index
      %4 = arith.minsi %3, %c9 : index
      %5 = arith.maxsi %4, %c0 : index
      %extracted = tensor.extract %arg1[%2, %5] : tensor<32x10xf32>
      %6 = arith.negf %extracted : f32
      %7 = arith.extf %6 : f32 to f64
      %8 = arith.addf %out, %7 fastmath<contract> : f64
      linalg.yield %8 : f64
    } -> tensor<f64>
    kernel.return %1 : tensor<f64>
  }
  kernel.func @mlp.evaluate.0.kernel.2(%arg0: tensor<32x10xf32>, %arg1: tensor<32xi32>) -> tensor<32xi32> {
    %cst = arith.constant 0xFF800000 : f32
    %c0_i32 = arith.constant 0 : i32
    %0 = tensor.empty() : tensor<32xf32>
    %1 = linalg.fill ins(%cst : f32) outs(%0 : tensor<32xf32>) -> tensor<32xf32>
    %2 = linalg.fill ins(%c0_i32 : i32) outs(%arg1 : tensor<32xi32>) -> tensor<32xi32>
    %3:2 = linalg.generic {indexing_maps = [#map, #map6, #map6], iterator_types = ["parallel", "reduction"]} ins(%arg0 : tensor<32x10xf32>) outs(%1, %2 : tensor<32xf32>, tensor<32xi32>) {
    ^bb0(%in: f32, %out: f32, %out_0: i32):
      %4 = linalg.index 1 : index
      %5 = arith.index_cast %4 : index to i32
      %6 = arith.cmpf ugt, %in, %out : f32
      %7 = arith.cmpf ord, %out, %out : f32
      %8 = arith.andi %6, %7 : i1
      %9 = arith.select %8, %in, %out : f32
      %10 = arith.select %8, %5, %out_0 : i32
      linalg.yield %9, %10 : f32, i32
    } -> (tensor<32xf32>, tensor<32xi32>)
    kernel.return %3#1 : tensor<32xi32>
  }
  kernel.func @mlp.evaluate.0.kernel.3(%arg0: tensor<32xi32>, %arg1: tensor<32xi32>, %arg2: tensor<f64>) -> tensor<f64> {
    %cst = arith.constant 0.000000e+00 : f64
    %0 = linalg.fill ins(%cst : f64) outs(%arg2 : tensor<f64>) -> tensor<f64>
    %1 = linalg.generic {indexing_maps = [#map5, #map5, #map8], iterator_types = ["reduction"]} ins(%arg0, %arg1 : tensor<32xi32>, tensor<32xi32>) outs(%0 : tensor<f64>) {
    ^bb0(%in: i32, %in_0: i32, %out: f64):
      %2 = arith.cmpi eq, %in, %in_0 : i32
      %3 = arith.uitofp %2 : i1 to f64
      %4 = arith.addf %out, %3 fastmath<contract> : f64
      linalg.yield %4 : f64
    } -> tensor<f64>
    kernel.return %1 : tensor<f64>
  }
  func.func @mlp.evaluate.0(%arg0: index {train.bind = #train.bind<dim, 0>}, %arg1: memref<784x64xf32> {train.bind = #train.bind<parameter, 0>}, %arg2: memref<64xf32> {train.bind = #train.bind<parameter, 1>}, %arg3: memref<64x10xf32> {train.bind = #train.bind<parameter, 2>}, %arg4: memref<10xf32> {train.bind = #train.bind<parameter, 3>}, %arg5: memref<32x28x28xi8> {train.bind = #train.bind<field, 0>}, %arg6: memref<32xi32> {train.bind = #train.bind<field, 1>}, %arg7: memref<f64> {train.bind = #train.bind<partial, 0>}, %arg8: memref<f64> {train.bind = #train.bind<partial, 1>}, %arg9: memref<f64> {train.bind = #train.bind<partial, 2>}) attributes {nn.argument_dims = [array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64>], nn.arguments = [index, memref<784x64xf32>, memref<64xf32>, memref<64x10xf32>, memref<10xf32>, memref<32x28x28xi8>, memref<32xi32>, memref<f64>, memref<f64>, memref<f64>], nn.entry = "evaluate.0", train.dims = array<i64: 32, 0>} {
    %c9 = arith.constant 9 : index
    %cst = arith.constant 0.00392156886 : f32
    %cst_0 = arith.constant 0.000000e+00 : f32
    %cst_1 = arith.constant 0xFF800000 : f32
    %c0 = arith.constant 0 : index
    %cst_2 = arith.constant 0.000000e+00 : f64
    %cst_3 = arith.constant dense<3.200000e+01> : tensor<f64>
    %c0_i32 = arith.constant 0 : i32
    %0 = bufferization.to_tensor %arg9 restrict writable : memref<f64> to tensor<f64>
    %1 = bufferization.to_tensor %arg7 restrict writable : memref<f64> to tensor<f64>
    %2 = bufferization.to_tensor %arg1 restrict : memref<784x64xf32> to tensor<784x64xf32>
    %3 = bufferization.to_tensor %arg2 restrict : memref<64xf32> to tensor<64xf32>
    %4 = bufferization.to_tensor %arg3 restrict : memref<64x10xf32> to tensor<64x10xf32>
    %5 = bufferization.to_tensor %arg4 restrict : memref<10xf32> to tensor<10xf32>
    %6 = bufferization.to_tensor %arg5 restrict : memref<32x28x28xi8> to tensor<32x28x28xi8>
    %7 = bufferization.to_tensor %arg6 restrict : memref<32xi32> to tensor<32xi32>
    %8 = tensor.empty() : tensor<32x28x28xf32>
    %collapsed = tensor.collapse_shape %6 [[0, 1, 2]] : tensor<32x28x28xi8> into tensor<25088xi8>
    %collapsed_4 = tensor.collapse_shape %8 [[0, 1, 2]] : tensor<32x28x28xf32> into tensor<25088xf32>
    %cst_5 = arith.constant 0.00392156886 : f32
    %9 = kernel.call @mlp.predict.kernel.0(%collapsed, %cst_5 : tensor<25088xi8>, f32) to (%collapsed_4 : tensor<25088xf32>) -> tensor<25088xf32>
    %expanded = tensor.expand_shape %9 [[0, 1]] output_shape [32, 784] : tensor<25088xf32> into tensor<32x784xf32>
    %10 = tensor.empty() : tensor<32x64xf32>
    %11 = kernel.call @mlp.predict.kernel.1(%expanded, %2, %3 : tensor<32x784xf32>, tensor<784x64xf32>, tensor<64xf32>) to (%10 : tensor<32x64xf32>) -> tensor<32x64xf32>
    %12 = tensor.empty() : tensor<32x10xf32>
    %13 = kernel.call @mlp.predict.kernel.2(%11, %4, %5 : tensor<32x64xf32>, tensor<64x10xf32>, tensor<10xf32>) to (%12 : tensor<32x10xf32>) -> tensor<32x10xf32>
    %14 = tensor.empty() : tensor<32xf32>
    %15 = kernel.call @mlp.step.kernel.1(%13 : tensor<32x10xf32>) to (%14 : tensor<32xf32>) -> tensor<32xf32>
    %16 = kernel.call @mlp.step.kernel.2(%13, %15 : tensor<32x10xf32>, tensor<32xf32>) to (%12 : tensor<32x10xf32>) -> tensor<32x10xf32>
    %17 = kernel.call @mlp.evaluate.0.kernel.0(%13, %15 : tensor<32x10xf32>, tensor<32xf32>) to (%14 : tensor<32xf32>) -> tensor<32xf32>
    %18 = tensor.empty() : tensor<32x1xf32>
    %collapsed_6 = tensor.collapse_shape %18 [[0, 1]] : tensor<32x1xf32> into tensor<32xf32>
    %19 = kernel.call @mlp.step.kernel.5(%17 : tensor<32xf32>) to (%collapsed_6 : tensor<32xf32>) -> tensor<32xf32>
    %expanded_7 = tensor.expand_shape %19 [[0, 1]] output_shape [32, 1] : tensor<32xf32> into tensor<32x1xf32>
    %expanded_8 = tensor.expand_shape %16 [[0, 1], [2]] output_shape [32, 1, 10] : tensor<32x10xf32> into tensor<32x1x10xf32>
    %20 = tensor.empty() : tensor<32x1x10xf32>
    %21 = kernel.call @mlp.step.kernel.6(%expanded_8, %expanded_7 : tensor<32x1x10xf32>, tensor<32x1xf32>) to (%20 : tensor<32x1x10xf32>) -> tensor<32x1x10xf32>
    %collapsed_9 = tensor.collapse_shape %21 [[0, 1], [2]] : tensor<32x1x10xf32> into tensor<32x10xf32>
    %22 = kernel.call @mlp.evaluate.0.kernel.1(%7, %collapsed_9 : tensor<32xi32>, tensor<32x10xf32>) to (%1 : tensor<f64>) -> tensor<f64>
    %23 = tensor.empty() : tensor<32xi32>
    %24 = kernel.call @mlp.evaluate.0.kernel.2(%13 : tensor<32x10xf32>) to (%23 : tensor<32xi32>) -> tensor<32xi32>
    %25 = kernel.call @mlp.evaluate.0.kernel.3(%24, %7 : tensor<32xi32>, tensor<32xi32>) to (%0 : tensor<f64>) -> tensor<f64>
    bufferization.materialize_in_destination %22 in restrict writable %arg7 : (tensor<f64>, memref<f64>) -> ()
    bufferization.materialize_in_destination %cst_3 in restrict writable %arg8 : (tensor<f64>, memref<f64>) -> ()
    bufferization.materialize_in_destination %25 in restrict writable %arg9 : (tensor<f64>, memref<f64>) -> ()
    return
  }
  kernel.func @mlp.finish.kernel.0(%arg0: tensor<f64>, %arg1: tensor<f64>, %arg2: tensor<f64>) -> tensor<f64> {
    %0 = linalg.generic {indexing_maps = [#map9, #map9, #map9], iterator_types = []} ins(%arg0, %arg1 : tensor<f64>, tensor<f64>) outs(%arg2 : tensor<f64>) {
    ^bb0(%in: f64, %in_0: f64, %out: f64):
      %1 = arith.divf %in, %in_0 : f64
      linalg.yield %1 : f64
    } -> tensor<f64>
    kernel.return %0 : tensor<f64>
  }
  func.func @mlp.finish(%arg0: memref<f64> {train.bind = #train.bind<total, 0>}, %arg1: memref<f64> {train.bind = #train.bind<total, 1>}, %arg2: memref<f64> {train.bind = #train.bind<total, 2>}, %arg3: memref<f64> {train.bind = #train.bind<result, 0>}, %arg4: memref<f64> {train.bind = #train.bind<result, 1>}) attributes {nn.argument_dims = [array<i64>, array<i64>, array<i64>, array<i64>, array<i64>], nn.arguments = [memref<f64>, memref<f64>, memref<f64>, memref<f64>, memref<f64>], nn.entry = "finish"} {
    %0 = bufferization.to_tensor %arg4 restrict writable : memref<f64> to tensor<f64>
    %1 = bufferization.to_tensor %arg3 restrict writable : memref<f64> to tensor<f64>
    %2 = bufferization.to_tensor %arg0 restrict : memref<f64> to tensor<f64>
    %3 = bufferization.to_tensor %arg1 restrict : memref<f64> to tensor<f64>
    %4 = bufferization.to_tensor %arg2 restrict : memref<f64> to tensor<f64>
    %5 = kernel.call @mlp.finish.kernel.0(%2, %3 : tensor<f64>, tensor<f64>) to (%1 : tensor<f64>) -> tensor<f64>
    %6 = kernel.call @mlp.finish.kernel.0(%4, %3 : tensor<f64>, tensor<f64>) to (%0 : tensor<f64>) -> tensor<f64>
    bufferization.materialize_in_destination %5 in restrict writable %arg3 : (tensor<f64>, memref<f64>) -> ()
    bufferization.materialize_in_destination %6 in restrict writable %arg4 : (tensor<f64>, memref<f64>) -> ()
    return
  }
}

