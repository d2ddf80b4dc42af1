// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench: the cost of exits in instructions, on /dev/kvm or /dev/rvhv. Prints lines
 * "operation,unit,value".
 *
 * The host is QEMU with one CPU and -icount shift=0, where an instruction takes one nanosecond of
 * the time that rdtime reads. On hardware the figures are nanoseconds.
 */
#include "bench.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EVENT_GPA	(RVM_MMIO + RVM_PAGE)
#define TOUCH_PAGES	500
#define TIME_ROUNDS	5

static unsigned long time_rounds = TIME_ROUNDS;

static void prepare_present(struct bench *b)
{
	size_t size = TOUCH_PAGES * RVM_PAGE;

	/* Drop the G-stage mapping but keep the pages. */
	rvm_set_slot(&b->vm, TOUCH_SLOT, 0, TOUCH_GPA, 0, b->touch_mem);
	memset(b->touch_mem, 1, size);
	rvm_set_slot(&b->vm, TOUCH_SLOT, 0, TOUCH_GPA, size, b->touch_mem);
}

static void prepare_absent(struct bench *b)
{
	size_t size = TOUCH_PAGES * RVM_PAGE;

	rvm_set_slot(&b->vm, TOUCH_SLOT, 0, TOUCH_GPA, 0, b->touch_mem);
	if (madvise(b->touch_mem, size, MADV_DONTNEED))
		rvm_die("madvise");
	rvm_set_slot(&b->vm, TOUCH_SLOT, 0, TOUCH_GPA, size, b->touch_mem);
}

static const struct row rows[] = {
	{ "null SBI call", guest_sbi_null },
	{ "unknown SBI call", guest_sbi_unknown },
	{ "SBI call to the sample's extension", guest_sbi_registered },
	{ "set_timer", guest_set_timer },
	{ "MMIO read through userspace", guest_mmio_read, .arg = RVM_MMIO },
	{ "MMIO write through userspace", guest_mmio_write, .arg = RVM_MMIO },
	{ "SBI call through userspace", guest_sbi_forward },
	{ "DBCN write_byte through userspace", guest_dbcn_write_byte },
	{ "ioeventfd write", guest_mmio_write, .arg = EVENT_GPA },
	{ "first touch with the host page present", guest_touch, .arg = TOUCH_GPA,
	  .rounds = TOUCH_PAGES, .prepare = prepare_present },
	{ "first touch with the host page absent", guest_touch, .arg = TOUCH_GPA,
	  .rounds = TOUCH_PAGES, .prepare = prepare_absent },
	{ "IPI to self", guest_ipi_self },
	{ "remote fence.i to self", guest_fence_i },
	{ "remote sfence.vma to self", guest_sfence_vma },
	{ "WFI with an interrupt pending", guest_wfi_pending, .main = guest_bench_wfi },
	{ "illegal instruction reflected", guest_illegal },
};

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_median(double *values, int n)
{
	qsort(values, n, sizeof(*values), compare);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

void bench_create(struct bench *b)
{
	rvm_create(&b->vm);
	rvcpu_create(&b->vm, 0, &b->vcpu);
	b->ns_per_tick = 1e9 / rvcpu_get(&b->vcpu, RVM_REG_TIMER(frequency));
}

static void setup(struct bench *b)
{
	struct kvm_ioeventfd event = { .addr = EVENT_GPA, .len = 4 };

	bench_create(b);
	if (rvcpu_enable_sbi(&b->vcpu, KVM_RISCV_SBI_EXT_DBCN))
		rvm_die("the DBCN extension cannot be enabled");
	event.fd = eventfd(0, EFD_CLOEXEC);
	if (event.fd < 0 || ioctl(b->vm.fd, KVM_IOEVENTFD, &event))
		rvm_die("KVM_IOEVENTFD");
	b->touch_mem = rvm_anon(TOUCH_PAGES * RVM_PAGE);
	/* Small pages: one fault a page */
	madvise(b->touch_mem, TOUCH_PAGES * RVM_PAGE, MADV_NOHUGEPAGE);
	rvm_set_slot(&b->vm, TOUCH_SLOT, 0, TOUCH_GPA, TOUCH_PAGES * RVM_PAGE, b->touch_mem);
}

/* Run the guest until guest_done(). Other exits are answered with zero. */
static void drive(struct bench *b, const struct row *row)
{
	struct kvm_run *run = b->vcpu.run;

	for (;;) {
		int ret = rvcpu_run(&b->vcpu);

		if (ret) {
			errno = -ret;
			rvm_die("%s: KVM_RUN", row->name);
		}
		if (run->exit_reason == KVM_EXIT_MMIO) {
			memset(run->mmio.data, 0, sizeof(run->mmio.data));
			continue;
		}
		if (run->exit_reason != KVM_EXIT_RISCV_SBI) {
			fprintf(stderr, "bench: %s: exit %u, pc %#lx\n", row->name,
				run->exit_reason, rvcpu_get(&b->vcpu, RVM_REG_CORE(regs.pc)));
			exit(1);
		}
		run->riscv_sbi.ret[0] = 0;
		run->riscv_sbi.ret[1] = 0;
		if (run->riscv_sbi.extension_id != GUEST_EID)
			continue;
		if (run->riscv_sbi.function_id == GUEST_DONE)
			return;
		if (run->riscv_sbi.function_id == GUEST_SYNC && row->prepare)
			row->prepare(b);
	}
}

double bench_measure(struct bench *b, const struct row *row)
{
	struct guest_shared *s = rvm_shared(&b->vm);
	unsigned long rounds = row->rounds ? row->rounds : 1000;
	unsigned long batches = b->batches ? b->batches : BENCH_NR_BATCHES;
	double batch[BENCH_NR_BATCHES];

	memset(s, 0, sizeof(*s));
	s->val[BENCH_ROUNDS] = rounds;
	s->val[BENCH_BATCHES] = batches;
	s->val[BENCH_L1_KIND] = b->l1_kind;
	rvcpu_start_at(&b->vcpu, row->main ? row->main : guest_bench,
		       rvm_guest_addr((const void *)row->op), row->arg);
	rvcpu_set(&b->vcpu, RVM_REG_CSR(sip), 0);
	drive(b, row);
	for (unsigned long i = 0; i < batches; i++)
		batch[i] = s->val[i] * b->ns_per_tick / rounds;
	return bench_median(batch, batches);
}

/* All rows, or the one named */
static int run_rows(const char *name)
{
	static const struct row empty = { "empty loop", guest_empty };
	struct bench b = { 0 };

	setup(&b);
	b.empty = bench_measure(&b, &empty);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (name && strcmp(name, rows[i].name))
			continue;
		printf("%s,instructions,%.0f\n", rows[i].name,
		       bench_measure(&b, &rows[i]) - b.empty);
		fflush(stdout);
	}
	rvcpu_destroy(&b.vcpu);
	rvm_destroy(&b.vm);
	return 0;
}

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

