"""Compiles artefacts for a GPU into a folder that check.py runs elsewhere.

    bundle.py --build=BUILD --output=FOLDER [--data=DATA] [--chip=sm_90]

The folder holds each program for the device and for the processor, its samples,
and check.py. Programs: the digits network in several recipes, the networks of
DATA/models.json, single operations in odd shapes, from the integration tests' own
cases, and each kernel of test/lib/GpuEmulator/groups.py. The tools, LLVM's and
lowbit-opt among them, are looked for on PATH.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
EMULATOR = SOURCE / "test" / "lib" / "GpuEmulator"
RECIPES = ("int8", "twn", "lognet", "kmeans")
# Cases of test/Integration/check_<name>.py, every so many of them.
CASES = {"contract": 31, "elementwise": 11, "formats": 7, "graph": 3, "bitwise": 3, "groups": 1}
# Trained with quantized weights and activations.
TRAINED = ("2bit", "binary", "pow2", "ternary")


class Bundle:
    def __init__(self, arguments):
        self.bin, self.folder = arguments.build.resolve() / "bin", arguments.output.resolve()
        self.graphs = (arguments.graphs or arguments.output / "graphs").resolve()
        self.chip, self.only, self.entries = arguments.chip, arguments.only, []
        self.folder.mkdir(parents=True, exist_ok=True)
        self.graphs.mkdir(parents=True, exist_ok=True)

    def run(self, tool, *arguments, text=None):
        command = [str(self.bin / tool), *map(str, arguments)]
        ran = subprocess.run(command, capture_output=True, text=True, input=text)
        if ran.returncode:
            print(f"{' '.join(command)}\n{ran.stderr[-2000:]}", file=sys.stderr)
        return ran

    def add(self, name, graph, inputs, **facts):
        """`graph` is a module at the stage `integer`, or before."""
        if self.only not in name:
            return True
        prefix = "".join(c if c.isalnum() else "_" for c in name)
        kinds = {"device": [f"--target=cuda:{self.chip}"], "processor": []}
        for kind, flags in kinds.items():
            ran = self.run("lowbit-compile", graph, *flags, f"--symbol-prefix={prefix}",
                           "-o", self.folder / f"{name}.{kind}.so")
            if ran.returncode:
                return False
        entry = {"name": name, "prefix": prefix, "inputs": [], **facts}
        entry |= {kind: f"{name}.{kind}.so" for kind in kinds}
        for path in inputs:
            shutil.copy(path, self.folder)
            entry["inputs"].append(path.name)
        self.entries.append(entry)
        return True

    def add_model(self, name, model, calibration, evaluation, scale, offset, recipe, batch=1):
        if self.only not in name:
            return True
        graph = self.graphs / f"{name}.mlir"
        convert = [] if scale is None else [f"--scale={scale!r}", f"--offset={offset!r}"]
        if not graph.exists():
            ran = self.run("lowbit-compile", model, f"--batch={batch}",
                           *([f"--recipe={recipe}"] if recipe else []),
                           *([f"--calibrate={calibration}"] if calibration else []), *convert,
                           "--emit=integer", "-o", graph)
            if ran.returncode:
                return False
        return self.add(name, graph, [evaluation], scale=1.0 if scale is None else scale,
                        offset=offset or 0.0)

    def add_digits(self):
        """Names of those that do not compile."""
        digits = SOURCE / "examples" / "digits"
        kinds = [(f"digits-{recipe}", "digits.onnx", recipe) for recipe in RECIPES]
        kinds += [(f"digits-{kind}", f"digits_{kind}.onnx", "trained.yaml") for kind in TRAINED]
        return [name for name, model, recipe in kinds if not self.add_model(
            name, digits / model, digits / "calib_x.npy", digits / "test_x.npy", None, None,
            digits / recipe if recipe.endswith(".yaml") else recipe)]

    def add_models(self, data):
        """Names of those that do not compile."""
        failed = []
        for name, facts in json.loads((data / "models.json").read_text()).items():
            numbers = facts["preprocessing"]
            isBytes = numbers["stored"] == "uint8"
            calibration = data / facts["calib"]["x"] if "calib" in facts else None
            imported = name.startswith("tfc")
            if not self.add_model(name, data / facts["file"], None if imported else calibration,
                                  data / facts["eval"]["x"], numbers["scale"] if isBytes else None,
                                  numbers["offset"] if isBytes else None,
                                  None if imported else "int8"):
                failed.append(name)
        return failed

    def add_cases(self):
        """Names of those that do not compile."""
        failed = []
        for kind, stride in CASES.items():
            if self.only not in kind and not self.only.startswith(kind):
                continue
            folder = self.graphs / kind
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            script = SOURCE / "test" / "Integration" / f"check_{kind}.py"
            subprocess.run([sys.executable, "-B", script, f"--programs={folder}", f"--stride={stride}"],
                           check=True)
            for path in sorted(folder.glob("[0-9]*.json")):
                name = f"{kind}-{path.stem}"
                if not self.add(name, path.with_suffix(".mlir"), []):
                    failed.append(name)
        return failed

    def add_kernels(self):
        """Names of those that do not compile. Chips have not all of them."""
        sys.path += [str(EMULATOR), str(SOURCE / "benchmarks" / "gpu")]
        import build
        import groups
        failed = []
        for group, (options, cases) in groups.GROUPS.items():
            name = f"kernels-{group.replace(' ', '-')}"
            if self.only not in name or groups.lacks(self.chip, options):
                continue
            text = "".join(case.mlir(f"f{i}") for i, case in enumerate(cases))
            options = " ".join(["chip=" + self.chip] + [o for o in options.split() if "chip=" not in o])
            try:
                build.compile_kernel(text, options, str(self.folder / name), with_weights=False)
                self.entries.append({"name": name, "group": group, "kernels": f"{name}.so"})
            except (RuntimeError, subprocess.CalledProcessError) as error:
                print(f"{name}: {error}", file=sys.stderr)
                failed.append(name)
        for script in "contractions.py", "groups.py":
            shutil.copy(EMULATOR / script, self.folder)
        return failed

    def finish(self):
        (self.folder / "manifest.json").write_text(json.dumps(self.entries, indent=1))
        shutil.copy(HERE / "check.py", self.folder)
        size = sum(path.stat().st_size for path in self.folder.iterdir() if path.is_file())
        print(f"{len(self.entries)} artefacts, {size / 2**20:.1f} MiB in {self.folder}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=SOURCE / "build")
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--graphs", type=pathlib.Path,
                        help="where integer graphs are kept, and found again")
    parser.add_argument("--chip", default="sm_90")
    parser.add_argument("--only", default="", help="programs whose names contain this")
    arguments = parser.parse_args()
    bundle = Bundle(arguments)
    failed = bundle.add_digits() + bundle.add_cases() + bundle.add_kernels()
    if arguments.data:
        failed += bundle.add_models(arguments.data)
    bundle.finish()
    if failed:
        print(f"do not compile: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
