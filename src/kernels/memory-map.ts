/**
 * Where everything lies in the memory of one kernel instance: the same constants for TypeScript and for AssemblyScript.
 *
 *     0        tables and constants of the compiled code
 *     ROWS     the row table that skim fills, column by column
 *     STATE    what a kernel is told and answers beside its arguments
 *     SCRATCH  a kernel's own room: folded words of the checksum, a decompressed value, a set of hashes
 *     WINDOW   the window: WINDOW_SIZE bytes of input, and 64 spare ones
 *     OUT      bytes that kernels write: JSON
 *     LZF      the table of the compressor
 *
 * The memory never grows, so views of it stay valid for as long as the instance lives. Pages that nobody touches cost nothing.
 */

export const ROW_COUNT = 1024;

/** Columns of 32-bit numbers, one behind the other, then one of doubles, then those of bytes (see rows.ts). */
export const ROWS = 0x1_0000;
export const COLUMN_START = 0x1_0000;
export const COLUMN_KEY_POS = 0x1_1000;
export const COLUMN_VALUE_POS = 0x1_2000;
export const COLUMN_END = 0x1_3000;
export const COLUMN_META_POS = 0x1_4000;
export const COLUMN_EXPIRE_HI = 0x1_5000;
export const COLUMN_EXPIRE_LO = 0x1_6000;
export const COLUMN_DB = 0x1_7000;
export const COLUMN_IDLE_SECONDS = 0x1_8000;
export const COLUMN_KIND = 0x1_a000;
export const COLUMN_IS_KEY = 0x1_a400;
export const COLUMN_FLAGS = 0x1_a800;
export const COLUMN_FREQ = 0x1_ac00;

export const STATE = 0x1_c000;
export const STATE_SIZE = 0x4000;
/** The checksum: 64 bits, little endian. */
export const CRC_STATE = 0x1_c000;
/** Rows in the table. */
export const SKIM_COUNT = 0x1_c010;
/** What a scan has passed, in four words: commands, their arguments, transactions; the database selected last, or −1. */
export const RESP_COMMANDS = 0x1_c020;
/** A byte for each type byte: how its value is skimmed; 0 is left to TypeScript. */
export const SKIM_SHAPES = 0x1_c100;
/** JSON: where the output goes on and went on; the bytes in front of the next object; the output is full; maxBlobBytes. */
export const JSON_AT = 0x1_d000;
export const JSON_SEPARATOR = 0x1_d004;
export const JSON_IS_FULL = 0x1_d008;
export const JSON_MAX_BLOB = 0x1_d00c;
/** For each kind the offset in JSON_FACTS, and from bit 16 on the size, of what is said about it; 0: left to TypeScript. */
export const JSON_KINDS = 0x1_d100;
/** Kinds behind the type bytes: a string that is an integer, and a compressed one. */
export const JSON_KIND_INT = 256;
export const JSON_KIND_LZF = 257;
export const JSON_KIND_COUNT = 258;
/** Pieces of at most 64 bytes. */
export const JSON_FACTS = 0x1_da00;
export const JSON_FACTS_SIZE = 0x2000;
/** Deep check: the seed of the hashes of keys, and those of the rows that it has passed: two words each. */
export const CHECK_SEED = 0x1_d010;
export const CHECK_HASHES = 0x16_4000;
/** Slots of literal-slots.ts. */
export const JSON_LITERALS = 0x1_fa00;
export const JSON_LITERALS_SIZE = 0x600;
/** Output of about this much is handed over: it still is in the processor's cache then. */
export const JSON_FLUSH_BYTES = 0x2_0000;

/** The checksum's: folded words and tables. */
export const CRC_SCRATCH = 0x2_0000;
/** Behind them: names of commands, in slots of command-scan.ts. */
export const RESP_NAMES = 0x5_e000;
export const RESP_NAMES_SIZE = 0x2000;
/** Free for everybody else during one call. */
export const SCRATCH = 0x6_0000;
export const SCRATCH_SIZE = 0x1c_0000;

export const WINDOW = 0x22_0000;
export const WINDOW_SIZE = 0x40_0000;

export const OUT = 0x63_0000;
export const OUT_SIZE = 0x40_0000;

/** For compression: the latest position of each hash. It is kept from call to call, and nobody else's. */
export const LZF_TABLE = 0xa3_0000;
export const LZF_TABLE_SIZE = 0x4_0000;

/** Pages of 64 KiB. */
export const MEMORY_PAGES = 0xa7;
