#!/bin/sh
# Installs what Lowbit's build and tests need on Debian 12, or the packages that
# are named, and nothing when it is all there. Asks for root once, through sudo;
# where that is not possible it prints the command to run and fails.
set -eu

# Build tools; LLVM and MLIR 22.1; ONNX's schema; linear algebra; tests; MPI for
# examples/data-parallel. LLVM's
# CMake files look for zlib, zstd, libxml2, libedit, libffi and curl, but linking
# the shared libLLVM needs none of them: those are not listed. Last: emulated
# processors, for tests of code for them.
packages="
  cmake ninja-build ccache
  clang-22 lld-22 clang-format-22 libclang-rt-22-dev
  llvm-22-dev llvm-22-tools libmlir-22-dev mlir-22-tools
  libonnx-dev libprotobuf-dev protobuf-compiler
  libeigen3-dev
  gcc libc6-dev python3 python3-venv
  libgtest-dev libonnx-testdata
  libvulkan-dev mesa-vulkan-drivers spirv-tools
  qemu-user-static libc6-dev-arm64-cross libgcc-12-dev-arm64-cross
  libc6-dev-riscv64-cross libgcc-12-dev-riscv64-cross
  openmpi-bin python3-mpi4py python3-numpy
"
[ $# -eq 0 ] || packages="$*"

if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "install-dependencies: this is not Debian; CMake will say what it does not find" >&2
  exit 0
fi

missing=
# shellcheck disable=SC2086 # the lists are meant to be split
installed=" $(dpkg-query -W -f='${db:Status-Status}:${Package} ' $packages 2>/dev/null || true)"
for package in $packages; do
  case "$installed" in
    *" installed:$package "*) ;;
    *) missing="$missing $package" ;;
  esac
done
[ -n "$missing" ] || exit 0

echo "Missing packages:$missing"
install="apt-get install --yes --no-install-recommends$missing"
give_up() {
  echo "error: $1; install the packages yourself, as root:" >&2
  echo "  apt-get update && $install" >&2
  exit 1
}

root=
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null 2>&1 || give_up "installing them needs root, and there is no sudo"
  # Without a terminal nobody can answer a question for the password.
  if [ -t 0 ]; then root="sudo"; else root="sudo -n"; fi
  $root true || give_up "installing them needs root"
fi
command -v apt-get >/dev/null 2>&1 || give_up "there is no apt-get"

# shellcheck disable=SC2086
$root env DEBIAN_FRONTEND=noninteractive apt-get update || give_up "apt-get update failed"
for package in $missing; do
  apt-cache show "$package" >/dev/null 2>&1 || give_up "this release has no package '$package' (Debian 12 has, in bookworm and bookworm-security)"
done
# shellcheck disable=SC2086
$root env DEBIAN_FRONTEND=noninteractive $install || give_up "apt-get install failed"
