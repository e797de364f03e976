"""Folders of images: pixels against NumPy, classes that travel with the weights, predictions from photos of any size, and every refusal."""
# RUN: %python %s
import json
import os
import shutil
import struct
import zlib

import numpy as np

from support import NNC, build, check, finish, load_weights, run, tmp, write


# --- images: a writer of PNG, and one of JPEG (baseline, no subsampling, quantised by 1) that Annexes A to F of ITU-T T.81 describe


def png(pixels):
    """Of u8[h, w], or u8[h, w, channels]."""
    rows = pixels.reshape(pixels.shape[0], -1)
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[pixels.shape[2] if pixels.ndim == 3 else 1]
    chunk = lambda name, body: struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, kind, 0, 0, 0)
    data = b"".join(b"\0" + row.tobytes() for row in rows)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def zigzag():
    return sorted(((y, x) for y in range(8) for x in range(8)), key=lambda p: (p[0] + p[1], p[1] if (p[0] + p[1]) % 2 == 0 else p[0]))


def jpeg(pixels):
    """Of u8[h, w, 3], both sizes multiples of 8."""
    height, width = pixels.shape[:2]
    r, g, b = np.moveaxis(pixels.astype(float), 2, 0)
    planes = [0.299 * r + 0.587 * g + 0.114 * b - 128, -0.168736 * r - 0.331264 * g + 0.5 * b, 0.5 * r - 0.418688 * g - 0.081312 * b]
    n = np.arange(8)
    basis = np.cos((2 * n + 1) * n[:, None] * np.pi / 16) * np.where(n == 0, np.sqrt(1 / 8), 0.5)[:, None]
    dc = list(range(12))  # of 4 bits each: code i is symbol i
    ac = [run << 4 | size for run in range(16) for size in range(1, 11)] + [0x00, 0xF0]  # of 8 bits each
    bits = []

    def put(value, count):
        bits.extend(value >> i & 1 for i in reversed(range(count)))

    def number(value, size):
        put(value if value >= 0 else value + (1 << size) - 1, size)

    before = [0, 0, 0]
    for top in range(0, height, 8):
        for left in range(0, width, 8):
            for index, plane in enumerate(planes):
                block = np.rint(basis @ plane[top : top + 8, left : left + 8] @ basis.T).astype(int)
                values = [int(block[place]) for place in zigzag()]
                step, before[index] = values[0] - before[index], values[0]
                put(dc.index(abs(step).bit_length()), 4)
                number(step, abs(step).bit_length())
                zeros = 0
                for value in values[1:]:
                    if value == 0:
                        zeros += 1
                        continue
                    while zeros > 15:
                        put(ac.index(0xF0), 8)
                        zeros -= 16
                    size = abs(value).bit_length()
                    put(ac.index(zeros << 4 | size), 8)
                    number(value, size)
                    zeros = 0
                if zeros:
                    put(ac.index(0), 8)
    bits += [1] * (-len(bits) % 8)
    data = np.packbits(bits).tobytes().replace(b"\xff", b"\xff\0")
    segment = lambda kind, body: struct.pack(">BBH", 0xFF, kind, len(body) + 2) + body
    table = lambda kind, length, symbols: segment(0xC4, bytes([kind] + [len(symbols) if i == length else 0 for i in range(1, 17)]) + bytes(symbols))
    frame = segment(0xC0, struct.pack(">BHHB", 8, height, width, 3) + bytes([1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]))
    scan = segment(0xDA, bytes([3, 1, 0, 2, 0, 3, 0, 0, 63, 0]))
    return b"\xff\xd8" + segment(0xDB, bytes([0] + [1] * 64)) + frame + table(0, 4, dc) + table(0x10, 8, ac) + scan + data + b"\xff\xd9"


