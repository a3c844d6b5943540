/** Options of commands that model the memory of a server. */
import { type Command, Option } from 'commander';
import { ALLOCATORS } from '../memory/allocator.js';
import { parseTarget } from './convert-options.js';
import { reading } from './options.js';

export function addModelOptions(command: Command): Command {
  return command
    .option(
      '--server <server>',
      'the server whose memory is modelled, such as redis:7.0 (default: the one that wrote the file)',
      reading(parseTarget),
    )
    .addOption(new Option('--allocator <name>', 'what it allocates with (default: jemalloc)').choices(ALLOCATORS));
}

/** As {@link addModelOptions}, for commands that look at memory only where they are told to. */
export function addMemoryOption(command: Command): Command {
  return addModelOptions(
    command.option('--memory', 'by the memory that keys take on a server, not by bytes in the file'),
  );
}
