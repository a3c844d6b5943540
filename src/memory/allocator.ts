/** What an allocator really sets aside for a request (memory-model.md §1), and what servers count of it. */

export const ALLOCATORS = ['jemalloc', 'jemalloc-5.3.1', 'glibc'] as const;

/** `jemalloc` to 5.3.0; from 5.3.1 on large sizes are rounded to pages; `glibc` is what `mem_allocator:libc` means on Linux. */
export type AllocatorName = (typeof ALLOCATORS)[number];

/** Usable bytes of an allocation of `bytes`, which are more than none. */
export type SizeClass = (bytes: number) => number;

/** `prefixes`: with libc the server is too old to ask malloc for usable sizes. */
export function sizeClassOf(allocator: AllocatorName, prefixes = false): SizeClass {
  if (prefixes && allocator === 'glibc') return prefixed;
  switch (allocator) {
    case 'jemalloc':
      return jemalloc;
    case 'jemalloc-5.3.1':
      return jemallocWithPages;
    case 'glibc':
      return glibc;
  }
}

/** From here on jemalloc 5.3.1 rounds to pages. */
const LARGE = 16_384;
const PAGE = 4096;

/** 8, multiples of 16 to 128, then four classes for each doubling. */
function jemalloc(bytes: number): number {
  if (bytes <= 8) return 8;
  if (bytes <= 128) return Math.ceil(bytes / 16) * 16;
  const step = nextPowerOfTwo(bytes) / 8;
  return Math.ceil(bytes / step) * step;
}

function jemallocWithPages(bytes: number): number {
  return bytes > LARGE ? Math.ceil(bytes / PAGE) * PAGE : jemalloc(bytes);
}

/** Chunks of multiples of 16 with a header of 8 bytes; beyond M_MMAP_THRESHOLD pages of their own, with 16. */
const MMAP_THRESHOLD = 128 * 1024;
const LEAST_USABLE = 24;

function glibc(bytes: number): number {
  if (bytes >= MMAP_THRESHOLD) return Math.ceil((bytes + 16) / PAGE) * PAGE - 16;
  return Math.max(LEAST_USABLE, Math.ceil((bytes + 8) / 16) * 16 - 8);
}

/** Before 5.0 zmalloc keeps the size in eight bytes of its own, and zmalloc_size is that, in whole words, and the prefix. */
const PREFIX = 8;

function prefixed(bytes: number): number {
  return Math.ceil(bytes / PREFIX) * PREFIX + PREFIX;
}

/** The least power of two that is not smaller; exact for all sizes that there are. */
export function nextPowerOfTwo(value: number): number {
  if (value <= 1) return 1;
  if (value > 0x40000000) return 2 ** Math.ceil(Math.log2(value));
  return 2 ** (32 - Math.clz32(value - 1));
}
