"""What random programs of the library are trained on and how: targets with losses and metrics that fit, and all lines of a recipe."""
import numpy as np


class Target:
    """What is learnt: the model's output, the data's columns beside x, losses and metrics of `out`."""

    keeps_time = False

    def fits(self, p):
        return True

    def prepare(self, p):
        pass

    def columns(self, p):
        return {}

    def prepared(self, p):
        """{column: how a table gives it}"""
        return {}

    def cell(self, value):
        return f"{value:.4f}"

    def make(self, p, rng, count, x):
        return {}


class Classes(Target):
    def shape(self, p):
        return [p.classes]

    def columns(self, p):
        return {"label": f"label: index({p.classes})"}

    def prepared(self, p):
        return {"label": f'category("label", classes: {p.classes})'}

    def cell(self, value):
        return "class " + "abcdef"[value]

    def make(self, p, rng, count, x):
        labels = np.concatenate((np.arange(p.classes), rng.integers(0, p.classes, count)))[:count]
        return {"label": rng.permutation(labels).astype([np.uint8, np.int32, np.int64][p.number % 3])}

    def losses(self, p):
        hot = f"(one_hot(label, {p.classes}) as f32)"
        return ["cross_entropy(out, label)", "cross_entropy(out, label, smoothing: 0.1)", f"kl_divergence(out, 0.7 * {hot} + {0.3 / p.classes:.6f})",
                f"hinge(out, 2 * {hot} - 1)", "where(label == 0, 0.5, 1) * cross_entropy(out, label)", f"mse(softmax(out), {hot})",
                f"triplet(out, {hot}, 1 - {hot})"]

    def metrics(self, p):
        return ["accuracy(out, label)", f"top_k_accuracy(out, label, k: {p.random.randint(1, p.classes)})", "perplexity(cross_entropy(out, label))",
                "mean(cross_entropy(out, label))", "auc(out[:, 0], (label == 0) as f32)", "f1(out[:, 1], (label == 1) as f32)"]


class Values(Target):
    def prepare(self, p):
        p.values = p.some(1, 2, 3, 7)
        if p.kind == "table":
            p.values = 1

    def shape(self, p):
        return [] if p.values == 1 else [p.values]

    def columns(self, p):
        return {"y": "y: f32" + (f"[{p.values}]" if p.values > 1 else "")}

    def prepared(self, p):
        return {"y": 'number("y")'}

    def make(self, p, rng, count, x):
        return {"y": rng.normal(0, 1, [count] + self.shape(p)).astype(p.some(np.float32, np.float16))}

    def losses(self, p):
        own = ["1 - cosine_similarity(out, y)", "norm(out - y, axis: -1)"] if p.values > 1 else []
        return ["mse(out, y)", "mae(out, y)", "huber(out, y)", "huber(out, y, delta: 0.3)", "softplus(mse(out, y))"] + own

    def metrics(self, p):
        return ["rmse(out, y)", "r2(out, y)", "mean(mae(out, y))", "median(abs(out - y))", "max(abs(out - y))", "std(out)"]


class Binary(Target):
    def shape(self, p):
        return []

    def columns(self, p):
        return {"y": "y: f32"}

    def prepared(self, p):
        return {"y": 'number("y")'}

    def make(self, p, rng, count, x):
        return {"y": rng.permutation(np.arange(count) % 2).astype(np.float32)}

    def losses(self, p):
        return ["binary_cross_entropy(out, y)", "hinge(out, 2 * y - 1)", "binary_cross_entropy(out, 0.8 * y + 0.1)"]

    def metrics(self, p):
        return ["auc(out, y)", "f1(out, y)", "precision(out, y)", "recall(out, y)", "(out > 0) == (y > 0.5)"]


