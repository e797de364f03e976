"""Every operation of the nn dialect in NumPy float64: what it should compute, how exactly, and the programs to see it."""

import math

import numpy as np

import op_body_cases as bodies
import op_cases as cases
from element_types import FLOATS, INTEGERS, convert, draw, ulp
from op_cases import BATCH, Case, Operand, elementwise, reduction


def cast(element, rng):
    for target in (*FLOATS, *INTEGERS, "i1"):

        def make(rng, element, shape):
            return draw(rng, element, shape, -300, 300, with_specials=True)

        yield Case(
            "cast %0 : {0} to {y}",
            [Operand(element, (BATCH, 13), make)],
            target,
            (BATCH, 13),
            lambda x, target=target: convert(x, element, target),
        )


def compare(element, _rng):
    for predicate, function in (
        ("eq", np.equal),
        ("ne", np.not_equal),
        ("lt", np.less),
        ("le", np.less_equal),
        ("gt", np.greater),
        ("ge", np.greater_equal),
    ):

        def make(rng, element, shape):
            return draw(rng, element, shape, -2, 2, with_specials=True)

        yield Case(
            f'compare "{predicate}" %0, %1 : {{0}}',
            [Operand(element, (BATCH, 17), make)] * 2,
            "i1",
            (BATCH, 17),
            function,
        )


def select(element, _rng):
    """What isn't chosen has no influence, NaN or not."""

    def make(rng, element, shape):
        return draw(rng, element, shape, with_specials=True)

    for shape in cases.SHAPES:
        yield Case(
            "select %0, %1, %2 : {y}",
            [Operand("i1", shape), Operand(element, shape, make), Operand(element, shape, make)],
            element,
            shape,
            np.where,
        )


def constant(element, rng):
    for shape in ((2, 3), (), (1, 1, 2)):
        values = draw(rng, element, shape)
        text = str(values.tolist()).lower()
        yield Case(
            f"constant dense<{text}> : {{y}}", [], element, shape, lambda values=values: values
        )


def philox(counter, key):
    """Philox4x32-10: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011."""
    x, low = [np.asarray(word, np.uint64) for word in counter], np.uint64(0xFFFFFFFF)
    for i in range(10):
        a, b = x[0] * np.uint64(0xD2511F53), x[2] * np.uint64(0xCD9E8D57)
        k = [
            np.uint64((key[0] + i * 0x9E3779B9) & 0xFFFFFFFF),
            np.uint64((key[1] + i * 0xBB67AE85) & 0xFFFFFFFF),
        ]
        x = [
            (b >> np.uint64(32)) ^ x[1] ^ k[0],
            b & low,
            (a >> np.uint64(32)) ^ x[3] ^ k[1],
            a & low,
        ]
    return x


def fraction(bits, width, digits, plus=0):
    """The top `digits` bits of a number, as a fraction of 1."""
    return ((bits >> np.uint64(width - digits)) + np.uint64(plus)).astype(np.float64) * 2.0**-digits


def random_numbers(element, distribution, site, seed, draw, example, shape):
    """As the description of nn.random defines them."""
    mask = 0xFFFFFFFFFFFFFFFF
    first = (int(example) * math.prod(shape[1:])) & mask
    with np.errstate(over="ignore"):
        numbers = np.arange(math.prod(shape), dtype=np.uint64) + np.uint64(first)
    words = [int(value) & mask for value in (seed, draw)]
    one, is_wide = np.uint64(1), element == "f64"
    blocks = numbers >> np.uint64(1 if is_wide else 2)
    counter = [
        blocks & np.uint64(0xFFFFFFFF),
        blocks >> np.uint64(32),
        np.full_like(numbers, words[1] & 0xFFFFFFFF),
        np.full_like(numbers, site),
    ]
    x = philox(counter, (words[0] & 0xFFFFFFFF, words[0] >> 32))
    odd, upper = numbers & one == one, numbers >> one & one == one
    if is_wide:
        low, high = x[1] << np.uint64(32) | x[0], x[3] << np.uint64(32) | x[2]
        chosen = np.where(odd, high, low)
    else:
        low, high = np.where(upper, x[2], x[0]), np.where(upper, x[3], x[1])
        chosen = np.where(odd, high, low)
    width, digits = (64, 53) if is_wide else (32, 24)
    if distribution == "uniform":
        return fraction(chosen, width, FLOATS[element][0]).reshape(shape)
    u, v = fraction(low, width, digits, 1), fraction(high, width, digits)
    turn = np.where(odd, np.sin(2 * np.pi * v), np.cos(2 * np.pi * v))
    return (np.sqrt(-2 * np.log(u)) * turn).reshape(shape)


