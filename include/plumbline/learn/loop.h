/* loop.h - the active-learning loop: who is to look at what next, and when the machine may label
 * the rest. Pure: arrays in, arrays out, deterministic given the seed. `simulate` and the service
 * run exactly this function.
 *
 * The default rule (design: learning.md 4): a random sample R goes to people first; rounds of 2 %
 * of the items with the smallest margin follow; each round trains on everything labelled, fits one
 * temperature on 4-fold out-of-fold scores of the random items, and estimates the accuracy on the
 * whole unlabelled rest as its mean top probability less one standard error. Two rounds running at
 * or over the target end the loop: the rest is labelled by the last model. From a target of 97 % up
 * a random audit of the rest must confirm it, at most twice; else the machine refuses.
 *
 * The ground-truth rule (spec/consolidation-and-auto-labelling.md 7): a random validation set of
 * 20 % (10 % from 5000 items), a confidence threshold found anew on it each round, items over it
 * labelled as it goes, and people alone after two rounds that labelled under 1 % of the remainder.
 */
#ifndef PLUMBLINE_LEARN_LOOP_H
#define PLUMBLINE_LEARN_LOOP_H

#include "plumbline/base/buf.h"
#include "plumbline/learn/features.h"
#include "plumbline/learn/model.h"

enum learn_rule {
    LEARN_RULE_DEFAULT,
    LEARN_RULE_GROUND_TRUTH,      /* threshold by the 95 % lower bound of the prefix */
    LEARN_RULE_GROUND_TRUTH_MEAN, /* threshold by its plain mean */
};

/* Values of label[] that are not a class index. */
enum {
    LEARN_UNKNOWN = -1,  /* not answered yet                                                   */
    LEARN_EXCLUDED = -2, /* will not be answered (failed, declined): neither asked nor counted */
};

/* What an item is to the loop; kept by the caller between rounds, one byte an item. */
enum learn_part {
    LEARN_PART_REST = 0, /* nothing yet                                                        */
    LEARN_PART_RANDOM,   /* in the random sample (ground-truth rule: the validation set)       */
    LEARN_PART_QUERIED,  /* in the first training sample (ground-truth rule), or audited       */
    LEARN_PART_AUDIT,    /* in the open audit sample                                           */
    LEARN_PART_AUTO,     /* labelled by the machine, for good                                  */
};

struct learn_settings {
    int64_t rule;       /* enum learn_rule                                                     */
    double  target;     /* accuracy of the automatic labels, 0.80 .. 0.999                     */
    int64_t seed;
    bool    whole_set;  /* the promise is about all items, people's part included              */
    int64_t most_human; /* most items labelled by people; 0 = no limit                         */
    double  most_share; /* most of all items labelled, by people or machine, 0..1; 0 = no limit */
    int64_t batch;      /* items a round; 0 = 2 % (ground-truth rule: 10 %, at most 1000)      */
    int64_t front;      /* length of the ranked list of next items; 0 = 1000                   */
};

void learn_settings_default(struct learn_settings *s); /* default rule, 0.95, seed 1 */
bool learn_settings_check(const struct learn_settings *s, struct error *err); /* field.invalid */

/* What survives between rounds beside part[]; start with all 0. */
struct learn_state {
    int64_t rounds;      /* trained so far                                                     */
    int64_t passes;      /* rounds running with the estimate at or over the target             */
    int64_t poor_rounds; /* ground-truth rule: rounds running that labelled under 1 %          */
    int64_t audits;      /* audit samples drawn                                                */
    int64_t random_size; /* R, after growth for classes with too few items                     */
    int64_t due;         /* run the next round when so many items have an answer               */
    int64_t decision;    /* enum learn_decision of the last round                              */
    int64_t audit_right, audit_items; /* outcome of the last audit that was answered           */
};

/* As one JSON object and back. */
bool learn_state_write(const struct learn_state *s, struct buf *out);
bool learn_state_read(struct learn_state *s, const char *json, size_t size, struct error *err);

