import { expect, it } from 'vitest';
import { definitionOf, problemsOf, SMALL_CREW } from '../helpers/check-text.js';

const crewWith = (permissions: string, tools = '[read_file]', top = ''): string =>
  `permissions: ${permissions}\n${top}${SMALL_CREW.replace('Wrote }', `Wrote, tools: ${tools} }`)}`;

it('reads rules of a tool, and of a tool with an argument', async () => {
  const text = `{ allow: [read_file, "write_*(path=out/**)"], ask: ["run_command( program = git push )"], deny: [delegate_work_to_coworker] }`;
  expect((await definitionOf(crewWith(text))).permissions).toEqual({
    allow: [
      { text: 'read_file', tool: 'read_file', argument: undefined },
      { text: 'write_*(path=out/**)', tool: 'write_*', argument: { name: 'path', pattern: 'out/**' } },
    ],
    ask: [
      {
        text: 'run_command( program = git push )',
        tool: 'run_command',
        argument: { name: 'program', pattern: 'git push' },
      },
    ],
    deny: [{ text: 'delegate_work_to_coworker', tool: 'delegate_work_to_coworker', argument: undefined }],
  });
  expect((await definitionOf(SMALL_CREW)).permissions).toEqual({ allow: undefined, ask: [], deny: [] });
  expect((await definitionOf(crewWith('{ allow: [] }'))).permissions.allow).toEqual([]);
});

it('tells what is no rule, and what names no tool', async () => {
  expect(
    await problemsOf(
      crewWith(
        `
  deny: ["write file", "write_file(path)", write_fil, prices, "mcp:fils/*", "mcp:files/x", "*"]
  alow: [read_file]
  ask: write_file
`,
        '[read_file, "mcp:files/x"]',
        'mcp_servers: { files: { command: npx } }\n',
      ),
    ),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:2:10 permissions.deny[0]: "write file" is no rule
      2 |   deny: ["write file", "write_file(path)", write_fil, prices, "mcp:fils/*", "mcp:files/x", "*"]
        |          ^^^^^^^^^^^^
        = write a tool, such as write_file or mcp:files/*, or one with an argument: write_file(path=out/**)

    crew.yaml:2:24 permissions.deny[1]: "write_file(path)" is no rule
      2 |   deny: ["write file", "write_file(path)", write_fil, prices, "mcp:fils/*", "mcp:files/x", "*"]
        |                        ^^^^^^^^^^^^^^^^^^
        = write a tool, such as write_file or mcp:files/*, or one with an argument: write_file(path=out/**)

    crew.yaml:2:44 warning permissions.deny[2]: no tool of this crew is called "write_fil"
      2 |   deny: ["write file", "write_file(path)", write_fil, prices, "mcp:fils/*", "mcp:files/x", "*"]
        |                                            ^^^^^^^^^
        = did you mean "write_file"?

    crew.yaml:2:68 permissions.deny[4]: there is no MCP server "fils"
      2 |   deny: ["write file", "write_file(path)", write_fil, prices, "mcp:fils/*", "mcp:files/x", "*"]
        |                                                                    ^^^^
        = did you mean "files"?

    crew.yaml:3:3 permissions.alow: unknown key
      3 |   alow: [read_file]
        |   ^^^^
        = did you mean "allow"?

    crew.yaml:4:8 permissions.ask: must be a list of rules such as write_file or write_file(path=out/**), not text
      4 |   ask: write_file
        |        ^^^^^^^^^^
        = write a list: [write_file]
    "
  `);
  expect(await problemsOf(crewWith('{ deny: [write_fil, prices] }'))).toMatchInlineSnapshot(`
    "
    crew.yaml:1:23 permissions.deny[0]: no tool of this crew is called "write_fil"
      1 | permissions: { deny: [write_fil, prices] }
        |                       ^^^^^^^^^
        = did you mean "write_file"?

    crew.yaml:1:34 permissions.deny[1]: no tool of this crew is called "prices"
      1 | permissions: { deny: [write_fil, prices] }
        |                                  ^^^^^^
    "
  `);
  expect(await problemsOf(crewWith('[write_file]'))).toMatchInlineSnapshot(`
    "
    crew.yaml:1:1 permissions: must be a map with allow, ask or deny
      1 | permissions: [write_file]
        | ^^^^^^^^^^^
    "
  `);
});
