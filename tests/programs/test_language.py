"""Programs that use the language's core, each against NumPy float64: what a user writes is what is computed."""
# RUN: %python %s
import numpy as np

from reference import Adam, Mlp, Sgd
from support import (MNIST, NNC, build, check, finish, losses, mnist_batches, relative_error, run, same_weights,
                     save_weights, shapes, tmp)

RECIPE = """
train net {
  data      mnist(image, label)
  loss      cross_entropy(logits, label)
  metric    accuracy(logits, label)
  optimizer %s
  batch     32
  epochs    1
}
"""


def compare(name, source, reference, optimizer, tolerance=1e-4, steps=60):
    """Trains `source` and the reference from the same weights; the curves must agree."""
    executable = build(source, name)
    found = shapes(executable)
    wanted = [p.shape for p in reference.parameters]
    if not check(sorted(found.values()) == sorted(wanted), f"{name}: parameters", found):
        return
    names = []
    for shape in wanted:
        names.append(next(n for n, s in found.items() if s == shape and n not in names))
    save_weights(tmp("w"), {n: p.astype(np.float32) for n, p in zip(names, reference.parameters)})
    curve = reference.train(mnist_batches(32, steps), optimizer)
    error = relative_error(losses(executable, "--weights", tmp("w"), "--no-shuffle", "--steps", steps), curve)
    check(error <= tolerance, f"{name}: {steps} losses agree with NumPy float64", f"{error:.1e}")


def mlp(hidden, activation="relu", seed=1):
    rng = np.random.default_rng(seed)
    sizes = [(784, hidden), (hidden,), (hidden, 10), (10,)]
    return Mlp([rng.normal(0, 0.05, s).astype(np.float32) for s in sizes], activation)


NET = """model net(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] {
  image / 255 |> flatten |> dense(%d) |> %s |> dense(10)
}
"""
compare("tanh_sgd", NET % (33, "tanh") + RECIPE % "sgd(lr: 0.1)", mlp(33, "tanh"), Sgd(0.1))
compare("sigmoid_momentum", NET % (17, "sigmoid") + RECIPE % "sgd(lr: 0.05, momentum: 0.9)", mlp(17, "sigmoid"), Sgd(0.05, 0.9))


def cosine(step, peak=2e-3, warmup=10, total=60):
    if step < warmup:
        return peak * step / warmup
    return peak * 0.5 * (1 + np.cos(np.pi * (step - warmup) / (total - warmup)))


compare("schedule", NET % (48, "relu") + RECIPE % "adam(lr: cosine(peak: 2e-3, warmup: 10, total: 60))", mlp(48), Adam(cosine))

OWN = """
/// A user's own layer, activation, optimizer and schedule.
fn leaky(x: f32[...s]) -> f32[...s] = where(x > 0, x, 0.1 * x)

layer affine(units: int)(x: f32[batch, n]) -> f32[batch, units] {
  param w: f32[n, units] = glorot_uniform()
  param b: f32[units] = zeros()
  x @ w + b
}

optimizer plain(lr: float = 1e-2)(w: float[...s], g: float[...s]) {
  w - lr * g
}

/// A schedule is a function of the step.
fn halving(step: float, start: float, every: float) -> float = start * 0.5 ^ (step / every)

model net(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] {
  let x = reshape(image, [batch, 784]) / 255
  x |> affine(20) |> leaky |> affine(10)
}
"""


class LeakyMlp(Mlp):
    ACTIVATIONS = {"leaky": (lambda a: np.where(a > 0, a, 0.1 * a), lambda a: np.where(a > 0, 1, 0.1))}


rng = np.random.default_rng(4)
own = LeakyMlp([rng.normal(0, 0.05, s).astype(np.float32) for s in [(784, 20), (20,), (20, 10), (10,)]], "leaky")
compare("own_parts", OWN + RECIPE % "plain(lr: halving(step, start: 0.2, every: 20))", own, Sgd(lambda t: 0.2 * 0.5 ** (t / 20)))

# --- No name is privileged: a user's own dense, relu and adam, with the library's text, give the very same code.
plain = NET % (64, "relu") + RECIPE % "adam(lr: 1e-3)"
library = "\n".join(run(NNC, "std", name).out for name in ("dense", "relu", "adam"))
code = []
for name, text in (("plain", plain), ("own", library + "\n" + plain)):
    with open(tmp(name + ".nn"), "w", encoding="utf-8") as file:
        file.write(text)
    outcome = run(NNC, "build", tmp(name + ".nn"), "--emit", "mlir", "--stage", "bufferized", "-o", tmp(name + ".mlir"))
    check(outcome.status == 0, f"{name}: --stage bufferized", outcome.err[-400:])
    check(("warning" in outcome.err) == (name == "own"), f"{name}: a warning where a name of the library is taken")
    with open(tmp(name + ".mlir"), encoding="utf-8") as file:
        code.append([line for line in file if "train." not in line])
check(len(code[0]) > 1000 and code[0] == code[1], "a user's own dense, relu and adam compile to the same code")

# --- Large enough for threads to share a step: the same bits for any number of them.
LARGE = (NET % (512, "relu |> dense(512) |> relu") + RECIPE % "adam(lr: 1e-3)").replace("batch     32", "batch     128")
large = build(LARGE, "large")
outcome = run(NNC, "build", tmp("large.nn"), "--emit", "llvm", "-o", tmp("large.ll"))
with open(tmp("large.ll"), encoding="utf-8") as file:
    check("call void @nnrt_parallel_for" in file.read(), "its step shares loops among threads")
for threads in (1, 2, 3):
    run(large, "train", "--data", MNIST, "--steps", 12, "--threads", threads, "--quiet", "--save", tmp(f"threads{threads}"))
names = list(shapes(large))
check(all(same_weights(tmp("threads1"), tmp(f"threads{n}"), names) for n in (2, 3)), "1, 2 and 3 threads give the same bits")
finish()
