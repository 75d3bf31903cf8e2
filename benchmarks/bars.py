# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the benchmarks are to reach, on AVX2 without VNNI: bars of single results, and
of geometric means, which become results of their own."""

import math

#: Layers of which the geometric mean counts.
EIGHT = ("3x3 64, 56x56", "1x1 64-256, 56x56", "1x1 256-64, 56x56", "3x3 128, 28x28",
         "3x3 256, 14x14", "1x1 1024-256, 14x14", "1x1 256-1024, 14x14", "3x3 512, 7x7")
FIRST, DEPTHWISE = "first 7x7/2 3-64, 224x224", "depthwise 3x3 256, 28x28"
JUDGED = (*EIGHT, FIRST, DEPTHWISE)
TINY = ("resnet8", "kws_dscnn", "vww_mobilenet", "toycar_ae")
#: Multiply-accumulates in a cycle.
PRODUCTS = {"1024x1024x1024 full range int8": 23.5, "1024x1024x1024 7 bits int8": 29.5,
            "1024x1024x1024 int8": 26}
#: What names of networks with weights of 7 bits end in.
REDUCED = ", 7 bits"
#: Of int8 over ONNX Runtime's int8 and its float.
NETWORKS = {"resnet50": (1.2, 2.2), "squeezenet1.1": (1.35, 2.2), "mobilenetv2": (1.6, 2)}
#: Multiply-accumulates in a cycle of layers of few bits.
FEW_BITS = {"binary 1024x1024x1024": 140, "4-bit weights 512x4096x4096": 30,
            "ternary weights 512x4096x4096": 31, "4-bit rows, groups of 32 512x4096x4096": 26,
            "4-bit rows 1x4096x4096": 24, "4-bit rows, groups of 32 1x4096x4096": 18.5,
            "ternary rows 1x4096x4096": 26, "1-bit rows 1x4096x4096": 45}
#: What they are compared with, and how often they are to fit in its time; by the start of names.
FASTER = {"binary 3x3 256": ("lowbit float", 8), "binary network": ("lowbit float", 5),
          "W1A2 3x3": ("lowbit int8", 1), "W2A2 3x3": ("lowbit int8", 1),
          "W2A2 1": ("lowbit int8", 1), "ternary x ternary": ("lowbit int8", 1), "powers of two": ("lowbit int8", 1),
          "codebook": ("lowbit int8", 1), "vectors": ("lowbit int8", 1),
          "TFC 1W1A": ("onnxruntime float", 10)}
#: Shares of the bandwidth of reading.
MEMORY = {"4-bit rows from memory": 0.9, "4-bit rows, groups of 32 from memory": 0.9,
          "ternary rows from memory": 0.95}
#: Seconds of compiling from saved statistics.
COMPILE = {"resnet50": 20, "digits": 1}


def add(result, what, value, bar, below=False):
    """below: values are to be at most the bar."""
    if value is None:
        return
    result.setdefault("bars", []).append(
        {"what": what, "value": round(value, 3), "bar": bar,
         "met": value <= bar if below else value >= bar, "below": below})


def ratio(result, *peers):
    """How often ours fits in the time of the fastest of some peers."""
    times = [result["peers"][peer] for peer in peers if peer in result["peers"]]
    return min(times) / result["ours"] if times else None


def summarize(suite, name, ratios, bars):
    """A result that is the geometric mean of ratios, with its bars: (what, bar)."""
    ratios = [value for value in ratios if value]
    if not ratios:
        return []
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    result = {"suite": suite, "name": name, "threads": 1, "unit": "ratio", "ours": mean,
              "limit": None, "peers": {}, "ratio_best_peer": mean, "ratio_limit": None,
              "outputs_agree": None}
    for what, bar in bars:
        add(result, what, mean, bar)
    return [result]


def judge_products(by_name):
    for name, bar in PRODUCTS.items():
        if name in by_name:
            add(by_name[name], "MAC/cycle", by_name[name]["macs_per_cycle"], bar)
    floats = by_name.get("1024x1024x1024 f32")
    if floats:
        add(floats, "of OpenBLAS", ratio(floats, "openblas"), 0.95)
    return []


def judge_convolutions(by_name):
    """Of 7 bits, where ONNX Runtime and oneDNN are right, and of the full range."""
    summary = []
    for kind in ("int8 7 bits", "int8"):
        first, depthwise = (by_name.get(f"{name} {kind}") for name in (FIRST, DEPTHWISE))
        if first:
            add(first, "of the best of ONNX Runtime and oneDNN",
                ratio(first, "onnxruntime", "onednn"), 1.3)
        if depthwise:
            add(depthwise, "of ONNX Runtime", ratio(depthwise, "onnxruntime"), 3)
        ratios = [ratio(by_name[f"{name} {kind}"], "onnxruntime", "onednn")
                  for name in EIGHT if f"{name} {kind}" in by_name]
        summary += summarize("conv", f"geometric mean of {len(ratios)} layers {kind}", ratios,
                             [("of the best of ONNX Runtime and oneDNN", 1.1)])
    return summary


def judge_networks(by_name, by_threads):
    summary = []
    for kind in ("", REDUCED):
        summary += judge_speed({name.removesuffix(REDUCED): result
                                for name, result in by_name.items()
                                if name.endswith(REDUCED) == bool(kind)}, kind)
        one, two = (by_threads.get((f"resnet50{kind}", threads)) for threads in (1, 2))
        if one and two:
            add(two, "of one thread", one["ours"] / two["ours"], 1.85)
        mobile = by_name.get(f"mobilenetv2{kind}")
        if mobile and mobile.get("largest_pair_bytes"):
            add(mobile, "workspace of the largest pair of tensors",
                mobile["workspace_bytes"] / mobile["largest_pair_bytes"], 1.3, below=True)
    for name, seconds in COMPILE.items():
        if name in by_name:
            add(by_name[name], "seconds to compile", by_name[name]["compile_s"], seconds, below=True)
    if "resnet50" in by_name:
        add(by_name["resnet50"], "MB to compile", by_name["resnet50"]["compile_peak_mb"], 2000,
            below=True)
    return summary


def judge_speed(by_name, kind):
    """Of the networks with weights of one kind."""
    for name, (quantized, floats) in NETWORKS.items():
        if name in by_name:
            add(by_name[name], "of ONNX Runtime int8", ratio(by_name[name], "onnxruntime int8"),
                quantized)
            add(by_name[name], "of ONNX Runtime float", ratio(by_name[name], "onnxruntime float"),
                floats)
    tiny = [by_name[name] for name in TINY if name in by_name]
    if not tiny:
        return []
    floats = [ratio(result, "onnxruntime float") for result in tiny]
    for result, value in zip(tiny, floats):
        add(result, "of ONNX Runtime float", value, 2)
    which = f"geometric mean of {len(tiny)} MLPerf-Tiny networks{kind}"
    return (summarize("nets", f"{which}, over ONNX Runtime int8",
                      [ratio(result, "onnxruntime int8") for result in tiny],
                      [("of ONNX Runtime int8", 2)])
            + summarize("nets", f"{which}, over ONNX Runtime float", floats,
                        [("of ONNX Runtime float", 3)]))


def judge_few_bits(by_name):
    for name, entry in by_name.items():
        if name in FEW_BITS:
            add(entry, "MAC/cycle", entry.get("macs_per_cycle"), FEW_BITS[name])
        if name in MEMORY:
            add(entry, "of the bandwidth", entry["bandwidth"], MEMORY[name])
        for start, (peer, times) in FASTER.items():
            if name.startswith(start):
                add(entry, f"of {peer}", ratio(entry, peer), times)
    return []


def judge(suite, results):
    """Adds bars to results; returns those that sum them up."""
    for result in results:
        if suite in ("gemm", "conv", "nets", "bitwise"):
            result.pop("bars", None)
    by_name = {result["name"]: result for result in results if result["threads"] == 1}
    if suite == "gemm":
        return judge_products(by_name)
    if suite == "conv":
        return judge_convolutions(by_name)
    if suite == "nets":
        return judge_networks(by_name, {(result["name"], result["threads"]): result
                                        for result in results})
    if suite == "bitwise":
        return judge_few_bits(by_name)
    if suite == "codecs":
        for result in results:
            if result.get("bar"):
                result.pop("bars", None)
                add(result, "of the limit", result["ratio_limit"], result["bar"])
    return []


def show(results):
    rows = [(result, bar) for result in results for bar in result.get("bars", [])]
    if rows:
        print("\nbars (those of networks and layers are for AVX2 without VNNI, --cpu=x86-64-v3):")
    for result, bar in rows:
        sign = "at most" if bar["below"] else "at least"
        print(f"  {result['name']:44}{result['threads']:2}  {bar['value']:8.2f} {bar['what']}, "
              f"{sign} {bar['bar']}: {'met' if bar['met'] else 'NOT MET'}")
