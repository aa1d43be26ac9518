import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseModulePath } from '../definition/code-files.js';
import { UsageError } from '../errors.js';
import { loadCustomTool } from '../tools/own/custom-tool.js';
import { textOfResult } from '../tools/tool-cache.js';
import type { Tool, ToolContext } from '../tools/tool.js';
import { withOptions } from '../tools/with-options.js';

/** A tool of your own as a run has it. */
export interface LoadedTool extends Pick<Tool, 'name' | 'description' | 'parameters' | 'effects'> {
  /**
   * What a model is told of a call. Rejects with UsageError where the arguments do not fit, and with what the tool throws, as
   * the model is told it.
   */
  call(args: unknown, context?: Partial<ToolContext>): Promise<string>;
}

/**
 * A tool of your own, for tests of it: `./tools/price.ts#lookup` relative to the working directory, or a file URL. Rejects
 * with UsageError that says what is wrong with the file.
 */
export async function loadTool(file: string | URL): Promise<LoadedTool> {
  const written = file instanceof URL ? `${fileURLToPath(file)}${decodeURIComponent(file.hash)}` : file;
  const { path, exportName } = parseModulePath(written);
  const absolute = resolve(path);
  const directory = dirname(absolute);
  const loaded = await loadCustomTool({ path: absolute, exportName, directory });
  const tool = await withOptions(loaded, {}, { definitionDirectory: directory });
  const { name, description, parameters, effects } = tool;
  return {
    name,
    description,
    parameters,
    effects,
    async call(args, context = {}) {
      const parsed = await tool.parseArguments(args);
      if (!parsed.ok) throw new UsageError(`the arguments do not fit: ${parsed.reason}`);
      return textOfResult(await tool.execute(parsed.value, { ...createContext(), ...context }));
    },
  };
}

function createContext(): ToolContext {
  return {
    signal: new AbortController().signal,
    runId: 'test',
    taskKey: 'test',
    stepPath: 'test/tool/1',
    workingDirectory: process.cwd(),
    log: () => undefined,
  };
}
