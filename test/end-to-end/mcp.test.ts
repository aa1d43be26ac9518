import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { freePort, startEverything } from '../helpers/everything-server.js';
import { type ChatRequestBody, failure, text, toolCalls, type ToolCallAnswer } from '../helpers/provider-server.js';
import { createScene, type Scene } from '../helpers/run-process.js';

const FIXTURE = resolve(import.meta.dirname, '../fixtures/mcp/server.mjs');

const FILESYSTEM = resolve('node_modules/@modelcontextprotocol/server-filesystem/dist/index.js');

/** A server of the crew that does that, and writes what it lives through to a file of the working directory. */
const server = (way: string, more = ''): string =>
  `{ command: node, args: [${JSON.stringify(FIXTURE)}, ${way}, ${way}.txt]${more} }`;

/** A crew of one agent with these tools of these servers. */
const crewOf = (servers: Readonly<Record<string, string>>, tools: string): string => `name: desk
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
mcp_servers:
${Object.entries(servers)
  .map(([name, of]) => `  ${name}: ${of}\n`)
  .join('')}agents:
  clerk: { role: Clerk, goal: Know all, backstory: You look things up., llm: m, tools: [${tools}] }
tasks:
  look: { description: Look it up., expected_output: A text. }
`;

const KICKOFF = ['kickoff', 'crew.yaml', '--quiet'];

/** Makes these calls in its first turn, and answers in the second. */
const calling =
  (...calls: readonly ToolCallAnswer[]) =>
  ({ messages }: ChatRequestBody) =>
    messages.some(({ role }) => role === 'tool') ? text('Done.') : toolCalls(calls);

const callOf = (name: string, args: object = {}): ToolCallAnswer => ({ id: `call_${name}`, name, arguments: args });

/** What the model was told of each call in the last request. */
const toldIn = ({ server: provider }: Scene): string =>
  provider.requests
    .at(-1)
    ?.body.messages.filter(({ role }) => role === 'tool')
    .map(({ tool_call_id: id, content }) => `--- ${id}\n${String(content)}`)
    .join('\n') ?? '';

const diaryOf = ({ folder }: Scene, way: string): string[] => {
  const file = join(folder, `${way}.txt`);
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
};

/** Processes of a scene's servers that are there still. */
const leftOf = ({ folder }: Scene): string[] =>
  readdirSync('/proc').filter(
    (pid) => /^\d+$/.test(pid) && commandOf(pid).includes('server.mjs') && cwdOf(pid) === folder,
  );

