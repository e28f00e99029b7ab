#!/usr/bin/env bash
# The one script of this repository: `./do` alone lists what it does. It needs bash, a Python from 3.11 on, and a
# package registry; everything it installs goes into .venv beside it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PYRIGHT_PYTHON_IGNORE_WARNINGS=1 NO_MKDOCS_2_WARNING=1

usage() {
  cat <<'TEXT'
./do demo                     train two networks on real digits, judge them, predict; about two minutes, install included
./do test [--full] [ARGS…]    the test suite; --full: every long form too, recorded in benchmarks/results/
                              ARGS go to pytest: ./do test tests/unit -k lenet
./do check                    format, lint, types, the staircase of rooms, the documentation
./do bench [NAME [ARGS…]]     list the benchmarks, or run one
./do docs [build]             read the documentation in a browser, or build it into site/
./do new architecture NAME    write the file of a new architecture and its test
./do setup                    make .venv with everything a developer needs; the others do it by themselves
TEXT
}

say() { printf '%s\n' "$*" >&2; }

find_python() {
  local candidate
  for candidate in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11 python; do
    if "$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      echo "$candidate"
      return
    fi
  done
  say "found no Python from 3.11 on with its venv module; install one, or name it: PYTHON=/path/to/python3 ./do …"
  exit 1
}

# install NAME EXTRAS: bring .venv up to date, unless its stamp says that it is. What a developer has once, stays.
install() {
  local name=$1 extras=$2 wanted python
  wanted="$PWD $(cat constraints.txt pyproject.toml | cksum)"
  if .venv/bin/python -c '' 2>/dev/null; then
    [[ -e .venv/.installed-develop ]] && name=develop extras=$DEVELOP
    [[ "$(cat ".venv/.installed-$name" 2>/dev/null)" == "$wanted" ]] && return
  else
    python=$(find_python)
    say "making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
  fi
  say "installing what constraints.txt names (${name}; a minute or so) …"
  local quiet=(-qq)
  [[ -t 2 ]] && quiet=()
  .venv/bin/python -m pip install ${quiet[@]+"${quiet[@]}"} -c constraints.txt -e ".$extras" >&2
  echo "$wanted" >".venv/.installed-$name"
}

DEVELOP="[develop,fast,heif,parquet,tensorboard]"
setup() { install develop "$DEVELOP"; }

check() {
  setup
  local failed=() bin=.venv/bin
  step() {
    say "── $*"
    "$@" || failed+=("$(basename "$1")")
  }
  step $bin/ruff format --check --quiet .
  step $bin/ruff check --quiet .
  local types
  types=$(mktemp)
  say "── $bin/pyright (its word comes last)"
  $bin/pyright --pythonpath $bin/python >"$types" 2>&1 &
  step $bin/lint-imports --no-logo
  step $bin/mkdocs build --strict --quiet
  wait $! || failed+=(pyright)
  cat "$types" && rm "$types"
  if ((${#failed[@]})); then
    say "./do check: failed in ${failed[*]}"
    return 1
  fi
  say "./do check: all is well"
}

# Two passes, each with a process for every core: one with the shapes in annotations enforced; one without, for bad input,
# so that saccade's own error is seen, and for what trains for a while, which would take most of the time.
run_tests() {
  setup
  local record=() options=() scratch status worst=0
  for option in "$@"; do
    [[ $option == --full ]] && record=(--record)
    options+=("$option")
  done
  # Threads that wait sleep: on a machine with other work they would else steal the time of those that count.
  export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-PASSIVE}"
  scratch=$(mktemp -d)
  trap "rm -rf '$scratch'" EXIT
  pass() {
    local name=$1
    shift
    status=0
    .venv/bin/python -m pytest -n auto --maxschedchunk 16 --junitxml="$scratch/$name.xml" "$@" ${options[@]+"${options[@]}"} || status=$?
    ((status == 5)) && status=0 # no test chosen in this half
    ((status > worst)) && worst=$status
    return 0
  }
  pass unchecked --no-shapes -m "bad_input or learning"
  pass suite -m "not bad_input and not learning"
  .venv/bin/python scripts/tally.py "$scratch" ${record[@]+"${record[@]}"} || worst=1
  return "$worst"
}

bench() {
  install demo ""
  if (($# == 0)); then
    .venv/bin/python benchmarks/measure.py
  else
    local name=$1
    shift
    if [[ ! -f benchmarks/$name.py ]]; then
      say "got benchmark '$name'; taken are those that ./do bench lists"
      return 2
    fi
    .venv/bin/python "benchmarks/$name.py" "$@"
  fi
}

docs() {
  setup
  if [[ ${1:-serve} == build ]]; then
    .venv/bin/mkdocs build --strict --quiet
    say "open site/index.html"
  else
    .venv/bin/mkdocs serve
  fi
}

demo() {
  install demo ""
  .venv/bin/saccade demo "$@"
}

new() {
  if [[ ${1:-} != architecture || $# != 2 ]]; then
    say "got './do new $*'; taken is: ./do new architecture NAME"
    return 2
  fi
  install demo ""
  .venv/bin/python scripts/new_architecture.py "$2"
}

verb=${1:-help}
(($#)) && shift
case $verb in
  setup | check | bench | docs | demo | new) "$verb" "$@" ;;
  test) run_tests "$@" ;;
  help | -h | --help) usage ;;
  *)
    say "got './do $verb'; taken are:"
    usage >&2
    exit 2
    ;;
esac