static void run_command(char **argv)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		rvm_die("fork");
	if (!pid) {
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execvp(argv[0], argv);
		rvm_die("%s", argv[0]);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "bench: %s: status %#x\n", argv[0], status);
		exit(1);
	}
}

/*
 * One more row: the time that a command takes, the best of several. The host's tick makes a
 * difference of up to 2 %.
 */
static int time_command(const char *name, char **argv)
{
	double best = 0;

	for (unsigned long i = 0; i < time_rounds; i++) {
		double ms = now_ms();

		run_command(argv);
		ms = now_ms() - ms;
		fprintf(stderr, "%s: %.1f ms\n", name, ms);
		if (!i || ms < best)
			best = ms;
	}
	printf("%s,ms,%.1f\n", name, best);
	return 0;
}

static void print_usage(FILE *f)
{
	fputs("usage: bench [--dev PATH] [--rounds N] exits [ROW] | nested | memory |\n"
	      "             time NAME COMMAND...\n"
	      "  exits    instructions per exit, one row an operation, or that row only\n"
	      "  nested   the same of a guest that is a hypervisor, and of its guest\n"
	      "  memory   bytes of kernel memory per idle VM with one vCPU\n"
	      "  time     milliseconds until COMMAND ends with status 0, the best of N (5)\n", f);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "dev", required_argument, NULL, 'd' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	int c;

	while ((c = getopt_long(argc, argv, "+d:hr:", options, NULL)) != -1) {
		if (c == 'r') {
			time_rounds = strtoul(optarg, NULL, 0);
			continue;
		}
		if (c != 'd') {
			print_usage(c == 'h' ? stdout : stderr);
			return c == 'h' ? 0 : 2;
		}
		rvm_set_path(optarg);
	}
	argv += optind;
	argc -= optind;
	if (argc >= 1 && argc <= 2 && !strcmp(argv[0], "exits"))
		return run_rows(argv[1]);
	if (argc == 1 && !strcmp(argv[0], "nested"))
		return bench_nested();
	if (argc == 1 && !strcmp(argv[0], "memory")) {
		printf("kernel memory per idle VM,bytes,%.0f\n", bench_vm_memory());
		return 0;
	}
	if (argc >= 3 && !strcmp(argv[0], "time"))
		return time_command(argv[1], argv + 2);
	print_usage(stderr);
	return 2;
}