def weights_of(old, new):
    """new x old: the triangle around each new pixel's centre, wider where the image shrinks; each row adds up to 1."""
    scale = old / new
    centres = (np.arange(new) + 0.5) * scale
    w = np.maximum(0, 1 - np.abs(np.arange(old) + 0.5 - centres[:, None]) / max(scale, 1))
    return w / w.sum(1, keepdims=True)


def resized(pixels, height, width):
    image = pixels if pixels.ndim == 3 else pixels[:, :, None]
    return np.einsum("yr,rsc,xs->yxc", weights_of(pixels.shape[0], height), image.astype(float), weights_of(pixels.shape[1], width))


def put(name, content):
    path = tmp(name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    return path


rng = np.random.default_rng(11)


def photo(height, width, channels=3):
    """Something smooth with an edge, so that neither blur nor sharpness goes unseen."""
    y, x = np.mgrid[0:height, 0:width]
    waves = [127 + 100 * np.sin(x / width * 7 + c) * np.cos(y / height * 5 - c) + 20 * (x > width / 2) for c in range(channels)]
    pixels = np.clip(np.stack(waves, 2) + rng.normal(0, 3, (height, width, channels)), 0, 255).astype(np.uint8)
    return pixels[:, :, 0] if channels == 1 else pixels


# --- the pixels themselves: a model that hands them on
def pixels_model(shape, options):
    size = int(np.prod([int(s) for s in shape.split(",")]))
    return f"""
data photos(image: u8[{shape}], label: index(2)) {{
  train folder("photos"{options})
}}

model m(image: u8[batch, {shape}]) -> out: f32[batch, {size}] {{
  param w: f32[{size}] = zeros()
  flatten(image) as f32 + w
}}

train m {{
  data      photos(image, label)
  loss      mean(out) * 0
  optimizer sgd(lr: 0.5)
  epochs    1
}}
"""


images = {
    "photos/b rose/2.png": photo(40, 24),
    "photos/b rose/10.PNG": photo(5, 9, 1),
    "photos/b rose/1.jpeg": photo(24, 40),
    "photos/a daisy/x.jpg": photo(8, 8),
    "photos/a daisy/.hidden": None,
    "photos/a daisy/9.png": photo(16, 12),
    "photos/.git/x.png": None,
    "photos/README": None,
}
for name, pixels in images.items():
    is_jpeg = name.lower().endswith((".jpg", ".jpeg"))
    put(name, b"no image" if pixels is None else jpeg(pixels) if is_jpeg else png(pixels))
for shape, options in (("16, 12, 3", ""), ("16, 12, 3", ", size: [16, 12]"), ("7, 30, 3", ", size: [7, 30], channels: 3"), ("10, 9", ", size: [10, 9], channels: 1"), ("6, 6, 1", "")):
    exe = build(pixels_model(shape, options), "pixels", "--data", tmp("."))
    outcome = run(exe, "train", "--data", tmp("."), "--quiet", "--save", tmp("w"))
    check(outcome.status == 0, f"u8[{shape}]{options}: train", outcome.err)
    sizes = [int(s) for s in shape.split(",")]
    for name, pixels in images.items():
        if pixels is None:
            continue
        outcome = run(exe, "predict", "--weights", tmp("w"), tmp(name))
        if not check(outcome.status == 0, f"predict {name}", outcome.err):
            continue
        found = np.array(json.loads(outcome.out)[0]["out"]).reshape(sizes + ([] if len(sizes) == 3 else [1]))
        source = pixels.astype(float)
        channels = found.shape[2]
        if pixels.ndim == 2:
            source = np.repeat(source[:, :, None], channels, 2)
        elif channels == 1:
            grey = (77 * pixels[:, :, 0].astype(int) + 150 * pixels[:, :, 1].astype(int) + 29 * pixels[:, :, 2].astype(int)) >> 8
            source = grey[:, :, None].astype(float)
        wanted = resized(source, sizes[0], sizes[1])
        if name.lower().endswith("png"):
            # Rounded to the nearest level; f32 may fall on the other side where a value is half.
            away = np.abs(found - wanted).max()
            check(away <= 0.5 + 1e-3, f"  {name} as u8[{shape}]: the pixels of NumPy", away)
        else:
            # A JPEG is near what was written: each coefficient is rounded to a whole one, and so are colours, twice.
            away = np.abs(found - wanted).mean()
            check(away <= 1.5, f"  {name} as u8[{shape}]: near what was written", away)

# --- order, labels, parts: the same as arrays of these pixels
SOURCE = """
data photos(image: u8[%s], label: index(%s)) {
  %s
}

model m(image: u8[batch, 8, 8, 3]) -> out: f32[batch, %d] = image as f32 / 255 |> flatten |> dense(%d)

train m {
  data      photos(image, label)
  loss      cross_entropy(out, label)
  optimizer sgd(lr: 0.1)
  batch     2
  epochs    2
}
"""


def source(lines, classes="2", count=2, shape="8, 8, 3"):
    return SOURCE % (shape, classes, lines, count, count)


exe = build(pixels_model("8, 8, 3", ""), "pixels", "--data", tmp("."))
run(exe, "train", "--data", tmp("."), "--quiet", "--save", tmp("w"))
order = ["photos/a daisy/9.png", "photos/a daisy/x.jpg", "photos/b rose/1.jpeg", "photos/b rose/10.PNG", "photos/b rose/2.png"]
shown = json.loads(run(exe, "predict", "--weights", tmp("w"), *[tmp(name) for name in order]).out)
pixels = np.array([each["out"] for each in shown]).reshape(-1, 8, 8, 3).astype(np.uint8)
os.makedirs(tmp("arrays"))
np.save(tmp("arrays/i.npy"), pixels)
np.save(tmp("arrays/l.npy"), np.array([0, 0, 1, 1, 1], np.int32))

trained = {}
for name, lines, data, classes in (
    ("folder", 'from folder("photos")\n  split train: 0.6, test: 0.4, seed: 3', tmp("."), "n"),
    ("stated", 'from folder("photos", size: [8, 8])\n  split train: 0.6, test: 0.4, seed: 3', tmp("."), "2"),
    ("absolute", f'from folder("{tmp("photos")}")\n  split train: 0.6, test: 0.4, seed: 3', tmp("arrays"), "2"),
    ("as_arrays", 'from npy(image: "i.npy", label: "l.npy")\n  split train: 0.6, test: 0.4, seed: 3', tmp("arrays"), "2"),
):
    exe = build(source(lines, classes), name, "--data", data)
    outcome = run(exe, "train", "--data", data, "--quiet", "--save", tmp(name + ".st"))
    check(outcome.status == 0, f"{name}: train", outcome.err)
    trained[name] = {key: value.tobytes() for key, value in load_weights(tmp(name + ".st")).items()}
    check(trained[name] == trained["folder"], f"{name}: the same weights as from the folder")
for threads in (1, 3):
    run(tmp("folder"), "train", "--data", tmp("."), "--quiet", "--threads", threads, "--save", tmp("t.st"))
    check({k: v.tobytes() for k, v in load_weights(tmp("t.st")).items()} == trained["folder"], f"{threads} threads: the same bits")

# --- the classes travel with the weights, and predict names them
outcome = run(tmp("folder"), "predict", "--weights", tmp("folder.st"), tmp("photos/a daisy/x.jpg"), tmp("photos/b rose/2.png"))
found = json.loads(outcome.out) if outcome.status == 0 else []
check(len(found) == 2 and all(each["class_name"] == ["a daisy", "b rose"][each["class"]] for each in found), "predict names classes", outcome.out + outcome.err)
outcome = run(tmp("folder"), "eval", "--data", tmp("."), "--weights", tmp("folder.st"))
check(outcome.status == 0, "eval", outcome.err)
shutil.copytree(tmp("photos"), tmp("other/photos"))
os.rename(tmp("other/photos/a daisy"), tmp("other/photos/a lily"))
outcome = run(tmp("folder"), "eval", "--data", tmp("other"), "--weights", tmp("folder.st"))
check(outcome.status == 1 and "photos/a lily: 'a lily' is no class of 'label'" in outcome.err, "a folder of other classes can't be evaluated", outcome.err)
# A class alone keeps its number.
shutil.copytree(tmp("photos/b rose"), tmp("part/photos/b rose"))
one = build(source('train folder("photos")\n  test folder("tests")'), "parts")
for name in ("photos", "tests"):
    shutil.copytree(tmp("photos" if name == "photos" else "part/photos"), tmp(f"both/{name}"))
outcome = run(one, "train", "--data", tmp("both"), "--quiet", "--save", tmp("both.st"))
check(outcome.status == 0, "parts may lack a class", outcome.err)
weights = load_weights(tmp("both.st"))
kernel, bias = (next(v for v in weights.values() if v.ndim == rank and v.size) for rank in (2, 1))
kernel = kernel.astype(float) if kernel.shape[1] == 2 else kernel.astype(float).T
logits = pixels[2:].reshape(3, -1) / 255 @ kernel + bias
expected = float(np.mean(np.log(np.exp(logits).sum(1)) - logits[:, 1]))
outcome = run(one, "eval", "--data", tmp("both"), "--weights", tmp("both.st"))
value = float(outcome.out.split()[1]) if outcome.status == 0 else float("nan")
check(abs(value - expected) < 1e-5 * max(1, expected), "and the others keep their numbers", (value, expected, outcome.err))

# --- code over images and labels
CODE = """
data photos(image: f32[8, 8, 3], is_rose: f32) {
  from    folder("photos", size: [8, 8])
  image   = image as f32 / 255
  is_rose = (label == "b rose") as f32
}

model m(image: f32[batch, 8, 8, 3]) -> out: f32[batch] = image |> flatten |> dense(1) |> squeeze

train m {
  data      photos(image, is_rose)
  loss      mse(out, is_rose)
  optimizer sgd(lr: 0.01)
  epochs    1
}
"""
exe = build(CODE, "code", "--data", tmp("."))
outcome = run(exe, "train", "--data", tmp("."), "--quiet", "--save", tmp("code.st"))
check(outcome.status == 0, "images and labels may be computed with", outcome.err)
outcome = run(exe, "predict", "--weights", tmp("code.st"), tmp("photos/b rose/1.jpeg"))
check(outcome.status == 0 and "out" in outcome.out, "and predict does the same to a photo", outcome.err)

# --- how many classes there are
NAMED = """
data photos(image: u8[8, 8, 3], label: index(n)) {
  train folder("photos")
}

model m(label: index(n)[batch]) -> out: f32[batch, 4] {
  param table: f32[n, 4] = normal(0.1)
  table[label]
}

train m {
  data      photos(label)
  loss      mean(out ^ 2)
  optimizer sgd(lr: 0.1)
  epochs    1
}
"""
path = write("named.nn", NAMED)
check(run(NNC, "check", path).status == 0, "without the folder, a program with a name for the number can be checked")
outcome = run(NNC, "build", path, "-o", tmp("none"))
check(outcome.status == 1 and "E0643" in outcome.err and "'photos'" in outcome.err, "but not built", outcome.err)
outcome = run(NNC, "build", path, "-o", tmp("labels"), "--data", tmp("."))
check(outcome.status == 0, "with the folder it is built", outcome.err)
outcome = run(tmp("labels"), "train", "--data", tmp("."), "--quiet", "--save", tmp("labels.st"))
check(outcome.status == 0 and load_weights(tmp("labels.st"))["table"].shape == (2, 4), "the folder settles how many classes there are", outcome.err)
outcome = run(NNC, "build", write("fewer.nn", source('train folder("photos")', "1", 1)), "-o", tmp("none"), "--data", tmp("."))
check(outcome.status == 1 and "index(2)" in outcome.err and "index(1)" in outcome.err, "the header is held against the folder", outcome.err)
exe = build(source('train folder("photos")'), "stated")
put("three/photos/c/1.png", png(photo(8, 8)))
shutil.copytree(tmp("photos"), tmp("three/photos"), dirs_exist_ok=True)
outcome = run(exe, "train", "--data", tmp("three"), "--quiet")
check(outcome.status == 1 and "photos/c: there are 3 classes, but the program was built for 2" in outcome.err, "more classes than the program was built for", outcome.err)
shutil.copytree(tmp("photos"), tmp("one/photos"))
shutil.rmtree(tmp("one/photos/b rose"))
outcome = run(exe, "train", "--data", tmp("one"), "--quiet", "--save", tmp("one.st"))
check(outcome.status == 1 and "photos: there is 1 class, but the program was built for 2" in outcome.err and not os.path.exists(tmp("one.st")), "fewer classes", outcome.err)
before = sorted(os.listdir(tmp("photos/a daisy")))
for name in (os.path.join("photos", "a daisy", before[0]), "photos/a daisy/curves.svg"):
    outcome = run(exe, "train", "--data", tmp("."), "--quiet", "--plot", tmp(name))
    check(outcome.status == 2 and "which is of the data set" in outcome.err, "a picture among the images is refused", outcome.err)
check(sorted(os.listdir(tmp("photos/a daisy"))) == before, "and they stay")

# --- links are followed, as far as they lead
os.makedirs(tmp("linked"))
os.symlink(tmp("photos"), tmp("linked/photos"))
run(exe, "train", "--data", tmp("."), "--quiet", "--save", tmp("plain.st"))
run(exe, "train", "--data", tmp("linked"), "--quiet", "--save", tmp("linked.st"))
check(load_weights(tmp("linked.st")).keys() and all(np.array_equal(v, load_weights(tmp("plain.st"))[k]) for k, v in load_weights(tmp("linked.st")).items()), "a link to a folder is a folder")

# --- by content, not by name
shutil.copytree(tmp("photos"), tmp("names/photos"))
for name in ("photos/a daisy/x.jpg", "photos/a daisy/9.png"):
    with open(tmp(name), "rb") as file:
        put("names/" + name, file.read())
os.rename(tmp("names/photos/b rose/1.jpeg"), tmp("names/photos/b rose/1.png"))
run(exe, "train", "--data", tmp("names"), "--quiet", "--save", tmp("names.st"))
check(all(np.array_equal(v, load_weights(tmp("plain.st"))[k]) for k, v in load_weights(tmp("names.st")).items()), "a JPEG called .png is a JPEG")

# --- what is refused: named by its path, and nothing is lost
before = open(tmp("plain.st"), "rb").read()
whole_png, whole_jpeg = png(photo(9, 9)), jpeg(photo(16, 16))
huge = bytearray(whole_png)
huge[16:29] = struct.pack(">IIBBBBB", 16000, 16000, 8, 2, 0, 0, 0)
gigantic = bytearray(huge)
gigantic[16:24] = struct.pack(">II", 30000, 30000)
clear = np.full((4, 4, 4), 255, np.uint8)
clear[2, 1, 3] = 7


def case(name, words, **files):
    root = f"bad {name}"
    shutil.copytree(tmp("photos"), tmp(root + "/photos"))
    for at, content in files.items():
        at = at.replace("__", "/").replace("_dot_", ".")
        if content is None:
            os.makedirs(tmp(f"{root}/photos/{at}"))
        elif isinstance(content, str):
            os.symlink(content, tmp(f"{root}/photos/{at}"))
        else:
            put(f"{root}/photos/{at}", content)
    outcome = run(exe, "train", "--data", tmp(root), "--quiet", "--save", tmp("plain.st"))
    check(outcome.status == 1 and all(word in outcome.err for word in words), f"{name} is refused", outcome.err)


case("a text among images", ["photos/k/notes.txt", "neither .png, .jpg nor .jpeg"], k__notes_dot_txt=b"x")
case("an empty class", ["photos/empty", "no images"], empty=None)
case("a class of hidden files", ["photos/k: has no images"], k___dot_x_dot_png=b"x")
case("an image beside the classes", ["photos/x.png", "beside the folders"], x_dot_png=whole_png)
case("a folder in a class", ["photos/k/deep", "folder of a class"], k__x_dot_png=whole_png, k__deep=None)
case("a link to nowhere", ["photos/k", "No such file"], k="nowhere")
case("a link to itself", ["photos/k", "symbolic links"], k="k")
exe = build(source('train folder("photos")', "3", 3), "of_three")
case("an empty file", ["photos/aa/c.png: is empty"], aa__c_dot_png=b"", aa__d_dot_png=b"x")
case("a file that is no image", ["photos/k/c.png", "is not a PNG or JPEG file"], k__c_dot_png=b"GIF89a", k__d_dot_png=b"")
case("a PNG cut short", ["photos/k/c.png", "cut short"], k__c_dot_png=whole_png[:-20])
case("a JPEG cut short", ["photos/k/c.jpg", "before the end of the image"], k__c_dot_jpg=whole_jpeg[:-40])
case("a JPEG cut short in its header", ["photos/k/c.jpg"], k__c_dot_jpg=whole_jpeg[:100])
codes = whole_jpeg.index(b"\xff\xc4") + 5 # how many there are of each length, in the first table
for count in (255, 17, 1): # more than there can be, hardly more, and more than follow
    many = whole_jpeg[:codes] + bytes([count]) * 16 + whole_jpeg[codes + 16 :]
    case(f"a JPEG whose table has {16 * count} codes", ["photos/k/c.jpg", f"the tables at byte {codes - 5} are damaged"], k__c_dot_jpg=many)
case("a JPEG with such a table behind a byte that fills up", ["photos/k/c.jpg", f"the tables at byte {codes - 4} are damaged"], k__c_dot_jpg=b"\xff" + many)
case("a damaged PNG", ["photos/k/c.png", "checksum"], k__c_dot_png=whole_png[:50] + bytes([whole_png[50] ^ 1]) + whole_png[51:])
case("a huge image", ["photos/k/c.png", "16000 by 16000", "134,217,728"], k__c_dot_png=bytes(huge))
case("a gigantic image", ["photos/k/c.png", "too large"], k__c_dot_png=bytes(gigantic))
case("an image one can see through", ["photos/k/c.png", "not opaque", "column 1, row 2"], k__c_dot_png=png(clear))
shutil.copytree(tmp("photos"), tmp("fifo/photos"))
os.makedirs(tmp("fifo/photos/k"))
os.mkfifo(tmp("fifo/photos/k/c.png"))
outcome = run(exe, "train", "--data", tmp("fifo"), "--quiet")
check(outcome.status == 1 and "photos/k/c.png: is not a regular file" in outcome.err, "a pipe is refused", outcome.err)
put("flat/photos/README", b"")
for name, words in (("flat", "photos: has no subfolders"), ("nowhere", "photos"), ("arrays", "photos")):
    outcome = run(exe, "train", "--data", tmp(name), "--quiet")
    check(outcome.status == 1 and words in outcome.err, f"--data {name} has no such folder", outcome.err)
put("file/photos", b"x")
outcome = run(exe, "train", "--data", tmp("file"), "--quiet")
check(outcome.status == 1 and "photos: is not a folder" in outcome.err, "a file is no folder", outcome.err)
for name, words in (("flat", "has no subfolders"), ("bad an image beside the classes", "x.png: is an image beside")):
    outcome = run(NNC, "check", path, "--data", tmp(name))
    check(outcome.status == 1 and "E0642" in outcome.err and words in outcome.err, f"the compiler says so, too: {words}", outcome.err)
check(open(tmp("plain.st"), "rb").read() == before, "weights stay as they were")
finish()
