# A thin face on the CMake presets: everything here can be done with cmake and
# ninja alone (docs/GettingStarted.md).
#
#   make check PRESET=release
#   make check MLIR_DIR=/opt/llvm/lib/cmake/mlir CMAKE_FLAGS="-DCMAKE_CXX_COMPILER=..."

PRESET ?= dev
CMAKE_FLAGS ?=
BUILD := $(if $(filter dev,$(PRESET)),build,build-$(PRESET))
NINJA := cmake --build $(BUILD)

.DEFAULT_GOAL := help
.PHONY: help dependencies configure build check gpu-bundle check-gpu demo bench bench-peers bench-page bench-gpu format docs conformance methods accuracy asan fuzz run-fuzz clean

help:
	@echo "make demo    build, compile the digits network, compare float with int8"
	@echo "make check   build, run every test"
	@echo "make check-gpu    compare artefacts on this machine's NVIDIA GPU with the processor's bits"
	@echo "make gpu-bundle   only compile them, into $(BUILD)/gpu, to run check.py elsewhere; GPU_CHIP=sm_90"
	@echo "make bench   time SUITE=nets|conv|gemm|kernels|bitwise|codecs|all"
	@echo "make bench-page   write docs/reference/performance.md from what was measured"
	@echo "make bench-gpu   compile the GPU benchmarks into a folder, and run them where a GPU is"
	@echo "make build   build every tool into $(BUILD)/bin"
	@echo "make asan    make check, with the address and undefined behaviour sanitizers"
	@echo "make fuzz    feed the readers with mutated files, for FUZZ_SECONDS=60 of CPU time each"
	@echo "make format  clang-format every C and C++ file"
	@echo "make docs    regenerate docs/reference from the TableGen files"
	@echo "make conformance   run ONNX's node tests, write docs/reference/onnx.md"
	@echo "make methods   test each recipe against its publication, write docs/reference/methods.md"
	@echo "make accuracy  measure what recipes leave of networks in DATA, write docs/reference/accuracy.md"
	@echo "make clean   remove the build folder"
	@echo
	@echo "PRESET=dev|release|asan|fuzz   which preset of CMakePresets.json (now $(PRESET))"
	@echo "MLIR_DIR=DIR              an LLVM/MLIR 22.1 elsewhere; installs no packages then"
	@echo "CMAKE_FLAGS=...           more arguments for cmake; run 'make configure' after a change"

# An MLIR of the user's own means that the machine is set up already.
dependencies:
ifndef MLIR_DIR
	@cmake/install-dependencies.sh
endif

configure: dependencies
	cmake --preset $(PRESET) $(if $(MLIR_DIR),-DMLIR_DIR="$(MLIR_DIR)") $(CMAKE_FLAGS)

# Ninja runs cmake again by itself when a CMake file changes; only the first
# time and changes of the presets are left to do here.
$(BUILD)/build.ninja: CMakePresets.json | dependencies
	@$(MAKE) --no-print-directory configure
	@touch $@

build: $(BUILD)/build.ninja
	@$(NINJA)

check: $(BUILD)/build.ninja
	@$(NINJA) --target check-lowbit

GPU_CHIP ?= sm_90
GPU_DATA := $(wildcard ../shared/data)
GPU_PATH = $(CURDIR)/$(BUILD)/bin:$(LLVM_TOOLS):$(BENCH_PATH)

gpu-bundle: $(BUILD)/build.ninja
	@$(NINJA) --target lowbit-compile lowbit-opt lowbit-test-python
	@PATH="$(GPU_PATH):$$PATH" python3 -B test/Gpu/bundle.py --build=$(BUILD) --output=$(BUILD)/gpu --chip=$(GPU_CHIP) \
	  $(if $(GPU_DATA),--data=$(GPU_DATA))

check-gpu: gpu-bundle
	@PATH="$(GPU_PATH):$$PATH" python3 -B $(BUILD)/gpu/check.py $(BUILD)/gpu --sanitizer

