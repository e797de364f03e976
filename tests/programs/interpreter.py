"""Evaluates the nn dialect in NumPy float64, to hold compiled programs against: the text that `nnc build --emit mlir
--stage nn` prints. It shares nothing with the compiler behind that stage, and differentiates by a tape of its own.

One line per operation; test_op_values.py holds each against op_reference.py.
"""
import math
import os

import numpy as np

import autodiff as ad
from element_types import FLOATS, VALUES, convert
from mlir_text import DYNAMIC, array_of, functions, parse
from op_cases import clamped, divide
from op_cases import floor_mod as floor_mod_of
from op_reference import random_numbers
from support import BIN, NNC, run, tmp


class Context:
    """An operation and what surrounds it: how its attributes, sizes and bodies are read."""

    def __init__(self, op, values, evaluate):
        self.op, self.values, self.evaluate = op, values, evaluate
        self.element = op.types[0].element if op.types else None

    def __getitem__(self, name):
        return self.op.attributes[name]

    def get(self, name, default=None):
        return self.op.attributes.get(name, default)

    def sizes(self, operands):
        """`static_sizes`, the dynamic ones among them taken from the operands in order."""
        rest = iter(x for x in operands if isinstance(x, int))
        return [next(rest) if n == DYNAMIC else n for n in self["static_sizes"]]

    def groups(self, operands):
        """The operands by their segments."""
        at, found = 0, []
        for count in self["operandSegmentSizes"]:
            found.append(list(operands[at : at + count]))
            at += count
        return found

    def body(self, number, operands):
        return self.evaluate(self.op.regions[number][0], operands, self.values)


def cast(c, x):
    if c.element in FLOATS:
        return x if x.array.dtype.kind == "f" else ad.as_float(x)
    source = "f64" if x.array.dtype.kind == "f" else None
    return ad.Value(convert(x.array, source, c.element))


def broadcast(c, x, *dynamic):
    sizes = c.sizes(dynamic)
    shape = [1] * len(sizes)
    for dimension, size in zip(c["dimensions"], x.shape):
        shape[dimension] = size
    return ad.broadcast(ad.reshape(x, shape), sizes)


def slice_window(c, x, *dynamic):
    window = tuple(slice(o, o + n * s, s) if n else slice(0, 0)
                   for o, n, s in zip(c["offsets"], c.sizes(dynamic), c["strides"]))
    return ad.move(x, ad.places_of(x.shape)[window])


def pad(c, x, *dynamic):
    places = np.full(c.sizes(dynamic), -1)
    interior = c.get("interior") or [0] * places.ndim
    window = tuple(slice(low, low + (n - 1) * (i + 1) + 1 if n else low, i + 1)
                   for low, n, i in zip(c["low"], x.shape, interior))
    places[window] = ad.places_of(x.shape)
    return ad.move(x, places)


def gather(c, table, indices):
    axis = c.get("axis", 0)
    return ad.move(table, np.take(ad.places_of(table.shape), clamped(indices.array, table.shape[axis]), axis))


def scatter_add(c, updates, indices, into):
    axis = c.get("axis", 0)
    places = np.take(ad.places_of(into.shape), clamped(indices.array, into.shape[axis]), axis)
    sums = ad.spread(updates, places, into.shape)
    return ad.add(into, sums if into.array.dtype.kind == "f" else ad.Value(sums.array.astype(into.array.dtype)))


def along(shape, indices, axis):
    """The numbers of the elements that indices pick along an axis."""
    chosen = np.expand_dims(clamped(indices.array, shape[axis]), axis)
    return np.take_along_axis(ad.places_of(shape), chosen, axis).squeeze(axis)


def put_along(c, updates, indices, *dynamic):
    shape = tuple(c.sizes(dynamic))
    return ad.spread(updates, along(shape, indices, c["axis"]), shape)


