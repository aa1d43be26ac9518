import { TOOL_SETTINGS } from '../definition/tool-settings.js';
import type { TaskFingerprint } from '../store/records.js';
import { isDigest, listOf, MCP_ID } from './fingerprint-part.js';

/** First words of the names of parts, in the order in which changes are told. */
const ORDER =
  'description expected markdown output guardrails condition on_skipped context input files file planning language prompts multimodal agent suggested texts date templates system reasoning model delegation tools task tool'.split(
    ' ',
  );

/** Texts of the prompts; inputs come and go with them. */
const TEXT = /^(?:description|expected output|texts(?: of .*)?)$/;

/** What the models are told, not who tells it or what with. */
const IN_PROMPTS = new RegExp(
  [
    TEXT.source,
    /^(?:output schema|markdown|context|suggested coworker|input .*|files|file .*|multimodal agents)$/.source,
    /^(?:planning|language|prompts|(?:date format|templates|system prompt|reasoning)(?: of .*)?)$/.source,
  ].join('|'),
);

/** Parts that may well be others where another one does the task. */
const PERFORMER_PARTS =
  /^(?:texts|date format|templates|system prompt|reasoning|model|model settings|model for tools|model for tools settings|tools|delegation|suggested coworker|agent guardrails)$/;

/**
 * What is different now, as reasons that a person understands, in the order of the parts; empty where nothing is. An empty
 * `before` was recorded by an early version: that is one reason of its own.
 */
export function diffFingerprints(before: TaskFingerprint, after: TaskFingerprint): string[] {
  if (Object.keys(before).length === 0) return ['nothing is known of how it was made'];
  const changed = changedParts(before, after);
  // Under another name alone an agent does the same.
  const isHandedOver = changed.includes('agent') && changed.some((name) => PERFORMER_PARTS.test(name));
  const isInOther = changed.some((name) => TEXT.test(name) || name === 'condition');
  const [was, is] = [coworkersIn(before), coworkersIn(after)];

  const isFollowing = (name: string): boolean => {
    const agent = coworkerOf(name);
    return (
      (isHandedOver && PERFORMER_PARTS.test(name)) ||
      (isInOther && name.startsWith('input ') && !(name in before && name in after)) ||
      (agent !== undefined && !(was.includes(agent) && is.includes(agent)))
    );
  };
  const reasons = changed.flatMap((name): string[] => {
    if (name !== 'agent') return isFollowing(name) ? [] : reasonsFor(name, before[name], after[name]);
    return isHandedOver ? [`now done by ${after[name]} instead of ${before[name]}`] : [];
  });

  // Who does the task now, or did, is no news among the coworkers.
  const isNews = (agent: string): boolean => !isHandedOver || (agent !== before['agent'] && agent !== after['agent']);
  const coworkers = changesOf(was.filter(isNews), is.filter(isNews));
  const isSaid = coworkers === '' || (!isHandedOver && changed.includes('delegation'));
  return isSaid ? reasons : [...reasons, `coworkers changed: ${coworkers}`];
}

/**
 * Whether something changed that stands in the prompts of the task: texts, inputs, context, schema, role. Where it did not,
 * a conversation that has begun can go on with another model or other tools.
 */
export function changesPrompt(before: TaskFingerprint, after: TaskFingerprint): boolean {
  return Object.keys(before).length === 0 || changedParts(before, after).some((name) => IN_PROMPTS.test(name));
}

function changedParts(before: TaskFingerprint, after: TaskFingerprint): string[] {
  const rankOf = (name: string): number => ORDER.indexOf(name.split(' ', 1)[0] ?? '');
  const names = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...names].filter((name) => before[name] !== after[name]).toSorted((a, b) => rankOf(a) - rankOf(b));
}

function reasonsFor(name: string, before: string | undefined, after: string | undefined): string[] {
  const [, kind = name, of = ''] =
    /^(texts|date format|reasoning|model|model settings|model for tools|model for tools settings|tools|delegation)( of \S+)?$/.exec(
      name,
    ) ?? [];
  switch (kind) {
    case 'texts': {
      const [was = [], is = []] = [before, after].map((text) => text?.split(' '));
      return ['role', 'goal', 'backstory']
        .filter((_, index) => was[index] !== is[index])
        .map((text) => `${text}${of} changed`);
    }
    case 'model':
    case 'model settings':
    case 'model for tools settings':
      return [`${name} changed${fromTo(before ?? 'default', after ?? 'default')}`];
    case 'model for tools':
    case 'suggested coworker':
    case 'planning':
    case 'language':
    case 'date format':
    case 'reasoning':
      return [`${name} changed${fromTo(before ?? 'none', after ?? 'none')}`];
    case 'delegation':
      return [`delegation${of} is ${after === undefined ? 'no longer' : 'now'} allowed`];
    case 'context':
    case 'tools':
    case 'task tools':
    case 'multimodal agents':
      return [`${name} changed${listChange(before, after)}`];
    case 'files':
      return [`input files changed${listChange(before, after)}`];
    default:
      // Files that came or went are named with the list of them.
      if (isFile(name)) return before === undefined || after === undefined ? [] : [`input ${name} changed`];
      return name.startsWith('tool ') ? toolReason(name, before, after) : [`${name} changed`];
  }
}

/** A tool that came or went is named with the tools of whoever has it. */
function toolReason(name: string, before: string | undefined, after: string | undefined): string[] {
  if (before === undefined || after === undefined) return [];
  const tool = name.slice('tool '.length);
  if (tool.startsWith(MCP_ID)) return [`what its server says of ${name} changed`];
  return [`${Object.hasOwn(TOOL_SETTINGS, tool) ? 'settings' : 'code'} of ${name} changed`];
}

function fromTo(before: string, after: string): string {
  return isDigest(before) || isDigest(after) ? '' : ` from ${before} to ${after}`;
}

function listChange(before: string | undefined, after: string | undefined): string {
  const [was, is] = [listOf(before), listOf(after)];
  return was && is ? `: ${changesOf(was, is) || 'the order'}` : '';
}

/** `a, b added, c removed`; empty where there is nothing of both. */
function changesOf(before: readonly string[], after: readonly string[]): string {
  const [was, is] = [new Set(before), new Set(after)];
  const added = after.filter((item) => !was.has(item));
  const removed = before.filter((item) => !is.has(item));
  return [
    ...(added.length > 0 ? [`${added.join(', ')} added`] : []),
    ...(removed.length > 0 ? [`${removed.join(', ')} removed`] : []),
  ].join(', ');
}

/** Keys of the coworkers that have parts of their own. */
function coworkersIn(fingerprint: TaskFingerprint): string[] {
  return Object.keys(fingerprint).flatMap((name) => (name.startsWith('texts of ') ? (coworkerOf(name) ?? []) : []));
}

/** True for the part of a task's file, whose name may hold anything. */
function isFile(name: string): boolean {
  return name.startsWith('file ');
}

function coworkerOf(name: string): string | undefined {
  return isFile(name) || name.startsWith('tool ') ? undefined : / of (\S+)$/.exec(name)?.[1];
}
