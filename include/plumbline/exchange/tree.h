/* tree.h - what stands in the files of Ground Truth's output folder, and what they are called.
 *
 * Shared by the export of a tree (a tar, or a folder) and by the tree that is written into a bucket as
 * a job goes: the same item has the same bytes under the same name in both. Every function appends to
 * `out` and is false when that would pass the buffer's limit.
 */
#ifndef PLUMBLINE_EXCHANGE_TREE_H
#define PLUMBLINE_EXCHANGE_TREE_H

#include "plumbline/base/buf.h"
#include "plumbline/exchange/export.h"

enum { TREE_PATH_SIZE = 160 };

extern const char tree_manifest_path[]; /* "manifests/output/output.manifest" */

struct tree_space { /* work space, used again from item to item */
    struct buf value, metadata;
};
void tree_space_init(struct tree_space *s);
void tree_space_release(struct tree_space *s);

/* The item's line of an augmented manifest, with its \n. */
bool tree_line(const struct export_options *o, const struct export_item *item,
               struct tree_space *space, struct buf *out);

/* What the machine made of the item: the input line with a member SageMakerOutput, as the results of
 * batch inference have it. With its \n. */
bool tree_inference_line(const struct export_options *o, const struct export_item *item,
                         struct tree_space *space, struct buf *out);

/* {"answers":[...]}: all answers of an item. */
bool tree_worker_response(const struct export_options *o, const struct export_item *item,
                          struct buf *out);

/* The item's element in the payload that a post-annotation function gets, and in its reply. */
bool tree_request(const struct export_options *o, const struct export_item *item, struct buf *out);
bool tree_response(const struct export_options *o, const struct export_item *item,
                   struct tree_space *space, struct buf *out);

/* ---- names, below the folder of the job ---- */

/* When the last of the item's answers was submitted: that names its worker response. */
int64_t tree_answered_us(const struct export_item *item);
char *tree_worker_response_path(const struct export_item *item, char out[TREE_PATH_SIZE]);
char *tree_consolidation_path(const char *kind, int64_t iteration, int64_t us,
                              char out[TREE_PATH_SIZE]); /* kind: "request" or "response" */
char *tree_intermediate_path(int64_t iteration, char out[TREE_PATH_SIZE]);

/* ---- reading a tree ---- */

/* Calls `each` for every file of a tree's tar, in its order (output.manifest is the last one). Bytes
 * are had by `read` from inside of the call: *size of them, 0 at the end. False with each's error, or
 * 500 when the tar cannot be read. */
struct tree_file {
    const char *path;
    int64_t     size;
    void       *tar;
};
typedef bool tree_each(void *ctx, struct tree_file *file, struct error *err);
bool tree_read(const char *tar, tree_each *each, void *ctx, struct error *err);
bool tree_file_read(struct tree_file *file, void *bytes, size_t room, size_t *size,
                    struct error *err);

#endif
