/* loop_round.h - one round from the inside: what its steps hand on. Private to learn/. */
#ifndef LEARN_LOOP_ROUND_H
#define LEARN_LOOP_ROUND_H

#include "classifier.h"
#include "plumbline/learn/loop.h"

struct round {
    const struct learn_rows     *rows;
    const void                  *dictionary;
    size_t                       dictionary_size;
    const struct learn_answers  *answers;
    const struct learn_settings *settings;
    learn_progress              *progress;
    void                        *context;
    struct learn_result         *out;
    uint32_t *shuffled;  /* all rows in the job's fixed random order */
    double    temperature;
    struct pair { float confidence; bool right; } *validation;  /* of the random items  */
    size_t    n_validation;
};

/* loop_sample.c: who is in which sample. */
void round_shuffle(struct round *r);
bool round_is_open(const struct round *r, size_t i); /* unanswered and not labelled by machine */
bool round_is_rest(const struct round *r, size_t i); /* open, and has features                 */
void round_draw_random(struct round *r, int64_t wanted); /* the first `wanted` that can be    */
void round_draw(struct round *r, int64_t wanted, enum learn_part part); /* from the rest      */
int64_t round_count_open(const struct round *r, enum learn_part part);
int64_t round_share_up(double share, size_t n); /* ceil(share n) */
int64_t round_batch(const struct round *r);
bool round_is_right(const struct round *r, size_t i); /* the prediction, against people's answer */
size_t round_take_surest(struct round *r, size_t most, float confidence); /* part AUTO; how many */
void round_count(struct round *r); /* fills the counts of the report */
bool round_needs_more_random(struct round *r); /* grows state.random_size for rare classes      */

/* loop_ask.c: the list for people. Each appends to out->ask what is open and not yet in it. */
struct asking { uint8_t *listed; size_t limit; };
void ask_begin(struct round *r, struct asking *a);
void ask_part(struct round *r, struct asking *a, enum learn_part part);
void ask_by_margin(struct round *r, struct asking *a, size_t most);
void ask_shuffled(struct round *r, struct asking *a, size_t most);
void ask_end(struct round *r, struct asking *a);

/* loop_train.c: trains, calibrates, predicts all rows. False: err, or cancelled. */
bool round_train(struct round *r, bool validation_is_held_out, struct error *err);

/* Predicts all rows by the model, whose classes are the job's or are mapped afterwards. */
bool round_predict(struct round *r, const struct learn_model *m, struct error *err);

/* loop_opinion.c: the result's labels become those of the earlier model, where there is one that
 * fits; sets out->guessed. */
bool round_guess(struct round *r, struct error *err);

/* loop_estimate.c */
void round_estimate(struct round *r); /* report.estimate, low, high, needed, threshold, bills */

/* The rules: set decision, parts, ask, state and report.reason. */
bool round_default(struct round *r, struct error *err);      /* loop_default.c      */
bool round_ground_truth(struct round *r, struct error *err); /* loop_ground_truth.c */
void round_decide(struct round *r, enum learn_decision decision, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool round_at_limit(struct round *r); /* decides LEARN_STOP when a limit is reached */

#endif
