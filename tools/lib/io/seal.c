/* SPDX-License-Identifier: BSD-2-Clause */
/* No network, by construction; see seal.h. */
#include "io/seal.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define SEAL_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define SEAL_ARCH AUDIT_ARCH_AARCH64
#else
#error "seal.c does not know this machine's system calls"
#endif

/* x32 calls share the x86-64 number but for this bit. */
#define SEAL_X32_BIT 0x40000000U

#define LOAD(field) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, \
	    (uint32_t)offsetof(struct seccomp_data, field))
/* Jump over so many instructions when the value is, or is not, as said. */
#define SKIP_IF(value, count) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (count), 0)
#define SKIP_UNLESS(value, count) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (count))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, (value))

bool
seal_privileges(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

bool
seal_network(void)
{
	/*
	 * socketcall() exists on foreign ABIs only, io_uring could make
	 * sockets behind the filter's back.  The domain is an int: its lower
	 * half is what the kernel looks at, on these little-endian machines
	 * the half that comes first.
	 */
	struct sock_filter code[] = {
		LOAD(arch),
		SKIP_IF(SEAL_ARCH, 1),
		RETURN(SECCOMP_RET_KILL_PROCESS),
		LOAD(nr),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, SEAL_X32_BIT, 6, 0),
		SKIP_IF(SYS_io_uring_setup, 5),
		SKIP_IF(SYS_socket, 1),
		SKIP_UNLESS(SYS_socketpair, 2),
		LOAD(args[0]),
		SKIP_UNLESS(AF_UNIX, 1),
		RETURN(SECCOMP_RET_ALLOW),
		RETURN(SECCOMP_RET_ERRNO | EACCES),
	};
	struct sock_fprog program = {
		.len = (unsigned short)(sizeof code / sizeof code[0]),
		.filter = code,
	};

	if (!seal_privileges())
		return false;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}
