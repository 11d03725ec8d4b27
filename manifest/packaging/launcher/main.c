/*
 * What the platform starts: a small program that carries the compressed executable behind itself, unpacks it into a file
 * without a name and becomes that. docs/packaging.md says why it does so and what it costs.
 *
 * Layout of the file: this program, zstd frames with checksum one after the other, then a trailer of 16 bytes: length of the
 * frames (64 bits, little endian) and "DEVICES1" (manifest/packaging/compressed.ts writes it).
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
#define MOST_PARTS 16

struct payload { const unsigned char *data; size_t size; };

/* Why something failed: the number of a system error, or one of these. They fit into the exit code of a process. */
enum { FINE = 0, DAMAGED = 200, NO_MEMORY, CHILD_LOST };

static size_t length(const char *text) {
  size_t n = 0;
  while (text[n]) n++;
  return n;
}
static void say(const char *text) { sys_write(2, text, length(text)); }
static void say_trouble(int why) {
  if (why == DAMAGED) return say("the file is damaged");
  if (why == NO_MEMORY) return say("out of memory");
  if (why == CHILD_LOST) return say("a part of the work was ended from outside");
  char digits[12], *at = digits + sizeof digits;
  *--at = 0;
  do *--at = (char)('0' + why % 10); while (why /= 10);
  say("system error ");
  say(at);
}

/* The frames behind this program; no data where there are none. */
static struct payload find_payload(int self) {
  const struct payload none = { NULL, 0 };
  long size = sys_size(self);
  if (size < TRAILER) return none;
  long at = sys_map(self, (size_t)size);
  if (at < 0) return none;
  const unsigned char *trailer = (const unsigned char *)at + size - TRAILER;
  uint64_t frames = 0;
  for (int n = 7; n >= 0; n--) frames = frames << 8 | trailer[n];
  for (int n = 0; n < 8; n++) if (trailer[8 + n] != (unsigned char)MARK[n]) return none;
  if (frames > (uint64_t)size - TRAILER) return none;
  return (struct payload){ trailer - frames, frames };
}

/* One frame to its place. Written, not mapped: that is the faster of both. */
static int unpack(struct payload from, int to, size_t place) {
  static unsigned char piece[PIECE];
  ZSTD_DStream *stream = ZSTD_createDStream();
  if (!stream) return NO_MEMORY;
  ZSTD_inBuffer in = { from.data, from.size, 0 };
  for (size_t rest = 1; rest != 0;) {
    ZSTD_outBuffer out = { piece, PIECE, 0 };
    rest = ZSTD_decompressStream(stream, &out, &in);
    if (ZSTD_isError(rest) || (rest != 0 && out.pos == 0 && in.pos == in.size)) return DAMAGED;
    for (size_t at = 0; at < out.pos;) {
      long written = sys_write_at(to, piece + at, out.pos - at, place);
      if (written == -EINTR) continue;
      if (written < 0) return (int)-written;
      at += (size_t)written;
      place += (size_t)written;
    }
  }
  return FINE;
}

/* All frames at the same time, each but the last in a process of its own, which has ended when this returns. */
static int unpack_all(struct payload from, int to) {
  long children[MOST_PARTS];
  int count = 0, why = FINE;
  for (size_t place = 0; from.size > 0 && why == FINE;) {
    size_t size = ZSTD_findFrameCompressedSize(from.data, from.size);
    unsigned long long content = ZSTD_isError(size) ? ZSTD_CONTENTSIZE_ERROR : ZSTD_getFrameContentSize(from.data, size);
    if (content >= ZSTD_CONTENTSIZE_ERROR) {
      why = DAMAGED;
      break;
    }
    const struct payload frame = { from.data, size };
    long child = size < from.size && count < MOST_PARTS ? sys_fork() : -1;
    if (child == 0) sys_exit(unpack(frame, to, place));
    if (child > 0) children[count++] = child;
    else why = unpack(frame, to, place);
    from.data += size;
    from.size -= size;
    place += content;
  }
  while (count > 0) {
    int status = 0;
    long ended = sys_wait(children[count - 1], &status);
    if (ended == -EINTR) continue;
    count--;
    if (why == FINE && (ended < 0 || status != 0)) why = ended < 0 || (status & 0x7f) != 0 ? CHILD_LOST : status >> 8 & 0xff;
  }
  return why;
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
static int become(const char *folder, struct payload from, char **argv, char **envp) {
  long file = folder ? sys_open(folder, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0500) : sys_memfd("devices");
  if (file < 0) return (int)-file;
  int why = unpack_all(from, (int)file);
  /* For reading only: the system executes no file that somebody has open for writing. */
  long readable = why == FINE ? sys_open(name_of(file).text, O_RDONLY | O_CLOEXEC, 0) : -1;
  sys_close((int)file);
  if (why != FINE) return why;
  if (readable < 0) return (int)-readable;
  why = (int)-sys_execute(name_of(readable).text, argv, envp);
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
  int troubles[3];
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
