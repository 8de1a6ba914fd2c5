/* test_child.c - the decoder in a process of its own: answers, errors, ends and crashes. */
#include "../check.h"
#include "fixtures.h"
#include "plumbline/media/child.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

struct child {
    pid_t pid;
    int to, from;
};

static struct child start(void)
{
    struct child c = {-1, -1, -1};
    int in[2], out[2];

    if (pipe(in) != 0 || pipe(out) != 0)
        exit(1);
    c.pid = fork();
    if (c.pid == 0) {
        close(in[1]);
        close(out[0]);
        _exit(media_child_probe(in[0], out[1]));
    }
    close(in[0]);
    close(out[1]);
    c.to = in[1];
    c.from = out[0];
    return c;
}

/* Closes the pipes and returns the exit status. */
static int stop(struct child *c)
{
    int status = 0;

    close(c->to);
    close(c->from);
    waitpid(c->pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_answers(void)
{
    struct image scene = fixture_picture(400, 300, 3), stored = fixture_stored(&scene, 6), small;
    struct child c = start();
    struct media_reply reply;
    struct error err = {0};
    struct buf file;

    buf_init(&file, 64 << 20);
    fixture_jpeg(&file, stored.pixels, 300, 400,
                 (struct jpeg_kind){JCS_RGB, JCS_YCbCr, 3, false, false, 6, false});
    for (uint64_t id = 1; id <= 3; id++) {
        CHECK("sent", media_request_write(c.to, id << 40, file.data, file.size, 0, &err));
        CHECK("answered", media_reply_read(c.from, &reply, &err));
        CHECK("ok", reply.ok && reply.id == id << 40);
        CHECK("upright 400 x 300", reply.info.width == 400 && reply.info.height == 300);
        CHECK_INT("orientation", reply.info.orientation, 6);
        CHECK("thumbnail",
              image_decode(reply.thumbnail.data, reply.thumbnail.size, 0, &small, &err));
        CHECK("its size", small.width == 160 && small.height == 120);
        image_release(&small);
        media_reply_release(&reply);
    }
    media_request_write(c.to, 9, "GIF89a", 6, 0, &err);
    CHECK("a GIF is answered", media_reply_read(c.from, &reply, &err) && !reply.ok);
    CHECK_TEXT("with the code", reply.error.code, "image.unknown");
    CHECK("the sentence", strstr(reply.error.message, "GIF") != NULL);
    CHECK_INT("the status", reply.error.status, 422);
    media_request_write(c.to, 10, "", 0, 0, &err);
    CHECK("no bytes are answered", media_reply_read(c.from, &reply, &err) && !reply.ok);
    media_request_write(c.to, 11, file.data, file.size, 1000, &err);
    CHECK("a limit is kept", media_reply_read(c.from, &reply, &err) && !reply.ok);
    CHECK_TEXT("its code", reply.error.code, "image.too_large");
    CHECK_INT("ends well", stop(&c), 0);
    buf_release(&file);
    image_release(&scene);
    image_release(&stored);
}

static void test_ends(void)
{
    unsigned char header[MEDIA_REQUEST_HEADER];
    struct media_reply reply;
    struct error err = {0};
    struct child c = start();

    CHECK_INT("no request at all", stop(&c), 0);
    c = start();
    media_request_header(header, 1, 100, 0);
    CHECK("half a header", write(c.to, header, 10) == 10);
    CHECK_INT("is an early end", stop(&c), 1);
    c = start();
    CHECK("a header, no bytes", write(c.to, header, sizeof header) == sizeof header);
    CHECK_INT("is an early end, too", stop(&c), 1);
    c = start();
    header[0] ^= 1;
    CHECK("wrong magic", write(c.to, header, sizeof header) == sizeof header);
    CHECK("no answer", !media_reply_read(c.from, &reply, &err));
    CHECK_TEXT("but an error", err.code, "media.child_gone");
    CHECK_INT("out of step", stop(&c), 1);
    c = start();
    kill(c.pid, SIGKILL);
    waitpid(c.pid, NULL, 0);
    CHECK("a killed child does not answer", !media_reply_read(c.from, &reply, &err));
    CHECK("nor take input", !media_request_write(c.to, 1, "x", 1, 0, &err));
    CHECK_TEXT("said so", err.code, "media.child_gone");
    close(c.to);
    close(c.from);
}

/* A child that was taken over may say anything. */
static void test_lies(void)
{
    static const struct {
        const char *name;
        size_t at;
        unsigned char byte;
    } lies[] = {
        {"magic", 0, 'X'},         {"ok", 4, 2},           {"length", 16, 1},
        {"huge length", 19, 0x7F}, {"format", 24, 9},      {"no format", 24, 0},
        {"width 0", 36, 0},        {"negative", 35, 0x80}, {"orientation", 44, 77},
        {"turned", 44, 6},         {"channels", 48, 5},    {"depth", 52, 17},
    };
    unsigned char good[24 + 32 + 4] = "PLMA\1\0\0\0\7";
    static const unsigned char info[] = {1, 4, 3, 4, 3, 1, 3, 8};
    struct media_reply reply;
    struct error err = {0};

    good[16] = 36;
    for (int i = 0; i < 8; i++)
        good[24 + 4 * i] = info[i];
    CHECK("the truth", media_reply_decode(good, sizeof good, &reply, &err) && reply.id == 7);
    media_reply_release(&reply);
    for (size_t i = 0; i < COUNT(lies); i++) {
        unsigned char bad[sizeof good];

        memcpy(bad, good, sizeof good);
        bad[lies[i].at] = lies[i].byte;
        CHECK(lies[i].name, !media_reply_decode(bad, sizeof bad, &reply, &err));
    }
    for (size_t size = 0; size < sizeof good; size++)
        if (media_reply_decode(good, size, &reply, &err))
            CHECK("no part of a reply is one", false);
    good[4] = 0;
    CHECK("an error without texts", !media_reply_decode(good, sizeof good, &reply, &err));
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    test_answers();
    test_ends();
    test_lies();
    return check_done();
}
