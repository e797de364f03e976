"""Reverse-mode differentiation of NumPy float64 arrays, of any order: a tape to hold compiled programs against.

A `Value` remembers what it was made of; `gradients` walks back, and what it finds are Values again. All that only moves,
repeats or drops elements is one primitive, `move`, whose derivative is the other, `spread`. Where a function has a kink the
derivative is the one that the language states: ties of `maximum` and of an extremum share it evenly, `abs` has 0 at 0.
"""
import math

import numpy as np

_erf = np.vectorize(math.erf, otypes=[float])
_erfc = np.vectorize(math.erfc, otypes=[float])


class Value:
    """An array, and how a change of it came from its parents: [(parent, cotangent -> parent's cotangent)].

    Only what comes from a tracked value keeps its parents.
    """

    disturb = staticmethod(lambda array: array)  # what is done to every tensor of floats

    def __init__(self, array, parents=(), tracked=False):
        array = np.asarray(array)
        self.array = self.disturb(array) if array.dtype.kind == "f" and array.ndim else array
        self.parents = [(p, back) for p, back in parents if p.tracked]
        self.tracked = tracked or bool(self.parents)

    shape = property(lambda self: self.array.shape)


class Joint:
    """Several values that were made together; their cotangents arrive as {number: cotangent}."""

    def __init__(self, parents, back):
        self.sources, self.joint_back = parents, back
        self.parents = [(p, None) for p in parents if p.tracked]
        self.tracked = bool(self.parents)


def value(x):
    return x if isinstance(x, Value) else Value(x)


def as_float(x):
    x = value(x)
    return x if x.array.dtype.kind == "f" else Value(x.array.astype(float))


# --- Elements that move.
def places_of(shape):
    """The number of each element, in its place."""
    return np.arange(math.prod(shape)).reshape(shape)


def move(x, places, fill=0.0):
    """The elements of x with these numbers; `fill` for -1."""
    x = value(x)
    if x.array.size:
        array = x.array.reshape(-1)[places]
        array = np.where(places < 0, np.asarray(fill, array.dtype), array) if np.any(places < 0) else array
    else:
        array = np.full(places.shape, fill, x.array.dtype)
    return Value(array, [(x, lambda g: spread(g, places, x.shape))])


def spread(g, places, shape):
    """Sums of g's elements by the number of the element of `shape` that they go to."""
    g = value(g)
    inside = places >= 0
    sums = np.bincount(places[inside].ravel(), weights=np.broadcast_to(g.array, places.shape)[inside].ravel(),
                       minlength=math.prod(shape))
    return Value(sums.reshape(shape), [(g, lambda h: move(h, places))])


def broadcast(x, shape):
    """NumPy's: to a shape of the same or a higher rank."""
    x = value(x)
    if x.shape == tuple(shape):
        return x
    extra = len(shape) - x.array.ndim
    axes = tuple(i for i, n in enumerate(shape) if i < extra or (x.shape[i - extra] == 1 and n != 1))
    return Value(np.broadcast_to(x.array, shape), [(x, lambda g: reshape(total(g, axes), x.shape))])


def reshape(x, shape):
    x = value(x)
    return Value(x.array.reshape(shape), [(x, lambda g: reshape(g, x.shape))])


def transpose(x, order):
    x = value(x)
    return Value(x.array.transpose(order), [(x, lambda g: transpose(g, np.argsort(order)))])


def concat(parts, axis):
    parts = [value(p) for p in parts]
    ends = np.cumsum([0] + [p.shape[axis] for p in parts])

    def part(a, b):
        window = lambda shape: np.take(places_of(shape), range(a, b), axis)
        return lambda g: move(g, window(g.shape))

    return Value(np.concatenate([p.array for p in parts], axis),
                 [(p, part(a, b)) for p, a, b in zip(parts, ends, ends[1:])])


# --- Element by element. Integers and truth values are computed as they are, and nothing flows back.
def _map(function, slope):
    def apply(x):
        x = value(x)
        if x.array.dtype.kind != "f":
            return Value(function(x.array))
        y = Value(function(x.array))
        y = Value(y.array, [(x, lambda g: mul(g, slope(x, y)))])
        return y

    return apply


def _unbroadcast(g, shape):
    if g.shape == shape:
        return g
    extra = g.array.ndim - len(shape)
    axes = tuple(i for i in range(g.array.ndim) if i < extra or (shape[i - extra] == 1 and g.shape[i] != 1))
    return reshape(total(g, axes), shape)


def _binary(function, *slopes, integers=None):
    def apply(a, b):
        a, b = value(a), value(b)
        if a.array.dtype.kind != "f" and b.array.dtype.kind != "f":
            return Value((integers or function)(a.array, b.array))
        a, b = as_float(a), as_float(b)
        y = Value(function(a.array, b.array))

        def back(slope, parent):
            return lambda g: _unbroadcast(mul(g, slope(a, b, y)), parent.shape)

        y = Value(y.array, [(p, back(s, p)) for p, s in zip((a, b), slopes)])
        return y

    return apply


def plain(function):
    """Of which nothing flows back."""
    return lambda *operands: Value(function(*(value(x).array for x in operands)))


def constant(number):
    return lambda *_: Value(number)


add = _binary(np.add, constant(1.0), constant(1.0))
sub = _binary(np.subtract, constant(1.0), constant(-1.0))
mul = _binary(np.multiply, lambda a, b, y: b, lambda a, b, y: a)
div = _binary(np.divide, lambda a, b, y: div(1.0, b), lambda a, b, y: neg(div(y, b)))
power = _binary(np.power, lambda a, b, y: mul(b, power(a, sub(b, 1.0))), lambda a, b, y: mul(y, log(a)))
remainder = _binary(np.mod, constant(1.0), lambda a, b, y: neg(floor(div(a, b))))


