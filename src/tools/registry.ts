import type { BuiltinToolName } from '../definition/tool-settings.js';
import type { BuiltinTool } from './builtin-tool.js';

/** The built-in tools, by the name that definitions and models use. Each loads when it is used. */
export const TOOLS: { readonly [Name in BuiltinToolName]: () => Promise<BuiltinTool<Name>> } = {
  read_file: async () => (await import('./read-file.js')).readFileTool,
  write_file: async () => (await import('./write-file.js')).writeFileTool,
  edit_file: async () => (await import('./edit-file.js')).editFileTool,
  list_directory: async () => (await import('./list-directory.js')).listDirectoryTool,
  search_files: async () => (await import('./search-files.js')).searchFilesTool,
  search_documents: async () => (await import('./search-documents.js')).searchDocumentsTool,
  fetch_url: async () => (await import('./fetch-url.js')).fetchUrlTool,
  web_search: async () => (await import('./web-search.js')).webSearchTool,
  http_request: async () => (await import('./http-request.js')).httpRequestTool,
  query_csv: async () => (await import('./query-csv.js')).queryCsvTool,
  query_json: async () => (await import('./query-json.js')).queryJsonTool,
  query_sql: async () => (await import('./query-sql.js')).querySqlTool,
  run_command: async () => (await import('./run-command.js')).runCommandTool,
  calculate: async () => (await import('./calculate.js')).calculateTool,
  current_time: async () => (await import('./current-time.js')).currentTimeTool,
  ask_human: async () => (await import('./ask-human.js')).askHumanTool,
};
