"""What the whole-program tests share: running tools, counting checks, reading and writing tensors."""
import gzip
import json
import os
import struct
import subprocess
import sys
import tempfile
import time

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("NNC_BIN", os.path.join(ROOT, "build", "bin"))
NNC = os.path.join(BIN, "nnc")
LLVM = os.environ.get("LLVM_BIN", "/usr/lib/llvm-22/bin")
MNIST = os.path.join(ROOT, "data", "mnist")
HERE = os.path.dirname(os.path.abspath(__file__))

_tally = {"passed": 0, "failed": 0, "skipped": 0}
_temporary = tempfile.TemporaryDirectory(prefix="nnc-test-")


def tmp(name):
    """A path in a folder that goes when the test ends."""
    return os.path.join(_temporary.name, name)


def check(ok, what, found=""):
    """Counts one check and prints it."""
    _tally["passed" if ok else "failed"] += 1
    shown = "" if isinstance(found, str) and not found else f": {found}"
    if ok and len(shown) > 100:
        shown = ""
    print(f"{'ok  ' if ok else 'FAIL'} {what}{shown}", flush=True)
    return bool(ok)


def skip(what, why):
    """Says what this machine can't check; scripts/test.sh shows it at the end."""
    _tally["skipped"] += 1
    print(f"skip {what}: {why}")
    if "NNC_SKIPPED" in os.environ:
        with open(os.environ["NNC_SKIPPED"], "a", encoding="utf-8") as file:
            file.write(f"{what}: {why}\n")


def finish():
    _temporary.cleanup()
    line = f"{_tally['passed']} passed, {_tally['failed']} failed"
    print(line + (f", {_tally['skipped']} skipped" if _tally["skipped"] else ""))
    sys.exit(0 if _tally["failed"] == 0 and _tally["passed"] else 1)


class Outcome:
    """How a command ended: status, output, errors, seconds."""

    def __init__(self, process, seconds):
        self.status, self.seconds = process.returncode, seconds
        self.out = process.stdout.decode("utf-8", "replace")
        self.err = process.stderr.decode("utf-8", "replace")


def run(*command, timeout=1200, **options):
    """Runs a command to its end; the limit is there for what hangs, on a busy machine too."""
    start = time.perf_counter()
    process = subprocess.run([str(c) for c in command], capture_output=True, timeout=timeout, **options)
    return Outcome(process, time.perf_counter() - start)


def build(source, name, *options):
    """Compiles `source` (a path, or the text of a program) and returns the executable's path."""
    if "\n" in source:
        path = tmp(name + ".nn")
        with open(path, "w", encoding="utf-8") as file:
            file.write(source)
        source = path
    executable = tmp(name)
    outcome = run(NNC, "build", source, "-o", executable, *options)
    if not check(outcome.status == 0, f"build {os.path.basename(source)} {' '.join(options)}".rstrip(), outcome.err[-800:]):
        finish()
    return executable


def write(name, text):
    """A file of this text; returns its path."""
    with open(tmp(name), "w", encoding="utf-8", newline="") as file:
        file.write(text)
    return tmp(name)


def predict(executable, weights=None, *options, **inputs):
    """{output: array} of a batch, with null as NaN; an empty dict where it fails, which counts."""
    if weights is None:
        weights = tmp("no.weights")
        save_weights(weights, {})
    files = []
    for name, array in inputs.items():
        np.save(tmp(f"in.{name}.npy"), array)
        files.append(f"{name}={tmp(f'in.{name}.npy')}")
    outcome = run(executable, "predict", "--weights", weights, *options, *files)
    if outcome.status:
        check(False, f"predict {os.path.basename(executable)}", outcome.err[-800:])
        return {}
    rows = json.loads(outcome.out)
    return {name: np.array([row[name] for row in rows], float) for name, x in rows[0].items()
            if name not in ("index", "input") and not isinstance(x, str)}


def evaluate(expressions, element="f32", head="", options=(), outputs="{element}[batch, {n}]", **inputs):
    """{name: array} of expressions of the language over inputs of [batch, n], all of one model of `element`."""
    names = list(inputs)
    n = inputs[names[0]].shape[1]
    kind = {"f64": "f64", "f16": "f16"}.get(element, "f32")  # .npy has no bf16
    ports = ", ".join(f"{name}_in: {kind}[batch, {n}]" for name in names)
    results = ", ".join(f"{name}: {outputs.format(element=element, n=n)}" for name in expressions)
    lines = [f"let {name} = {name}_in as {element}" for name in names]
    lines += [f"let {name}_out = {text}" for name, text in expressions.items()]
    value = ", ".join(f"{name}_out" for name in expressions)
    result = f"({results}) " if len(expressions) > 1 else results + " "
    lines.append(f"({value})" if len(expressions) > 1 else value)
    text = head + f"\nmodel m({ports}) -> {result}{{\n  " + "\n  ".join(lines) + "\n}\n"
    dtype = {"f64": np.float64, "f16": np.float16}.get(element, np.float32)
    return predict(build(text, f"evaluate_{element}", *options), **{f"{name}_in": x.astype(dtype) for name, x in inputs.items()})


