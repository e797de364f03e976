"""Says how far two checkpoints (.safetensors) are apart.

  compare.py A B       prints 'equal', or the tensor with the largest difference; ends with 1 where one is above 1e-5 of its tensor's largest number

Descriptions beside the tensors don't count. Needs Python's own library alone.
"""
import array
import json
import math
import struct
import sys

CODES = {"F64": "d", "F32": "f", "I64": "q", "I32": "i", "U8": "B", "BOOL": "B"}


def tensors(path):
    """{name: (type, bytes)} of a file."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    return {name: (entry["dtype"], data[slice(*entry["data_offsets"])]) for name, entry in header.items() if name != "__metadata__"}


def numbers(dtype, data):
    if dtype == "BF16":  # the upper half of an f32
        return [struct.unpack("<f", b"\0\0" + data[i:i + 2])[0] for i in range(0, len(data), 2)]
    if dtype == "F16":
        return [value for (value,) in struct.iter_unpack("<e", data)]
    return array.array(CODES[dtype], data)


def main():
    first, second = (tensors(path) for path in sys.argv[1:3])
    if {name: (kind, len(data)) for name, (kind, data) in first.items()} != {name: (kind, len(data)) for name, (kind, data) in second.items()}:
        raise SystemExit("other tensors")
    worst, differing, total, text = 0.0, 0, 0, "equal"
    for name, (dtype, data) in first.items():
        a, b = numbers(dtype, data), numbers(dtype, second[name][1])
        total += len(a)
        if data == second[name][1]:
            continue
        unlike = [(x, y) for x, y in zip(a, b) if x != y]
        differing += len(unlike)
        most = max((abs(x - y) if math.isfinite(x) and math.isfinite(y) else math.inf for x, y in unlike), default=0.0)
        scale = max((abs(x) for x in a if math.isfinite(x)), default=0.0)
        share = most / scale if scale else most
        if share >= worst:
            worst, text = share, f"{name} by {most:.3g} at most, {share:.2g} of its largest number"
    print(text if text == "equal" else f"{differing} of {total} numbers differ: {text}")
    sys.exit(worst > 1e-5)


main()
