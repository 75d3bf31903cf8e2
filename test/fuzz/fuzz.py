#!/usr/bin/env python3
"""Runs the fuzz targets one after the other, each for some seconds of CPU time.

    fuzz.py --build=build-fuzz --seconds=60 [TARGET...]

What is found lies in BUILD/fuzz/TARGET/, as is the corpus so far, from which the
next run goes on. Fails if a target does.
"""

import argparse
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import time

SEEDS = {"npy": "npy", "recipe": "recipe", "onnx": "onnx", "compile": "onnx"}
HERE = pathlib.Path(__file__).resolve().parent


def cpu_seconds(pid):
    """What the running process has used so far."""
    # The second field is a name in parentheses, which may hold spaces.
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(command, seconds, log, environment):
    """Runs libFuzzer for `seconds` of CPU time. Returns its status and what it used."""
    before = children_seconds()
    with open(log, "w") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, env=environment)
        try:
            # A process that has ended but was not waited for can still be looked up.
            while process.poll() is None and cpu_seconds(process.pid) < seconds:
                time.sleep(0.5)
            if process.returncode is None:
                process.send_signal(signal.SIGUSR1)  # libFuzzer finishes and sums up.
            process.wait()
        except BaseException:
            process.kill()
            raise
    return process.returncode, children_seconds() - before


def report(target, text, used):
    """One line about a run, from what libFuzzer wrote."""
    # The seeds and the corpus have been read where the first of these lines stands.
    units = re.findall(r"^#(\d+)\s.*?\bcov: (\d+) ft: (\d+) corp: (\d+)",
                       text[text.find("INITED") - 20:], re.MULTILINE)
    if "INITED" not in text or not units:
        return f"{target}: {used:.0f} s of CPU time, the corpus not read"
    (_, *start), (runs, *end) = units[0], units[-1]
    changes = (f"{name} {old} -> {new}"
               for name, old, new in zip(("edges", "features", "corpus"), start, end))
    return f"{target}: {used:.0f} s of CPU time, {runs} runs, " + ", ".join(changes)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=60, help="of CPU time, for each target")
    parser.add_argument("--timeout", type=int, default=60,
                        help="for one input, in seconds by the clock: more on a busy machine")
    parser.add_argument("--protoc", default="protoc")
    parser.add_argument("--proto-path", default="/usr/include/onnx")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(SEEDS))
    arguments = parser.parse_args()
    folder = arguments.build.resolve() / "fuzz"
    # As in test/lit.cfg.py.
    environment = dict(os.environ, ASAN_OPTIONS="allow_user_poisoning=0",
                       UBSAN_OPTIONS="print_stacktrace=1")
    failed = []
    for target in arguments.targets or SEEDS:
        corpus, seeds = folder / target / "corpus", folder / target / "seeds"
        corpus.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, HERE / "seeds.py", seeds, arguments.protoc,
                        "--encode=onnx.ModelProto", f"--proto_path={arguments.proto_path}",
                        "onnx.proto"], check=True)
        command = [arguments.build.resolve() / "bin" / f"lowbit-fuzz-{target}",
                   f"-timeout={arguments.timeout}", "-rss_limit_mb=3072", "-max_len=8192",
                   f"-artifact_prefix={folder / target}/", "-print_final_stats=1",
                   corpus, seeds / SEEDS[target]]
        print(f"fuzzing {target} for {arguments.seconds} s of CPU time", flush=True)
        log = folder / target / "log.txt"
        status, used = run(command, arguments.seconds, log, environment)
        text = log.read_text(errors="replace")
        print(report(target, text, used), flush=True)
        if status:
            print("\n".join(text.splitlines()[-12:]))
            failed.append(target)
    if failed:
        sys.exit(f"error: see {folder}: {', '.join(failed)}")


if __name__ == "__main__":
    main()
