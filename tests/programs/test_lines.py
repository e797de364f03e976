"""`nnc summary --lines`: the lines of a program together take what its kernels take, and each line has what is written on it."""
# RUN: %python %s
import glob
import json
import os

from support import NNC, ROOT, check, finish, run, tmp

INPUTS = os.path.join(ROOT, "tests", "driver", "Inputs")


def table(path, kind, *options):
    outcome = run(NNC, "summary", kind, "--json", *options, path)
    check(outcome.status == 0, f"{os.path.basename(path)} {kind} {' '.join(options)}", outcome.err[-400:])
    return json.loads(outcome.out)


def adds_up(path, *options):
    """The lines by file and number; no FLOP, byte or share of the kernels is lost or counted twice."""
    name = os.path.basename(path)
    lines, kernels = (table(path, kind, *options)[kind[2:]] for kind in ("--lines", "--kernels"))
    for key in ("flops", "bytes"):
        mine, theirs = (sum(each[key] for each in rows) for rows in (lines, kernels))
        check(mine == theirs > 0, f"  {key} of {name} are those of its kernels", f"{mine} and {theirs}")
    total = sum(each["share"] for each in lines)
    check(abs(total - 1) < 1e-9, f"  shares of {name} sum up to 100 %", total)
    check(all(0 <= each["share"] <= each["share_with_calls"] + 1e-12 <= 1 + 1e-9 for each in lines), "  with calls a line takes no less")
    check(all(each["file"] and not each["file"].startswith("std") for each in lines), "  all has a place in the user's files",
          [each for each in lines if not each["file"]])
    return {(os.path.basename(each["file"]), each["line"]): each for each in lines}


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return [""] + file.read().split("\n")


def of_example(name, costs):
    """The costs of an example's lines, each found by how the line begins."""
    text = text_of(os.path.join(ROOT, "examples", name))

    def find(start):
        numbers = [number for number, line in enumerate(text) if line.strip().startswith(start)]
        assert len(numbers) == 1, f"{start}: {numbers}"
        return costs.get((name, numbers[0]), {"share": 0, "share_with_calls": 0, "flops": 0})

    return find


def close(a, b):
    return abs(a - b) < 1e-9


def lenet(costs):
    find = of_example("mnist_lenet.nn", costs)
    first, second = find("|> conv2d(32"), find("|> conv2d(64")
    # Products forwards and, but for the pixels, two backwards: of the filter and of what came in.
    check(0 <= first["flops"] / (64 * 2 * 2 * 26 * 26 * 32 * 9) - 1 < 0.25, "the first convolution's line has its FLOPs", first["flops"])
    products = 64 * 2 * (2 * 11 * 11 + 13 * 13) * 64 * 9 * 32
    check(0 <= second["flops"] / products - 1 < 0.01, "the second's has three products", f"{second['flops']} and {products}")
    check(second["bound"] == "compute", "and is bound by computing")
    check(second["share"] > first["share"] > find("|> dense(128)")["share"] > find("|> dense(10)")["share"], "lines are ordered as their work is")
    check(0 < find("loss")["share"] < 0.01, "the loss is a line of the recipe", find("loss")["share"])
    # The update: 16 operations for each of 225,034 parameters, and the rate.
    parameters = 9 * 32 + 32 + 9 * 32 * 64 + 64 + 1600 * 128 + 128 + 1280 + 10
    check(16 * parameters <= find("optimizer")["flops"] < 16 * parameters + 100, "and so is the update", find("optimizer")["flops"])
    network = sum(find(start)["share"] for start in ("(image / 255)", "|> conv2d(32", "|> conv2d(64", "|> dense(128)", "|> dense(10)"))
    check(close(find("train lenet")["share_with_calls"], network), "the recipe calls the model")


def gpt(costs):
    find = of_example("shakespeare_gpt.nn", costs)
    attention, dense, calls = find("x = x + (x"), find("x + (x"), find("embed[token]")
    check(dense["flops"] >= 4 * 3 * 2 * 2 * 16 * 64 * 128 * 512, "four blocks' dense layers are summed up at their line", dense["flops"])
    check(attention["share"] > 0.2 and dense["share"] > 0.2, "both lines of the block are large")
    check(close(calls["share_with_calls"], calls["share"] + attention["share"] + dense["share"]),
          "the call of the blocks has what is within them")
    check(find("clip")["flops"] > 0 and find("optimizer")["flops"] > 0, "the recipe's lines have their own")


def imported(costs):
    share = {place: each["share"] for place, each in costs.items()}
    called = {place: each["share_with_calls"] for place, each in costs.items()}
    check(close(called["lines.nn", 5], share["mixer.nn", 3] + share["mixer.nn", 4]), "a call of what is imported")
    check(close(called["lines.nn", 11] + called["lines.nn", 12], called["lines.nn", 5] + share["lines.nn", 6]), "two calls share what the layer takes")
    check(called["lines.nn", 11] > called["lines.nn", 12] > 0, "each by its own sizes")


costs = {os.path.basename(path): adds_up(path) for path in sorted(glob.glob(os.path.join(ROOT, "examples", "*.nn")))}
lenet(costs["mnist_lenet.nn"])
gpt(costs["shakespeare_gpt.nn"])
imported(adds_up(os.path.join(INPUTS, "lines.nn")))
adds_up(os.path.join(INPUTS, "lines.nn"), "--entry", "predict")
adds_up(os.path.join(INPUTS, "lines.nn"), "--target", "cuda")

# Gradients of several batches count as often as they are computed, with no line of their own.
with open(tmp("four.nn"), "w", encoding="utf-8") as file:
    file.write("\n".join(text_of(os.path.join(INPUTS, "deep.nn"))[1:]).replace("clip      norm: 1.0", "accumulate 4"))
once, four = adds_up(os.path.join(INPUTS, "deep.nn")), adds_up(tmp("four.nn"))
check(four["four.nn", 2]["flops"] == 4 * once["deep.nn", 2]["flops"], "accumulate: four times as much for the network",
      f"{four['four.nn', 2]['flops']} and {once['deep.nn', 2]['flops']}")
finish()
