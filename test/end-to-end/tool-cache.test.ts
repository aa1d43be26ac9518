import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { after, createGate, text, toolCalls } from '../helpers/provider-server.js';
import { createScene, type Scene } from '../helpers/run-process.js';

const CREW = `name: prices
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
cache: true
agents:
  buyer: { role: Buyer, goal: Buy well, backstory: You compare., llm: m, tools: [./price.mjs, ./stock.mjs, read_file] }
tasks:
  buy: { description: Buy it., expected_output: A price. }
`;
const parameters = `{ type: 'object', properties: { product: { type: 'string' }, count: { type: 'integer' } } }`;

/** A tool whose calls are in `calls.txt`, one a line. */
const tool = (name: string, more: string): string => `import { appendFileSync } from 'node:fs';
export default {
  name: '${name}', description: 'Tells it.', parameters: ${parameters}, ${more},
  execute({ product }, { log }) {
    appendFileSync('calls.txt', '${name} ' + product + '\\n');
    log('asking');
    return product === 'nothing' ? { price: null } : { price: 7, seller: 'very-secret-seller' };
  },
};`;
const FILES = {
  'crew.yaml': CREW,
  'notes.md': 'Buy panels.',
  'price.mjs': tool('price', `effects: 'none'`),
  'stock.mjs': tool('stock', `effects: 'external', cacheFunction: (_args, { price }) => price !== null`),
};

/** Calls both tools in the first turn, and answers in the second. */
const script = ({ messages }: { readonly messages: readonly { readonly role: string }[] }) =>
  messages.some(({ role }) => role === 'tool')
    ? text('Bought.')
    : toolCalls([
        { id: 'p', name: 'price', arguments: { product: 'panel', count: 1 } },
        { id: 's', name: 'stock', arguments: { product: 'panel' } },
        { id: 'n', name: 'stock', arguments: { product: 'nothing' } },
        { id: 'r', name: 'read_file', arguments: { path: 'notes.md' } },
      ]);

const callsIn = ({ folder }: Scene): string[] => {
  const path = join(folder, 'calls.txt');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').toSorted() : [];
};
const kickoff = (scene: Scene, ...args: string[]) => scene.crew(['kickoff', 'crew.yaml', ...args]);
const cached = ({ stderr }: { readonly stderr: string }): string[] =>
  stderr
    .split('\n')
    .filter((line) => line.includes('cached'))
    .toSorted();

const FIRST = ['price panel', 'stock nothing', 'stock panel'];

describe('cache: true', () => {
  it('uses results of earlier runs again, and says so', async () => {
    const scene = await createScene(FILES, script);
    expect(cached(await kickoff(scene))).toEqual([]);
    expect(callsIn(scene)).toEqual(FIRST);
    const second = await kickoff(scene);
    expect(callsIn(scene)).toEqual([...FIRST, 'stock nothing'].toSorted());
    expect(scene.tidy(cached(second).join('\n'))).toMatchInlineSnapshot(`
      "  price: cached, from run <run>
        stock: cached, from run <run>"
    `);
    const { stdout } = await scene.crew(['show']);
    expect(scene.tidy(stdout).match(/tool .*?(?= {2})/g)).toMatchInlineSnapshot(`
      [
        "tool price (cached, from <run>/buy/tool/p)",
        "tool stock (cached, from <run>/buy/tool/s)",
        "tool stock",
        "tool read_file",
      ]
    `);
    const { steps } = JSON.parse((await scene.crew(['show', '--format', 'json'])).stdout) as {
      steps: { name: string; cached_from?: string }[];
    };
    expect(steps.flatMap(({ name, cached_from: from }) => (from ? [`${name} ${from.slice(8)}`] : []))).toEqual([
      'price /buy/tool/p',
      'stock /buy/tool/s',
    ]);
  });

  it('is forgotten by reset, not by runs prune', async () => {
    const scene = await createScene(FILES, script);
    await kickoff(scene);
    await scene.crew(['runs', 'prune', '--keep', '0']);
    expect(cached(await kickoff(scene))).toHaveLength(2);
    expect((await scene.crew(['reset', '--cache'])).stdout).toBe('Deleted 2 kept results.\n');
    expect(cached(await kickoff(scene))).toEqual([]);
    expect((await scene.crew(['reset', '--yes'])).stdout).toBe('Deleted 2 runs and 2 kept results.\n');
    expect(scene.query('SELECT * FROM tool_results')).toEqual([]);
  });

  it('can be switched off for an agent, and on for one', async () => {
    const off = await createScene(
      { ...FILES, 'crew.yaml': CREW.replace('role: Buyer', 'role: Buyer, cache: false') },
      script,
    );
    await kickoff(off);
    expect(cached(await kickoff(off))).toEqual([]);
    const on = CREW.replace('cache: true\n', '').replace('role: Buyer', 'role: Buyer, cache: true');
    const scene = await createScene({ ...FILES, 'crew.yaml': on }, script);
    await kickoff(scene);
    expect(cached(await kickoff(scene))).toHaveLength(2);
  });

  it('has no part in a run that a cassette answers', async () => {
    const scene = await createScene(FILES, script);
    await kickoff(scene, '--record', 'tape.yaml');
    expect(await kickoff(scene, '--cassette', 'tape.yaml', '--quiet')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(callsIn(scene)).toEqual([...FIRST, ...FIRST].toSorted());
  });

  it('keeps no secrets', async () => {
    const crew = CREW.replace(
      'model: openai/gpt-4.1-mini',
      'model: openai/gpt-4.1-mini, headers: { x-seller: "${SELLER}" }',
    );
    const scene = await createScene({ ...FILES, 'crew.yaml': crew }, script);
    const env = { SELLER: 'very-secret-seller' };
    await scene.crew(['kickoff', 'crew.yaml'], { env });
    const [first] = scene.query<{ text: string }>('SELECT text FROM tool_results');
    expect(first?.text).toBe('{"price":7,"seller":"[redacted:SELLER]"}');
  });

  it('gives a run that was killed what it had, once', async () => {
    const gate = createGate();
    const scene = await createScene(FILES, (body, index) =>
      index === 3 ? after(gate.opened, script(body)) : script(body),
    );
    await kickoff(scene);
    const { child, ended } = scene.start(['kickoff', 'crew.yaml']);
    await scene.server.waitForRequests(4);
    child.kill('SIGKILL');
    await ended;
    gate.open();
    const before = callsIn(scene);
    const resumed = await scene.crew(['resume']);
    expect([resumed.exitCode, resumed.stdout, cached(resumed)]).toEqual([0, 'Bought.\n', []]);
    expect(callsIn(scene)).toEqual(before);
    expect((await scene.crew(['show'])).stdout.match(/\(cached, from/g)).toHaveLength(2);
  });
});
