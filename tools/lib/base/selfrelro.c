/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Make the relocated tables of a static-pie program read-only.
 *
 * In a dynamic program the loader protects the PT_GNU_RELRO segment after
 * relocation.  A static-pie program relocates itself, and musl's start code
 * leaves the segment writable.  This constructor does the missing mprotect().
 *
 * It is linked into every tool as an object of its own: nothing calls it, so
 * from the library the linker would not take it.
 */
#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

/* Provided by the linker: the program's own ELF header, at its load address. */
extern const ElfW(Ehdr) __ehdr_start;

__attribute__((constructor)) static void protect_relro(void)
{
	const uintptr_t page_mask = (uintptr_t)getauxval(AT_PAGESZ) - 1;
	const uintptr_t base = (uintptr_t)&__ehdr_start;
	const ElfW(Phdr) *headers = (const ElfW(Phdr) *)getauxval(AT_PHDR);
	const size_t count = (size_t)getauxval(AT_PHNUM);

	for (size_t i = 0; i < count; i++) {
		uintptr_t start;
		uintptr_t end;

		if (headers[i].p_type != PT_GNU_RELRO)
			continue;
		/*
		 * Whole pages inside the segment only: the linker ends it on
		 * a page boundary, and what shares its first page is older.
		 */
		start = (base + headers[i].p_vaddr) & ~page_mask;
		end = (base + headers[i].p_vaddr + headers[i].p_memsz) &
		    ~page_mask;
		if (end > start &&
		    mprotect((void *)start, end - start, PROT_READ) == -1)
			abort();
	}
}
