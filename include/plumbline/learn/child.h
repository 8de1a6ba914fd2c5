/* child.h - learning in a process of its own: `plumbline __child features` and `__child round`.
 *
 * A child reads frames on one descriptor and writes frames on another, knows no database, and may
 * be killed at any time: the feature file survives (feature_file.h), a round is simply run again.
 * The parent spawns /proc/self/exe, sets RLIMIT_AS as it likes, and uses the functions below. Both
 * sides must ignore SIGPIPE; a closed pipe is then the error learn.child_gone.
 *
 * RLIMIT_AS counts the mapped feature file too. A round takes 4 bytes an entry of that for every
 * item, 20 more for those it trains on, and some 100 MB beside: 100,000 texts of 240 characters,
 * all labelled, peaked at 0.9 GB of address space, and longer ones cost in proportion. Images take
 * 6.4 KB in the file and 8.2 KB more when labelled. The service's default of 8 GiB is thus for
 * 100,000 labelled texts of 2000 characters, or half a million images.
 *
 * A frame is u32 type, u32 0, u64 payload bytes, payload (host byte order: both ends are the same
 * program). The entry points return the exit status: 0 after END, 1 after sending ERROR.
 *
 *   features  in   OPEN    struct learn_extractor, path of the feature file
 *             out  READY   u64 rows already in the file, u32 1 when a dictionary must be learned
 *             in   SAMPLE* file bytes of one image, when asked for: at most 4000, chosen at random
 *                  or DICTIONARY, the bytes of one that was learned before
 *             in   ITEM*   u32 row, u32 0, the text, the image file or the vector (floats)
 *             in   FLUSH   out RESULT* u32 row, u32 1 = features, reason when not; then FLUSHED
 *             in   END
 *   round     in   ROUND   settings, state, path, classes, arrays (learn_child_round_call)
 *             out  PROGRESS* double 0..1; then OUTCOME, or ERROR
 *   any       out  ERROR   struct error
 */
#ifndef PLUMBLINE_LEARN_CHILD_H
#define PLUMBLINE_LEARN_CHILD_H

#include "plumbline/learn/loop.h"

int learn_child_features(int in_fd, int out_fd);
int learn_child_round(int in_fd, int out_fd);

/* "NAME=value" texts, NULL-terminated, to add to a child's environment when it is spawned: OpenBLAS
 * on one thread. It starts its threads when it is loaded, so setting this in the child is too
 * late. */
const char *const *learn_child_environment(void);

/* The parent's side. to_child and from_child are blocking descriptors; every function blocks until
 * the child has taken or given what it is about. */
struct learn_child {
    int to_child, from_child;
};

/* Starts a feature child on `path`. *needs_sample: send images by learn_child_sample first. */
bool learn_child_open(const struct learn_child *c, const struct learn_extractor *x,
                      const char *path, uint64_t *rows_there, bool *needs_sample,
                      struct error *err);
bool learn_child_sample(const struct learn_child *c, const void *bytes, size_t size,
                        struct error *err);
/* Instead of samples: the dictionary of a model with the same extractor. */
bool learn_child_dictionary(const struct learn_child *c, const void *bytes, size_t size,
                            struct error *err);
bool learn_child_item(const struct learn_child *c, uint32_t row, const void *bytes, size_t size,
                      struct error *err);

/* Waits until everything sent so far is in the file, and tells of each item in the order sent.
 * Flush at least every LEARN_FLUSH_ITEMS items. */
enum { LEARN_FLUSH_ITEMS = 1000 };
typedef void learn_child_seen(void *context, uint32_t row, bool ok, const char *reason);
bool learn_child_flush(const struct learn_child *c, learn_child_seen *seen, void *context,
                       struct error *err);
bool learn_child_end(const struct learn_child *c, struct error *err); /* then wait for its exit */

/* One round in a round child: learn_round over the feature file at `path` for n_rows items. */
bool learn_child_round_call(const struct learn_child *c, const char *path, size_t n_rows,
                            const struct learn_answers *answers,
                            const struct learn_settings *settings, const struct learn_state *state,
                            learn_progress *progress, void *context, struct learn_result *out,
                            struct error *err);

#endif
