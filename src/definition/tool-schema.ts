import { z } from 'zod';
import { textSchema } from './field-schemas.js';

const TOOL_WORDS = 'a tool: its name, ./file.ts#export, mcp:server/tool, or a map with `use` and its settings';

/** A tool by its name, its file, its server, or with settings; what a map may hold depends on the tool. */
const toolSchema = z.union([textSchema, z.looseObject({}, { error: TOOL_WORDS })], { error: TOOL_WORDS }).meta({
  id: 'Tool',
  description:
    'read_file, ./tools/price.ts#lookup, mcp:files/read_*, or a map: { use: read_file, root: docs, timeout: 10s }.',
});

/** The tools of an agent or task. */
export const toolListSchema = z.array(toolSchema, { error: 'a list of tools' });

/** Tools by the name that agents, tasks and models use. */
export const toolMapSchema = z.record(z.string(), toolSchema, { error: 'a map of tools by name' });

export type ToolValue = z.output<typeof toolSchema>;
