"""Reverse-mode differentiation of NumPy float64 arrays: a tape to hold compiled programs against.

A `Value` remembers what it was made of; `gradients` walks back. Where a function has a kink, the derivative is the one that
the language states: `maximum(a, b)` gives a tie to b, an extremum along axes shares it evenly, `abs` has 0 at 0.
"""
import math

import numpy as np

_erf = np.vectorize(math.erf, otypes=[float])


class Value:
    """A number or an array, and how a change of it came from its parents: [(parent, cotangent -> parent's cotangent)].

    Only what comes from a tracked value, a parameter, keeps its parents.
    """

    disturb = staticmethod(lambda array: array)  # what is done to every tensor of floats

    def __init__(self, array, parents=(), tracked=False):
        array = np.asarray(array)
        self.array = self.disturb(array) if array.dtype.kind == "f" and array.ndim else array
        self.parents = [(p, back) for p, back in parents if p.tracked]
        self.tracked = tracked or bool(self.parents)

    shape = property(lambda self: self.array.shape)


def value(x):
    return x if isinstance(x, Value) else Value(x)


def as_float(x):
    x = value(x)
    return x if x.array.dtype.kind == "f" else Value(x.array.astype(float))


def _unbroadcast(cotangent, shape):
    """Sums what broadcasting repeated."""
    cotangent = cotangent.sum(axis=tuple(range(cotangent.ndim - len(shape))))
    ones = tuple(i for i, n in enumerate(shape) if n == 1 and cotangent.shape[i] != 1)
    return cotangent.sum(axis=ones, keepdims=True) if ones else cotangent


def _map(function, slope):
    def apply(x):
        x = as_float(x)
        y = function(x.array)
        return Value(y, [(x, lambda g: g * slope(x.array, y))])

    return apply


def _binary(function, *slopes):
    def apply(a, b):
        a, b = as_float(a), as_float(b)
        y = function(a.array, b.array)

        def back(slope, parent):
            return lambda g: _unbroadcast(g * slope(a.array, b.array, y), parent.shape)

        return Value(y, [(p, back(s, p)) for p, s in zip((a, b), slopes)])

    return apply


def _plain(function):
    """Of truth values and integers: nothing flows back."""
    return lambda *operands: Value(function(*(value(x).array for x in operands)))


neg = _map(np.negative, lambda x, y: -1.0)
exp = _map(np.exp, lambda x, y: y)
log = _map(np.log, lambda x, y: 1 / x)
log1p = _map(np.log1p, lambda x, y: 1 / (1 + x))
sqrt = _map(np.sqrt, lambda x, y: 0.5 / y)
rsqrt = _map(lambda x: 1 / np.sqrt(x), lambda x, y: -0.5 * y / x)
tanh = _map(np.tanh, lambda x, y: 1 - y * y)
sin = _map(np.sin, lambda x, y: np.cos(x))
cos = _map(np.cos, lambda x, y: -np.sin(x))
erf = _map(_erf, lambda x, y: 2 / math.sqrt(math.pi) * np.exp(-x * x))
absolute = _map(np.abs, lambda x, y: np.sign(x))
floor = _plain(np.floor)
sign = _plain(np.sign)

add = _binary(np.add, lambda a, b, y: 1.0, lambda a, b, y: 1.0)
sub = _binary(np.subtract, lambda a, b, y: 1.0, lambda a, b, y: -1.0)
mul = _binary(np.multiply, lambda a, b, y: b, lambda a, b, y: a)
div = _binary(np.divide, lambda a, b, y: 1 / b, lambda a, b, y: -y / b)
power = _binary(np.power, lambda a, b, y: b * np.power(a, b - 1))
maximum = _binary(np.maximum, lambda a, b, y: a > b, lambda a, b, y: ~(a > b))
minimum = _binary(np.minimum, lambda a, b, y: a < b, lambda a, b, y: ~(a < b))

