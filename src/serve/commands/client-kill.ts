/** CLIENT KILL */
import type { ByteString } from '../../bytes/byte-string.js';
import { isOption, parseInt64 } from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import { CommandError, OK, type Reply, syntaxError } from '../../engine/reply.js';
import type { Connection } from '../connection.js';
import { connectionOf } from '../server-context.js';
import { typeArgument, typeOf } from './client-line.js';
import { DEFAULT_USER } from './hello.js';
import { serverOf } from './server-of.js';

type Test = (connection: Connection) => boolean;

/** CLIENT KILL ip:port · CLIENT KILL option value [option value ...]: how many there were. */
export function kill(call: Call): Reply {
  const { args } = call;
  if (args.length > 3) return killMatching(call);
  const [found] = killed(call, ({ transport }) => transport.address === args[2]);
  if (found === undefined) throw new CommandError('ERR No such client');
  return OK;
}

function killMatching(call: Call): Reply {
  const { args } = call;
  const tests: Test[] = [];
  let sparesItself = true;
  for (let at = 2; at < args.length; at += 2) {
    const value = args[at + 1];
    if (value === undefined) throw syntaxError();
    if (isOption(args[at], 'SKIPME')) sparesItself = yesOrNo(value);
    else tests.push(testOf(args[at]!, value));
  }
  const own = connectionOf(call);
  return killed(call, (each) => !(sparesItself && each === own) && tests.every((test) => test(each))).length;
}

function testOf(option: ByteString, value: ByteString): Test {
  switch (option.toUpperCase()) {
    case 'ID': {
      const id = parseInt64(value);
      if (id === undefined || id < 1) throw new CommandError('ERR client-id should be greater than 0');
      return (connection) => connection.id === id;
    }
    case 'ADDR':
      return ({ transport }) => transport.address === value;
    case 'LADDR':
      return ({ transport }) => transport.localAddress === value;
    case 'TYPE': {
      const type = typeArgument(value);
      return (connection) => typeOf(connection) === type;
    }
    case 'USER':
      if (value !== DEFAULT_USER) throw new CommandError(`ERR No such user '${value}'`);
      return ({ isAuthenticated }) => isAuthenticated;
    default:
      throw syntaxError();
  }
}

function yesOrNo(text: ByteString): boolean {
  if (isOption(text, 'YES')) return true;
  if (isOption(text, 'NO')) return false;
  throw syntaxError();
}

/** Whoever kills itself is answered first. */
function killed(call: Call, test: Test): Connection[] {
  const own = connectionOf(call);
  const found = [...serverOf(call).clients.values()].filter(test);
  for (const connection of found) {
    if (connection === own) connection.endAfterReplies();
    else connection.close();
  }
  return found;
}
