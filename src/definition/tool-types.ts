import type { JsonSchema } from '../util/json.js';
import type { ModuleReference } from './types.js';

/** A tool as an agent or task names it. */
export type ToolReference = ToolSource & {
  readonly options: ToolOptions;
  /** As the file says it, for people: `read_file`, `./tools/price.ts#lookup`, `mcp:files/*`. */
  readonly label: string;
};

/** Where a tool comes from. */
export type ToolSource =
  | BuiltinToolSource
  | ({ readonly kind: 'module' } & ModuleReference)
  | CommandToolSource
  | {
      readonly kind: 'mcp';
      /** A name under `mcp_servers`. */
      readonly server: string;
      /** Name of a tool of the server; `*` in it stands for any characters. */
      readonly pattern: string;
    };

/** A built-in tool with its settings, which are as `ToolSettings` has them for its name. */
export interface BuiltinToolSource {
  readonly kind: 'builtin';
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A program that reads the arguments as JSON on stdin and writes the result to stdout. */
export interface CommandToolSource {
  readonly kind: 'command';
  readonly name: string;
  readonly description: string;
  /** JSON Schema of an object. */
  readonly parameters: JsonSchema;
  /** The program and its arguments; it runs in the definition's folder. Never put through a shell. */
  readonly command: readonly string[];
  /** Names of the environment variables that it gets beside the usual ones. */
  readonly env: readonly string[];
}

/** What a tool does outside itself; decides whether it may be repeated after a crash. */
export type ToolEffects = 'none' | 'write' | 'external';

/** What any tool may be told beside its own settings; undefined: the tool's own way. */
export interface ToolOptions {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly effects?: ToolEffects | undefined;
  readonly maxUsageCount?: number | undefined;
  readonly resultAsAnswer?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
  readonly maxOutputChars?: number | undefined;
  readonly cache?: boolean | undefined;
  readonly cacheFunction?: ModuleReference | undefined;
  readonly retries?: number | undefined;
}

/** A server that offers tools by the Model Context Protocol (https://modelcontextprotocol.io). */
export interface McpServerDefinition {
  readonly name: string;
  readonly connection:
    | {
        readonly kind: 'stdio';
        readonly command: string;
        readonly args: readonly string[];
        /** Set beside PATH, HOME, LANG and TMPDIR. May hold secrets. */
        readonly env: Readonly<Record<string, string>>;
        /** Absolute. */
        readonly cwd: string;
      }
    | {
        /** Streamable HTTP, or the older server-sent events. */
        readonly kind: 'http' | 'sse';
        readonly url: string;
        /** May hold secrets. */
        readonly headers: Readonly<Record<string, string>>;
        readonly allowPrivate: boolean;
      };
  /** Names, with `*` for any characters, of the only tools that are offered. Undefined: all. */
  readonly tools: readonly string[] | undefined;
  /** For the connection, and for each call. */
  readonly timeoutMs: number;
  /** False: a run goes on without it where it cannot be reached. */
  readonly required: boolean;
}

/** What agents may do with their tools; `deny` wins. */
export interface Permissions {
  /** Undefined: what no rule names is allowed. Given: what no rule names is refused. */
  readonly allow: readonly PermissionRule[] | undefined;
  readonly ask: readonly PermissionRule[];
  readonly deny: readonly PermissionRule[];
}

/** One rule: `write_file`, `mcp:files/*`, `run_command(program=git)`, `write_file(path=out/**)`. */
export interface PermissionRule {
  /** As written. */
  readonly text: string;
  /** Name or id of a tool; `*` stands for any characters. */
  readonly tool: string;
  /** An argument and what its value has to be, `*` for any characters; of lists each value, or all joined by spaces. Undefined: any call. */
  readonly argument: { readonly name: string; readonly pattern: string } | undefined;
}
