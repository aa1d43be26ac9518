import { resolve } from 'node:path';
import type { RunPlace } from '../crew/run-options.js';
import { EXIT, UsageError } from '../errors.js';
import type { Io } from '../util/io.js';
import { printable } from '../util/printable.js';
import { nearPath, realPathOf } from '../util/real-path.js';
import { agreementOption } from './agree-to-start.js';
import { type CommandFactory, createCommand, formatOption } from './command.js';
import { chooseDefinition } from './definition-file.js';
import { jsonText } from './history.js';

interface TrustFlags {
  readonly yes?: boolean;
  readonly list?: boolean;
  readonly revoke?: boolean;
  readonly format: 'text' | 'json';
}

/** `crew trust`: agrees beforehand to what a definition does on this machine, shows what was agreed to, or takes it back. */
export const createTrustCommand: CommandFactory = (io, end) =>
  createCommand('trust', 'agree to what a definition does beside calling models: its code, programs and the like')
    .argument('[file]', 'definition (default: crew.yaml or crew.jsonc, here or in crew/)')
    .option('--yes', 'agree without being asked')
    .option('--list', 'show what was agreed to, of all definitions')
    .option('--revoke', 'forget what was agreed to of this definition')
    .addOption(formatOption())
    .action(async (file: string | undefined, flags: TrustFlags) => {
      if (flags.list) await list(io, flags);
      else if (flags.revoke) await revoke(io, file);
      else await trust(io, file, flags);
      end(EXIT.done);
    });

async function trust(io: Io, file: string | undefined, { yes }: TrustFlags): Promise<void> {
  const path = await chooseDefinition(io, file);
  const [{ loadDefinition }, { describeWants, isTrusted, requireTrust }, { findWants }] = await Promise.all([
    import('../definition/load-definition.js'),
    import('../crew/trust.js'),
    import('../crew/wants.js'),
  ]);
  // What the variable agrees to is not remembered.
  const place: RunPlace = { env: { ...io.env, CREW_TRUST: undefined }, workingDirectory: io.cwd };
  const definition = await loadDefinition(path, place);
  const wants = await findWants(definition, { ...place, withNamedTools: true });
  if (wants.length === 0) {
    io.stdout.write(`${path} only calls models: there is nothing to agree to\n`);
    return;
  }
  const whole = { withNamedTools: true };
  if (!(await isTrusted(definition, whole, place))) {
    const list = `${path} does more than call models:\n${describeWants(wants)}`;
    if (!yes && !io.isInteractive) throw new UsageError(list, { hint: `Look at it, then: crew trust ${path} --yes` });
    if (yes) io.stderr.write(`${list}\n`);
    await requireTrust(definition, { ...whole, ...(yes ? { trust: true } : agreementOption(io)) }, place);
    if (!(await isTrusted(definition, whole, place))) {
      throw new UsageError('it cannot be remembered: the folder for data of yours cannot be written', {
        hint: 'Set XDG_DATA_HOME to one that can, or give --trust to each run.',
      });
    }
  }
  io.stdout.write(`${path} is trusted until it does something else, or its code changes\n`);
}

async function list(io: Io, { format }: TrustFlags): Promise<void> {
  const { openAgreements } = await import('../crew/agreements.js');
  const byPath = new Map<string, Set<string>>();
  for (const { path, text } of await openAgreements(io.env).list()) {
    byPath.set(path, (byPath.get(path) ?? new Set()).add(text));
  }
  const all = [...byPath].map(([path, texts]) => ({ path, trusted: [...texts] }));
  if (format === 'json') io.stdout.write(jsonText(all));
  else if (all.length === 0) io.stderr.write('Nothing is trusted.\n');
  else {
    const blocks = all.map(({ path, trusted }) => [path, ...trusted.map((text) => `  ${text}`)].join('\n'));
    io.stdout.write(`${printable(blocks.join('\n'))}\n`);
  }
}

async function revoke(io: Io, file: string | undefined): Promise<void> {
  const { openAgreements } = await import('../crew/agreements.js');
  const path = await realPathOf(resolve(io.cwd, await chooseDefinition(io, file)));
  const count = await openAgreements(io.env).revoke(path);
  const near = nearPath(path, io.cwd);
  io.stdout.write(count === 0 ? `${near} was not trusted\n` : `${near} is no longer trusted\n`);
}
