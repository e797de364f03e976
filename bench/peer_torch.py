"""Peer: the 784-64(relu)-10 network on MNIST in PyTorch eager, one thread. Prints seconds of each epoch and the accuracy."""
import sys
import time

import numpy as np
import torch

sys.path.insert(0, __file__.rsplit("/", 2)[0] + "/tests/programs")
from support import read_idx  # noqa: E402

torch.set_num_threads(1)
torch.manual_seed(1)
images = torch.tensor(read_idx("train-images-idx3-ubyte.gz").reshape(-1, 784) / np.float32(255))
labels = torch.tensor(read_idx("train-labels-idx1-ubyte.gz").astype(np.int64))
test_images = torch.tensor(read_idx("t10k-images-idx3-ubyte.gz").reshape(-1, 784) / np.float32(255))
test_labels = torch.tensor(read_idx("t10k-labels-idx1-ubyte.gz").astype(np.int64))
model = torch.nn.Sequential(torch.nn.Linear(784, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(int(sys.argv[1]) if len(sys.argv) > 1 else 2):
    order = torch.randperm(60000)
    start = time.perf_counter()
    for at in range(0, 60000, 32):
        rows = order[at : at + 32]
        loss = torch.nn.functional.cross_entropy(model(images[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    seconds = time.perf_counter() - start
    with torch.no_grad():
        accuracy = (model(test_images).argmax(1) == test_labels).float().mean().item()
    print(f"torch {torch.__version__} epoch {epoch + 1}: {seconds:.3f} s, accuracy {accuracy:.4f}", flush=True)
