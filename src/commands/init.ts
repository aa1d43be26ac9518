import { EXIT } from '../errors.js';
import { type CommandFactory, createCommand } from './command.js';

interface InitFlags {
  readonly hierarchical?: boolean;
}

/** `crew init`: writes a crew to start from. */
export const createInitCommand: CommandFactory = (io, end) =>
  createCommand('init', 'write a crew to start from, and its schema for editors')
    .argument('[file]', 'where to write it', 'crew.yaml')
    .option('--hierarchical', 'with a manager that delegates')
    .action(async (file: string, { hierarchical = false }: InitFlags) => {
      const { writeStarterCrew } = await import('../definition/starter-crew.js');
      const { schemaFile, exampleInput } = await writeStarterCrew(file, { workingDirectory: io.cwd, hierarchical });
      const isDefault = file === 'crew.yaml';
      const lines = [
        `Wrote ${file}, and ${schemaFile} by which editors complete and explain it.`,
        '',
        'Next:',
        `  crew validate${isDefault ? '' : ` ${file}`}`,
        '  export OPENAI_API_KEY=…      (or write it into .env beside the file)',
        `  crew kickoff${isDefault ? '' : ` ${file}`} --input ${exampleInput}`,
      ];
      io.stdout.write(`${lines.join('\n')}\n`);
      end(EXIT.done);
    });
