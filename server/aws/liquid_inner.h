/* liquid_inner.h - what the parts of the template language share.
 *
 * liquid.c        entry and limits
 * liquid_scan.c   the template cut into text, objects and tags
 * liquid_parse.c  blocks into nodes; liquid_tags.c: all that is no block
 * liquid_token.c  the words inside braces
 * liquid_expr.c   expressions into trees; liquid_eval.c: their values
 * liquid_run.c    nodes into text
 * liquid_value.c  what a value is: text, number, truth, equality, members
 * liquid_print.c  values into escaped text and JSON
 * liquid_filter*.c  the filters
 *
 * Everything that is made on the way lives in one arena and is charged to LIQUID_MEMORY_MAX; work
 * is charged in steps. Once a limit is passed, `stopped` is set, each function returns soon with
 * whatever is harmless, and the text so far stays.
 */
#ifndef PLUMBLINE_AWS_LIQUID_INNER_H
#define PLUMBLINE_AWS_LIQUID_INNER_H

#include "plumbline/aws/liquid.h"
#include "plumbline/base/arena.h"

/* ---- values ---- */

enum liquid_kind {
    LIQUID_NIL,
    LIQUID_BOOL,
    LIQUID_INT,
    LIQUID_REAL,
    LIQUID_TEXT,  /* valid UTF-8 */
    LIQUID_JSON,  /* a list or object of the variables */
    LIQUID_LIST,  /* a list made on the way */
    LIQUID_RANGE, /* from..to */
    LIQUID_LOOP,  /* forloop */
    LIQUID_EMPTY, /* the words `empty` and `blank`, to compare with */
    LIQUID_BLANK,
};

struct liquid_loop {
    int64_t index, length; /* index from 0 */
    const struct liquid_loop *parent;
};

struct liquid_value {
    enum liquid_kind kind;
    bool safe; /* a text that is printed as it is */
    union {
        bool truth;
        int64_t n;
        double x;
        struct {
            const char *p;
            size_t size;
        } text;
        const json_t *json;
        struct {
            const struct liquid_value *v;
            size_t n;
        } list;
        struct {
            int64_t from, to;
        } range;
        const struct liquid_loop *loop;
    };
};

/* ---- expressions ---- */

struct liquid_expr;

struct liquid_member {
    const struct liquid_expr *by;
    bool dotted; /* .first, not ["first"] */
    struct liquid_member *next;
};

struct liquid_expr {
    enum { EXPR_LITERAL, EXPR_PATH, EXPR_RANGE } kind;
    struct liquid_value literal;
    size_t symbol; /* of the path's first name */
    struct liquid_member *members;
    const struct liquid_expr *from, *to;
};

enum { LIQUID_ARGS_MAX = 4 };

struct liquid_call {
    const struct liquid_filter *filter;
    const char *at;
    const struct liquid_expr *args[LIQUID_ARGS_MAX];
    int n;
    const struct liquid_expr *allow_false; /* the one keyword there is, of `default` */
    struct liquid_call *next;
};

struct liquid_pipeline {
    const struct liquid_expr *value;
    struct liquid_call *calls;
};

enum liquid_compare {
    COMPARE_TRUTH, /* no operator: is it true? */
    COMPARE_EQUAL,
    COMPARE_DIFFERENT,
    COMPARE_LESS,
    COMPARE_MORE,
    COMPARE_AT_MOST,
    COMPARE_AT_LEAST,
    COMPARE_CONTAINS,
};

/* Liquid has no precedence: a or b and c is a or (b and c), a and b or c is a and (b or c). So the
 * comparisons are kept last first. */
struct liquid_condition {
    const struct liquid_expr *left, *right;
    enum liquid_compare compare;
    bool both; /* joined by `and` with what follows it in the template */
    struct liquid_condition *before;
};

/* ---- nodes ---- */

enum liquid_node_kind {
    NODE_TEXT,
    NODE_OUTPUT,
    NODE_ASSIGN,
    NODE_CAPTURE,
    NODE_IF,
    NODE_CASE,
    NODE_FOR,
    NODE_BREAK,
    NODE_CONTINUE,
    NODE_CYCLE,
    NODE_COUNT, /* increment, decrement */
};

struct liquid_values {
    const struct liquid_expr *value;
    struct liquid_values *next;
};

struct liquid_branch {
    const struct liquid_condition *when; /* if; NULL = else */
    bool negated;                        /* unless */
    struct liquid_values *values;        /* case; NULL = else */
    struct liquid_node *body;
    struct liquid_branch *next;
};

