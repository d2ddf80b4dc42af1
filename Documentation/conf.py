# SPDX-License-Identifier: GPL-2.0-only
"""Sphinx configuration; `make htmldocs` (lab/docs.sh) builds it.

The kernel-doc directive and the program behind it are the kernel's: RVHV_KERNEL_SOURCE names a
kernel source tree.
"""
# pylint: disable=invalid-name
import os
import sys

kernel = os.environ["RVHV_KERNEL_SOURCE"]
sys.path.insert(0, os.path.join(kernel, "Documentation", "sphinx"))

project = "rvhv"
author = "The rvhv authors"
copyright = "the rvhv authors, GPL-2.0-only"  # pylint: disable=redefined-builtin
extensions = ["kerneldoc"]
kerneldoc_bin = os.path.join(kernel, "scripts", "kernel-doc")
kerneldoc_srctree = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
kerneldoc_verbosity = 1

primary_domain = "c"
highlight_language = "none"
html_theme = "alabaster"
html_theme_options = {"page_width": "1100px", "description": "a hypervisor for RISC-V Linux hosts"}
html_sidebars = {"**": ["about.html", "navigation.html", "searchbox.html"]}
man_pages = [("rvhv.4", "rvhv", "hypervisor for RISC-V hosts", [author], 4)]
