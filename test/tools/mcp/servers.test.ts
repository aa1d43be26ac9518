import { describe, expect, it } from 'vitest';
import { fixtureServer, openDiary, openScene, programServer, refusalOf } from './scene.js';

const namesOf = (tools: readonly { readonly name: string }[]): string[] => tools.map(({ name }) => name);

describe('openMcpServers', () => {
  it('starts nothing that is not asked for', async () => {
    const diary = openDiary();
    const scene = openScene({ files: fixtureServer('good', { file: diary.file }) });
    await scene.close();
    expect(diary.lines()).toEqual([]);
  });

  it('connects once, however often it is asked, and ends the server', async () => {
    const diary = openDiary();
    const scene = openScene({ files: fixtureServer('good', { file: diary.file }) });
    const [first, second] = await Promise.all([scene.toolsOf('files'), scene.toolsOf('files', 'echo')]);
    expect(namesOf(first)).toContain('echo');
    expect(namesOf(second)).toEqual(['echo']);
    await scene.close();
    await scene.close();
    expect(diary.lines()).toEqual(['start', 'initialize', 'notifications/initialized', 'tools/list', 'end']);
  });

  it('gives the tools of a pattern, within the allow-list, sorted by name', async () => {
    const scene = openScene({ some: fixtureServer('good', { tools: ['e*', 'die', 'image'] }) });
    expect(namesOf(await scene.toolsOf('some'))).toEqual(['die', 'echo', 'env', 'image']);
    expect(namesOf(await scene.toolsOf('some', 'e*'))).toEqual(['echo', 'env']);
    expect(namesOf(await scene.toolsOf('some', '*e'))).toEqual(['die', 'image']);
  });

  it('says what there is where a name matches nothing', async () => {
    const scene = openScene({
      some: fixtureServer('good', { tools: ['echo', 'image'] }),
      typo: fixtureServer('good', { tools: ['ecko'] }),
      none: fixtureServer('none'),
      toolless: fixtureServer('toolless'),
    });
    const refused = [
      scene.toolsOf('sum'),
      scene.toolsOf('some', 'imgae'),
      scene.toolsOf('some', 'write_*'),
      scene.toolsOf('some', 'die'),
      scene.toolsOf('typo'),
      scene.toolsOf('none'),
      scene.toolsOf('toolless'),
    ];
    expect((await Promise.all(refused.map(refusalOf))).join('\n')).toMatchInlineSnapshot(`
      "exit 2: there is no MCP server "sum"
      exit 2: MCP server some offers no tool "imgae"
      hint: did you mean "image"?
      exit 2: MCP server some offers no tool "write_*"
      hint: there are echo, image
      exit 2: mcp:some/die is not among mcp_servers.some.tools
      hint: there are echo, image
      exit 2: mcp_servers.typo.tools: MCP server typo offers no tool "ecko"
      hint: did you mean "echo"?
      exit 2: MCP server none offers no tools
      exit 2: MCP server toolless offers no tools"
    `);
  });

  it('reads a list of several pages, and none without end', async () => {
    const scene = openScene({ many: fixtureServer('many'), endless: fixtureServer('endless') });
    expect(await scene.toolsOf('many')).toHaveLength(300);
    expect(await refusalOf(scene.toolsOf('endless'))).toMatchInlineSnapshot(
      `"exit 2: MCP server endless cannot be used: its list of tools does not end within 100 pages"`,
    );
  });

  it('refuses a tool with a broken schema, and leaves it out where it is not named', async () => {
    const scene = openScene({ odd: fixtureServer('odd') });
    expect(namesOf(await scene.toolsOf('odd'))).toEqual([
      'a_b_c',
      'a_b_c',
      `long_${'x'.repeat(59)}`,
      `long_${'x'.repeat(59)}`,
      'wordy',
    ]);
    await scene.toolsOf('odd', '*');
    expect(scene.warnings).toMatchInlineSnapshot(`
      [
        "tool broken of MCP server odd: its parameters are not a valid JSON Schema: properties.a.type: "strin" is not a JSON Schema type; did you mean "string"?; it is left out",
        "tool list of MCP server odd: its parameters are of the type "array", not an object; it is left out",
      ]
    `);
    expect(await refusalOf(scene.toolsOf('odd', 'list'))).toMatchInlineSnapshot(
      `"exit 2: tool list of MCP server odd: its parameters are of the type "array", not an object"`,
    );
  });

  it('says what is wrong with a server that cannot be used', async () => {
    const timeoutMs = 1500;
    const scene = openScene({
      missing: programServer('no-such-program', []),
      nowhere: fixtureServer('good', {
        connection: { kind: 'stdio', command: 'node', args: [], env: {}, cwd: '/no/such/folder' },
      }),
      exits: fixtureServer('exits'),
      garbage: fixtureServer('garbage'),
      silent: fixtureServer('silent', { timeoutMs }),
    });
    const refused = ['missing', 'nowhere', 'exits', 'garbage', 'silent'].map((name) => refusalOf(scene.toolsOf(name)));
    expect((await Promise.all(refused)).join('\n')).toMatchInlineSnapshot(`
      "exit 2: MCP server missing cannot be used: no-such-program cannot be started: there is no such program
      exit 2: MCP server nowhere cannot be used: node cannot be started: there is no folder /no/such/folder
      exit 2: MCP server exits cannot be used: it ended with exit 3
        cannot find the database
        set DATABASE_URL
      exit 2: MCP server garbage cannot be used: it writes to stdout what is no message of MCP: Welcome to the [1mserver[0m, line 1
      exit 2: MCP server silent did not answer within 1.5 s:
        waiting for a licence"
    `);
  });

  it('goes on without a server that is not required', async () => {
    const scene = openScene({ exits: fixtureServer('exits', { required: false }) });
    expect(await scene.toolsOf('exits', 'any_tool')).toEqual([]);
    expect(await scene.toolsOf('exits')).toEqual([]);
    expect(scene.warnings).toMatchInlineSnapshot(`
      [
        "MCP server exits cannot be used: it ended with exit 3
        cannot find the database
        set DATABASE_URL
      Going on without its tools.",
      ]
    `);
  });

  it('passes over what a server writes to stdout beside its messages', async () => {
    const scene = openScene({ banner: fixtureServer('banner') });
    expect(namesOf(await scene.toolsOf('banner', 'echo'))).toEqual(['echo']);
  });

  it('ends a server that is still starting', async () => {
    const scene = openScene({ silent: fixtureServer('silent', { timeoutMs: 60_000 }) });
    const refused = refusalOf(scene.toolsOf('silent'));
    await new Promise((resolve) => setImmediate(resolve));
    await scene.close();
    expect(await refused).toContain('MCP server silent');
  });
});
