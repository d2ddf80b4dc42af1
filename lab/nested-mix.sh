#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only

usage() {
	cat <<-'TEXT'
	usage: lab/nested-mix.sh [-k KERNEL] [short|long|CASE...]
	Guests that are hypervisors and their guests, in many mixtures: the cases of lab/in-host/nested-cases with
	`short' in their second column, which is the default, all of them (long), or those named.
	  -k KERNEL  of the host: stock (default), 7.2 or debug
	TAP output, at the end a line 'N passed, N failed, N skipped'; status 1 if a case fails. The
	consoles are in out/nested/CASE.log.
	TEXT
}

. "$(dirname "$0")/lib/common.sh"
# shellcheck source=lab/lib/image.sh
. "$LAB/lib/image.sh"

kernel=stock
while getopts k:h opt; do
	case $opt in
	k) kernel=$OPTARG ;;
	h) usage; exit ;;
	*) usage >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))

# names HOST: of the chosen cases, those for this host
table=$(sed '/^#/d;/^$/d' "$LAB/in-host/nested-cases")
case ${1:-short} in
short) chosen=$(awk '$2 == "short" { print $1 }' <<<"$table") ;;
long) chosen=$(awk '{ print $1 }' <<<"$table") ;;
*) chosen=$(printf '%s\n' "$@") ;;
esac
names() { awk -v host="$1" 'NR == FNR { c[$1]; next } $1 in c && $3 == host { print $1 }' \
	<(echo "$chosen") <(echo "$table"); }
for name in $chosen; do
	awk -v name="$name" '$1 == name { found = 1 } END { exit !found }' <<<"$table" ||
		die "no case $name in lab/in-host/nested-cases"
done

# uses COLUMN VALUE: does a chosen case have it there?
uses() {
	awk -v column="$1" -v value="$2" 'NR == FNR { c[$1]; next }
		$1 in c && $column == value { found = 1 } END { exit !found }' \
		<(echo "$chosen") <(echo "$table")
}

kernels=()
for k in stock 7.2; do
	! uses 4 "$k" || kernels+=("$k")
done
for k in "$kernel" "${kernels[@]}"; do
	"$LAB/module" "$k"
done
step "building rvhv-run" inroot make -s -C "$PROJECT/tools" O="$OUT/tools" SUBDIRS=rvhv-run
prepare_kernel guest
prepare_guest_image

# What an L1 has: its L2s' kernels and initramfs, and both hypervisors for its kernel
dir=$OUT/nested-images
rm -rf "$dir"
mkdir -p "$dir/l2/rvhv" "$dir/l2-nested/rvhv"
cp "$LAB/in-guest/memory" "$dir/l2/rvhv/"
cpio_of "$dir/l2" "$dir/l2-extra.cpio"
cat "$CACHE/guest/guest.cpio" "$dir/l2-extra.cpio" >"$dir/l2.cpio"
files=(-G "$OUT/tools/rvhv-run" -G "$LAB/in-guest/nested-mix-l1" -G "$dir/l2.cpio"
	-G "$CACHE/kernel/guest/Image:/rvhv/Image-l2"
	-g stock)
for k in "${kernels[@]}"; do
	files+=(-f "$CACHE/kernel/$k/Image:/rvhv/Image-$k"
		-G "$OUT/$k/rvhv.ko:/rvhv/rvhv-$(cat "$CACHE/kernel/$k/release").ko"
		-G "$CACHE/kernel/$k/modules/lib/modules:/lib/modules")
done
# Too large for all cases
! uses 7 stock || files+=(-G "$CACHE/kernel/stock/Image:/rvhv/Image-stock")
if uses 7 l3; then
	cp "$OUT/tools/rvhv-run" "$LAB/in-guest/nested-mix-l1" "$dir/l2.cpio" "$dir/l2-nested/rvhv/"
	cp "$OUT/7.2/rvhv.ko" "$dir/l2-nested/rvhv/rvhv-$(cat "$CACHE/kernel/7.2/release").ko"
	cp "$CACHE/kernel/guest/Image" "$dir/l2-nested/rvhv/Image-l2"
	cpio_of "$dir/l2-nested" "$dir/l2-extra.cpio"
	cat "$CACHE/guest/guest.cpio" "$dir/l2-extra.cpio" >"$dir/l2-nested.cpio"
	files+=(-G "$dir/l2-nested.cpio" -G "$CACHE/kernel/7.2/Image:/rvhv/Image-l1")
fi

# boot CPU CASE...
boot() {
	local cpu=$1
	shift
	[ $# -gt 0 ] || return 0
	"$LAB/host" -k "$kernel" -c "$cpu" -t $((400 + 600 * $#)) -o "$OUT/nested" \
		-f "$OUT/$kernel/rvhv.ko" -f "$OUT/tools/rvhv-run" -f "$LAB/in-host/nested-cases" \
		"${files[@]}" \
		"$LAB/in-host/nested-mix" "$@" || echo "# this host failed"
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
hosts=0
mapfile -t sstc < <(names sstc)
mapfile -t nosstc < <(names nosstc)
[ "${#sstc[@]}" -eq 0 ] || hosts=$((hosts + 1))
[ "${#nosstc[@]}" -eq 0 ] || hosts=$((hosts + 1))
{
	boot max ${sstc[@]+"${sstc[@]}"}
	boot max,sstc=off ${nosstc[@]+"${nosstc[@]}"}
} 2>&1 | tee "$log"

# What was planned and never came is a failure too, and so is a host without a plan.
awk -v hosts="$hosts" '
	/^1\.\.[0-9]+/ { plans++; planned += substr($1, 4) }
	/^ok [0-9]+ / { passed++ }
	/^not ok [0-9]+ / { failed++ }
	END {
		if (planned > passed + failed)
			failed += planned - passed - failed
		failed += hosts - plans
		printf "%d passed, %d failed, 0 skipped\n", passed, failed
		exit (failed > 0)
	}
' "$log"
