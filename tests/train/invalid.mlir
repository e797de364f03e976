// Every rule of the verifiers of the train dialect.
// RUN: nn-opt %s --split-input-file --verify-diagnostics

// expected-error@+1 {{'builtin.module' op has an unknown attribute 'train.sources' of the train dialect}}
module attributes {train.sources = "x"} {}

// -----

// expected-error@+1 {{'builtin.module' op expected attribute 'train.source' to be a string, found 1 : i64}}
module attributes {train.source = 1} {}

// -----

// expected-error@+1 {{'func.func' op has attribute 'train.source', expected on a module alone}}
func.func private @f() attributes {train.source = "x"}

// -----

// expected-error@+1 {{'func.func' op expected attribute 'train.dims' to be an array of i64 from 0, found array<i64: -1>}}
func.func private @f() attributes {train.dims = array<i64: -1>}

// -----

// expected-error@+1 {{'func.func' op expected 'train.bind' to be a #train.bind, found 3 : i64}}
func.func private @f(index {train.bind = 3})

// -----

// expected-error@+1 {{'func.func' op has an unknown attribute 'train.binding' of the train dialect}}
func.func private @f() -> (index {train.binding = 3})

// -----

// expected-error@+1 {{expected a number from 0, found -1}}
func.func private @f(index {train.bind = #train.bind<dim, -1>})

// -----

// expected-error@+1 {{'train.model' op names @f as 'predict', but there is no such symbol}}
train.model @m dims [] predict @f {}

// -----

// expected-error@+1 {{'train.model' op expected @n to be a function, found 'train.program'}}
train.model @m dims [] predict @n {}
// expected-note@+1 {{the function is here}}
train.program @n dims [] entries [] totals 0 results 0 {}

// -----

// expected-error@+1 {{'train.program' op has entry @f, but there is no such symbol}}
train.program @m dims [] entries [@f] totals 0 results 0 {}

// -----

// expected-error@+1 {{'train.program' op expected 'settings' to have a 'batch' from 1}}
train.program @m dims [] entries [] totals 0 results 0 settings {batch = 0} {}

// -----

train.program @m dims [] entries [] totals 0 results 0 {
  // expected-note@+1 {{the first one is here}}
  train.tensor averages "w" : tensor<f32>
  train.tensor parameters "w" : tensor<f32>
  // expected-error@+1 {{'train.tensor' op is the second averages named "w"}}
  train.tensor averages "w" : tensor<f32>
}

// -----

// expected-error@+1 {{'train.model' op expected argument 0 of @f to have 'train.bind'}}
train.model @m dims [] predict @f {}
// expected-note@+1 {{the function is here}}
func.func private @f(index)

// -----

// expected-error@+1 {{'train.model' op binds argument 0 of @f to a gradient, which 'predict' is not given}}
train.model @m dims [] predict @f {}
// expected-note@+1 {{the function is here}}
func.func private @f(index {train.bind = #train.bind<gradient, 0>})

// -----

// expected-error@+1 {{'train.model' op binds argument 0 of @f to dim number 1, which the model doesn't have}}
train.model @m dims ["n"] predict @f {}
// expected-note@+1 {{the function is here}}
func.func private @f(index {train.bind = #train.bind<dim, 1>})

// -----

// expected-error@+1 {{'train.model' op expected argument 0 of @f to be 'tensor<i64>' as seed number 0 is, found 'i64'}}
train.model @m dims [] predict @f {}
// expected-note@+1 {{the function is here}}
func.func private @f(i64 {train.bind = #train.bind<seed, 0>})

// -----

// expected-error@+1 {{'train.model' op expected @f to give ('tensor<f32>'), found ()}}
train.model @m dims [] predict @f {
  train.output "y" : tensor<f32>
}
// expected-note@+1 {{the function is here}}
func.func private @f()

// -----

// expected-error@+1 {{'train.model' op names dimension "n" twice}}
train.model @m dims ["n", "n"] predict @f {}
func.func private @f()

// -----

// expected-error@+1 {{'train.model' op expected 'rows' to be the number of one of 1 dimensions, found 1}}
train.model @m dims ["n"] rows 1 predict @f {}
func.func private @f()

// -----

train.model @m dims [] predict @f {
  // expected-error@+1 {{'train.update' op expects parent op 'train.block'}}
  train.update "w" rule @f {}
}
func.func private @f()

// -----

train.model @m dims [] predict @f {
  // expected-error@+1 {{'arith.constant' op is not expected in a 'train.model'}}
  %c = arith.constant 1 : i64
}
func.func private @f()

// -----

train.model @m dims ["n"] predict @f {
  // expected-error@+1 {{'train.input' op expected 1 names in 'dims', one for each '?' of 'tensor<?xf32>', found 0}}
  train.input "x" : tensor<?xf32>
}
func.func private @f()

// -----

train.model @m dims ["n"] predict @f {
  // expected-error@+1 {{'train.field' op expected a dimension of the model, one of ["n"], found "k"}}
  train.field "x" : tensor<?xf32> dims ["k"]
}
func.func private @f()

// -----

train.model @m dims [] predict @f {
  // expected-error@+1 {{'train.column' op expected the lower bound to be below the upper one, found 3 and 3}}
  train.column "x" : tensor<4xi32> in 3 to 3
}
func.func private @f()

// -----

// expected-error@+1 {{'train.model' op expected one recipe at most, found 2}}
train.model @m dims [] predict @f {
  train.recipe settings {batch = 1} finish @f {}
  train.recipe settings {batch = 1} finish @f {}
}
func.func private @f()

// -----

train.model @m dims [] predict @f {
  // expected-error@+1 {{'train.recipe' op expected 'settings' to have a 'batch' from 1}}
  train.recipe settings {} finish @f {}
}
func.func private @f()

// -----

train.model @m dims [] predict @f {
  // expected-error@+1 {{'train.recipe' op expected settings of strings, finite numbers, lists and dictionaries, found f32}}
  train.recipe settings {batch = 1, what = f32} finish @f {}
}
func.func private @f()

// -----

train.model @m dims [] predict @f {
  // expected-error@+1 {{'train.recipe' op expected 'accumulate' to be 1 or more, found 0}}
  train.recipe settings {batch = 1, accumulate = 0} finish @f {}
}
func.func private @f()

// -----

train.model @m dims [] predict @f {
  // expected-error@+1 {{'train.recipe' op expected results of @g to be tensors of f64 with a known shape, found ('tensor<f32>')}}
  train.recipe settings {batch = 1} finish @g {}
}
func.func private @f()
// expected-note@+1 {{the function is here}}
func.func private @g() -> tensor<f32>

// -----

train.model @m dims [] predict @f {
  train.state "s" : tensor<2xf32> init @s
  train.recipe settings {batch = 1} finish @f {
    // expected-error@+1 {{'train.block' op expected @g to give losses, rank-0 floats, then the states ('tensor<2xf32>'), found ('tensor<f32>')}}
    train.block "" objective @g {}
  }
}
func.func private @f()
func.func private @s() -> tensor<2xf32>
// expected-note@+1 {{the function is here}}
func.func private @g() -> tensor<f32>

// -----

train.model @m dims [] predict @f {
  train.recipe settings {batch = 1} finish @f {
    train.block "" objective @g {
      // expected-error@+1 {{'train.update' op updates "w", but the model has no such parameter}}
      train.update "w" rule @g {}
    }
  }
}
func.func private @f()
func.func private @g() -> tensor<f32>

// -----

train.model @m dims [] predict @f {
  train.parameter "w" : tensor<f32> init @g
  train.recipe settings {batch = 1} finish @f {
    train.block "" objective @g {
      // expected-note@+1 {{the first one is here}}
      train.update "w" rule @g {}
      // expected-error@+1 {{'train.update' op is the second update of "w"}}
      train.update "w" rule @g {}
    }
  }
}
func.func private @f()
func.func private @g() -> tensor<f32>

// -----

train.model @m dims [] predict @f {
  train.parameter "w" : tensor<f32> init @g
  train.recipe settings {batch = 1} finish @f {
    train.block "" objective @g {
      // expected-error@+1 {{'train.update' op expected @g to give ('tensor<f32>', 'tensor<2xf32>'), found ('tensor<f32>')}}
      train.update "w" rule @g {
        train.optimizer_state "w.m" : tensor<2xf32> init @s
      }
    }
  }
}
func.func private @f()
func.func private @s() -> tensor<2xf32>
// expected-note@+1 {{the function is here}}
func.func private @g() -> tensor<f32>

// -----

train.model @m dims [] predict @f {
  train.fitted "d.0" : tensor<f32>
  train.recipe settings {batch = 1} finish @f {
    // expected-error@+1 {{'train.preparation' op expected @f to give ('tensor<f32>'), found ()}}
    train.preparation fit @f prepare @f
  }
}
// expected-note@+1 {{the function is here}}
func.func private @f()

// -----

// A rule is given the gradient of its own parameter.
train.model @m dims [] predict @f {
  train.parameter "w" : tensor<f32> init @g
  train.parameter "b" : tensor<f32> init @g
  train.recipe settings {batch = 1} finish @f {
    train.block "" objective @g {
      // expected-error@+1 {{'train.update' op binds argument 0 of @r to gradient number 1, which is not that of "w"}}
      train.update "w" rule @r {}
    }
  }
}
func.func private @f()
func.func private @g() -> tensor<f32>
// expected-note@+1 {{the function is here}}
func.func private @r(tensor<f32> {train.bind = #train.bind<gradient, 1>}) -> tensor<f32>

// -----

train.model @m dims [] predict @f {
  train.recipe settings {batch = 1} finish @f {
    // expected-error@+1 {{'train.block' op expected both 'clip' and 'limit', or neither}}
    "train.block"() <{name = "", objective = @g, limit = @l}> ({
    ^bb0:
    }) : () -> ()
  }
}
func.func private @f()
func.func private @g() -> tensor<f32>
func.func private @l() -> tensor<f64>

// -----

train.model @m dims [] predict @f {
  train.recipe settings {batch = 1} finish @f {
    // expected-error@+1 {{'train.block' op expected both 'clip' and 'limit', or neither}}
    "train.block"() <{name = "", objective = @g, clip = 0 : i32}> ({
    ^bb0:
    }) : () -> ()
  }
}
func.func private @f()
func.func private @g() -> tensor<f32>

// -----

// Totals come from the passes before; the second pass may read the first one's, not its own.
train.model @m dims [] predict @f {
  train.recipe settings {batch = 1} finish @f {
    train.pass accumulate @one
    // expected-error@+1 {{'train.pass' op binds argument 1 of @two to total number 1, which no earlier pass gives}}
    train.pass accumulate @two
  }
}
func.func private @f()
func.func private @one() -> tensor<f64>
// expected-note@+1 {{the function is here}}
func.func private @two(
    tensor<f64> {train.bind = #train.bind<total, 0>},
    tensor<f64> {train.bind = #train.bind<total, 1>}) -> tensor<f64>

// -----

// What the second pass collects is behind what the first one does.
train.model @m dims ["batch"] batch 0 predict @f {
  train.collected "0" : tensor<?xf32> dims ["batch"]
  train.collected "1" : tensor<?xi32> dims ["batch"]
  train.recipe settings {batch = 1} finish @f {
    train.pass accumulate @one
    // expected-error@+1 {{'train.pass' op expected results of @two to be tensors of f64 with a known shape, then what is collected from number 1 on ('tensor<?xi32>'), found ('tensor<f64>', 'tensor<?xf32>')}}
    train.pass accumulate @two
  }
}
func.func private @f()
func.func private @one() -> tensor<?xf32>
// expected-note@+1 {{the function is here}}
func.func private @two() -> (tensor<f64>, tensor<?xf32>)

// -----

train.model @m dims ["batch"] batch 0 predict @f {
  train.collected "0" : tensor<?xf32> dims ["batch"]
  // expected-error@+1 {{'train.recipe' op expected the passes to collect 1 tensors, as the model says, found 0}}
  train.recipe settings {batch = 1} finish @f {
  }
}
func.func private @f()

// -----

train.program @m dims ["batch"] entries [] totals 0 results 0 {
  // expected-error@+1 {{expected 1 names in 'dims', one for each '?' of 'tensor<?xf32>', found 0}}
  train.collected "0" : tensor<?xf32>
}

// -----

// expected-error@+1 {{'func.func' op expected attribute 'train.needs' to be an array of #train.need, found 3 : i64}}
func.func private @f() attributes {train.needs = 3}

// -----

// expected-error@+1 {{expected as many powers for each of 2 factors, found 3}}
#odd = #train.size<"n" [1, 2] [1, 0, 1]>

// -----

// expected-error@+1 {{expected powers from 0, found}}
#below = #train.size<"n" [1] [-1]>

// -----

train.model @m dims ["batch", "n"] predict @f {
  // expected-error@+1 {{'train.input' op expected bounds or a limit, found both}}
  train.input "i" : tensor<?xi32> dims ["batch"] in 0 to 3 below #train.size<"n" [1] [0, 1]>
}
func.func private @f()

// -----

train.model @m dims ["batch", "n"] predict @f {
  // expected-error@+1 {{'train.input' op expected a power for each of 2 dimensions in every term of}}
  train.input "i" : tensor<?xi32> dims ["batch"] below #train.size<"n" [1] [1]>
}
func.func private @f()
