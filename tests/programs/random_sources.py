"""Where random programs get their examples from: texts, folders of images, and tables with words and gaps, each made at random.

A source gives a program its kind and sizes, writes its files, and says in `rows` what every column then is: {part: {column: array}},
or nothing where that is not known here, as of images that are resized.
"""
import os
import struct
import zlib

import numpy as np

from random_recipes import TARGETS, Binary, Classes, EachTime, Values


def png(pixels):
    """Of u8[h, w, 1 or 3]."""
    chunk = lambda name, body: struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, {1: 0, 3: 2}[pixels.shape[2]], 0, 0, 0)
    data = b"".join(b"\0" + row.tobytes() for row in pixels.reshape(pixels.shape[0], -1))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


class Made:
    """A target whose column the source makes."""

    def make(self, p, rng, count, x):
        raise AssertionError("the source makes it")


class Following(Made, EachTime):
    """The unit that follows, at each place."""

    def prepare(self, p):
        p.classes = p.vocabulary

    def fits(self, p):
        return not p.symbolic

    def columns(self, p):
        return {"label": f"label: {p.column()}[{p.input_shape[0]}]"}


class Next(Made, Classes):
    """The unit that follows the window."""

    def prepare(self, p):
        p.classes = p.vocabulary

    def columns(self, p):
        return {"label": f"label: {p.column()}"}


class Kind(Made, Classes):
    """The class of an image, or the words of a column."""

    def prepare(self, p):
        p.classes = p.source_of.classes


class Source:
    exact = True  # whether `rows` is so to the bit

    def inputs(self, folder):
        """The arguments of `predict` for the test part."""
        return []


class Text(Source):
    TARGETS = [Following(), Following(), Next()]
    UNITS = {"character": list("abcdeéfß\nΩ .,x"), "word": ["to", "be,", "or", "ñot", "To", "that", "is", "the", "Question:", "日本"], "byte": list("abé\n z")}

    def __init__(self, p):
        rng = np.random.default_rng(p.number)
        self.unit = p.some("character", "character", "word", "byte")
        time = p.random.randint(1, 4 if self.unit == "byte" else 13)
        known = p.random.sample(self.UNITS[self.unit], p.random.randint(2, 6 if self.unit == "byte" else 10))
        if self.unit == "byte":
            names = list(range(256))
        else:
            names = sorted(known, key=lambda unit: unit.encode())
        self.stride = p.some(time, time, p.random.randint(1, time + 3))
        self.texts, self.rows = {}, {}
        for part, count in (("train", p.examples), ("test", p.tests)):
            units = known * (part == "train") + [known[k] for k in rng.integers(0, len(known), time + 1 + self.stride * (count - 1))]
            text = (" " if self.unit == "word" else "").join(units)
            if self.unit == "word": # ends of lines are as good as blanks
                text = text.replace(" ", "\n", 1) + p.some("", "\n", " ")
            self.texts[part] = text
            cut = list(text.encode()) if self.unit == "byte" else units
            number = np.array([names.index(unit) for unit in cut], np.int32)
            windows = np.stack([number[i : i + time + 1] for i in range(0, len(number) - time, self.stride)])
            self.rows[part] = {"x": windows[:, :-1], "window": windows}
        p.examples, p.tests = (len(self.rows[part]["x"]) for part in ("train", "test"))
        p.kind, p.store, p.input_shape, p.vocabulary = "token", "f32", [time], len(names)
        self.named = p.random.random() < 0.4

    def column(self, p):
        return "index(vocab)" if self.named else f"index({p.vocabulary})"

    def readers(self, p, columns):
        for rows in self.rows.values():
            rows["label"] = rows["window"][:, 1:] if p.target.keeps_time else rows["window"][:, -1]
        options = f'unit: "{self.unit}", window: {p.input_shape[0] + 1}' + ("" if self.stride == p.input_shape[0] else f", stride: {self.stride}")
        lines = [f'  {part} text("{part}.txt", {options})' for part in ("train", "test")]
        return "\n".join(lines + ["  x = window[:, 0..-1]", f"  label = window[:, {p.some('1..', f'1..{p.input_shape[0] + 1}') if p.target.keeps_time else '-1'}]"]) + "\n"

    def write(self, p, folder):
        for part, text in self.texts.items():
            with open(os.path.join(folder, part + ".txt"), "w", encoding="utf-8", newline="") as file:
                file.write(text)
        # A prediction takes numbers.
        np.save(os.path.join(folder, "windows.npy"), self.rows["test"]["x"])

    def inputs(self, folder):
        return ["x=" + os.path.join(folder, "windows.npy")]


