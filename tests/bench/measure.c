/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a command many times and prints what one run takes, in microseconds:
 *
 *	measure [-n RUNS] [-j AT-ONCE] [-i INPUT] COMMAND...
 *	wall=MEDIAN cpu=MEAN each=WALL-OF-ALL/RUNS rss=KB failed=COUNT
 *
 * CPU is the system's count for the process and its children; small times are
 * counted exactly only by systems that do not sample.  Knows nothing of mail.
 */
#include <config.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum { RUNS_MAX = 1000000, AT_ONCE_MAX = 64 };

struct job {
	pid_t pid;
	double began_us;
};

struct bench {
	long runs, at_once, started, done, failed;
	const char *input;
	char **command;
	struct job jobs[AT_ONCE_MAX];
	double *walls_us;
};

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void become(const struct bench *bench)
{
	int input = open(bench->input, O_RDONLY);
	int nowhere = open("/dev/null", O_WRONLY);

	if (input < 0 || nowhere < 0)
		_exit(EX_NOINPUT);
	dup2(input, STDIN_FILENO);
	dup2(nowhere, STDOUT_FILENO);
	close(input);
	close(nowhere);
	execvp(bench->command[0], bench->command);
	_exit(EX_UNAVAILABLE);
}

static void start(struct bench *bench)
{
	struct job *job = bench->jobs;

	while (job->pid)
		job++;
	job->began_us = now_us();
	job->pid = fork();
	if (job->pid == 0)
		become(bench);
	if (job->pid < 0) {
		perror("measure: fork");
		exit(EX_OSERR);
	}
	bench->started++;
}

static void finish(struct bench *bench)
{
	int status;
	pid_t pid = wait(&status);
	struct job *job = bench->jobs;

	while (job->pid != pid)
		job++;
	job->pid = 0;
	bench->walls_us[bench->done++] = now_us() - job->began_us;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		bench->failed++;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double seconds_us(struct timeval time)
{
	return (double)time.tv_sec * 1e6 + (double)time.tv_usec;
}

static void print(const struct bench *bench, double whole_us)
{
	double count = (double)bench->runs;
	struct rusage usage;

	getrusage(RUSAGE_CHILDREN, &usage);
	qsort(bench->walls_us, (size_t)bench->runs, sizeof *bench->walls_us,
		compare);
	printf("wall=%.0f cpu=%.0f each=%.0f rss=%ld failed=%ld\n",
		bench->walls_us[bench->runs / 2],
		(seconds_us(usage.ru_utime) + seconds_us(usage.ru_stime)) /
			count,
		whole_us / count, usage.ru_maxrss, bench->failed);
}

static int parse(struct bench *bench, int argc, char **argv)
{
	int letter;

	while ((letter = getopt(argc, argv, "+n:j:i:")) != -1) {
		if (letter == 'n')
			bench->runs = strtol(optarg, NULL, 10);
		else if (letter == 'j')
			bench->at_once = strtol(optarg, NULL, 10);
		else if (letter == 'i')
			bench->input = optarg;
		else
			return 0;
	}
	bench->command = argv + optind;
	return optind < argc && bench->runs > 0 && bench->runs <= RUNS_MAX &&
	       bench->at_once > 0 && bench->at_once <= AT_ONCE_MAX;
}

int main(int argc, char **argv)
{
	struct bench bench = {
		.runs = 100, .at_once = 1, .input = "/dev/null"
	};
	double began_us;

	if (!parse(&bench, argc, argv)) {
		fputs("usage: measure [-n RUNS] [-j AT-ONCE] [-i INPUT] "
		      "COMMAND...\n",
			stderr);
		return EX_USAGE;
	}
	bench.walls_us = calloc((size_t)bench.runs, sizeof *bench.walls_us);
	if (!bench.walls_us)
		return EX_OSERR;
	began_us = now_us();
	while (bench.done < bench.runs) {
		while (bench.started < bench.runs &&
			bench.started - bench.done < bench.at_once)
			start(&bench);
		finish(&bench);
	}
	print(&bench, now_us() - began_us);
	free(bench.walls_us);
	return bench.failed ? EX_SOFTWARE : EX_OK;
}
