"""What random programs of the library are made of: a step for each of its layers and functions, from shapes to shapes.

A step takes a program, whose `value` has `shape` beside the batch, adds to it, and returns whether it applies. Results stay near 1,
and where a function is steep or undefined its argument is kept away from there.
"""
import math

CATALOGUE = []


class Step:
    """A function of a program; `any_size` steps write no size of what they are given, and so also take sizes of a run."""

    def __init__(self, function, ranks, weight, any_size):
        self.function, self.ranks, self.weight, self.any_size = function, ranks, weight, any_size
        self.name = function.__name__


def step(*ranks, weight=1, any_size=False):
    def add(function):
        CATALOGUE.append(Step(function, ranks, weight, any_size))
        return function

    return add


ACTIVATIONS = [
    "relu", "leaky_relu", "leaky_relu(0.2)", "relu6", "elu", "elu(scale: 0.5)", "selu", "gelu", "silu", "mish", "softsign", "hard_sigmoid", "hard_swish",
    "softmax", "log_softmax", "tanh", "sigmoid", "softplus", "log_sigmoid", "erf", "sin", "normal_cdf",
]
ELEMENTWISE = [
    "ceil({x}) * 0.1 + {x}", "round(3 * {x}) * 0.1 + {x}", "trunc({x}) * 0.1 + {x}", "clamp({x}, -0.7, 0.61)", "where(is_nan({x}), 0, {x})",
    "fill({x}, 0.5 * {x})", "tan(0.9 * tanh({x}))", "atan({x})", "atan(3 * {x})", "asin(0.9 * tanh({x}))", "acos(0.9 * sin({x}))",
    "atan2({x}, cos({x}) - 0.3)", "sinh(tanh({x}))", "cosh(sin({x}))", "expm1(tanh({x}))", "log1p({x} ^ 2)", "normal_pdf({x})", "rsqrt({x} ^ 2 + 1)",
    "exp(-{x} ^ 2)", "abs({x}) ^ 1.5 * 0.5", "maximum({x}, -0.37) - minimum({x}, 0.41)", "stop_gradient(cos({x})) * {x}", "sign({x}) * 0.1 + {x}",
    "({x} % 1.7) * 0.2 + {x}", "floor({x}) * 0.1 + {x}", "{x} * (({x} > 0.1) as {e})", "where({x} > 0.2 and not ({x} > 0.9), {x}, 0.1 * {x})",
    "1 / (1.5 + tanh({x}))", "sqrt(1.1 + sin({x}))", "log(2 + tanh({x}))", "{x} / (abs({x}) + 0.3)", "mae({x}, 0.2 * {x})", "huber({x}, 0 * {x}, delta: 0.4)",
    "minimum({x} ^ 3, 1.5 + 0 * {x})", "1 - cos({x})", "2 ^ tanh({x})",
    "binary_cross_entropy({x}, sigmoid({x}))",
]
# Of weights with two dimensions or more, and of all.
MATRIX_INITIALISERS = ["glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal", "orthogonal"]
INITIALISERS = ["normal(0.3)", "uniform(-0.5, 0.5)", "truncated_normal(0.4)", "ones()", "full(0.2)", "normal(0.1, 0.5)", "orthogonal()"]


@step(1, 2, 3, 4, weight=3, any_size=True)
def activate(p):
    return p.let(f"{p.value} |> {p.some(*ACTIVATIONS)}", p.shape)


@step(1, 2, 3, 4, weight=4, any_size=True)
def elementwise(p):
    return p.let(p.some(*ELEMENTWISE).format(x=p.value, e=p.element), p.shape)


@step(1, 2, 3, weight=3, any_size=True)
def dense(p):
    n = p.width()
    return p.let(f"{p.value} |> dense({n}{p.some('', ', bias: false')}{p.initialiser()})", p.shape[:-1] + [n])


@step(1, 2, 3, 4, weight=4, any_size=True)
def normalise(p):
    groups = p.divisor(p.shape[-1])
    kinds = ["layer_norm(eps: 0.01)", "rms_norm(eps: 0.01)", "batch_norm(eps: 0.01)", "batch_norm(momentum: 0.5, eps: 0.1)"]
    if len(p.shape) > 1 or groups < p.shape[-1]:
        kinds += [f"group_norm({groups}, eps: 0.01)"] * 3
    return p.let(f"{p.value} |> {p.some(*kinds)}", p.shape)


@step(1, 2, 3, any_size=True)
def draw(p):
    p.draws = True
    return p.let(p.some("{x} |> dropout(0.3)", "{x} |> dropout(0)", "gaussian_noise({x}, std: 0.05)").format(x=p.value), p.shape)


