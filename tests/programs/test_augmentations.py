"""What the library does to images in training: shifted and mirrored ones, beside NumPy, each example by itself."""
# RUN: %python %s
import numpy as np

from support import NNC, build, check, finish, losses, predict, run, tmp, write, write_small_mnist

ROWS = 200
rng = np.random.default_rng(4)
BYTES = rng.integers(1, 256, (ROWS, 5, 7), np.uint8)
COLOURS = rng.normal(2, 0.3, (ROWS, 5, 7, 3)).astype(np.float32)


def shifted(image, down, right):
    """`image` moved by so many rows and columns, zeros come in."""
    h, w = image.shape[:2]
    result = np.zeros_like(image)
    result[max(down, 0) : h + min(down, 0), max(right, 0) : w + min(right, 0)] = (
        image[max(-down, 0) : h + min(-down, 0), max(-right, 0) : w + min(-right, 0)])
    return result


def moves(images, found, by):
    """By how much each example is moved; None where it is not that image moved."""
    places = [(i, j) for i in range(-by, by + 1) for j in range(-by, by + 1)]
    return [next((p for p in places if np.array_equal(shifted(x, *p), y)), None) for x, y in zip(images, found)]


program = build("""model m(x: u8[batch, 5, 7], c: f32[batch, 5, 7, 3])
  -> (bytes: u8[batch, 5, 7], colours: f32[batch, 5, 7, 3], still: u8[batch, 5, 7], flipped: u8[batch, 5, 7], turned: f32[batch, 5, 7, 3]) {
  (random_shift(x, 2), random_shift(c, by: 1), random_shift(x, 0), random_flip(x), random_flip(c))
}
""", "draws")
found = predict(program, x=BYTES, c=COLOURS)
for name, images, by in (("bytes", BYTES, 2), ("colours", COLOURS, 1)):
    seen = moves(images, np.asarray(found[name]).astype(images.dtype), by)
    check(None not in seen, f"{name}: each image is moved as a whole, and zeros come in", seen[:5])
    counts = {p: seen.count(p) for p in set(seen)}
    check(len(counts) == (2 * by + 1) ** 2, "  by each of the distances", counts)
    check(max(counts.values()) < 3.5 * ROWS / len(counts), "  about as often", counts)
check(np.array_equal(found["still"], BYTES), "a shift by 0 changes nothing")
for name, images in (("flipped", BYTES), ("turned", COLOURS)):
    result = np.asarray(found[name]).astype(images.dtype)
    same = np.array([np.array_equal(x, y) for x, y in zip(images, result)])
    other = np.array([np.array_equal(x[:, ::-1], y) for x, y in zip(images, result)])
    check((same ^ other).all() and 0.35 < same.mean() < 0.65, f"{name}: each image as it is or mirrored, half of them", same.mean())
again = predict(program, x=BYTES, c=COLOURS)
check(all(np.array_equal(found[n], again[n]) for n in found), "the same seed draws the same")

# Parts, turned and erased images.
OTHERS = build("""model m(x: u8[batch, 5, 7], c: f32[batch, 5, 7, 3], share: f32[batch])
  -> (part: u8[batch, 3, 4], whole: f32[batch, 5, 7, 3], turned: u8[batch, 5, 7], level: f32[batch, 5, 7, 3], gone: u8[batch, 5, 7],
      pixel: f32[batch, 5, 7, 3], noisy: f32[batch, 5, 7, 3], mixed: f32[batch, 5, 7, 3]) {
  (random_crop(x, 3, columns: 4), random_crop(c, 5, columns: 7), random_rotate(x, 40), random_rotate(c, 0), random_erase(x, 3), random_erase(c, 1),
    gaussian_noise(c, std: 0.5), mixup(c, share))
}
""", "others")
share = rng.random(ROWS).astype(np.float32)
found = predict(OTHERS, x=BYTES, c=COLOURS, share=share)
parts = [(i, j) for i in range(3) for j in range(4)]
seen = [next((p for p in parts if np.array_equal(x[p[0] : p[0] + 3, p[1] : p[1] + 4], y)), None) for x, y in zip(BYTES, found["part"])]
counts = {p: seen.count(p) for p in set(seen)}
check(None not in seen and len(counts) == 12 and max(counts.values()) < 3 * ROWS / 12, "random_crop: a part of each image, each about as often", counts)
check(np.array_equal(found["whole"].astype(np.float32), COLOURS) and np.array_equal(found["level"].astype(np.float32), COLOURS),
      "a part as large as the image, and no turn, change nothing")


