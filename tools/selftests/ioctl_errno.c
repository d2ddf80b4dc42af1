// SPDX-License-Identifier: GPL-2.0-only
/* Unknown ioctls and bad arguments: the errno of each object */
#include "check.h"

TEST(api)
{
	int dev = rvm_open();

	EXPECT_EQ(KVM_API_VERSION, IOCTL(dev, KVM_GET_API_VERSION, 0));
	EXPECT_EQ(-EINVAL, IOCTL(dev, KVM_GET_API_VERSION, 1));
	EXPECT_LE(sizeof(struct kvm_run), IOCTL(dev, KVM_GET_VCPU_MMAP_SIZE, 0));
	EXPECT_EQ(0, IOCTL(dev, KVM_GET_VCPU_MMAP_SIZE, 0) % RVM_PAGE);
	EXPECT_EQ(-EINVAL, IOCTL(dev, KVM_GET_VCPU_MMAP_SIZE, 1));
}

TEST(extensions)
{
	static const long present[] = {
		KVM_CAP_USER_MEMORY, KVM_CAP_ONE_REG, KVM_CAP_MP_STATE, KVM_CAP_IMMEDIATE_EXIT,
		KVM_CAP_READONLY_MEM, KVM_CAP_IOEVENTFD, KVM_CAP_IOEVENTFD_ANY_LENGTH,
		KVM_CAP_DEVICE_CTRL, KVM_CAP_CHECK_EXTENSION_VM, KVM_CAP_ENABLE_CAP_VM,
		KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, KVM_CAP_BINARY_STATS_FD, KVM_CAP_COALESCED_MMIO,
		KVM_CAP_NR_VCPUS, KVM_CAP_MAX_VCPUS, KVM_CAP_NR_MEMSLOTS,
		KVM_CAP_USER_MEMORY2, KVM_CAP_VM_GPA_BITS, KVM_CAP_SYNC_MMU,
		KVM_CAP_DESTROY_MEMORY_REGION_WORKS, KVM_CAP_JOIN_MEMORY_REGIONS_WORKS,
	};
	static const long absent[] = {
		-1, 0x7fffffff, 100000, KVM_CAP_IRQ_INJECT_STATUS, KVM_CAP_XSAVE2, KVM_CAP_PIT,
		KVM_CAP_GUEST_MEMFD, KVM_CAP_S390_GMAP, KVM_CAP_ARM_VM_IPA_SIZE,
	};
	struct rvm vm;

	rvm_create_bare(&vm);
	for (int i = 0; i < ARRAY_SIZE(present); i++) {
		EXPECT_LT(0, IOCTL(vm.dev, KVM_CHECK_EXTENSION, present[i])) {
			TH_LOG("device, capability %ld", present[i]);
		}
		EXPECT_LT(0, IOCTL(vm.fd, KVM_CHECK_EXTENSION, present[i])) {
			TH_LOG("VM, capability %ld", present[i]);
		}
	}
	for (int i = 0; i < ARRAY_SIZE(absent); i++) {
		EXPECT_EQ(0, IOCTL(vm.dev, KVM_CHECK_EXTENSION, absent[i])) {
			TH_LOG("device, capability %ld", absent[i]);
		}
		EXPECT_EQ(0, IOCTL(vm.fd, KVM_CHECK_EXTENSION, absent[i])) {
			TH_LOG("VM, capability %ld", absent[i]);
		}
	}
	EXPECT_LE(IOCTL(vm.fd, KVM_CHECK_EXTENSION, KVM_CAP_NR_VCPUS),
		  IOCTL(vm.fd, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS));
	EXPECT_LE(39, IOCTL(vm.fd, KVM_CHECK_EXTENSION, KVM_CAP_VM_GPA_BITS));
}

