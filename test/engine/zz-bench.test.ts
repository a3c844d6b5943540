import { it } from 'vitest';
import { findCommand } from '../../src/aof/command-table.js';
import { Engine } from '../../src/engine/engine.js';
import { CommandRunner } from '../../src/engine/runner.js';
it('bench', () => {
  for (const target of ['redis:7.0', 'redis:8.0', 'valkey:9.0']) {
    const time = (name: string, count: number, make: (i: number) => string[]) => {
      const engine = new Engine({ target }); engine.isLoading = true;
      const runner = new CommandRunner(engine);
      const all = Array.from({ length: count }, (_, i) => make(i));
      const specs = new Map(all.map((a) => [a[0]!, findCommand(a[0]!)!]));
      global.gc?.(); const before = process.memoryUsage().heapUsed;
      const start = performance.now();
      for (const args of all) runner.run(specs.get(args[0]!)!, args);
      const ms = performance.now() - start;
      console.log(target, name, Math.round(ms / count * 1e6), 'ns', ((process.memoryUsage().heapUsed - before)/count).toFixed(0), 'B/op');
    };
    time('HSET 10 fields', 500000, (i) => ['HSET', `k${i % 50000}`, `f${i % 10}`, `v${i}`]);
    time('HSET big', 500000, (i) => ['HSET', `k`, `f${i}`, `v${i}`]);
    time('SADD ints', 500000, (i) => ['SADD', `k${i % 5000}`, `${i % 1000}`]);
    time('SADD big', 500000, (i) => ['SADD', `k`, `m${i}`]);
    time('RPUSH', 500000, (i) => ['RPUSH', `k${i % 100}`, `m${i}`]);
    time('LPUSH', 500000, (i) => ['LPUSH', `k${i % 100}`, `m${i}`]);
    time('RPUSH/LPOP', 500000, (i) => i % 2 ? ['LPOP', `k${i % 7}`] : ['RPUSH', `k${i % 7}`, `m${i}`]);
    time('HINCRBY', 500000, (i) => ['HINCRBY', `k${i % 100}`, `f${i % 10}`, '3']);
    time('HINCRBYFLOAT', 50000, (i) => ['HINCRBYFLOAT', `k${i % 100}`, `f${i % 10}`, '3.14']);
    time('HPEXPIREAT', 300000, (i) => i % 2 ? ['HPEXPIREAT', `k${i >> 4}`, '9999999999999', 'FIELDS', '1', `f${(i >> 1) & 7}`]: ['HSET', `k${i >> 4}`, `f${(i >> 1) & 7}`, 'x']);
  }
}, 120000);
