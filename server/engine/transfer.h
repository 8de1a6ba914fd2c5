/* transfer.h - imports and exports, one at a time each; private to engine/. */
#ifndef ENGINE_TRANSFER_H
#define ENGINE_TRANSFER_H

#include "plumbline/engine/service.h"

/* Runs the oldest import or export that waits; false when there is none. */
bool transfer_import_next(struct service *s, void *own);
void *transfer_import_new(struct service *s); /* what the thread that imports keeps between them */
void  transfer_import_free(void *own);
bool transfer_export_next(struct service *s, void *own);

/* writer_call, again every second while the disk refuses: how an import or export ended must not be
 * lost, or it would be run again. Fails with the last reason when the service is stopping. */
bool transfer_write(struct service *s, write_run *run, void *context, struct error *err);

#endif
