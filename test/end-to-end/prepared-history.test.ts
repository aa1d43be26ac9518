import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { failure, text, toolCalls } from '../helpers/provider-server.js';
import { createScene, type Scene } from '../helpers/run-process.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const env = { CREW_TRUST: undefined };
const REFUSED = failure(400, 'no such thing');
const CREW = `models: { m: { model: openai/gpt-4o, max_retries: 0 } }
agents:
  dev: { role: Developer, goal: Check, backstory: Wrote, llm: m, tools: [read_file] }
tasks:
  check: { description: Check, expected_output: Text, output_file: out.txt }
`;
const CODE =
  "import { writeFileSync } from 'node:fs';\nwriteFileSync('ran', 'code');\nexport default () => undefined;\n";

/** Changes what the database of the scene says. */
function forge(scene: Scene, sql: string, ...values: readonly string[]): void {
  const database = new Sqlite(join(scene.folder, '.crew/crew.db'));
  database.prepare(sql).run(...values);
  database.close();
}

/** A scene with a run that failed, and a folder of somebody else. */
async function createFailed(flags: readonly string[] = []) {
  const victim = temporaryFolder({ 'secret.txt': 'a secret of the user' });
  const scene = await createScene({ 'crew.yaml': CREW }, [
    REFUSED,
    toolCalls([{ name: 'read_file', arguments: { path: 'secret.txt' } }]),
    text('Done.'),
  ]);
  const { exitCode } = await scene.crew(['kickoff', 'crew.yaml', ...flags], { env });
  expect(exitCode).not.toBe(0);
  const refused = async (args: readonly string[]): Promise<string> => {
    const { exitCode: code, stderr } = await scene.crew(args, { env });
    expect({ code, requests: scene.server.requests.length }).toEqual({ code: 2, requests: 1 });
    return scene
      .tidy(stderr)
      .replaceAll(victim, '<victim>')
      .replaceAll(/run [a-z0-9]{8}\b/g, 'run <run>');
  };
  return { scene, victim, refused };
}

describe('a history from a stranger', () => {
  it('does not take a run into another folder', async () => {
    const { scene, victim, refused } = await createFailed();
    forge(scene, 'UPDATE runs SET working_directory = ?', victim);
    const refusal = `error: <folder>/crew.yaml does more than call models, and nobody has agreed to it:
  run <run>: works in <victim>, where its record says that it began
hint: Look at it, then agree with --trust.
`;
    expect(await refused(['resume'])).toBe(refusal);
    expect(await refused(['replay', '-t', 'check'])).toBe(refusal);
    expect(existsSync(join(victim, 'out.txt'))).toBe(false);
    // A person may say that it is so.
    expect((await scene.crew(['resume', '--trust'], { env })).exitCode).toBe(0);
    expect(existsSync(join(victim, 'out.txt'))).toBe(true);
  });

  it('does not let a run write outside of its folder', async () => {
    const { scene, victim, refused } = await createFailed();
    const options = { allowOutside: true, record: join(victim, 'cassette.yaml') };
    forge(scene, 'UPDATE runs SET options = ?', JSON.stringify(options));
    expect(await refused(['resume'])).toMatchInlineSnapshot(`
      "error: crew.yaml does more than call models, and nobody has agreed to it:
        run <run>: uses files outside of <folder>, as --allow-outside let it
        run <run>: writes the cassette <victim>/cassette.yaml, as --record said
      hint: Look at it, then agree with --trust.
      "
    `);
    expect(await refused(['replay', '-t', 'check'])).toContain('as --allow-outside let it\nhint');
  });

  it('does not lend a run the files of another folder', async () => {
    const { scene, victim, refused } = await createFailed();
    forge(
      scene,
      'UPDATE runs SET definition_path = ?, definition_files = ?',
      join(victim, 'crew.yaml'),
      JSON.stringify([
        { path: 'crew.yaml', text: CREW.replace('output_file', `input_files: [${victim}/secret.txt], output_file`) },
      ]),
    );
    expect(await refused(['resume'])).toMatchInlineSnapshot(`
      "error: <victim>/crew.yaml does more than call models, and nobody has agreed to it:
        run <run>: uses the files and .env of <victim>, where its record says that its definition was
      hint: Look at it, then agree with --trust.
      "
    `);
    expect(await refused(['replay', '-t', 'check', '--as-recorded'])).toContain(
      'where its record says that its definition was',
    );
  });

  it('does not run the code of another definition for a batch', async () => {
    const scene = await createScene({ 'crew.yaml': CREW, 'items.jsonl': '{}\n', 'evil/code.ts': CODE }, [
      REFUSED,
      text('Done.'),
    ]);
    await scene.crew(['kickoff', 'crew.yaml', '--for-each', 'items.jsonl'], { env });
    const files = JSON.stringify([{ path: 'crew.yaml', text: `${CREW}before_kickoff: ./code.ts\n` }]);
    const path = join(scene.folder, 'evil/crew.yaml');
    forge(scene, 'UPDATE runs SET definition_path = ?, definition_files = ?', path, files);
    const { exitCode, stderr } = await scene.crew(['resume', '--batch'], { env });
    expect({ exitCode, ran: existsSync(join(scene.folder, 'ran')) }).toEqual({ exitCode: 1, ran: false });
    expect(stderr).toContain('evil/crew.yaml does more than call models');
  });
});
