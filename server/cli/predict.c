/* predict.c - `plumbline predict`: a model's labels for the items of a manifest, as JSON Lines. */
#include "begin.h"
#include "learner.h"

#include "plumbline/base/buf.h"
#include "plumbline/cli/commands.h"
#include "plumbline/learn/calibrate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SYNOPSIS "predict --model FILE MANIFEST"

static const char HELP[] =
    "Writes one JSON object an item to standard output: item (its id, else its line number),\n"
    "line, label and confidence (labels and confidence of the whole set for a multi-label model),\n"
    "and probabilities by class. An item the model cannot read has error in their place.";

static const struct command_form predict_form = {
    .synopsis = SYNOPSIS,
    .help = HELP,
    .words = 1,
    .wanted = "One MANIFEST is needed: plumbline " SYNOPSIS,
};

enum { LINE_MAX_BYTES = 16 << 20 };

struct prediction {
    const char         *model_path;
    struct learner_set  set;
    struct learn_model *model;
};

static bool read_model(struct prediction *p, struct error *err)
{
    FILE *in = fopen(p->model_path, "rb");
    char piece[64 * 1024];
    struct buf bytes;
    size_t n;

    if (!in)
        return error_set(err, 404, "model.not_found", "--model", "Cannot read %s: %s",
                         p->model_path, strerror(errno));
    buf_init(&bytes, (size_t)1 << 32);
    while ((n = fread(piece, 1, sizeof piece, in)) > 0)
        buf_add(&bytes, piece, n);
    fclose(in);
    p->model = learn_model_read(bytes.data ? bytes.data : "", bytes.size, err);
    buf_release(&bytes);
    return p->model != NULL;
}

/* The type only says what a manifest's lines hold: text, images, or either beside their vectors. */
static const struct task_type *type_for(const struct learn_extractor *x)
{
    return task_type_find(x->kind == LEARN_IMAGE ? "image-classification" : "text-classification");
}

static bool read_items(struct prediction *p, const char *path, struct error *err)
{
    struct learner_set *set = &p->set;
    const void *dictionary;
    size_t size;

    set->extractor = *learn_model_extractor(p->model);
    set->extractor_known = true;
    set->type = type_for(&set->extractor);
    dictionary = learn_model_dictionary(p->model, &size);
    if (set->extractor.kind == LEARN_IMAGE && !dictionary)
        return error_invalid(err, "model", "The model holds no image dictionary, so it cannot read "
                             "images. Train it again.");
    if (dictionary) {
        set->dictionary = must_alloc(size);
        set->dictionary_size = size;
        memcpy(set->dictionary, dictionary, size);
    }
    return learner_read(set, path, 1, err);
}

static void add_label(const struct learn_model *m, const float *p, struct learn_choice c,
                      struct buf *line)
{
    uint32_t said = 0;

    if (!learn_model_is_multilabel(m)) {
        buf_puts(line, ",\"label\":");
        buf_json_text(line, learn_model_class(m, (uint32_t)c.label));
    } else {
        buf_puts(line, ",\"labels\":[");
        for (uint32_t k = 0; k < learn_model_classes(m); k++) {
            if (p[k] < 0.5f)
                continue;
            buf_puts(line, said++ > 0 ? "," : "");
            buf_json_text(line, learn_model_class(m, k));
        }
        buf_puts(line, "]");
    }
    buf_printf(line, ",\"confidence\":%.6g,\"probabilities\":{", (double)c.confidence);
    for (uint32_t k = 0; k < learn_model_classes(m); k++) {
        buf_puts(line, k > 0 ? "," : "");
        buf_json_text(line, learn_model_class(m, k));
        buf_printf(line, ":%.6g", (double)p[k]);
    }
    buf_puts(line, "}");
}

static bool write_items(const struct prediction *p, struct error *err)
{
    uint32_t classes = learn_model_classes(p->model);
    float *probability = must_alloc((classes + 1) * sizeof *probability);
    struct buf line;
    bool ok = true;

    buf_init(&line, LINE_MAX_BYTES);
    for (size_t i = 0; ok && i < p->set.n; i++) {
        buf_clear(&line);
        buf_puts(&line, "{\"item\":");
        learner_item_name(&p->set, i, &line);
        buf_printf(&line, ",\"line\":%lld", (long long)p->set.item[i].file_line);
        if (p->set.row[i].data) {
            learn_model_predict(p->model, &p->set.row[i], probability);
            add_label(p->model, probability,
                      learn_choose(probability, classes, learn_model_is_multilabel(p->model)),
                      &line);
        } else {
            buf_puts(&line, ",\"error\":");
            buf_json_text(&line, p->set.item[i].failure);
        }
        buf_puts(&line, "}\n");
        ok = !line.overflow && fwrite(line.data, 1, line.size, stdout) == line.size;
    }
    ok = fflush(stdout) == 0 && ok;
    buf_release(&line);
    free(probability);
    return ok || error_system(err, "The predictions cannot be written");
}

int command_predict(int argc, char **argv)
{
    struct prediction p = {0};
    const struct option_spec options[] = {
        {.name = "model", .kind = OPTION_TEXT, .to = &p.model_path, .required = true,
         .value_name = "FILE", .help = "what `plumbline train` or the service wrote"},
        {.kind = OPTION_END}};
    struct arguments args;
    struct error err = {0};
    int status;
    bool ok;

    if (!command_begin(&predict_form, options, argc, argv, &args, &status))
        return status;
    arena_init(&p.set.arena);
    ok = read_model(&p, &err) && read_items(&p, args.v[0], &err) && write_items(&p, &err);
    learn_model_free(p.model);
    learner_release(&p.set);
    return ok ? 0 : command_fail("predict", &err);
}
