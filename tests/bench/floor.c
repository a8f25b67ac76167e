/* The floor of a backfill: list every folder of ROOT/DAY/, open DAY/RUN/gate_result.json, read it, close it. No more.
 * `floor ROOT` prints `SECONDS FILES BYTES`; the process's own start is not counted. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char buffer[1 << 16];
static long files, bytes;

static void read_run(int day, const char *run)
{
    char path[512];
    int fd;
    ssize_t got;

    snprintf(path, sizeof path, "%s/gate_result.json", run);
    fd = openat(day, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    while ((got = read(fd, buffer, sizeof buffer)) > 0)
        bytes += got;
    close(fd);
    files++;
}

static void each(int folder, void (*act)(int, const char *))
{
    DIR *listing = fdopendir(folder);
    struct dirent *entry;

    while (listing && (entry = readdir(listing)))
        if (entry->d_name[0] != '.')
            act(folder, entry->d_name);
    closedir(listing);
}

static void read_day(int root, const char *day)
{
    int fd = openat(root, day, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0)
        each(fd, read_run);
}

int main(int count, char **words)
{
    struct timespec start, end;
    int root = count == 2 ? open(words[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (root < 0) {
        fprintf(stderr, "usage: floor ROOT\n");
        return 2;
    }
    clock_gettime(CLOCK_MONOTONIC, &start);
    each(root, read_day);
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.6f %ld %ld\n", (end.tv_sec - start.tv_sec) + (end.tv_nsec - start.tv_nsec) / 1e9, files, bytes);
    return 0;
}
