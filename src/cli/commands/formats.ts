/** `formats`: the support matrix. */

import { EXIT } from '../exit-codes.js';
import { TYPES, targetsOf, VERSIONS, WRAPPINGS } from '../formats-table.js';
import type { Invocation } from '../invocation.js';
import type { Style } from '../render/style.js';
import { formatTable } from '../render/table.js';
import { Session, type SharedOptions } from '../session.js';

export async function runFormats(options: SharedOptions, invocation: Invocation): Promise<number> {
  const session = new Session(options, invocation.signal, invocation.nowMs);
  await session.toOutput([], async (output) => {
    output.text(session.json ? `${JSON.stringify(matrix())}\n` : text(session.style));
  });
  return EXIT.OK;
}

function matrix(): object {
  return {
    schema: 'rdb-inspect/formats@1',
    versions: VERSIONS.map(({ dialect, version, writers, adds, confirmed }) => {
      const targets = targetsOf({ dialect, version });
      return {
        magic: dialect === 'redis' ? 'REDIS' : 'VALKEY',
        version,
        writers,
        adds,
        read: true,
        write: targets.length > 0,
        targets,
        confirmed,
      };
    }),
    types: TYPES.map((fact) => ({ ...fact, dialect: fact.dialect ?? null })),
    wrappings: WRAPPINGS,
  };
}

function text(style: Style): string {
  const yes = style.green('yes');
  const no = style.dim('no');
  const versions = VERSIONS.map(({ dialect, version, writers, adds, confirmed }) => [
    `${dialect === 'redis' ? 'REDIS' : 'VALKEY'} ${version}`,
    writers,
    adds,
    confirmed ? yes : `${yes} *`,
    targetsOf({ dialect, version }).join(' ') || no,
  ]);
  const types = TYPES.map(({ id, name, dialect, since, servers, read, write, note }) => [
    String(id),
    name,
    dialect === undefined ? 'both' : dialect,
    String(since),
    servers,
    read ? yes : no,
    write ? yes : no,
    note ?? '',
  ]);
  const titles = (...names: string[]) => names.map((title) => ({ title }));
  return [
    `${style.bold('Versions')}\n`,
    formatTable(titles('version', 'written by', 'adds', 'read', 'written for --target'), versions, style.dim),
    '  * from the specification; no file of a server has been compared\n',
    '  split and merge keep the version of their source, whichever it is\n',
    `\n${style.bold('Value types')}\n`,
    formatTable(
      [{ title: 'id', align: 'right' }, ...titles('name', 'dialect', 'since', 'written by', 'read', 'write', '')],
      types,
      style.dim,
    ),
    `\n${style.bold('Taken off before')}  ${WRAPPINGS.join(', ')}\n`,
    'Newer versions are read as far as they use what is listed here, with a warning.\n',
  ].join('');
}
