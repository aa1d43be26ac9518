import type { RunStatus, StepStatus, TaskRecord, TaskStatus } from '../store/records.js';
import { printableLine } from '../util/printable.js';
import type { Tone } from './paint.js';

type Status = RunStatus | TaskStatus | StepStatus;

const LOOKS: Readonly<Record<Status, { readonly mark: string; readonly tone: Tone }>> = {
  completed: { mark: '✓', tone: 'good' },
  reused: { mark: '↺', tone: 'good' },
  failed: { mark: '✗', tone: 'bad' },
  interrupted: { mark: '■', tone: 'warn' },
  needs_input: { mark: '?', tone: 'warn' },
  running: { mark: '▶', tone: 'plain' },
  pending: { mark: '○', tone: 'faint' },
  skipped: { mark: '–', tone: 'faint' },
};

/** One character for a status. */
export function statusMark(status: Status): string {
  return LOOKS[status].mark;
}

/** The colour of a status. */
export function statusTone(status: Status): Tone {
  return LOOKS[status].tone;
}

/** A status in words. */
export function statusWords(status: Status): string {
  return status.replaceAll('_', ' ');
}

/** A task's status in words; that of a reused one says where its output comes from. */
export function taskStatusWords({ status, source }: Pick<TaskRecord, 'status' | 'source'>): string {
  if (status !== 'reused') return statusWords(status);
  return source ? `reused from ${source.runId}/${printableLine(source.taskKey)}` : 'set by hand';
}
