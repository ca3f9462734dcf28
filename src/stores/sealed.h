#pragma once
/*
 * The bytes of the sealed file: a header in clear, and behind it what AES-256-GCM made of the documents.
 *Pure: bytes in, bytes out.
 *
 *	 0  magic     "iamic sealed"
 *	12  version   4 bytes, as all numbers with the highest first
 *	16  source    where the key comes from (enum key_source)
 *	17  cost      of scrypt, where the key is made of a passphrase: log2 of N, r, p; else zeros
 *	20  key id    8 bytes of a hash of the key: tells a wrong key from damage
 *	28  machine   8 bytes of a hash of the machine-id that the key is bound to; zeros: of none
 *	36  salt      16 bytes; stays as long as the key does
 *	52  generation	8 bytes; one more at each write
 *	60  nonce     12 bytes; fresh at each write
 *	72  sealed    as long as the documents
 *	    tag       16 bytes of GCM, over the sealed part and all of the above
 *	    checksum  16 bytes of SHA-256 over all of the above
 *
 * The checksum protects from no one: it tells a file that a disk or an editor damaged from one that is sealed
 * with another key or on another machine, which have better advice than to be thrown away. Magic and version
 * keep their places in every version.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "stores/derive.h"

#define SEALED_VERSION     1
#define SEALED_MAX         (512 * 1024) /* bytes; a document has about 4,000 */
#define SEALED_ID_SIZE     8
#define SEALED_HEADER_SIZE 72
#define SEALED_OVERHEAD    (SEALED_HEADER_SIZE + 16 + 16)

struct sealed_header {
	uint8_t source; /* enum key_source */
	struct scrypt_cost cost;
	unsigned char key_id[SEALED_ID_SIZE];
	unsigned char machine[SEALED_ID_SIZE];
	unsigned char salt[DERIVE_SALT_SIZE];
	uint64_t generation;
};

struct sealed_key {
	struct buffer bytes; /* DERIVE_KEY_SIZE, in secret memory */
	unsigned char id[SEALED_ID_SIZE];
};

void sealed_key_done(struct sealed_key *key);
static inline void sealed_key_donep(struct sealed_key *key)
{
	sealed_key_done(key);
}
/* material: what the source gave; of any length, in secret memory. */
bool sealed_key_derive(const struct buffer *material, const unsigned char salt[DERIVE_SALT_SIZE],
		       struct sealed_key *ret, struct error *err) MUST_CHECK;
bool sealed_key_fits(const struct sealed_key *key, const struct sealed_header *header);

/* path is for the error: a file that is damaged, of a newer version, or none of iamic's. */
bool sealed_parse(const struct buffer *file, const char *path, struct sealed_header *ret,
		  struct error *err) MUST_CHECK;
/* Appends what was sealed to plain. file has passed sealed_parse(). */
bool sealed_open(const struct buffer *file, const char *path, const struct sealed_key *key,
		 struct buffer *plain, struct error *err) MUST_CHECK;
/* Appends a whole file. The key id of the header is the key's. */
bool sealed_close(const struct sealed_header *header, const struct sealed_key *key,
		  const struct buffer *plain, struct buffer *file, struct error *err) MUST_CHECK;
