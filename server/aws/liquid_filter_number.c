/* liquid_filter_number.c - arithmetic.
 *
 * Two whole numbers give a whole number, rounded down where they are divided, as in Ruby; with a
 * fraction on either side the result has one. A result beyond 64 bits is refused. */
#include "liquid_inner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Digits with one point inside: a number with a fraction. Else what it begins with counts, "7 kg"
 * is 7 and "kg" is 0. */
static struct liquid_value text_number(const char *p, size_t size)
{
    char text[64];
    size_t n = size < sizeof text - 1 ? size : sizeof text - 1, digits;
    double x;

    memcpy(text, p, n);
    text[n] = '\0';
    p = text + liquid_space(text, n);
    digits = strspn(p + (*p == '-'), "0123456789") + (*p == '-');
    if (p[digits] == '.' && strspn(p + digits + 1, "0123456789") > 0) {
        size_t fraction = strspn(p + digits + 1, "0123456789");

        x = strtod(p, NULL);
        if (p[digits + 1 + fraction] == '\0' && isfinite(x))
            return liquid_of_real(x);
    }
    return liquid_of_int(strtoll(p, NULL, 10));
}

struct liquid_value liquid_number(const struct liquid_value *v)
{
    if (v->kind == LIQUID_INT || v->kind == LIQUID_REAL)
        return *v;
    return v->kind == LIQUID_TEXT ? text_number(v->text.p, v->text.size) : liquid_of_int(0);
}

bool liquid_whole(const struct liquid_value *v, int64_t *out)
{
    if (v->kind == LIQUID_REAL) {
        if (!(v->x > -9.2e18 && v->x < 9.2e18))
            return false;
        *out = (int64_t)v->x;
        return true;
    }
    *out = v->n;
    return true;
}

static double as_real(const struct liquid_value *v)
{
    return v->kind == LIQUID_REAL ? v->x : (double)v->n;
}

static bool give_real(struct liquid *r, struct liquid_value *v, double x)
{
    if (!isfinite(x))
        return liquid_refuse(r, "The result is too large.");
    *v = liquid_of_real(x);
    return true;
}

static bool give_whole(struct liquid *r, struct liquid_value *v, double x)
{
    if (!(x > -9.2e18 && x < 9.2e18))
        return liquid_refuse(r, "The number is too large.");
    *v = liquid_of_int((int64_t)x);
    return true;
}

static bool int_op(int64_t a, char op, int64_t b, int64_t *out)
{
    switch (op) {
    case '+':
        return !__builtin_add_overflow(a, b, out);
    case '-':
        return !__builtin_sub_overflow(a, b, out);
    case '*':
        return !__builtin_mul_overflow(a, b, out);
    case '/':
        if (a == INT64_MIN && b == -1)
            return false;
        *out = a / b - (a % b != 0 && (a < 0) != (b < 0));
        return true;
    default:
        *out = b == -1 ? 0 : a % b;
        if (*out != 0 && (*out < 0) != (b < 0))
            *out += b;
        return true;
    }
}

static double real_op(double a, char op, double b)
{
    double rest;

    switch (op) {
    case '+':
        return a + b;
    case '-':
        return a - b;
    case '*':
        return a * b;
    case '/':
        return a / b;
    default:
        rest = fmod(a, b);
        return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
    }
}

static bool arithmetic(struct liquid *r, struct liquid_value *v, char op,
                       const struct liquid_value *arg)
{
    struct liquid_value a = liquid_number(v), b = liquid_number(arg);
    int64_t n;

    if ((op == '/' || op == '%') && as_real(&b) == 0)
        return liquid_refuse(r, "Division by zero.");
    if (a.kind == LIQUID_REAL || b.kind == LIQUID_REAL)
        return give_real(r, v, real_op(as_real(&a), op, as_real(&b)));
    if (!int_op(a.n, op, b.n, &n))
        return liquid_refuse(r, "The result is too large.");
    *v = liquid_of_int(n);
    return true;
}

#define ARITHMETIC(name, op)                                                                       \
    static bool name(struct liquid *r, struct liquid_value *v, const struct liquid_value *args,    \
                     int n)                                                                        \
    {                                                                                              \
        (void)n;                                                                                   \
        return arithmetic(r, v, op, &args[0]);                                                     \
    }

ARITHMETIC(plus, '+')
ARITHMETIC(minus, '-')
ARITHMETIC(times, '*')
ARITHMETIC(divided_by, '/')
ARITHMETIC(modulo, '%')

static bool run_round(struct liquid *r, struct liquid_value *v, const struct liquid_value *args,
                      int n)
{
    int64_t digits = liquid_arg_int(args, n, 0, 0);
    double scale;

    *v = liquid_number(v);
    if (v->kind == LIQUID_INT)
        return true;
    if (digits <= 0)
        return give_whole(r, v, round(v->x));
    if (digits > 15)
        return true;
    scale = pow(10, (double)digits);
    return fabs(v->x) > 1e15 || give_real(r, v, round(v->x * scale) / scale);
}

static bool run_ceil(struct liquid *r, struct liquid_value *v, const struct liquid_value *args,
                     int n)
{
    (void)args;
    (void)n;
    *v = liquid_number(v);
    return v->kind == LIQUID_INT || give_whole(r, v, ceil(v->x));
}

static bool run_floor(struct liquid *r, struct liquid_value *v, const struct liquid_value *args,
                      int n)
{
    (void)args;
    (void)n;
    *v = liquid_number(v);
    return v->kind == LIQUID_INT || give_whole(r, v, floor(v->x));
}

static bool run_abs(struct liquid *r, struct liquid_value *v, const struct liquid_value *args,
                    int n)
{
    (void)args;
    (void)n;
    *v = liquid_number(v);
    if (v->kind == LIQUID_INT && v->n == INT64_MIN)
        return liquid_refuse(r, "The result is too large.");
    *v =
        v->kind == LIQUID_INT ? liquid_of_int(v->n < 0 ? -v->n : v->n) : liquid_of_real(fabs(v->x));
    return true;
}

static bool at_least(struct liquid *r, struct liquid_value *v, const struct liquid_value *args,
                     int n)
{
    struct liquid_value bound = liquid_number(&args[0]);

    (void)r;
    (void)n;
    *v = liquid_number(v);
    if (as_real(v) < as_real(&bound))
        *v = bound;
    return true;
}

static bool at_most(struct liquid *r, struct liquid_value *v, const struct liquid_value *args,
                    int n)
{
    struct liquid_value bound = liquid_number(&args[0]);

    (void)r;
    (void)n;
    *v = liquid_number(v);
    if (as_real(v) > as_real(&bound))
        *v = bound;
    return true;
}

const struct liquid_filter liquid_number_filters[] = {
    {"plus", 1, 1, plus},       {"minus", 1, 1, minus},
    {"times", 1, 1, times},     {"divided_by", 1, 1, divided_by},
    {"modulo", 1, 1, modulo},   {"round", 0, 1, run_round},
    {"ceil", 0, 0, run_ceil},   {"floor", 0, 0, run_floor},
    {"abs", 0, 0, run_abs},     {"at_least", 1, 1, at_least},
    {"at_most", 1, 1, at_most}, {NULL, 0, 0, NULL},
};
