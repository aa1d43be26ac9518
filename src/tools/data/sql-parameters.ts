import type { JsonSchema } from '../../util/json.js';

/** A value for a placeholder of a statement. */
export type SqlParameter = string | number | boolean | null;

/** JSON Schema of the values for the placeholders; `placeholders` is how they look, such as `?`. */
export function sqlParametersSchema(placeholders: string): JsonSchema {
  return {
    type: 'array',
    items: { type: ['string', 'number', 'boolean', 'null'] },
    description: `Values for ${placeholders} in sql`,
  };
}
