#!/usr/bin/env python3
"""Writes the reference of the standard library: a page per file of it, one of the primitives, and an index.

    nnc std --json | scripts/library-docs.py FOLDER

scripts/gen-docs.sh calls it. What a page says is in the doc comments of compiler/std/*.nn; a block of ```nn in one is a
whole program, which the tests of the documents compile.
"""
import json
import os
import re
import sys

MADE = "<!-- Made by scripts/gen-docs.sh from {}: edit that. -->\n"


def escaped(text):
    """A comment as Markdown: blocks and code stay, and in the rest only they have a meaning."""
    parts = re.split(r"(```.*?```|`[^`\n]*`)", text, flags=re.S)
    for i in range(0, len(parts), 2):
        parts[i] = re.sub(r"([*<|])", r"\\\1", parts[i])
    return "".join(parts)


def first_sentence(text):
    """What the index says of an entry: the comment's first paragraph, up to where a sentence ends."""
    paragraph = " ".join(text.split("\n\n")[0].split("```")[0].split())
    # "et al. 2015" ends none.
    end = re.search(r"(?<!\bet al)[.;](?= [A-Z`-]|$)", paragraph)
    return paragraph[: end.start()] if end else paragraph.rstrip(":")


def entry(each):
    text = f"## {each['name']}\n\n```\n{each['signature']}\n```\n"
    return text + (f"\n{escaped(each['doc'])}\n" if each["doc"] else "")


def page(title, made_from, about, entries):
    names = "\n".join(f"- [{each['name']}](#{each['name']}): {escaped(first_sentence(each['doc']))}" for each in entries)
    head = MADE.format(made_from) + f"# {title}\n\n" + (f"{escaped(about)}\n\n" if about else "")
    return head + names + "\n\n" + "\n".join(map(entry, entries))


def main():
    folder = sys.argv[1]
    library = json.load(sys.stdin)
    os.makedirs(folder, exist_ok=True)
    for name in os.listdir(folder):
        if name.endswith(".md"):
            os.remove(os.path.join(folder, name))
    pages = []
    for file in library["files"]:
        stem = os.path.splitext(file["name"])[0]
        entries = [each for each in library["declarations"] if each["file"] == file["name"]]
        pages.append((stem, stem.replace("_", " ").capitalize(), "compiler/std/" + file["name"], file["about"], entries))
    about = "Functions that the compiler itself knows; they have no source in the language."
    pages.append(("primitives", "Primitives", "the table of primitives", about, library["primitives"]))
    index = MADE.format("compiler/std") + "# The standard library\n\n"
    index += "Written in the language, all but the primitives: `nnc std NAME` prints the source of an entry, `nnc std` lists them.\n\n"
    for stem, title, made_from, about, entries in pages:
        with open(os.path.join(folder, stem + ".md"), "w", encoding="utf-8") as file:
            file.write(page(title, made_from, about, entries))
        links = ", ".join(f"[{each['name']}]({stem}.md#{each['name']})" for each in entries)
        index += f"**[{title}]({stem}.md)**: {links}\n\n"
    with open(os.path.join(folder, "README.md"), "w", encoding="utf-8") as file:
        file.write(index.rstrip() + "\n")


main()
