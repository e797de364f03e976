#!/usr/bin/env bash
# Installs what a Debian machine lacks to build, test and lint nnc. Running it again changes nothing.
#
#   scripts/install-deps.sh          install
#   scripts/install-deps.sh --list   print the packages and exit
set -euo pipefail

packages=(
  # The toolchain: MLIR and LLVM as shared libraries, clang and lld to build with, lit and FileCheck to test with.
  llvm-22-dev llvm-22-tools libmlir-22-dev mlir-22-tools clang-22 lld-22 libclang-rt-22-dev
  clang-format-22 clang-tidy-22
  cmake ninja-build ccache git
  # The parser generator and its C++ runtime.
  antlr4 libantlr4-runtime-dev
  # Libraries of the compiler, the runtime and their tests.
  zlib1g-dev libstdc++-12-dev nlohmann-json3-dev libstb-dev libgtest-dev libjemalloc-dev
  # The whole-program tests compare with NumPy.
  python3 python3-numpy
)

if [[ "${1:-}" == "--list" ]]; then
  printf '%s\n' "${packages[@]}"
  exit 0
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ "$status" == "installed" ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  echo "install-deps: everything is there"
  exit 0
fi

if ! command -v apt-get >/dev/null; then
  echo "install-deps: these packages are needed, and this system has no apt-get to install them with:" >&2
  printf '  %s\n' "${missing[@]}" >&2
  exit 1
fi
sudo=()
if [[ "$(id -u)" != 0 ]]; then
  command -v sudo >/dev/null || { echo "install-deps: run this as root, or install sudo" >&2; exit 1; }
  sudo=(sudo)
fi

echo "install-deps: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
# Not `grep -q`: it would end before apt-cache has written all, which pipefail takes for a failure.
offers_llvm() { apt-cache policy llvm-22-dev | grep 'Candidate: 1:22' >/dev/null; }
offers_llvm || "${sudo[@]}" apt-get update -q
if ! offers_llvm; then
  echo "install-deps: no package source on this machine offers LLVM 22 (llvm-22-dev); add one that does" >&2
  exit 1
fi
"${sudo[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}"
