/* loop_state.c - settings and state: defaults, checks, JSON. */
#include "plumbline/base/fields.h"
#include "plumbline/learn/loop.h"

#include <stdlib.h>

static const double TARGET_MIN = 0.80, TARGET_MAX = 0.999;

#define COUNTER(member)                                                                            \
    {.name = #member, .kind = FIELD_INT, .at = offsetof(struct learn_state, member),               \
     .max = 9007199254740992.0}

static const struct field state_fields[] = {
    COUNTER(rounds),  COUNTER(passes),      COUNTER(poor_rounds), COUNTER(audits),
    COUNTER(random_size), COUNTER(due),     COUNTER(decision),    COUNTER(audit_right),
    COUNTER(audit_items), FIELD_END};

void learn_settings_default(struct learn_settings *s)
{
    *s = (struct learn_settings){.rule = LEARN_RULE_DEFAULT, .target = 0.95, .seed = 1};
}

bool learn_settings_check(const struct learn_settings *s, struct error *err)
{
    if (!(s->target >= TARGET_MIN && s->target <= TARGET_MAX))
        return error_invalid(err, "target", "The target must lie between %g and %g, not %g.",
                             TARGET_MIN, TARGET_MAX, s->target);
    if (s->rule < LEARN_RULE_DEFAULT || s->rule > LEARN_RULE_GROUND_TRUTH_MEAN)
        return error_invalid(err, "rule", "There is no rule %lld.", (long long)s->rule);
    if (s->most_human < 0)
        return error_invalid(err, "most_human", "The limit of people's labels is negative.");
    if (!(s->most_share >= 0 && s->most_share <= 1))
        return error_invalid(err, "most_share", "The share of items to label must lie between 0 "
                             "and 1, not %g.", s->most_share);
    if (s->batch < 0)
        return error_invalid(err, "batch", "The size of a training round is negative.");
    if (s->front < 0)
        return error_invalid(err, "front", "The length of the list of next items is negative.");
    return true;
}

bool learn_state_write(const struct learn_state *s, struct buf *out)
{
    json_t *root = fields_write(state_fields, s);
    char *text = json_dumps(root, JSON_COMPACT);
    bool ok = text && buf_puts(out, text);

    free(text);
    json_decref(root);
    return ok;
}

bool learn_state_read(struct learn_state *s, const char *json, size_t size, struct error *err)
{
    struct learn_state read = {0};
    struct arena a;
    json_t *root = json_parse(json, size, err);
    bool ok;

    if (!root)
        return false;
    arena_init(&a);
    ok = fields_read(state_fields, root, &read, &a, err);
    arena_release(&a);
    json_decref(root);
    if (ok)
        *s = read;
    return ok;
}

const char *learn_decision_name(int64_t decision)
{
    static const char *const names[] = {"ask", "audit", "finish", "refuse", "stop"};

    return decision >= 0 && decision <= LEARN_STOP ? names[decision] : "unknown";
}
