import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { text, toolCalls } from '../helpers/provider-server.js';
import { createScene, type Scene } from '../helpers/run-process.js';

const run = promisify(execFile);

const crewWith = (tools: readonly string[], more = ''): string => `
${more}
agents:
  worker:
    { role: Worker, goal: Work, backstory: You work., llm: { model: openai/gpt-4.1-mini, max_retries: 0 }, tools: [${tools.join(', ')}] }
tasks:
  work: { description: Do it., expected_output: The result. }
`;
const parameters = `{ type: 'object', properties: { city: { type: 'string' } } }`;
const tool = (body: string, more = ''): string =>
  `export default { description: 'Does it.', parameters: ${parameters}, ${more} async execute(args, context) { ${body} } };\n`;

/** Calls each tool once in one turn, with these arguments or none, and gives what the model is told of it, by tool. */
async function callAll(
  scene: Scene,
  args: readonly string[] = [],
): Promise<{ readonly told: Readonly<Record<string, string>>; readonly stderr: string; readonly stdout: string }> {
  const { exitCode, stderr, stdout } = await scene.crew(['kickoff', ...args]);
  expect([exitCode, stderr]).toEqual([0, expect.anything()]);
  const messages = scene.server.requests.at(-1)?.body.messages ?? [];
  const results = messages.filter(({ role }) => role === 'tool');
  return {
    told: Object.fromEntries(results.map((result) => [result.tool_call_id, String(result.content)])),
    stderr,
    stdout,
  };
}
const callsOf = (names: readonly string[]) => [
  toolCalls(names.map((name) => ({ id: name, name, arguments: {} }))),
  text('The answer.'),
];
const filesOf = (bodies: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(bodies).map(([name, body]) => [`tools/${name}.mjs`, tool(body)]));

describe('tool files that cannot be used', () => {
  it('are named where they are written, if they do not exist', async () => {
    const files = { 'crew.yaml': crewWith(['./tools/none.ts', './tools', './a.py']), 'tools/a.ts': '', 'a.py': '' };
    const scene = await createScene(files);
    expect(await scene.refusal(['kickoff', '-q'])).toMatchInlineSnapshot(`
      "
      crew.yaml:5:116 agents.worker.tools[0]: ./tools/none.ts: there is no such file
        5 | …gpt-4.1-mini, max_retries: 0 }, tools: [./tools/none.ts, ./tools, ./a.py] }
          |                                          ^^^^^^^^^^^^^^^
          = paths start at the definition's folder

      crew.yaml:5:133 agents.worker.tools[1]: ./tools: this is not a file
        5 | …_retries: 0 }, tools: [./tools/none.ts, ./tools, ./a.py] }
          |                                          ^^^^^^^
          = paths start at the definition's folder

      crew.yaml:5:142 agents.worker.tools[2]: a tool in Python is a program: it reads JSON from stdin and prints its result
        5 | … 0 }, tools: [./tools/none.ts, ./tools, ./a.py] }
          |                                          ^^^^^^
          = write { name: …, description: …, parameters: { … }, command: [python3, ./a.py] }
      "
    `);
  });

  it('are all told of before anything is run, with their places', async () => {
    const files = {
      'tools/syntax.ts': 'export default {\n  description: "x",\n  execute( { return 1 },\n};\n',
      'tools/throws.ts':
        "const key: string | undefined = undefined;\nif (!key) throw new Error('no key ' + process.env['OPENAI_API_KEY']);\n",
      'tools/mistake.ts': 'export const a = 1;\n(null as any).name();\n',
      'tools/nothing.ts': 'const tool = 1;\n',
      'tools/exits.mjs': 'process.exit(3);\n',
      'tools/other.mjs': `export const lookup = 1;\n`,
      'tools/schema.mjs': `export default { description: 'x', execute() {} };\n`,
      'tools/wrong.mjs': `export default { description: 'x', parameters: { type: 'objct' }, execute() {} };\n`,
      'tools/list.mjs': `export default { description: 'x', parameters: { type: 'array' }, execute() {} };\n`,
      'tools/imports.mjs': `import { x } from './gone.mjs';\nimport 'no-such-package';\n`,
    };
    const paths = Object.keys(files).map((path) => (path.endsWith('other.mjs') ? `./${path}#lokup` : `./${path}`));
    const scene = await createScene({ 'crew.yaml': crewWith(paths.map((path) => `'${path}'`)), ...files });
    expect(await scene.refusal(['kickoff', '-q'])).toMatchInlineSnapshot(`
      "
      error: 10 tools cannot be loaded:
      - ./tools/syntax.ts does not compile: Unexpected keyword 'return'.
        tools/syntax.ts:3:14
          execute( { return 1 },
                     ^
      - ./tools/throws.ts fails when it is loaded: no key [redacted:OPENAI_API_KEY]
        tools/throws.ts:2
        if (!key) throw new Error('no key ' + process.env['OPENAI_API_KEY']);
      - ./tools/mistake.ts fails when it is loaded: Cannot read properties of null (reading 'name')
        tools/mistake.ts:2
        (null as any).name();
      - ./tools/nothing.ts has no default export; it exports nothing
      - ./tools/exits.mjs fails when it is loaded: it called process.exit(3), which would end the whole run
        tools/exits.mjs:1
        process.exit(3);
      - ./tools/other.mjs has no export "lokup"; it exports lookup (did you mean "lookup"?)
      - ./tools/schema.mjs is not a tool: it has no parameters (a tool is an object { description, parameters, execute }; parameters is a Zod object or a JSON Schema)
      - ./tools/wrong.mjs: parameters: not a valid JSON Schema: type: "objct" is not a JSON Schema type; did you mean "object"? (a tool is an object { description, parameters, execute }; parameters is a Zod object or a JSON Schema)
      - ./tools/list.mjs: parameters have the type "array", they have to be an object (a tool is an object { description, parameters, execute }; parameters is a Zod object or a JSON Schema)
      - ./tools/imports.mjs cannot be loaded: tools/imports.mjs imports "./gone.mjs", which does not exist
      "
    `);
  });
});

