# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the page of measured figures from bench.json."""

import common

TITLES = {"nets": "Networks", "conv": "Convolutions", "gemm": "Matrix products",
          "kernels": "Primitives", "bitwise": "Few bits", "codecs": "Gradient codecs"}
HEAD = """<!-- Written by `make bench-page` from build/bench.json; do not edit. -->
# Measured performance

What `make bench` measured, in one run for each table: one machine, pinned, interleaved, best of
several rounds. [benchmarks/](../../benchmarks/README.md) says what is measured and how. Ratios are
the others' time over ours: above 1 ours is faster. `!` marks a peer whose results are wrong here,
by more than one code in more than one output of 10,000.
"""


def number(value, digits=2):
    return "" if value is None else f"{value:.{digits}f}" if abs(value) < 1000 else f"{value:.0f}"


def describe_bars(result):
    return "; ".join(f"{bar['value']:.2f} {bar['what']}, {'at most' if bar['below'] else 'bar'} "
                     f"{bar['bar']}: {'met' if bar['met'] else '**not met**'}"
                     for bar in result.get("bars", []))


def write_table(lines, columns, rows):
    lines += ["| " + " | ".join(columns) + " |",
              "| --- |" + " ---: |" * (len(columns) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    lines.append("")


def list_peers(results):
    names = []
    for result in results:
        names += [name for name in result["peers"] if name not in names]
    return names


def write_suite(lines, results):
    peers = list_peers(results)
    threaded = any(result["threads"] > 1 for result in results)
    columns = ["", *(["threads"] if threaded else []), f"ours, {results[0]['unit']}",
               *(["share of the limit"] if any(r["ratio_limit"] for r in results) else []),
               *(["MAC/cycle"] if any(r.get("macs_per_cycle") for r in results) else []), *peers]
    rows = []
    for result in results:
        if result["unit"] == "ratio":
            continue
        row = [result["name"]]
        if threaded:
            row.append(str(result["threads"]))
        row.append(number(result["ours"], 1 if result["unit"] == "us" else 3))
        if "share of the limit" in columns:
            row.append(number(result["ratio_limit"]))
        if "MAC/cycle" in columns:
            row.append(number(result.get("macs_per_cycle"), 1))
        for peer in peers:
            time = result["peers"].get(peer)
            wrong = (result.get("peers_wrong") or {}).get(peer, 0) > 1e-4
            row.append("" if time is None else f"{time / result['ours']:.2f}{'!' if wrong else ''}")
        rows.append(row)
    write_table(lines, columns, rows)


def write_costs(lines, results):
    """What networks cost beside time."""
    rows = []
    for result in results:
        if result["unit"] == "ratio" or result["threads"] > 1 or not result.get("accuracy"):
            continue
        accuracy = {who: f"{share['same']:.0%}, {share['error']:.2%}"
                    for who, share in result["accuracy"].items()}
        rows.append([result["name"], number(result.get("compile_s"), 1),
                     str(result.get("compile_peak_mb", "")),
                     f"{result['artefact_bytes'] / 1e6:.2f}",
                     f"{result['workspace_bytes'] / 1e6:.2f}", str(result["run_peak_mb"]),
                     accuracy.get("lowbit", ""), accuracy.get("onnxruntime", "")])
    if rows:
        lines += ["Compiled from saved statistics; the last columns: the share of samples that int8 "
                  "puts in the same class as float, and the error of its outputs.", ""]
        write_table(lines, ["", "compile, s", "peak, MB", "artefact, MB", "workspace, MB",
                            "run, MB", "ours as float", "ONNX Runtime as its float"], rows)


def write_bars(lines, results):
    rows = [[result["name"], str(result["threads"]), describe_bars(result)]
            for result in results if result.get("bars")]
    if rows:
        lines += ["Bars:", ""]
        lines += [f"* {name}, {threads} thread{'s' if threads != '1' else ''}: {text}"
                  for name, threads, text in rows] + [""]


def write(arguments):
    results = common.load_results(arguments)
    if not results:
        raise SystemExit("error: there is no bench.json yet; run a suite first")
    lines = HEAD.splitlines() + [""]
    for cpu in sorted({result.get("cpu", "native") for result in results}, reverse=True):
        for suite, title in TITLES.items():
            mine = [result for result in results if (result["suite"], result.get("cpu")) == (suite, cpu)]
            if not mine:
                continue
            lines += [f"## {title}, `--cpu={cpu}`", "",
                      f"{mine[0]['machine']}, {mine[0]['date']}.", ""]
            empty = next((r["empty_graph_us"] for r in mine if r.get("empty_graph_us")), None)
            if empty:
                lines += [f"A call of ONNX Runtime on an empty graph: {empty:.1f} us.", ""]
            write_suite(lines, mine)
            if suite == "nets":
                write_costs(lines, mine)
            # Those of networks and layers are for AVX2 without VNNI.
            if suite == "codecs" or cpu == "x86-64-v3":
                write_bars(lines, mine)
    arguments.page.write_text("\n".join(lines).rstrip() + "\n")
    print(f"Written to {arguments.page}.")
