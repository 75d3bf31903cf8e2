"""Constants of random codes, stored in every way, come back when a program loads.

    check_storage.py WORK

Each program returns its constants, as many as fit a workspace. They are compared with
what was put in, and the sections of the object with what the report says of them.
"""

import json
import pathlib
import random
import struct
import subprocess
import sys

import numpy as np

KINDS = ["packed", "huffman", "smallest"] + [
    f"{kind}, gap = {gap}" for kind in ("sparse", "sparse_huffman") for gap in range(1, 9)]


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{result.stdout}{result.stderr}")


def draw(generator, size, width):
    """Words of one of several distributions."""
    bits = generator.randint(1, width)
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    way = generator.choice(["uniform", "sparse", "skewed", "gaps", "zeros", "one"])
    if way == "uniform":
        return [generator.randint(low, high) for _ in range(size)]
    if way == "sparse":
        share = generator.random() ** 3
        return [generator.randint(low, high) if generator.random() < share else 0
                for _ in range(size)]
    if way == "skewed":  # long Huffman words
        return [min(int(generator.expovariate(generator.choice([0.1, 0.7]))), 127)
                for _ in range(size)]
    if way == "gaps":  # around the longest gap of each width
        words = []
        while len(words) < size:
            gap = (1 << generator.randint(1, 8)) + generator.randint(-2, 2)
            words += [0] * gap + [generator.choice([low, -1])]
        return words[:size]
    return [0 if way == "zeros" else low] * size


def write_program(path, constants):
    """The integer graph of a program that returns `constants`: (kind, width, words)."""
    types, lines, names = [], [], []
    for number, (kind, width, words) in enumerate(constants):
        coded = f"tensor<1x{len(words)}x!quant.uniform<i{width}:f32, 1.0>>"
        text = np.array(words, dtype=f"<i{width // 8}").tobytes().hex().upper()
        value = f'dense<"0x{text}">' if len(words) > 1 else f"dense<{words[0]}>"
        lines.append(f"  %{number} = lowbit.constant {value} : tensor<1x{len(words)}xi{width}> "
                     f"{{lowbit.storage = #lowbit.storage<{kind}>}} as {coded} "
                     f'loc("constant {number}")')
        names.append(f"%{number}")
        types.append(coded)
    results = ", ".join(f'{coded} {{lowbit.name = "y{i}"}}' for i, coded in enumerate(types))
    interface = ", ".join(f'{{name = "y{i}", type = {coded}}}' for i, coded in enumerate(types))
    x = "tensor<1x!quant.uniform<i8:f32, 1.0>>"
    path.write_text(
        'module attributes {lowbit.stage = "integer", lowbit.recipe = "imported", '
        f'lowbit.interface = {{inputs = [{{name = "x", type = {x}}}], outputs = [{interface}]}}}} {{\n'
        f"func.func @main(%x: {x}) -> ({results}) {{\n" + "\n".join(lines) +
        f"\n  return {', '.join(names)} : {', '.join(types)}\n}}\n}}\n")


def read_sections(path):
    """Name -> size of the sections of a 64-bit ELF file."""
    data = path.read_bytes()
    offset, = struct.unpack_from("<Q", data, 40)
    size, count, names = struct.unpack_from("<HHH", data, 58)
    headers = [struct.unpack_from("<IIQQQQ", data, offset + i * size) for i in range(count)]
    start = headers[names][4]
    return {data[start + h[0]:data.index(b"\0", start + h[0])].decode(): h[5] for h in headers}


def check(generator, work, constants):
    source, program, report = work / "c.mlir", work / "c.o", work / "r.json"
    write_program(source, constants)
    run("lowbit-compile", source, f"--report={report}", "-o", program)
    entries = json.loads(report.read_text())["storage"]
    assert len(entries) == len(constants)
    sections = read_sections(program)
    stored = [entry for entry in entries if entry["storage"] != "words"]
    on_disk = sum(size for name, size in sections.items() if ".lowbit_stored" in name
                  and not name.startswith(".rel"))
    assert on_disk == sum(entry["disk_bytes"] for entry in stored) + 3 * bool(stored), (
        on_disk, stored)
    memory = sum(size for name, size in sections.items() if ".lowbit_resident" in name)
    assert memory == sum((entry["memory_bytes"] + 63) // 64 * 64 for entry in stored)

    shared, x = work / "c.so", work / "x.npy"
    run("lowbit-compile", source, "-o", shared)
    # Two runs: the second one decodes nothing.
    np.save(x, np.zeros(2, np.int8))
    run("lowbit-run", shared, f"--input={x}",
        *[f"--output=y{i}:{work / f'y{i}.npy'}" for i in range(len(constants))])
    for i, (kind, width, words) in enumerate(constants):
        for found in np.load(work / f"y{i}.npy").reshape(2, -1):
            assert found.tolist() == words, f"{kind}, {width} bits: {words}\n{found.tolist()}"
    return len(stored)


def main():
    work = pathlib.Path(sys.argv[1])
    generator = random.Random(2026)
    stored = count = 0
    for _ in range(6):
        constants = []
        for kind in KINDS:
            width = generator.choice([8, 8, 16])
            words = None
            while words is None or any(words == other for _, _, other in constants):
                size = generator.choice([1, 63, 255, 256, 257, *range(500, 3000, 271)])
                words = draw(generator, size, width)
            constants.append((kind, width, words))  # Equal ones would be merged.
        stored += check(generator, work, constants)
        count += len(constants)
    print(f"{count} constants, {stored} of them stored in fewer bytes")


if __name__ == "__main__":
    main()