def random(element, rng):
    """Uniform numbers are exact. A normal one is a product of which each factor is a few ulps off: 8 of f64 or f32; near a
    zero of the sine or cosine, so much of the whole factor."""

    def key(rng, element, shape):
        return rng.integers(-(2**63), 2**63, shape, np.int64)

    def few(rng, element, shape):
        return rng.integers(0, 2**20, shape, np.int64)

    for distribution in ("uniform", "normal"):
        for shape in ((BATCH, 3), (BATCH,), (7,)):
            for names in ((), ("draw",), ("draw", "example"), ("example",)):
                site = int(rng.integers(2**32))

                def reference(batch, seed, *more, distribution=distribution, shape=shape, site=site, names=names):
                    given = {"draw": 0, "example": 0, **dict(zip(names, more))}
                    return random_numbers(
                        element, distribution, site, seed, given["draw"], given["example"],
                        cases.of_batch(shape, batch),
                    )

                def bound(*_):
                    wide = element if element == "f64" else "f32"
                    return 8 * ulp(4.0, wide) + (0 if wide == element else ulp(4.0, element) / 2)

                more = "".join(f" {name} %{i + 1}" for i, name in enumerate(names))
                makers = [key] + [few if name == "example" else key for name in names]
                yield Case(
                    f'random "{distribution}" site {site} %0{more} {{sizes}} : {{y}}',
                    [Operand("i64", (), make) for make in makers],
                    element,
                    shape,
                    reference,
                    0 if distribution == "uniform" else bound,
                    wants_batch=True,
                )


def sigmoid(x):
    decay = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, decay) / (1 + decay)


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


erf = np.vectorize(math.erf, otypes=[np.float64])
erfc = np.vectorize(math.erfc, otypes=[np.float64])

# The bounds of functions are those of compiler/codegen's approximations in f32; libm's and NumPy's own in f64.
OPS = {
    "abs": elementwise("abs", 1, np.abs),
    "add": elementwise("add", 2, np.add),
    "and": elementwise("and", 2, np.logical_and),
    "argmax": cases.argmax,
    "broadcast": cases.broadcast,
    "cast": cast,
    "compare": compare,
    "concat": cases.concat,
    "constant": constant,
    "contract": cases.contract,
    "cos": elementwise("cos", 1, np.cos, {"f64": 2, "f32": 2}, -30, 30),
    "div": elementwise("div", 2, cases.divide),
    "erf": elementwise("erf", 1, erf, 6, -4, 4),
    "exp": elementwise("exp", 1, np.exp, {"f64": 4, "f32": 2.5}, -80, 80),
    "expm1": elementwise("expm1", 1, np.expm1, {"f64": 4, "f32": 6}, -80, 80),
    "floor": elementwise("floor", 1, np.floor),
    "floor_mod": elementwise("floor_mod", 2, cases.floor_mod),
    "from_index": cases.from_index,
    "gather": cases.gather,
    "iota": cases.iota,
    "log": elementwise("log", 1, np.log, {"f64": 4, "f32": 2.5}, -1, 1000),
    "log1p": elementwise("log1p", 1, np.log1p, {"f64": 4, "f32": 4}, -1.1, 100),
    "log_sigmoid": elementwise("log_sigmoid", 1, lambda x: -softplus(-x), 8, -85, 85),
    "maximum": elementwise("maximum", 2, cases.maximum),
    "minimum": elementwise("minimum", 2, cases.minimum),
    "mul": elementwise("mul", 2, np.multiply),
    "neg": elementwise("neg", 1, np.negative),
    "normal_cdf": elementwise("normal_cdf", 1, lambda x: erfc(-x / math.sqrt(2)) / 2, 16, -3, 9),
    "normal_pdf": elementwise("normal_pdf", 1, lambda x: np.exp(-x * x / 2) / math.sqrt(2 * math.pi), 12, -3, 3),
    "not": elementwise("not", 1, np.logical_not),
    "or": elementwise("or", 2, np.logical_or),
    "pad": cases.pad,
    "pow": elementwise("pow", 2, np.power, {"f64": 2, "f32": 1}, -3, 9),
    "put_along": bodies.put_along,
    "random": random,
    "reduce_max": reduction("reduce_max", cases.greatest),
    "reduce_mean": reduction("reduce_mean", cases.mean, is_sum=True, is_mean=True),
    "reduce_min": reduction("reduce_min", cases.least),
    "reduce_sum": reduction(
        "reduce_sum", lambda x, axes: np.sum(x, axes, dtype=x.dtype), is_sum=True
    ),
    "reshape": cases.reshape,
    "rsqrt": elementwise("rsqrt", 1, lambda x: 1 / np.sqrt(x), 2, -1, 9),
    "scan": bodies.scan,
    "scatter_add": cases.scatter_add,
    "select": select,
    "sigmoid": elementwise("sigmoid", 1, sigmoid, 6, -85, 85),
    "sign": elementwise("sign", 1, lambda x: np.where(x == 0, x, np.sign(x)).astype(x.dtype)),
    "sin": elementwise("sin", 1, np.sin, {"f64": 2, "f32": 2}, -30, 30),
    "slice": cases.slice_window,
    "softplus": elementwise("softplus", 1, softplus, 8, -85, 85),
    "sqrt": elementwise("sqrt", 1, np.sqrt, 0, -1, 9),
    "stop_gradient": elementwise("stop_gradient", 1, lambda x: x),
    "sub": elementwise("sub", 2, np.subtract),
    "take_along": bodies.take_along,
    "tanh": elementwise("tanh", 1, np.tanh, {"f64": 4, "f32": 6}),
    "transpose": cases.transpose,
    "windows": bodies.windows,
    "windows_sum": bodies.windows_sum,
    "with_gradient": bodies.with_gradient,
}
