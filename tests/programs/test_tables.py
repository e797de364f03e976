"""Tables and other files: what is read, fitted and refused. Quotes, line ends, names, missing values; a place for every mistake."""
# RUN: %python %s
import gzip
import os
import re

import numpy as np

from support import (NNC, build, check, close, finish, load_weights, losses, predict, run, save_weights, tmp, write, write_small_mnist)

rng = np.random.default_rng(6)
ROWS = 200
KINDS = ["plain", "with, comma", 'with "quotes"', "naïve", " spaced "]
AGE = rng.normal(40, 10, ROWS).round(2)
SIZE = rng.normal(0, 1, ROWS).round(3)
KIND = rng.integers(0, 5, ROWS)
MISSING = rng.random(ROWS) < 0.1
TARGET = AGE / 10 + SIZE + KIND


def quoted(text):
    return '"' + text.replace('"', '""') + '"' if re.search('[",\n]|^ | $', text) else text


def table(separator=",", end="\n", header=True, bom=False, last=True, always=False):
    lines = [["age", "size of it", "kind", "target"]] if header else []
    lines += [[f"{a}", "" if m else f"{s}", KINDS[k], f"{t:.6g}"] for a, s, k, m, t in zip(AGE, SIZE, KIND, MISSING, TARGET)]
    quote = (lambda x: '"' + x.replace('"', '""') + '"') if always else quoted
    text = end.join(separator.join(map(quote, line)) for line in lines) + (end if last else "")
    return ("\ufeff" if bom else "") + text


SOURCE = """
data shop(features: f32[n], value: f32) {
  from     csv("shop.csv", missing: ""%s)
  let size = numbers("size of it")
  features = concat(
    numbers("age") |> standardize,
    fill(size, median(size, axis: 0)),
    one_hot(category("kind", classes: 5)))
  value    = number("target")
  split    train: 0.7, test: 0.3
}

model price(features: f32[batch, n]) -> price: f32[batch] = features |> dense(1) |> squeeze

train price {
  data      shop(features, value)
  loss      mse(price, value)
  metric    rmse(price, value)
  optimizer sgd(lr: 0.01)
  batch     16
  epochs    3
}
"""


def folder(name, text, file="shop.csv"):
    os.makedirs(tmp(name), exist_ok=True)
    with open(os.path.join(tmp(name), file), "w", encoding="utf-8", newline="") as output:
        output.write(text)
    return tmp(name)


