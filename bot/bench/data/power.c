/* Writes down, in their order, all changes of files under POWER_ROOT and all fsyncs, to POWER_LOG.

   Loaded before libc (LD_PRELOAD) into one process; its children are left alone. One record: what
   it is (1 byte), of which inode (8), where (8), how many bytes follow (4), then these. bot.bench.
   forgetful reads them and rebuilds what a power cut may leave. x86-64 and arm64 Linux, glibc. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILES 65536
#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static char root[PATH_MAX];
static size_t root_length;
static int journal = -1;
static uint64_t kept[FILES]; /* by descriptor: the inode, 0 where it is none of ours */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
  const char *under = getenv("POWER_ROOT"), *to = getenv("POWER_LOG");
  if (!under || !to) return;
  strncpy(root, under, sizeof root - 1);
  root_length = strlen(root);
  journal = syscall(SYS_openat, AT_FDCWD, to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  unsetenv("LD_PRELOAD");
}

static void note(char what, uint64_t inode, int64_t at, const void *data, uint32_t length) {
  unsigned char head[21];
  head[0] = what;
  memcpy(head + 1, &inode, 8);
  memcpy(head + 9, &at, 8);
  memcpy(head + 17, &length, 4);
  struct iovec parts[2] = {{head, sizeof head}, {(void *)data, length}};
  if (syscall(SYS_writev, journal, parts, 2) != (long)(sizeof head + length)) abort();
}

