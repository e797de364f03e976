"""Random programs of repeated layers, loops, states, draws, windows and indexes, with all that a recipe does between a
gradient and an update; each its number's."""
from random_programs import Program

LAYERS = {
    "residual": """layer residual(n: int)(x: f32[...s, n]) -> f32[...s, n] {
  x + 0.5 * (x |> layer_norm(eps: 0.01) |> dense(n) |> gelu)
}""",
    "gated": """layer gated(n: int)(x: f32[...s, n]) -> f32[...s, n] {
  let (a, b) = split(x |> dense(2 * n), 2)
  x * 0.5 + a * sigmoid(b)
}""",
    "bottleneck": """layer bottleneck(n: int)(x: f32[...s, n]) -> f32[...s, n] {
  x + (x |> dense(ceil_div(n, 2)) |> tanh |> dense(n, bias: false))
}""",
    "following": """layer following(n: int)(x: f32[...s, n]) -> f32[...s, n] {
  state centre: f32[n] = zeros()
  state passes: f32 = zeros()
  if training {
    centre = 0.8 * centre + 0.2 * mean(reshape(x, [size(s), n]), axis: 0)
    passes = passes + 1
  }
  tanh(x - centre) |> dense(n)
}""",
    "normed": """layer normed(n: int)(x: f32[...s, n]) -> f32[...s, n] {
  x |> dense(n) |> batch_norm(eps: 0.01) |> silu
}""",
    "dropped": """layer dropped(n: int)(x: f32[...s, n]) -> f32[...s, n] {
  x |> dense(n) |> softplus |> dropout(0.25)
}""",
    "looped": """layer looped(n: int)(x: f32[...s, n]) -> f32[...s, n] {
  let mix = dense(n)
  scan i in 0..3 {
    state h: f32[...s, n] = x
    h = 0.5 * h + tanh(mix(h) + 0.1 * (i as f32))
    h
  }
}""",
    "rnn": """layer rnn(units: int)(x: f32[batch, time, n]) -> f32[batch, time, units] {
  let mix = dense(units)
  scan xt in x over time {
    state h: f32[batch, units] = zeros()
    h = tanh(mix(concat(xt, h)))
    yield h
  }
}""",
    "step": "fn step_through(x: float[...s]) -> float[...s] = sign(x)\n  gradient(dy) = dy * (abs(x) <= 1)",
}


