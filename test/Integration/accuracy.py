"""What quantization costs on a data set.

    accuracy.py first COUNT IN.npy OUT.npy      the first samples of an array
    accuracy.py compare FLOAT.npy CODES.npy LABELS.npy --lost=N --agreement=R

`compare` takes the outputs of the float and of the quantized program. It fails if
the samples that only the float program has right outnumber those that only the
quantized program has right by more than N, or if both choose the same class less
often than in the share R of all samples.
"""

import argparse
import ast
import struct
import sys

CODES = {"<f4": "f", "|u1": "B", "<i4": "i", "<i8": "q"}


def read(path):
    """Shape, header's fields, values of one sample's type, and all bytes."""
    with open(path, "rb") as file:
        data = file.read()
    size = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10 : 10 + size].decode())
    return header, data[10 + size :]


def read_rows(path):
    header, body = read(path)
    code = CODES[header["descr"]]
    values = struct.unpack(f"<{len(body) // struct.calcsize(code)}{code}", body)
    width = len(values) // header["shape"][0]
    return [values[i : i + width] for i in range(0, len(values), width)]


def write_first(count, source, target):
    header, body = read(source)
    size = len(body) // header["shape"][0] * count
    header["shape"] = (count, *header["shape"][1:])
    text = repr(header).ljust(117) + "\n"
    with open(target, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode())
        file.write(body[:size])


def compare(args):
    def choose(row):
        return max(range(len(row)), key=row.__getitem__)

    reference = [choose(row) for row in read_rows(args.float)]
    quantized = [choose(row) for row in read_rows(args.codes)]
    labels = [row[0] for row in read_rows(args.labels)]
    count = len(labels)
    assert len(reference) == len(quantized) == count > 0
    rows = list(zip(reference, quantized, labels))
    lost = sum(f == y != q for f, q, y in rows)
    won = sum(q == y != f for f, q, y in rows)
    alike = sum(f == q for f, q, _ in rows)
    print(f"float: {sum(f == y for f, _, y in rows)} of {count}")
    print(f"quantized: {sum(q == y for _, q, y in rows)} of {count}")
    print(f"lost {lost}, won {won}, same class {alike / count:.4f}")
    if lost - won > args.lost or alike < args.agreement * count:
        sys.exit(f"expected at most {args.lost} more lost than won, and the same class in "
                 f"{args.agreement} of all samples")


parser = argparse.ArgumentParser()
commands = parser.add_subparsers(dest="command", required=True)
first = commands.add_parser("first")
first.add_argument("count", type=int)
first.add_argument("source")
first.add_argument("target")
comparison = commands.add_parser("compare")
for name in ("float", "codes", "labels"):
    comparison.add_argument(name)
comparison.add_argument("--lost", type=int, required=True)
comparison.add_argument("--agreement", type=float, required=True)
args = parser.parse_args()
if args.command == "first":
    write_first(args.count, args.source, args.target)
else:
    compare(args)