@step(1, 2, 3, 4, weight=2, any_size=True)
def gated(p):
    n = p.shape[-1]
    if n % 2:
        return False
    return p.let(f"glu({p.value})", p.shape[:-1] + [n // 2])


# --- Moving elements.
@step(1, 2, 3, 4, weight=3)
def take(p):
    at, axis = p.axis()
    n = p.shape[at]
    places = [p.random.randrange(n) for _ in range(p.random.randint(1, min(n + 2, 6)))]
    return p.let(f"take({p.value}, {places}, axis: {axis})", p.resized(at, len(places)))


@step(1, 2, 3, 4, weight=3)
def move(p):
    at, axis = p.axis()
    n = p.shape[at]
    kind = p.random.randrange(4)
    if kind == 0:
        return p.let(f"flip({p.value}, axis: {axis})", p.shape)
    if kind == 1:
        return p.let(f"roll({p.value}, {p.random.randint(-2 * n, 2 * n)}, axis: {axis})", p.shape)
    if kind == 2:
        count = p.random.randint(1, 3)
        return p.elements() * count <= p.LARGEST and p.let(f"tile({p.value}, {count}, axis: {axis})", p.resized(at, n * count))
    before, after = p.random.randint(0, 3), p.random.randint(0, 3)
    if p.elements() // n * (n + before + after) > p.LARGEST:
        return False
    return p.let(f"pad({p.value}, before: {before}, after: {after}, axis: {axis}, value: {p.some('0', '0.25', '-1')})", p.resized(at, n + before + after))


@step(1, 2, 3, 4, weight=2)
def index(p):
    """A range, an entry, or a new dimension."""
    at, _ = p.axis()
    n = p.shape[at]
    before = "".join([":, "] * (at + 1))
    kind = p.random.randrange(4)
    if kind == 0:
        a = p.random.randrange(n)
        b = p.random.randint(a + 1, n)
        return p.let(f"{p.value}[{before}{a}..{b}]", p.resized(at, b - a))
    if kind == 1 and len(p.shape) > 1:
        return p.let(f"{p.value}[{before}{p.random.randrange(n) - p.some(0, n)}]", p.shape[:at] + p.shape[at + 1 :])
    if kind == 2 and n > 1:
        a = p.random.randrange(1, n)
        return p.let(f"{p.value}[{before}{p.some(f'{a}..', f'-{n - a}..')}]", p.resized(at, n - a))
    if kind == 3 and len(p.shape) < 4:
        return p.let(f"{p.value}[{before}new{p.some(', ...', '')}]", p.shape[:at] + [1] + p.shape[at:])
    return False


@step(2, 3, 4)
def squeeze(p):
    ones = [i for i, n in enumerate(p.shape) if n == 1]
    if not ones:
        return False
    at = p.some(*ones)
    return p.let(f"squeeze({p.value}, axis: {at + 1})", p.shape[:at] + p.shape[at + 1 :])


@step(1, 2, 3, 4, weight=2)
def join(p):
    at, axis = p.axis()
    if p.elements() * 2 > p.LARGEST:
        return False
    other = p.some(f"tanh({p.value})", p.value, f"flip({p.value})", f"0.5 * {p.value}")
    if p.random.random() < 0.3 and len(p.shape) < 4:
        return p.let(f"stack({p.value}, {other}, axis: {at + 1})", p.shape[:at] + [2] + p.shape[at:])
    return p.let(f"concat({p.value}, {other}, axis: {axis})", p.resized(at, 2 * p.shape[at]))


@step(1, 2, 3, 4, weight=2)
def divide(p):
    at, axis = p.axis()
    parts = p.divisor(p.shape[at])
    if parts < 2:
        return False
    names = [f"s{p.names}_{i}" for i in range(parts)]
    p.lines.append(f"let ({', '.join(names)}) = split({p.value}, {parts}, axis: {axis})")
    return p.let(" + ".join(f"{n} * cos({names[-1 - i]})" for i, n in enumerate(names)), p.resized(at, p.shape[at] // parts))


@step(2, 3, 4, weight=2)
def reorder(p):
    order = list(range(len(p.shape)))
    p.random.shuffle(order)
    shape = [p.shape[i] for i in order]
    names = "abcd"[: len(order)]
    if p.random.random() < 0.5:
        return p.let(f"transpose({p.value}, axes: {[0] + [i + 1 for i in order]})", shape)
    if p.random.random() < 0.5 or len(order) < 2:
        return p.let(f'rearrange({p.value}, "n {" ".join(names)} -> n {" ".join(names[i] for i in order)}")', shape)
    merged = [names[i] for i in order]
    text = " ".join(merged[:-2] + [f"({merged[-2]} {merged[-1]})"])
    return p.let(f'rearrange({p.value}, "n {" ".join(names)} -> n {text}")', shape[:-2] + [shape[-2] * shape[-1]])


@step(1, 2, 3)
def unfold(p):
    at, _ = p.axis()
    n = p.shape[at]
    k = p.divisor(n)
    names = "abc"[: len(p.shape)]
    left = " ".join(f"({c} z)" if i == at else c for i, c in enumerate(names))
    return p.let(f'rearrange({p.value}, "n {left} -> n z {" ".join(names)}", z: {k})', [k] + p.resized(at, n // k))


@step(1, 2, 3, 4)
def reshape(p):
    rank = p.random.randint(1, 4)
    shape, n = [], p.elements()
    for _ in range(rank - 1):
        shape.append(p.divisor(n))
        n //= shape[-1]
    shape.append(n)
    p.random.shuffle(shape)
    sizes = ["batch", *map(str, shape)]
    if p.random.random() < 0.3:
        sizes[p.random.randrange(1, len(sizes))] = "-1"
    return p.let(f"reshape({p.value}, [{', '.join(sizes)}])", shape)


# --- Accumulating, sorting, choosing.
@step(1, 2, 3, 4, weight=3)
def accumulate(p):
    n = p.shape[-1]
    return p.let(p.some(f"cumsum({p.value}) / {n}", f"cumprod(1 + 0.3 * tanh({p.value}))"), p.shape)


@step(1, 2, 3, weight=4)
def order(p):
    n = p.shape[-1]
    if p.elements() * n > 3000:
        return False
    x, down = p.value, p.some("", ", descending: true")
    kind = p.random.randrange(5)
    if kind == 0:
        return p.let(f"sort({x}{down})", p.shape)
    if kind == 1:
        return p.let(f"pick({x}, argsort({x}{down})[..., {p.random.randrange(n)}])", p.shape[:-1]) if len(p.shape) > 1 else False
    if kind == 2:
        return p.let(f"{x} + 0.1 * (argsort(sin({x}){down}) as {p.element}) / {n}", p.shape)
    k = p.some(1, n, p.random.randint(1, n))
    i = p.names
    p.lines.append(f"let (v{i}, {p.some('_', '_i')}{i}) = top_k({x}, {k})")
    return p.let(f"v{i}", p.shape[:-1] + [k])


@step(1, 2, 3, weight=2, any_size=True)
def choose(p):
    """Rows of a table, by where something is largest or smallest."""
    n, k, which = p.shape[-1], p.width(), p.some("argmax", "argmin")
    if p.random.random() < 0.3:
        return p.let(f"{p.value} + 0.1 * (one_hot({which}({p.value}, axis: -1), {n}) as {p.element})", p.shape)
    table = p.param([n, k])
    return p.let(f"{table}[{which}({p.value}, axis: -1)] * mean({p.value}, axis: -1, keep: true)", p.shape[:-1] + [k])


@step(1, 2, 3)
def look_up(p):
    """Rows of a table, by numbers that come of the values."""
    n, k = p.some(1, 2, 5), p.some(1, 2, 3)
    if p.elements() * k > p.LARGEST:
        return False
    where = f"(floor(abs({p.value}) * 3) as i32) % {n}"
    return p.let(f"{p.param([n, k])}[{where}] * {p.value}[..., new]", p.shape + [k])


@step(1, 2, 3, 4, weight=4)
def reduce(p):
    """Along an axis or a list of these, kept or not."""
    axes = sorted(p.random.sample(range(len(p.shape)), p.random.randint(1, len(p.shape))))
    shown = [a + 1 if p.random.random() < 0.5 else a - len(p.shape) for a in axes]
    if len(shown) == 1 and p.random.random() < 0.6:
        shown = shown[0]
    x, n = p.value, p.elements()
    ops = ["mean({x}{a})", "max({x}{a})", "min({x}{a})", "sqrt(var({x}{a}) + 0.1)", "norm({x}{a})", "norm({x}, order: 1{a}) * 0.3",
           "norm({x}, order: 3{a})", "logsumexp({x}{a})", "sum({x}{a}) * 0.1"] + ["median({x}{a})"] * (n < 200)
    if len(p.shape) - 1 in axes and p.shape[-1] > 1:
        ops.append(f"std({{x}} + 0.3 * (iota({p.shape[-1]}) as {p.element}){{a}})")
    op = p.some(*ops)
    if len(axes) < len(p.shape) and p.random.random() < 0.6:
        return p.let(op.format(x=x, a=f", axis: {shown}"), [m for i, m in enumerate(p.shape) if i not in axes])
    return p.let(f"{x} {p.some('-', '+', '*')} {op.format(x=x, a=f', axis: {shown}, keep: true')}", p.shape)


@step(2, 3, 4, weight=2)
def triangle(p):
    return p.let(f"{p.some('tril', 'triu')}({p.value}{p.some('', ', diagonal: 1', ', diagonal: -1', ', diagonal: -30')})", p.shape)


@step(1, 2, 3)
def made(p):
    """Beside what regular tensors are made from sizes."""
    n, x = p.shape[-1], p.value
    i = p.names
    if n > 1 and p.random.random() < 0.5:
        p.lines.append(f"let l{i}: {p.element}[{n}] = linspace(-0.5, 1, {n})")
        return p.let(f"{x} * l{i}", p.shape)
    p.lines.append(f"let e{i}: {p.element}[{n}, {n}] = eye({n})")
    return n <= 20 and p.let(f"{x} @ (e{i} + 0.1)", p.shape)


@step(2, 3)
def compare(p):
    x = p.value
    return p.let(f"cosine_similarity({x}, {p.some(f'sin({x}) + 0.1', f'0.5 * {x} + 0.2')})", p.shape[:-1])


# --- Products.
@step(1, 2, 3, weight=2)
def product(p):
    x, k, n = p.value, p.shape[-1], p.width()
    if len(p.shape) == 1:
        m = p.some(1, 2, 3)
        texts = [('einsum("b i, i j k -> b j k", {x}, {w})', [k, m, n], [m, n]), ('einsum("b i, b j -> b i j", {x}, tanh({x}))', [], [k, k])]
    elif len(p.shape) == 2:
        t = p.shape[0]
        texts = [('einsum("b i k, b j k -> b i j", {x}, tanh({x})) / {k}', [], [t, t]), ('einsum("b k i, b k j -> b j i", {x}, cos({x})) / {k}', [], [k, k]),
                 ('einsum("b i k, i k j -> b j", {x}, {w})', [t, k, n], [n]), ("{x} @ transpose({x}) / {k}", [], [t, t])]
        if t == k:
            texts += [('einsum("b i i -> b i", {x})', [], [t]), ("{x} @ {x}", [], [t, t])] * 2
    else:
        h, t, _ = p.shape
        texts = [('einsum("b h i k, b h j k -> b h i j", {x}, sin({x})) / {k}', [], [h, t, t]),
                 ('einsum("b h i k, h k j -> b i h j", {x}, {w})', [h, k, n], [t, h, n])]
    text, weights, shape = p.some(*texts)
    if math.prod(shape) > p.LARGEST:
        return False
    return p.let(text.format(x=x, k=k, w=p.param(weights) if weights else ""), shape)


@step(1, 2, 3, 4)
def slope(p):
    """A gradient as a value, which is differentiated again."""
    i, x = p.names, p.value
    function = p.some("softplus", "sin", "gelu", "mish", "softmax", "atan", "layer_norm(eps: 0.1)", "elu", "log_softmax", "cumsum")
    p.lines.append(f"let u{i} = {function}({x}) * {x}")
    return p.let(f"gradient(u{i}, wrt: {x})", p.shape)


@step(1, 2, 3, any_size=True)
def twice(p):
    """The same layer on several values, and repeated ones."""
    n, x, i = p.shape[-1], p.value, p.names
    if p.random.random() < 0.5:
        return p.let(f"{x} |> repeat({p.some(1, 2, 3)}) dense({n}{p.initialiser()}) |> tanh", p.shape)
    p.lines.append(f"let f{i} = dense({n})")
    return p.let(f"f{i}(tanh(f{i}({x}))) + f{i}(0.3 * {x})", p.shape)


@step(2, weight=2)
def loop(p):
    x, n, a = p.value, p.shape[1], p.names
    if p.shape[0] > 9:
        return False
    keep = p.some(f"0.7 * h + z{a}", f"layer_norm(eps: 0.1)(h + z{a})", f"sort(h + z{a})" if n < 9 else f"h + z{a}", f"tanh(h) + dense({n})(z{a})",
                  f"maximum(h, z{a})", f"0.5 * batch_norm(eps: 0.1)(h + z{a})")
    last = p.some(True, False)
    p.lines.append(f"let v{a}: {p.element}[batch, t{a}, n{a}] = {x}")
    return p.let(f"scan z{a} in v{a} over t{a} {{\n    state h: {p.element}[batch, n{a}] = {p.some('zeros()', 'ones()')}\n    h = {keep}\n"
                 f"    {'' if last else 'yield '}h\n  }}", [n] if last else p.shape)