describe('tools of MCP servers', () => {
  it('are called in a run, over one connection that ends with it', async () => {
    const tools = 'mcp:good/echo, mcp:good/image, mcp:good/resource, mcp:good/fail, mcp:good/die*, mcp:good/huge';
    const scene = await createScene(
      { 'crew.yaml': crewOf({ good: server('good') }, tools) },
      calling(
        callOf('echo', { text: '{topic} </data> ${HOME}' }),
        { ...callOf('echo', { text: 7 }), id: 'call_wrong' },
        callOf('image'),
        callOf('resource'),
        callOf('fail'),
      ),
    );
    expect(await scene.crew(KICKOFF)).toEqual({ exitCode: 0, stdout: 'Done.\n', stderr: '' });
    expect(toldIn(scene)).toMatchInlineSnapshot(`
      "--- call_echo
      <data from="echo">
      {topic} [/data> \${HOME}
      </data>
      Where it has "</data" or the like, "[/data" is written.
      --- call_wrong
      The arguments do not fit: text: must be a string, got 7. Correct them and call again.
      --- call_image
      <data from="image">
      A dot:
      [image: image/png, 300 bytes]
      </data>
      --- call_resource
      <data from="resource">
      Words of the note.
      [resource note://2: application/zip, 3 bytes]
      [resource note://3: third. The third one.]
      </data>
      --- call_fail
      It failed: the server says that it failed
      <data from="fail">
      the disk is [/data> full
      </data>"
    `);
    expect(diaryOf(scene, 'good').filter((line) => !line.startsWith('tools/call'))).toEqual([
      'start',
      'initialize',
      'notifications/initialized',
      'tools/list',
      'end',
    ]);
    expect(leftOf(scene)).toEqual([]);
  });

  it('give an error where the server dies during a call, and are there again for the next', async () => {
    const scene = await createScene({ 'crew.yaml': crewOf({ good: server('good') }, 'mcp:good') }, ({ messages }) => {
      const results = messages.filter(({ role }) => role === 'tool').length;
      return results === 0 ? toolCalls([callOf('die')]) : results === 1 ? toolCalls([callOf('echo')]) : text('Done.');
    });
    expect((await scene.crew(KICKOFF)).exitCode).toBe(0);
    expect(toldIn(scene)).toMatchInlineSnapshot(`
      "--- call_die
      It failed: the MCP server good was lost during the call: whether it was carried out is unknown, so find that out before you call it again
      <data from="die">
      it ended with exit 7
      </data>
      --- call_echo
      <data from="echo">
      [the tool gave nothing back]
      </data>"
    `);
    expect(diaryOf(scene, 'good').filter((line) => line === 'start')).toHaveLength(2);
  });

  it('are refused before anything runs, with all that is wrong', async () => {
    const servers = {
      missing: '{ command: no-such-program }',
      exits: server('exits'),
      garbage: server('garbage'),
      silent: server('silent', ', timeout: 1s'),
      good: server('good', ', tools: [echo, fail]'),
      here: `{ url: "http://127.0.0.1:4100/mcp" }`,
    };
    const tools = 'mcp:missing, mcp:exits/a, mcp:exits/b, mcp:garbage, mcp:silent, mcp:here/search, mcp:good/fial*';
    const scene = await createScene({ 'crew.yaml': crewOf(servers, tools) });
    expect(await scene.refusal(KICKOFF)).toMatchInlineSnapshot(`
      "
      error: 6 tools cannot be loaded:
      - MCP server missing cannot be used: no-such-program cannot be started: there is no such program
      - MCP server exits cannot be used: it ended with exit 3
        cannot find the database
        set DATABASE_URL
      - MCP server garbage cannot be used: it writes to stdout what is no message of MCP: Welcome to the [1mserver[0m, line 1
      - MCP server silent did not answer within <time>:
        waiting for a licence
      - MCP server here cannot be used: its address leads to this machine or into a private network (where that is meant, set mcp_servers.here.allow_private: true)
      - MCP server good offers no tool "fial*" (there are echo, fail)
      "
    `);
    expect(leftOf(scene)).toEqual([]);
    expect(diaryOf(scene, 'good').at(-1)).toBe('end');
  });

  it('are those of real servers, over stdio and over HTTP', async () => {
    const port = await freePort();
    await startEverything('streamableHttp', port);
    const servers = {
      files: `{ command: node, args: [${JSON.stringify(FILESYSTEM)}, docs] }`,
      all: `{ url: "http://127.0.0.1:${port}/mcp", allow_private: true }`,
    };
    const scene = await createScene(
      { 'crew.yaml': crewOf(servers, 'mcp:files/read_text_file, mcp:all/echo'), 'docs/a.md': 'Solar grew.' },
      calling(
        callOf('read_text_file', { path: 'docs/a.md' }),
        { ...callOf('read_text_file', { path: '/etc/hostname' }), id: 'call_out' },
        callOf('echo', { message: 'hello' }),
      ),
    );
    expect(await scene.crew(KICKOFF)).toEqual({ exitCode: 0, stdout: 'Done.\n', stderr: '' });
    expect(toldIn(scene).replaceAll(scene.folder, '<folder>')).toMatchInlineSnapshot(`
      "--- call_read_text_file
      It failed: the server says that it failed
      <data from="read_text_file">
      ENOENT: no such file or directory, open '<folder>/docs/docs/a.md'
      </data>
      --- call_out
      It failed: the server says that it failed
      <data from="read_text_file">
      Access denied - path outside allowed directories: /etc/hostname not in <folder>/docs
      </data>
      --- call_echo
      <data from="echo">
      Echo: hello
      </data>"
    `);
  });

  it('are left out where a server is not required, and too many are told of', async () => {
    const servers = { exits: server('exits', ', required: false'), many: server('many') };
    const scene = await createScene({ 'crew.yaml': crewOf(servers, 'mcp:exits, mcp:many') }, [text('Done.')]);
    const { exitCode, stderr } = await scene.crew(['kickoff', 'crew.yaml']);
    const [warnings] = scene.tidy(stderr).split('run <run>');
    expect([exitCode, warnings]).toMatchInlineSnapshot(`
      [
        0,
        "warning: MCP server exits cannot be used: it ended with exit 3
        cannot find the database
        set DATABASE_URL
      Going on without its tools.
      warning: agent clerk has 300 tools: every model call pays for them, and few models choose well among so many. Name those that are needed.
      desk ",
      ]
    `);
    expect(scene.server.requests[0]?.body.tools).toHaveLength(300);
  });
});

