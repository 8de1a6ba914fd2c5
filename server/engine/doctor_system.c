/* doctor_system.c - the machine around the data: processes, addresses, limits. */
#include "doctor.h"
#include "folders.h"
#include "plumbline/engine/child.h"
#include "plumbline/media/child.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Somebody holds the lock of the folder; a lock that nobody ever took is not made. */
static bool is_held(struct doctor *d)
{
    struct error err = {0};
    int locked;

    if (access(doctor_path(d, "plumbline.lock"), R_OK | W_OK) != 0)
        return false;
    if (!folder_lock(d->set->data_dir, &locked, &err))
        return err.status == 409;
    close(locked);
    return false;
}

void doctor_service(struct doctor *d)
{
    if (d->set->service)
        doctor_ok(d, "runs, process %ld", (long)getpid());
    else if (is_held(d))
        doctor_say(d, DOCTOR_FAIL, "wait a moment and look again; when it stays so, end that process",
                   "a process holds the data folder and does not answer on plumbline.sock");
    else
        doctor_ok(d, "none runs on this folder");
}

/* One grey pixel each. */
static const unsigned char tiny_jpeg[] = {
    0xff, 0xd8, 0xff, 0xdb, 0x00, 0x43, 0x00, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01,
    0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01,
    0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01,
    0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01,
    0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0xff, 0xc0, 0x00, 0x0b,
    0x08, 0x00, 0x01, 0x00, 0x01, 0x01, 0x01, 0x11, 0x00, 0xff, 0xc4, 0x00, 0x14, 0x00, 0x01,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0xff, 0xc4, 0x00, 0x14, 0x10, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xda, 0x00, 0x08, 0x01, 0x01, 0x00,
    0x00, 0x3f, 0x00, 0x3f, 0xff, 0xd9};

static const unsigned char tiny_png[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44,
    0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x3a,
    0x7e, 0x9b, 0x55, 0x00, 0x00, 0x00, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x68,
    0x00, 0x00, 0x00, 0x82, 0x00, 0x81, 0x77, 0xcd, 0x72, 0xb6, 0x00, 0x00, 0x00, 0x00, 0x49,
    0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

static bool look_at(struct child *c, uint64_t id, const void *bytes, size_t size, struct error *err)
{
    struct media_reply reply;
    bool ok;

    if (!media_request_write(c->to, id, bytes, size, 0, err) ||
        !media_reply_read(c->from, &reply, err))
        return false;
    ok = reply.ok;
    if (!ok)
        *err = reply.error;
    media_reply_release(&reply);
    return ok;
}

void doctor_pictures(struct doctor *d)
{
    static const char advice[] = "install libjpeg and libpng as the package of plumbline asks for, and "
                                 "see that processes may be started";
    struct error err = {0};
    struct child c;
    bool clean = false, ok;

    if (!child_start(&c, "media", INT64_C(1) << 30, &err)) {
        doctor_say(d, DOCTOR_FAIL, advice, "%s", err.message);
        return;
    }
    ok = look_at(&c, 1, tiny_jpeg, sizeof tiny_jpeg, &err) &&
         look_at(&c, 2, tiny_png, sizeof tiny_png, &err);
    child_finish(&c, &clean);
    if (!ok || !clean)
        doctor_say(d, DOCTOR_FAIL, advice, "a tiny picture could not be read. %s", err.message);
    else
        doctor_ok(d, "a JPEG and a PNG were read in a process of their own");
}

void doctor_children(struct doctor *d)
{
    static const char *const kinds[] = {"media", "features", "round"};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct error err = {0};
        struct child c;

        if (!child_start(&c, kinds[i], INT64_C(4) << 30, &err)) {
            doctor_say(d, DOCTOR_FAIL, "look at the limit of processes (ulimit -u, TasksMax) and of "
                       "memory; pictures and learning need processes of their own", "%s",
                       err.message);
            return;
        }
        child_finish(&c, NULL);
    }
    doctor_ok(d, "children for pictures and for learning can be started");
}

/* ---- addresses ---- */

static bool is_local(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0 ||
           strcmp(address, "localhost") == 0 || !*address;
}

/* scheme://host[:port] and nothing after it. */
static const char *url_fault(const char *url)
{
    const char *host = strstr(url, "://");

    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        return "it must begin with http:// or https://";
    host += 3;
    if (!*host || *host == '/' || *host == ':')
        return "it names no host";
    for (const char *p = host; *p; p++)
        if (isspace((unsigned char)*p) || *p == '?' || *p == '#' || *p == '@')
            return "it must be a scheme, a host and a port alone";
    return strchr(host, '/') ? "it must not have a path: plumbline wants a host of its own" : NULL;
}

void doctor_address(struct doctor *d)
{
    const char *url = d->set->public_url, *listen = d->set->listen, *fault;

    if (!url || !*url) {
        doctor_ok(d, "not known without the service");
        return;
    }
    fault = url_fault(url);
    if (fault)
        doctor_say(d, DOCTOR_FAIL, "set --public-url to what people type, such as "
                   "https://label.example.org", "%s: %s", url, fault);
    else if (strncmp(url, "http://", 7) == 0 && listen && !is_local(listen))
        doctor_say(d, DOCTOR_WARN, "put a proxy with TLS in front, and give --public-url "
                   "https://…; on a network you trust it may stay as it is",
                   "%s without TLS, open to the network (%s): passwords travel in the clear", url,
                   listen);
    else
        doctor_ok(d, "%s%s%s", url, listen && *listen ? ", listening on " : "",
                  listen && *listen ? listen : "");
}

void doctor_descriptors(struct doctor *d)
{
    enum { OWN = 200, CONNECTIONS = 1000 };
    int64_t connections = d->set->connections ? d->set->connections : CONNECTIONS;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        doctor_say(d, DOCTOR_WARN, "look at ulimit -n", "the limit cannot be read");
    else if (limit.rlim_cur != RLIM_INFINITY && (int64_t)limit.rlim_cur < connections + OWN)
        doctor_say(d, DOCTOR_WARN, "raise it (LimitNOFILE= in the unit, ulimit -n), or lower "
                   "--connections", "%lld may be open, %lld connections need %lld",
                   (long long)limit.rlim_cur, (long long)connections,
                   (long long)(connections + OWN));
    else
        doctor_ok(d, "%lld may be open", (long long)limit.rlim_cur);
}
