import { messageOf, UsageError } from '../../errors.js';
import { isJsonObject } from '../../util/json.js';
import { isSchema, toValueSchema, type ValueSchema } from '../../util/value-schema.js';

const TYPES = new Set<unknown>(['string', 'number', 'integer', 'boolean', 'array', 'object']);
/** Keywords of JSON Schema whose values are schemas. */
const OF_SCHEMAS = new Set(['additionalProperties', 'propertyNames', 'not', 'if', 'then', 'else']);

/** The schema of a tool's arguments. Rejects with UsageError where it is no schema, or none of an object. */
export async function readParameters(
  parameters: unknown,
  { place, hint: shape }: { readonly place: string; readonly hint: string },
): Promise<ValueSchema> {
  let schema: ValueSchema;
  try {
    schema = await toValueSchema(parameters);
  } catch (error) {
    const hint = (error instanceof UsageError ? error.hint : undefined) ?? shape;
    throw new UsageError(`${place}: parameters: ${messageOf(error)}`, { hint, cause: error });
  }
  const loose = findLooseParameter(parameters);
  if (loose !== undefined) {
    throw new UsageError(`${place}: parameters: "${loose}" has to stand under properties`, {
      hint: `write { type: 'object', properties: { ${loose}: { type: 'string' } }, required: ['${loose}'] }`,
    });
  }
  const { type = 'object', ...rest } = schema.jsonSchema;
  if (type !== 'object') {
    throw new UsageError(`${place}: parameters have the type ${JSON.stringify(type)}, they have to be an object`, {
      hint: shape,
    });
  }
  return { ...schema, jsonSchema: { type, ...rest } };
}

/** The first parameter of a map that is none of a schema: JSON Schema would take it for a keyword that it does not know. */
function findLooseParameter(parameters: unknown): string | undefined {
  if (!isJsonObject(parameters) || isSchema(parameters)) return undefined;
  const loose = Object.entries(parameters).find(
    ([name, value]) => !OF_SCHEMAS.has(name) && (TYPES.has(value) || isSchema(value)),
  );
  return loose?.[0];
}
