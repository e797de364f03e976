"""What a test of one operation of the nn dialect is: a program of that operation, and what it should compute."""

import dataclasses
import math
import typing

import numpy as np

from element_types import FLOATS, INTEGERS, draw, ulp

BATCH = "B"  # the symbolic size

SHAPES = [(BATCH, 17), (BATCH, 1, 3), (), (2, 0, 3)]


@dataclasses.dataclass
class Operand:
    element: str
    shape: tuple
    make: typing.Callable = draw  # of a generator, the element type and the sizes


@dataclasses.dataclass
class Case:
    """`%y = nn.<code>` on operands %0, %1, ... In the code, {0} is the first operand's type, {y} the result's, {B} the
    batch and {sizes} the result's sizes. A reference takes the operands' values (see element_types), and the batch
    before them if it wants it, and returns the result's before it is rounded."""

    code: str
    operands: list
    element: str
    shape: tuple
    reference: typing.Callable
    bound: typing.Any = 0  # of the error: a number of ulps, or a function of the operands
    batches: tuple = (5, 1, 0, 19)  # it is run with these
    wants_batch: bool = False

    def has_batch(self):
        """Whether it can be compiled for a symbolic batch."""
        return "{B}" in self.code or any(
            BATCH in shape for shape in (self.shape, *(operand.shape for operand in self.operands))
        )


def of_batch(shape, batch):
    return tuple(batch if size == BATCH else size for size in shape)


# --- Elementwise: the same type in and out.
def elementwise(op, arity, function, ulps=0, low=-9.0, high=9.0, special=True):
    """`ulps`: a number, or one for each type."""

    def make(rng, element, shape):
        return draw(rng, element, shape, low, high, with_specials=special)

    def cases(element, _rng):
        error = ulps.get(element, 1) if isinstance(ulps, dict) else ulps
        operands = ", ".join(f"%{i}" for i in range(arity))
        for shape in SHAPES:
            yield Case(
                f"{op} {operands} : {{y}}",
                [Operand(element, shape, make)] * arity,
                element,
                shape,
                function,
                error,
            )

    return cases


def exactly(function):
    """Python's integers in place of NumPy's: beyond the type's range they wrap at the end."""

    def apply(a, b):
        limits = np.iinfo(a.dtype)
        count = int(limits.max) - int(limits.min) + 1
        values = [
            (function(int(x), int(y)) - int(limits.min)) % count + int(limits.min)
            for x, y in zip(a.flat, b.flat)
        ]
        return np.array(values, a.dtype).reshape(a.shape)

    return apply


def quotient(a, b):
    return 0 if b == 0 else abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def divide(a, b):
    return a / b if a.dtype == np.float64 else exactly(quotient)(a, b)


def floor_mod(a, b):
    if a.dtype == np.float64:
        return np.mod(a, b)
    return exactly(lambda x, y: x if y == 0 else x % y)(a, b)


def sigmoid(x):
    decay = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, decay) / (1 + decay)


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def maximum(a, b):
    """IEEE 754's: -0 lies below 0."""
    return (
        np.where(a == b, np.where(np.signbit(a), b, a), np.maximum(a, b))
        if a.dtype == np.float64
        else np.maximum(a, b)
    )


def minimum(a, b):
    return -maximum(-a, -b) if a.dtype == np.float64 else np.minimum(a, b)


# --- Shapes. The elements are only moved, so the results are exact.
def random_size(rng):
    return int(rng.choice([1, 2, 3, 5, 7, 8, 9, 16, 17, 33]))


def broadcast(element, rng):
    a, b = random_size(rng), random_size(rng)
    for operand, dimensions, result in [
        ((a,), [1], (BATCH, a)),
        ((), [], (BATCH, b)),
        ((1, a, 1), [0, 1, 3], (BATCH, a, 2, b)),
        ((BATCH, 1), [0, 2], (BATCH, a, b)),
        ((BATCH,), [1], (a, BATCH)),
        ((a, 0), [0, 1], (a, 0)),
    ]:

        def reference(batch, x, dimensions=dimensions, result=result):
            shape = [1] * len(result)
            for size, dimension in zip(x.shape, dimensions):
                shape[dimension] = size
            return np.broadcast_to(x.reshape(shape), of_batch(result, batch))

        yield Case(
            f"broadcast %0 {dimensions} to {{sizes}} : {{0}} -> {{y}}",
            [Operand(element, operand)],
            element,
            result,
            reference,
            wants_batch=True,
        )