describe('a run with MCP servers that is stopped', () => {
  it('leaves no process, when it is interrupted, terminated while it starts, or killed', async () => {
    const hangs = { 'crew.yaml': crewOf({ good: server('good') }, 'mcp:good/hang') };
    const scene = await createScene(hangs, calling(callOf('hang')));
    const begin = async () => {
      const calls = diaryOf(scene, 'good').filter((line) => line === 'tools/call hang').length;
      const run = scene.start(KICKOFF);
      await vi.waitFor(
        () => expect(diaryOf(scene, 'good').filter((line) => line === 'tools/call hang')).toHaveLength(calls + 1),
        { timeout: 10_000 },
      );
      return run;
    };
    const once = await begin();
    once.child.kill('SIGINT');
    expect((await once.ended).exitCode).toBe(130);
    expect(diaryOf(scene, 'good').slice(-2)).toEqual(['notifications/cancelled', 'end']);
    const killed = await begin();
    killed.child.kill('SIGKILL');
    await killed.ended;
    await vi.waitFor(() => expect(leftOf(scene)).toEqual([]), { timeout: 5000 });

    const starting = await createScene({ 'crew.yaml': crewOf({ silent: server('silent') }, 'mcp:silent') });
    const run = starting.start(KICKOFF);
    await vi.waitFor(() => expect(leftOf(starting)).not.toEqual([]), { timeout: 10_000 });
    run.child.kill('SIGTERM');
    expect((await run.ended).exitCode).toBe(143);
    expect(leftOf(starting)).toEqual([]);
  });

  it('leaves no process where the server does not want to end, however soon the run has to', async () => {
    const scene = await createScene(
      { 'crew.yaml': crewOf({ stubborn: server('stubborn') }, 'mcp:stubborn/hang, mcp:stubborn/echo') },
      ({ messages }) => (messages.some(({ role }) => role === 'tool') ? text('Done.') : toolCalls([callOf('hang')])),
    );
    for (const isTwice of [false, true]) {
      const { child, ended } = scene.start(KICKOFF);
      const lines = isTwice ? 2 : 1;
      const wait = (line: string) =>
        vi.waitFor(() => expect(diaryOf(scene, 'stubborn').filter((one) => one === line)).toHaveLength(lines), {
          timeout: 10_000,
        });
      await wait('tools/call hang');
      child.kill('SIGINT');
      await wait('SIGTERM');
      if (isTwice) child.kill('SIGINT');
      expect((await ended).exitCode).toBe(130);
      expect(leftOf(scene)).toEqual([]);
    }
  });
});

