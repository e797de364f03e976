"""Texts: units and windows against NumPy, vocabularies that travel with the weights, what `generate` writes, and every refusal."""
# RUN: %python %s
import gzip
import os
import subprocess

import numpy as np

from support import NNC, build, check, close, finish, load_weights, losses, predict, run, save_weights, tmp, write

SOURCE = """
data book(now: index(%s)[%d], next: index(%s)[%d]) {
  from  text("book.txt", unit: "%s", window: %d%s)
  now   = window[:, 0..-1]
  next  = window[:, 1..]
  split train: 0.75, test: 0.25
}

model bigram(now: index(vocab)[batch, time]) -> logits: f32[batch, time, vocab] {
  param table: f32[vocab, vocab] = normal(0.5)
  table[now]
}

train bigram {
  data      book(now, next)
  loss      cross_entropy(logits, next)
  optimizer sgd(lr: 1)
  batch     4
  epochs    2
}
"""


def source(vocab, unit="character", window=9, stride=None):
    options = "" if stride is None else f", stride: {stride}"
    return SOURCE % (vocab, window - 1, vocab, window - 1, unit, window, options)


def folder(name, content):
    """A folder with this text as book.txt."""
    os.makedirs(tmp(name), exist_ok=True)
    with open(os.path.join(tmp(name), "book.txt"), "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    return tmp(name)


def units(text, unit):
    return list(text) if unit == "character" else text.split() if unit == "word" else list(text.encode())


def windows(text, unit, window, stride):
    """The numbers of all windows, and how many different units there are."""
    cut = units(text, unit)
    names = list(range(256)) if unit == "byte" else sorted(set(cut), key=lambda x: x.encode())
    numbers = np.array([names.index(u) for u in cut])
    return np.stack([numbers[i : i + window] for i in range(0, len(numbers) - window + 1, stride)]), len(names)


def cross_entropy(table, rows):
    """The mean over all but the first unit of each window, in f64."""
    now, following = rows[:, :-1].ravel(), rows[:, 1:].ravel()
    logits = table.astype(np.float64)
    log_sum = np.log(np.exp(logits - logits.max(1, keepdims=True)).sum(1)) + logits.max(1)
    return float(np.mean(log_sum[now] - logits[now, following]))


rng = np.random.default_rng(3)
LETTERS = list("abcdé \n€🍎")
TEXT = "".join(rng.choice(LETTERS, 400))
WORDS = " ".join(rng.choice(["to", "be,", "or", "not", "naïve"], 300)) + "\r\n"

# --- windows, units, vocabularies: the loss of a part tells all of them
for unit, text in (("character", TEXT), ("word", WORDS), ("byte", TEXT)):
    for window, stride in ((9, None), (5, 7), (2, 1)):
        rows, vocab = windows(text, unit, window, stride or max(1, window - 1))
        data = folder(f"{unit}{window}", text)
        # With the text at hand a name is enough.
        exe = build(source("vocab", unit, window, stride), "book", "--data", data)
        outcome = run(exe, "train", "--data", data, "--steps", 3, "--quiet", "--save", tmp("w"))
        check(outcome.status == 0, f"{unit}, windows of {window}: train", outcome.err)
        table = load_weights(tmp("w"))["table"]
        check(table.shape == (vocab, vocab), f"{unit}: the text settles {vocab} units", table.shape)
        outcome = run(exe, "eval", "--data", data, "--weights", tmp("w"))
        test = rows[int(len(rows) * 0.75 + 0.5) :]
        expected = cross_entropy(table, test)
        found = float(outcome.out.split()[1]) if outcome.status == 0 else float("nan")
        check(abs(found - expected) <= 1e-5 * expected, f"{unit}, windows of {window}, every {stride}: the loss of the test part", (found, expected, outcome.err))

# --- the text may be packed, and needs not be at hand where the header says how many units there are
data = folder("letters", TEXT)
exe = build(source(len(LETTERS)), "stated")
plain = losses(exe, "--no-shuffle", data=data)
os.makedirs(tmp("packed"))
with gzip.open(tmp("packed/book.txt.gz"), "wb") as file:
    file.write(TEXT.encode())
check(plain.size and np.array_equal(plain, losses(exe, "--no-shuffle", data=tmp("packed"))), "a packed text is the same text", plain[:3])
path = write("named.nn", source("vocab"))
check(run(NNC, "check", path).status == 0, "without the text, a program with a name for its size can be checked")
outcome = run(NNC, "build", path, "-o", tmp("none"))
check(outcome.status == 1 and "E0643" in outcome.err and "book.txt" in outcome.err, "but not built", outcome.err)
check(run(NNC, "build", path, "-o", tmp("none"), "--data", data).status == 0, "with the text it is built")
outcome = run(NNC, "build", write("wrong.nn", source("8")), "-o", tmp("none"), "--data", data)
check(outcome.status == 1 and "index(9)" in outcome.err and "index(8)" in outcome.err, "the header is held against the text", outcome.err)

# --- texts that don't fit: the place is named, nothing is lost
run(exe, "train", "--data", data, "--steps", 3, "--quiet", "--save", tmp("w"))
before = open(tmp("w"), "rb").read()
for name, content, status, words in (
    ("more", TEXT + "xy", 1, [":", "11 different characters", "built for 9"]),
    ("less", TEXT.replace("a", "b"), 1, ["book.txt: ", "8 different characters", "built for 9", "--data DIR"]),
    ("broken", TEXT.encode()[:100] + b"\xff" + TEXT.encode()[100:], 1, ["not UTF-8", "book.txt:"]),
    ("short", "abc", 1, ["3 characters", "9 of a window"]),
    ("empty", "", 1, ["book.txt", "0 characters"]),
):
    outcome = run(exe, "train", "--data", folder(name, content), "--quiet", "--save", tmp("w"))
    check(outcome.status == status and all(word in outcome.err for word in words), f"a text that is {name} is refused", outcome.err)
outcome = run(exe, "eval", "--data", folder("other", TEXT.replace("a", "x")), "--weights", tmp("w"))
check(outcome.status == 1 and "'x' is none of those" in outcome.err, "a text with another character can't be evaluated", outcome.err)
outcome = run(exe, "train", "--data", tmp("no such"), "--quiet")
check(outcome.status == 1 and "book.txt" in outcome.err, "a text that is not there is asked for", outcome.err)
check(open(tmp("w"), "rb").read() == before, "weights stay as they were")

# --- what a training writes is none of what it reads
text = os.path.join(data, "book.txt")
os.symlink(text, tmp("linked.txt"))
for option, name in (("--plot", text), ("--save", text), ("--log", text), ("--plot", tmp("linked.txt"))):
    outcome = run(exe, "train", "--data", data, "--quiet", option, name)
    check(outcome.status == 2 and f"{option} would write to {name}" in outcome.err and "'book'" in outcome.err, f"{option} to the text is refused", outcome.err)
check(open(text, "rb").read() == TEXT.encode() and os.listdir(data) == ["book.txt"], "and leaves it as it is", os.listdir(data))

# --- one --data is enough for a run, on either side of `--`
path = write("run.nn", source("vocab"))
for before, behind in ((["--data", data], []), ([], ["--data", data])):
    outcome = run(NNC, "run", path, *before, "--", "train", "--steps", 2, "--quiet", "--save", tmp("run.st"), *behind)
    check(outcome.status == 0 and os.path.exists(tmp("run.st")), f"nnc run {before} -- {behind}", outcome.err)
    os.path.exists(tmp("run.st")) and os.remove(tmp("run.st"))

# --- generate: the likeliest, draws by seed, and their frequencies
names = sorted(LETTERS, key=lambda x: x.encode())
metadata = tmp("trained")
run(exe, "train", "--data", data, "--epochs", 30, "--quiet", "--save", metadata)
table = load_weights(metadata)["table"]


def generate(*options, weights=metadata, program=exe, **more):
    return run(program, "generate", "--weights", weights, *options, **more)


text = "ab"
for _ in range(20):
    text += names[int(np.argmax(table[names.index(text[-1])]))]
outcome = generate("--prompt", "ab", "--length", 20, "--temperature", 0)
check(outcome.out == text + "\n", "at temperature 0 the likeliest follows", (outcome.out, text, outcome.err))
a, b, c = (generate("--prompt", "ab", "--length", 60, "--seed", seed).out for seed in (1, 1, 2))
check(a == b != c and a.startswith("ab") and len(a) == 63, "a seed is a text", (a, c))
check(generate("--prompt", "ab", "--length", 60, "--seed", 1, "--threads", 1).out == a, "whatever the threads")
check(generate("--prompt", "ab", "--length", 0).out == "ab\n", "a length of 0 is the prompt")
check(len(generate("--prompt", "é").out) == 202, "200 units without a length")
# What follows depends on the last character alone: pairs come as often as the softmax says.
length, temperature = 6000, 0.7
out = generate("--prompt", "a", "--length", length, "--temperature", temperature, "--seed", 5).out[:-1]
scaled = table.astype(float) / temperature
share = np.exp(scaled - scaled.max(1, keepdims=True))
share /= share.sum(1, keepdims=True)
count = np.zeros_like(share)
for now, following in zip(out, out[1:]):
    count[names.index(now), names.index(following)] += 1
rows = count.sum(1, keepdims=True)
deviation = (count - rows * share) / np.sqrt(np.maximum(rows * share * (1 - share), 1))
# 81 cells of a normal deviate: beyond 5 once in 20,000 runs.
check(len(out) == length + 1 and np.abs(deviation).max() < 5, "characters come as often as their probabilities", np.abs(deviation).max())

# --- generate unit by unit, from what is kept of those before, writes what predict says of all of them
NETWORKS = {
    "attention": """
  param place: f32[time_, 12] = normal(0.3)
  let h = token |> embedding(12)
  let x = h + place
  let y = x + (x |> layer_norm |> attention(3, causal: true))
  y + (y |> dense(20) |> gelu |> dense(12)) |> layer_norm |> dense(9)""",
    "lstm": """
  token |> embedding(7) |> lstm(11) |> gru(5) |> dense(9)""",
    "both": """
  let x = token |> embedding(8) |> lstm(8)
  x + (x |> attention(2, causal: true)) |> rms_norm |> dropout(0.3) |> dense(9)""",
    # Sums over what was before, by a mask of its own; tied weights.
    "mask": """
  param embed: f32[9, 6] = normal(0.5)
  let x = embed[token]
  let seen = tril(ones([time_, time_]))
  einsum("t s, b s d -> b t d", seen / (1 + iota(time_) as f32)[:, new], x) @ transpose(embed)""",
    # Positions on two axes. Which of them asks is not known here: predict is asked each time.
    "relative": """
  param bias: f32[10, 10, 8] = normal(0.3)
  let x = token |> embedding(8)
  let v = x[:, new, :, :] * bias[new]
  let seen = tril(ones([10, 10]))
  x + einsum("t s, b t s d -> b t d", seen, v) |> dense(9)""",
    # Here it is: what is asked about is kept, and looked up where it meets what asks.
    "additive": """
  param ask: f32[8] = normal(0.5)
  let x = token |> embedding(8)
  let scores = tanh(dense(8)(x)[:, :, new, :] + dense(8)(x)[:, new, :, :]) @ ask
  let weights = where(iota(10)[:, new] >= iota(10)[new, :], scores, lowest(scores)) |> softmax
  einsum("b t s, b s d -> b t d", weights, x) |> dense(9)""",
    # A hidden axis as long as the text: its elements are no positions, which the first check finds.
    "hidden": """
  let x = token |> embedding(8)
  let i = iota(10)[:, new]
  let j = iota(10)[new, :]
  let down = (j <= 2 * i + 1) as f32
  let up = (2 * j + 1 <= i) as f32
  x + einsum("t h, b h d -> b t d", up, einsum("h s, b s d -> b h d", down, x)) |> dense(9)""",
    # The network of windows is no sum that is known to look back: predict is asked each time.
    "windows": """
  param filter: f32[3, 8, 9] = normal(0.4)
  let x = token |> embedding(8)
  einsum("b t k c, k c n -> b t n", windows(x, size: 3, padding: [[2, 0]]), filter)""",
}
for name, body in NETWORKS.items():
    text = source(len(LETTERS), window=11).split("model bigram")[0] + f"""
model net(token: index(9)[batch, 10]) -> logits: f32[batch, 10, 9] {{
  {body.strip()}
}}

train net {{
  data      book(token: now, next)
  loss      cross_entropy(logits, next)
  optimizer adam(lr: 0.02)
  batch     8
  epochs    6
}}
""".replace("time_", "10")
    text = text.replace("time_", "10")
    program = build(text, f"net_{name}")
    run(program, "train", "--data", data, "--quiet", "--save", tmp("net"))
    # Prompts of one unit, about as long as the window, and longer than two.
    for prompt in ("a", "ab", "abcdabcda", "abcdabcdab", "abcdabcdabc", "abcd" * 6 + "a"):
        out = generate("--prompt", prompt, "--length", 14, "--temperature", 0, weights=tmp("net"), program=program)
        # The reference forgets the older half where the window is full, too.
        seen, expected = [], prompt
        for unit in prompt:
            seen = (seen[5:] if len(seen) == 10 else seen) + [names.index(unit)]
        for _ in range(14):
            padded = np.array([seen + [0] * (10 - len(seen))], np.int32)
            logits = predict(program, tmp("net"), token=padded)["logits"][0, len(seen) - 1]
            expected += names[int(np.argmax(logits))]
            seen = (seen[5:] if len(seen) == 10 else seen) + [int(np.argmax(logits))]
        check(out.out == expected + "\n", f"{name}: unit by unit as all at once, behind {len(prompt)}", (out.out, expected, out.err))
    entries = run(NNC, "build", write(f"{name}.nn", text), "--emit", "mlir", "--stage", "grad", "-o", "-").out
    check((".next(" in entries) == (name not in ("windows", "relative")), f"{name}: keeps what it needs where that is known")

# --- generate: words are parted by blanks, bytes are as they are
for unit, prompt, test in (("word", "to be,", lambda out: len(out.split()) == 2 + 30 and "  " not in out), ("byte", "a", lambda out: len(out) >= 30)):
    data_of = folder(f"of {unit}", WORDS if unit == "word" else "ab" * 200)
    program = build(source("vocab", unit), f"of_{unit}", "--data", data_of)
    run(program, "train", "--data", data_of, "--epochs", 20, "--quiet", "--save", tmp("u"))
    outcome = generate("--prompt", prompt, "--length", 30, weights=tmp("u"), program=program)
    check(outcome.status == 0 and outcome.out.startswith(prompt) and test(outcome.out), f"generate in {unit}s", (outcome.out, outcome.err))

# --- generate: what it refuses
for options, status, words in (
    (("--prompt", "axb"), 2, "'x'"),
    (("--prompt", ""), 2, "empty"),
    (("--prompt", b"a\xff"), 2, "UTF-8"),
    (("--prompt", "a", "--temperature", "-1"), 2, "at least 0"),
    (("--prompt", "a", "--temperature", "nan"), 2, "at least 0"),
    (("--prompt", "a", "--length", "-3"), 2, "length"),
    ((), 2, "--prompt"),
):
    # A prompt of bytes that are no text can only be handed over as bytes.
    command = [o if isinstance(o, bytes) else str(o).encode() for o in (exe, "generate", "--weights", metadata, *options)]


    done = subprocess.run(command, capture_output=True, timeout=60)
    check(done.returncode == status and words in done.stderr.decode("utf-8", "replace"), f"generate {options}", done.stderr)
save_weights(tmp("foreign"), {"table": table})
outcome = generate("--prompt", "a", weights=tmp("foreign"))
check(outcome.status == 1 and "vocabulary" in outcome.err, "weights without a vocabulary", outcome.err)
AHEAD = source(len(LETTERS)).replace("  table[now]\n", "  table[now] + mean(table[now], axis: 1, keep: true)\n")
program = build(AHEAD, "ahead")
run(program, "train", "--data", data, "--steps", 2, "--quiet", "--save", tmp("ahead.st"))
for prompt in ("a", "abcdabcd", "abcdabcdabcd"):
    outcome = generate("--prompt", prompt, weights=tmp("ahead.st"), program=program)
    check(outcome.status == 1 and "looks ahead" in outcome.err and not outcome.out, f"a model that looks ahead, behind {len(prompt)}", (outcome.out, outcome.err))
for name, body in (("attention", "now |> embedding(8) |> attention(2) |> dense(9)"), ("pairs", "now |> embedding(8) |> rearrange(\"b (t p) d -> b t (p d)\", p: 2) |> dense(18) |> rearrange(\"b t (p d) -> b (t p) d\", p: 2)")):
    program = build(source(len(LETTERS)).replace("  param table: f32[vocab, vocab] = normal(0.5)\n", "").replace("  table[now]\n", f"  {body}\n"), f"ahead_{name}")
    run(program, "train", "--data", data, "--steps", 2, "--quiet", "--save", tmp("ahead.st"))
    outcome = generate("--prompt", "abcdabcd", weights=tmp("ahead.st"), program=program)
    check(outcome.status == 1 and "looks ahead" in outcome.err, f"{name} that look ahead", (outcome.out, outcome.err))
# What the model is given has to be the text, and what it gives logits.
OTHER = source(len(LETTERS)).replace("  now   = window[:, 0..-1]", "  now   = 8 - window[:, 0..-1]").replace("index(9)[8], next", "i32[8], next").replace("now: index(vocab)", "now: i32").replace("f32[batch, time, vocab] {", "f32[batch, time, 9] {").replace("f32[vocab, vocab]", "f32[9, 9]").replace("table[now]", "table[now as index(9)]")
program = build(OTHER, "turned")
run(program, "train", "--data", data, "--steps", 2, "--quiet", "--save", tmp("other.st"))
outcome = generate("--prompt", "a", weights=tmp("other.st"), program=program)
check(outcome.status == 1 and "something else than its windows" in outcome.err, "a data set that turns units round", outcome.err)
program = build(source(len(LETTERS)).replace("  batch     4\n", "  batch     4\n  predict   p = softmax(logits)\n"), "soft")
run(program, "train", "--data", data, "--steps", 2, "--quiet", "--save", tmp("soft.st"))
outcome = generate("--prompt", "a", weights=tmp("soft.st"), program=program)
check(outcome.status == 1 and "probabilities" in outcome.err, "probabilities are no logits", outcome.err)
LAST = source(len(LETTERS)).replace("f32[batch, time, vocab] {", "f32[batch, vocab] {").replace("table[now]", "table[now[:, -1]]").replace("(logits, next)", "(logits, next[:, -1])")
program = build(LAST, "last")
run(program, "train", "--data", data, "--epochs", 5, "--quiet", "--save", tmp("last.st"))
outcome = generate("--prompt", "abcdabcd", "--length", 10, weights=tmp("last.st"), program=program)
check(outcome.status == 0 and len(outcome.out) == 19, "a model of what follows a whole window", outcome.err)
outcome = generate("--prompt", "abc", weights=tmp("last.st"), program=program)
check(outcome.status == 2 and "8" in outcome.err, "needs a whole window", outcome.err)
PLAIN = "model m(x: f32[batch, 3]) -> y: f32[batch] = x |> dense(1) |> squeeze\n"
program = build(PLAIN, "plain")
outcome = generate("--prompt", "a", program=program)
check(outcome.status == 1 and "not trained on a text" in outcome.err, "a model of no text writes none", outcome.err)

# --- the bits don't depend on threads or on where training was cut
options = ("--data", data, "--quiet", "--seed", 4)
run(exe, "train", *options, "--steps", 12, "--threads", 1, "--save", tmp("one"))
run(exe, "train", *options, "--steps", 12, "--threads", 2, "--save", tmp("two"))
run(exe, "train", *options, "--steps", 5, "--save", tmp("half"))
run(exe, "train", *options, "--steps", 12, "--resume", tmp("half"), "--save", tmp("three"))
one, two, three = (load_weights(tmp(name))["table"].tobytes() for name in ("one", "two", "three"))
check(one == two == three, "one thread, two, and resumed: the same bits")
finish()
