"""Peer: the 784-64(relu)-10 network on MNIST in PyTorch, the data in memory before.

  peer_torch.py EPOCHS THREADS eager|compiled      prints seconds and accuracy of each epoch

'eager' is what most write, with Adam's fused kernel where the version has it for processors. 'compiled' has torch.compile make one graph of
a whole step, gradient and Adam included, for which the step must be a function of its tensors: half the time of compiling the loss alone.
"""
import sys
import time

import numpy as np
import torch
from torch.nn import functional

sys.path.insert(0, __file__.rsplit("/", 2)[0] + "/tests/programs")
from support import read_idx  # noqa: E402

epochs, threads, mode = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
torch.set_num_threads(threads)
torch.manual_seed(1)
# Tensors in the form that the network takes: no loader, no transforms, no copies between processes.
images = torch.tensor(read_idx("train-images-idx3-ubyte.gz").reshape(-1, 784) / np.float32(255))
labels = torch.tensor(read_idx("train-labels-idx1-ubyte.gz").astype(np.int64))
test_images = torch.tensor(read_idx("t10k-images-idx3-ubyte.gz").reshape(-1, 784) / np.float32(255))
test_labels = torch.tensor(read_idx("t10k-labels-idx1-ubyte.gz").astype(np.int64))
model = torch.nn.Sequential(torch.nn.Linear(784, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))


def eager():
    """The step of an optimizer object."""
    try:
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    except (RuntimeError, TypeError):  # an older version has it for GPUs alone, or not at all
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def step(rows):
        loss = functional.cross_entropy(model(images[rows]), labels[rows])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    return step


def compiled():
    """The same step as a function, which renews the model's own tensors."""

    def loss_of(p, x, y):
        return functional.cross_entropy(functional.linear(functional.relu(functional.linear(x, p[0], p[1])), p[2], p[3]), y)

    @torch.compile
    def update(p, m, v, t, rows):
        for each, a, b, g in zip(p, m, v, torch.func.grad(loss_of)(p, images[rows], labels[rows])):
            a.mul_(0.9).add_(0.1 * g)
            b.mul_(0.999).add_(0.001 * g * g)
            each.sub_(1e-3 * (a / (1 - 0.9**t)) / ((b / (1 - 0.999**t)).sqrt() + 1e-8))
        t.add_(1)

    def state(parameters):
        return (parameters, [torch.zeros_like(p) for p in parameters], [torch.zeros_like(p) for p in parameters], torch.ones(()))

    own = [p.detach() for p in model.parameters()]
    update(*state([p.clone() for p in own]), torch.arange(32))  # compiles; what it renews are copies
    tensors = state(own)
    return lambda rows: update(*tensors, rows)


step = {"eager": eager, "compiled": compiled}[mode]()
for epoch in range(epochs):
    order = torch.randperm(60000)
    start = time.perf_counter()
    for rows in order.split(32):
        step(rows)
    seconds = time.perf_counter() - start
    with torch.no_grad():
        accuracy = (model(test_images).argmax(1) == test_labels).float().mean().item()
    print(f"torch {torch.__version__} epoch {epoch + 1}: {seconds:.3f} s, accuracy {accuracy:.4f}", flush=True)
