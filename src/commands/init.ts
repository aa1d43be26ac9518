import { isAbsolute } from 'node:path';
import { EXIT } from '../errors.js';
import { type CommandFactory, createCommand } from './command.js';

interface InitFlags {
  readonly hierarchical?: boolean;
  /** True where no file is named. */
  readonly tool?: string | true;
}

const CREW_FILE = 'crew.yaml';
const TOOL_FILE = 'tools/example.ts';

/** `crew init`: writes a crew, or a tool, to start from. */
export const createInitCommand: CommandFactory = (io, end) =>
  createCommand('init', 'write a crew to start from, and its schema for editors')
    .argument('[file]', 'where to write it', CREW_FILE)
    .option('--hierarchical', 'with a manager that delegates')
    .option('--tool [file]', `instead, write a tool of your own and its test (default: ${TOOL_FILE})`)
    .action(async (file: string, { hierarchical = false, tool }: InitFlags) => {
      if (tool !== undefined) {
        io.stdout.write(await initTool(toolFile(file, tool), io.cwd));
        end(EXIT.done);
        return;
      }
      const { writeStarterCrew } = await import('../definition/starter-crew.js');
      const { schemaFile, exampleInput } = await writeStarterCrew(file, { workingDirectory: io.cwd, hierarchical });
      const isDefault = file === CREW_FILE;
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

/** The file that was named, before or after `--tool`. */
function toolFile(file: string, tool: string | true): string {
  if (tool !== true) return tool;
  return file === CREW_FILE ? TOOL_FILE : file;
}

/** Writes the tool and gives what to say of it. */
async function initTool(file: string, workingDirectory: string): Promise<string> {
  const { writeStarterTool } = await import('../definition/starter-tool.js');
  const { testFile, exampleArguments } = await writeStarterTool(file, workingDirectory);
  const path = isAbsolute(file) || file.startsWith('.') ? file : `./${file}`;
  return `${[
    `Wrote ${file}, a tool that works, and ${testFile}, its test.`,
    '',
    'Next:',
    `  crew tools call ${path} ${exampleArguments}`,
    `  node --test ${testFile}      (needs crew installed in the project)`,
    `  tools: [${path}]      (of an agent or task; paths start at the crew's folder)`,
  ].join('\n')}\n`;
}
