import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { CallToolResult, Progress } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ChatRequestBody, failure, hang, type ServerAnswer, text } from '../helpers/provider-server.js';
import { createScene, CREW, type Scene } from '../helpers/run-process.js';

const BRIEF = `name: brief
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
inputs:
  topic: { description: What to research }
  depth: { type: integer, default: 2, options: [1, 2, 3] }
agents:
  analyst: { role: Analyst, goal: Find facts, backstory: You search., llm: m }
tasks:
  research: { description: "Research {topic}, depth {depth}.", expected_output: Facts. }
  write: { description: Write it up., expected_output: A text. }
`;
const HELLO = `name: hello
agents: { a: { role: Greeter, goal: Greet, backstory: You greet. } }
tasks: { greet: { description: Say hello., expected_output: A greeting. } }
`;
const answers = ({ messages }: ChatRequestBody): ServerAnswer =>
  text(String(messages[1]?.content).includes('Research') ? 'Solar grows.' : 'An article on solar.');

/** A client of `crew serve --mcp`, as an editor or an assistant starts it. */
async function connect(scene: Scene, args: readonly string[] = ['crew.yaml']) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [CREW, 'serve', '--mcp', ...args],
    cwd: scene.folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: scene.folder,
      TZ: 'UTC',
      OPENAI_API_KEY: 'none',
      OPENAI_BASE_URL: scene.server.url,
    },
    stderr: 'pipe',
  });
  let stderr = '';
  transport.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  onTestFinished(() => client.close());
  const call = async (name: string, args: Record<string, unknown> = {}, onProgress?: (line: string) => void) => {
    const options = onProgress && { onprogress: ({ message }: Progress) => onProgress(message ?? '') };
    const { content, isError } = (await client.callTool(
      { name, arguments: args },
      undefined,
      options,
    )) as CallToolResult;
    const words = content.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`)).join('\n');
    return scene.tidy(`${isError ? 'error: ' : ''}${words}`.replaceAll(/\b[a-z0-9]{8}(?=[/\]",]| failed)/g, '<run>'));
  };
  return { client, call, transport, stderr: () => scene.tidy(stderr) };
}

describe('crew serve --mcp', () => {
  it('offers each crew as a tool, with its inputs as schema, beside those for its runs', async () => {
    const scene = await createScene({ 'crew.yaml': BRIEF, 'hello.yaml': HELLO });
    const { client, stderr } = await connect(scene, ['crew.yaml', 'hello.yaml']);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['list_runs', 'get_output', 'resume', 'replay', 'brief', 'hello']);
    expect(tools.find(({ name }) => name === 'brief')).toMatchInlineSnapshot(`
      {
        "annotations": {
          "openWorldHint": true,
          "readOnlyHint": false,
        },
        "description": "Runs the crew brief. research: Research {topic}, depth {depth}; write: Write it up. Gives: A text.",
        "inputSchema": {
          "additionalProperties": false,
          "properties": {
            "depth": {
              "default": 2,
              "enum": [
                1,
                2,
                3,
              ],
              "type": "integer",
            },
            "topic": {
              "description": "What to research",
              "type": "string",
            },
          },
          "required": [
            "topic",
          ],
          "type": "object",
        },
        "name": "brief",
      }
    `);
    expect(stderr()).toBe('serving brief, hello over MCP on stdin and stdout\n');
  });

  it('runs a crew and tells how it goes; gives outputs and runs; replays a task', async () => {
    const scene = await createScene({ 'crew.yaml': BRIEF }, answers);
    const { call } = await connect(scene);
    const lines: string[] = [];
    expect(await call('list_runs')).toBe('error: there are no runs yet (`crew kickoff <file>` makes the first one.)');
    expect(await call('brief', { topic: 'solar' }, (line) => lines.push(scene.tidy(line)))).toBe(
      'An article on solar.\n\n[run <run>]',
    );
    expect(lines).toMatchInlineSnapshot(`
      [
        "brief run <run> · sequential · 2 tasks",
        "research 1/2 · Analyst",
        "✓ research completed · <time> · 15 tokens · <$0.0001",
        "write 2/2 · Analyst",
        "✓ write completed · <time> · 15 tokens · <$0.0001",
      ]
    `);
    expect(await call('get_output', { task: 'research' })).toBe('run <run>, task research:\nSolar grows.');
    expect(await call('replay', { task: 'write' })).toBe('An article on solar.\n\n[run <run>]');
    expect(scene.server.requests).toHaveLength(3);
    expect((JSON.parse(await call('list_runs')) as object[]).length).toBe(2);
  });

  it('says what is wrong with a call, without a run', async () => {
    const scene = await createScene({ 'crew.yaml': BRIEF }, answers);
    const { call } = await connect(scene);
    expect(await call('brief')).toMatchInlineSnapshot(`"error: The input topic has no value."`);
    expect(await call('brief', { topics: 'solar' })).toMatchInlineSnapshot(
      `
      "error: There is no input topics: did you mean "topic"?
      The input topic has no value."
    `,
    );
    expect(await call('brief', { topic: 'solar', depth: 9 })).toMatchInlineSnapshot(
      `"error: input depth must be one of 1, 2, 3; it is 9"`,
    );
    expect(await call('brieff')).toMatchInlineSnapshot(`"error: There is no tool brieff: did you mean "brief"?"`);
    expect(await call('replay')).toBe('error: Say which task: its id, or its key.');
    expect(await call('replay', { task: 'nope' })).toMatchInlineSnapshot(
      `"error: there are no runs yet (\`crew kickoff <file>\` makes the first one.)"`,
    );
    expect(scene.query('SELECT id FROM runs')).toEqual([]);
  });

  it('keeps what is finished of a run that failed, and resumes it without paying twice', async () => {
    let isBroken = true;
    const scene = await createScene({ 'crew.yaml': BRIEF }, (body) => {
      const isWriting = !String(body.messages[1]?.content).includes('Research');
      return isWriting && isBroken ? failure(400, 'no such thing') : answers(body);
    });
    const { call } = await connect(scene);
    expect(await call('brief', { topic: 'solar' })).toMatchInlineSnapshot(`
      "error: Run <run> failed: openai/gpt-4.1-mini: the request was refused (400 Bad Request): no such thing (Check the settings of the model in the crew file.)
      Finished and kept: research; get_output gives them."
    `);
    isBroken = false;
    expect(await call('resume')).toBe('An article on solar.\n\n[run <run>]');
    expect(scene.server.requests).toHaveLength(3);
  });

  it('stops the run when the client takes the call back, or goes away', async () => {
    const scene = await createScene({ 'crew.yaml': BRIEF }, [hang, hang]);
    const { client, transport } = await connect(scene);
    const taken = new AbortController();
    const call = client.callTool({ name: 'brief', arguments: { topic: 'solar' } }, undefined, { signal: taken.signal });
    await scene.server.waitForRequests(1);
    taken.abort();
    await expect(call).rejects.toThrow();
    const second = client.callTool({ name: 'brief', arguments: { topic: 'wind' } }).catch(() => undefined);
    await scene.server.waitForRequests(2);
    const { pid } = transport;
    await client.close();
    await second;
    await expect.poll(() => isAlive(pid)).toBe(false);
    expect(scene.query('SELECT status FROM runs')).toEqual([{ status: 'interrupted' }, { status: 'interrupted' }]);
  });

  it('neither resumes nor replays runs of crews that it does not serve, nor trusts their definitions', async () => {
    const scene = await createScene({ 'crew.yaml': BRIEF, 'hello.yaml': HELLO }, () => failure(400, 'no such thing'));
    await scene.crew(['kickoff', 'hello.yaml']);
    const { call } = await connect(scene, ['crew.yaml', '--trust']);
    const refusal = 'error: Run <run> is of the crew hello, which is not asked here.';
    expect(await call('resume')).toBe(refusal);
    expect(await call('replay', { task: 'greet' })).toBe(refusal);
    // Not even for one that is called like a served crew.
    writeFileSync(
      join(scene.folder, 'hello.yaml'),
      HELLO.replace('hello', 'brief').concat('before_kickoff: ./code.ts\n'),
    );
    writeFileSync(join(scene.folder, 'code.ts'), 'export default () => undefined;\n');
    await scene.crew(['kickoff', 'hello.yaml']);
    expect(await call('replay', { task: 'greet' })).toContain('hello.yaml does more than call models');
    expect(scene.server.requests).toHaveLength(2);
  });

  it('refuses at its start what cannot be served', async () => {
    const scene = await createScene({ 'crew.yaml': BRIEF, 'other.yaml': BRIEF });
    expect(await scene.refusal(['serve', 'crew.yaml'])).toMatchInlineSnapshot(`
      "
      error: say how to serve
      hint: crew serve --mcp crew.yaml
      "
    `);
    expect(await scene.refusal(['serve', '--mcp', 'crew.yaml', 'other.yaml'])).toMatchInlineSnapshot(`
      "
      error: the crew brief is called like another crew
      hint: Give it another \`name\` in its file.
      "
    `);
    expect(await scene.refusal(['serve', '--mcp', 'nope.yaml'])).toMatchInlineSnapshot(`
      "
      nope.yaml: there is no such file
      "
    `);
  });
});

function isAlive(pid: number | null): boolean {
  try {
    return pid !== null && process.kill(pid, 0);
  } catch {
    return false;
  }
}
