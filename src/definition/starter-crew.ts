import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { errorCode, fileTrouble } from '../util/file-trouble.js';
import { createDefinitionSchema } from './definition-schema.js';

export interface StarterOptions {
  /** Absolute; a relative file starts here. */
  readonly workingDirectory: string;
  readonly hierarchical: boolean;
}

export interface StarterCrew {
  /** The JSON Schema beside the crew, relative to the working directory. */
  readonly schemaFile: string;
  /** An `--input` that fits it. */
  readonly exampleInput: string;
}

/**
 * Writes a crew that works, and the JSON Schema that its first line names: into `.crew/`, which git ignores, because it
 * belongs to the installed version and `crew init` or `crew schema` makes it anew. Rejects with UsageError where the file
 * exists or cannot be written; nothing is ever overwritten but the schema.
 */
export async function writeStarterCrew(file: string, options: StarterOptions): Promise<StarterCrew> {
  const path = resolve(options.workingDirectory, file);
  if (!/\.ya?ml$/i.test(path)) {
    throw new UsageError(`${file} is not the name of a YAML file`, { hint: `crew init ${join(file, 'crew.yaml')}` });
  }
  const folder = join(dirname(path), '.crew');
  const schemaPath = join(folder, 'crew.schema.json');
  if (existsSync(path)) throw isThereError(file);
  try {
    await mkdir(folder, { recursive: true });
    if (!existsSync(join(folder, '.gitignore'))) await writeFile(join(folder, '.gitignore'), '*\n');
    await writeFile(schemaPath, `${JSON.stringify(createDefinitionSchema(), null, 2)}\n`);
  } catch (error) {
    throw isOfSystem(error)
      ? new UsageError(`cannot write into ${relative(options.workingDirectory, folder)}: ${fileTrouble(error)}`, {
          cause: error,
        })
      : error;
  }
  try {
    await writeFile(path, createStarterText(options.hierarchical), { flag: 'wx' });
  } catch (error) {
    if (errorCode(error) === 'EEXIST') throw isThereError(file);
    throw isOfSystem(error) ? new UsageError(`cannot write ${file}: ${fileTrouble(error)}`, { cause: error }) : error;
  }
  return { schemaFile: relative(options.workingDirectory, schemaPath), exampleInput: 'topic="heat pumps"' };
}

function isThereError(file: string): UsageError {
  return new UsageError(`${file} is there already; nothing was written`, {
    hint: `name another file: crew init ${nameBeside(file)}`,
  });
}

/** False for a bug of ours. */
function isOfSystem(error: unknown): boolean {
  return errorCode(error) !== undefined;
}

function nameBeside(file: string): string {
  return join(dirname(file), `my-${basename(file)}`);
}

/** The text of a crew to start from. */
export function createStarterText(hierarchical: boolean): string {
  return hierarchical ? HIERARCHICAL : SEQUENTIAL;
}

const HEAD = `# yaml-language-server: $schema=.crew/crew.schema.json
`;

const INPUTS = `
# Values for {topic} and the like: crew kickoff --input topic="heat pumps"
inputs:
  topic:
    description: What to write about
    default: solar power at home

# Models by a name of yours. Others: anthropic/…, gemini/…, ollama/…, groq/…, or any server with base_url.
models:
  writer-model:
    model: openai/gpt-4.1-mini
    temperature: 0.3
`;

const AGENTS = `
agents:
  researcher:
    role: Researcher
    goal: Find out what matters about {topic}.
    backstory: You tell facts from opinions and say where you are not sure.
    llm: writer-model
    # tools: [read_file, ./tools/search.ts#search]

  writer:
    role: Writer
    goal: Make {topic} clear to people who are new to it.
    backstory: You write short sentences and leave out what does not help.
    llm: writer-model
`;

const SEQUENTIAL = `${HEAD}# Two agents, two tasks, one after the other.

name: brief
process: sequential # "hierarchical" adds a manager that delegates: crew init --hierarchical
${INPUTS}${AGENTS}
tasks:
  research:
    description: Collect what somebody who is new to {topic} has to know.
    expected_output: Ten bullet points, the most important first.
    agent: researcher

  brief:
    description: Write a brief about {topic} from the research.
    expected_output: 300 words in Markdown, with a title.
    agent: writer
    context: [research] # the outputs this task is given; without this line all earlier ones
    output_file: out/brief.md
`;

const HIERARCHICAL = `${HEAD}# A manager hands each task to the coworkers that it finds fit, and checks what they bring.

name: brief
process: hierarchical
manager_llm: openai/gpt-4.1
${INPUTS}${AGENTS}
tasks:
  research:
    description: Collect what somebody who is new to {topic} has to know.
    expected_output: Ten bullet points, the most important first.

  brief:
    description: Write a brief about {topic} from the research.
    expected_output: 300 words in Markdown, with a title.
    coworkers: [writer] # the only agents the manager may give it to; without this line all of them
    output_file: out/brief.md
`;
