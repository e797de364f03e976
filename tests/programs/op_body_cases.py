"""Cases of lookups along an axis, and of operations with windows or bodies: see op_cases."""

import math

import numpy as np

from element_types import FLOATS
from op_cases import BATCH, Case, Operand, any_index, clamped, maximum, of_batch, random_size, sum_bound


def take_along(element, rng):
    n = random_size(rng)
    for shape, axis, index in [((BATCH, n), 1, "i32"), ((BATCH, 3, n), 1, "i64"), ((5, BATCH), 0, "i32"), ((n,), 0, "i32")]:
        rest = shape[:axis] + shape[axis + 1 :]

        def take(x, i, axis=axis):
            places = np.expand_dims(clamped(i, x.shape[axis]), axis)
            return np.take_along_axis(x, places, axis).squeeze(axis)

        yield Case(
            f"take_along %0, %1 axis {axis} : ({{0}}, {{1}}) -> {{y}}",
            [Operand(element, shape), Operand(index, rest, any_index)],
            element,
            rest,
            take,
        )


def put_along(element, rng):
    n = random_size(rng)
    for shape, axis, index in [((BATCH, n), 1, "i32"), ((BATCH, 3, n), 1, "i64"), ((5, BATCH), 0, "i32"), ((n,), 0, "i32")]:
        rest = shape[:axis] + shape[axis + 1 :]

        def put(batch, x, i, axis=axis, shape=shape):
            y = np.zeros(of_batch(shape, batch), x.dtype)
            places = np.expand_dims(clamped(i, y.shape[axis]), axis)
            np.put_along_axis(y, places, np.expand_dims(x, axis), axis)
            return y

        yield Case(
            f"put_along %0, %1 axis {axis} to {{sizes}} : ({{0}}, {{1}}) -> {{y}}",
            [Operand(element, rest), Operand(index, rest, any_index)],
            element,
            shape,
            put,
            wants_batch=True,
        )


# --- Windows: size, stride, dilation, low, high of each spatial dimension.
WINDOWS = [
    ([7], [(3, 1, 1, 1, 1)]),
    ([9], [(2, 3, 2, 0, 2)]),
    ([5, 8], [(3, 1, 1, 1, 1), (2, 2, 1, 0, 0)]),
    ([6, 4], [(1, 2, 1, 0, 0), (4, 1, 1, 2, 1)]),
    ([5, 6], [(2, 2, 1, 0, 0), (3, 3, 1, 0, 0)]),  # side by side
    ([7], [(2, 2, 1, 1, 2)]),
]


def window_places(spatial, window):
    """For each dimension, the place that each position reads at each offset, in the padded tensor."""
    for n, (size, stride, dilation, low, high) in zip(spatial, window):
        out = (n + low + high - dilation * (size - 1) - 1) // stride + 1
        yield np.arange(out)[:, None] * stride + np.arange(size)[None, :] * dilation


def window_text(window):
    names = ("size", "stride", "dilation", "low", "high")
    return " ".join(f"{name} {[w[i] for w in window]}" for i, name in enumerate(names))


def window_shape(spatial, window, channels):
    places = list(window_places(spatial, window))
    return (BATCH, *(p.shape[0] for p in places), *(p.shape[1] for p in places), channels)


def gather_windows(x, spatial, window, fill):
    pad = [(0, 0), *((low, high) for *_, low, high in window), (0, 0)]
    x = np.pad(x, pad, constant_values=fill)
    places = list(window_places(spatial, window))
    rank = len(places)
    index = [
        p.reshape([p.shape[0] if i == d else p.shape[1] if i == rank + d else 1 for i in range(2 * rank)])
        for d, p in enumerate(places)
    ]
    return x[(slice(None), *index)]


def windows(element, rng):
    for spatial, window in WINDOWS:
        for fill in (0, 1 if element == "i1" else 3):
            channels = random_size(rng)

            def reference(x, spatial=spatial, window=window, fill=fill):
                return gather_windows(x, spatial, window, np.asarray(fill).astype(x.dtype))

            text = f" fill {fill}.0" if fill else ""
            yield Case(
                f"windows %0 {window_text(window)}{text} to {{sizes}} : {{0}} -> {{y}}",
                [Operand(element, (BATCH, *spatial, channels))],
                element,
                window_shape(spatial, window, channels),
                reference,
            )


def windows_sum(element, rng):
    for spatial, window in WINDOWS:
        channels = random_size(rng)

        def add(batch, x, spatial=spatial, window=window, channels=channels):
            whole = np.arange(math.prod((batch, *spatial, channels))).reshape(batch, *spatial, channels)
            places = gather_windows(whole, spatial, window, -1)
            y = np.zeros(whole.size, x.dtype)
            np.add.at(y, places[places >= 0], x[places >= 0])
            return y.reshape(whole.shape)

        def bound(x, add=add, window=window):
            count = math.prod(size for size, *_ in window)
            return sum_bound(element, count, add(x.shape[0], np.abs(x)))

        yield Case(
            f"windows_sum %0 {window_text(window)} to {{sizes}} : {{0}} -> {{y}}",
            [Operand(element, window_shape(spatial, window, channels))],
            element,
            (BATCH, *spatial, channels),
            add,
            bound if element in FLOATS else 0,
            wants_batch=True,
        )


# --- Bodies.
def scan(element, rng):
    """The greatest so far, or whether any was: along each axis, both ways, in a known and an unknown number of passes."""
    op, combine = ("or", np.logical_or) if element == "i1" else ("maximum", maximum)
    for shape, axis, reverse in [((4, 3), 0, ""), ((BATCH, 5), 1, "reverse "), ((BATCH, 2), 0, ""), ((3, BATCH), 1, "reverse ")]:
        rest = shape[:axis] + shape[axis + 1 :]

        def reference(x, h, axis=axis, reverse=reverse):
            order = range(x.shape[axis])
            y = np.zeros_like(x)
            for i in reversed(order) if reverse else order:
                h = combine(h, np.take(x, i, axis))
                y[(slice(None),) * axis + (i,)] = h
            return y

        count = "{B}" if shape[axis] == BATCH else shape[axis]
        yield Case(
            f"scan [{count}] {reverse}slices [{axis}] (%0 : {{0}}) inits (%1 : {{1}}) captures () dims () stack [{axis}]"
            " -> ({1}, {0}) {{\n  ^bb0(%i: tensor<i64>, %xt: {1}, %h: {1}):\n"
            f"  %k = nn.{op} %h, %xt : {{1}}\n  nn.yield %k, %k : {{1}}, {{1}}\n  }}}}\n"
            "  %y = nn.transpose %s#1 " + str(list(range(len(shape)))) + " : {0} -> {0}",
            [Operand(element, shape), Operand(element, rest)],
            element,
            shape,
            reference,
        )


def with_gradient(element, _rng):
    yield Case(
        "with_gradient inputs (%0 : {0}) captures () dims () -> ({0}) {{\n  ^bb0(%a: {0}):\n  nn.yield %a : {0}\n  }}, {{\n"
        "  ^bb0(%a: {0}, %g: {0}):\n  nn.yield " + ("%g : {0}" if element in FLOATS else "") + "\n  }}",
        [Operand(element, (BATCH, 3))],
        element,
        (BATCH, 3),
        lambda x: x,
    )
