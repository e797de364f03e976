"""Random programs over the language's operations, each its number's."""
import random

import numpy as np


class Program:
    """A program made of steps that keep a value `x` of a known shape, whose first dimension is the batch."""

    ACTIVATIONS = ["relu", "leaky_relu", "leaky_relu(0.2)", "sigmoid", "softplus", "gelu", "silu", "tanh", "erf", "sin"]
    CHAINS = [
        "sqrt({x} ^ 2 + 0.5)", "rsqrt({x} ^ 2 + 1)", "exp(-{x} ^ 2)", "log1p(abs({x}))", "log({x} ^ 2 + 1.5)",
        "{x} / (1 + abs({x}))", "cos({x}) * {x}", "1.5 * {x} - 0.25", "maximum({x}, -0.37) - minimum({x}, 0.41)",
        "0.3 * {x} ^ 3", "(1 + {x} ^ 2) ^ 0.5", "-{x} / 3", "stop_gradient(cos({x})) * {x}",
    ]

    accumulate = 1  # batches to a step

    def __init__(self, number):
        self.random = random.Random(number)
        self.lines, self.names = [], 0
        self.shape = None
        self.value = "x"

    def let(self, expression, shape):
        self.names += 1
        self.value = f"x{self.names}"
        self.lines.append(f"let {self.value} = {expression}")
        self.shape = list(shape)

    def param(self, shape, initial="normal(0.3)"):
        self.names += 1
        name = f"p{self.names}"
        self.lines.append(f"param {name}: f32[{', '.join(map(str, shape))}] = {initial}")
        return name

    def width(self):
        return self.random.choice([1, 2, 3, 7, 8, 9, 15, 16, 17, 24, 31, 33, 40, 64, 65, 70, self.random.randint(1, 70)])

    def elements(self):
        return int(np.prod(self.shape))

    def dims(self, shape):
        return "[" + ", ".join(["batch"] + [str(n) for n in shape]) + "]"

    # --- The steps. Each returns whether it applies.
    def start(self):
        kind = self.random.randrange(5)
        if kind == 0:
            a, c = self.random.randrange(10), self.random.randrange(10)
            b, d = a + self.random.randint(1, 17), c + self.random.randint(1, 17)
            self.let(f"image[:, {a}..{b}, {c}..{d}] / 255", [b - a, d - c])
        elif kind == 1:
            self.let("image / 255 |> flatten", [784])
            self.dense()
        elif kind == 2:
            self.let(f"mean(image / 255, axis: {self.random.choice([1, 2])})", [28])
        elif kind == 3:
            row = self.random.randrange(28)
            self.let(f"(image as f32)[:, {row}] / 255", [28])
        else:
            self.let("sqrt(image / 255)", [28, 28])
            self.dense()

    def dense(self):
        n = self.width()
        bias = self.random.choice(["", "", ", bias: false"])
        self.let(f"{self.value} |> dense({n}{bias})", self.shape[:-1] + [n])
        return True

    def activation(self):
        self.let(f"{self.value} |> {self.random.choice(self.ACTIVATIONS)}", self.shape)
        return True

    def chain(self):
        self.let(self.random.choice(self.CHAINS).format(x=self.value), self.shape)
        return True

    def broadcast(self):
        shape = [1] + [n if self.random.random() < 0.6 else 1 for n in self.shape]
        if self.random.random() < 0.6: # a lower rank: the last sizes as they are
            shape = self.shape[self.random.randrange(len(self.shape)):]
        p = self.param(shape)
        self.let(self.random.choice([f"{self.value} * {p}", f"{self.value} + {p}", f"{p} - {self.value}",
                                     f"{self.value} / (1 + {p} ^ 2)", f"maximum({self.value}, {p})"]), self.shape)
        return True

    def normalise(self):
        axes = self.random.choice([[-1], [1], [0], list(range(1, len(self.shape) + 1)), [0, -1]])
        axes = axes[0] if len(axes) == 1 else axes
        x = self.value
        self.let(self.random.choice([f"{x} - mean({x}, axis: {axes}, keep: true)",
                                     f"{x} * rsqrt(mean({x} ^ 2, axis: {axes}, keep: true) + 0.1)",
                                     f"{x} / (1 + sum(abs({x}), axis: {axes}, keep: true))",
                                     f"{x} - 0.5 * max({x}, axis: {axes}, keep: true)",
                                     f"{x} + min({x}, axis: {axes}, keep: true)"]), self.shape)
        return True

    def reduce(self):
        if len(self.shape) < 2:
            return False
        axis = self.random.randrange(len(self.shape))
        op = self.random.choice(["mean", "max", "min", "sum"])
        rest = self.shape[:axis] + self.shape[axis + 1 :]
        scale = f" / {self.shape[axis]}" if op == "sum" else ""
        self.let(f"{op}({self.value}, axis: {axis + 1}){scale}", rest)
        return True

    def softmax(self):
        self.let(f"{self.value} |> {self.random.choice(['softmax', 'log_softmax'])}", self.shape)
        if self.random.random() < 0.5:
            self.let(f"tanh({self.value})", self.shape)
        return True

    def reshape(self):
        n = self.elements()
        factors = [f for f in range(1, n + 1) if n % f == 0]
        a = self.random.choice(factors)
        shape = [a, n // a]
        if self.random.random() < 0.3:
            b = self.random.choice([f for f in factors if shape[1] % f == 0])
            shape = [a, b, shape[1] // b]
        self.let(f"reshape({self.value}, {self.dims(shape)})", shape)
        return True

    def transpose(self):
        if len(self.shape) < 2:
            return False
        order = list(range(len(self.shape)))
        self.random.shuffle(order)
        axes = [0] + [i + 1 for i in order]
        self.let(f"transpose({self.value}, axes: {axes})", [self.shape[i] for i in order])
        return True

    def around_batch(self):
        if len(self.shape) != 1:
            return False
        self.let(f"transpose(tanh(transpose({self.value})) * 0.9)", self.shape)
        return True

    def concat(self):
        axis = self.random.randrange(len(self.shape))
        if self.elements() > 400:
            return False
        x = self.value
        other = self.random.choice([f"tanh({x})", f"0.5 * {x}", f"{x} ^ 2", x])
        shape = list(self.shape)
        shape[axis] *= 2
        self.let(f"concat({x}, {other}, axis: {axis + 1})", shape)
        return True

    def split(self):
        axis = self.random.randrange(len(self.shape))
        n = self.shape[axis]
        parts = next((p for p in (2, 3, 5, 7) if n % p == 0), None)
        if not parts or n == parts:
            return False
        self.names += 1
        names = [f"s{self.names}_{i}" for i in range(parts)]
        shape = list(self.shape)
        shape[axis] //= parts
        self.lines.append(f"let ({', '.join(names)}) = split({self.value}, {parts}, axis: {axis + 1})")
        self.let(" + ".join(n if i % 2 else f"{n} * {names[-1]}" for i, n in enumerate(names)), shape)
        return True

    def slice(self):
        axis = self.random.randrange(len(self.shape))
        n = self.shape[axis]
        a = self.random.randrange(n)
        b = self.random.randint(a + 1, n)
        shape = list(self.shape)
        shape[axis] = b - a
        self.let(f"{self.value}[{', '.join([':'] * (axis + 1) + [f'{a}..{b}'])}]", shape)
        return True

    def where(self):
        c = round(self.random.uniform(-0.6, 0.6), 3) + 0.00037
        x = self.value
        p = self.param(self.shape[-1:])
        self.let(self.random.choice([f"where({x} > {c}, {x}, 0.1 * {x} + {0.9 * c:.6f})",
                                     f"where({x} <= {p}, {x}, {p} + 0.5 * ({x} - {p}))",
                                     f"where({x} < {c} or {x} > {c + 1:.6f}, 0.5 * {x}, 0.3 * {x})",
                                     f"where(not ({x} >= {c}) and {p} != 0, sin({x}), cos({x}))",
                                     f"{x} * (({p} > 0) as f32) + 0.1 * {x}"]), self.shape)
        return True

    def mask(self):
        """A condition that is used twice, and so may live in memory."""
        c = round(self.random.uniform(-0.5, 0.5), 3) + 0.00037
        self.names += 1
        m, x = f"m{self.names}", self.value
        self.lines.append(f"let {m} = {x} > {c}")
        self.let(f"where({m}, {x}, 0.2 * {x}) - mean(where({m}, 0.1 * {x}, 0.3), axis: -1, keep: true)", self.shape)
        return True

    def matmul(self):
        x = self.value
        if len(self.shape) >= 2:
            m, k = self.shape[-2:]
            if m * m * k > 40000:
                return False
            if self.random.random() < 0.5:
                self.let(f"{x} @ transpose({x}) / {k}", self.shape[:-1] + [m])
            else:
                n = self.width()
                p = self.param([k, n], "glorot_uniform()")
                self.let(f"{x} @ {p}", self.shape[:-1] + [n])
            return True
        n, = self.shape
        if n * n > 1600:
            return False
        self.let(f"reshape({x}, [batch, {n}, 1]) @ reshape(tanh({x}), [batch, 1, {n}])", [n, n])
        return True

    def tied(self):
        k, n = self.shape[-1], self.random.randint(1, 20)
        p = self.param([k, n], "glorot_uniform()")
        self.let(f"tanh({self.value} @ {p}) @ transpose({p})", self.shape)
        return True

    def loop(self):
        if self.elements() > 400:
            return False
        n = self.shape[-1]
        x = self.value
        kind = self.random.randrange(3)
        if kind == 0:
            self.let(f"{x} |> repeat({self.random.randint(2, 3)}) block({n})", self.shape)
        else:
            self.let(x, self.shape)
            self.lines.append(f"for i in 0..{self.random.randint(1, 3)} {{ {self.value} = "
                              f"{self.value} |> {'dense(%d) |> ' % n if kind == 1 else ''}tanh }}")
        return True

    def indices(self):
        n = self.shape[-1]
        self.let(f"{self.value} * (1 - (iota({n}) as f32) / {2 * n}) + 0.1 * (one_hot(argmax({self.value}), {n}) as f32)",
                 self.shape)
        return True

    def recipe(self):
        data = self.random.choice(["cross_entropy(logits, label)", "cross_entropy(logits, label)",
                                   "mse(logits, one_hot(label, 10) as f32)",
                                   "binary_cross_entropy(logits, one_hot(label, 10) as f32)",
                                   "mae(logits, one_hot(label, 10) as f32)"])
        if self.random.random() < 0.3:
            data = f"fit   = {data}\n  loss      small = 1e-3 * mean(logits ^ 2)"
        rate = self.random.choice(["0.01", "0.002", "linear_warmup(peak: 0.01, warmup: 5)",
                                   "cosine(peak: 0.01, warmup: 3, total: 7)", "step_decay(start: 0.01, every: 3)"])
        rule = self.random.choice(["sgd(lr: {})", "sgd(lr: {}, momentum: 0.9)", "adam(lr: {}, eps: 1e-3)",
                                   "adamw(lr: {}, eps: 1e-3, decay: 0.05)"]).format(rate)
        self.batch = self.random.choice([1, 2, 3, 5, 7, 8, 13, 16, 17, 32, 33])
        return (f"train net {{\n  data      mnist(image, label)\n  loss      {data}\n"
                f"  metric    accuracy(logits, label)\n  optimizer {rule}\n  batch     {self.batch}\n  epochs    1\n}}\n")

    def source(self):
        steps = [self.dense, self.dense, self.activation, self.activation, self.chain, self.broadcast, self.normalise,
                 self.reduce, self.softmax, self.reshape, self.transpose, self.around_batch, self.concat, self.split,
                 self.slice, self.where, self.mask, self.matmul, self.tied, self.loop, self.indices]
        self.start()
        wanted = self.random.randint(4, 12)
        while wanted:
            wanted -= self.random.choice(steps)()
            if self.elements() > 1000:
                self.dense()
                if self.elements() > 1000:
                    self.let(f"reshape({self.value}, {self.dims([self.elements()])}) |> dense({self.width()})", [0])
                    self.shape = [int(self.lines[-1].split("dense(")[1][:-1])]
        self.let(f"tanh({self.value}) |> flatten", [self.elements()])
        body = "\n  ".join(self.lines)
        return (f"layer block(units: int)(x: f32[...s, n]) -> f32[...s, units] {{\n  x |> dense(units) |> tanh\n}}\n\n"
                f"model net(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] {{\n  {body}\n  {self.value} |> dense(10)\n}}\n\n"
                + self.recipe())
