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
