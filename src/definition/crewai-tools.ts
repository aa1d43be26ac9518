import type { BuiltinToolName } from './tool-settings.js';

/** What a tool class of crewAI stands for here. */
export interface CrewAiTool {
  readonly use: BuiltinToolName;
  /** Settings that make it what the class is; those of the definition win. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Name for models, where one agent may have several that are the same tool here. */
  readonly name?: string;
}

const documents = (name: string, ...files: readonly string[]): CrewAiTool => ({
  use: 'search_documents',
  settings: { files },
  name,
});
const search = (provider?: string): CrewAiTool => ({ use: 'web_search', ...(provider && { settings: { provider } }) });

/** crewAI's tool classes, by name. */
export const CREWAI_TOOLS: Readonly<Record<string, CrewAiTool>> = {
  FileReadTool: { use: 'read_file' },
  FileWriterTool: { use: 'write_file' },
  DirectoryReadTool: { use: 'list_directory' },
  DirectorySearchTool: { use: 'search_documents' },
  PDFSearchTool: documents('search_pdf', '**/*.pdf'),
  TXTSearchTool: documents('search_txt', '**/*.txt'),
  MDXSearchTool: documents('search_mdx', '**/*.mdx', '**/*.md'),
  DOCXSearchTool: documents('search_docx', '**/*.docx'),
  CSVSearchTool: { use: 'query_csv' },
  JSONSearchTool: { use: 'query_json' },
  NL2SQLTool: { use: 'query_sql' },
  PGSearchTool: { use: 'query_sql' },
  ScrapeWebsiteTool: { use: 'fetch_url' },
  ScrapeElementFromWebsiteTool: { use: 'fetch_url' },
  WebsiteSearchTool: { use: 'fetch_url' },
  SeleniumScrapingTool: { use: 'fetch_url' },
  FirecrawlScrapeWebsiteTool: { use: 'fetch_url' },
  JinaScrapeWebsiteTool: { use: 'fetch_url' },
  TavilyExtractorTool: { use: 'fetch_url' },
  SerperDevTool: search('serper'),
  TavilySearchTool: search('tavily'),
  BraveSearchTool: search('brave'),
  EXASearchTool: search(),
  LinkupSearchTool: search(),
  SerpApiGoogleSearchTool: search(),
  SerplyWebSearchTool: search(),
};

/** Classes that have no place here, and why. */
export const REFUSED_CREWAI_TOOLS: Readonly<Record<string, { readonly reason: string; readonly hint: string }>> = {
  CodeInterpreterTool: {
    reason: 'no code that a model writes is run here',
    hint: 'use run_command with the programs that you choose, or a tool of your own: ./tools/run.ts#run',
  },
};
