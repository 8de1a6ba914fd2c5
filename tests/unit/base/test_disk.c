/* test_disk.c - naming what a disk refuses, writing whole, once-a-second lines. */
#include "../check.h"
#include "plumbline/base/disk.h"
#include "plumbline/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static void names(void)
{
    static const struct {
        int         cause, status;
        const char *code;
    } cases[] = {{ENOSPC, 507, "storage.full"},      {EDQUOT, 507, "storage.full"},
                 {EFBIG, 507, "storage.full"},       {EROFS, 503, "storage.read_only"},
                 {EACCES, 503, "storage.read_only"}, {EIO, 503, "storage.failed"},
                 {0, 503, "storage.failed"}};

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error err = {0};

        CHECK("a refusal is false", !disk_error_of(&err, cases[i].cause, "It cannot be stored"));
        CHECK_INT("its status", err.status, cases[i].status);
        CHECK_TEXT("its code", err.code, cases[i].code);
        CHECK("a sentence", strncmp(err.message, "It cannot be stored: ", 21) == 0 &&
                                err.message[strlen(err.message) - 1] == '.');
        CHECK("it may pass", disk_may_recover(&err));
    }
    errno = EIO;
    {
        struct error err = {0};

        disk_error(&err, "%s %d", "part", 7);
        CHECK_TEXT("formatted, with errno", err.message, "part 7: Input/output error.");
    }
}

static void others(void)
{
    struct error busy = {0}, gone = {0};

    error_set(&busy, 503, "overloaded", "", "Later.");
    error_not_found(&gone, "job", "There is none.");
    CHECK("an overload is no disk's", !disk_may_recover(&busy));
    CHECK("nor is a job that is gone", !disk_may_recover(&gone));
}

static void whole(void)
{
    static const char text[] = "0123456789";
    char path[] = "/tmp/plumbline-disk-XXXXXX", back[16] = "";
    struct rlimit limit, small;
    int fd = mkstemp(path);

    CHECK("writes all", disk_write(fd, text, 10) && pread(fd, back, 16, 0) == 10 &&
                            memcmp(back, text, 10) == 0);
    CHECK("nothing is something too", disk_write(fd, text, 0));
    CHECK("names of a folder are synced", disk_sync_folder_of(path));
    CHECK("not of one that is not there",
          !disk_sync_folder_of("/nowhere/at/all") && errno == ENOENT);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    small = limit;
    small.rlim_cur = 15;
    setrlimit(RLIMIT_FSIZE, &small);
    errno = 0;
    CHECK("a short write is followed up to its reason", !disk_write(fd, text, 10) && errno == EFBIG);
    setrlimit(RLIMIT_FSIZE, &limit);
    close(fd);
    unlink(path);
    errno = 0;
    CHECK("a closed file fails", !disk_write(fd, text, 1) && errno == EBADF);
}

static void gates(void)
{
    log_gate gate = 0;
    int open = 0;

    for (int i = 0; i < 1000; i++)
        open += log_gate_opens(&gate);
    CHECK_INT("a gate opens once for a thousand in a moment", open, 1);
    gate -= 1000000;
    CHECK("and again after a second", log_gate_opens(&gate));
}

int main(void)
{
    names();
    others();
    whole();
    gates();
    return check_done();
}
