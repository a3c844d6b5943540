/** The package that writes Parquet, loaded where it is wanted: `await loadParquet()`. */
export type ParquetLibrary = typeof import('hyparquet-writer');

export function loadParquet(): Promise<ParquetLibrary> {
  return import('hyparquet-writer');
}
