import type { CrewDefinition, InputDefinition, InputType } from '../definition/types.js';
import type { JsonObject, JsonSchema } from '../util/json.js';

const JSON_TYPES: Readonly<Record<InputType, JsonObject>> = {
  string: { type: 'string' },
  number: { type: 'number' },
  integer: { type: 'integer' },
  boolean: { type: 'boolean' },
  list: { type: 'array', items: {} },
  object: { type: 'object' },
};

/** JSON Schema of a crew's inputs, for models. */
export function inputsSchema({ inputs }: Pick<CrewDefinition, 'inputs'>): JsonSchema {
  const all = Object.values(inputs);
  const required = all.filter((input) => input.default === undefined).map(({ name }) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(all.map((input) => [input.name, schemaOf(input)])),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

function schemaOf({ type, description, default: fallback, options }: InputDefinition): JsonObject {
  return {
    ...JSON_TYPES[type],
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
    ...(options && { enum: [...options] }),
  };
}
