// Snippets that together use all of the language, for the printer and the mutation tests.
#pragma once

namespace nnc::test {

inline constexpr const char *corpus[] = {
    R"(/// The network.
model mlp(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] {
  image / 255
    |> flatten
    |> dense(64) |> relu // hidden
    |> dense(10)
}

train mlp {
  data      mnist(image, label)
  loss      cross_entropy(logits, label)
  optimizer adam(lr: 1e-3)
  batch     32
  epochs    5
}
)",
    R"(import "a.nn"
import "b.nn" as b
// apart
let alpha = 0.1
let roads: f32[207, 207] = npy("roads.npy")
fn gelu(x: float[...s]) -> float[...s] = x * 0.5 * (1 + erf(x / sqrt(2)))
fn id(x) = x
fn sign_ste(x: float[...s]) -> float[...s] = sign(x)
  gradient(dy) = dy * (abs(x) <= 1) // straight through
fn both(x: float[n], k: float) -> float[n] { x * k } gradient(dy) { (dy * k, sum(dy * x)) }

layer dense(units: int, bias: bool = true, init: fn = glorot_uniform)(x: float[...s, n]) -> float[...s, units] {
  param w: float[n, units] = init()
  let y = x @ w // product

  // two ways
  if bias { param b: float[units] = zeros(); y + b } else { y }   // at compile time
}
)",
    R"(layer lstm(units: int)
     (x: float[batch, time, n]) -> float[batch, time, units] {
  param w: float[n + units, 4 * units] = glorot_uniform()
  param b: float[4 * units]            = zeros()
  scan xt in x over time {
    state h: float[batch, units] = zeros() // set before the first pass
    state c: float[batch, units] = zeros()
    let (i, f, g, o) = split(concat(xt, h) @ w + b, 4)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    h = sigmoid(o) * tanh(c)
    yield h
  }
}
layer tower(widths: [int])(x: float[batch, n]) -> float[batch, widths[-1]] {
  require(n % 2 == 0, "n is even")
  for units in widths { x = x |> dense(units) |> relu }
  let (a, b) = scan (l, r) in (x, x) { state h: float[batch] = zeros(); h = h + l * r; (h, h) }
  let z = scan i in 0..n - 1 { state h: float[batch, n] = x; h = h * 0.5 + (i as f32); h }
  a + b + mean(z)
}
optimizer adam(lr: float = 1e-3, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8)
              (w: float[...s], g: float[...s]) {
  state m: float[...s] = zeros()                      // one tensor each
  let x = if rank(w) == 2 {
    state v: float[shape(w)[0], 1] = zeros()
    v = v * beta2 ^ -step + (1 - beta2) * g ^ 2
    v
  } else { g }
  m = beta1 * m + (1 - beta1) * x
  w - lr * (m / (1 - beta1 ^ step)) / (sqrt(x / (1 - beta2 ^ step)) + eps)
}
)",
    R"(fn cosine(step: float, peak: float, warmup: int, total: int) -> float =
  if step < warmup { peak * step / warmup }
  else if step > total or not (step != 3) and true { -peak }
  else { peak * 0.5 * (1 + cos(pi * (step - warmup) / (total - warmup))) }
data mnist(image: u8[28, 28], label: index(10)) { // files
  // the parts
  train idx(image: "a\n\"b\"", label: "c")
  test  idx(image: "d",  label: "e")
}
data housing(features: f32[n], value: f32) {
  from     csv("california-housing.csv", missing: "")
  let beds = numbers("total_bedrooms")
  features = concat(
    numbers("longitude", to: "total_rooms") |> standardize, // of many
    // missing here and there
    fill(beds, median(beds, axis: 0)) |> standardize,
    one_hot(category("ocean_proximity", classes: 5)))
  value    = number("median_house_value") / 100_000
  split    train: 0.8, test: 0.2, seed: 1
}
)",
    R"(model gpt(depth: int = 4, width: int = 128)
         (token: index(vocab)[batch, time]) -> (logits: f32[batch, time, vocab], h: f32[batch]) {
  param embed: f32[vocab, width] = normal(0.02)
  state count: f32[] = zeros()
  let h = embed[token] + place[0..time] |> repeat(depth) block(heads) |> std.layer_norm
  let (a, b): f32 = split(h[:, 1, ..3, 2.., -1, ..., new], 2)
  for i in 0..depth - 1 { h = f(h, i); h = h % 2 }
  if a { h = 1 } else if b { h = 2 }
  h = [1, 2.5, true, "s"][0] as index(10); h = 2 @ 3
  let k = see(a)(b);
  -k
}
train gpt(depth: 6), b.other {
  data      shakespeare(token, target: next)
  split     valid: 0.05, seed: 1 // out of the training part
  let peak = 1e-3
  let lr   = peak * cos(pi / 2 * step / steps)
  loss      p = f(x)
  loss      divergence = -g(y) // second
  metric    top5 = top_k_accuracy(logits, next, k: 5)
  optimizer adamw(lr: lr, decay: 0.1) for "*.w", "*.v"
  optimizer sgd(lr: 1)
  clip      norm: (1.0 + b) * 2
  evaluate  every: 500
  stop      patience: 5, min: loss
  load      "resnet.safetensors", under: "backbone"
  shuffle   false

  step judge {
    loss      on_real = x > 0
    optimizer adam() for "critic.*"
  }
  step forge every: 2 {
    // nothing
  }
}
)",
    R"(// alone
fn f(
  a, // first
  // before b
  b: f32[n, // dim
    ...s]
) = // body
  g(a, // one
    // own line
    b) // after
  // between
  |> h // end
  |> repeat(2) k(1 // in
  )
fn t(x) {

  // only

  let y = (x - // minus
    1) // one


  (y,
   x)
  // last
}
// end
)"};

} // namespace nnc::test
