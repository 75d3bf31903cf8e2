"""bench-record.py TOP FOLDER: see bench-record.test."""

import argparse
import pathlib
import sys

top, folder = map(pathlib.Path, sys.argv[1:])
sys.path.insert(0, str(top / "benchmarks"))
import bars  # noqa: E402
import common  # noqa: E402
import page  # noqa: E402


def arguments(**options):
    return argparse.Namespace(**{"build": folder, "cpu": "x86-64-v3", "resume": False,
                                 "page": folder / "page.md", **options})


def layer(name, ours, threads=1, wrong=0, **peers):
    return {"suite": "conv", "name": name, "threads": threads, "unit": "us", "ours": ours,
            "limit": 5.0, "peers": peers, "ratio_best_peer": min(peers.values()) / ours,
            "ratio_limit": 5.0 / ours, "outputs_agree": True,
            "peers_wrong": dict.fromkeys(peers, wrong)}


results = [layer("3x3 64, 56x56 int8 7 bits", 10.0, onnxruntime=20.0, onednn=16.0),
           layer("3x3 512, 7x7 int8 7 bits", 10.0, onnxruntime=10.0, xnnpack=1.0),
           layer("depthwise 3x3 256, 28x28 int8", 10.0, wrong=0.3, onnxruntime=29.0)]
# The first row is there before the others are, and its suite for another processor.
common.keep(arguments(cpu="native"), "conv", [layer("other", 1.0, onnxruntime=1.0)])
common.keep(arguments(), "conv", results[:1])
resumed = arguments(resume=True)
print("restored:", [bool(common.restore(resumed, "conv", result["name"])) for result in results],
      common.restore(arguments(), "conv", results[0]["name"]))
summary = bars.judge("conv", results)
bars.show(results + summary)
common.keep(arguments(), "conv", results + summary, is_complete=True)
common.keep(arguments(), "conv", results + summary, is_complete=True)
print("kept:", [(result["name"], result["cpu"]) for result in common.load_results(arguments())])
page.write(arguments())
print((folder / "page.md").read_text())
