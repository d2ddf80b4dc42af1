#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only

usage() {
	cat <<-'TEXT'
	usage: lab/test.sh [KERNEL] [STEP]...
	Run the tests with KERNEL (stock, 7.2 or debug) on the host: all steps, or those named.
	  uml           KUnit, the suites that need no RISC-V host
	  recipes       the patches of Documentation/recipes, built and tested like uml
	  riscv         KUnit, all suites
	  selftests     self-tests of the userspace interface
	  vmm           tests of rvhv-run
	  guests        Linux as a guest, in many ways
	  nested        guests that are hypervisors, and their guests
	  differential  a guest's H extension compared with QEMU's, case by case
	A failed step does not stop the others. The output of a step is kept in out/test/STEP.log. The
	last line is 'N passed, N failed, N skipped'; status 1 if anything failed.
	TEXT
}

. "$(dirname "$0")/lib/common.sh"
# shellcheck source=lab/lib/tap.sh
. "$LAB/lib/tap.sh"

kernel=stock
case ${1:-} in
-*) wrong_usage ;;
stock | 7.2 | debug) kernel=$1; shift ;;
esac
[ $# -gt 0 ] || set -- uml recipes riscv selftests vmm guests nested differential

step_uml() { "$LAB/kunit" uml; }
step_recipes() { "$LAB/recipes"; }
step_riscv() { "$LAB/kunit" riscv; }
step_selftests() { "$LAB/selftests.sh" -k "$kernel"; }
step_vmm() {
	"$LAB/module" "$kernel"
	build_tools rvhv-run
	"$LAB/host" -k "$kernel" -t 600 -o "$OUT/vmm" -f "$OUT/$kernel/rvhv.ko" \
		-f "$OUT/tools/rvhv-run" -f "$OUT/tools/rvhv-run-guest" -f "$OUT/tools/rvhv-run-pty" \
		-f "$OUT/tools/rvhv-run-seqpacket" \
		-f "$PROJECT/tools/rvhv-run/tests/run:/rvhv/vmm-tests" "$LAB/in-host/vmm"
}
step_guests() { "$LAB/guests.sh" "$kernel"; }
step_nested() { "$LAB/nested-mix.sh" -k "$kernel" short; }
step_differential() { "$LAB/difftest.sh" -k "$kernel"; }

TAP_LOGS=$OUT/test
for name; do
	declare -F "step_$name" >/dev/null || wrong_usage
done
for name; do
	say "test: $name"
	tap_step "$name" "step_$name"
done
tap_close
