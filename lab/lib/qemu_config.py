# SPDX-License-Identifier: GPL-2.0-only
"""The machine that kunit.py boots for `lab/kunit riscv` (option --qemu_config).

lab/kunit puts the lab's qemu-system-riscv64 first in PATH. kunit/kunitconfig.riscv has the
options of the kernel.
"""

from ..qemu_config import QemuArchParams

QEMU_ARCH = QemuArchParams(linux_arch='riscv',
			   kconfig='',
			   qemu_arch='riscv64',
			   kernel_path='arch/riscv/boot/Image',
			   kernel_command_line='console=ttyS0 panic=-1',
			   extra_qemu_params=['-machine', 'virt', '-cpu', 'max', '-smp', '2'])
