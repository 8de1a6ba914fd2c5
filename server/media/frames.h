/* frames.h - what both ends of the pipe share: magic words, numbers, whole reads and writes. */
#ifndef MEDIA_FRAMES_H
#define MEDIA_FRAMES_H

#include "plumbline/media/child.h"

enum { FRAME_INFO_SIZE = 8 * 4 };

#define FRAME_REQUEST UINT32_C(0x514D4C50) /* "PLMQ" */
#define FRAME_REPLY UINT32_C(0x414D4C50)   /* "PLMA" */

void frame_put_32(unsigned char *p, uint32_t value);
void frame_put_64(unsigned char *p, uint64_t value);
uint32_t frame_get_32(const unsigned char *p);
uint64_t frame_get_64(const unsigned char *p);

/* Bytes read before the end of input or an error: `size` unless one came first. */
size_t media_frame_read(int fd, void *bytes, size_t size);
bool media_frame_write(int fd, const void *bytes, size_t size);

#endif
