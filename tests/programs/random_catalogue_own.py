"""The steps of random programs that bring code of their own: functions with a gradient, and loops with several states."""
from random_catalogue import step

# What a gradient says is the gradient: without its lines, the function is differentiated, and must do the same.
SAME_SHAPE = {
    "own_square": "(x: float[...s]) -> float[...s] = 0.5 * x ^ 2\n  gradient(dy) = dy * x",
    "own_tanh": "(x: float[...s]) -> float[...s] = tanh(x)\n  gradient(dy) {\n    let y = tanh(x)\n    dy * (1 - y ^ 2)\n  }",
    "own_centred": "(x: float[...s, n]) -> float[...s, n] = x - mean(x, axis: -1, keep: true)\n  gradient(dy) = dy - mean(dy, axis: -1, keep: true)",
    "own_softmax": "(x: float[...s, n]) -> float[...s, n] = softmax(x)\n"
                   "  gradient(dy) = softmax(x) * (dy - sum(dy * softmax(x), axis: -1, keep: true))",
    "own_scaled": "(x: float[...s], by: float = 0.5) -> float[...s] = sin(by * x)\n  gradient(dy) = by * cos(by * x) * dy",
}
OWN = {
    **SAME_SHAPE,
    "own_product": "(a: float[...s], b: float[...s]) -> float[...s] = a * b\n  gradient(dy) = (dy * b, dy * a)",
    "own_total": "(x: float[...s, n]) -> float[...s] = sum(x, axis: -1)\n  gradient(dy) = dy[..., new] + 0 * x",
    "own_matmul": "(x: float[...s, n], w: float[n, k]) -> float[...s, k] = x @ w\n"
                  "  gradient(dy) = (dy @ transpose(w), transpose(reshape(x, [size(s), n])) @ reshape(dy, [size(s), k]))",
    "own_step": "(x: float[...s]) -> float[...s] = sign(x)\n  gradient(dy) = dy * (abs(x) <= 1)",
}


def own(p, name):
    return p.declare(name, f"fn {name}{OWN[name]}")


@step(1, 2, 3, 4, weight=3, any_size=True)
def own_gradient(p):
    x, name = p.value, own(p, p.some(*SAME_SHAPE))
    more = f", by: {p.some(0.3, 2)}" if name == "own_scaled" and p.random.random() < 0.5 else ""
    return p.let(p.some("{f}({x}{m})", "{f}(tanh({x}){m}) + 0.3 * {x}", "{f}({f}({x}{m})) - {x}").format(f=name, x=x, m=more), p.shape)


@step(1, 2, 3, 4, weight=2)
def own_of_two(p):
    x = p.value
    if p.random.random() < 0.5:
        return p.let(f"{own(p, 'own_product')}({x}, {p.some(f'tanh({x})', f'{x}', f'flip({x})')})", p.shape)
    if p.random.random() < 0.5 and len(p.shape) > 1:
        return p.let(f"{own(p, 'own_total')}({x}) * 0.2", p.shape[:-1])
    n = p.width()
    w = p.param([p.shape[-1], n])
    return p.let(f"{own(p, 'own_matmul')}({x}, {w}) * 0.5", p.shape[:-1] + [n])


@step(1, 2, 3)
def own_step(p):
    """A straight-through estimator, which is no gradient."""
    return p.let(f"{own(p, 'own_step')}({p.value}) * 0.3 + {p.value}", p.shape)


@step(1, 2)
def own_in_loop(p):
    """A function with a gradient of its own, as what a loop carries on."""
    x, i, f = p.value, p.names, own(p, p.some("own_tanh", "own_softmax", "own_centred"))
    return p.let(f"scan i{i} in 0..{p.random.randint(1, 3)} {{\n    state h: {p.typed(p.shape)} = {x}\n    h = {f}(h + 0.3 * {x})\n    h\n  }}", p.shape)


def rows(p, most=7, widest=17):
    return p.shape[0] <= most and p.shape[1] <= widest


def over_time(p):
    """Declares v, the value with names for its sizes; returns what these names end with."""
    i = p.names
    p.lines.append(f"let v{i}: {p.element}[batch, t{i}, n{i}] = {p.value}")
    return i