def close(found, expected, relative, absolute=0.0):
    """Whether all are near, NaN to NaN; a missing array is not."""
    expected = np.asarray(expected, float)
    if found is None or found.shape != expected.shape:
        return False
    return bool(np.allclose(found, expected, rtol=relative, atol=absolute, equal_nan=True))


def events(path, kind):
    with open(path, encoding="utf-8") as file:
        return [row for row in map(json.loads, file) if row["event"] == kind]


def logged_losses(log):
    """The loss of each batch; 0 where no step of the recipe took it, and so none is logged."""
    return np.array([row.get("loss", 0) for row in events(log, "step")])


def losses(executable, *options, data=MNIST):
    """The loss of every step of a training run."""
    log = tmp("losses.jsonl")
    if os.path.exists(log):
        os.remove(log)
    outcome = run(executable, "train", "--data", data, "--quiet", "--log-every", 1, "--log", log, *options)
    if outcome.status:
        check(False, f"train {options}", outcome.err[-800:])
        return np.array([])
    if not any("loss" in row for row in events(log, "step")):
        check(False, f"train {options}", "no step has a loss")
    return logged_losses(log)


def relative_error(found, expected):
    """The worst relative difference of two curves; infinite where their lengths differ."""
    found, expected = np.asarray(found), np.asarray(expected)
    if found.shape != expected.shape or not found.size:
        return float("inf")
    return float(np.max(np.abs(found - expected) / np.maximum(np.abs(expected), 1e-3)))


_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "U8": "u1", "U64": "<u8"}


def load_weights(path):
    """{name: array} of a safetensors file, bf16 as f32."""
    with open(path, "rb") as file:
        raw = file.read()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    header.pop("__metadata__", None)
    body = raw[8 + length :]

    def read(t):
        data = body[t["data_offsets"][0] : t["data_offsets"][1]]
        if t["dtype"] == "BF16":
            return (np.frombuffer(data, np.uint16).astype(np.uint32) << 16).view(np.float32).reshape(t["shape"])
        return np.frombuffer(data, _DTYPES[t["dtype"]]).reshape(t["shape"])

    return {name: read(t) for name, t in header.items()}


def load_metadata(path):
    """What a safetensors file says beside its tensors, such as what a preparation was fitted to."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        return json.loads(file.read(length)).get("__metadata__", {})


def save_weights(path, tensors, metadata=None):
    header, blobs, at = {"__metadata__": metadata} if metadata else {}, [], 0
    names = {np.dtype(v): k for k, v in _DTYPES.items()}
    for name, tensor in tensors.items():
        blob = np.ascontiguousarray(tensor).tobytes()
        header[name] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [at, at + len(blob)]}
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def same_weights(a, b, names):
    x, y = load_weights(a), load_weights(b)
    return bool(names) and all(x[n].tobytes() == y[n].tobytes() for n in names)


def info(executable):
    return json.loads(run(executable, "info", "--json").out)


def shapes(executable):
    """{name: shape} of the trained parameters."""
    return {p["name"]: tuple(p["shape"]) for p in info(executable)["params"]}


def read_idx(name):
    with gzip.open(os.path.join(MNIST, name)) as file:
        raw = file.read()
    rank = raw[3]
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * rank).reshape(struct.unpack(f">{rank}I", raw[4 : 4 + 4 * rank]))


def mnist_batches(batch, steps):
    """(images as float64 in [0, 1], rows; labels) of the first steps in file order."""
    images = read_idx("train-images-idx3-ubyte.gz").reshape(60000, 784)
    labels = read_idx("train-labels-idx1-ubyte.gz").astype(int)
    at = 0
    for _ in range(steps):
        if at >= 60000:
            at = 0
        end = min(at + batch, 60000)
        yield images[at:end] / 255.0, labels[at:end]
        at = end


def write_small_mnist(folder, examples):
    """The first of MNIST's examples as a data set of its own, for what is run without optimisation or with large layers."""
    os.makedirs(folder)
    for part, count in (("train", examples), ("t10k", 20)):
        for name in (f"{part}-images-idx3-ubyte.gz", f"{part}-labels-idx1-ubyte.gz"):
            array = read_idx(name)[:count]
            with gzip.open(os.path.join(folder, name), "wb", compresslevel=1) as file:
                header = struct.pack(">BBBB", 0, 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
                file.write(header + array.tobytes())


def small_batches(examples, size, steps):
    """The batches of the first steps over such a set in file order (images of u8, labels), each epoch's last one ragged."""
    images, labels = (read_idx(f"train-{name}")[:examples] for name in ("images-idx3-ubyte.gz", "labels-idx1-ubyte.gz"))
    starts = [*range(0, examples, size)] * steps
    return [(images[a : a + size], labels[a : a + size].astype(int)) for a in starts[:steps]]
