# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by every command of the lab: paths, messages, locks, the pieces of the cache. A command
# defines usage() first; -h and --help print it.

set -euo pipefail

case ${1:-} in
-h | --help) usage; exit ;;
esac

LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
PROJECT=$(dirname "$LAB")
CACHE=${RVHV_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rvhv}
mkdir -p "$CACHE"
CACHE=$(cd "$CACHE" && pwd -P)
OUT=${RVHV_OUT:-$PROJECT/out}
# shellcheck disable=SC2034  # for the scripts that source this one
ROOT=$CACHE/root

say() { printf 'lab: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
wrong_usage() { usage >&2; exit 2; }

# step WHAT CMD...: run CMD; print WHAT and the time it took.
# A function called in a condition runs without errexit, hence the subshell.
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

# log_to FILE CMD...: write the output of CMD to FILE; print its end if CMD fails.
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

# need TOOL:PACKAGE...: install the tools that this machine lacks; without root, name them and stop.
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

# key FILE...: a hash of the inputs of a piece, without comments ("# ... is not set" is none).
key() { sed '/^[[:space:]]*#\( \|$\)/{/ is not set$/!d}' "$@" | sha256sum | cut -c1-32; }

# piece NAME KEY FUNC: make piece NAME by FUNC unless its stamp holds KEY. A lock admits one maker;
# the others wait and then use its result.
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

# newdir NAME: make an empty CACHE/NAME.new and print its path.
newdir() {
	rm -rf "${CACHE:?}/$1.new"
	mkdir -p "$CACHE/$1.new"
	echo "$CACHE/$1.new"
}

# publish NAME: replace CACHE/NAME by CACHE/NAME.new.
publish() {
	rm -rf "${CACHE:?}/$1.old"
	[ ! -e "$CACHE/$1" ] || mv "$CACHE/$1" "$CACHE/$1.old"
	mv "$CACHE/$1.new" "$CACHE/$1"
	rm -rf "${CACHE:?}/$1.old"
}

inroot() { "$LAB/in-root" "$@"; }

# build_tools DIR...: build these directories of tools/ into OUT/tools.
build_tools() {
	case " $* " in *' selftests '*) "$LAB/source" 6.12 >/dev/null ;; esac
	step "building $*" inroot make -s -C "$PROJECT/tools" O="$OUT/tools" \
		KSRC="$CACHE/src/6.12" SUBDIRS="$*"
}
