# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What every lab script shares: paths, messages, locks and cached pieces.
# Sourced, never run.

set -euo pipefail

LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck disable=SC2034  # these are for the scripts that source this one
PROJECT=$(dirname "$LAB")
CACHE=${RVHV_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rvhv}
mkdir -p "$CACHE"
CACHE=$(cd "$CACHE" && pwd -P)
# shellcheck disable=SC2034
OUT=${RVHV_OUT:-$PROJECT/out}
# shellcheck disable=SC2034
ROOT=$CACHE/root

say() { printf 'lab: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# step WHAT CMD...: run CMD; say what is going on, and how long it took.
# CMD runs in a subshell with errexit on (a bare call in a condition has none).
step() {
	local what=$1 t0=$SECONDS rc=0
	shift
	say "$what ..."
	set +e
	( set -e; "$@" )
	rc=$?
	set -e
	if [ "$rc" -ne 0 ]; then
		say "$what: failed after $((SECONDS - t0)) s"
		return "$rc"
	fi
	say "$what: $((SECONDS - t0)) s"
}

# log_to FILE CMD...: keep a long command's output in FILE, show its end if it fails.
log_to() {
	local log=$1 rc=0
	shift
	mkdir -p "$(dirname "$log")"
	"$@" >"$log" 2>&1 || rc=$?
	if [ "$rc" -ne 0 ]; then
		tail -n 40 "$log" >&2
		say "the whole log: $log"
	fi
	return "$rc"
}

# need TOOL:PACKAGE...: make sure the machine has these tools.
need() {
	local pair missing=()
	for pair; do
		command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
	done
	[ "${#missing[@]}" -eq 0 ] && return
	if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
		step "installing ${missing[*]}" log_to "$CACHE/log/tools" \
			apt-get install -y --no-install-recommends "${missing[@]}"
	else
		die "missing on this machine: apt-get install ${missing[*]}"
	fi
}

# key FILE...: one hash over what a piece is made from.
key() { cat "$@" | sha256sum | cut -c1-32; }

# piece NAME KEY FUNC: make cached piece NAME by FUNC unless its stamp says KEY.
# One maker at a time; the others wait for it and then find it fresh.
piece() {
	local name=$1 want=$2 func=$3 stamp=$CACHE/stamp/$1 lock=$CACHE/lock/$1
	[ -e "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && return
	mkdir -p "${stamp%/*}" "${lock%/*}"
	exec 8>"$lock"
	flock -n 8 || { say "waiting for another run that makes $name"; flock 8; }
	if ! { [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; }; then
		rm -f "$stamp"
		step "making $name" "$func"
		echo "$want" >"$stamp"
	fi
	exec 8>&-
}

# newdir NAME: an empty directory to fill; publish NAME: put it in place at once.
newdir() {
	rm -rf "${CACHE:?}/$1.new"
	mkdir -p "$CACHE/$1.new"
	echo "$CACHE/$1.new"
}

publish() {
	rm -rf "${CACHE:?}/$1.old"
	[ ! -e "$CACHE/$1" ] || mv "$CACHE/$1" "$CACHE/$1.old"
	mv "$CACHE/$1.new" "$CACHE/$1"
	rm -rf "${CACHE:?}/$1.old"
}

inroot() { "$LAB/in-root" "$@"; }
