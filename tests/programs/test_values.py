"""What the library and the operators compute, and their gradients, against closed formulas in float64: at zeros, ties, bounds,
far out, in every float type. Random programs never meet these points."""
# RUN: %python %s
import math

import numpy as np

from element_types import round_to, ulp
from support import build, check, close, evaluate, finish, predict, save_weights, shapes, tmp

erfc = np.vectorize(math.erfc, otypes=[float])


def sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def density(x):
    return np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def below(x):
    """The normal distribution; far below 0 by Laplace's continued fraction, for rounding -x / sqrt(2) would spoil erfc."""
    t, rest = np.maximum(-x, 2), 0.0
    for k in range(300, 0, -1):
        rest = k / (t + rest)
    return np.where(x < -2, density(x) / (t + rest), erfc(-x / math.sqrt(2)) / 2)


# Name: expression of x, value, slope; smooth everywhere.
SMOOTH = {
    "sigmoid": ("sigmoid(x)", sigmoid, lambda x: sigmoid(x) * sigmoid(-x)),
    "softplus": ("softplus(x)", softplus, sigmoid),
    "log_of_sigmoid": ("log(sigmoid(x))", lambda x: -softplus(-x), lambda x: sigmoid(-x)),
    "silu": ("silu(x)", lambda x: x * sigmoid(x), lambda x: sigmoid(x) * (1 + x * sigmoid(-x))),
    "gelu": ("gelu(x)", lambda x: x * below(x), lambda x: below(x) + x * density(x)),
    "cdf": ("normal_cdf(x)", below, density),
    "pdf": ("normal_pdf(x)", density, lambda x: -x * density(x)),
    "expm1_of": ("expm1(x)", np.expm1, np.exp),
    "elu": ("elu(x)", lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))), lambda x: np.where(x > 0, 1, np.exp(np.minimum(x, 0)))),
    "tanh_of": ("tanh(x)", np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "bce_true": ("binary_cross_entropy(x, 0 * x + 1)", lambda x: softplus(-x), lambda x: -sigmoid(-x)),
    "bce_false": ("binary_cross_entropy(x, 0 * x)", softplus, sigmoid),
    "square_root": ("sqrt(x ^ 2 + 1)", lambda x: np.sqrt(x * x + 1), lambda x: x / np.sqrt(x * x + 1)),
}
# Slopes whose last digits count wherever they are normal numbers.
TAILS = ("gelu", "cdf", "pdf", "elu", "softplus")
POINTS = [0, -0.0, 1e-30, -1e-30, 1e-3, -1e-3, 0.5, -0.5, 1, -1, 5, -5, 8.5, -8.5, 12, -12, 16, -16]
FAR = {"f64": [-36, 36, -37, 37, -40, 40, -300, 300, -700, 700], "f32": [-16.5, -18, 18, -30, 30, -36, -60, 60, -87, 87],
       "bf16": [-18, 18, -30, 30, -60, 60, -80, 80], "f16": [-9, 9]}
ULPS = {"f64": 16, "f32": 16, "bf16": 2, "f16": 2}  # narrow types compute in f32 and round at each operation


def near(found, expected, element, ulps, digits=0):
    """Within some units in the last place of the result, wherever it is a normal number, and of `digits` of the argument."""
    least = 2.0 ** {"f64": -1022, "f32": -126, "bf16": -126, "f16": -14}[element]
    unit = ulp(np.maximum(np.abs(expected), least), element)
    return found.shape == expected.shape and bool((np.abs(found - expected) <= ulps * unit + digits).all())


