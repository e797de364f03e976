"""Reads MLIR's generic form, as `nn-opt --mlir-print-op-generic` prints it: one syntax for every operation."""
import dataclasses
import re
import struct

import numpy as np

DYNAMIC = -(2**63)

TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>"(?:[^"\\]|\\.)*")
    | (?P<value>%[\w$.-]+(?:[#:]\d+)?)
    | (?P<symbol>@(?:[\w$.-]+|"(?:[^"\\]|\\.)*")(?:::@(?:[\w$.-]+|"(?:[^"\\]|\\.)*"))*)
    | (?P<block>\^\w+)
    | (?P<tensor>(?:tensor|vector|memref)<[^<>]*>)
    | (?P<number>-?(?:0x[0-9A-Fa-f]+|\d+(?:\.\d*)?(?:[eE][-+]?\d+)?))
    | (?P<hash>\#[\w.]+)
    | (?P<word>[A-Za-z_][\w$.]*)
    | (?P<other>->|::|<\{|\}>|\S)
    )""",
    re.X,
)


@dataclasses.dataclass
class Type:
    """`element` of a tensor or the whole of another type; sizes below 0 are symbolic, and no tensor has none."""

    element: str
    shape: tuple = None


@dataclasses.dataclass
class Dense:
    values: object  # a number, nested lists of them, or bytes
    type: Type


@dataclasses.dataclass
class Block:
    arguments: list  # names
    types: list
    operations: list


@dataclasses.dataclass
class Operation:
    name: str
    operands: list  # names
    results: list  # names
    types: list  # of the results
    attributes: dict
    regions: list

    def walk(self):
        yield self
        for region in self.regions:
            for block in region:
                for operation in block.operations:
                    yield from operation.walk()


def tensor_type(text):
    body = text[text.index("<") + 1 : -1].split(",")[0].strip()
    *sizes, element = body.split("x") if not body.startswith("x") else [body]
    return Type(element, tuple(-1 if size == "?" else int(size) for size in sizes))


class Parser:
    def __init__(self, text):
        self.tokens = []
        for match in TOKEN.finditer(text):
            if match.lastgroup == "other" and match["other"] == "/":
                raise SyntaxError("comments are not expected here")
            self.tokens.append((match.lastgroup, match[match.lastgroup]))
        self.tokens.append(("end", ""))
        self.at = 0

    def peek(self, text):
        return self.tokens[self.at][1] == text and self.tokens[self.at][0] != "string"

    def kind(self):
        return self.tokens[self.at][0]

    def accept(self, text):
        if self.peek(text):
            self.at += 1
            return True
        return False

    def take(self, text):
        if not self.accept(text):
            near = " ".join(token for _, token in self.tokens[max(0, self.at - 5) : self.at + 5])
            raise SyntaxError(f"expected {text!r} in '{near}'")

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1][1]

    def several(self, close, item):
        items = []
        while not self.accept(close):
            items.append(item())
            if not self.accept(","):
                self.take(close)
                break
        return items

    @staticmethod
    def unquoted(text):
        if not text.startswith('"'):
            return text
        raw = re.sub(rb"\\([0-9A-Fa-f]{2}|.)", lambda m: bytes([int(m[1], 16)]) if len(m[1]) == 2 else m[1],
                     text[1:-1].encode())
        return raw.decode("utf-8", "surrogateescape")

    # --- Types
    def type(self):
        kind = self.kind()
        if kind == "tensor":
            return tensor_type(self.next())
        if self.accept("("):
            operands = self.several(")", self.type)
            self.take("->")
            return Type("function", (operands, self.types()))
        word = self.next()
        if self.peek("<"):
            self.skip("<", ">")
        if kind == "other" and word == "!":
            return self.type()
        return Type(word)

    def types(self):
        return self.several(")", self.type) if self.accept("(") else [self.type()]

    def skip(self, opening, closing):
        depth = 0
        while True:
            token = self.next()
            depth += (token == opening) - (token == closing)
            if not depth:
                return

    # --- Attributes
    def dictionary(self, close):
        return dict(self.several(close, self.entry))

    def entry(self):
        name = self.unquoted(self.next())
        return name, self.attribute() if self.accept("=") else True

    def typed(self, value):
        if self.accept(":"):
            self.type()
        return value

    def number(self):
        text = self.next()
        return int(text, 0) if re.fullmatch(r"-?(0x[0-9A-Fa-f]+|\d+)", text) else float(text)

    def attribute(self):
        kind, text = self.tokens[self.at]
        if kind == "string":
            return self.typed(self.unquoted(self.next()))
        if kind == "number":
            is_bits = text.startswith("0x")
            value = self.number()
            if not self.accept(":"):
                return value
            element = self.type().element
            return float_of_bits(value, element) if is_bits and element in BITS else value
        if kind == "symbol":
            return [self.unquoted(part[1:]) for part in self.next().split("::")][-1]
        if kind == "tensor":
            return self.type()
        if self.accept("["):
            return self.several("]", self.attribute)
        if self.accept("{"):
            return self.dictionary("}")
        if kind == "hash":
            name = self.next()
            words = []
            if self.peek("<"):
                start = self.at + 1
                self.skip("<", ">")
                words = [token for _, token in self.tokens[start : self.at - 1] if token != ","]
            return (name, *words)
        if text == "array":
            self.at += 1
            self.take("<")
            self.type()
            return self.several(">", self.element) if self.accept(":") else self.several(">", self.element)
        if text == "dense":
            return self.dense()
        if text in ("true", "false"):
            self.at += 1
            return self.typed(text == "true")
        if text == "unit":
            self.at += 1
            return True
        return self.type()

    def element(self):
        if self.accept("["):
            return self.several("]", self.element)
        if self.kind() == "number":
            is_bits = self.tokens[self.at][1].startswith("0x")
            value = self.number()
            return ("bits", value) if is_bits else value
        if self.kind() == "string":
            return bytes.fromhex(self.unquoted(self.next())[2:])
        return {"true": True, "false": False}[self.next()]

    def dense(self):
        self.take("dense")
        self.take("<")
        values = [] if self.peek(">") else self.element()
        self.take(">")
        self.take(":")
        return Dense(values, self.type())

    # --- Operations
    def operation(self):
        results = []
        if self.kind() == "value":
            results = [self.next()]
            while self.accept(","):
                results.append(self.next())
            self.take("=")
            if len(results) == 1 and ":" in results[0]:
                name, count = results[0].split(":")
                results = [f"{name}#{i}" for i in range(int(count))]
        name = self.unquoted(self.next())
        self.take("(")
        operands = self.several(")", self.next)
        attributes, regions = {}, []
        if self.accept("<{"):
            attributes.update(self.dictionary("}>"))
        if self.accept("("):
            regions = self.several(")", self.region)
        if self.accept("{"):
            attributes.update(self.dictionary("}"))
        self.take(":")
        signature = self.type()
        return Operation(name, operands, results, signature.shape[1], attributes, regions)

    def region(self):
        self.take("{")
        blocks = []
        while not self.accept("}"):
            arguments = []
            if self.kind() == "block":
                self.next()
                if self.accept("("):
                    arguments = self.several(")", self.argument)
                self.take(":")
            block = Block([name for name, _ in arguments], [type for _, type in arguments], [])
            while self.kind() in ("value", "string"):
                block.operations.append(self.operation())
            blocks.append(block)
        return blocks

    def argument(self):
        name = self.next()
        self.take(":")
        return name, self.type()


BITS = {"f64": ("<Q", "<d"), "f32": ("<I", "<f"), "f16": ("<H", "<e")}


def float_of_bits(bits, element):
    if element == "bf16":
        return struct.unpack("<f", struct.pack("<I", bits << 16))[0]
    whole, real = BITS[element]
    return struct.unpack(real, struct.pack(whole, bits))[0]


NUMPY = {"f64": np.float64, "f32": np.float32, "f16": np.float16, "i64": np.int64, "i32": np.int32, "ui8": np.uint8,
         "i1": np.bool_}


def array_of(dense):
    """The values of `dense<...> : tensor<...>`: floats in float64, others in their own type."""
    element, shape = dense.type.element, dense.type.shape
    is_float = element in BITS or element == "bf16"
    if isinstance(dense.values, bytes):
        raw = dense.values
        stored = np.frombuffer(raw, np.uint16 if element == "bf16" else NUMPY[element])
        if element == "bf16":
            stored = np.left_shift(stored.astype(np.uint32), np.uint32(16)).view(np.float32)
        array = stored.astype(np.float64) if is_float else stored
        return np.broadcast_to(array.reshape(shape if array.size != 1 else ()), shape)

    def value(x):
        if isinstance(x, list):
            return [value(each) for each in x]
        return float_of_bits(x[1], element) if isinstance(x, tuple) else x

    array = np.asarray(value(dense.values), np.float64 if is_float else NUMPY[element])
    return np.broadcast_to(array.reshape(shape) if array.size == int(np.prod(shape)) else array, shape)


def parse(text):
    """The module of a printed form."""
    parser = Parser(text)
    module = parser.operation()
    assert parser.kind() == "end", parser.tokens[parser.at : parser.at + 5]
    return module


def functions(module):
    """{name: func.func}, without declarations."""
    return {op.attributes["sym_name"]: op for op in module.walk() if op.name == "func.func" and op.regions[0]}
