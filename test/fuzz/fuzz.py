#!/usr/bin/env python3
"""Runs the fuzz targets one after the other, each for some seconds.

    fuzz.py --build=build-fuzz --seconds=60 [TARGET...]

What is found lies in BUILD/fuzz/TARGET/, as is the corpus so far, from which the
next run goes on. Fails if a target does.
"""

import argparse
import os
import pathlib
import subprocess
import sys

SEEDS = {"npy": "npy", "recipe": "recipe", "onnx": "onnx", "compile": "onnx"}
HERE = pathlib.Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--protoc", default="protoc")
    parser.add_argument("--proto-path", default="/usr/include/onnx")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(SEEDS))
    arguments = parser.parse_args()
    folder = arguments.build.resolve() / "fuzz"
    subprocess.run([sys.executable, HERE / "seeds.py", folder / "seeds", arguments.protoc,
                    "--encode=onnx.ModelProto", f"--proto_path={arguments.proto_path}",
                    "onnx.proto"], check=True)
    # As in test/lit.cfg.py.
    environment = dict(os.environ, ASAN_OPTIONS="allow_user_poisoning=0",
                       UBSAN_OPTIONS="print_stacktrace=1")
    failed = []
    for target in arguments.targets or SEEDS:
        corpus = folder / target / "corpus"
        corpus.mkdir(parents=True, exist_ok=True)
        command = [arguments.build.resolve() / "bin" / f"lowbit-fuzz-{target}",
                   f"-max_total_time={arguments.seconds}", "-timeout=60", "-rss_limit_mb=3072",
                   "-max_len=8192", f"-artifact_prefix={folder / target}/",
                   "-print_final_stats=1", corpus, folder / "seeds" / SEEDS[target]]
        print(f"fuzzing {target} for {arguments.seconds} s", flush=True)
        log = folder / target / "log.txt"
        with open(log, "w") as file:
            status = subprocess.run(command, stdout=file, stderr=subprocess.STDOUT,
                                    env=environment).returncode
        print("\n".join(log.read_text(errors="replace").splitlines()[-12:]))
        if status:
            failed.append(target)
    if failed:
        sys.exit(f"error: see {folder}: {', '.join(failed)}")


if __name__ == "__main__":
    main()
