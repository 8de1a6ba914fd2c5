/* error.h - one error value for every room.
 *
 * A function that can fail returns bool and takes `struct error *err` last. On failure it returns
 * false and has filled *err; on success *err is untouched. The caller owns the struct. Nothing is
 * printed on the way up: the door (api, command line) shows it once.
 *
 * Codes are dotted, stable and never change their meaning: "job.not_found", "field.invalid".
 */
#ifndef PLUMBLINE_BASE_ERROR_H
#define PLUMBLINE_BASE_ERROR_H

#include <stdbool.h>

struct error {
    int  status;       /* the HTTP status it maps to at the door; 0 = no error yet */
    char code[48];     /* stable, for programs                                     */
    char field[96];    /* the input field, flag or line to blame, or ""            */
    char message[400]; /* one sentence for people: never parsed, holds no secrets  */
};

/* Fills *err and returns false, so that `return error_set(...)` reads well. err may be NULL. */
bool error_set(struct error *err, int status, const char *code, const char *field,
               const char *format, ...) __attribute__((format(printf, 5, 6)));

/* 422 field.invalid: a value that was understood but is not allowed. */
bool error_invalid(struct error *err, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* 404 NOUN.not_found. */
bool error_not_found(struct error *err, const char *noun, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* 409 with the given code. */
bool error_conflict(struct error *err, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* 500 internal: our own fault. */
bool error_internal(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* 500 internal with strerror(errno) after the text. */
bool error_system(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
