/* feature_records.h - the bytes of a feature file, as reader and writer share them. Private. */
#ifndef LEARN_FEATURE_RECORDS_H
#define LEARN_FEATURE_RECORDS_H

#include "plumbline/learn/features.h"
#include "plumbline/learn/picture.h"

#define FEATURE_MAGIC "PLFEAT1\n"

enum { FEATURE_RECORD = 0x4352464C, FEATURE_OK = 0, FEATURE_NONE = 1 };

struct feature_header {
    char     magic[8];
    uint32_t dictionary_size;
    uint32_t crc; /* of header (this field 0) and dictionary */
    struct learn_extractor extractor;
}; /* the dictionary follows, padded with zeros to 8 bytes */

struct feature_record {
    uint32_t magic, row, status, size; /* size: of the payload without padding      */
    uint32_t crc;                      /* of record (this field 0) and payload      */
    uint32_t zero;
};

static inline size_t feature_padded(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

uint32_t feature_header_crc(struct feature_header h, const void *dictionary);
uint32_t feature_record_crc(struct feature_record r, const void *payload);

/* The header of `bytes`; false when it is not whole, damaged, or not of this program. */
bool feature_header_read(const char *bytes, size_t size, struct feature_header *out);

/* The record at `at`, whose shape fits the extractor; false at the end or where it does not. The
 * sum is checked when `deep`. */
bool feature_record_read(const char *bytes, size_t size, size_t at,
                         const struct learn_extractor *x, bool deep, struct feature_record *out);

#endif
