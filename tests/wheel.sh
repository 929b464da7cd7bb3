#!/usr/bin/env bash
# The wheel as a site gets it: built, installed over an older one in an environment of its own, used
# from an empty folder without writing to what was installed, and removed without a trace.
# `tests/wheel.sh PYTHON`; `make test-wheel` calls it.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
unset VIRTUAL_ENV PYTHONPATH PYTHONHOME TRIALSCREEN_LEDGER
export PIP_DISABLE_PIP_VERSION_CHECK=1

fail() { echo "wheel: $*" >&2; exit 1; }
step() { echo "wheel: $*"; }

build() { # build TREE FOLDER
  "$python" -m pip wheel --quiet --no-deps --wheel-dir "$2" "$1"
}

"$1" -m venv "$work/env"
python=$work/env/bin/python program=$work/env/bin/trialscreen

step "built from the tree, and an older one that has a file more"
mkdir "$work/tree" "$work/old" "$work/new" "$work/empty"
cp -R "$root"/{pyproject.toml,README.md,LICENSE,screen,rules,.gitignore} "$work/tree"
build "$work/tree" "$work/new"
sed -i 's/^version = .*/version = "0.0.1"/' "$work/tree/pyproject.toml"
echo '"""Not part of the next version."""' >"$work/tree/screen/gone.py"
echo 'gone: {}' >"$work/tree/rules/vocabulary/gone.yaml"
build "$work/tree" "$work/old"
rm -r "$work/tree"

step "installed, and upgraded"
"$python" -m pip install --quiet "$work"/old/*.whl
site=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
[[ -e $site/screen/gone.py && -e $site/screen/_rules/vocabulary/gone.yaml ]] ||
  fail "the older wheel is not what was built"
"$python" -m pip install --quiet --upgrade "$work"/new/*.whl
[[ ! -e $site/screen/gone.py && ! -e $site/screen/_rules/vocabulary/gone.yaml ]] ||
  fail "the upgrade left files of the older version"
"$python" -m pip check
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/pyproject.toml")
[[ $(cd "$work/empty" && "$program" --version) == *"$version"* ]] || fail "not version $version"

step "the rules are those of the tree, byte by byte, and nothing else came along"
diff -r "$root/rules" "$site/screen/_rules"
! "$python" -m zipfile --list "$work"/new/*.whl | grep -E '\.(pyc|snapshot|ledger) ' ||
  fail "the wheel holds what belongs to the machine that it was built on"

step "used from an empty folder, with nothing written to the installation"
cp "$root"/cases/respire-eligible.yaml "$root"/cases/mappings/laboratory* "$work/empty"
touch "$work/stamp"
chmod -R a-w "$work/env"
cd "$work/empty"
"$program" protocols list >listed
for protocol in "$root"/rules/protocols/*/; do
  grep -qi "^$(basename "$protocol") " listed || fail "$(basename "$protocol") is not listed"
done
"$program" case respire-eligible.yaml --ledger cases.ledger >verdicts
grep -q '^NCT04361903 *ELIGIBLE' verdicts || fail "the case is not eligible: $(cat verdicts)"
"$program" batch laboratory.csv --map laboratory.yaml --patients laboratory_patients.csv \
  --out out --ledger cases.ledger >batch
[[ -s out/summary.json && -s out/manifest.json ]] || fail "the batch wrote nothing"
"$program" audit verify --ledger cases.ledger
written=$(find "$work/env" "$work/new" -newer "$work/stamp" ! -type d)
[[ -z $written ]] || fail "the program wrote to its installation: $written"

step "removed"
cd /
chmod -R u+w "$work/env"
"$python" -m pip uninstall --quiet --yes trialscreen
left=$(find "$site" "$work/env/bin" -path "$site/screen*" -o -name 'trialscreen*')
[[ -z $left ]] || fail "pip uninstall left: $left"
step "all well"
