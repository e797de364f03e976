"""A training's curves: `--plot` is a well-formed picture of what the log says, `--tensorboard` an event file with the same numbers."""
# RUN: %python %s
import os
import struct
import xml.etree.ElementTree as tree

from support import MNIST, build, check, events, finish, run, tmp

NET = """model net(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] {
  image / 255 |> flatten |> dense(10)
}

train net {
  data      mnist(image, label)
  split     valid: 0.1, seed: 1
  loss      fit = cross_entropy(logits, label)
  loss      small = 1e-4 * mean(logits ^ 2, axis: -1)
  metric    accuracy(logits, label)
  optimizer adam()
  batch     500
  epochs    2
}
"""
FIELD = """model field(x: f32[batch]) -> y: f32[batch] = stack(x, x, axis: 1) |> dense(8) |> tanh |> dense(1) |> squeeze

train field {
  let x: f32[batch] = uniform(0, 1)
  loss      (field(x) - x ^ 2) ^ 2
  metric    worst = max(abs(field(x) - x ^ 2))
  optimizer adam()
  batch     64
  steps     40
  evaluate  every: 10
}
"""
SVG = "{http://www.w3.org/2000/svg}"


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(path):
    """The messages of a TFRecord file; an error where a sum is wrong or bytes are left."""
    with open(path, "rb") as file:
        data = file.read()
    at = 0
    while at < len(data):
        length, sum_of_length = struct.unpack_from("<QI", data, at)
        assert sum_of_length == masked(data[at : at + 8]), "the sum of a length"
        message = data[at + 12 : at + 12 + length]
        (sum_of_message,) = struct.unpack_from("<I", data, at + 12 + length)
        assert sum_of_message == masked(message), "the sum of a message"
        yield message
        at += 16 + length


def varint(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at


def fields(message):
    """{number: value} of a message of protocol buffers."""
    at, found = 0, {}
    while at < len(message):
        key, at = varint(message, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(message, at)
        elif kind == 2:
            size, at = varint(message, at)
            value, at = message[at : at + size], at + size
        else:
            size = {1: 8, 5: 4}[kind]
            value, at = message[at : at + size], at + size
        found[key >> 3] = value
    return found


def scalars(folder):
    """{(tag, step): value} of the one event file in a folder."""
    (name,) = os.listdir(folder)
    check(name.startswith("events.out.tfevents."), "the event file's name", name)
    first, *rest = map(fields, records(os.path.join(folder, name)))
    check(first[3] == b"brain.Event:2", "its version stands first")
    found = {}
    for event in rest:
        value = fields(fields(event[5])[1])
        found[value[1].decode(), event[2]] = struct.unpack("<f", value[2])[0]
    return found


def drawn(path):
    """The names in the legends, and the number of lines in the picture."""
    picture = tree.parse(path).getroot()
    check(picture.tag == SVG + "svg", "the picture is SVG")
    return [text.text for text in picture.iter(SVG + "text")], len(list(picture.iter(SVG + "path")))


def same(what, found, logged):
    gaps = [key for key, value in logged.items() if key not in found or abs(found[key] - value) > 1e-6 * abs(value) + 1e-12]
    check(logged and not gaps, f"{what}: {len(logged)} numbers are the log's", str(gaps[:5]) if gaps else "")


net = build(NET, "net")
log = tmp("net.jsonl")
outcome = run(net, "train", "--data", MNIST, "--log", log, "--log-every", "20", "--plot", tmp("net.svg"),
              "--tensorboard", tmp("runs/net"), "--quiet")
check(outcome.status == 0, "train with all curves", outcome.err)
found = scalars(tmp("runs/net"))
steps, epochs = events(log, "step"), events(log, "epoch")
same("steps", found, {(key, e["step"]): e[key] for e in steps for key in ("loss", "loss_fit", "loss_small")})
ends = [108, 216]  # 54,000 examples in batches of 500
same("epochs", found, {("epoch_loss", step): e["loss"] for e, step in zip(epochs, ends)})
names = {"test_loss": "valid_loss", "loss_fit": "valid_loss_fit", "loss_small": "valid_loss_small", "accuracy": "accuracy"}
same("evaluations", found, {(tag, step): e[key] for e, step in zip(epochs, ends) for key, tag in names.items()})
(end,) = events(log, "end")
names = {"test_loss": "test_loss", "loss_fit": "test_loss_fit", "loss_small": "test_loss_small", "accuracy": "test_accuracy"}
same("the test", found, {(tag, 216): end[key] for key, tag in names.items()})
texts, lines = drawn(tmp("net.svg"))
legends = ["loss", "loss_fit", "loss_small", "mean loss of an epoch", "valid_loss", "valid_loss_fit", "valid_loss_small", "accuracy"]
check([text for text in texts if text in legends] == legends, "the picture has a curve each", str(texts))
check(lines == len(legends), "as many lines", lines)

field = build(FIELD, "field")
log = tmp("field.jsonl")
outcome = run(field, "train", "--log", log, "--log-every", "1", "--plot", tmp("field.svg"), "--tensorboard", tmp("runs/field"))
check(outcome.status == 0, "train without data", outcome.err)
found = scalars(tmp("runs/field"))
same("steps", found, {("loss", e["step"]): e["loss"] for e in events(log, "step")})
same("evaluations", found, {(tag, e["step"]): e[tag] for e in events(log, "eval") for tag in ("test_loss", "worst")})
texts, lines = drawn(tmp("field.svg"))
check("worst" in texts and "test_loss" in texts, "the picture has what was evaluated")
check("mean loss of an epoch" not in texts, "and no epochs, where there are none")

# What cannot be written is refused before training begins.
outcome = run(net, "train", "--data", MNIST, "--plot", "/dev/full", "--quiet")
check(outcome.status == 1 and "not a regular file" in outcome.err, "a picture is a file", outcome.err.strip())
outcome = run(net, "train", "--data", MNIST, "--tensorboard", "/proc/none", "--quiet")
check(outcome.status == 1 and "/proc/none: the folder cannot be made" in outcome.err, "a folder that cannot be made", outcome.err.strip())
finish()
