/*
 * Looking labels up in C: the same search as src/kernel/label-set does, access for access, in a copy of a kernel's memory.
 * So it walks the same trees at the same places, and a ratio says what the linker and V8 cost.
 *
 * Arguments: the copy, then offsets by name (see `struct where`); on standard input "run N" for N look-ups, answered by a line
 * with the time in ns. One thread, nobody else: the counter of changes never moves.
 */
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define DEPTH_LIMIT 54
#define STALE 0x800

/* Absolute addresses, then offsets in objects. */
static struct where {
	uint32_t slots, block;
	uint32_t order, slot_bytes, node, flags, size, vec, namespace, set, sequence, pending;
} at;

static const struct {
	const char *name;
	uint32_t *value;
} names[] = {
	{ "slots", &at.slots },	      { "block", &at.block },	{ "order", &at.order },
	{ "slotBytes", &at.slot_bytes }, { "node", &at.node },	{ "flags", &at.flags },
	{ "size", &at.size },	      { "vec", &at.vec },	{ "namespace", &at.namespace },
	{ "set", &at.set },	      { "sequence", &at.sequence }, { "pending", &at.pending },
};

static char *memory;

static inline uint32_t get(uint32_t address)
{
	return *(const volatile uint32_t *)(memory + address);
}

static inline void put(uint32_t address, uint32_t value)
{
	*(volatile uint32_t *)(memory + address) = value;
}

/* Offsets of struct rb_node, and in a profile: whether it was replaced, and the place of its name. */
enum { RB_RIGHT = 8, RB_LEFT = 16, PROFILE_STALE = 4, PROFILE_RANK = 20 };

static inline int32_t compare(uint32_t a, int32_t a_size, uint32_t b, int32_t b_size)
{
	int32_t shorter = a_size < b_size ? a_size : b_size;

	for (int32_t i = 0; i < shorter; i++) {
		uint32_t left = get(a + i * 8), right = get(b + i * 8);
		int32_t left_rank, right_rank;

		if (left == right)
			continue;
		left_rank = (int32_t)get(left + PROFILE_RANK);
		right_rank = (int32_t)get(right + PROFILE_RANK);
		if (left_rank != right_rank)
			return left_rank < right_rank ? -1 : 1;
	}
	return a_size - b_size;
}

static inline int out_of_date(uint32_t label)
{
	int32_t size;

	if (get(label + at.flags) & STALE)
		return 1;
	size = (int32_t)get(label + at.size);
	if (size > 1)
		for (int32_t i = 0; i < size; i++)
			if (get(get(label + at.vec + i * 8) + PROFILE_STALE))
				return 1;
	return 0;
}

static inline uint32_t walk(uint32_t set, uint32_t vector, int32_t size)
{
	uint32_t node = get(set);

	for (int steps = 0; node && steps < DEPTH_LIMIT; steps++) {
		uint32_t label = node - at.node;
		int32_t order = compare(vector, size, label + at.vec, (int32_t)get(label + at.size));

		if (order == 0)
			return label;
		node = get(node + (order < 0 ? RB_LEFT : RB_RIGHT));
	}
	return 0;
}

/* A reference unless there is none left: refcount_inc_not_zero. */
static inline int try_get(uint32_t holder, uint32_t label)
{
	_Atomic int32_t *refs = (_Atomic int32_t *)(memory + label);
	int32_t before = atomic_load_explicit(refs, memory_order_relaxed);

	while (before != 0)
		if (LIKELY(atomic_compare_exchange_weak(refs, &before, before + 1))) {
			put(holder, label);
			return before > 0;
		}
	return 0;
}

/* Found and given back; 0 where a label is not found, which a complete set never answers. */
static inline int look_up(uint32_t slot, uint32_t holder)
{
	uint32_t kept = get(get(at.slots) + slot * at.slot_bytes);
	int32_t size = (int32_t)get(kept + at.size), start;
	uint32_t vector = kept + at.vec, set, label, pending;

	set = get(get(vector + (size - 1) * 8) + at.namespace) + at.set;
	pending = get(set + at.pending);
	start = (int32_t)get(set + at.sequence);
	if (start & 1 || !(pending & 1))
		return 0;
	label = walk(set, vector, size);
	if (!label || out_of_date(label) || !try_get(holder, label))
		return 0;
	put(holder, 0);
	return atomic_fetch_sub((_Atomic int32_t *)(memory + label), 1) > 1;
}

static int64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Block's cells behind `order`: how many there are, and which is next. */
static int64_t run(uint32_t count)
{
	uint32_t order = get(at.block + at.order), slots = get(at.block + at.order + 4);
	uint32_t next = get(at.block + at.order + 8), found = 0;
	int64_t start = now_ns();

	for (uint32_t i = 0; i < count; i++) {
		/* The null line of the kernel's memory is free here. */
		found += look_up(get(order + next * 4), 8);
		if (++next == slots)
			next = 0;
	}
	put(at.block + at.order + 8, next);
	return found == count ? now_ns() - start : -1;
}

static void load(const char *path)
{
	FILE *file = fopen(path, "rb");
	long bytes;

	if (!file || fseek(file, 0, SEEK_END) || (bytes = ftell(file)) <= 0) {
		perror(path);
		exit(1);
	}
	rewind(file);
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || fread(memory, 1, bytes, file) != (size_t)bytes) {
		perror(path);
		exit(1);
	}
	fclose(file);
}

int main(int argc, char **argv)
{
	char line[64];

	if (argc < 2)
		return 1;
	load(argv[1]);
	for (int i = 2; i < argc; i++)
		for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
			size_t length = strlen(names[n].name);

			if (strncmp(argv[i], names[n].name, length) == 0 && argv[i][length] == '=')
				*names[n].value = (uint32_t)strtoul(argv[i] + length + 1, NULL, 10);
		}
	while (fgets(line, sizeof(line), stdin)) {
		unsigned count;

		if (sscanf(line, "run %u", &count) != 1)
			break;
		printf("%lld\n", (long long)run(count));
		fflush(stdout);
	}
	return 0;
}
