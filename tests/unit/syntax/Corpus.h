// Snippets that together use all of the language, for the printer and the mutation tests.
#pragma once

namespace nnc::test {

inline constexpr const char *corpus[] = {
    R"(/// The network.
model mlp(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] {
  image / 255 |> flatten |> dense(64) |> relu |> dense(10)
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
import "b.nn"
// apart
fn gelu(x: f32[...s]) -> f32[...s] = x * 0.5 * (1 + erf(x / sqrt(2)))
fn id(x) = x

layer dense(units: int, bias: bool = true)(x: f32[...s, n]) -> f32[...s, units] {
  param w: f32[n, units] = glorot_uniform()
  let y = x @ w // product

  // two ways
  if bias { param b: f32[units] = zeros(); y + b } else { y }   // at compile time
}
)",
    R"(layer residual(channels: int, stride: int = 1)(x: f32[batch, h, w, c]) -> f32[batch, h / stride, w / stride, channels] {
  let y = x |> conv2d(channels, kernel: 3, stride: stride, padding: same, bias: false) |> batch_norm |> relu
            |> conv2d(channels, kernel: 3, padding: same, bias: false) |> batch_norm
  let skip = if stride == 1 && c == channels { x }
             else { x |> conv2d(channels, kernel: 1, stride: stride, bias: false) |> batch_norm }
  relu(y + skip)
}
optimizer adam(lr = 1e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8) {
  state m = 0, v = 0                      // one tensor each
  m = beta1 * m + (1 - beta1) * grad
  v = beta2 * v + (1 - beta2) * grad ^ 2
  param - lr * (m / (1 - beta1 ^ step)) / (sqrt(v / (1 - beta2 ^ step)) + eps)
}
)",
    R"(schedule cosine(peak: f32, warmup: int, total: int) -> f32 =
  if step < warmup { peak * step / warmup }
  else if step > total || !(step != 3) { -peak }
  else { peak * 0.5 * (1 + cos(pi * (step - warmup) / (total - warmup))) }
data mnist = idx { // files
  image: u8[28, 28]  label: u8 in 0..10
  // the parts
  train { image: "a\n\"b\"", label: "c" }
  test  { image: "d",  label: "e" }
}
)",
    R"(model gpt(depth: int = 4, width: int = 128)
         (token: i32[batch, time]) -> (logits: f32[batch, time, vocab], h: f32[batch]) {
  param embed: f32[vocab, width] = normal(0.02)
  buffer count: f32[] = zeros()
  let h = embed[token] + place[0..time] |> repeat(depth) block(heads) |> layer_norm
  let (a, b): f32 = split(h[:, 1, ..3, 2.., -1], 2)
  for i in 0..depth - 1 { h = f(h, i); h = h % 2 }
  if a { h = 1 } else if b { h = 2 }
  h = [1, 2.5, true, "s"] as f32; h = 2
  let k = h;
  -k
}
train gpt {
  data      text("t.txt", split: [0.9, 0.1]) as (token, next)
  loss      p = f(x)
            divergence = -g(y) // second
  optimizer adamw(lr: cosine(peak: 1e-3, warmup: 100), decay: 0.1) for "*.w"
            sgd for rest
  clip (a + b) * 2
  evaluate  every 500
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

  let y = (x + // plus
    1) // one


  (y,
   x)
  // last
}
// end
)"};

} // namespace nnc::test
