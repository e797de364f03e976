"""Products with few rows or columns, of every layout and float type, for any number of rows, against NumPy."""
# RUN: %python %s
import numpy as np

from support import build, check, finish, predict, save_weights, tmp

K = 131  # A prime: a rest in vectors of any width.
# Each is summed over k, or over the rows s of an example.
PRODUCTS = {
    "one_column": ("b k, k n -> b n", "x", "one"),
    "few_columns": ("b k, k n -> b n", "x", "few"),
    "few_rows": ("b k, n k -> b n", "x", "rows"),
    "no_columns": ("b k, k -> b", "x", "alone"),
    "of_each": ("b s k, b k -> b s", "y", "x"),
    "outer": ("b k, n -> b k n", "x", "three"),
    "transposed_column": ("b s k, b s n -> b k n", "y", "column"),
    "transposed_columns": ("b s k, b s n -> b k n", "y", "columns"),
    "pairs": ("b s k, b t k -> b s t", "y", "y"),
}
SIZES = {"x": ("batch", K), "y": ("batch", 7, K), "column": ("batch", 7, 1), "columns": ("batch", 7, 2)}
PARAMS = {"one": (K, 1), "few": (K, 3), "rows": (3, K), "alone": (K,), "three": (3,)}
RESULTS = {"one_column": "1", "few_columns": "3", "few_rows": "3", "no_columns": "", "of_each": "7", "outer": f"{K}, 3", "transposed_column": f"{K}, 1",
           "transposed_columns": f"{K}, 2", "pairs": "7, 7"}
PRECISION = {"f64": 53, "f32": 24, "f16": 11, "bf16": 8}
rng = np.random.default_rng(0)


def source(kind, given):
    def shape(sizes):
        return f"[{', '.join(map(str, sizes))}]"

    inputs = ", ".join(f"{name}: {given}{shape(sizes)}" for name, sizes in SIZES.items())
    outputs = ", ".join(f"{name}: {kind}[{', '.join(filter(None, ['batch', sizes]))}]" for name, sizes in RESULTS.items())
    params = "".join(f"  param {name}: {given}{shape(sizes)} = zeros()\n" for name, sizes in PARAMS.items())
    values = ",\n   ".join(f'einsum("{equation}", {a} as {kind}, {b} as {kind})' for equation, a, b in PRODUCTS.values())
    return f"model m({inputs}) -> ({outputs}) {{\n{params}  ({values})\n}}\n"


for kind, bits in PRECISION.items():
    given = "f64" if kind == "f64" else "f32"
    weights = {name: rng.normal(size=sizes).astype(np.float64 if given == "f64" else np.float32) for name, sizes in PARAMS.items()}
    save_weights(tmp(f"{kind}.w"), weights)
    for cpu in ("native", "x86-64-v2"):
        program = build(source(kind, given), f"thin_{kind}", "--cpu", cpu)
        for batch in (1, 2, 5, 37):
            inputs = {name: rng.normal(size=(batch, *sizes[1:])).astype(weights["one"].dtype) for name, sizes in SIZES.items()}
            found = predict(program, tmp(f"{kind}.w"), **inputs)
            known = {name: value.astype(float) for name, value in {**inputs, **weights}.items()}
            for name, (equation, a, b) in PRODUCTS.items():
                want = np.einsum(equation.replace(" ", ""), known[a], known[b])
                size = np.einsum(equation.replace(" ", ""), abs(known[a]), abs(known[b]))
                # Both operands are rounded, and so is the sum; in f32 each product and partial sum, too.
                bound = size * (3 * 2.0**-bits + (K + 2) * 2.0 ** -max(bits, 24)) + 1e-6 * (kind != "f64")
                got = np.array(found.get(name), float)
                check(got.shape == want.shape and bool((abs(got - want) <= bound).all()), f"{name} of {batch} in {kind} for {cpu}",
                      f"{got.shape} {want.shape}" if got.shape != want.shape else str(abs(got - want).max()))
finish()