COMPARISONS = {"==": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
compare = {name: _plain(function) for name, function in COMPARISONS.items()}
logical_and, logical_or, logical_not = _plain(np.logical_and), _plain(np.logical_or), _plain(np.logical_not)


def where(condition, a, b):
    condition, a, b = value(condition), as_float(a), as_float(b)
    zero = np.zeros(())
    return Value(np.where(condition.array, a.array, b.array),
                 [(a, lambda g: _unbroadcast(np.where(condition.array, g, zero), a.shape)),
                  (b, lambda g: _unbroadcast(np.where(condition.array, zero, g), b.shape))])


def stop_gradient(x):
    return Value(value(x).array)


def matmul(a, b):
    a, b = as_float(a), as_float(b)
    return Value(a.array @ b.array, [
        (a, lambda g: _unbroadcast(g @ np.swapaxes(b.array, -1, -2), a.shape)),
        (b, lambda g: _unbroadcast(np.swapaxes(a.array, -1, -2) @ g, b.shape)),
    ])


def _axes(x, axis):
    axes = range(x.array.ndim) if axis is None else [axis] if isinstance(axis, int) else axis
    return tuple(a % x.array.ndim for a in axes)


def total(x, axis=None, keep=False):
    x = as_float(x)
    axes = _axes(x, axis)

    def back(g):
        return np.broadcast_to(g if keep else np.expand_dims(g, axes), x.shape)

    return Value(x.array.sum(axis=axes, keepdims=keep), [(x, back)])


def mean(x, axis=None, keep=False):
    x = as_float(x)
    count = math.prod(x.shape[a] for a in _axes(x, axis))
    return mul(total(x, axis, keep), 1 / count)


def _extremum(function):
    def apply(x, axis=None, keep=False):
        x = as_float(x)
        axes = _axes(x, axis)
        top = function(x.array, axis=axes, keepdims=True)
        equal = x.array == top

        def back(g):
            g = g if keep else np.expand_dims(g, axes)
            return np.where(equal, g / equal.sum(axis=axes, keepdims=True), 0.0)

        return Value(top if keep else top.squeeze(axes), [(x, back)])

    return apply


largest, smallest = _extremum(np.max), _extremum(np.min)


def argmax(x, axis=-1):
    return Value(np.argmax(value(x).array, axis=axis))


def reshape(x, shape):
    x = value(x)
    return Value(x.array.reshape(shape), [(x, lambda g: g.reshape(x.shape))])


def transpose(x, axes=None):
    x = value(x)
    axes = axes or [*range(x.array.ndim - 2), x.array.ndim - 1, x.array.ndim - 2]
    return Value(x.array.transpose(axes), [(x, lambda g: g.transpose(np.argsort(axes)))])


def concat(parts, axis=-1):
    parts = [value(p) for p in parts]
    ends = np.cumsum([0] + [p.shape[axis] for p in parts])
    return Value(np.concatenate([p.array for p in parts], axis),
                 [(p, lambda g, a=a, b=b: np.take(g, range(a, b), axis)) for p, a, b in zip(parts, ends, ends[1:])])


def index(x, places):
    """Numbers and ranges."""
    x = value(x)

    def back(g):
        whole = np.zeros(x.shape)
        whole[places] = g
        return whole

    return Value(x.array[places], [(x, back)])


def pick(x, indices):
    """One element of each row."""
    x, indices = as_float(x), value(indices).array
    places = (*np.indices(indices.shape), indices)
    return index(x, places)


def gradients(loss, parameters):
    """Of a scalar, with respect to each of the parameters."""
    order, seen = [], set()

    def visit(root):
        stack = [(root, iter(root.parents))]
        seen.add(id(root))
        while stack:
            node, rest = stack[-1]
            parent = next((p for p, _ in rest if id(p) not in seen), None)
            if parent is None:
                order.append(stack.pop()[0])
            else:
                seen.add(id(parent))
                stack.append((parent, iter(parent.parents)))

    visit(loss)
    cotangents = {id(loss): np.ones(())}
    for node in reversed(order):
        if id(node) not in cotangents:
            continue
        for parent, back in node.parents:
            part = back(cotangents[id(node)])
            cotangents[id(parent)] = cotangents[id(parent)] + part if id(parent) in cotangents else part
    return [cotangents.get(id(p), np.zeros(p.shape)) for p in parameters]
