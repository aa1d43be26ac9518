import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { errorCode, fileTrouble } from '../util/file-trouble.js';

export interface StarterTool {
  /** The test beside the tool, relative to the working directory. */
  readonly testFile: string;
  /** Arguments that fit it, as `crew tools call` takes them. */
  readonly exampleArguments: string;
}

/**
 * Writes a tool in TypeScript that works, and a test of it that Node runs by itself. Rejects with UsageError where one of the
 * files exists or cannot be written; nothing is ever overwritten. `workingDirectory` is absolute.
 */
export async function writeStarterTool(file: string, workingDirectory: string): Promise<StarterTool> {
  if (!/(?<!\.d|\.test)\.m?ts$/.test(file)) {
    throw new UsageError(`${file} is not the name of a TypeScript file`, {
      hint: `crew init --tool ${extname(file) === '' ? join(file, 'example.ts') : asTypeScript(file)}`,
    });
  }
  const testFile = file.replace(/\.m?ts$/, '.test.mjs');
  const texts = { [file]: STARTER_TOOL, [testFile]: createTest(basename(file)) };
  const taken = Object.keys(texts).find((name) => existsSync(resolve(workingDirectory, name)));
  if (taken !== undefined) throw isThereError(taken, file);
  try {
    await mkdir(resolve(workingDirectory, dirname(file)), { recursive: true });
    for (const [name, text] of Object.entries(texts)) {
      await writeFile(resolve(workingDirectory, name), text, { flag: 'wx' });
    }
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    // Of the folder: it is a file.
    const trouble = code === 'EEXIST' ? 'a part of the path is a file, not a folder' : fileTrouble(error);
    throw new UsageError(`cannot write ${file}: ${trouble}`, { cause: error });
  }
  return { testFile, exampleArguments: 'text="one two three"' };
}

/** `tools/price.js` as the TypeScript file beside it. */
function asTypeScript(file: string): string {
  return file.replace(/(?:\.d|\.test)?\.[^.]*$/, '.ts');
}

function isThereError(taken: string, file: string): UsageError {
  return new UsageError(`${taken} is there already; nothing was written`, {
    hint: `name another file: crew init --tool ${join(dirname(file), `my-${basename(file)}`)}`,
  });
}

/** The text of a tool to start from. */
const STARTER_TOOL = `import type { ToolDefinition } from 'crew';

/** What the model gives; \`parameters\` says the same to the model, and is checked before \`execute\` is called. */
interface Arguments {
  readonly text: string;
}

export default {
  // When to use it, and what it gives. Every model call pays for these words.
  description: 'Counts the words of a text.',
  parameters: {
    type: 'object',
    properties: { text: { type: 'string', description: 'The text to count' } },
    required: ['text'],
    additionalProperties: false,
  },
  // none: a call changes nothing and may be repeated. write: it changes files. external (the default): anything else.
  effects: 'none',
  // The context also has signal (aborted when the run is stopped: hand it to fetch), runId, taskKey and workingDirectory.
  execute({ text }, { log }) {
    const words = text.split(/\\s+/).filter((word) => word !== '').length;
    log(\`counted \${words} words\`);
    return { words };
  },
} satisfies ToolDefinition<Arguments>;
`;

function createTest(file: string): string {
  return `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadTool } from 'crew';

const tool = await loadTool(new URL('./${encodeURI(file)}', import.meta.url));

test('counts words', async () => {
  assert.equal(await tool.call({ text: 'one two  three' }), '{"words":3}');
});

test('wants a text', async () => {
  await assert.rejects(tool.call({}), /text: is missing/);
});
`;
}
