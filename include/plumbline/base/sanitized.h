/* sanitized.h - whether this is built with AddressSanitizer or ThreadSanitizer, which have memory of
 * their own and reserve terabytes of addresses. */
#ifndef PLUMBLINE_BASE_SANITIZED_H
#define PLUMBLINE_BASE_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#elif defined(__has_feature) /* a compiler that lacks it could not read the next line */
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif
#else
enum { SANITIZED = 0 };
#endif

#endif
