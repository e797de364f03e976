"""Windows as they are read: in place, along any axes that are reduced. Values against NumPy float64."""
# RUN: %python %s
import numpy as np

from support import build, check, close, finish, predict

rng = np.random.default_rng(1)
x = rng.normal(size=(2, 6, 5, 3)).astype(np.float32)
# [batch, out h, out w, size h, size w, c]
w = np.lib.stride_tricks.sliding_window_view(x.astype(float), (2, 2), axis=(1, 2)).transpose(0, 1, 2, 4, 5, 3)
pooled = w[:, ::2, ::2].max((3, 4))
CASES = {
    "max_of_pool": ("max(x |> max_pool(2), axis: [1, 2])", "[batch, 3]", pooled.max((1, 2))),
    "max_of_rows": ("max(x |> max_pool(2), axis: 1)", "[batch, 2, 3]", pooled.max(1)),
    "places": ("max(windows(x, size: [2, 2]), axis: [1, 2])", "[batch, 2, 2, 3]", w.max((1, 2))),
    "sum_of_sums": ("sum(sum(windows(x, size: [2, 2]), axis: [3, 4]), axis: [1, 2, 3])", "[batch]", w.sum((1, 2, 3, 4, 5))),
    "mean_of_all": ("mean(windows(x, size: [2, 2]), axis: [1, 2, 3, 4, 5])", "[batch]", w.mean((1, 2, 3, 4, 5))),
    "one_size": ("sum(windows(x, size: [2, 2]), axis: [2, 3])", "[batch, 5, 2, 3]", w.sum((2, 3))),
    "two_factors": ("einsum(\"b h w i j c, b h w i j c -> b\", windows(x, size: [2, 2]), windows(x, size: [2, 2]))", "[batch]",
                    (w * w).sum((1, 2, 3, 4, 5))),
}
for sizes in ("6, 5", "h, w"):
    for name, (text, result, want) in CASES.items():
        if "h" in sizes and (name in ("max_of_rows", "one_size") or "pool" in text):
            continue  # strides want sizes that are known, and so do the results
        program = build(f"model m(x: f32[batch, {sizes}, 3]) -> y: f32{result} = {text}\n", f"{name}_{sizes[0]}")
        found = predict(program, x=x)
        check(close(found.get("y"), want, 1e-5, 1e-5), f"{name} of [{sizes}]", found.get("y"))
finish()