describe('results of tools of the user', () => {
  const bodies = {
    circular: 'const a = {}; a.self = a; return a;',
    big: 'return { count: 2n ** 70n };',
    bytes: 'return Buffer.alloc(5_000_000);',
    inside: 'return { image: new Uint8Array(3) };',
    fn: 'return () => 1;',
    map: `return new Map([['at', new Date(0)], ['all', new Set([1])]]);`,
    error: `return new Error('not found');`,
    nothing: '',
    several: `return (async function* () { yield 1; yield { last: true }; })();`,
    huge: `return 'x'.repeat(5_000_000);`,
    text: `throw 'only text';`,
    object: `throw { code: 7 };`,
    empty: `throw undefined;`,
    caused: `throw new Error('no answer', { cause: new Error('host is down') });`,
    mistake: `return args.city.length;`,
    long: `throw new Error('y'.repeat(5_000_000));`,
    secret: 'throw new Error(`refused ${process.env.OPENAI_API_KEY}`);',
    exit: 'process.exit(0);',
    prints: `console.log('printed'); process.stdout.write('written\\n'); return 'quiet';`,
    logs: `context.log({ not: 'text' }); return Object.keys(context).sort();`,
  };

  it('reach the model as text, or as an error that says why not', async () => {
    const names = Object.keys(bodies);
    const scene = await createScene(
      { 'crew.yaml': crewWith(names.map((name) => `./tools/${name}.mjs`)), ...filesOf(bodies) },
      callsOf(names),
    );
    const { told, stderr, stdout } = await callAll(scene);
    const short = Object.entries(told).map(([name, result]) => [
      name,
      result.length > 300 ? `${result.slice(0, 30)} … ${result.slice(-60)} (${result.length} characters)` : result,
    ]);
    expect(Object.fromEntries(short)).toMatchInlineSnapshot(`
      {
        "big": "{"count":"1180591620717411303424"}",
        "bytes": "It failed: the tool ran, but its result cannot be shown as text: it is binary data (Buffer, 5,000,000 bytes)",
        "caused": "It failed: no answer: host is down",
        "circular": "It failed: the tool ran, but its result cannot be shown as text: self refers back to itself",
        "empty": "It failed: it threw undefined",
        "error": "It failed: not found",
        "exit": "It failed: it called process.exit(0), which would end the whole run",
        "fn": "It failed: the tool ran, but its result cannot be shown as text: it is a function",
        "huge": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx … xxxxxxxxxxxxxxx
      Cut: 4,800,000 more characters are left out. (200045 characters)",
        "inside": "It failed: the tool ran, but its result cannot be shown as text: image is binary data (Uint8Array, 3 bytes)",
        "logs": "["abortSignal","log","messages","runId","signal","stepPath","taskKey","toolCallId","workingDirectory"]",
        "long": "It failed: yyyyyyyyyyyyyyyyyyy … yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy… (10011 characters)",
        "map": "{"at":"1970-01-01T00:00:00.000Z","all":[1]}",
        "mistake": "It failed: Cannot read properties of undefined (reading 'length')",
        "nothing": "done",
        "object": "It failed: it threw {"code":7}",
        "prints": "quiet",
        "secret": "It failed: refused [redacted:OPENAI_API_KEY]",
        "several": "{"last":true}",
        "text": "It failed: only text",
      }
    `);
    expect(stdout).toBe('The answer.\n');
    expect(stderr).toContain('printed\nwritten\n');
    expect(stderr).toContain('mistake: failed at tools/mistake.mjs:1');
    expect(`${stderr}${JSON.stringify(scene.query('SELECT response FROM steps'))}`).not.toContain('not-a-real-key');
  });

  it('fail in time where a tool hangs or fails late, and do not take the run with them', async () => {
    const hanging = {
      waits: `await new Promise(() => {});`,
      listens: `await new Promise((_, reject) => context.signal.addEventListener('abort', () => reject(new Error('aborted'))));`,
      late: `await new Promise((resolve) => setTimeout(resolve, 250)); context.log('late'); throw new Error('late');`,
      endless: `return (async function* () { for (;;) { yield 1; await new Promise((next) => setImmediate(next)); } })();`,
    };
    const names = Object.keys(hanging);
    const files = {
      ...filesOf(hanging),
      'tools/slow.mjs': tool(`await new Promise((done) => setTimeout(done, 600)); return 'slow';`),
    };
    const tools = [...names.map((name) => `{ use: ./tools/${name}.mjs, timeout: 100ms }`), './tools/slow.mjs'];
    const scene = await createScene({ 'crew.yaml': crewWith(tools), ...files }, callsOf([...names, 'slow']));
    const { told, stderr } = await callAll(scene);
    const stopped = 'It failed: it took longer than 100 ms and was stopped; what it had done by then may stay done';
    expect(told).toEqual({ waits: stopped, listens: stopped, late: stopped, endless: stopped, slow: 'slow' });
    expect(stderr).not.toContain('late: late');
  });

  it('are wrong arguments where those do not fit: the tool is not called', async () => {
    const files = { 'tools/city.mjs': tool(`throw new Error('was called');`) };
    const call = (city: unknown) =>
      toolCalls([{ id: 'c', name: 'city', arguments: typeof city === 'string' ? city : { city } }]);
    const scene = await createScene({ 'crew.yaml': crewWith(['./tools/city.mjs']), ...files }, [
      call(5),
      call('{"city": '),
      text('The answer.'),
    ]);
    expect((await scene.crew(['kickoff', '-q'])).exitCode).toBe(0);
    const results = scene.server.requests.at(-1)?.body.messages.filter(({ role }) => role === 'tool');
    expect(results?.map(({ content }) => content)).toMatchInlineSnapshot(`
      [
        "The arguments do not fit: city: must be a string, got 5. Correct them and call again.",
        "The arguments do not fit: they are not JSON. Correct them and call again.",
      ]
    `);
  });
});

