"""Makes curves/*.json: the losses of the tested programs in PyTorch, from weights that NumPy draws.

Run where PyTorch is installed: python3 tests/programs/make_curves.py. The tests read the recorded curves, so that
they need no PyTorch themselves.
"""
import json
import os

import numpy as np
import torch

from support import HERE, mnist_batches


def mnist_mlp(seed=3, steps=100):
    rng = np.random.default_rng(seed)
    weights = [rng.normal(0, 0.05, s).astype(np.float32) for s in [(784, 64), (64,), (64, 10), (10,)]]
    w1, b1, w2, b2 = parameters = [torch.tensor(w, requires_grad=True) for w in weights]
    optimizer = torch.optim.Adam(parameters, lr=1e-3)
    losses = []
    for x, labels in mnist_batches(32, steps):
        x, labels = torch.tensor(x, dtype=torch.float32), torch.tensor(labels)
        loss = torch.nn.functional.cross_entropy(torch.relu(x @ w1 + b1) @ w2 + b2, labels)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return {"torch": torch.__version__, "seed": seed, "losses": losses}


os.makedirs(os.path.join(HERE, "curves"), exist_ok=True)
with open(os.path.join(HERE, "curves", "mnist_mlp.json"), "w", encoding="utf-8") as file:
    json.dump(mnist_mlp(), file, indent=1)
    file.write("\n")
