import type { EmitEvent, RunEvent } from '../events.js';
import { createRedactingStream, type RedactingStream } from '../util/redact-stream.js';
import type { Redactor } from '../util/redact.js';
import { redactEvent } from './redact-event.js';

type Delta = RunEvent & { type: 'model-call-delta' };

/**
 * Hands events on with the secrets taken out of them. Text of answers under way is held back where a secret may have begun
 * in it, and follows with the next piece, or before the call's end.
 */
export function redactEvents(redactor: Redactor, emit: EmitEvent): EmitEvent {
  const open = new Map<string, { readonly stream: RedactingStream; readonly delta: Delta }>();
  const tell = (delta: Delta, text: string): void => {
    if (text !== '' || delta.isRestart) emit({ ...delta, text });
  };
  return (event) => {
    if (event.type === 'model-call-delta') {
      const known = event.isRestart ? undefined : open.get(event.path);
      const { stream } = known ?? { stream: createRedactingStream(redactor) };
      const { isRestart: _, ...delta } = event;
      open.set(event.path, { stream, delta });
      return tell(event, stream.push(event.text));
    }
    if (event.type === 'model-call-end') {
      const ended = open.get(event.path);
      open.delete(event.path);
      if (ended) tell(ended.delta, ended.stream.end());
    }
    emit(redactEvent(event, redactor));
  };
}
