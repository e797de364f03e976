"""Recipes of several models and several steps in turn: networks against each other, there and back, teachers, and twins.

Beside `net`, which learns the program's target, other models are grown from the catalogue. All read `real`, x as numbers in a row.
"""
from random_recipes import clip, every, losses, optimizer, recipe

MOST = 64


def real(p):
    """(x as f32[batch, d], d)"""
    d = p.elements_of_x()
    text = {"u8": "flatten(x / 255)", "f64": "flatten(x) as f32"}.get(p.store, "flatten(x)")
    if p.kind == "token":
        text, d = f"flatten(one_hot(x, {p.vocabulary}) as f32)", d * p.vocabulary
    if d > MOST:
        text, d = f"({text})[:, {d - MOST}..]", MOST
    return text, d


def grown(p, name, given, n, out, shape):
    """A model from `given: f32[batch, n]` to `out: f32[batch, shape]`, of a step or two; p's own model is left as it is."""
    kept = p.lines, p.value, p.shape
    p.lines, p.shape = [], [n]
    p.let(given if p.element == "f32" else f"{given} as {p.element}", [n])
    p.grow(p.some(0, 1, 1, 2))
    p.let(f"{p.value} |> flatten |> dense({shape[0] if shape else 1})", shape)
    value = p.value + ("" if shape else " |> squeeze")
    value = value if p.element == "f32" else f"({value}) as f32"
    text = (f"model {name}({given}: f32[batch, {n}]) -> {out}: f32[batch{''.join(f', {m}' for m in shape)}] {{\n  " + "\n  ".join(p.lines) + f"\n  {value}\n}}\n\n")
    p.lines, p.value, p.shape = kept
    return text


class Turns:
    """What the recipe has more: `models` by name, `lets`, `steps` as (name, lines, patterns of what they update), `metrics`, `frozen` patterns."""

    def __init__(self, p, target):
        self.models, self.lets, self.steps, self.metrics, self.frozen = {}, ["let out = net(x)"], [], [], []
        text, self.d = real(p)
        self.lets.append(f"let real = {text}")
        p.some(self.against, self.back, self.taught, self.twins)(p, target)
        if not self.frozen:
            self.steps.insert(p.random.randint(0, len(self.steps)), ("learn", losses(p, target), ["net.*"]))

    def noise(self, p, n):
        self.lets.append(f"let noise: f32[batch, {n}] = {p.some('normal()', 'uniform(-1, 1)')}")

    def against(self, p, target):
        """A maker and a critic."""
        k = p.some(1, 2, 3, 8)
        self.models = {"maker": grown(p, "maker", "noise", k, "made", [self.d]), "critic": grown(p, "critic", "z", self.d, "score", [])}
        self.noise(p, k)
        made = "maker(noise)"
        if p.random.random() < 0.5:
            self.lets.append("let made = maker(noise)")
            made = "made"
        judge = p.some([f"loss      softplus(-critic(real)) + softplus(critic({made}))"], ["loss      on_real = softplus(-critic(real))", f"loss      tell = softplus(critic({made}))"],
                       [f"loss      both = softplus(critic(concat(real, {made}, axis: 0)))", "loss      on_real = -0.1 * critic(real)"])
        if p.random.random() < 0.3:
            judge.append("loss      penalty = 0.1 * (norm(gradient(critic(real), wrt: real), axis: -1) - 1) ^ 2")
        self.steps = [("judge", judge, ["critic.*"]), ("forge", [f"loss      softplus(-critic({made}))"], ["maker.*"])]
        self.metrics = ["metric    judged = mean(critic(real))", f"metric    fooled = critic({made}) > 0"]

    def back(self, p, target):
        """There and back again, and parameters that two steps update."""
        k = p.some(1, 2, 3, 5)
        self.models = {"encode": grown(p, "encode", "z", self.d, "code", [k]), "decode": grown(p, "decode", "code", k, "again", [self.d])}
        code = "encode(real)"
        if p.random.random() < 0.4:
            self.noise(p, k)
            code = "encode(real) + 0.1 * noise"
        self.lets.append(f"let code = {code}")
        self.steps = [("rebuild", [f"loss      {p.some('mse', 'huber', 'mae')}(decode(code), real)"], p.some(["encode.*", "decode.*"], ["*code.*"]))]
        if p.random.random() < 0.5:
            self.steps.append(("refine", ["loss      short = mean(code ^ 2)"], ["encode.*"]))
        self.metrics = ["metric    lost = sqrt(mean((decode(code) - real) ^ 2))"]

    def taught(self, p, target):
        """What `net` says is what another model learns; `net` learns beside it, or stays as it is."""
        shape = target.shape(p)
        n = p.elements_of(shape)
        self.models = {"pupil": grown(p, "pupil", "z", self.d, "guess", [n])}
        told = {0: "out[:, new]", 1: "out"}.get(len(shape), "flatten(out)")
        told = told if p.out == "f32" else f"({told} as f32)"
        if p.random.random() < 0.4:
            self.frozen = ["net.*"]
        self.steps = [("copy", [f"loss      {p.some('mse', 'huber')}(pupil(real), {p.some(f'stop_gradient({told})', told)})"], ["pupil.*"])]
        self.metrics = [f"metric    apart = mean(mae(pupil(real), {told}))"]

    def twins(self, p, target):
        """One model for several inputs, also of two batches that are joined."""
        k = p.some(1, 2, 4)
        self.models = {"place": grown(p, "place", "z", self.d, "point", [k])}
        self.noise(p, self.d)
        self.lets += p.some(["let near = place(real)", "let far = place(noise)"],
                            ["let (near, far) = split(place(concat(real, noise, axis: 0)), 2, axis: 0)"])
        self.steps = [("draw_near", [p.some("loss      triplet(near, place(real + 0.1 * noise), far)", "loss      1 - cosine_similarity(near, far + 0.5)", "loss      mse(near, stop_gradient(far))")],
                       ["place.*"])]
        self.metrics = ["metric    gap = mean(place(real) ^ 2)"]

    def lines(self, p):
        lines = self.lets + [f'freeze    "{pattern}"' for pattern in self.frozen]
        together = p.random.random() < 0.25
        for name, body, patterns in self.steps:
            rules = [optimizer(p, pattern) for pattern in patterns]
            body = body + rules + (clip(p) if not together else [])
            if together: # all losses in one
                lines += [f"loss      {name} = {line.split('loss', 1)[1].strip()}" if line.startswith("loss") and " = " not in line else line.replace("loss      ", f"loss      {name}_", 1)
                          if line.startswith("loss") else line for line in body]
            else:
                lines += [f"step {name}{every(p)} {{"] + ["  " + line for line in body] + ["}"]
        if together and any(name == "refine" for name, _, _ in self.steps):
            # A parameter has one rule there.
            rest = [i for i, line in enumerate(lines) if line.startswith("optimizer") and '"encode.*"' in line]
            keep = [i for i, line in enumerate(lines) if line.startswith("optimizer") and '"*code.*"' in line]
            lines = [line for i, line in enumerate(lines) if i not in (rest if keep else rest[1:])]
        return lines


def turns(p, target, columns, more):
    return recipe(p, target, columns, ", ".join(["net", *more.models]), more.lines(p))