struct liquid_node {
    enum liquid_node_kind kind;
    const char *at; /* place in the template */
    struct liquid_node *next;
    const char *text; /* TEXT */
    size_t size;
    struct liquid_pipeline pipeline; /* OUTPUT, ASSIGN; value of CASE, collection of FOR */
    size_t symbol;                   /* ASSIGN, CAPTURE, FOR, COUNT: the name; CYCLE: its group */
    struct liquid_branch *branches;  /* IF, CASE; FOR: the body and the else */
    struct liquid_values *values;    /* CYCLE */
    size_t continued;                /* FOR: the symbol under which its end is remembered */
    const struct liquid_expr *limit, *offset;
    bool reversed, go_on; /* FOR; go_on: offset: continue */
    int by;               /* COUNT: +1 or -1 */
};

/* ---- one rendering ---- */

struct liquid_slot {
    const char *name;
    size_t size;
    bool assigned, scoped; /* scoped: the variable of a loop, before what was assigned */
    struct liquid_value value, local;
    int64_t count;    /* increment, cycle */
    size_t continued; /* where the last loop of this name ended */
};

struct liquid {
    const char *text, *end; /* the template */
    const char *cursor;     /* how far it is scanned */
    bool trim_next, no_object_end, no_tag_end;
    const struct liquid_options *options;
    const json_t *variables;
    struct buf *out;
    size_t out_max; /* size at which it is full */
    int captures, depth;
    const struct liquid_loop *loop;
    json_t *errors;
    size_t error_count;
    struct arena arena;
    size_t memory;
    int64_t steps, steps_max;
    bool stopped;
    const char *at;  /* what is being read or rendered, for errors */
    json_t *symbols; /* name -> index of its slot */
    struct liquid_slot *slots;
    size_t slot_count, slot_room;
};