class EachTime(Target):
    keeps_time = True

    def fits(self, p):
        return p.kind in ("sequence", "token") and not p.symbolic

    def shape(self, p):
        return [p.input_shape[0], p.classes]

    def columns(self, p):
        return {"label": f"label: index({p.classes})[{p.input_shape[0]}]"}

    def make(self, p, rng, count, x):
        return {"label": rng.integers(0, p.classes, [count, p.input_shape[0]]).astype(np.int32)}

    def losses(self, p):
        return ["cross_entropy(out, label)", "cross_entropy(out, label, smoothing: 0.2)",
                "sum(where(label == 0, 0, cross_entropy(out, label)), axis: 1) / (0.5 + sum((label != 0) as f32, axis: 1))"]

    def metrics(self, p):
        return ["accuracy(out, label)", "perplexity(cross_entropy(out, label))", f"top_k_accuracy(out, label, k: {p.random.randint(1, p.classes)})"]


class Spelling(EachTime):
    def fits(self, p):
        return super().fits(p) and p.input_shape[0] >= 7

    def columns(self, p):
        return {"label": f"label: index({p.classes})[{p.length}]"}

    def make(self, p, rng, count, x):
        return {"label": rng.integers(0, p.classes, [count, p.length]).astype(np.int32)}

    def losses(self, p):
        return ["ctc(out, label) / 10", f"ctc(out, label, blank: {p.classes - 1}) / 10"]

    def metrics(self, p):
        return ["ctc(out, label)", "mean(argmax(out, axis: -1) == label[:, 0..1])"]


class Triples(Target):
    def shape(self, p):
        return [3 * p.length]

    def losses(self, p):
        a, b = p.length, 2 * p.length
        return [f"triplet(out[:, 0..{a}], out[:, {a}..{b}], out[:, {b}..])", f"triplet(out[:, ..{a}], out[:, {a}..{b}], out[:, {b}..], margin: 0.3)"]

    def metrics(self, p):
        return ["mean(out[:, 0])", "std(out[:, -1])"]


class Itself(Target):
    def fits(self, p):
        return p.kind in ("vector", "table") and p.store == "f32"

    def shape(self, p):
        return list(p.input_shape)

    def losses(self, p):
        return ["mse(out, x)", "mae(out, x)", "kl_divergence(out, softmax(x))"]

    def metrics(self, p):
        return ["rmse(out, x)", "r2(out, x)"]


TARGETS = [Classes(), Classes(), Values(), Values(), Binary(), EachTime(), Spelling(), Triples(), Itself()]
# Few of them divide by what may be 0 or next to it: of a gradient that is rounding alone, they make a whole step.
RULES = ["sgd(lr: {})", "sgd(lr: {}, momentum: 0.9)", "sgd(lr: {}, momentum: 0.9, nesterov: true)", "momentum(lr: {})", "momentum(lr: {}, beta: 0.5, nesterov: true)",
         "adam(lr: {}, eps: 1e-2)", "adam(lr: {}, beta1: 0.5, beta2: 0.9, eps: 1e-2)", "adamw(lr: {}, eps: 1e-2, decay: 0.05)", "rmsprop(lr: {}, eps: 1e-2)",
         "adagrad(lr: {}, eps: 1e-2)", "adadelta(lr: {}, eps: 1e-2)", "lion(lr: {}, decay: 0.1)", "lamb(lr: {}, eps: 1e-2)", "adafactor(lr: {}, eps: 1e-4)",
         "adam(lr: {})"]
RATES = ["0.01", "0.01", "0.002", "constant(value: 0.01)", "cosine(peak: 0.01, warmup: 3)", "linear_warmup(peak: 0.01, warmup: 3)", "step_decay(start: 0.01, every: 2)",
         "exponential_decay(start: 0.01, every: 2)", "polynomial(start: 0.01, end: 0.001, power: 2)", "polynomial(start: 0.01, warmup: 2)", "one_cycle(peak: 0.01)",
         "0.01 * minimum(step / 3, 1)", "peak * 0.9 ^ step", "peak"]


def optimizer(p, pattern=""):
    return f"optimizer {p.some(*RULES).format(p.some(*RATES))}" + (f' for "{pattern}"' if pattern else "")