def reshape(element, rng):
    a, b = random_size(rng), random_size(rng)
    for operand, result in [
        ((BATCH, a, b), (BATCH, a * b)),
        ((BATCH, a * b), (BATCH, a, b)),
        ((BATCH, 6, 2), (BATCH, 4, 3)),
        ((BATCH, 6, 2), (4, BATCH, 3)),
        ((), (1, 1)),
        ((1, 1), ()),
        ((BATCH,), (1, BATCH, 1)),
        ((a, 0, 3), (0, 7)),
    ]:
        yield Case(
            "reshape %0 to {sizes} : {0} -> {y}",
            [Operand(element, operand)],
            element,
            result,
            lambda batch, x, result=result: x.reshape(of_batch(result, batch)),
            wants_batch=True,
        )


def transpose(element, rng):
    for rank in (1, 2, 3, 4):
        shape = [BATCH] + [random_size(rng) for _ in range(rank - 1)]
        order = [int(i) for i in rng.permutation(rank)]
        yield Case(
            f"transpose %0 {order} : {{0}} -> {{y}}",
            [Operand(element, tuple(shape))],
            element,
            tuple(shape[i] for i in order),
            lambda x, order=order: np.transpose(x, order),
        )


def concat(element, rng):
    for rank, count in ((1, 2), (2, 3), (3, 2), (2, 1)):
        axis = int(rng.integers(rank))
        shape = [BATCH] + [random_size(rng) for _ in range(rank - 1)]
        parts = [[*shape] for _ in range(count)]
        for part in parts:
            part[axis] = random_size(rng)
        shape[axis] = sum(part[axis] for part in parts)
        names, types = (
            ", ".join(form.format(i) for i in range(count)) for form in ("%{}", "{{{}}}")
        )
        yield Case(
            f"concat {names} axis {axis} : ({types}) -> {{y}}",
            [Operand(element, tuple(part)) for part in parts],
            element,
            tuple(shape),
            lambda *xs, axis=axis: np.concatenate(xs, axis),
        )


