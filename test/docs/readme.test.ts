import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { checkDefinition } from '../../src/definition/load-definition.js';
import { formatProblem } from '../../src/definition/format-problem.js';
import { loadCassette } from '../../src/journal/cassette-file.js';
import { loadOptions, moduleReference } from '../tools/references.js';
import { loadTools } from '../../src/tools/load-tools.js';
import { runProcess } from '../helpers/built-crew.js';
import { sharedFolder, temporaryFolder } from '../helpers/temporary-folder.js';
import { type ProviderServer, startProviderServer } from '../helpers/provider-server.js';
import { type CodeBlock, codeBlocks, ROOT } from './readme.js';
import { LOGS, readmeModels } from './readme-models.js';

const blocks = codeBlocks();
const folder = sharedFolder();
const titled = (language: string, ...names: readonly string[]): [string, CodeBlock][] =>
  blocks
    .filter((block) => block.language === language && names.every((name) => name in block.info))
    .map((block) => [`line ${block.line}`, block]);

/** What a fragment is put into. */
const BASE = `
agents:
  researcher: { role: Researcher, goal: Find out., backstory: Reads., llm: ollama/llama3.2, allow_delegation: true }
  writer: { role: Writer, goal: Write., backstory: Writes., llm: ollama/llama3.2 }
tasks:
  research: { description: Find out about it., expected_output: Facts., agent: researcher }
  article: { description: Write it., expected_output: Text., agent: writer }
`;

