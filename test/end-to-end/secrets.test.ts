import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { failure, hang, type ServerScript, text, toolCalls } from '../helpers/provider-server.js';
import { createScene, type ProcessOutcome, type Scene } from '../helpers/run-process.js';

/** No one of these has the form of a key, and each has something that JSON or a URL writes in another way. */
const SECRETS = {
  TEAM_KEY: 'correct/horse"battery',
  TEAM_TOKEN: 'staple&token=yes',
  OPENAI_API_KEY: 'plain-words-for-a-key',
} as const;
const SPELLINGS = Object.values(SECRETS).flatMap((value) => [
  value,
  JSON.stringify(value).slice(1, -1),
  encodeURIComponent(value),
]);

const CREW_TEXT = `name: leaks
inputs: { note: none }
models:
  team: { model: openai/gpt-4.1-mini, api_key: "\${TEAM_KEY}", headers: { x-team: "\${TEAM_TOKEN}" }, max_retries: 0 }
agents:
  spy: { role: Spy, goal: Spy, backstory: You spy., llm: team, tools: [./leak.ts] }
  clerk: { role: Clerk, goal: Write, backstory: You write. }
tasks:
  spy: { description: "Spy for {note}.", expected_output: A report., agent: spy, output_file: report.md }
  retell: { description: Retell it., expected_output: A report., agent: clerk, output_file: "{note}.md" }
`;
const LEAK = `export default {
  name: 'leak',
  description: 'Tells what it should not.',
  parameters: { type: 'object', properties: { word: { type: 'string' } } },
  async execute({ word }: { word: string }, { log }: { log: (message: string) => void }) {
    log('environment: ' + process.env.TEAM_KEY);
    if (word === 'throw') throw new Error('cannot log in with ' + process.env.TEAM_TOKEN);
    return JSON.stringify({ key: process.env.TEAM_KEY, url: '?' + encodeURIComponent(process.env.TEAM_TOKEN ?? '') });
  },
};
`;

/** Every secret a provider can know, in every place of an answer. */
const LEAKING: ServerScript = [
  toolCalls(
    [
      { id: 'call_a', name: 'leak', arguments: { word: SECRETS.TEAM_KEY } },
      { id: 'call_b', name: 'leak', arguments: { word: 'throw' } },
    ],
    { content: `I was called with ${SECRETS.TEAM_KEY}.` },
  ),
  text(`The key is ${SECRETS.TEAM_KEY}, the token ${SECRETS.TEAM_TOKEN}.`),
  text(`It was ${SECRETS.OPENAI_API_KEY}, or sk-proj-${'a1B2'.repeat(12)}.`),
];

function createLeaks(script: ServerScript): Promise<Scene> {
  return createScene({ 'crew.yaml': CREW_TEXT, 'leak.ts': LEAK }, script);
}

/** Where a secret can be found after a run: in what was printed, or in the bytes of any file. */
function findLeaks({ folder }: Scene, { stdout, stderr }: ProcessOutcome): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(join(folder, file)).isFile(),
  );
  const places = [
    { name: 'stdout', bytes: Buffer.from(stdout) },
    { name: 'stderr', bytes: Buffer.from(stderr) },
    ...files.map((name) => ({ name, bytes: readFileSync(join(folder, name)) })),
  ];
  return places.flatMap(({ name, bytes }) =>
    [...SPELLINGS, 'a1B2a1B2'].filter((secret) => bytes.includes(secret)).map((secret) => `${name}: ${secret}`),
  );
}

