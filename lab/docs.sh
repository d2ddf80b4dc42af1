#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lab/docs.sh: the documentation as HTML, by Sphinx, into out/html. Sphinx is Debian's, unpacked into
# CACHE/sphinx and run by the root's Python; kernel-doc and its Sphinx directive are the kernel's.
# A warning is an error. Manual pages go into out/man.

. "$(dirname "$0")/lib/common.sh"
# shellcheck source=lab/lib/root.sh
. "$LAB/lib/root.sh"

make_sphinx() {
	local dir python
	dir=$(newdir sphinx)
	python=$dir/usr/lib/python3/dist-packages
	view trixie trixie
	# base-files has to be there before what unpacks over a merged /usr.
	with_deps "$dir" base-files python3-sphinx
	# Only Python code and the files that themes are made of are of use.
	find "$dir" -mindepth 1 -maxdepth 1 ! -name usr -exec rm -rf {} +
	rm -rf "${dir:?}"/usr/{bin,sbin,lib/x86_64-linux-gnu,share/doc,share/locale,share/man}
	# Debian's packages look for their data at fixed places, one of which a script would fill.
	cat "$dir"/usr/share/ca-certificates/mozilla/*.crt >"$dir/usr/share/ca.crt"
	sed -i "s|'/usr/share/|'$CACHE/sphinx/usr/share/|" "$python/sphinx/__init__.py" \
		"$python/docutils/__init__.py"
	sed -i "s|/etc/ssl/certs/ca-certificates.crt|$CACHE/sphinx/usr/share/ca.crt|" \
		"$python/certifi/core.py"
	publish sphinx
}

piece sphinx "$(key "$LAB/docs.sh" "$LAB/lib/apt.sh" "$CACHE/stamp/root") $CACHE" make_sphinx
source=$("$LAB/source" 6.12)
cd "$PROJECT"

# sphinx BUILDER DIR
sphinx() {
	inroot env PYTHONPATH="$CACHE/sphinx/usr/lib/python3/dist-packages" PYTHONDONTWRITEBYTECODE=1 \
		RVHV_KERNEL_SOURCE="$source" nice python3 -m sphinx -b "$1" -W --keep-going -q \
		-d "$OUT/doctrees" Documentation "$2"
}

mkdir -p "$OUT"
sphinx html "$OUT/html"
sphinx man "$OUT/man"
say "out/html/index.html, out/man/rvhv.4"
