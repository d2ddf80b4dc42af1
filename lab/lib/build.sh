# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Kernels built from Debian's source, in CACHE/kernel/NAME/build, incrementally. Sourced by kernel.sh
# and hart.sh.

# config_of NAME: print the configuration fragments that are added to allnoconfig.
config_of() {
	case $1 in
	guest) echo "$LAB/config/guest-kernel.config" ;;
	debug) printf '%s\n' "$LAB/config/host-kernel.config" "$LAB/config/debug.config" ;;
	*) echo "$LAB/config/host-kernel.config" ;;
	esac
}

source_of() {
	case $1 in
	guest) echo 6.12 ;;
	*) echo 7.2 ;;
	esac
}

localversion_of() {
	case $1 in
	7.2) echo -rvhv ;;
	*) echo "-rvhv-$1" ;;
	esac
}

kmake() {
	local name=$1
	shift
	inroot nice -n 15 make -s -C "$CACHE/src/$(source_of "$name")" O="$CACHE/kernel/$name/build" ARCH=riscv \
		CROSS_COMPILE=riscv64-linux-gnu- KBUILD_BUILD_USER=lab KBUILD_BUILD_HOST=rvhv \
		-j"$(nproc)" "$@"
}

# missing_options FRAGMENTS CONFIG: print the options that CONFIG lacks. A test may need one.
missing_options() {
	grep -hE '^CONFIG_[A-Z0-9_]+=[ym]' "$1" | sort -u | while read -r line; do
		grep -qx "${line%=*}=[ym]" "$2" || printf '%s ' "${line%=*}"
	done
}

with_progress() {
	local dir=$1 t0=$SECONDS pid rc=0
	shift
	"$@" &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		sleep 1
		(((SECONDS - t0) % 30)) || say "... $(find "$dir" -name '*.o' | wc -l) objects," \
			"$((SECONDS - t0)) s"
	done
	wait "$pid" || rc=$?
	return "$rc"
}

build_kernel() {
	local name=$1 dir=$CACHE/kernel/$1 build=$CACHE/kernel/$1/build log=$CACHE/log/kernel-$1
	local fragments lost
	"$LAB/source" "$(source_of "$name")" >/dev/null
	prepare_root
	mkdir -p "$build"
	mapfile -t fragments < <(config_of "$name")
	cat "${fragments[@]}" >"$dir/fragments"
	echo "CONFIG_LOCALVERSION=\"$(localversion_of "$name")\"" >>"$dir/fragments"
	log_to "$log-config" kmake "$name" KCONFIG_ALLCONFIG="$dir/fragments" allnoconfig
	lost=$(missing_options "$dir/fragments" "$build/.config")
	[ -z "$lost" ] || say "kernel $name has no $lost"
	with_progress "$build" log_to "$log" kmake "$name" Image modules
	rm -rf "$dir/install" "$dir/modules"
	log_to "$log-install" kmake "$name" INSTALL_MOD_PATH="$dir/install" modules_install
	kmake "$name" kernelrelease | sed -n '$p' >"$dir/release"
	cp "$build/arch/riscv/boot/Image" "$dir/Image"
	pick_modules "$dir/install" "$(cat "$dir/release")" "$dir/modules"
	rm -rf "$dir/install"
}

make_72() { build_kernel 7.2; }
make_debug() { build_kernel debug; }
make_guest() { build_kernel guest; }

# The scripts are no part of the key: a kernel takes many minutes, and make finds what is stale.
prepare_built() {
	local fragments source
	prepare_root
	source=$(source_of "$1")
	"$LAB/source" "$source" >/dev/null
	mapfile -t fragments < <(config_of "$1")
	piece "kernel/$1" "$(key "${fragments[@]}" "$CACHE/stamp/src-$source")" "make_${1/./}"
}