def smooth_functions():
    for element, far in FAR.items():
        # Where a sigmoid is no normal number of f16, neither is its logarithm's slope.
        points = [x for x in POINTS if element != "f16" or abs(x) < 9.5]
        x = round_to(np.array([points + far]), element)
        found = evaluate({name: text for name, (text, _, _) in SMOOTH.items()}, element, x=x)
        slopes = evaluate({name: f"gradient({text}, wrt: x)" for name, (text, _, _) in SMOOTH.items()}, element, x=x)
        for name, (_, value, slope) in SMOOTH.items():
            if element == "f16" and name == "square_root":
                continue
            # What is 1 but for an amount below a unit of 1 has that unit to stray in.
            loose = ulp(1.0, element) * 4 if name in ("tanh_of", "log_of_sigmoid") else 0
            narrow = 4 * ulp(np.maximum(1, np.abs(x)), element) if element in ("f16", "bf16") else 0
            want = value(x)
            # Upstream's erfc in f32 has a dozen bits less where it is about to underflow.
            isTail = (x < -6) & (name in ("gelu", "cdf")) & (element == "f32")
            ulps = np.where(isTail, 64, ULPS[element])
            check(name in found and near(found[name], want, element, ulps, loose * np.maximum(1, np.abs(x)) + narrow),
                  f"{name} in {element}", found.get(name))
            check(name in slopes and near(slopes[name], slope(x), element, ULPS[element],
                                          (0 if name in TAILS and element[0] == "f" and element != "f16" else 4 * ulp(1.0, element)) + loose * np.maximum(1, np.abs(x)) + narrow),
                  f"  and its gradient, at 0 too", slopes.get(name))


def kinks_and_ties():
    x = np.array([[0.0, 0.0, 1.0, -1.0, 2.0, -2.0]])
    y = np.array([[0.0, -0.0, 1.0, -1.0, 1.0, 3.0]])
    found = evaluate({
        "larger": "gradient(maximum(x, y), wrt: x)",
        "larger_of_y": "gradient(maximum(x, y), wrt: y)",
        "smaller": "gradient(minimum(x, y), wrt: x)",
        "smaller_of_y": "gradient(minimum(x, y), wrt: y)",
        "size": "gradient(abs(x), wrt: x)",
        "top": "gradient(max(x, axis: 1), wrt: x)",
        "bottom": "gradient(min(x, axis: 1), wrt: x)",
        "whole": "gradient(maximum(x, 0) + maximum(-x, 0), wrt: x)",
        "both": "gradient(maximum(x, x), wrt: x)",
        "scores": "gradient(cross_entropy(x, argmax(-x)), wrt: x)",
        "soft": "gradient(softmax(x)[:, 0], wrt: x)",
    }, "f64", x=x, y=y)
    tie = x == y
    check(close(found.get("larger"), np.where(tie, 0.5, x > y), 1e-15), "maximum: a tie is shared", found.get("larger"))
    check(close(found.get("larger_of_y"), np.where(tie, 0.5, x < y), 1e-15), "  by both")
    check(close(found.get("smaller"), np.where(tie, 0.5, x < y), 1e-15), "minimum: a tie is shared", found.get("smaller"))
    check(close(found.get("smaller_of_y"), np.where(tie, 0.5, x > y), 1e-15), "  by both")
    check(close(found.get("size"), np.sign(x), 1e-15), "abs has slope 0 at 0", found.get("size"))
    check(close(found.get("top"), [[0, 0, 0, 0, 1, 0]], 1e-15), "max along an axis")
    check(close(found.get("bottom"), [[0, 0, 0, 0, 0, 1]], 1e-15), "min along an axis")
    check(close(found.get("whole"), np.sign(x), 1e-15), "kinks add up to that of their sum", found.get("whole"))
    check(close(found.get("both"), np.ones_like(x), 1e-15), "shares of a tie add up to 1", found.get("both"))
    p = np.exp(x) / np.exp(x).sum()
    check(close(found.get("scores"), p - np.eye(6)[[5]], 1e-13, 1e-15), "cross-entropy with equal scores", found.get("scores"))
    check(close(found.get("soft"), p[0, 0] * (np.eye(6)[[0]] - p), 1e-13, 1e-15), "softmax with equal scores")
    equal = evaluate({"top": "gradient(max(x, axis: 1), wrt: x)", "bottom": "gradient(min(x, axis: [0, 1]), wrt: x)"}, "f32",
                     x=np.full((3, 5), 2.0))
    check(close(equal.get("top"), np.full((3, 5), 0.2), 1e-6), "equal elements share the maximum's slope", equal.get("top"))
    check(close(equal.get("bottom"), np.full((3, 5), 1 / 15), 1e-6), "  along several axes too", equal.get("bottom"))