class DeepProgram(Program):
    """Programs of repeated layers; beside the value's shape, `layers` are the declarations that it needs."""

    REPEATED = ["residual", "gated", "bottleneck", "following", "normed", "dropped", "looped"]

    def __init__(self, number):
        super().__init__(number)
        self.layers = set()

    def layer(self, name):
        self.layers.add(name)
        return name

    def some(self, *choices):
        return self.random.choice(choices)

    # --- Bringing a value to a rank.
    def cut_to(self, most, *axes):
        """Keeps at most so many of some dimensions, from somewhere on."""
        ranges, shape = [":"] * (len(self.shape) + 1), list(self.shape)
        for axis in axes:
            n = shape[axis]
            if n > most:
                shape[axis] = self.random.randint(1, most)
                at = self.random.randint(0, n - shape[axis])
                ranges[axis + 1] = f"{at}..{at + shape[axis]}"
        if shape != self.shape:
            self.let(f"{self.value}[{', '.join(ranges)}]", shape)

    def factors(self, n, count):
        """`count` factors of n, of which all may be 1."""
        found = []
        for _ in range(count - 1):
            found.append(self.random.choice([f for f in range(1, n + 1) if n % f == 0]))
            n //= found[-1]
        return found + [n]

    def with_rank(self, rank):
        if len(self.shape) == rank:
            return
        if len(self.shape) == rank - 1 and self.random.random() < 0.5:
            self.let(f"{self.value}[..., new]", self.shape + [1])
            return
        shape = self.factors(self.elements(), rank)
        self.random.shuffle(shape)
        self.let(f"reshape({self.value}, {self.dims(shape)})", shape)

    def rows(self, most=9, widest=40):
        """As [time, n]."""
        self.with_rank(2)
        self.cut_to(most, 0)
        self.cut_to(widest, 1)

    def picture(self, most=11, channels=6):
        """As [height, width, channels]."""
        self.with_rank(3)
        self.cut_to(most, 0, 1)
        self.cut_to(channels, 2)

    # --- The steps.
    def repeated(self):
        if self.elements() > 300 or self.shape[-1] > 40:
            return False
        name = self.layer(self.random.choice(self.REPEATED))
        self.let(f"{self.value} |> repeat({self.random.randint(2, 4)}) {name}({self.shape[-1]})", self.shape)
        return True

    def recurrent(self):
        self.rows()
        units = self.some(1, 2, 3, 5, 7, 8, 9, 13)
        name = self.some("lstm", "gru", "rnn")
        if name == "rnn":
            self.layer(name)
        times = self.some("", "", "repeat(2) ")
        self.let(f"{self.value} |> {times}{name}({units})", [self.shape[0], units])
        return True

    def running(self):
        """Sums along a dimension: a state, and a value for each pass or the last one's."""
        self.rows(most=7)
        t, n = self.shape
        a = self.names = self.names + 1
        keep, last = self.some("0.7 * h + x{a}", "tanh(h) * 0.5 + x{a} * u{a}", "maximum(h, x{a})", "h * cos(x{a}) + u{a}"), self.random.random() < 0.4
        first = self.some("zeros()", "ones()", f"{self.value}[:, 0]")
        self.lines.append(f"let v{a}: f32[batch, t{a}, n{a}] = {self.value}")
        self.lines.append(f"let w{a}: f32[batch, t{a}, n{a}] = tanh(v{a})")
        self.let(f"scan (x{a}, u{a}) in (v{a}, w{a}) over t{a} {{\n    state h: f32[batch, n{a}] = {first}\n    h = " + keep.format(a=a)
                 + ("" if "u{a}" in keep else f" + 0.1 * u{a}") + f"\n    {'' if last else 'yield '}h\n  }}", [n] if last else [t, n])
        return True

    def nested(self):
        """A loop in a loop, the inner one with a product."""
        self.rows(most=5, widest=17)
        n = self.shape[1]
        a = self.names = self.names + 1
        p = self.param([n, n], "glorot_uniform()")
        self.lines.append(f"let v{a}: f32[batch, t{a}, n{a}] = {self.value}")
        self.let(f"scan x{a} in v{a} over t{a} {{\n    state h: f32[batch, n{a}] = zeros()\n    let inner = scan i in 0..{self.random.randint(1, 3)} {{\n"
                 f"      state g: f32[batch, n{a}] = x{a}\n      g = tanh(g @ {p} + 0.2 * h)\n      g\n    }}\n    h = 0.5 * h + inner\n    yield h\n  }}",
                 self.shape)
        return True

    def attend(self):
        self.rows(most=9, widest=24)
        width = self.shape[1]
        heads = self.random.choice([h for h in (1, 2, 3, 5, 7) if width % h == 0])
        times = self.some("", "repeat(2) ")
        self.let(f"{self.value} |> {times}attention({heads}{self.some('', ', causal: true')})", self.shape)
        return True

    def norm(self):
        if self.shape[-1] > 64:
            return False
        self.let(f"{self.value} |> {self.some('batch_norm(eps: 0.01)', 'layer_norm(eps: 0.01)', 'batch_norm(momentum: 0.5, eps: 0.1)')}", self.shape)
        return True

    def draw(self):
        x = self.value
        if self.random.random() < 0.4:
            self.let(f"{x} |> dropout({self.some(0.1, 0.5)})", self.shape)
            return True
        a = self.names = self.names + 1
        shape = self.some(self.shape, self.shape, self.shape[-1:])
        of = self.dims(shape) if len(shape) == len(self.shape) else f"[{shape[0]}]"
        self.lines.append(f"let d{a}: f32{of} = {self.some('normal(0.2)', 'uniform(-0.3, 0.4)')}")
        self.let(self.some(f"{x} + d{a}", f"{x} * (1 + d{a})", f"where(d{a} > 0.1, {x}, 0.5 * {x})"), self.shape)
        return True

    def gather(self):
        """Rows of a table, by numbers that the data or the values give; elements of rows; places along a dimension."""
        x, kind = self.value, self.random.randrange(4)
        if kind == 0 and len(self.shape) == 1:
            count = self.some(1, 2, 5, 7, 11)
            table = self.param([count, self.shape[0]])
            self.let(f"{x} + {table}[(image[:, {self.random.randrange(4, 24)}, {self.random.randrange(4, 24)}] as i32) % {count}]", self.shape)
        elif kind == 1 and self.elements() < 300:
            n = self.random.randint(1, 20)
            table = self.param([self.shape[-1], n])
            self.let(f"{table}[argmax({x}, axis: -1)] * max({x}, axis: -1, keep: true)", self.shape[:-1] + [n])
        elif kind == 2 and len(self.shape) > 1:
            self.let(f"pick({x}, argmax(cos({x}), axis: -1))", self.shape[:-1])
        elif kind == 3 and self.elements() < 300:
            places = [self.random.randrange(self.shape[0]) for _ in range(self.random.randint(2, 5))]
            self.let(f"stack({', '.join(f'{x}[:, {i}]' for i in places)}, axis: 1)", [len(places)] + self.shape[1:])
        else:
            return False
        return True

    def product(self):
        """Einstein sums, some with the batch in both operands."""
        x = self.value
        if self.elements() > 300:
            return False
        k = self.shape[-1]
        n = self.width() % 20 + 1
        if len(self.shape) == 1:
            m = self.random.randint(1, 6)
            self.let(f'einsum("b i, i j k -> b j k", {x}, {self.param([k, m, n], "normal(0.2)")})', [m, n])
        elif len(self.shape) == 2:
            t = self.shape[0]
            kind = self.random.randrange(6)
            if kind == 0 and t <= 30:
                self.let(f'einsum("b i k, b j k -> b i j", {x}, tanh({x})) / {k}', [t, t])
            elif kind == 1 and k <= 30:
                self.let(f'einsum("b k i, b k j -> b j i", {x}, cos({x})) / {t}', [k, k])
            elif kind == 2:
                self.let(f'einsum("b i k, i k j -> b i j", {x}, {self.param([t, k, n], "normal(0.2)")})', [t, n])
            elif kind == 3:
                self.let(f'einsum("b i k, i -> b k", {x}, {self.param([t])})', [k])
            elif kind == 4:
                self.let(f'einsum("b i k, b i -> b k", {x}, mean({x}, axis: -1))', [k])
            else:
                self.let(f'einsum("b i k, i k j -> b j", {x}, {self.param([t, k, n], "normal(0.2)")})', [n])
        elif len(self.shape) == 3:
            h, t, _ = self.shape
            if h * t * t <= 400 and self.random.random() < 0.5:
                self.let(f'einsum("b h i k, b h j k -> b h i j", {x}, sin({x})) / {k}', [h, t, t])
            else:
                self.let(f'einsum("b h i k, h k j -> b i h j", {x}, {self.param([h, k, n], "normal(0.2)")})', [t, h, n])
        else:
            return False
        return True

    def reduce_several(self):
        if len(self.shape) < 2:
            return False
        axes = sorted(self.random.sample(range(len(self.shape)), self.random.randint(2, len(self.shape))))
        rest = [n for i, n in enumerate(self.shape) if i not in axes]
        x, list_ = self.value, [a + 1 for a in axes]
        op = self.some("mean", "max", "min", "std", "var", "sum")
        what = f"sqrt(var({x}, axis: {list_}, keep: true) + 0.1)" if op == "std" else f"{op}({x}, axis: {list_}, keep: true)"
        if rest and op in ("mean", "max", "min") and self.random.random() < 0.5:
            self.let(f"{op}({x}, axis: {list_})", rest)
        else:
            self.let(f"{x} {self.some('-', '+')} 0.1 * {what}", self.shape)
        return True

    def windows(self):
        """Neighbourhoods of one dimension: a convolution or a reduction over them."""
        self.rows(most=17, widest=20)
        t, c = self.shape
        size, stride, dilation = self.some(1, 2, 3, 4), self.some(1, 1, 2, 3), self.some(1, 1, 2)
        low, high = self.some((0, 0), (0, 0), (1, 0), (1, 2), (size - 1, 0))
        out = (t + low + high - dilation * (size - 1) - 1) // stride + 1
        if out < 1 or t + low + high < dilation * (size - 1) + 1:
            return False
        seen = f"windows({self.value}, size: [{size}], stride: {stride}, dilation: {dilation}, padding: [[{low}, {high}]])"
        kind = self.random.randrange(3)
        if kind == 0:
            n = self.random.randint(1, 17)
            self.let(f'einsum("b r i c, i c k -> b r k", {seen}, {self.param([size, c, n], "normal(0.3)")})', [out, n])
        elif kind == 1:
            self.let(f"{self.some('max', 'min', 'mean', 'sum')}({seen}, axis: 2)", [out, c])
        else:
            self.let(f'einsum("b r i c, i c -> b r c", {seen}, {self.param([size, c])})', [out, c])
        return True

    def convolve(self):
        self.picture()
        h, w, c = self.shape
        if self.random.random() < 0.4:
            self.let(f"{self.value} |> repeat({self.random.randint(2, 3)}) conv2d({c}, {self.some(1, 3)}, padding: \"same\") |> {self.some('relu', 'tanh')}", self.shape)
            return True
        kernel, stride, dilation = self.some(1, 2, 3), self.some(1, 1, 2), self.some(1, 1, 2)
        reach = dilation * (kernel - 1) + 1
        if min(h, w) < reach:
            return False
        n = self.some(1, 2, 3, 5, 7, 8)
        options = (f", stride: {stride}" if stride > 1 else "") + (f", dilation: {dilation}" if dilation > 1 else "") + self.some("", ", bias: false")
        self.let(f"{self.value} |> conv2d({n}, {kernel}{options}) |> {self.some('relu', 'silu', 'tanh')}",
                 [(h - reach) // stride + 1, (w - reach) // stride + 1, n])
        return True

    def pool(self):
        self.picture()
        h, w, c = self.shape
        size = self.some(2, 3)
        if min(h, w) < size:
            return False
        stride = self.some(size, 1, 2)
        self.let(f"{self.some('max_pool', 'avg_pool')}({self.value}, {size}, stride: {stride})", [(h - size) // stride + 1, (w - size) // stride + 1, c])
        return True

    def slope(self):
        """A gradient as a value, which is differentiated again."""
        if self.elements() > 200:
            return False
        a, x = self.names + 1, self.value
        p = self.param(self.shape[-1:])
        self.lines.append(f"let u{a} = {self.some('softplus', 'sin', 'tanh')}({x} * {p}) * {x}")
        self.let(f"gradient(u{a}, wrt: {x})", self.shape)
        return True

    def own_gradient(self):
        self.layer("step")
        self.let(f"step_through({self.value}) * 0.3 + {self.value}", self.shape)
        return True

    def choose(self):
        """One of two values, by a number that only a run knows."""
        x = self.value
        self.let(f"if mean(image / 255) > {self.random.uniform(0.1, 0.16):.5f} {{ tanh({x}) }} else {{ 0.5 * {x} }}", self.shape)
        return True

    def recipe(self):
        rate = self.some("0.01", "0.002", "linear_warmup(peak: 0.01, warmup: 5)", "0.01 * minimum(step / 3, 1)", "0.004 * 0.9 ^ step")
        rules = ["sgd(lr: {})", "sgd(lr: {}, momentum: 0.9)", "sgd(lr: {}, momentum: 0.9, nesterov: true)", "adam(lr: {}, eps: 1e-3)",
                 "adamw(lr: {}, eps: 1e-3, decay: 0.05)", "rmsprop(lr: {}, eps: 1e-2)", "adagrad(lr: {}, eps: 1e-2)"]
        lines = [f"loss      {self.some('fit   = ', '')}" + self.some("cross_entropy(logits, label)", "mse(logits, one_hot(label, 10) as f32)",
                                                                   "cross_entropy(logits, label, smoothing: 0.1)", "huber(logits, one_hot(label, 10) as f32, delta: 0.3)")]
        if "fit" in lines[0]:
            lines.append("loss      small = 1e-3 * mean(logits ^ 2)")
        if self.random.random() < 0.4:
            lines.append(f'optimizer {self.random.choice(rules).format(rate)} for "*.b"')
        lines.append(f"optimizer {self.random.choice(rules).format(rate)}")
        if self.random.random() < 0.4:
            lines.append(self.some("clip      norm: 0.5", "clip      norm: 0.1", "clip      value: 0.02", "clip      norm: 1.0 / step"))
        self.accumulate = self.some(1, 1, 1, 2, 3)
        if self.accumulate > 1:
            lines.append(f"accumulate {self.accumulate}")
        if self.random.random() < 0.3:
            lines.append("ema       0.8")
        self.batch = self.some(1, 2, 3, 5, 7, 8, 13, 16, 17, 32, 33)
        lines += ["metric    accuracy(logits, label)", f"batch     {self.batch}", "epochs    1"]
        return "train net {\n  data      mnist(image, label)\n  " + "\n  ".join(lines) + "\n}\n"

    def source(self):
        own = [self.repeated, self.repeated, self.recurrent, self.running, self.nested, self.attend, self.norm, self.draw, self.gather, self.product,
               self.product, self.reduce_several, self.windows, self.convolve, self.pool, self.slope, self.own_gradient, self.choose]
        plain = [self.dense, self.activation, self.chain, self.broadcast, self.normalise, self.reduce, self.softmax, self.reshape, self.transpose,
                 self.concat, self.split, self.where, self.mask]
        self.start()
        self.smaller()
        self.repeated()
        wanted = self.random.randint(2, 6)
        while wanted:
            wanted -= self.random.choice(own if self.random.random() < 0.65 else plain)()
            self.smaller()
        self.let(f"tanh({self.value}) |> flatten", [self.elements()])
        body = "\n  ".join(self.lines)
        model = f"model net(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] {{\n  {body}\n  {self.value} |> dense(10)\n}}\n"
        return "\n\n".join([LAYERS[name] for name in sorted(self.layers)] + [model, self.recipe()])

    def smaller(self):
        if self.elements() > 400:
            self.dense()
            if self.elements() > 400:
                self.let(f"reshape({self.value}, {self.dims([self.elements()])}) |> dense({min(self.width(), 40)})", [0])
                self.shape = [int(self.lines[-1].split("dense(")[1][:-1])]
