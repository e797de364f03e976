"""Stopped anywhere and resumed, a training ends in the same bits: parameters, states of layers and optimizers, averages, best
values, patience, draws, the place in the epoch; for one network and for two in turn, with data and without."""
# RUN: %python %s
import os
import shutil


from support import build, check, events, finish, load_weights, run, tmp, write_small_mnist

EXAMPLES = 90
SMALL = tmp("small")
write_small_mnist(SMALL, EXAMPLES)
LAYERS = """
layer norm(momentum: float = 0.9, eps: float = 1e-5)(x: float[batch, n]) -> float[batch, n] {
  param gain: float[n] = ones()
  state centre: float[n] = zeros()
  state spread: float[n] = ones()
  if training {
    let m = mean(x, axis: 0)
    let v = mean((x - m) ^ 2, axis: 0)
    centre = momentum * centre + (1 - momentum) * m
    spread = momentum * spread + (1 - momentum) * v
    gain * (x - m) / sqrt(v + eps)
  } else {
    gain * (x - centre) / sqrt(spread + eps)
  }
}

layer drop(rate: float)(x: float[...s]) -> float[...s] {
  if training {
    let coin: float[...s] = uniform(0, 1)
    where(coin < rate, 0, x / (1 - rate))
  } else {
    x
  }
}
"""
EVERYTHING = LAYERS + """
model net(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] {
  image / 255 |> flatten |> dense(12) |> norm |> relu |> drop(0.3) |> dense(10)
}

train net {
  data       mnist(image, label)
  split      valid: 0.2, seed: 3
  augment    image = random_shift(image, 2)
  let rate = 0.01 * cos(pi / 2 * step / steps)
  loss       fit   = cross_entropy(logits, label)
  loss       small = 1e-3 * mean(logits ^ 2)
  metric     accuracy(logits, label)
  optimizer  sgd(lr: rate, momentum: 0.9) for "*.b"
  optimizer  adamw(lr: rate, decay: 0.01)
  clip       norm: 1.0
  accumulate 2
  ema        0.9
  batch      16
  steps      12
  evaluate   every: 3
  keep       max: accuracy
  stop       patience: 20, min: loss
}
"""
TURNS = """
model maker(noise: f32[batch, 4]) -> image: f32[batch, 784] = noise |> dense(16) |> relu |> dense(784) |> sigmoid

model critic(image: f32[batch, 784]) -> score: f32[batch] = image |> dense(8) |> relu |> dense(1) |> squeeze

train maker, critic {
  data   mnist(image)
  batch  16
  epochs 3
  let real = flatten(image / 255)
  let noise: f32[batch, 4] = normal()
  step judge {
    loss      softplus(-critic(real)) + softplus(critic(maker(noise)))
    optimizer adam(lr: 1e-3) for "critic.*"
  }
  step forge every: 3 {
    loss      softplus(-critic(maker(noise)))
    optimizer adam(lr: 1e-3) for "maker.*"
  }
}
"""
EQUATION = """
model field(x: f32[batch]) -> u: f32[batch] = x[:, new] |> dense(8) |> tanh |> dense(1) |> squeeze

train field {
  let x: f32[batch] = uniform(0, 1)
  let u = field(x)
  loss      equation = (gradient(u, wrt: x) - cos(x)) ^ 2
  metric    error = sqrt(mean((u - sin(x)) ^ 2))
  optimizer adam(lr: 1e-2)
  batch     32
  steps     12
  evaluate  every: 4
  keep      min: error
}
"""


def same_files(a, b):
    """The names of tensors that differ."""
    x, y = load_weights(a), load_weights(b)
    return sorted(set(x) ^ set(y)) + [name for name in x if name in y and x[name].tobytes() != y[name].tobytes()]


def readings(log):
    """What was logged, but for times."""
    rows = [{k: v for k, v in row.items() if not any(w in k for w in ("second", "time", "per_s"))} for row in events(log, "step")]
    return {row["step"]: row for row in rows}


