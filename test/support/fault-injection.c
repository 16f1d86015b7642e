/*
 * Preloaded into a program under test (LD_PRELOAD). It counts the operations by which the program changes files below a
 * directory, over all its threads, and at a chosen one it kills the program or lets the operation fail.
 *
 *   FAULT_ROOT   the directory, by its real path
 *   FAULT_MODE   kill: SIGKILL before the operation
 *                kill-halves: the same, and a write is two points: before it, and when half of it is done
 *                any number: the operation fails with that errno; only what takes room on a disk is counted
 *   FAULT_AT     the number of the operation, from 1; 0 for none
 *   FAULT_LOG    file that gets a line for each operation: its name and its path
 *   FAULT_TALK   where it is set, what the program says to others is counted too: before it connects to an address, half
 *                of a long request to a UNIX socket and the whole of one, before and after it forks
 *
 * The programs that it starts are left alone.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static char root[PATH_MAX];
static size_t root_length;
static long fault_at;
static int fault_errno; /* 0: kill */
static int halves;
static int talk;
static int log_fd = -1;
static long count;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void start(void) {
  const char *directory = getenv("FAULT_ROOT"), *mode = getenv("FAULT_MODE");
  const char *at = getenv("FAULT_AT"), *log = getenv("FAULT_LOG");
  if (directory == NULL || mode == NULL) return;
  snprintf(root, sizeof root, "%s", directory);
  root_length = strlen(root);
  halves = strcmp(mode, "kill-halves") == 0;
  fault_errno = atoi(mode);
  fault_at = at == NULL ? 0 : atol(at);
  if (log != NULL) log_fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  talk = getenv("FAULT_TALK") != NULL;
  unsetenv("LD_PRELOAD");
  unsetenv("FAULT_ROOT");
}

static int below_root(const char *path) {
  return root_length > 0 && strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}

