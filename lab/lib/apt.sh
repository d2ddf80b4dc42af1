# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Debian packages, without a change to the machine's own: each set of suites (a "view") has an apt
# state directory and an empty dpkg status. Needs no privilege. Sourced.

# find_mirror: print RVHV_MIRROR, or else the mirror that the machine's apt uses for Debian.
find_mirror() {
	local uri=${RVHV_MIRROR:-}
	[ -n "$uri" ] || uri=$(apt-get indextargets --format "\$(RELEASE) \$(REPO_URI)" \
		'Created-By: Packages' 2>/dev/null |
		awk '$1 ~ /^(bookworm|trixie|forky|sid|stable|oldstable|testing|unstable)$/ { print $2; exit }')
	[ -n "$uri" ] || die "apt knows no Debian mirror here; name one in RVHV_MIRROR"
	echo "${uri%/}"
}

# view NAME SUITE...: use the view of these suites from here on (sets APT_CONFIG).
# Its files are new ones: a cache may be a copy made of hard links.
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
	# A mirror in the middle of a sync lacks some lists. A package that is then missing is reported
	# when it is asked for.
	step "package lists ($*)" log_to "$CACHE/log/apt-$name" apt-get update || stale_lists "$name"
}

# stale_lists VIEW: during a sync of the mirror its riscv64 lists do not match its signed Release.
# Use them unverified: riscv64 programs run in the emulated machine only. The amd64 lists stay
# verified.
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

# newest PACKAGE [PREFIX]: print its newest version in the view that starts with PREFIX.
newest() {
	local v
	v=$(apt-cache madison "$1" | awk -v p="${2:-}" '
		index($3, p) == 1 { print $3 }' | sort -Vru | sed -n 1p)
	[ -n "$v" ] || die "no package $1 ${2:-} in the suites of this view"
	echo "$v"
}

unpack() {
	local dir=$1
	shift
	# base-files has the links of a merged /usr, so it is the first.
	local deb first=() rest=()
	for deb; do
		case $deb in */base-files_*) first+=("$deb") ;; *) rest+=("$deb") ;; esac
	done
	for deb in ${first[@]+"${first[@]}"} ${rest[@]+"${rest[@]}"}; do
		dpkg-deb --fsys-tarfile "$deb" |
			tar -C "$dir" --keep-directory-symlink --no-same-owner -xpf -
	done
}

# with_deps DIR PACKAGE...: download packages with their dependencies and unpack them into DIR.
with_deps() {
	local dir=$1 archives=${APT_CONFIG%/*}/archives
	shift
	rm -f "$archives"/*.deb
	step "download: $# packages and what they need" log_to "$CACHE/log/download" \
		apt-get install -y --download-only "$@" || return
	step "unpacking" unpack "$dir" "$archives"/*.deb || return
	rm -f "$archives"/*.deb
}

alone() {
	local dir=$1 tmp
	shift
	tmp=$(mktemp -d "$CACHE/deb.XXXXXX")
	step "download: $*" log_to "$CACHE/log/download" fetch "$tmp" "$@"
	unpack "$dir" "$tmp"/*.deb
	rm -rf "$tmp"
}

fetch() { cd "$1" && shift && apt-get download "$@"; }
