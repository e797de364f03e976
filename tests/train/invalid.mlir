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

// expected-error@+1 {{'train.model' op expected either 'forward' or 'entries'}}
train.model @m dims [] {}

// -----

// expected-error@+1 {{'train.model' op expected either 'forward' or 'entries'}}
train.model @m dims [] forward @f entries [@f] {}
func.func private @f()

// -----

// expected-error@+1 {{'train.model' op names @f as 'forward', but there is no such symbol}}
train.model @m dims [] forward @f {}

// -----

// expected-error@+1 {{'train.model' op has entry @f, but there is no such symbol}}
train.model @m dims [] entries [@f] {}

// -----

// expected-error@+1 {{'train.model' op expected @n to be a function, found 'train.model'}}
train.model @m dims [] forward @n {}
// expected-note@+1 {{declared here}}
train.model @n dims [] entries [] {}

// -----

// expected-error@+1 {{'train.model' op expected @f to have type '(index, tensor<?xf32>, tensor<2xf32>, tensor<f32>) -> (tensor<?x2xf32>, tensor<f32>)', found '(index) -> ()'}}
train.model @m dims ["n"] forward @f {
  train.input "x" : tensor<?xf32> dims ["n"]
  train.output "y" : tensor<?x2xf32> dims ["n"]
  train.parameter "w" : tensor<2xf32> init @w
  train.parameter buffer "b" : tensor<f32> init @b
}
// expected-note@+1 {{the function is here}}
func.func private @f(index)
func.func private @w(tensor<i64>) -> tensor<2xf32>
func.func private @b(tensor<i64>) -> tensor<f32>

// -----

// expected-error@+1 {{'train.model' op names dimension "n" twice}}
train.model @m dims ["n", "n"] entries [] {}

// -----

train.model @m dims [] entries [] {
  // expected-note@+1 {{the first one is here}}
  train.input "x" : tensor<f32>
  // expected-error@+1 {{'train.input' op is the second input named "x"}}
  train.input "x" : tensor<f32>
}

// -----

train.model @m dims [] entries [] {
  // expected-note@+1 {{the first one is here}}
  train.output "x" : tensor<f32>
  // expected-error@+1 {{'train.output' op is the second output named "x"}}
  train.output "x" : tensor<f32>
}

// -----

train.model @m dims [] entries [] {
  // expected-note@+1 {{the first one is here}}
  train.parameter "w" : tensor<f32>
  // expected-error@+1 {{'train.parameter' op is the second parameter named "w"}}
  train.parameter buffer "w" : tensor<f32>
}

// -----

train.model @m dims [] entries [] {
  // expected-note@+1 {{a buffer is here}}
  train.parameter buffer "b" : tensor<f32>
  // expected-error@+1 {{'train.parameter' op is expected before every buffer}}
  train.parameter "w" : tensor<f32>
}

// -----

// expected-error@+1 {{'train.model' op expected one recipe at most, found 2}}
train.model @m dims [] entries [] {
  train.recipe optimizer "" batch 1 seed 0 metrics [] { train.data "d" format "idx" {} }
  train.recipe optimizer "" batch 1 seed 0 metrics [] { train.data "d" format "idx" {} }
}

// -----

train.model @m dims [] entries [] {
  // expected-error@+1 {{'builtin.unrealized_conversion_cast' op is not expected in a 'train.model'}}
  builtin.unrealized_conversion_cast to index
}

// -----

train.model @m dims ["n"] entries [] {
  // expected-error@+1 {{'train.input' op expected 1 names in 'dims', one for each '?' of 'tensor<?x2xf32>', found 0}}
  train.input "x" : tensor<?x2xf32>
}

// -----

train.model @m dims [] entries [] {
  // expected-error@+1 {{'train.input' op expected the lower bound to be below the upper one, found 4 and 4}}
  train.input "x" : tensor<i32> in 4 to 4
}

// -----

train.model @m dims ["n"] entries [] {
  // expected-error@+1 {{'train.output' op expected a dimension of the model, one of ["n"], found "k"}}
  train.output "x" : tensor<?x2xf32> dims ["k"]
}

// -----

train.model @m dims [] entries [] {
  // expected-error@+1 {{attribute 'type' failed to satisfy constraint: type attribute of statically shaped tensor of any type values}}
  train.parameter "w" : tensor<?xf32>
}

// -----

train.model @m dims [] entries [] {
  // expected-error@+1 {{attribute 'name' failed to satisfy constraint: string attribute whose value is not empty}}
  train.input "" : tensor<f32>
}

// -----

train.model @m dims [] forward @f {
  // expected-error@+1 {{'train.parameter' op expected 'init', as the model has 'forward'}}
  train.parameter "w" : tensor<f32>
}
func.func private @f(tensor<f32>)

// -----

train.model @m dims [] entries [] {
  // expected-error@+1 {{'train.parameter' op expected no 'init' in a model without 'forward'}}
  train.parameter "w" : tensor<f32> init @f
}
func.func private @f(tensor<i64>) -> tensor<f32>

// -----

