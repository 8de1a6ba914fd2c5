/* text.h - text to sparse hashed counts: words 1-2 and characters 3-4 (design: learning.md 2; runs
 * of five cost a third more and gained nothing here).
 *
 * The text is put in Unicode form NFKC and case-folded (libutf8proc). Every word (run of letters,
 * marks, digits) and pair of neighbouring words is hashed to a column of the upper half, every run
 * of 3 or 4 code points inside a blank-separated token, one blank at either end included, to one of
 * the lower half (Weinberger et al. 2009, without the sign: counts stay counts). Scripts that set
 * no blanks are served by the runs, which begin at 2 code points there.
 */
#ifndef PLUMBLINE_LEARN_TEXT_H
#define PLUMBLINE_LEARN_TEXT_H

#include "plumbline/learn/features.h"

struct learn_text; /* scratch memory, reused from item to item; one thread at a time */

struct learn_text *learn_text_new(void);
void learn_text_free(struct learn_text *t); /* NULL is fine */

/* Fills *out; its data is borrowed from t until the next call. An empty text gives a row with n = 0
 * (and data not NULL). False, field.invalid, when the bytes are not UTF-8. */
bool learn_text_extract(struct learn_text *t, const char *text, size_t size, struct learn_row *out,
                        struct error *err);

#endif
