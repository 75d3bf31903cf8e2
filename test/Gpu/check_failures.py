"""Lets each function of the fake driver fail in turn, with each kind of error.

    check_failures.py PROGRAM [cu|hip]

What the program made is given back by as many calls, contexts are popped as often
as pushed, and the error has its text.
"""

import os
import re
import subprocess
import sys

PAIRS = {"cuDevicePrimaryCtxRetain": "cuDevicePrimaryCtxRelease_v2", "cuModuleLoadData": "cuModuleUnload",
         "cuMemAlloc_v2": "cuMemFree_v2", "cuStreamCreate": "cuStreamDestroy_v2",
         "cuGraphInstantiateWithFlags": "cuGraphExecDestroy", "cuCtxPushCurrent_v2": "cuCtxPopCurrent_v2"}
ERRORS = {2: "out of device memory", 100: "there is no device of this number",
          209: "the model holds no code for this device", 700: "the device was lost; make another workspace",
          1: "the device's driver reports an error"}
# Their errors change the way only.
TOLERATED = {"cuStreamBeginCapture_v2", "cuStreamEndCapture", "cuGraphInstantiateWithFlags"}
CREATING = ("cuDeviceGet", "cuDeviceGetName", "cuDevicePrimaryCtxRetain", "cuModuleLoadData",
            "cuModuleGetFunction", "cuMemAlloc_v2", "cuMemcpyHtoD_v2", "cuStreamCreate", *TOLERATED)
RUNNING = ("cuMemcpyAsync", "cuGraphLaunch")
# What HIP calls otherwise than by another prefix; it has no contexts.
HIP = {"cuMemAlloc_v2": "hipMalloc", "cuMemFree_v2": "hipFree", "cuMemcpyHtoD_v2": "hipMemcpyHtoD",
       "cuStreamCreate": "hipStreamCreateWithFlags", "cuStreamDestroy_v2": "hipStreamDestroy",
       "cuStreamBeginCapture_v2": "hipStreamBeginCapture"}


def rename(names):
    return [HIP.get(name, name.replace("cu", "hip", 1)) for name in names if "Ctx" not in name]


def run(program, prefix, fail):
    variable = {"cu": "FAKE_CUDA_FAIL", "hip": "FAKE_HIP_FAIL"}[prefix]
    environment = {**os.environ, variable: fail}
    ran = subprocess.run([program], env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, f"{fail}: exit code {ran.returncode}"
    return ran.stdout, re.findall(rf"^{prefix}\w+", ran.stderr, re.M)


def main(program, prefix="cu"):
    creating, running, tolerated, pairs = CREATING, RUNNING, TOLERATED, PAIRS
    if prefix == "hip":
        creating, running, tolerated = rename(CREATING), rename(RUNNING), rename(TOLERATED)
        pairs = {rename([make])[0]: rename([unmake])[0] for make, unmake in PAIRS.items() if "Ctx" not in make}
    for name in (*creating, *running):
        for code, text in ERRORS.items():
            output, calls = run(program, prefix, f"{name}={code}")
            expected = "success" if name in tolerated else text
            line = "create" if name in creating else "run"
            assert f"{line}: {expected}\n" in output, f"{name}={code}: {output}"
            if expected != "success" and name in creating:
                assert "workspace is null" in output, f"{name}={code}: {output}"
            for make, unmake in pairs.items():
                made = calls.count(make)
                if make == name:  # every call of it failed
                    made = 0
                assert made == calls.count(unmake), (
                    f"{name}={code}: {calls.count(make)} {make}, {calls.count(unmake)} {unmake}")
    print("nothing is left behind")


if __name__ == "__main__":
    main(*sys.argv[1:])
