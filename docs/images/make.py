#!/usr/bin/env python3
"""Draws the pictures of README.md: runs nnc and a trained program, and sets what they print as SVG.

Run in the repository's root after a build: python3 docs/images/make.py
"""
import html
import os
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NNC = os.path.join(ROOT, "build", "bin", "nnc")
COLOURS = {"error": "#ff6b68", "hint": "#6cb6ff", "note": "#6cb6ff", "$": "#8ddb8c", "^": "#ff6b68"}


def run(*command, cwd):
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return "$ " + " ".join(os.path.basename(c) if c == NNC else c for c in command) + "\n" + done.stdout


def colour(line):
    if line.startswith("$"):
        return COLOURS["$"]
    if ": error[" in line:
        return COLOURS["error"]
    if line.lstrip().startswith("^"):
        return COLOURS["^"]
    if line.startswith("hint:") or ": note:" in line:
        return COLOURS["hint"]
    return "#d5dae2"


def draw(name, text):
    lines = text.rstrip().splitlines()
    width = max(map(len, lines)) * 8.43 + 40
    height = len(lines) * 20 + 30
    rows = "\n".join(
        f'<text x="20" y="{32 + 20 * i}" fill="{colour(line)}" xml:space="preserve">{html.escape(line)}</text>'
        for i, line in enumerate(lines)
    )
    with open(os.path.join(ROOT, "docs", "images", name), "w", encoding="utf-8") as file:
        file.write(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" '
            f'font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14">\n'
            f'<rect width="100%" height="100%" rx="8" fill="#1c2128"/>\n{rows}\n</svg>\n'
        )


with tempfile.TemporaryDirectory() as folder:
    with open(os.path.join(ROOT, "examples", "mnist_mlp.nn"), encoding="utf-8") as file:
        source = file.read()
    with open(os.path.join(folder, "mnist_mlp.nn"), "w", encoding="utf-8") as file:
        file.write(source.replace("dense(10)", "dense(11)").replace("epochs ", "epocs  "))
    draw("error.svg", run(NNC, "check", "mnist_mlp.nn", cwd=folder))
    with open(os.path.join(folder, "mnist_mlp.nn"), "w", encoding="utf-8") as file:
        file.write(source)
    os.symlink(os.path.join(ROOT, "data"), os.path.join(folder, "data"))
    text = run(NNC, "build", "mnist_mlp.nn", cwd=folder)
    text += run("./mnist_mlp", "train", "--save", "digits.safetensors", cwd=folder)
    os.symlink(os.path.join(ROOT, "examples", "seven.png"), os.path.join(folder, "seven.png"))
    text += run("./mnist_mlp", "predict", "--weights", "digits.safetensors", "seven.png", cwd=folder)
    draw("training.svg", text)
    print(text)
