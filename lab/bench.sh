#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only

usage() {
	cat <<-'TEXT'
	usage: lab/bench.sh [--self]
	Boot the stock host with one CPU that counts instructions, and measure exits, VMs and the boot of
	a guest on kvm.ko and on rvhv.ko. Prints three tables, kept in out/:
	  bench.csv         both modules. Status 1 if rvhv.ko costs more than kvm.ko in any row, beyond
	                    the measuring error of 0.3 % and half a unit, in times 1 %.
	  bench-sample.csv  exits of rvhv.ko with another module's SBI extension and exit handler
	                    registered, and with its observer of SBI calls. Status 1 if registering adds
	                    more than 20 instructions to an exit that rvhv handles.
	  bench-nested.csv  guests that are hypervisors: a flat one, and the stock kernel with its own
	                    kvm.ko. Status 1 if a row is above its bound.
	  --self  measure kvm.ko against itself: shows the measuring error
	TEXT
}

. "$(dirname "$0")/lib/common.sh"
# shellcheck source=lab/lib/image.sh
. "$LAB/lib/image.sh"

self=
case ${1:-} in
'') ;;
--self) self=1 ;;
*) wrong_usage ;;
esac

build_tools rvhv-run bench

files=(-f "$OUT/tools/bench" -f "$OUT/tools/rvhv-run")
if [ -z "$self" ]; then
	"$LAB/module" stock
	files+=(-f "$OUT/stock/rvhv.ko" -f "$OUT/stock/rvhv_sample.ko")
	files+=(-G "$OUT/tools/bench" -G "$OUT/tools/rvhv-run" -G "$LAB/in-guest/bench-l1")
	prepare_kernel stock
	prepare_guest_image
	files+=(-G "$CACHE/kernel/stock/Image:/rvhv/Image-l2" -G "$CACHE/guest/guest.cpio:/rvhv/l2.cpio")
fi

results=$OUT/bench
rm -rf "$results"
# Without AIA: kvm.ko of 6.12 does not release its guest external interrupt when it is unloaded.
step "measuring" "$LAB/host" -i -c rv64,v=on -t 1500 -g stock "${files[@]}" \
	-o "$results" "$LAB/in-host/bench"

# join_rows KVM RVHV: one row per operation with both values and their ratio.
join_rows() {
	awk -F, -v OFS=, '
		NR == FNR { kvm[$1] = $3; next }
		FNR == 1 { print "operation", "unit", "kvm", "rvhv", "ratio" }
		{ print $1, $2, kvm[$1], $3, (kvm[$1] > 0 ? sprintf("%.3f", $3 / kvm[$1]) : "") }
	' "$1" "$2"
}

kvm_rows=$(wc -l <"$results/kvm.csv")
[ "$kvm_rows" -eq "$(wc -l <"$results/rvhv.csv")" ] || die "the modules gave different rows"
join_rows "$results/kvm.csv" "$results/rvhv.csv" >"$OUT/bench.csv"

slower=0
awk -F, '
	{ printf "%-42s %-13s %12s %12s %7s\n", $1, $2, $3, $4, $5 }
	NR > 1 && $4 > $3 * ($2 == "ms" ? 1.01 : 1.003) + 0.5 {
		slower++
		slow = slow sprintf("bench: slower than KVM: %s: %s against %s %s\n", $1, $4, $3, $2)
	}
	END { printf "%s", slow >"/dev/stderr"; exit (slower > 0) }
' "$OUT/bench.csv" || slower=1

[ -z "$self" ] || exit "$slower"

# The rows of the sample's own extension are left out.
awk -F, -v OFS=, '
	FILENAME ~ /rvhv.csv$/ { rvhv[$1] = $3 }
	FILENAME ~ /sample0.csv$/ { sample[$1] = $3 }
	FILENAME ~ /sample1.csv$/ {
		if (!header++)
			print "operation", "unit", "alone", "with a sample", "observed"
		print $1, $2, rvhv[$1], sample[$1], $3
	}
' "$results/rvhv.csv" "$results/sample0.csv" "$results/sample1.csv" >"$OUT/bench-sample.csv"
echo
awk -F, -v slower="$slower" '
	{ printf "%-42s %-13s %12s %14s %12s\n", $1, $2, $3, $4, $5 }
	NR > 1 && $1 !~ /sample/ && $4 > $3 + 20 {
		slower++
		slow = slow sprintf("bench: registering costs: %s: %s against %s\n", $1, $4, $3)
	}
	END { printf "%s", slow >"/dev/stderr"; exit (slower > 0) }
' "$OUT/bench-sample.csv" || slower=1

# The host's part of an L2's call is its cost in the L2 less its cost with the same kvm.ko on the
# host. Exits are counted between the two marks: 21 batches of 1000 calls.
awk -F, -v OFS=, '
	FILENAME ~ /kvm.csv$/ { kvm[$1] = $3; next }
	FILENAME ~ /rvhv.csv$/ { rvhv[$1] = $3; next }
	FILENAME ~ /nested.csv$/ { if (!header++) print "operation", "unit", "value", "bound"; print; next }
	FILENAME ~ /stats$/ {
		if (split($0, word, " ") == 3 && word[2] == "exits")
			exits[marks] = word[3]
		else if (!NF)
			marks++
		next
	}
	sub(/^row /, "") { sub(/\r$/, ""); l2[$1] = $3 }
	END {
		call = "null SBI call"
		boot = "guest boot to power-off"
		print "stock KVM as L1: exits for a null SBI call", "exits", (exits[1] - exits[0]) / 21000, 11
		print "stock KVM as L1: null SBI call of its guest", "instructions", l2[call], ""
		print "stock KVM as L1: the part of the host of it", "instructions", l2[call] - kvm[call], 5000
		print "stock KVM as L1: boot of its guest", "ms", l2["boot"], ""
		print "stock KVM as L1: that boot to one of an L1", "times", l2["boot"] / rvhv[boot], 4
	}
' "$results/kvm.csv" "$results/rvhv.csv" "$results/nested.csv" "$results/nested-stats" \
	"$results/nested-l1.log" >"$OUT/bench-nested.csv"
echo
awk -F, -v slower="$slower" '
	{ printf "%-48s %-13s %12s %8s\n", $1, $2, $3, $4 }
	NR > 1 && $4 != "" && !($3 <= $4) {
		slower++
		slow = slow sprintf("bench: beyond its bound: %s: %s, %s\n", $1, $3, $4)
	}
	END { printf "%s", slow >"/dev/stderr"; exit (slower > 0) }
' "$OUT/bench-nested.csv"
