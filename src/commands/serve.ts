import { Writable } from 'node:stream';
import { EXIT, type ExitCode, UsageError } from '../errors.js';
import type { Io } from '../util/io.js';
import { type CommandFactory, createCommand } from './command.js';
import { chooseDefinition, writeWarnings } from './definition-file.js';
import { pickRunFlags, type RunFlags, toRunOptions } from './run-flags.js';

interface ServeFlags extends Omit<RunFlags, 'format'> {
  readonly mcp?: boolean;
}

/** `crew serve --mcp`: offers crews as tools to a program that speaks the Model Context Protocol, on stdin and stdout. */
export const createServeCommand: CommandFactory = (io, end) =>
  pickRunFlags(
    createCommand('serve', 'offer crews as tools to other programs; ends when they hang up')
      .argument('[files...]', 'definitions (default: crew.yaml or crew.jsonc, here or in crew/)')
      .option('--mcp', 'by the Model Context Protocol, on stdin and stdout'),
    [
      '--cassette',
      '--cassette-mode',
      '--budget',
      '--timeout',
      '--concurrency',
      '--allow-shell',
      '--trust',
      '--allow-outside',
      '--db',
    ],
  ).action(async (files: readonly string[], flags: ServeFlags) => {
    end(await serve(io, files, flags));
  });

async function serve(io: Io, files: readonly string[], flags: ServeFlags): Promise<ExitCode> {
  if (!flags.mcp)
    throw new UsageError('say how to serve', { hint: `crew serve --mcp ${files.join(' ') || 'crew.yaml'}` });
  const named: readonly (string | undefined)[] = files.length > 0 ? files : [undefined];
  const place = { env: io.env, workingDirectory: io.cwd };
  const [{ loadCrew }, { requireTrust }] = await Promise.all([
    import('../crew/load-crew.js'),
    import('../crew/trust.js'),
  ]);
  const options = toRunOptions({ ...flags, format: 'text' });
  const crews = [];
  for (const file of named) {
    const crew = await loadCrew(await chooseDefinition(io, file, flags), place);
    await writeWarnings(io, crew.definition, flags);
    // Nobody can be asked later: stdin is the client's.
    await requireTrust(crew.definition, options, place);
    crews.push(crew);
  }
  const [{ StdioServerTransport }, { serveMcp }] = await Promise.all([
    import('@modelcontextprotocol/sdk/server/stdio.js'),
    import('../crew/serve-mcp.js'),
  ]);
  const stdout = new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      io.stdout.write(text);
      done();
    },
  });
  const transport = new StdioServerTransport(io.stdin as NodeJS.ReadStream, stdout);
  // The client has gone; the transport itself does not look.
  io.stdin.once('end', () => void transport.close());
  await serveMcp(transport, {
    crews,
    place,
    options,
    signal: io.signal,
    onStart: (names) => io.stderr.write(`serving ${names.join(', ')} over MCP on stdin and stdout\n`),
    warn: (message) => io.stderr.write(`warning: ${message}\n`),
  });
  io.signal.throwIfAborted();
  return EXIT.done;
}