/* The path that a call is about; false where it is none below the root. */
static int resolve(int directory, const char *path, char *out) {
  char base[PATH_MAX] = "";
  if (root_length == 0 || path == NULL) return 0;
  if (path[0] != '/') {
    char link[64];
    if (directory == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
    else snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
    ssize_t length = readlink(link, base, sizeof base - 2);
    if (length < 0) return 0;
    base[length] = '/';
    base[length + 1] = 0;
  }
  snprintf(out, PATH_MAX, "%.2000s%.2000s", base, path);
  return below_root(out);
}

static int resolve_fd(int fd, char *out) {
  char link[64];
  if (root_length == 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, out, PATH_MAX - 1);
  if (length < 0) return 0;
  out[length] = 0;
  return below_root(out);
}

enum { TAKES_NO_ROOM = 0, TAKES_ROOM = 1 };

/* Counts an operation. True where it is to fail, or for a kill where this is the one. */
static int reached(const char *name, const char *path, int takes_room) {
  int is_it = 0;
  if (fault_errno != 0 && !takes_room) return 0;
  pthread_mutex_lock(&mutex);
  count += 1;
  if (log_fd >= 0) dprintf(log_fd, "%s %s\n", name, path);
  is_it = count == fault_at;
  if (is_it && fault_errno == 0) kill(getpid(), SIGKILL), pause();
  pthread_mutex_unlock(&mutex);
  if (is_it) errno = fault_errno;
  return is_it;
}

#define AT_PATH(name, directory, path, room) \
  char full[PATH_MAX]; \
  if (resolve(directory, path, full) && reached(name, full, room)) return -1
#define AT_FD(name, fd, room) \
  char full[PATH_MAX]; \
  full[0] = 0; \
  if (resolve_fd(fd, full) && reached(name, full, room)) return -1

#define OPEN(function) \
  int function(const char *path, int flags, ...) { \
    va_list list; va_start(list, flags); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0; \
    va_end(list); \
    if (flags & (O_CREAT | O_TRUNC)) { AT_PATH("open", AT_FDCWD, path, TAKES_ROOM); } \
    return REAL(function)(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)
#define OPENAT(function) \
  int function(int directory, const char *path, int flags, ...) { \
    va_list list; va_start(list, flags); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0; \
    va_end(list); \
    if (flags & (O_CREAT | O_TRUNC)) { AT_PATH("open", directory, path, TAKES_ROOM); } \
    return REAL(function)(directory, path, flags, mode); \
  }
OPENAT(openat)
OPENAT(openat64)

/* The second point of a write: half of it is in the file. */
static void half(int fd, const void *data, size_t size, off_t offset, const char *path) {
  if (!halves || size < 2) return;
  if (count + 1 == fault_at) {
    if (offset < 0) syscall(SYS_write, fd, data, size / 2);
    else syscall(SYS_pwrite64, fd, data, size / 2, offset);
  }
  (void)reached("half-write", path, TAKES_ROOM);
}

/* The path of the UNIX socket that a descriptor is connected to; false for a pair without a name. */
static int is_request(int fd, char *path) {
  struct sockaddr_un peer;
  socklen_t length = sizeof peer;
  if (!talk || getpeername(fd, (struct sockaddr *)&peer, &length) != 0 || peer.sun_family != AF_UNIX) return 0;
  if (length <= sizeof(sa_family_t) || peer.sun_path[0] != '/') return 0;
  snprintf(path, sizeof peer.sun_path + 1, "%.*s", (int)sizeof peer.sun_path, peer.sun_path);
  return 1;
}

static const size_t long_request = 256;

static ssize_t request(int fd, const void *data, size_t size, const char *path) {
  size_t done = 0;
  if (size >= long_request) {
    if (count + 1 == fault_at) done = syscall(SYS_write, fd, data, size / 2);
    (void)reached("half-request", path, TAKES_NO_ROOM);
  }
  ssize_t sent = syscall(SYS_write, fd, (const char *)data + done, size - done);
  (void)reached("request", path, TAKES_NO_ROOM);
  return sent;
}

int connect(int fd, const struct sockaddr *address, socklen_t length) {
  if (talk && address->sa_family != AF_UNSPEC) (void)reached("connect", "", TAKES_NO_ROOM);
  return REAL(connect)(fd, address, length);
}

pid_t fork(void) {
  if (talk) (void)reached("fork", "", TAKES_NO_ROOM);
  pid_t child = REAL(fork)();
  if (talk && child > 0) (void)reached("forked", "", TAKES_NO_ROOM);
  return child;
}

ssize_t write(int fd, const void *data, size_t size) {
  char peer[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];
  if (is_request(fd, peer)) return request(fd, data, size, peer);
  AT_FD("write", fd, TAKES_ROOM);
  if (below_root(full)) half(fd, data, size, -1, full);
  return REAL(write)(fd, data, size);
}
#define PWRITE(function, offset_type) \
  ssize_t function(int fd, const void *data, size_t size, offset_type offset) { \
    AT_FD("write", fd, TAKES_ROOM); \
    if (below_root(full)) half(fd, data, size, offset, full); \
    return REAL(function)(fd, data, size, offset); \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)
ssize_t writev(int fd, const struct iovec *parts, int number) {
  AT_FD("write", fd, TAKES_ROOM);
  return REAL(writev)(fd, parts, number);
}

int rename(const char *from, const char *to) {
  AT_PATH("rename", AT_FDCWD, to, TAKES_ROOM);
  return REAL(rename)(from, to);
}
int renameat(int from_directory, const char *from, int to_directory, const char *to) {
  AT_PATH("rename", to_directory, to, TAKES_ROOM);
  return REAL(renameat)(from_directory, from, to_directory, to);
}
int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags) {
  AT_PATH("exchange", to_directory, to, TAKES_ROOM);
  return REAL(renameat2)(from_directory, from, to_directory, to, flags);
}
/* Some programs reach renameat2 only by its number. */
long syscall(long number, ...) {
  static long (*real)(long, ...);
  long a[6];
  va_list list;
  va_start(list, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
  va_end(list);
  if (number == SYS_renameat2) { AT_PATH("exchange", (int)a[2], (const char *)a[3], TAKES_ROOM); }
  if (real == NULL) real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
  return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int unlink(const char *path) {
  AT_PATH("unlink", AT_FDCWD, path, TAKES_NO_ROOM);
  return REAL(unlink)(path);
}
int unlinkat(int directory, const char *path, int flags) {
  AT_PATH("unlink", directory, path, TAKES_NO_ROOM);
  return REAL(unlinkat)(directory, path, flags);
}
int rmdir(const char *path) {
  AT_PATH("rmdir", AT_FDCWD, path, TAKES_NO_ROOM);
  return REAL(rmdir)(path);
}
/* What is there already, or has no parent, the kernel refuses for that alone. */
static int can_be_made(const char *path) {
  char parent[PATH_MAX];
  snprintf(parent, sizeof parent, "%.4000s", path);
  char *slash = strrchr(parent, '/');
  if (slash != NULL && slash != parent) *slash = 0;
  return access(path, F_OK) != 0 && access(parent, F_OK) == 0;
}

int mkdir(const char *path, mode_t mode) {
  if (can_be_made(path)) { AT_PATH("mkdir", AT_FDCWD, path, TAKES_ROOM); }
  return REAL(mkdir)(path, mode);
}
int mkdirat(int directory, const char *path, mode_t mode) {
  AT_PATH("mkdir", directory, path, TAKES_ROOM);
  return REAL(mkdirat)(directory, path, mode);
}
int link(const char *from, const char *to) {
  AT_PATH("link", AT_FDCWD, to, TAKES_ROOM);
  return REAL(link)(from, to);
}
int symlink(const char *target, const char *path) {
  AT_PATH("symlink", AT_FDCWD, path, TAKES_ROOM);
  return REAL(symlink)(target, path);
}
int symlinkat(const char *target, int directory, const char *path) {
  AT_PATH("symlink", directory, path, TAKES_ROOM);
  return REAL(symlinkat)(target, directory, path);
}
int chmod(const char *path, mode_t mode) {
  AT_PATH("chmod", AT_FDCWD, path, TAKES_NO_ROOM);
  return REAL(chmod)(path, mode);
}
int fchmod(int fd, mode_t mode) {
  AT_FD("chmod", fd, TAKES_NO_ROOM);
  return REAL(fchmod)(fd, mode);
}
int chown(const char *path, uid_t uid, gid_t gid) {
  AT_PATH("chown", AT_FDCWD, path, TAKES_NO_ROOM);
  return REAL(chown)(path, uid, gid);
}
int lchown(const char *path, uid_t uid, gid_t gid) {
  AT_PATH("chown", AT_FDCWD, path, TAKES_NO_ROOM);
  return REAL(lchown)(path, uid, gid);
}
int fchown(int fd, uid_t uid, gid_t gid) {
  AT_FD("chown", fd, TAKES_NO_ROOM);
  return REAL(fchown)(fd, uid, gid);
}
int ftruncate(int fd, off_t length) {
  AT_FD("truncate", fd, TAKES_ROOM);
  return REAL(ftruncate)(fd, length);
}
int ftruncate64(int fd, off64_t length) {
  AT_FD("truncate", fd, TAKES_ROOM);
  return REAL(ftruncate64)(fd, length);
}
/*
 * What a kernel keeps in its memory survives a SIGKILL, so that a flush is a point of failing alone. That of a directory
 * is none: file systems that cannot flush them are in use.
 */
static int is_directory(int fd) {
  struct stat found;
  return fstat(fd, &found) == 0 && S_ISDIR(found.st_mode);
}
int fsync(int fd) {
  if (fault_errno != 0 && !is_directory(fd)) { AT_FD("sync", fd, TAKES_ROOM); }
  return REAL(fsync)(fd);
}
int fdatasync(int fd) {
  if (fault_errno != 0) { AT_FD("sync", fd, TAKES_ROOM); }
  return REAL(fdatasync)(fd);
}
