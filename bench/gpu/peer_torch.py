"""Peer on a GPU: PyTorch's step of the 784-64(relu)-10 network, and its products of matrices. Data lies on the GPU; true f32 unless said.

  peer_torch.py version
  peer_torch.py mlp BATCH EPOCHS       'MODE BEST MEAN ACCURACY', steps a second of the best epoch and of all, a line for each mode
  peer_torch.py gemm PRECISION:SHAPE...    'PRECISION:SHAPE PLAIN GRAPH', microseconds a product, called from Python and as a captured graph

PRECISION is f32, tf32 or bf16; SHAPE is [BATCH*]MxKxN, or with ':back' the two products of its gradient, as bench/gpu.sh has them.
'eager' is what most write, with Adam's fused kernel; 'compiled' has torch.compile make one graph of a step; 'graph' and 'compiled graph' capture 25
steps of either in a CUDA graph, which takes its examples by an order that lies on the GPU: nothing is left to Python but a replay.
A mode that this machine cannot run is told on standard error. PEER_DEVICE=cpu tries the script where there is no GPU, without graphs.
"""
import gzip
import os
import re
import sys
import time

import torch
from torch.nn import functional

DEVICE = os.environ.get("PEER_DEVICE", "cuda")
DATA = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "data", "mnist")
CUDA = DEVICE == "cuda"
SPAN = 25  # steps in a captured graph


def wait():
    if CUDA:
        torch.cuda.synchronize()


def read(name, skip):
    with gzip.open(os.path.join(DATA, name)) as file:
        return torch.frombuffer(bytearray(file.read()[skip:]), dtype=torch.uint8).to(DEVICE)


class Data:
    def __init__(self):
        self.images = read("train-images-idx3-ubyte.gz", 16).reshape(-1, 784).float() / 255
        self.labels = read("train-labels-idx1-ubyte.gz", 8).long()
        self.test_images = read("t10k-images-idx3-ubyte.gz", 16).reshape(-1, 784).float() / 255
        self.test_labels = read("t10k-labels-idx1-ubyte.gz", 8).long()


class Eager:
    """The step of an optimizer object."""

    def __init__(self, data):
        self.model = torch.nn.Sequential(torch.nn.Linear(784, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10)).to(DEVICE)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3, fused=True, **({"capturable": True} if CUDA else {}))
        self.data = data

    def step(self, rows):
        self.optimizer.zero_grad(set_to_none=True)
        functional.cross_entropy(self.model(self.data.images[rows]), self.data.labels[rows]).backward()
        self.optimizer.step()

    def parameters(self):
        return list(self.model.parameters())


class Compiled:
    """The same step as a function that renews its tensors, gradient and Adam in one graph."""

    def __init__(self, data):
        own = [p.detach().to(DEVICE) for layer in (torch.nn.Linear(784, 64), torch.nn.Linear(64, 10)) for p in layer.parameters()]
        self.state = (own, [torch.zeros_like(p) for p in own], [torch.zeros_like(p) for p in own], torch.ones((), device=DEVICE))

        def loss_of(p, x, y):
            return functional.cross_entropy(functional.linear(functional.relu(functional.linear(x, p[0], p[1])), p[2], p[3]), y)

        @torch.compile
        def update(p, m, v, t, rows):
            for each, a, b, g in zip(p, m, v, torch.func.grad(loss_of)(p, data.images[rows], data.labels[rows])):
                a.mul_(0.9).add_(0.1 * g)
                b.mul_(0.999).add_(0.001 * g * g)
                each.sub_(1e-3 * (a / (1 - 0.9**t)) / ((b / (1 - 0.999**t)).sqrt() + 1e-8))
            t.add_(1)

        self.step = lambda rows: update(*self.state, rows)

    def parameters(self):
        return self.state[0]


