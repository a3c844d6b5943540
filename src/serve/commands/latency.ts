/** LATENCY */
import type { Call, CommandTable } from '../../engine/call.js';
import { CommandError, MapReply, type Reply, VerbatimReply } from '../../engine/reply.js';
import type { Histogram, Sample } from '../latency-monitor.js';
import { shownName } from '../shown-words.js';
import { namedCommand, subcommandsOf } from './command.js';
import { help, serverOf } from './server-of.js';

export const LATENCY_COMMANDS: CommandTable = {
  'LATENCY LATEST': latest,
  'LATENCY HISTORY': history,
  'LATENCY RESET': reset,
  'LATENCY GRAPH': graph,
  'LATENCY DOCTOR': doctor,
  'LATENCY HISTOGRAM': histogram,
  'LATENCY HELP': help('LATENCY', [
    'DOCTOR',
    '    What took long, in words.',
    'GRAPH <event>',
    '    What took long of one event, drawn.',
    'HISTORY <event>',
    '    What took long of one event.',
    'LATEST',
    '    The last of every event.',
    'RESET [<event> ...]',
    '    Forgets events; default: all.',
    'HISTOGRAM [COMMAND ...]',
    '    How many calls of each command took up to how many microseconds.',
  ]),
};

/** LATENCY LATEST */
function latest(call: Call): Reply {
  return Array.from(serverOf(call).latency.events, ([name, { samples, maxMs }]) => {
    const { atSeconds, ms } = samples.at(-1)!;
    return [name, atSeconds, ms, maxMs];
  });
}

/** LATENCY HISTORY event */
function history(call: Call): Reply {
  return samplesOf(call).map(({ atSeconds, ms }) => [atSeconds, ms]);
}

function samplesOf(call: Call): readonly Sample[] {
  return serverOf(call).latency.events.get(call.args[2]!)?.samples ?? [];
}

/** LATENCY RESET [event [event ...]]: how many there were. */
function reset(call: Call): Reply {
  const { events } = serverOf(call).latency;
  const names = call.args.length > 2 ? call.args.slice(2) : [...events.keys()];
  return names.filter((name) => events.delete(name)).length;
}

/** LATENCY GRAPH event: one line for each sample, as long as it took. */
function graph(call: Call): Reply {
  const samples = samplesOf(call);
  if (samples.length === 0) throw new CommandError(`ERR No samples available for event '${call.args[2]}'`);
  const all = samples.map(({ ms }) => ms);
  const high = Math.max(...all);
  const now = Math.floor(call.nowMs / 1000);
  const lines = samples.map(({ atSeconds, ms }) => {
    const bar = '#'.repeat(Math.max(1, Math.round((ms / high) * GRAPH_WIDTH)));
    return `${bar.padEnd(GRAPH_WIDTH)} ${ms} ms, ${now - atSeconds} s ago`;
  });
  const title = `${call.args[2]} - high ${high} ms, low ${Math.min(...all)} ms`;
  return new VerbatimReply(`${[title, ...lines].join('\n')}\n`);
}

const GRAPH_WIDTH = 40;

/** LATENCY DOCTOR */
function doctor(call: Call): Reply {
  const monitor = serverOf(call).latency;
  if (!monitor.isOn) {
    return new VerbatimReply(
      'Nothing is watched: CONFIG SET latency-monitor-threshold <milliseconds> says from where on it is.\n',
    );
  }
  if (monitor.events.size === 0) return new VerbatimReply('Nothing has taken longer than latency-monitor-threshold.\n');
  const lines = Array.from(monitor.events, ([name, { samples, maxMs }]) => {
    const average = Math.round(samples.reduce((sum, { ms }) => sum + ms, 0) / samples.length);
    return `${name}: ${samples.length} times, ${average} ms on average, ${maxMs} ms at most`;
  });
  return new VerbatimReply(`${lines.join('\n')}\n`);
}

/** LATENCY HISTOGRAM [command [command ...]]; a container stands for all of its subcommands. */
function histogram(call: Call): Reply {
  const { histograms } = serverOf(call).latency;
  const wanted = call.args.slice(2).flatMap((name) => {
    const spec = namedCommand(call, name);
    return spec === undefined ? [] : [spec, ...subcommandsOf(call, spec)].map(shownName);
  });
  const names = call.args.length > 2 ? wanted : [...histograms.keys()];
  return new MapReply(
    names.flatMap((name): [string, Reply][] => {
      const found = histograms.get(name);
      return found === undefined ? [] : [[name, spread(found)]];
    }),
  );
}

function spread({ calls, counts }: Histogram): Reply {
  const pairs: [number, number][] = [];
  let sum = 0;
  counts.forEach((count, power) => {
    if (count === 0) return;
    sum += count;
    pairs.push([2 ** power, sum]);
  });
  return new MapReply([
    ['calls', calls],
    ['histogram_usec', new MapReply(pairs)],
  ]);
}
