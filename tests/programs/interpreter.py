"""A small interpreter of `.nn` programs in NumPy float64, to hold compiled ones against.

It shares nothing with the compiler: it reads the text by itself, and spells the library's layers, losses and rules out
again. It knows what tests/programs needs: one model with one recipe, `let`, `param`, `for`, and layers with one body.
"""
import math
import re

import numpy as np

import autodiff as ad
import reference

TOKEN = re.compile(r"\s*(?:(//[^\n]*)|([0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)|([A-Za-z_]\w*)|(\|>|\|\||&&|\.\.\.|\.\.|->|[=!<>]=|\S))")


def tokenize(text):
    tokens, at = [], 0
    while at < len(text.rstrip()):
        match = TOKEN.match(text, at)
        at = match.end()
        comment, number, name, other = match.groups()
        if number:
            tokens.append(("number", int(number) if number.isdigit() else float(number)))
        elif name or other:
            tokens.append(("name", name) if name else (other, other))
    return tokens + [("end", "end")]


class Parser:
    """Makes trees of tuples: ("call", function, places, named), ("binary", op, a, b), ..."""

    LEVELS = [["|>"], ["||"], ["&&"], [*ad.COMPARISONS], ["+", "-"], ["*", "/", "%", "@"]]

    def __init__(self, text):
        self.tokens, self.at = tokenize(text), 0

    def peek(self, *kinds):
        kind, text = self.tokens[self.at]
        return kind in kinds or (kind == "name" and text in kinds)

    def take(self, *kinds):
        if not self.peek(*kinds):
            raise SyntaxError(f"expected {kinds}, found {self.tokens[self.at : self.at + 5]}")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def accept(self, *kinds):
        return self.take(*kinds) if self.peek(*kinds) else None

    def several(self, close, item):
        items = []
        while not self.accept(close):
            items.append(item())
            self.accept(",")
        return items

    # --- Expressions, from the loosest to the tightest.
    def expression(self, level=0):
        if level == len(self.LEVELS):
            return self.unary()
        left = self.expression(level + 1)
        while self.peek(*self.LEVELS[level]):
            op = self.take(*self.LEVELS[level])
            left = self.pipe(left) if op == "|>" else ("binary", op, left, self.expression(level + 1))
        return left

    def pipe(self, left):
        if self.accept("repeat"):
            self.take("(")
            count = self.expression()
            self.take(")")
            return ("repeat", left, count, self.postfix())
        right = self.expression(1)
        kind, function, places, named = right if right[0] == "call" else ("call", right, [], {})
        return (kind, function, [left, *places], named)

    def unary(self):
        if op := self.accept("-", "!"):
            return ("unary", op, self.unary())
        base = self.converted()
        return ("binary", "^", base, self.unary()) if self.accept("^") else base

    def converted(self):
        x = self.postfix()
        while self.accept("as"):
            x = ("as", x, self.take("name"))
        return x

    def postfix(self):
        x = self.primary()
        while True:
            if self.accept("("):
                arguments = self.several(")", self.argument)
                x = ("call", x, [e for n, e in arguments if n is None], {n: e for n, e in arguments if n})
            elif self.accept("["):
                x = ("index", x, self.several("]", self.place))
            else:
                return x

    def argument(self):
        name = self.tokens[self.at][1] if self.peek("name") and self.tokens[self.at + 1][0] == ":" else None
        if name:
            self.at += 2
        return name, self.expression()

    def place(self):
        if self.accept(":"):
            return (None, None)
        first = self.expression()
        return (first, self.expression()) if self.accept("..") else first

    def primary(self):
        if self.peek("number"):
            return ("number", self.take("number"))
        if self.accept("true", "false"):
            return ("number", self.tokens[self.at - 1][1] == "true")
        if self.accept("["):
            return ("list", self.several("]", self.expression))
        if self.accept("("):
            items = self.several(")", self.expression)
            return items[0] if len(items) == 1 else ("list", items)
        return ("name", self.take("name"))

    # --- Statements: ("let", names, expression), ("param", name, shape), ("for", name, first, end, block), expressions.
    def block(self):
        self.take("{")
        return self.several("}", self.statement)

    def statement(self):
        if self.accept("let"):
            names = self.several(")", lambda: self.take("name")) if self.accept("(") else self.take("name")
            self.take("=")
            return ("let", names, self.expression())
        if self.accept("param"):
            name = self.take("name")
            self.take(":"), self.take("name")
            shape = self.several("]", self.expression) if self.accept("[") else []
            self.take("="), self.expression()
            return ("param", name, shape)
        if self.accept("for"):
            name = self.take("name")
            self.take("in")
            first = self.expression()
            self.take("..")
            return ("for", name, first, self.expression(), self.block())
        if self.peek("name") and self.tokens[self.at + 1][0] == "=":
            name = self.take("name")
            self.take("=")
            return ("let", name, self.expression())
        return self.expression()

    def skip_to(self, token):
        while not self.accept(token):
            self.at += 1

    def program(self):
        """{"layers": {name: ([compile-time parameters], input, block)}, "input": ..., "body": ..., "recipe": {key: tree}}"""
        found = {"layers": {}}
        while not self.accept("end"):
            kind = self.take("layer", "model", "train")
            name = self.take("name")
            if kind == "train":
                found["recipe"] = self.recipe()
                continue
            self.take("(")
            parameters = [self.take("name")]
            self.skip_to(")")
            if kind == "layer":
                self.take("(")
                x = self.take("name")
                self.skip_to("->"), self.skip_to("]")
                found["layers"][name] = (parameters, x, self.block())
            else:
                self.skip_to("->"), self.skip_to("]")
                found["input"], found["body"] = parameters[0], self.block()
        return found

    def recipe(self):
        """The loss as a list of trees, and the optimizer as one."""
        found = {"loss": []}
        self.take("{")
        while not self.accept("}"):
            key = self.take("name")
            while True:
                if self.tokens[self.at + 1][0] == "=":
                    self.at += 2
                tree = self.expression()
                found[key] = found[key] + [tree] if key == "loss" else tree
                if self.tokens[self.at + 1][0] != "=":
                    break
        return found