class Images(Source):
    TARGETS = [Kind()]

    def __init__(self, p):
        rng = np.random.default_rng(p.number)
        h, w, channels = p.some(1, 3, 4, 5, 7, 8), p.some(1, 2, 4, 5, 8, 9), p.some(1, 3)
        names = p.random.sample(["a daisy", "b", "Rose", "é", "10", "9", "_x"], p.random.randint(2, 4))
        self.classes, self.files, self.rows = len(names), {}, {}
        self.resized = p.random.random() < 0.3
        for part, count in (("train", p.examples), ("test", p.tests)):
            files = {}
            for k in range(count):
                size = (rng.integers(1, 12), rng.integers(1, 12)) if self.resized else (h, w)
                path = os.path.join(part, names[k % len(names)], f"{p.some('', 'i', 'Z')}{k}.{p.some('png', 'png', 'PNG')}")
                files[path] = rng.integers(0, 256, (*size, channels)).astype(np.uint8)
            # Class by class and file by file, as their bytes sort.
            self.files[part] = dict(sorted(files.items(), key=lambda item: [part.encode() for part in item[0].split(os.sep)]))
            order = sorted(names, key=lambda name: name.encode())
            labels = np.array([order.index(path.split(os.sep)[1]) for path in self.files[part]], np.int32)
            self.rows[part] = {} if self.resized else {"x": np.stack(list(self.files[part].values())), "label": labels}
        p.kind, p.store = "image", "u8"
        p.input_shape = self.shown = p.some([h, w], [h, w, 1]) if channels == 1 else [h, w, 3]

    def column(self, p):
        return "u8"

    def readers(self, p, columns):
        h, w, *channels = self.shown
        options = p.some(f", size: [{h}, {w}]", "") + (", channels: 1" if channels != [3] else p.some("", ", channels: 3"))
        return "".join(f'  {part} folder("{part}"{options})\n' for part in ("train", "test"))

    def write(self, p, folder):
        for files in self.files.values():
            for path, pixels in files.items():
                os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
                with open(os.path.join(folder, path), "wb") as file:
                    file.write(png(pixels))

    def inputs(self, folder):
        return [os.path.join(folder, path) for path in self.files["test"]]


