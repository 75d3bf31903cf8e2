"""Runs cases of a script in test/Integration on the first device of a target.

    check_device.py TARGET SCRIPT STRIDE

Of every STRIDE cases one is taken; each result must have the bits that the script
says. For amdgpu:<chip> the driver is Inputs/fake-hip.c, which finds here what
computes in place of the kernels.
"""

import ctypes
import json
import os
import pathlib
import subprocess
import sys
import tempfile


def run(model, expected):
    """How many results of a program without inputs are wrong."""
    library = ctypes.CDLL(str(model))
    results = [(ctypes.c_int32 * max(1, len(row)))() for row in expected]
    outputs = (ctypes.c_void_p * len(results))(*map(ctypes.addressof, results))
    status = library.net_run(None, outputs, None)
    assert status == 0, f"{model.name}: status {status}"
    wrong = 0
    for number, (row, result) in enumerate(zip(expected, results)):
        actual = list(result)[:len(row)]
        if actual != row:
            wrong += 1
            print(f"{model.stem} result {number}:\n  expected {row}\n  got      {actual}")
    return wrong


def emulate_amdgpu(target, program):
    sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "lib/GpuEmulator"))
    import amdgpu
    kernels = str(program.with_suffix(".kernels.so"))
    amdgpu.build(target.removeprefix("amdgpu:"), kernels, [str(program)])
    os.environ["FAKE_HIP_KERNELS"] = kernels
    # Launches that are recorded would not compute.
    os.environ["FAKE_HIP_FAIL"] = "hipStreamBeginCapture=801"


def main(target, script, stride):
    wrong, count = 0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([sys.executable, "-B", script, f"--programs={folder}", f"--stride={stride}"], check=True)
        for program in sorted(folder.glob("*.mlir")):
            model = program.with_suffix(".so")
            subprocess.run(["lowbit-compile", program, f"--target={target}", "--symbol-prefix=net", "-o", model],
                           check=True, stderr=subprocess.PIPE)
            if target.startswith("amdgpu:"):
                emulate_amdgpu(target, program)
            expected = json.loads(program.with_suffix(".json").read_text())
            wrong += run(model, expected)
            count += len(expected)
    print(f"{count - wrong} of {count} cases agree")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except subprocess.CalledProcessError as error:
        sys.exit((error.stderr or b"").decode()[-4000:] or str(error))