def softmax(x):
    e = ad.exp(ad.sub(x, ad.stop_gradient(ad.largest(x, -1, True))))
    return ad.div(e, ad.total(e, -1, True))


def log_softmax(x):
    shifted = ad.sub(x, ad.stop_gradient(ad.largest(x, -1, True)))
    return ad.sub(shifted, ad.log(ad.total(ad.exp(shifted), -1, True)))


def sigmoid(x):
    return ad.mul(0.5, ad.add(1.0, ad.tanh(ad.mul(0.5, x))))


def softplus(x):
    return ad.add(ad.maximum(x, 0.0), ad.log1p(ad.exp(ad.neg(ad.absolute(x)))))


FUNCTIONS = {
    "exp": ad.exp, "log": ad.log, "log1p": ad.log1p, "sqrt": ad.sqrt, "rsqrt": ad.rsqrt, "tanh": ad.tanh, "sin": ad.sin,
    "cos": ad.cos, "erf": ad.erf, "abs": ad.absolute, "floor": ad.floor, "sign": ad.sign, "maximum": ad.maximum,
    "minimum": ad.minimum, "where": ad.where, "stop_gradient": ad.stop_gradient, "sum": ad.total, "mean": ad.mean,
    "max": ad.largest, "min": ad.smallest, "argmax": ad.argmax, "transpose": ad.transpose, "reshape": ad.reshape,
    "pick": ad.pick,
    "concat": lambda a, b, axis=-1: ad.concat([a, b], axis),
    "split": lambda x, n, axis=-1: [ad.index(x, np.s_[(slice(None),) * (axis % x.array.ndim) + (slice(i, i + x.shape[axis] // n),)])
                                    for i in range(0, x.shape[axis], x.shape[axis] // n)],
    "iota": lambda n: ad.Value(np.arange(n)),
    "one_hot": lambda i, n: ad.Value(ad.value(i).array[..., None] == np.arange(n)),
    "relu": lambda x: ad.maximum(x, 0.0),
    "leaky_relu": lambda x, slope=0.01: ad.where(ad.compare[">"](x, 0.0), x, ad.mul(slope, x)),
    "sigmoid": sigmoid, "softplus": softplus, "softmax": softmax, "log_softmax": log_softmax,
    "gelu": lambda x: ad.mul(ad.mul(x, 0.5), ad.add(1.0, ad.erf(ad.div(x, math.sqrt(2))))),
    "silu": lambda x: ad.mul(x, sigmoid(x)),
    "flatten": lambda x: ad.reshape(x, (x.shape[0], -1)),
    "cross_entropy": lambda x, label: ad.neg(ad.mean(ad.pick(log_softmax(x), label))),
    "binary_cross_entropy": lambda x, y: ad.mean(
        ad.add(ad.sub(ad.maximum(x, 0.0), ad.mul(x, y)), ad.log1p(ad.exp(ad.neg(ad.absolute(x)))))),
    "mse": lambda x, y: ad.mean(ad.power(ad.sub(x, y), 2.0)),
    "mae": lambda x, y: ad.mean(ad.absolute(ad.sub(x, y))),
    # Rules and schedules: functions of the step, which counts from 1.
    "sgd": reference.Sgd, "adam": reference.Adam, "adamw": reference.AdamW,
    "linear_warmup": lambda peak, warmup: lambda step: peak * min(step / warmup, 1),
    "cosine": lambda peak, warmup, total: lambda step: peak * step / warmup if step < warmup else
    peak * 0.5 * (1 + math.cos(math.pi * (min(step, total) - warmup) / (total - warmup))),
    "step_decay": lambda start, every, factor=0.1: lambda step: start * factor ** ((step - 1) // every),
}

OPERATORS = {"+": ad.add, "-": ad.sub, "*": ad.mul, "/": ad.div, "^": ad.power, "@": ad.matmul, "&&": ad.logical_and,
             "||": ad.logical_or, **ad.compare}


class Run:
    """One evaluation. The model's own parameters are found by name; those of layers are taken in the order in which the
    program comes to them, which is that of the compiled one's list."""

    def __init__(self, program, parameters=None):
        self.program = program
        self.own = {name: p for name, p in (parameters or {}).items() if "." not in name}
        self.rest = iter([p for name, p in (parameters or {}).items() if "." in name])

    def parameter(self, shape, name=None):
        p = self.own[name] if name else next(self.rest)
        assert p.shape == tuple(shape), (p.shape, shape)
        return p

    def dense(self, x, units, bias=True):
        y = ad.matmul(x, self.parameter([x.shape[-1], units]))
        return ad.add(y, self.parameter([units])) if bias else y

    def call(self, function, arguments, named):
        if function == "dense":
            return self.dense(*arguments, **named)
        if function in self.program["layers"]:
            parameters, x, block = self.program["layers"][function]
            return self.block(block, {x: arguments[0], **dict(zip(parameters, arguments[1:])), **named})
        return FUNCTIONS[function](*arguments, **named)

    def evaluate(self, tree, names):
        kind, *rest = tree
        ev = lambda t: self.evaluate(t, names)
        if kind == "number":
            return rest[0]
        if kind == "name":
            return names[rest[0]]
        if kind == "list":
            return [ev(t) for t in rest[0]]
        if kind == "unary":
            op, x = rest[0], ev(rest[1])
            if op == "!":
                return ad.logical_not(x)
            return ad.neg(x) if isinstance(x, ad.Value) else -x
        if kind == "binary":
            op, a, b = rest[0], ev(rest[1]), ev(rest[2])
            if isinstance(a, ad.Value) or isinstance(b, ad.Value):
                return OPERATORS[op](a, b)
            return {"+": a + b, "-": a - b, "*": a * b}[op]
        if kind == "as":
            return ad.as_float(ev(rest[0]))
        if kind == "index":
            return ad.index(ev(rest[0]), tuple(
                slice(*(t if t is None else ev(t) for t in p)) if len(p) == 2 and not isinstance(p[0], str) else ev(p)
                for p in rest[1]))
        if kind == "repeat":
            x, count, (_, function, places, named) = ev(rest[0]), ev(rest[1]), rest[2]
            for _ in range(count):
                x = self.call(function[1], [x, *map(ev, places)], {k: ev(t) for k, t in named.items()})
            return x
        function, places, named = rest
        return self.call(function[1], [ev(t) for t in places], {k: ev(t) for k, t in named.items()})

    def block(self, block, names):
        names, result = dict(names), None
        for statement in block:
            result = self.statement(statement, names)
        return result

    def statement(self, statement, names):
        if statement[0] == "let":
            _, target, tree = statement
            found = self.evaluate(tree, names)
            names.update({target: found} if isinstance(target, str) else zip(target, found))
            return None
        if statement[0] == "param":
            _, name, shape = statement
            names[name] = self.parameter([self.evaluate(t, names) for t in shape], name)
            return None
        if statement[0] == "for":
            _, name, first, end, block = statement
            for i in range(self.evaluate(first, names), self.evaluate(end, names)):
                names[name] = i
                for inner in block:
                    self.statement(inner, names)
            return None
        return self.evaluate(statement, names)


class Model:
    """A program's model and recipe, with its parameters: {name: array}, as its executable lists them.

    Computes in float64; every tensor that an operation makes goes through `disturb`.
    """

    def __init__(self, source, parameters, disturb=lambda array: array):
        self.disturb = disturb
        self.program = Parser(source).program()
        self.parameters = {name: p.astype(float) for name, p in parameters.items()}

    def gradients(self, images, labels):
        """The loss, and the gradient of each parameter."""
        ad.Value.disturb = staticmethod(self.disturb)
        parameters = {name: ad.Value(p, tracked=True) for name, p in self.parameters.items()}
        run = Run(self.program, parameters)
        logits = run.block(self.program["body"], {"batch": len(images), self.program["input"]: ad.Value(images)})
        names = {"logits": logits, "label": ad.Value(labels)}
        loss = ad.Value(0.0)
        for tree in self.program["recipe"]["loss"]:
            loss = ad.add(loss, run.evaluate(tree, names))
        return float(loss.array), dict(zip(parameters, ad.gradients(loss, parameters.values())))

    def train(self, batches):
        """The loss of each step, before its update."""
        rule = Run(self.program).evaluate(self.program["recipe"]["optimizer"], {})
        curve = []
        for step, (images, labels) in enumerate(batches, 1):
            loss, gradients = self.gradients(images, labels)
            curve.append(loss)
            self.parameters = {name: rule(name, p, gradients[name], step) for name, p in self.parameters.items()}
        return np.array(curve)
