import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failure, text, toolCalls } from '../helpers/provider-server.js';
import { createReplayScene } from '../helpers/replay-scene.js';
import { createScene, type Scene } from '../helpers/run-process.js';
import { PDF, PNG } from '../helpers/sample-files.js';

const CREW = `name: charts
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
inputs: { region: eu }
agents:
  seer: { role: Seer, goal: See, backstory: You look., llm: m, multimodal: true }
tasks:
  look:
    description: Look at it.
    expected_output: What is there.
    input_files: [chart.png, docs/report.pdf, "data/{region}.csv"]
  write: { description: Write it., expected_output: A text., context: [look] }
`;
const FILES = { 'crew.yaml': CREW, 'chart.png': PNG, 'docs/report.pdf': PDF, 'data/eu.csv': 'city,rain\nOslo,3\n' };
const OTHER_PNG = Uint8Array.from([...PNG, 0]);

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const contentsOf = ({ server }: Scene): unknown[] => server.requests.map(({ body }) => body.messages[1]?.content);

describe('input_files', () => {
  it('reach the model, and the journal points at them', async () => {
    const scene = await createScene(FILES, [text('A rising line.'), text('It rises.')]);
    const outcome = await scene.crew(['kickoff', 'crew.yaml', '--quiet']);
    expect(outcome).toMatchObject({ exitCode: 0, stdout: 'It rises.\n' });
    expect(contentsOf(scene)[0]).toEqual([
      { type: 'text', text: expect.stringMatching(/^Task: Look at it\./) as string },
      { type: 'text', text: '<file name="chart.png"/>' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${base64(PNG)}` } },
      { type: 'text', text: '<file name="docs/report.pdf"/>' },
      { type: 'file', file: { filename: 'report.pdf', file_data: `data:application/pdf;base64,${base64(PDF)}` } },
      { type: 'text', text: '<file name="data/eu.csv">\ncity,rain\nOslo,3\n</file>' },
    ]);
    expect(contentsOf(scene)[1]).toMatch(/^Task: Write it\./);
    const shown = await scene.crew(['show', '--steps']);
    expect(shown.stdout.slice(shown.stdout.indexOf('files:')).split('answer:')[0]).toMatchInlineSnapshot(`
      "files:
              chart.png (image/png, 70 bytes)
              docs/report.pdf (application/pdf, 48 bytes)
              data/eu.csv (text/csv, 17 bytes)
            "
    `);
    const json = JSON.parse((await scene.crew(['show', '--steps', '--format', 'json'])).stdout) as {
      steps: { conversation: { files?: { name: string; sha256: string }[] }[] }[];
    };
    expect(json.steps[0]?.conversation[1]?.files?.map(({ name, sha256 }) => [name, sha256.length])).toEqual([
      ['chart.png', 64],
      ['docs/report.pdf', 64],
      ['data/eu.csv', 64],
    ]);
    const stored = JSON.stringify(scene.query('SELECT * FROM steps'));
    expect(stored).not.toContain(base64(PNG));
    expect(stored).not.toContain('Oslo');
  });

  it('have no secrets in them', async () => {
    const scene = await createScene({ ...FILES, 'data/eu.csv': 'key\nnot-a-real-key\n' }, () => text('Seen.'));
    await scene.crew(['kickoff', 'crew.yaml', '--quiet']);
    expect(JSON.stringify(contentsOf(scene)[0])).toContain('key\\n[redacted:OPENAI_API_KEY]\\n');
  });

  it('are checked before anything is called', async () => {
    const blind = { ...FILES, 'crew.yaml': CREW.replace(', multimodal: true', '') };
    expect(await (await createScene(blind)).refusal(['kickoff', 'crew.yaml'])).toMatchInlineSnapshot(`
      "
      crew.yaml:10:19 tasks.look.input_files[0]: agent "seer" cannot be given images
        10 |     input_files: [chart.png, docs/report.pdf, "data/{region}.csv"]
           |                   ^^^^^^^^^
           = write multimodal: true below agents.seer, if its model takes images

      crew.yaml:10:30 tasks.look.input_files[1]: agent "seer" cannot be given PDF files
        10 |     input_files: [chart.png, docs/report.pdf, "data/{region}.csv"]
           |                              ^^^^^^^^^^^^^^^
           = write multimodal: true below agents.seer, if its model takes PDF files
      "
    `);
    const wrong = { ...FILES, 'docs/report.pdf': 'text' };
    const scene = await createScene(wrong);
    expect(await scene.refusal(['kickoff', 'crew.yaml', '-i', 'region=../../etc/hosts'])).toMatchInlineSnapshot(`
      "
      error: input file of task look: docs/report.pdf is text, not a PDF file as its name says
      input file of task look: data/../../etc/hosts.csv is outside the working directory <folder>
      hint: images (PNG, JPEG, GIF, WebP), PDF files and text in UTF-8 can be given; give a path inside it, or allow it with --allow-outside
      "
    `);
    expect(await scene.refusal(['kickoff', 'crew.yaml', '-i', 'region=us'])).toMatchInlineSnapshot(`
      "
      error: input file of task look: docs/report.pdf is text, not a PDF file as its name says
      input file of task look: data/us.csv: does not exist
      hint: images (PNG, JPEG, GIF, WebP), PDF files and text in UTF-8 can be given
      "
    `);
  });

  it('may lie outside where the user allows it', async () => {
    const scene = await createScene({ ...FILES, 'crew.yaml': CREW.replace('"data/{region}.csv"', '"{region}"') }, () =>
      text('Seen.'),
    );
    const outside = ['kickoff', 'crew.yaml', '--quiet', '-i', 'region=/etc/hostname'];
    expect(await scene.crew(outside)).toMatchObject({ exitCode: 2 });
    expect(await scene.crew([...outside, '--allow-outside'])).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('are not sent again by a resumed run that has the answer', async () => {
    let isDown = true;
    const scene = await createScene(FILES, (body) =>
      isDown && JSON.stringify(body.messages).includes('Write it.') ? failure(503, 'down') : text('Done.'),
    );
    expect((await scene.crew(['kickoff', 'crew.yaml', '--quiet'])).exitCode).toBe(6);
    isDown = false;
    const made = scene.server.requests.length;
    writeFileSync(join(scene.folder, 'chart.png'), OTHER_PNG);
    expect((await scene.crew(['resume', '--quiet'])).exitCode).toBe(0);
    expect(contentsOf(scene).slice(made)).toEqual([expect.stringMatching(/^Task: Write it\./)]);
  });

  it('are used as they are now by a resumed run, which says so, and needed', async () => {
    let isDown = true;
    const scene = await createScene(FILES, () => (isDown ? failure(503, 'down') : text('Done.')));
    await scene.crew(['kickoff', 'crew.yaml', '--quiet']);
    isDown = false;
    writeFileSync(join(scene.folder, 'chart.png'), OTHER_PNG);
    rmSync(join(scene.folder, 'data/eu.csv'));
    const refused = await scene.crew(['resume']);
    expect(scene.transcript(refused)).toMatchInlineSnapshot(`
      "exit 2
      --- stderr
      error: input file of task look: data/eu.csv: does not exist
      "
    `);
    writeFileSync(join(scene.folder, 'data/eu.csv'), FILES['data/eu.csv']);
    const { exitCode, stderr } = await scene.crew(['resume']);
    expect([exitCode, scene.tidy(stderr).match(/^warning: .*/m)?.[0]]).toMatchInlineSnapshot(`
      [
        0,
        "warning: changed since the run began, and used as it is now: input file chart.png changed (look)",
      ]
    `);
    expect(JSON.stringify(contentsOf(scene)[1])).toContain(base64(OTHER_PNG));
  });

  it('make a replay stale when they change', async () => {
    const { 'crew.yaml': crew, ...files } = FILES;
    const scene = await createReplayScene({ crew, files });
    await scene.kickoff();
    expect(await scene.plan('--auto')).toMatchInlineSnapshot(`
      "
      Replay of run-0001
      1  look   reused  from run-0001/look
      2  write  reused  from run-0001/write
      "
    `);
    writeFileSync(join(scene.folder, 'chart.png'), OTHER_PNG);
    expect(await scene.plan('--auto')).toMatchInlineSnapshot(`
      "
      Replay of run-0001
      1  look   run again  input file chart.png changed
      2  write  run again  upstream look runs again
      "
    `);
    expect(await scene.plan('-t', 'write')).toMatchInlineSnapshot(`
      "
      Replay of run-0001
      1  look   refused    stale because input file chart.png changed
      2  write  run again  chosen
      error: an output of run run-0001 cannot be reused:
        look: input file chart.png changed
      hint: -t run-0001/look runs again from there; --auto runs again what has changed or is missing, and what depends on it; --force reuses what is stale
      exit 2
      "
    `);
  });

  it('belong to what a cassette was recorded for', async () => {
    const scene = await createScene(FILES, () => text('Done.'));
    await scene.crew(['kickoff', 'crew.yaml', '--quiet', '--record', 'tape.yaml']);
    const offline = ['kickoff', 'crew.yaml', '--quiet', '--cassette', 'tape.yaml'];
    const env = { OPENAI_API_KEY: undefined };
    expect(await scene.crew(offline, { env })).toEqual({ exitCode: 0, stdout: 'Done.\n', stderr: '' });
    expect(readFileSync(join(scene.folder, 'tape.yaml'), 'utf8')).not.toContain('Oslo');
    writeFileSync(join(scene.folder, 'data/eu.csv'), 'city,rain\nOslo,4\n');
    expect(scene.transcript(await scene.crew(offline, { env }))).toMatchInlineSnapshot(`
      "exit 2
      --- stderr
      error: task look: the request of look/llm/1 is not the one that tape.yaml was recorded for:
      --- recorded
      +++ now
      @@ -17,3 +17,3 @@
               sha256: 6cbdf895e11d70b4e810c1067ec098a503401e22bdb1bf9161e0132a6254b6b0
             - name: data/eu.csv
      -        sha256: e6986ecd38499575829a82f143b5dc9f819ff026a2404c28c3ebf5941f060bcc
      +        sha256: 3b3f00c4e32b1d8ccae7415f4973e8fbd1a8868118fbbaf6fad7f09c2543f1e6
      hint: Record it again with --record, or accept changed requests with --cassette-mode lenient.
      "
    `);
  });

  it('go to the coworkers of a hierarchical crew', async () => {
    const crew = CREW.replace('agents:', 'process: hierarchical\nmanager_llm: m\nagents:').replace(
      / {2}write:.*\n/,
      '',
    );
    const scene = await createScene({ ...FILES, 'crew.yaml': crew }, [
      toolCalls([
        { name: 'delegate_work_to_coworker', arguments: { task: 'Look closely.', context: '', coworker: 'Seer' } },
      ]),
      text('A line.'),
      text('Done.'),
    ]);
    expect(await scene.crew(['kickoff', 'crew.yaml', '--quiet'])).toMatchObject({ exitCode: 0, stdout: 'Done.\n' });
    const [manager, seer] = contentsOf(scene).map((content) => JSON.stringify(content));
    expect(manager).toContain('Files that you cannot see: chart.png, docs/report.pdf. Coworkers who can: Seer.');
    expect(manager).not.toContain('base64');
    expect(seer).toContain(base64(PNG));
    expect(seer).toContain('Oslo');
  });
});
