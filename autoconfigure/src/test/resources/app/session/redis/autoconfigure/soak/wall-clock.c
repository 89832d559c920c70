/*
 * Preloaded into a server, shifts its wall clock by the number of milliseconds in the file "clock" of its working
 * directory. It allocates no memory, because malloc itself asks for the time.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *offset;

__attribute__((constructor)) static void open_offset(void) {
	int file = open("clock", O_RDWR | O_CREAT, 0600);
	if (file < 0) {
		return;
	}
	if (ftruncate(file, sizeof(int64_t)) == 0) {
		void *page = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
		if (page != MAP_FAILED) {
			offset = page;
		}
	}
	close(file);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
	int result = syscall(SYS_clock_gettime, clock, now);
	if (result == 0 && offset != NULL && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
		int64_t nanos = now->tv_sec * 1000000000LL + now->tv_nsec + *offset * 1000000LL;
		now->tv_sec = nanos / 1000000000LL;
		now->tv_nsec = nanos % 1000000000LL;
	}
	return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
	struct timespec precise;
	(void) zone;
	int result = clock_gettime(CLOCK_REALTIME, &precise);
	now->tv_sec = precise.tv_sec;
	now->tv_usec = precise.tv_nsec / 1000;
	return result;
}

time_t time(time_t *now) {
	struct timespec precise;
	clock_gettime(CLOCK_REALTIME, &precise);
	if (now != NULL) {
		*now = precise.tv_sec;
	}
	return precise.tv_sec;
}
