/* error.c - filling the one error value. */
#include "plumbline/base/error.h"

#include "plumbline/base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A message quotes input, cut to fit: what is left of a character that was cut becomes '?', so that a
 * message is always UTF-8 and can be sent as JSON. */
static void mend(char *text)
{
    size_t size = strlen(text), valid;

    while ((valid = utf8_valid_prefix(text, size)) < size)
        text[valid] = '?';
}

static bool fill(struct error *err, int status, const char *code, const char *field,
                 const char *format, va_list args)
{
    if (!err)
        return false;
    err->status = status;
    snprintf(err->code, sizeof err->code, "%s", code);
    snprintf(err->field, sizeof err->field, "%s", field ? field : "");
    vsnprintf(err->message, sizeof err->message, format, args);
    mend(err->message);
    mend(err->field);
    return false;
}

bool error_set(struct error *err, int status, const char *code, const char *field,
               const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fill(err, status, code, field, format, args);
    va_end(args);
    return false;
}

bool error_invalid(struct error *err, const char *field, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fill(err, 422, "field.invalid", field, format, args);
    va_end(args);
    return false;
}

bool error_not_found(struct error *err, const char *noun, const char *format, ...)
{
    char code[48];
    va_list args;

    snprintf(code, sizeof code, "%s.not_found", noun);
    va_start(args, format);
    fill(err, 404, code, "", format, args);
    va_end(args);
    return false;
}

bool error_conflict(struct error *err, const char *code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fill(err, 409, code, "", format, args);
    va_end(args);
    return false;
}

bool error_internal(struct error *err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fill(err, 500, "internal", "", format, args);
    va_end(args);
    return false;
}

bool error_system(struct error *err, const char *format, ...)
{
    const char *reason = strerror(errno);
    va_list args;

    va_start(args, format);
    fill(err, 500, "internal", "", format, args);
    va_end(args);
    if (err) {
        size_t used = strlen(err->message);

        snprintf(err->message + used, sizeof err->message - used, ": %s", reason);
    }
    return false;
}