@step(2, weight=2)
def carried(p):
    """Two states of different ranks, and a value of each that is stacked."""
    if not rows(p):
        return False
    i = over_time(p)
    first = p.some("zeros()", f"v{i}[:, 0]", f"mean(v{i}, axis: 1)")
    p.lines.append(f"let (a{i}, b{i}) = scan z in v{i} over t{i} {{\n    state h: {p.element}[batch, n{i}] = {first}\n    state c: {p.element}[batch] = ones()\n"
                   f"    {p.some('h = tanh(h * c[:, new] + z)', 'h = maximum(0.6 * h, z)', 'h = own_product(tanh(h), z) + z')}\n    c = 0.5 * c + mean(h * z, axis: -1)\n"
                   f"    yield (h, c)\n  }}")
    if "own_product" in p.lines[-1]:
        own(p, "own_product")
    return p.let(f"a{i} * (1 + 0.2 * tanh(b{i}))[..., new]", p.shape)


@step(2)
def associate(p):
    """A matrix as the state: what linear attention keeps."""
    if not rows(p, widest=8):
        return False
    i, n = over_time(p), p.shape[1]
    p.lines.append(f"let k{i} = dense({n})(v{i})")
    return p.let(f"scan (z, k) in (v{i}, k{i}) over t{i} {{\n    state m: {p.element}[batch, n{i}, n{i}] = zeros()\n"
                 f'    m = {p.some("0.8", "0.5")} * m + einsum("b i, b j -> b i j", tanh(k), z)\n    yield einsum("b i, b i j -> b j", sin(z), m)\n  }}', p.shape)


@step(1, 2, 3, weight=2)
def counted(p):
    """A loop that counts, with a layer that all its passes share, or with parameters looked up by the pass."""
    if p.elements() > 200:
        return False
    x, i, n, passes = p.value, p.names, p.shape[-1], p.random.randint(1, 4)
    if p.random.random() < 0.5:
        w = p.param([passes, n])
        how = f"sin(h * {w}[i]) + 0.2 * h"
    else:
        p.lines.append(f"let f{i} = dense({n})")
        how = f"0.5 * h + tanh(f{i}(h) + 0.1 * (i as {p.element}))"
    if p.random.random() < 0.3:
        how = f"if i == {p.random.randrange(passes)} {{ h }} else {{ {how} }}"
    return p.let(f"scan i in 0..{passes} {{\n    state h: {p.typed(p.shape)} = {x}\n    h = {how}\n    h\n  }}", p.shape)


@step(2, weight=2)
def tracked(p):
    """A layer with states in a loop: in training each pass meets what the one before it left."""
    if not rows(p, 5):
        return False
    i = over_time(p)
    p.declare("tracked", """layer tracked(x: float[batch, n]) -> float[batch, n] {
  state centre: float[n] = zeros()
  state passes: f32 = zeros()
  if training {
    centre = 0.8 * centre + 0.2 * mean(x, axis: 0)
    passes = passes + 1
  }
  tanh(x - centre)
}""")
    p.lines.append(f"let f{i} = tracked")
    last = p.some(False, False, True)
    return p.let(f"scan z in v{i} over t{i} {{\n    state h: {p.element}[batch, n{i}] = zeros()\n    h = f{i}(0.5 * h + z)\n    {'' if last else 'yield '}h\n  }}",
                 p.shape[1:] if last else p.shape)


@step(2)
def nested(p):
    """A loop in a loop over the same values, whose state the inner one reads."""
    if not rows(p, 5, 9):
        return False
    i, f = over_time(p), p.names
    p.lines.append(f"let f{f} = dense({p.shape[1]})")
    return p.let(f"scan z in v{i} over t{i} {{\n    state h: {p.element}[batch, n{i}] = {p.some('zeros()', f'v{i}[:, 0]')}\n    let seen = scan u in v{i} over t{i} {{\n"
                 f"      state g: {p.element}[batch, n{i}] = h\n      g = tanh(f{f}(g) + u * z)\n      g\n    }}\n    h = 0.5 * h + seen\n    yield h\n  }}", p.shape)


@step(2)
def both_ways(p):
    """Sums from the front and from behind."""
    if not rows(p):
        return False
    i = over_time(p)
    p.lines.append(f"let w{i}: {p.element}[batch, t{i}, n{i}] = flip(v{i}, axis: 1)")
    p.lines.append(f"let (a{i}, b{i}) = scan (z, u) in (v{i}, w{i}) over t{i} {{\n    state h: {p.element}[batch, n{i}] = zeros()\n    state g: {p.element}[batch, n{i}] = ones()\n"
                   f"    h = 0.7 * h + z\n    g = tanh(g) + u * h\n    yield (h, g)\n  }}")
    return p.let(f"a{i} + 0.3 * flip(tanh(b{i}), axis: 1)", p.shape)
