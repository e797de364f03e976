#!/usr/bin/env python3
"""Times matrix products, each compiled as a model of its own, beside OpenBLAS and oneDNN where they are installed.

  bench/gemm/run.py                            the whole sweep, on one core and on two
  bench/gemm/run.py 256x1024x1024 784x256x64:ta 64*64x32x64:tb
                                               these: [BATCH*]MxKxN, ':ta' and ':tb' where an operand lies transposed
  --threads N...                               numbers of threads (default: 1 2)
  --seconds S                                  for each measurement (default: 0.3), of which the best counts

A rate is 2 M K N a product; beside it stands its share of the peak of all cores used, measured before and after (bench/peak.cpp). A product
of nnc is what a call of its library takes, less what a call takes that copies the same tensors and multiplies nothing: where copies are most
of a call, a share may be a few hundredths off.
Products of a batch are given to BLAS one by one, by as many threads as are tried. Peers are found as the system's libraries, or named by
$OPENBLAS and $ONEDNN. Where OpenBLAS is missing, the system's BLAS stands in, which is what its NumPy calls.
"""
import argparse
import ctypes.util
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from common import NNC, ROOT, Peak, compiler, pinned, thread_counts  # noqa: E402

# Of programs in examples/ and of their gradients: a weight's has the batch inside, an input's the weight transposed.
SHAPES = {
    "classifier, batch 32": ["32x784x64", "784x32x64:ta", "32x64x10", "64x32x10:ta", "32x10x64:tb"],
    "wide classifier, batch 256": ["256x784x1024", "256x1024x1024", "784x256x1024:ta", "256x1024x1024:tb"],
    "transformer, 16 x 64 tokens": ["1024x128x384", "1024x128x512", "1024x512x128", "1024x128x65", "512x1024x128:ta", "64*64x32x64:tb", "64*64x64x32"],
    "recurrent step, batch 16": ["16x384x1024", "384x16x1024:ta", "16x1024x384:tb"],
    "powers of two and beside them": ["63x63x63", "64x64x64", "65x65x65", "255x255x255", "256x256x256", "257x257x257", "511x511x511", "512x512x512",
                                      "513x513x513", "1023x1023x1023", "1024x1024x1024", "1025x1025x1025", "2048x2048x2048"],
    "thin and tall": ["1x1024x1024", "1024x1024x1", "4x1024x1024", "8x2048x2048", "2048x8x2048", "2048x2048x8", "8192x64x64", "64x8192x64",
                      "1x1024x1024:tb", "4x1024x1024:tb", "1000x1000x3", "64x1024x2"],
    "transposed": ["512x512x512:ta", "512x512x512:tb", "512x512x512:ta:tb", "513x511x509:ta:tb"],
    "batched": ["8*128x128x128", "256*16x16x16", "12*64x64x256:tb", "3*500x70x90:ta"],
}


class Shape:
    def __init__(self, text):
        match = re.fullmatch(r"(?:(\d+)\*)?(\d+)x(\d+)x(\d+)((?::t[ab])*)", text)
        if not match or 0 in map(int, match.groups("1")[:4]):
            raise argparse.ArgumentTypeError(f"'{text}' is not [BATCH*]MxKxN[:ta][:tb]")
        self.text = text
        self.batch, self.m, self.k, self.n = (int(part or 1) for part in match.groups()[:4])
        self.ta, self.tb = ":ta" in match[5], ":tb" in match[5]

    def flops(self):
        return 2 * self.batch * self.m * self.k * self.n

    def arguments(self):
        return self.m, self.k, self.n, int(self.ta), int(self.tb), self.batch

    def source(self, value):
        batch = [self.batch] if self.batch > 1 else []
        a, b, c = ((batch + [y, x] if swap else batch + [x, y]) for x, y, swap in
                   ((self.m, self.k, self.ta), (self.k, self.n, self.tb), (self.m, self.n, False)))
        return f"model gemm(a: f32{a}, b: f32{b}) -> c: f32{c} = {value}\n"

    def product(self):
        batch = "p " if self.batch > 1 else ""
        a, b = "k m" if self.ta else "m k", "n k" if self.tb else "k n"
        return self.source(f'einsum("{batch}{a}, {batch}{b} -> {batch}m n", a, b)')

    def twin(self):
        first = ", ".join(["0"] * (3 if self.batch > 1 else 2))
        return self.source(f"zeros() + a[{first}] * b[{first}]")


