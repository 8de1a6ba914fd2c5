/* test_intern.c - names as numbers. */
#include "../check.h"
#include "plumbline/base/intern.h"

#include <stdio.h>

int main(void)
{
    struct intern t;
    char name[32];
    bool in_order = true, found = true;

    intern_init(&t);
    CHECK_INT("nothing is there", intern_find(&t, "a", 1), -1);
    CHECK_INT("first", intern_add(&t, "a", 1), 0);
    CHECK_INT("second", intern_add(&t, "b", 1), 1);
    CHECK_INT("again", intern_add(&t, "a", 1), 0);
    CHECK_INT("empty", intern_add(&t, "", 0), 2);
    CHECK_INT("with a NUL", intern_add(&t, "a\0b", 3), 3);
    CHECK_INT("find does not add", intern_find(&t, "ab", 2), -1);
    CHECK_INT("n", t.n, 4);
    for (int i = 0; i < 10000; i++) {
        size_t size = (size_t)snprintf(name, sizeof name, "name-%d", i);

        in_order = in_order && intern_add(&t, name, size) == 4 + i;
    }
    for (int i = 0; i < 10000; i++) {
        size_t size = (size_t)snprintf(name, sizeof name, "name-%d", i);

        found = found && intern_find(&t, name, size) == 4 + i;
    }
    CHECK("10,000 names get the next numbers", in_order);
    CHECK("and are found again", found);
    CHECK_TEXT("text", t.names[4 + 77].text, "name-77");
    intern_release(&t);
    return check_done();
}
