/**
 * Hashes (aof-format.md §6):
 *
 *     no field expiry      HMSET key field value…
 *     Redis 7.4 and later  a hash that records field expiry, field by field: HMSET key field value,
 *                          and where the field has one: HPEXPIREAT key ms FIELDS 1 field
 *     Valkey 9.0 and later first HSETEX key PXAT ms FIELDS 1 field value, for each field that has one; then HMSET for the rest
 *
 * So for Valkey such a value is read twice; one that is streamed comes once, and its commands as the fields come.
 */
import type { Int64 } from '../../bytes/int64.js';
import type { Slice } from '../../bytes/slice.js';
import type { CommandWriter } from '../../codecs/resp.js';
import { MAX_FIELD_EXPIRE_MS } from '../../rdb/constants.js';
import { fieldLoss } from '../adapt-hash.js';
import { CommandBatch } from './batch.js';
import type { CommandForms } from './forms.js';
import { commandName, ValueCommands } from './value-commands.js';

/** What is done with the fields that come: all in batches; one by one; those with an expiry; those without; all, mixed. */
type Pass = 'batches' | 'single' | 'volatile' | 'rest' | 'mixed';

const HMSET = commandName('HMSET');
const HPEXPIREAT = commandName('HPEXPIREAT');
const HSETEX = commandName('HSETEX');
const PXAT = commandName('PXAT');
const FIELDS = commandName('FIELDS');
const ONE = commandName('1');

export class HashCommands extends ValueCommands {
  private readonly batch: CommandBatch;
  private readonly fieldExpiry: CommandForms['fieldExpiry'];
  private pass: Pass = 'batches';
  private fields = 0;
  private losing = 0;

  /** `nowMs`: fields that have expired by then do not come back to life where their expiry has no command. */
  constructor(
    writer: CommandWriter,
    { hash, batchItems, fieldExpiry }: CommandForms,
    private readonly nowMs: number,
  ) {
    super(writer);
    this.batch = new CommandBatch(writer, hash, 2, batchItems);
    this.fieldExpiry = fieldExpiry;
  }

  override begin(...args: Parameters<ValueCommands['begin']>): void {
    const [, isLarge, hasFieldExpiry] = args;
    super.begin(...args);
    this.batch.begin(this.key);
    this.fields = 0;
    this.losing = 0;
    if (!hasFieldExpiry || this.fieldExpiry === undefined) this.pass = 'batches';
    else if (this.fieldExpiry === 'HPEXPIREAT') this.pass = 'single';
    else this.pass = isLarge ? 'mixed' : 'volatile';
  }

  override hashField(field: Slice, value: Slice, expireAt: Int64 | undefined): void {
    const { pass } = this;
    this.fields++;
    if (pass === 'single') this.writeSingle(field, value, expireAt);
    else if (pass === 'batches') {
      if (expireAt !== undefined) this.losing++;
      if (expireAt === undefined || expireAt.toNumber() >= this.nowMs) this.writeBatched(field, value);
    } else if (expireAt !== undefined) {
      if (pass !== 'rest') this.writeVolatile(field, value, expireAt);
    } else if (pass !== 'volatile') this.writeBatched(field, value);
  }

  override end(): boolean {
    this.batch.end();
    if (this.losing > 0) this.lost.push(fieldLoss(this.losing, this.fields));
    if (this.pass !== 'volatile') return false;
    this.pass = 'rest';
    return true;
  }

  private writeBatched(field: Slice, value: Slice): void {
    const { batch, writer } = this;
    batch.item(field.length + value.length);
    writer.slice(field);
    writer.slice(value);
    batch.itemEnd();
  }

  private writeSingle(field: Slice, value: Slice, expireAt: Int64 | undefined): void {
    const { writer, key } = this;
    writer.start(4);
    writer.encoded(HMSET);
    writer.encoded(key.bytes, key.end);
    writer.slice(field);
    writer.slice(value);
    if (expireAt === undefined) return;
    if (!hasCommand(expireAt, this.fieldExpiry)) {
      this.losing++;
      return;
    }
    writer.start(6);
    writer.encoded(HPEXPIREAT);
    writer.encoded(key.bytes, key.end);
    writer.int64(expireAt);
    writer.encoded(FIELDS);
    writer.encoded(ONE);
    writer.slice(field);
  }

  private writeVolatile(field: Slice, value: Slice, expireAt: Int64): void {
    const { writer, key } = this;
    // Its batch is open as long as it is held, and this command cannot come into its middle.
    this.batch.end();
    writer.start(8);
    writer.encoded(HSETEX);
    writer.encoded(key.bytes, key.end);
    writer.encoded(PXAT);
    writer.int64(expireAt);
    writer.encoded(FIELDS);
    writer.encoded(ONE);
    writer.slice(field);
    writer.slice(value);
  }
}

/** Only the losses of a hash: for a first look, before a command has been written. */
export class FieldExpiryScan extends ValueCommands {
  private fields = 0;
  private losing = 0;

  constructor(
    writer: CommandWriter,
    private readonly fieldExpiry: CommandForms['fieldExpiry'],
  ) {
    super(writer);
  }

  override begin(...args: Parameters<ValueCommands['begin']>): void {
    super.begin(...args);
    this.fields = 0;
    this.losing = 0;
  }

  override hashField(_field: Slice, _value: Slice, expireAt: Int64 | undefined): void {
    this.fields++;
    if (expireAt !== undefined && !hasCommand(expireAt, this.fieldExpiry)) this.losing++;
  }

  override end(): boolean {
    if (this.losing > 0) this.lost.push(fieldLoss(this.losing, this.fields));
    return false;
  }
}

function hasCommand(expireAt: Int64, fieldExpiry: CommandForms['fieldExpiry']): boolean {
  return fieldExpiry === 'HSETEX' || (fieldExpiry === 'HPEXPIREAT' && expireAt.toNumber() <= MAX_FIELD_EXPIRE_MS);
}