def reading():
    data = folder("unix", table())
    os.makedirs(tmp("source"), exist_ok=True)
    write("shop.csv", table())
    program = build(SOURCE % "", "shop")
    curve = losses(program, "--seed", 1, "--save", tmp("shop.w"), data=data)
    check(curve.shape == (27,) and np.isfinite(curve).all(), "140 of 200 rows, nine batches an epoch", curve.shape)
    for what, text in (("CRLF", table(end="\r\n")), ("a byte order mark", table(bom=True)), ("no line end at the end", table(last=False)),
                       ("quotes around everything", table(always=True)), ("CRLF and quotes", table(end="\r\n", always=True))):
        found = losses(program, "--seed", 1, data=folder("other", text))
        check(np.array_equal(found, curve), f"a table with {what} is the same table", found[:2])
    write("shop.csv", table(";"))
    semicolons = build(SOURCE % ', separator: ";"', "semicolons")
    check(np.array_equal(losses(semicolons, "--seed", 1, data=folder("semi", table(";"))), curve), "another separator")
    write("shop.csv", table("\t"))
    tabs = build(SOURCE % ', separator: "\\t"', "tabs")
    check(np.array_equal(losses(tabs, "--seed", 1, data=folder("tabbed", table("\t"))), curve), "tabs")
    write("shop.csv", table(header=False))
    numbered = SOURCE.replace('numbers("size of it")', "numbers(1)").replace('numbers("age")', "numbers(0)").replace('category("kind",', "category(2,").replace('number("target")', "number(3)")
    plain = build(numbered % ", header: false", "numbered")
    check(np.array_equal(losses(plain, "--seed", 1, data=folder("headless", table(header=False))), curve), "no header, columns by position")
    write("shop.csv", table())

    # What was fitted, and on what: the first 140 rows.
    fitted = slice(0, 140)
    size = np.where(MISSING, np.median(SIZE[fitted][~MISSING[fitted]]), SIZE)
    order = np.argsort(np.argsort(KINDS))
    features = np.concatenate([((AGE - AGE[fitted].mean()) / AGE[fitted].std())[:, None], size[:, None], np.eye(5)[order[KIND]]], 1)
    weights = {name: w for name, w in load_weights(tmp("shop.w")).items() if name.startswith("dense.")}
    want = features @ weights["dense.w"][:, 0] + weights["dense.b"][0]
    outcome = run(program, "eval", "--data", data, "--weights", tmp("shop.w"))
    found = re.search(r"^\s*rmse\s+(\S+)", outcome.out, re.M)
    rmse = np.sqrt(((want - TARGET) ** 2)[140:].mean())
    check(found and abs(float(found[1]) - rmse) <= 2e-3 * rmse, "evaluation uses what training fitted", (outcome.out, rmse))
    # A table to predict: fewer rows, another order of columns, no target.
    rows = [3, 150, 77]
    lines = ["kind,age,size of it"] + [f"{quoted(KINDS[KIND[i]])},{AGE[i]},{'' if MISSING[i] else SIZE[i]}" for i in rows]
    path = os.path.join(folder("asked", "\n".join(lines) + "\n", "asked.csv"), "asked.csv")
    outcome = run(program, "predict", "--weights", tmp("shop.w"), path)
    found = [float(x) for x in re.findall(r'"price":\s*(-?[\d.e+-]+)', outcome.out)]
    check(close(np.array(found), want[rows], 1e-3, 1e-3), "predict takes rows of a table, by the names of its columns", (outcome.out + outcome.err)[:300])
    write("asked2.csv", "\n".join([lines[0], "unheard of,3,4"]) + "\n")
    outcome = run(program, "predict", "--weights", tmp("shop.w"), tmp("asked2.csv"))
    check(outcome.status == 1 and "unheard of" in outcome.err and re.search(r"asked2\.csv[:, ]+(line )?2", outcome.err), "a class that training never saw is refused, with its place",
          outcome.err[:300])


def at_compile_time():
    """What the compiler finds in the first row is what the program finds: names are found by both, or by neither."""
    lines = ['"a ", b ', "1,2", "3,4"]
    source = lambda column: """data d(x: f32) {
  from csv("header.csv")
  x = number("%s")
}

model m(x: f32[batch]) -> y: f32[batch] = x[:, new] |> dense(1) |> squeeze

train m {
  data      d(x)
  loss      mse(y, x)
  optimizer sgd(lr: 0.01)
  steps     1
}
""" % column
    programs = {name: build(source(name), f"unseen{number}") for number, name in enumerate(("a ", "b", "a"))}
    texts = {
        "blanks around names": "\n".join(lines), "lone carriage returns": "\r".join(lines), "a byte order mark and empty lines first": "\ufeff\r\n \n" + "\r\n".join(lines),
        "blanks around quotes": "\n".join([' "a "\t,b', *lines[1:]]),
    }
    for what, text in texts.items():
        data = folder("headers", text, "header.csv")
        for name, program in programs.items():
            write("asks.nn", source(name))
            compiled = run(NNC, "check", "--data", data, tmp("asks.nn"))
            outcome = run(program, "train", "--data", data)
            want = 0 if name != "a" else 1
            check(compiled.status == outcome.status == want, f"{what}: '{name}' is {'no ' if want else 'a '}column", (compiled.err, outcome.err))
    for what, text, place in (("text behind a quote", '"a"b\n1\n', "1:4: text follows a closing quote"), ("a quote that never ends", 'b,"a\n1\n', "1:3: a quote is opened"),
                              ("two columns of a name", "b,b\n1,2\n", "a second column is called 'b'"), ("blank lines alone", "\n \n", "header.csv: ")):
        data = folder("headers", text, "header.csv")
        write("asks.nn", source("b"))
        compiled, outcome = run(NNC, "check", "--data", data, tmp("asks.nn")), run(programs["b"], "train", "--data", data)
        check(compiled.status == outcome.status == 1 and place in compiled.err and place in outcome.err, f"{what} is refused by both", (compiled.err, outcome.err))


