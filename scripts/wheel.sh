#!/usr/bin/env bash
# The wheel and the source distribution of the Python package, in python/dist, each installed in a clean virtual environment. With zig
# (`pip install ziglang`) the wheel is for manylinux_2_28, that is for older systems too; without it, for the C library of this machine.
# Fails above 8 MB.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../python"
venv=$(realpath -m "${VAST_PYTHON_VENV:-.venv}")
most=$((8 * 1000 * 1000))
# Without the paths of this machine, the same sources and tools give the same wheel in any folder.
root=$(cd .. && pwd)
registry="${CARGO_HOME:-$HOME/.cargo}/registry/src"
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}"
export RUSTFLAGS="--remap-path-prefix=$root=vast-client --remap-path-prefix=$registry=registry"
export CFLAGS="${CFLAGS:-} -ffile-prefix-map=$registry=registry -ffile-prefix-map=$root=vast-client"

[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
PATH="$venv/bin:$PATH" # maturin looks for zig in the Python of the path.
"$venv/bin/pip" install -q --disable-pip-version-check maturin==1.16.0
"$venv/bin/pip" install -q --disable-pip-version-check ziglang || true
flags=()
if "$venv/bin/python" -m ziglang version >/dev/null 2>&1; then
  flags=(--zig --compatibility manylinux_2_28)
else
  echo "without zig: the wheel needs the C library of this machine or a newer one"
fi

# What pyproject.toml names as licence files.
cp ../LICENSE-MIT ../LICENSE-APACHE ../NOTICE .
../scripts/licences.py Cargo.toml >THIRD-PARTY-LICENSES

rm -rf dist
"$venv/bin/maturin" build --release --locked "${flags[@]}" --out dist
"$venv/bin/maturin" sdist --out dist
for wheel in dist/*.whl; do
  size=$(stat -c %s "$wheel")
  echo "$wheel: $size bytes"
  [ "$size" -le "$most" ] || { echo "larger than $most bytes" >&2; exit 1; }
  names=$("$venv/bin/python" -m zipfile -l "$wheel")
  for text in LICENSE-MIT LICENSE-APACHE NOTICE THIRD-PARTY-LICENSES; do
    grep -q "/licenses/$text " <<<"$names" || { echo "the wheel has no $text" >&2; exit 1; }
  done
done

# installed NAME ARGUMENTS...: makes a virtual environment, installs what the arguments of pip say, and runs the command of the package
# without any other program.
installed() {
  local place="$clean/$1"
  shift
  [ -x "$place/bin/python" ] || python3 -m venv "$place"
  "$place/bin/pip" install -q --disable-pip-version-check --no-deps "$@"
  (cd "$clean" && env -i PATH=/nowhere "$place/bin/python" -m vast_client --version)
}

clean=$(mktemp -d)
trap 'rm -rf "$clean"' EXIT
installed wheel --no-index dist/*.whl
# The same flags and the same folder as for the wheel: only the crates of this repository are built again.
python3 -m venv "$clean/source"
"$clean/source/bin/pip" install -q --disable-pip-version-check maturin==1.16.0
export CARGO_TARGET_DIR="$PWD/target" MATURIN_PEP517_ARGS="${flags[*]}"
installed source --no-build-isolation dist/*.tar.gz
