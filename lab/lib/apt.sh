# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Debian packages without touching the machine's own: apt with a state directory of its own
# per set of suites (a "view"), and an empty dpkg status. Needs no privilege. Sourced.

# The mirror is the one the machine's own apt uses for Debian.
find_mirror() {
	local uri=${RVHV_MIRROR:-}
	[ -n "$uri" ] || uri=$(apt-get indextargets --format "\$(RELEASE) \$(REPO_URI)" \
		'Created-By: Packages' 2>/dev/null |
		awk '$1 ~ /^(bookworm|trixie|forky|sid|stable|oldstable|testing|unstable)$/ { print $2; exit }')
	[ -n "$uri" ] || die "apt knows no Debian mirror here; name one in RVHV_MIRROR"
	echo "${uri%/}"
}

# view NAME SUITE...: use the view of these suites from here on (sets APT_CONFIG).
view() {
	local name=$1 dir=$CACHE/apt/$1 mirror suite keys=/usr/share/keyrings/debian-archive-keyring.gpg
	shift
	need apt-get:apt dpkg-deb:dpkg
	[ -e "$keys" ] || die "missing on this machine: apt-get install debian-archive-keyring"
	mkdir -p "$dir/lists/partial" "$dir/archives/partial"
	mirror=$(find_mirror)
	rm -f "$dir"/{status,sources.list,apt.conf}
	: >"$dir/status"
	for suite; do
		echo "deb [signed-by=$keys] $mirror $suite main"
	done >"$dir/sources.list"
	cat >"$dir/apt.conf" <<-CONF
		APT::Architecture "amd64";
		APT::Architectures { "amd64"; "riscv64"; };
		APT::Install-Recommends "false";
		APT::Sandbox::User "root";
		Dir::State "$dir";
		Dir::State::status "$dir/status";
		Dir::State::lists "$dir/lists";
		Dir::Cache "$dir";
		Dir::Cache::archives "$dir/archives";
		Dir::Etc::sourcelist "$dir/sources.list";
		Dir::Etc::sourceparts "-";
		Dir::Etc::preferencesparts "-";
		Dir::Etc::preferences "-";
		Acquire::Languages "none";
		Acquire::Retries "3";
		Acquire::Check-Valid-Until "false";
	CONF
	export APT_CONFIG=$dir/apt.conf
	# A mirror may be in the middle of a sync for one suite or architecture: what is really
	# missing shows when a package is asked for.
	step "package lists ($*)" log_to "$CACHE/log/apt-$name" apt-get update || stale_lists "$name"
}

# stale_lists VIEW: the mirror's lists of riscv64 packages are not those of its signed Release, which
# lasts as long as a sync of the mirror. The machine's own architecture is never taken unsigned. What
# is for riscv64 runs nowhere but in the emulated machine: its lists are taken as they are.
stale_lists() {
	local dir=${APT_CONFIG%/*} uri file
	say "WARNING: the mirror's riscv64 lists do not match its signed Release; using them unverified"
	sed -i 's/^deb \[/&arch=amd64 /' "$dir/sources.list"
	log_to "$CACHE/log/apt-$1" apt-get update || :
	sed -i 's/arch=amd64 //' "$dir/sources.list"
	apt-get indextargets --format "\$(URI) \$(FILENAME)" 'Created-By: Packages' 'Architecture: amd64' |
		sed 's/binary-amd64/binary-riscv64/g; s/Packages[.][a-z0-9]*$/Packages/' |
		while read -r uri file; do
			/usr/lib/apt/apt-helper download-file "$uri.xz" "$file.xz" >/dev/null || continue
			xz -dc <"$file.xz" >"$file"
			rm -f "$file.xz"
		done
}

# newest PACKAGE [PREFIX]: its newest version in the view (that starts with PREFIX).
newest() {
	local v
	v=$(apt-cache madison "$1" | awk -v p="${2:-}" '
		index($3, p) == 1 { print $3 }' | sort -Vru | sed -n 1p)
	[ -n "$v" ] || die "no package $1 ${2:-} in the suites of this view"
	echo "$v"
}

# unpack DIR DEB...: packages' files, without their scripts.
unpack() {
	local dir=$1
	shift
	# base-files brings the merged-/usr links; they must be there before anything else.
	local deb first=() rest=()
	for deb; do
		case $deb in */base-files_*) first+=("$deb") ;; *) rest+=("$deb") ;; esac
	done
	for deb in ${first[@]+"${first[@]}"} ${rest[@]+"${rest[@]}"}; do
		dpkg-deb --fsys-tarfile "$deb" |
			tar -C "$dir" --keep-directory-symlink --no-same-owner -xpf -
	done
}

# with_deps DIR PACKAGE...: packages and all they depend on, unpacked into DIR.
with_deps() {
	local dir=$1 archives=${APT_CONFIG%/*}/archives
	shift
	rm -f "$archives"/*.deb
	step "download: $# packages and what they need" log_to "$CACHE/log/download" \
		apt-get install -y --download-only "$@" || return
	step "unpacking" unpack "$dir" "$archives"/*.deb || return
	rm -f "$archives"/*.deb
}

# alone DIR PACKAGE...: just these packages, unpacked into DIR.
alone() {
	local dir=$1 tmp
	shift
	tmp=$(mktemp -d "$CACHE/deb.XXXXXX")
	step "download: $*" log_to "$CACHE/log/download" fetch "$tmp" "$@"
	unpack "$dir" "$tmp"/*.deb
	rm -rf "$tmp"
}

fetch() { cd "$1" && shift && apt-get download "$@"; }