train.model @m dims [] forward @f {
  // expected-error@+1 {{'train.parameter' op expected @g to have type '(tensor<i64>) -> tensor<f32>', found '(tensor<i64>) -> tensor<f64>'}}
  train.parameter "w" : tensor<f32> init @g
}
func.func private @f(tensor<f32>)
// expected-note@+1 {{the function is here}}
func.func private @g(tensor<i64>) -> tensor<f64>

// -----

train.model @m dims [] entries [] {
  // expected-error@+1 {{'train.recipe' op expected one 'train.data', found 0}}
  train.recipe optimizer "" batch 1 seed 0 metrics [] {}
}

// -----

train.model @m dims [] entries [] {
  // expected-error@+1 {{attribute 'batch' failed to satisfy constraint: 64-bit signless integer attribute whose value is positive}}
  train.recipe optimizer "" batch 0 seed 0 metrics [] {}
}

// -----

train.model @m dims [] entries [] {
  train.recipe optimizer "" batch 1 seed 0 metrics [] {
    train.data "d" format "idx" {}
    // expected-error@+1 {{'builtin.unrealized_conversion_cast' op is not expected in a 'train.recipe'}}
    builtin.unrealized_conversion_cast to index
  }
}

// -----

train.model @m dims [] forward @f {
  // expected-error@+1 {{'train.recipe' op expected @l to take ('tensor<f32>', 'tensor<2xf32>', 'tensor<i32>'), found ('tensor<f32>')}}
  train.recipe optimizer "" batch 1 seed 0 loss @l metrics [] @l {
    train.data "d" format "idx" {
      train.field "x" : tensor<2xf32>
      train.field "t" : tensor<i32>
    }
  }
  train.input "x" : tensor<2xf32>
  train.output "y" : tensor<f32>
}
func.func private @f(tensor<2xf32>) -> tensor<f32>
// expected-note@+1 {{the function is here}}
func.func private @l(tensor<f32>)

// -----

train.model @m dims [] forward @f {
  // expected-error@+1 {{'train.recipe' op expected results of @l to be rank-0 floats, found 'tensor<2xf32>'}}
  train.recipe optimizer "" batch 1 seed 0 loss @l metrics [] @l { train.data "d" format "idx" {} }
}
func.func private @f()
// expected-note@+1 {{the function is here}}
func.func private @l() -> tensor<2xf32>

// -----

train.model @m dims [] forward @f {
  // expected-error@+1 {{'train.recipe' op expected @l to have results of one type, found ('tensor<f32>', 'tensor<f64>')}}
  train.recipe optimizer "" batch 1 seed 0 loss @l metrics [] @l { train.data "d" format "idx" {} }
}
func.func private @f()
// expected-note@+1 {{the function is here}}
func.func private @l() -> (tensor<f32>, tensor<f64>)

// -----

train.model @m dims [] forward @f {
  // expected-error@+1 {{'train.recipe' op expected @l to have results of one type, found ()}}
  train.recipe optimizer "" batch 1 seed 0 loss @l metrics [] @l { train.data "d" format "idx" {} }
}
func.func private @f()
// expected-note@+1 {{the function is here}}
func.func private @l()

// -----

train.model @m dims [] forward @f {
  // expected-error@+1 {{'train.recipe' op expected @l to have one result for each of 2 metrics, found 1}}
  train.recipe optimizer "" batch 1 seed 0 loss @l metrics ["a", "b"] @l { train.data "d" format "idx" {} }
}
func.func private @f()
// expected-note@+1 {{the function is here}}
func.func private @l() -> tensor<f32>

// -----

train.model @m dims [] entries [] {
  train.recipe optimizer "" batch 1 seed 0 metrics [] {
    train.data "d" format "idx" {
      // expected-error@+1 {{'builtin.unrealized_conversion_cast' op is not expected in a 'train.data'}}
      builtin.unrealized_conversion_cast to index
    }
  }
}

// -----

train.model @m dims [] entries [] {
  train.recipe optimizer "" batch 1 seed 0 metrics [] {
    train.data "d" format "idx" {
      // expected-note@+1 {{the first one is here}}
      train.field "x" : tensor<f32>
      // expected-error@+1 {{'train.field' op is the second field named "x"}}
      train.field "x" as "y" : tensor<f32>
    }
  }
}

// -----

train.model @m dims [] entries [] {
  train.input "x" : tensor<f32>
  train.recipe optimizer "" batch 1 seed 0 metrics [] {
    // expected-error@+1 {{'train.data' op expected a field for input "x"}}
    train.data "d" format "idx" {
      train.field "x" as "y" : tensor<f32>
    }
  }
}

// -----

train.model @m dims ["k", "n"] entries [] {
  // expected-note@+1 {{the input is here}}
  train.input "x" : tensor<?xf32> dims ["n"]
  train.recipe optimizer "" batch 1 seed 0 metrics [] {
    train.data "d" format "idx" {
      // expected-error@+1 {{'train.field' op expected the type of the input that it feeds, 'tensor<?xf32>' of ["n"], found 'tensor<?xf32>' of ["k"]}}
      train.field "x" : tensor<?xf32> dims ["k"]
    }
  }
}

// -----

