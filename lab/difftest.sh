#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only

usage() {
	cat <<-'TEXT'
	usage: lab/difftest.sh [-k KERNEL] [-s SEED] [-n PROGRAMS]
	What does the H extension do? Run tools/difftest on QEMU's own, and as a guest of rvhv that has
	one, and compare line by line; tools/difftest/exceptions says where the two may differ, and how.
	  -k KERNEL    the host's kernel: stock (default), 7.2 or debug
	  -s SEED      of the random numbers (default: 1)
	  -n PROGRAMS  random programs (default: 600)
	Both consoles stay in out/difftest. Status 1 for a difference that no exception explains, for fewer
	than 2,000 cases and, with the default seed, for an exception that explains nothing.
	TEXT
}

. "$(dirname "$0")/lib/common.sh"
# shellcheck source=lab/lib/qemu.sh
. "$LAB/lib/qemu.sh"

kernel=stock seed=1 programs=600
while getopts k:s:n:h opt; do
	case $opt in
	k) kernel=$OPTARG ;;
	s) seed=$OPTARG ;;
	n) programs=$OPTARG ;;
	h) usage; exit ;;
	*) usage >&2; exit 2 ;;
	esac
done

# Where the host's QEMU lets a guest have what it should not: for HLV it does not look at henvcfg.ADUE,
# for sstatus.SPELP not at henvcfg.LPE, for senvcfg.PMM not at henvcfg.PMM.
host_cpu=max,svadu=off,svade=on,zicfilp=off,ssnpm=off
# What rvhv does not offer to guests
cpu=$host_cpu
for extension in smaia ssaia smcsrind sscsrind smcdeleg ssccfg sscofpmf smcntrpmf smctr ssctr ssdbltrp \
	smnpm smmpm zicfiss; do
	cpu+=,$extension=off
done
parameters="difftest.seed=$seed difftest.programs=$programs"
# Random programs take a millisecond each, in the guest and on a loaded machine some more.
seconds=$((300 + programs / 100))
results=$OUT/difftest
mkdir -p "$results"

prepare_root
prepare_qemu
"$LAB/module" "$kernel"
step "building rvhv-run and difftest" inroot make -s -C "$PROJECT/tools" O="$OUT/tools" \
	SUBDIRS='rvhv-run difftest'

# With two harts, of which one is asleep, QEMU's AMOs are those of the host with its two.
on_hart() {
	timeout -k 5 "$seconds" "$CACHE/qemu/qemu" -M virt -cpu "$cpu" -smp 2 -m 512M -nodefaults \
		-display none -no-reboot -chardev stdio,id=console,signal=off -serial chardev:console \
		-kernel "$OUT/tools/difftest" -append "$parameters" </dev/null >"$results/hart.console" 2>&1
}
in_guest() {
	"$LAB/host" -k "$kernel" -c "$host_cpu" -t "$seconds" -o "$results" -f "$OUT/$kernel/rvhv.ko" \
		-f "$OUT/tools/rvhv-run" -f "$OUT/tools/difftest" "$LAB/in-host/difftest" "$parameters"
}

# cases WHERE: its console's lines from begin to end
cases() { tr -d '\r' <"$results/$1.console" | sed -n '/^difftest: begin$/,$p' | grep / >"$results/$1"; }

number=0 failed=0
point() {
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
		failed=1
	fi
}

ended() { grep -q '^difftest: end' "$results/$1.console"; }

rm -f "$results"/{hart,guest}{,.console}
t0=$SECONDS
step "on a hart" on_hart || true
step "in a guest" in_guest || true
cases hart || true
cases guest || true
count=$(wc -l <"$results/guest")
rc=0; ended hart || rc=1
point "$rc" "the program runs to its end on a hart"
rc=0; ended guest || rc=1
point "$rc" "the program runs to its end in a guest"
rc=0; "$LAB/lib/difftest-compare" "$results" "$PROJECT/tools/difftest/exceptions" || rc=$?
point $((rc & 1)) "hart and guest differ by exceptions alone"
[ "$seed $programs" = "1 600" ] || rc=0
point $((rc & 2)) "every exception has its use"
point $((count < 2000)) "$count cases in $((SECONDS - t0)) s"
exit "$failed"
