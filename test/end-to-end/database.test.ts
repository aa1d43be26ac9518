import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { after, createGate, text } from '../helpers/provider-server.js';
import { canRunAsReader, READER, READER_WORDS } from '../helpers/reader.js';
import { createScene, type Scene } from '../helpers/run-process.js';

const CREW_TEXT = `name: essays
agents:
  writer: { role: Writer, goal: Write, backstory: You write. }
tasks:
  essay: { description: Write., expected_output: A text. }
  title: { description: Name it., expected_output: A title. }
`;
const ANSWERS = [text('The essay.'), text('The title.')];
/** More than the small disks of these tests take. */
const LONG_ANSWER = text('All work and no play. '.repeat(20_000));

/** Puts a small disk of its own on `.crew`, which only the command sees; what is on it is copied to `saved`. */
const ON_SMALL_DISK = [
  'unshare',
  '--map-root-user',
  '--mount',
  'sh',
  '-c',
  'mkdir .crew saved && mount -t tmpfs -o size=400k tmpfs .crew && { "$@"; code=$?; cp .crew/* saved; exit $code; }',
  'sh',
];
const canMount =
  spawnSync('unshare', ['--map-root-user', '--mount', 'sh', '-c', 'mount -t tmpfs -o size=4k tmpfs /mnt']).status === 0;

/** A scene with one finished run in its database. */
async function createSceneWithHistory(): Promise<Scene> {
  const scene = await createScene({ 'crew.yaml': CREW_TEXT }, ANSWERS);
  expect((await scene.crew(['kickoff', 'crew.yaml'])).exitCode).toBe(0);
  return scene;
}

function changeDatabase({ folder }: Scene, change: (database: Sqlite.Database) => void): void {
  const database = new Sqlite(join(folder, '.crew/crew.db'));
  change(database);
  database.close();
}

/** Sets what may be done with a path; when the test ends it can be removed again. */
function allowUntilEnd(path: string, mode: number): void {
  chmodSync(path, mode);
  onTestFinished(() => chmodSync(path, 0o755));
}

/** The transcript of a kickoff that has to end before anything is called. */
async function refusalOf(scene: Scene, ...[args, options]: Parameters<Scene['crew']>): Promise<string> {
  const before = scene.server.requests.length;
  const outcome = await scene.crew(['kickoff', 'crew.yaml', ...args], options);
  expect(scene.server.requests.length).toBe(before);
  return scene.transcript(outcome);
}

describe.skipIf(!canRunAsReader)(`a database that cannot be written${READER_WORDS}`, () => {
  it('is refused where the file is read-only, and can still be read', async () => {
    const scene = await createSceneWithHistory();
    for (const path of ['', '.crew']) chmodSync(join(scene.folder, path), 0o755);
    allowUntilEnd(join(scene.folder, '.crew/crew.db'), 0o444);
    const options = { uid: READER } as const;
    expect(await refusalOf(scene, [], options)).toMatchInlineSnapshot(`
        "exit 2
        --- stderr
        error: <folder>/.crew/crew.db cannot be used: permission denied
        hint: Allow reading and writing the file and its folder, or name another file with --db or CREW_DB.
        "
      `);
    // SQLite makes a file beside a database in WAL mode, also for reading.
    chmodSync(join(scene.folder, '.crew'), 0o777);
    const { exitCode, stdout } = await scene.crew(['log-tasks-outputs', '--task', '2'], options);
    expect({ exitCode, isThere: stdout.includes('The title.') }).toEqual({ exitCode: 0, isThere: true });
  });

  it('is refused where its folder is read-only', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT, '.crew/.gitignore': '*\n' });
    chmodSync(scene.folder, 0o755);
    allowUntilEnd(join(scene.folder, '.crew'), 0o555);
    expect(await refusalOf(scene, [], { uid: READER })).toMatchInlineSnapshot(`
        "exit 2
        --- stderr
        error: <folder>/.crew/crew.db cannot be opened
        hint: Allow reading and writing the file and its folder, or name another file with --db or CREW_DB.
        "
      `);
  });

  it('is refused where its folder cannot be made', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT });
    allowUntilEnd(scene.folder, 0o555);
    expect(await refusalOf(scene, [], { uid: READER })).toMatchInlineSnapshot(`
        "exit 2
        --- stderr
        error: <folder>/.crew/crew.db cannot be used: permission denied
        hint: Allow reading and writing the file and its folder, or name another file with --db or CREW_DB.
        "
      `);
  });
});