def branches_not_taken():
    """What `where` doesn't choose has no influence on the gradient either."""
    x = np.array([[-1.0, 0.0, 4.0, 1000.0, 0.25, -3.0, 9.0]])
    text = {
        "root": ("where(x > 0, sqrt(x), x)", np.where(x > 0, 0.5 / np.sqrt(np.abs(x) + (x == 0)), 1)),
        "power": ("where(x < 10, exp(x), x)", np.where(x < 10, np.exp(np.minimum(x, 10)), 1)),
        "logarithm": ("where(x > 0, log(x), 0)", np.where(x > 0, 1 / np.where(x > 0, x, 1), 0)),
        "quotient": ("where(x == 0, 1, sin(x) / x)",
                     np.where(x == 0, 0, (np.cos(x) * x - np.sin(x)) / np.where(x == 0, 1, x * x))),
        "nested": ("where(x > 0, where(x < 10, exp(x), sqrt(x)), where(x < 0, log(-x), 2 * x))",
                   np.where(x > 0, np.where(x < 10, np.exp(np.minimum(x, 10)), 0.5 / np.sqrt(np.maximum(x, 1))),
                            np.where(x < 0, 1 / np.where(x < 0, x, 1), 2))),
        "shared": ("x * where(x > 0, rsqrt(x), 0)", np.where(x > 0, 0.5 / np.sqrt(np.where(x > 0, x, 1)), 0)),
        "functions": ("safe_log(x) * 2", np.where(x > 0, 2 / np.where(x > 0, x, 1), 0)),
    }
    head = "fn safe_log(x: float[...s]) -> float[...s] {\n  let good = x > 0\n  where(good, log(x), 0)\n}\n"
    for element in ("f32", "f64"):
        found = evaluate({name: f"gradient({expression}, wrt: x)" for name, (expression, _) in text.items()}, element, head=head, x=x)
        for name, (expression, want) in text.items():
            check(close(found.get(name), want, 1e-5, 1e-6), f"gradient of {expression} in {element}", found.get(name))


def remainders():
    a = np.array([[-7.0, 7, -7, 7, -7.5, 0, -0.5, 6]])
    b = np.array([[3.0, -3, -3, 3, 2, 5, 1, 3]])
    found = evaluate({"value": "x % y", "of_x": "gradient(x % y, wrt: x)", "of_y": "gradient(x % y, wrt: y)", "constant": "0 * x + (-7) % 3",
                      "computed": "x % 3", "whole": "((x as i32) % (y as i32)) as f64"}, "f64", x=a, y=b)
    check(close(found.get("value"), np.mod(a, b), 1e-15), "a % b has b's sign", found.get("value"))
    check(close(found.get("of_x"), np.ones_like(a), 0) and close(found.get("of_y"), -np.floor(a / b), 0), "  and its derivatives")
    check(close(found.get("constant"), np.full_like(a, 2), 0), "  the same where the compiler computes it", found.get("constant"))
    check(close(found.get("computed"), np.mod(a, 3), 1e-15), "  and of a tensor and a literal", found.get("computed"))
    check(close(found.get("whole"), np.mod(a.astype(int), b.astype(int)), 0), "  and of integers", found.get("whole"))


