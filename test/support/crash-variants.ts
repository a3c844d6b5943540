/** Configurations and lives of stores: what there is at the beginning, and what happens beside commands. */
import type { StoreOptions } from '../../src/store/index.js';
import type { CrashStart } from './crash-reference.js';

/** `due`: so much time goes by that a save point is reached. `always` and so on: `appendfsync` from now on. */
export type CrashEvent = 'rewrite' | 'save' | 'bgsave' | 'due' | 'on' | 'off' | 'always' | 'everysec';

export interface CrashVariant {
  readonly name: string;
  readonly start: CrashStart;
  readonly options: Omit<StoreOptions, 'dir'>;
  /** One for each part of the life, commands before and behind it. */
  readonly events: readonly CrashEvent[];
  /** How it ends. Default: it is abandoned. */
  readonly end?: 'save' | 'nosave' | 'default';
}

const LOG = { appendonly: true, save: '' } as const;

export const CRASH_VARIANTS: readonly CrashVariant[] = [
  {
    name: 'always, dump as base',
    start: 'nothing',
    options: { ...LOG, appendfsync: 'always' },
    events: ['rewrite', 'rewrite', 'rewrite'],
  },
  {
    name: 'always, commands as base, with timestamps',
    start: 'nothing',
    options: { ...LOG, appendfsync: 'always', aofUseRdbPreamble: false, aofTimestampEnabled: true },
    events: ['rewrite', 'rewrite'],
    end: 'default',
  },
  {
    name: 'everysec, dump as base',
    start: 'nothing',
    options: { ...LOG, appendfsync: 'everysec' },
    events: ['rewrite', 'rewrite', 'rewrite'],
  },
  {
    name: 'everysec, commands as base, no sync while it is rewritten',
    start: 'nothing',
    options: { ...LOG, appendfsync: 'everysec', aofUseRdbPreamble: false, noAppendfsyncOnRewrite: true },
    events: ['rewrite', 'rewrite'],
  },
  {
    name: 'no sync, with timestamps',
    start: 'nothing',
    options: { ...LOG, appendfsync: 'no', aofTimestampEnabled: true },
    events: ['rewrite', 'rewrite'],
  },
  {
    name: 'always, from the one file of an older server',
    start: 'commands',
    options: { ...LOG, appendfsync: 'always' },
    events: ['rewrite'],
  },
  {
    name: 'everysec, from the one file of an older server with a dump at its head',
    start: 'preamble',
    options: { ...LOG, appendfsync: 'everysec' },
    events: ['rewrite', 'rewrite'],
    end: 'nosave',
  },
  {
    name: 'always, from one that ends in half of a transaction',
    start: 'broken',
    options: { ...LOG, appendfsync: 'always', aofUseRdbPreamble: false },
    events: ['rewrite'],
  },
  {
    name: 'always, rewritten by itself, with dumps beside it',
    start: 'nothing',
    options: { appendonly: true, save: '60 1', appendfsync: 'always', autoAofRewriteMinSize: 2000 },
    events: ['save', 'due', 'rewrite', 'bgsave'],
    end: 'save',
  },
  {
    name: 'dumps alone',
    start: 'nothing',
    options: { save: '60 1' },
    events: ['due', 'bgsave', 'save', 'due'],
    end: 'default',
  },
  {
    name: 'dumps alone, from a dump',
    start: 'dump',
    options: { save: '60 1', rdbcompression: false },
    events: ['save', 'due', 'bgsave'],
    end: 'save',
  },
  {
    name: 'log switched on, off and on again, always',
    start: 'dump',
    options: { save: '60 1', appendfsync: 'always' },
    events: ['on', 'rewrite', 'bgsave', 'off', 'on'],
  },
  {
    name: 'log switched on and off, everysec',
    start: 'nothing',
    options: { save: '', appendfsync: 'everysec' },
    events: ['on', 'rewrite', 'save', 'off', 'on'],
  },
  {
    name: 'the policy changes',
    start: 'nothing',
    options: { ...LOG, appendfsync: 'everysec' },
    events: ['always', 'rewrite', 'everysec', 'rewrite', 'always'],
  },
];

/** The same of more data: few states of it take as long as many of the others. */
export const LARGE_VARIANTS: readonly CrashVariant[] = [
  {
    name: 'always, a large dump as base, beside other dumps',
    start: 'large',
    options: { appendonly: true, save: '60 1', rdbcompression: false, appendfsync: 'always' },
    events: ['rewrite', 'due', 'rewrite'],
  },
  {
    name: 'everysec, many commands as base',
    start: 'large',
    options: { ...LOG, appendfsync: 'everysec', aofUseRdbPreamble: false },
    events: ['rewrite', 'rewrite'],
  },
];
