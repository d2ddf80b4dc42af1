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
extensions = ["kerneldoc", "sphinx.ext.graphviz"]
kerneldoc_bin = os.path.join(kernel, "scripts", "kernel-doc")
kerneldoc_srctree = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
kerneldoc_verbosity = 1

primary_domain = "c"
highlight_language = "none"
html_theme = "furo"
html_title = "rvhv"
html_static_path = ["static"]
html_css_files = ["rvhv.css"]
html_copy_source = False
graphviz_dot = os.environ["RVHV_DOT"]
graphviz_output_format = "svg"
man_pages = [("rvhv.4", "rvhv", "hypervisor for RISC-V hosts", [author], 4)]
