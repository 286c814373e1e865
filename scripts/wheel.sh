#!/usr/bin/env bash
# The wheel and the source distribution of the Python package, in python/dist. With zig (`pip install ziglang`) the wheel is for
# manylinux_2_28, that is for older systems too; without it, for the C library of this machine. Fails above 8 MB.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../python"
venv=$(realpath -m "${VAST_PYTHON_VENV:-.venv}")
most=$((8 * 1000 * 1000))

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

rm -rf dist
"$venv/bin/maturin" build --release --locked "${flags[@]}" --out dist
"$venv/bin/maturin" sdist --out dist
for wheel in dist/*.whl; do
  size=$(stat -c %s "$wheel")
  echo "$wheel: $size bytes"
  [ "$size" -le "$most" ] || { echo "larger than $most bytes" >&2; exit 1; }
done
