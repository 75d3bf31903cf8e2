# How lit finds and runs the tests. See docs/Testing.md.

import os
import platform
import shutil

import lit.formats

config.name = "lowbit"
config.test_format = lit.formats.ShTest(execute_external=False)
config.test_source_root = os.path.dirname(__file__)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "lib", "unit"]

bin_dir = os.path.join(config.lowbit_binary_dir, "bin")
config.environment["PATH"] = os.pathsep.join(
    [bin_dir, config.llvm_tools_dir, os.environ.get("PATH", "")]
)

# %python, %cc: the host's. %digits: the bundled example.
config.substitutions += [
    ("%python", shutil.which("python3") or "python3"),
    ("%cc", shutil.which("cc") or "cc"),
    ("%digits", os.path.join(config.lowbit_source_dir, "examples", "digits")),
    ("%inputs", os.path.join(config.test_source_root, "Inputs")),
    ("%source", config.lowbit_source_dir),
    ("%mlir_lib", os.path.join(config.llvm_tools_dir, "..", "lib")),
]

# The evaluation data lies beside the checkout, where it is present at all.
data_dir = os.path.normpath(
    os.path.join(config.lowbit_source_dir, "..", "shared", "data")
)
if os.path.isfile(os.path.join(data_dir, "models.json")):
    config.available_features.add("model-data")
    config.substitutions.append(("%data", data_dir))

if platform.machine() == "x86_64":
    config.available_features.add("x86")
    with open("/proc/cpuinfo") as cpuinfo:
        if " avx2 " in cpuinfo.read():
            config.available_features.add("avx2")
