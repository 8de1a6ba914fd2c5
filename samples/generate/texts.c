/* texts.c - 2,000 messages of customers who do not exist, with what each is about.
 *
 *     texts OUT-DIRECTORY [SEED]
 *
 * Writes messages.jsonl (one {"id", "source"} a line) and messages.truth.csv (item,label). A
 * message is a sentence of its topic, often with greetings, fillers and a second matter that is not
 * the main one; some are vague, some in another language, many badly typed. The same seed gives the
 * same bytes. A plain classifier gets about nine in ten right, as people's mail would allow.
 */
#include "grammar.h"
#include "plumbline/base/buf.h"
#include "random.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGES = 2000, LENGTH_MIN = 15, LENGTH_MAX = 400, BYTES_MAX = 4000 };

static const char *pick(struct random *r, const char *const *options)
{
    int n = 0;

    while (options[n])
        n++;
    return options[random_below(r, n)];
}

static const struct rule *rule_find(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strlen(rules[i].name) == length && memcmp(rules[i].name, name, length) == 0)
            return &rules[i];
    fprintf(stderr, "texts: the grammar has no rule {%.*s}\n", (int)length, name);
    exit(1);
}

static void expand(struct random *r, const char *text, struct buf *out)
{
    while (*text) {
        size_t plain = strcspn(text, "{"), length;

        buf_add(out, text, plain);
        text += plain;
        if (!*text)
            return;
        length = strcspn(++text, "}");
        if (*text == '#')
            buf_printf(out, "%d", 1 + random_below(r, 9));
        else
            expand(r, pick(r, rule_find(text, length)->options), out);
        text += length + 1;
    }
}

static void add_part(struct random *r, const char *text, struct buf *out)
{
    if (out->size)
        buf_puts(out, " ");
    expand(r, text, out);
}

static void add_sentence(struct random *r, const char *text, struct buf *out)
{
    size_t before = out->size;
    char *first, last;

    add_part(r, text, out);
    first = out->data + before + (before > 0);
    if (random_chance(r, 0.6))
        *first = (char)toupper((unsigned char)*first);
    last = out->data[out->size - 1];
    if (!strchr(".?!", last) && random_chance(r, 0.75))
        buf_puts(out, random_chance(r, 0.2) ? "!" : ".");
}

/* A matter of another topic, mentioned in passing. */
static void add_aside(struct random *r, enum topic topic, struct buf *out)
{
    enum topic other = (enum topic)(((int)topic + 1 + random_below(r, TOPICS - 1)) % TOPICS);
    static const char *const links[] = {"By the way,",     "And", "PS:", "Also,",
                                        "One more thing:", NULL};

    add_part(r, pick(r, links), out);
    add_sentence(r, pick(r, topic_sentences[other]), out);
}

static void compose(struct random *r, enum topic topic, struct buf *out)
{
    double kind = random_real(r);

    if (random_chance(r, 0.35))
        add_part(r, "{hello}", out);
    if (random_chance(r, 0.25))
        add_sentence(r, "{filler}", out);
    if (kind < 0.05)
        add_sentence(r, pick(r, vague), out);
    else if (kind < 0.15)
        add_sentence(r, pick(r, topic_foreign[topic]), out);
    else
        add_sentence(r, pick(r, topic_sentences[topic]), out);
    if (random_chance(r, 0.15))
        add_sentence(r, pick(r, topic_sentences[topic]), out);
    for (int n = random_below(r, random_chance(r, 0.1) ? 9 : 3); n > 0; n--)
        add_sentence(r, "{filler}", out);
    if (random_chance(r, 0.13))
        add_aside(r, topic, out);
    if (random_chance(r, 0.3))
        add_sentence(r, "{bye}", out);
    if (random_chance(r, 0.15))
        add_part(r, "{emoji}", out);
}

/* Typing errors, on ASCII letters only: swapped, doubled, dropped, hit beside. */
static void mistype(struct random *r, const struct buf *in, double rate, struct buf *out)
{
    for (size_t i = 0; i < in->size; i++) {
        const char *c = in->data + i;

        if (!isalpha((unsigned char)*c) || !random_chance(r, rate)) {
            buf_add(out, c, 1);
            continue;
        }
        switch (random_below(r, 4)) {
        case 0:
            if (isalpha((unsigned char)c[1])) {
                buf_add(out, c + 1, 1);
                i++;
            }
            buf_add(out, c, 1);
            break;
        case 1:
            buf_add(out, c, 1), buf_add(out, c, 1);
            break;
        case 2:
            break;
        default:
            buf_printf(out, "%c", 'a' + random_below(r, 26));
            break;
        }
    }
}

static void change_case(struct random *r, struct buf *text)
{
    double kind = random_real(r);

    if (kind >= 0.22)
        return;
    for (size_t i = 0; i < text->size; i++) {
        unsigned char c = (unsigned char)text->data[i];

        if (c < 0x80)
            text->data[i] = (char)(kind < 0.06 ? toupper(c) : tolower(c));
    }
}

/* A message of the right length in *out. */
static void write_message(struct random *r, enum topic topic, struct buf *out)
{
    struct buf draft;

    buf_init(&draft, BYTES_MAX);
    do {
        buf_clear(&draft);
        buf_clear(out);
        compose(r, topic, &draft);
        change_case(r, &draft);
        mistype(r, &draft, random_chance(r, 0.35) ? random_between(r, 0.01, 0.08) : 0, out);
    } while (out->size < LENGTH_MIN || out->size > LENGTH_MAX);
    buf_release(&draft);
}

static FILE *create(const char *folder, const char *name)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "wb");
    if (!file) {
        fprintf(stderr, "texts: %s: %s\n", path, strerror(errno));
        exit(1);
    }
    return file;
}

int main(int argc, char **argv)
{
    struct random r = {argc > 2 ? strtoull(argv[2], NULL, 10) : 1};
    struct buf text, line;
    FILE *items, *truth;

    if (argc < 2) {
        fprintf(stderr, "usage: texts OUT-DIRECTORY [SEED]\n");
        return 2;
    }
    items = create(argv[1], "messages.jsonl");
    truth = create(argv[1], "messages.truth.csv");
    buf_init(&text, BYTES_MAX);
    buf_init(&line, 8 * BYTES_MAX);
    fputs("item,label\n", truth);
    for (int i = 0; i < MESSAGES; i++) {
        /* Not in equal numbers: mail is not either. */
        static const double share[TOPICS] = {0.28, 0.2, 0.16, 0.2, 0.16};
        double at = random_real(&r);
        int topic = 0;

        while (topic < TOPICS - 1 && (at -= share[topic]) >= 0)
            topic++;
        write_message(&r, (enum topic)topic, &text);
        buf_clear(&line);
        buf_printf(&line, "{\"id\":\"message-%04d\",\"source\":", i);
        buf_json_text(&line, text.data);
        fprintf(items, "%s}\n", line.data);
        fprintf(truth, "message-%04d,%s\n", i, topic_names[topic]);
    }
    buf_release(&text);
    buf_release(&line);
    return fclose(items) != 0 || fclose(truth) != 0;
}
