/*
 * What the platform starts: a small program that carries the compressed executable behind itself, unpacks it into a file
 * without a name and becomes that. docs/packaging.md says why it does so and what it costs.
 *
 * Layout of the file: this program, one zstd frame with checksum, then a trailer of 16 bytes: length of the frame (64 bits,
 * little endian) and "DEVICES1" (packaging/compressed.ts writes it).
 *
 * The unnamed file lies on disk where that is possible, so that the kernel may drop its pages and read them again: beside this
 * program, where executing files is allowed for certain, else in /var/tmp, else in memory. It is gone when the process ends.
 */
#include "system.h"
#include <zstd.h>

#define MARK "DEVICES1"
#define TRAILER 16
#define LONGEST 4096
#define PIECE (1024 * 1024)

struct payload { const unsigned char *data; size_t size; };
/* Why something failed: words, or the number of a system error. */
struct trouble { const char *words; long number; };

static size_t length(const char *text) {
  size_t n = 0;
  while (text[n]) n++;
  return n;
}
static void say(const char *text) { sys_write(2, text, length(text)); }
static void say_trouble(struct trouble why) {
  if (why.words) return say(why.words);
  char digits[24], *at = digits + sizeof digits;
  *--at = 0;
  for (long rest = -why.number; rest || !*at; rest /= 10) *--at = (char)('0' + rest % 10);
  say("system error ");
  say(at);
}
static struct trouble system_error(long number) { return (struct trouble){ NULL, number }; }
static struct trouble in_words(const char *words) { return (struct trouble){ words, 0 }; }

/* The frame behind this program; no data where there is none. */
static struct payload find_payload(int self) {
  const struct payload none = { NULL, 0 };
  long size = sys_size(self);
  if (size < TRAILER) return none;
  long at = sys_map(self, (size_t)size);
  if (at < 0) return none;
  const unsigned char *trailer = (const unsigned char *)at + size - TRAILER;
  uint64_t frame = 0;
  for (int n = 7; n >= 0; n--) frame = frame << 8 | trailer[n];
  for (int n = 0; n < 8; n++) if (trailer[8 + n] != (unsigned char)MARK[n]) return none;
  if (frame > (uint64_t)size - TRAILER) return none;
  return (struct payload){ trailer - frame, frame };
}

/* Written, not mapped: that is the faster of both. */
static int unpack(struct payload from, int to, struct trouble *why) {
  static unsigned char piece[PIECE];
  ZSTD_DStream *stream = ZSTD_createDStream();
  if (!stream) return *why = in_words("out of memory"), 0;
  ZSTD_inBuffer in = { from.data, from.size, 0 };
  for (size_t rest = 1; rest != 0;) {
    ZSTD_outBuffer out = { piece, PIECE, 0 };
    rest = ZSTD_decompressStream(stream, &out, &in);
    if (ZSTD_isError(rest)) return *why = in_words("the file is damaged"), 0;
    if (rest != 0 && out.pos == 0 && in.pos == in.size) return *why = in_words("the file is cut off"), 0;
    for (size_t at = 0; at < out.pos;) {
      long written = sys_write(to, piece + at, out.pos - at);
      if (written == -EINTR) continue;
      if (written < 0) return *why = system_error(written), 0;
      at += (size_t)written;
    }
  }
  return 1;
}

/* The name by which an open file can be opened again and executed. */
#define OPEN_FILES "/proc/self/fd/"
struct file_name { char text[sizeof OPEN_FILES + 12]; };
static struct file_name name_of(long file) {
  struct file_name name = { OPEN_FILES };
  char digits[12], *from = digits + sizeof digits, *to = name.text + sizeof OPEN_FILES - 1;
  *--from = 0;
  do *--from = (char)('0' + file % 10); while (file /= 10);
  while (*from) *to++ = *from++;
  return name;
}

/* Becomes the unpacked program in this folder, or in memory. Returns only when that fails: why. */
static struct trouble become(const char *folder, struct payload from, char **argv, char **envp) {
  long file = folder ? sys_open(folder, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0500) : sys_memfd("devices");
  if (file < 0) return system_error(file);
  struct trouble why;
  if (!unpack(from, (int)file, &why)) {
    sys_close((int)file);
    return why;
  }
  /* For reading only: the system executes no file that somebody has open for writing. */
  long readable = sys_open(name_of(file).text, O_RDONLY | O_CLOEXEC, 0);
  sys_close((int)file);
  if (readable < 0) return system_error(readable);
  why = system_error(sys_execute(name_of(readable).text, argv, envp));
  sys_close((int)readable);
  return why;
}

static int run(char **argv, char **envp) {
  static char own[LONGEST], folder[LONGEST];
  long size = sys_readlink("/proc/self/exe", own, LONGEST - 1);
  long self = sys_open("/proc/self/exe", O_RDONLY | O_CLOEXEC, 0);
  if (size <= 0 || self < 0) return say("devices: /proc/self/exe cannot be read\n"), 126;
  struct payload payload = find_payload((int)self);
  if (!payload.data) return say("devices: "), say(own), say(" is damaged or incomplete\n"), 126;
  size_t end = 0;
  for (size_t n = 0; own[n]; n++) if (own[n] == '/') end = n;
  for (size_t n = 0; n < end; n++) folder[n] = own[n];
  if (end == 0) folder[0] = '/';
  /* The first argument is the path of this file, whatever it was called by: log files are named after it. */
  if (argv[0]) argv[0] = own;
  const char *const folders[] = { folder, "/var/tmp", NULL };
  struct trouble troubles[3];
  for (int n = 0; n < 3; n++) troubles[n] = become(folders[n], payload, argv, envp);
  say("devices: cannot be unpacked. ");
  for (int n = 0; n < 3; n++) say(folders[n] ? folders[n] : "memory"), say(": "), say_trouble(troubles[n]), say(n < 2 ? "; " : "\n");
  return 126;
}

__asm__(START);

/* The stack as the kernel leaves it: count, arguments, NULL, environment, NULL. */
__attribute__((used)) _Noreturn void begin(long *stack) {
  char **argv = (char **)(stack + 1);
  sys_exit(run(argv, argv + stack[0] + 1));
}
