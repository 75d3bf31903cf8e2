# How lit finds and runs the tests. See docs/Testing.md.

import ctypes
import os
import platform
import shutil
import subprocess

import lit.formats

config.name = "lowbit"
config.test_format = lit.formats.ShTest(execute_external=False)
config.test_source_root = os.path.dirname(__file__)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "lib"]

bin_dir = os.path.join(config.lowbit_binary_dir, "bin")
config.environment["PATH"] = os.pathsep.join(
    [bin_dir, config.llvm_tools_dir, os.environ.get("PATH", "")]
)

# %python, %cc: the host's. %cxx, %cmake: what Lowbit is built with. %digits: the bundled example. %build: its top folder.
config.substitutions += [
    ("%python", shutil.which("python3") or "python3"),
    ("%cc", shutil.which("cc") or "cc"),
    ("%cxx", config.cxx),
    ("%cmake", config.cmake),
    ("%digits", os.path.join(config.lowbit_source_dir, "examples", "digits")),
    ("%inputs", os.path.join(config.test_source_root, "Inputs")),
    ("%source", config.lowbit_source_dir),
    ("%build", config.lowbit_binary_dir),
    ("%mlir-includes", " ".join("-I" + d for d in config.mlir_include_dirs)),
    # Encodes an ONNX model in protobuf's text form from standard input.
    (
        "%onnx-encode",
        f"{config.protoc} --encode=onnx.ModelProto "
        f"--proto_path={config.onnx_proto_dir} onnx.proto",
    ),
    ("%mlir_lib", os.path.join(config.llvm_tools_dir, "..", "lib")),
]

# libLLVM and libMLIR are not instrumented. LLVM's arenas poison their memory in
# our code and would not unpoison it in theirs, so that poisoning is off; leaks,
# overflows and undefined behaviour are looked for as always.
if config.sanitizer:
    config.available_features.add("sanitizer")
    # Memory that is not there is an error of ours, with a test.
    config.environment["ASAN_OPTIONS"] = (
        "allow_user_poisoning=0:detect_stack_use_after_return=1:allocator_may_return_null=1")
    config.environment["UBSAN_OPTIONS"] = "print_stacktrace=1"

# %run-main: runs @main of a module in the LLVM dialect. The tool and its runtime
# libraries are optional parts of an LLVM installation.
runtime_libraries = [
    os.path.join(config.llvm_library_dir, f"lib{name}.so")
    for name in ("mlir_runner_utils", "mlir_c_runner_utils")
]
runner = shutil.which("mlir-runner", path=config.environment["PATH"])
if runner and all(map(os.path.isfile, runtime_libraries)):
    config.available_features.add("execution")
    config.substitutions.append(
        (
            "%run-main",
            f"{runner} -e main -entry-point-result=void "
            f"-shared-libs={','.join(runtime_libraries)}",
        )
    )

# The evaluation data lies beside the checkout, where it is present at all.
data_dir = os.path.normpath(
    os.path.join(config.lowbit_source_dir, "..", "shared", "data")
)
if os.path.isfile(os.path.join(data_dir, "models.json")):
    config.available_features.add("model-data")
    config.substitutions.append(("%data", data_dir))

# The distribution's own mlir-opt, which loads plugins.
if shutil.which("mlir-opt", path=config.llvm_tools_dir):
    config.available_features.add("mlir-opt")

# CUDA's assembler, where lowbit-compile finds it. No GPU is needed for it.
cuda = os.environ.get("CUDA_HOME", "/usr/local/cuda")
ptxas = shutil.which("ptxas") or shutil.which("ptxas", path=os.path.join(cuda, "bin"))
if ptxas:
    config.available_features.add("ptxas")
    config.substitutions.append(("%ptxas", ptxas))
    config.environment["CUDA_HOME"] = cuda

# Debian's libonnx-testdata. test/Conformance/run.py names the folder, too.
if os.path.isdir("/usr/share/libonnx-testdata/data/node"):
    config.available_features.add("onnx-node-tests")

# %onnx-python: a Python with the packages of requirements.txt, which
# cmake/test-python.py installs where it can.
onnx_python = os.path.join(config.lowbit_binary_dir, "python")
if os.path.isfile(os.path.join(onnx_python, "requirements.txt")):
    config.available_features |= {"onnx-reference", "onnxruntime"}
    config.substitutions.append(("%onnx-python", os.path.join(onnx_python, "bin", "python")))

# %mpi-python: a Python with mpi4py and numpy, beside an mpirun.
def has_mpi(python):
    check = [python, "-c", "import mpi4py, numpy"]
    return python and subprocess.run(check, stderr=subprocess.DEVNULL).returncode == 0


for mpi_python in shutil.which("python3"), "/usr/bin/python3":
    if shutil.which("mpirun") and os.path.exists(mpi_python or "") and has_mpi(mpi_python):
        config.available_features.add("mpi")
        config.substitutions.append(("%mpi-python", mpi_python))
        break

if platform.machine() == "x86_64":
    config.available_features.add("x86")
    with open("/proc/cpuinfo") as cpuinfo:
        flags = cpuinfo.read().split()
    for flag in "avx2", "avx512_vnni", "avx512_vpopcntdq":
        if flag in flags:
            config.available_features.add(flag.replace("_", ""))

# Other processors, emulated; cross_run.py runs @main on them as %run-main does here.
config.substitutions.append(
    ("%cross-run", f"{shutil.which('python3')} -B {config.test_source_root}/Integration/cross_run.py --clang={config.cxx}")
)
for machine in "aarch64", "riscv64":
    emulator = shutil.which(f"qemu-{machine}-static") or shutil.which(f"qemu-{machine}")
    if emulator and os.path.isfile(f"/usr/{machine}-linux-gnu/lib/libc.a"):
        config.available_features.add(f"qemu-{machine}")
        config.substitutions.append((f"%qemu-{machine}", emulator))

if shutil.which("node") and shutil.which("wasm-ld-22"):
    config.available_features.add("wasm")
    config.substitutions.append(("%node", shutil.which("node")))
emulator = shutil.which("qemu-x86_64-static") or shutil.which("qemu-x86_64")
if emulator and platform.machine() == "x86_64" and platform.system() == "Linux":
    config.available_features.add("qemu-x86_64")
    config.substitutions.append(("%qemu-x86_64", emulator))

# A loader and a driver of Vulkan 1.3: Debian's mesa-vulkan-drivers computes on the
# processor.
def has_vulkan_device():
    try:
        library = ctypes.CDLL("libvulkan.so.1")
    except OSError:
        return False
    # VkApplicationInfo and VkInstanceCreateInfo as 64-bit words.
    application = (ctypes.c_uint64 * 6)(0, 0, 0, 0, 0, 1 << 22 | 3 << 12)
    create = (ctypes.c_uint64 * 8)(1, 0, 0, ctypes.addressof(application))
    instance = ctypes.c_void_p()
    if library.vkCreateInstance(create, None, ctypes.byref(instance)) != 0:
        return False
    count = ctypes.c_uint32()
    library.vkEnumeratePhysicalDevices(instance, ctypes.byref(count), None)
    library.vkDestroyInstance(instance, None)
    return count.value > 0


if has_vulkan_device():
    config.available_features.add("vulkan")
if shutil.which("spirv-val"):
    config.available_features.add("spirv-tools")