/* The whole path, if it is one of ours. */
static int ours(int folder, const char *path, char *whole) {
  if (journal < 0 || !path) return 0;
  if (path[0] == '/') {
    snprintf(whole, PATH_MAX, "%s", path);
  } else {
    char at[64], base[PATH_MAX];
    snprintf(at, sizeof at, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
    ssize_t got = readlink(at, base, sizeof base - 1);
    if (got < 0) return 0;
    base[got] = 0;
    if (snprintf(whole, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) return 0;
  }
  return !strncmp(whole, root, root_length) && (whole[root_length] == '/' || !whole[root_length]);
}

static uint64_t inode_of(int handle) {
  struct stat found;
  return fstat(handle, &found) ? 0 : found.st_ino;
}

static void note_path(char what, uint64_t inode, const char *path) {
  note(what, inode, 0, path, strlen(path));
}

static void note_both(char what, const char *from, const char *to) {
  char both[2 * PATH_MAX];
  int length = snprintf(both, sizeof both, "%s%c%s", from, '\n', to);
  note(what, 0, 0, both, length);
}

/* ---- opening and closing ---- */

static int opened(int folder, const char *path, int flags, mode_t mode) {
  char whole[PATH_MAX];
  if (!ours(folder, path, whole)) return syscall(SYS_openat, folder, path, flags, mode);
  pthread_mutex_lock(&turn);
  struct stat before;
  int fresh = (flags & O_CREAT) && lstat(whole, &before) != 0;
  int handle = syscall(SYS_openat, folder, path, flags, mode);
  int error = errno;
  if (handle >= 0 && handle < FILES) {
    kept[handle] = inode_of(handle);
    if (fresh) note_path('C', kept[handle], whole);
    else if (flags & O_TRUNC) note('T', kept[handle], 0, "", 0);
  }
  pthread_mutex_unlock(&turn);
  errno = error;
  return handle;
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    va_list more; \
    va_start(more, flags); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; \
    va_end(more); \
    return opened(AT_FDCWD, path, flags, mode); \
  }
#define OPENAT(name) \
  int name(int folder, const char *path, int flags, ...) { \
    va_list more; \
    va_start(more, flags); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; \
    va_end(more); \
    return opened(folder, path, flags, mode); \
  }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

int __open_2(const char *path, int flags) { return opened(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return opened(AT_FDCWD, path, flags, 0); }

int close(int handle) {
  if (handle >= 0 && handle < FILES) kept[handle] = 0;
  return syscall(SYS_close, handle);
}

/* ---- contents ---- */

static int is_ours(int handle) { return handle >= 0 && handle < FILES && kept[handle]; }

static ssize_t wrote(int handle, const void *data, size_t length, off64_t at, int placed) {
  pthread_mutex_lock(&turn);
  if (!placed) {
    struct stat now;
    int append = fcntl(handle, F_GETFL) & O_APPEND;
    at = append && !fstat(handle, &now) ? now.st_size : lseek64(handle, 0, SEEK_CUR);
  }
  ssize_t done = placed ? syscall(SYS_pwrite64, handle, data, length, at)
                        : syscall(SYS_write, handle, data, length);
  int error = errno;
  if (done > 0) note('W', kept[handle], at, data, done);
  pthread_mutex_unlock(&turn);
  errno = error;
  return done;
}

ssize_t write(int handle, const void *data, size_t length) {
  if (!is_ours(handle)) return syscall(SYS_write, handle, data, length);
  return wrote(handle, data, length, 0, 0);
}

ssize_t pwrite(int handle, const void *data, size_t length, off_t at) {
  if (!is_ours(handle)) return syscall(SYS_pwrite64, handle, data, length, at);
  return wrote(handle, data, length, at, 1);
}

ssize_t pwrite64(int handle, const void *data, size_t length, off64_t at) {
  return pwrite(handle, data, length, at);
}

static int cut(int handle, off64_t length) {
  if (!is_ours(handle)) return syscall(SYS_ftruncate, handle, length);
  pthread_mutex_lock(&turn);
  int done = syscall(SYS_ftruncate, handle, length), error = errno;
  if (!done) note('T', kept[handle], length, "", 0);
  pthread_mutex_unlock(&turn);
  errno = error;
  return done;
}
int ftruncate(int handle, off_t length) { return cut(handle, length); }
int ftruncate64(int handle, off64_t length) { return cut(handle, length); }

static int synced(int handle, long call) {
  if (!is_ours(handle)) return syscall(call, handle);
  pthread_mutex_lock(&turn);
  int done = syscall(call, handle), error = errno;
  if (!done) note('S', kept[handle], 0, "", 0);
  pthread_mutex_unlock(&turn);
  errno = error;
  return done;
}
int fsync(int handle) { return synced(handle, SYS_fsync); }
int fdatasync(int handle) { return synced(handle, SYS_fdatasync); }

/* ---- what cannot be followed is told, and whoever reads it gives up ---- */

static void strange(int handle, const char *how) {
  char at[64], path[PATH_MAX], told[PATH_MAX + 64];
  snprintf(at, sizeof at, "/proc/self/fd/%d", handle);
  ssize_t got = readlink(at, path, sizeof path - 1);
  path[got < 0 ? 0 : got] = 0;
  if (got > 4 && !strcmp(path + got - 4, "-shm")) return; /* made anew at every start */
  snprintf(told, sizeof told, "%s %s", how, path);
  pthread_mutex_lock(&turn);
  note_path('X', 0, told);
  pthread_mutex_unlock(&turn);
}

void *mmap(void *where, size_t length, int rights, int flags, int handle, off_t at) {
  if (is_ours(handle) && (rights & PROT_WRITE) && (flags & MAP_SHARED)) strange(handle, "mmap");
  return (void *)syscall(SYS_mmap, where, length, rights, flags, handle, at);
}
void *mmap64(void *where, size_t length, int rights, int flags, int handle, off64_t at) {
  return mmap(where, length, rights, flags, handle, at);
}
ssize_t writev(int handle, const struct iovec *parts, int count) {
  if (is_ours(handle)) strange(handle, "writev");
  return syscall(SYS_writev, handle, parts, count);
}
int posix_fallocate(int handle, off_t at, off_t length) {
  REAL(int, "posix_fallocate", int, off_t, off_t);
  if (is_ours(handle)) strange(handle, "posix_fallocate");
  return real(handle, at, length);
}
ssize_t copy_file_range(int from, off64_t *a, int to, off64_t *b, size_t length, unsigned flags) {
  if (is_ours(to)) strange(to, "copy_file_range");
  return syscall(SYS_copy_file_range, from, a, to, b, length, flags);
}

/* ---- names ---- */

#define NAMED(call, note_it) \
  pthread_mutex_lock(&turn); \
  int done = call, error = errno; \
  if (!done) note_it; \
  pthread_mutex_unlock(&turn); \
  errno = error; \
  return done

static int moved(int a, const char *from, int b, const char *to, unsigned flags) {
  char one[PATH_MAX], two[PATH_MAX];
  int mine = ours(a, from, one) + ours(b, to, two);
  if (!mine) return syscall(SYS_renameat2, a, from, b, to, flags);
  NAMED(syscall(SYS_renameat2, a, from, b, to, flags), note_both(mine == 2 && !flags ? 'R' : 'X', one, two));
}
int rename(const char *from, const char *to) { return moved(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int a, const char *from, int b, const char *to) { return moved(a, from, b, to, 0); }
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) {
  return moved(a, from, b, to, flags);
}

int unlinkat(int folder, const char *path, int flags) {
  char whole[PATH_MAX];
  if (!ours(folder, path, whole)) return syscall(SYS_unlinkat, folder, path, flags);
  NAMED(syscall(SYS_unlinkat, folder, path, flags), note_path('U', 0, whole));
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int folder, const char *path, mode_t mode) {
  char whole[PATH_MAX];
  struct stat made;
  if (!ours(folder, path, whole)) return syscall(SYS_mkdirat, folder, path, mode);
  NAMED(syscall(SYS_mkdirat, folder, path, mode),
        (lstat(whole, &made), note_path('M', made.st_ino, whole)));
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

int linkat(int a, const char *from, int b, const char *to, int flags) {
  char one[PATH_MAX], two[PATH_MAX];
  if (ours(a, from, one) + ours(b, to, two) == 0) return syscall(SYS_linkat, a, from, b, to, flags);
  NAMED(syscall(SYS_linkat, a, from, b, to, flags), note_both('X', one, two));
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }
