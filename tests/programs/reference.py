"""The mathematics of the tested programs in NumPy float64: forward, gradients written by hand, update rules."""
import numpy as np


def softmax_cross_entropy(logits, labels):
    """The mean loss and its gradient with respect to the logits."""
    z = logits - logits.max(axis=1, keepdims=True)
    p = np.exp(z)
    p /= p.sum(axis=1, keepdims=True)
    rows = np.arange(len(labels))
    loss = -np.log(p[rows, labels]).mean()
    p[rows, labels] -= 1
    return loss, p / len(labels)


class Mlp:
    """x -> (x w1 + b1, activation) -> h w2 + b2, with softmax cross-entropy."""

    ACTIVATIONS = {
        "relu": (lambda a: np.maximum(a, 0), lambda a: (a > 0).astype(float)),
        "tanh": (np.tanh, lambda a: 1 - np.tanh(a) ** 2),
        "sigmoid": (lambda a: 1 / (1 + np.exp(-a)), lambda a: np.exp(-a) / (1 + np.exp(-a)) ** 2),
    }

    def __init__(self, parameters, activation="relu"):
        self.parameters = [p.astype(float) for p in parameters]
        self.f, self.df = self.ACTIVATIONS[activation]

    def gradients(self, x, labels):
        w1, b1, w2, b2 = self.parameters
        a = x @ w1 + b1
        h = self.f(a)
        loss, d = softmax_cross_entropy(h @ w2 + b2, labels)
        da = (d @ w2.T) * self.df(a)
        return loss, [x.T @ da, da.sum(axis=0), h.T @ d, d.sum(axis=0)]

    def train(self, batches, optimizer):
        """The loss of each step, before its update."""
        curve = []
        for step, (x, labels) in enumerate(batches, 1):
            loss, gradients = self.gradients(x, labels)
            curve.append(loss)
            self.parameters = [optimizer(i, p, g, step) for i, (p, g) in enumerate(zip(self.parameters, gradients))]
        return np.array(curve)


class Adam:
    """Kingma and Ba, 2015, with the bias correction of their algorithm 1."""

    def __init__(self, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.m, self.v = {}, {}

    def __call__(self, i, p, g, step):
        lr = self.lr(step) if callable(self.lr) else self.lr
        self.m[i] = self.beta1 * self.m.get(i, 0) + (1 - self.beta1) * g
        self.v[i] = self.beta2 * self.v.get(i, 0) + (1 - self.beta2) * g * g
        m, v = self.m[i] / (1 - self.beta1**step), self.v[i] / (1 - self.beta2**step)
        return p - lr * m / (np.sqrt(v) + self.eps)


class AdamW(Adam):
    """Loshchilov and Hutter, 2019, algorithm 2: the weights decay apart from the gradient."""

    def __init__(self, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01):
        super().__init__(lr, beta1, beta2, eps)
        self.decay = decay

    def __call__(self, i, p, g, step):
        lr = self.lr(step) if callable(self.lr) else self.lr
        return super().__call__(i, p, g, step) - lr * self.decay * p


class Sgd:
    def __init__(self, lr, momentum=0.0):
        self.lr, self.momentum, self.v = lr, momentum, {}

    def __call__(self, i, p, g, step):
        lr = self.lr(step) if callable(self.lr) else self.lr
        self.v[i] = self.momentum * self.v.get(i, 0) + g
        return p - lr * self.v[i]