def window_places(c, spatial):
    """[out..., size...]: for every window the number of its elements among the spatial places; -1 outside."""
    places = np.pad(ad.places_of(spatial), list(zip(c["low"], c["high"])), constant_values=-1)
    axes = range(len(spatial))
    starts = [range(0, places.shape[a] - c["dilation"][a] * (c["size"][a] - 1), c["stride"][a]) for a in axes]
    outs = [np.asarray(s).reshape([-1 if i == a else 1 for i in range(2 * len(spatial))]) for a, s in enumerate(starts)]
    inner = [(np.arange(c["size"][a]) * c["dilation"][a]).reshape(
        [-1 if i == len(spatial) + a else 1 for i in range(2 * len(spatial))]) for a in axes]
    return places[tuple(o + i for o, i in zip(outs, inner))]


def whole_windows(c, shape):
    """The same for [batch, spatial..., channels]."""
    batch, channels = shape[0], shape[-1]
    places = window_places(c, shape[1:-1])
    count = math.prod(shape[1:-1])
    every = (np.arange(batch).reshape([-1] + [1] * (places.ndim + 1)) * count + places[None, ..., None]) * channels
    every = every + np.arange(channels)
    return np.where(np.broadcast_to(places[None, ..., None] < 0, every.shape), -1, every)


def windows(c, x, *_):
    return ad.move(x, whole_windows(c, x.shape), c.get("fill", 0.0))


def windows_sum(c, x, *dynamic):
    shape = tuple(c.sizes(dynamic))
    return ad.spread(x, whole_windows(c, shape), shape)


def random(c, *operands):
    groups = c.groups(operands)
    scalars = [int(group[0].array) if group else 0 for group in groups[:-1]]
    return ad.Value(random_numbers(c.element, c["distribution"], c["site"], *scalars, tuple(c.sizes(groups[-1]))))


def scan(c, *operands):
    slices, carried, captures, count, dims = c.groups(operands)
    passes = count[0] if count else c["static_sizes"][0]
    stacked = []
    order = range(passes)
    for i in reversed(order) if c.get("reverse") else order:
        taken = [ad.move(x, np.take(ad.places_of(x.shape), i, axis)) for x, axis in zip(slices, c["slice_axes"])]
        results = c.body(0, [ad.Value(np.int64(i)), *taken, *carried, *captures, *dims])
        carried = results[: len(carried)]
        stacked.append(results[len(carried) :])
    if c.get("reverse"):
        stacked.reverse()
    axes = c["stack_axes"]
    found = list(carried)
    for k, (axis, of) in enumerate(zip(axes, c.op.types[len(carried) :])):
        if stacked:
            parts = [row[k] for row in stacked]
            found.append(ad.concat([ad.reshape(p, (*p.shape[:axis], 1, *p.shape[axis:])) for p in parts], axis))
        else:
            found.append(ad.Value(np.zeros([max(n, 0) for n in of.shape])))
    return found


def gradient(c, *operands):
    wrt, captures, dims = c.groups(operands)
    aliases = [ad.Value(x.array, [(x, lambda g: g)], tracked=True) for x in wrt]
    (u,) = c.body(0, [*aliases, *captures, *dims])
    return ad.gradients(u, aliases)


def with_gradient(c, *operands):
    inputs, captures, dims = c.groups(operands)
    plain = [ad.Value(x.array) if isinstance(x, ad.Value) else x for x in (*inputs, *captures)]
    forward = c.body(0, [*plain, *dims])
    floats = [x for x in inputs if x.array.dtype.kind == "f"]
    return ad.with_gradient(floats, [y.array for y in forward],
                            lambda dys: c.body(1, [*inputs, *captures, *dys, *dims]))


def unary(function):
    return lambda c, x: function(x)


def binary(function):
    return lambda c, a, b: function(a, b)


