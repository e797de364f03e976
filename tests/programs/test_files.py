"""Files that others see: links stay links, several processes save side by side, headers for any C or C++, other locales, pictures
with transparency, and warnings for what trains badly without a word."""
# RUN: %python %s
import os
import re
import shutil
import struct
import subprocess
import zlib

import numpy as np

from support import (NNC, build, check, events, finish, load_weights, losses, run, skip, tmp, write, write_small_mnist)

SMALL = tmp("small")
write_small_mnist(SMALL, 128)
NET = """model net(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] {
  image / 255 |> flatten |> dense(64) |> relu |> dense(10)
}

train net {
  data      mnist(image, label)
  loss      cross_entropy(logits, label)
  metric    accuracy(logits, label)
  optimizer adam(lr: 1.5e-3)
  batch     32
  epochs    1
}
"""


def links(program):
    """What a link points at is made; the link stays one."""
    os.makedirs(tmp("store"))
    os.makedirs(tmp("links"))
    for what, link, target, made in (("to nothing yet", "links/a.st", "../store/a.st", "store/a.st"), ("by a full path", "links/b.st", tmp("store/b.st"), "store/b.st"),
                                     ("to a link", "links/c.st", "d.st", "store/d.st"), ("to a file", "links/e.st", "../store/e.st", "store/e.st")):
        os.symlink(target, tmp(link))
        if what == "to a link":
            os.symlink("../store/d.st", tmp("links/d.st"))
        if what == "to a file":
            write("store/e.st", "old")
        outcome = run(program, "train", "--data", SMALL, "--steps", 2, "--quiet", "--save", tmp(link))
        good = outcome.status == 0 and os.path.islink(tmp(link)) and os.path.isfile(tmp(made)) and not os.path.islink(tmp(made))
        check(good and "dense.w" in load_weights(tmp(made)), f"--save through a link {what}", outcome.err[:200])
        os.remove(tmp(link))
        os.symlink(target.replace(".st", ".exe"), tmp(link))
        if what == "to a link":
            os.remove(tmp("links/d.st"))
            os.symlink("../store/d.exe", tmp("links/d.exe"))
        outcome = run(NNC, "build", write("net.nn", NET), "-o", tmp(link))
        made = made.replace(".st", ".exe")
        good = outcome.status == 0 and os.path.islink(tmp(link)) and os.path.isfile(tmp(made)) and os.access(tmp(made), os.X_OK)
        check(good, f"nnc build -o through a link {what}", outcome.err[:200])
    os.symlink("nowhere/x.st", tmp("links/lost.st"))
    outcome = run(program, "train", "--data", SMALL, "--steps", 1, "--quiet", "--save", tmp("links/lost.st"))
    check(outcome.status == 1 and os.path.islink(tmp("links/lost.st")), "a link into a folder that isn't there is refused", outcome.err[:200])
    os.symlink("loop.st", tmp("links/loop.st"))
    outcome = run(program, "train", "--data", SMALL, "--steps", 1, "--quiet", "--save", tmp("links/loop.st"))
    check(outcome.status == 1, "  and one that points at itself", outcome.err[:200])
    check(not [name for name in os.listdir(tmp("store")) + os.listdir(tmp("links")) if "tmp" in name], "nothing else is left", os.listdir(tmp("store")))


