#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only

usage() {
	cat <<-'TEXT'
	usage: lab/nested-mix.sh [-k KERNEL] [short|long|CASE...]
	Run guests that are hypervisors, and their guests: the cases of lab/in-host/nested-cases whose
	second column is short (default), all of them (long), or those named.
	  -k KERNEL  the host's kernel: stock (default), 7.2 or debug
	Prints TAP and at the end 'N passed, N failed, N skipped'; status 1 if a case failed. The
	consoles are kept in out/nested/CASE.log.
	TEXT
}

. "$(dirname "$0")/lib/common.sh"
# shellcheck source=lab/lib/image.sh
. "$LAB/lib/image.sh"
# shellcheck source=lab/lib/tap.sh
. "$LAB/lib/tap.sh"

kernel=stock
while getopts k: opt; do
	case $opt in
	k) kernel=$OPTARG ;;
	*) wrong_usage ;;
	esac
done
shift $((OPTIND - 1))

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

# uses COLUMN VALUE: succeeds if a chosen case has VALUE in COLUMN.
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
build_tools rvhv-run
prepare_kernel guest
prepare_guest_image

# An L1 gets the kernels and the initramfs of its L2s, and both hypervisors for its own kernel.
dir=$OUT/nested-images
rm -rf "$dir"
mkdir -p "$dir/l2/rvhv" "$dir/l2-nested/rvhv"
cp "$LAB/in-guest/memory" "$dir/l2/rvhv/"
cpio_of "$dir/l2" "$dir/l2-extra.cpio"
cat "$CACHE/guest/guest.cpio" "$dir/l2-extra.cpio" >"$dir/l2.cpio"
files=(-G "$OUT/tools/rvhv-run" -G "$LAB/in-guest/nested-mix-l1" -G "$LAB/lib/guest-log.sh"
	-G "$dir/l2.cpio"
	-G "$CACHE/kernel/guest/Image:/rvhv/Image-l2"
	-g stock)
for k in "${kernels[@]}"; do
	files+=(-f "$CACHE/kernel/$k/Image:/rvhv/Image-$k"
		-G "$OUT/$k/rvhv.ko:/rvhv/rvhv-$(cat "$CACHE/kernel/$k/release").ko"
		-G "$CACHE/kernel/$k/modules/lib/modules:/lib/modules")
done
# This one is large: only if a case boots it.
! uses 7 stock || files+=(-G "$CACHE/kernel/stock/Image:/rvhv/Image-stock")
if uses 7 l3; then
	cp "$OUT/tools/rvhv-run" "$LAB/in-guest/nested-mix-l1" "$LAB/lib/guest-log.sh" "$dir/l2.cpio" \
		"$dir/l2-nested/rvhv/"
	cp "$OUT/7.2/rvhv.ko" "$dir/l2-nested/rvhv/rvhv-$(cat "$CACHE/kernel/7.2/release").ko"
	cp "$CACHE/kernel/guest/Image" "$dir/l2-nested/rvhv/Image-l2"
	cpio_of "$dir/l2-nested" "$dir/l2-extra.cpio"
	cat "$CACHE/guest/guest.cpio" "$dir/l2-extra.cpio" >"$dir/l2-nested.cpio"
	files+=(-G "$dir/l2-nested.cpio" -G "$CACHE/kernel/7.2/Image:/rvhv/Image-l1")
fi

boot() {
	local cpu=$1
	shift
	"$LAB/host" -k "$kernel" -c "$cpu" -t $((400 + 600 * $#)) -o "$OUT/nested" \
		-f "$OUT/$kernel/rvhv.ko" -f "$OUT/tools/rvhv-run" -f "$LAB/in-host/nested-cases" \
		"${files[@]}" "$LAB/in-host/nested-mix" "$@"
}

mapfile -t sstc < <(names sstc)
mapfile -t nosstc < <(names nosstc)
[ "${#sstc[@]}" -eq 0 ] || tap_step 'with Sstc' boot max "${sstc[@]}"
[ "${#nosstc[@]}" -eq 0 ] || tap_step 'without Sstc' boot max,sstc=off "${nosstc[@]}"
tap_close
