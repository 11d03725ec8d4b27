/* What the decompressor takes from the C library. Memory is never given back: the process becomes another program. */
#include "system.h"

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
  unsigned char *t = to;
  const unsigned char *f = from;
#if defined(__x86_64__)
  __asm__ volatile("rep movsb" : "+D"(t), "+S"(f), "+c"(size) : : "memory");
#else
  for (; size >= 16; size -= 16, t += 16, f += 16) __builtin_memcpy(t, f, 16);
  while (size--) *t++ = *f++;
#endif
  return to;
}

void *memmove(void *to, const void *from, size_t size) {
  unsigned char *t = to;
  const unsigned char *f = from;
  if (t <= f || t >= f + size) return memcpy(to, from, size);
  while (size--) t[size] = f[size];
  return to;
}

void *memset(void *to, int value, size_t size) {
  unsigned char *t = to;
  while (size--) *t++ = (unsigned char)value;
  return to;
}

void *malloc(size_t size) {
  long at = sys_map(-1, size);
  return at < 0 ? NULL : (void *)at;
}

/* Fresh pages are zero. */
void *calloc(size_t count, size_t size) { return malloc(count * size); }
void free(void *block) { (void)block; }