BY_PLACE = """data d(x: f32[2], y: f32) {
  from csv("plain.csv"%s)
  let first: f32[rows, 1] = %s
  x = concat(first, %s)
  y = number(%s)
}

model m(x: f32[batch, 2]) -> p: f32[batch] = x |> dense(1) |> squeeze

train m {
  data      d(x, y)
  loss      mse(p, y)
  optimizer sgd(lr: 0.01)
  steps     1
}
"""


def headers():
    """A first line of numbers is no header by silence; a `let` says how wide a range is where no table does."""
    numbers, years = "1,2,3\n4,5,6\n", "1990,1991,1992\n4,5,6\n"
    other = 'numbers("1991", to: "1991")'
    sources = {"by place": BY_PLACE % ("", "numbers(0, to: 0)", "numbers(1, to: 1)", "2"),
               "by place, without a header": BY_PLACE % (", header: false", "numbers(0, to: 0)", "numbers(1, to: 1)", "2"),
               "by name": BY_PLACE % ("", 'numbers("1990", to: "1990")', other, '"1992"'),
               "by name, a range": BY_PLACE % ("", 'numbers("1990", to: "1990 ")', other, '"1992"')}
    cases = (("by place", numbers, "all numbers"), ("by place, without a header", numbers, ""), ("by place", years, "all numbers"), ("by name", years, ""),
             ("by place", "a,b,c\n4,5,6\n", ""), ("by name, a range", "1990,1990 x,1991,1992\n1,2,3,4\n", "no column"))
    for number, (what, text, refusal) in enumerate(cases):
        # The program is built without the table, so its sizes are those that the source states.
        program = build(sources[what], f"headers{number}")
        data = folder("plain", text, "plain.csv")
        compiled = run(NNC, "check", "--data", data, program + ".nn")
        outcome = run(program, "train", "--data", data, "--quiet")
        check(compiled.status == outcome.status == (1 if refusal else 0) and refusal in compiled.err and refusal in outcome.err,
              f"numbers {what}: {refusal or 'read'}", (compiled.err[-300:], outcome.err[-300:]))
        if refusal == "all numbers":
            check("header: false" in compiled.err and "header: false" in outcome.err, "  and the way out is named")
    wide = folder("plain", "1990,x,1991,1992\n1,2,3,4\n", "plain.csv")
    program = build(BY_PLACE % ("", 'numbers("1990", to: "x")', other, '"1992"'), "stated")
    outcome = run(program, "train", "--data", wide, "--quiet")
    check(outcome.status == 1 and "plain.csv" in outcome.err, "a file is held against a size that a 'let' states", outcome.err[-300:])
    data = folder("plain", '"a";"b";"c"\n1;2;3\n', "plain.csv")
    program = build(BY_PLACE % ("", 'numbers("a")', 'numbers("b")', '"c"'), "separated")
    compiled, outcome = run(NNC, "check", "--data", data, program + ".nn"), run(program, "train", "--data", data)
    check('separator: ";"' in compiled.err and 'separator: ";"' in outcome.err, "another separator is thought of", (compiled.err, outcome.err))


