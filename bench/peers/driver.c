/*
 * The child process that bench/run.ts talks to: commands on stdin, one JSON line per answer on stdout.
 *
 *   list                                 {"peers":[{"name":..,"title":..},..]}
 *   run NAME THREADS PAIRS LABELS [pin]  {"name":..,"threads":..,"pairs":..,"labels":..,"ns":..}   ns: the slowest thread
 *   quit
 *
 * Long-lived, so that a round costs no start-up; threads sleep between runs, so that they take no time from the other side.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "peer.h"

extern const struct peer peer_none, peer_kref, peer_kref_tryget, peer_kref_open_close, peer_rcuref, peer_rcuref_tryget,
	peer_percpu, peer_percpu_tryget, peer_cred_local, peer_hazard, peer_hazard_exchange, peer_hazard_borrow,
	peer_hazard_pointer;
#ifdef HAVE_CK
extern const struct peer peer_ck_faa, peer_ck_hp;
#endif
#ifdef HAVE_URCU
extern const struct peer peer_urcu_qsbr, peer_urcu_memb;
#endif

static const struct peer *const peers[] = {
	&peer_none,	     &peer_kref,	  &peer_kref_tryget, &peer_kref_open_close, &peer_rcuref,
	&peer_rcuref_tryget, &peer_percpu,	  &peer_percpu_tryget, &peer_cred_local,	  &peer_hazard,
	&peer_hazard_exchange, &peer_hazard_borrow, &peer_hazard_pointer,
#ifdef HAVE_CK
	&peer_ck_faa,	&peer_ck_hp,
#endif
#ifdef HAVE_URCU
	&peer_urcu_qsbr, &peer_urcu_memb,
#endif
};
#define PEERS (sizeof(peers) / sizeof(peers[0]))

static struct bench bench;

void label_release(struct bench *b, struct label *label)
{
	label->released++;
	b->released++;
}

void label_saturate(struct bench *b, struct label *label)
{
	__atomic_store_n(&label->refs, (int32_t)0xc0000000, __ATOMIC_RELAXED);
	b->released++;
}

void labels_set_one(struct bench *b)
{
	b->released = 0;
	for (uint32_t i = 0; i < MAX_LABELS; i++)
		b->labels[i].refs = 1;
}

int labels_hold_one(struct bench *b)
{
	for (uint32_t i = 0; i < MAX_LABELS; i++)
		if (b->labels[i].refs != 1)
			return 0;
	return b->released == 0;
}

/* ---- threads: asleep until a job comes, then all start together ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t job_came = PTHREAD_COND_INITIALIZER, job_done = PTHREAD_COND_INITIALIZER;
static unsigned threads_started, job_number, job_threads, threads_finished;
static const struct peer *job_peer;
static uint32_t job_pairs;
static bool job_pin;
static atomic_uint arrived;
static int64_t started_ns[MAX_THREADS], ended_ns[MAX_THREADS];

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* All threads of the job leave within some 100 ns of each other; yields where there are fewer processors than threads. */
static void wait_for_all(unsigned threads)
{
	unsigned spins = 0;

	atomic_fetch_add(&arrived, 1);
	while (atomic_load(&arrived) < threads) {
		if (++spins % 20000 == 0)
			sched_yield();
		__builtin_ia32_pause();
	}
}

static void pin_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

static void *thread_main(void *argument)
{
	unsigned thread = (unsigned)(uintptr_t)argument, seen = 0;

	pthread_mutex_lock(&lock);
	for (;;) {
		while (job_number == seen)
			pthread_cond_wait(&job_came, &lock);
		seen = job_number;
		if (thread >= job_threads)
			continue;
		pthread_mutex_unlock(&lock);
		if (job_pin)
			pin_to((int)thread);
		if (job_peer->enter)
			job_peer->enter(thread);
		wait_for_all(job_threads);
		started_ns[thread] = now_ns();
		job_peer->run(&bench, thread, job_pairs);
		ended_ns[thread] = now_ns();
		if (job_peer->leave)
			job_peer->leave(thread);
		pthread_mutex_lock(&lock);
		threads_finished++;
		pthread_cond_signal(&job_done);
	}
	return NULL;
}

/* Time (ns) of the thread that took longest; all start at the same moment. */
static int64_t run_job(const struct peer *peer, unsigned threads, uint32_t pairs, bool pin)
{
	int64_t longest = 0;

	pthread_mutex_lock(&lock);
	for (; threads_started < threads; threads_started++) {
		pthread_t id;

		if (pthread_create(&id, NULL, thread_main, (void *)(uintptr_t)threads_started) != 0) {
			fprintf(stderr, "peers: cannot create a thread\n");
			exit(1);
		}
	}
	job_peer = peer;
	job_threads = threads;
	job_pairs = pairs;
	job_pin = pin;
	threads_finished = 0;
	atomic_store(&arrived, 0);
	job_number++;
	pthread_cond_broadcast(&job_came);
	while (threads_finished < threads)
		pthread_cond_wait(&job_done, &lock);
	pthread_mutex_unlock(&lock);
	for (unsigned i = 0; i < threads; i++)
		if (ended_ns[i] - started_ns[i] > longest)
			longest = ended_ns[i] - started_ns[i];
	return longest;
}

/* ---- commands ---- */

static void answer_list(void)
{
	printf("{\"peers\":[");
	for (size_t i = 0; i < PEERS; i++)
		printf("%s{\"name\":\"%s\",\"title\":\"%s\"}", i ? "," : "", peers[i]->name, peers[i]->title);
	printf("]}\n");
}

static void answer_run(const char *name, unsigned threads, uint32_t pairs, uint32_t labels, bool pin)
{
	const struct peer *peer = NULL;
	int64_t ns;

	for (size_t i = 0; i < PEERS; i++)
		if (strcmp(peers[i]->name, name) == 0)
			peer = peers[i];
	if (!peer) {
		printf("{\"error\":\"no peer is called %s\"}\n", name);
		return;
	}
	if (threads < 1 || threads > peer->max_threads || labels < 1 || labels > MAX_LABELS || (labels & (labels - 1))) {
		printf("{\"error\":\"threads must be 1 to %u, labels a power of two up to %d\"}\n", peer->max_threads, MAX_LABELS);
		return;
	}
	bench.mask = labels - 1;
	if (peer->setup)
		peer->setup(&bench);
	ns = run_job(peer, threads, pairs, pin);
	if (peer->check && !peer->check(&bench)) {
		printf("{\"error\":\"%s did not count right\"}\n", name);
		return;
	}
	printf("{\"name\":\"%s\",\"threads\":%u,\"pairs\":%u,\"labels\":%u,\"ns\":%lld}\n", name, threads, pairs, labels,
	       (long long)ns);
}

int main(void)
{
	char line[256], name[64], pin[8];

	while (fgets(line, sizeof(line), stdin)) {
		unsigned threads, pairs, labels;
		int fields;

		pin[0] = 0;
		fields = sscanf(line, "run %63s %u %u %u %7s", name, &threads, &pairs, &labels, pin);
		if (fields >= 4)
			answer_run(name, threads, pairs, labels, strcmp(pin, "pin") == 0);
		else if (strncmp(line, "list", 4) == 0)
			answer_list();
		else if (strncmp(line, "quit", 4) == 0)
			break;
		else
			printf("{\"error\":\"unknown command\"}\n");
		fflush(stdout);
	}
	return 0;
}
