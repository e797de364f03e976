"""Products that blocks of a GPU's threads compute, in the emulator: layouts, windows, batches, edges. Values against NumPy."""
# RUN: %python %s
import numpy as np

from support import build, check, finish, predict

windows = lambda x, h, w: np.lib.stride_tricks.sliding_window_view(x, (h, w), axis=(1, 2)).transpose(0, 1, 2, 4, 5, 3)
# Each with the shapes of its operands, of which "batch" is symbolic where the batch is.
PRODUCTS = {
    "square": ("b m k, k n -> b m n", (40, 64), (64, 72)),
    "primes": ("b m k, k n -> b m n", (37, 53), (53, 29)),
    "right_transposed": ("b m k, n k -> b m n", (33, 68), (41, 68)),
    "left_transposed": ("b k m, k n -> b m n", (52, 36), (52, 20)),
    "both_transposed": ("b k m, n k -> b m n", (45, 31), (34, 45)),
    "batched": ("b m k, b k n -> b m n", (19, 28), ("batch", 28, 23)),
    "heads": ("b m h k, b n h k -> b h m n", (24, 3, 16), ("batch", 21, 3, 16)),
    "gradient": ("b m k, b m n -> k n", (18, 65), ("batch", 18, 33)),
    "long": ("b m k, k n -> b m n", (5, 1040), (1040, 12)),
    "one_row": ("b m k, k n -> b m n", (1, 200), (200, 24)),
    "one_column": ("b m k, k n -> b m n", (40, 300), (300, 1)),
    "few": ("b m k, k n -> b m n", (4, 9), (9, 8)),  # By single threads.
    "bytes": ("b m k, k n -> b m n", (40, 64), (64, 48)),
}
WINDOWS = {
    "convolution": ("b h w i j c, i j c n -> b h w n", (9, 8, 4), (3, 2, 4, 24)),
    "one_channel": ("b h w i j c, i j c n -> b h w n", (12, 13, 1), (3, 3, 1, 16)),
    "filter_gradient": ("b h w i j c, b h w n -> i j c n", (9, 9, 5), ("batch", 7, 8, 6)),
}
# What f32 is multiplied in, and the bits of a mantissa there.
PRECISIONS = {"f32": 23, "tf32": 10, "bf16": 7}
ROUNDED = ("square", "primes", "right_transposed", "both_transposed", "heads", "long", "few", "bytes", "convolution")
rng = np.random.default_rng(3)


def rounded(x, precision):
    """The nearest numbers with the mantissa of `precision`: ties go away from zero in tf32, to even in bf16."""
    bits, dropped = np.float32(x).view(np.uint32), 23 - PRECISIONS[precision]
    if not dropped:
        return x.astype(float)
    half = np.uint32(1 << (dropped - 1))
    odd = half if precision == "tf32" else half - 1 + ((bits >> np.uint32(dropped)) & 1)
    return ((bits + odd) & ~np.uint32((1 << dropped) - 1)).view(np.float32).astype(float)


def shape(sizes):
    return ", ".join(map(str, sizes))


def check_product(name, equation, left, right, batch, symbolic, views=False, precision="f32", devices=("emulator",)):
    known = lambda sizes: tuple(batch if size == "batch" else size for size in sizes)
    width = "batch" if symbolic else batch
    result = equation.split("->")[1].split()
    letters, of_left = equation.split(",")[0].split(), (batch, *left)
    sizes = dict(zip(equation.split("->")[0].split(",")[1].split(), known(right)))
    if views:
        filters = known(right)[:2] if right[0] != "batch" else tuple(a - b + 1 for a, b in zip(left, right[1:3]))
        sizes.update(b=batch, h=left[0] - filters[0] + 1, w=left[1] - filters[1] + 1, i=filters[0], j=filters[1], c=left[2])
        x_text = f"windows(x, size: [{filters[0]}, {filters[1]}])"
    else:
        sizes.update(zip(letters, of_left))
        x_text = "x"
    kind = "u8" if name == "bytes" else "f32"
    x_text = f"{x_text} as f32" if kind == "u8" else x_text
    out = shape(width if letter == "b" else sizes[letter] for letter in result)
    right_text = shape(width if size == "batch" else size for size in right)
    program = build(f"model m(x: {kind}[{width}, {shape(left)}], w: f32[{right_text}]) -> y: f32[{out}] {{\n"
                    f'  einsum("{equation}", {x_text}, w) + 1\n}}\n', f"{name}_{width}_{precision}", "--target", "cuda", "--precision", precision)
    x = rng.integers(0, 256, of_left).astype(np.uint8) if kind == "u8" else rng.normal(size=of_left).astype(np.float32)
    w = rng.normal(size=known(right)).astype(np.float32)
    a, b = rounded(x, precision), rounded(w, precision)
    if views:
        a = windows(a, *filters)
    text = equation.replace(" ", "")
    want, size = np.einsum(text, a, b) + 1, np.einsum(text, abs(a), abs(b)) + 1
    for device in devices:
        found = np.array(predict(program, None, "--device", device, x=x, w=w).get("y"), float)
        found = found[0] if found.ndim > len(result) else found  # What isn't a batch of examples is one.
        check(found.shape == want.shape and bool((abs(found - want) <= 1e-5 * size).all()),
              f"{name} of {batch} in {precision} on {device}{', symbolic' if symbolic else ''}",
              f"{found.shape} {want.shape}" if found.shape != want.shape else str((abs(found - want) / size).max()))


for views, products in ((False, PRODUCTS), (True, WINDOWS)):
    for name, (equation, left, right) in products.items():
        check_product(name, equation, left, right, 3, False, views)
        if equation.split("->")[1].split()[0] == "b":  # A result of each example.
            check_product(name, equation, left, right, 5, True, views)
        for precision in ("tf32", "bf16") if name in ROUNDED else ():
            check_product(name, equation, left, right, 3, False, views, precision, ("emulator", "cpu"))
finish()
