import type { Prng } from './prng.js';

/** 2100-01-01 in Unix ms: expiries of the data lie behind it, so no key expires during a run. */
export const FAR_AHEAD_MS = 4_102_444_800_000;

/** Common English words and words of business data: prose that LZF can shrink as real text. */
export const WORDS: readonly string[] = (
  'the of and to in is you that it he was for on are as with his they at be this have from or one had by word but not what all ' +
  'were we when your can said there use an each which she do how their if will up other about out many then them these so some her ' +
  'would make like him into time has look two more write go see number no way could people my than first water been call who oil its ' +
  'now find long down day did get come made may part order total price status active pending shipped cancelled account customer ' +
  'product category invoice session token region cluster node replica backup config feature enabled disabled timeout retry latency throughput'
).split(' ');

/** City names, two of them with a blank. */
export const CITIES: readonly string[] = [
  'Berlin',
  'Paris',
  'San Francisco',
  'New York',
  'Tokyo',
  'London',
  'Sao Paulo',
  'Mumbai',
  'Cape Town',
  'Sydney',
];

const ORDER_STATES = ['active', 'pending', 'shipped', 'cancelled'];
const BASE64_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** `length` random hexadecimal digits. */
export function hexText(random: Prng, length: number): string {
  let text = '';
  let left = length;
  for (; left >= 8; left -= 8) text += random.next32().toString(16).padStart(8, '0');
  if (left > 0)
    text += random
      .bits(4 * left)
      .toString(16)
      .padStart(left, '0');
  return text;
}

/** `length` random base64 digits. */
export function base64Text(random: Prng, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += BASE64_DIGITS.charAt(random.bits(6));
  return text;
}

/** Words with blanks between them, cut to `length` characters. */
export function prose(random: Prng, length: number): string {
  let text = random.pick(WORDS);
  while (text.length < length) text += ` ${random.pick(WORDS)}`;
  return text.slice(0, length);
}

/** A decimal number of 1–32 bits, small ones as frequent as large ones. */
export function anyInteger(random: Prng): string {
  return String(random.bits(1 + random.bits(5)));
}

/** A decimal fraction such as prices have, `wholeBits` before the point. */
export function amount(random: Prng, wholeBits: number): string {
  return `${random.bits(wholeBits)}.${twoDigits(random.bits(6))}`;
}

/** A session object as JSON, about 95 bytes. */
export function session(random: Prng): string {
  const name = `${capitalized(random.pick(WORDS))} ${capitalized(random.pick(WORDS))}`;
  const ip = `${random.bits(8)}.${random.bits(8)}.${random.bits(8)}.${random.bits(8)}`;
  const at = 1_700_000_000 + random.bits(25);
  return `{"uid":${random.bits(24)},"name":"${name}","ip":"${ip}","ts":${at},"active":${random.bits(1) === 1}}`;
}

/** A value of about 100 bytes as caches hold them: JSON, prose, hex, base64, URLs, numbers, padding. */
export function cacheValue(random: Prng): string {
  const kind = random.bits(8);
  if (kind < 90) return session(random);
  if (kind < 140) return prose(random, 60 + random.bits(6) + random.bits(4));
  if (kind < 180) return hexText(random, 64 + (random.bits(6) & ~1));
  if (kind < 210) return base64Text(random, 100);
  if (kind < 230) return link(random);
  if (kind < 245) return anyInteger(random);
  return 'x'.repeat(80 + random.bits(5));
}

/** A product record as JSON, about 400 bytes, with id `id`. */
export function productRecord(random: Prng, id: number): string {
  const bits = (count: number): number => random.bits(count);
  const day = `2024-${twoDigits(1 + bits(3))}-${twoDigits(1 + bits(4))}`;
  const clock = `${twoDigits(bits(4))}:${twoDigits(bits(5))}:${twoDigits(bits(5))}`;
  const tags = `"${random.pick(WORDS)}","${random.pick(WORDS)}","${random.pick(WORDS)}"`;
  return (
    `{"id":${id},"sku":"${hexText(random, 10)}","title":"${prose(random, 24)}","price":${amount(random, 10)},` +
    `"currency":"USD","qty":${bits(5)},"city":"${random.pick(CITIES)}","status":"${random.pick(ORDER_STATES)}",` +
    `"created_at":"${day}T${clock}Z","tags":[${tags}],"dims":{"w":${bits(8)},"h":${bits(8)},"d":${bits(8)}},` +
    `"note":"${prose(random, 40 + bits(6))}"}`
  );
}

/** A JSON array of `count` product records. */
export function productArray(random: Prng, firstId: number, count: number): string {
  const records: string[] = [];
  for (let i = 0; i < count; i++) records.push(productRecord(random, firstId + i));
  return `[${records.join(',')}]`;
}

function link(random: Prng): string {
  const path = `${random.pick(WORDS)}/${random.pick(WORDS)}`;
  return `https://example.com/${path}?id=${random.bits(30)}&ref=${random.pick(WORDS)}&session=${hexText(random, 32)}`;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
