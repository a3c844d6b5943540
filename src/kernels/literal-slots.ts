/** Fixed pieces of the JSON of streams, by their slot in the table at JSON_LITERALS; convert/json/line-kernel.ts has the texts. */

/** Bytes of a slot: the text, and in the last one its size. */
export const LITERAL_SLOT = 32;

export const STREAM_ENTRIES = 0;
export const STREAM_ID = 1;
export const STREAM_FIELDS = 2;
export const STREAM_LENGTH = 3;
export const STREAM_LAST_ID = 4;
export const STREAM_FIRST_ID = 5;
export const STREAM_MAX_DELETED_ID = 6;
export const STREAM_ENTRIES_ADDED = 7;
export const STREAM_GROUPS = 8;
export const GROUP_NAME = 9;
export const GROUP_ENTRIES_READ = 10;
export const GROUP_PENDING = 11;
export const PENDING_CONSUMER = 12;
export const PENDING_DELIVERED_AT = 13;
export const PENDING_DELIVERIES = 14;
export const GROUP_CONSUMERS = 15;
export const CONSUMER_SEEN_AT = 16;
export const CONSUMER_ACTIVE_AT = 17;
export const NULL = 18;