def broken():
    program, lines = tmp("shop"), table().splitlines()
    replace = lambda number, text: "\n".join(lines[: number - 1] + [text] + lines[number:]) + "\n"
    row = lines[49].split(",")
    cases = {
        "a short row": (replace(50, ",".join(row[:2])), 50), "a long row": (replace(50, lines[49] + ",1,2"), 50), "a word for a number": (replace(50, "old," + lines[49].split(",", 1)[1]), 50),
        "a number with a tail": (replace(50, "4x," + lines[49].split(",", 1)[1]), 50), "a comma for a point": (replace(50, '"4,5",' + lines[49].split(",", 1)[1]), 50),
        "a value beyond f32": (replace(50, "1e999," + lines[49].split(",", 1)[1]), 50), "a NUL byte": (replace(50, "\0" + lines[49]), 50), "a quote that never ends": (replace(50, '"' + lines[49]), None),
        "text behind a quote": (replace(50, '"4"5,' + lines[49].split(",", 1)[1]), 50), "a sixth class": (replace(50, "40,1,unheard of,3"), 50),
        "a missing column": ("\n".join([lines[0].replace("age", "years")] + lines[1:]) + "\n", None),
        "a column twice": ("\n".join([lines[0].replace("kind", "age")] + lines[1:]) + "\n", None), "no rows": (lines[0] + "\n", None), "nothing": ("", None),
    }
    for what, (text, line) in cases.items():
        data = folder("broken", text)
        outcome = run(program, "train", "--data", data, "--steps", 2, "--quiet")
        place = rf"shop\.csv[:, ]+(line )?{line}\b" if line else r"shop\.csv"
        check(outcome.status == 1 and re.search(place, outcome.err) and "terminate" not in outcome.err, f"{what} is refused, with its place", outcome.err[:200])
    outcome = run(program, "train", "--data", tmp("nowhere"), "--steps", 2)
    check(outcome.status == 1 and "shop.csv" in outcome.err, "a missing file is named", outcome.err[:200])


def names_and_arrays():
    """Arrays as NumPy saves them: any order, either byte order, any width that loses nothing; compressed files with a tail."""
    program = build("model m(x: f32[batch, 3], k: i32[batch]) -> (y: f32[batch, 3], j: i32[batch]) {\n  (2 * x, k + 1)\n}\n", "arrays")
    x, k = rng.normal(size=(4, 3)).astype(np.float32), np.array([-3, 0, 5, 120])
    for what, given_x, given_k in (("columns first", np.asfortranarray(x), k.astype(np.int32)), ("big-endian", x.astype(">f4"), k.astype(">i4")),
                                   ("of narrow integers", x, k.astype(np.int8)), ("a strided view", np.repeat(x, 2, 1)[:, ::2], k.astype(np.int16)), ("of 64 bits", x, k.astype(np.int64))):
        found = predict(program, x=given_x, k=given_k)
        check(close(found.get("y"), 2 * x, 1e-6) and close(found.get("j"), k + 1, 0), f"an array {what}", found)
    for what, given in (("beyond i32", np.array([2**40] * 4)), ("with fractions", np.array([0.5] * 4))):
        save_weights(tmp("none"), {})
        np.save(tmp("x.npy"), x)
        np.save(tmp("k.npy"), given)
        outcome = run(program, "predict", "--weights", tmp("none"), f"x={tmp('x.npy')}", f"k={tmp('k.npy')}")
        check(outcome.status == 1 and "k" in outcome.err, f"integers {what} are refused", (outcome.out + outcome.err)[:200])
    data = tmp("tail")
    write_small_mnist(data, 64)
    text = "model net(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] {\n  image / 255 |> flatten |> dense(10)\n}\n\ntrain net {\n  data      mnist(image, label)\n" \
        "  loss      cross_entropy(logits, label)\n  optimizer sgd(lr: 0.1)\n  batch     16\n  epochs    1\n}\n"
    program = build(text, "tail_net")
    curve = losses(program, data=data)
    name = os.path.join(data, "train-images-idx3-ubyte.gz")
    with open(name, "ab") as file:
        file.write(b"\0" * 512)
    check(np.array_equal(losses(program, data=data), curve), "zeros behind a gzip file are what gunzip takes them for")
    with open(name, "rb") as file:
        whole = file.read()[:-512]
    with open(name, "wb") as file: # two members, as `cat a.gz b.gz` makes them
        raw = gzip.decompress(whole)
        file.write(gzip.compress(raw[:5000]) + gzip.compress(raw[5000:]))
    check(np.array_equal(losses(program, data=data), curve), "several members are one file")
    with open(name, "wb") as file:
        file.write(whole + b"rubbish")
    outcome = run(program, "train", "--data", data, "--steps", 1)
    check(outcome.status in (0, 1) and "terminate" not in outcome.err, "rubbish behind one ends in no crash", outcome.err[:200])



