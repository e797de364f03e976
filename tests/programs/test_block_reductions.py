"""Reductions by several threads of a GPU, in the emulator: along rows, down columns, of everything; what isn't finite; ties. Values against NumPy."""
# RUN: %python %s
import numpy as np

from support import build, check, finish, predict

# JSON has no word for them: 1 is a NaN, 2 infinity, 3 minus infinity.
KIND = "fn kind(x: f32[...s]) -> f32[...s] = where(x != x, 1.0, where(x > 3e38, 2.0, where(x < -3e38, 3.0, x * 0)))\n"
kinds = lambda x: np.where(np.isnan(x), 1, np.where(x == np.inf, 2, np.where(x == -np.inf, 3, 0)))
# Of a matrix: an output's name, its expression, whether it has a value for each row, column or once, and the same in NumPy.
OUTPUTS = [
    ("sums", "sum(x, axis: 1)", "rows", lambda x: x.sum(1)),
    ("squares", "sum(x * x, axis: 1)", "rows", lambda x: (x * x).sum(1)),
    ("tops", "max(x, axis: 1)", "rows", lambda x: x.max(1)),
    ("bottoms", "min(x, axis: 1)", "rows", lambda x: x.min(1)),
    ("means", "mean(x + 1, axis: 1)", "rows", lambda x: (x + 1).mean(1)),
    ("places", "argmax(x) as f32", "rows", lambda x: x.argmax(1)),
    ("column_sums", "sum(x, axis: 0)", "columns", lambda x: x.sum(0)),
    ("column_tops", "max(x * 2, axis: 0)", "columns", lambda x: (x * 2).max(0)),
    ("column_means", "mean(x, axis: 0) + 1", "columns", lambda x: x.mean(0) + 1),
    ("total", "sum(x * x)", "once", lambda x: np.float64((x * x).sum())),
    ("top", "max(x)", "once", lambda x: x.max()),
    ("bottom", "min(x)", "once", lambda x: x.min()),
]
SHAPES = [(1, 1), (3, 31), (5, 32), (7, 33), (64, 64), (9, 100), (1000, 10), (10, 1000), (3, 4097), (4097, 3), (1021, 67), (300, 300), (2, 20011), (20011, 1)]
rng = np.random.default_rng(3)


def write_model(rows, columns, symbolic, special):
    width = "batch" if symbolic else rows
    types = {"rows": f"f32[{width}]", "columns": f"f32[{columns}]", "once": "f32"}
    chosen = [each for each in OUTPUTS if each[2] == "rows" or not symbolic]
    wrap = "kind({})" if special else "{}"
    lets = "\n".join(f"  let {name} = {wrap.format(text)}" for name, text, _, _ in chosen)
    outputs = ", ".join(f"{name}_out: {types[kind]}" for name, _, kind, _ in chosen)
    values = ", ".join(name for name, _, _, _ in chosen)
    return chosen, f"{KIND if special else ''}model m(x: f32[{width}, {columns}]) -> ({outputs}) {{\n{lets}\n  ({values})\n}}\n"


def check_matrix(x, symbolic, special=False):
    rows, columns = x.shape
    chosen, text = write_model(rows, columns, symbolic, special)
    program = build(text, f"reduce_{rows}_{columns}_{symbolic}_{special}", "--target", "cuda")
    found = predict(program, None, "--device", "emulator", x=x)
    for name, _, _, of in chosen:
        exact = np.asarray(of(x.astype(float)))
        size = np.asarray(of(abs(x.astype(float)))) + 1
        value = np.array(found.get(f"{name}_out"), float).reshape(exact.shape)
        if special:
            exact = kinds(exact)
        is_exact = special or "top" in name or "bottom" in name or name == "places"
        ok = np.float32(value) == np.float32(exact) if is_exact else abs(value - exact) <= 2e-6 * abs(size)
        check(bool(ok.all()), f"{name} of {rows} x {columns}{', symbolic' if symbolic else ''}{', not finite' if special else ''}",
              f"{value.ravel()[:4]} {exact.ravel()[:4]}")


for rows, columns in SHAPES:
    x = rng.normal(size=(rows, columns)).astype(np.float32)
    check_matrix(x, False)
    if rows > 1 and columns > 1:
        check_matrix(np.round(x), True)  # With ties.
for rows, columns in ((7, 100), (3, 4097), (2100, 5)):
    for place, value in ((0, np.nan), (-1, np.nan), (columns // 2, np.inf), (columns - 2, -np.inf)):
        x = rng.normal(size=(rows, columns)).astype(np.float32)
        x[rows // 2, place] = value
        check_matrix(x, False, True)
    check_matrix(np.full((rows, columns), -np.inf, np.float32), False, True)
# Any number of rows, by one program: what is reduced over them is read by each.
for columns in (1, 33):
    program = build(f"model m(x: f32[batch, {columns}]) -> (sums: f32[batch, {columns}], total: f32[batch, {columns}], top: f32[batch, {columns}]) {{\n"
                    "  (x * 0 + sum(x, axis: 0), x * 0 + sum(x * x), x * 0 + max(x, axis: 0))\n}\n", f"reduce_any_{columns}", "--target", "cuda")
    for rows in (1, 2, 31, 63, 65, 200):
        x = rng.normal(size=(rows, columns)).astype(np.float32)
        found = predict(program, None, "--device", "emulator", x=x)
        for name, exact in (("sums", x.sum(0, dtype=float)), ("total", (x * x).sum(dtype=float)), ("top", x.max(0))):
            check(bool((abs(found[name] - exact) <= 2e-6 * (rows * columns + 1)).all()), f"{name} of any {rows} x {columns}", f"{found[name][0]} {exact}")
# Other types: the same as the processor's, which rounds as often.
x = rng.normal(size=(3, 100)).astype(np.float32)
for element in ("f16", "bf16", "f64"):
    program = build(f"model m(x: f32[3, 100]) -> (a: f32[3], b: f32[100], c: f32, d: f32[3], e: f32) {{\n  let y = x as {element}\n"
                    "  (sum(y, axis: 1) as f32, sum(y, axis: 0) as f32, max(y) as f32, min(y * 2, axis: 1) as f32, sum(y > 0) as f32)\n}\n",
                    f"reduce_{element}", "--target", "cuda")
    found, expected = (predict(program, None, "--device", device, x=x) for device in ("emulator", "cpu"))
    step = {"f16": 1e-3, "bf16": 8e-3, "f64": 1e-6}[element]
    for name, value in expected.items():
        check(bool((abs(found[name] - value) <= step * abs(value) + step).all()), f"{name} of {element}", f"{found[name]} {value}")
finish()
