import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkDefinition } from '../src/definition/load-definition.js';
import { formatProblem } from '../src/definition/format-problem.js';
import { loadCassette } from '../src/journal/cassette-file.js';
import type { RunResult } from '../src/result.js';
import { runBuiltCrew } from './helpers/built-crew.js';
import { temporaryFolder } from './helpers/temporary-folder.js';

const ROOT = resolve(import.meta.dirname, '..');
const names = readdirSync(join(ROOT, 'crews'))
  .filter((file) => file.endsWith('.yaml') && !file.endsWith('.cassette.yaml'))
  .map((file) => file.replace('.yaml', ''));
const recorded = names.filter((name) => existsSync(join(ROOT, `crews/${name}.cassette.yaml`)));

describe('the example crews', () => {
  it.each(names)('load without a problem: %s', async (name) => {
    const { problems } = await checkDefinition(`crews/${name}.yaml`, { env: {}, workingDirectory: ROOT });
    expect(problems.map(formatProblem)).toEqual([]);
  });

  it('run offline in the tests below, each that has a cassette', () => {
    expect(recorded).toEqual(['catalogue', 'invoice', 'quickstart', 'release-notes', 'review', 'sales', 'support']);
  });

  it('give the guide of quickstart, and write it to its file', async () => {
    const { result, folder } = await runOffline('quickstart');
    expect(readFileSync(join(folder, 'out/crews-guide.md'), 'utf8')).toBe(`${result.raw}\n`);
    expect(result.raw).toMatchInlineSnapshot(`
      "# The example crews

      Three small crews show what a crew file can say. Each runs offline with the cassette beside it.

      ## release-notes.yaml

      Turns commit subjects into release notes. A **Release Analyst** sorts the changes, a **Release Editor** drafts the notes and a headline.

      - Shows: tasks that hand their output on with \`context\`, and a named model under \`models\`.
      - Try: \`crew kickoff crews/release-notes.yaml -i version=2.0.0\`

      ## review.yaml

      Reviews a change from three points of view at the same time, then gives one verdict.

      - Shows: \`async_execution\` and \`context: []\` for parallel tasks, a task that waits for all of them, a local model through Ollama.
      - Try: \`crew kickoff crews/review.yaml -i diff=@change.diff\`

      ## invoice.yaml

      Reads an invoice and answers with data that is checked against a JSON Schema.

      - Shows: \`output_json\`, and a tool of your own in TypeScript.
      - Try: \`crew kickoff crews/invoice.yaml -i invoice=@invoice.txt --format json\`

      ## Which one to copy first

      Start with **release-notes.yaml**: it has no tools and no parallel work. Take review.yaml when tasks do not depend on each other, and invoice.yaml when a program reads the answer."
    `);
  });

  it('give the headline of release-notes', async () => {
    const { result } = await runOffline('release-notes');
    expect(result.raw).toMatchInlineSnapshot(
      `"Version 1.1.0 brings CSV export and a dark theme, and your unsaved comments now survive the end of a session."`,
    );
  });

  it('give the verdict of review', async () => {
    const { result } = await runOffline('review');
    expect(result.raw).toMatchInlineSnapshot(`
      "1. SQL injection in line 3: go back to the placeholder, and test a name with a quote in it.
      2. Line 5 logs the password: remove it.
      3. Line 4 compares plain-text passwords with \`==\`: store hashes and compare those.
      4. Line 4 throws for an unknown user: handle it, and test it together with a wrong password.
      5. Say in the code what a failed login returns.

      do not merge"
    `);
  });

  it('give the reply of support, as a person approved it', async () => {
    const { result } = await runOffline('support');
    expect(result.raw).toMatchInlineSnapshot(
      `"I am sorry: our export volume is full, and an engineer has been paged. You need not wait: export one month at a time, as small files still fit, and join them for your auditor. If one fails, answer this mail and we will send it to you."`,
    );
  });

  it('give the data of invoice', async () => {
    const { result } = await runOffline('invoice');
    expect(result.json_dict).toMatchInlineSnapshot(`
      {
        "lines": [
          {
            "item": "desk lamp",
            "quantity": 2,
            "total": 69.8,
          },
          {
            "item": "office chair",
            "quantity": 1,
            "total": 189,
          },
          {
            "item": "notebook",
            "quantity": 5,
            "total": 16,
          },
        ],
        "number": "2041",
        "seller": "Miller & Sons",
        "total": 274.8,
      }
    `);
  });

  it('ask the table of sales with SQL, and write the report below out/', async () => {
    const { result, folder } = await runOffline('sales');
    expect(result.tasks_output[0]?.raw).toContain('South grew most: by 188.75 (21.4 %)');
    expect(readFileSync(join(folder, 'out/sales.md'), 'utf8')).toContain('| south | 880.00 | 1,068.75 | +21.4 % |');
  });

  it('list files through an MCP server that runs for real', async () => {
    const { result } = await runOffline('catalogue');
    expect(result.raw).toContain('- sales.csv: ');
  });
});

/**
 * Runs an example from its cassette in a copy of `crews/`, without any key. Asserts that it ends well, says nothing on stderr and
 * uses every call of the cassette. Gives back its result and the folder.
 */
async function runOffline(name: string) {
  const folder = temporaryFolder();
  cpSync(join(ROOT, 'crews'), join(folder, 'crews'), { recursive: true });
  // Where npx finds the server without asking a registry.
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const cassette = `crews/${name}.cassette.yaml`;
  const args = ['kickoff', `crews/${name}.yaml`, '--cassette', cassette, '--format', 'json', '--quiet'];
  const { stdout, ...rest } = await runBuiltCrew(args, { cwd: folder });
  expect(rest).toEqual({ exitCode: 0, stderr: '' });
  const result = JSON.parse(stdout) as RunResult;
  expect(result).toMatchObject({ status: 'completed', exit_code: 0, cost_usd: 0, error: null });
  const { calls } = await loadCassette(join(folder, cassette));
  expect(await modelCallsIn(folder)).toEqual(calls.map(({ path }) => path).toSorted());
  return { folder, result };
}

/** The paths of the model calls of the latest run, sorted. */
async function modelCallsIn(folder: string): Promise<string[]> {
  const { stdout } = await runBuiltCrew(['show', '--format', 'json'], { cwd: folder });
  const { steps } = JSON.parse(stdout) as { readonly steps: readonly Record<'kind' | 'path', string>[] };
  return steps
    .filter(({ kind }) => kind === 'model')
    .map(({ path }) => path)
    .toSorted();
}
