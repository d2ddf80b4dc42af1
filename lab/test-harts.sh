#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only

usage() {
	cat <<-'TEXT'
	usage: lab/test-harts.sh [-k KERNEL] [-s STEP]... [CASE]...
	Run tests on harts that use the liberties of the specification: every hart of lab/hart/cases, or
	those named.
	  -k KERNEL  the host's kernel: stock (default), 7.2 or debug
	  -s STEP    only this step; may be repeated
	Steps with each hart:
	  kunit      KUnit, the live suites
	  selftests  self-tests
	  guests     Linux as a guest
	  nested     guests that are hypervisors
	A step also fails if a hart reported FOREIGN. One step is run once, without a CASE:
	  mutants    modules that lack a fence, lab/hart/mutants: the test that each names must fail
	The reports of the harts are in out/test-harts/CASE-STEP.hart. The last line is 'N passed, N
	failed, N skipped'; status 1 if anything failed. All of it takes some hours.
	TEXT
}

. "$(dirname "$0")/lib/common.sh"
# shellcheck source=lab/lib/root.sh
. "$LAB/lib/root.sh"
# shellcheck source=lab/lib/points.sh
. "$LAB/lib/points.sh"
# shellcheck source=lab/lib/tap.sh
. "$LAB/lib/tap.sh"

kernel=stock steps=()
while getopts k:s: opt; do
	case $opt in
	k) kernel=$OPTARG ;;
	s) steps+=("$OPTARG") ;;
	*) wrong_usage ;;
	esac
done
shift $((OPTIND - 1))

cases=$(sed '/^#/d;/^$/d' "$LAB/hart/cases")
if [ "${#steps[@]}" -eq 0 ]; then
	steps=(kunit selftests guests nested)
	[ $# -gt 0 ] || steps+=(mutants)
fi
[ $# -gt 0 ] || mapfile -t all < <(awk '{ print $1 }' <<<"$cases")
[ $# -gt 0 ] || set -- "${all[@]}"

step_kunit() { "$LAB/kunit" riscv 'rvhv_live*'; }
step_selftests() { "$LAB/selftests.sh" -k "$kernel"; }
step_guests() { "$LAB/guests.sh" "$kernel" smp two thp swap vmids crowd hotplug; }
step_nested() { "$LAB/nested-mix.sh" -k "$kernel" reload two smp-2-2 rvhv; }

variables_of() {
	awk -v name="$1" '$1 == name { $1 = ""; print; found = 1 } END { exit !found }' <<<"$cases" ||
		die "no hart $1 in lab/hart/cases"
}

none_foreign() { ! grep -A 2 FOREIGN "$1"; }

# hart LOG VARIABLE...: the hosts of this process have that hart, which writes its reports to LOG.
hart() {
	export RVHV_HART=1 HART_CHECK=1 HART_LINT=1 HART_LOG=$1
	: >"$1"
	shift
	[ $# -eq 0 ] || export "${@?}"
}

# tap_step runs it in a process of its own.
run_step() {
	local log=$TAP_LOGS/$2-$1.hart rc=0 variables
	read -ra variables <<<"$(variables_of "$2")"
	hart "$log" "${variables[@]}"
	( set -e; "step_$1" ) || rc=$?
	point "no translation or instruction of another guest" none_foreign "$log"
	return "$rc"
}

# The fields of a mutant are lines 'NAME: VALUE' before its patch.
field() { sed -n "/^--- /q;s/^$2: //p" "$1"; }

quiet() {
	local log=$1
	shift
	"$@" >"$log" 2>&1
}

# mutant PATCH: its test passes on the hart that it names, and fails with the patch applied to a
# copy of the tree.
mutant() {
	local patch=$1 copy=$OUT/test-harts/copy name log variables words t0=$SECONDS rc=0
	name=$(basename -s .patch "$patch")
	log=$TAP_LOGS/mutant-$name
	read -ra variables <<<"$(field "$patch" hart)"
	read -ra words <<<"$(field "$patch" test)"
	mkdir -p "$copy"
	inroot rsync -rlp --checksum --delete --exclude=/.git --exclude=/out "$PROJECT/" "$copy/"
	export RVHV_OUT=$OUT/test-harts/mutants
	hart "$log.hart" "${variables[@]}"

	quiet "$log-without.log" "$copy/lab/${words[0]}" "${words[@]:1}" || rc=$?
	result "$name: the test passes without it" "$rc" "$log-without.log"
	point "$name: applies" inroot env -C "$copy" GIT_CEILING_DIRECTORIES="$OUT" git apply "$patch"
	point "$name: builds" quiet "$log-build.log" "$copy/lab/module" stock
	# A guest that hangs has failed, too.
	rc=0
	quiet "$log-with.log" timeout -k 10 $((60 + 2 * (SECONDS - t0))) \
		"$copy/lab/${words[0]}" "${words[@]:1}" || rc=$?
	result "$name: the test fails with it (status $rc)" $((!rc)) "$log-with.log"
	points_end
}

TAP_LOGS=$OUT/test-harts
mkdir -p "$TAP_LOGS"
for name; do
	variables_of "$name" >/dev/null
done
for step in "${steps[@]}"; do
	[ "$step" = mutants ] || declare -F "step_$step" >/dev/null || wrong_usage
done
for name; do
	for step in "${steps[@]}"; do
		[ "$step" != mutants ] || continue
		say "test-harts: $name, $step"
		tap_step "$name-$step" run_step "$step" "$name"
	done
done
case " ${steps[*]} " in
*' mutants '*)
	for patch in "$LAB"/hart/mutants/*.patch; do
		tap_step "mutant-$(basename -s .patch "$patch")" mutant "$patch"
	done
	;;
esac
tap_close