def build(folder, name, source):
    path, library = os.path.join(folder, f"{name}.nn"), os.path.join(folder, f"lib{name}.so")
    with open(path, "w", encoding="utf-8") as file:
        file.write(source)
    subprocess.run([NNC, "build", path, "--emit", "shared", "-o", library], check=True)
    return library


def library(variable, *names):
    return os.environ.get(variable) or next(filter(None, map(ctypes.util.find_library, names)), None)


def peers():
    """[(name, kind, library)]; says what is missing."""
    found = []
    openblas, onednn = library("OPENBLAS", "openblas"), library("ONEDNN", "dnnl")
    if openblas:
        found.append(("OpenBLAS", "cblas", openblas))
    else:
        print("skipped: OpenBLAS: no such library; $OPENBLAS names one")
        if blas := library("BLAS", "blas"):
            found.append(("BLAS", "cblas", blas))
    if onednn:
        found.append(("oneDNN", "dnnl", onednn))
    else:
        print("skipped: oneDNN: no such library; $ONEDNN names one")
    return found


def rate(shape, seconds):
    """GFLOP/s, where a call may hold what is no part of the product (see Gemm.cpp); none where noise hides the difference."""
    call, without, given_back = seconds if len(seconds) == 3 else (*seconds, 0, 0)
    product = call - without + given_back
    return shape.flops() / product / 1e9 if product > 0 else float("nan")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shapes", nargs="*", type=Shape, metavar="SHAPE")
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--seconds", type=float, default=0.3)
    options = parser.parse_args()
    groups = {"": options.shapes} if options.shapes else {name: map(Shape, shapes) for name, shapes in SHAPES.items()}
    threads_to_try, others = thread_counts(options.threads), peers()
    names = ["nnc"] + [name for name, *_ in others]
    with tempfile.TemporaryDirectory(prefix="nnc-bench-") as folder:
        peak, driver = Peak(folder), os.path.join(folder, "gemm")
        subprocess.run([compiler(), "-std=c++20", "-O2", "-pthread", f"{ROOT}/bench/gemm/Gemm.cpp", "-o", driver, "-ldl"], check=True)
        print(f"{'shape':24} {'threads':>7} {'peak':>8}" + "".join(f" {name + ' GFLOP/s':>16} {'share':>5}" for name in names))
        for title, shapes in groups.items():
            if title:
                print(f"-- {title}")
            for shape in shapes:
                own = ("nnc", build(folder, "gemm", shape.product()), build(folder, "twin", shape.twin()))
                for threads in threads_to_try:
                    commands = [own] + [(kind, path) for _, kind, path in others]
                    # A batch's products are shared among threads by the driver, each by one thread of the peer.
                    inner = {"OMP_NUM_THREADS": "1" if shape.batch > 1 else str(threads)}
                    measured, top = [[] for _ in commands], peak.measure()
                    for _ in range(2):
                        for i, command in enumerate(commands):
                            out = pinned(threads, driver, *command, *shape.arguments(), threads, options.seconds / 2, **inner)
                            measured[i].append([float(word) for word in out.split()])
                        top = max(top, peak.measure())
                    rates = [rate(shape, [min(times) for times in zip(*runs)]) for runs in measured]
                    print(f"{shape.text:24} {threads:7} {top * threads:8.1f}" + "".join(f" {each:16.1f} {each / top / threads:5.2f}" for each in rates), flush=True)


main()
