"""Folders of images: pixels against NumPy, classes that travel with the weights, predictions from photos of any size, and every refusal."""
# RUN: %python %s
import json
import os
import shutil
import struct
import zlib

import numpy as np

from support import NNC, build, check, close, finish, load_weights, run, tmp, write


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


# The loss of a part with one example is a pixel of it: data code picks it by its place, which `--set` moves.
PIXELS = """
data photos(image: u8[%s], label: index(%s)) {
  %s
}

model m(image: u8[batch, %s]) -> out: f32[batch, classes] {
  let classes = %d
  image as f32 / 255 |> flatten |> dense(classes, init: zeros)
}

train m {
  data      photos(image, label)
  loss      cross_entropy(out, label)
  optimizer sgd(lr: 1)
  batch     2
  epochs    1
}
"""
rng = np.random.default_rng(11)


def photo(height, width, channels=3):
    """Something smooth with an edge, so that neither blur nor sharpness goes unseen."""
    y, x = np.mgrid[0:height, 0:width]
    waves = [127 + 100 * np.sin(x / width * 7 + c) * np.cos(y / height * 5 - c) + 20 * (x > width / 2) for c in range(channels)]
    pixels = np.clip(np.stack(waves, 2) + rng.normal(0, 3, (height, width, channels)), 0, 255).astype(np.uint8)
    return pixels[:, :, 0] if channels == 1 else pixels


# --- the pixels themselves: a model that hands them on
SHOW = """
data photos(image: u8[%s], label: index(2)) {
  train folder("photos"%s)
}

model m(image: u8[batch, %s]) -> out: f32[batch, 2] = image as f32 |> flatten |> dense(2)

train m {
  data      photos(image, label)
  loss      cross_entropy(out, label)
  optimizer sgd(lr: 0.001)
  epochs    1
  predict   m(image) -> shown
}
"""
FIXED = """
data photos(image: u8[%s], label: index(2)) {
  train folder("photos"%s)
}

model m(image: u8[batch, %s]) -> out: f32[batch, %d] {
  param w: f32[2] = 0
  image as f32 |> flatten |> (x) -> x + w[0]
}
"""


def pixels_model(shape, options):
    size = int(np.prod([int(s) for s in shape.split(",")]))
    return f"""
data photos(image: u8[{shape}], label: index(2)) {{
  train folder("photos"{options})
}}

model m(image: u8[batch, {shape}]) -> out: f32[batch, {size}] {{
  param w: f32[{size}] = 0
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
finish()
