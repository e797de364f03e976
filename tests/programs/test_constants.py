"""Constants from files: read where they lie when the program is compiled, of any order and element, and part of it from then on."""
# RUN: %python %s
import glob
import os

import numpy as np

from support import NNC, check, close, finish, predict, run, tmp

FOLDER = tmp("constants")
os.makedirs(os.path.join(FOLDER, "data", "deep"), exist_ok=True)
rng = np.random.default_rng(6)
ROADS = rng.normal(size=(7, 5)).astype(np.float32)
X = rng.normal(size=(3, 7)).astype(np.float32)


def programs(cache):
    """The folders of a cache's programs; the kernels that all of them share have another."""
    return [folder for folder in glob.glob(os.path.join(cache, "*")) if os.path.basename(folder) != "kernels"]


def put(name, array):
    np.save(os.path.join(FOLDER, name), array)


def source(text):
    with open(os.path.join(FOLDER, "m.nn"), "w", encoding="utf-8") as file:
        file.write(text)
    return os.path.join(FOLDER, "m.nn")


def model(let, body="x @ roads", out="f32[batch, 5]"):
    return source(f"{let}\n\nmodel m(x: f32[batch, 7]) -> y: {out} = {body}\n")


put("roads.npy", ROADS)
put("columns.npy", np.asfortranarray(ROADS))
put("data/deep/far.npy", ROADS * 2)
put("wide.npy", ROADS.astype(np.float64))
put("half.npy", ROADS.astype(np.float16))
put("bytes.npy", np.arange(35, dtype=np.uint8).reshape(7, 5))
put("one.npy", np.array([1.5], np.float32))
for what, let, body, want in (
        ("beside the source", 'let roads: f32[7, 5] = npy("roads.npy")', "x @ roads", X @ ROADS),
        ("stored by columns", 'let roads: f32[7, 5] = npy("columns.npy")', "x @ roads", X @ ROADS),
        ("of the folder of data", 'let roads = npy("far.npy")', "x @ roads", X @ ROADS * 2),
        ("f64", 'let roads = npy("wide.npy")', "x @ (roads as f32)", X @ ROADS),
        ("f16", 'let roads: f16[7, 5] = npy("half.npy")', "x @ (roads as f32)", X @ ROADS.astype(np.float16).astype(float)),
        ("bytes", 'let roads: u8[7, 5] = npy("bytes.npy")', "x @ (roads / 255)", X @ (np.arange(35).reshape(7, 5) / 255)),
        ("one element", 'let roads: f32[1] = npy("one.npy")', "x[:, 0..5] * roads[0]", X[:, :5] * 1.5),
        ("by another constant", 'let all: f32[7, 5] = npy("roads.npy")\nlet roads = all * 2', "x @ roads", X @ ROADS * 2)):
    outcome = run(NNC, "build", model(let, body), "-o", tmp("constant"))
    if check(outcome.status == 0, f"builds with a constant: {what}", outcome.err[-500:]):
        found = predict(tmp("constant"), x=X).get("y")
        check(close(found, want, 1e-5, 1e-5), "  and computes with it", found)

# The program has it; another file of the same name makes another program.
path = model('let roads: f32[7, 5] = npy("roads.npy")')
for factor in (1, 3):
    put("roads.npy", factor * ROADS)
    run(NNC, "build", path, "-o", tmp("constant"))
    os.remove(os.path.join(FOLDER, "roads.npy"))
    check(close(predict(tmp("constant"), x=X).get("y"), factor * X @ ROADS, 1e-5, 1e-5), f"the file is not needed to run, {factor}")

# A constant trains nothing, but gradients pass.
put("roads.npy", ROADS)
trained = source("""let roads: f32[7, 5] = npy("roads.npy")

model m(x: f32[batch, 7]) -> y: f32[batch, 5] = x |> dense(7) |> tanh |> mix

fn mix(x: f32[batch, 7]) -> f32[batch, 5] = x @ roads

train m {
  let x: f32[batch, 7] = normal()
  loss      mean((m(x) - 1) ^ 2)
  optimizer sgd(lr: 0.1)
  batch     8
  steps     20
}
""")
outcome = run(NNC, "gradcheck", trained)
check(outcome.status == 0, "gradients through a constant", outcome.out[-300:] + outcome.err[-300:])

