"""Lets each function of the fake driver fail in turn, with each kind of error.

    check_failures.py PROGRAM

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


def run(program, fail):
    environment = {**os.environ, "FAKE_CUDA_FAIL": fail}
    ran = subprocess.run([program], env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, f"{fail}: exit code {ran.returncode}"
    return ran.stdout, re.findall(r"^cu\w+", ran.stderr, re.M)


def main(program):
    for name in (*CREATING, *RUNNING):
        for code, text in ERRORS.items():
            output, calls = run(program, f"{name}={code}")
            expected = "success" if name in TOLERATED else text
            line = "create" if name in CREATING else "run"
            assert f"{line}: {expected}\n" in output, f"{name}={code}: {output}"
            if expected != "success" and name in CREATING:
                assert "workspace is null" in output, f"{name}={code}: {output}"
            for make, unmake in PAIRS.items():
                made = calls.count(make)
                if make == name:  # every call of it failed
                    made = 0
                assert made == calls.count(unmake), (
                    f"{name}={code}: {calls.count(make)} {make}, {calls.count(unmake)} {unmake}")
    print("nothing is left behind")


if __name__ == "__main__":
    main(sys.argv[1])
