/* export.h - writing a job's labels: augmented manifest, Ground Truth's output tree, JSON Lines,
 * CSV.
 *
 * The writer pulls items in line order from a source and pushes bytes into a sink; it holds one
 * item at a time. The same items and options give the same bytes.
 *
 * manifest  a line per item: the input line's bytes, then the label attribute and its metadata.
 *           What the line had under those two names is cut out first; nothing else is touched or
 *           parsed again. Unlabelled lines stay as they came; failed ones gain metadata with
 *           failure-reason.
 * tree      a tar (or folder) with manifests/output/output.manifest and annotations/..., as in
 *           Ground Truth's bucket.
 * jsonl     {"line","id"|"key","source"|"source-ref","label","confidence","posterior","origin",
 *           ...}.
 *           In multi-label types `label` lists the classes with a posterior of 0.5 or more (all,
 *           where no posterior is known), and confidence and posterior are objects by class name.
 * csv       the same in columns (RFC 4180, header, UTF-8 without byte order mark); a multi-label
 *           `label` is a JSON list, confidence and posterior JSON objects. A cell of foreign text
 *           that a spreadsheet would run as a formula (it begins with = + - @, tab or carriage
 *           return) gets an apostrophe in front, unless options.csv_plain. The other formats are
 *           always exact.
 */
#ifndef PLUMBLINE_EXCHANGE_EXPORT_H
#define PLUMBLINE_EXCHANGE_EXPORT_H

#include "plumbline/base/error.h"
#include "plumbline/tasks/task.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum export_format { EXPORT_MANIFEST, EXPORT_TREE, EXPORT_JSONL, EXPORT_CSV };

/* "manifest", "tree", "jsonl", "csv"; NULL-terminated, in the order of the enum. */
extern const char *const export_formats[];

enum export_origin {
    EXPORT_NONE,    /* not labelled yet                                              */
    EXPORT_HUMAN,
    EXPORT_MACHINE,
    EXPORT_FAILED,  /* given up                                                      */
    EXPORT_KEPT,    /* came with a label under the job's attribute: stays as it came */
};

struct export_answer {
    const char *worker;      /* stable, not a name: "private.eu-west-1.3f9a0c1de2b44a70" */
    const char *provider;    /* of the identity: "Oidc" (NULL too) or "Cognito" */
    const char *issuer, *sub; /* identity at the provider, or NULL */
    int64_t accepted_us, submitted_us; /* UTC microseconds */
    double  seconds;         /* active time */
    struct task_classes answer;
};

/* All pointers are the source's and must live until its next call. */
struct export_item {
    int64_t     line;          /* zero-based; ascending                                       */
    const char *raw;           /* the input line as manifest_item gave it; "" for a bad line  */
    size_t      raw_size;
    const char *key;           /* as manifest_item gave it                                    */
    enum export_origin origin;
    struct task_label  label;  /* HUMAN, MACHINE; job, human are filled in by the writer      */
    const double *posterior;   /* calibrated: one, or one a class of a multi-label type; or NULL */
    const char *failure;       /* FAILED: the reason                                          */
    int64_t     retries;
    int64_t     failed_us;
    int64_t     iteration;     /* from 1: the round of people's work it was in; 0 = none      */
    const struct export_answer *answers; /* newest of each person; in order of submission; read
                                            for a tree only, NULL is fine for the others         */
    size_t      answer_count;  /* how many there are, also where they are not given           */
};

/* A file of the tree that is not about items: models and reports of the training rounds. */
struct export_file {
    const char *path; /* "training/iteration-1/model.bin" */
    const void *bytes;
    size_t      size;
    int64_t     modified_us;
};

struct export_source {
    void *ctx;
    /* Fills *item (zeroed before) and returns true, or sets *end. False with *err on failure. */
    bool (*next)(void *ctx, struct export_item *item, bool *end, struct error *err);
    /* Likewise for further files of a tree, asked for after the items; NULL: there are none. */
    bool (*file)(void *ctx, struct export_file *file, bool *end, struct error *err);
};

struct export_sink {
    void *ctx;
    bool (*write)(void *ctx, const void *bytes, size_t size, struct error *err);
};

struct export_options {
    enum export_format      format;
    const struct task_type *type;
    const struct label_set *labels;
    const char *element;       /* name of the worker template's element, under which answers
                                  stand in a tree's files; NULL: that of the type       */
    const char *job;           /* job name                                              */
    const char *attribute;     /* label attribute name                                  */
    bool        labelled_only; /* leave out items without a label (NONE, FAILED)        */
    bool        csv_plain;     /* no apostrophes                                        */
};

struct export_result {
    int64_t lines;             /* items written                                         */
    int64_t human, machine, failed, unlabelled, kept; /* of these                       */
    int64_t bytes;             /* pushed into the sink; for a folder, of all its files  */
    char    sha256[65];        /* of those bytes, hex; for a folder, of output.manifest */
};

/* Writes everything. A tree becomes a tar. `result` may be NULL. Errors: the source's, the sink's,
 * and 500 internal. What was written before an error is of no use. */
bool export_write(const struct export_options *options, const struct export_source *source,
                  const struct export_sink *sink, struct export_result *result,
                  struct error *err);

/* The same into an open file, pipe or socket. */
bool export_write_fd(const struct export_options *options, const struct export_source *source,
                     int fd, struct export_result *result, struct error *err);

/* The same into a new file that appears under its name only when it is complete and on disk. A tree
 * whose path does not end in .tar becomes a folder, which is made when it is missing; its
 * output.manifest is replaced last, in one step. */
bool export_write_path(const struct export_options *options, const struct export_source *source,
                       const char *path, struct export_result *result, struct error *err);

#endif
