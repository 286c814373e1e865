#!/usr/bin/env bash
# The Python package: checks its Rust code, builds a wheel without optimization, installs it in a clean virtual environment, and runs its tests and the
# checks of its types. Prints `skipped: python` where Python, pip or the packages of the tests are missing.
#
#   scripts/python.sh VAST     VAST is the program `vast`, whose scripted servers the tests use
set -euo pipefail
VAST=$(realpath "${1:?the program vast}")
export VAST
cd "$(dirname "${BASH_SOURCE[0]}")/../python"
venv=$(realpath -m "${VAST_PYTHON_VENV:-.venv}")
tools="maturin==1.16.0 pytest httpx mypy uvloop gunicorn"

skip() {
  echo "skipped: python ($1)"
  exit 0
}

# other_version VERSION: the tests that need no other package, under another Python, where it is there: on the path or of pyenv.
other_version() {
  local python=
  for candidate in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python; do
    if "$candidate" -c '' 2>/dev/null; then
      python=$candidate
      break
    fi
  done
  if [ -z "$python" ]; then
    echo "skipped: python$1"
    return
  fi
  "$python" -m venv "$clean/$1"
  "$clean/$1/bin/pip" install -q --disable-pip-version-check pytest target/wheels/*.whl
  VAST_MANY=1000 "$clean/$1/bin/pytest" tests
}

command -v python3 >/dev/null || skip "no python3"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || skip "older than 3.10"
[ -x "$venv/bin/python" ] || python3 -m venv "$venv" || skip "no venv"
# shellcheck disable=SC2086
"$venv/bin/pip" install -q --disable-pip-version-check $tools || skip "the packages of the tests cannot be installed"

# A workspace of its own, which the checks of the other crates do not read.
cargo fmt --check
cargo clippy --quiet --all-targets -- -D warnings
rm -rf target/wheels
"$venv/bin/maturin" build --quiet --interpreter "$venv/bin/python" --out target/wheels
"$venv/bin/pip" install -q --disable-pip-version-check --force-reinstall --no-deps target/wheels/*.whl

clean=$(mktemp -d)
trap 'rm -rf "$clean"' EXIT
python3 -m venv "$clean/venv"
"$clean/venv/bin/pip" install -q --disable-pip-version-check --no-index target/wheels/*.whl
(cd "$clean" && env -i PATH=/nowhere venv/bin/python -m vast_client --version)
export VAST_CLEAN_PYTHON="$clean/venv/bin/python" # The tests run the examples with it.

# The program `pytest` and not `python -m pytest`: the folder `vast_client` here has no native module and must not be on the path.
"$venv/bin/pytest" tests
for version in 3.10 3.12 3.13 3.14 3.14t; do
  other_version "$version"
done
"$venv/bin/python" -m mypy --strict vast_client
(cd "$clean" && "$venv/bin/python" -m mypy.stubtest vast_client._native)
