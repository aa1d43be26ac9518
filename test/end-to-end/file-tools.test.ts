import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ChatRequestBody, text, toolCalls } from '../helpers/provider-server.js';
import { canRunAsReader, READER, READER_WORDS } from '../helpers/reader.js';
import { createScene } from '../helpers/run-process.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { createDocx, createPdf, paragraph } from '../tools/documents/sample-documents.js';

const CREW = `name: files
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
agents:
  clerk:
    role: Clerk
    goal: Keep files
    backstory: You are tidy.
    llm: m
    tools:
      - read_file
      - write_file
      - { use: edit_file, max_bytes: 1000 }
      - list_directory
      - search_files
      - { use: search_documents, files: ['docs/**'] }
      - { use: read_file, name: read_shared, root: shared, max_bytes: 20 }
tasks:
  work: { description: Do it., expected_output: Done. }
`;

type Call = readonly [name: string, args: object];

/** What the model is told of calls that it makes at once, without the marks around data, and the run's outcome. */
async function runCalls(
  files: Readonly<Record<string, string | Uint8Array>>,
  calls: readonly Call[],
  prepare?: (folder: string) => void,
) {
  let last: ChatRequestBody | undefined;
  const scene = await createScene({ 'crew.yaml': CREW, ...files }, (body) => {
    last = body;
    const isDone = body.messages.some(({ role }) => role === 'tool');
    return isDone
      ? text('Done.')
      : toolCalls(calls.map(([name, args], index) => ({ id: `c${index}`, name, arguments: args })));
  });
  prepare?.(scene.folder);
  const outcome = await scene.crew(['kickoff', 'crew.yaml', '--quiet']);
  const results = (last?.messages ?? [])
    .filter(({ role }) => role === 'tool')
    .map(({ content }) => scene.tidy(String(content)));
  return {
    scene,
    outcome,
    results,
    told: calls.map(([name, args], index) => [name, Object.values(args)[0], results[index]]),
  };
}

