/* The native kernels as a contender of bench:peers: the line protocol of bench/contest/protocol.ts. It knows no formula. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "kernels.h"

static struct {
  char loss[16], out[4096];
  int rows, classes, grad;
  float *x, *g;
  void *t;
} task;

static void *read_file(const char *path, size_t *bytes) {
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  fseek(file, 0, SEEK_END);
  *bytes = (size_t)ftell(file);
  rewind(file);
  /* Arrays begin at a line of the cache, and the last vector may be read whole. */
  void *data = aligned_alloc(64, (*bytes + 127) & ~(size_t)63);
  if (data && fread(data, 1, *bytes, file) != *bytes) data = NULL;
  fclose(file);
  return data;
}

static double run(void) {
  int n = task.rows * task.classes;
  if (!strcmp(task.loss, "ce"))
    return task.grad ? cross_entropy(task.x, task.t, task.rows, task.classes, task.g)
                     : cross_entropy_value(task.x, task.t, task.rows, task.classes);
  if (!strcmp(task.loss, "bce")) return bce_with_logits(task.x, task.t, n, task.g);
  if (!strcmp(task.loss, "focal")) return focal(task.x, task.t, n, task.g);
  if (!strcmp(task.loss, "mse")) return mse(task.x, task.t, n, task.g);
  return hinge(task.x, task.t, n, task.g);
}

static const char *prepare(char *words[]) {
  if (!strcmp(words[1], "linear")) return "none\tmatrix products are not written";
  free(task.x), free(task.t), free(task.g);
  size_t bytes, others;
  snprintf(task.loss, sizeof task.loss, "%s", words[1]);
  snprintf(task.out, sizeof task.out, "%s", words[8]);
  task.rows = atoi(words[2]), task.classes = atoi(words[3]), task.grad = atoi(words[5]);
  task.x = read_file(words[6], &bytes), task.t = read_file(words[7], &others);
  if (!task.x || !task.t) return "failed\tthe data cannot be read";
  task.g = aligned_alloc(64, (bytes + 127) & ~(size_t)63);
  memset(task.g, 0, bytes);
  return "ok";
}

static int check(double *value) {
  *value = run();
  FILE *file = fopen(task.out, "wb");
  size_t n = task.grad ? (size_t)task.rows * (size_t)task.classes : 0;
  int good = file && fwrite(task.g, sizeof(float), n, file) == n;
  if (file) fclose(file);
  return good;
}

int main(void) {
  static char line[16384];
  volatile double sink = 0; /* what is never read could be left out */
#ifdef __clang__
  printf("ready\tclang %d.%d.%d, %s\n", __clang_major__, __clang_minor__, __clang_patchlevel__, TARGET);
#else
  printf("ready\tgcc %s, %s\n", __VERSION__, TARGET);
#endif
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    char *words[10] = {0};
    line[strcspn(line, "\n")] = 0;
    int count = 0;
    for (char *word = strtok(line, "\t"); word && count < 9; word = strtok(NULL, "\t")) words[count++] = word;
    if (count == 9 && !strcmp(words[0], "load")) {
      puts(prepare(words));
    } else if (count == 1 && !strcmp(words[0], "check")) {
      double value = 0;
      if (check(&value)) printf("value\t%.17g\n", value);
      else puts("failed\tthe gradient cannot be written");
    } else if (count == 2 && !strcmp(words[0], "time")) {
      struct timespec start, end;
      clock_gettime(CLOCK_MONOTONIC, &start);
      for (long i = atol(words[1]); i > 0; i--) sink = sink + run();
      clock_gettime(CLOCK_MONOTONIC, &end);
      printf("ns\t%.0f\n", 1e9 * (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec));
    } else {
      puts("failed\tno such line");
    }
    fflush(stdout);
  }
  return 0;
}
