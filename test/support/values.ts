/** Values made of short texts, one character a byte. */
import type { HashValue, ListValue, SetValue, StringValue, ZsetValue } from '../../src/rdb/model.js';
import { ascii } from './packed.js';

export function list(...items: string[]): ListValue {
  return { type: 'list', encoding: 'quicklist', items: items.map(ascii) };
}

export function set(...members: string[]): SetValue {
  return { type: 'set', encoding: 'hashtable', members: members.map(ascii) };
}

export function zset(...members: (readonly [string, number])[]): ZsetValue {
  return {
    type: 'zset',
    encoding: 'skiplist',
    members: members.map(([member, score]) => ({ member: ascii(member), score })),
  };
}

export function hash(...fields: (readonly [string, string, number?])[]): HashValue {
  return {
    type: 'hash',
    encoding: 'hashtable',
    fields: fields.map(([field, value, expireAtMs]) => ({
      field: ascii(field),
      value: ascii(value),
      ...(expireAtMs !== undefined && { expireAtMs }),
    })),
  };
}

export function string(text: string): StringValue {
  return { type: 'string', encoding: 'raw', value: ascii(text) };
}
