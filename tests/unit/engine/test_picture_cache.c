/* test_picture_cache.c - whole or not at all, and never more than the limit. */
#include "../../../server/engine/buckets.h"
#include "../../../server/engine/picture_cache.h"
#include "../check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT = 100000, SIZE = 10000 };

static char folder[64];

static bool put(struct picture_cache *c, const char *uri, const char *variant, int size)
{
    char temporary[PATH_MAX], bytes[SIZE] = {1};
    struct error err = {0};
    int fd;
    bool ok = picture_cache_begin(c, temporary, &fd, &err) &&
              write(fd, bytes, (size_t)size) == size &&
              picture_cache_keep(c, temporary, fd, uri, variant, &err);

    close(fd);
    return ok;
}

static bool is_there(struct picture_cache *c, const char *uri, const char *variant)
{
    int64_t size;
    int fd;

    if (!picture_cache_open(c, uri, variant, &fd, &size))
        return false;
    close(fd);
    return true;
}

/* As if it had last been used so many seconds ago. */
static void age(struct picture_cache *c, const char *uri, int seconds)
{
    struct timespec then[2] = {{.tv_sec = time(NULL) - seconds}, {.tv_sec = time(NULL) - seconds}};
    int64_t size;
    int fd;

    if (picture_cache_open(c, uri, NULL, &fd, &size)) {
        futimens(fd, then);
        close(fd);
    }
}

static void test_keeping(void)
{
    struct picture_cache *c = picture_cache_new(folder, LIMIT);
    int64_t size;
    int fd;

    picture_cache_count(c);
    CHECK_INT("nothing is there at first", picture_cache_bytes(c), 0);
    CHECK("what was not put is not there", !is_there(c, "s3://b/a", NULL));
    CHECK("a picture is kept", put(c, "s3://b/a", NULL, SIZE));
    CHECK("and opened", picture_cache_open(c, "s3://b/a", NULL, &fd, &size) && size == SIZE);
    close(fd);
    CHECK("a variant is another file", !is_there(c, "s3://b/a", "160.jpg") &&
                                           put(c, "s3://b/a", "160.jpg", 100) &&
                                           is_there(c, "s3://b/a", "160.jpg"));
    CHECK_INT("both are counted", picture_cache_bytes(c), SIZE + 100);
    CHECK("put again it is counted once", put(c, "s3://b/a", NULL, SIZE / 2));
    CHECK_INT("with its new size", picture_cache_bytes(c), SIZE / 2 + 100);
    picture_cache_drop(c, "s3://b/a");
    CHECK("dropped it is gone", !is_there(c, "s3://b/a", NULL));
    CHECK_INT("and not counted", picture_cache_bytes(c), 100);
    CHECK("an empty file is none", put(c, "s3://b/e", NULL, 0) && !is_there(c, "s3://b/e", NULL));
    picture_cache_free(c);
}

static void test_making_room(void)
{
    struct picture_cache *c = picture_cache_new(folder, LIMIT);
    char uri[32];
    bool ok = true;

    picture_cache_count(c);
    CHECK_INT("a new process counts what is there", picture_cache_bytes(c), 100);
    for (int i = 0; i < 9; i++) {
        snprintf(uri, sizeof uri, "s3://b/%d", i);
        ok = ok && put(c, uri, NULL, SIZE);
        age(c, uri, 1000 - i);
    }
    CHECK("below the limit all stay", ok && picture_cache_bytes(c) == 9 * SIZE + 100);
    CHECK("the oldest is used", is_there(c, "s3://b/0", NULL));
    CHECK("one too many", put(c, "s3://b/9", NULL, SIZE));
    CHECK("makes room down to nine tenths", picture_cache_bytes(c) <= LIMIT / 10 * 9);
    CHECK("what was just put and what was just used stay",
          is_there(c, "s3://b/9", NULL) && is_there(c, "s3://b/0", NULL));
    CHECK("the longest unused is gone", !is_there(c, "s3://b/1", NULL));
    picture_cache_free(c);
}

static void test_torn(void)
{
    struct picture_cache *c = picture_cache_new(folder, LIMIT);
    struct timespec then[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    char old[PATH_MAX], fresh[PATH_MAX];
    struct error err = {0};
    int fd;

    CHECK("begun by another process", picture_cache_begin(c, old, &fd, &err));
    futimens(fd, then);
    close(fd);
    CHECK("begun by this one", picture_cache_begin(c, fresh, &fd, &err));
    close(fd);
    picture_cache_count(c);
    CHECK("what was torn is removed", access(old, F_OK) != 0);
    CHECK("what is being written is not", access(fresh, F_OK) == 0);
    picture_cache_free(c);
}

static void test_buckets(void)
{
    struct error down = {503, "s3.unreachable", "", "It is down."}, fine = {0}, why = {0};
    struct error gone = {404, "s3.no_key", "", "It is not there."};
    struct buckets *b = buckets_new();

    CHECK("a bucket nobody knows does not rest", !buckets_rests(b, "s3://b/k", &why));
    CHECK("nor has it worked", !buckets_worked(b, "s3://b/k"));
    buckets_tell(b, "s3://b/k", &fine);
    CHECK("it works", buckets_worked(b, "s3://b/other"));
    buckets_tell(b, "s3://b/k", &gone);
    CHECK("an object that is missing is no reason to rest", !buckets_rests(b, "s3://b/k", &why));
    buckets_tell(b, "s3://b/k", &down);
    CHECK("it rests, all of it", buckets_rests(b, "s3://b/other", &why));
    CHECK("and says why", strcmp(why.code, "s3.unreachable") == 0);
    CHECK("its name is compared whole", !buckets_rests(b, "s3://bb/k", &why));
    CHECK_INT("for less than a second at first", buckets_seconds_left(b, "s3://b/k"), 1);
    buckets_tell(b, "s3://b/k", &fine);
    CHECK("a success ends it", !buckets_rests(b, "s3://b/k", &why));
    for (int i = 0; i < 100; i++) { /* more than are remembered */
        char uri[32];

        snprintf(uri, sizeof uri, "s3://bucket-%d/k", i);
        buckets_tell(b, uri, &down);
    }
    CHECK("the newest are known", buckets_rests(b, "s3://bucket-99/k", &why));
    CHECK("the oldest are forgotten", !buckets_rests(b, "s3://bucket-0/k", &why));
    buckets_free(b);
}

int main(void)
{
    char command[100];

    snprintf(folder, sizeof folder, "/tmp/plumbline-cache-XXXXXX");
    CHECK("a folder", mkdtemp(folder) != NULL);
    test_keeping();
    test_making_room();
    test_torn();
    test_buckets();
    snprintf(command, sizeof command, "rm -rf %s", folder);
    CHECK("tidied up", system(command) == 0);
    return check_done();
}
