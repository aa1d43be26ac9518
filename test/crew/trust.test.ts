import { chmodSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isTrusted, requireTrust, type TrustOptions, describeWants } from '../../src/crew/trust.js';
import type { Want } from '../../src/crew/want.js';
import { findWants } from '../../src/crew/wants.js';
import { loadDefinition } from '../../src/definition/load-definition.js';
import type { CrewDefinition } from '../../src/definition/types.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const SMALL = `agents:
  dev: { role: Developer, goal: Check, backstory: Wrote }
tasks:
  check: { description: Check, expected_output: Text }
`;

const CODE = 'export default (given: unknown) => given;\n';

interface Scene {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  load(): Promise<CrewDefinition>;
  /** `yes` or what stands in the way. */
  trust(options?: TrustOptions, env?: Readonly<Record<string, string>>): Promise<string>;
}

function createScene(files: Readonly<Record<string, string>>): Scene {
  const folder = temporaryFolder(files);
  const env = { XDG_DATA_HOME: temporaryFolder(), MCP_TOKEN: 'mcp-token-1234', GITHUB_TOKEN: 'ghp-1234567890' };
  const load = () => loadDefinition('crew.yaml', { env, workingDirectory: folder });
  return {
    folder,
    env,
    load,
    trust: async (options = {}, more = {}) =>
      requireTrust(await load(), options, { env: { ...env, ...more }, workingDirectory: folder }).then(
        () => 'yes',
        (error: Error & { hint?: string }) => `${error.message}\n= ${error.hint}`.replaceAll(folder, '<folder>'),
      ),
  };
}

async function wantsOf(files: Readonly<Record<string, string>>): Promise<string> {
  const scene = createScene(files);
  const wants = await findWants(await scene.load(), { workingDirectory: scene.folder });
  return `\n${describeWants(wants).replaceAll(scene.folder, '<folder>').replaceAll(dirname(scene.folder), '<parent>')}\n`;
}

describe('what a definition does beside calling models', () => {
  it('is nothing where it keeps to the working directory', async () => {
    expect(
      await wantsOf({
        'crew.yaml': SMALL.replace(
          'Wrote }',
          'Wrote, tools: [read_file, write_file, { use: fetch_url, domains: [a.org] }] }',
        ),
      }),
    ).toBe('\n\n');
  });

  it('is told with its places, and without secrets', async () => {
    const list = await wantsOf({
      'code.ts': CODE,
      'tool.ts': CODE,
      'tools/x.py': 'print(1)\n',
      'crew.yaml': `step_callback: ./code.ts#step