beforeAll(() => {
  cpSync(join(ROOT, 'crews'), join(folder, 'crews'), { recursive: true });
  const files = blocks.flatMap(({ info, text }) => (info.file ? [[info.file, text] as const] : []));
  for (const [path, text] of [...Object.entries(LOGS), ...files]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('has only blocks that the tests below look at', () => {
  const kinds: Readonly<Record<string, readonly string[]>> = {
    yaml: ['file', 'fragment'],
    text: ['output'],
    ts: ['tool', 'library'],
    py: ['file'],
    json: ['client'],
  };
  const isKnown = ({ language, info }: CodeBlock): boolean =>
    language === 'sh' || (kinds[language]?.some((kind) => kind in info) ?? false);
  expect(blocks.filter((block) => !isKnown(block))).toEqual([]);
  const outputs = blocks.filter(({ info }) => 'output' in info);
  expect(outputs.filter((block) => blocks[blocks.indexOf(block) - 1]?.language !== 'sh')).toEqual([]);
});

describe('every definition in README', () => {
  const problemsOf = async (file: string) => {
    const { problems } = await checkDefinition(file, { env: {}, workingDirectory: folder });
    return problems.map(formatProblem);
  };

  it.each(titled('yaml', 'file'))('loads: %s', async (_title, { info, text }) => {
    const { file = '' } = info;
    // What another file extends is no crew by itself, and loads with that one.
    if ('part' in info) return;
    if ('cassette' in info) await expect(loadCassette(join(folder, file))).resolves.toBeDefined();
    else if ('broken' in info) expect(await problemsOf(file)).not.toEqual([]);
    else expect(await problemsOf(file), text).toEqual([]);
  });

  it.each(titled('yaml', 'fragment'))('loads as a part of a crew: %s', async (_title, { text, line }) => {
    const file = `fragment-${line}.yaml`;
    const [base, fragment] = [parse(BASE), parse(text)] as readonly Record<string, object>[];
    writeFileSync(
      join(folder, file),
      stringify({ ...base, ...fragment, agents: { ...base?.agents, ...fragment?.agents } }),
    );
    expect(await problemsOf(file), text).toEqual([]);
  });

  it.each(titled('ts', 'tool'))('names tools that load and work: %s', async (_title, { info }) => {
    const [tool] = await loadTools([moduleReference(`./${info.file}`)], loadOptions(folder));
    const context = {
      signal: AbortSignal.timeout(5000),
      runId: 'r',
      taskKey: 't',
      stepPath: 'task/tool/call_1',
      workingDirectory: folder,
      log: () => {},
    };
    expect(await tool?.execute(JSON.parse(info.tool ?? ''), context)).toMatchObject({ text: info.gives });
  });
});

describe('every command in README', () => {
  const commands = join(folder, 'bin');
  let server: ProviderServer;

  beforeAll(async () => {
    server = await startProviderServer(readmeModels);
    mkdirSync(commands);
    writeFileSync(join(commands, 'crew'), `#!/bin/sh\nexec "${process.execPath}" "${ROOT}/bin/crew.js" "$@"\n`);
    chmodSync(join(commands, 'crew'), 0o755);
  });

  afterAll(() => server.close());

  it('that installs is a line of .ci/run, and there are two', () => {
    const lines = titled('sh').flatMap(([, { text }]) => text.split('\n').filter(isInstalling));
    expect(lines).toEqual([
      'npm ci && npx crew kickoff crews/quickstart.yaml --cassette crews/quickstart.cassette.yaml',
      'npm ci && npm test',
    ]);
    const check = readFileSync(join(ROOT, '.ci/run'), 'utf8').split('\n');
    expect(lines.filter((line) => !check.some((other) => other === line || other.startsWith(`${line} ||`)))).toEqual(
      [],
    );
  });

  it('that a client starts is one', async () => {
    for (const [, { text }] of titled('json', 'client')) {
      const { mcpServers } = JSON.parse(text) as { mcpServers: Record<string, { command: string; args: string[] }> };
      for (const { command, args } of Object.values(mcpServers)) {
        const cwd = temporaryFolder({ 'crew.yaml': readFileSync(join(ROOT, 'crews/support.yaml')) });
        const { exitCode, stderr } = await runProcess(join(commands, command), args, {
          cwd,
          env: { TZ: 'UTC' },
        });
        expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: 'serving support over MCP on stdin and stdout\n' });
      }
    }
  });

  it.each(titled('sh'))('runs: %s', async (_title, block) => {
    const script = block.text
      .split('\n')
      .filter((line) => !isInstalling(line))
      .join('\n');
    const env = { PATH: `${commands}:${process.env['PATH']}`, OPENAI_BASE_URL: server.url, TZ: 'UTC', CREW_TRUST: '1' };
    const { exitCode, stdout } = await runProcess('bash', ['-ec', `exec 2>&1\n${script}`], { cwd: folder, env });
    expect(exitCode, stdout).toBe(Number(block.info.exit ?? 0));
    const next = blocks[blocks.indexOf(block) + 1];
    if (next && 'output' in next.info)
      expect(shortened(comparable(stdout), comparable(next.text))).toBe(comparable(next.text));
    expect(server.unexpected).toEqual([]);
  });
});

function isInstalling(line: string): boolean {
  return /^npm (ci|i|install)\b/.test(line);
}

/** The text without what differs from run to run: ids, times, amounts; and without the padding that follows from them. */
function comparable(text: string): string {
  return text
    .replaceAll(
      /(?<=\brun |\bshow |\breplay of |\bbatch |\t)[a-z0-9]{8}\b|(?<=  )[a-z0-9]{8}$|^[a-z0-9]{8}(?=  )|\b[a-z0-9]{8}(?=\/[a-z])/gim,
      'id',
    )
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'time')
    .replaceAll(/[\d.]+ (ms|s)\b/g, 'N s')
    .replaceAll(/<?\$[\d.]+/g, '$N')
    .replaceAll(/\b[\d,]+( tokens| in\b| out\b|  +\$)/g, 'N$1')
    .replaceAll(/ {2,}(?=\S)(?<!^ *)/gm, '  ')
    .trimEnd();
}

/** The output with `…` in place of the lines that `shown` leaves out at such a line; the output itself where that does not fit. */
function shortened(output: string, shown: string): string {
  const pattern = shown
    .split('\n')
    .map((line) => (line.trim() === '…' ? '[^]*?' : escape(line)))
    .join('\n');
  return new RegExp(`^${pattern}$`).test(output) ? shown : output;
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
