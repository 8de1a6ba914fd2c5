/* transfer.c - writing down how an import or export ended, however long the disk is full. */
#include "transfer.h"

#include "plumbline/base/disk.h"
#include "scheduler.h"

#include <string.h>
#include <time.h>

bool transfer_write(struct service *s, write_run *run, void *context, struct error *err)
{
    const struct timespec moment = {0, 50 * 1000000L};

    for (int n = 0;; n++) {
        struct error why = {0};

        if (n % 20 == 0) {
            if (writer_call(s->writer, run, context, &why))
                return true;
            if (!disk_may_recover(&why) || scheduler_stopping(s->scheduler)) {
                *err = why;
                return false;
            }
        } else if (scheduler_stopping(s->scheduler)) {
            return error_set(err, 503, "storage.failed", "", "The service is stopping.");
        }
        nanosleep(&moment, NULL);
    }
}
