/* item_row.h - an item as a row of JSON, which its detail begins with; private to api/. */
#ifndef API_ITEM_ROW_H
#define API_ITEM_ROW_H

#include "item_view.h"

struct item_view {
    const char       *id, *key, *text, *label, *origin, *failure;
    int64_t           line, answers;
    int               state;
    struct media_view media;
    double            posterior, confidence;
    bool              has_media, has_posterior, has_confidence;
};

#define ITEM(field_kind, member, ...)                                                              \
    {                                                                                              \
        .name = #member, .kind = field_kind, .at = offsetof(struct item_view, member), __VA_ARGS__ \
    }
#define ITEM_FIELDS                                                                                \
    ITEM(FIELD_TEXT, id, .required = true),                                                        \
        ITEM(FIELD_INT, line, .required = true, .help = "Number of its line, from 0"),             \
        ITEM(FIELD_TEXT, key, .help = "The id it came with"),                                      \
        ITEM(FIELD_ENUM, state, .choices = item_state_names, .required = true),                    \
        ITEM(FIELD_TEXT, text, .help = "The first 300 characters"),                                \
        ITEM(FIELD_OBJECT, media, .fields = media_view_fields,                                     \
             .present = AT(struct item_view, has_media)),                                          \
        ITEM(FIELD_TEXT, label),                                                                   \
        ITEM(FIELD_TEXT, origin, .help = "human, machine, or provisional: a guess"),               \
        ITEM(FIELD_REAL, posterior, .present = AT(struct item_view, has_posterior)),               \
        ITEM(FIELD_REAL, confidence, .present = AT(struct item_view, has_confidence)),             \
        ITEM(FIELD_INT, answers, .required = true), ITEM(FIELD_TEXT, failure)

/* The name of class k, or NULL. */
const char *item_class_name(const struct label_set *set, int k);

struct item_view item_view(struct http_request *rq, const struct task_type *type,
                           const struct label_set *set, const struct item_row *r);

/* Reads with the job of path part 0 and its label set. */
typedef bool with_labels(struct http_request *rq, struct db *db, const struct job *job,
                         const struct label_set *set, struct error *err);
bool item_read_with_labels(struct http_request *rq, struct db *db, with_labels *read,
                           struct error *err);

#endif
