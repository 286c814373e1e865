#!/usr/bin/env bash
# The wheel and the source distribution of the Python package, in python/dist, each installed in a clean virtual environment. With zig
# (`pip install ziglang`) the wheel is for manylinux_2_28, that is for older systems too; without it, for the C library of this machine.
# Fails above 8 MB. The same sources and tools give the same wheel in any folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../python"
venv=$(realpath -m "${VAST_PYTHON_VENV:-.venv}")
most=$((8 * 1000 * 1000))
# The module has no path of this machine.
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

# stage FOLDER: the sources of the source distribution, arranged so that their folder does not matter. Cargo derives the names of symbols from the
# absolute path of a crate that is not below the root of the workspace, so the crates stand below it here, as a workspace of their own.
# Maturin's bill of materials has absolute paths, so the wheel has ours.
stage() {
  rm -rf "$1"
  mkdir -p "$1"
  tar -xzf dist/*.tar.gz -C "$1" --strip-components=1
  mkdir "$1/python/rust"
  mv "$1/Cargo.toml" "$1/crates" "$1/python/rust/"
  sed -i 's#"\.\./crates/#"rust/crates/#; s#^\[workspace\]$#&\nexclude = ["rust"]#' "$1/python/Cargo.toml"
  ../scripts/sbom.py "$1/python/Cargo.toml" >"$1/vast-client.cdx.json"
  printf '\n[tool.maturin.sbom]\nrust = false\ninclude = ["vast-client.cdx.json"]\n' >>"$1/pyproject.toml"
}

rm -rf dist
export CARGO_TARGET_DIR="$PWD/target"
"$venv/bin/maturin" sdist --out dist
stage target/wheel
(cd target/wheel && "$venv/bin/maturin" build --release --locked "${flags[@]}" --out ../../dist)
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
export MATURIN_PEP517_ARGS="${flags[*]}"
installed source --no-build-isolation dist/*.tar.gz
