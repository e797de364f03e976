"""Random programs of the library, each its number's: data, a model from the catalogue's steps, and a recipe that fits both."""
import math
import os
import random

import numpy as np

import random_catalogue_layers  # noqa: F401, adds its steps
import random_catalogue_own  # noqa: F401, adds its steps
from random_catalogue import CATALOGUE, INITIALISERS, MATRIX_INITIALISERS
from random_recipes import TARGETS, recipe

SIZES = [1, 1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17]


class LibraryProgram:
    """`source()` is the program, `write_data` makes its files, `inputs` are the arguments of its `predict`."""

    column_name = "x"  # what the data set calls it
    scattered = False  # whether the test part is other rows than those of `inputs`
    only = ()  # the names of the catalogue's steps that may be taken, where not all

    def __init__(self, number):
        self.random = random.Random(number)
        self.number = number
        self.LARGEST = self.some(200, 300, 300, 700)  # elements of a value of one example
        self.lines, self.names, self.shape, self.value = [], 0, [], "x"
        self.declared = {}  # functions and layers of its own, by name
        self.draws = False  # whether evaluation does
        self.element = self.some("f32", "f32", "f32", "f64", "f16", "bf16")
        self.examples, self.tests = self.random.randint(9, 37), self.random.randint(3, 9)
        self.kind = self.some("image", "image", "image", "sequence", "sequence", "sequence", "vector", "token", "table")
        self.symbolic = self.kind in ("image", "sequence", "token") and self.random.random() < 0.2
        self.input_shape = {"image": [self.some(*SIZES[:9]), self.some(*SIZES[:9]), self.some(1, 2, 3, 4, 8)], "sequence": [self.some(*SIZES), self.some(*SIZES)],
                            "vector": [self.width()], "token": [self.some(*SIZES)], "table": [self.random.randint(1, 6)]}[self.kind]
        self.store = "f32"
        if self.kind == "image":
            self.store = self.some("f32", "u8")
        elif self.kind in ("sequence", "vector"):
            self.store = self.some("f32", "f32", "f16", "f64") if self.element != "f64" else "f64"
        self.vocabulary = self.random.randint(2, 9)

    # --- What the catalogue's steps use.
    def some(self, *choices):
        return self.random.choice(choices)

    def let(self, expression, shape):
        self.names += 1
        self.value = f"x{self.names}"
        self.lines.append(f"let {self.value} = {expression}")
        self.shape = list(shape)
        return True

    def param(self, shape):
        self.names += 1
        initial = self.some(*INITIALISERS, *([i + "()" for i in MATRIX_INITIALISERS] if len(shape) > 1 else []))
        self.lines.append(f"param p{self.names}: {self.element}[{', '.join(map(str, shape))}] = {initial}")
        return f"p{self.names}"

    def typed(self, shape):
        return f"{self.element}[{', '.join(map(str, ['batch', *shape]))}]"

    def declare(self, name, text):
        self.declared[name] = text
        return name

    def initialiser(self):
        return f", init: {self.some(*MATRIX_INITIALISERS)}" if self.random.random() < 0.3 else ""

    def width(self):
        return self.some(1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17, 31, 33, 64, 65)

    def elements(self):
        return math.prod(self.shape)

    def divisor(self, n):
        return self.some(*(f for f in range(1, n + 1) if n % f == 0))

    def axis(self):
        """(which dimension of the example, how it may be written)"""
        at = self.random.randrange(len(self.shape))
        return at, self.some(at + 1, at - len(self.shape))

    def resized(self, at, n):
        return self.shape[:at] + [n] + self.shape[at + 1 :]

    def settings(self, **named):
        return "".join(f", {name}: {n}" for name, n in named.items() if n != 1 or self.random.random() < 0.1)

    def padding(self, n, reach, stride, dimensions):
        """(as written, (before, after)) of dimensions, of which one has size n; no window lies in the padding alone."""
        kind = self.some("valid", "valid", "same", "same", "number", "list")
        if kind == "same":
            total = max((-(-n // stride) - 1) * stride + reach - n, 0)
            return ', padding: "same"', (total // 2, total - total // 2)
        if kind == "valid":
            return self.some("", "", ', padding: "valid"'), (0, 0)
        low = self.random.randint(0, reach - 1)
        high = low if kind == "number" else self.random.randint(0, reach - 1)
        shown = str(low) if kind == "number" else "[" + ", ".join([f"[{low}, {high}]"] * dimensions) + "]"
        return f", padding: {shown}", (low, high)

    # --- The program.
    def dims(self):
        names = {"image": ["h", "w"], "sequence": ["time"], "token": ["time"]}[self.kind] if self.symbolic else []
        return names + [str(n) for n in self.input_shape[len(names) :]]

    def start(self):
        x = "x"
        if self.kind == "token":
            width = self.width()
            if self.symbolic or self.random.random() < 0.6:
                self.let(f"x |> embedding({width})", [*self.input_shape, width])
            else:
                self.let(f"{self.param([self.vocabulary, width])}[x]", [*self.input_shape, width])
            x = self.value
        shape = self.shape if self.kind == "token" else self.input_shape
        if self.store == "u8":
            x = "x / 255"
        self.let(x if self.element == self.store == "f32" else f"({x}) as {self.element}", shape)

    def finish(self, target):
        """The head."""
        shape = target.shape(self)
        if len(shape) == 2: # an output for each time, [time, classes]
            self.let(f"{self.value} |> dense({shape[1]})", self.shape[:-1] + shape[1:])
        elif self.symbolic or self.random.random() < 0.3:
            if len(self.shape) > 1:
                self.let(f"{self.some('global_avg_pool', 'global_max_pool')}({self.value})", self.shape[-1:])
            self.let(f"{self.value} |> dense({math.prod(shape)})", [math.prod(shape)])
        else:
            self.let(f"{self.value} |> flatten |> dense({math.prod(shape)})", [math.prod(shape)])
        if not shape:
            self.let(f"{self.value} |> squeeze", [])
        self.out = self.element if self.element == "f64" or self.random.random() < 0.4 else "f32"
        if self.out != self.element:
            self.let(f"{self.value} as {self.out}", self.shape)

    def grow(self, wanted, time=None):
        """So many steps of the catalogue, each from the last one's value; where `time` is given, a value for each of these stays."""
        steps, used = [s for s in CATALOGUE if (s.any_size or not self.symbolic) and (not self.only or s.name in self.only)], set()
        while wanted:
            fits = [s for s in steps if len(self.shape) in s.ranks]
            found = self.random.choices(fits, [s.weight * (0.2 if s.name in used else 1) for s in fits])[0]
            before = len(self.lines)
            if found.function(self):
                used.add(found.name)
                wanted -= 1
            else:
                del self.lines[before:]
            if self.elements() > self.LARGEST // 2 and not self.symbolic:
                self.let(f"{self.value} |> flatten |> dense(12) |> tanh", [12])
            if time and (len(self.shape) != 2 or self.shape[0] != time):
                # Back to a value for each time.
                self.let(f"{self.value} |> flatten |> dense({time * 3})", [0])
                self.let(f"reshape({self.value}, [batch, {time}, 3])", [time, 3])

    def body(self, target):
        self.start()
        self.grow(self.some(1, 1, 2, 2, 3, 4), self.input_shape[0] if target.keeps_time else None)
        if self.random.random() < 0.6:
            self.let(f"tanh({self.value})", self.shape)
        self.finish(target)

    def source(self):
        target = self.target = self.some(*(t for t in self.targets() if t.fits(self)))
        self.classes = self.random.randint(2, 6)
        self.length = self.random.randint(1, 3)
        target.prepare(self)
        self.body(target)
        columns = {"x": f"{self.column_name}: {self.column()}[{', '.join(map(str, self.input_shape))}]", **target.columns(self)}
        head = f"data made({', '.join(columns.values())}) {{\n" + self.readers(columns) + "}\n\n"
        models = self.net(target) + self.others(target)
        return head + "".join(text + "\n\n" for text in self.declared.values()) + models + self.recipe(target, columns)

    def targets(self):
        return TARGETS

    def taken(self, columns):
        """The columns that the recipe takes."""
        return [name if name != "x" or self.column_name == "x" else f"x: {self.column_name}" for name in columns]

    def more_metrics(self):
        return []

    def column(self):
        """The element type of x."""
        return f"index({self.vocabulary})" if self.kind == "token" else {"u8": "u8", "f64": "f64"}.get(self.store, "f32")

    def net(self, target):
        out = ", ".join(["batch"] + (([self.dims()[0]] if target.keeps_time else []) + [str(n) for n in target.shape(self)[target.keeps_time :]]))
        return (f"model net(x: {self.column()}[batch, {', '.join(self.dims())}]) -> out: {self.out}[{out}] {{\n  " + "\n  ".join(self.lines)
                + f"\n  {self.value}\n}}\n\n")

    def others(self, target):
        """Models beside it."""
        return ""

    def recipe(self, target, columns):
        return recipe(self, target, columns)

    def readers(self, columns):
        if self.kind != "table":
            parts = {part: ", ".join(f'{name}: "{part}.{name}.npy"' for name in columns) for part in ("train", "test")}
            return "".join(f"  {part} npy({files})\n" for part, files in parts.items())
        last = self.input_shape[0] - 1
        lines = [f'  {part} csv("{part}.csv", missing: "NA")' for part in ("train", "test")]
        lines += [f'  let raw = numbers("c0", to: "c{last}")', "  x = fill(raw, median(raw, axis: 0))" + self.some("", " |> standardize")]
        return "\n".join(lines) + "\n" + "".join(f"  {name} = {text}\n" for name, text in self.target.prepared(self).items())

    # --- Its data.
    def write_data(self, folder):
        os.makedirs(folder, exist_ok=True)
        rng = np.random.default_rng(self.number)
        for part, count in (("train", self.examples), ("test", self.tests)):
            if self.kind == "token":
                x = rng.integers(0, self.vocabulary, [count, *self.input_shape])
                x = x.astype(self.random.choice([np.int32, np.int64, np.uint8]))
            elif self.store == "u8":
                x = rng.integers(0, 256, [count, *self.input_shape]).astype(np.uint8)
            else:
                x = rng.normal(0, 1, [count, *self.input_shape]).astype({"f16": np.float16, "f64": np.float64}.get(self.store, np.float32))
            targets = self.target.make(self, rng, count, x)
            if self.kind == "table":
                self.write_table(os.path.join(folder, f"{part}.csv"), x, targets, rng)
                continue
            for name, array in {"x": x, **targets}.items():
                np.save(os.path.join(folder, f"{part}.{name}.npy"), array)

    def write_table(self, path, x, targets, rng):
        names = [f"c{i}" for i in range(x.shape[1])] + list(targets)
        with open(path, "w", encoding="utf-8") as file:
            file.write(",".join(names) + "\n")
            for i, row in enumerate(x):
                cells = ["NA" if i > 2 and rng.random() < 0.1 else f"{v:.4f}" for v in row]
                file.write(",".join(cells + [self.target.cell(array[i]) for array in targets.values()]) + "\n")

    def inputs(self, folder):
        return [os.path.join(folder, "test.csv")] if self.kind == "table" else [f"x={os.path.join(folder, 'test.x.npy')}"]
