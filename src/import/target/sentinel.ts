/** The primary that sentinels name at the moment. */
import { type AskOptions, withQuestions } from './client.js';
import { type Endpoint, endpointAt, formatAddress, type SentinelPlace } from './endpoint.js';
import { infoField } from './server-facts.js';
import { TargetError } from './target-error.js';

/**
 * Asks one sentinel after the other until one names a server that says of itself that it is a primary: after a failover
 * some still name the old one (Sentinel clients specification).
 *
 * @throws TargetError (SENTINEL): nobody names one now; a failover may be under way. AUTH and NOPERM of the primary as
 * they are
 */
export async function findPrimary(place: SentinelPlace, options: AskOptions): Promise<Endpoint> {
  const reasons: string[] = [];
  for (const sentinel of place.sentinels) {
    try {
      const named = await askSentinel(sentinel, place, options);
      if (await isPrimary(named, options)) return named;
      reasons.push(`${formatAddress(named)}, which ${formatAddress(sentinel)} names, is a replica`);
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      const isRefused = error.code === 'AUTH' || error.code === 'NOPERM' || error.code === 'TLS';
      if (isRefused && error.address !== formatAddress(sentinel)) throw error;
      reasons.push(error.message);
    }
  }
  throw new TargetError('SENTINEL', `no primary is known as ${place.primaryName}: ${reasons.join('; ')}`, '');
}

async function askSentinel(sentinel: Endpoint, place: SentinelPlace, options: AskOptions): Promise<Endpoint> {
  const reply = await withQuestions(sentinel, options, ({ ask }) =>
    ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', place.primaryName),
  );
  if (!Array.isArray(reply) || reply.length < 2)
    throw new TargetError('SENTINEL', 'it does not know the name', formatAddress(sentinel));
  return endpointAt(place.primary, String(reply[0]), Number(reply[1]));
}

async function isPrimary(endpoint: Endpoint, options: AskOptions): Promise<boolean> {
  const info = await withQuestions(endpoint, options, ({ ask }) => ask('INFO', 'replication'));
  return infoField(String(info), 'role') === 'master';
}
