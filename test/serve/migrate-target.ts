/** What MIGRATE speaks to, played by a test: a socket that answers as it is told. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** `received`: all that this connection has sent so far. */
export type Answer = (socket: Socket, received: string, connection: number) => void;

export interface Target {
  readonly port: number;
  /** What each connection has sent. */
  readonly received: readonly string[];
  readonly sockets: readonly Socket[];
  stop(): Promise<void>;
}

export async function startTarget(answer: Answer): Promise<Target> {
  const received: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    const index = sockets.push(socket) - 1;
    received.push('');
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      received[index] += bytes.toString('latin1');
      answer(socket, received[index]!, index);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, received, sockets, stop: () => stop(server, sockets) };
}

async function stop(server: Server, sockets: readonly Socket[]): Promise<void> {
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

/** Answers every command, when it is whole, with the next of these lines, and the last one ever after. */
export function linesFor(...lines: readonly string[]): Answer {
  const places: { pos: number; count: number }[] = [];
  return (socket, received, connection) => {
    const place = places[connection] ?? { pos: 0, count: 0 };
    places[connection] = place;
    for (let end = commandEnd(received, place.pos); end > 0; end = commandEnd(received, end)) {
      socket.write(`${lines[place.count] ?? lines.at(-1)}\r\n`);
      place.pos = end;
      place.count++;
    }
  };
}

/** 0 where the command at `pos` is not whole. */
function commandEnd(text: string, pos: number): number {
  let at = lineEnd(text, pos);
  for (let left = Number(text.slice(pos + 1, at)); at > 0 && left > 0; left--) {
    const start = lineEnd(text, at);
    if (start === 0) return 0;
    at = start + Number(text.slice(at + 1, start)) + 2;
    if (at > text.length) return 0;
  }
  return at;
}

function lineEnd(text: string, pos: number): number {
  return text.indexOf('\r\n', pos) < 0 ? 0 : text.indexOf('\r\n', pos) + 2;
}
