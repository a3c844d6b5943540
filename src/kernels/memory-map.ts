/**
 * Where everything lies in the memory of one kernel instance: the same constants for TypeScript and for AssemblyScript.
 *
 *     0        tables and constants of the compiled code
 *     ROWS     the row table that skim fills, column by column
 *     STATE    what a kernel is told and answers beside its arguments
 *     SCRATCH  a kernel's own room: folded words of the checksum, a decompressed value, a set of hashes
 *     WINDOW   the window: WINDOW_SIZE bytes of input, and 64 spare ones
 *     OUT      bytes that kernels write: JSON
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
/** A byte for each type byte: how its value is skimmed; 0 is left to TypeScript. */
export const SKIM_SHAPES = 0x1_c100;
/** Free for the kernel that writes JSON: positions, then a table of literals. */
export const JSON_STATE = 0x1_d000;

/** The checksum's: folded words and tables. */
export const CRC_SCRATCH = 0x2_0000;
/** Free for everybody else during one call. */
export const SCRATCH = 0x6_0000;
export const SCRATCH_SIZE = 0x1c_0000;

export const WINDOW = 0x22_0000;
export const WINDOW_SIZE = 0x40_0000;

export const OUT = 0x63_0000;
export const OUT_SIZE = 0x40_0000;

/** Pages of 64 KiB. */
export const MEMORY_PAGES = 0xa3;