def missing():
    """A hole in a table is spoken of where it is, not as a loss that is not finite; so are files that are not there."""
    text = """
data d(x: f32[1], y: f32) {
  from csv("holes.csv", missing: "")
  x = %s
  y = number("target")
}

model m(x: f32[batch, 1]) -> o: f32[batch] = x |> dense(1) |> squeeze

train m {
  data      d(x, y)
  loss      mse(o, y)
  optimizer sgd(lr: 0.1)
  steps     1
}
"""
    rows = ["height,weight,same,target", "1,5,3,1", "2,,3,2", "4,9,3,3", "6,7,3,4"]
    data = folder("table_with_holes", "\n".join(rows) + "\n", "holes.csv")
    for what, column, right in (
        ("standardize", 'numbers("weight") |> standardize', "holes.csv:3: column 'weight' has no value here (NaN)"),
        ("a mean of two columns", 'mean(concat(numbers("height"), numbers("weight")), axis: 0)[1..2] + numbers("height")',
         "holes.csv:3: column 'weight' has no value here (NaN)"),
        ("a mean, behind a fill of another column", 'fill(numbers("weight"), 0) * mean(numbers("weight"), axis: 0)', "holes.csv:3: column 'weight' has no"),
        ("nothing fitted", 'numbers("weight")', "holes.csv:3: 'x' holds a value that is not finite"),
        ("a column that is the same everywhere", 'numbers("same") |> standardize', "holes.csv:2: 'x' holds a value that is not finite"),
    ):
        outcome = run(build(text % column, "holes"), "train", "--data", data)
        check(outcome.status == 1 and right in outcome.err and "`fill" in outcome.err, f"a missing value in {what}", outcome.err)
    filled = build(text % 'fill(numbers("weight"), median(numbers("weight"), axis: 0)) |> standardize', "filled")
    outcome = run(filled, "train", "--data", data)
    check(outcome.status == 0, "  and none where it is filled", outcome.err)
    rows[2:3] = ["2,NA,3,2", "3,,3,2"]
    data = folder("table_with_two_holes", "\n".join(rows) + "\n", "holes.csv")
    outcome = run(filled, "train", "--data", data)
    check(outcome.status == 1 and 'holes.csv:3:3: \'NA\' is not a number' in outcome.err and 'missing: ["", "NA"]' in outcome.err,
          "a marker that the data set does not name", outcome.err)
    both = build((text % 'fill(numbers("weight"), median(numbers("weight"), axis: 0)) |> standardize').replace('missing: ""', 'missing: ["NA", ""]'), "both")
    same = folder("table_with_like_holes", "\n".join(rows).replace("NA", "") + "\n", "holes.csv")
    check(np.array_equal(losses(both, data=data), losses(filled, data=same)), "  and one of several that it does")
    wrong = build(text % 'numbers("wieght")', "wieght")
    outcome = run(wrong, "train", "--data", data)
    check(outcome.status == 1 and "no column is called 'wieght'" in outcome.err
          and "did you mean 'weight'? its columns: height, weight, same, target" in outcome.err, "a column that is not there", outcome.err)
    empty = tmp("empty")
    os.makedirs(empty)
    outcome = run(filled, "train", cwd=empty)
    check(outcome.status == 1 and "looked for holes.csv" in outcome.err and "pass the folder with its files: --data DIR" in outcome.err
          and "nnc data" not in outcome.err, "files of one's own that are nowhere", outcome.err)
    outcome = run(filled, "train", cwd=data)
    check(outcome.status == 1 and "the file is in the current folder: pass --data ." in outcome.err, "  or in the current folder", outcome.err)
    mnist = build("model net(image: u8[batch, 28, 28]) -> y: f32[batch, 1] = image / 255 |> flatten |> dense(1)\n\ntrain net {\n  data mnist(image)\n"
                  "  loss y ^ 2\n  optimizer sgd()\n  steps 1\n}\n", "of_library")
    outcome = run(mnist, "train", cwd=empty)
    check(outcome.status == 1 and "`nnc data mnist --dir DIR`" in outcome.err, "  while those of the library can be fetched", outcome.err)