def slice_window(element, rng):
    for rank in (1, 2, 3):
        shape = [random_size(rng) for _ in range(rank)]
        offsets = [int(rng.integers(n)) for n in shape]
        strides = [int(rng.integers(1, 4)) for _ in shape]
        sizes = [
            int(rng.integers((n - o + s - 1) // s + 1)) if n > 2 else 1
            for n, o, s in zip(shape, offsets, strides)
        ]
        window = tuple(slice(o, o + n * s, s) for o, n, s in zip(offsets, sizes, strides))
        yield Case(
            f"slice %0 {[0, *offsets]} {{sizes}} {[1, *strides]} : {{0}} -> {{y}}",
            [Operand(element, (BATCH, *shape))],
            element,
            (BATCH, *sizes),
            lambda x, window=window: x[(slice(None), *window)],
        )


def pad(element, rng):
    for rank in (1, 2, 3):
        shape, low, high, interior = (
            [int(rng.integers(least, 4)) for _ in range(rank)] for least in (1, 0, 0, 0)
        )
        sizes = [a + b + c + (b - 1) * i for a, b, c, i in zip(low, shape, high, interior)]
        places = tuple(
            slice(a, a + (b - 1) * (i + 1) + 1, i + 1) for a, b, i in zip(low, shape, interior)
        )

        def reference(batch, x, sizes=sizes, places=places):
            y = np.zeros((batch, *sizes), x.dtype)
            y[(slice(None), *places)] = x
            return y

        form = f"low {[0, *low]} high {[0, *high]} interior {[0, *interior]}"
        yield Case(
            f"pad %0 {form} to {{sizes}} : {{0}} -> {{y}}",
            [Operand(element, (BATCH, *shape))],
            element,
            (BATCH, *sizes),
            reference,
            wants_batch=True,
        )


# --- Sums and what is like them.
def sum_bound(element, count, magnitudes):
    """Of a sum in any order, with f16 and bf16 summed in f32: Higham, Accuracy and Stability of Numerical Algorithms,
    (4.4), and half an ulp where the result is rounded."""
    if element not in FLOATS:
        return 0
    wide = element if element in ("f64", "f32") else "f32"
    return count * 2.0 ** -FLOATS[wide][0] * magnitudes + ulp(magnitudes, element) / 2 * (
        wide != element
    )


def long_sum_bound(element, count, magnitudes):
    """As above; many elements are summed in f64, and rounded once."""
    if element not in FLOATS or count <= 64:
        return sum_bound(element, count, magnitudes)
    return count * 2.0**-53 * magnitudes + ulp(magnitudes, element) / 2


def contract(element, rng):
    for equation in (
        "bk,kn->bn",
        "bk,nk->bn",
        "kb,kn->bn",
        "bij,bjk->bik",
        "b,b->",
        "b,n->bn",
        "bn,bn->bn",
        "bij,ij->b",
        "bk,bk->b",
        ",->",
    ):
        sizes = {
            letter: BATCH if letter == "b" else random_size(rng)
            for letter in equation
            if letter.isalpha()
        }
        left, right, result = (
            tuple(sizes[letter] for letter in term)
            for term in equation.replace("->", ",").split(",")
        )
        a, rest = equation.split(",", 1)
        summed = set(a + rest.split("->")[0]) - set(rest.split("->")[1])

        def bound(x, y, equation=equation, a=a, summed=summed):
            count = math.prod(x.shape[a.index(letter)] for letter in summed)
            return sum_bound(element, count + 1, np.einsum(equation, np.abs(x), np.abs(y)))

        yield Case(
            f'contract "{equation}" %0, %1 : ({{0}}, {{1}}) -> {{y}}',
            [Operand(element, left), Operand(element, right)],
            element,
            result,
            lambda x, y, equation=equation: np.einsum(equation, x, y),
            bound if element in FLOATS else 0,
        )


def reduction_shapes(rng):
    a, b = random_size(rng), random_size(rng)
    return [
        ((BATCH, a), [0]),
        ((BATCH, b), [1]),
        ((BATCH, a, b), [0, 2]),
        ((BATCH, a, b), [1]),
        ((BATCH, 2, a), [0, 1, 2]),
        ((BATCH,), [0]),
        ((BATCH, 0, 3), [1]),
        ((), []),
        ((0,), [0]),
        ((3, 1000), [1]),
        ((70, 30, 2), [0, 1]),
    ]


def reduction(op, function, is_sum=False, is_mean=False):
    def cases(element, rng):
        for shape, axes in reduction_shapes(rng):

            def bound(x, axes=tuple(axes)):
                count = math.prod(x.shape[axis] for axis in axes)
                magnitudes = np.sum(np.abs(x), axes)
                bound, count = long_sum_bound(element, count, magnitudes), max(count, 1)
                # One more rounding, of the quotient.
                return bound / count + ulp(magnitudes / count, element) if is_mean else bound

            make = (
                draw
                if is_sum
                else lambda rng, element, shape: draw(
                    rng, element, shape, with_specials=rng.random() < 0.5
                )
            )
            result = tuple(size for i, size in enumerate(shape) if i not in axes)
            yield Case(
                f"{op} %0 {axes} : {{0}} -> {{y}}",
                [Operand(element, shape, make)],
                element,
                result,
                lambda x, axes=tuple(axes): function(x, axes),
                bound if is_sum and element in FLOATS else 0,
            )

    return cases


def mean(x, axes):
    return np.sum(x, axes) / np.float64(math.prod(x.shape[axis] for axis in axes))


def greatest(x, axes):
    """IEEE 754's maximum; over nothing the least value of the type."""
    if x.dtype != np.float64:
        return np.max(x, axes, initial=np.iinfo(x.dtype).min)
    y = np.max(x, axes, initial=-np.inf)
    return np.where(y == 0, np.where(np.any((x == 0) & ~np.signbit(x), axes), 0.0, -0.0), y)


def least(x, axes):
    if x.dtype != np.float64:
        return np.min(x, axes, initial=np.iinfo(x.dtype).max)
    return -greatest(-x, axes)


def argmax(element, rng):
    for shape, axis in [
        ((BATCH, 10), 1),
        ((3, BATCH, 2), 0),
        ((BATCH, 7, random_size(rng)), 1),
        ((1,), 0),
    ]:

        def make(rng, element, shape):
            return draw(rng, element, shape, -2, 2, with_specials=rng.random() < 0.5)

        yield Case(
            f"argmax %0[{axis}] : {{0}} -> {{y}}",
            [Operand(element, shape, make)],
            "i32",
            shape[:axis] + shape[axis + 1 :],
            lambda x, axis=axis: np.argmax(x, axis).astype(np.int32),
        )


# --- Made from sizes or nothing.
def from_index(element, _rng):
    dtype = INTEGERS.get(element, np.float64)
    yield Case(
        "from_index {B} : {y}",
        [],
        element,
        (),
        lambda batch: np.asarray(np.int64(batch)).astype(dtype),
        batches=(5, 0, 300, 70000, 2**31 + 5),
        wants_batch=True,
    )


def iota(element, rng):
    dtype = INTEGERS.get(element, np.float64)
    for shape, axis in [
        ((BATCH,), 0),
        ((BATCH, random_size(rng)), 1),
        ((3, BATCH, 2), 1),
        ((2, 300), 1),
    ]:

        def reference(batch, shape=shape, axis=axis):
            sizes = of_batch(shape, batch)
            column = np.arange(sizes[axis]).reshape(
                [-1 if i == axis else 1 for i in range(len(sizes))]
            )
            return np.broadcast_to(column, sizes).astype(dtype)

        yield Case(
            f"iota {axis} {{sizes}} : {{y}}",
            [],
            element,
            shape,
            reference,
            batches=(5, 1, 0, 300),
            wants_batch=True,
        )
