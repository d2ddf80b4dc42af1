#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only

usage() {
	cat <<-'TEXT'
	usage: lab/test.sh [KERNEL] [STEP]...
	Run the tests with KERNEL (stock, 7.2 or debug) on the host: all steps, or those named.
	  uml        KUnit, the suites that need no RISC-V host
	  riscv      KUnit, all suites
	  selftests  self-tests of the userspace interface
	  vmm        tests of rvhv-run
	  guests     Linux as a guest, in many ways
	  nested     guests that are hypervisors, and their guests
	  differential  the H extension of a guest beside that of QEMU, case by case
	Every step runs, whatever became of the others; its output is also in out/test/STEP.log. The
	last line is 'N passed, N failed, N skipped'; status 1 if anything failed.
	TEXT
}

. "$(dirname "$0")/lib/common.sh"

kernel=stock
case ${1:-} in
-*) usage; exit ;;
stock | 7.2 | debug) kernel=$1; shift ;;
esac
[ $# -gt 0 ] || set -- uml riscv selftests vmm guests nested differential

step_uml() { "$LAB/kunit" uml; }
step_riscv() { "$LAB/kunit" riscv; }
step_selftests() { "$LAB/selftests.sh" -k "$kernel"; }
step_vmm() {
	"$LAB/module" "$kernel"
	inroot make -s -C "$PROJECT/tools" O="$OUT/tools" SUBDIRS=rvhv-run
	"$LAB/host" -k "$kernel" -t 600 -o "$OUT/vmm" -f "$OUT/$kernel/rvhv.ko" \
		-f "$OUT/tools/rvhv-run" -f "$OUT/tools/rvhv-run-guest" -f "$OUT/tools/rvhv-run-pty" \
		-f "$OUT/tools/rvhv-run-seqpacket" \
		-f "$PROJECT/tools/rvhv-run/tests/run:/rvhv/vmm-tests" "$LAB/in-host/vmm"
}
step_nested() { "$LAB/nested-mix.sh" -k "$kernel" short; }
step_differential() { "$LAB/difftest.sh" -k "$kernel"; }
step_guests() { "$LAB/guests.sh" "$kernel"; }

# counts LOG STATUS: what a step's closing line says, as "PASSED FAILED SKIPPED". kunit.py has one of
# its own; where there is none the points of TAP are counted. A step that failed without a failed case,
# or ran no case, counts as one failure.
counts() {
	awk -v status="$2" '
		/^ok [0-9]+ / { points++ }
		/^not ok [0-9]+ / { missed++ }
		/^[0-9]+ passed, [0-9]+ failed/ { closed = 1; passed = $1; failed = $3; skipped = $5 + 0 }
		/Testing complete\. Ran [0-9]+ tests:/ {
			closed = 1
			passed = failed = skipped = 0
			for (i = 1; i < NF; i++) {
				if ($i == "passed:") passed = $(i + 1) + 0
				if ($i == "skipped:") skipped = $(i + 1) + 0
				if ($i ~ /^(failed|crashed|errors):$/) failed += $(i + 1) + 0
			}
		}
		END {
			if (!closed) {
				passed = points
				failed = missed
			}
			if (!failed && (status || !passed))
				failed = 1
			print passed + 0, failed + 0, skipped + 0
		}
	' "$1"
}

mkdir -p "$OUT/test"
passed=0 failed=0 skipped=0 summary=()
for name; do
	declare -F "step_$name" >/dev/null || { usage >&2; exit 2; }
	say "test: $name"
	t0=$SECONDS log=$OUT/test/$name.log rc=0
	"step_$name" 2>&1 | tee "$log" || rc=1
	read -r p f s < <(counts "$log" "$rc")
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	summary+=("$(printf '%-12s %4d passed, %d failed, %d skipped, %d s' "$name" "$p" "$f" "$s" \
		$((SECONDS - t0)))")
done
echo
printf '%s\n' "${summary[@]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