def losses(p, target):
    """The lines of what is minimised."""
    several = p.random.random() < 0.3
    lines = [f"loss      {'fit = ' if several else p.some('', 'fit = ')}{p.some(*target.losses(p))}"]
    more = ["small = 1e-3 * mean(out ^ 2)", "low = 0.01 * abs(out)", "soft = 0.01 * mean(softplus(out))"]
    if p.kind != "token" and p.store != "u8":
        more.append("steep = 0.01 * gradient(sum(out), wrt: x) ^ 2")
    if several:
        lines += ["loss      " + text for text in p.random.sample(more, p.some(1, 1, 2)) + ([more[-1]] if p.random.random() < 0.3 else [])]
        lines = list(dict.fromkeys(lines))
    return lines


def augmentation(p):
    h, w = p.input_shape[:2] if p.kind == "image" else (0, 0)
    kinds = []
    if p.kind == "image":
        kinds = ["random_flip(x)", f"random_erase(x, {p.some(1, 2)})", "random_rotate(x, degrees: 30)", "random_rotate(random_flip(x))"]
        if min(h, w) > 1:
            kinds += ["random_shift(x, 1)", f"random_shift(x, {min(h, w) - 1})"]
    if p.kind != "token" and p.store != "u8":
        kinds += ["gaussian_noise(x)", "gaussian_noise(x, std: 0.01)"]
    return [f"augment   x = {p.some(*kinds)}"] if kinds and p.random.random() < 0.35 else []


def clip(p):
    return [p.some("clip      norm: 0.5", "clip      norm: 0.1", "clip      value: 0.02", "clip      norm: 1.0 / step")] if p.random.random() < 0.3 else []


def every(p):
    return p.some("", "", " every: 2", " every: 3")


def minimised(p, target):
    """What a recipe of one model minimises, and how: losses, optimizers and clipping, in one step or two."""
    inner = losses(p, target)
    frozen = p.random.random() < 0.15
    if p.random.random() < 0.3 and not frozen:
        inner.append(optimizer(p, "*.b"))
    inner.append(optimizer(p))
    inner += clip(p)
    if len(inner) > 2 and inner[1].startswith("loss") and p.random.random() < 0.3:
        second = [inner.pop(1), optimizer(p)]
        inner = ["step first {", *("  " + line for line in inner), "}", f"step second{every(p)} {{", *("  " + line for line in second), "}"]
    return ['freeze    "*.b"'] * frozen + inner


def recipe(p, target, columns, models="net", inner=None):
    """A recipe of these models; `inner` is what is minimised, where that isn't what one model alone gives."""
    lines = [f"data      made({', '.join(p.taken(columns))})"]
    p.valid = p.random.random() < 0.3
    if p.valid:
        lines.append(f"split     valid: {p.some(0.2, 0.3, 0.5)}{p.some('', ', seed: 1')}")
    lines += augmentation(p)
    inner = inner or minimised(p, target)
    if any("peak}" in line or "peak *" in line or "lr: peak" in line for line in inner):
        lines.append("let peak = 0.01")
    lines += inner
    p.accumulate = p.some(1, 1, 1, 2, 3)
    if p.accumulate > 1:
        lines.append(f"accumulate {p.accumulate}")
    if p.random.random() < 0.2:
        lines.append("ema       0.8")
    named = p.random.sample(target.metrics(p), p.some(1, 2))
    lines += [f"metric    m{i} = {text}" for i, text in enumerate(named)] + ["metric    probe = mean(out ^ 2)", *p.more_metrics()]
    p.batch = p.some(1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 32)
    lines.append(f"batch     {p.batch}")
    lines.append(p.some("epochs    6", "epochs    9", "steps     9", "steps     9\n  epochs    7"))
    if p.random.random() < 0.3:
        lines.append(f"seed      {p.random.randint(0, 999)}")
    if p.random.random() < 0.3:
        lines.append("evaluate  every: 2")
    if p.random.random() < 0.2:
        lines.append(p.some("keep      max: probe", "keep      min: loss"))
    if p.random.random() < 0.2:
        lines.append("stop      patience: 90, min: probe")
    if p.random.random() < 0.3 or models != "net":
        lines += ["predict   guess = argmax(out)" if target.shape(p) else "predict   guess = out > 0"] * p.some(0, 1) + ["predict   out = out"]
    return f"train {models} {{\n  " + "\n  ".join(lines) + "\n}\n"