describe.skipIf(!canMount)(`a full disk${canMount ? '' : ' (skipped: unshare may not mount here)'}`, () => {
  it('before the run is refused', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT });
    const wrapper = ON_SMALL_DISK.map((word) => word.replace('size=400k', 'size=4k'));
    expect(await refusalOf(scene, [], { wrapper })).toMatchInlineSnapshot(`
        "exit 2
        --- stderr
        error: <folder>/.crew/crew.db cannot grow: the disk is full
        hint: Free some space, or name another file with --db or CREW_DB.
        "
      `);
  });

  it('during the run ends it with 1, what was stored before stays, and it can go on with more room', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, [text('The essay.'), LONG_ANSWER, text('The title.')]);
    const outcome = await scene.crew(['kickoff', 'crew.yaml'], { wrapper: ON_SMALL_DISK });
    expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
      "exit 1
      --- stderr
      essays run <run> · sequential · 2 tasks
      essay 1/2 · Writer
      ✓ essay completed · <time> · 15 tokens · <$0.0001
      title 2/2 · Writer
      ✗ title failed · <time> · 0 tokens · $0
      error: task title: <folder>/.crew/crew.db cannot grow: the disk is full
      hint: Free some space, or name another file with --db or CREW_DB.
      failed · run <run> · <time> · 15 tokens · <$0.0001
      see it: crew show <run> --steps
      go on: crew resume <run>
      "
    `);
    expect(scene.query('SELECT status, exit_code FROM runs', 'saved/crew.db')).toMatchInlineSnapshot(`
      [
        {
          "exit_code": 1,
          "status": "failed",
        },
      ]
    `);
    const tasks = 'SELECT task_key, status, raw FROM task_outputs ORDER BY position';
    expect(scene.query(tasks, 'saved/crew.db')).toMatchInlineSnapshot(`
        [
          {
            "raw": "The essay.",
            "status": "completed",
            "task_key": "essay",
          },
          {
            "raw": null,
            "status": "failed",
            "task_key": "title",
          },
        ]
      `);
    const resumed = await scene.crew(['resume', '--db', 'saved/crew.db', '--quiet']);
    expect(resumed).toMatchObject({ exitCode: 0, stdout: 'The title.\n' });
  });
});

it('ends with 1 where the database may not grow', async () => {
  const scene = await createScene({ 'crew.yaml': CREW_TEXT }, [text('The essay.'), LONG_ANSWER]);
  // In blocks of 512 bytes. Node hears of the limit as EFBIG.
  const wrapper = ['sh', '-c', 'ulimit -f 480; exec "$@"', 'sh'];
  expect(scene.transcript(await scene.crew(['kickoff', 'crew.yaml'], { wrapper }))).toMatchInlineSnapshot(`
    "exit 1
    --- stderr
    essays run <run> · sequential · 2 tasks
    essay 1/2 · Writer
    ✓ essay completed · <time> · 15 tokens · <$0.0001
    title 2/2 · Writer
    ✗ title failed · <time> · 0 tokens · $0
    error: task title: <folder>/.crew/crew.db cannot be read or written: the disk reports an error
    hint: Check the disk and its quota, or name another file with --db or CREW_DB.
    failed · run <run> · <time> · 15 tokens · <$0.0001
    see it: crew show <run> --steps
    go on: crew resume <run>
    "
  `);
  expect(scene.query('SELECT status, exit_code FROM runs')).toMatchInlineSnapshot(`
    [
      {
        "exit_code": 1,
        "status": "failed",
      },
    ]
  `);
});

describe('a file that is not our database', () => {
  it('is refused where a newer crew made it, and stays as it is', async () => {
    const scene = await createSceneWithHistory();
    changeDatabase(scene, (database) => database.pragma('user_version = 99'));
    expect(await refusalOf(scene, [])).toMatchInlineSnapshot(`
      "exit 2
      --- stderr
      error: <folder>/.crew/crew.db was made by a newer crew: it has version 99, this crew knows 3
      hint: Install the newest crew, or name another file with --db or CREW_DB.
      "
    `);
    expect(scene.transcript(await scene.crew(['runs']))).toMatchInlineSnapshot(`
      "exit 2
      --- stderr
      error: <folder>/.crew/crew.db was made by a newer crew: it has version 99, this crew knows 3
      hint: Install the newest crew, or name another file with --db or CREW_DB.
      "
    `);
    expect(scene.query('PRAGMA user_version')).toEqual([{ user_version: 99 }]);
  });

  it('is refused where it is no database, and stays as it is', async () => {
    const content = 'This is a letter, and no database at all.\n'.repeat(100);
    const scene = await createScene({ 'crew.yaml': CREW_TEXT, 'letter.txt': content });
    expect(await refusalOf(scene, ['--db', 'letter.txt'])).toMatchInlineSnapshot(`
      "exit 2
      --- stderr
      error: <folder>/letter.txt is not a SQLite database
      hint: Move the file away, or name another file with --db or CREW_DB.
      "
    `);
    expect(readFileSync(join(scene.folder, 'letter.txt'), 'utf8')).toBe(content);
  });

  it('is refused where it belongs to another program', async () => {
    const scene = await createSceneWithHistory();
    changeDatabase(scene, (database) => database.pragma('application_id = 7'));
    expect(await refusalOf(scene, [], { env: { CREW_DB: '.crew/crew.db' } })).toMatchInlineSnapshot(`
      "exit 2
      --- stderr
      error: <folder>/.crew/crew.db is a database of another program
      hint: Name another file with --db or CREW_DB.
      "
    `);
  });

  it('is refused where it is damaged', async () => {
    const scene = await createSceneWithHistory();
    const path = join(scene.folder, '.crew/crew.db');
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(7, 4096));
    expect(await refusalOf(scene, [])).toMatchInlineSnapshot(`
      "exit 2
      --- stderr
      error: <folder>/.crew/crew.db is damaged
      hint: Restore it from a backup (\`sqlite3 <file> .recover\` saves what can be read), or name another file with --db or CREW_DB.
      "
    `);
  });

  it('is refused where it is a folder', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT });
    expect(await refusalOf(scene, ['--db', '.'])).toMatchInlineSnapshot(`
      "exit 2
      --- stderr
      error: <folder> is a folder, not a database file
      hint: Name a file in it: --db <folder>/crew.db
      "
    `);
  });
});

it('ends with 1 where the history is deleted during the run', async () => {
  const gate = createGate();
  const scene = await createScene({ 'crew.yaml': CREW_TEXT }, [after(gate.opened, text('The essay.'))]);
  const run = scene.start(['kickoff', 'crew.yaml']);
  await scene.server.waitForRequests(1);
  expect(scene.transcript(await scene.crew(['reset', '--yes']))).toMatchInlineSnapshot(`
    "exit 0
    --- stdout
    Deleted 1 run.
    "
  `);
  gate.open();
  expect(scene.transcript(await run.ended)).toMatchInlineSnapshot(`
    "exit 1
    --- stderr
    essays run <run> · sequential · 2 tasks
    essay 1/2 · Writer
    ✗ essay failed · <time> · 0 tokens · $0
    error: run <run> is no longer in the database
    hint: Was the history deleted with \`crew reset\` during the run? Start the crew again.
    failed · run <run> · <time> · 0 tokens · $0
    see it: crew show <run> --steps
    go on: crew resume <run>
    "
  `);
});