enum learn_decision {
    LEARN_ASK,    /* people label the items of `ask`; run the next round at state.due          */
    LEARN_AUDIT,  /* the same, and the list begins with the audit sample                       */
    LEARN_FINISH, /* the rest is labelled: part[i] is AUTO where label[i] is to be taken       */
    LEARN_REFUSE, /* the promise cannot be kept by machine: everything left goes to people     */
    LEARN_STOP,   /* a limit is reached: nobody labels what is left                            */
};

/* "ask", "audit", "finish", "refuse", "stop". */
const char *learn_decision_name(int64_t decision);

/* Everything known of the job. */
struct learn_answers {
    uint32_t           n_classes;
    const char *const *class_names; /* n_classes                                               */
    bool               multilabel;
    const int32_t     *label;  /* rows->n: class index (multilabel: 0), LEARN_UNKNOWN, _EXCLUDED */
    const uint8_t     *sets;   /* multilabel: rows->n x n_classes, 1 = has it; else NULL       */
    const uint8_t     *weight; /* rows->n training weights 1..255, or NULL                     */
    const uint8_t     *part;   /* rows->n enum learn_part, as the last result gave them        */
    /* A model of earlier work on the same classes (by their names, in any order) and features, or
     * NULL. Until the first training its labels are the result's, and of the items beyond the random
     * sample those that it is least sure of come first. It is never trusted with more than that. Other
     * classes or features: as if it were not there. Default rule, one label an item. */
    const struct learn_model *opinion;
};

enum { LEARN_BILLS = 5 };

/* What a round found. Counts are items. */
struct learn_report {
    int64_t items, human, automatic, rest, random, failed; /* failed: without features         */
    double  estimate;        /* of the machine's accuracy on the rest, 0..1; -1 = none yet     */
    double  low, high;       /* its 90 % interval                                              */
    double  needed;          /* what the lower edge (estimate - 1 se) must reach               */
    double  threshold;       /* confidence from which labels would be good now; above 1: none  */
    int64_t over_threshold;  /* items of the rest at or over it                                */
    double  validation_accuracy; /* out of fold on the random items; -1 = none yet             */
    double  temperature;
    double  cpu_seconds;
    /* Items people would have labelled in the end, were the model to learn nothing more. */
    struct learn_bill { double target; int64_t human; } bill[LEARN_BILLS];
    int64_t bills;
    char    reason[400];     /* the decision as a sentence                                     */
};

/* The arrays belong to the result: learn_result_release. label, confidence and margin speak of
 * items with features only (else -1, 0, 0) and only once a model exists (`trained`); for items that
 * people labelled they are what the model, having seen the answer, says. */
struct learn_result {
    struct learn_state  state;
    struct learn_report report;
    int64_t  decision;
    bool     trained;
    bool     guessed;    /* not trained: label, confidence and margin are the opinion's         */
    size_t   n;          /* items                                                              */
    uint8_t *part;       /* n: to be kept and given to the next round                          */
    int32_t *label;      /* n: best class; multilabel: 0                                       */
    float   *confidence; /* n: calibrated probability that the label (the whole set) is right  */
    float   *margin;     /* n: best less second probability; multilabel: of the least sure label */
    uint8_t *sets;       /* multilabel: n x n_classes; else NULL                               */
    uint32_t n_classes;
    uint32_t *ask;       /* n_ask row numbers, most wanted first                               */
    size_t    n_ask;
    struct buf model;    /* learn_model_read; empty when none was trained                      */
};

void learn_result_release(struct learn_result *r);

/* What a round may tell while it works, 0..1; may be NULL. Returning false cancels. */
typedef bool learn_progress(void *context, double share);

/* One step of the loop. `rows` are the features of all items; dictionary as in model.h. Every
 * defined outcome (one class only, a class with one example, equal items, fewer items than R) is a
 * decision with a sentence, not an error. Errors: field.invalid settings or arrays out of range,
 * learn.cancelled. */
bool learn_round(const struct learn_rows *rows, const void *dictionary, size_t dictionary_size,
                 const struct learn_answers *answers, const struct learn_settings *settings,
                 const struct learn_state *state, learn_progress *progress, void *context,
                 struct learn_result *out, struct error *err);

#endif
