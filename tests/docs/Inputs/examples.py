"""Runs the examples in the descriptions of passes and operations: what a reader sees is what nn-opt does.

    examples.py passes ROOT     every pass of every Passes.td
    examples.py ops ROOT        every operation of the nn and train dialects

A pass's example is a module before and one after it, both whole; its options stand between them as `name=value`. Both
sides are compared after CSE and canonicalisation, which spares the reader dead and repeated operations. A module that a
pass must refuse is followed by the word "refused" and the error in quotes.

An operation's example parses and verifies. Values that it doesn't define are operands: the parser says their types. One
that lives within another operation may be shown as a part of that one's example.
"""
import collections
import concurrent.futures
import glob
import json
import os
import re
import shutil
import subprocess
import sys

BLOCK = re.compile(r"```mlir\n(.*?)```", re.DOTALL)
PLACEHOLDER = "none"


def read_records(root, path):
    """The records of a .td file by name."""
    tblgen = shutil.which("llvm-tblgen") or shutil.which("llvm-tblgen-22")
    include = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(tblgen))), "include")
    command = [tblgen, "--dump-json", "-I", root, "-I", include, os.path.join(root, path)]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def nn_opt(text, *options):
    """(status, output, errors) of nn-opt on a module."""
    command = ["nn-opt", "-", "--allow-unregistered-dialect", *options]
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


# --- Passes

Example = collections.namedtuple("Example", "before options after error")


def read_examples(description):
    """The examples of a pass: each has the module after it, or the error."""
    parts = BLOCK.split(description)  # Text and blocks in turns.
    texts, blocks = parts[0::2], parts[1::2]
    examples, i = [], 0
    while i < len(blocks):
        text = texts[i + 1]
        options = " ".join(re.findall(r"`((?:[\w-]+=[\w-]+ ?)+)`", text))
        if "refused" in text:
            error = " ".join(re.search(r'"([^"]+)"', text)[1].split())
            examples.append(Example(blocks[i], options, None, error))
            i += 1
        else:
            after = blocks[i + 1] if i + 1 < len(blocks) else None
            examples.append(Example(blocks[i], options, after, None))
            i += 2
    return examples


def run_example(name, base, example):
    """What is wrong with an example of pass `name`; None where nothing is."""
    normalise = "cse,canonicalize"
    run = f"{name}{{{example.options}}}"
    if "kernel::FuncOp" in base:
        run = f"kernel.func({run})"
    elif "func::FuncOp" in base or "FunctionOpInterface" in base:
        run = f"func.func({run})"
    status, out, err = nn_opt(example.before, f"--pass-pipeline=builtin.module({run},{normalise})")
    if example.error:
        return None if status and example.error in err else f"expected the error '{example.error}', found:\n{err}"
    if status:
        return err
    if example.after is None:
        return "the module before it is followed by none after it"
    status, expected, err = nn_opt(example.after, f"--pass-pipeline=builtin.module({normalise})")
    if status:
        return "what is said to come after it does not parse:\n" + err
    if out != expected:
        return f"it gives\n{out}and not\n{expected}"
    unchanged = nn_opt(example.before, f"--pass-pipeline=builtin.module({normalise})")[1]
    return "the example shows no change" if out == unchanged else None


def check_pass(records, name):
    """The complaints about one pass."""
    record = records[name]
    argument = record["argument"]
    for what in ("summary", "description"):
        if not record[what].strip():
            yield f"{argument} has no {what}"
    # A pass that only looks has nothing to count.
    if not record["statistics"] and "verify" not in argument:
        yield f"{argument} has no statistics"
    for part in record["options"] + record["statistics"]:
        if not records[part["def"]]["description"].strip():
            yield f"{argument}: {records[part['def']]['cppName']} has no description"
    examples = read_examples(record["description"])
    if not examples:
        yield f"{argument} has no example"
    for example in examples:
        wrong = run_example(argument, record["baseClass"], example)
        if wrong:
            yield f"the example of {argument}: {wrong}"


def passes(root):
    """(records, name) of every pass."""
    found = {}
    for folder in ("compiler", "dialects"):
        for path in glob.glob(f"{folder}/**/Passes.td", root_dir=root, recursive=True):
            records = read_records(root, path)
            # A file that includes another has its passes, too.
            found.update({name: (records, name) for name in records["!instanceof"].get("PassBase", [])})
    return found.values()


# --- Operations


def find_operands(block):
    """The values that a block uses and doesn't define."""
    names = re.findall(r"%\w+", block)
    defined = re.findall(r"%\w+", " ".join(re.findall(r"%\w+(?:, %\w+)*(?= =|:)", block)))
    return sorted(set(names) - set(defined))


def parse(block):
    """What is wrong with an operation's example; None where nothing is."""
    types = dict.fromkeys(find_operands(block), PLACEHOLDER)
    while True:
        operands = "".join(f'{name} = "operand"() : () -> ({type})\n' for name, type in types.items())
        status, _, err = nn_opt(operands + block, "--split-input-file")
        if status == 0:
            return None
        wanted = re.search(rf"'(%\w+)' expects different type than prior uses: '(.+)' vs '{PLACEHOLDER}'", err)
        if not wanted:
            return err
        types[wanted[1]] = wanted[2]


def is_part(block, records):
    """Whether a block stands, indented more or less, in the example of another operation."""
    def unindented(text):
        return " ".join(text.split())

    wholes = [each for name in records["!instanceof"]["Op"] for each in BLOCK.findall(records[name]["description"])]
    return any(unindented(block) in unindented(whole) and parse(whole) is None for whole in wholes if whole != block)


def check_op(records, name):
    """The complaints about one operation."""
    record = records[name]
    op = f"{records[record['opDialect']['def']]['name']}.{record['opName']}"
    if not record["summary"].strip():
        yield f"{op} has no summary"
    blocks = [block for block in BLOCK.findall(record["description"]) if op in block]
    if not blocks:
        yield f"{op} has no example"
    for block in blocks:
        wrong = parse(block)
        if wrong and not ("expects parent op" in wrong and is_part(block, records)):
            yield f"the example of {op}: {wrong}"


def ops(root):
    """(records, name) of every operation."""
    for path in ("dialects/nn/ir/NnOps.td", "dialects/train/ir/TrainOps.td"):
        records = read_records(root, path)
        for name in records["!instanceof"]["Op"]:
            yield records, name


def main(what, root):
    find, check = {"passes": (passes, check_pass), "ops": (ops, check_op)}[what]
    found = list(find(root))
    with concurrent.futures.ThreadPoolExecutor() as pool:
        complaints = [text for texts in pool.map(lambda each: list(check(*each)), found) for text in texts]
    print(*complaints, f"{len(found)} {what}, {len(complaints)} complaints", sep="\n")
    return 1 if complaints or not found else 0


sys.exit(main(*sys.argv[1:]))
