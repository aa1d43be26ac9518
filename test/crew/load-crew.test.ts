import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadCrew, RunError, type RunEvent } from '../../src/index.js';
import { openStore } from '../../src/store/open-store.js';
import { failure, type ProviderServer, startProviderServer, text, toolCalls } from '../helpers/provider-server.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const servers: ProviderServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function prepare(yaml: string, ...script: Parameters<typeof startProviderServer>) {
  const folder = temporaryFolder();
  const server = await startProviderServer(...script);
  servers.push(server);
  writeFileSync(join(folder, 'crew.yaml'), yaml);
  const env = { OPENAI_API_KEY: 'sk-test-0123456789', OPENAI_BASE_URL: server.url };
  return { folder, server, crew: await loadCrew('crew.yaml', { env, workingDirectory: folder }) };
}

const SEQUENTIAL = `
inputs: { topic: solar }
agents:
  writer: { role: Writer, goal: Write, backstory: You write., llm: gpt-4.1-mini }
tasks:
  outline: { description: "Outline {topic}.", expected_output: An outline. }
  article: { description: Write it., expected_output: An article., context: [outline] }
`;

const HIERARCHICAL = `
process: hierarchical
manager_llm: gpt-4.1-mini
agents:
  writer: { role: Writer, goal: Write, backstory: You write., llm: gpt-4.1-mini }
tasks:
  article: { description: Write it., expected_output: An article. }
`;

describe('kickoff', () => {
  it('gives the output, with every task, tokens, and events in order', async () => {
    const { crew, folder, server } = await prepare(SEQUENTIAL, [text('The outline.'), text('The article.')]);
    const events: RunEvent[] = [];
    const output = await crew.kickoff({ topic: 'wind' }, { onEvent: (event) => events.push(event) });
    expect(String(output)).toBe('The article.');
    expect(output.toDict()).toEqual({});
    expect(output.tasks_output.map(({ name, raw, status }) => [name, raw, status])).toEqual([
      ['outline', 'The outline.', 'completed'],
      ['article', 'The article.', 'completed'],
    ]);
    expect(output.token_usage.successful_requests).toBe(2);
    expect(events.map(({ type }) => type)).toEqual([
      'run-start',
      'task-start',
      'model-call-start',
      'model-call-end',
      'task-end',
      'task-start',
      'model-call-start',
      'model-call-end',
      'task-end',
      'run-end',
    ]);
    expect(JSON.stringify(server.requests[0]?.body)).toContain('Outline wind.');
    const store = openStore(join(folder, '.crew/crew.db'));
    expect(store.findRun(output.run_id)).toMatchObject({ status: 'completed', inputs: { topic: 'wind' } });
    store.close();
  });

  it('rejects with the record of the run when it did not succeed', async () => {
    const { crew } = await prepare(SEQUENTIAL, [text('The outline.'), failure(401, { error: { message: 'bad key' } })]);
    const error = await crew.kickoff().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RunError);
    expect(error).toMatchObject({ exitCode: 6, code: 'provider', result: { status: 'failed', exit_code: 6 } });
    expect((error as RunError).result.tasks_output.map(({ status }) => status)).toEqual(['completed', 'failed']);
  });

  it('runs the same hierarchical crew twice, and twice at once, and changes nothing in it', async () => {
    const { crew, server } = await prepare(HIERARCHICAL, (body) => {
      const said = JSON.stringify(body);
      if (!said.includes('Crew Manager')) return text('A draft.');
      return said.includes('A draft.')
        ? text('The article.')
        : toolCalls([
            {
              id: 'call_1',
              name: 'delegate_work_to_coworker',
              arguments: { task: 'Write.', context: '', coworker: 'Writer' },
            },
          ]);
    });
    const before = JSON.stringify(crew.definition);
    const first = await crew.kickoff();
    const both = await Promise.all([crew.kickoff(), crew.kickoff()]);
    expect([first, ...both].map(String)).toEqual(['The article.', 'The article.', 'The article.']);
    expect(server.requests).toHaveLength(9);
    expect(JSON.stringify(crew.definition)).toBe(before);
  });

  it('is stopped by its signal, and keeps what was finished', async () => {
    const controller = new AbortController();
    const { crew } = await prepare(SEQUENTIAL, [text('The outline.'), text('never read')]);
    const error = await crew
      .kickoff(
        {},
        {
          signal: controller.signal,
          onEvent: (event) => {
            if (event.type === 'task-end') controller.abort();
          },
        },
      )
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ exitCode: 130, result: { status: 'interrupted' } });
    expect((error as RunError).result.tasks_output.map(({ status, raw }) => [status, raw])).toEqual([
      ['completed', 'The outline.'],
      ['pending', null],
    ]);
  });

  it('goes on when a listener throws', async () => {
    const { crew } = await prepare(SEQUENTIAL, [text('The outline.'), text('The article.')]);
    const warnings: string[] = [];
    const listen = (warning: Error): void => void warnings.push(warning.message);
    process.once('warning', listen);
    const output = await crew.kickoff(
      {},
      {
        onEvent: () => {
          throw new Error('broken listener');
        },
      },
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(String(output)).toBe('The article.');
    expect(warnings).toEqual(['the listener for run events failed and is no longer told: broken listener']);
  });

  it('calls nothing and makes no run when a tool, a schema or an output file cannot be had', async () => {
    const yaml = SEQUENTIAL.replace(
      'expected_output: An outline.',
      'expected_output: An outline., output_file: ../out.md',
    );
    const { crew, server, folder } = await prepare(yaml, []);
    await expect(crew.kickoff()).rejects.toMatchObject({ exitCode: 2 });
    expect(server.requests).toEqual([]);
    expect(() => readFileSync(join(folder, '.crew/crew.db'))).toThrow('ENOENT');
  });

  it('checks that it can write the cassette before anything is called', async () => {
    const { crew, server, folder } = await prepare(SEQUENTIAL, []);
    mkdirSync(join(folder, 'taken'));
    await expect(crew.kickoff({}, { record: 'taken' })).rejects.toMatchObject({ exitCode: 2 });
    expect(server.requests).toEqual([]);
  });
});
