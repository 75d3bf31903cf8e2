#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets: seeds.py OUT PROTOC...

OUT gets the folders npy, recipe and onnx. PROTOC is the command that encodes a
model from protobuf's text form. Models are those of test/Target/Onnx/, recipes
those that are built in; corpus/ adds what fuzzing has found.
"""

import concurrent.futures
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent


def write_models(out, protoc):
    texts = {file.stem: file.read_text() for file in (HERE / "corpus/onnx").glob("*.textproto")}
    for test in (TOP / "test/Target/Onnx").glob("*.test"):
        parts = re.split(r"^#--- (\S+)\n", test.read_text(), flags=re.MULTILINE)
        for name, text in zip(parts[1::2], parts[2::2]):
            if name.endswith(".textproto"):
                texts[f"{test.stem}-{pathlib.Path(name).stem}"] = text

    def encode(item):
        name, text = item
        # Some tests hold models that are no models.
        result = subprocess.run(protoc, input=text.encode(), stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL)
        if result.returncode == 0:
            (out / f"{name}.onnx").write_bytes(result.stdout)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(encode, sorted(texts.items())))


def write_arrays(out):
    def array(name, descr, shape, data, version=(1, 0), order="False"):
        header = f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n"
        size = struct.pack("<H" if version[0] == 1 else "<I", len(header))
        (out / name).write_bytes(b"\x93NUMPY" + bytes(version) + size + header.encode() + data)

    array("f4.npy", "<f4", "(2, 2)", struct.pack("<4f", 0, 1, -1.5, float("inf")))
    array("scalar.npy", "<f8", "()", struct.pack("<d", 0.5))
    array("i8.npy", "|i1", "(3,)", b"\x01\x80\x7f", version=(2, 0))
    array("bool.npy", "|b1", "(1, 2, 1)", b"\x00\x01", version=(3, 0))
    array("f2.npy", "<f2", "(2,)", b"\x00\x3c\x00\xbc")
    array("empty.npy", "<i8", "(0, 4)", b"")
    array("fortran.npy", "<i4", "(1,)", bytes(4), order="True")
    array("big.npy", ">u2", "(1,)", bytes(2))


def main():
    out, protoc = pathlib.Path(sys.argv[1]), sys.argv[2:]
    for kind in "npy", "recipe", "onnx":
        shutil.rmtree(out / kind, ignore_errors=True)
        (out / kind).mkdir(parents=True)
    write_models(out / "onnx", protoc)
    write_arrays(out / "npy")
    for recipe in (TOP / "recipes").glob("*.yaml"):
        shutil.copy(recipe, out / "recipe")
    for kind in "npy", "recipe", "onnx":
        for file in (HERE / "corpus" / kind).glob("*"):
            if file.suffix != ".textproto":
                shutil.copy(file, out / kind)


if __name__ == "__main__":
    main()
