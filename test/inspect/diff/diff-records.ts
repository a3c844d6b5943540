/** Short records for comparisons. */
import { doubleLe, int64Le, keyRecord, len, type Piece, rdbFile, str } from '../../support/file-builder.js';

export const MAGIC = 'REDIS0012';
export const FUTURE = 4102444800000n;

export const string = (key: string, value: string): Uint8Array => keyRecord(0, key, str(value));
export const list = (key: string, ...items: string[]): Uint8Array =>
  keyRecord(1, key, [len(items.length), items.map(str)]);
export const set = (key: string, ...members: string[]): Uint8Array =>
  keyRecord(2, key, [len(members.length), members.map(str)]);
export const zset = (key: string, ...members: [string, number][]): Uint8Array =>
  keyRecord(5, key, [len(members.length), members.map(([member, score]) => [str(member), doubleLe(score)])]);
export const hash = (key: string, ...fields: [string, string][]): Uint8Array =>
  keyRecord(4, key, [len(fields.length), fields.map(([field, value]) => [str(field), str(value)])]);
/** Type 24, with the times that fields have left from 1000 on; 0 is none. */
export const timedHash = (key: string, ...fields: [string, string, number][]): Uint8Array =>
  keyRecord(24, key, [
    int64Le(1000n),
    len(fields.length),
    fields.map(([field, value, ttl]) => [len(ttl), str(field), str(value)]),
  ]);
export const file = (...records: Piece[]): Uint8Array => rdbFile(MAGIC, ...records);
export const expiring = (at: bigint): Piece => [0xfc, int64Le(at)];