def rotated(image, angle):
    """The nearest pixel there was, about the middle of 5 by 7."""
    down, right = np.mgrid[-2:3, -3:4]
    row = np.round(np.cos(angle) * down - np.sin(angle) * right + 2).astype(int)
    column = np.round(np.sin(angle) * down + np.cos(angle) * right + 3).astype(int)
    inside = (row >= 0) & (row < 5) & (column >= 0) & (column < 7)
    return np.where(inside, image[np.clip(row, 0, 4), np.clip(column, 0, 6)], 0)


grid = np.radians(np.linspace(-40, 40, 4001))
variants = {rotated(np.arange(1, 36).reshape(5, 7), a).tobytes(): a for a in grid}  # turns that differ
close_turns = [any(np.array_equal(rotated(x, a), y) for a in variants.values()) for x, y in zip(BYTES, found["turned"])]
still = np.mean([np.array_equal(x, y) for x, y in zip(BYTES, found["turned"])])
check(np.mean(close_turns) > 0.98 and still < 0.2, "random_rotate: each image turned about its middle", (np.mean(close_turns), still))


def erased(image, found, size):
    """Whether a square around some pixel is 0 and the others are as they were."""
    def square(i, j):
        result = image.copy()
        result[max(i - size // 2, 0) : max(i - size // 2 + size, 0), max(j - size // 2, 0) : max(j - size // 2 + size, 0)] = 0
        return result
    return any(np.array_equal(square(i, j), found) for i in range(5) for j in range(7))


check(all(erased(x, y, 3) for x, y in zip(BYTES, found["gone"])), "random_erase: a square of each image is 0")
check(all(erased(x, y.astype(np.float32), 1) for x, y in zip(COLOURS, found["pixel"])), "  of each colour")
drawn = (found["noisy"] - COLOURS) / 0.5
check(abs(drawn.mean()) < 5 / np.sqrt(drawn.size) and abs(drawn.var() - 1) < 5 * np.sqrt(2 / drawn.size), "gaussian_noise: normal", (drawn.mean(), drawn.var()))
wide = COLOURS.astype(float)
mixed = share[:, None, None, None] * wide + (1 - share)[:, None, None, None] * wide[::-1]
check(np.allclose(found["mixed"], mixed, rtol=1e-5, atol=1e-6), "mixup: each image with the one as far from the end of the batch")

# In training, and there alone; the field stays what the model takes.
RECIPE = """model net(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] = image / 255 |> flatten |> dense(10)

train net {
  data      mnist(image, label)
  augment   image = random_shift(image, 2)
  augment   image = random_flip(image)
  loss      cross_entropy(logits, label)
  optimizer sgd(lr: 0.1)
  batch     32
  epochs    1
}
"""
SMALL = tmp("small")
write_small_mnist(SMALL, 96)
program, plain = build(RECIPE, "augmented"), build("".join(s for s in RECIPE.splitlines(True) if "augment" not in s), "plain")
first, second, bare = (losses(p, "--no-shuffle", "--threads", t, data=SMALL) for p, t in ((program, 1), (program, 2), (plain, 1)))
check(first.shape == (3,) and np.isfinite(first).all() and np.array_equal(first, second), "a recipe that augments trains, the same for any threads", [first, second])
check(not np.array_equal(first, bare), "  on other images", [first, bare])
outcome = run(NNC, "check", write("far.nn", RECIPE.replace("image, 2", "image, 28")))
check(outcome.status == 1 and "less than its height and width" in outcome.err, "a shift out of the image is refused", outcome.err)
finish()
