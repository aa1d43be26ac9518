/** The built-in tools that a definition may name. */
export const BUILTIN_TOOL_NAMES = ['read_file', 'write_file', 'list_directory', 'ask_human'] as const;

export type BuiltinToolName = (typeof BUILTIN_TOOL_NAMES)[number];

/** The settings that a definition may give each of them. */
export const BUILTIN_TOOL_SETTINGS: Readonly<Record<BuiltinToolName, readonly string[]>> = {
  read_file: ['root'],
  write_file: ['root'],
  list_directory: ['root'],
  ask_human: [],
};

/** crewAI's class names for tools that exist here. */
export const CREWAI_TOOL_NAMES: Readonly<Record<string, BuiltinToolName>> = {
  FileReadTool: 'read_file',
  FileWriterTool: 'write_file',
  DirectoryReadTool: 'list_directory',
};