class Table(Source):
    """Numbers and words, some of them missing, and what is made of them."""

    exact = False
    TARGETS = [t for t in TARGETS if isinstance(t, (Binary, Values))] + [Kind(), Kind()]
    WORDS = ["red", "deep blue", 'so-called "x"', "a;b", "c, d", "é", "Red", "0"]

    def __init__(self, p):
        self.rng = np.random.default_rng(p.number)
        self.separator, self.missing = p.some(",", ",", ";"), p.some("NA", "", "?")
        self.numbers = p.random.randint(1, 4)
        self.gaps = p.random.random() < 0.7
        words = p.random.sample(self.WORDS, p.random.randint(2, 4))
        self.has_gap = p.random.random() < 0.5  # in the words: a class of its own
        names = sorted(words + [""] * self.has_gap, key=lambda word: word.encode())
        self.classes = p.random.randint(2, 4)
        self.cells, self.parts = {}, {}
        for part, count in (("train", p.examples), ("test", p.tests)):
            x = np.round(self.rng.normal(3, 2, (count, self.numbers)), 3)
            if self.gaps:
                x[3:][self.rng.random(x[3:].shape) < 0.15] = np.nan
            which = np.concatenate((np.arange(len(names)), self.rng.integers(0, len(names), count)))[:count]
            self.parts[part] = x, which, self.rng.normal(0, 1, count).round(3), self.rng.permutation(np.arange(count) % self.classes)
        self.words = names
        self.pick = p.random.randrange(len(names))
        pieces = [("fill", self.numbers), ("words", len(names)), ("one", 1), ("gaps", self.numbers), ("is", 1)]
        chosen = [pieces[0]] + p.random.sample(pieces[1:], p.random.randint(1, 3))
        if not names[self.pick]:
            chosen = [piece for piece in chosen if piece[0] != "is"]
        p.random.shuffle(chosen)
        self.pieces = [name for name, _ in chosen]
        self.scaled, self.level = p.random.random() < 0.6, p.some("median({raw}, axis: 0)", "0.5")
        p.kind, p.store, p.input_shape = "table", "f32", [sum(n for _, n in chosen)]
        self.rows = {part: {"x": self.prepared(part)} for part in self.parts}
        self.header = p.random.random() < 0.8
        self.order = p.random.sample(["n", "w", "y", "l"], 4)
        # One table that is divided, in order or by a seed, which nobody here follows.
        self.share = round(p.examples / (p.examples + p.tests), 4) if p.random.random() < 0.3 else None
        self.seed = p.some("", "", f", seed: {p.number % 7}") if self.share else ""
        if self.seed:
            p.scattered, self.rows = True, {part: {} for part in self.parts}

    def column(self, p):
        return "f32"

    def prepared(self, part):
        """x as NumPy computes it, in float64."""
        raw, which, _, _ = self.parts[part]
        training = self.parts["train"][0]
        level = np.nanmedian(training, axis=0) if "median" in self.level else 0.5
        filled, of = (np.where(np.isnan(x), level, x) for x in (raw, training))
        if self.scaled:
            filled = (filled - of.mean(0)) / of.std(0)
        pieces = {"fill": filled, "words": np.eye(len(self.words))[which], "one": np.where(np.isnan(raw[:, :1]), 0, raw[:, :1]),
                  "gaps": np.isnan(raw), "is": (which == self.pick)[:, None]}
        return np.concatenate([pieces[name] for name in self.pieces], axis=1).astype(np.float32)

    def places(self):
        """{column: how it is called}, by name or, without a header, by number."""
        widths = {"n": self.numbers, "w": 1, "y": 1, "l": 1}
        found, at = {}, 0
        for name in self.order:
            found[name] = at
            at += widths[name]
        self.first = found["n"]
        if self.header:
            return {"n": '"c0", to: "c%d"' % (self.numbers - 1), "first": '"c0"', "w": '"kind of it"', "y": '"y"', "l": '"label"'}
        return {"n": f"{found['n']}, to: {found['n'] + self.numbers - 1}", "first": str(found["n"]), **{k: str(found[k]) for k in "wyl"}}

    def readers(self, p, columns):
        at, words = self.places(), len(self.words)
        quoted = lambda word: '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
        options = (f', separator: "{self.separator}"' if self.separator != "," else "") + (f', missing: "{self.missing}"' if self.missing or self.gaps else "")
        options += "" if self.header else ", header: false"
        lines = [f'  {part} csv("{part}.csv"{options})' for part in ("train", "test")]
        if self.share:
            lines = [f'  from csv("whole.csv"{options})', f"  split train: {self.share}, test: {1 - self.share:.4f}{self.seed}"]
        lines.append(f"  let raw = numbers({at['n']})")
        pieces = {"fill": f"fill(raw, {self.level.format(raw='raw')})" + " |> standardize" * self.scaled,
                  "words": f"one_hot(category({at['w']}, classes: {words}))", "one": f"fill(number({at['first']}), 0)[:, new]",
                  "gaps": "(is_nan(raw) as f32)", "is": f"((category({at['w']}, classes: {words}) == {quoted(self.words[self.pick])}) as f32)[:, new]"}
        lines.append("  x = concat(" + ", ".join(pieces[name] for name in self.pieces) + ")")
        for name in list(columns)[1:]:
            is_class = name == "label"
            lines.append(f"  {name} = " + (f"category({at['l']}, classes: {self.classes})" if is_class else f"number({at['y']})"))
            for part, (_, _, y, label) in self.parts.items():
                if isinstance(p.target, Binary):
                    y = self.parts[part][3] % 2
                self.rows[part][name] = label.astype(np.int32) if is_class else y.astype(np.float32)
        return "\n".join(lines) + "\n"

    def field(self, text):
        return '"' + text.replace('"', '""') + '"' if any(c in text for c in '",;') or self.rng.random() < 0.1 else text

    def write(self, p, folder):
        binary, whole = isinstance(p.target, Binary), []
        for part, (x, which, y, label) in self.parts.items():
            names = {"n": [f"c{i}" for i in range(self.numbers)], "w": ["kind of it"], "y": ["y"], "l": ["label"]}
            header = [sum((names[c] for c in self.order), [])] if self.header else []
            rows = []
            for i, numbers in enumerate(x):
                word = self.words[which[i]]
                cells = {"n": [self.missing if np.isnan(n) else f"{n:.3f}" for n in numbers], "w": [self.field(word) if word else self.missing],
                         "y": [str(label[i] % 2) if binary else f"{y[i]:.3f}"], "l": ["class " + "abcd"[label[i]]]}
                rows.append(sum((cells[c] for c in self.order), []))
            whole += rows
            self.write_rows(p, os.path.join(folder, part + ".csv"), header + rows)
        self.write_rows(p, os.path.join(folder, "whole.csv"), header + whole)

    def write_rows(self, p, path, rows):
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(p.some("\n", "\r\n").join([self.separator.join(row) for row in rows] + p.some([], [""])))

    def inputs(self, folder):
        return [os.path.join(folder, "test.csv")]


SOURCES = [Text, Text, Images, Table, Table]