def library_sums():
    x = np.array([[0, np.log(3.0), -2000, 0], [1000, 1000, 0, -1000], [0.0, 0, 0, 0]])
    found = evaluate({"soft": "softmax(x)", "logged": "log_softmax(x)"}, "f64", x=x)
    with np.errstate(under="ignore"):
        e = np.exp(x - x.max(1, keepdims=True))
    check(close(found.get("soft"), e / e.sum(1, keepdims=True), 1e-14), "softmax of large scores", found.get("soft"))
    shifted = x - x.max(1, keepdims=True)
    check(close(found.get("logged"), shifted - np.log(e.sum(1, keepdims=True)), 1e-14, 1e-15), "log_softmax, far below 0 too",
          found.get("logged"))
    rows = evaluate({"entropy": "cross_entropy(x, argmax(-x))", "half": "x[:, 0] * (batch / 2)", "square": "mean(mse(x, 1), axis: 1)",
                     "distance": "mean(mae(x, 1), axis: 1)", "average": "mean(x, axis: 1)"}, "f64", outputs="{element}[batch]",
                    x=np.array([[0, np.log(3.0)], [2.0, 0], [0, 0]]))
    check(close(rows.get("entropy"), [np.log(4), np.log(1 + np.exp(2)), np.log(2)], 1e-14), "cross-entropy is one number an example",
          rows.get("entropy"))
    check(close(rows.get("half"), [0, 3, 0], 0), "half of a size is a fraction", rows.get("half"))
    check(close(rows.get("average"), [np.log(3) / 2, 1, 0], 1e-15), "mean along an axis")


def masked_scores():
    x = np.array([[1.0, -2, 3, -4], [-200, 5, 6, -7], [60000, -60000, 1, 1]])
    kept = np.where(x > 0, np.exp(np.where(x > 0, x, 0) - x.max(1, keepdims=True)), 0)
    for element, tolerance in (("f16", 1e-3), ("bf16", 1e-2), ("f32", 1e-6), ("f64", 1e-14)):
        found = evaluate({"soft": "softmax(where(x > 0, x, lowest(x)))", "least": "0 * x + lowest(x)"}, element, x=x)
        check(close(found.get("soft"), kept / kept.sum(1, keepdims=True), tolerance, 1e-6), f"softmax of masked scores in {element}",
              found.get("soft"))
        limit = {"f16": 65504, "bf16": float.fromhex("0x1.fep127"), "f32": np.finfo(np.float32).max, "f64": np.finfo(np.float64).max}[element]
        check(close(found.get("least"), np.full_like(x, -limit), 1e-6), f"  what is lowest in {element}", found.get("least"))


