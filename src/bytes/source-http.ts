/** http(s) through fetch, streamed. */
import { UnsupportedError } from './errors.js';
import type { ByteSource, SourceOptions } from './source.js';
import { type ChunkFeed, ChunkSource, webFeed } from './source-stream.js';

/**
 * Asks for a URL, following redirects; the body is read as it arrives.
 *
 * @throws UnsupportedError (UNSUPPORTED_INPUT) for a status other than 2xx, and for a transfer that fails at any time
 */
export async function fetchSource(url: URL, options: SourceOptions): Promise<ByteSource> {
  const { signal } = options;
  const { address, headers } = splitCredentials(url);
  let response: Response;
  try {
    response = await (options.fetch ?? fetch)(address, { redirect: 'follow', headers, signal: signal ?? null });
  } catch (error) {
    throw transferFailure(address, 0, error, signal);
  }
  if (!response.ok) {
    await response.body?.cancel().catch(() => undefined);
    throw new UnsupportedError(
      'UNSUPPORTED_INPUT',
      `HTTP ${response.status} ${response.statusText} from ${address}`,
      0,
    );
  }
  const body = response.body;
  const feed = body === null ? EMPTY_FEED : httpFeed(body, address, signal);
  return new ChunkSource(feed, { name: address, sizeBytes: body === null ? 0 : contentLength(response) });
}

const EMPTY_FEED: ChunkFeed = { pull: () => undefined, stop: () => undefined };

function httpFeed(body: ReadableStream<Uint8Array>, address: string, signal: AbortSignal | undefined): ChunkFeed {
  const feed = webFeed(body);
  let received = 0;
  return {
    async pull() {
      try {
        const chunk = await feed.pull();
        received += chunk?.length ?? 0;
        return chunk;
      } catch (error) {
        throw transferFailure(address, received, error, signal);
      }
    },
    // A transfer that has failed cannot be cancelled either, and nobody wants to hear of it twice.
    stop: async (ended) => Promise.resolve(feed.stop(ended)).catch(() => undefined),
  };
}

/** fetch refuses credentials inside a URL, and messages must not show them: they become the header that curl sends. */
function splitCredentials(url: URL): { address: string; headers: Record<string, string> } {
  // The stored bytes are wanted, with their size, and not a compression made for the transfer.
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (url.username === '' && url.password === '') return { address: url.href, headers };
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  const pair = new TextEncoder().encode(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`);
  headers.authorization = `Basic ${btoa(String.fromCharCode(...pair))}`;
  return { address: bare.href, headers };
}

function contentLength(response: Response): number | undefined {
  const text = response.headers.get('content-length');
  const encoding = response.headers.get('content-encoding');
  if (text === null || (encoding !== null && encoding !== 'identity') || !/^[0-9]+$/.test(text)) return undefined;
  const size = Number(text);
  return Number.isSafeInteger(size) ? size : undefined;
}

function transferFailure(address: string, received: number, error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const why = cause instanceof Error ? cause.message || cause.name : String(cause);
  const message = `the transfer of ${address} failed after ${received} bytes: ${why}`;
  return new UnsupportedError('UNSUPPORTED_INPUT', message, received, { cause: error });
}
