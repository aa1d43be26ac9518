import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, onTestFinished } from 'vitest';
import { type ProviderServer, type ServerScript, startProviderServer } from './provider-server.js';
import { temporaryFolder } from './temporary-folder.js';

/** The built command. */
export const CREW = resolve(import.meta.dirname, '../../bin/crew.js');

export interface ProcessOptions {
  /** Added to an environment that only has what a process needs to run, and trusts; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Stdin; without it stdin is empty. */
  readonly input?: string;
  /** Leaves stdin open after `input`. */
  readonly keepsStdinOpen?: boolean;
  /** Default: the scene's folder. */
  readonly cwd?: string;
  /** The user to run as, not the tests' own; the tests have to be root then. */
  readonly uid?: number | undefined;
  /** What to put before `node crew.js`, such as `['prlimit', '--fsize=1000']`. */
  readonly wrapper?: readonly string[];
}

export interface ProcessOutcome {
  /** Null where a signal ended the process. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningProcess {
  readonly child: ChildProcess;
  /** Resolves when the process has ended and its streams are closed. */
  readonly ended: Promise<ProcessOutcome>;
}

/** A folder, a model provider, and the command in between. */
export interface Scene {
  /** Real path of the working directory. */
  readonly folder: string;
  /** The server that every provider of OpenAI's kind is found at. */
  readonly server: ProviderServer;
  /** Runs `crew` to its end. */
  crew(args: readonly string[], options?: ProcessOptions): Promise<ProcessOutcome>;
  /** Starts `crew`; killed when the test ends. */
  start(args: readonly string[], options?: ProcessOptions): RunningProcess;
  /**
   * Runs `crew` with stdin and stderr on a terminal and types an answer whenever its question appears; stdout is kept
   * apart unless `isAllTerminal`. The terminal is dumb unless `TERM` is given.
   */
  crewOnTerminal(
    args: readonly string[],
    answers?: readonly TypedAnswer[],
    options?: Pick<ProcessOptions, 'env'> & { readonly isAllTerminal?: boolean; readonly hasNoSize?: boolean },
  ): Promise<ProcessOutcome>;
  /** Runs `crew`, which has to end with 2 before anything is called, stored or printed; gives back its stderr, tidied. */
  refusal(args: readonly string[], options?: ProcessOptions): Promise<string>;
  /** Exit code, stdout and stderr as one text, without what differs from run to run. */
  transcript(outcome: ProcessOutcome): string;
  /** The text without what differs from run to run: folder and its name, server, run ids, times. */
  tidy(text: string): string;
  /** Rows of the database; none where there is no database. */
  query<Row = Readonly<Record<string, unknown>>>(sql: string, file?: string): Row[];
}

export interface TypedAnswer {
  /** What has to stand on the terminal before the answer is typed. */
  readonly question: string;
  readonly typed: string;
}