def medians():
    inf, nan = np.inf, np.nan
    rows = np.array([[1e-12, 2e-12, 3e-12, 1e9, 1e9], [1, 2, 3, 4, inf], [-inf, 1, 2, 3, 4], [inf, inf, 1, inf, 2], [-inf, -inf, -inf, 0, 1],
                     [5e-300, -1e300, 1e300, 1e-300, 0], [nan, 7, nan, 9, 8], [nan, 1, 2, 1e30, 4], [0, 0, 0, 0, 0], [-3, -3, -3, -1e-9, 5],
                     [nan] * 5, [1, 1 + 2 ** -52, 1 + 2 ** -51, 5, 0], [1e308, 1.7e308, inf, 1.1e308, 1.2e308]])
    def middle(row):
        known = np.sort(row[row == row]).astype(np.float64)
        return 0.5 * known[(len(known) - 1) // 2] + 0.5 * known[len(known) // 2] if len(known) else nan

    for element, kind in (("f64", np.float64), ("f32", np.float32)):
        x = rows.astype(kind)
        found = evaluate({"middle": "median(x, axis: 1)", "sign": "sign(median(x, axis: 1, keep: true)[:, 0])"}, element,
                         outputs="{element}[batch]", x=x)
        for row, value, sign in zip(x, found["middle"], found["sign"]):
            want = middle(row)
            # JSON has neither NaN nor infinities.
            same = np.isnan(value) if not np.isfinite(want) else abs(value - want) <= 1e-7 * abs(want)
            sign_same = np.isnan(sign) if np.isnan(want) else sign == np.sign(want)
            check(same and sign_same, f"median of {row.tolist()} in {element}", (value, sign, want))


def places_from_the_end():
    rows = np.arange(24.0).reshape(4, 6)
    head = ("fn ends(x: float[batch, n]) -> float[n, batch] = transpose(x)\n"
            "fn last(x: float[time, n]) -> float[n] = x[-1]\n")
    found = evaluate({"row": "x * 0 + x[-1]", "named": "x * 0 + x[batch - 1]", "corner": "x * 0 + x[-1, -1]",
                      "range": "x * 0 + x[batch - 1..]", "called": "x * 0 + last(x)", "inner": "x * 0 + ends(x)[:, -1]",
                      "slope": "gradient(x[-1] ^ 2, wrt: x)"}, "f64", head=head, x=rows)
    for name in ("row", "named", "range", "called", "inner"):
        check(close(found.get(name), np.tile(rows[-1], (4, 1)), 0), f"the last row of a batch, {name}", found.get(name))
    check(close(found.get("corner"), np.full_like(rows, 23), 0), "the last of the last", found.get("corner"))
    slope = np.zeros_like(rows)
    slope[-1] = 2 * rows[-1]
    check(close(found.get("slope"), slope, 0), "the gradient of the last row", found.get("slope"))


def parts():
    """Gradients of parts of a tensor, which are joined; a tensor joined of what is computed for it."""
    x = np.random.default_rng(3).normal(size=(5, 12))
    head = ("fn three(x: float[batch, 12]) -> float[batch] {\n  let (a, b, c) = split(x, 3)\n  sum(a * a * b + sin(c), axis: 1)\n}\n"
            "fn some(x: float[batch, 12]) -> float[batch] = sum(x[:, 6..8] ^ 3, axis: 1) + sum(x[:, 1..4] ^ 2, axis: 1)\n"
            "fn shared(x: float[batch, 12]) -> float[batch] = sum(x[:, 4..] ^ 3, axis: 1) + sum(x[:, 0..8] ^ 2, axis: 1)\n"
            "fn more(x: float[batch, 12]) -> float[batch] =\n"
            "  sum(x[:, 0..6] ^ 3, axis: 1) + sum(x ^ 2, axis: 1) + sum(2 * x[:, 6..], axis: 1)\n"
            "fn none(x: float[batch, 12]) -> float[batch] = sum(x[:, 0..6] * -0.0, axis: 1) + sum(x[:, 6..] * 2, axis: 1)\n")
    a, b, c = np.split(x, 3, axis=1)
    some, shared, more = np.zeros_like(x), np.zeros_like(x), 2 * x
    some[:, 6:8], some[:, 1:4] = 3 * x[:, 6:8] ** 2, 2 * x[:, 1:4]
    shared[:, 4:], shared[:, :8] = 3 * x[:, 4:] ** 2, shared[:, :8] + 2 * x[:, :8]
    shared[:, 4:8] = 3 * x[:, 4:8] ** 2 + 2 * x[:, 4:8]
    more[:, :6] += 3 * x[:, :6] ** 2
    more[:, 6:] += 2
    none = np.ones_like(x)
    want = {"three": np.concatenate([2 * a * b, a * a, np.cos(c)], axis=1), "some": some, "shared": shared, "more": more, "none": none}
    text = {name: f"gradient({name}(x), wrt: x)" for name in want}
    text["none"] = f"where(1 / {text['none']} > 0, 1.0, -1.0)"  # -0.0 + 0.0 is 0.0.
    want["joined"] = np.concatenate([c * c, np.sin(a), np.zeros_like(a), np.exp(b)], axis=1)[:, 2:14]
    text["joined"] = "concat([x[:, 8..] ^ 2, sin(x[:, 0..4]), x[:, 0..4] * 0, exp(x[:, 4..8])], axis: 1)[:, 2..14]"
    for options in ((), ("-O0",)):
        found = evaluate(text, "f64", head=head, options=options, x=x)
        for name, values in want.items():
            check(close(found.get(name), values, 1e-13, 1e-15), f"{name}{''.join(options)}", found.get(name))


def near_all(found, expected, element):
    """Within a few roundings of what is added and multiplied for it, which is no more than the largest of all."""
    digits = 32 * ulp(1.0, element)
    return close(found, expected, digits, digits * np.abs(expected).max())


def looked_up_beside():
    """Computed tensors that are read where they lie and looked up along an inner axis, at once: values and gradients."""
    n, rows = 6, 4
    rng = np.random.default_rng(17)
    x, w, b, table = (round_to(rng.normal(size=shape), "f32") for shape in ((rows, n), (n, n), (n,), (9, n)))
    k, squares = rng.integers(0, 9, size=rows).astype(np.int32), np.arange(n) ** 2 % n
    dense, shift, back = x @ w + b, np.roll(np.arange(n), 1), np.arange(n)[::-1]
    # Name: expression of x, that tensor and how its rows follow from x, the places that are looked up, how the two are joined.
    cases = {
        "taken": ("exp(x)", np.exp(x), lambda g: g * np.exp(x), "h[:, (iota(6) ^ 2) as i64 % 6]", squares, "+"),
        "rolled": ("sin(x)", np.sin(x), lambda g: g * np.cos(x), "roll(h, by: 1, axis: 1)", shift, "*"),
        "flipped": ("tanh(x)", np.tanh(x), lambda g: g * (1 - np.tanh(x) ** 2), "flip(h, axis: 1)", back, "*"),
        "dense_rolled": ("x |> dense(6)", dense, lambda g: g @ w.T, "roll(h, by: 1, axis: 1)", shift, "+"),
        "dense_flipped": ("x |> dense(6)", dense, lambda g: g @ w.T, "flip(h, axis: 1)", back, "*"),
        "dense_exp": ("exp(x |> dense(6))", np.exp(dense), lambda g: (g * np.exp(dense)) @ w.T, "h[:, (iota(6) ^ 2) as i64 % 6]", squares, "*"),
        "embedded": ("k |> embedding(6)", table[k], None, "roll(h, by: 1, axis: 1)", shift, "+"),
        "embedded_exp": ("exp(k |> embedding(6))", np.exp(table[k]), None, "flip(h, axis: 1)", back, "*"),
    }
    for name, (text, h, pull, lookup, at, joined) in cases.items():
        u = h + h[:, at] if joined == "+" else h * h[:, at]
        upstream = 2 * u  # Of the sum of squares.
        ones = np.ones_like(h)
        g, through = (upstream * part for part in ((ones, ones) if joined == "+" else (h[:, at], h)))
        np.add.at(g.T, at, through.T)
        port = "k: index(9)[{0}]" if pull is None else "x: f64[{0}, 6]"
        element = "f32" if pull is None else "f64"  # An embedding of indices alone is f32.
        slope = "h" if pull is None else "x"
        want = {"y": u, "slope": g if pull is None else pull(g)}
        for batch, options in (("batch", ()), ("4", ()), ("batch", ("-O0",)), ("4", ("--target", "cuda")), ("batch", ("--target", "cuda"))):
            source = (f"model m({port.format(batch)}) -> (y: {element}[{batch}, 6], slope: {element}[{batch}, 6]) {{\n  let h = {text}\n"
                      f"  let u = h {joined} {lookup}\n  (u, gradient(sum(u ^ 2), wrt: {slope}))\n}}\n")
            program = build(source, "beside", *options)
            names = shapes(program)
            weights = {key: {1: b, 2: table.astype(np.float32) if pull is None else w}[len(names[key])] for key in names}
            save_weights(tmp("beside.weights"), weights)
            device = ("--device", "emulator") if options[:1] == ("--target",) else ()
            found = predict(program, tmp("beside.weights"), *device, **({"k": k} if pull is None else {"x": x}))
            # Where 4 isn't the batch, all of it is one example.
            check(all(key in found and near_all(found[key].reshape(-1, n), value, element) for key, value in want.items()),
                  f"{name}, read and looked up, [{batch}, 6] {' '.join(options)}".rstrip(), found)


with np.errstate(all="ignore"):
    looked_up_beside()
    parts()
    masked_scores()
    medians()
    places_from_the_end()
    smooth_functions()
    kinks_and_ties()
    branches_not_taken()
    remainders()
    library_sums()
finish()
