/*
 * How long this machine's kernel takes for what the scenario maps-read has as parameters, under the load of the published test: pages of
 * 128 MB of anonymous memory are unmapped, or mapped and populated, at random (so that half of them are mapped in the end, in thousands
 * of areas), and each scan of /proc/PID/maps is a `cat` of its own. Linux, any C compiler:
 *
 *     cc -O2 -o /tmp/maps-times bench/maps-times.c && /tmp/maps-times
 *
 * Figures are medians, with the least in brackets, which other processes disturb less.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { pageBytes = 4096, zonePages = 32768, settling = 4 * zonePages, rounds = 2000, texts = 60, scans = 100 };

extern char **environ;
static char *zone;
static double times[settling];

static double nowNs(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1e9 + at.tv_nsec;
}

static int ascending(const void *a, const void *b) {
  double one = *(const double *)a, other = *(const double *)b;
  return one < other ? -1 : one > other;
}

/* The median of `count` times, divided by `of`; prints both. */
static double tell(const char *what, int count, double of, const char *unit) {
  qsort(times, count, sizeof *times, ascending);
  printf("%-52s %8.3f (%.3f) %s\n", what, times[count / 2] / of, times[0] / of, unit);
  return times[count / 2];
}

static unsigned draw(void) {
  static unsigned state = 1;
  state ^= state << 13, state ^= state >> 17, state ^= state << 5;
  return state;
}

static int unmapOne(char *page) {
  return munmap(page, pageBytes);
}

static int mapOne(char *page) {
  return mmap(page, pageBytes, PROT_WRITE, MAP_FIXED | MAP_ANONYMOUS | MAP_PRIVATE | MAP_POPULATE, -1, 0) != page;
}

/* A page that is mapped, or is not. */
static char *pageThat(int isMapped) {
  unsigned char in;
  for (;;) {
    char *page = zone + (size_t)(draw() % zonePages) * pageBytes;
    if ((mincore(page, pageBytes, &in) == 0) == isMapped) return page;
  }
}

/* Reads the whole text; lines where asked for, and reads that found some. */
static int readText(int *lines) {
  static char page[1 << 17];
  int maps = open("/proc/self/maps", O_RDONLY), reads = 0;
  ssize_t bytes;
  while ((bytes = read(maps, page, sizeof page)) > 0) {
    reads++;
    for (ssize_t at = 0; lines != NULL && at < bytes; at++) *lines += page[at] == '\n';
  }
  close(maps);
  return reads;
}

int main(void) {
  int failed = 0, lines = 0, reads;
  zone = mmap(NULL, (size_t)zonePages * pageBytes, PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE | MAP_POPULATE, -1, 0);
  for (int round = 0; round < settling; round++) {
    char *page = zone + (size_t)(draw() % zonePages) * pageBytes;
    failed += draw() & 8 ? mapOne(page) : unmapOne(page);
  }
  for (int round = 0; round < rounds; round++) {
    double begin = nowNs();
    syscall(SYS_getppid);
    times[round] = nowNs() - begin;
  }
  tell("a system call that does nothing", rounds, 1, "ns");
  for (int isMapped = 1; isMapped >= 0; isMapped--) {
    for (int round = 0; round < rounds; round++) {
      char *page = pageThat(isMapped);
      double begin = nowNs();
      failed += isMapped ? unmapOne(page) : mapOne(page);
      times[round] = nowNs() - begin;
    }
    tell(isMapped ? "munmap of a page" : "mmap of a page, populated", rounds, 1, "ns");
  }
  for (int round = 0; round < rounds; round++) {
    char *page = pageThat(0);
    double begin = nowNs();
    failed += mmap(page, pageBytes, PROT_WRITE, MAP_FIXED | MAP_ANONYMOUS | MAP_PRIVATE, -1, 0) != page;
    times[round] = nowNs() - begin;
    munmap(page, pageBytes);
  }
  tell("mmap of a page, not populated", rounds, 1, "ns");
  reads = readText(&lines);
  for (int round = 0; round < texts; round++) {
    double begin = nowNs();
    readText(NULL);
    times[round] = nowNs() - begin;
  }
  printf("a text: %d lines, %d reads, %.1f lines a read\n", lines, reads, (double)lines / reads);
  tell("  a read", texts, reads * 1e3, "us");
  tell("  a line", texts, lines, "ns");
  for (int round = 0; round < scans; round++) {
    char *arguments[] = {"cat", "/dev/null", NULL};
    pid_t child;
    double begin = nowNs();
    failed += posix_spawnp(&child, "cat", NULL, NULL, arguments, environ) != 0 || waitpid(child, NULL, 0) != child;
    times[round] = nowNs() - begin;
  }
  double cat = tell("`cat` of an empty file", scans, 1e3, "us");
  printf("  for each read of that text %.2f us\n", cat / reads / 1e3);
  if (failed > 0) printf("%d calls failed\n", failed);
  return failed > 0;
}