for count, factor in ((1, 1), (1, 1), (2, 3)):
    put("roads.npy", factor * ROADS)
    outcome = run(NNC, "run", trained, "--", "train", env={**os.environ, "XDG_CACHE_HOME": tmp("cache")})
    made = len(programs(os.path.join(tmp("cache"), "nnc"))) if outcome.status == 0 else outcome.err
    check(made == count, f"'run' compiles again where the file has changed, and only then: {count}", made)
put("roads.npy", ROADS)

cached = {**os.environ, "NNC_CACHE": tmp("own")}
for what in ("is built", "is run again", "that is cut off is built anew", "that is changed is built anew"):
    for folder in programs(tmp("own")):
        name = next(file for file in glob.glob(os.path.join(folder, "*")) if not file.endswith(".sha256"))
        with open(name, "rb") as file:
            program = bytearray(file.read())
        if "cut off" in what:
            program = program[:len(program) // 2]
        if "changed" in what:
            program[100:len(program) // 2] = bytes(len(program) // 2 - 100)
        if "anew" in what:
            os.remove(name)
            with open(name, "wb") as file:
                file.write(program)
            os.chmod(name, 0o755)
    outcome = run(NNC, "run", trained, "--", "train", "--steps", "1", env=cached)
    check(outcome.status == 0 and len(programs(tmp("own"))) == 1, f"a program in $NNC_CACHE {what}", outcome.err[-300:])

put("cut.npy", ROADS)
with open(os.path.join(FOLDER, "cut.npy"), "r+b") as file:
    file.truncate(200)
put("truth.npy", ROADS > 0)
put("large.npy", np.zeros((1 << 24) + 1, np.float32))
with open(os.path.join(FOLDER, "text.npy"), "w", encoding="utf-8") as file:
    file.write("1,2\n")
for what, let, code, words in (
        ("another shape", 'let roads: f32[5, 7] = npy("roads.npy")', "E03", "7, 5"),
        ("another element", 'let roads: i32[7, 5] = npy("roads.npy")', "E04", "f32"),
        ("no file", 'let roads = npy("nowhere.npy")', "E0642", "nowhere.npy"),
        ("a file that is cut off", 'let roads = npy("cut.npy")', "E0642", "cut off"),
        ("truths", 'let roads = npy("truth.npy")', "E0642", "bool"),
        ("a large array", 'let roads = npy("large.npy")', "E0642", "64 MiB"),
        ("text", 'let roads = npy("text.npy")', "E0642", "no .npy file")):
    outcome = run(NNC, "check", model(let))
    check(outcome.status == 1 and f"[{code}" in outcome.err and words in outcome.err, f"refused: {what}", outcome.err[:400])

# A large constant of one value is no data of the program: building it takes no longer, and the program is as small as any.
for what, body, want in (
        ("a sum of ones", "x + sum(huge)", 4e8 + 1),
        ("a mean", "x + mean(huge * 0.5)", 1.5),
        ("a maximum", "x + max(huge)", 2),
        ("a product of matrices", "x + sum(large @ (large + 1))", 2e9 + 1),
        ("a row", "x + large[3, 0..1]", 2),
        ("part of what is joined", "x + concat(large, large * 3, axis: 0)[1500, 0..1]", 4)):
    lets = "  let huge: f32[20000, 20000] = ones()\n  let large: f32[1000, 1000] = ones()\n"
    path = source(f"model m(x: f32[batch, 1]) -> y: f32[batch, 1] {{\n{lets}  {body}\n}}\n")
    outcome = run(NNC, "build", path, "-o", tmp("large"), timeout=120)
    if check(outcome.status == 0, f"builds with a large constant: {what}", outcome.err[-500:]):
        check(os.path.getsize(tmp("large")) < 2 << 20, "  into a small program", os.path.getsize(tmp("large")))
        found = predict(tmp("large"), x=np.ones((1, 1), np.float32)).get("y")
        check(close(found, [[want]], 1e-6), "  which computes with it", found)
finish()