def side_by_side(program):
    """Processes that save under one name, each pid 1 of a container of its own: no save fails, no reader sees half a file."""
    own = ["unshare", "--pid", "--fork", "--kill-child"] if run("unshare", "--pid", "--fork", "true").status == 0 else []
    if not own:
        skip("saves from several pid namespaces", "unshare is not allowed")
    os.makedirs(tmp("shared"))
    command = [*own, program, "train", "--data", SMALL, "--save", tmp("shared/s.st"), "--save-every", "1", "--steps", "40", "--threads", "1"]
    processes = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(4)]
    broken = reads = 0
    while any(process.poll() is None for process in processes):
        if os.path.exists(tmp("shared/s.st")):
            try:
                load_weights(tmp("shared/s.st"))
                reads += 1
            except (ValueError, struct.error, KeyError):
                broken += 1
    errors = [process.stderr.read().decode() for process in processes]
    check(all(process.returncode == 0 for process in processes), "four processes save side by side", [e[-200:] for e in errors if e])
    check(not any("cannot" in e or "warning" in e for e in errors), "  no save fails", [e[-200:] for e in errors])
    check(broken == 0 and reads, "  and whoever reads finds a whole file", (broken, reads))
    check(os.listdir(tmp("shared")) == ["s.st"], "  and nothing else", os.listdir(tmp("shared")))


WORDS = ("requires concept constexpr nullptr decltype noexcept alignas asm static_assert thread_local xor_eq wchar_t char8_t co_await NULL typeof unix linux _Bool "
         "batch_ batch inputs outputs session rows data result int char class template operator new_ this errno assert stdin EOF true_ main").split()


