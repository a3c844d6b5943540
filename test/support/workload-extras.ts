/** What only some servers have: vector sets, arrays; and function libraries. */
import type { Pipeline } from './workload-pipeline.js';
import type { Values } from './workload-values.js';

/** What the array `array:mixed` holds, index by index: the server stores these texts in different ways. */
export const ARRAY_CONTENT: readonly (readonly [string, string])[] = [
  ['0', 'text'],
  ['1', '17'],
  ['2', '-5'],
  ['9', '1.5'],
  ['10', ''],
  ['1000', 'a longer text that is stored as it is'],
  ['70000', '2305843009213693951'],
  ['5000000000', 'far away'],
];

export async function fillVectorSets(pipe: Pipeline, values: Values): Promise<void> {
  if (!pipe.has('vadd')) return;
  for (const [kind, dim, reduce] of [
    ['NOQUANT', 3, 0],
    ['Q8', 8, 0],
    ['BIN', 70, 0],
    ['NOQUANT', 16, 4],
  ] as const) {
    for (let index = 0; index < 30; index++) {
      const vector = values.list(dim, () => (values.below(2001) - 1000) / 64);
      const attribute = index % 3 === 0 ? ['SETATTR', `{"index":${index}}`] : [];
      const projection = reduce > 0 ? ['REDUCE', reduce] : [];
      const key = `vector:${kind}:${dim}`;
      pipe.add('VADD', key, ...projection, 'VALUES', dim, ...vector, `element ${index}`, kind, ...attribute, 'M', 8);
    }
  }
  await pipe.flush();
}

export async function fillArrays(pipe: Pipeline): Promise<void> {
  if (!pipe.has('armset')) return;
  pipe.add('ARMSET', 'array:mixed', ...ARRAY_CONTENT.flat());
  await pipe.flush();
}

export async function fillFunctions(pipe: Pipeline, values: Values): Promise<void> {
  const body = (name: string) => `redis.register_function('${name}', function(keys, args) return args[1] end)`;
  pipe.add('FUNCTION', 'LOAD', `#!lua name=short\n${body('short')}`);
  pipe.add('FUNCTION', 'LOAD', `#!lua name=long\n-- ${values.text(3000)}\n${body('long')}\n${body('longer')}`);
  await pipe.flush();
}