describe('file tools', () => {
  it('read, search, write and edit in one run', async () => {
    const { scene, outcome, results } = await runCalls(
      {
        'a.txt': 'one\ntwo\n',
        'b.txt': 'one\ntwo\n',
        'shared/long.txt': 'first line here\nsecond line here\n',
        'docs/report.pdf': createPdf(['Cover', 'Solar grew by 20 %.']),
        'docs/memo.docx': await createDocx(paragraph('Wind grew by 10 %.')),
      },
      [
        ['read_file', { path: 'docs/report.pdf' }],
        ['read_file', { path: 'docs/memo.docx' }],
        ['read_shared', { path: 'long.txt' }],
        ['search_documents', { query: 'solar growth' }],
        ['search_files', { pattern: '^t\\w+$', files: '{a.txt,*.pdf}' }],
        ['list_directory', { path: 'docs', recursive: true }],
        ['write_file', { path: 'out/c.txt', content: 'x' }],
        ['edit_file', { path: 'b.txt', old_text: 'one', new_text: '1' }],
        ['edit_file', { path: 'b.txt', old_text: 'two', new_text: '2' }],
      ],
    );
    expect([outcome.exitCode, outcome.stdout, outcome.stderr]).toEqual([0, 'Done.\n', '']);
    expect(`\n${results.join('\n')}`).toMatchInlineSnapshot(`
      "
      <data from="read_file">
      [page 1]
      Cover

      [page 2]
      Solar grew by 20 %.
      </data>
      <data from="read_file">
      Wind grew by 10 %.
      </data>
      <data from="read_shared">
      first line here

      </data>
      [17 bytes left; call again with offset 16]
      <data from="search_documents">
      docs/report.pdf, page 2
      Solar grew by 20 %.
      </data>
      <data from="search_files">
      a.txt:2: two
      </data>
      <data from="list_directory">
      memo.docx
      report.pdf
      </data>
      wrote out/c.txt (1 byte)
      edited b.txt: line 1
      edited b.txt: line 2"
    `);
    expect(readFileSync(join(scene.folder, 'b.txt'), 'utf8')).toBe('1\n2\n');
    expect(readFileSync(join(scene.folder, 'out/c.txt'), 'utf8')).toBe('x');
  });

  it('refuse every attack, and the run goes on', async () => {
    const { scene, outcome, told } = await runCalls(
      {
        'a.txt': 'fine',
        '.env': 'API_TOKEN=very-secret-token',
        '.git/config': 'very-secret-config',
        'certs/server.key': 'very-secret-key',
        'broken.pdf': '%PDF-1.4 and no more',
        'slow.txt': `${'a'.repeat(60)}b`,
        'shared/a.txt': 'x',
      },
      [
        ['read_file', { path: '../secret.txt' }],
        ['read_file', { path: '/etc/passwd' }],
        ['read_file', { path: '/proc/self/environ' }],
        ['read_file', { path: '/dev/zero' }],
        ['read_file', { path: 'link' }],
        ['read_file', { path: 'folder-link/passwd' }],
        ['read_file', { path: 'innocent.txt' }],
        ['read_file', { path: '.ENV' }],
        ['read_file', { path: '.git/config' }],
        ['read_file', { path: 'certs/server.key' }],
        ['read_file', { path: 'pipe' }],
        ['read_file', { path: 'certs' }],
        ['read_file', { path: 'a\0.txt' }],
        ['read_file', { path: 'broken.pdf' }],
        ['read_shared', { path: '../a.txt' }],
        ['write_file', { path: 'crew.yaml', content: 'owned' }],
        ['write_file', { path: 'link', content: 'owned' }],
        ['write_file', { path: '.git/hooks/pre-commit', content: 'owned' }],
        ['write_file', { path: '../owned.txt', content: 'owned' }],
        ['write_file', { path: 'node_modules/zod/index.js', content: 'owned' }],
        ['edit_file', { path: 'a.txt', old_text: 'fine', new_text: 'x'.repeat(2000) }],
        ['edit_file', { path: '.env', old_text: 'very', new_text: 'owned' }],
        ['list_directory', { path: '..' }],
        ['search_files', { pattern: 'very-secret' }],
        ['search_files', { pattern: '(a+)+$' }],
        ['search_files', { files: '../**' }],
        ['search_documents', { query: '" OR NEAR(' }],
      ],
      (folder) => {
        symlinkSync('/etc/passwd', join(folder, 'link'));
        symlinkSync('/etc', join(folder, 'folder-link'));
        symlinkSync('.env', join(folder, 'innocent.txt'));
        execFileSync('mkfifo', [join(folder, 'pipe')]);
        writeFileSync(join(folder, 'crew.yaml'), CREW);
      },
    );
    expect([outcome.exitCode, outcome.stdout]).toEqual([0, 'Done.\n']);
    expect(told.map((words) => words.join(' | ')).join('\n')).toMatchInlineSnapshot(`
      "read_file | ../secret.txt | It failed: ../secret.txt is outside <folder>, the only folder this tool may use; give a path inside it
      read_file | /etc/passwd | It failed: /etc/passwd is outside <folder>, the only folder this tool may use; give a path inside it
      read_file | /proc/self/environ | It failed: /proc/self/environ is outside <folder>, the only folder this tool may use; give a path inside it
      read_file | /dev/zero | It failed: /dev/zero is outside <folder>, the only folder this tool may use; give a path inside it
      read_file | link | It failed: link is outside <folder>, the only folder this tool may use; give a path inside it
      read_file | folder-link/passwd | It failed: folder-link/passwd is outside <folder>, the only folder this tool may use; give a path inside it
      read_file | innocent.txt | It failed: innocent.txt is off limits: .env may hold secrets; go on without it
      read_file | .ENV | It failed: .ENV is off limits: .ENV may hold secrets; go on without it
      read_file | .git/config | It failed: .git/config is off limits: .git may hold secrets; go on without it
      read_file | certs/server.key | It failed: certs/server.key is off limits: server.key may hold secrets; go on without it
      read_file | pipe | It failed: pipe is a named pipe, not a file
      read_file | certs | It failed: certs is a folder, not a file
      read_file | a\u0000.txt | It failed: "a\\u0000.txt" is not a path
      read_file | broken.pdf | It failed: broken.pdf is broken, or no PDF file
      read_shared | ../a.txt | It failed: ../a.txt is outside <folder>/shared, the only folder this tool may use; give a path inside it
      write_file | crew.yaml | It failed: crew.yaml is off limits: it is a part of this crew; write another file
      write_file | link | It failed: link is outside <folder>, the only folder this tool may use; give a path inside it
      write_file | .git/hooks/pre-commit | It failed: .git/hooks/pre-commit is off limits: .git may hold secrets; go on without it
      write_file | ../owned.txt | It failed: ../owned.txt is outside <folder>, the only folder this tool may use; give a path inside it
      write_file | node_modules/zod/index.js | It failed: node_modules/zod/index.js is off limits: node_modules holds code that others run; write another file
      edit_file | a.txt | It failed: a.txt would have 2,000 bytes, more than 1,000 bytes; write less
      edit_file | .env | It failed: .env is off limits: .env may hold secrets; go on without it
      list_directory | .. | It failed: .. is outside <folder>, the only folder this tool may use; give a path inside it
      search_files | very-secret | <data from="search_files"></data>
      [nothing found]
      search_files | (a+)+$ | It failed: the pattern (a+)+$ takes too long; use a simpler one
      search_files | ../** | <data from="search_files"></data>
      [nothing found]
      search_documents | " OR NEAR( | <data from="search_documents"></data>
      [nothing found; try other words]"
    `);
    expect(JSON.stringify(told)).not.toContain('very-secret-');
    expect(readFileSync(join(scene.folder, 'crew.yaml'), 'utf8')).toBe(CREW);
    expect(readFileSync(join(scene.folder, 'a.txt'), 'utf8')).toBe('fine');
    expect(readdirSync(scene.folder)).not.toContain('node_modules');
  });

  it.skipIf(!canRunAsReader)(
    `refuse devices, what nobody but its owner may read, and links that come while the run goes on${READER_WORDS}`,
    async () => {
      const names = Array.from({ length: 40 }, (_, index) => ({
        id: `swap${index}`,
        name: index % 2 === 0 ? 'read_file' : 'search_files',
        arguments: index % 2 === 0 ? { path: 'folder/a.txt' } : { path: 'folder', pattern: 'secret' },
      }));
      const write = { id: 'write', name: 'write_file', arguments: { path: 'folder/new.txt', content: 'x' } };
      const others = [
        { id: 'zero', name: 'read_device', arguments: { path: 'zero' } },
        { id: 'owner', name: 'read_file', arguments: { path: 'owner.txt' } },
      ];
      const crew = CREW.replace(
        '      - write_file\n',
        '      - write_file\n      - { use: read_file, name: read_device, root: /dev }\n',
      );
      const scene = await createScene(
        { 'crew.yaml': crew, 'folder/a.txt': 'fine', 'owner.txt': 'mine' },
        ({ messages }) =>
          messages.some(({ role }) => role === 'tool') ? text('Done.') : toolCalls([...others, ...names, write]),
      );
      const { folder } = scene;
      const outside = temporaryFolder({ 'a.txt': 'secret of others' });
      chmodSync(outside, 0o777);
      chmodSync(folder, 0o777);
      chmodSync(join(folder, 'owner.txt'), 0o000);
      symlinkSync(outside, join(folder, 'link'));
      let isOut = false;
      const swapping = setInterval(() => {
        const [away, back] = isOut ? ['link', 'kept'] : ['kept', 'link'];
        renameSync(join(folder, 'folder'), join(folder, away));
        renameSync(join(folder, back), join(folder, 'folder'));
        isOut = !isOut;
      });
      onTestFinished(() => clearInterval(swapping));
      const outcome = await scene.crew(['kickoff', 'crew.yaml', '--quiet'], { uid: READER });
      clearInterval(swapping);
      expect(outcome).toMatchObject({ exitCode: 0, stdout: 'Done.\n' });
      const told = (scene.server.requests.at(-1)?.body.messages ?? []).filter(({ role }) => role === 'tool');
      expect(told.slice(0, 2).map(({ content }) => content)).toMatchInlineSnapshot(`
      [
        "It failed: zero is a device, not a file",
        "It failed: owner.txt: no permission",
      ]
    `);
      expect(JSON.stringify(told)).not.toContain('secret of others');
      expect(readdirSync(outside)).toEqual(['a.txt']);
    },
  );
});
