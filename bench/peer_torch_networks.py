"""Peer: steps of the networks of examples/ in PyTorch, eager with fused optimizers, the data in memory before.

  peer_torch_networks.py lenet|gpt|lstm STEPS THREADS DATA      prints the seconds of a step, the best of three times STEPS

DATA is the folder with MNIST, or with tinyshakespeare.txt. Convolutions lie in memory as they are fastest: channels last.
"""
import os
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

sys.path.insert(0, __file__.rsplit("/", 2)[0] + "/tests/programs")
from support import read_idx  # noqa: E402

name, steps, threads, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
torch.set_num_threads(threads)
torch.manual_seed(1)


def lenet():
    images = torch.tensor(read_idx("train-images-idx3-ubyte.gz")[:, None] / np.float32(255)).contiguous(memory_format=torch.channels_last)
    labels = torch.tensor(read_idx("train-labels-idx1-ubyte.gz").astype(np.int64))
    model = nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
                          nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10)).to(memory_format=torch.channels_last)
    return model, images, labels, 64, torch.optim.Adam(model.parameters(), lr=1e-3, fused=True), None


def windows():
    """Tokens and those that follow, [windows, 64] each."""
    with open(os.path.join(folder, "tinyshakespeare.txt"), encoding="utf-8") as file:
        text = file.read()
    numbers = {unit: number for number, unit in enumerate(sorted(set(text)))}
    tokens = torch.tensor([numbers[unit] for unit in text])
    rows = tokens.unfold(0, 65, 64)
    return rows[:, :64].contiguous(), rows[:, 1:].contiguous()


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.project, self.out = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        batch, positions, width = x.shape
        q, k, v = self.project(self.before(x)).view(batch, positions, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(batch, positions, width))
        return x + self.narrow(functional.gelu(self.wide(self.between(x))))


class Gpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.place = nn.Embedding(65, 128), nn.Parameter(0.02 * torch.randn(64, 128))
        self.blocks = nn.Sequential(*(Block(128, 4) for _ in range(4)))
        self.norm, self.head = nn.LayerNorm(128), nn.Linear(128, 65)

    def forward(self, tokens):
        return self.head(self.norm(self.blocks(self.embed(tokens) + self.place)))


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.lstm, self.head = nn.Embedding(65, 128), nn.LSTM(128, 256, batch_first=True), nn.Linear(256, 65)

    def forward(self, tokens):
        return self.head(self.lstm(self.embed(tokens))[0])


def gpt():
    model = Gpt()
    return model, *windows(), 16, torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1, fused=True), 1.0


def lstm():
    model = Lstm()
    return model, *windows(), 16, torch.optim.Adam(model.parameters(), lr=1e-3, fused=True), 1.0


model, inputs, targets, batch, optimizer, clip = {"lenet": lenet, "gpt": gpt, "lstm": lstm}[name]()
best = float("inf")
for _ in range(3):
    order = torch.randperm(len(inputs)).split(batch)
    start = time.perf_counter()
    for number in range(steps):
        rows = order[number % (len(order) - 1)]
        logits = model(inputs[rows])
        loss = functional.cross_entropy(logits.flatten(0, -2), targets[rows].flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if clip:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
    best = min(best, (time.perf_counter() - start) / steps)
print(f"torch {torch.__version__} {name}: {best:.6f} s a step, loss {loss.item():.3f}")