def each_row():
    """Rows that stand in other places on the way, and a loop over what a row has: in pieces of a part."""
    text = """
data d(a: f32[4], b: f32[4], c: f32[4]) {
  train npy(raw: "raw.npy")
  let r: f32[rows, k] = raw
  a = transpose(transpose(raw) * 2 + transpose(raw)[0][new, :])
  b = reshape(reshape(raw, [rows * 2, 2]) * 3, [rows, 4])
  c = scan x in r over k { state h: f32[rows] = zeros(); h = h + x; yield h }
}

model sum_of(a: f32[batch, 4], b: f32[batch, 4], c: f32[batch, 4]) -> y: f32[batch, 4] {
  param w: f32[4] = ones()
  (a + 10 * b + 100 * c) * w
}

train sum_of {
  data      d(a, b, c)
  loss      mse(y, a)
  optimizer sgd(lr: 0)
  epochs    1
}
"""
    os.makedirs(tmp("rows"), exist_ok=True)
    raw = rng.normal(size=(600, 4)).astype(np.float32)
    np.save(os.path.join(tmp("rows"), "raw.npy"), raw)
    program = build(text, "by_rows", "--data", tmp("rows"))
    run(program, "train", "--data", tmp("rows"), "--quiet", "--save", tmp("rows.w"))
    found = predict(program, tmp("rows.w"), raw=raw).get("y")
    check(close(found, 2 * raw + raw[:, :1] + 30 * raw + 100 * raw.cumsum(1), 1e-4, 1e-4), "each row is prepared by itself")


COUNTED = """
fn share(x: float[n]) -> float[n] = x / n

data d(x: f32[4], y: f32, z: f32[4], s: f32[4]) {
  from npy(raw: "raw.npy")
  let n = rows
  x = raw - sum(raw, axis: 0) / n + zeros([rows, 4])
  y = sum(raw, axis: 1) * (100 / rows) + share(raw[:, 0]) + sqrt(2 * rows + 1) + size(raw)
  let r: f32[rows, k] = raw
  z = scan x in r over k { state h: f32[rows] = zeros(); h = h + x / rows; yield h }
  let total = scan i in 0..3 { state t: f32[4] = zeros(); t = t + sum(raw, axis: 0) / rows; t }
  s = raw + total
  split train: 0.6, test: 0.4
}

model all_of(x: f32[batch, 4], y: f32[batch], z: f32[batch, 4], s: f32[batch, 4]) -> o: f32[batch, 13] {
  param w: f32[13] = ones()
  concat(x, y[:, new], z, s) * w
}

train all_of {
  data      d(x, y, z, s)
  loss      mse(o, zeros([batch, 13]))
  optimizer sgd(lr: 0)
  epochs    1
}
"""


def counted():
    """`rows` as a number is what a reduction over the rows runs over: those of the training part."""
    os.makedirs(tmp("counted"), exist_ok=True)
    raw = rng.normal(size=(50, 4)).astype(np.float32)
    np.save(os.path.join(tmp("counted"), "raw.npy"), raw)
    program = build(COUNTED, "by_count", "--data", tmp("counted"))
    outcome = run(program, "train", "--data", tmp("counted"), "--quiet", "--save", tmp("counted.w"))
    check(outcome.status == 0, "data that counts its rows is read", outcome.err[-300:])
    mean, n = raw[:30].mean(0), 30
    for some in (raw, raw[:1], rng.normal(size=(700, 4)).astype(np.float32)):
        y = some.sum(1) * (100 / n) + some[:, 0] / n + np.sqrt(2 * n + 1) + 4 * n
        expected = np.concatenate([some - mean, y[:, None], some.cumsum(1) / n, some + 3 * mean], 1)
        found = predict(program, tmp("counted.w"), raw=some).get("o")
        check(close(found, expected, 1e-5, 1e-5), f"  and prepares {len(some)} of them by the training part's count", found)


reading()
at_compile_time()
headers()
broken()
names_and_arrays()
missing()
each_row()
counted()
finish()