/** A scene with these files and a provider that answers by this script; everything is gone when the test ends. */
export async function createScene(
  files: Readonly<Record<string, string | Uint8Array>>,
  script: ServerScript = [],
): Promise<Scene> {
  const folder = temporaryFolder(files);
  onTestFinished(() => rmSync(dataFolderOf(folder), { recursive: true, force: true }));
  const server = await startProviderServer(script);
  onTestFinished(() => server.close());

  const start: Scene['start'] = (args, options = {}) => {
    const [command = '', ...rest] = [...(options.wrapper ?? []), process.execPath, CREW, ...args];
    const child = spawn(command, rest, {
      cwd: options.cwd ?? folder,
      env: environmentOf(folder, server, options.env),
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.uid !== undefined && { uid: options.uid, gid: options.uid }),
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    // A process that does not read its stdin may be gone before it is written.
    child.stdin.on('error', () => undefined);
    if (options.input !== undefined) child.stdin.write(options.input);
    if (!options.keepsStdinOpen) child.stdin.end();
    return { child, ended: capture(child) };
  };
  const crew: Scene['crew'] = (args, options) => start(args, options).ended;
  const query: Scene['query'] = <Row>(sql: string, file = '.crew/crew.db') => {
    const path = join(folder, file);
    if (!existsSync(path)) return [];
    const database = new Sqlite(path, { readonly: true });
    try {
      return database.prepare<[], Row>(sql).all();
    } finally {
      database.close();
    }
  };
  const tidy = (text: string): string => tidyText(text, folder, server);
  return {
    folder,
    server,
    start,
    crew,
    crewOnTerminal: (args, answers = [], options = {}) =>
      runOnTerminal(args, answers, {
        cwd: folder,
        env: environmentOf(folder, server, { TERM: 'dumb', ...options.env }),
        isAllTerminal: options.isAllTerminal ?? false,
        hasNoSize: options.hasNoSize ?? false,
      }),
    async refusal(args, options) {
      const { exitCode, stdout, stderr } = await crew(args, options);
      expect({ exitCode, stdout, requests: server.requests.length }).toEqual({ exitCode: 2, stdout: '', requests: 0 });
      expect(query('SELECT id, status FROM runs')).toEqual([]);
      return `\n${tidy(stderr)}`;
    },
    transcript: ({ exitCode, stdout, stderr }) =>
      [
        `exit ${exitCode}\n`,
        ...(stdout === '' ? [] : [`--- stdout\n${tidy(stdout)}`]),
        ...(stderr === '' ? [] : [`--- stderr\n${tidy(stderr)}`]),
      ].join(''),
    tidy,
    query,
  };
}

function dataFolderOf(folder: string): string {
  return `${folder}-data`;
}

function environmentOf(folder: string, server: ProviderServer, env: ProcessOptions['env'] = {}): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: folder,
    // Beside the folder, where crews do not see it.
    XDG_DATA_HOME: dataFolderOf(folder),
    CREW_TRUST: '1',
    TZ: 'UTC',
    OPENAI_API_KEY: 'not-a-real-key',
    OPENAI_BASE_URL: server.url,
    ...env,
  };
}

function capture(child: ChildProcess): Promise<ProcessOutcome> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  return new Promise((fulfil, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) =>
      fulfil({ exitCode, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
  });
}

/** With `script` of util-linux, whose own stdout is what the terminal shows. */
async function runOnTerminal(
  args: readonly string[],
  answers: readonly TypedAnswer[],
  options: {
    readonly cwd: string;
    readonly env: NodeJS.ProcessEnv;
    readonly isAllTerminal: boolean;
    readonly hasNoSize: boolean;
  },
): Promise<ProcessOutcome> {
  const words = [process.execPath, CREW, ...args].map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`);
  const [columns, rows] = options.hasNoSize ? [0, 0] : [100, 30];
  const command = `stty cols ${columns} rows ${rows}; exec ${words.join(' ')}${options.isAllTerminal ? '' : ' 1>&3'}`;
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd: options.cwd,
    env: options.env,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const result: Buffer[] = [];
  child.stdio[3]?.on('data', (chunk: Buffer) => result.push(chunk));
  let terminal = '';
  let seen = 0;
  const open = [...answers];
  child.stdout.on('data', (chunk: Buffer) => {
    terminal += chunk.toString();
    for (let next = open[0]; next && terminal.includes(next.question, seen); next = open[0]) {
      seen = terminal.indexOf(next.question, seen) + next.question.length;
      child.stdin.write(next.typed);
      open.shift();
    }
  });
  const { exitCode, stderr } = await capture(child);
  return {
    exitCode,
    stdout: Buffer.concat(result).toString(),
    stderr: terminal.replaceAll('\r\n', '\n') + stderr,
  };
}

function tidyText(text: string, folder: string, server: ProviderServer): string {
  return text
    .replaceAll(folder, '<folder>')
    .replaceAll(basename(folder), '<name>')
    .replaceAll(new URL(server.url).origin, '<server>')
    .replaceAll(/\b(run|crew show|crew resume|replay of) [a-z0-9]{8}\b/gi, '$1 <run>')
    .replaceAll(/(\b(?:from|at)|-t) [a-z0-9]{8}\//g, '$1 <run>/')
    .replaceAll(/\b\d+(?:\.\d+)? (?:ms|s|min)\b/g, '<time>')
    .replaceAll(/(?<=\S) {3,}<time>/g, '  <time>');
}