train.model @m dims ["n", "k"] entries [] {
  train.recipe optimizer "" batch 1 seed 0 metrics [] {
    train.data "d" format "idx" {
      // expected-error@+1 {{'train.field' op expected the leading dimension to be the model's first, "n", found "k"}}
      train.field "x" : tensor<?xf32> dims ["k"]
    }
  }
}

// -----

train.model @m dims [] entries [] {
  train.recipe optimizer "" batch 1 seed 0 metrics [] {
    train.data "d" format "idx" {
      train.field "x" : tensor<f32>
      // expected-error@+1 {{'train.file' op expected a field of the data set, found "y"}}
      train.file "train" of "y" path "y.gz"
    }
  }
}

// -----

train.model @m dims [] entries [] {
  train.recipe optimizer "" batch 1 seed 0 metrics [] {
    train.data "d" format "idx" {
      // expected-error@+1 {{'train.field' op expected the lower bound to be below the upper one, found 3 and -1}}
      train.field "x" : tensor<i32> in 3 to -1
    }
  }
}

// -----

train.model @m dims [] entries [] {
  train.recipe optimizer "" batch 1 seed 0 metrics [] {
    train.data "d" format "idx" {
      // expected-error@+1 {{'train.field' op expected both bounds or none}}
      "train.field"() {name = "x", type = tensor<i32>, low = 1 : i64} : () -> ()
    }
  }
}

// -----

train.model @m dims [] entries [] {
  train.recipe optimizer "" batch 1 seed 0 metrics [] {
    train.data "d" format "idx" {}
    // expected-error@+1 {{'train.update' op updates "w", but the model has no such parameter}}
    train.update "w" {}
  }
}

// -----

train.model @m dims [] entries [] {
  // expected-note@+1 {{the buffer is here}}
  train.parameter buffer "w" : tensor<f32>
  train.recipe optimizer "" batch 1 seed 0 metrics [] {
    train.data "d" format "idx" {}
    // expected-error@+1 {{'train.update' op updates a buffer, expected a parameter}}
    train.update "w" {}
  }
}

// -----

train.model @m dims [] entries [] {
  train.parameter "w" : tensor<f32>
  train.recipe optimizer "" batch 1 seed 0 metrics [] {
    train.data "d" format "idx" {}
    // expected-note@+1 {{the first one is here}}
    train.update "w" {}
    // expected-error@+1 {{'train.update' op is the second update of "w"}}
    train.update "w" {}
  }
}

// -----

train.model @m dims [] entries [] {
  train.parameter "w" : tensor<f32>
  train.recipe optimizer "" batch 1 seed 0 metrics [] {
    train.data "d" format "idx" {}
    train.update "w" {
      // expected-error@+1 {{'builtin.unrealized_conversion_cast' op is not expected in a 'train.update'}}
      builtin.unrealized_conversion_cast to index
    }
  }
}

// -----

train.model @m dims [] entries [] {
  train.parameter "w" : tensor<f32>
  train.recipe optimizer "" batch 1 seed 0 metrics [] {
    train.data "d" format "idx" {}
    train.update "w" {
      // expected-note@+1 {{the first one is here}}
      train.state "m" : tensor<f32>
      // expected-error@+1 {{'train.state' op is the second state named "m"}}
      train.state "m" : tensor<f32>
    }
  }
}

// -----

train.model @m dims [] forward @f {
  train.parameter "w" : tensor<2xf32> init @w
  train.recipe optimizer "" batch 1 seed 0 loss @l metrics [] @n {
    train.data "d" format "idx" {}
    // expected-error@+1 {{'train.update' op expected @u to have type '(tensor<2xf32>, tensor<2xf32>, tensor<f64>, tensor<i64>) -> (tensor<2xf32>, tensor<f64>)', found '() -> ()'}}
    train.update "w" rule @u {
      train.state "m" : tensor<f64> init @m0
    }
  }
}
func.func private @f(tensor<2xf32>)
func.func private @w(tensor<i64>) -> tensor<2xf32>
func.func private @m0(tensor<i64>, tensor<2xf32>) -> tensor<f64>
func.func private @l() -> tensor<f32>
func.func private @n()
// expected-note@+1 {{the function is here}}
func.func private @u()

// -----

train.model @m dims [] forward @f {
  train.parameter "w" : tensor<2xf32> init @w
  train.recipe optimizer "" batch 1 seed 0 loss @l metrics [] @n {
    train.data "d" format "idx" {}
    train.update "w" rule @u {
      // expected-error@+1 {{'train.state' op expected @m0 to have type '(tensor<i64>, tensor<2xf32>) -> tensor<2xf32>', found '() -> tensor<2xf32>'}}
      train.state "m" : tensor<2xf32> init @m0
    }
  }
}
func.func private @f(tensor<2xf32>)
func.func private @w(tensor<i64>) -> tensor<2xf32>
// expected-note@+1 {{the function is here}}
func.func private @m0() -> tensor<2xf32>
func.func private @l() -> tensor<f32>
func.func private @n()
func.func private @u(tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<i64>) -> (tensor<2xf32>, tensor<2xf32>)
