/* Marks what the libraries export; everything else is hidden. */
#ifndef AUTHKIT_EXPORT_H
#define AUTHKIT_EXPORT_H

#if defined(__GNUC__)
#define AUTHKIT_API __attribute__((visibility("default")))
#else
#define AUTHKIT_API
#endif

#endif
