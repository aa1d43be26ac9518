import { EXIT } from '../errors.js';
import { type CommandFactory, createCommand, formatOption } from './command.js';
import { jsonText } from './history.js';

interface SchemaFlags {
  readonly prompts?: boolean;
  readonly format: 'text' | 'json';
}

/** `crew schema`: prints the JSON Schema of a definition, or the pieces of the prompts. */
export const createSchemaCommand: CommandFactory = (io, end) =>
  createCommand('schema', 'print the JSON Schema of a definition, for editors')
    .option('--prompts', 'print the texts of the prompts instead, as a file for prompt_file')
    .addOption(formatOption())
    .action(async ({ prompts = false, format }: SchemaFlags) => {
      io.stdout.write(prompts ? await promptText(format) : await schemaText());
      end(EXIT.done);
    });

async function schemaText(): Promise<string> {
  const { createDefinitionSchema } = await import('../definition/definition-schema.js');
  return jsonText(createDefinitionSchema());
}

async function promptText(format: SchemaFlags['format']): Promise<string> {
  if (format === 'json') return jsonText((await import('../definition/prompt-pieces.js')).PROMPT_PIECES);
  return (await import('../definition/list-prompt-pieces.js')).listPromptPieces();
}
