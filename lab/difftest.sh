#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only

usage() {
	cat <<-'TEXT'
	usage: lab/difftest.sh [-k KERNEL] [-s SEED] [-n PROGRAMS]
	Run tools/difftest on QEMU's H extension and as a guest of rvhv, and compare the two line by
	line. tools/difftest/exceptions lists where and how they may differ.
	  -k KERNEL    the host's kernel: stock (default), 7.2 or debug
	  -s SEED      of the random numbers (default: 1)
	  -n PROGRAMS  random programs (default: 600)
	Both consoles are kept in out/difftest. Prints TAP and at the end 'N passed, N failed, N
	skipped'; status 1 for a difference that no exception explains, for fewer than 2,000 cases and,
	with the default seed and number, for an exception that explains nothing.
	TEXT
}

. "$(dirname "$0")/lib/common.sh"
# shellcheck source=lab/lib/qemu.sh
. "$LAB/lib/qemu.sh"
# shellcheck source=lab/lib/tap.sh
. "$LAB/lib/tap.sh"
# shellcheck source=lab/lib/points.sh
. "$LAB/lib/points.sh"

kernel=stock seed=1 programs=600
while getopts k:s:n: opt; do
	case $opt in
	k) kernel=$OPTARG ;;
	s) seed=$OPTARG ;;
	n) programs=$OPTARG ;;
	*) wrong_usage ;;
	esac
done

# Extensions in which QEMU is wrong for a guest: HLV ignores henvcfg.ADUE, sstatus.SPELP ignores
# henvcfg.LPE, senvcfg.PMM ignores henvcfg.PMM.
host_cpu=max,svadu=off,svade=on,zicfilp=off,ssnpm=off
# Extensions that rvhv does not offer.
cpu=$host_cpu
for extension in smaia ssaia smcsrind sscsrind smcdeleg ssccfg sscofpmf smcntrpmf smctr ssctr ssdbltrp \
	smnpm smmpm zicfiss; do
	cpu+=,$extension=off
done
parameters="difftest.seed=$seed difftest.programs=$programs"
# A random program takes a millisecond, more in the guest and on a loaded machine.
seconds=$((300 + programs / 100))
results=$OUT/difftest
mkdir -p "$results"

prepare_root
prepare_qemu
"$LAB/module" "$kernel"
build_tools rvhv-run difftest

# QEMU executes AMOs in another way with one hart. The host has two, hence the second one, which
# sleeps.
on_hart() {
	timeout -k 5 "$seconds" "$CACHE/qemu/qemu" -M virt -cpu "$cpu" -smp 2 -m 512M -nodefaults \
		-display none -no-reboot -chardev stdio,id=console,signal=off -serial chardev:console \
		-kernel "$OUT/tools/difftest" -append "$parameters" </dev/null >"$results/hart.console" 2>&1
}

in_guest() {
	"$LAB/host" -k "$kernel" -c "$host_cpu" -t "$seconds" -o "$results" -f "$OUT/$kernel/rvhv.ko" \
		-f "$OUT/tools/rvhv-run" -f "$OUT/tools/difftest" "$LAB/in-host/difftest" "$parameters"
}

cases() {
	tr -d '\r' <"$results/$1.console" | sed -n '/^difftest: begin$/,$p' | grep / >"$results/$1" || :
}

ended() { grep -q '^difftest: end' "$results/$1.console"; }

compare() {
	local t0=$SECONDS rc=0 count
	rm -f "$results"/{hart,guest}{,.console}
	step "on a hart" on_hart || :
	step "in a guest" in_guest || :
	cases hart
	cases guest
	count=$(wc -l <"$results/guest")
	point "the program runs to its end on a hart" ended hart
	point "the program runs to its end in a guest" ended guest
	"$LAB/lib/difftest-compare" "$results" "$PROJECT/tools/difftest/exceptions" || rc=$?
	result "hart and guest differ by exceptions alone" $((rc & 1))
	# Other random numbers need not meet every exception.
	[ "$seed $programs" = "1 600" ] || rc=0
	result "every exception explains a difference" $((rc & 2))
	result "$count cases in $((SECONDS - t0)) s" $((count < 2000))
	points_end
}

tap_step differential compare
tap_close
