"""Every entry of the library has an example in its comment, and what the example says it gives is what it gives.

Two forms of comment in an example say a value; there is no other comment in one:

    // x = [1, 2, 3] gives y = [1, 3, 6]       above a model: its outputs, from its inputs, without a batch
    // eye(2) is [[1, 0], [0, 1]]              any expression

That the examples compile, and are formatted, is checked with the documents made from them, by test_docs.py.
"""
# RUN: %python %s
import json
import re

import numpy as np

from support import NNC, build, check, finish, predict, run, tmp, write

# Whose results a line can show.
VALUED = ("activations.nn", "arrays.nn", "elementwise.nn", "schedules.nn")
LINE = 77  # columns that 'nnc std' has for what it says of an entry


def shape(array):
    return f"[{', '.join(map(str, array.shape))}]" if array.ndim else ""


def bindings(text):
    """{name: value} of `x = [1, 2], i = [2, 0]`."""
    return {name: json.loads(value) for name, _, value in (part.partition(" = ") for part in re.split(r", (?=\w+ = )", text))}


def digits(text):
    """How far off a number may be that stands there: exact, or cut to the last of three digits or more behind the point."""
    shown = max((len(digits) for digits in re.findall(r"\.(\d+)", text)), default=0)
    return 0.5000001 * 10.0**-shown if shown >= 3 else 1e-6


def values(block):
    """(givens or None, expression or outputs, text of the results) of each comment of an example."""
    for line in re.findall(r"^\s*//(.*)$", block, re.M):
        gives, states = re.fullmatch(r" (.+) gives (.+)", line), re.fullmatch(r" (.+\)) is (.+)", line)
        if check(gives or states, "a comment in an example says a value", "" if gives or states else line):
            yield (bindings(gives[1]), bindings(gives[2]), gives[2]) if gives else (None, states[1], states[2])


class Page:
    """One program that computes all values of one file of the library."""

    def __init__(self, name):
        self.name, self.constants, self.lines, self.imports, self.expected = name, [], [], [], []

    def expect(self, entry, expression, value, text):
        """An output of the model, with the result as its only example."""
        port = f"r{len(self.expected)}"
        value = np.array(value, float)
        self.lines.append((port, shape(value).strip("[]"), f"({expression}) as f64"))
        self.expected.append((entry, port, value, text))

    def add(self, entry, block):
        module = f"{entry}_example"
        functions = ""
        for number, (givens, outputs, text) in enumerate(values(block)):
            if givens is None:
                functions += f"\nfn value_{number}() = {outputs}\n"
                self.expect(entry, f"{module}.value_{number}()", json.loads(text), text)
                continue
            model, ports = re.search(r"^model (\w+)\((.*?)\)\s*->", block, re.M | re.S).groups()
            arguments = []
            for port, element in re.findall(r"(\w+): (\w+(?:\(\w+\))?)\[", ports):
                # Twice, for a batch of 1 is a size that is known, which may be broadcast.
                array = np.array([givens.pop(port)] * 2, np.int64 if element[0] == "i" else np.float32)
                constant = f"{entry}_{number}_{port}"
                np.save(tmp(constant + ".npy"), array)
                self.constants.append(f'let {constant}: {"i64" if element[0] == "i" else "f32"}{shape(array)} = npy("{constant}.npy")')
                arguments.append(f"{constant} as {element}")
            check(not givens, f"the inputs of {entry}'s example are the model's", givens)
            results = [f"{entry}_{number}_{name}" for name in outputs]
            names = ", ".join(results)
            self.lines.append((None, None, f"let {f'({names})' if len(results) > 1 else names} = {module}.{model}({', '.join(arguments)})"))
            for result, value in zip(results, outputs.values()):
                self.expect(entry, f"{result}[0]", value, text)
        write(f"{module}.nn", block + functions)
        self.imports.append(f'import "{module}.nn" as {module}')

    def evaluate(self):
        outputs, body = [], []
        for port, dimensions, text in self.lines:
            if port is None:
                body.append(text)
                continue
            dims = ", ".join(["batch"] + [dimensions] * bool(dimensions))
            outputs.append(f"{port}: f64[{dims}]")
            body.append(f"let {port}_none: f64[{dims}] = zeros()\n  let {port}_value = {port}_none + ({text})")
        source = "\n".join(self.imports) + "\n\n" + "\n".join(self.constants)
        source += f"\n\nmodel values(_none: f32[batch]) -> ({', '.join(outputs)}) {{\n  " + "\n  ".join(body)
        source += f"\n  ({', '.join(f'{port}_value' for _, port, _, _ in self.expected)})\n}}\n"
        program = build(write(f"{self.name}_values.nn", source), self.name, "--model", "values", "-O1")
        found = predict(program, _none=np.zeros(1, np.float32))
        for entry, port, value, text in self.expected:
            near = port in found and np.allclose(found[port][0], value, rtol=0, atol=digits(text), equal_nan=True)
            check(near, f"{entry}: {text}", "" if near else found.get(port))


library = json.loads(run(NNC, "std", "--json").out)
pages = {file["name"]: Page(file["name"][:-3]) for file in library["files"]}
for each in library["declarations"]:
    name, doc = each["name"], each["doc"]
    summary = doc.splitlines()[0]
    check(summary.endswith(".") and len(summary) <= LINE, f"the first line about {name} is one or more sentences, and fits into the list", summary)
    blocks = re.findall(r"^```nn\n(.*?)^```$", doc, re.S | re.M)
    code = re.sub(r"//.*", "", "".join(blocks))
    if not check(len(blocks) == 1 and re.search(rf"\b{name}\b", code), f"{name} has one example", f"{len(blocks)} of them"):
        continue
    if "//" in blocks[0]:
        pages[each["file"]].add(name, blocks[0])
    else:
        check(each["file"] not in VALUED, f"the example of {name} may do without a value")
for page in pages.values():
    if page.expected:
        page.evaluate()
finish()