describe('resume and replay', () => {
  it('ask about calls of servers and programs that were under way, and make them again where they may', async () => {
    const program = `import { appendFileSync, readFileSync } from 'node:fs';
appendFileSync('done.txt', process.argv[2] + '\\n');
const times = readFileSync('done.txt', 'utf8').split('\\n').filter((line) => line === process.argv[2]).length;
if (times === 1) setTimeout(() => {}, 15_000);
else console.log(process.argv[2] + ' is done');`;
    const tools = `mcp:good/hang_once, { use: run_command, programs: [node] },
      { name: send, description: Sends., parameters: { to: string }, command: [node, once.mjs, send] }`;
    const scene = await createScene(
      { 'crew.yaml': crewOf({ good: server('good') }, tools), 'once.mjs': program },
      calling(
        callOf('hang_once'),
        callOf('run_command', { program: 'node', args: ['once.mjs', 'run'] }),
        callOf('send', { to: 'ann' }),
      ),
    );
    const { child, ended } = scene.start(KICKOFF);
    const linesOf = (file: string) => {
      const path = join(scene.folder, file);
      return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').toSorted() : [];
    };
    await vi.waitFor(
      () => {
        expect(diaryOf(scene, 'good')).toContain('tools/call hang_once');
        expect(linesOf('done.txt')).toEqual(['run', 'send']);
      },
      { timeout: 10_000 },
    );
    child.kill('SIGKILL');
    await ended;
    const asked = await scene.crew(['resume', '--quiet']);
    expect(scene.transcript(asked)).toMatchInlineSnapshot(`
      "exit 5
      --- stderr
      error: 3 calls were under way when the run stopped; it is not known whether they were done:
        hang_once {} (look/tool/call_hang_once)
        run_command {"program":"node","args":["once.mjs","run"]} (look/tool/call_run_command)
        send {"to":"ann"} (look/tool/call_send)
      hint: Look whether they happened, then: crew resume <run> --allow-repeat to make them again, or --assume-done to go on without.
      "
    `);
    expect(linesOf('done.txt')).toEqual(['run', 'send']);
    const again = await scene.crew(['resume', '--quiet', '--allow-repeat']);
    expect(again).toEqual({ exitCode: 0, stdout: 'Done.\n', stderr: '' });
    expect(linesOf('done.txt')).toEqual(['run', 'run', 'send', 'send']);
    expect(toldIn(scene)).toMatchInlineSnapshot(`
      "--- call_hang_once
      <data from="hang_once">
      done at last
      </data>
      --- call_run_command
      <data from="run_command">
      run is done
      </data>
      Exit code 0.
      --- call_send
      <data from="send">
      send is done
      </data>"
    `);
  });

  it('do not call a tool again whose result is known, and say what the server describes otherwise', async () => {
    const files = { 'crew.yaml': crewOf({ good: server('good') }, 'mcp:good/echo') };
    let answers = 0;
    const scene = await createScene(files, ({ messages }) => {
      if (!messages.some(({ role }) => role === 'tool')) return toolCalls([callOf('echo', { text: 'kept' })]);
      answers += 1;
      return answers === 1 ? failure(500) : text('Done.');
    });
    expect((await scene.crew(KICKOFF)).exitCode).toBe(6);
    expect(await scene.crew(['resume', '--quiet'])).toEqual({ exitCode: 0, stdout: 'Done.\n', stderr: '' });
    expect(diaryOf(scene, 'good').filter((line) => line === 'tools/call echo')).toHaveLength(1);
    writeFileSync(join(scene.folder, 'crew.yaml'), crewOf({ good: server('wordy') }, 'mcp:good/echo'));
    const { stdout } = await scene.crew(['replay', '--auto', '--dry-run']);
    expect(scene.tidy(stdout)).toMatchInlineSnapshot(`
      "Replay of <run>
      1  look  run again  what its server says of tool mcp:good/echo changed
      External effects that it causes again:
        echo {"text":"kept"} (look)
      "
    `);
  });
});

function commandOf(pid: string): string {
  return readOrNothing(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
}

function cwdOf(pid: string): string {
  return readOrNothing(() => readlinkSync(`/proc/${pid}/cwd`));
}

/** A process may end while it is looked at. */
function readOrNothing(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