integer_div = ad.plain(divide)
PREDICATES = {"eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal}


def of_kind(floats, integers):
    return lambda c, a, b: (floats if a.array.dtype.kind == "f" else integers)(a, b)


def logical(function):
    return lambda c, *xs: ad.plain(function)(*xs)


OPS = {
    "abs": unary(ad.absolute),
    "add": binary(ad.add),
    "and": logical(np.logical_and),
    "argmax": lambda c, x: ad.Value(np.argmax(x.array, c["axis"]).astype(VALUES[c.element])),
    "broadcast": broadcast,
    "cast": cast,
    "compare": lambda c, a, b: ad.plain(PREDICATES[c["predicate"]])(a, b),
    "concat": lambda c, *xs: ad.concat(xs, c["axis"]),
    "constant": lambda c: ad.Value(array_of(c["value"])),
    "contract": lambda c, a, b: ad.contract(c["equation"], a, b),
    "cos": unary(ad.cos),
    "div": of_kind(ad.div, integer_div),
    "erf": unary(ad.erf),
    "exp": unary(ad.exp),
    "expm1": unary(ad.expm1),
    "floor": unary(ad.floor),
    "floor_mod": of_kind(ad.remainder, ad.plain(floor_mod_of)),
    "from_index": lambda c, n: ad.Value(np.asarray(np.int64(n)).astype(VALUES[c.element])),
    "gather": gather,
    "gradient": gradient,
    "iota": lambda c, *dynamic: ad.Value(np.indices(c.sizes(dynamic), sparse=False)[c["axis"]].astype(VALUES[c.element])),
    "log": unary(ad.log),
    "log1p": unary(ad.log1p),
    "log_sigmoid": unary(ad.log_sigmoid),
    "maximum": binary(ad.maximum),
    "minimum": binary(ad.minimum),
    "mul": binary(ad.mul),
    "neg": unary(ad.neg),
    "normal_cdf": unary(ad.normal_cdf),
    "normal_pdf": unary(ad.normal_pdf),
    "not": logical(np.logical_not),
    "or": logical(np.logical_or),
    "pad": pad,
    "pow": binary(ad.power),
    "put_along": put_along,
    "random": random,
    "reduce_max": lambda c, x: ad.extremum(lambda a, **k: np.max(a, initial=least(a), **k))(x, c["axes"]),
    "reduce_mean": lambda c, x: ad.div(ad.total(x, c["axes"]), float(math.prod(x.shape[axis] for axis in c["axes"]))),
    "reduce_min": lambda c, x: ad.extremum(lambda a, **k: np.min(a, initial=greatest(a), **k))(x, c["axes"]),
    "reduce_sum": lambda c, x: ad.total(x, c["axes"]),
    "reshape": lambda c, x, *dynamic: ad.reshape(x, c.sizes(dynamic)),
    "rsqrt": unary(ad.rsqrt),
    "scan": scan,
    "scatter_add": scatter_add,
    "select": lambda c, condition, a, b: ad.where(condition, a, b),
    "sigmoid": unary(ad.sigmoid),
    "sign": unary(ad.sign),
    "sin": unary(ad.sin),
    "slice": slice_window,
    "softplus": unary(ad.softplus),
    "sqrt": unary(ad.sqrt),
    "stop_gradient": unary(ad.stop_gradient),
    "sub": binary(ad.sub),
    "take_along": lambda c, x, indices: ad.move(x, along(x.shape, indices, c["axis"])),
    "tanh": unary(ad.tanh),
    "transpose": lambda c, x: ad.transpose(x, c["permutation"]),
    "windows": windows,
    "windows_sum": windows_sum,
    "with_gradient": with_gradient,
}


# Of sizes, which are Python's integers.
SIZES = {
    "addi": lambda _, a, b: a + b,
    "ceildivsi": lambda _, a, b: -(-a // b),
    "constant": lambda op: op.attributes["value"],
    "divsi": lambda _, a, b: a // b,
    "divui": lambda _, a, b: a // b,
    "floordivsi": lambda _, a, b: a // b,
    "maxsi": lambda _, a, b: max(a, b),
    "minsi": lambda _, a, b: min(a, b),
    "muli": lambda _, a, b: a * b,
    "remsi": lambda _, a, b: a % b,
    "subi": lambda _, a, b: a - b,
}


def least(array):
    return -np.inf if array.dtype.kind == "f" else np.iinfo(array.dtype).min


def greatest(array):
    return np.inf if array.dtype.kind == "f" else np.iinfo(array.dtype).max


def evaluate_block(block, arguments, outer=()):
    """What the block's terminator gives. `outer` are the values around it; isolated operations see none of them."""
    values = dict(outer)
    values.update(zip(block.arguments, arguments))
    for op in block.operations:
        operands = [values[name] for name in op.operands]
        if op.name in ("func.return", "nn.yield"):
            return operands
        if op.name.startswith("arith."):
            found = SIZES[op.name.removeprefix("arith.")](op, *operands)
        else:
            found = OPS[op.name.removeprefix("nn.")](Context(op, {}, evaluate_block), *operands)
        values.update(zip(op.results, found if isinstance(found, list) else [found]))
    raise AssertionError("a block without a terminator")


def generic(path, output):
    """Any MLIR file in the generic form."""
    outcome = run(os.path.join(BIN, "nn-opt"), "--mlir-print-op-generic", path, "-o", output)
    assert outcome.status == 0, outcome.err
    with open(output, encoding="utf-8") as file:
        return file.read()


class Model:
    """A program's model and recipe, with its parameters: {name: array}, as its executable lists them.

    Computes in float64; every tensor that an operation makes goes through `disturb`. What a function takes is known by
    its arguments' `train.bind`. Of several blocks the first is computed.
    """

    def __init__(self, source, parameters, disturb=lambda array: array):
        self.disturb = disturb
        self.module = module_of(source)
        self.functions = functions(self.module)
        self.ops = {}
        for op in self.module.walk():
            self.ops.setdefault(op.name.removeprefix("train."), []).append(op)
        names = self.names("parameter")
        assert set(names) == set(parameters), set(names) ^ set(parameters)
        self.parameters = {name: parameters[name].astype(float) for name in names}
        self.block = (self.ops.get("block") or [None])[0]
        settings = self.ops["recipe"][0].attributes["settings"] if "recipe" in self.ops else {}
        self.numbers = [number["value"] for number in settings.get("numbers", [])]
        self.steps = settings.get("steps", 0)
        self.accumulate = settings.get("accumulate", 1)
        self.average = settings.get("average", 0.0)  # 0: the recipe has no `ema`
        self.averages = dict(self.parameters)
        self.layer_states = {name: self.initial(op) for name, op in zip(self.names("state"), self.ops.get("state", []))}
        self.states = {name: self.initial(op) for name, op in zip(self.names("optimizer_state"), self.ops.get("optimizer_state", []))}

    def names(self, kind):
        return [op.attributes["name"] for op in self.ops.get(kind, [])]

    def initial(self, op):
        return self.call(op.attributes["init"])[0].array

    def call(self, name, dims=(), step=1, draw=None, **bound):
        """A function's results; `bound` has lists of values by kind of binding."""
        op = self.functions[name]
        block = op.regions[0][0]
        scalars = {"step": step, "steps": self.steps, "seed": 0, "draw": step if draw is None else draw, "example": 0}
        bound = {"dim": list(dims), "number": self.numbers, "parameter": list(self.parameters.values()), **bound}
        operands = []
        for attributes, type in zip(op.attributes.get("arg_attrs", []), block.types):
            _, kind, index = attributes["train.bind"]
            x = scalars[kind] if kind in scalars else bound[kind][int(index)]
            if type.shape is not None and not isinstance(x, ad.Value):
                x = ad.Value(np.asarray(x).astype(VALUES[type.element]))
            operands.append(x)
        return evaluate_block(block, operands)

    def gradients(self, *fields, step=1, draw=None):
        """The loss, and the gradient of each parameter; renews the states of layers. Fields are arrays of a batch, and
        `draw` is its number, which is the step's where a step takes one batch."""
        ad.Value.disturb = staticmethod(self.disturb)
        parameters = [ad.Value(p, tracked=True) for p in self.parameters.values()]
        found = self.call(self.block.attributes["objective"], self.dims(fields), step, draw, field=fields, parameter=parameters,
                          state=list(self.layer_states.values()))
        count = len(found) - len(self.layer_states)
        self.layer_states = dict(zip(self.layer_states, (y.array for y in found[count:])))
        loss = found[0]
        for another in found[1:count]:
            loss = ad.add(loss, another)
        return float(loss.array), dict(zip(self.parameters, (g.array for g in ad.gradients(loss, parameters))))

    def predict(self, *inputs):
        """The outputs for the first examples, by the averages where there are some."""
        ad.Value.disturb = staticmethod(self.disturb)
        found = self.call(self.ops["model"][0].attributes["predict"], self.dims(inputs, "input"), draw=0, input=inputs,
                          parameter=list(self.averages.values()), state=list(self.layer_states.values()))
        return [y.array for y in found]

    def dims(self, fields, kind="field"):
        """The batch, and what else fields settle, or inputs."""
        model = self.ops["model"][0]
        sizes = dict.fromkeys(model.attributes["dims"], 0)
        for op, field in zip(self.ops.get(kind, []), fields):
            open_sizes = [n for n, size in zip(np.shape(field), op.attributes["type"].shape) if size < 0]
            sizes.update(zip(op.attributes.get("dims", []), open_sizes))
        return list(sizes.values())

    def clip(self, gradients, step):
        kind = self.block.attributes.get("clip")
        if kind is None:
            return gradients
        limit = float(self.call(self.block.attributes["limit"], step=step)[0].array)
        if CLIPS[kind] == "value":
            return {name: np.clip(g, -limit, limit) for name, g in gradients.items()}
        norm = math.sqrt(sum((g**2).sum() for g in gradients.values()))
        return {name: g * min(1.0, limit / norm) if norm else g for name, g in gradients.items()}

    def update(self, gradients, step):
        """One step of the recipe's rules, from the parameters and `states`."""
        gradients = self.clip(gradients, step)
        bound = {"gradient": list(gradients.values()), "optimizer": list(self.states.values())}
        new = {}
        for op in self.ops["update"]:
            results = self.call(op.attributes["rule"], step=step, **bound)
            own = [state.attributes["name"] for state in op.walk() if state.name == "train.optimizer_state"]
            new[op.attributes["parameter"]] = results[0].array
            self.states.update({name: y.array for name, y in zip(own, results[1:])})
        self.parameters.update(new)

    def step(self, batches, step):
        """One step of the recipe on its batches, as many as it accumulates: their mean loss, before the update."""
        means, loss = {}, 0.0
        for number, fields in enumerate(batches):
            found, gradients = self.gradients(*fields, step=step, draw=(step - 1) * self.accumulate + number + 1)
            loss += found / self.accumulate
            means = {name: means.get(name, 0.0) + g / self.accumulate for name, g in gradients.items()}
        self.update(means, step)
        self.averages = {name: self.average * x + (1 - self.average) * self.parameters[name] for name, x in self.averages.items()}
        return loss

    # What a checkpoint adds to a name: a parameter's own value beside its average, a state of the optimizer.
    RAW, OPTIMIZER = "raw/", "optimizer/"

    def tensors(self):
        """{name: array} of what a checkpoint holds."""
        if not self.average:
            saved = dict(self.parameters)
        else:
            saved = {**self.averages, **{self.RAW + name: x for name, x in self.parameters.items()}}
        return {**saved, **self.layer_states, **{self.OPTIMIZER + name: x for name, x in self.states.items()}}

    def resume(self, tensors):
        """Goes on from a checkpoint's tensors, or from weights alone."""
        self.averages = {name: tensors[name].astype(float) for name in self.parameters}
        self.parameters = {name: tensors.get(self.RAW + name, x).astype(float) for name, x in self.averages.items()}
        self.layer_states = {name: tensors.get(name, x).astype(x.dtype) for name, x in self.layer_states.items()}
        self.states = {name: tensors.get(self.OPTIMIZER + name, x).astype(x.dtype) for name, x in self.states.items()}

    def train(self, batches):
        """The loss of each step, before its update."""
        curve = []
        for step, fields in enumerate(batches, 1):
            loss, gradients = self.gradients(*fields, step=step)
            curve.append(loss)
            self.update(gradients, step)
        return np.array(curve)


CLIPS = {0: "norm", 1: "value"}


_modules = {}


def module_of(source):
    """The parsed module of a program's text, as `--stage nn` has it."""
    if source not in _modules:
        with open(tmp("interpreted.nn"), "w", encoding="utf-8") as file:
            file.write(source)
        outcome = run(NNC, "build", tmp("interpreted.nn"), "--emit", "mlir", "--stage", "nn", "-o", tmp("interpreted.mlir"))
        assert outcome.status == 0, outcome.err
        _modules[source] = parse(generic(tmp("interpreted.mlir"), tmp("generic.mlir")))
    return _modules[source]
