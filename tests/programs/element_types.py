"""The element types of the nn dialect in NumPy: how values are stored, rounded, drawn and compared.

Values of a float type of any width are float64 arrays here, of numbers that the type has; those of integer types are
arrays of that type, and truth values are of type bool.
"""

import numpy as np

# Significant bits, exponents of the least normal number and beyond the greatest, as np.frexp counts them.
FLOATS = {
    "f64": (53, -1021, 1024),
    "f32": (24, -125, 128),
    "f16": (11, -13, 16),
    "bf16": (8, -125, 128),
}
INTEGERS = {"i64": np.int64, "i32": np.int32, "ui8": np.uint8}
STORED = {
    "f64": np.float64,
    "f32": np.float32,
    "f16": np.float16,
    "bf16": np.uint16,
    "i1": np.uint8,
    **INTEGERS,
}
VALUES = {**{name: np.float64 for name in FLOATS}, **INTEGERS, "i1": np.bool_}


def store(values, element):
    """The bytes in memory of values that the type has."""
    if element == "bf16":
        return (np.asarray(values).astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
    return np.asarray(values).astype(STORED[element])


def load(stored, element):
    if element == "bf16":
        return np.left_shift(stored.astype(np.uint32), np.uint32(16)).view(np.float32).astype(np.float64)
    return stored.astype(VALUES[element])


def ulp(values, element):
    """The distance between neighbouring numbers of the type around these."""
    digits, least, _ = FLOATS[element]
    _, exponents = np.frexp(values)
    return np.ldexp(1.0, np.maximum(exponents, least) - digits)


def round_to(values, element):
    """Float64 to the nearest number of the type, ties to even."""
    values = np.asarray(values, np.float64)
    if element == "f64":
        return values
    finite = np.isfinite(values)
    unit = ulp(np.where(finite, values, 0), element)
    rounded = np.where(finite, np.rint(np.where(finite, values, 0) / unit) * unit, values)
    rounded = np.where(
        np.abs(rounded) >= 2.0 ** FLOATS[element][2], np.copysign(np.inf, rounded), rounded
    )
    return np.copysign(rounded, values)


def specials(element):
    """Values at the edges of the type."""
    if element in FLOATS:
        digits, least, beyond = FLOATS[element]
        greatest, tiny = (2.0 - 2.0 ** (1 - digits)) * 2.0 ** (beyond - 1), 2.0 ** (least - 1)
        return np.array(
            [0.0, -0.0, 1, -1, np.inf, -np.inf, np.nan, greatest, -greatest, tiny, -tiny]
        )
    if element in INTEGERS:
        limits = np.iinfo(INTEGERS[element])
        return np.array(
            [0, 1, limits.max, limits.min, limits.max - 1, limits.min + 1], INTEGERS[element]
        )
    return np.array([False, True])


def draw(rng, element, shape, low=-9.0, high=9.0, with_specials=False):
    """Random values; integers within the range, unless the specials are asked for: then any."""
    if element in FLOATS:
        values = round_to(rng.uniform(low, high, shape), element)
    elif element in INTEGERS:
        limits = np.iinfo(INTEGERS[element])
        low, high = (
            (limits.min, limits.max)
            if with_specials and rng.random() < 0.5
            else (int(low), int(high))
        )
        values = rng.integers(
            max(low, limits.min), min(high, limits.max), shape, INTEGERS[element], endpoint=True
        )
    else:
        values = rng.random(shape) < 0.5
    values = np.asarray(values, VALUES[element])
    if with_specials and values.size:
        mask = rng.random(shape) < 0.3
        values = np.where(mask, rng.choice(specials(element), shape), values)
    return values


def convert(values, source, target):
    """What nn.cast does."""
    if target == "i1":
        return values != 0
    if source in FLOATS and target in INTEGERS:
        limits = np.iinfo(INTEGERS[target])
        whole = np.trunc(np.nan_to_num(values, nan=0.0, posinf=np.inf, neginf=-np.inf))
        inside = (whole > limits.min) & (whole < float(limits.max))
        cut = np.where(inside, whole, 0).astype(INTEGERS[target])
        return np.where(
            inside, cut, np.where(whole > 0, limits.max, np.where(whole < 0, limits.min, 0))
        ).astype(INTEGERS[target])
    if target in FLOATS:
        return round_to(values.astype(np.float64), target)
    return values.astype(INTEGERS[target])


def differences(found, expected, element, bound):
    """Where `found` is further than `bound` from the expected values, which are not rounded yet. A bound of nothing
    asks for the same number, and of floats for the same sign of zero."""
    if element not in FLOATS:
        return found != expected
    rounded = round_to(expected, element)
    same = (found == rounded) | (np.isnan(found) & np.isnan(rounded))
    if np.isscalar(bound) and bound == 0:
        return ~same | ((np.signbit(found) != np.signbit(rounded)) & ~np.isnan(rounded))
    with np.errstate(invalid="ignore"):
        return ~(same | (np.abs(found - expected) <= bound))
