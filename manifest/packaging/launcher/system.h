/*
 * The system calls that the launcher needs, and the few functions of the C library that the decompressor calls. There is no C
 * library in the launcher: it runs on every Linux of its architecture since 3.17, and carries nobody else's licence in.
 */
#ifndef SYSTEM_H
#define SYSTEM_H
#include <stddef.h>
#include <stdint.h>

/* Numbers and structures of the kernel, the same on both architectures unless listed apart. */
#define O_RDONLY 0
#define O_RDWR 2
#define O_EXCL 0200
#define O_CLOEXEC 02000000
#define AT_FDCWD -100
#define MFD_CLOEXEC 1
#define SEEK_END 2
#define PROT_READ 1
#define PROT_WRITE 2
#define MAP_PRIVATE 2
#define MAP_ANONYMOUS 0x20
#define EINTR 4
#define SIGCHLD 17

#if defined(__x86_64__)
enum { SYS_write = 1, SYS_close = 3, SYS_lseek = 8, SYS_mmap = 9, SYS_pwrite = 18, SYS_clone = 56, SYS_execve = 59, SYS_wait = 61, SYS_exit_group = 231, SYS_openat = 257, SYS_readlinkat = 267, SYS_memfd_create = 319 };
#define O_TMPFILE (020000000 | 0200000)
static inline long call(long n, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return result;
}
#define START ".globl _start\n_start:\n xor %ebp,%ebp\n mov %rsp,%rdi\n and $-16,%rsp\n call begin\n"
#elif defined(__aarch64__)
enum { SYS_openat = 56, SYS_close = 57, SYS_lseek = 62, SYS_write = 64, SYS_pwrite = 68, SYS_readlinkat = 78, SYS_exit_group = 94, SYS_clone = 220, SYS_execve = 221, SYS_mmap = 222, SYS_wait = 260, SYS_memfd_create = 279 };
#define O_TMPFILE (020000000 | 040000)
static inline long call(long n, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = n, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c, x3 __asm__("x3") = d, x4 __asm__("x4") = e, x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
#define START ".globl _start\n_start:\n mov x29,#0\n mov x30,#0\n mov x0,sp\n bl begin\n"
#else
#error "another architecture"
#endif

#define CALL(n, a, b, c, d, e, f) call(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
static inline long sys_open(const char *path, int flags, int mode) { return CALL(SYS_openat, AT_FDCWD, path, flags, mode, 0, 0); }
static inline long sys_close(int file) { return CALL(SYS_close, file, 0, 0, 0, 0, 0); }
static inline long sys_size(int file) { return CALL(SYS_lseek, file, 0, SEEK_END, 0, 0, 0); }
static inline long sys_write(int file, const void *data, size_t size) { return CALL(SYS_write, file, data, size, 0, 0, 0); }
static inline long sys_write_at(int file, const void *data, size_t size, size_t at) { return CALL(SYS_pwrite, file, data, size, at, 0, 0); }
static inline long sys_fork(void) { return CALL(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0); }
static inline long sys_wait(long child, int *status) { return CALL(SYS_wait, child, status, 0, 0, 0, 0); }
static inline long sys_readlink(const char *path, char *to, size_t size) { return CALL(SYS_readlinkat, AT_FDCWD, path, to, size, 0, 0); }
static inline long sys_memfd(const char *name) { return CALL(SYS_memfd_create, name, MFD_CLOEXEC, 0, 0, 0, 0); }
static inline long sys_execute(const char *path, char **argv, char **envp) { return CALL(SYS_execve, path, argv, envp, 0, 0, 0); }
/* A failed mapping is a negative number like every failed call. */
static inline long sys_map(int file, size_t size) { return CALL(SYS_mmap, 0, size, PROT_READ | (file < 0 ? PROT_WRITE : 0), MAP_PRIVATE | (file < 0 ? MAP_ANONYMOUS : 0), file, 0); }
static inline _Noreturn void sys_exit(int code) { for (;;) CALL(SYS_exit_group, code, 0, 0, 0, 0, 0); }
#endif