/* liquid.c */
void liquid_error(struct liquid *r, const char *at, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool liquid_step(struct liquid *r,
                 size_t bytes); /* charges a step and 1 for 64 bytes; false: stop */
void *liquid_alloc(struct liquid *r, size_t count, size_t size);    /* zeroed; NULL: stop */
char *liquid_keep(struct liquid *r, const char *text, size_t size); /* a copy; NULL: stop */
size_t liquid_symbol(struct liquid *r, const char *name, size_t size);

/* liquid_scan.c */
enum liquid_piece_kind { PIECE_END, PIECE_TEXT, PIECE_OBJECT, PIECE_TAG };
struct liquid_piece {
    enum liquid_piece_kind kind;
    const char *at;   /* where it begins */
    const char *text; /* what stands inside */
    size_t size;
    const char *name; /* TAG: its first word, text being the rest */
    size_t name_size;
};
struct liquid_piece liquid_scan(struct liquid *r);
/* Passes over everything up to the tag `end`, also over tags of the same `begin` inside (NULL: none
 * counts). Gives what stood between; unclosed: all the rest, and false. */
bool liquid_skip(struct liquid *r, const char *begin, const char *end, const char **text,
                 size_t *size);
bool liquid_is(const char *text, size_t size, const char *word);
size_t liquid_space(const char *text, size_t size); /* bytes of white space it begins with */

/* liquid_parse.c */
struct liquid_node *liquid_parse(struct liquid *r);

/* liquid_tags.c */
struct liquid_tokens;
struct liquid_parser {
    struct liquid *r;
    struct liquid_piece ended; /* the tag that ended the last block; END: the template did */
    int loops;                 /* how many are open, for break and continue                */
};
struct liquid_node *liquid_node_make(struct liquid *r, enum liquid_node_kind kind, const char *at);
/* Values joined by commas, and by `or` behind `when`. */
struct liquid_values *liquid_values(struct liquid_tokens *t, bool with_or);
typedef struct liquid_node *liquid_tag_parse(struct liquid_parser *p,
                                             const struct liquid_piece *piece);
liquid_tag_parse liquid_parse_assign, liquid_parse_output, liquid_parse_cycle, liquid_parse_count,
    liquid_parse_jump, liquid_parse_raw, liquid_parse_comment, liquid_parse_remark,
    liquid_parse_text;

/* liquid_token.c */
enum liquid_token_kind {
    TOKEN_END,
    TOKEN_NAME,
    TOKEN_INT,
    TOKEN_REAL,
    TOKEN_TEXT,
    TOKEN_COMPARE,
    TOKEN_RANGE,
    TOKEN_MARK, /* one of . [ ] ( ) | : , = */
    TOKEN_BAD,
};
struct liquid_tokens {
    struct liquid *r;
    const char *p, *end;         /* what is not read yet */
    enum liquid_token_kind kind; /* the token at hand */
    const char *text;
    size_t size;
    int64_t n;
    double x;
    int nesting;
    bool failed; /* an error was reported; only the first is */
};
void liquid_tokens(struct liquid_tokens *t, struct liquid *r, const char *text, size_t size);
void liquid_next(struct liquid_tokens *t);
bool liquid_mark(struct liquid_tokens *t, char mark);        /* passes over it if it is at hand */
bool liquid_word(struct liquid_tokens *t, const char *word); /* likewise */
bool liquid_wrong(struct liquid_tokens *t, const char *wanted); /* SyntaxError; returns false */
bool liquid_ended(struct liquid_tokens *t);                     /* nothing left, or SyntaxError */

/* liquid_expr.c: NULL or false after an error */
struct liquid_expr *liquid_expr_parse(struct liquid_tokens *t);
bool liquid_pipeline_parse(struct liquid_tokens *t, struct liquid_pipeline *out);
struct liquid_condition *liquid_condition_parse(struct liquid_tokens *t);

/* liquid_eval.c */
struct liquid_value liquid_eval(struct liquid *r, const struct liquid_expr *e);
bool liquid_run_pipeline(struct liquid *r, const struct liquid_pipeline *p,
                         struct liquid_value *out); /* false: an argument was wrong */
bool liquid_holds(struct liquid *r, const struct liquid_condition *c);

/* liquid_run.c */
void liquid_run(struct liquid *r, const struct liquid_node *node);

/* liquid_value.c */
struct liquid_value liquid_nil(void);
struct liquid_value liquid_of_int(int64_t n);
struct liquid_value liquid_of_real(double x);
struct liquid_value liquid_of_bool(bool truth);
struct liquid_value liquid_of_text(const char *p, size_t size); /* borrowed */
struct liquid_value liquid_of_list(const struct liquid_value *v, size_t n);
struct liquid_value liquid_of_json(const json_t *json);
bool liquid_true(const struct liquid_value *v);
bool liquid_is_list(const struct liquid_value *v);
bool liquid_is_object(const struct liquid_value *v);
size_t liquid_count(struct liquid *r,
                    const struct liquid_value *v); /* members, code points; else 0 */
/* What a loop goes over, as LIST, RANGE or list of the variables: an object gives its pairs [name,
 * value], a text itself, what holds nothing an empty list. */
struct liquid_value liquid_listed(struct liquid *r, const struct liquid_value *v);
struct liquid_value liquid_item(const struct liquid_value *listed, size_t i);
struct liquid_value liquid_member(struct liquid *r, const struct liquid_value *of,
                                  const struct liquid_value *key, bool dotted);
bool liquid_equal(struct liquid *r, const struct liquid_value *a, const struct liquid_value *b);
/* Numbers with numbers, texts with texts; false when they have no order. */
bool liquid_order(struct liquid *r, const struct liquid_value *a, const struct liquid_value *b,
                  int *order);
bool liquid_contains(struct liquid *r, const struct liquid_value *in, const struct liquid_value *v);

/* liquid_print.c */
struct liquid_value liquid_kept(struct liquid *r, struct buf *b); /* its content; releases it */
void liquid_print(struct liquid *r, const char *text, size_t size);
void liquid_print_value(struct liquid *r, const struct liquid_value *v);
struct liquid_value liquid_text(struct liquid *r, const struct liquid_value *v); /* as a text */
struct liquid_value liquid_json(struct liquid *r, const struct liquid_value *v);
/* The text escaped; `once` leaves character references as they are. */
struct liquid_value liquid_escape(struct liquid *r, const struct liquid_value *text, bool once);

/* liquid_filter_number.c */
struct liquid_value
liquid_number(const struct liquid_value *v);                   /* INT or REAL; 0 for what is none */
bool liquid_whole(const struct liquid_value *v, int64_t *out); /* false: not within 64 bits */

/* liquid_filter.c */
struct liquid_filter {
    const char *name;
    int args_min, args_max;
    /* Fills *v, which comes in as the input. False after an ArgumentError. */
    bool (*run)(struct liquid *r, struct liquid_value *v, const struct liquid_value *args, int n);
};
const struct liquid_filter *liquid_filter_find(const char *name, size_t size);
bool liquid_refuse(struct liquid *r, const char *format, ...) /* ArgumentError; returns false */
    __attribute__((format(printf, 2, 3)));
extern const struct liquid_filter liquid_text_filters[], liquid_cut_filters[],
    liquid_number_filters[], liquid_list_filters[], liquid_html_filters[],
    liquid_date_filters[]; /* name NULL ends */
struct liquid_value liquid_arg_text(struct liquid *r, const struct liquid_value *args, int n, int i,
                                    const char *otherwise);
int64_t liquid_arg_int(const struct liquid_value *args, int n, int i, int64_t otherwise);

#endif
