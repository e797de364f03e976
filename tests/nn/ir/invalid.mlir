// Every rule of the verifiers is broken once.
// RUN: nn-opt %s --verify-diagnostics --split-input-file -o /dev/null

func.func @element_type(%x: tensor<4xi16>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of a float type, i64, i32, ui8 or i1}}
  %0 = nn.stop_gradient %x : tensor<4xi16>
  return
}

// -----

func.func @neg_of_unsigned(%x: tensor<4xui8>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of a float type, i64 or i32}}
  %0 = nn.neg %x : tensor<4xui8>
  return
}

// -----

func.func @pow_of_integers(%x: tensor<4xi32>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of f64, f32, f16 or bf16 values}}
  %0 = nn.pow %x, %x : tensor<4xi32>
  return
}

// -----

func.func @unequal_operands(%a: tensor<4xf32>, %b: tensor<5xf32>) {
  // expected-error @+1 {{failed to verify that all of {lhs, rhs, result} have same type}}
  %0 = "nn.add"(%a, %b) : (tensor<4xf32>, tensor<5xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @compare_word(%a: tensor<4xf32>) {
  // expected-error @+1 {{failed to satisfy constraint: string attribute one of eq, ne, lt, le, gt, ge}}
  %0 = nn.compare "less" %a, %a : tensor<4xf32>
  return
}

// -----

func.func @compare_result(%a: tensor<4xf32>) {
  // expected-error @+1 {{failed to verify that result is an i1 tensor of the operands' shape}}
  %0 = "nn.compare"(%a, %a) <{predicate = "eq"}> : (tensor<4xf32>, tensor<4xf32>) -> tensor<5xi1>
  return
}

// -----

func.func @select_condition(%c: tensor<5xi1>, %a: tensor<4xf32>) {
  // expected-error @+1 {{failed to verify that condition is an i1 tensor of the result's shape}}
  %0 = "nn.select"(%c, %a, %a) : (tensor<5xi1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @cast_shape(%a: tensor<4xf32>) {
  // expected-error @+1 {{is elementwise and expects operand #0 to be shaped like the result 'tensor<5xf64>', found 'tensor<4xf32>'}}
  %0 = nn.cast %a : tensor<4xf32> to tensor<5xf64>
  return
}

// -----

func.func @equation_form(%a: tensor<4x4xf32>) {
  // expected-error @+2 {{expects an equation like "mk,kn->mn", found "mk kn"}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.contract "mk kn" %a, %a : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @equation_diagonal(%a: tensor<4x4xf32>) {
  // expected-error @+2 {{expects a letter once per term, found 'm' twice in "mm"}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.contract "mm,mn->mn" %a, %a : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @equation_result(%a: tensor<4x4xf32>) {
  // expected-error @+2 {{has 'x' in the result, but in neither operand}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.contract "mk,kn->mx" %a, %a : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @equation_alone(%a: tensor<4x4xf32>) {
  // expected-error @+2 {{has 'k' in one operand alone and not in the result; reduce that operand first}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.contract "mk,mn->mn" %a, %a : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @contract_rank(%a: tensor<4xf32>, %b: tensor<4x4xf32>) {
  // expected-error @+2 {{expects an operand of rank 2 for "mk", found 'tensor<4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.contract "mk,kn->mn" %a, %b : (tensor<4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @contract_size(%a: tensor<4x5xf32>, %b: tensor<6x4xf32>) {
  // expected-error @+2 {{expects one size for 'k', found 5 and 6}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.contract "mk,kn->mn" %a, %b : (tensor<4x5xf32>, tensor<6x4xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @contract_elements(%a: tensor<4x4xf32>, %b: tensor<4x4xf64>) {
  // expected-error @+2 {{expects operands of one element type, found 'f32' and 'f64'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.contract "mk,kn->mn" %a, %b : (tensor<4x4xf32>, tensor<4x4xf64>) -> tensor<4x4xf32>
  return
}

// -----

func.func @contract_type(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{inferred type(s) 'tensor<4x6xf32>' are incompatible with return type(s) of operation 'tensor<4x7xf32>'}}
  %0 = nn.contract "mk,kn->mn" %a, %b : (tensor<4x5xf32>, tensor<5x6xf32>) -> tensor<4x7xf32>
  return
}

// -----

func.func @axes_order(%a: tensor<4x5xf32>) {
  // expected-error @+2 {{expects axes that increase and lie below 2, found [1, 0]}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.reduce_sum %a [1, 0] : tensor<4x5xf32> -> tensor<f32>
  return
}

// -----

func.func @axis_beyond(%a: tensor<4x5xf32>) {
  // expected-error @+2 {{expects axes that increase and lie below 2, found [2]}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.argmax %a[2] : tensor<4x5xf32> -> tensor<4xi32>
  return
}

// -----

func.func @broadcast_rank(%a: tensor<4xf32>) {
  // expected-error @+2 {{expects one dimension of the result per dimension of 'tensor<4xf32>', found [0, 1]}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.broadcast %a [0, 1] to [4, 4] : tensor<4xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @broadcast_order(%a: tensor<4x4xf32>) {
  // expected-error @+2 {{expects dimensions that increase and lie below 2, found [1, 0]}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.broadcast %a [1, 0] to [4, 4] : tensor<4x4xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @broadcast_size(%a: tensor<4xf32>) {
  // expected-error @+2 {{expects size 1 or 5 to become dimension 0 of the result, found 4}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.broadcast %a [0] to [5] : tensor<4xf32> -> tensor<5xf32>
  return
}

// -----

func.func @too_few_sizes(%a: tensor<4xf32>) {
  // expected-error @+1 {{expects one size per dimension of 'tensor<4x1xf32>', found 1}}
  %0 = nn.iota 0 [4] : tensor<4x1xf32>
  return
}

// -----

func.func @negative_size() {
  // expected-error @+1 {{expects sizes of 0 or more, found -4}}
  %0 = nn.iota 0 [-4] : tensor<4xf32>
  return
}

// -----

func.func @missing_dynamic_size(%n: index) {
  // expected-error @+1 {{expects 1 dynamic sizes, found 0}}
  %0 = "nn.iota"() <{axis = 0 : i64, static_sizes = array<i64: -9223372036854775808>}> : () -> tensor<?xf32>
  return
}

// -----

func.func @other_sizes(%n: index) {
  // expected-error @+1 {{expects a result of the sizes [4], found 'tensor<5xf32>'}}
  %0 = nn.iota 0 [4] : tensor<5xf32>
  return
}

// -----

func.func @iota_axis() {
  // expected-error @+1 {{expects an axis below 1, found 1}}
  %0 = nn.iota 1 [4] : tensor<4xf32>
  return
}

// -----

func.func @reshape_elements(%a: tensor<4x5xf32>) {
  // expected-error @+1 {{expects 20 elements in the result, found 18}}
  %0 = nn.reshape %a to [18] : tensor<4x5xf32> -> tensor<18xf32>
  return
}

// -----

func.func @not_a_permutation(%a: tensor<4x5xf32>) {
  // expected-error @+2 {{expects a permutation of 2 dimensions, found [0, 0]}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.transpose %a [0, 0] : tensor<4x5xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @concat_nothing() {
  // expected-error @+2 {{expects an operand, found none}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = "nn.concat"() <{axis = 0 : i64}> : () -> tensor<4xf32>
  return
}

// -----

func.func @concat_axis(%a: tensor<4xf32>) {
  // expected-error @+2 {{expects an axis below 1, found 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.concat %a axis 1 : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @concat_ranks(%a: tensor<4xf32>, %b: tensor<4x1xf32>) {
  // expected-error @+2 {{expects operands of one rank and element type, found 'tensor<4xf32>' and 'tensor<4x1xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.concat %a, %b axis 0 : (tensor<4xf32>, tensor<4x1xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @concat_sizes(%a: tensor<4x2xf32>, %b: tensor<4x3xf32>) {
  // expected-error @+2 {{expects equal sizes along dimension 1, found 2 and 3}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.concat %a, %b axis 0 : (tensor<4x2xf32>, tensor<4x3xf32>) -> tensor<8x2xf32>
  return
}

// -----

func.func @slice_window(%a: tensor<4xf32>) {
  // expected-error @+1 {{expects a window inside the operand, found one up to 5 of 4 along dimension 0}}
  %0 = nn.slice %a [2] [2] [2] : tensor<4xf32> -> tensor<2xf32>
  return
}

// -----

func.func @slice_strides(%a: tensor<4xf32>) {
  // expected-error @+1 {{expects strides of 1 or more, found 0}}
  %0 = nn.slice %a [0] [2] [0] : tensor<4xf32> -> tensor<2xf32>
  return
}

// -----

func.func @slice_offsets(%a: tensor<4xf32>) {
  // expected-error @+1 {{expects 1 offsets, found 2}}
  %0 = nn.slice %a [0, 0] [2] [1] : tensor<4xf32> -> tensor<2xf32>
  return
}

// -----

func.func @slice_rank(%a: tensor<4xf32>) {
  // expected-error @+1 {{expects a result of rank 1, found 'tensor<2x1xf32>'}}
  %0 = nn.slice %a [0] [2, 1] [1] : tensor<4xf32> -> tensor<2x1xf32>
  return
}

// -----

func.func @pad_small(%a: tensor<4xf32>) {
  // expected-error @+1 {{expects a result that holds the operand up to 5 along dimension 0, found 4}}
  %0 = nn.pad %a low [1] to [4] : tensor<4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @pad_high(%a: tensor<4xf32>) {
  // expected-error @+1 {{expects size 7 along dimension 0 of the result, found 8}}
  %0 = nn.pad %a low [1] high [2] to [8] : tensor<4xf32> -> tensor<8xf32>
  return
}

// -----

func.func @pad_negative(%a: tensor<4xf32>) {
  // expected-error @+1 {{expects low of 0 or more, found -1}}
  %0 = nn.pad %a low [-1] to [4] : tensor<4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @pad_rank(%a: tensor<4xf32>) {
  // expected-error @+1 {{expects a result of rank 1, found 'tensor<4x1xf32>'}}
  %0 = nn.pad %a low [0] to [4, 1] : tensor<4xf32> -> tensor<4x1xf32>
  return
}

// -----

func.func @gather_axis(%a: tensor<4xf32>, %i: tensor<2xi32>) {
  // expected-error @+2 {{expects a table with an axis 1, found 'tensor<4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.gather %a, %i axis 1 : (tensor<4xf32>, tensor<2xi32>) -> tensor<2xf32>
  return
}

// -----

func.func @gather_by_floats(%a: tensor<4xf32>) {
  // expected-error @+1 {{operand #1 must be ranked tensor of i64 or i32 values}}
  %0 = nn.gather %a, %a : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @scatter_axis(%a: tensor<4xf32>, %i: tensor<2xi32>, %u: tensor<2xf32>) {
  // expected-error @+1 {{expects a tensor with an axis 1, found 'tensor<4xf32>'}}
  %0 = nn.scatter_add %u, %i into %a axis 1 : (tensor<2xf32>, tensor<2xi32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @scatter_updates(%a: tensor<4x3xf32>, %i: tensor<2xi32>, %u: tensor<2xf32>) {
  // expected-error @+1 {{expects updates of type 'tensor<2x3xf32>', found 'tensor<2xf32>'}}
  %0 = nn.scatter_add %u, %i into %a : (tensor<2xf32>, tensor<2xi32>, tensor<4x3xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @random_word(%seed: tensor<i64>) {
  // expected-error @+1 {{failed to satisfy constraint: string attribute one of uniform, normal}}
  %0 = nn.random "gauss" site 0 %seed [4] : tensor<4xf32>
  return
}

// -----

func.func @random_site(%seed: tensor<i64>) {
  // expected-error @+1 {{attribute 'site' failed to satisfy constraint}}
  %0 = nn.random "uniform" site 4294967296 %seed [4] : tensor<4xf32>
  return
}

// -----

func.func @random_integers(%seed: tensor<i64>) {
  // expected-error @+1 {{result #0 must be ranked tensor of f64, f32, f16 or bf16 values}}
  %0 = nn.random "uniform" site 0 %seed [4] : tensor<4xi32>
  return
}

// -----

// expected-error @+1 {{expects 'nn.wrt' on a float tensor, found 'tensor<4xi32>'}}
func.func @wrt(%x: tensor<4xi32> {nn.wrt}) {
  return
}

// -----

// expected-error @+1 {{expects 'nn.dims' to be an array of one i64 per '?' of 'tensor<?x?xf32>', found array<i64: 0>}}
func.func @dims_count(%n: index, %x: tensor<?x?xf32> {nn.dims = array<i64: 0>}) {
  return
}

// -----

// expected-error @+1 {{expects 'nn.dims' to name arguments of type index, found 1}}
func.func @dims_argument(%n: index, %x: tensor<?xf32> {nn.dims = array<i64: 1>}) {
  return
}

// -----

// Of sums and products too large for an i64.
func.func @slice_overflow(%a: tensor<4xf32>) {
  // expected-error @+1 {{expects a window inside the operand, found one up to 9223372036854775807 of 4 along dimension 0}}
  %0 = nn.slice %a [1] [3] [9223372036854775807] : tensor<4xf32> -> tensor<3xf32>
  return
}

// -----

func.func @pad_overflow(%a: tensor<4xf32>) {
  // expected-error @+1 {{expects a result that holds the operand up to 9223372036854775807 along dimension 0, found 6}}
  %0 = nn.pad %a low [9223372036854775807] to [6] : tensor<4xf32> -> tensor<6xf32>
  return
}

// -----

func.func @pad_interior_overflow(%a: tensor<2xf32>) {
  // expected-error @+1 {{expects a result that holds the operand up to 9223372036854775807 along dimension 0, found 6}}
  %0 = "nn.pad"(%a) <{low = array<i64: 0>, interior = array<i64: 9223372036854775807>, static_sizes = array<i64: 6>}> : (tensor<2xf32>) -> tensor<6xf32>
  return
}

// -----

func.func @windows_overflow(%a: tensor<1x4x1xf32>) {
  // expected-error @+1 {{expects a window shorter than 2^63 - 1 along spatial dimension 0}}
  %0 = nn.windows %a size [3] stride [1] dilation [4611686018427387904] low [0] high [0] to [1, 4, 3, 1] : tensor<1x4x1xf32> -> tensor<1x4x3x1xf32>
  return
}

// -----

func.func @windows_padding_overflow(%a: tensor<1x4x1xf32>) {
  // expected-error @+1 {{expects a padded size below 2^63 - 1 along spatial dimension 0}}
  %0 = nn.windows %a size [3] stride [1] dilation [1] low [9223372036854775807] high [9223372036854775807] to [1, 4, 3, 1] : tensor<1x4x1xf32> -> tensor<1x4x3x1xf32>
  return
}

// -----

func.func @windows_fill(%x: tensor<1x4x2xi32>) -> tensor<1x3x2x2xi32> {
  // expected-error @below {{expects 'fill' to be a value of 'i32', found 3.000000e+09 : f64}}
  %0 = nn.windows %x size [2] stride [1] dilation [1] low [0] high [0] fill 3.000000e+09 to [1, 3, 2, 2] : tensor<1x4x2xi32> -> tensor<1x3x2x2xi32>
  return %0 : tensor<1x3x2x2xi32>
}