def share(chosen, tied):
    """1 where this operand was chosen, a half where both were."""
    return lambda a, b, y: Value(np.where(tied(a.array, b.array), 0.5, chosen(a.array, b.array)))


maximum = _binary(np.maximum, share(np.greater, np.equal), share(np.less, np.equal))
minimum = _binary(np.minimum, share(np.less, np.equal), share(np.greater, np.equal))

neg = _map(np.negative, constant(-1.0))
exp = _map(np.exp, lambda x, y: exp(x))
log = _map(np.log, lambda x, y: div(1.0, x))
log1p = _map(np.log1p, lambda x, y: div(1.0, add(1.0, x)))
sqrt = _map(np.sqrt, lambda x, y: div(0.5, sqrt(x)))
rsqrt = _map(lambda x: 1 / np.sqrt(x), lambda x, y: div(mul(-0.5, rsqrt(x)), x))
tanh = _map(np.tanh, lambda x, y: sub(1.0, mul(tanh(x), tanh(x))))
sin = _map(np.sin, lambda x, y: cos(x))
cos = _map(np.cos, lambda x, y: neg(sin(x)))
erf = _map(_erf, lambda x, y: mul(2 / math.sqrt(math.pi), exp(neg(mul(x, x)))))
expm1 = _map(np.expm1, lambda x, y: exp(x))
normal_pdf = _map(lambda x: np.exp(-x * x / 2) / math.sqrt(2 * math.pi), lambda x, y: neg(mul(x, normal_pdf(x))))
normal_cdf = _map(lambda x: _erfc(-x / math.sqrt(2)) / 2, lambda x, y: normal_pdf(x))
absolute = _map(np.abs, lambda x, y: sign(x))
floor = plain(np.floor)
sign = plain(lambda x: np.where(x == 0, x, np.sign(x)).astype(x.dtype))


def _sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def _softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


sigmoid = _map(_sigmoid, lambda x, y: mul(sigmoid(x), sigmoid(neg(x))))
softplus = _map(_softplus, lambda x, y: sigmoid(x))
log_sigmoid = _map(lambda x: -_softplus(-x), lambda x, y: sigmoid(neg(x)))


def where(condition, a, b):
    condition, a, b = value(condition), value(a), value(b)
    mask = condition.array
    return Value(np.where(mask, a.array, b.array),
                 [(a, lambda g: _unbroadcast(where(mask, g, 0.0), a.shape)),
                  (b, lambda g: _unbroadcast(where(mask, 0.0, g), b.shape))])


def stop_gradient(x):
    return Value(value(x).array)


# --- Sums, extrema, contractions.
def total(x, axes):
    x = value(x)
    axes = tuple(axes)
    kept = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
    dtype = x.array.dtype if x.array.dtype.kind != "b" else int
    return Value(x.array.sum(axis=axes, dtype=dtype), [(x, lambda g: broadcast(reshape(g, kept), x.shape))])


def extremum(function):
    def apply(x, axes):
        x, axes = value(x), tuple(axes)
        top = function(x.array, axis=axes, keepdims=True)
        if x.array.dtype.kind != "f":
            return Value(top.squeeze(axes))
        equal = x.array == top
        with np.errstate(invalid="ignore"):
            shares = np.where(equal, 1 / equal.sum(axis=axes, keepdims=True), 0.0) if axes else np.ones(x.shape)
        kept = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
        return Value(top.squeeze(axes), [(x, lambda g: mul(broadcast(reshape(g, kept), x.shape), shares))])

    return apply


def contract(equation, a, b):
    """An Einstein sum of two operands; a letter that the result lacks is in both."""
    a, b = value(a), value(b)
    terms, result = equation.split("->")
    left, right = terms.split(",")
    return Value(np.einsum(equation, a.array, b.array, optimize=True),
                 [(a, lambda g: contract(f"{result},{right}->{left}", g, b)),
                  (b, lambda g: contract(f"{left},{result}->{right}", a, g))])


def with_gradient(inputs, outputs, backward):
    """`outputs` (arrays) of `inputs`, with `backward`: cotangents -> one per input."""
    shapes = [np.shape(y) for y in outputs]
    joint = Joint(inputs, lambda slots: backward([slots.get(i, Value(np.zeros(s))) for i, s in enumerate(shapes)]))
    return [Value(y, [(joint, lambda g, i=i: (i, g))]) for i, y in enumerate(outputs)]


def gradients(of, parameters):
    """Values of the gradient of the sum of `of`, one for each parameter."""
    order, seen = [], {id(of)}
    stack = [(of, iter(of.parents))]
    while stack:
        node, rest = stack[-1]
        parent = next((p for p, _ in rest if id(p) not in seen), None)
        if parent is None:
            order.append(stack.pop()[0])
        else:
            seen.add(id(parent))
            stack.append((parent, iter(parent.parents)))
    cotangents = {id(of): Value(np.ones(of.shape))}

    def give(parent, part):
        known = cotangents.get(id(parent))
        if isinstance(parent, Joint):
            number, g = part
            slots = cotangents.setdefault(id(parent), {})
            slots[number] = add(slots[number], g) if number in slots else g
        else:
            cotangents[id(parent)] = part if known is None else add(known, part)

    for node in reversed(order):
        if id(node) not in cotangents:
            continue
        if isinstance(node, Joint):
            for parent, g in zip(node.sources, node.joint_back(cotangents[id(node)])):
                if parent.tracked:
                    give(parent, g)
        else:
            for parent, back in node.parents:
                give(parent, back(cotangents[id(node)]))
    return [cotangents.get(id(p), Value(np.zeros(p.shape))) for p in parameters]