def headers():
    inputs = [w for w in WORDS if w not in ("int", "char")]
    ports = ", ".join(f"{word}: f32[b, 2]" for word in inputs)
    text = f"model hn({ports}) -> (register: f32[b, 2], volatile: f32[b, 2]) {{\n  let total = {' + '.join(inputs)}\n  (total, 2 * total)\n}}\n"
    path = write("hn.nn", text)
    outcome = run(NNC, "check", path)
    refused = re.findall(r"'(\w+)'", outcome.err) if outcome.status else []
    if not check(outcome.status == 0, "inputs may have any name that the language doesn't reserve", (refused[:4], outcome.err[:300])):
        return
    outcome = run(NNC, "build", path, "--emit", "shared", "-o", tmp("libhn.so"))
    check(outcome.status == 0, "a library of a model with odd names", outcome.err[:300])
    for name, suffix, standard in (("clang", "c", "c11"), ("clang", "c", "gnu17"), ("clang++", "cpp", "c++11"), ("clang++", "cpp", "c++20"), ("clang++", "cpp", "gnu++20")):
        compiler = next((c for c in (name, f"{name}-22", "cc" if suffix == "c" else "c++") if shutil.which(c)), None)
        if not compiler:
            skip(f"the header in {standard}", "no compiler")
            continue
        source = write(f"use.{suffix}", '#include <assert.h>\n#include <errno.h>\n#include <stdio.h>\n#include "hn.h"\nint main(void) { return 0; }\n')
        outcome = run(compiler, f"-std={standard}", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", source)
        check(outcome.status == 0, f"its header compiles as {standard}", outcome.err[:400])
    two = write("two.nn", "model one(x: f32[batch, 8]) -> y: f32[batch, 2] = x |> dense(2)\n\nmodel other(x: f32[batch, 8]) -> y: f32[batch, 3] = x |> dense(3)\n")
    for chosen, left in (("one", "other"), ("other", "one")):
        outcome = run(NNC, "build", two, "--model", chosen, "--emit", "shared", "-o", tmp("libtwo.so"))
        names = [line.split()[-1] for line in run("nm", "-D", "--defined-only", tmp("libtwo.so")).out.splitlines()]
        check(outcome.status == 0 and names and all(n.startswith(f"{chosen}_") for n in names), f"a library of '{chosen}' exports its own functions alone", names[:8])
        everything = run("nm", tmp("libtwo.so")).out
        check(not re.search(rf"\b{left}[._]", everything), f"  and holds nothing of '{left}'")


def locales(program):
    """A comma for a point in the user's language changes no number, read or written."""
    known = run("locale", "-a").out.lower().split()
    name = next((n for n in ("de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "fr_FR.utf8") if n.lower().replace("-", "") in [k.replace("-", "") for k in known]), None)
    environment = dict(os.environ)
    if not name:
        os.makedirs(tmp("locales"))
        made = run("localedef", "-i", "de_DE", "-f", "UTF-8", tmp("locales/de_DE.UTF-8")) if shutil.which("localedef") else None
        if made is None or not os.path.exists(tmp("locales/de_DE.UTF-8/LC_NUMERIC")):
            skip("numbers in another locale", "this machine has none")
            return
        name = "de_DE.UTF-8"
        environment["LOCPATH"] = tmp("locales")
    environment["LC_ALL"] = name
    outcome = run(NNC, "build", write("net.nn", NET), "-o", tmp("german"), env=environment)
    check(outcome.status == 0, f"nnc build under {name}", outcome.err[:200])
    text = []
    for env in (None, environment):
        outcome = run(tmp("german"), "train", "--data", SMALL, "--steps", 4, "--seed", 2, "--log", tmp("log"), "--log-every", 1, "--save", tmp("german.w"),
                      **({"env": env} if env else {}))
        shown = run(tmp("german"), "eval", "--data", SMALL, "--weights", tmp("german.w"), **({"env": env} if env else {}))
        rows = events(tmp("log"), "step")
        text.append(([row["loss"] for row in rows], shown.out, re.findall(r"loss \S+", outcome.out)))
        os.remove(tmp("log"))
    check(text[0] == text[1], "training and evaluation print and compute the same numbers", text[1])
    check(run(NNC, "check", tmp("net.nn"), env=environment).status == 0 and losses(program, "--steps", 4, "--seed", 2, data=SMALL).tolist() == text[0][0],
          "  and 1.5e-3 is 1.5e-3 there")


def png(path, pixels):
    """[rows, columns, channels] of u8."""
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[pixels.shape[2]]
    chunk = lambda name, body: struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, kind, 0, 0, 0))
                   + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def transparency(program):
    ink = np.zeros((28, 28), np.uint8)
    ink[4:24, 12:16] = 255
    run(program, "train", "--data", SMALL, "--steps", 4, "--quiet", "--save", tmp("seen.w"))
    ask = lambda: run(program, "predict", "--weights", tmp("seen.w"), tmp("p.png"))
    png(tmp("p.png"), ink[:, :, None])
    grey = ask()
    full = np.full_like(ink, 255)
    png(tmp("p.png"), np.stack([ink, ink, ink, full], 2))
    check(ask().out == grey.out and grey.status == 0, "an opaque picture with an alpha channel is the picture")
    png(tmp("p.png"), np.stack([ink, full], 2))
    check(ask().out == grey.out, "  and so is a grey one")
    for what, pixels in (("ink in alpha alone, colour black", np.stack([0 * ink, 0 * ink, 0 * ink, ink], 2)), ("ink in alpha alone, colour white", np.stack([full, ink], 2)),
                         ("a transparent edge", np.stack([ink, np.where(np.arange(28) < 2, 0, full).astype(np.uint8)], 2))):
        png(tmp("p.png"), pixels)
        outcome = ask()
        said = re.search("alpha|transparen|opaque", outcome.err, re.I)
        check(said and (outcome.status == 1 or outcome.out != ""), f"a picture with {what} is spoken of", (outcome.status, outcome.err[:200]))


def warnings():
    soft = NET.replace("|> dense(10)", "|> dense(10) |> softmax")
    raw = NET.replace("image / 255 |> flatten", "image |> flatten")
    for what, text, line in (("softmax before a loss that takes logits", soft, r":(2|7):"), ("pixels that nobody divides", raw, r":2:")):
        outcome = run(NNC, "check", write("warned.nn", text))
        check(outcome.status == 0 and re.search(r"warned\.nn" + line + r"\d+: warning\[W\d+\]", outcome.err), f"a warning for {what}", outcome.err[:300])
    outcome = run(NNC, "check", write("warned.nn", NET))
    check(outcome.status == 0 and not outcome.err, "  and none for the classifier as it should be", outcome.err[:300])


net = build(NET, "net")
links(net)
side_by_side(net)
headers()
locales(net)
transparency(net)
warnings()
finish()
