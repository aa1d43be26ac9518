import type { BuiltinToolName } from '../definition/tool-names.js';
import { askHumanTool } from './ask-human.js';
import type { BuiltinTool } from './builtin-tool.js';
import { listDirectoryTool } from './list-directory.js';
import { readFileTool } from './read-file.js';
import { writeFileTool } from './write-file.js';

/** The built-in tools, by the name that definitions and models use. */
export const TOOLS: Readonly<Record<BuiltinToolName, BuiltinTool>> = {
  read_file: readFileTool,
  write_file: writeFileTool,
  list_directory: listDirectoryTool,
  ask_human: askHumanTool,
};
