import { z } from 'zod';
import { textSchema } from './field-schemas.js';

const TOOL_WORDS = 'a tool: its name, ./file.ts#export, or a map with `use` and its settings';

/** A tool by its name, its file, or with settings. */
const toolSchema = z
  .union(
    [
      textSchema,
      z.looseObject(
        { use: textSchema.describe('Name of the tool; the other keys are its settings.') },
        { error: TOOL_WORDS },
      ),
    ],
    { error: TOOL_WORDS },
  )
  .meta({ id: 'Tool', description: 'read_file, ./tools/price.ts#lookup, or a map: { use: read_file, root: docs }.' });

/** The tools of an agent or task. */
export const toolListSchema = z.array(toolSchema, { error: 'a list of tools' });

export type ToolValue = z.output<typeof toolSchema>;
