/** One Redis command: name and arguments, every character one byte (Latin-1). */
export type RedisCommand = readonly string[];

/** Makes the commands of one data set; `scale` 1 is the size the published ratios are for. */
export type CommandSource = (scale: number) => Iterable<RedisCommand>;
