#!/usr/bin/env bash
# The versions of Python that pyproject.toml names, each with an environment of its own: the unit
# tests, the tables of meaning and the golden files. `make test` checks everything with one of them.
# A version that is not on this machine is named and not tried. `make test-pythons` calls it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

find_python() { # find_python VERSION
  local found
  for found in "python$1" "$(pyenv root 2>/dev/null)/versions/$1".*/bin/python; do
    "$found" -c 'import sys; print(sys.executable)' 2>/dev/null && return
  done
  return 1
}

tried=0
for version in $(sed -n 's/.*"Programming Language :: Python :: \(3\.[0-9]*\)".*/\1/p' pyproject.toml); do
  if ! python=$(find_python "$version"); then
    echo "pythons: there is no Python $version here, so it was not tried" >&2
    continue
  fi
  make setup VENV=".venv-$version" PYTHON="$python"
  ".venv-$version/bin/pytest" -q -n auto -p no:cacheprovider tests/unit tests/spec tests/cli/test_golden.py
  tried=$((tried + 1))
done
((tried)) || { echo "pythons: none of them is here" >&2; exit 1; }