/* Ioctls of no object, of another object, or of another architecture */
TEST(unknown)
{
	static const unsigned long everywhere[] = {
		_IO(KVMIO, 0xff), _IOW(KVMIO, 0xfe, long), _IO(0xB0, 1), _IO('T', 1), 0, ~0U,
		_IOW(KVMIO, 0x46, char), _IO(KVMIO, 0x46),
	};
	struct rvm vm;
	struct rvcpu vcpu;
	char buf[8192] = { 0 };

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	for (int i = 0; i < ARRAY_SIZE(everywhere); i++) {
		int fds[] = { vm.dev, vm.fd, vcpu.fd };

		for (int j = 0; j < ARRAY_SIZE(fds); j++) {
			long ret = IOCTL(fds[j], everywhere[i], (unsigned long)buf);

			EXPECT_TRUE(ret == -EINVAL || ret == -ENOTTY) {
				TH_LOG("object %d, ioctl %#lx: %ld", j, everywhere[i], ret);
			}
		}
	}
	EXPECT_EQ(-EINVAL, IOCTL(vm.dev, KVM_RUN, 0));
	EXPECT_EQ(-EINVAL, IOCTL(vm.dev, KVM_CREATE_VCPU, 1));
	EXPECT_EQ(-EINVAL, IOCTL(vm.fd, KVM_RUN, 0));
	EXPECT_EQ(-EINVAL, IOCTL(vm.fd, KVM_CREATE_VM, 0));
	EXPECT_EQ(-EINVAL, IOCTL(vm.fd, KVM_GET_ONE_REG, buf));
	EXPECT_EQ(-EINVAL, IOCTL(vcpu.fd, KVM_CREATE_VCPU, 1));
	EXPECT_EQ(-EINVAL, IOCTL(vcpu.fd, KVM_SET_USER_MEMORY_REGION, buf));
	EXPECT_EQ(-EINVAL, IOCTL(vcpu.fd, KVM_NMI, 0));
	EXPECT_EQ(-EINVAL, IOCTL(vm.fd, KVM_CREATE_IRQCHIP, 0));
	EXPECT_EQ(-ENXIO, IOCTL(vm.fd, KVM_IRQ_LINE, buf));
}

TEST(create_vcpu)
{
	struct rvm vm;
	long max_id;
	int fd;

	rvm_create_bare(&vm);
	max_id = IOCTL(vm.fd, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPU_ID);
	if (!max_id)
		max_id = IOCTL(vm.fd, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS);
	EXPECT_EQ(-EINVAL, IOCTL(vm.fd, KVM_CREATE_VCPU, max_id));
	EXPECT_EQ(-EINVAL, IOCTL(vm.fd, KVM_CREATE_VCPU, 0xffffffffUL));
	fd = IOCTL(vm.fd, KVM_CREATE_VCPU, max_id - 1);
	EXPECT_LE(0, fd);
	EXPECT_EQ(-EEXIST, IOCTL(vm.fd, KVM_CREATE_VCPU, max_id - 1));
	/* A vCPU lives as long as the VM, and keeps its id. */
	close(fd);
	EXPECT_EQ(-EEXIST, IOCTL(vm.fd, KVM_CREATE_VCPU, max_id - 1));
}

TEST(enable_cap)
{
	struct kvm_enable_cap cap = { .cap = 0x7fffffff };
	struct rvm vm;
	struct rvcpu vcpu;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	EXPECT_EQ(-EINVAL, IOCTL(vm.fd, KVM_ENABLE_CAP, &cap));
	cap.cap = KVM_CAP_USER_MEMORY;
	EXPECT_EQ(-EINVAL, IOCTL(vm.fd, KVM_ENABLE_CAP, &cap));
	cap.cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2;
	cap.flags = 1;
	EXPECT_EQ(-EINVAL, IOCTL(vm.fd, KVM_ENABLE_CAP, &cap));
	cap.flags = 0;
	cap.args[0] = KVM_DIRTY_LOG_INITIALLY_SET;
	EXPECT_EQ(-EINVAL, IOCTL(vm.fd, KVM_ENABLE_CAP, &cap));
	cap.args[0] = 1UL << 40;
	EXPECT_EQ(-EINVAL, IOCTL(vm.fd, KVM_ENABLE_CAP, &cap));
	cap.args[0] = KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE;
	EXPECT_EQ(0, IOCTL(vm.fd, KVM_ENABLE_CAP, &cap));
	EXPECT_EQ(-EFAULT, IOCTL(vm.fd, KVM_ENABLE_CAP, 8));
}

