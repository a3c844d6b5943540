/** What the compiled module exports: kernel-exports.ts says the same to TypeScript. */
export { check } from './check.as';
export { crc64 } from './crc64.as';
export { json } from './json.as';
export { lzfCompress, lzfDecompress } from './lzf.as';
export { respScan } from './resp-scan.as';
export { skim } from './skim.as';