task_callback: ./code.ts
before_kickoff: [./code.ts#before]
after_kickoff: ./code.ts#after
mcp_servers:
  files: { command: npx, args: [-y, server, "--key=\${MCP_TOKEN}"], env: { KEY: "\${MCP_TOKEN}", MODE: fast } }
  web: { url: "https://mcp.example.com/mcp", headers: { Authorization: "Bearer \${MCP_TOKEN}" } }
  local: { url: "http://localhost:3000/mcp", allow_private: true }
  unused: { command: never-started }
tools:
  price: { command: [python3, tools/x.py, a b], description: A price, parameters: { city: string }, env: [GITHUB_TOKEN] }
agents:
  dev:
    role: Developer
    goal: Check
    backstory: Wrote
    step_callback: ./code.ts#own
    guardrails: [{ shell: "grep -q\\nSources" }, ./code.ts#check]
    tools:
      - { use: run_command, programs: [git, ./check.sh], env: [GITHUB_TOKEN], cwd: .. }
      - { use: read_file, root: /etc }
      - { use: query_sql, url: "postgres://me:secret-word@db.example.com/shop" }
      - { use: fetch_url, allow_private: true, headers: { X-Key: "\${MCP_TOKEN}" } }
      - { use: calculate, cache_function: ./code.ts#cache }
      - mcp:files
      - mcp:web
  other: { role: Other, goal: Check, backstory: Wrote, tools: [./tool.ts, price] }
tasks:
  check:
    description: Check
    expected_output: Text
    agent: dev
    tools: [./tool.ts, mcp:local/x]
    callback: ./code.ts#done
    output_json: ./code.ts#Schema
    guardrail: ./code.ts#check
  more: { description: More, expected_output: Text, agent: dev, when: ./code.ts#when }
`,
    });
    expect(list).toMatchInlineSnapshot(`
      "
        step_callback, task_callback, before_kickoff and 8 more: runs the code of ./code.ts
        agents.dev.tools: runs git, ./check.sh with arguments of a model, in .., with GITHUB_TOKEN of the environment
        agents.dev.tools: run_command uses <parent>, outside the working directory
        agents.dev.tools: read_file uses /etc, outside the working directory
        agents.dev.tools: query_sql asks the database at db.example.com
        agents.dev.tools: fetch_url may ask addresses of this machine and of private networks
        agents.dev.tools: sends MCP_TOKEN of the environment to whatever address it asks
        agents.other.tools, tasks.check.tools: runs the code of ./tool.ts
        agents.other.tools: starts python3 tools/x.py "a b", with GITHUB_TOKEN of the environment
        mcp_servers.files: starts npx -y server --key=[redacted:MCP_TOKEN], which is given KEY, MODE
        mcp_servers.web: sends MCP_TOKEN of the environment to mcp.example.com
        mcp_servers.local: asks localhost:3000, which may be this machine or in a private network
        agents.dev.guardrails: runs with /bin/sh: grep -q
          Sources
      "
    `);
    expect(list).not.toMatch(/mcp-token|secret-word/);
  });

  it('includes folders that a link leads out to', async () => {
    const scene = createScene({
      'crew.yaml': SMALL.replace('Wrote }', 'Wrote, tools: [{ use: list_directory, root: docs }] }'),
    });
    const wants = async () => findWants(await scene.load(), { workingDirectory: scene.folder });
    expect(await wants()).toEqual([]);
    symlinkSync('/etc', join(scene.folder, 'docs'));
    expect((await wants()).map(({ text }) => text)).toEqual([
      'list_directory uses /etc, outside the working directory',
    ]);
  });
});

describe('secrets that are sent to whoever a definition names', () => {
  const variables = {
    GITHUB_TOKEN: 'ghp-1234567890',
    OPENAI_API_KEY: 'openai-key-1',
  };
  const crew = (agent: string, models = ''): string => SMALL.replace('Wrote }', `Wrote, ${agent} }`) + models;

  async function sentBy(files: Readonly<Record<string, string>>, more: Readonly<Record<string, string>> = {}) {
    const folder = temporaryFolder(files);
    const env = { ...variables, ...more };
    const definition = await loadDefinition('crew.yaml', { env, workingDirectory: folder });
    const wants = await findWants(definition, { workingDirectory: folder, env });
    return wants.map(({ places, text }) => `${places.join(', ')}: ${text}`);
  }

  it.each([
    ['api_key', 'model: x/y, api_key: "${GITHUB_TOKEN}"'],
    ['headers', 'model: openai/gpt-4o, headers: { X-A: "${GITHUB_TOKEN}" }'],
    ['the name of the model', 'model: "x/${GITHUB_TOKEN}"'],
  ])('are told where a model has them in %s', async (_where, settings) => {
    const models = `models: { m: { ${settings}, base_url: "https://llm.example.com/v1" } }\n`;
    expect(await sentBy({ 'crew.yaml': crew('llm: m', models) })).toEqual([
      'agents.dev.llm: sends GITHUB_TOKEN of the environment to llm.example.com',
    ]);
    // This machine is the user's own.
    expect(await sentBy({ 'crew.yaml': crew('llm: m', models.replace('llm.example.com', 'localhost')) })).toEqual([]);
  });

  it('are told where .env names the server, not where the user does, nor for a key of that file', async () => {
    const definition = { 'crew.yaml': crew('llm: openai/gpt-4o') };
    const base = 'OPENAI_BASE_URL=https://llm.example.com/v1\n';
    expect(await sentBy({ ...definition, '.env': base })).toEqual([
      'agents.dev.llm: sends OPENAI_API_KEY of the environment to llm.example.com',
    ]);
    expect(await sentBy(definition, { OPENAI_BASE_URL: 'https://llm.example.com/v1' })).toEqual([]);
    const ownKey = `${base}OPENAI_API_KEY=key-of-the-file\n`;
    expect(await sentBy({ ...definition, '.env': ownKey }, { OPENAI_API_KEY: '' })).toEqual([]);
    expect(await sentBy(definition)).toEqual([]);
  });

  it('are told where web_search takes the key of the environment to another address', async () => {
    const search = (more: string): string =>
      crew(`llm: openai/gpt-4o, tools: [{ use: web_search, provider: serper${more} }]`);
    const key = { SERPER_API_KEY: 'serper-key-1' };
    expect(await sentBy({ 'crew.yaml': search(', base_url: "https://search.example.com"') }, key)).toEqual([
      'agents.dev.tools: sends SERPER_API_KEY of the environment to search.example.com',
    ]);
    expect(await sentBy({ 'crew.yaml': search('') }, key)).toEqual([]);
  });

  it('are told of a schema that lies outside, and of the host that a database is really at', async () => {
    const folder = temporaryFolder({ 'keys.json': '{ "type": "object" }' });
    const file = SMALL.replace('Text }', `Text, output_json: ${folder}/keys.json }`).replace(
      'Wrote }',
      'Wrote, tools: [{ use: query_sql, url: "postgres://good.example/db?host=bad.example" }] }',
    );
    expect(await sentBy({ 'crew.yaml': file })).toEqual([
      'agents.dev.tools: query_sql asks the database at good.example or bad.example',
      `tasks.check.output_json: shows models the schema ${folder}/keys.json`,
    ]);
  });
});

describe('trust', () => {
  const files = {
    'crew.yaml': `${SMALL}before_kickoff: ./code.ts\n`.replace(
      'Text }',
      'Text, guardrails: [{ shell: "sh check.sh" }] }',
    ),
    'code.ts': "import './part.js';\nexport default (given: unknown) => given;\n",
    'part.ts': 'export const part = 1;\n',
    'check.sh': 'exit 0\n',
  };

  it('is refused where nobody has agreed', async () => {
    const scene = createScene(files);
    expect(await scene.trust()).toMatchInlineSnapshot(`
      "crew.yaml does more than call models, and nobody has agreed to it:
        before_kickoff: runs the code of ./code.ts
        tasks.check.guardrails: runs with /bin/sh: sh check.sh
      = Look at it, then agree with --trust, or beforehand with: crew trust crew.yaml"
    `);
    expect(readdirSync(scene.env['XDG_DATA_HOME'] as string)).toEqual([]);
  });

  it('is remembered until what is run changes, not the prompts', async () => {
    const scene = createScene(files);
    expect(await scene.trust({ trust: true })).toBe('yes');
    expect(await scene.trust()).toBe('yes');
    const change = (name: string, change: (text: string) => string): void => {
      const now = files[name as keyof typeof files];
      writeFileSync(join(scene.folder, name), change(now));
    };
    change('crew.yaml', (text) => text.replace('goal: Check', 'goal: Check twice'));
    expect(await scene.trust()).toBe('yes');
    change('part.ts', () => 'export const part = 2;\n');
    expect(await scene.trust()).toContain('before_kickoff: runs the code of ./code.ts\n=');
    change('part.ts', (text) => text);
    expect(await scene.trust()).toBe('yes');
    change('check.sh', () => 'exit 1\n');
    expect(await scene.trust()).toContain(':\n  tasks.check.guardrails: runs with /bin/sh: sh check.sh\n=');
    change('check.sh', (text) => text);
    change('crew.yaml', (text) => text.replace('sh check.sh', 'sh check.sh; id'));
    expect(await scene.trust()).toContain('sh check.sh; id');
  });

  it('asks of what is new only, and takes no for an answer', async () => {
    const scene = createScene(files);
    const asked: string[] = [];
    const answers = [true, false];
    const agreeToStart = ({ wants }: { readonly wants: readonly Want[] }): boolean => {
      asked.push(wants.map(({ text }) => text).join('; '));
      return answers.shift() ?? false;
    };
    expect(await scene.trust({ agreeToStart })).toBe('yes');
    expect(await scene.trust({ agreeToStart })).toBe('yes');
    writeFileSync(join(scene.folder, 'part.ts'), '');
    expect(await scene.trust({ agreeToStart })).toBe('crew.yaml is not trusted\n= Nothing was run.');
    expect(asked).toEqual(['runs the code of ./code.ts; runs with /bin/sh: sh check.sh', 'runs the code of ./code.ts']);
  });

  it('covers shell guardrails alone with allowShell', async () => {
    const scene = createScene(files);
    expect(await scene.trust({ allowShell: true })).toContain(':\n  before_kickoff: runs the code of ./code.ts\n=');
    // That much is remembered.
    expect(await scene.trust()).not.toContain('/bin/sh');
  });

  it('comes from the environment of the process, not from .env, and is then not remembered', async () => {
    const scene = createScene({ ...files, '.env': 'CREW_TRUST=1\n' });
    expect(await scene.trust()).toContain('nobody has agreed');
    expect(await scene.trust({}, { CREW_TRUST: '1' })).toBe('yes');
    expect(await scene.trust()).toContain('nobody has agreed');
    expect(await scene.trust({}, { CREW_TRUST: '0' })).toContain('nobody has agreed');
  });

  it('holds for one definition: a copy of it elsewhere is another', async () => {
    const scene = createScene({ ...files, 'copy/crew.yaml': files['crew.yaml'], 'copy/code.ts': files['code.ts'] });
    await scene.trust({ trust: true });
    const place = { env: scene.env, workingDirectory: scene.folder };
    expect(await isTrusted(await scene.load(), {}, place)).toBe(true);
    const copy = await loadDefinition('copy/crew.yaml', place);
    expect(await isTrusted(copy, {}, place)).toBe(false);
    expect(await isTrusted(copy, { trust: true }, place)).toBe(true);
    // To look is not to agree.
    expect(await isTrusted(copy, {}, place)).toBe(false);
  });

  it('does not hold for a link to the definition: the packages beside it are others', async () => {
    const scene = createScene({ 'a/crew.yaml': files['crew.yaml'], 'a/code.ts': CODE, 'b/code.ts': CODE });
    symlinkSync(join(scene.folder, 'a/crew.yaml'), join(scene.folder, 'b/crew.yaml'));
    const place = { env: scene.env, workingDirectory: scene.folder };
    await requireTrust(await loadDefinition('a/crew.yaml', place), { trust: true }, place);
    expect(await isTrusted(await loadDefinition('a/crew.yaml', place), {}, place)).toBe(true);
    expect(await isTrusted(await loadDefinition('b/crew.yaml', place), {}, place)).toBe(false);
  });

  it('that cannot be remembered is trust all the same', async () => {
    const scene = createScene(files);
    const data = join(scene.folder, 'data');
    writeFileSync(data, 'a file');
    expect(await scene.trust({ trust: true }, { XDG_DATA_HOME: data })).toBe('yes');
    expect(await scene.trust({}, { XDG_DATA_HOME: data })).toContain('nobody has agreed');
  });

  it('asks again where a program changes in what it imports', async () => {
    const tool = '{ command: [node, tools/x.mjs], name: x, description: X, parameters: { a: string } }';
    const scene = createScene({
      'crew.yaml': SMALL.replace('Wrote }', `Wrote, tools: [${tool}] }`),
      'tools/x.mjs': "import './part.mjs';\n",
      'tools/part.mjs': 'export {};\n',
    });
    await scene.trust({ trust: true });
    expect(await scene.trust()).toBe('yes');
    writeFileSync(join(scene.folder, 'tools/part.mjs'), 'export const changed = 1;\n');
    expect(await scene.trust()).toContain('starts node tools/x.mjs');
  });

  it('asks again where a program of the working directory changes', async () => {
    const scene = createScene({
      'crew.yaml': SMALL.replace('Wrote }', 'Wrote, tools: [{ use: run_command, programs: [./check.sh, git] }] }'),
      'check.sh': '#!/bin/sh\n',
    });
    chmodSync(join(scene.folder, 'check.sh'), 0o755);
    await scene.trust({ trust: true });
    expect(await scene.trust()).toBe('yes');
    writeFileSync(join(scene.folder, 'check.sh'), '#!/bin/sh\nid\n');
    expect(await scene.trust()).toContain('runs ./check.sh, git with arguments of a model');
  });
});