it('lets no secret into database, cassette, output file, stdout and stderr', async () => {
  const scene = await createLeaks(LEAKING);
  const args = ['kickoff', 'crew.yaml', '--verbose', '--record', 'tape.yaml', '-i', `note=${SECRETS.TEAM_TOKEN}`];
  const outcome = await scene.crew(args, { env: SECRETS });
  expect(findLeaks(scene, outcome)).toEqual([]);
  expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
    "exit 0
    --- stdout
    It was [redacted:OPENAI_API_KEY], or [redacted:openai-key].
    --- stderr
    leaks run <run> · sequential · 2 tasks
    spy 1/2 · Spy
      Spy (openai/gpt-4.1-mini): I was called with [redacted:TEAM_KEY].
      Spy uses leak {"word":"[redacted:TEAM_KEY]"}
      Spy uses leak {"word":"throw"}
      leak: environment: [redacted:TEAM_KEY]
      leak: environment: [redacted:TEAM_KEY]
      leak: {"key":"[redacted:TEAM_KEY]","url":"?[redacted:TEAM_TOKEN]"}
      leak: It failed: cannot log in with [redacted:TEAM_TOKEN]
      Spy (openai/gpt-4.1-mini): The key is [redacted:TEAM_KEY], the token [redacted:TEAM_TOKEN].
    ✓ spy completed · <time> · 30 tokens · <$0.0001 → report.md
    retell 2/2 · Clerk
      Clerk (openai/gpt-4.1-mini): It was [redacted:OPENAI_API_KEY], or [redacted:openai-key].
    ✓ retell completed · <time> · 15 tokens · <$0.0001 → [redacted:TEAM_TOKEN].md
    done · run <run> · <time> · 45 tokens · <$0.0001
    see it: crew show <run>
    "
  `);
  expect(scene.server.requests.map(({ headers }) => [headers.authorization, headers['x-team']])).toEqual([
    [`Bearer ${SECRETS.TEAM_KEY}`, SECRETS.TEAM_TOKEN],
    [`Bearer ${SECRETS.TEAM_KEY}`, SECRETS.TEAM_TOKEN],
    [`Bearer ${SECRETS.OPENAI_API_KEY}`, undefined],
  ]);
  expect(readFileSync(join(scene.folder, 'report.md'), 'utf8')).toMatchInlineSnapshot(`
    "The key is [redacted:TEAM_KEY], the token [redacted:TEAM_TOKEN].
    "
  `);
  const shown = await scene.crew(['show', '--steps'], { env: SECRETS });
  expect(findLeaks(scene, shown)).toEqual([]);
});

it.each(['json', 'jsonl'])('lets no secret into --format %s', async (format) => {
  const scene = await createLeaks(LEAKING);
  const outcome = await scene.crew(['kickoff', 'crew.yaml', '--format', format], { env: SECRETS });
  expect(outcome.exitCode).toBe(0);
  expect(findLeaks(scene, outcome)).toEqual([]);
});

it('lets no secret out where the provider repeats it in its refusal', async () => {
  const scene = await createLeaks([
    failure(401, `The key ${SECRETS.TEAM_KEY} for ${SECRETS.TEAM_TOKEN} and ${SECRETS.OPENAI_API_KEY} is wrong.`),
  ]);
  const outcome = await scene.crew(['kickoff', 'crew.yaml', '--verbose'], { env: SECRETS });
  expect(findLeaks(scene, outcome)).toEqual([]);
  expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
    "exit 6
    --- stderr
    leaks run <run> · sequential · 2 tasks
    spy 1/2 · Spy
    ✗ spy failed · <time> · 0 tokens · $0
    error: task spy: openai/gpt-4.1-mini: access was refused (401 Unauthorized): The key [redacted:api-key] for [redacted:api-key] and [redacted:OPENAI_API_KEY] is wrong.
    hint: Check the model's api_key.
    failed · run <run> · <time> · 0 tokens · $0
    see it: crew show <run> --steps
    go on: crew resume <run>
    "
  `);
});

it('lets no secret into the files of a run that is killed', async () => {
  const [first = hang, second = hang] = LEAKING as readonly ReturnType<typeof text>[];
  const scene = await createLeaks([first, second, hang]);
  const { child, ended } = scene.start(['kickoff', 'crew.yaml', '--verbose'], { env: SECRETS });
  await scene.server.waitForRequests(3);
  child.kill('SIGKILL');
  const outcome = await ended;
  expect(readdirSync(join(scene.folder, '.crew'))).toContain('crew.db-wal');
  expect(findLeaks(scene, outcome)).toEqual([]);
});
