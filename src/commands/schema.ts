import { EXIT } from '../errors.js';
import { type CommandFactory, createCommand } from './command.js';

/** `crew schema`: prints the JSON Schema of a definition. */
export const createSchemaCommand: CommandFactory = (io, end) =>
  createCommand('schema', 'print the JSON Schema of a definition, for editors').action(async () => {
    const { createDefinitionSchema } = await import('../definition/definition-schema.js');
    io.stdout.write(`${JSON.stringify(createDefinitionSchema(), null, 2)}\n`);
    end(EXIT.done);
  });