demo: $(BUILD)/build.ninja
	@$(NINJA) --target lowbit-compile lowbit-run
	@python3 examples/digits/demo.py --build=$(BUILD)

SUITE ?= nets
LLVM_TOOLS ?= /usr/lib/llvm-22/bin

# Whom we are measured against; the benchmarks say who is absent, and do without.
BENCH_PACKAGES := libdnnl-dev libxnnpack-dev libpthreadpool-dev libopenblas0-pthread
BENCH_PATH := $(abspath $(BUILD))/bench-python/bin:$(abspath $(BUILD))/python/bin
BENCH_FLAGS ?=
# Its package has no binaries. For AVX2, which the bars are for.
LLAMA_FLAGS ?= -DGGML_NATIVE=OFF -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_BMI2=ON \
               -DGGML_OPENMP=OFF -DLLAVA_BUILD=OFF

bench-peers:
ifndef MLIR_DIR
	-@cmake/install-dependencies.sh $(BENCH_PACKAGES)
endif
	@python3 cmake/test-python.py $(BUILD)/bench-python benchmarks/requirements.txt benchmarks
ifneq ($(filter bitwise all,$(SUITE)),)
	@test -e $(BUILD)/bench-llama/requirements.txt || echo "llama.cpp is built once, which takes ten minutes of two cores, or more"
	@CMAKE_ARGS="$(LLAMA_FLAGS)" python3 cmake/test-python.py $(BUILD)/bench-llama \
	   benchmarks/llama-requirements.txt benchmarks
endif

bench: $(BUILD)/build.ninja bench-peers
	@$(NINJA) --target lowbit-compile lowbit-run lowbit-test-python
	@PATH="$(BENCH_PATH):$$PATH" python3 benchmarks/bench.py $(SUITE) --build=$(BUILD) $(BENCH_FLAGS)

bench-page: $(BUILD)/build.ninja
	@PATH="$(BENCH_PATH):$$PATH" python3 benchmarks/bench.py page --build=$(BUILD)

# The folder needs nothing else: it can be copied to a machine with a GPU, a driver and PyTorch.
bench-gpu: $(BUILD)/build.ninja
	@$(NINJA) --target lowbit-opt lowbit-compile lowbit-run lowbit-test-python
	@PATH="$(GPU_PATH):$$PATH" python3 -B benchmarks/gpu/build.py $(BUILD)/bench-gpu --chip=$(GPU_CHIP)
	@if [ -e /dev/nvidia0 ]; then python3 $(BUILD)/bench-gpu/bench.py; \
	 else echo "no GPU here: run $(BUILD)/bench-gpu/bench.py where one is"; fi

asan:
	@$(MAKE) --no-print-directory check PRESET=asan

fuzz:
	@$(MAKE) --no-print-directory run-fuzz PRESET=fuzz

FUZZ_SECONDS ?= 60
run-fuzz: $(BUILD)/build.ninja
	@$(NINJA) --target lowbit-fuzz
	@python3 test/fuzz/fuzz.py --build=$(BUILD) --seconds=$(FUZZ_SECONDS)

format: dependencies
	@find dialects include lib tools test examples cmake \
	  \( -name '*.cpp' -o -name '*.h' -o -name '*.c' \) -exec clang-format-22 -i {} +

docs: $(BUILD)/build.ninja
	@$(NINJA) --target lowbit-doc

conformance: $(BUILD)/build.ninja
	@$(NINJA) --target lowbit-conformance

methods: $(BUILD)/build.ninja
	@$(NINJA) --target lowbit-methods

DATA ?= ../shared/data

accuracy: $(BUILD)/build.ninja
	@$(NINJA) --target lowbit-run
	@python3 -B test/Methods/accuracy.py --tools=$(BUILD)/bin --data=$(DATA) --measure --write=docs/reference

clean:
	rm -rf $(BUILD)
