import type { CrewDefinition } from '../definition/types.js';
import { TaskError, UsageError } from '../errors.js';
import { printable } from '../util/printable.js';
import { nearPath, realPathOf } from '../util/real-path.js';
import type { RunOptions, RunPlace } from './run-options.js';
import type { Want } from './want.js';
import { findWants } from './wants.js';

/** Places of one want that are named. */
const MOST_PLACES = 3;

/** Asked whether a definition may do what it wants to do on this machine. `path` is absolute. */
export type AgreeToStart = (request: {
  readonly path: string;
  readonly wants: readonly Want[];
}) => Promise<boolean> | boolean;

export interface TrustOptions extends Pick<RunOptions, 'trust' | 'allowShell' | 'agreeToStart'> {
  /** As in `WantsOptions`. */
  readonly withNamedTools?: boolean;
  /** What a record lets its run do, beside what the definition wants. */
  readonly ofRecord?: readonly Want[];
}

/** A want, and the digest by which an agreement to it is remembered. */
interface KnownWant extends Want {
  readonly digest: string;
}

/** What a definition wants that nobody has agreed to yet. */
interface OpenWants {
  /** Absolute real path of the definition. */
  readonly path: string;
  readonly wants: readonly KnownWant[];
}

/**
 * Makes sure, before anything of a definition is loaded or started, that a person trusts it with what it does beside calling
 * models: the options or the variable `CREW_TRUST` say so, or somebody agrees, or has agreed before to just that. Remembers
 * what is agreed to. Rejects with UsageError otherwise.
 */
export async function requireTrust(definition: CrewDefinition, options: TrustOptions, place: RunPlace): Promise<void> {
  const { path: real, wants } = await findOpenWants(definition, options, place);
  const agreed = wants.filter((want) => isAgreed(want, options));
  await remember({ path: real, wants: agreed }, place);
  const open = wants.filter((want) => !agreed.includes(want));
  if (open.length === 0) return;
  const { path } = definition.source;
  const near = nearPath(path, place.workingDirectory);
  if (!options.agreeToStart) {
    throw new UsageError(`${near} does more than call models, and nobody has agreed to it:\n${describeWants(open)}`, {
      hint: options.ofRecord?.length
        ? 'Look at it, then agree with --trust.'
        : `Look at it, then agree with --trust, or beforehand with: crew trust ${near}`,
    });
  }
  if (!(await options.agreeToStart({ path, wants: open }))) {
    throw new UsageError(`${near} is not trusted`, { hint: 'Nothing was run.' });
  }
  await remember({ path: real, wants: open }, place);
}

/** Whether `requireTrust` would ask nobody. */
export async function isTrusted(definition: CrewDefinition, options: TrustOptions, place: RunPlace): Promise<boolean> {
  const { wants } = await findOpenWants(definition, options, place);
  return wants.every((want) => isAgreed(want, options));
}

/** What a definition wants, as a person reads it, each with its places. */
export function describeWants(wants: readonly Pick<Want, 'places' | 'text'>[]): string {
  return wants
    .map(({ places, text }) => printable(`  ${placesText(places)}: ${text}`).replaceAll('\n', '\n    '))
    .join('\n');
}

function placesText(places: readonly string[]): string {
  const more = places.length > MOST_PLACES ? ` and ${places.length - MOST_PLACES} more` : '';
  return `${places.slice(0, MOST_PLACES).join(', ')}${more}`;
}

async function findOpenWants(
  definition: CrewDefinition,
  { withNamedTools = false, ofRecord = [] }: TrustOptions,
  { env, workingDirectory }: RunPlace,
): Promise<OpenWants> {
  const { path, directory } = definition.source;
  if (isTrustedByVariable(env)) return { path, wants: [] };
  const wants = [...(await findWants(definition, { workingDirectory, env, withNamedTools })), ...ofRecord];
  if (wants.length === 0) return { path, wants: [] };
  const [{ openAgreements }, { digestWant }] = await Promise.all([
    import('./agreements.js'),
    import('./want-digest.js'),
  ]);
  const agreements = openAgreements(env);
  const real = await realPathOf(path);
  const known = await Promise.all(
    wants.map(async (want) => {
      const digest = await digestWant(want, { path: real, directory });
      return { ...want, digest, isKnown: await agreements.has(digest) };
    }),
  );
  return { path: real, wants: known.filter(({ isKnown }) => !isKnown) };
}

function isAgreed({ isShell }: Want, { trust, allowShell }: TrustOptions): boolean {
  return Boolean(trust || (isShell && allowShell));
}

/** That it cannot be remembered stops nothing: then it is asked again. */
async function remember({ path, wants }: OpenWants, { env }: RunPlace): Promise<void> {
  if (wants.length === 0) return;
  const { openAgreements } = await import('./agreements.js');
  const agreements = openAgreements(env);
  try {
    for (const { digest, text } of wants) await agreements.add(digest, { path, text });
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
  }
}

/** By the process's own environment, never by a `.env` file. */
function isTrustedByVariable({ CREW_TRUST: value }: RunPlace['env']): boolean {
  return value === '1' || value === 'true';
}
