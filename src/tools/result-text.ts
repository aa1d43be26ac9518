import { toJsonValue } from '../util/to-json.js';
import { ToolError } from './tool-error.js';

/**
 * What a tool gave back, as text for a model: strings as they are, nothing as `done`, other values as JSON. Throws ToolError
 * for what has no text form.
 */
export function resultText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return 'done';
  if (value instanceof Error) throw value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  const json = toJsonValue(value);
  if (json.ok) return JSON.stringify(json.value);
  throw new ToolError(`the tool ran, but its result cannot be shown as text: ${json.reason}`);
}