def captured(steps):
    """A graph of what `steps` does, after it ran a few times beside the main stream, as capturing asks for."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            steps()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        steps()
    return graph


def epochs_of(kind, graphed, data, batch, epochs):
    """(steps a second of the best epoch, and of all epochs; accuracy after them)."""
    torch.manual_seed(1)
    trained = kind(data)
    count = len(data.images) // batch
    order = torch.arange(len(data.images), device=DEVICE)
    at = torch.zeros((), dtype=torch.long, device=DEVICE)
    if graphed:
        within = torch.arange(batch, device=DEVICE)

        def several():
            for _ in range(SPAN):
                trained.step(order[at * batch + within])
                at.add_(1)

        graph = captured(several)
    else:
        trained.step(order[:batch])  # compiles
    best, total, taken = 0.0, 0, 0.0
    for _ in range(epochs):
        order.copy_(torch.randperm(len(order), device=DEVICE))
        at.zero_()
        wait()
        start = time.perf_counter()
        if graphed:
            for _ in range(count // SPAN):
                graph.replay()
            done = count // SPAN * SPAN
        else:
            for rows in order.split(batch)[:count]:
                trained.step(rows)
            done = count
        wait()
        span = time.perf_counter() - start
        best, total, taken = max(best, done / span), total + done, taken + span
    with torch.no_grad():
        w, b, v, c = trained.parameters()
        scores = functional.linear(functional.relu(functional.linear(data.test_images, w, b)), v, c)
        return best, total / taken, (scores.argmax(1) == data.test_labels).float().mean().item()


def mlp(batch, epochs):
    data, modes = Data(), {"eager": (Eager, False), "compiled": (Compiled, False), "graph": (Eager, True), "compiled-graph": (Compiled, True)}
    for name, (kind, graphed) in modes.items():
        if graphed and not CUDA:
            continue
        try:
            best, mean, accuracy = epochs_of(kind, graphed, data, batch, epochs)
            print(f"{name} {best:.1f} {mean:.1f} {accuracy:.4f}", flush=True)
        except Exception as error:  # noqa: BLE001: whatever a version or a machine lacks; the other modes are measured all the same
            print(f"{name}: {type(error).__name__}: {str(error).strip()[:300]}", file=sys.stderr, flush=True)


def product(text):
    """A function that does the shape's two products, and their operations."""
    precision, shape = text.split(":", 1)
    match = re.fullmatch(r"(?:(\d+)\*)?(\d+)x(\d+)x(\d+)(:back)?", shape)
    batch, m, k, n = (int(part or 1) for part in match.groups()[:4])
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    make = lambda *sizes: torch.randn(*([batch] if batch > 1 else []), *sizes, device=DEVICE, dtype=dtype) / sizes[0] ** 0.5  # noqa: E731
    first, last, between = make(m, k), make(m, k), make(k, n) if match[5] else make(m, n)
    w, v = (make(m, n), None) if match[5] else (make(k, n), make(n, k))

    def both():
        if v is None:  # a weight's gradient, then an input's: x^T g, g w^T
            torch.matmul(first.mT, w, out=between)
            torch.matmul(w, between.mT, out=last)
        else:
            torch.matmul(first, w, out=between)
            torch.matmul(between, v, out=last)

    return both, 4 * batch * m * k * n


def microseconds(run, times):
    """Of the best of five rounds, each of `times` runs."""
    best = float("inf")
    for _ in range(5):
        wait()
        start = time.perf_counter()
        for _ in range(times):
            run()
        wait()
        best = min(best, (time.perf_counter() - start) / times)
    return best * 1e6


def gemm(shapes):
    for shape in shapes:
        both, operations = product(shape)
        times = max(2, min(2000, int(5e11 / operations))) if CUDA else 3
        both()
        plain = microseconds(both, times) / 2
        graphed = "-"
        if CUDA:
            span = min(20, times)
            graph = captured(lambda both=both, span=span: [both() for _ in range(span)])
            graphed = f"{microseconds(graph.replay, max(1, times // span)) / span / 2:.3f}"
        print(f"{shape} {plain:.3f} {graphed}", flush=True)


def main():
    torch.set_float32_matmul_precision("highest")
    command, *rest = sys.argv[1:]
    if command == "version":
        print(f"PyTorch {torch.__version__}, CUDA {torch.version.cuda}" + (f", {torch.cuda.get_device_name()}" if CUDA else ""))
    elif command == "mlp":
        mlp(*map(int, rest))
    else:
        gemm(rest)


main()