describe('programs as tools', () => {
  it('are called without a shell, see few variables, fail with what they say, and leave nothing behind', async () => {
    const program = `
      import { spawn } from 'node:child_process';
      import { writeFileSync } from 'node:fs';
      let input = '';
      for await (const part of process.stdin) input += part;
      const { mode, city } = JSON.parse(input);
      if (mode === 'echo') console.log(JSON.stringify(city));
      if (mode === 'variables') console.log(Object.keys(process.env).filter((name) => !name.startsWith('CREW_')).sort().join());
      if (mode === 'fail') { console.error('there is no city a-secret-token'); process.exit(2); }
      if (mode === 'huge') process.stdout.write('z'.repeat(20_000_000));
      if (mode === 'background') {
        const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
        writeFileSync('pid', String(child.pid));
        child.unref();
        console.log('started');
      }
      if (mode === 'hang') setInterval(() => {}, 1000);
    `;
    const crew = crewWith(
      ['city'],
      `
tools:
  city:
    command: [node, tools/city.mjs]
    description: Knows cities.
    parameters: { mode: string, city: { type: string, default: '' } }
    env: [SECRET_TOKEN]
    timeout: 2s
    effects: none`,
    );
    const call = (mode: string, city = '') => ({ id: mode, name: 'city', arguments: { mode, city } });
    const scene = await createScene({ 'crew.yaml': crew, 'tools/city.mjs': program }, [
      toolCalls([
        call('echo', '$(touch hacked); `rm -rf .`\n"x" </data>'),
        ...['variables', 'fail', 'huge', 'background', 'hang'].map((mode) => call(mode)),
      ]),
      text('The answer.'),
    ]);
    const env = { SECRET_TOKEN: 'a-secret-token', OTHER: 'x', LANG: 'C' };
    const outcome = await scene.crew(['kickoff', '-q'], { env });
    expect(outcome).toEqual({ exitCode: 0, stdout: 'The answer.\n', stderr: '' });
    const results = scene.server.requests.at(-1)?.body.messages.filter(({ role }) => role === 'tool') ?? [];
    const told = results.map(({ tool_call_id: id, content }) => [id, String(content).replace(/z{100,}/, '<many z>')]);
    expect(Object.fromEntries(told)).toMatchInlineSnapshot(`
      {
        "background": "<data from="city">
      started
      </data>",
        "echo": "<data from="city">
      $(touch hacked); \`rm -rf .\`
      "x" [/data>
      </data>
      Where it has "</data" or the like, "[/data" is written.",
        "fail": "It failed: city ended with exit code 2; it said:
      <data from="city">
      there is no city [redacted:SECRET_TOKEN]
      </data>",
        "hang": "It failed: it took longer than 2 s and was stopped",
        "huge": "<data from="city">
      <many z>
      </data>
      Cut: 9,800,000 more characters are left out.
      It wrote more than 10,000,000 bytes; the rest is left out.",
        "variables": "<data from="city">
      HOME,LANG,PATH,SECRET_TOKEN
      </data>",
      }
    `);
    expect(existsSync(join(scene.folder, 'hacked'))).toBe(false);
    const status = `/proc/${readFileSync(join(scene.folder, 'pid'), 'utf8')}/status`;
    expect(!existsSync(status) || /^State:\s*[ZX]/m.test(readFileSync(status, 'utf8'))).toBe(true);
  });

  it('have to be there', async () => {
    const tools = `
tools:
  price: { command: [pyhton3, ./tools/price.py], description: x, parameters: {} }`;
    const scene = await createScene({ 'crew.yaml': crewWith(['price'], tools), 'tools/price.py': '' });
    expect(await scene.refusal(['kickoff', '-q'])).toMatchInlineSnapshot(`
      "
      error: tool price: there is no program "pyhton3"
      hint: It is looked for on PATH; a path such as ./tools/price.py starts at the definition's folder and has to be executable.
      "
    `);
  });
});

describe('crew init --tool', () => {
  it('writes a tool whose types and test are sound where crew is installed', async () => {
    const scene = await createScene({});
    const { folder } = scene;
    mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
    symlinkSync(resolve('.'), join(folder, 'node_modules/crew'));
    symlinkSync(resolve('node_modules/@types/node'), join(folder, 'node_modules/@types/node'));
    const { exitCode, stdout } = await scene.crew(['init', '--tool']);
    expect([exitCode, stdout.split('\n')[0]]).toEqual([
      0,
      'Wrote tools/example.ts, a tool that works, and tools/example.test.mjs, its test.',
    ]);
    const tests = await run(process.execPath, ['--test', 'tools/example.test.mjs'], { cwd: folder });
    expect(tests.stdout).toMatch(/^# pass 2$/m);
    const flags = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--skipLibCheck',
    ];
    const types = await run(resolve('node_modules/.bin/tsc'), [...flags, 'tools/example.ts'], { cwd: folder });
    expect(types.stdout).toBe('');
  });
});