TEST(create_device)
{
	struct kvm_create_device dev = { .type = 0x7fffffff };
	struct kvm_device_attr attr = { 0 };
	struct rvm vm;
	struct rvcpu vcpu;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	EXPECT_EQ(-ENODEV, IOCTL(vm.fd, KVM_CREATE_DEVICE, &dev));
	dev.flags = KVM_CREATE_DEVICE_TEST;
	EXPECT_EQ(-ENODEV, IOCTL(vm.fd, KVM_CREATE_DEVICE, &dev));
	dev.type = KVM_DEV_TYPE_MAX;
	EXPECT_EQ(-ENODEV, IOCTL(vm.fd, KVM_CREATE_DEVICE, &dev));
	dev.type = KVM_DEV_TYPE_FSL_MPIC_20;
	EXPECT_EQ(-ENODEV, IOCTL(vm.fd, KVM_CREATE_DEVICE, &dev));
	EXPECT_EQ(-EFAULT, IOCTL(vm.fd, KVM_CREATE_DEVICE, 8));
	EXPECT_LT(IOCTL(vm.fd, KVM_SET_DEVICE_ATTR, &attr), 0);
	EXPECT_LT(IOCTL(vcpu.fd, KVM_HAS_DEVICE_ATTR, &attr), 0);
	EXPECT_LT(IOCTL(vcpu.fd, KVM_SET_DEVICE_ATTR, &attr), 0);
}

TEST(bad_pointers)
{
	static const unsigned long vm_cmds[] = {
		KVM_SET_USER_MEMORY_REGION, KVM_SET_USER_MEMORY_REGION2, KVM_GET_DIRTY_LOG,
		KVM_CLEAR_DIRTY_LOG, KVM_IOEVENTFD, KVM_REGISTER_COALESCED_MMIO,
		KVM_UNREGISTER_COALESCED_MMIO,
	};
	static const unsigned long vcpu_cmds[] = {
		KVM_GET_ONE_REG, KVM_SET_ONE_REG, KVM_GET_REG_LIST, KVM_GET_MP_STATE,
		KVM_SET_MP_STATE, KVM_INTERRUPT, KVM_SET_SIGNAL_MASK, KVM_SET_GUEST_DEBUG,
	};
	unsigned long value;
	struct rvm vm;
	struct rvcpu vcpu;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	for (int i = 0; i < ARRAY_SIZE(vm_cmds); i++) {
		EXPECT_EQ(-EFAULT, IOCTL(vm.fd, vm_cmds[i], 8)) {
			TH_LOG("VM ioctl %#lx", vm_cmds[i]);
		}
	}
	for (int i = 0; i < ARRAY_SIZE(vcpu_cmds); i++) {
		EXPECT_EQ(-EFAULT, IOCTL(vcpu.fd, vcpu_cmds[i], 8)) {
			TH_LOG("vCPU ioctl %#lx", vcpu_cmds[i]);
		}
	}
	value = 8;
	EXPECT_EQ(-EFAULT, rvcpu_get_raw(&vcpu, RVM_REG_CORE(regs.pc), (void *)value));
	EXPECT_EQ(-EFAULT, rvcpu_set_raw(&vcpu, RVM_REG_CORE(regs.pc), (void *)value));
}

TEST(run_argument)
{
	struct rvm vm;
	struct rvcpu vcpu;

	rvm_create(&vm);
	rvcpu_create(&vm, 0, &vcpu);
	EXPECT_EQ(-EINVAL, IOCTL(vcpu.fd, KVM_RUN, 1));
}

TEST_HARNESS_MAIN