def compare(name, text, stops, *options):
    program = build(text, name)
    data = ["--data", SMALL] if "data " in text else []
    common = [*data, "--seed", 5, "--quiet", "--log-every", 1, *options]
    outcome = run(program, "train", *common, "--save", tmp("whole.safetensors"), "--log", tmp("whole.log"))
    if not check(outcome.status == 0, f"{name} trains", outcome.err[-400:]):
        return
    whole = readings(tmp("whole.log"))
    for first, threads in stops:
        for file in ("part.safetensors", "part.best.safetensors", "part.log", "rest.log"):
            if os.path.exists(tmp(file)):
                os.remove(tmp(file))
        run(program, "train", *common, "--steps", first, "--save", tmp("part.safetensors"), "--log", tmp("part.log"))
        outcome = run(program, "train", *common, "--resume", tmp("part.safetensors"), "--save", tmp("part.safetensors"), "--threads", threads, "--log", tmp("rest.log"))
        if not check(outcome.status == 0, f"{name}: resumed after step {first}", outcome.err[-400:]):
            continue
        off = same_files(tmp("whole.safetensors"), tmp("part.safetensors"))
        check(not off, f"{name}: stopped after step {first} and resumed on {threads} threads, every tensor has the same bits", off[:5])
        both = {**readings(tmp("part.log")), **readings(tmp("rest.log"))}
        check(both == whole, "  and every loss on the way", [(k, both.get(k), whole.get(k)) for k in whole if both.get(k) != whole[k]][:1])
        if os.path.exists(tmp("whole.best.safetensors")):
            off = same_files(tmp("whole.best.safetensors"), tmp("part.best.safetensors")) if os.path.exists(tmp("part.best.safetensors")) else ["none"]
            check(not off, "  and what was kept as the best", off[:5])
    for file in ("whole.best.safetensors", "whole.log"):
        if os.path.exists(tmp(file)):
            os.remove(tmp(file))
    return program


def earlier_plan():
    """What an earlier --epochs planned is carried on: the schedule was computed for it."""
    program = build(EVERYTHING, "planned")
    common = ["--data", SMALL, "--seed", 5, "--quiet"]
    run(program, "train", *common, "--epochs", 3, "--save", tmp("whole.safetensors"))
    run(program, "train", *common, "--epochs", 3, "--steps", 4, "--save", tmp("part.safetensors"))
    outcome = run(program, "train", *common, "--resume", tmp("part.safetensors"), "--save", tmp("part.safetensors"))
    off = same_files(tmp("whole.safetensors"), tmp("part.safetensors"))
    check(outcome.status == 0 and not off, "without --epochs, a resumed training keeps to the plan that it began with", outcome.err[:200] or off[:5])
    outcome = run(program, "train", *common, "--resume", tmp("part.safetensors"))
    check("nothing is left" in outcome.err, "  and says that nothing is left of it", outcome.err[:200])


def refusals(program):
    """A checkpoint of another program, of weights alone, or broken is no training to resume."""
    shutil.copy(tmp("whole.safetensors"), tmp("other.safetensors"))
    other = build(EQUATION.replace("dense(8)", "dense(9)"), "other")
    outcome = run(other, "train", "--resume", tmp("other.safetensors"), "--steps", 14)
    check(outcome.status == 1 and "other.safetensors" in outcome.err, "another program's checkpoint is refused", outcome.err[:200])
    with open(tmp("other.safetensors"), "r+b") as file:
        file.truncate(os.path.getsize(tmp("other.safetensors")) - 3)
    outcome = run(program, "train", "--resume", tmp("other.safetensors"), "--steps", 14)
    check(outcome.status == 1 and "other.safetensors" in outcome.err, "  and half of one", outcome.err[:200])


compare("everything", EVERYTHING, [(1, 1), (3, 2), (4, 1), (7, 3), (11, 1)])
compare("two networks", TURNS, [(1, 1), (3, 2), (6, 1), (7, 1)])
program = compare("no data", EQUATION, [(1, 1), (4, 2), (9, 1)])
if program:
    refusals(program)
earlier_plan()
finish()
