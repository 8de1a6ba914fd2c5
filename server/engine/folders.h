/* folders.h - folders and files as the engine's care needs them; private to engine/. */
#ifndef ENGINE_FOLDERS_H
#define ENGINE_FOLDERS_H

#include "plumbline/base/error.h"

#include <stddef.h>
#include <stdint.h>

/* Made with mode 0700 when it is not there. */
bool folder_make(const char *path, struct error *err);

/* Takes DIR/plumbline.lock for this process; 409 storage.locked. The caller closes *fd. */
bool folder_lock(const char *data_dir, int *fd, struct error *err);

/* What was renamed or made in it is on disk. */
bool folder_sync(const char *path, struct error *err);

/* Removes the folder and all in it, without following links; what is not there is fine. */
void folder_remove(const char *path);

/* Bytes that may still be written on the disk of this path; -1 when that cannot be told. */
int64_t folder_free_bytes(const char *path);

/* A whole small file under its name, or none: temporary name, fsync, rename, fsync of the folder. */
bool file_replace(const char *path, const void *bytes, size_t size, struct error *err);

/* 507 storage.full for a full disk, the system's reason otherwise. From errno. */
bool file_failed(const char *path, struct error *err);

/* "1.2 GB" */
enum { BYTES_TEXT_SIZE = 32 };
char *bytes_text(int64_t bytes, char out[BYTES_TEXT_SIZE]);

#endif
