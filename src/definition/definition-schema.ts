import { z } from 'zod';
import type { JsonObject } from '../util/json.js';
import { crewSchema } from './schema.js';

/** The JSON Schema (draft 7, which editors know best) of a definition as it is written, for editors and for checks elsewhere. */
export function createDefinitionSchema(): JsonObject {
  return z.toJSONSchema(crewSchema, { io: 'input', target: 'draft-7' }) as JsonObject;
}
