/** INFO as text: sections that are asked for, in the server's order. */
import type { Server } from '../server.js';
import type { InfoSection } from './info-field.js';
import { clusterFields, cpuFields, keyspaceFields, replicationFields } from './keyspace-fields.js';
import { memoryFields } from './memory-fields.js';
import { persistenceFields } from './persistence-fields.js';
import { clientFields, serverFields } from './server-fields.js';
import { commandFields, errorFields, latencyFields, statsFields } from './stats-fields.js';

interface Section {
  /** As its heading has it. */
  readonly title: string;
  readonly fields: InfoSection;
  /** Left out where nobody asks for it, or for all. */
  readonly isExtra?: boolean;
}

const SECTIONS: readonly Section[] = [
  { title: 'Server', fields: serverFields },
  { title: 'Clients', fields: clientFields },
  { title: 'Memory', fields: memoryFields },
  { title: 'Persistence', fields: persistenceFields },
  { title: 'Stats', fields: statsFields },
  { title: 'Replication', fields: replicationFields },
  { title: 'CPU', fields: cpuFields },
  { title: 'Modules', fields: () => [] },
  { title: 'Commandstats', fields: commandFields, isExtra: true },
  { title: 'Errorstats', fields: errorFields },
  { title: 'Latencystats', fields: latencyFields, isExtra: true },
  { title: 'Cluster', fields: clusterFields },
  { title: 'Keyspace', fields: keyspaceFields },
];

/** `names`: of sections, in any letters, `default`, `all` or `everything`; none at all is `default`. Unknown ones give nothing. */
export function infoReport(server: Server, names: readonly string[]): string {
  const asked = new Set(names.length === 0 ? ['default'] : names.map((name) => name.toLowerCase()));
  const isAll = asked.has('all') || asked.has('everything');
  const isWanted = ({ title, isExtra }: Section): boolean =>
    isAll || asked.has(title.toLowerCase()) || (asked.has('default') && isExtra !== true);
  return SECTIONS.filter(isWanted)
    .map(({ title, fields }) => {
      const lines = fields(server).map(([name, value]) => `${name}:${value}\r\n`);
      return `# ${title}\r\n${lines.join('')}`;
    })
    .join('\r\n');
}
